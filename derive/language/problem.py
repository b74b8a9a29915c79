"""A theorem whose names have been looked up: what kernel and referee get to see.

Every random entry is an ``Entry`` of a declared family with explicit indices, definitions are unfolded, sums over a
literal part of a range are written out, and bound indices are called ``#0``, ``#1``, ... by their depth, so that terms
which differ only in the names of bound indices are equal.

An index of a random entry is a literal from 1 on or a name, free or bound. An index of a constant of a family may also
be 0 (or below, as far as a recurrence reads), a size, or a name with a literal step: ``l+1`` is Add(l, 1), ``l-1`` is
Add(l, Neg(1)). What a constant's declaration says holds of every entry, of those beyond its range too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from derive.language.terms import Term
from derive.language.theorem import Citation, Claim, Constant, Family, Item, Recurrence, Relation


@dataclass(frozen=True, slots=True)
class Assumption:
    """A given with its names resolved.

    ``removable`` tells whether ``by`` can leave it out: independence, symmetry and moment facts can be left out,
    declarations, laws, conditions and recurrences always stand.

    A ``Recurrence`` holds for every value of its ranges' indices, which are its own; its left side is the entry that
    it defines, its right side reads what is defined before. A ``Relation`` holds for every value of its free indices,
    whether it was written with ranges or not.
    """

    item: Item
    text: str
    removable: bool
    at: int


@dataclass(frozen=True, slots=True)
class Step:
    """One link to be judged: ``left operator right``.

    ``cited`` holds positions in ``Problem.givens``; None allows all. ``method`` is "gaussian", or "induction on L" with
    a size L. A link between terms with a ``Conditional`` outside of E, Var and Cov is between random variables: it
    holds with probability one. ``written`` holds both sides as their author wrote them, before names were looked up;
    None where the tool wrote the link. ``theorems`` are those cited; their terms are as written.
    """

    index: int
    operator: str
    left: Term | Relation
    right: Term | Relation
    cited: frozenset[int] | None
    method: str | None
    text: str
    remark: str
    at: int
    written: tuple[Term | Relation, Term | Relation] | None = None
    theorems: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A theorem, ready to be decided.

    sizes: every size's name with the least value that the literals on its range ask for.
    free: the index names that stand free in a claim or link, with the end of their range.
    claim: the claim with its names resolved; steps: its chain, or the claim as a single step (none for ``find``).
    cited: what a claim without a proof cites, as positions in ``givens``; None allows all.
    beyond: in the step of an induction the size whose ranges go one further than their end says; else empty.
    """

    name: str
    families: Mapping[str, Family]
    constants: Mapping[str, Constant]
    sizes: Mapping[str, int]
    free: Mapping[str, str | int]
    givens: tuple[Assumption, ...]
    claim: Claim
    steps: tuple[Step, ...]
    warnings: tuple[str, ...]
    cited: frozenset[int] | None = None
    beyond: str = ""


def within(problem: Problem, kept: frozenset[int]) -> Problem:
    """The problem with some of its givens, by their positions."""
    return replace(problem, givens=tuple(g for k, g in enumerate(problem.givens) if k in kept))


def declares(item: Item) -> bool:
    """Whether a given declares a name; the others say something of what is declared."""
    return isinstance(item, Family | Constant | Recurrence)
