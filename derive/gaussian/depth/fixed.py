"""Fixed points of the variance map, and whether they attract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint

from derive.gaussian.activation import Activation
from derive.gaussian.depth.maps import Layer, keeps_zero, slopes_at_zero
from derive.gaussian.depth.roots import roots
from derive.gaussian.enclosure import GUARD_BITS, bits_of, midpoint
from derive.gaussian.errors import NotCertified, Undefined
from derive.gaussian.functions import arb
from derive.gaussian.moments import proven_digits
from derive.gaussian.numbers import Number
from derive.gaussian.programs import exact
from derive.language.terms import ZERO, Term, number

MOST_SHOWN = 10**6
EXTRA = 6  # digits that a slope at an enclosed point may lose


@dataclass(frozen=True, slots=True)
class FixedPoint:
    """V(q) = q.

    Args:
        q: where.
        chi_parallel: V'(q), what a layer makes of a small deviation from q.
        chi_perpendicular: what a layer makes of a gradient's second moment, and of a small angle between two inputs;
            None where f jumps.
        attracts: whether nearby second moments come closer; None where that is not proven.
    """

    q: Number
    chi_parallel: Number
    chi_perpendicular: Number | None
    attracts: bool | None

    def json(self) -> dict[str, Any]:
        """The fields in ``--json``."""
        return {
            "q": self.q.json(),
            "chi_parallel": self.chi_parallel.json(),
            "chi_perpendicular": None if self.chi_perpendicular is None else self.chi_perpendicular.json(),
            "attracts": self.attracts,
        }


def fixed_points(layer: Layer, *, digits: int = 30) -> tuple[FixedPoint, ...]:
    """The fixed points of V that are found, in order: 0 where V(0) = 0, and those between two octaves of q > 0.

    ``()`` for an f whose map is linear (there every q is one, or none): ask ``Layer.f.homogeneous`` first. Raises
    ``NotCertified`` and its kin as ``moments`` does.
    """
    if layer.f.homogeneous is not None:
        return ()
    layer.variance(Fraction(1), digits=10)  # what has no proven value anywhere is said, and not searched

    def gap(q: Any, digits: int) -> Any:
        return layer.variance(q, digits=digits) - q

    return (*_at_zero(layer, digits), *(fixed_at(layer, q, digits=digits) for q in roots(gap, digits=digits + EXTRA)))


def fixed_at(layer: Layer, q: Any, *, digits: int = 30) -> FixedPoint:
    """The fixed point whose place is known: a ball, or exact."""
    place = certified(q, digits) if not isinstance(q, int | Fraction) else known(q, digits)
    parallel = layer.chi_parallel(place.ball, digits=digits + EXTRA)
    try:
        across = certified(layer.chi_perpendicular(place.ball, digits=digits + EXTRA), digits)
    except Undefined:
        across = None
    return FixedPoint(place, certified(parallel, digits), across, attracting(parallel))


def attracting(chi: Any) -> bool | None:
    """Whether |chi| < 1, None where neither that nor |chi| > 1 is proven."""
    size = abs(chi)
    return True if bool(size < 1) else False if bool(size > 1) else None


def _at_zero(layer: Layer, digits: int) -> Iterator[FixedPoint]:
    """q = 0: V(0) = 0 and V'(0) = sigma_w^2 (f'(0-)^2 + f'(0+)^2)/2, which is also the limit of chi_perp."""
    bias = layer.bias
    if not (isinstance(bias, int | Fraction) and bias == 0) or not keeps_zero(layer.f):
        return
    slopes = slopes_at_zero(layer.f, digits=digits)
    if slopes is None:
        return
    weight = known(layer.weight, digits).ball if isinstance(layer.weight, int | Fraction) else layer.weight
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        chi = weight * (slopes[0] ** 2 + slopes[1] ** 2) / 2
    found = certified(chi, digits)
    yield FixedPoint(Number(arb(0), digits, ZERO), found, found, attracting(chi))


def certified(ball: Any, digits: int) -> Number:
    """A ball as a number with as many digits as it proves. Raises ``NotCertified`` where it proves none."""
    proven = proven_digits(ball) if ball.is_finite() else 0
    if proven < 1:
        raise NotCertified("the enclosure proves no digit")
    return Number(ball, min(digits, proven), _dyadic(ball))


def _dyadic(ball: Any) -> Term | None:
    """The number that a ball of radius 0 is, if it is a short one."""
    if not bool(ball.rad() == 0):
        return None
    value = midpoint(ball)
    return number(value) if abs(value.numerator) < MOST_SHOWN and value.denominator < MOST_SHOWN else None


def known(value: int | Fraction, digits: int) -> Number:
    """A rational number."""
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        return Number(exact(Fraction(value)), digits, number(Fraction(value)))


def zero_pair_weight(f: Activation, digits: int) -> Any | None:
    """The sigma_w^2 at which V'(0) = 1, where V(0) = 0 and f has slopes at 0 that are not both 0."""
    slopes = slopes_at_zero(f, digits=digits) if keeps_zero(f) else None
    if slopes is None:
        return None
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        mean = (slopes[0] ** 2 + slopes[1] ** 2) / 2
        return None if bool(mean.contains(0)) else 1 / mean
