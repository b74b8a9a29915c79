"""What a link lacks: the weakest sets of further assumptions, from the usual ones, under which the kernel proves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from derive.kernel.judge import contradiction, judge
from derive.language import theorem as th
from derive.language.printer import item_text
from derive.language.problem import Assumption, Problem, Step
from derive.language.scope import first_entry
from derive.language.terms import ZERO, expectation, variance

MOST_TOGETHER = 3
MOST_JUDGEMENTS = 600


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A further assumption, its text, and the texts of the weaker ones that it implies."""

    item: th.Item
    text: str
    implies: frozenset[str]
    cited_before: bool = False


def missing(problem: Problem, step: Step, kept: frozenset[int]) -> tuple[tuple[str, ...], ...]:
    """The weakest sets of assumptions that, added to the givens in ``kept``, let the kernel prove the step."""
    base = replace(problem, givens=tuple(g for k, g in enumerate(problem.givens) if k in kept))
    uncited = [g for k, g in enumerate(problem.givens) if k not in kept]
    candidates = [_Candidate(g.item, g.text, frozenset({g.text}), True) for g in uncited]
    there = {g.text for g in problem.givens}
    candidates += [c for c in _usual(base) if c.text not in there and not _implied(c, base)]
    found: list[frozenset[str]] = []
    closures: list[tuple[frozenset[str], frozenset[str]]] = []
    budget = MOST_JUDGEMENTS
    for size in range(1, MOST_TOGETHER + 1):
        for chosen in combinations(candidates, size):
            texts = frozenset(c.text for c in chosen)
            closure = frozenset(t for c in chosen for t in c.implies)
            if any(known <= closure for known in found):
                continue
            budget -= 1
            if budget < 0:
                return _ordered(found, candidates)
            extended = _with(base, chosen)
            if judge(extended, step.left, step.operator, step.right, _all(extended)).proved and not contradiction(
                extended
            ):
                found.append(texts)
                closures.append((texts, closure))
    weakest = [t for t, c in closures if not any(o != t and o <= c for o, _ in closures)]
    return _ordered(weakest, candidates)


def _all(problem: Problem) -> frozenset[int]:
    return frozenset(range(len(problem.givens)))


def _ordered(found: list[frozenset[str]], candidates: list[_Candidate]) -> tuple[tuple[str, ...], ...]:
    place = {c.text: k for k, c in enumerate(candidates)}
    rows = [tuple(sorted(texts, key=lambda t: place[t])) for texts in found]
    return tuple(sorted(rows, key=lambda row: [place[t] for t in row]))


def _with(problem: Problem, chosen: tuple[_Candidate, ...]) -> Problem:
    families = dict(problem.families)
    for candidate in chosen:
        if isinstance(candidate.item, th.Family):
            families[candidate.item.name] = candidate.item
    extra = tuple(Assumption(c.item, c.text, True, -1) for c in chosen if not isinstance(c.item, th.Family))
    return replace(problem, families=families, givens=(*problem.givens, *extra))


def _implied(candidate: _Candidate, problem: Problem) -> bool:
    """Whether the givens say this already: an independence within a larger one, the mean of a symmetric family."""
    if isinstance(candidate.item, th.Independent):
        wanted = [set(b) for b in candidate.item.blocks]
        for given in problem.givens:
            if isinstance(given.item, th.Independent):
                blocks = [set(b) for b in given.item.blocks]
                homes = [next((k for k, b in enumerate(blocks) if w <= b), None) for w in wanted]
                if None not in homes and len(set(homes)) == len(homes):
                    return True
    return False


def _usual(problem: Problem) -> Iterator[_Candidate]:
    """Zero means, positive variances, independence, symmetry, iid; the weaker before the stronger."""
    names = list(problem.families)
    for name in names:
        yield _fact(th.Relation((expectation(first_entry(problem.families[name])), ZERO), ("=",)), f"E({name}) = 0")
    for name in names:
        yield _fact(th.Relation((variance(first_entry(problem.families[name])), ZERO), (">",)), f"Var({name}) > 0")
    for pair in combinations(names, 2):
        item = th.Independent(tuple((n,) for n in pair))
        yield _fact(item, item_text(item))
    for name in names:
        item = th.Symmetric(name)
        yield _Candidate(item, item_text(item), frozenset({item_text(item), f"E({name}) = 0"}))
    if len(names) > 2:
        item = th.Independent(tuple((n,) for n in names))
        pairs = (item_text(th.Independent(tuple((n,) for n in pair))) for pair in combinations(names, 2))
        yield _Candidate(item, item_text(item), frozenset({item_text(item), *pairs}))
    for name in names:
        family = problem.families[name]
        if family.kind == "exchangeable":
            item = th.Family(name, "iid", family.ranges)
            yield _fact(item, item_text(item))


def _fact(item: th.Item, text: str) -> _Candidate:
    return _Candidate(item, text, frozenset({text}))
