"""Moments of the named laws: E(y^p sign(y)^e) as a polynomial in the law's parameters, where there is one."""

from __future__ import annotations

from fractions import Fraction
from math import comb, factorial

from derive.kernel.polynomial import ONE, UNIT, ZERO, Poly, total
from derive.kernel.roots import root
from derive.kernel.symbols import Profile, Scalar
from derive.language.problem import Problem


def law_moment(problem: Problem, law: str, args: tuple[Poly, ...], profile: Profile) -> Poly | None:
    """E of the profile under the law; None where it has no closed form here.

    Normal(mu, v): sum of binom(p, 2k) mu^(p-2k) v^k (2k-1)!!; absolute moments E|y|^p, p odd, mu = 0, are
    sqrt(2 v/pi) (2 v)^((p-1)/2) ((p-1)/2)!. Uniform(lo, hi): sum of lo^i hi^(p-i) over i, divided by p + 1.
    """
    powers = dict(profile)
    if set(powers) - {"", "sign"}:
        return None
    p, e = powers.get("", 0), powers.get("sign", 0)
    if law == "Rademacher":
        return ONE if (p + e) % 2 == 0 else ZERO
    symmetric = symmetric_law(law, args)
    if symmetric and (p + e) % 2:
        return ZERO
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
    return None


def symmetric_law(law: str, args: tuple[Poly, ...]) -> bool:
    """Whether the law is the same as that of the negative."""
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
            return False


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
