"""Activations in memory that is there: out <- f(z), and delta <- f'(z) * delta.

The general way calls f and f'. Of tanh, sigmoid and relu the slope is known from the value, a = f(z),

    tanh' = 1 - a^2        sigmoid' = a (1 - a)        relu' = sign(a),

which saves another exponential. Where tanh is all but 1, 1 - a^2 is off by one rounding of 1, 1e-16; a gradient that
small changes no weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from montecarlo.activations import ACTIVATIONS, Activation
from montecarlo.arrays import Array

Slope: TypeAlias = Callable[[Array, Array], None]  # (a, out): out <- f'(z), where a = f(z)


def _tanh(a: Array, out: Array) -> None:
    np.multiply(a, a, out=out)
    np.subtract(1.0, out, out=out)


def _sigmoid(a: Array, out: Array) -> None:
    np.subtract(1.0, a, out=out)
    out *= a


def _relu(a: Array, out: Array) -> None:
    np.sign(a, out=out)


_FROM_VALUE: Mapping[str, Slope] = MappingProxyType({"tanh": _tanh, "sigmoid": _sigmoid, "relu": _relu})


def activate(activation: Activation, z: Array, out: Array) -> None:
    """Out <- f(z), elementwise."""
    if activation is ACTIVATIONS["tanh"]:
        np.tanh(z, out=out)
    elif activation is ACTIVATIONS["relu"]:
        np.maximum(z, 0.0, out=out)
    else:
        out[...] = activation.function(z)


def multiply_by_slope(activation: Activation, *, z: Array, a: Array, delta: Array) -> None:
    """Delta <- f'(z) * delta, where a = f(z); z is written over."""
    slope = _FROM_VALUE.get(activation.name) if ACTIVATIONS.get(activation.name) is activation else None
    if slope is None:
        delta *= activation.derivative(z)
    else:
        slope(a, z)
        delta *= z
