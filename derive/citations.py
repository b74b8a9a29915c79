"""``by theorem T``: whether T's givens hold here, and what then follows from its claim.

Let P be the theorem that cites T. An instance (``derive.language.instance``) maps T's names to terms of P, so each
model M of P's givens makes a model M' of T's names. If M' meets T's givens, T's claim holds in M': its translation
holds in M. So every given of T is proved of the images, by the kernel, from the givens of P that are in force:

- a family's kind, symmetry and independence from what its image is made of (``derive.kernel.images``);
- a law from the same law of a declared family, with equal parameters;
- facts, conditions, recurrences and the signs of constants as links of P; sizes are at least what T's literals ask for.

Then the claim serves as a lemma: as a fact beside P's givens, as an equivalence one side of which is known, or as the
link itself up to what the kernel equates. Nothing here is a verdict; ``derive.decide`` asks and judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product

from derive.kernel import images
from derive.kernel.facts import Contradiction, theory
from derive.kernel.judge import Outcome, judge
from derive.kernel.symbols import Unsupported
from derive.kernel.world import World
from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.instance import Instance
from derive.language.printer import relation_text
from derive.language.problem import Assumption, Problem, Step
from derive.language.terms import (
    Apply,
    Conditional,
    Entry,
    Mul,
    Name,
    Num,
    Recip,
    Term,
    expectation,
    number,
    substitute,
    walk,
)

MOST_VALUES = 16  # ways of giving values to a claim's free indices, beside its facts that speak of all of them

Side = Term | th.Relation
Claim = tuple[Side, str, Side]


@dataclass(frozen=True, slots=True)
class Unmet:
    """A given of the theorem cited that is not seen to hold here, as a text; ``why`` where there is more to say."""

    given: str
    why: str = ""


def part_of(instance: Instance, problem: Problem) -> Problem:
    """The theorem that cites, with some of its givens, and with the fresh index names of an instance."""
    return replace(problem, free={**problem.free, **instance.here.free})


def given_met(instance: Instance, position: int, problem: Problem) -> tuple[str, ...] | None:
    """The facts on which it leans that a given of the theorem cited holds here; None if that is not seen."""
    part = part_of(instance, problem)
    try:
        world = theory(part, _all(part)).world
        return _met(instance, instance.there.givens[position].item, part, world)
    except (Contradiction, Unsupported, LanguageError):
        return None


def sizes_met(instance: Instance, problem: Problem) -> Unmet | None:
    """The first size that may be smaller here than the literals of the theorem cited ask for."""
    for name, least in instance.there.sizes.items():
        size = instance.sizes[name]
        term = Name(size) if isinstance(size, str) else number(size)
        if not judge(problem, term, ">=", number(least), _all(problem)).proved:
            return Unmet(f"{name} >= {least}", f"the literals on 1..{name} ask for it")
    return None


def _all(problem: Problem) -> frozenset[int]:
    return frozenset(range(len(problem.givens)))


# --- givens -----------------------------------------------------------------------------------------------------------


def _met(instance: Instance, item: th.Item, part: Problem, world: World) -> tuple[str, ...] | None:
    match item:
        case th.Family(name=name, kind=kind):
            image = instance.images[name]
            fine = images.is_kind(world, kind, image.body, image.places)
            return _defined(part, image.body) if fine else None
        case th.Independent(blocks=blocks):
            return _fine(images.are_independent(world, tuple(_block(instance, part, b) for b in blocks)))
        case th.Symmetric(name=name):
            return _fine(images.symmetric(world, instance.images[name].body))
        case th.Law():
            return _same_law(instance, item, part)
        case th.Constant(ranges=()):
            return _sign(part, item.kind, instance.constants[item.name])
        case th.Constant(name=name, kind=kind, ranges=ranges):
            wider = instance.with_indices(ranges)
            entry = wider.term(Entry(name, tuple(Name(r.index) for r in ranges)))
            return _sign(part_of(wider, part), kind, entry)
        case th.Relation():
            return _hold(part, instance.relation(item))
        case th.Recurrence(relation=relation, ranges=ranges):
            wider = instance.with_indices(ranges)
            return _hold(part_of(wider, part), wider.relation(relation))


def _fine(seen: bool) -> tuple[str, ...] | None:
    return () if seen else None


def _block(instance: Instance, part: Problem, names: tuple[str, ...]) -> frozenset[str]:
    return frozenset[str]().union(*(images.families_in(part, instance.images[n].body) for n in names))


def _defined(part: Problem, body: Term) -> tuple[str, ...] | None:
    """An image is defined in every model: no divisor in it vanishes, no root is of what may be negative."""
    if isinstance(body, Entry):
        return ()
    return _hold(part, th.Relation((expectation(body), expectation(body)), ("=",)))


def _sign(part: Problem, kind: str, term: Term) -> tuple[str, ...] | None:
    """A constant is what it is declared to be; t/t is defined only if t cannot vanish."""
    match kind:
        case "positive":
            return _hold(part, th.Relation((term, number(0)), (">",)))
        case "nonzero":
            return _hold(part, th.Relation((Mul((term, Recip(term))), number(1)), ("=",)))
        case _:
            return _hold(part, th.Relation((term, term), ("=",)))


def _same_law(instance: Instance, item: th.Law, part: Problem) -> tuple[str, ...] | None:
    body = instance.images[item.name].body
    if not isinstance(body, Entry):
        return None
    for given in part.givens:
        if isinstance(given.item, th.Law) and (given.item.name, given.item.law) == (body.name, item.law):
            pairs = zip(map(instance.term, item.args), given.item.args, strict=True)
            found = [_hold(part, th.Relation((a, b), ("=",))) for a, b in pairs]
            return None if None in found else tuple(f for facts in found if facts for f in facts)
    return None


def _hold(part: Problem, relation: th.Relation) -> tuple[str, ...] | None:
    facts: list[str] = []
    for left, operator, right in relation.pairs():
        outcome = judge(part, left, operator, right, _all(part))
        if not outcome.proved:
            return None
        facts += outcome.facts
    return tuple(facts)


# --- the claim --------------------------------------------------------------------------------------------------------


def claims_here(instance: Instance, claims: tuple[Claim, ...], problem: Problem) -> tuple[Claim, ...] | Unmet:
    """The comparisons and equivalences that a proved theorem states, said of the images."""
    said: list[Claim] = []
    for left, operator, right in claims:
        terms = [t for side in (left, right) for t in (side.terms if isinstance(side, th.Relation) else (side,))]
        if not all(_limit_is_safe(instance, size, problem) for size in _limits(terms)):
            return Unmet("limit", "something here depends on what goes to infinity in it")
        try:
            said.append((_side(instance, left), operator, _side(instance, right)))
        except LanguageError as reason:
            return Unmet("claim", reason.message)
    return tuple(said)


def _side(instance: Instance, side: Side) -> Side:
    return instance.relation(side) if isinstance(side, th.Relation) else instance.term(side)


def _limits(terms: list[Term]) -> set[str]:
    found = [t.args[1] for term in terms for t in walk(term) if isinstance(t, Apply) and t.function == "limit"]
    return {t.name for t in found if isinstance(t, Name)}


def _limit_is_safe(instance: Instance, size: str, problem: Problem) -> bool:
    """Whether all but the size itself stays as it is while it grows: then the limit there is the limit here."""
    image = instance.sizes[size]
    if not isinstance(image, str) or list(instance.sizes.values()).count(image) > 1:
        return False
    terms = [*instance.constants.values(), *(i.body for i in instance.images.values())]
    for given in problem.givens:
        match given.item:
            case th.Relation(terms=more) | th.Law(args=more) | th.Recurrence(relation=th.Relation(terms=more)):
                terms += more
            case _:
                pass
    return not any(t == Name(image) for term in terms for t in walk(term))


def follows(problem: Problem, step: Step, claims: tuple[Claim, ...]) -> Outcome:
    """Whether the link follows from the givens of the problem, all of them, and the claims."""
    plain = judge(problem, step.left, step.operator, step.right, _all(problem), method=step.method)
    if plain.proved or not claims:
        return plain
    facts = tuple(_facts(problem, claims))
    if facts:
        more = replace(problem, givens=(*problem.givens, *facts))
        outcome = judge(more, step.left, step.operator, step.right, _all(more), method=step.method)
        if outcome.proved:
            return outcome
    for claim in claims:
        for left, operator, right in _instances(problem, step, claim):
            found = _matched(problem, step, left, operator, right)
            if found is not None:
                return Outcome(True, facts=found)
    return plain


def _facts(problem: Problem, claims: tuple[Claim, ...]) -> Iterator[Assumption]:
    """The claims as givens; of an equivalence one side once the other one is proved."""
    for left, operator, right in claims:
        if isinstance(left, th.Relation) and isinstance(right, th.Relation):
            for known, other in ((left, right), (right, left)):
                if _plain(other) and _hold(problem, known) is not None:
                    yield _assumed(other)
        elif not isinstance(left, th.Relation) and not isinstance(right, th.Relation):
            relation = th.Relation((left, right), (operator,))
            if _plain(relation):
                yield _assumed(relation)


def _assumed(relation: th.Relation) -> Assumption:
    return Assumption(relation, relation_text(relation), removable=False, at=-1)


def _plain(relation: th.Relation) -> bool:
    """Whether it may stand among givens: not random, and no limit."""
    parts = [t for term in relation.terms for t in walk(term)]
    limit = any((isinstance(t, Apply) and t.function == "limit") or t == Name("infinity") for t in parts)
    return not limit and not any(isinstance(t, Conditional) for t in parts)


def _matched(problem: Problem, step: Step, left: Side, operator: str, right: Side) -> tuple[str, ...] | None:
    """The facts on which it leans that the link is the claim, read in either direction where it is an equation."""
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator, operator)
    weaker = {"<": {"<", "<="}, "<=": {"<="}, ">": {">", ">="}, ">=": {">="}, "=": {"=", "<=", ">="}, "iff": {"iff"}}
    for a, relation, b in ((left, operator, right), (right, turned, left)):
        if step.operator in weaker[relation]:
            first = _same(problem, step.left, a)
            second = _same(problem, step.right, b) if first is not None else None
            if first is not None and second is not None:
                return tuple(sorted({*first, *second}))
    return None


def _same(problem: Problem, a: Side, b: Side) -> tuple[str, ...] | None:
    if a == b:
        return ()
    if isinstance(a, th.Relation) != isinstance(b, th.Relation):
        return None
    outcome = judge(problem, a, "iff" if isinstance(a, th.Relation) else "=", b, _all(problem))
    return outcome.facts if outcome.proved else None


def _instances(problem: Problem, step: Step, claim: Claim) -> Iterator[Claim]:
    """The claim as it is, then at the indices that the link has: it holds at every value of its free indices."""
    yield claim
    names = sorted(n for n in _indices(claim[0]) | _indices(claim[2]) if n in problem.free)
    there = {*_labels(step.left), *_labels(step.right)}
    values = [sorted((t for t in there if _may_be(problem, n, t)), key=repr) for n in names]
    for chosen in islice(product(*values), MOST_VALUES):
        at = dict(zip(names, chosen, strict=True))
        if at:
            yield _put(claim[0], at), claim[1], _put(claim[2], at)


def _may_be(problem: Problem, name: str, label: Term) -> bool:
    high = problem.free[name]
    if isinstance(label, Num):
        least = high if isinstance(high, int) else problem.sizes[high]
        return 1 <= label.value <= least
    return isinstance(label, Name) and problem.free.get(label.name) == high


def _indices(side: Side) -> set[str]:
    return {t.name for t in _labels(side) if isinstance(t, Name)}


def _labels(side: Side) -> set[Term]:
    terms = side.terms if isinstance(side, th.Relation) else (side,)
    return {i for term in terms for t in walk(term) if isinstance(t, Entry) for i in t.indices}


def _put(side: Side, values: Mapping[str, Term]) -> Side:
    if isinstance(side, th.Relation):
        return th.Relation(tuple(substitute(t, values) for t in side.terms), side.operators)
    return substitute(side, values)
