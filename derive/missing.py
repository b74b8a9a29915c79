"""What a link lacks: the weakest sets of further assumptions, from the usual ones, under which the kernel proves it.

With every assumption a set holds what that implies by itself, so that smaller sets are weaker. All minimal sets are
found by duality, as in ``derive.ablation``: a set not found yet has to lack something of each set that is. Laws
exclude each other and are tried one at a time. At the end the kernel is asked which sets follow from which under the
givens, and of sets that say the same the one stays that reads best.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from derive.candidates import Candidate, Proves, candidates, extended, follows, laws, weakens
from derive.kernel.contradictions import contradiction
from derive.language import theorem as th
from derive.language.problem import Problem, Step

MOST_JUDGEMENTS = 400
MOST_SETS = 8

Chosen = frozenset[Candidate]


def missing(problem: Problem, step: Step, kept: frozenset[int], proves: Proves) -> tuple[tuple[Candidate, ...], ...]:
    """The weakest sets of assumptions that, added to the givens in ``kept``, let the kernel prove the step."""
    base = replace(problem, givens=tuple(g for k, g in enumerate(problem.givens) if k in kept))
    uncited = [g for k, g in enumerate(problem.givens) if k not in kept]
    new = [c for c in candidates(base, uncited, step) if not follows(c.item, base, proves)]
    usual = _consistent(base, new)
    budget = Budget(MOST_JUDGEMENTS)
    found = _Search(base, lambda p: proves(p, step), budget).minimal(usual)
    for law in laws(base, step, len(new)):
        with_law = extended(base, [law.item])
        if law.text not in {c.text for c in new} and not contradiction(with_law):
            rest = _consistent(with_law, [c for c in usual if not follows(c.item, with_law, proves)])
            found += [s | {law} for s in _Search(with_law, lambda p: proves(p, step), budget).minimal(rest)]
    possible = [s for s in found if not contradiction(added(base, s))]
    weakest = _weakest(base, [_readable(base, s, new) for s in possible], proves)
    return tuple(tuple(sorted(s, key=lambda c: c.place)) for s in weakest)


def added(base: Problem, chosen: Chosen) -> Problem:
    """The problem with the assumptions of a set, without those that others in it imply."""
    return extended(base, [c.item for c in sorted(_top(chosen), key=lambda c: c.place)])


def _top(chosen: Chosen) -> Chosen:
    return frozenset(c for c in chosen if not any(o != c and weakens(o.item, c.item) for o in chosen))


def _consistent(base: Problem, found: list[Candidate]) -> list[Candidate]:
    """As many of the candidates as can be met together, the first ones first."""
    if not contradiction(added(base, frozenset(found))):
        return found
    kept: list[Candidate] = []
    for candidate in found:
        if not contradiction(added(base, frozenset([*kept, candidate]))):
            kept.append(candidate)
    return kept


# --- what is reported -------------------------------------------------------------------------------------------------


def _weakest(base: Problem, found: list[Chosen], proves: Proves) -> list[Chosen]:
    """Without the sets that imply another one; of sets that imply each other the first stays."""
    ranked = sorted(dict.fromkeys(found), key=lambda s: (len(s), sorted(c.place for c in s)))
    follow = {s: [o for o in ranked if o != s and _implies(base, s, o, proves)] for s in ranked}
    kept = [s for k, s in enumerate(ranked) if not any(s not in follow[o] or ranked.index(o) < k for o in follow[s])]
    return sorted(kept, key=lambda s: sorted(c.place for c in s))


def _implies(base: Problem, strong: Chosen, weak: Chosen, proves: Proves) -> bool:
    problem = added(base, strong)
    return all(follows(c.item, problem, proves) for c in weak)


def _readable(base: Problem, chosen: Chosen, new: list[Candidate]) -> Chosen:
    """The set with its independences said in as few statements as may be: with pairwise ones given, as a list."""
    ours = frozenset(c for c in chosen if isinstance(c.item, th.Independent))
    if not ours:
        return chosen
    here = extended(base, [c.item for c in ours])
    said = [c for c in new if isinstance(c.item, th.Independent) and _independent(c, here)]
    single = [c for c in said if all(_independent(o, extended(base, [c.item])) for o in ours)]
    if not single:
        return chosen
    best = min(single, key=_length)
    return (chosen - ours) | {best}


def _length(candidate: Candidate) -> tuple[int, bool, int]:
    """Few names before many, lists before groups."""
    blocks = candidate.item.blocks if isinstance(candidate.item, th.Independent) else ()
    return sum(map(len, blocks)), any(len(b) > 1 for b in blocks), candidate.place


def _independent(candidate: Candidate, problem: Problem) -> bool:
    return follows(candidate.item, problem, lambda _, __: False)


# --- the search -------------------------------------------------------------------------------------------------------


class _OutOfBounds(Exception):
    """As many judgements were made as may be."""


class Budget:
    """How many judgements may still be made."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self) -> None:
        """Take one. Raises ``_OutOfBounds`` where none is left."""
        self.left -= 1
        if self.left < 0:
            raise _OutOfBounds


class _Search:
    """All minimal sets, closed under what each assumption implies by itself, with which something is proved."""

    def __init__(self, base: Problem, proved: Callable[[Problem], bool], budget: Budget) -> None:
        self.base = base
        self.proved = proved
        self.budget = budget
        self.known: dict[Chosen, bool] = {}

    def minimal(self, usual: list[Candidate]) -> list[Chosen]:
        """The minimal sets, each without what others in it imply; fewer where a bound is reached."""
        strength = {c: sum(weakens(c.item, o.item) for o in usual) for c in usual}
        order = sorted(usual, key=lambda c: (-strength[c], -c.place))
        found: list[Chosen] = []
        waiting: list[Chosen] = [frozenset()]  # each lacks something of every set that is found
        try:
            while waiting and len(found) < MOST_SETS:
                gone = waiting[0]
                left = [c for c in order if not any(weakens(c.item, g.item) for g in gone)]
                if not self.enough(frozenset(left)):
                    waiting.pop(0)
                    continue
                found.append(_top(self.smallest(left)))
                waiting = _lacking(waiting, found[-1])
        except _OutOfBounds:
            return found
        return found

    def enough(self, chosen: Chosen) -> bool:
        """Whether it is proved with these."""
        if chosen not in self.known:
            self.budget.spend()
            self.known[chosen] = self.proved(added(self.base, chosen))
        return self.known[chosen]

    def smallest(self, order: list[Candidate]) -> Chosen:
        """A minimal set within one that is enough: stronger ones are dropped first, many at once where that works."""
        left, needed = frozenset(order), list[Candidate]()
        parts = [order]
        while parts:
            part = parts.pop()
            loose = [c for c in part if not any(weakens(n.item, c.item) for n in needed)]
            if not loose:
                continue
            if self.enough(left - frozenset(loose)):
                left -= frozenset(loose)
            elif len(loose) == 1:
                needed += loose
            else:
                half = len(loose) // 2
                parts += [loose[half:], loose[:half]]
        return left


def _lacking(waiting: list[Chosen], found: Chosen) -> list[Chosen]:
    """Each choice of what to leave out, extended by something of the set that was found if it has it all."""
    wider: list[Chosen] = []
    for gone in waiting:
        if any(weakens(c.item, g.item) for c in found for g in gone):
            wider.append(gone)
        else:
            wider += [gone | {c} for c in sorted(found, key=lambda c: c.place)]
    distinct = list(dict.fromkeys(wider))
    return [g for g in distinct if not any(other < g for other in distinct)]
