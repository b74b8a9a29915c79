"""Integrands of the Gaussian calculus: sums of c z^n exp(a z + b z^2) erf(g1 z + d1) erf(g2 z + d2) ...

Sines and cosines are exponentials with an imaginary a.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derive.gaussian.calculus import Z, depends, rational
from derive.gaussian.constants import form_of
from derive.gaussian.errors import NotCertified
from derive.gaussian.forms import IMAGINARY, ONE, ZERO, Form, exponential, function, reduced
from derive.language.terms import Add, Apply, Mul, Neg, Pow, Recip, Term

MOST_BITS = 400
MOST_POWER = 24


@dataclass(frozen=True, slots=True)
class Bit:
    """c z^n exp(a z + b z^2) times erf(g z + d) for each (g, d)."""

    c: Form
    n: int = 0
    a: Form = ZERO
    b: Form = ZERO
    erfs: tuple[tuple[Form, Form], ...] = ()

    def __mul__(self, other: Bit) -> Bit:
        """The product."""
        return Bit(
            reduced(self.c * other.c),
            self.n + other.n,
            reduced(self.a + other.a),
            reduced(self.b + other.b),
            self.erfs + other.erfs,
        )


def bits_of(term: Term) -> list[Bit]:
    """A smooth term in ``z`` as bits. Raises ``NotCertified`` for what is not of this form."""
    if not depends(term):
        return [Bit(form_of(term))]
    match term:
        case _ if term == Z:
            return [Bit(ONE, 1)]
        case Neg(term=inner):
            return [Bit(-bit.c, bit.n, bit.a, bit.b, bit.erfs) for bit in bits_of(inner)]
        case Add(terms=terms):
            return _gathered([bit for t in terms for bit in bits_of(t)])
        case Mul(factors=factors):
            return _product([bits_of(f) for f in factors])
        case Pow(base=base, exponent=exponent) if not depends(exponent):
            value = rational(exponent)
            if value is None or value.denominator != 1 or not 0 <= value <= MOST_POWER:
                raise NotCertified("this power has no closed form here")
            return _product([bits_of(base)] * int(value))
        case Pow(base=base, exponent=exponent) if not depends(base):
            return [_exponential(_coefficients(exponent), function("log", form_of(base)))]
        case Apply(function="exp", args=(u,)):
            return [_exponential(_coefficients(u), ONE)]
        case Apply(function=("sin" | "cos") as name, args=(u,)):
            return _waves(name, _coefficients(u))
        case Apply(function="erf", args=(u,)):
            d, g, *more = _coefficients(u)
            if any(k.terms for k in more):
                raise NotCertified("erf of what is not linear has no closed form here")
            return [Bit(ONE, erfs=((g, d),))]
        case Recip():
            raise NotCertified("this quotient has no closed form here")
        case _:
            raise NotCertified("this function has no closed form here")


def _coefficients(term: Term) -> list[Form]:
    """The coefficients of a polynomial in z, of degree 2 at most and 1 at least."""
    found = [ZERO, ZERO, ZERO]
    for bit in bits_of(term):
        if bit.n > 2 or bit.a.terms or bit.b.terms or bit.erfs:
            raise NotCertified("an exponent that is no quadratic polynomial has no closed form here")
        found[bit.n] = reduced(found[bit.n] + bit.c)
    return found


def _exponential(exponent: list[Form], scale: Form) -> Bit:
    constant, a, b = (reduced(k * scale) for k in exponent)
    return Bit(exponential(constant), 0, a, b)


def _waves(name: str, argument: list[Form]) -> list[Bit]:
    """cos(u) = (e^(I u) + e^(-I u))/2, sin(u) = -I (e^(I u) - e^(-I u))/2, for a linear u."""
    constant, a, square = argument
    if square.terms:
        raise NotCertified("a sine of what is not linear has no closed form here")
    half = ONE.scaled(Fraction(1, 2)) if name == "cos" else IMAGINARY.scaled(Fraction(-1, 2))
    other = half if name == "cos" else -half
    return [
        Bit(reduced(c * exponential(IMAGINARY * constant.scaled(s))), 0, (IMAGINARY * a).scaled(s))
        for c, s in ((half, Fraction(1)), (other, Fraction(-1)))
    ]


def _product(factors: list[list[Bit]]) -> list[Bit]:
    out = [Bit(ONE)]
    for factor in factors:
        out = _gathered([x * y for x in out for y in factor])
    return out


def _gathered(bits: list[Bit]) -> list[Bit]:
    """Bits that differ in their number only are added."""
    found: dict[object, Bit] = {}
    for bit in bits:
        key = (bit.n, _key(bit.a), _key(bit.b), tuple(sorted((repr(_key(g)), repr(_key(d))) for g, d in bit.erfs)))
        earlier = found.get(key)
        found[key] = bit if earlier is None else Bit(reduced(earlier.c + bit.c), bit.n, bit.a, bit.b, bit.erfs)
    out = [bit for bit in found.values() if bit.c.terms]
    if len(out) > MOST_BITS:
        raise NotCertified("the closed form has too many terms")
    return out


def _key(form: Form) -> frozenset[object]:
    return frozenset(form.terms.items())
