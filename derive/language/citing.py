"""``by``: which givens a justification cites, and which method it names."""

from __future__ import annotations

from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.functions import nearest
from derive.language.names import Names
from derive.language.printer import relation_text
from derive.language.recurrences import induction_size


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
