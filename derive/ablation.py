"""What each assumption is for: the claim with one assumption left out, and the least sets under which it holds.

A declaration cannot be left out, but weakened: iid to exchangeable, positive or nonzero to real. All minimal sets are
found by duality: a set that is not found yet has to leave something out of each set that is, so for every choice of
one assumption out of each found set, everything else is tried, and what suffices is made smaller. That more givens
prove more is used to save work only; whatever is reported was decided as it stands by ``derive.decide``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from derive.decide import claim_follows, decide_claim
from derive.language import theorem as th
from derive.language.document import Statement
from derive.language.problem import Assumption, Problem
from derive.verdict import Ablation, Without

EFFORT = 60_000  # outcomes that the referee may enumerate for a claim that lacks an assumption
LITTLE = 30_000  # the same where a declaration is only weakened, or moments of a continuous law make outcomes costly
MOST_SETS = 400  # sets of assumptions that are tried

Kept = frozenset[int]


def ablate(statement: Statement) -> Ablation | None:
    """What each assumption of a proved claim is for; None for a claim that is not proved, or has none."""
    problem = statement.problem
    everything = frozenset(k for k, given in enumerate(problem.givens) if weaker(given.item) != given.item)
    if not everything or not claim_follows(problem):
        return None
    decided: dict[Kept, Without] = {}

    def refuted(kept: Kept, given: int = -1) -> Without:
        if kept not in decided:
            decided[kept] = _without(problem, kept, given)
        return decided[kept]

    rows = tuple(refuted(everything - {k}, k) for k in sorted(everything))
    known = {everything - {row.given}: row.verdict == "proved" for row in rows}
    search = Search(everything, lambda kept: suffices(problem, kept), {**known, everything: True})
    minimal, stopped = search.all()
    shown = not stopped and all(refuted(kept).verdict == "refuted" for kept in search.too_small(minimal))
    return Ablation(rows, tuple(tuple(sorted(m)) for m in minimal), shown, stopped, (EFFORT, LITTLE), MOST_SETS)


def suffices(problem: Problem, kept: Kept) -> bool:
    """Whether the kernel proves the claim with everything weakened or left out that is not kept."""
    return claim_follows(_keeping(problem, kept))


def _without(problem: Problem, kept: Kept, given: int) -> Without:
    part = _keeping(problem, kept)
    instead = weaker(problem.givens[given].item) if given >= 0 else None
    text = instead.kind if isinstance(instead, th.Family | th.Constant) else None
    continuous = any(isinstance(g.item, th.Law) and g.item.law != "Rademacher" for g in part.givens)
    weakened = any(g.item not in {h.item for h in problem.givens} for g in part.givens)
    return Without(given, text, decide_claim(part, effort=LITTLE if continuous or weakened else EFFORT))


def weaker(item: th.Item) -> th.Item | None:
    """What an assumption becomes when it is taken away: a weaker declaration, nothing, or itself if that cannot be."""
    match item:
        case th.Family(name=name, kind="iid", ranges=ranges) if ranges:
            return th.Family(name, "exchangeable", ranges)
        case th.Constant(name=name, kind="positive" | "nonzero", ranges=ranges):
            return th.Constant(name, "real", ranges)
        case th.Family() | th.Constant() | th.Recurrence():
            return item
        case _:
            return None


def _keeping(problem: Problem, kept: Kept) -> Problem:
    """The problem with every assumption weakened or left out that is not kept."""
    givens: list[Assumption] = []
    families, constants = dict(problem.families), dict(problem.constants)
    for k, given in enumerate(problem.givens):
        item = given.item if k in kept else weaker(given.item)
        if item is None:
            continue
        givens.append(replace(given, item=item))
        if isinstance(item, th.Family):
            families[item.name] = item
        elif isinstance(item, th.Constant):
            constants[item.name] = item
    steps = tuple(replace(step, cited=None) for step in problem.steps)
    return replace(problem, givens=tuple(givens), families=families, constants=constants, steps=steps)


class _OutOfBounds(Exception):
    """As many sets were tried as may be."""


class Search:
    """All minimal sets with a monotone property, by asking whether sets have it."""

    def __init__(self, everything: Kept, holds: Callable[[Kept], bool], known: Mapping[Kept, bool]) -> None:
        self.everything = everything
        self.holds = holds
        self.known = dict(known)
        self.left = MOST_SETS

    def all(self) -> tuple[list[Kept], bool]:
        """The minimal sets that were found, and whether the search ended at its bound."""
        found: list[Kept] = []
        try:
            while (larger := self._another(found)) is not None:
                found.append(self._smallest(larger))
        except _OutOfBounds:
            return found, True
        return sorted(found, key=lambda m: sorted(m)), False

    def too_small(self, found: list[Kept]) -> list[Kept]:
        """The largest sets that hold none of the minimal ones: all but something of each of them (Berge 1989)."""
        gone: set[Kept] = {frozenset()}
        for least in found:
            wider = {g if g & least else g | {k} for g in gone for k in least}
            gone = {g for g in wider if not any(other < g for other in wider)}
            if len(gone) > MOST_SETS:
                raise _OutOfBounds
        return sorted((self.everything - g for g in gone), key=lambda s: sorted(s))

    def _another(self, found: list[Kept]) -> Kept | None:
        return next((kept for kept in self.too_small(found) if self.enough(kept)), None)

    def _smallest(self, kept: Kept) -> Kept:
        for k in sorted(kept):
            if self.enough(kept - {k}):
                kept = kept - {k}
        return kept

    def enough(self, kept: Kept) -> bool:
        """Whether the set has the property; what follows from sets that were asked for is not asked again."""
        for other, answer in self.known.items():
            if (answer and other <= kept) or (not answer and kept <= other):
                return answer
        self.left -= 1
        if self.left < 0:
            raise _OutOfBounds
        self.known[kept] = self.holds(kept)
        return self.known[kept]
