"""How many of n fair coins show heads, for many draws of the same n: a table instead of a rejection.

Inversion: with U uniform on (0, 1), the number of k with P(X <= k) <= U has the law of X. U is looked at 16 bits first,
U = (J + U')/2^16 with J uniform on 0, ..., 2^16 - 1 and U' on (0, 1). For most J all of [J, J + 1)/2^16 lies between
two values of the distribution function, and a table knows the answer (Chen and Asau 1974: a guide table); for the rest
U' is drawn and the place is searched for. So U has 69 bits, and the law is Bin(n, 1/2) up to the rounding of the
distribution function, 1e-13, and to values more than 9 standard deviations away, whose mass is at most 2 e^{-81/2} =
5e-18 (Hoeffding 1963) and which are left out. A draw costs about the same for every n; the table, which is made once,
takes 9 sqrt n operations and 65,536 more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from montecarlo.arrays import Array

CELLS = 2**16
MOST = 2**24  # coins: a table of 9 sqrt n = 36,864 values
TABLES = 32  # kept at a time
_UNKNOWN = -1
_FARTHEST = 9.0  # standard deviations


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The first value, P(X <= k) from there on, and what each of the cells of U says: a k, or `_UNKNOWN`."""

    first: int
    below: Array
    guide: NDArray[np.int32]


@lru_cache(maxsize=TABLES)
def table(n: int) -> Table:
    """The table of Bin(n, 1/2) for n up to `MOST`; its arrays cannot be written to."""
    spread = int(_FARTHEST * np.sqrt(n) / 2) + 1
    k = np.arange(max(0, n // 2 - spread), min(n, (n + 1) // 2 + spread) + 1, dtype=np.float64)
    # log of P(X = k + 1)/P(X = k) = (n - k)/(k + 1)
    logs = np.concatenate([np.zeros(1), np.cumsum(np.log((n - k[:-1]) / (k[:-1] + 1)))])
    mass = np.exp(logs - logs.max())
    below = np.cumsum(mass)
    below /= below[-1]
    # in cell j the answer is at least the number of edges at or below j, at most that of edges below j + 1
    edges = below[:-1] * CELLS
    least, most = (np.cumsum(np.bincount(side.astype(np.int64), minlength=CELLS)[:CELLS]) for side in _sides(edges))
    guide = np.where(least == most, least + int(k[0]), _UNKNOWN).astype(np.int32)
    guide.setflags(write=False)
    below.setflags(write=False)
    return Table(int(k[0]), below, guide)


def heads(rng: np.random.Generator, n: int, size: int) -> Array:
    """``size`` independent draws of Bin(n, 1/2), for n up to `MOST`."""
    known = table(n)
    cells = rng.bit_generator.random_raw(-(-size // 4)).view(np.uint16)[:size].astype(np.intp)
    found = known.guide.take(cells)
    unknown = np.flatnonzero(found == _UNKNOWN)
    if unknown.size:
        u = (cells[unknown] + rng.random(unknown.size)) / CELLS
        # rounding may make u = 1; the last value is the largest there is
        found[unknown] = known.first + np.searchsorted(known.below[:-1], u, side="right")
    return found.astype(np.float64)


def _sides(edges: Array) -> tuple[Array, Array]:
    return np.ceil(edges), np.floor(edges)
