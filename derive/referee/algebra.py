"""The values that the referee computes with: rationals, certified enclosures, polynomials in continuous entries."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, isqrt, prod
from typing import Any

Exact = int | Fraction
MOST_BITS = 13_000  # of a number: about four thousand digits
_TOO_LONG = "a number too long to write down"
MOST_PRODUCTS = 5_000  # of terms in one product of polynomials


class Unusable(Exception):
    """A term that this model cannot evaluate: a division by zero, a root of a negative number, an unknown law."""


class TooLarge(Exception):
    """More outcomes than the referee is willing to enumerate."""


@dataclass(frozen=True, slots=True, eq=False)
class Ball:
    """A real number known to lie in an Arb ball."""

    arb: Any

    def __add__(self, other: Value) -> Value:
        """Sum."""
        return NotImplemented if isinstance(other, Poly) else Ball(self.arb + _arb(other))

    def __mul__(self, other: Value) -> Value:
        """Product."""
        return NotImplemented if isinstance(other, Poly) else Ball(self.arb * _arb(other))

    def __neg__(self) -> Ball:
        """Negative."""
        return Ball(-self.arb)

    __radd__ = __add__
    __rmul__ = __mul__

    def bounds(self) -> tuple[Fraction, Fraction]:
        """The ends of the enclosure, exactly. Raises ``Unusable`` for one that has none."""
        if not self.arb.is_finite():
            raise Unusable("an enclosure without ends")
        return _dyadic(self.arb.lower()), _dyadic(self.arb.upper())


Monomial = tuple[tuple[Hashable, int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Poly:
    """A polynomial: monomials, each a product of variable^power * sgn(variable)^(0 or 1), with their coefficients."""

    terms: Mapping[Monomial, Exact | Ball]

    def __add__(self, other: Value) -> Value:
        """Sum."""
        terms = dict(self.terms)
        for monomial, c in _terms(other).items():
            terms[monomial] = _plain(terms.get(monomial, 0) + c)
        return _without_zeros(terms)

    def __mul__(self, other: Value) -> Value:
        """Product; almost surely sgn(y)^2 = 1 for a continuous y. Raises ``TooLarge`` for too many terms.

        Raises ``Unusable`` for coefficients that are too long.
        """
        if len(self.terms) * len(_terms(other)) > MOST_PRODUCTS:
            raise TooLarge("a polynomial with too many terms")
        terms: dict[Monomial, Exact | Ball] = {}
        for m, c in self.terms.items():
            for k, d in _terms(other).items():
                both = _times(m, k)
                terms[both] = _plain(reduced(terms.get(both, 0) + c * d))
        return _without_zeros(terms)

    def __neg__(self) -> Poly:
        """Negative."""
        return Poly({m: _plain(-c) for m, c in self.terms.items()})

    __radd__ = __add__
    __rmul__ = __mul__


Value = int | Fraction | Ball | Poly


@dataclass(frozen=True, slots=True)
class Composed:
    """f(t) for a polynomial t in continuous entries: it stands in polynomials as a variable of its own."""

    function: str
    inner: tuple[tuple[Monomial, Exact], ...]
    text: str = field(init=False, compare=False, repr=False)  # by which variables are sorted
    mark: int = field(init=False, compare=False, repr=False)  # the hash: nested ones would be gone through every time

    def __post_init__(self) -> None:
        """Go through what is inside once."""
        object.__setattr__(self, "text", f"{self.function}({self.inner!r})")
        object.__setattr__(self, "mark", hash((self.function, self.inner)))

    def __hash__(self) -> int:
        """As equality asks for."""
        return self.mark

    def __repr__(self) -> str:
        """The function and its argument."""
        return self.text


def entries_in(variable: Hashable) -> frozenset[Hashable]:
    """The continuous entries that a variable of a polynomial depends on."""
    if not isinstance(variable, Composed):
        return frozenset({variable})
    return frozenset[Hashable]().union(*(entries_in(v) for monomial, _ in variable.inner for v, _, _ in monomial))


def variable(name: Hashable) -> Poly:
    """The polynomial that is one variable."""
    return Poly({((name, 1, 0),): 1})


def _without_zeros(terms: Mapping[Monomial, Exact | Ball]) -> Poly:
    return Poly({m: c for m, c in terms.items() if isinstance(c, Ball) or c})


def _terms(value: Value) -> Mapping[Monomial, Exact | Ball]:
    return value.terms if isinstance(value, Poly) else {(): value}


def _plain(value: Value) -> Exact | Ball:
    if isinstance(value, Poly):
        raise Unusable("a polynomial as a coefficient")
    return value


def _times(left: Monomial, right: Monomial) -> Monomial:
    if not left or not right:
        return left or right
    powers: dict[Hashable, tuple[int, int]] = {v: (p, e) for v, p, e in left}
    for v, p, e in right:
        q, f = powers.get(v, (0, 0))
        powers[v] = (p + q, (e + f) % 2)
    factors = [(v, p, e) for v, (p, e) in powers.items() if p or e]
    return tuple(sorted(factors, key=lambda factor: repr(factor[0])) if len(factors) > 1 else factors)


def _arb(value: Exact | Ball) -> Any:
    if isinstance(value, Ball):
        return value.arb
    import flint  # the enclosure library is needed only where something irrational occurs

    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def _dyadic(arb: Any) -> Fraction:
    mantissa, exponent = arb.man_exp()
    if abs(exponent) > MOST_BITS:
        raise Unusable("an enclosure of a number too large or too small to write down")
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def ball(value: Exact | Ball) -> Ball:
    """The enclosure of a number."""
    return Ball(_arb(value))


def pi() -> Ball:
    """The enclosure of pi."""
    import flint

    return Ball(flint.arb.pi())


def short(value: Exact, exponent: int = 1) -> None:
    """Raise ``Unusable`` where a power of a rational is too long to write down."""
    if max(value.numerator.bit_length() - 1, value.denominator.bit_length() - 1) * exponent > MOST_BITS:
        raise Unusable(_TOO_LONG)


def reduced(value: Value) -> Value:
    """A fraction with denominator 1 as an integer, which computes faster. Raises ``Unusable`` for too long ones."""
    if isinstance(value, int | Fraction):
        short(value)
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def add(values: Sequence[Value]) -> Value:
    """The sum of some values, reduced; rationals are brought to one denominator first and reduced once."""
    p, q = 0, 1
    for k, value in enumerate(values):
        if type(value) is int:
            p += value * q
        elif type(value) is Fraction:
            n, d = value.as_integer_ratio()
            if q % d:
                p, q = p * d, q * d
            p += n * (q // d)
        else:
            return reduced(sum(values[k:], _ratio(p, q)))
    return _ratio(p, q)


def multiply(values: Sequence[Value]) -> Value:
    """The product of some values, reduced; of rationals once, at the end."""
    p, q = 1, 1
    for k, value in enumerate(values):
        if type(value) is int:
            p *= value
        elif type(value) is Fraction:
            n, d = value.as_integer_ratio()
            p, q = p * n, q * d
        else:
            return reduced(prod(values[k:], start=_ratio(p, q)))
    return _ratio(p, q)


def average(law: Mapping[Value, int], total: int) -> Exact | None:
    """The mean of values with integer weights, of given sum; None where one of them is no rational."""
    p, q = 0, 1
    for value, weight in law.items():
        if type(value) is int:
            p += value * weight * q
        elif type(value) is Fraction:
            n, d = value.as_integer_ratio()
            if q % d:
                p, q = p * d, q * d
            p += n * weight * (q // d)
        else:
            return None
    return _ratio(p, q * total)


def _ratio(p: int, q: int) -> Exact:
    """p/q in lowest terms, as an integer where it is one. Raises ``Unusable`` for too long ones."""
    shared = gcd(p, q) if q > 0 else -gcd(p, q)
    p, q = p // shared, q // shared
    if p.bit_length() - 1 > MOST_BITS or q.bit_length() - 1 > MOST_BITS:
        raise Unusable(_TOO_LONG)
    return p if q == 1 else Fraction(p, q)


def sign_of(value: Exact | Ball) -> int:
    """-1, 0 or 1. Raises ``Unusable`` where an enclosure does not tell."""
    if not isinstance(value, Ball):
        return (value > 0) - (value < 0)
    low, high = value.bounds()
    if low > 0 or high < 0 or low == high == 0:
        return (low > 0) - (high < 0)
    raise Unusable("an enclosure around zero has no sign")


def reciprocal(value: Value) -> Value:
    """1/value."""
    if isinstance(value, Poly):
        raise Unusable("division by a continuous variable")
    if sign_of(value) == 0:
        raise Unusable("division by zero")
    return Ball(1 / value.arb) if isinstance(value, Ball) else _ratio(value.denominator, value.numerator)


def root(value: Value) -> Value:
    """The square root, exact for squares of rationals."""
    if isinstance(value, Poly) or sign_of(value) < 0:
        raise Unusable("the root of a negative number or of a continuous variable")
    if not isinstance(value, Ball):
        p, q = isqrt(value.numerator), isqrt(value.denominator)
        if p * p == value.numerator and q * q == value.denominator:
            return reduced(Fraction(p, q))
    return Ball(_arb(value).sqrt())


def power(base: Value, exponent: Value) -> Value:
    """base^exponent with 0^0 = 1."""
    if isinstance(exponent, Ball | Poly):
        raise Unusable("an irrational exponent")
    if exponent.denominator == 2:
        return power(root(base), exponent.numerator)
    if exponent.denominator != 1 or abs(exponent) > 64:
        raise Unusable("an exponent that is no small integer")
    if exponent < 0:
        return power(reciprocal(base), -exponent)
    k = exponent.numerator
    if isinstance(base, int | Fraction):
        short(base, k)
    if isinstance(base, int):
        return int(base**k)
    if isinstance(base, Fraction):
        return reduced(Fraction(base.numerator**k, base.denominator**k))
    result: Value = 1
    for _ in range(k):
        result = result * base
    return result
