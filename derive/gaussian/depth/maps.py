"""The maps of a layer with weights of variance sigma_w^2/fan_in and biases of variance sigma_b^2, as balls.

    V(q) = sigma_w^2 M(q) + sigma_b^2,  M(q) = E f(z)^2, z ~ N(0, q)       the variance map
    chi_par(q) = V'(q) = sigma_w^2 E(z f f')/q                               by Price's theorem and Stein's identity
    chi_perp(q) = sigma_w^2 E f'(z)^2                                        the slope of the correlation map at 1

(Poole et al. 2016, eqs. 3 to 7; Schoenholz et al. 2017, eqs. 5 to 9.) chi_perp is also what a layer makes of a
gradient's second moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import flint

from derive.gaussian.activation import Activation
from derive.gaussian.breaks import jump_free
from derive.gaussian.calculus import derivative, rational
from derive.gaussian.correlated import correlated
from derive.gaussian.enclosure import GUARD_BITS, Integral, bits_of, integral_of
from derive.gaussian.errors import NotCertified
from derive.gaussian.functions import acb, arb
from derive.gaussian.moments import SECOND_MOMENT, SLOPE_MOMENT, integrand
from derive.gaussian.numbers import Number
from derive.gaussian.pieces import at, pieces
from derive.gaussian.programs import compiled, exact
from derive.language.terms import Term

Exact = int | Fraction
ROUGH = 4  # digits of a slope that only scales a radius
CELL_BITS = 14


@dataclass(frozen=True, slots=True)
class Layer:
    """f with sigma_w^2 and sigma_b^2, which are balls or exact. A variance q is exact, or a ball around it."""

    f: Activation
    weight: Any = 1
    bias: Any = 0

    def variance(self, q: Any, *, digits: int = 30) -> Any:
        """V(q). On a ball by the mean value theorem, so that its radius grows as the slope says and no more.

        Raises ``NotCertified`` and its kin as ``moments`` does.
        """
        with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
            return _arb(self.weight) * _second_moment(self.f, _arb(q), digits) + _arb(self.bias)

    def chi_parallel(self, q: Any, *, digits: int = 30) -> Any:
        """V'(q), also where f jumps: there M'(q) = E f^2 (z^2 - q)/(2 q^2), which needs no derivative."""
        with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
            return _arb(self.weight) * slope_of_second_moment(self.f, _arb(q), digits)

    def chi_perpendicular(self, q: Any, *, digits: int = 30) -> Any:
        """sigma_w^2 E f'(z)^2. Raises ``Undefined`` where f jumps."""
        with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
            return _arb(self.weight) * moment(self.f, SLOPE_MOMENT, _arb(q), digits=digits)


def moment(f: Activation, of: str, q: Any, *, digits: int) -> Any:
    """``moments.enclosure``, with what comes back kept: the same f is searched for fixed points again and again.

    Raises ``NotCertified``, ``Divergent``, ``Undefined``.
    """
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        place = _arb(q)
        if bool(place.rad() > 0):
            return _integral(f, of, bits_of(digits)).normal(Fraction(0), place, None, None)
    mantissa, exponent = place.man_exp()
    return _at(f, of, (int(mantissa), int(exponent)), digits)


@lru_cache(maxsize=4096)
def _at(f: Activation, of: str, q: tuple[int, int], digits: int) -> Any:
    """The moment at an exact q = m 2^e."""
    mantissa, exponent = q
    with flint.ctx.workprec(max(bits_of(digits) + GUARD_BITS, mantissa.bit_length())):
        place = arb(mantissa) * arb(2) ** exponent
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        return _integral(f, of, bits_of(digits)).normal(Fraction(0), place, None, None)


@lru_cache(maxsize=256)
def _integral(f: Activation, of: str, bits: int) -> Integral:
    return integral_of(integrand(f, of), bits)


@lru_cache(maxsize=256)
def _continuous(f: Activation) -> bool | None:
    return jump_free(f.term)


def _second_moment(f: Activation, q: Any, digits: int) -> Any:
    if bool(q.rad() == 0):
        return moment(f, SECOND_MOMENT, q, digits=digits)
    middle = moment(f, SECOND_MOMENT, q.mid(), digits=digits)
    return middle + _slope_around(f, q) * (q - q.mid())


def _slope_around(f: Activation, q: Any) -> Any:
    """M' on a ball that holds q: a cell of a grid where it is that short, so that iterates which converge share it."""
    with flint.ctx.workprec(CELL_BITS):
        cell = (q.mid() * 1).mid()  # rounded
    mantissa, exponent = cell.man_exp()
    found = _slope_on(f, int(mantissa), int(exponent)) if bool(cell != 0) and bool(_cell(cell).contains(q)) else None
    return slope_of_second_moment(f, q, ROUGH) if found is None else found


@lru_cache(maxsize=1024)
def _slope_on(f: Activation, mantissa: int, exponent: int) -> Any | None:
    """M' on the cell around m 2^e; None where that is too coarse to say anything."""
    try:
        slope = slope_of_second_moment(f, _cell(arb(mantissa) * arb(2) ** exponent), ROUGH)
    except NotCertified:
        return None
    return slope if slope.is_finite() and bool(slope.rad() < abs(slope.mid()) / 64) else None


def _cell(middle: Any) -> Any:
    return arb(middle, abs(middle) * arb(2) ** -(CELL_BITS - 1))


def slope_of_second_moment(f: Activation, q: Any, digits: int) -> Any:
    """M'(q), M(q) = E f(z)^2 under N(0, q)."""
    if _continuous(f):
        return moment(f, "z*f*df", q, digits=digits) / q
    weighted, plain = (moment(f, of, q, digits=digits) for of in ("z^2*f^2", SECOND_MOMENT))
    return (weighted - q * plain) / (2 * q * q)


def correlation(
    f: Activation, q: Exact, c: Exact, *, weight: Exact = 1, bias: Exact = 0, of: str = "f", digits: int = 12
) -> Any:
    """The correlation map: of pre-activations with variance q each and correlation c, the correlation a layer later.

    (sigma_w^2 E f(u) f(v) + sigma_b^2)/V(q), cov(u, v) = c q (Poole et al. 2016, eq. 5). Raises ``ValueError`` unless
    -1 <= c <= 1 and q > 0, ``NotCertified`` and its kin as ``moments`` does.
    """
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        above = exact(Fraction(weight)) * correlated(f, q, Fraction(c) * q, q, of=of, digits=digits)
        return (above + exact(Fraction(bias))) / Layer(f, weight, bias).variance(q, digits=digits)


def depth_scale(chi: Any, *, digits: int = 30) -> Any | None:
    """xi = -1/log(chi): a small deviation shrinks like e^(-l/xi) (Schoenholz et al. 2017, eqs. 8 and 9).

    None unless 0 < chi < 1 is proven: elsewhere a deviation does not shrink at a rate.
    """
    if not (bool(chi > 0) and bool(chi < 1)):
        return None
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        return -1 / chi.log()


# --- at zero ----------------------------------------------------------------------------------------------------------


def keeps_zero(f: Activation) -> bool:
    """Whether f is continuous and f(0) = 0, exactly."""
    if not _continuous(f):
        return False
    if rational(at(f.term, Fraction(0))) == 0:
        return True
    value = f.value(0)
    return bool(value == 0)


def slopes_at_zero(f: Activation, *, digits: int = 30) -> tuple[Any, Any] | None:
    """f'(0-) and f'(0+) as balls; None where they are not shown to be finite."""
    found: list[Any] = []
    for piece in pieces(f.term):
        if piece.high is None or piece.high >= 0:
            found.append(_slope_at_zero(piece.term, digits))
            break
    for piece in pieces(f.term):
        if piece.high is None or piece.high > 0:
            found.append(_slope_at_zero(piece.term, digits))
            break
    return (found[0], found[1]) if len(found) == 2 and all(s is not None for s in found) else None


def _slope_at_zero(term: Term, digits: int) -> Any | None:
    try:
        slope = derivative(term)
        value = rational(at(slope, Fraction(0)))
        if value is not None:
            return exact(value)
        with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
            ball = compiled(slope)(acb(0), False).real
    except (NotCertified, ZeroDivisionError):
        return None
    return ball if ball.is_finite() and bool(ball.rad() < arb(10) ** -digits) else None


def homogeneous_moment(f: Activation) -> Any | None:
    """(alpha_+^2 + alpha_-^2)/2, which is M(q)/q and E f'^2 at every q, for f(z) = alpha_+- z; None for any other f."""
    if f.homogeneous is None:
        return None
    slopes = slopes_at_zero(f)
    return None if slopes is None else (slopes[0] ** 2 + slopes[1] ** 2) / 2


def _arb(value: Any) -> Any:
    if isinstance(value, Number):
        return value.ball
    return exact(Fraction(value)) if isinstance(value, int | Fraction) else value
