"""Proven enclosures of E g(Y) for Y ~ Normal, Uniform or TruncatedNormal, g an expression in one variable.

The integral of g times the density is taken by ``acb.integral`` (Johansson 2018, Numerical integration in arbitrary
precision ball arithmetic), which bounds its own error for integrands that say where they are holomorphic. The real line
is cut at 0, at the mean and at the kinks of g, and on each piece the branch that holds there is integrated.

Tail of N(m, v) beyond T on one side, where |g(z)| <= c (1 + t)^d e^(b t + s t^2) and z = side t: for t >= T,

    h(t) = (1 + t)^d e^(b t + s t^2 - (t - side m)^2/(2 v)),   -(log h)' >= (T - side m)/v - 2 s T - b - d/(1 + T) = r,

so that, where r > 0, the tail is at most c h(T)/(r sqrt(2 pi v)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

import flint

from derive.gaussian.calculus import tidied
from derive.gaussian.divergence import diverges
from derive.gaussian.errors import Divergent, NoTailBound, NotCertified, OutOfWork
from derive.gaussian.functions import Complex, acb, arb
from derive.gaussian.growth import Growth, growth, written_out
from derive.gaussian.isolated import Part, ball, parts
from derive.gaussian.pieces import Piece, pieces
from derive.gaussian.programs import compiled, exact
from derive.gaussian.work import Work, weight
from derive.language.catalog import in_variable
from derive.language.errors import LanguageError
from derive.language.terms import Entry, Name, Term, walk

Exact = int | Fraction
Density = Callable[[Complex], Complex]
GUARD_BITS = 40
MOST_EVALUATIONS = 70_000  # of the integrand, over all parts: a third of a second
LEAST_ACCURACY = 10  # bits, relative or behind the point, of what an integral says that ran out of work
UNCERTIFIED_REACH, UNCERTIFIED_ACCURACY = 12, 20  # standard deviations, bits
UNCERTIFIED_BITS = 600  # what has no growth bound tends to cancel


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an integral: the ball, or why there is none, and the evaluations of a plain integrand it took."""

    ball: Any
    failure: NotCertified | None
    evaluations: int


def expectation(term: Term, law: str, parameters: tuple[Exact, ...], *, digits: int = 30) -> Any:
    """The Arb ball of E g(Y); its radius says how good it is, ``digits`` how good it tries to be.

    Normal(mean, variance), Uniform(lo, hi), TruncatedNormal(mean, variance, lo, hi) of the parent. Raises
    ``NotCertified`` where no bound of the growth is known or the integrand stays unbounded, ``Divergent`` where the
    expectation does not exist.
    """
    found = attempted(term, law, parameters, digits=digits)
    if found.failure is not None:
        raise found.failure.with_traceback(None)
    return found.ball


@lru_cache(maxsize=4096)
def attempted(term: Term, law: str, parameters: tuple[Exact, ...], *, digits: int = 30) -> Attempt:
    """``expectation`` with what it cost; what raises ``NotCertified`` there is told here."""
    work = Work(MOST_EVALUATIONS)
    try:
        written = in_variable(term, _variable(term))
        with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
            return Attempt(integral_of(written, bits_of(digits)).over(law, parameters, work), None, work.done)
    except LanguageError as error:
        return Attempt(None, NotCertified(error.message), work.done)
    except NotCertified as reason:
        return Attempt(None, reason, work.done)


def normal_expectation(term: Term, variance: Any, *, digits: int = 30) -> Any:
    """The Arb ball of E g(z), z ~ N(0, variance), for an unfolded term in ``z``; the variance may be a ball itself."""
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        return integral_of(term, bits_of(digits)).normal(Fraction(0), variance, None, None)


def estimate(term: Term, variance: Any, *, digits: int = 30) -> Any:
    """A ball that proves nothing, of E g(z) without its tails; None where even that is not known.

    Only whoever shows it asks for it: what oscillates or is not defined everywhere uses up its whole bound of work.
    """
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        return integral_of(term, bits_of(digits)).estimate(Fraction(0), variance)


def bits_of(digits: int) -> int:
    """How many bits a number of digits needs."""
    return int(digits * 3.33) + 10


def _variable(term: Term) -> Term:
    for t in walk(term):
        if isinstance(t, Entry) or (isinstance(t, Name) and t.name != "pi"):
            return t
    return Name("z")


@lru_cache(maxsize=1024)
def integral_of(term: Term, bits: int) -> Integral:
    """The integrals of an unfolded term in ``z``."""
    return Integral(pieces(tidied(term)), bits)


@dataclass(frozen=True, slots=True)
class Integral:
    """The integrals of g, given by its pieces, times a density; at the precision in force."""

    pieces: tuple[Piece, ...]
    bits: int

    def over(self, law: str, parameters: tuple[Exact, ...], work: Work | None = None) -> Any:
        """E g(Y) under a law; ``work`` counts what it takes."""
        match law, parameters:
            case "Uniform", (low, high) if low < high:
                return self.between(low, high, low, lambda _: acb(1), work) / exact(high - low)
            case "Normal", (mean, variance) if variance > 0:
                return self.normal(mean, variance, None, None, work)
            case "TruncatedNormal", (mean, variance, low, high) if variance > 0 and low < high:
                return self.normal(mean, variance, low, high, work) / _mass(mean, variance, low, high)
            case _:
                raise NotCertified(f"{law}{parameters} is no law with a density here")

    def normal(
        self, mean: Exact, variance: Any, low: Exact | None, high: Exact | None, work: Work | None = None
    ) -> Any:
        """The integral of g times the density of N(mean, variance), over the line or between two ends.

        Raises ``NoTailBound`` where the growth of g is not known.
        """
        v = variance if isinstance(variance, arb) else exact(variance)
        if not bool(v > 0):
            raise NotCertified("the variance is not shown to be positive")
        try:
            (left, left_tail), (right, right_tail) = (self.reach(side, mean, v) for side in (-1, 1))
        except Divergent:
            raise
        except NotCertified as reason:
            raise NoTailBound(str(reason)) from None
        start = -left if low is None else max(Fraction(low), -left)
        end = right if high is None else min(Fraction(high), right)
        inside = self.between(start, end, mean, normal_density(mean, v), work, _small(v)) if start < end else arb(0)
        tails = (left_tail if low is None or low < start else arb(0)) + (
            right_tail if high is None or high > end else arb(0)
        )
        return inside + arb(0, tails.upper())

    def reach(self, side: int, mean: Exact, variance: Any, further: Growth | None = None) -> tuple[Fraction, Any]:
        """How far to integrate on one side of 0, and a bound on what the tail beyond that contributes.

        ``further``: the bound of a factor that is no part of g.
        """
        outer = self.pieces[0] if side < 0 else self.pieces[-1]
        if diverges(outer.term, side, variance):
            raise Divergent("the expectation does not exist: the integrand outgrows the normal density")
        bound = growth(outer.term, side) * (further or Growth(Fraction(1)))
        room = 1 - 2 * exact(bound.s) * variance
        if not bool(room > 0):
            raise NotCertified("the growth bound is too weak for this variance")
        kink = side * ((outer.high if side < 0 else outer.low) or Fraction(0))
        return reach_of(bound, side * Fraction(mean), variance, max(kink, Fraction(0)), self.bits)

    def between(
        self, low: Exact, high: Exact, mean: Exact, density: Density, work: Work | None = None, small: Any = 1
    ) -> Any:
        """The integral of g times a density between two rational ends.

        small: what the integral may be as small as. Raises ``OutOfWork`` where the work allowed leaves it unknown.
        """
        out, work = arb(0), work or Work(MOST_EVALUATIONS)
        for part in self.parts(Fraction(low), Fraction(high), Fraction(mean), work):
            out = out + self.part(part, density, work, small)
        if work.left <= 0 and not bool(out.rad() < arb(2) ** -LEAST_ACCURACY * abs(out).upper().max(arb(1))):
            raise OutOfWork
        if not out.is_finite():
            raise NotCertified("the integral did not converge")
        return out

    def parts(self, low: Fraction, high: Fraction, mean: Fraction, work: Work) -> Iterator[Part]:
        """The pieces between two ends, cut at 0, at the mean and at kinks whose argument is not linear."""
        for piece in self.pieces:
            a = low if piece.low is None else max(low, piece.low)
            b = high if piece.high is None else min(high, piece.high)
            cuts = sorted({a, b, *(p for p in (Fraction(0), mean) if a < p < b)}) if a < b else []
            for x, y in pairwise(cuts):
                yield from parts(piece.term, x, y, self.bits, work)

    def part(self, part: Part, density: Density, work: Work, small: Any = 1) -> Any:
        """The integral of g times a density where no kink lies in between, or a bound on it in a short gap."""
        g = compiled(part.term)
        cost = weight(part.term)
        work.spend(cost)

        def integrand(z: Complex, analytic: bool) -> Complex:
            work.count(cost)
            return g(z, analytic) * density(z)

        if part.gap:
            return integrand(acb(ball(part.low, part.high)), False).real * exact(part.high - part.low)
        ends = acb(exact(part.low)), acb(exact(part.high))
        tolerances = {"rel_tol": arb(2) ** -self.bits, "abs_tol": arb(2) ** -flint.ctx.prec * small}
        return acb.integral(integrand, *ends, **tolerances, eval_limit=1 + work.left // cost).real

    def estimate(self, mean: Exact, variance: Any) -> Any:
        """What the integral is without its tails, None where even that is not known."""
        deviation = Fraction(int((variance.sqrt() * 2**20).upper().ceil().unique_fmpz() or 0), 2**20)
        reach = UNCERTIFIED_REACH * deviation
        try:
            with flint.ctx.workprec(flint.ctx.prec + UNCERTIFIED_BITS):
                found = self.between(mean - reach, mean + reach, mean, normal_density(mean, variance))
        except NotCertified:
            return None
        return found if found.rel_accuracy_bits() > UNCERTIFIED_ACCURACY else None


def normal_density(mean: Exact, variance: Any) -> Density:
    """The density of N(mean, variance)."""
    scale, middle = -1 / (2 * variance), exact(mean)
    norm = (2 * arb.pi() * variance).sqrt()
    if mean == 0:
        return lambda z: (z * z * scale).exp() / norm
    return lambda z: ((z - middle) ** 2 * scale).exp() / norm


def reach_of(bound: Growth, mean: Fraction, variance: Any, kink: Fraction, bits: int) -> tuple[Fraction, Any]:
    """T and a bound on the tail beyond it; ``mean`` is measured towards the side.

    The tail is made small against ``_small``.
    """
    c, b, s = exact(bound.c), exact(bound.b), exact(bound.s)
    wide = (variance / (1 - 2 * s * variance)).sqrt()
    target = arb(2) ** (-bits - GUARD_BITS // 2) * _small(variance)
    start = (exact(mean) / variance + b) * wide * wide
    for k in range(4, 400):
        far = (start + k * wide).max(exact(kink)).max(wide)
        reach = rational_above(far)
        t = exact(reach)
        rate = (t - exact(mean)) / variance - 2 * s * t - b - bound.d / (1 + t)
        if bool(rate > 0):
            height = (1 + t) ** bound.d * (b * t + s * t * t - (t - exact(mean)) ** 2 / (2 * variance)).exp()
            tail = c * height / (rate * (2 * arb.pi() * variance).sqrt())
            if bool(tail < target):
                return reach, tail.upper()
    raise NotCertified("the tails are too heavy")


def _small(variance: Any) -> Any:
    """min(1, v)^2: what is asked of a moment that is not 0, because second moments of small variances are small."""
    return variance.lower().min(arb(1)) ** 2


def midpoint(value: Any) -> Fraction:
    """The middle of a ball, exactly."""
    return written_out(value.mid())


def rational_above(value: Any) -> Fraction:
    """A rational number with few digits that is not below, so that the ends of the integral are exact."""
    number = written_out(value.upper())
    shift = Fraction(2) ** (number.numerator.bit_length() - number.denominator.bit_length() - 12)
    return (number // shift + 1) * shift


def _mass(mean: Exact, variance: Exact, low: Exact, high: Exact) -> Any:
    """P(low < Y < high) for Y ~ N(mean, variance), from the side on which erfc does not cancel."""
    scale = (2 * exact(variance)).sqrt()
    a, b = exact(low - mean) / scale, exact(high - mean) / scale
    if low >= mean:
        return (a.erfc() - b.erfc()) / 2
    if high <= mean:
        return ((-b).erfc() - (-a).erfc()) / 2
    return (b.erf() - a.erf()) / 2
