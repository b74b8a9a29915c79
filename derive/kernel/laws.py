"""Moments of the named laws: E(y^p sign(y)^e) as a polynomial in the law's parameters, where there is one."""

from __future__ import annotations

from fractions import Fraction
from math import comb, factorial

from derive.kernel.functions import value
from derive.kernel.polynomial import ONE, UNIT, ZERO, Poly, total
from derive.kernel.roots import plainly_positive, root
from derive.kernel.symbols import Inverse, Profile, Root, Scalar
from derive.language.functions import FUNCTIONS
from derive.language.problem import Problem


def law_moment(problem: Problem, law: str, args: tuple[Poly, ...], powers: Profile) -> Poly | None:
    """E of the profile under the law; None where it has no closed form here.

    Normal(mu, v): sum of binom(p, 2k) mu^(p-2k) v^k (2k-1)!!; absolute moments E|y|^p, p odd, mu = 0, are
    sqrt(2 v/pi) (2 v)^((p-1)/2) ((p-1)/2)!. Uniform(lo, hi): sum of lo^i hi^(p-i) over i, divided by p + 1.
    TruncatedNormal(0, v, -h, h): see ``_truncated``. Odd profiles, of whatever functions, vanish under symmetric laws.
    """
    symmetric = symmetric_law(law, args)
    if symmetric and parity(powers) == -1:
        return ZERO
    exponents = dict(powers)
    if set(exponents) - {"", "sign"}:
        return None
    p, e = exponents.get("", 0), exponents.get("sign", 0)
    if law == "Rademacher":
        return ONE
    if p == 0 and e == 2:
        return ONE  # these laws have a density: y = 0 has probability 0
    if e and not symmetric:
        return None
    if law == "Normal":
        return _half_normal(problem, args[1], p) if e else _normal(args[0], args[1], p)
    if law == "Uniform":
        if e:
            return (args[1] ** p).scaled(UNIT, Fraction(1, p + 1))
        return total(args[0] ** i * args[1] ** (p - i) for i in range(p + 1)).scaled(UNIT, Fraction(1, p + 1))
    return _truncated(problem, args[1], args[3], p) if symmetric else None


def parity(powers: Profile) -> int:
    """-1 if the product changes its sign with the entry's, 1 if it keeps it, 0 if neither is known."""
    out = 1
    for function, exponent in powers:
        own = -1 if function == "" else FUNCTIONS[function].parity
        if own == 0:
            return 0
        out *= own if exponent % 2 else 1
    return out


def symmetric_law(law: str, args: tuple[Poly, ...]) -> bool:
    """Whether the parameters make y and -y have the same law."""
    match law:
        case "Rademacher":
            return True
        case "Normal":
            return not args[0]
        case "Uniform":
            return not args[0] + args[1]
        case "TruncatedNormal":
            return not args[0] and not args[2] + args[3]
        case _:
            return law == "Rademacher"


def _normal(mean: Poly, variance: Poly, p: int) -> Poly:
    return total(
        (mean ** (p - 2 * k) * variance**k).scaled(
            UNIT, comb(p, 2 * k) * Fraction(factorial(2 * k), 2**k * factorial(k))
        )
        for k in range(p // 2 + 1)
    )


def _half_normal(problem: Problem, variance: Poly, p: int) -> Poly:
    pi = Poly.symbol(Scalar("pi"), -1)
    return (root(problem, (variance * pi).scaled(UNIT, 2)) * variance ** (p // 2)).scaled(
        UNIT, 2 ** (p // 2) * factorial(p // 2)
    )


def _truncated(problem: Problem, variance: Poly, high: Poly, p: int) -> Poly | None:
    """E|y|^p for the normal law N(0, v) cut off at -h and h, by parts: m_p = (p-1) v m_(p-2) - 2 v h^(p-1) f(h).

    f(h) = exp(-h^2/(2 v))/(sqrt(2 pi v) erf(h/sqrt(2 v))) is the density at h; m_0 = 1, m_1 = 2 v (f(0) - f(h)).
    Where v is plainly positive; that h is positive is the law's own condition lo < hi.
    """
    if not plainly_positive(problem, variance):
        return None
    deviation = root(problem, variance.scaled(UNIT, 2))  # sqrt(2 v)
    mass = value("erf", high, deviation)
    density = inverted(root(problem, variance.scaled(UNIT, 2) * Poly.symbol(Scalar("pi"))) * mass)
    at_end = density * value("exp", -(high**2), variance.scaled(UNIT, 2))
    moments = [ONE, (variance * (density - at_end)).scaled(UNIT, 2)]
    for k in range(2, p + 1):
        edge = (variance * high ** (k - 1) * at_end).scaled(UNIT, 2)
        moments.append((variance * moments[k - 2]).scaled(UNIT, k - 1) - edge)
    return moments[p]


def inverted(positive: Poly) -> Poly:
    """1/p for a polynomial p that is positive: in the exponents where it is one term, and 1/sqrt(s) = sqrt(s)/s."""
    if len(positive.terms) != 1:
        return Poly.symbol(Inverse(positive))
    ((monomial, c),) = positive.terms.items()
    out = Poly.number(1 / c)
    for symbol, exponent in monomial:
        if isinstance(symbol, Root) and len(symbol.radicand.terms) > 1:
            out = out * (Poly.symbol(symbol) * Poly.symbol(Inverse(symbol.radicand))) ** exponent
        else:
            out = out * Poly.symbol(symbol, -exponent)
    return out
