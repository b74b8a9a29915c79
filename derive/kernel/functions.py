"""Functions of constants in normal form, so that equal arguments are the same value however they were written.

An argument is a quotient p/d: common monomials and numbers are taken out of d, roots are squared out, an odd or even
function gives the sign of its argument away, and the few values that are rational multiples of 1 and pi are known.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from fractions import Fraction
from math import comb

from derive.kernel.exponentials import exponential
from derive.kernel.polynomial import ONE, UNIT, ZERO, Monomial, Poly, common_monomial, divide, raised
from derive.kernel.roots import square_out
from derive.kernel.symbols import Inverse, Mean, Root, Scalar, SumOf, Value
from derive.language.functions import FUNCTIONS

PI = Poly.symbol(Scalar("pi"))
AT_ZERO: Mapping[str, Fraction] = {"cos": Fraction(1), "sigmoid": Fraction(1, 2)}
ZERO_AT_ZERO = frozenset(
    "sin tanh atan asin erf softsign gelu silu mish elu selu relu6 hard_tanh".split()
)  # what is left, softplus(0) = log(2), stays a value of its own
ASIN: Mapping[Fraction, Fraction] = {Fraction(1, 2): Fraction(1, 6), Fraction(1): Fraction(1, 2)}


def value(function: str, numerator: Poly, denominator: Poly) -> Poly:
    """f(numerator/denominator): a symbol, or what is known of it."""
    top, bottom = _argument(numerator, denominator)
    if function == "exp":
        return exponential(top, bottom)
    if not top and function in AT_ZERO:
        return Poly.number(AT_ZERO[function])
    if not top and function in ZERO_AT_ZERO:
        return ZERO
    if function == "log" and top == bottom:
        return ZERO
    parity = FUNCTIONS[function].parity
    if parity and _leading(top) < 0:
        return value(function, -top, bottom).scaled(UNIT, parity)
    number = top.as_number() if bottom == ONE else None
    if function == "asin" and number is not None and number in ASIN:
        return PI.scaled(UNIT, ASIN[number])
    return Poly.symbol(Value(function, top, bottom))


def _argument(numerator: Poly, denominator: Poly) -> tuple[Poly, Poly]:
    """The quotient in lowest terms as far as that is cheap: d is 1, or has content 1 and a positive leading term."""
    top, under = cleared(numerator)
    bottom, above = cleared(denominator)
    top, bottom = square_out(top * above), square_out(bottom * under)
    for symbol, _ in common_monomial(bottom):  # p/sqrt(1 + q) as p sqrt(1 + q)/(1 + q)
        if isinstance(symbol, Root) and len(symbol.radicand.terms) > 1:
            top, bottom = square_out(top * Poly.symbol(symbol)), square_out(bottom * Poly.symbol(symbol))
    common = raised(common_monomial(bottom), -1)
    top, bottom = square_out(top.scaled(common)), square_out(bottom.scaled(common))
    scale = 1 / _leading(bottom) if bottom else Fraction(1)
    top, bottom = top.scaled(UNIT, scale), bottom.scaled(UNIT, scale)
    if bottom.as_number() is None and top:
        if (quotient := divide(top, bottom)) is not None:
            return quotient, ONE
        if top.as_number() is None and (quotient := divide(bottom, top)) is not None:
            scale = 1 / _leading(quotient)
            return Poly.number(scale), quotient.scaled(UNIT, scale)
    return top, bottom


def _leading(poly: Poly) -> Fraction:
    """The coefficient of the term that comes first in an order that does not depend on how the terms are stored."""
    return poly.terms[min(poly.terms, key=_monomial_key)] if poly.terms else Fraction(0)


def _monomial_key(monomial: Monomial) -> str:
    return "*".join(sorted(f"{symbol_key(s)}^{e}" for s, e in monomial))


def symbol_key(symbol: Hashable) -> str:
    """A text by which symbols sort the same way every time."""
    match symbol:
        case Root(radicand=poly) | Inverse(of=poly):
            return f"{type(symbol).__name__}({_poly_key(poly)})"
        case Value(function=function, numerator=numerator, denominator=denominator):
            return f"{function}({_poly_key(numerator)}/{_poly_key(denominator)})"
        case Mean(body=body):
            return f"E({_monomial_key(body)})"
        case SumOf(high=high, bound=bound, body=body):
            return f"sum({high},{bound},{_monomial_key(body)})"
        case _:
            return repr(symbol)


def _poly_key(poly: Poly) -> str:
    return "+".join(sorted(f"{c}*{_monomial_key(m)}" for m, c in poly.terms.items()))


def clearing(poly: Poly) -> int:
    """How many products of terms ``cleared`` comes to, about."""
    work = len(poly.terms)
    for symbol in poly.symbols():
        if isinstance(symbol, Inverse):
            work *= comb(poly.degree(symbol) + len(symbol.of.terms) - 1, len(symbol.of.terms) - 1)
    return work


def cleared(poly: Poly) -> tuple[Poly, Poly]:
    """(p, d) with poly = p/d, d positive, and no ``Inverse`` left in p."""
    denominator = ONE
    while True:
        inverse = next((s for s in poly.symbols() if isinstance(s, Inverse)), None)
        if inverse is None:
            return poly, denominator
        most = poly.degree(inverse)
        out = ZERO
        for exponent in range(most + 1):
            out = out + poly.coefficient(inverse, exponent) * inverse.of ** (most - exponent)
        poly, denominator = out, denominator * inverse.of**most
