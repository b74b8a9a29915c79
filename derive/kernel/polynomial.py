"""Polynomials with rational coefficients in hashable symbols; exponents may be negative where that is sound."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from fractions import Fraction

from derive.kernel.bounds import few_products, short

Monomial = frozenset[tuple[Hashable, int]]
UNIT: Monomial = frozenset()
_UNITY = Fraction(1)


def times(a: Monomial, b: Monomial) -> Monomial:
    """The product of two monomials."""
    if not a or not b:
        return a or b
    exponents = dict(a)
    for symbol, exponent in b:
        exponents[symbol] = exponents.get(symbol, 0) + exponent
    if len(exponents) == len(a) + len(b):
        return a | b  # no symbol in common
    return frozenset((s, e) for s, e in exponents.items() if e)


def raised(a: Monomial, exponent: int) -> Monomial:
    """The power of a monomial."""
    return frozenset((s, e * exponent) for s, e in a) if exponent else UNIT


class Poly:
    """A polynomial as an immutable value: {monomial: coefficient}, no coefficient 0. Equal ones are identical maps."""

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: Mapping[Monomial, Fraction]) -> None:
        """Keep the terms; the caller hands over a map without zeros that nobody changes."""
        self.terms = terms
        self._hash: int | None = None  # worked out once: polynomials stand inside symbols of polynomials

    @staticmethod
    def number(value: int | Fraction) -> Poly:
        """A constant polynomial."""
        return Poly({UNIT: Fraction(value)} if value else {})

    @staticmethod
    def symbol(symbol: Hashable, exponent: int = 1) -> Poly:
        """A symbol, or a power of it."""
        return Poly({frozenset({(symbol, exponent)}): _UNITY})

    @staticmethod
    def monomial(monomial: Monomial, coefficient: Fraction | int = 1) -> Poly:
        """A single term."""
        return Poly({monomial: Fraction(coefficient)} if coefficient else {})

    def __add__(self, other: Poly) -> Poly:
        """Sum."""
        return total((self, other))

    def __neg__(self) -> Poly:
        """Negation."""
        return Poly({m: -c for m, c in self.terms.items()})

    def __sub__(self, other: Poly) -> Poly:
        """Difference."""
        return total((self, -other))

    def __mul__(self, other: Poly) -> Poly:
        """Product. Raises ``TooMuch`` where it is too large."""
        for one, many in ((self, other), (other, self)):
            if len(one.terms) == 1:  # the commonest case by far: different monomials stay different
                ((monomial, coefficient),) = one.terms.items()
                product = many.scaled(monomial, coefficient)
                short(product.terms.values(), exponent=1)
                return product
        few_products(len(self.terms), len(other.terms))
        out: dict[Monomial, Fraction] = {}
        for a, x in self.terms.items():
            for b, y in other.terms.items():
                m = times(a, b)
                out[m] = out[m] + x * y if m in out else x * y
        short(out.values(), exponent=1)
        return Poly({m: c for m, c in out.items() if c})

    def __pow__(self, exponent: int) -> Poly:
        """Power with an exponent of at least 0; p^0 = 1."""
        if len(self.terms) == 1:
            ((monomial, coefficient),) = self.terms.items()
            short((coefficient,), exponent=exponent)
            return Poly({raised(monomial, exponent): coefficient**exponent})
        out, base = ONE, self
        while exponent:
            if exponent & 1:
                out = out * base
            exponent >>= 1
            if exponent:
                base = base * base
        return out

    def __eq__(self, other: object) -> bool:
        """Whether the two are the same polynomial."""
        return isinstance(other, Poly) and self.terms == other.terms

    def __hash__(self) -> int:
        """Equal polynomials hash alike."""
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __repr__(self) -> str:
        """A text in a fixed order of terms, so that sorting by it is the same in every process."""
        rows = sorted((sorted((repr(s), e) for s, e in m), str(c)) for m, c in self.terms.items())
        return f"Poly({rows})"

    def __bool__(self) -> bool:
        """Whether it is not the zero polynomial."""
        return bool(self.terms)

    def as_number(self) -> Fraction | None:
        """Its value if no symbol occurs in it."""
        if not self.terms:
            return Fraction(0)
        return self.terms.get(UNIT) if len(self.terms) == 1 else None

    def symbols(self) -> set[Hashable]:
        """All symbols that occur."""
        return {s for m in self.terms for s, _ in m}

    def degree(self, symbol: Hashable) -> int:
        """The largest exponent of a symbol, 0 where it does not occur."""
        return max((e for m in self.terms for s, e in m if s == symbol), default=0)

    def coefficient(self, symbol: Hashable, exponent: int) -> Poly:
        """The coefficient of symbol^exponent, a polynomial in the other symbols."""
        out: dict[Monomial, Fraction] = {}
        for monomial, c in self.terms.items():
            exponents = dict(monomial)
            if exponents.pop(symbol, 0) == exponent:
                out[frozenset(exponents.items())] = c
        return Poly(out)

    def scaled(self, monomial: Monomial, coefficient: Fraction | int = 1) -> Poly:
        """The product with a single term."""
        if coefficient is _UNITY or coefficient == 1:
            return Poly({times(m, monomial): c for m, c in self.terms.items()}) if monomial else self
        if coefficient == -1:
            return Poly({times(m, monomial): -c for m, c in self.terms.items()})
        return Poly({times(m, monomial): c * coefficient for m, c in self.terms.items()} if coefficient else {})


def total(polys: Iterable[Poly]) -> Poly:
    """The sum of polynomials."""
    out: dict[Monomial, Fraction] = {}
    for poly in polys:
        for m, c in poly.terms.items():
            out[m] = out[m] + c if m in out else c
    return Poly({m: c for m, c in out.items() if c})


def product(polys: Iterable[Poly]) -> Poly:
    """The product of polynomials, 1 for none."""
    out = ONE
    for poly in polys:
        out = out * poly
    return out


def replace(poly: Poly, value: Callable[[Hashable, int], Poly | None]) -> Poly:
    """Replace powers of symbols: ``value(symbol, exponent)`` is what symbol^exponent becomes, None to leave it."""
    parts: list[Poly] = []
    for monomial, coefficient in poly.terms.items():
        kept: list[tuple[Hashable, int]] = []
        factors: list[Poly] = []
        for symbol, exponent in monomial:
            new = value(symbol, exponent)
            if new is None:
                kept.append((symbol, exponent))
            else:
                factors.append(new)
        parts.append(product(factors).scaled(frozenset(kept), coefficient))
    return total(parts)


def divide(numerator: Poly, divisor: Poly) -> Poly | None:
    """The exact quotient, or None if the divisor does not divide; division in one order of monomials."""
    order = _order(numerator, divisor)

    def leading(poly: Poly) -> Monomial:
        return max(poly.terms, key=lambda m: _exponents(m, order))

    if not divisor or any(e < 0 for m in divisor.terms for _, e in m):
        return None
    head = leading(divisor)
    quotient: list[Poly] = []
    rest = numerator
    for _ in range(400):
        if not rest:
            return total(quotient)
        top = leading(rest)
        step = times(top, raised(head, -1))
        if any(e < 0 for _, e in step):
            return None
        term = Poly.monomial(step, rest.terms[top] / divisor.terms[head])
        quotient.append(term)
        rest = rest - term * divisor
    return None


def quotient_and_rest(numerator: Poly, divisor: Poly) -> tuple[Poly, Poly]:
    """(a, r) with numerator = a divisor + r, no term of r a multiple of the divisor's leading one.

    Where exponents are negative it is (0, numerator).
    """
    order = _order(numerator, divisor)
    if not divisor or any(e < 0 for p in (numerator, divisor) for m in p.terms for _, e in m):
        return ZERO, numerator
    head = max(divisor.terms, key=lambda m: _exponents(m, order))
    quotient, rest = ZERO, numerator
    for _ in range(100):
        steps = [(times(m, raised(head, -1)), c) for m, c in rest.terms.items()]
        step = next(((m, c) for m, c in steps if all(e > 0 for _, e in m)), None)
        if step is None:
            return quotient, rest
        term = Poly.monomial(step[0], step[1] / divisor.terms[head])
        quotient, rest = quotient + term, rest - term * divisor
    return ZERO, numerator


def _order(*polys: Poly) -> dict[Hashable, int]:
    """The symbols in one order."""
    return {s: k for k, s in enumerate(sorted({s for p in polys for s in p.symbols()}, key=repr))}


def _exponents(monomial: Monomial, order: Mapping[Hashable, int]) -> tuple[int, ...]:
    vector = [0] * len(order)
    for symbol, exponent in monomial:
        vector[order[symbol]] = exponent
    return tuple(vector)


def common_monomial(poly: Poly) -> Monomial:
    """The largest monomial that divides every term (exponents may be negative)."""
    lowest: dict[Hashable, int] | None = None
    for monomial in poly.terms:
        here = dict(monomial)
        before = here if lowest is None else lowest
        lowest = {s: min(before.get(s, 0), here.get(s, 0)) for s in {*before, *here}}
    return frozenset((s, e) for s, e in (lowest or {}).items() if e)


ZERO, ONE = Poly({}), Poly.number(1)
