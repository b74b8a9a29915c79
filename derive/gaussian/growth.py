"""Growth bounds of an unfolded term, computed from it; they bound the tails of integrals.

On one side of 0, with z = t or z = -t and t >= 0: |g(z)| <= c (1 + t)^d e^(b t + s t^2), where b and s may be negative.
Beside it stand bounds from above, g(z) <= a + b t + s t^2, from which those of exp, log, roots and quotients come.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from derive.gaussian.calculus import MINUS_ONE, Z, depends, rational, times
from derive.gaussian.errors import NotCertified
from derive.gaussian.programs import exact, value_of
from derive.language.functions import FUNCTIONS
from derive.language.terms import Add, Apply, Mul, Name, Neg, Pow, Recip, Term, number

# |f(x)| <= c everywhere
BOUNDED = dict.fromkeys("sin cos tanh erf sign step sigmoid".split(), 1) | {"atan": 2, "asin": 2}
LARGEST_EXPONENT = 256
MOST_EXPONENT = 1_000_000  # of 2, in a bound that is written out
ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Growth:
    """|g(z)| <= c (1 + t)^d e^(b t + s t^2) for z = side t, t >= 0."""

    c: Fraction
    d: int = 0
    b: Fraction = ZERO
    s: Fraction = ZERO

    def __add__(self, other: Growth) -> Growth:
        """The bound of a sum."""
        return Growth(self.c + other.c, max(self.d, other.d), max(self.b, other.b), max(self.s, other.s))

    def __mul__(self, other: Growth) -> Growth:
        """The bound of a product."""
        return Growth(_short(self.c * other.c), self.d + other.d, self.b + other.b, self.s + other.s)

    def power(self, exponent: Fraction) -> Growth:
        """The bound of a power with a positive exponent."""
        d = -(-self.d * exponent.numerator // exponent.denominator)
        if d > LARGEST_EXPONENT or exponent > LARGEST_EXPONENT:
            raise NotCertified("the exponent is too large")
        c = above(exact(self.c) ** exact(exponent)) if self.c else ZERO
        return Growth(c, d, self.b * exponent, self.s * exponent)


@dataclass(frozen=True, slots=True)
class Above:
    """g(z) <= a + b t + s t^2 for z = side t, t >= 0."""

    a: Fraction
    b: Fraction = ZERO
    s: Fraction = ZERO

    def __add__(self, other: Above) -> Above:
        """The bound of a sum."""
        return Above(self.a + other.a, self.b + other.b, self.s + other.s)

    def __or__(self, other: Above) -> Above:
        """A bound of the larger of two."""
        return Above(max(self.a, other.a), max(self.b, other.b), max(self.s, other.s))

    def scaled(self, c: Fraction) -> Above:
        """The bound times a number that is not negative."""
        return Above(self.a * c, self.b * c, self.s * c)

    def highest(self) -> Fraction | None:
        """The largest value over t >= 0, None where there is none."""
        if self.s > 0 or (self.s == 0 and self.b > 0):
            return None
        return self.a + (self.b * self.b / (-4 * self.s) if self.b > 0 else 0)


@lru_cache(maxsize=4096)
def growth(term: Term, side: int) -> Growth:
    """The growth bound on the right (1) or on the left (-1). Raises ``NotCertified`` where none is known."""
    if not depends(term):
        return Growth(above(abs(value_of(term))))
    match term:
        case Name():
            return Growth(Fraction(1), 1)
        case Neg(term=inner):
            return growth(inner, side)
        case Add(terms=terms):
            first, *others = (growth(t, side) for t in terms)
            return sum(others, first)
        case Mul(factors=factors):
            out = Growth(Fraction(1))
            for t in factors:
                out = out * growth(t, side)
            return out
        case Recip(term=inner):
            return _reciprocal(inner, side)
        case Pow(base=base, exponent=exponent):
            return _power(base, exponent, side)
        case Apply():
            return _function(term, side)
        case _:
            raise NotCertified("no growth bound is known for this expression")


def _power(base: Term, exponent: Term, side: int) -> Growth:
    value = rational(exponent)
    if value is not None:
        return growth(base, side).power(value) if value > 0 else _reciprocal(base, side).power(-value)
    if depends(base):
        raise NotCertified("no growth bound is known for a power of the variable")
    return _exponential(times(exponent, Apply("log", (base,))), side)


def _reciprocal(term: Term, side: int) -> Growth:
    match term:
        case Apply(function="exp", args=(u,)):
            return _exponential(times(MINUS_ONE, u), side)
        case Mul(factors=factors):
            out = Growth(Fraction(1))
            for t in factors:
                out = out * (growth(t.term, side) if isinstance(t, Recip) else _reciprocal(t, side))
            return out
        case Pow(base=base, exponent=exponent) if (value := rational(exponent)) is not None and value > 0:
            return _reciprocal(base, side).power(value)
        case _:
            least = away_from_zero(term, side)
            if least is None:
                raise NotCertified("no growth bound is known for a quotient whose divisor may come close to 0")
            return Growth(1 / least)


def _function(term: Apply, side: int) -> Growth:
    match term.function, term.args:
        case name, _ if name in BOUNDED:
            return Growth(Fraction(BOUNDED[name]))
        case "softplus", (u,):
            return Growth(Fraction(1)) + growth(u, side)
        case "relu" | "abs", (u,):
            return growth(u, side)
        case "max" | "min", (u, v):
            return growth(u, side) + growth(v, side)
        case "exp", (u,):
            return _exponential(u, side)
        case "sqrt", (u,):
            return growth(u, side).power(Fraction(1, 2))
        case "log", (u,):
            return _logarithm(u, side)
        case name, _:
            known = "needs a growth bound that is not known" if name in FUNCTIONS else "is unknown"
            raise NotCertified(f"`{name}` {known}")


def _exponential(exponent: Term, side: int) -> Growth:
    """exp(u) with u <= a + b t + s t^2: c = e^a."""
    bound = upper(exponent, side, 1)
    return Growth(above(exact(bound.a).exp()), 0, bound.b, bound.s)


def _logarithm(term: Term, side: int) -> Growth:
    """|log u| <= |log m| + |log c| + d log(1 + t) + |b| t + |s| t^2 for m <= u <= c (1 + t)^d e^(b t + s t^2)."""
    least = away_from_zero(term, side)
    if least is None:
        raise NotCertified("`log` needs a growth bound that is not known")
    most = growth(term, side)
    constant = above(abs(exact(least).log()) + abs(exact(max(most.c, Fraction(1))).log()))
    return Growth(constant + most.d + abs(most.b) + abs(most.s), 2 if most.s else 1 if most.d or most.b else 0)


# --- bounds from above --------------------------------------------------------------------------


def upper(term: Term, side: int, sign: int) -> Above:
    """A bound of sign*term from above. Raises ``NotCertified`` where none of this form is known."""
    if not depends(term):
        return Above(above(value_of(term) * sign))
    match term:
        case Name():
            return Above(ZERO, Fraction(sign * side))
        case Neg(term=inner):
            return upper(inner, side, -sign)
        case Add(terms=terms):
            out = Above(ZERO)
            for t in terms:
                out = out + upper(t, side, sign)
            return out
        case Mul(factors=factors):
            return _product_above(factors, side, sign)
        case Pow(base=base, exponent=exponent) if base == Z and rational(exponent) == 2:
            return Above(ZERO, ZERO, Fraction(sign))
        case Pow(base=base, exponent=exponent) if sign < 0 and (rational(exponent) or Fraction(1)) % 2 == 0:
            return Above(ZERO)
        case Pow(base=base, exponent=exponent) if base == Z and (odd := rational(exponent)) and odd % 2 == 1:
            return Above(ZERO) if sign * side < 0 and odd > 0 else _from_growth(term, side)
        case Apply():
            return _function_above(term, side, sign)
        case _:
            return _from_growth(term, side)


def _product_above(factors: tuple[Term, ...], side: int, sign: int) -> Above:
    constant = times(*(f for f in factors if not depends(f)))
    rest = [f for f in factors if depends(f)]
    value = value_of(constant)
    if not (bool(value > 0) or bool(value < 0)):
        return _from_growth(Mul(factors), side)
    turned = sign if bool(value > 0) else -sign
    if len(rest) == 2 and rest[0] == rest[1]:
        rest = list[Term]([Pow(rest[0], number(2))])
    if len(rest) == 1 and not isinstance(rest[0], Recip):
        inner = upper(rest[0], side, turned)
    elif turned * plain_sign(rest, side) < 0:
        inner = Above(ZERO)
    else:
        inner = _from_growth(times(*rest), side)
    size = abs(value)
    bounds = [Above(*(c * end for c in (inner.a, inner.b, inner.s))) for end in (above(size), -above(-size))]
    return bounds[0] | bounds[1]


def plain_sign(factors: list[Term], side: int) -> int:
    """1 or -1 if the product plainly has that sign (or is 0) on the side, else 0."""
    out = 1
    for factor in factors:
        match factor:
            case Name():
                out *= side
            case Pow(exponent=exponent) if (rational(exponent) or Fraction(1)) % 2 == 0:
                pass
            case Pow(base=base) if base == Z:
                out *= side
            case Apply(function=("abs" | "exp" | "sigmoid" | "softplus" | "relu" | "step" | "sqrt")):
                pass
            case Recip(term=inner):
                out *= plain_sign([inner], side)
            case _:
                return 0
    return out


def _function_above(term: Apply, side: int, sign: int) -> Above:
    match term.function, term.args:
        case "relu", (u,):
            return Above(ZERO) | upper(u, side, 1) if sign > 0 else Above(ZERO)
        case "max" | "min", (u, v):
            bounds = [upper(u, side, sign), upper(v, side, sign)]
            if (term.function == "max") == (sign > 0):
                return bounds[0] | bounds[1]
            return min(bounds, key=lambda k: (k.s, k.b, k.a))
        case "exp", (u,) if sign < 0:
            highest = upper(u, side, -1).highest()
            return Above(ZERO if highest is None else -below(exact(-highest).exp()))
        case "sqrt", (u,) if sign < 0:
            least = away_from_zero(u, side)
            return Above(ZERO if least is None else -below(exact(least).sqrt()))
        case "log", (u,) if sign > 0:
            most = growth(u, side)
            return Above(above(exact(max(most.c, Fraction(1))).log()), most.d + most.b, most.s)
        case "abs" | "sigmoid" | "softplus" | "step", _ if sign < 0:
            return Above(ZERO)
        case _:
            return _from_growth(term, side)


def _from_growth(term: Term, side: int) -> Above:
    bound = growth(term, side)
    if bound.d > 2 or bound.b > 0 or bound.s > 0:
        raise NotCertified("`exp` of what grows faster than quadratically")
    c = bound.c
    return (Above(c), Above(c, c), Above(c, 2 * c, c))[bound.d]


def away_from_zero(term: Term, side: int) -> Fraction | None:
    """A positive m with |term| >= m on the side, None where none is seen."""
    if isinstance(term, Pow) and (value := rational(term.exponent)) is not None and value > 0:
        least = away_from_zero(term.base, side)
        return None if least is None else below(exact(least) ** exact(value))
    for sign in (1, -1):
        try:
            highest = upper(term, side, -sign).highest()
        except NotCertified:
            continue
        if highest is not None and highest < 0:
            return -highest
    return None


# --- numbers ------------------------------------------------------------------------------------


def written_out(point: Any) -> Fraction:
    """The value of an Arb number without radius. Raises ``NotCertified`` where it is too long to write down."""
    mantissa, exponent = point.man_exp()
    if abs(exponent) > MOST_EXPONENT:
        raise NotCertified("a number too large or too small to write down")
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def above(ball: Any) -> Fraction:
    """A rational number that is not below any point of a ball."""
    if not ball.is_finite():
        raise NotCertified("a constant that is not defined")
    return written_out(ball.upper())


def below(ball: Any) -> Fraction:
    """A rational number that is not above any point of a ball."""
    return -above(-ball)


def _short(value: Fraction) -> Fraction:
    """A number with few digits that is not below; products of bounds stay short."""
    if value.numerator.bit_length() < 200 and value.denominator.bit_length() < 200:
        return value
    shift = Fraction(2) ** (value.numerator.bit_length() - value.denominator.bit_length() - 60)
    return (value // shift + 1) * shift
