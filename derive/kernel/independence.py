"""Which families are independent of which, by the givens alone.

Facts name blocks that are mutually independent. A set of families splits wherever one fact covers all of it; each part
splits further in the same way. This is complete for marginal independence (Geiger, Paz and Pearl 1991: symmetry,
decomposition, mixing), and pairwise facts never add up to a mutual one, because no single fact covers the set then.
"""

from __future__ import annotations

Fact = tuple[frozenset[str], ...]


def independent_parts(families: frozenset[str], facts: tuple[Fact, ...]) -> list[frozenset[str]]:
    """The finest partition of the families into mutually independent parts that the facts justify."""
    if len(families) < 2:
        return [families] if families else []
    for fact in facts:
        parts = [families & block for block in fact if families & block]
        if len(parts) > 1 and sum(map(len, parts)) == len(families):
            return [finer for part in parts for finer in independent_parts(part, facts)]
    return [families]
