"""Random streams, one a block, and standard normals made fast.

Streams are keyed by block: SFC64 on SeedSequence(seed, spawn_key=(block,)). Which worker draws a block does not
matter, so a result is the same for any number of workers.

Normals come from Box and Muller (1958): with U, V independent and uniform on (0, 1),

    sqrt(-2 log U) cos(2 pi V)     and     sqrt(-2 log U) sin(2 pi V)

are independent N(0, 1). U is the midpoint of one of 2^32 cells. V = (k + s)/K with K = 2^16, where k is uniform on 0,
..., K - 1, and s uniform on [0, 1) is drawn once for all pairs that are made together: each V is uniform, so that every
pair has its law. Two pairs share nothing but s: given s they are independent. So what they have to do with each other
is what s says of a single pair, and that is little. Given s, the mean over k of cos(2 pi m V) and of sin(2 pi m V) is
0, as it is for a uniform V, for every m that is no multiple of K; so a polynomial of degree below K in one pair has the
same mean whatever s is, and products of such polynomials of different pairs have the mean that they have for
independent pairs. Of a function that is no polynomial, with the variation T along the circle, the mean given s is off
by at most T/K (Koksma 1942). So the variance of its mean over the 2^15 pairs that share one s is at most 1 + 8e-6 T^2/v
times that over independent pairs, v its variance over one pair: for z > 0, T = 2 and v = 1/4, by a ten-thousandth more.
Only what is very rare may cluster, where v is small: among the same 2^16 numbers, |z| < 1e-6 is met about twice if s is
next to 0 or 1, and else never.

The elementary functions are evaluated in single precision, so that a block fits into the cache and a vector unit takes
many at once. The price is stated. U is rounded to 24 bits and lessened by 2^-24 of itself, so that no radius is 0; V is
rounded as well, which moves a value by less than 1e-6 of its radius. So values carry 24 bits, but near 0 they stand
that far apart. None lies beyond sqrt(66 log 2) = 6.76, where the normal law has 1.4e-11 of its mass. Moments are those
of N(0, 1) up to the rounding of single precision; the tests compare the first four, to what four million draws can
tell. Another kind of processor may round the last of the 24 bits otherwise; then a digest, which shows 6 digits, may
differ. One that stores numbers with the largest byte first takes the bits of a word in another order: the same law,
other numbers.
"""

from __future__ import annotations

import math
from typing import cast

import numpy as np
from numpy.typing import NDArray

from montecarlo.arrays import Array

CELLS = 2**32  # of U
# A 2^-24 less than 1/CELLS: the last 128 cells are rounded to 2^32, and U = 1 would make both normals 0.
OF_A_CELL = np.float32((1 - 2**-24) / CELLS)
ANGLES = 2**16
AT_ONCE = 2**16  # normals made at once: they, raw bits and angles stay in the second-level cache


def generator(seed: int, *, block: int) -> np.random.Generator:
    """The random stream of one block: SFC64 on SeedSequence(seed, spawn_key=(block,))."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(block,))))


def fill_normal(rng: np.random.Generator, out: Array | NDArray[np.float32], *, variance: float = 1.0) -> None:
    """Fills ``out`` (contiguous, any shape) with independent N(0, variance), see above for their precision."""
    flat = out.reshape(-1)
    angles = np.empty((min(flat.size, AT_ONCE) + 1) // 2, dtype=np.float32)
    for start in range(0, flat.size, AT_ONCE):
        part = flat[start : start + AT_ONCE]
        made = _in_single(part)
        half = (part.size + 1) // 2
        _fill_pairs(rng, made[:half], made[half:], angles[:half], variance)
        if made is not part:
            part[:] = made


def _in_single(part: Array | NDArray[np.float32]) -> NDArray[np.float32]:
    """The same memory if it holds numbers of single precision, else room for as many."""
    return cast("NDArray[np.float32]", part) if part.dtype == np.float32 else np.empty(part.size, dtype=np.float32)


def normals(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """A new array of independent N(0, 1)."""
    out = np.empty(shape)
    fill_normal(rng, out)
    return out


def _fill_pairs(
    rng: np.random.Generator,
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    angle: NDArray[np.float32],
    variance: float,
) -> None:
    """Pairs of independent normals, one of each into ``first``, the other into ``second``, which may lack the last.

    All is computed in the place where it is wanted: memory that is written to once is what this waits for.
    """
    count, less = first.size, second.size
    words = (count + 1) // 2  # of 64 bits: two U each, and half as many for four V each
    bits = rng.bit_generator.random_raw(words + (words + 1) // 2)
    radius = first
    radius[:] = bits[:words].view(np.uint32)[:count]
    radius += np.float32(0.5)
    radius *= OF_A_CELL
    np.log(radius, out=radius)
    radius *= np.float32(-2 * variance)
    np.sqrt(radius, out=radius)
    angle[:] = bits[words:].view(np.uint16)[:count]
    angle += np.float32(rng.random())
    angle *= np.float32(2 * math.pi / ANGLES)
    np.sin(angle[:less], out=second)
    second *= radius[:less]
    radius *= np.cos(angle, out=angle)
