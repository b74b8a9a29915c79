"""Data to train on: two moons and two circles, drawn here; scikit-learn's digits; and how they are split and scaled.

Inputs are rows of measurements, x (m, n), and each example belongs to one of K classes, 0 to K-1. A fifth of the
examples is held out. Each column is brought to mean 0 and standard deviation 1 *of the part that is trained on*; what
is held out, and what is predicted later, is scaled with the same numbers, and has no part in them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from montecarlo.arrays import Array
from montecarlo.errors import InputError
from montecarlo.names import unknown

Labels: TypeAlias = NDArray[np.intp]

HELD_OUT = 5  # one example in so many
EXAMPLES = 1000
NOISE = 0.2  # standard deviation around the moons, and half of it around the circles
INNER = 0.5  # the inner circle's radius


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Examples. x: (m, n); labels: (m,), each 0 to K-1; classes: the K names; columns: the n names."""

    name: str
    x: Array
    labels: Labels
    classes: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """x -> (x - mean)/deviation, column by column; a column that does not vary becomes 0."""

    mean: Array
    deviation: Array

    def __call__(self, x: Array) -> Array:
        """x (m, n) scaled."""
        return (x - self.mean) / self.deviation


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Scaled inputs x (m, n), labels (m,), and targets (m, K) with a 1 in each row, at the label."""

    x: Array
    labels: Labels
    targets: Array


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """What is trained on, what is held out, and the scale that belongs to both."""

    data: Data
    training: Part
    test: Part
    scale: Scale


def moons(rng: np.random.Generator, *, examples: int = EXAMPLES, noise: float = NOISE) -> Data:
    """Two half circles of radius 1 that reach into each other, blurred by N(0, noise^2)."""
    labels = np.arange(examples) % 2
    angle = rng.uniform(0, math.pi, examples)
    x = np.column_stack((np.cos(angle), np.sin(angle)))
    x[labels == 1] = np.array([1.0, 0.5]) - x[labels == 1]
    return _plane("moons", x + noise * rng.standard_normal(x.shape), labels, ("upper", "lower"))


def circles(rng: np.random.Generator, *, examples: int = EXAMPLES, noise: float = NOISE / 2) -> Data:
    """A circle of radius 1 around one of radius 1/2, blurred by N(0, noise^2)."""
    labels = np.arange(examples) % 2
    angle = rng.uniform(0, 2 * math.pi, examples)
    radius = np.where(labels == 1, INNER, 1.0)
    x = radius[:, np.newaxis] * np.column_stack((np.cos(angle), np.sin(angle)))
    return _plane("circles", x + noise * rng.standard_normal(x.shape), labels, ("outer", "inner"))


def digits(_: np.random.Generator) -> Data:
    """1,797 images of handwritten digits, 8 by 8 pixels (Alpaydin and Kaynak 1998), as scikit-learn ships them.

    Raises:
        InputError: scikit-learn is not installed.
    """
    try:
        loaded: Any = import_module("sklearn.datasets").load_digits()
    except ImportError:
        message = 'digits come with scikit-learn, which is not installed; write pip install ".[lab]", or --data moons'
        raise InputError(message) from None
    x = np.ascontiguousarray(loaded.data, dtype=np.float64)
    labels = cast("Labels", loaded.target.astype(np.intp))
    return Data("digits", x, labels, tuple("0123456789"), tuple(f"pixel {k}" for k in range(x.shape[1])))


DATA: Mapping[str, Callable[[np.random.Generator], Data]] = MappingProxyType(
    {"moons": moons, "circles": circles, "digits": digits}
)


def find_data(name: str, rng: np.random.Generator) -> Data:
    """The data of that name, drawn from ``rng`` if they are drawn; raises InputError with the nearest names."""
    found = DATA.get(name)
    if found is None:
        raise InputError(unknown("data", name, [*DATA, "FILE.csv with --target COLUMN"]))
    return found(rng)


def split(data: Data, rng: np.random.Generator) -> Split:
    """A fifth held out at random, the rest trained on.

    Raises:
        InputError: there are too few examples, one class only is left to train on, or a column cannot be scaled.
    """
    order = rng.permutation(len(data.x))
    held_out = len(order) // HELD_OUT
    training, test = order[held_out:], order[:held_out]
    if not held_out:
        raise InputError(f"{data.name} has {len(order)} examples and a fifth is held out; write at least {HELD_OUT}")
    if len(np.unique(data.labels[training])) < 2:
        raise InputError(f"{data.name}: all examples to train on are of one class; write more examples of the others")
    scale = _scale(data, training)
    return Split(data, _part(data, training, scale), _part(data, test, scale), scale)


def _scale(data: Data, training: Labels) -> Scale:
    with np.errstate(all="ignore"):
        mean, deviation = data.x[training].mean(axis=0), data.x[training].std(axis=0)
        squares = deviation**2
        sound = np.isfinite(mean) & np.isfinite(squares)
        sound &= (squares >= np.finfo(np.float64).tiny) | (np.ptp(data.x[training], axis=0) == 0)
    if not sound.all():
        column = data.columns[int(sound.argmin())]
        raise InputError(f"{data.name}: squares of column {column!r} overflow or underflow; write it in another unit")
    # A column that does not vary may have a deviation of rounding errors, which must not be blown up to 1.
    still = deviation <= 1e-12 * np.abs(mean)
    return Scale(mean, np.where(still, np.inf, deviation))


def _part(data: Data, rows: Labels, scale: Scale) -> Part:
    return Part(scale(data.x[rows]), data.labels[rows], np.eye(len(data.classes))[data.labels[rows]])


def _plane(name: str, x: Array, labels: Labels, classes: tuple[str, str]) -> Data:
    return Data(name, x, labels, classes, ("x", "y"))
