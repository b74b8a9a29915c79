"""Expectations under the named continuous laws: moments E(y^p sgn(y)^e) exact where they are rational, else enclosed.

Normal: E (y - mu)^k = (k-1)!! var^(k/2) for even k; E |y|^p = (2 var)^(p/2) Gamma((p+1)/2)/sqrt(pi) for mu = 0.
Uniform: integrals of y^p over the two half lines. TruncatedNormal: integration by parts,
m_k = mu m_(k-1) + (k-1) var m_(k-2) - var [y^(k-1) phi(y)] at the ends. Other functions of an entry are integrated
with a proven error bound (``derive.gaussian``); no table of closed forms is consulted.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from fractions import Fraction
from functools import lru_cache
from math import comb
from typing import Any

from derive.language.terms import Apply, Entry, Pow, Term, add, mul
from derive.language.terms import number as number_term
from derive.referee.algebra import (
    Ball,
    Composed,
    Exact,
    Monomial,
    Unusable,
    Value,
    ball,
    pi,
    power,
    reciprocal,
    reduced,
    root,
)
from derive.referee.model import Continuous, Model

ENTRY = Entry("y", ())
DIGITS = 20


def mean(model: Model, monomial: Monomial, spend: Callable[[int], None]) -> Value:
    """E of a product of powers of continuous entries, which are independent, and of functions of single ones.

    spend: told of each numerical integration, how many evaluations of its integrand it took.
    """
    parts: dict[Hashable, list[tuple[Hashable, int, int]]] = {}
    for variable, p, e in monomial:
        parts.setdefault(_entry(variable), []).append((variable, p, e))
    total: Value = 1
    for key, factors in parts.items():
        if any(isinstance(v, Composed) for v, _, _ in factors):
            total = total * _integral(_law(model, key), _product(tuple(factors)), spend)
        else:
            ((_, p, e),) = factors
            total = total * moment(model, key, p, e)
    return total


def moment(model: Model, key: Hashable, p: int, e: int) -> Value:
    """E(y^p sgn(y)^e) of the entry ``key`` of a family with a continuous law."""
    law = _law(model, key)
    if law.name == "Normal":
        return _normal(law.parameters[0], law.parameters[1], p, e)
    if law.name == "Uniform":
        return reduced(_uniform(Fraction(law.parameters[0]), Fraction(law.parameters[1]), p, e))
    return _truncated(law.parameters, p, e)


def _law(model: Model, key: Hashable) -> Continuous:
    name = next((n for n in model.laws if isinstance(key, tuple) and key and key[0] == n), None)
    law = model.laws[name] if name is not None else None
    if not isinstance(law, Continuous):
        raise Unusable("this entry has no continuous law")
    return law


def _integral(law: Continuous, term: Term, spend: Callable[[int], None]) -> Ball:
    from derive.gaussian.enclosure import attempted  # with the enclosure library, only where it is needed

    found = attempted(term, law.name, law.parameters, digits=DIGITS)
    spend(found.evaluations)
    if found.failure is not None:
        raise Unusable(str(found.failure))
    return Ball(found.ball)


def _entry(variable: Hashable) -> Hashable:
    """The one entry that a variable is a function of."""
    if not isinstance(variable, Composed):
        return variable
    found = {_entry(v) for monomial, _ in variable.inner for v, _, _ in monomial}
    if len(found) != 1:
        raise Unusable("a function of more than one continuous entry")
    return found.pop()


def _product(monomial: Monomial) -> Term:
    """The monomial as an expression in one variable."""
    factors: list[Term] = []
    for variable, p, e in monomial:
        base: Term = ENTRY
        if isinstance(variable, Composed):
            inner = [mul(number_term(c), _product(m)) for m, c in variable.inner]
            base = Apply(variable.function, (add(*inner),))
        factors += [Pow(base, number_term(p))] if p else []
        factors += [Apply("sign", (base,))] if e else []
    return mul(*factors)


def proper(law: Continuous) -> bool:
    """Whether the law's parameters meet their conditions: a positive variance, lo < hi."""
    p = law.parameters
    match law.name:
        case "Normal":
            return p[1] > 0
        case "Uniform":
            return p[0] < p[1]
        case _:
            return p[1] > 0 and p[2] < p[3]


@lru_cache(maxsize=512)
def _normal(mean: Exact, variance: Exact, p: int, e: int) -> Value:
    if e and mean:
        raise Unusable("half moments of a normal law with a mean")
    if e:
        return 0 if p % 2 == 0 else _absolute(variance, p)
    total = Fraction(0)
    for k in range(0, p + 1, 2):
        central = Fraction(variance) ** (k // 2) * _double_factorial(k - 1)
        total += comb(p, k) * Fraction(mean) ** (p - k) * central
    return reduced(total)


def _double_factorial(k: int) -> int:
    result = 1
    for factor in range(k, 1, -2):
        result *= factor
    return result


def _absolute(variance: Exact, p: int) -> Value:
    """E |y|^p for odd p: var^((p-1)/2) (p-1)!! sqrt(2 var/pi)."""
    even = Fraction(variance) ** ((p - 1) // 2) * _double_factorial(p - 1)
    return even * root(ball(2 * variance) * reciprocal(pi()))


@lru_cache(maxsize=512)
def _uniform(low: Fraction, high: Fraction, p: int, e: int) -> Fraction:
    def integral(a: Fraction, b: Fraction) -> Fraction:
        return (b ** (p + 1) - a ** (p + 1)) / (p + 1)

    zero = Fraction(0)
    below, above = integral(min(low, zero), min(high, zero)), integral(max(low, zero), max(high, zero))
    return (above - below if e else above + below) / (high - low)


@lru_cache(maxsize=512)
def _truncated(parameters: tuple[Exact, ...], p: int, e: int) -> Value:
    mean, variance, low, high = parameters
    if mean == 0 and low == -high and (p + e) % 2:
        return 0
    zero: Exact = 0
    below = _integrals(mean, variance, min(low, zero), min(high, zero), p)
    above = _integrals(mean, variance, max(low, zero), max(high, zero), p)
    mass = _integrals(mean, variance, low, high, 0)
    return (above + -below if e else above + below) * reciprocal(mass)


def _integrals(mean: Exact, variance: Exact, low: Exact, high: Exact, p: int) -> Value:
    """The integral of y^p under the density of N(mean, variance) between two ends."""
    if low == high:
        return 0
    deviation = root(ball(variance))
    density = [_density(x, mean, variance) for x in (low, high)]
    scale = reciprocal(deviation * root(2))
    erf = [_call(((x + -mean) * scale), "erf") for x in (low, high)]
    moments: list[Value] = [(erf[1] + -erf[0]) * Fraction(1, 2)]
    for k in range(1, p + 1):
        ends = power(high, k - 1) * density[1] + -(power(low, k - 1) * density[0])
        earlier: Value = (k - 1) * variance * moments[k - 2] if k > 1 else 0
        moments.append(mean * moments[k - 1] + earlier + -(variance * ends))
    return moments[p]


def _density(x: Exact, mean: Exact, variance: Exact) -> Value:
    exponent = Fraction(-((x - mean) ** 2)) / (2 * variance)
    return _call(exponent, "exp") * reciprocal(root(ball(2 * variance) * pi()))


def _call(value: Value, method: str) -> Value:
    if not isinstance(value, Ball):
        value = ball(value) if isinstance(value, int | Fraction) else value
    if not isinstance(value, Ball):
        raise Unusable("a polynomial where a number is expected")
    function: Any = getattr(value.arb, method)
    return Ball(function())
