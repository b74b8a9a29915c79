"""Expectations that are infinite: where the integrand is bounded from below by what outgrows the normal density.

Far out on one side, |g| >= k t^(-m) e^(P(t)) with k > 0 and a polynomial P: from products, powers, quotients and sums
with one term that outgrows the others. E g is infinite, or does not exist, if P has a positive coefficient of degree 3
or more in front, or if its quadratic coefficient is 1/(2 v) or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.gaussian.calculus import Z, depends, rational, times
from derive.gaussian.errors import NotCertified
from derive.gaussian.growth import away_from_zero, growth, plain_sign
from derive.gaussian.programs import exact, value_of
from derive.language.terms import Add, Apply, Mul, Neg, Pow, Recip, Term

Polynomial = dict[int, Fraction]


@dataclass(frozen=True, slots=True)
class Least:
    """|g| >= k t^(-m) e^(P(t)) for large t, some k > 0: the exponents of P from the top, and m."""

    exponents: tuple[tuple[int, Fraction], ...]
    m: int = 0

    def of(self, degree: int) -> Fraction:
        """The coefficient of a power in P."""
        return dict(self.exponents).get(degree, Fraction(0))


def diverges(term: Term, side: int, variance: Any) -> bool:
    """Whether E |g| over one side is shown to be infinite under N(m, variance)."""
    least = _least(term, side)
    if least is None or not least.exponents:
        return False
    degree, front = least.exponents[0]
    if degree > 2:
        return front > 0
    slack = 2 * exact(least.of(2)) * variance - 1
    return bool(slack > 0) or (bool(slack == 0) and (least.of(1) > 0 or (least.of(1) == 0 and least.m == 0)))


def _least(term: Term, side: int) -> Least | None:
    if not depends(term):
        try:
            return Least(()) if bool(value_of(term) != 0) else None
        except NotCertified:
            return None
    match term:
        case Neg(term=inner):
            return _least(inner, side)
        case Apply(function="exp", args=(u,)):
            exponent = polynomial(u)
            if exponent is not None:
                return _made({k: c * side**k for k, c in exponent.items() if k}, 0)
            return Least(((3, Fraction(1)),)) if _explodes(u, side) else None
        case Mul(factors=factors):
            found = [_least(f, side) for f in factors]
            known = [f for f in found if f is not None]
            return _product(known) if len(known) == len(found) else None
        case Pow(base=base, exponent=exponent):
            value, inner = rational(exponent), _least(base, side)
            if value is None or inner is None or value.denominator != 1 or value < 0:
                return None
            return _made({k: c * value for k, c in inner.exponents}, inner.m * int(value))
        case Recip(term=inner):
            degrees = polynomial(inner)
            return None if not degrees else Least((), max(degrees))
        case Add(terms=terms):
            return _dominated(terms, side) or _plain(term, side)
        case _:
            return _plain(term, side)


def _explodes(exponent: Term, side: int) -> bool:
    """Whether u >= k t^(-m) e^(P(t)) with P to infinity, which outgrows t^3: what is not negative, times numbers."""
    factors = exponent.factors if isinstance(exponent, Mul) else (exponent,)
    moving = [f for f in factors if depends(f)]
    inner = _least(exponent, side)
    positive = plain_sign(moving, side) == 1 and bool(value_of(times(*(f for f in factors if not depends(f)))) > 0)
    return positive and inner is not None and bool(inner.exponents) and inner.exponents[0][1] > 0


def _plain(term: Term, side: int) -> Least | None:
    """A polynomial that is not 0 is away from it in the end; so is what has a positive lower bound."""
    degrees = polynomial(term)
    if degrees is not None:
        return Least(()) if degrees else None
    try:
        return None if away_from_zero(term, side) is None else Least(())
    except NotCertified:
        return None


def _dominated(terms: tuple[Term, ...], side: int) -> Least | None:
    """The term of a sum that outgrows all others together."""
    for k, t in enumerate(terms):
        least = _least(t, side)
        if least is None or not least.exponents:
            continue
        try:
            others = [growth(o, side) for o in (*terms[:k], *terms[k + 1 :])]
        except NotCertified:
            continue
        degree, front = least.exponents[0]
        own = (least.of(2), least.of(1))
        if (degree > 2 and front > 0) or (degree <= 2 and all(own > (g.s, g.b) for g in others)):
            return least
    return None


def _product(found: list[Least]) -> Least:
    total: Polynomial = {}
    for f in found:
        for k, c in f.exponents:
            total[k] = total.get(k, Fraction(0)) + c
    return _made(total, sum(f.m for f in found))


def _made(exponents: Polynomial, m: int) -> Least:
    return Least(tuple(sorted(((k, c) for k, c in exponents.items() if c), reverse=True)), m)


def polynomial(term: Term) -> Polynomial | None:
    """The coefficients of a polynomial in z with rational coefficients, None for anything else."""
    if term == Z:
        return {1: Fraction(1)}
    value = rational(term)
    if value is not None:
        return {0: value} if value else {}
    match term:
        case Neg(term=inner):
            return _scaled(polynomial(inner), Fraction(-1))
        case Add(terms=terms):
            return _folded([polynomial(t) for t in terms], _added, {})
        case Mul(factors=factors):
            return _folded([polynomial(t) for t in factors], _multiplied, {0: Fraction(1)})
        case Pow(base=base, exponent=exponent):
            whole = rational(exponent)
            if whole is None or whole.denominator != 1 or not 0 <= whole <= 64:
                return None
            return _folded([polynomial(base)] * int(whole), _multiplied, {0: Fraction(1)})
        case _:
            return None


def _folded(parts: list[Polynomial | None], operation: Any, start: Polynomial) -> Polynomial | None:
    out = start
    for p in parts:
        if p is None:
            return None
        out = operation(out, p)
    return out


def _scaled(p: Polynomial | None, c: Fraction) -> Polynomial | None:
    return None if p is None else {k: v * c for k, v in p.items()}


def _added(a: Polynomial, b: Polynomial) -> Polynomial:
    out = {k: a.get(k, Fraction(0)) + b.get(k, Fraction(0)) for k in a.keys() | b.keys()}
    return {k: v for k, v in out.items() if v}


def _multiplied(a: Polynomial, b: Polynomial) -> Polynomial:
    out: Polynomial = {}
    for i, x in a.items():
        for j, y in b.items():
            out[i + j] = out.get(i + j, Fraction(0)) + x * y
    return {k: v for k, v in out.items() if v}
