"""The language's functions on complex balls, analytic where the integrator asks for it, written in e^(-|z|).

``f(z, analytic)`` encloses f on the ball z. With ``analytic`` a ball on which f is not shown to be holomorphic gives a
ball that is not finite, as ``acb.integral`` demands. Functions with kinks are pairs of branches.
What else the catalog knows is written in these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import flint

acb: Any = flint.acb
arb: Any = flint.arb
Complex = Any  # flint.acb, which has no types
Branch = Callable[[Complex], Complex]


@dataclass(frozen=True, slots=True)
class Kink:
    """A real function that is holomorphic on either side of 0."""

    below: Branch
    above: Branch

    def at(self, z: Complex, analytic: bool) -> Complex:
        """The function on a ball: one branch, or both where the ball meets 0."""
        if bool(z.real > 0):
            return self.above(z)
        if bool(z.real < 0):
            return self.below(z)
        return undefined() if analytic else self.below(z).union(self.above(z))


def undefined() -> Complex:
    """A ball that is not finite."""
    return acb(arb.nan(), arb.nan())


def _same(z: Complex) -> Complex:
    return z


def _constant(value: int) -> Branch:
    return lambda _: acb(value)


KINKS: Mapping[str, Kink] = MappingProxyType(
    {
        "abs": Kink(lambda z: -z, _same),
        "sign": Kink(_constant(-1), _constant(1)),
        "step": Kink(_constant(0), _constant(1)),
        "relu": Kink(_constant(0), _same),
    }
)


def _right(z: Complex) -> bool:
    """Whether the ball's middle lies in the right half plane: there e^(-z) is the small one."""
    return bool(z.real.mid() > 0)


def sigmoid(z: Complex, _: bool) -> Complex:
    """1/(1 + e^-z) = e^z/(1 + e^z), meromorphic."""
    if _right(z):
        return 1 / (1 + (-z).exp())
    e = z.exp()
    return e / (1 + e)


def softplus(z: Complex, analytic: bool) -> Complex:
    """log(1 + e^z) = z + log(1 + e^-z), holomorphic off the imaginary axis beyond -pi i and pi i.

    On either side of that axis the form with the small exponential is holomorphic, and both agree where |Im z| < pi.
    """
    if analytic and not (bool(abs(z.imag) < 3) or not z.real.contains(0)):
        return undefined()
    return z + (-z).exp().log1p() if _right(z) else z.exp().log1p()


def atan(z: Complex, analytic: bool) -> Complex:
    """atan, holomorphic off the imaginary axis beyond -i and i."""
    if analytic and not (bool(abs(z.imag) < 1) or not z.real.contains(0)):
        return undefined()
    return z.atan()


def log(z: Complex, analytic: bool) -> Complex:
    """log, holomorphic off the negative axis; not defined for negative numbers."""
    return undefined() if _negative(z) else z.log(analytic=analytic)


def root(z: Complex, analytic: bool) -> Complex:
    """sqrt, holomorphic off the negative axis; not defined for negative numbers."""
    return undefined() if _negative(z) else z.sqrt(analytic=analytic)


def asin(z: Complex, analytic: bool) -> Complex:
    """asin, holomorphic off the real axis beyond -1 and 1; not defined there."""
    if (analytic and not bool(abs(z.real) < 1)) or bool(z.imag == 0 and abs(z.real) > 1):
        return undefined()
    return z.asin()


def power(z: Complex, exponent: Complex, analytic: bool) -> Complex:
    """z^e = exp(e log z), holomorphic off the negative axis; not defined for negative numbers. 0^e = 0 for e > 0."""
    if not z.contains(0):
        return (log(z, analytic) * exponent).exp()
    if analytic or not bool(exponent.real > 0) or _negative(z):
        return undefined()
    size = acb(abs(z).upper()) ** exponent.real if bool(abs(z).upper() > 0) else acb(0)
    return acb(arb(0, abs(size).upper()), arb(0, abs(size).upper()) if not bool(z.imag == 0) else arb(0))


def _negative(z: Complex) -> bool:
    """Whether the ball holds negative numbers only: there a real function is not defined, whatever a complex one is."""
    return bool(z.imag == 0 and z.real < 0)


SMOOTH: Mapping[str, Callable[[Complex, bool], Complex]] = MappingProxyType(
    {
        "exp": lambda z, _: z.exp(),
        "sin": lambda z, _: z.sin(),
        "cos": lambda z, _: z.cos(),
        "tanh": lambda z, _: z.tanh(),
        "erf": lambda z, _: z.erf(),
        "sigmoid": sigmoid,
        "softplus": softplus,
        "atan": atan,
        "asin": asin,
        "log": log,
        "sqrt": root,
    }
)
