"""``by theorem T``: whether T's givens hold here, and what then follows from its claim.

Let P be the theorem that cites T. An instance (``derive.language.instance``) maps T's names to terms of P, so each
model M of P's givens makes a model M' of T's names. If M' meets T's givens, T's claim holds in M': its translation
holds in M. So every given of T is proved of the images, by the kernel, from the givens of P that are in force:

- a family's kind, symmetry and independence from what its image is made of (``derive.kernel.images``);
- a law from the same law of a declared family, with equal parameters;
- facts, conditions, recurrences and the signs of constants as links of P; sizes are at least what T's literals ask for.

Then the claim serves as a lemma (``derive.claims``). Nothing here is a verdict; ``derive.decide`` asks and judges.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from derive.kernel import images
from derive.kernel.facts import Contradiction, theory
from derive.kernel.judge import judge
from derive.kernel.symbols import Unsupported
from derive.kernel.world import World
from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.instance import Instance
from derive.language.problem import Problem
from derive.language.terms import (
    Entry,
    Mul,
    Name,
    Recip,
    Term,
    expectation,
    number,
)


@dataclass(frozen=True, slots=True)
class Unmet:
    """A given of the theorem cited that is not seen to hold here, as a text; ``why`` where there is more to say.

    ``given`` is empty where it is the claim that says nothing of what its names stand for.
    """

    given: str
    why: str = ""


def part_of(instance: Instance, problem: Problem) -> Problem:
    """The theorem that cites, with some of its givens, and with the fresh index names of an instance."""
    return replace(problem, free={**problem.free, **instance.here.free})


def given_met(instance: Instance, position: int, problem: Problem) -> tuple[str, ...] | None:
    """The facts on which it leans that a given of the theorem cited holds here; None if that is not seen."""
    part = part_of(instance, problem)
    try:
        world = theory(part, everything(part)).world
        return _met(instance, instance.there.givens[position].item, part, world)
    except (Contradiction, Unsupported, LanguageError):
        return None


def said_here(instance: Instance, position: int) -> th.Item | None:
    """A relation among the givens of the theorem cited, as it reads here; None for other givens."""
    item = instance.there.givens[position].item
    try:
        return instance.relation(item) if isinstance(item, th.Relation) else None
    except LanguageError:
        return None


def sizes_met(instance: Instance, problem: Problem) -> Unmet | None:
    """The first size that may be smaller here than the literals of the theorem cited ask for."""
    for name, least in instance.there.sizes.items():
        size = instance.sizes[name]
        term = Name(size) if isinstance(size, str) else number(size)
        enough = (problem.sizes[size] if isinstance(size, str) else size) >= least
        if not enough and not judge(problem, term, ">=", number(least), everything(problem)).proved:
            return Unmet(f"{name} >= {least}", f"the literals on 1..{name} ask for it")
    return None


def everything(problem: Problem) -> frozenset[int]:
    """The positions of all givens."""
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
            return hold(part, instance.relation(item))
        case th.Recurrence(relation=relation, ranges=ranges):
            wider = instance.with_indices(ranges)
            return hold(part_of(wider, part), wider.relation(relation))


def _fine(seen: bool) -> tuple[str, ...] | None:
    return () if seen else None


def _block(instance: Instance, part: Problem, names: tuple[str, ...]) -> frozenset[str]:
    return frozenset[str]().union(*(images.families_in(part, instance.images[n].body) for n in names))


def _defined(part: Problem, body: Term) -> tuple[str, ...] | None:
    """An image is defined in every model: no divisor in it vanishes, no root is of what may be negative."""
    if isinstance(body, Entry):
        return ()
    return hold(part, th.Relation((expectation(body), expectation(body)), ("=",)))


def _sign(part: Problem, kind: str, term: Term) -> tuple[str, ...] | None:
    """A constant is what it is declared to be; t/t is defined only if t cannot vanish."""
    match kind:
        case "positive":
            return hold(part, th.Relation((term, number(0)), (">",)))
        case "nonzero":
            return hold(part, th.Relation((Mul((term, Recip(term))), number(1)), ("=",)))
        case _:
            return hold(part, th.Relation((term, term), ("=",)))


def _same_law(instance: Instance, item: th.Law, part: Problem) -> tuple[str, ...] | None:
    body = instance.images[item.name].body
    if not isinstance(body, Entry):
        return None
    for given in part.givens:
        if isinstance(given.item, th.Law) and (given.item.name, given.item.law) == (body.name, item.law):
            pairs = zip(map(instance.term, item.args), given.item.args, strict=True)
            found = [hold(part, th.Relation((a, b), ("=",))) for a, b in pairs]
            return None if None in found else tuple(f for facts in found if facts for f in facts)
    return None


def hold(part: Problem, relation: th.Relation) -> tuple[str, ...] | None:
    """The facts on which it leans that a relation follows from all givens of a problem; None if that is not seen."""
    facts: list[str] = []
    for left, operator, right in relation.pairs():
        outcome = judge(part, left, operator, right, everything(part))
        if not outcome.proved:
            return None
        facts += outcome.facts
    return tuple(facts)
