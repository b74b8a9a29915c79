"""Square roots in normal form: sqrt(c x^3 y (n + m)) = x sqrt(c) sqrt(x) sqrt(y) sqrt(n + m) for positive c, x, y."""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction
from math import gcd, isqrt

from derive.kernel.exponentials import exponential, merged
from derive.kernel.factors import factors
from derive.kernel.polynomial import ONE, UNIT, ZERO, Poly, common_monomial, raised, replace
from derive.kernel.symbols import (
    Element,
    Inverse,
    Known,
    Label,
    ProductOf,
    Profile,
    Root,
    Scalar,
    Shift,
    Size,
    Tower,
    Value,
)
from derive.language.problem import Problem

LARGEST_PRIME_TRIED = 1000
POSITIVE = frozenset({"exp", "sigmoid", "softplus"})  # functions that are positive everywhere
POSITIVE_ABOVE_ZERO = frozenset("tanh atan asin erf softsign gelu silu mish elu selu relu6 hard_tanh".split())


def declared(problem: Problem, symbol: Scalar) -> str:
    """How a constant is declared: "positive", "nonzero" or "real"; an unknown that is solved for is real."""
    if symbol.name == "pi":
        return "positive"
    return problem.constants[symbol.name].kind if symbol.name in problem.constants else "real"


def within(problem: Problem, index: Label, high: str | int) -> bool:
    """Whether an index is known to lie in 1..high; bound indices do."""
    beyond = int(high == problem.beyond)
    least = high if isinstance(high, int) else problem.sizes.get(high, 1)
    match index:
        case int():
            return 1 <= index <= least + beyond
        case Shift(of=name, by=by):
            return name == high and least + by >= 1 and by <= beyond
        case _:
            return index == high or problem.free.get(index) == high or index[0] in "%~#" or "." in index


def declared_element(problem: Problem, family: str, indices: tuple[Label, ...]) -> str:
    """How c[indices] of a family of constants is declared; "real" outside of the declared range, as at 0."""
    constant = problem.constants.get(family)
    if constant is None or len(indices) != len(constant.ranges):
        return "real"
    inside = all(within(problem, i, r.high) for i, r in zip(indices, constant.ranges, strict=True))
    return constant.kind if inside else "real"


def positive_symbol(problem: Problem, symbol: Hashable) -> bool:
    """Whether a scalar is positive by its declaration alone."""
    if isinstance(symbol, Scalar):
        return declared(problem, symbol) == "positive"
    if isinstance(symbol, Element | Known):
        plain = isinstance(symbol, Element) or symbol.function == ""
        return plain and declared_element(problem, symbol.family, symbol.indices) == "positive"
    if isinstance(symbol, Tower | ProductOf):
        return plainly_positive(problem, symbol.of)
    if isinstance(symbol, Value):
        argument = symbol.numerator * symbol.denominator
        return symbol.function in POSITIVE or (
            symbol.function in POSITIVE_ABOVE_ZERO and plainly_positive(problem, argument)
        )
    return isinstance(symbol, Size) or (isinstance(symbol, Root) and plainly_positive(problem, symbol.radicand))


def plainly_positive(problem: Problem, poly: Poly) -> bool:
    """Whether every term is a positive number times sizes, positive constants, pi, roots of such, and even powers.

    Some term has no even power of what may be 0.
    """
    found = False
    for monomial, c in poly.terms.items():
        unsure = [e for s, e in monomial if not positive_symbol(problem, s)]
        if c < 0 or any(e % 2 for e in unsure):
            return False
        found = found or not unsure
    return found


def nonnegative_profile(powers: Profile) -> bool:
    """Whether the product is nonnegative everywhere: even powers, positive functions, y^p sign(y)^e with p + e even."""
    plain = sum(e for f, e in powers if f in {"", "sign"})
    return plain % 2 == 0 and all(e % 2 == 0 or f in POSITIVE for f, e in powers if f not in {"", "sign"})


def root(problem: Problem, radicand: Poly) -> Poly:
    """sqrt(radicand) in normal form; that the radicand is not negative is for the caller to demand."""
    if not radicand:
        return ZERO
    common = common_monomial(radicand)
    positive = frozenset((s, e) for s, e in common if positive_symbol(problem, s) and not isinstance(s, Root))
    squares = frozenset((s, e) for s, e in common if (s, e) not in positive and e % 2 == 0 and e > 0)
    content = _content(radicand)
    rest = radicand.scaled(raised(positive | squares, -1), 1 / content)
    out = _root_of_number(content)
    for symbol, exponent in squares:  # |x| is the root of x^2
        out = out * Poly.symbol(Root(Poly.symbol(symbol, 2)), exponent // 2)
    for symbol, exponent in positive:
        if isinstance(symbol, Value) and symbol.function == "exp":
            out = out * exponential(symbol.numerator.scaled(UNIT, Fraction(exponent, 2)), symbol.denominator)
            continue
        whole, odd = divmod(exponent, 2)
        out = out.scaled(frozenset({(symbol, whole)}) if whole else UNIT)
        out = out * Poly.symbol(Root(Poly.symbol(symbol))) if odd else out
    return out if rest == ONE else out * _root_of_sum(problem, rest)


def _root_of_sum(problem: Problem, rest: Poly) -> Poly:
    """sqrt((1 + q) (1 + 2 q)^3) = sqrt(1 + q) (1 + 2 q) sqrt(1 + 2 q), where every factor is positive."""
    found = factors(rest)
    if found.number != 1 or found.monomial or not all(plainly_positive(problem, f) for f, _ in found.powers):
        return Poly.symbol(Root(rest))
    out = ONE
    for factor, exponent in found.powers:
        whole, odd = divmod(exponent, 2)
        out = out * factor**whole * (Poly.symbol(Root(factor)) if odd else ONE)
    return out


def square_out(poly: Poly) -> Poly:
    """Replace root^2 by its radicand, exp(x/2)^2 by exp(x), and root^-1 by root/radicand.

    What stands in a denominator is not 0, so that there a radicand is positive: one of several terms becomes an
    ``Inverse``, as where a recurrence says v[l] = t + 1 of the v[l] in 1/sqrt(v[l]).
    """

    def value(symbol: Hashable, exponent: int) -> Poly | None:
        if not isinstance(symbol, Root) or exponent in {0, 1}:
            return None
        whole, odd = divmod(exponent, 2)
        out = Poly.symbol(symbol) if odd else ONE
        if whole >= 0:
            return out * symbol.radicand**whole
        if len(symbol.radicand.terms) > 1:
            return out * Poly.symbol(Inverse(symbol.radicand), -whole)
        ((monomial, c),) = symbol.radicand.terms.items()
        return out * Poly.monomial(raised(monomial, whole), c**whole)

    while any(isinstance(s, Root) and e not in {0, 1} for m in poly.terms for s, e in m):
        poly = replace(poly, value)
    return merged(poly)


def _content(poly: Poly) -> Fraction:
    numerators = [abs(c.numerator) for c in poly.terms.values()]
    denominators = [c.denominator for c in poly.terms.values()]
    common = 1
    for d in denominators:
        common = common * d // gcd(common, d)
    return Fraction(gcd(*(n * (common // d) for n, d in zip(numerators, denominators, strict=True))), common)


def _root_of_number(value: Fraction) -> Poly:
    """sqrt of a positive rational as a rational times roots of different primes (of what is left, if it is large)."""
    out, rest, outside = ONE, value.numerator * value.denominator, 1
    for prime in range(2, LARGEST_PRIME_TRIED):
        while rest % (prime * prime) == 0:
            rest //= prime * prime
            outside *= prime
        if rest % prime == 0:
            rest //= prime
            out = out * Poly.symbol(Root(Poly.number(prime)))
    exact = isqrt(rest)
    if exact * exact == rest:
        outside *= exact
    else:
        out = out * Poly.symbol(Root(Poly.number(rest)))
    return out.scaled(UNIT, Fraction(outside, value.denominator))
