"""Expectations and sums are linear: what is not random, or does not depend on the index, moves out."""

from __future__ import annotations

from collections.abc import Hashable

from derive.kernel.composite import families
from derive.kernel.indices import mentions, sum_of
from derive.kernel.polynomial import ONE, Monomial, Poly, times, total
from derive.kernel.ratios import Ratio, multiplied
from derive.kernel.symbols import (
    Composite,
    Inverse,
    Mean,
    ProductOf,
    Random,
    RandomProduct,
    Root,
    SumOf,
    Tower,
    Unsupported,
    Value,
    size_of,
)


def is_random_symbol(symbol: Hashable) -> bool:
    """Whether a symbol's value depends on the outcome."""
    if isinstance(symbol, SumOf):
        return any(is_random_symbol(s) for s, _ in symbol.body)
    if isinstance(symbol, Mean):
        return bool(symbol.given)
    return isinstance(symbol, Random | Composite | RandomProduct)


def is_random(poly: Poly) -> bool:
    """Whether the value of a polynomial depends on the outcome."""
    return any(is_random_symbol(s) for s in poly.symbols())


def mean(r: Ratio, given: frozenset[str] = frozenset()) -> Ratio:
    """E of a quotient, whose denominator is not random."""
    return Ratio(mean_of(r.numerator, given), r.denominator)


def mean_of(poly: Poly, given: frozenset[str] = frozenset()) -> Poly:
    """E is linear, deterministic factors move out, and E(f(a) E(t | a)) = E(f(a) t)."""
    parts: list[Poly] = []
    for monomial, c in poly.terms.items():
        inside = frozenset((s, e) for s, e in monomial if is_random_symbol(s))
        mean = Poly.symbol(Mean(_without_tower(inside, given), given)) if inside else ONE
        parts.append(mean.scaled(monomial - inside, c))
    return total(parts)


def _without_tower(body: Monomial, given: frozenset[str]) -> Monomial:
    """The body with a conditional expectation replaced by what is under it, if all else is known by its condition."""
    for symbol, exponent in body:
        if isinstance(symbol, Mean) and exponent == 1 and given <= symbol.given:
            others = body - {(symbol, exponent)}
            if all(not isinstance(s, Mean) and families(s) <= symbol.given for s, _ in others):
                return times(others, symbol.body)
    return body


def covariance(a: Ratio, b: Ratio, given: frozenset[str] = frozenset()) -> Ratio:
    """Cov(a, b) = E(a b) - E(a) E(b)."""
    together, apart = mean(multiplied(a, b), given), multiplied(mean(a, given), mean(b, given))
    return Ratio(together.numerator - apart.numerator, together.denominator)


def averages(symbol: Hashable, index: str) -> bool:
    """Whether a sum, or a mean of several entries, in which an index occurs stands somewhere in a symbol."""
    match symbol:
        case SumOf() | RandomProduct():
            return mentions(symbol, index)
        case Mean(body=body, given=given):
            return mentions(symbol, index) and (bool(given) or not _one_entry_each(body))
        case Root(radicand=poly) | Inverse(of=poly) | Tower(of=poly) | ProductOf(of=poly):
            return any(averages(s, index) for s in poly.symbols())
        case Value(numerator=numerator, denominator=denominator):
            return any(averages(s, index) for s in numerator.symbols() | denominator.symbols())
        case _:
            return False


def _one_entry_each(body: Monomial) -> bool:
    """Whether only single entries stand in a mean, of each family one: at no value of an index do two coincide."""
    entries = {(s.family, s.indices) for s, _ in body if isinstance(s, Random)}
    return all(isinstance(s, Random) for s, _ in body) and len({f for f, _ in entries}) == len(entries)


def summed(body: Ratio, index: str, end: str | int) -> Ratio:
    """The sum over an index up to ``end``: what does not depend on the index moves out."""
    if any(mentions(s, index) for s in body.denominator.symbols()):
        raise Unsupported("a divisor inside a sum that depends on its index is not decided")
    parts: list[Poly] = []
    for monomial, c in body.numerator.terms.items():
        inside = frozenset((s, e) for s, e in monomial if mentions(s, index))
        if any(isinstance(s, Root | Value | Tower | ProductOf | RandomProduct) for s, _ in inside):
            raise Unsupported("a root, power or function of a moment inside a sum is not decided")
        outside = monomial - inside
        over = Poly.symbol(sum_of(end, index, inside)) if inside else size_of(end)
        parts.append(over.scaled(outside, c))
    return Ratio(total(parts), body.denominator)
