"""A proof's flat list of terms, operators and justifications -> its links."""

from __future__ import annotations

from typing import Any

from lark import Token

from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.terms import Term, first_position


def at(token: Token) -> int:
    """Where a token begins in the source."""
    return token.start_pos if token.start_pos is not None else -1


def _begin(side: Term | th.Relation | None) -> int:
    """Where a side of a chain begins in the source, -1 for none."""
    return -1 if side is None else first_position(side.terms[0] if isinstance(side, th.Relation) else side)


def chain_of(parts: list[Any]) -> th.Proof:
    """Group the flat list (term, operator, term, justification, operator, ...) into links."""
    has_iff = any(isinstance(p, Token) and p.value == "iff" for p in parts)
    links: list[th.Link] = []
    start: Term | th.Relation | None = None
    terms: list[Term] = []
    operators: list[Token] = []
    leading: Token | None = None  # the operator that leads into what is being collected

    def close(by: th.Justification | None, at_end: bool) -> None:
        nonlocal start, terms, operators, leading
        if not terms:
            if by is not None:
                raise LanguageError("a justification belongs to a link", "put it behind the link's right side", -1)
            return
        value: Term | th.Relation = (
            th.Relation(tuple(terms), tuple(str(o.value) for o in operators)) if has_iff else terms[0]
        )
        if has_iff and not operators:
            where = at(leading) if leading is not None else -1
            raise LanguageError("both sides of `iff` are relations", "write A = B iff C = D", where)
        if leading is None:
            if by is not None:
                raise LanguageError("a justification belongs to a link", "put it behind the link's right side", -1)
            start = value
        else:
            links.append(th.Link(str(leading.value), value, by, at(leading)))
        terms, operators = [], []
        if at_end:
            leading = None

    for part in parts:
        if isinstance(part, Token):
            if has_iff and part.value != "iff" and terms:
                operators.append(part)
            else:
                close(None, at_end=False)
                leading = part
        elif isinstance(part, th.Justification):
            close(part, at_end=False)
        else:
            terms.append(part)
    close(None, at_end=True)
    if start is None or not links:
        raise LanguageError(
            "a proof has at least one link", "write the left side, then lines that begin with =", _begin(start)
        )
    return th.Proof(start, tuple(links), -1)
