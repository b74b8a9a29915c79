"""Further functions of one number, as short NumPy pairs (name, f, f'): the rest of what an activation is called.

``GENTLE`` are continuous and grow at most linearly, so that a network may use them. ``OTHERS`` jump (f' is None) or
grow faster, and serve comparisons under one normal law only. At a kink f' is the slope on the left.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np

from montecarlo.arrays import Array
from montecarlo.special import expit

Pointwise: TypeAlias = Callable[[Array], Array]


def _clip(z: Array, *, low: float, high: float, slope: float, middle: float) -> Array:
    return np.clip(slope * z + middle, low, high)


def _clip_slope(z: Array, *, low: float, high: float, slope: float, middle: float) -> Array:
    inside = slope * z + middle
    return np.where((inside > low) & (inside <= high), slope, 0.0)


def _clipped(*, low: float, high: float, slope: float = 1.0, middle: float = 0.0) -> tuple[Pointwise, Pointwise]:
    names = {"low": low, "high": high, "slope": slope, "middle": middle}
    return partial(_clip, **names), partial(_clip_slope, **names)


def _hardswish(z: Array) -> Array:
    return z * np.clip(z + 3, 0, 6) / 6


def _hardswish_slope(z: Array) -> Array:
    return np.where(z <= -3, 0.0, np.where(z <= 3, z / 3 + 0.5, 1.0))


def _softshrink(z: Array, *, threshold: float) -> Array:
    return np.sign(z) * np.maximum(np.abs(z) - threshold, 0.0)


def _outside(z: Array, *, threshold: float) -> Array:
    return (np.abs(z) > threshold).astype(np.float64)


def _hardshrink(z: Array, *, threshold: float) -> Array:
    return np.where(np.abs(z) > threshold, z, 0.0)


def _celu(z: Array) -> Array:
    return np.maximum(z, 0.0) + np.expm1(np.minimum(z, 0.0))


def _celu_slope(z: Array) -> Array:
    return np.exp(np.minimum(z, 0.0))


def _swish(z: Array, *, beta: float) -> Array:
    return z * expit(beta * z)


def _swish_slope(z: Array, *, beta: float) -> Array:
    s = expit(beta * z)
    return s + beta * z * s * expit(-beta * z)


def _inner(z: Array) -> Array:
    return math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)


def _gelu_tanh(z: Array) -> Array:
    return z * expit(2 * _inner(z))  # (1 + tanh u)/2 = 1/(1 + e^-2u), which keeps its digits for negative u


def _gelu_tanh_slope(z: Array) -> Array:
    u = _inner(z)
    rise = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z**2)
    return expit(2 * u) + 2 * z * rise * expit(2 * u) * expit(-2 * u)


def _softsign(z: Array) -> Array:
    return z / (1 + np.abs(z))


def _softsign_slope(z: Array) -> Array:
    return 1 / (1 + np.abs(z)) ** 2


def _log_sigmoid(z: Array) -> Array:
    return -np.logaddexp(0.0, -z)


def _falling(z: Array) -> Array:
    return expit(-z)


def _scaled_tanh(z: Array) -> Array:
    return 1.7159 * np.tanh(2 * z / 3)


def _sech_squared(z: Array) -> Array:
    small = np.exp(-2 * np.abs(z))
    return 4 * small / (1 + small) ** 2


def _scaled_tanh_slope(z: Array) -> Array:
    return 1.7159 * 2 / 3 * _sech_squared(2 * z / 3)


def _tanhshrink(z: Array) -> Array:
    return z - np.tanh(z)


def _tanhshrink_slope(z: Array) -> Array:
    return np.tanh(z) ** 2


def _atan_slope(z: Array) -> Array:
    return 1 / (1 + z * z)


def _wave(z: Array, *, omega: float) -> Array:
    return np.sin(omega * z)


def _wave_slope(z: Array, *, omega: float) -> Array:
    return omega * np.cos(omega * z)


def _minus_sin(z: Array) -> Array:
    return -np.sin(z)


def _bell(z: Array) -> Array:
    return np.exp(-z * z)


def _bell_slope(z: Array) -> Array:
    return -2 * z * np.exp(-z * z)


def _step(z: Array) -> Array:
    return (z > 0).astype(np.float64)


def _threshold(z: Array) -> Array:
    return np.where(z > 1, z, 0.0)


def _squared_relu(z: Array) -> Array:
    return np.maximum(z, 0.0) ** 2


def _twice_relu(z: Array) -> Array:
    return 2 * np.maximum(z, 0.0)


def _polynomial(z: Array, *, coefficients: tuple[float, ...]) -> Array:
    out = np.zeros_like(z)
    for c in reversed(coefficients):
        out = out * z + c
    return out


def _hermite(*coefficients: float) -> tuple[Pointwise, Pointwise]:
    slopes = tuple(k * c for k, c in enumerate(coefficients))[1:]
    return partial(_polynomial, coefficients=coefficients), partial(_polynomial, coefficients=slopes)


GENTLE: tuple[tuple[str, Pointwise, Pointwise], ...] = (
    ("relu6", *_clipped(low=0.0, high=6.0)),
    ("hard_tanh", *_clipped(low=-1.0, high=1.0)),
    ("hard_sigmoid", *_clipped(low=0.0, high=1.0, slope=1 / 6, middle=0.5)),
    ("hardswish", _hardswish, _hardswish_slope),
    ("softshrink", partial(_softshrink, threshold=0.5), partial(_outside, threshold=0.5)),
    ("celu", _celu, _celu_slope),
    ("gelu_tanh", _gelu_tanh, _gelu_tanh_slope),
    ("quick_gelu", partial(_swish, beta=1.702), partial(_swish_slope, beta=1.702)),
    ("swish", partial(_swish, beta=1.0), partial(_swish_slope, beta=1.0)),
    ("softsign", _softsign, _softsign_slope),
    ("log_sigmoid", _log_sigmoid, _falling),
    ("lecun_tanh", _scaled_tanh, _scaled_tanh_slope),
    ("tanhshrink", _tanhshrink, _tanhshrink_slope),
    ("atan", np.arctan, _atan_slope),
    ("siren", partial(_wave, omega=30.0), partial(_wave_slope, omega=30.0)),
    ("cos", np.cos, _minus_sin),
    ("gaussian", _bell, _bell_slope),
)

OTHERS: tuple[tuple[str, Pointwise, Pointwise | None], ...] = (
    ("step", _step, None),
    ("sign", np.sign, None),
    ("hardshrink", partial(_hardshrink, threshold=0.5), None),
    ("threshold", _threshold, None),
    ("squared_relu", _squared_relu, _twice_relu),
    ("exp", np.exp, np.exp),
    ("hermite2", *_hermite(-1, 0, 1)),
    ("hermite3", *_hermite(0, -3, 0, 1)),
    ("hermite4", *_hermite(3, 0, -6, 0, 1)),
    ("hermite5", *_hermite(0, 15, 0, -10, 0, 1)),
)
