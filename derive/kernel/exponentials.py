"""exp of constants in normal form: a product over the terms of the exponent, with at most one proper fraction each.

exp(a + b) = exp(a) exp(b), and for a monomial m and rational c, exp(c m) = exp(m)^floor(c) exp((c - floor(c)) m). So
exp(q) exp(-q) = 1, exp(q/2)^2 = exp(q) and exp(0) = 1 hold by arithmetic of exponents.
"""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction

from derive.kernel.polynomial import ONE, ZERO, Monomial, Poly, product, quotient_and_rest, times, total
from derive.kernel.symbols import Value


def exponential(numerator: Poly, denominator: Poly) -> Poly:
    """exp(numerator/denominator); what the denominator divides comes out: q^2/(1+2q) = q/2 - 1/4 + 1/(4 (1+2q))."""
    whole, rest = quotient_and_rest(numerator, denominator) if len(denominator.terms) > 1 else (ZERO, numerator)
    parts = [(m, ONE, c) for m, c in whole.terms.items()] + [(m, denominator, c) for m, c in rest.terms.items()]
    return product(_power_of_e(*part) for part in parts)


def merged(poly: Poly) -> Poly:
    """The polynomial with exp(m/2)^2 written as exp(m), and the like, in each of its terms."""
    if not any(_fraction(s) for s in poly.symbols()):
        return poly
    return total(_merged_term(m).scaled(frozenset(), c) for m, c in poly.terms.items())


def _merged_term(monomial: Monomial) -> Poly:
    exponents: dict[tuple[Monomial, Poly], Fraction] = {}
    rest: list[tuple[Hashable, int]] = []
    for symbol, exponent in monomial:
        if isinstance(symbol, Value) and symbol.function == "exp":
            ((m, c),) = symbol.numerator.terms.items()
            base = (m, symbol.denominator)
            exponents[base] = exponents.get(base, Fraction(0)) + c * exponent
        else:
            rest.append((symbol, exponent))
    return product(_power_of_e(m, d, c) for (m, d), c in exponents.items()).scaled(frozenset(rest))


def _fraction(symbol: Hashable) -> bool:
    return (
        isinstance(symbol, Value) and symbol.function == "exp" and any(c != 1 for c in symbol.numerator.terms.values())
    )


def _power_of_e(monomial: Monomial, denominator: Poly, c: Fraction) -> Poly:
    """exp(c m/d) as exp(m/d)^floor(c) times what is left."""
    whole = c.numerator // c.denominator
    out = frozenset({(Value("exp", Poly.monomial(monomial), denominator), whole)} if whole else ())
    if part := c - whole:
        out = times(out, frozenset({(Value("exp", Poly.monomial(monomial, part), denominator), 1)}))
    return Poly.monomial(out) if out else ONE
