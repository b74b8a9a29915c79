"""Quotients of polynomials, and what they demand to be defined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from derive.kernel.polynomial import ONE, UNIT, Poly, total
from derive.kernel.symbols import Unsupported
from derive.language.terms import Term

MOST_TERMS = 4_000


@dataclass(frozen=True, slots=True)
class Ratio:
    """numerator / denominator; the denominator has no random symbols."""

    numerator: Poly
    denominator: Poly = ONE


@dataclass(frozen=True, slots=True)
class Demand:
    """What has to hold for a term to be defined: ``kind`` is "nonzero", "nonnegative" or "positive"."""

    kind: str
    numerator: Poly
    denominator: Poly
    term: Term


def checked(r: Ratio) -> Ratio:
    """The quotient. Raises ``Unsupported`` where it has too many terms."""
    if len(r.numerator.terms) > MOST_TERMS:
        raise Unsupported("this expression has too many terms")
    return r


def added(parts: Sequence[Ratio]) -> Ratio:
    """The sum, over one denominator."""
    denominators = {p.denominator for p in parts}
    if len(denominators) == 1:
        return checked(Ratio(total(p.numerator for p in parts), parts[0].denominator))
    out = parts[0]
    for p in parts[1:]:
        if p.denominator == out.denominator:
            out = Ratio(out.numerator + p.numerator, out.denominator)
        else:
            numerator = out.numerator * p.denominator + p.numerator * out.denominator
            out = checked(Ratio(numerator, out.denominator * p.denominator))
    return out


def multiplied(a: Ratio, b: Ratio) -> Ratio:
    """The product."""
    return checked(Ratio(a.numerator * b.numerator, a.denominator * b.denominator))


def scaled_by(r: Ratio, c: Fraction) -> Ratio:
    """The product with a number."""
    return Ratio(r.numerator.scaled(UNIT, c), r.denominator)
