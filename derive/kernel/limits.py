"""Limits as a size goes to infinity, of quotients of sums of c L^k b^L.

Each term grows like L^k b^L, where b is a product of what stands under the exponent L. Two growths are compared by
b < b' (the conditions have to say so: nL Var(W) < 1), then by k. Divided by the fastest growth of the denominator every
term tends to 0, stays, or explodes.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from derive.kernel.expand import mentions
from derive.kernel.functions import cleared
from derive.kernel.polynomial import ONE, UNIT, ZERO, Monomial, Poly, product, raised, times
from derive.kernel.signs import Signs
from derive.kernel.symbols import Average, Inverse, ProductOf, Size, Tower, Unsupported


@dataclass(frozen=True, slots=True)
class Infinity:
    """The limit is plus infinity."""


def limit(signs: Signs, numerator: Poly, denominator: Poly, size: str) -> tuple[Poly, Poly] | Infinity:
    """The limit of numerator/denominator as a quotient, or infinity. Raises ``Unsupported`` where it is not seen."""
    top, more = cleared(numerator)
    bottom, _ = cleared(denominator * more)
    above, below = _growths(top, size), _growths(bottom, size)
    if not above:
        return ZERO, ONE
    fastest = _fastest(signs, below, size)
    staying, exploding = ZERO, list[Poly]()
    for growth, coefficient in above.items():
        match _compared(signs, times(growth, raised(fastest, -1)), size):
            case 0:
                staying = staying + coefficient
            case 1:
                exploding.append(coefficient)
            case _:
                pass
    if not exploding:
        return staying, below[fastest]
    if all(signs.positive(c * below[fastest]) for c in exploding):
        return Infinity()
    raise Unsupported("the limit is not seen: the sign of what grows is not known")


def _growths(poly: Poly, size: str) -> dict[Monomial, Poly]:
    """The polynomial by growth: {L^k b^L: its coefficient}."""
    out: dict[Monomial, Poly] = {}
    for monomial, c in poly.terms.items():
        growth = frozenset((s, e) for s, e in monomial if _grows(s, size))
        rest = Poly.monomial(monomial - growth, c)
        out[growth] = out.get(growth, ZERO) + rest
    return {g: c for g, c in out.items() if c}


def _grows(symbol: Hashable, size: str) -> bool:
    match symbol:
        case Size(name=name):
            return name == size
        case Tower(of=of, size=name):
            if any(_grows(s, size) for s in of.symbols()):
                raise Unsupported(f"the limit of a power whose base depends on {size} is not decided")
            return name == size
        case ProductOf(size=name) if name == size:
            raise Unsupported(f"the limit of a product over 1..{size} is not decided")
        case Average(bound=bound) if any(high == size for _, high in bound):
            raise Unsupported(f"the limit of a sum over 1..{size} is not decided")
        case Inverse(of=of) if any(_grows(s, size) for s in of.symbols()):
            raise Unsupported("the limit of this quotient is not decided")
        case _:
            if mentions(symbol, size):
                raise Unsupported(f"the limit of an entry at {size} is not decided: prove its closed form first")
            return False


def _fastest(signs: Signs, growths: dict[Monomial, Poly], size: str) -> Monomial:
    """The growth to which all others are negligible; its coefficient must not vanish."""
    for growth, coefficient in growths.items():
        others = [g for g in growths if g != growth]
        if all(_compared(signs, times(g, raised(growth, -1)), size) == -1 for g in others):
            if not signs.nonzero(coefficient):
                raise Unsupported("the limit is not seen: a coefficient may vanish")
            return growth
    raise Unsupported("the limit is not seen: two terms of the denominator grow alike")


def _compared(signs: Signs, growth: Monomial, size: str) -> int:
    """-1 if L^k b^L tends to 0, 0 if it is 1, 1 if it explodes."""
    bases = [(s.of, e) for s, e in growth if isinstance(s, Tower)]
    power = sum(e for s, e in growth if isinstance(s, Size))
    if not bases:
        return (power > 0) - (power < 0)
    over, under = product(p**e for p, e in bases if e > 0), product(p**-e for p, e in bases if e < 0)
    if not all(signs.positive(p) if e < 0 else signs.nonnegative(p) for p, e in bases):
        raise Unsupported(f"the limit is not seen: a base of a power with exponent {size} may be negative")
    if signs.positive(_plain(under - over)):
        return -1
    if signs.positive(_plain(over - under)):
        return 1
    raise Unsupported("the limit is not seen: it is not said whether the base of the power is below 1, 1 or above")


def _plain(poly: Poly) -> Poly:
    return cleared(poly.scaled(UNIT))[0]
