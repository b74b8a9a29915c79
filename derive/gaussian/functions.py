"""The language's functions on complex balls, analytic where the integrator asks for it, written in e^(-|z|).

``f(z, analytic)`` encloses f on the ball z. With ``analytic`` a ball on which f is not shown to be holomorphic gives a
ball that is not finite, as ``acb.integral`` demands. Functions with kinks are tables of branches between thresholds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import flint

acb: Any = flint.acb
arb: Any = flint.arb
Complex = Any  # flint.acb, which has no types
Branch = Callable[[Complex], Complex]
SELU_SCALE, SELU_ALPHA = "1.0507009873554804934193349852946", "1.6732632423543772848170429916717"


@dataclass(frozen=True, slots=True)
class Pieces:
    """A real function that is holomorphic between thresholds: one branch more than there are thresholds."""

    thresholds: tuple[int, ...]
    branches: tuple[Branch, ...]

    def at(self, z: Complex, analytic: bool, hint: int | None) -> Complex:
        """The function on a ball; ``hint`` names the branch where the caller knows it."""
        if hint is not None:
            return self.branches[hint](z)
        first = sum(1 for t in self.thresholds if bool(z.real > t))
        last = sum(1 for t in self.thresholds if not bool(z.real < t))
        if first == last:
            return self.branches[first](z)
        if analytic:
            return undefined()
        out = self.branches[first](z)
        for branch in self.branches[first + 1 : last + 1]:
            out = out.union(branch(z))
        return out


def undefined() -> Complex:
    """A ball that is not finite."""
    return acb(arb.nan(), arb.nan())


def _same(z: Complex) -> Complex:
    return z


def _constant(value: int) -> Branch:
    return lambda _: acb(value)


@lru_cache(maxsize=8)
def _selu(prec: int) -> tuple[Any, Any]:
    """The two constants of selu, to the precision in force."""
    return arb(SELU_SCALE), arb(SELU_ALPHA)


def _selu_below(z: Complex) -> Complex:
    scale, alpha = _selu(flint.ctx.prec)
    return z.expm1() * scale * alpha


def _selu_above(z: Complex) -> Complex:
    return z * _selu(flint.ctx.prec)[0]


PIECES: Mapping[str, Pieces] = MappingProxyType(
    {
        "abs": Pieces((0,), (lambda z: -z, _same)),
        "sign": Pieces((0,), (_constant(-1), _constant(1))),
        "step": Pieces((0,), (_constant(0), _constant(1))),
        "relu": Pieces((0,), (_constant(0), _same)),
        "elu": Pieces((0,), (lambda z: z.expm1(), _same)),
        "selu": Pieces((0,), (_selu_below, _selu_above)),
        "softsign": Pieces((0,), (lambda z: z / (1 - z), lambda z: z / (1 + z))),
        "relu6": Pieces((0, 6), (_constant(0), _same, _constant(6))),
        "hard_tanh": Pieces((-1, 1), (_constant(-1), _same, _constant(1))),
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


def gelu(z: Complex, _: bool) -> Complex:
    """z Phi(z) = z erfc(-z/sqrt(2))/2, entire."""
    return z * (-z / arb(2).sqrt()).erfc() / 2


def mish(z: Complex, _: bool) -> Complex:
    """z tanh(log(1 + e^z)) = z (e^2z + 2 e^z)/(e^2z + 2 e^z + 2), meromorphic."""
    if _right(z):
        t = (-z).exp()
        return z * (1 + 2 * t) / (1 + 2 * t + 2 * t * t)
    e = z.exp()
    u = e * (e + 2)
    return z * u / (u + 2)


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
        "silu": lambda z, a: z * sigmoid(z, a),
        "sigmoid": sigmoid,
        "softplus": softplus,
        "gelu": gelu,
        "mish": mish,
        "atan": atan,
        "asin": asin,
        "log": log,
        "sqrt": root,
    }
)


def on_reals(name: str, x: Any) -> Any:
    """The function on a real ball; not finite where it is not defined. Raises ``KeyError`` for an unknown name."""
    result = PIECES[name].at(acb(x), False, None) if name in PIECES else SMOOTH[name](acb(x), False)
    return result.real if bool(result.imag.contains(0)) else arb.nan()
