"""Factors of a polynomial: contents, common divisors, squares, and quadratics whose discriminant is a square.

It does not find every factor. What it gives multiplies back to the polynomial; this is computed, not assumed.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd as integer_gcd
from math import isqrt, lcm

from derive.kernel.polynomial import ONE, UNIT, Monomial, Poly, common_monomial, divide, product, raised, times

MOST_TERMS = 12  # of a polynomial that is factored
MOST_SYMBOLS = 6
MOST_DEGREE = 16  # in any one symbol
MOST_STEPS = 60  # of one division, or one root
ROOTS = range(-8, 9)  # k of factors x - k that are tried: n (n - 1) (n - 2) (n - 3)
MOST_PRODUCTS = 3_000
MOST_GROWN = 40  # terms on the way


@dataclass(frozen=True, slots=True)
class Factors:
    """number * monomial * product of factor^exponent."""

    number: Fraction
    monomial: Monomial
    powers: tuple[tuple[Poly, int], ...]

    def product(self) -> Poly:
        """What they multiply to."""
        return product([Poly.monomial(self.monomial, self.number), *(f**k for f, k in self.powers)])


class _TooMuch(Exception):
    """A bound was reached."""


class _Work:
    """How many products of terms may still be made."""

    def __init__(self) -> None:
        self.left = MOST_PRODUCTS

    def spend(self, a: Poly, b: Poly) -> None:
        """Count the product of two polynomials, each with its overhead. Raises ``_TooMuch``."""
        self.left -= 10 + len(a.terms) * len(b.terms)
        if self.left < 0 or len(a.terms) > MOST_GROWN:
            raise _TooMuch


def factors(poly: Poly) -> Factors:
    """Factors of a polynomial other than 0, as far as they are found."""
    monomial = common_monomial(poly)
    rest = poly.scaled(raised(monomial, -1))
    whole = _assembled(monomial, [rest])
    if len(rest.terms) < 2 or len(rest.terms) > MOST_TERMS or len(rest.symbols()) > MOST_SYMBOLS:
        return whole
    if max(e for m in rest.terms for _, e in m) > MOST_DEGREE:
        return whole
    try:
        found = _assembled(monomial, _split(rest, _Work()))
    except _TooMuch:
        return whole
    return found if found.product() == poly else whole


def _assembled(monomial: Monomial, parts: Sequence[Poly]) -> Factors:
    """Equal factors as powers, each with integer coefficients, most of them positive."""
    number = Fraction(1)
    powers: dict[Poly, int] = {}
    for part in parts:
        shared = common_monomial(part)
        monomial, part = times(monomial, shared), part.scaled(raised(shared, -1))
        content = _content(part)
        number *= content
        part = part.scaled(UNIT, 1 / content)
        if part != ONE:
            powers[part] = powers.get(part, 0) + 1
    return Factors(number, monomial, tuple(powers.items()))


def _content(poly: Poly) -> Fraction:
    """The number to take out; with the sign that leaves more positive terms, of as many a leading one."""
    values = list(poly.terms.values())
    size = Fraction(integer_gcd(*(c.numerator for c in values)), lcm(*(c.denominator for c in values)))
    balance = sum(1 if c > 0 else -1 for c in values)
    if balance == 0:
        first = min(poly.terms, key=lambda m: (-sum(e for _, e in m), sorted((repr(s), e) for s, e in m)))
        balance = 1 if poly.terms[first] > 0 else -1
    return size if balance > 0 else -size


def _split(poly: Poly, work: _Work) -> list[Poly]:
    """Factors whose product is the polynomial.

    One symbol is enough: once no common divisor of its coefficients is left, every factor depends on it, and a
    polynomial that is linear in it has none.
    """
    symbols = _symbols(poly)
    if not symbols:
        return [poly]
    symbol = min(symbols, key=lambda s: (poly.degree(s), symbols.index(s)))
    parted = _parted(poly, _content_in(poly, symbol, work), work)
    if parted or poly.degree(symbol) == 1:
        return parted or [poly]
    parted = _parted(poly, common_divisor(poly, _derivative(poly, symbol), work), work)
    if not parted and poly.degree(symbol) == 2:
        return _quadratic(poly, symbol, work)
    for root in ROOTS if not parted else ():
        linear = Poly.symbol(symbol) - Poly.number(root)
        parted = parted or (_parted(poly, linear, work) if divide(poly, linear) is not None else [])
    return parted or [poly]


def _parted(poly: Poly, divisor: Poly, work: _Work) -> list[Poly]:
    """The factors of a divisor and of the quotient; none where the divisor is a number."""
    if divisor.as_number() is not None:
        return []
    quotient = _quotient(poly, divisor, work)
    if quotient.as_number() is not None:
        return []
    return [*_split(divisor, work), *_split(quotient, work)]


def _quadratic(poly: Poly, symbol: Hashable, work: _Work) -> list[Poly]:
    """a x^2 + b x + c with b^2 - 4 a c = s^2 has the factor 2 a x + b - s, up to what does not depend on x."""
    a, b, c = (poly.coefficient(symbol, k) for k in (2, 1, 0))
    root = square_root(b * b - Poly.number(4) * a * c, work)
    if root is None:
        return [poly]
    factor = _primitive(Poly.number(2) * a * Poly.symbol(symbol) + b - root, symbol, work)
    return [*_split(factor, work), *_split(_quotient(poly, factor, work), work)]


def square_root(poly: Poly, work: _Work) -> Poly | None:
    """A polynomial whose square this is, or None; term by term, as for numbers. Raises ``_TooMuch``."""
    if not poly:
        return poly
    order = _symbols(poly)
    head = _leading(poly, order)
    c = poly.terms[head]
    p, q = isqrt(abs(c.numerator)), isqrt(c.denominator)
    if any(e % 2 for _, e in head) or c < 0 or p * p != c.numerator or q * q != c.denominator:
        return None
    first = Poly.monomial(frozenset((s, e // 2) for s, e in head), Fraction(p, q))
    found = first
    for _ in range(MOST_STEPS):
        rest = poly - found * found
        if not rest:
            return found
        top = _leading(rest, order)
        (lead,) = first.terms
        step = times(top, raised(lead, -1))
        if any(e < 0 for _, e in step):
            return None
        found = found + Poly.monomial(step, rest.terms[top] / (2 * first.terms[lead]))
        work.spend(found, first)
    raise _TooMuch


# --- common divisors --------------------------------------------------------------------------------------------------


def common_divisor(a: Poly, b: Poly, work: _Work) -> Poly:
    """A greatest common divisor up to a number, by primitive remainders (Knuth, vol. 2, 4.6.1). Raises ``_TooMuch``."""
    if not a or not b:
        return a or b
    if a.as_number() is not None or b.as_number() is not None:
        return ONE
    work.spend(a, b)
    symbol = _symbols(a)[0]
    if b.degree(symbol) == 0:
        return common_divisor(_content_in(a, symbol, work), b, work)
    shared = common_divisor(_content_in(a, symbol, work), _content_in(b, symbol, work), work)
    first, second = _primitive(a, symbol, work), _primitive(b, symbol, work)
    if first.degree(symbol) < second.degree(symbol):
        first, second = second, first
    while second:
        rest = _remainder(first, second, symbol, work)
        if rest and rest.degree(symbol) == 0:
            return shared
        first, second = second, _primitive(rest, symbol, work) if rest else rest
    return shared * first


def _remainder(a: Poly, b: Poly, symbol: Hashable, work: _Work) -> Poly:
    """The pseudo-remainder of a by b in one symbol."""
    high = b.degree(symbol)
    lead = b.coefficient(symbol, high)
    for _ in range(MOST_STEPS):
        degree = a.degree(symbol)
        if not a or degree < high:
            return a
        up = Poly.symbol(symbol, degree - high) if degree > high else ONE
        a = a * lead - b * a.coefficient(symbol, degree) * up
        work.spend(a, b)
    raise _TooMuch


def _content_in(poly: Poly, symbol: Hashable, work: _Work) -> Poly:
    """The common divisor of the coefficients."""
    found = Poly({})
    for c in _coefficients(poly, symbol):
        found = common_divisor(found, c, work)
    return found


def _primitive(poly: Poly, symbol: Hashable, work: _Work) -> Poly:
    part = _quotient(poly, _content_in(poly, symbol, work), work)
    return part.scaled(UNIT, 1 / _content(part))


def _quotient(poly: Poly, divisor: Poly, work: _Work) -> Poly:
    work.spend(poly, divisor)
    found = divide(poly, divisor)
    if found is None:
        raise _TooMuch
    return found


def _coefficients(poly: Poly, symbol: Hashable) -> list[Poly]:
    exponents = {dict(m).get(symbol, 0) for m in poly.terms}
    return [c for k in sorted(exponents, reverse=True) if (c := poly.coefficient(symbol, k))]


def _derivative(poly: Poly, symbol: Hashable) -> Poly:
    terms: dict[Monomial, Fraction] = {}
    for monomial, c in poly.terms.items():
        e = dict(monomial).get(symbol, 0)
        if e:
            terms[times(monomial, frozenset({(symbol, -1)}))] = c * e
    return Poly(terms)


def _symbols(poly: Poly) -> list[Hashable]:
    return sorted(poly.symbols(), key=repr)


def _leading(poly: Poly, order: Sequence[Hashable]) -> Monomial:
    return max(poly.terms, key=lambda m: [dict(m).get(s, 0) for s in order])
