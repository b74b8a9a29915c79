"""Proven enclosures of E f(u) g(v) for (u, v) ~ N(0, [[q1, c], [c, q2]]).

Given u, v is N(r u, w) with r = c/q1 and w = q2 - c^2/q1, so that E f(u) g(v) = E f(u) G(u),

    G(u) = integral of g(v) exp(-(v - r u)^2/(2 w))/sqrt(2 pi w) dv,

which is entire in u: the kinks of g stay where they are on the real line. The inner integral is taken at the points
where the outer rule evaluates; on wide balls, which the outer rule needs only to bound its error, |G(u)| is bounded by

    |G(a + i b)| <= e^(r^2 b^2/(2 w)) E |g(r a + sqrt(w) Z)|,   |g(v)| <= c (1 + |v|)^d e^(k |v|).

Where w is small that bound is poor and the work grows like 1/sqrt(w). For a smooth f and q1 = q2 = q the kernel is then
expanded about c = q or c = -q: by Price 1958 its k-th derivative in c is E f^(k)(u) f^(k)(v), at most E f^(k)(u)^2 by
Cauchy and Schwarz, which bounds the remainder.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import flint

from derive.gaussian.activation import Activation
from derive.gaussian.calculus import Z, derivative, tidied, times
from derive.gaussian.enclosure import (
    GUARD_BITS,
    Integral,
    bits_of,
    integral_of,
    midpoint,
    normal_density,
    normal_expectation,
    reach_of,
)
from derive.gaussian.errors import NotCertified
from derive.gaussian.functions import Complex, acb, arb, undefined
from derive.gaussian.growth import Growth, above, growth
from derive.gaussian.isolated import Part, ball
from derive.gaussian.moments import integrand
from derive.gaussian.pieces import kinked, replaced
from derive.gaussian.programs import Function, compiled, exact
from derive.gaussian.work import Work, weight
from derive.language.terms import Mul, Term, number

Exact = int | Fraction
NEAR = Fraction(99, 100)
MOST_DERIVATIVES, MOST_WEIGHT = 12, 60
MOST_INNER = 300_000  # evaluations of g in all inner integrals: about two seconds


def correlated(f: Activation, q1: Exact, c: Exact, q2: Exact, *, of: str = "f", digits: int = 15) -> Any:
    """The ball of E g(u) g(v), where g is a moment's expression: ``f``, or ``df`` for the kernel of the derivative.

    Raises ``ValueError`` for a matrix that is no covariance, ``NotCertified`` and its kin as ``moments`` does.
    """
    if q1 <= 0 or q2 <= 0 or c * c > Fraction(q1) * q2:
        raise ValueError("not a covariance matrix")
    return correlated_terms(integrand(f, of), integrand(f, of), Fraction(q1), Fraction(c), Fraction(q2), digits=digits)


def correlated_terms(f: Term, g: Term, q1: Fraction, c: Fraction, q2: Fraction, *, digits: int) -> Any:
    """E f(u) g(v) for unfolded terms in ``z``."""
    if c * c == q1 * q2:
        return normal_expectation(Mul((f, replaced(g, Z, times(number(c / q1), Z)))), q1, digits=digits)
    bits = bits_of(digits)
    if f == g and q1 == q2 and abs(c) > NEAR * q1 and not kinked(f):
        with flint.ctx.workprec(bits + GUARD_BITS):
            found = _expanded(f, q1, c, digits)
        if found is not None:
            return found
    with flint.ctx.workprec(bits + GUARD_BITS):
        if c == 0:
            return integral_of(f, bits).over("Normal", (0, q1)) * integral_of(g, bits).over("Normal", (0, q2))
        return _Nested(integral_of(f, bits), integral_of(g, bits), q1, c / q1, q2 - c * c / q1).value()


def _expanded(f: Term, q: Fraction, c: Fraction, digits: int) -> Any | None:
    """The kernel by its Taylor polynomial about c = q or c = -q; None where it takes too many derivatives."""
    end = q if c > 0 else -q
    sign = number(1) if c > 0 else number(-1)
    target = arb(2) ** -bits_of(digits)
    total, slope, scale = arb(0), tidied(f), Fraction(1)
    for k in range(MOST_DERIVATIVES):
        square = normal_expectation(Mul((slope, slope)), q, digits=digits)
        factor = exact(scale)
        if bool(abs(factor * square) < target):
            return total + arb(0, abs(factor * square).upper())
        mirrored = replaced(slope, Z, times(sign, Z))
        total = total + factor * (square if c > 0 else normal_expectation(Mul((slope, mirrored)), q, digits=digits))
        slope, scale = tidied(derivative(slope)), scale * (c - end) / (k + 1)
        if weight(slope) > MOST_WEIGHT:
            return None
    return None


@dataclass(frozen=True, slots=True)
class _Nested:
    """The outer and the inner integral; r and w are the slope and the variance of v given u."""

    outer: Integral
    inner: Integral
    q1: Fraction
    r: Fraction
    w: Fraction

    def value(self) -> Any:
        bound = self.bound_inside()
        ends = [self.outer_reach(side, bound) for side in (-1, 1)]
        far = abs(self.r) * max(reach for reach, _ in ends)
        span, slack = self.inner_reach(bound, far)
        work = Work(MOST_INNER)
        inner = self.inner_parts(-far - span, far + span, work)
        density = normal_density(0, exact(self.q1))

        def integrand(u: Complex) -> Complex:
            return density(u) * self.given(u, inner, span, slack, bound, work)

        total = arb(0)
        for part in self.outer.parts(-ends[0][0], ends[1][0], Fraction(0), work):
            total = total + self.outer.part(part, integrand, work)
        if not total.is_finite():
            raise NotCertified("the integral did not converge within its bound of work")
        return total + arb(0, (ends[0][1] + ends[1][1]).upper())

    def bound_inside(self) -> Growth:
        """c, d, k with E |g(v)| given u at most c (1 + |r u|)^d e^(k |r u|).

        From (1 + |m + x|) <= (1 + |m|)(1 + |x|), and with s = sqrt(w)
        E (1 + s |Z|)^d e^(k s |Z|) <= 2 e^(k^2 w/2) E (1 + k w + s |Z|)^d, E |Z|^d <= d!!.
        """
        met = [
            growth(piece.term, side)
            for piece in self.inner.pieces
            for side, meets in (
                (-1, piece.low is None or piece.low < 0),
                (1, piece.high is None or piece.high > 0),
            )
            if meets
        ]
        if any(b.s > 0 for b in met):
            raise NotCertified("the growth bound is too weak for a correlated pair")
        c, d, k = max(b.c for b in met), max(b.d for b in met), max(Fraction(0), *(b.b for b in met))
        w, rate = exact(self.w), exact(k)
        odd = 1
        for j in range(d, 1, -2):
            odd *= j
        spread = 2 * (rate * rate * w / 2).exp() * 2**d * ((1 + rate * w) ** d + w.sqrt() ** d * odd)
        return Growth(above(exact(c) * spread), d, k)

    def outer_reach(self, side: int, inside: Growth) -> tuple[Fraction, Any]:
        """The reach in u: f(u) times the bound of G(u), with (1 + |r u|) <= (1 + |r|)(1 + |u|)."""
        size = abs(self.r)
        of_u = Growth(inside.c * (1 + size) ** inside.d, inside.d, inside.b * size)
        return self.outer.reach(side, 0, exact(self.q1), of_u)

    def inner_reach(self, bound: Growth, far: Fraction) -> tuple[Fraction, Any]:
        """A span around r u beyond which g contributes little, for every |r u| <= far."""
        shifted = Growth(
            above(exact(bound.c) * (1 + exact(far)) ** bound.d * (exact(bound.b) * exact(far)).exp()), bound.d, bound.b
        )
        span, tail = reach_of(shifted, Fraction(0), exact(self.w), Fraction(0), self.inner.bits)
        return span, 2 * tail

    def inner_parts(self, low: Fraction, high: Fraction, work: Work) -> list[tuple[Part, Function]]:
        """The parts of g over all that is ever needed, compiled once."""
        return [(part, compiled(part.term)) for part in self.inner.parts(low, high, Fraction(0), work)]

    def given(
        self, u: Complex, inner: list[tuple[Part, Function]], span: Fraction, slack: Any, bound: Growth, work: Work
    ) -> Any:
        """G(u)."""
        mean = exact(self.r) * u
        if bool(u.rad() > arb(2) ** (-self.outer.bits // 2)) or not bool(u.imag == 0):
            a, b = abs(mean.real).upper(), abs(mean.imag).upper()
            size = (
                (b * b / (2 * exact(self.w))).exp() * exact(bound.c) * (1 + a) ** bound.d * (exact(bound.b) * a).exp()
            )
            radius = arb(0, size.upper())
            return acb(radius, radius)
        if work.left <= 0:  # an exception does not pass through the integrator
            return undefined()
        middle = midpoint(mean.real)
        scale, norm = -1 / (2 * exact(self.w)), (2 * arb.pi() * exact(self.w)).sqrt()
        total = arb(0)
        for part, g in inner:
            low, high = max(part.low, middle - span), min(part.high, middle + span)
            if low >= high:
                continue

            def integrand(v: Complex, analytic: bool, g: Function = g) -> Complex:
                work.left -= 1
                return g(v, analytic) * ((v - mean) ** 2 * scale).exp()

            if part.gap:
                total = total + integrand(acb(ball(low, high)), False).real * exact(high - low)
                continue
            for x, y in pairwise([low, middle, high] if low < middle < high else [low, high]):
                tolerance = arb(2) ** -self.inner.bits
                total = total + acb.integral(integrand, acb(exact(x)), acb(exact(y)), rel_tol=tolerance).real
        return acb(total / norm + arb(0, slack.upper()))
