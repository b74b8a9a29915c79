"""Text -> terms: one theorem's text into a ``Theorem``, one expression's text into a ``Term``.

Nothing outside is executed and nothing is looked up here; whether names are declared is for ``scope``.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedInput, VisitError

from derive.language import theorem as th
from derive.language.builder import Builder
from derive.language.errors import LanguageError
from derive.language.explain import explain
from derive.language.foreign import refuse
from derive.language.terms import Term
from derive.language.tokens import Items


def parse_theorem(text: str) -> th.Theorem:
    """The theorem that a text states. Raises ``LanguageError`` with an offset into the text."""
    return _parse(text, "start")


def parse_term(text: str) -> Term:
    """The term that a text writes, on one line. Raises ``LanguageError``."""
    return _parse(text, "term")


def parse_step(text: str) -> Term | th.Relation:
    """What a text says at one place of a chain: a term, or a relation. Raises ``LanguageError``."""
    return _parse(text, "step")


def _parse(text: str, start: str) -> Any:
    foreign = next((i for i, c in enumerate(text) if ord(c) > 126 or (ord(c) < 32 and c not in "\n\r\t")), -1)
    if foreign >= 0:
        raise refuse(text, foreign)
    try:
        result: Any = _lark().parse(text, start=start)  # pyright: ignore[reportUnknownMemberType]
    except UnexpectedInput as error:
        raise explain(error, text) from None
    except VisitError as error:
        if isinstance(error.orig_exc, LanguageError):
            raise error.orig_exc from None
        raise
    return _with_remarks(result, text) if isinstance(result, th.Theorem) else result


@lru_cache(maxsize=1)
def _lark() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="ascii")
    return Lark(
        grammar + "\nterm: expr _NL\nstep: expr _NL | relation _NL\n",
        start=["start", "term", "step"],
        parser="lalr",
        lexer="basic",
        postlex=Items(),
        transformer=Builder(),
        maybe_placeholders=False,
    )


def _with_remarks(result: th.Theorem, text: str) -> th.Theorem:
    """Attach to each link the comment that stands on the line where the link begins."""
    if result.proof is None or "#" not in text:
        return result
    links: list[th.Link] = []
    for link in result.proof.links:
        end = text.find("\n", link.at)
        line = text[link.at : end if end >= 0 else len(text)]
        remark = line.split("#", 1)[1].strip() if "#" in line else ""
        links.append(th.Link(link.operator, link.to, link.by, link.at, remark))
    proof = th.Proof(result.proof.start, tuple(links), result.proof.at)
    return th.Theorem(
        result.name,
        result.givens,
        result.definitions,
        result.claim,
        result.by,
        proof,
        result.at,
        result.claim_at,
    )
