"""Limits as a size goes to infinity, of quotients of sums of c L^k b^L.

Each term grows like L^k b^L, where b is a product of what stands under the exponent L. Two growths are compared by
b < b' (the conditions have to say so: nL Var(W) < 1), then by k. Divided by the fastest growth of the denominator every
term tends to 0, stays, or explodes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import cast

from derive.kernel.functions import cleared
from derive.kernel.polynomial import ONE, UNIT, ZERO, Monomial, Poly, product, raised, times
from derive.kernel.signs import Signs
from derive.kernel.symbols import Size, Tower, Unsupported


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
    return out


def _grows(symbol: Hashable, size: str) -> bool:
    if isinstance(symbol, Size):
        return symbol.name == size
    if isinstance(symbol, Tower) and symbol.size == size and not depends(symbol.of, size):
        return True
    if depends(symbol, size):
        raise Unsupported(f"the limit is not decided: {size} stands inside a root, a function, a sum or an index")
    return False


def depends(value: object, name: str) -> bool:
    """Whether a size, constant, family or index of this name occurs anywhere in a symbol."""
    match value:
        case str():
            return value == name
        case Poly():
            return any(depends(s, name) for s in value.symbols())
        case tuple() | frozenset():
            return any(depends(v, name) for v in cast("Iterable[object]", value))
        case _ if is_dataclass(value):
            return any(depends(getattr(value, f.name), name) for f in fields(value))
        case _:
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
