"""Activations as pairs (f, f') of short NumPy functions: only functions, no formula of the theory.

The other side of the house has a catalog of its own, with closed forms; a test compares the two.
Where f has a kink, f'(0) is what the training libraries use: 0 for relu and abs, the left slope for
leaky relu.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np

from montecarlo.arrays import Array
from montecarlo.errors import InputError
from montecarlo.names import unknown
from montecarlo.pointwise import GENTLE, Pointwise
from montecarlo.special import erf, expit, normal_cdf

# Klambauer et al. 2017, eq. 14: mean 0 and variance 1 are a fixed point.
SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717


@dataclass(frozen=True, slots=True)
class Activation:
    """A function and its derivative, elementwise.

    Args:
        name: how it is called, parameters included.
        function: f, array -> new array of the same shape.
        derivative: f', the same.
        slopes: (alpha_+, alpha_-) if f(z) = alpha_+ z for z > 0 and alpha_- z for z < 0, else None.
            They are taken at their word: networks are rescaled layer by layer if they are given.
    """

    name: str
    function: Pointwise
    derivative: Pointwise
    slopes: tuple[float, float] | None = None


def _line(z: Array, *, right: float, left: float) -> Array:
    # No np.where on signs that nobody can predict: its branch costs more than both products.
    return right * np.maximum(z, 0.0) + left * np.minimum(z, 0.0)


def _line_slope(z: Array, *, right: float, left: float) -> Array:
    return right * (z > 0).astype(z.dtype) + left * (z <= 0).astype(z.dtype)


def _normal_density(z: Array) -> Array:
    return np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _identity(z: Array) -> Array:
    return z.copy()


def _one(z: Array) -> Array:
    return np.ones_like(z)


def _relu(z: Array) -> Array:
    return np.maximum(z, 0.0)


def _relu_slope(z: Array) -> Array:
    return (z > 0).astype(z.dtype)


def _tanh_slope(z: Array) -> Array:
    # 4 e^{-2|z|}/(1 + e^{-2|z|})^2; the form 1 - tanh^2 loses all digits from |z| = 19 on
    small = np.exp(-2 * np.abs(z))
    return 4 * small / (1 + small) ** 2


def _sigmoid_slope(z: Array) -> Array:
    return expit(z) * expit(-z)


def _erf_slope(z: Array) -> Array:
    return 2 / math.sqrt(math.pi) * np.exp(-z * z)


def _gelu(z: Array) -> Array:
    return z * normal_cdf(z)


def _gelu_slope(z: Array) -> Array:
    return normal_cdf(z) + z * _normal_density(z)


def _silu(z: Array) -> Array:
    return z * expit(z)


def _silu_slope(z: Array) -> Array:
    return expit(z) * (1 + z * expit(-z))


def _elu(z: Array, *, scale: float, alpha: float) -> Array:
    return scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0.0)))


def _elu_slope(z: Array, *, scale: float, alpha: float) -> Array:
    return scale * np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0.0)))


def _softplus(z: Array) -> Array:
    return np.logaddexp(0.0, z)


def _mish(z: Array) -> Array:
    return z * np.tanh(_softplus(z))


def _mish_slope(z: Array) -> Array:
    soft = _softplus(z)
    return np.tanh(soft) + z * expit(z) * _tanh_slope(soft)


def piecewise_linear(name: str, *, right: float, left: float) -> Activation:
    """F(z) = right z for z > 0, left z for z <= 0."""
    line = partial(_line, right=right, left=left)
    return Activation(name, line, partial(_line_slope, right=right, left=left), (right, left))


def leaky_relu(slope: float = 0.01) -> Activation:
    """F(z) = max(z, 0) + slope min(z, 0)."""
    name = "leaky_relu" if slope == 0.01 else f"leaky_relu({slope:g})"
    return piecewise_linear(name, right=1.0, left=slope)


def elu(alpha: float = 1.0) -> Activation:
    """F(z) = z for z > 0, alpha (e^z - 1) otherwise (Clevert et al. 2016)."""
    name = "elu" if alpha == 1 else f"elu({alpha:g})"
    function = partial(_elu, scale=1.0, alpha=alpha)
    return Activation(name, function, partial(_elu_slope, scale=1.0, alpha=alpha))


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        activation.name: activation
        for activation in (
            Activation("identity", _identity, _one, (1.0, 1.0)),
            Activation("relu", _relu, _relu_slope, (1.0, 0.0)),
            leaky_relu(),
            Activation("abs", np.abs, np.sign, (1.0, -1.0)),
            Activation("tanh", np.tanh, _tanh_slope),
            Activation("sigmoid", expit, _sigmoid_slope),
            Activation("erf", erf, _erf_slope),
            Activation("gelu", _gelu, _gelu_slope),
            Activation("silu", _silu, _silu_slope),
            Activation("mish", _mish, _mish_slope),
            elu(),
            Activation(
                "selu",
                partial(_elu, scale=SELU_SCALE, alpha=SELU_ALPHA),
                partial(_elu_slope, scale=SELU_SCALE, alpha=SELU_ALPHA),
            ),
            Activation("softplus", _softplus, expit),
            Activation("sin", np.sin, np.cos),
        )
    }
)


# The networks of the tests are drawn with the activations above; these are theirs too, by name.
FURTHER: Mapping[str, Activation] = MappingProxyType(
    {
        activation.name: activation
        for activation in (
            piecewise_linear("prelu", right=1.0, left=0.25),
            *(Activation(name, function, derivative) for name, function, derivative in GENTLE),
        )
    }
)


def find_activation(name: str) -> Activation:
    """The activation of that name; raises InputError with the nearest names."""
    known = {**ACTIVATIONS, **FURTHER}
    found = known.get(name.replace("-", "_"))
    if found is None:
        raise InputError(unknown("activation", name, known))
    return found
