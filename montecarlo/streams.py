"""Random streams, one a block, and standard normals made fast.

Streams are keyed by block: SFC64 on SeedSequence(seed, spawn_key=(block,)). Which worker draws a block does not
matter, so a result is the same for any number of workers.

Normals come from Box and Muller (1958): with U, V independent and uniform on (0, 1),

    sqrt(-2 log U) cos(2 pi V)     and     sqrt(-2 log U) sin(2 pi V)

are independent N(0, 1). U and V are midpoints of 2^32 cells and the elementary functions are evaluated in single
precision, so that a block fits into the cache and a vector unit takes many at once. The price is stated: values carry
24 bits, and none lies beyond sqrt(66 log 2) = 6.76, where the normal law has 1.4e-11 of its mass. Moments are those of
N(0, 1) up to the rounding of single precision; the tests compare the first four, to what four million draws can tell.
Another kind of processor may round the last of the 24 bits otherwise; then a digest, which shows 6 digits, may differ.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from montecarlo.arrays import Array

CELLS = 2**32
AT_ONCE = 2**15  # normals made at once: raw bits, radii and angles stay in the second-level cache


def generator(seed: int, *, block: int) -> np.random.Generator:
    """The random stream of one block: SFC64 on SeedSequence(seed, spawn_key=(block,))."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(block,))))


def fill_normal(rng: np.random.Generator, out: Array | NDArray[np.float32]) -> None:
    """Fills ``out`` (contiguous, any shape) with independent N(0, 1), see above for their precision."""
    flat = out.reshape(-1)
    for start in range(0, flat.size, AT_ONCE):
        part = flat[start : start + AT_ONCE]
        half = (part.size + 1) // 2
        first, second = _pairs(rng, half)
        part[:half] = first
        part[half:] = second[: part.size - half]


def normals(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """A new array of independent N(0, 1)."""
    out = np.empty(shape)
    fill_normal(rng, out)
    return out


def chi_square(rng: np.random.Generator, freedom: NDArray[np.int64]) -> Array:
    """chi2_k = 2 Gamma(k/2), which is 0 for k = 0."""
    return 2 * rng.standard_gamma(freedom / 2)


def _pairs(rng: np.random.Generator, count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """``count`` pairs of independent normals, a vector for each of the two."""
    bits = rng.bit_generator.random_raw(count).view(np.uint32)
    cell = np.float32(1 / CELLS)
    radius = bits[:count].astype(np.float32)
    radius += np.float32(0.5)
    radius *= cell
    np.log(radius, out=radius)
    radius *= np.float32(-2)
    np.sqrt(radius, out=radius)
    angle = bits[count:].astype(np.float32)
    angle *= np.float32(2 * math.pi) * cell
    second = np.sin(angle)
    np.cos(angle, out=angle)
    angle *= radius
    second *= radius
    return angle, second
