"""The factors of one expectation, divided into independent parts; which parts vanish by a flip of signs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from derive.kernel import composite as cp
from derive.kernel import partitions as pt
from derive.kernel.atoms import Member
from derive.kernel.independence import independent_parts
from derive.kernel.laws import symmetric_law
from derive.kernel.opening import Conditions, composite_families, delicate, entries_in, families_of, given_to
from derive.kernel.symbols import (
    Composite,
    Label,
    Random,
)
from derive.kernel.world import World

MOST_TOGETHER = 3
MOST_FLIPS = 300


def components(world: World, state: pt.State, group: int, families: frozenset[str]) -> list[list[Member]]:
    """The factors of one expectation, divided into parts that are independent of one another."""
    parts = independent_parts(families, world.independent)
    home = {name: k for k, part in enumerate(parts) for name in part}
    alone = {name for part in parts if len(part) == 1 for name in part}
    members: list[Member] = [
        (family, indices, powers) for (family, indices), powers in entries_in(state, group, families) if powers
    ]
    members += [(f[1], f[2], (("", e),)) for f, e in state if f[0] == group and isinstance(f[1], Composite)]
    if not composite_families(state, group):
        apart = [[m for m in members if home[str(m[0])] == k] for k in range(len(parts))]
        return [a for a in apart if a]

    def joined(a: Member, b: Member) -> bool:
        for f, x in prints(a):
            for g, y in prints(b):
                if f != g and home[f] == home[g]:
                    return True
                if f == g and (f not in alone or not entries_independent(world, f) or cp.overlapping(x, y)):
                    return True
        return False

    found: list[list[Member]] = []
    for member in sorted(members, key=repr):
        touching = [c for c in found if any(joined(member, other) for other in c)]
        found = [c for c in found if c not in touching]
        found.append([member, *(m for c in touching for m in c)])
    return found


def entries_independent(world: World, family: str) -> bool:
    """Whether the entries of a family are independent of one another."""
    return world.problem.families[family].kind != "exchangeable"


def odd(world: World, state: pt.State, given: Conditions) -> bool:
    """Whether some expectation of the state vanishes because a flip of signs negates what is in it."""
    first = delicate(state, given)  # an expectation around one of these is not known before it is
    for group, families in families_of(state).items():
        if group != pt.OUTSIDE and composite_families(state, group) and group in (first or {group}):
            fixed = given_to(given, group)
            everything = families | fixed
            if any(flipped(world, c, everything, fixed) for c in components(world, state, group, everything)):
                return True
    return False


def flipped(world: World, members: list[Member], everything: frozenset[str], fixed: frozenset[str]) -> bool:
    """Whether flipping the signs of some entries of symmetric families keeps the law and negates the product.

    What is conditioned on, ``fixed``, keeps its signs.
    """
    choices = [list(_parts(world, members, f)) for f in _flippable(world, everything) if f not in fixed]
    tried = 0
    for count in range(1, MOST_TOGETHER + 1):
        for families in combinations(choices, count):
            for flip in product(*families):
                tried += 1
                if tried > MOST_FLIPS:
                    return False
                if cp.total_parity(parities(members, flip)) == -1:
                    return True
    return False


def _flippable(world: World, everything: frozenset[str]) -> Iterator[str]:
    """The symmetric families that are independent of everything beside them."""
    for part in independent_parts(everything, world.independent):
        family = next(iter(part))
        if len(part) == 1 and symmetric(world, family):
            yield family


def _parts(world: World, members: list[Member], family: str) -> Iterator[cp.Part]:
    """What may be flipped of a family: everything, and where its entries are independent what shares an index."""
    yield cp.Part(family)
    if entries_independent(world, family):
        patterns = {i for m in members for f, i in prints(m) if f == family}
        found = {(s, x) for i in patterns for s, x in enumerate(i) if x is not None}
        yield from (cp.Part(family, s, x) for s, x in sorted(found, key=repr))


def symmetric(world: World, family: str) -> bool:
    """Whether all signs of a family may be flipped together without changing its law."""
    if family in world.symmetric:
        return True
    if world.problem.families[family].kind == "exchangeable":
        return False  # a law fixes the marginals only
    return family in world.laws and symmetric_law(*world.laws[family])


def prints(member: Member) -> set[tuple[str, tuple[Label | None, ...]]]:
    """The entries that a factor is made of."""
    family, indices, _ = member
    return cp.footprint(cp.at(family, indices)) if isinstance(family, Composite) else {(family, indices)}


def member_families(member: Member) -> set[str]:
    """The families that a factor is made of."""
    return {f for f, _ in prints(member)}


def parities(members: list[Member], flip: cp.Flip) -> Iterator[int | None]:
    """The parities of the factors under a flip."""
    for family, indices, powers in members:
        if isinstance(family, Composite):
            yield from cp.parity_of(frozenset({(cp.at(family, indices), powers[0][1])}), flip)
        else:
            monomial = frozenset((Random(family, indices, function), e) for function, e in powers)
            yield from cp.parity_of(monomial, flip)
