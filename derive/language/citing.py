"""``by``: which givens a justification cites, which method it names, which theorems it leans on."""

from __future__ import annotations

from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.functions import nearest
from derive.language.names import Names
from derive.language.printer import relation_text
from derive.language.recurrences import induction_size
from derive.language.resolving import Resolver
from derive.language.terms import Name

MOST_THEOREMS = 8


def cited(by: th.Justification | None, theorem: th.Theorem) -> frozenset[int] | None:
    """The positions of the givens that a justification cites; None where it restricts nothing."""
    if by is None or not by.cited:
        return None
    positions: set[int] = set()
    for text, at in by.cited:
        found = [k for k, g in enumerate(theorem.givens) if _same(g, text)]
        if not found:
            texts = {g.text for g in theorem.givens}
            remedy = nearest(text, texts) or "cite a given as it stands"
            raise LanguageError(f"`{text}` is not a given of this theorem", remedy, at)
        positions.update(found)
    return frozenset(positions)


def method(by: th.Justification | None, names: Names) -> str | None:
    """The method that a justification names; an induction names its size."""
    if by is None or by.method is None or not by.method.startswith("induction"):
        return by.method if by else None
    return induction_size(by.method, names, by.at)


def theorems(by: th.Justification | None, resolver: Resolver) -> tuple[th.Citation, ...]:
    """The theorems that a justification cites; what stands behind ``with`` has to be known here.

    Which names the other theorem has is for ``derive.language.instance``, once it is found.
    """
    if by is None:
        return ()
    if len(by.theorems) > MOST_THEOREMS:
        remedy = f"at most {MOST_THEOREMS}: put a link between"
        raise LanguageError("a link cites too many theorems", remedy, by.theorems[MOST_THEOREMS].at)
    names = resolver.names
    whole = {*names.families, *names.constants, *names.definitions, *names.sizes}
    for binding in (b for c in by.theorems for b in c.bindings):
        if not (isinstance(binding.term, Name) and binding.term.name in whole):
            resolver.term(binding.term)
    return by.theorems


def _same(given: th.Given, text: str) -> bool:
    if given.text == text:
        return True
    if isinstance(given.item, th.Recurrence):  # its ranges may be left out
        return relation_text(given.item.relation) == text
    if (isinstance(given.item, th.Independent) and text.endswith("independent")) or " independent of " in text:
        return isinstance(given.item, th.Independent) and _blocks(given.text) == _blocks(text)
    return False


def _blocks(text: str) -> frozenset[frozenset[str]]:
    """The blocks of an independence, whatever their order, from its canonical text."""
    body = text.replace(" independent of ", ", ").removesuffix(" independent")
    blocks: list[frozenset[str]] = []
    for part in body.replace("(", "\0(").split("\0"):
        if part.startswith("("):
            inside, _, rest = part[1:].partition(")")
            blocks.append(frozenset(n.strip() for n in inside.split(",")))
            part = rest
        blocks += [frozenset({n.strip()}) for n in part.split(",") if n.strip()]
    return frozenset(blocks)
