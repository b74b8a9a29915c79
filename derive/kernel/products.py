"""Products of random factors over a range: E(prod(g_j, j in 1..n)) = prod(E(g_j), j in 1..n) for independent g_j.

The g_j are independent if every family in them is iid, or has independent entries, if the families are independent of
one another, and if each of them is read at the product's index in one slot, so that no entry stands in two factors.
What stands beside the product under the same E has to be independent of these families, and then factors out.
"""

from __future__ import annotations

from derive.kernel.composite import families
from derive.kernel.independence import independent_parts
from derive.kernel.linearity import is_random_symbol, mean_of
from derive.kernel.polynomial import ONE, UNIT, Monomial, Poly, times
from derive.kernel.powers import BOUND
from derive.kernel.symbols import Random, RandomProduct, Unsupported
from derive.kernel.world import World

UNDECIDED = "a product of random factors that are not seen to be independent is not decided"


def has_products(body: Monomial) -> bool:
    """Whether a product over a range stands among the factors."""
    return any(isinstance(s, RandomProduct) for s, _ in body)


def factored(world: World, body: Monomial) -> tuple[Monomial, list[tuple[str, Poly]]]:
    """What stands beside the products under an E, and (size, E(g_j)) for each range. Raises ``Unsupported``."""
    beside: Monomial = UNIT
    over: dict[str, Poly] = {}
    for symbol, exponent in body:
        if isinstance(symbol, RandomProduct):
            over[symbol.size] = over.get(symbol.size, ONE) * symbol.of**exponent
        else:
            beside = times(beside, frozenset({(symbol, exponent)}))
    groups = [{f for s, _ in beside for f in families(s)}, *(_read(world, of) for of in over.values())]
    everything = frozenset(f for group in groups for f in group)
    apart = {f for part in independent_parts(everything, world.independent) if len(part) == 1 for f in part}
    in_products = [f for group in groups[1:] for f in group]
    if sum(map(len, groups)) != len(everything) or not apart.issuperset(in_products):
        raise Unsupported(UNDECIDED)
    return beside, [(size, mean_of(of)) for size, of in over.items()]


def _read(world: World, of: Poly) -> set[str]:
    """The families of a factor, each with independent entries and read at the product's index in one slot."""
    slots: dict[str, set[tuple[int, ...]]] = {}
    for symbol in of.symbols():
        if isinstance(symbol, Random):
            at = tuple(k for k, index in enumerate(symbol.indices) if index == BOUND)
            slots.setdefault(symbol.family, set()).add(at)
        elif is_random_symbol(symbol):
            raise Unsupported(UNDECIDED)
    for family, at in slots.items():
        if world.problem.families[family].kind == "exchangeable" or len(at) != 1 or len(next(iter(at))) != 1:
            raise Unsupported(UNDECIDED)
    return set(slots)
