"""Proven enclosures of E g(Y) for Y ~ Normal, Uniform or TruncatedNormal, g an expression in one variable.

The integral of g times the density is taken by ``acb.integral`` (Johansson 2018, Numerical integration in arbitrary
precision ball arithmetic), which bounds its own error for integrands that say where they are holomorphic. The real line
is cut at 0, at the mean and at the kinks of g, and on each piece the branch that holds there is integrated.

Tail of the normal law beyond T standard deviations, with Y = m + s Z and |g(y)| <= c (1 + |y|)^d e^(b |y|): for z >= T,

    h(z) = (1 + |m| + s z)^d e^(b s z) phi(z),   (log h)' <= d/z + b s - z <= -(T - b s - d/T) = -r,

so that, where r > 0, the two tails together are at most 2 c e^(b |m|) h(T)/r.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

import flint

from derive.gaussian.functions import PIECES, SMOOTH, Complex, acb, arb
from derive.gaussian.growth import Growth, NotCertified, growth, is_variable
from derive.language.functions import FUNCTIONS
from derive.language.terms import Add, Apply, Mul, Name, Neg, Num, Pow, Recip, Term, walk

Function = Callable[[Complex, bool], Complex]
Exact = int | Fraction
GUARD_BITS = 40
MOST_EVALUATIONS = 20_000


@lru_cache(maxsize=4096)
def expectation(term: Term, law: str, parameters: tuple[Exact, ...], *, digits: int = 30) -> Any:
    """The Arb ball of E g(Y); its radius says how good it is, ``digits`` how good it tries to be.

    Normal(mean, variance), Uniform(lo, hi), TruncatedNormal(mean, variance, lo, hi) of the parent. Raises
    ``NotCertified`` where no bound of the growth is known or the integrand stays unbounded.
    """
    bits = int(digits * 3.33) + 10
    with flint.ctx.workprec(bits + GUARD_BITS):
        return _Integral(term, bits).over(law, parameters)


@dataclass(frozen=True, slots=True)
class _Integral:
    term: Term
    bits: int

    def over(self, law: str, parameters: tuple[Exact, ...]) -> Any:
        match law, parameters:
            case "Uniform", (low, high) if low < high:
                return self.between(low, high, low, lambda _: acb(1)) / _arb(high - low)
            case "Normal", (mean, variance) if variance > 0:
                return self.normal(mean, variance, None, None)
            case "TruncatedNormal", (mean, variance, low, high) if variance > 0 and low < high:
                return self.normal(mean, variance, low, high) / _mass(mean, variance, low, high)
            case _:
                raise NotCertified(f"{law}{parameters} is no law with a density here")

    def normal(self, mean: Exact, variance: Exact, low: Exact | None, high: Exact | None) -> Any:
        """The integral of g times the density of N(mean, variance), over the line or between two ends."""
        bound = growth(self.term, value_of)
        reach, tail = _reach(bound, mean, variance, self.bits)
        start = mean - reach if low is None else max(low, mean - reach)
        end = mean + reach if high is None else min(high, mean + reach)
        cut = low is None or high is None or low < start or high > end
        scale, middle = _arb(Fraction(-1, 2) / variance), _arb(mean)
        norm = (2 * arb.pi() * _arb(variance)).sqrt()

        def density(y: Complex) -> Complex:
            return ((y - middle) ** 2 * scale).exp() / norm

        inside = self.between(start, end, mean, density) if start < end else arb(0)
        return inside + arb(0, tail) if cut else inside

    def between(self, low: Exact, high: Exact, mean: Exact, density: Callable[[Complex], Complex]) -> Any:
        """The integral of g times a density between two rational ends."""
        cuts = {p for p in (*kinks(self.term), Fraction(0), Fraction(mean)) if low < p < high}
        points = [Fraction(low), *sorted(cuts), Fraction(high)]
        out = arb(0)
        for a, b in pairwise(points):
            out = out + self.piece(a, b, density)
        if not out.is_finite():
            raise NotCertified("the integral did not converge")
        return out

    def piece(self, low: Fraction, high: Fraction, density: Callable[[Complex], Complex]) -> Any:
        """The integral of g times a density where no kink lies in between."""
        g = compiled(self.term, (low + high) / 2)

        def integrand(y: Complex, analytic: bool) -> Complex:
            return g(y, analytic) * density(y)

        ends = acb(_arb(low)), acb(_arb(high))
        return acb.integral(integrand, *ends, rel_tol=arb(2) ** -self.bits, eval_limit=MOST_EVALUATIONS).real


def _reach(bound: Growth, mean: Exact, variance: Exact, bits: int) -> tuple[Fraction, Any]:
    """How far from the mean to integrate, and a bound on what both tails beyond that contribute.

    The factor e^((b s)^2/2) is the size that e^(b s z) gives the whole integral; the tails are small against it.
    """
    deviation = _arb(variance).sqrt()
    pull = _arb(bound.b) * deviation
    front = 2 * _arb(bound.c) * (_arb(bound.b) * abs(_arb(mean))).exp() / (2 * arb.pi()).sqrt()
    target = arb(2) ** (-bits - GUARD_BITS // 2) * (pull * pull / 2).exp()
    beyond = Fraction(int(pull.upper().ceil().unique_fmpz() or 0) + 4)
    for _ in range(400):
        # a rational reach with few digits, so that the ends of the integral are exact
        reach = _rational_above(_arb(beyond) * deviation)
        t = _arb(reach) / deviation
        rate = t - pull - bound.d / t
        if bool(rate > 0):
            size = (1 + abs(_arb(mean)) + _arb(reach)) ** bound.d * (pull * t - t * t / 2).exp()
            tail = front * size / rate
            if bool(tail < target):
                return reach, tail.upper()
        beyond += 1
    raise NotCertified("the tails are too heavy")


def _rational_above(ball: Any) -> Fraction:
    mantissa, exponent = ball.upper().man_exp()
    value = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    shift = Fraction(2) ** (value.numerator.bit_length() - value.denominator.bit_length() - 12)
    return (value // shift + 1) * shift


def _mass(mean: Exact, variance: Exact, low: Exact, high: Exact) -> Any:
    """P(low < Y < high) for Y ~ N(mean, variance), from the side on which erfc does not cancel."""
    scale = (2 * _arb(variance)).sqrt()
    a, b = _arb(low - mean) / scale, _arb(high - mean) / scale
    if low >= mean:
        return (a.erfc() - b.erfc()) / 2
    if high <= mean:
        return ((-b).erfc() - (-a).erfc()) / 2
    return (b.erf() - a.erf()) / 2


def _arb(value: Exact) -> Any:
    return arb(flint.fmpq(value.numerator, value.denominator))


# --- expressions --------------------------------------------------------------------------------


def value_of(term: Term) -> Any:
    """The Arb ball of a constant term. Raises ``NotCertified`` where it is not finite."""
    result = compiled(term, Fraction(0))(acb(0), False).real
    if not result.is_finite():
        raise NotCertified("a constant that is not defined")
    return result


def compiled(term: Term, within: Fraction) -> Function:
    """The term as a function of a complex ball, on the piece between kinks in which a point lies."""
    if is_variable(term):
        return lambda y, _: y
    match term:
        case Num(value=number):
            return lambda _, __: acb(_arb(number))
        case Name():
            return lambda _, __: acb(arb.pi())
        case Neg(term=inner):
            f = compiled(inner, within)
            return lambda y, a: -f(y, a)
        case Recip(term=inner):
            f = compiled(inner, within)
            return lambda y, a: 1 / f(y, a)
        case Add(terms=terms):
            return _folded([compiled(t, within) for t in terms], lambda u, v: u + v)
        case Mul(factors=factors):
            return _folded([compiled(t, within) for t in factors], lambda u, v: u * v)
        case Pow(base=base, exponent=Num(value=exponent)):
            return _power(compiled(base, within), exponent)
        case Apply():
            return _applied(term, within)
        case _:
            raise NotCertified("this expression is not integrated")


def _folded(parts: list[Function], operation: Callable[[Complex, Complex], Complex]) -> Function:
    def value(y: Complex, analytic: bool) -> Complex:
        out = parts[0](y, analytic)
        for part in parts[1:]:
            out = operation(out, part(y, analytic))
        return out

    return value


def _power(base: Function, exponent: Fraction) -> Function:
    if exponent.denominator == 1:
        whole = int(exponent)
        return lambda y, a: base(y, a) ** whole
    if exponent.denominator == 2:
        twice = int(exponent * 2)
        return lambda y, a: SMOOTH["sqrt"](base(y, a), a) ** twice
    raise NotCertified("an exponent is an integer or a half")


def _applied(term: Apply, within: Fraction) -> Function:
    name, args = term.function, [compiled(t, within) for t in term.args]
    if name in SMOOTH and len(args) == 1:
        return lambda y, a: SMOOTH[name](args[0](y, a), a)
    if name in PIECES and len(args) == 1:
        hint = _branch(name, term.args[0], within)
        return lambda y, a: PIECES[name].at(args[0](y, a), a, hint)
    hint = _branch("relu", _tested(term), within) if len(args) == 2 else None
    relu = PIECES["relu"]
    match name:
        case "max":
            return lambda y, a: (v := args[1](y, a)) + relu.at(args[0](y, a) - v, a, hint)
        case "min":
            return lambda y, a: (u := args[0](y, a)) - relu.at(u - args[1](y, a), a, hint)
        case "leaky_relu":

            def leaky(y: Complex, a: bool) -> Complex:
                u, slope = args[0](y, a), args[1](y, a)
                return slope * u + (1 - slope) * relu.at(u, a, hint)

            return leaky
        case _:
            known = "cannot be integrated" if name in FUNCTIONS else "is unknown"
            raise NotCertified(f"`{name}` {known}")


# --- kinks --------------------------------------------------------------------------------------


def _tested(term: Apply) -> Term:
    """What a function with kinks compares with its thresholds."""
    if term.function in {"max", "min"}:
        return Add((term.args[0], Neg(term.args[1])))
    return term.args[0]


def kinks(term: Term) -> tuple[Fraction, ...]:
    """Where g may have kinks or jumps, as far as these are roots of linear arguments."""
    found: set[Fraction] = set()
    for part in walk(term):
        if isinstance(part, Apply) and (part.function in PIECES or part.function in {"max", "min", "leaky_relu"}):
            line = _line(_tested(part))
            thresholds = PIECES[part.function].thresholds if part.function in PIECES else (0,)
            if line is not None and line[0]:
                found.update((t - line[1]) / line[0] for t in thresholds)
    return tuple(sorted(found))


def _branch(name: str, argument: Term, within: Fraction) -> int | None:
    """The branch that holds at a point between kinks, for an argument that is linear."""
    line = _line(argument)
    if line is None:
        return None
    x = line[0] * within + line[1]
    thresholds = PIECES[name].thresholds
    return None if x in thresholds else sum(1 for t in thresholds if x > t)


def _line(term: Term) -> tuple[Fraction, Fraction] | None:
    """(a, b) if the term is a y + b with rational a and b."""
    if is_variable(term):
        return Fraction(1), Fraction(0)
    match term:
        case Num(value=number):
            return Fraction(0), number
        case Neg(term=inner):
            line = _line(inner)
            return None if line is None else (-line[0], -line[1])
        case Add(terms=terms):
            lines = [_line(t) for t in terms]
            known = [line for line in lines if line is not None]
            if len(known) < len(lines):
                return None
            return sum((a for a, _ in known), Fraction(0)), sum((b for _, b in known), Fraction(0))
        case Recip(term=inner):
            line = _line(inner)
            return (Fraction(0), 1 / line[1]) if line is not None and not line[0] and line[1] else None
        case Mul(factors=factors):
            out = (Fraction(0), Fraction(1))
            for factor in factors:
                line = _line(factor)
                if line is None or (out[0] and line[0]):
                    return None
                out = (out[0] * line[1] + line[0] * out[1], out[1] * line[1])
            return out
        case _:
            return None
