"""The one array type of the package: NumPy, double precision, any shape."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int32]
Flags: TypeAlias = NDArray[np.bool_]


def divided(numerator: Array, denominator: Array) -> Array:
    """numerator/denominator, and 0 where the denominator is 0 (a dead network has no ratio)."""
    shape = np.broadcast_shapes(numerator.shape, denominator.shape)
    return np.divide(numerator, denominator, out=np.zeros(shape), where=denominator != 0)


def fourth_share(vectors: Array) -> Array:
    """Sum v^4/(sum v^2)^2 over the last axis, between 1/n and 1; 0 for a vector of zeros."""
    # Divided by the largest entry first: fourth powers leave the range of a double early.
    largest = np.abs(vectors).max(axis=-1, keepdims=True)
    squares = divided(vectors, largest) ** 2
    total = squares.sum(axis=-1)
    return divided(np.vecdot(squares, squares), total * total)
