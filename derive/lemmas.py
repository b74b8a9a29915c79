"""The theorems that a link cites, as lemmas: whether they apply under the givens in force, and which they need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive import citations
from derive.citations import Unmet
from derive.claims import Claim, by_algebra, claims_here, follows
from derive.kernel.judge import Outcome
from derive.language.instance import Instance
from derive.language.problem import Problem, Step, declares, within
from derive.verdict import TheoremVerdict


@dataclass(frozen=True, slots=True)
class Cited:
    """A theorem that a link cites: the verdict on it, what its names stand for, and what it states."""

    name: str
    verdict: TheoremVerdict
    instance: Instance
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Lemma:
    """A theorem that applies: what it states of what its names stand for."""

    cited: Cited
    claims: tuple[Claim, ...]


def lemmas_of(problem: Problem, kept: frozenset[int], cited: tuple[Cited, ...]) -> tuple[Lemma, ...] | str:
    """What the theorems cited state here; why one of them does not apply, where that is so."""
    lemmas: list[Lemma] = []
    part = within(problem, kept)
    for each in cited:
        if each.verdict.verdict != "proved":
            word = {"error": "not well-formed"}.get(each.verdict.verdict, each.verdict.verdict)
            return f"theorem {each.name} is {word}, so nothing follows from it"
        found = _applied(part, each)
        if isinstance(found, Unmet):
            why = f": {found.why}" if found.why else ""
            unmet = f"its given `{found.given}` is not seen to hold here" if found.given else "it says nothing here"
            return f"theorem {each.name} does not apply: {unmet}{why}"
        lemmas.append(Lemma(each, found))
    return tuple(lemmas)


def _applied(part: Problem, cited: Cited) -> tuple[Claim, ...] | Unmet:
    for position, given in enumerate(cited.instance.there.givens):
        if citations.given_met(cited.instance, position, part) is None:
            return Unmet(given.text)
    return citations.sizes_met(cited.instance, part) or claims_here(cited.instance, cited.claims, part)


def through(problem: Problem, step: Step, kept: frozenset[int], lemmas: tuple[Lemma, ...]) -> Outcome:
    """Whether the link follows from the givens in ``kept`` and from what the lemmas state."""
    for lemma in lemmas:
        problem = citations.part_of(lemma.cited.instance, problem)
    return follows(within(problem, kept), step, _stated(lemmas))


def _stated(lemmas: tuple[Lemma, ...]) -> tuple[Claim, ...]:
    return tuple(claim for lemma in lemmas for claim in lemma.claims)


def leaning(
    problem: Problem, step: Step, kept: frozenset[int], lemmas: tuple[Lemma, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The givens that the step needs beside its lemmas or that these need, the lemmas that it needs, and the facts."""
    for lemma in lemmas:
        problem = citations.part_of(lemma.cited.instance, problem)
    bare = frozenset(k for k in kept if declares(problem.givens[k].item))
    at_once = by_algebra(problem, step, _stated(lemmas))  # the link is what is cited: no other given is asked for
    left = bare if at_once else kept
    for k in sorted(left - bare):
        if through(problem, step, left - {k}, lemmas).proved:
            left -= {k}
    for lemma in lemmas:
        fewer = tuple(other for other in lemmas if other is not lemma)
        spared = by_algebra(problem, step, _stated(fewer)) if at_once else through(problem, step, left, fewer).proved
        lemmas = fewer if spared else lemmas
    facts = set[str]() if at_once else set(through(problem, step, left, lemmas).facts)
    for lemma in lemmas:
        needed, leant_on = _needs(problem, kept, lemma.cited)
        left |= needed
        facts |= leant_on | {f for s in lemma.cited.verdict.steps for f in s.facts}
    uses = [g.text for k, g in enumerate(problem.givens) if k in left and not declares(g.item)]
    return (*uses, *dict.fromkeys(f"theorem {lemma.cited.name}" for lemma in lemmas)), tuple(sorted(facts))


def _needs(problem: Problem, kept: frozenset[int], cited: Cited) -> tuple[frozenset[int], set[str]]:
    """The givens under which those of a theorem that is cited hold here, and the facts that this leans on."""
    needed, facts = frozenset[int](), set[str]()
    for position in range(len(cited.instance.there.givens)):
        alike = citations.said_here(cited.instance, position)
        first = sorted(kept, key=lambda k, alike=alike: (problem.givens[k].item != alike, k))  # what says just that
        part, found = _least(
            problem, first, lambda p, position=position: citations.given_met(cited.instance, position, p)
        )
        needed |= part
        facts |= set(found)
    part, _ = _least(problem, sorted(kept), lambda p: None if citations.sizes_met(cited.instance, p) else ())
    return needed | part, facts


def _least(
    problem: Problem, order: list[int], met: Callable[[Problem], tuple[str, ...] | None]
) -> tuple[frozenset[int], tuple[str, ...]]:
    """A least set of givens under which something is met: none, one, or what is left once others are deleted."""
    kept = frozenset(order)
    bare = frozenset(k for k in kept if declares(problem.givens[k].item))
    for few in (bare, *(bare | {k} for k in order if k not in bare)):
        found = met(within(problem, few))
        if found is not None:
            return few - bare, found
    for k in sorted(kept - bare):
        if met(within(problem, kept - {k})) is not None:
            kept -= {k}
    return kept - bare, met(within(problem, kept)) or ()
