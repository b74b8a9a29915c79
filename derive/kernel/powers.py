"""Powers with a size in the exponent and products over a range, in normal form.

(x y)^L = x^L y^L and prod(x[l] y[l]) = prod(x[l]) prod(y[l]) hold without conditions, so both are taken apart until one
symbol, one prime or one polynomial of several terms is left. Powers of those are multiplied by adding exponents.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd

from derive.kernel.polynomial import ONE, UNIT, ZERO, Monomial, Poly, common_monomial, product, raised
from derive.kernel.symbols import Composite, ProductOf, Random, RandomProduct, SumOf, Tower, Unsupported

LARGEST_PRIME_TRIED = 1000
BOUND = "%p"  # what a product calls its index; products do not nest


def tower(of: Poly, size: str) -> Poly:
    """of^size in normal form."""
    return _apart(of, lambda p: Poly.symbol(Tower(p, size)))


def product_over(of: Poly, size: str, mentions: Callable[[Monomial], bool]) -> Poly:
    """The product of ``of`` over 1..size in normal form; ``mentions`` tells what depends on the index."""

    def single(p: Poly) -> Poly:
        if any(isinstance(s, Random | Composite | SumOf | RandomProduct) for s in p.symbols()):
            return Poly.symbol(RandomProduct(size, p))
        depends = any(mentions(m) for m in p.terms)
        return Poly.symbol(ProductOf(size, BOUND, p) if depends else Tower(p, size))

    return _apart(of, single)


def _apart(of: Poly, single: Callable[[Poly], Poly]) -> Poly:
    """The product of what ``single`` makes of the prime factors, the symbols and what is left of a polynomial."""
    if not of:
        return ZERO  # 0^L = 0, because L is at least 1
    common = common_monomial(of)
    rest = of.scaled(raised(common, -1))
    content = _content(rest)
    rest = rest.scaled(UNIT, 1 / content)
    out = product(single(Poly.symbol(s)) ** e if e > 0 else _inverse(single(Poly.symbol(s))) ** -e for s, e in common)
    for prime, exponent in _primes(content):
        value = single(Poly.number(prime))
        out = out * (value**exponent if exponent > 0 else _inverse(value) ** -exponent)
    return out if rest == ONE else out * single(rest)


def _inverse(single: Poly) -> Poly:
    ((monomial, c),) = single.terms.items()
    return Poly.monomial(raised(monomial, -1), 1 / c)


def _content(poly: Poly) -> Fraction:
    """The number that makes the rest primitive, negative if every coefficient is."""
    below, above = 1, 0
    for c in poly.terms.values():
        below = below * c.denominator // gcd(below, c.denominator)
    for c in poly.terms.values():
        above = gcd(above, int(c * below))
    return Fraction(-above if all(c < 0 for c in poly.terms.values()) else above, below)


def _primes(value: Fraction) -> list[tuple[int, int]]:
    """(prime, exponent) of a rational, -1 for its sign; what is left of large ones counts as a prime."""
    out = [(-1, 1)] if value < 0 else []
    for number, sign in ((abs(value.numerator), 1), (value.denominator, -1)):
        left = number
        for prime in range(2, LARGEST_PRIME_TRIED):
            count = 0
            while left % prime == 0:
                left, count = left // prime, count + 1
            if count:
                out.append((prime, sign * count))
        if left > 1:
            out.append((left, sign))
    return out


def linear(exponent: Poly, is_size: Callable[[object], str | None]) -> tuple[list[tuple[str, int]], int]:
    """An exponent k1 L1 + k2 L2 + ... + k0 with integer coefficients, as ([(L1, k1), ...], k0)."""
    sizes: list[tuple[str, int]] = []
    constant = 0
    for monomial, c in exponent.terms.items():
        if c.denominator != 1:
            raise Unsupported("an exponent is an integer, a half, or linear in sizes")
        if not monomial:
            constant = int(c)
            continue
        ((symbol, power),) = monomial if len(monomial) == 1 else ((None, 0),)
        name = is_size(symbol)
        if power != 1 or name is None:
            raise Unsupported("an exponent is an integer, a half, or linear in sizes")
        sizes.append((name, int(c)))
    return sizes, constant


def power(poly: Poly, exponent: int) -> Poly:
    """poly^exponent; a negative exponent needs a single term."""
    if exponent >= 0:
        return poly**exponent
    if len(poly.terms) != 1:
        raise Unsupported("a fact replaces a divisor by a sum")
    ((monomial, c),) = poly.terms.items()
    return Poly.monomial(frozenset((s, e * exponent) for s, e in monomial), c**exponent)
