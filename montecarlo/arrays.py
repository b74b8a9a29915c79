"""The one array type of the package: NumPy, double precision, any shape."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int32]
Flags: TypeAlias = NDArray[np.bool_]

IN_SINGLE = 2**14
SQUARED = 1e30  # what is beyond it, or its inverse, is squared in double precision


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


def dots(one: Array, two: Array) -> Array:
    """Sum x y over the last axis of two arrays of one shape, in double precision.

    Of vectors in single precision 16,384 terms at a time are added up in single; a vector unit does so in 32 lanes or
    more, and the roundings, as often up as down, come to about 1e-7.
    """
    total = np.vecdot(one[..., :IN_SINGLE], two[..., :IN_SINGLE]).astype(np.float64, copy=False)
    for start in range(IN_SINGLE, one.shape[-1], IN_SINGLE):
        part = slice(start, start + IN_SINGLE)
        total += np.vecdot(one[..., part], two[..., part])
    return total


def squares(vectors: Array) -> Array:
    """|v|^2 over the last axis, as `dots`; squares leave the range of single precision long before the numbers do."""
    total = dots(vectors, vectors)
    if vectors.dtype != np.float64 and not (total.min(initial=1.0) > 1 / SQUARED and total.max(initial=1.0) < SQUARED):
        far = ~((total > 1 / SQUARED) & (total < SQUARED))
        wide = vectors[far].astype(np.float64)
        total[far] = np.vecdot(wide, wide)
    return total


def count_true(flags: Flags) -> Array:
    """How many are true along the last axis, as whole numbers of double precision."""
    return np.bitwise_count(np.packbits(flags, axis=-1)).sum(axis=-1, dtype=np.int64).astype(np.float64)
