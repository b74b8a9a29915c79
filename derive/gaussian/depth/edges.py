"""The edge of chaos, and on it the pairs at which the second moment stays too.

chi_perp = 1 at a fixed point q says sigma_w^2 = 1/D(q), D(q) = E f'^2, and q = sigma_w^2 M(q) + sigma_b^2. So

    edge      F(q) = q - M(q)/D(q) - sigma_b^2 = 0        for a given sigma_b^2
    critical  H(q) = E(z f f')/q - D(q) = 0               chi_par = chi_perp, then sigma_b^2 = q - M(q)/D(q) >= 0

and in both cases q = 0, in the limit, where f(0) = 0 and f'(0) is not 0 (Schoenholz et al. 2017; Roberts, Yaida and
Hanin 2022, section 5.3, for the pairs of GELU and SiLU).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint

from derive.gaussian.activation import Activation
from derive.gaussian.depth.fixed import EXTRA, certified, known, zero_pair_weight
from derive.gaussian.depth.maps import homogeneous_moment, moment, slope_of_second_moment, slopes_at_zero
from derive.gaussian.depth.roots import roots
from derive.gaussian.enclosure import GUARD_BITS, bits_of
from derive.gaussian.errors import NotCertified, Undefined
from derive.gaussian.functions import arb
from derive.gaussian.moments import SECOND_MOMENT, SLOPE_MOMENT, integrand
from derive.gaussian.numbers import Number
from derive.language.terms import ONE, ZERO


@dataclass(frozen=True, slots=True)
class Pair:
    """sigma_w^2 and sigma_b^2 with chi_perp = 1 at the fixed point. ``fixed_point`` is None where every q is one."""

    weight_variance: Number
    bias_variance: Number
    fixed_point: Number | None
    chi_parallel: Number
    chi_perpendicular: Number


def edge_of_chaos(f: Activation, bias_variance: Fraction | int, *, digits: int = 30) -> tuple[Pair, ...]:
    """The pairs with a given sigma_b^2 >= 0, those at q > 0 first; ``()`` where none is found.

    Raises ``Undefined`` where f jumps, ``NotCertified`` and its kin, ``ValueError`` for a negative variance.
    """
    if bias_variance < 0:
        raise ValueError("a variance is not negative")
    integrand(f, SLOPE_MOMENT)  # says so where f jumps
    if f.homogeneous is not None:
        return () if bias_variance else _linear(f, digits)
    bias = known(bias_variance, digits + EXTRA)

    def gap(q: Any, digits: int) -> Any:
        return q - moment(f, SECOND_MOMENT, q, digits=digits) / _slope(f, q, digits) - bias.ball

    _certifiable(f)
    found = [_edge_pair(f, q, known(bias_variance, digits), digits) for q in roots(gap, digits=digits + EXTRA)]
    return (*found, *(_zero_pair(f, digits) if not bias_variance else ()))


def edge_at(f: Activation, q: Any, *, digits: int = 30) -> tuple[Any, Any]:
    """sigma_w^2 and sigma_b^2, as balls, of the pair on the edge of chaos whose fixed point is q > 0.

    sigma_w^2 = 1/E f'^2 and sigma_b^2 = q - sigma_w^2 E f^2, which may be negative: then there is no such pair. Raises
    ``Undefined`` where f jumps, ``NotCertified`` and its kin.
    """
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        weight = 1 / _slope(f, q, digits)
        return weight, q - weight * moment(f, SECOND_MOMENT, q, digits=digits)


def critical_pairs(f: Activation, *, digits: int = 30) -> tuple[Pair, ...]:
    """The pairs with chi_par = chi_perp = 1, those at q > 0 first; ``()`` where none is found."""
    integrand(f, SLOPE_MOMENT)
    if f.homogeneous is not None:
        return _linear(f, digits)

    def gap(q: Any, digits: int) -> Any:
        return slope_of_second_moment(f, q, digits) - _slope(f, q, digits)

    _certifiable(f)
    found = [pair for q in roots(gap, digits=digits + EXTRA) if (pair := _critical_pair(f, q, digits)) is not None]
    return (*found, *_zero_pair(f, digits))


def _certifiable(f: Activation) -> None:
    """Say what has no proven value at all, instead of finding nothing."""
    for of in (SECOND_MOMENT, SLOPE_MOMENT):
        moment(f, of, Fraction(1), digits=10)


def _slope(f: Activation, q: Any, digits: int) -> Any:
    return moment(f, SLOPE_MOMENT, q, digits=digits)


def _edge_pair(f: Activation, q: Any, bias: Number, digits: int) -> Pair:
    more = digits + EXTRA
    with flint.ctx.workprec(bits_of(more) + GUARD_BITS):
        weight = 1 / _slope(f, q, more)
        parallel = weight * slope_of_second_moment(f, q, more)
    return Pair(certified(weight, digits), bias, certified(q, digits), certified(parallel, digits), _one(digits))


def _critical_pair(f: Activation, q: Any, digits: int) -> Pair | None:
    """The pair at a root of H; None where it would take a negative sigma_b^2."""
    more = digits + EXTRA
    with flint.ctx.workprec(bits_of(more) + GUARD_BITS):
        weight = 1 / _slope(f, q, more)
        bias = q - weight * moment(f, SECOND_MOMENT, q, digits=more)
    if bool(bias < 0):
        return None
    if not bool(bias > 0):
        raise NotCertified("whether the bias variance of the critical pair is negative is not decided")
    return Pair(certified(weight, digits), certified(bias, digits), certified(q, digits), _one(digits), _one(digits))


def _zero_pair(f: Activation, digits: int) -> Iterator[Pair]:
    weight = zero_pair_weight(f, digits + EXTRA)
    slopes = slopes_at_zero(f, digits=digits)
    if weight is None or slopes is None or not bool(slopes[0].overlaps(slopes[1])):
        return  # with a kink at 0, chi_perp = 1 is a limit that no small q shares
    zero = Number(arb(0), digits, ZERO)
    yield Pair(certified(weight, digits), zero, zero, _one(digits), _one(digits))


def _linear(f: Activation, digits: int) -> tuple[Pair, ...]:
    """V(q) = sigma_w^2 c q: every q stays at sigma_w^2 = 1/c and sigma_b^2 = 0."""
    scale = homogeneous_moment(f)
    if scale is None or bool(scale.contains(0)):
        raise Undefined("f is 0 almost everywhere")
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        weight = certified(1 / scale, digits)
    return (Pair(weight, Number(arb(0), digits, ZERO), None, _one(digits), _one(digits)),)


def _one(digits: int) -> Number:
    """1, by the choice of the pair."""
    return Number(arb(1), digits, ONE)
