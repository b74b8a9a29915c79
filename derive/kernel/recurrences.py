"""Families of constants: by a recurrence, or by a condition that speaks of every index, one becomes another."""

from __future__ import annotations

from derive.kernel.atoms import index_term, instance, renamed_atoms
from derive.kernel.expand import Expansion
from derive.kernel.polynomial import Poly
from derive.kernel.roots import within
from derive.kernel.symbols import Joint, Known, Label, Shift, TooMuch
from derive.kernel.world import World
from derive.language import theorem as th
from derive.language.problem import Problem
from derive.language.terms import Entry, Name, Term, functional, substitute, walk

MOST_UNROLLED = 64


def followed(
    world: World, patterns: tuple[tuple[Joint | Known, Poly], ...], family: str, indices: tuple[Label, ...]
) -> Poly | None:
    """What c[indices] becomes by its recurrence, or by what a condition says of every index; None where it stays.

    Raises ``TooMuch`` for a recurrence that would be followed too far.
    """
    atom = Known(family, indices, "")
    if family not in world.problem.constants:
        return None
    recurrence = world.recurrences.get(family)
    if recurrence is not None and _unrolls(world, recurrence, indices):
        if any(isinstance(i, int) and i > MOST_UNROLLED for i in indices):
            raise TooMuch("a recurrence is not followed this far: prove its closed form")
        names = {r.index: index_term(i) for r, i in zip(recurrence.ranges, indices, strict=True)}
        value = substitute(recurrence.relation.terms[1], names)
        return Expansion(world.problem).polynomial(value)
    for pattern, value in patterns:
        if isinstance(pattern, Known) and pattern.family == family and atom != pattern:
            names = instance(pattern.indices, indices)
            free = world.problem.free
            if names is not None and all(
                isinstance(k, str) and k in free and within(world.problem, v, free[k]) for k, v in names.items()
            ):
                return renamed_atoms(value, names)
    return None


def _unrolls(world: World, recurrence: th.Recurrence, indices: tuple[Label, ...]) -> bool:
    """Whether the recurrence speaks of these indices; in the step of an induction only of what is beyond."""
    problem = world.problem
    if not all(isinstance(i, int) for i in indices):
        terms = recurrence.relation.terms[1:]
        if different_entries(problem, terms) or (
            _averages_at(recurrence, problem) and not all(isinstance(i, int) or i in problem.free for i in indices)
        ):
            return False  # an entry at a size or a name may be one of those at a literal
    for index, place in zip(indices, recurrence.ranges, strict=True):
        if isinstance(index, str) and (index[0] in "%~#" or "." in index):
            return False
        if not within(problem, index, place.high):
            return False
        ahead = isinstance(index, Shift) and index.by > 0
        if place.high == problem.beyond and not (ahead or isinstance(index, int)):
            return False
    return True


def _averages_at(recurrence: th.Recurrence, problem: Problem) -> bool:
    """Whether the right side has random entries at the recurrence's own indices."""
    names = {Name(r.index) for r in recurrence.ranges}
    entries = [t for t in walk(recurrence.relation.terms[1]) if isinstance(t, Entry) and t.name in problem.families]
    return any(p in names for t in entries for i in t.indices for p in walk(i))


def different_entries(problem: Problem, terms: tuple[Term, ...]) -> bool:
    """Whether in some expectation stand entries of a family whose indices have to differ, and it may have too few.

    Its normal form takes the entries for different ones, which says nothing where a range has but one.
    """
    for expectation in (t for term in terms for t in walk(term) if functional(t)):
        labels: dict[tuple[str, int], set[Term]] = {}
        for part in walk(expectation):
            if isinstance(part, Entry) and part.name in problem.families:
                for slot, index in enumerate(part.indices):
                    if not (isinstance(index, Name) and index.name.startswith("#")):
                        labels.setdefault((part.name, slot), set()).add(index)
        for (name, slot), found in labels.items():
            high = problem.families[name].ranges[slot].high
            if isinstance(high, str) and len(found) > problem.sizes[high]:
                return True
    return False
