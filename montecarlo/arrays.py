"""The one array type of the package: NumPy, double precision, any shape."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int32]
Flags: TypeAlias = NDArray[np.bool_]

# Beyond 10,000 terms of a sum, or some 2^19 entries of a matrix, OpenBLAS starts threads of its own, which get into the
# way of the workers and wait for each other by turning in circles. So it is handed no more at a time than:
TOGETHER = 2**13  # terms
ENTRIES = 2**18
SQUARED = 1e30  # what is beyond it, or its inverse, is squared in double precision


def divided(numerator: Array, denominator: Array) -> Array:
    """numerator/denominator, and 0 where the denominator is 0 (a dead network has no ratio)."""
    shape = np.broadcast_shapes(numerator.shape, denominator.shape)
    return np.divide(numerator, denominator, out=np.zeros(shape), where=denominator != 0)


def fourth_share(vectors: Array) -> Array:
    """Sum v^4/(sum v^2)^2 over the last axis, between 1/n and 1; 0 for a vector of zeros."""
    # Divided by the largest entry first: fourth powers leave the range of a double early.
    largest = np.abs(vectors).max(axis=-1, keepdims=True)
    relative = divided(vectors, largest) ** 2
    total = relative.sum(axis=-1)
    return divided(dots(relative, relative), total * total)


def dots(one: Array, two: Array) -> Array:
    """Sum x y over the last axis of two arrays of one shape, in double precision.

    Of vectors in single precision `TOGETHER` terms at a time are added up in single; a vector unit does so in 32 lanes
    or more, and the roundings, as often up as down, come to less than 1e-7.
    """
    total = np.vecdot(one[..., :TOGETHER], two[..., :TOGETHER]).astype(np.float64, copy=False)
    for start in range(TOGETHER, one.shape[-1], TOGETHER):
        part = slice(start, start + TOGETHER)
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


def matvec(matrix: Array, vector: Array) -> Array:
    """W a, (..., n, m) times (..., m), so many rows at a time that BLAS keeps to one thread."""
    rows, step = matrix.shape[-2], max(1, ENTRIES // matrix.shape[-1])
    if rows <= step:
        return np.matvec(matrix, vector)
    parts = [np.matvec(matrix[..., start : start + step, :], vector) for start in range(0, rows, step)]
    return np.concatenate(parts, axis=-1)


def vecmat(vector: Array, matrix: Array) -> Array:
    """W^T d, (..., n) times (..., n, m), likewise."""
    rows, step = matrix.shape[-2], max(1, ENTRIES // matrix.shape[-1])
    total = np.vecmat(vector[..., :step], matrix[..., :step, :])
    for start in range(step, rows, step):
        total += np.vecmat(vector[..., start : start + step], matrix[..., start : start + step, :])
    return total


def count_true(flags: Flags) -> Array:
    """How many are true along the last axis, as whole numbers of double precision."""
    return np.bitwise_count(np.packbits(flags, axis=-1)).sum(axis=-1, dtype=np.int64).astype(np.float64)
