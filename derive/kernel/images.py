"""Whether a random term, as a function of index names, is iid, exchangeable, symmetric: what a declaration asks of it.

The term is an entry of a declared family, or what a definition makes of some: ``relu(y[j])``, ``sum(W[i,j]*a[j], ...)``
over j. Everything here is sufficient, and nothing more is claimed:

- *iid*: families that are iid and mutually independent, each with the index i in one slot, the same in all its entries,
  and nowhere else. Then different i read disjoint entries, in the same way.
- *independent*: the same for families with laws of their own, beside constants that may depend on i.
- *exchangeable*: each family that reads i is exchangeable or iid, independent of all the others, and has i in one slot,
  the same in all its entries. Then a permutation of i is one of that slot, which changes no joint law.
- *symmetric*: a flip of the signs of some families that are symmetric and independent of the others negates it.
"""

from __future__ import annotations

from itertools import combinations

from derive.kernel.components import symmetric as symmetric_family
from derive.kernel.independence import independent_parts
from derive.kernel.world import World
from derive.language.functions import FUNCTIONS
from derive.language.problem import Problem
from derive.language.terms import (
    Add,
    Apply,
    Big,
    Conditional,
    Entry,
    Mul,
    Name,
    Neg,
    Num,
    Pow,
    Recip,
    Term,
    children,
    walk,
)

MOST_FLIPPED = 6


def families_in(problem: Problem, term: Term) -> frozenset[str]:
    """The families that a term is made of."""
    return frozenset(t.name for t in walk(term) if isinstance(t, Entry) and t.name in problem.families)


def is_kind(world: World, kind: str, body: Term, places: tuple[str, ...]) -> bool:
    """Whether the entries ``body``, one for each value of ``places``, are what a declaration of that kind says."""
    if not has_moments(world.problem, body):
        return False
    match kind:
        case "random":
            return True
        case "exchangeable":
            return _exchangeable(world, body, places)
        case _:
            return _disjoint(world, body, places, alike=kind == "iid")


def are_independent(world: World, blocks: tuple[frozenset[str], ...]) -> bool:
    """Whether blocks of families are mutually independent; a family in two of them is not independent of itself."""
    together = frozenset[str]().union(*blocks)
    if sum(map(len, blocks)) != len(together):
        return False
    return all(any(part <= b for b in blocks) for part in independent_parts(together, world.independent))


def has_moments(problem: Problem, term: Term) -> bool:
    """Whether all moments are finite: sums, products, powers, functions of at most linear growth of what has them."""
    if not families_in(problem, term):
        return True
    match term:
        case Entry() | Add() | Mul() | Neg() | Big():
            pass
        case Pow(exponent=exponent):
            if not (isinstance(exponent, Num) and exponent.value.denominator == 1 and exponent.value >= 0):
                return False
        case Apply(function=function):
            if FUNCTIONS[function].growth == "none":
                return False
        case _:
            return False
    return all(has_moments(problem, part) for part in children(term))


def symmetric(world: World, body: Term) -> bool:
    """Whether all entries together have the law of their negatives."""
    names = families_in(world.problem, body)
    alone = {next(iter(p)) for p in independent_parts(names, world.independent) if len(p) == 1}
    flippable = sorted(f for f in alone if symmetric_family(world, f))[:MOST_FLIPPED]
    chosen = (frozenset(c) for k in range(1, len(flippable) + 1) for c in combinations(flippable, k))
    return any(parity(body, flipped) == -1 for flipped in chosen)


def parity(term: Term, flipped: frozenset[str]) -> int:
    """What becomes of a term when the signs of some families flip: 1 as it was, -1 its negative, 0 not known."""
    match term:
        case Num() | Name():
            return 1
        case Entry(name=name):
            return -1 if name in flipped else 1
        case Neg(term=part) | Recip(term=part) | Big(kind="sum", body=part):
            return parity(part, flipped)
        case Add(terms=parts):
            found = {parity(t, flipped) for t in parts}
            return found.pop() if len(found) == 1 else 0
        case Mul(factors=parts):
            out = 1
            for part in parts:
                out *= parity(part, flipped)
            return out
        case Pow(base=base, exponent=Num(value=value)) if value.denominator == 1:
            return parity(base, flipped) ** (2 - value.numerator % 2)
        case Apply(function=function, args=(part,)):
            inner = parity(part, flipped)
            return FUNCTIONS[function].parity if inner == -1 else inner
        case Conditional():
            return 0
        case _:
            return 1 if all(parity(part, flipped) == 1 for part in children(term)) else 0


def _exchangeable(world: World, body: Term, places: tuple[str, ...]) -> bool:
    parts = independent_parts(families_in(world.problem, body), world.independent)
    for place in places:
        for name in _reading(body, place):
            family = world.problem.families.get(name)
            if family is None or family.kind not in {"iid", "exchangeable"} or frozenset({name}) not in parts:
                return False
            if not _one_slot(body, name, place, alone=True):
                return False
    return True


def _disjoint(world: World, body: Term, places: tuple[str, ...], *, alike: bool) -> bool:
    names = families_in(world.problem, body)
    if len(independent_parts(names, world.independent)) != len(names):
        return False
    kinds = {"iid"} if alike else {"iid", "independent"}
    if any(world.problem.families[name].kind not in kinds for name in names):
        return False
    if alike and any(name not in names for place in places for name in _reading(body, place)):
        return False
    return all(_one_slot(body, name, place, alone=alike) for name in names for place in places)


def _reading(body: Term, place: str) -> set[str]:
    """The families, of constants too, with an entry that depends on an index."""
    return {t.name for t in walk(body) if isinstance(t, Entry) and any(_mentions(i, place) for i in t.indices)}


def _mentions(index: Term, place: str) -> bool:
    return any(t == Name(place) for t in walk(index))


def _one_slot(body: Term, name: str, place: str, *, alone: bool) -> bool:
    """Whether all entries of a family have the index in one and the same slot; ``alone``: and nowhere else."""
    entries = [t for t in walk(body) if isinstance(t, Entry) and t.name == name]
    slots = [frozenset(k for k, i in enumerate(t.indices) if i == Name(place)) for t in entries]
    others = any(_mentions(i, place) and i != Name(place) for t in entries for i in t.indices)
    common = frozenset[int].intersection(*slots) if slots else frozenset[int]()
    return bool(common) and not others and (not alone or all(len(s) == 1 for s in slots))
