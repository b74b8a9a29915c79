"""What one judgement leaves for the next one of the same theorem: nothing in it depends on the link that is judged.

The links of a chain are judged under the same few sets of givens, again and again while it is found out which ones
they need.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.kernel.facts import Expanded, Theory
from derive.kernel.signs import Signs


@dataclass(slots=True)
class Shelf:
    """A theory, and what was worked out under it, left by one judgement for the next one under the same givens.

    Only a theory in which no fact of the ledger was used is left: in another one it could not be told any more which
    link leans on which fact. It is taken away while it is in use, so a judgement that is broken off leaves none.
    expanded: expansions of terms, which depend on no given but on whether there is a law.
    """

    expanded: Expanded
    left: tuple[Theory, Signs] | None = None

    def taken(self) -> tuple[Theory, Signs] | None:
        """What was left, which is gone then."""
        found, self.left = self.left, None
        return found


@dataclass(slots=True)
class Shelves:
    """A shelf for each set of givens of one problem. Lives while its links are judged."""

    expanded: Expanded = field(default_factory=Expanded)
    shelves: dict[frozenset[int], Shelf] = field(default_factory=dict[frozenset[int], Shelf])

    def at(self, kept: frozenset[int]) -> Shelf:
        """The shelf of the givens at these positions."""
        return self.shelves.setdefault(kept, Shelf(self.expanded))
