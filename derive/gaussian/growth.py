"""Growth bounds |g(y)| <= c (1 + |y|)^d e^(b |y|), computed from the expression; they bound the tails of integrals."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.language.functions import FUNCTIONS
from derive.language.terms import Add, Apply, Entry, Mul, Name, Neg, Num, Pow, Recip, Term, walk

# |f(x)| <= c everywhere; |f(x)| <= c (1 + |x|) everywhere
BOUNDED = dict.fromkeys("sin cos tanh erf sign step sigmoid softsign hard_tanh".split(), 1) | {"atan": 2, "relu6": 6}
LINEAR = {"abs": 1, "relu": 1, "softplus": 1, "gelu": 1, "silu": 1, "mish": 1, "elu": 1, "selu": 2}
LARGEST_EXPONENT = 256


class NotCertified(Exception):
    """No proven enclosure; the message says why."""


@dataclass(frozen=True, slots=True)
class Growth:
    """|g(y)| <= c (1 + |y|)^d e^(b |y|) for every real y."""

    c: Fraction
    d: int = 0
    b: Fraction = Fraction(0)

    def __add__(self, other: Growth) -> Growth:
        """The bound of a sum."""
        return Growth(self.c + other.c, max(self.d, other.d), max(self.b, other.b))

    def __mul__(self, other: Growth) -> Growth:
        """The bound of a product."""
        return Growth(self.c * other.c, self.d + other.d, self.b + other.b)


def is_variable(term: Term) -> bool:
    """Whether the term is the variable: an entry, or a name that is not ``pi``."""
    return isinstance(term, Entry) or (isinstance(term, Name) and term.name != "pi")


def constant(term: Term) -> bool:
    """Whether the variable does not occur."""
    return not any(is_variable(t) for t in walk(term))


def growth(term: Term, value: Any) -> Growth:
    """A growth bound; ``value`` gives the Arb ball of a constant term. Raises ``NotCertified`` where none is known."""
    if constant(term):
        return Growth(above(abs(value(term))))
    if is_variable(term):
        return Growth(Fraction(1), 1)
    match term:
        case Neg(term=inner):
            return growth(inner, value)
        case Add(terms=terms):
            out = Growth(Fraction(0))
            for t in terms:
                out = out + growth(t, value)
            return out
        case Mul(factors=factors):
            out = Growth(Fraction(1))
            for t in factors:
                out = out * growth(t, value)
            return out
        case Pow(base=base, exponent=Num(value=exponent)) if exponent.denominator == 1 and exponent >= 0:
            inner = growth(base, value)
            k = int(exponent)
            if k * max(inner.d, 1) > LARGEST_EXPONENT:
                raise NotCertified("the exponent is too large")
            return Growth(inner.c**k, inner.d * k, inner.b * k)
        case Apply():
            return _function(term, value)
        case _:
            raise NotCertified("no growth bound is known for a quotient, a root or a power of the variable")


def _function(term: Apply, value: Any) -> Growth:
    name = term.function
    if name in BOUNDED:
        return Growth(Fraction(BOUNDED[name]))
    if name in LINEAR:
        return (Growth(Fraction(1)) + growth(term.args[0], value)) * Growth(Fraction(LINEAR[name]))
    match name, term.args:
        case "leaky_relu", (argument, slope):
            return growth(argument, value) * (Growth(Fraction(1)) + growth(slope, value))
        case (("max" | "min"), (left, right)):
            return growth(left, value) + growth(right, value)
        case "exp", (exponent,):
            return _exponential(exponent, value)
        case _:
            known = "needs a growth bound that is not known" if name in FUNCTIONS else "is unknown"
            raise NotCertified(f"`{name}` {known}")


def _exponential(exponent: Term, value: Any) -> Growth:
    """exp(t) with t <= a + b |y|: c = e^a."""
    import flint

    a, b = _upper(exponent, value)
    return Growth(above(flint.arb(flint.fmpq(a.numerator, a.denominator)).exp()), 0, b)


def _upper(term: Term, value: Any) -> tuple[Fraction, Fraction]:
    """(a, b) with t(y) <= a + b |y|."""
    if constant(term):
        return above(value(term)), Fraction(0)
    match term:
        case Add(terms=terms):
            parts = [_upper(t, value) for t in terms]
            return sum((a for a, _ in parts), Fraction(0)), sum((b for _, b in parts), Fraction(0))
        case _ if _nonpositive(term, value):
            return Fraction(0), Fraction(0)
        case _:
            bound = growth(term, value)
            if bound.d > 1 or bound.b:
                raise NotCertified("`exp` of what grows faster than linearly")
            return bound.c, bound.c if bound.d else Fraction(0)


def _nonpositive(term: Term, value: Any) -> bool:
    """Whether t(y) <= 0 is plain: a negative number times squares."""
    match term:
        case Neg(term=inner):
            return _nonnegative(inner, value)
        case Mul(factors=factors):
            negative = [f for f in factors if not _nonnegative(f, value)]
            return len(negative) == 1 and _nonpositive(negative[0], value)
        case _:
            return constant(term) and bool(value(term) <= 0)


def _nonnegative(term: Term, value: Any) -> bool:
    match term:
        case Pow(exponent=Num(value=exponent)):
            return exponent.denominator == 1 and exponent % 2 == 0
        case Mul(factors=factors):
            return all(_nonnegative(f, value) for f in factors)
        case Recip(term=inner):
            return _nonnegative(inner, value)
        case Apply(function=("abs" | "exp" | "sigmoid" | "softplus" | "relu" | "step")):
            return True
        case _:
            return constant(term) and bool(value(term) >= 0)


def above(ball: Any) -> Fraction:
    """A rational number that is not below any point of a ball."""
    if not ball.is_finite():
        raise NotCertified("a constant that is not defined")
    mantissa, exponent = ball.upper().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
