"""The random numbers of a sampler in double and in single precision: two ways to draw from the same laws.

`Exact` calls NumPy's own generators, 53 bits a number, whose figures are the same on every kind of processor. `Fast`
calls what is made for speed here, and what carries 24 bits in it are the normals (streams.py).

Chi-square by Marsaglia and Tsang (2000). Let d = k/2 - 1/3, X ~ N(0, 1) and t = X/(3 sqrt d). The density of Gamma(k/2)
at d (1 + t)^3, as a density of X, is proportional to that of N(0, 1) times exp(d g(t)),

    g(t) = 1 - (1 + t)^3 + 3 log(1 + t) + 9 t^2/2,     g(0) = 0,     g'(t) = -3 t^3/(1 + t),

which is at most 1, for every d > 0, so that k = 1 is no exception. Hence: draw X, keep it with probability
exp(d g(t)), 0 where t <= -1, else draw anew; 2 d (1 + t)^3 is chi2_k. For t >= -1/2, |g'| <= 6 |t|^3 gives
g >= -3 t^4/2 and exp(d g) >= 1 - 3 d t^4/2. So the logarithm is needed only where t < -1/2 or a uniform number is at
most 3 d t^4/2 = X^4/(54 d): for large k hardly ever, and of that number 8 bits are looked at first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from montecarlo import coins
from montecarlo.arrays import Array
from montecarlo.streams import fill_normal

AT_ONCE = 2**14  # chi-squares made at once, in the second-level cache
_BYTE = 256
_ALLOWANCE = 1 + 1e-5  # the bound is computed in single precision, and must not be too low


class Draws(Protocol):
    """Where a sampler's random numbers come from; what is returned are arrays of double precision."""

    def normals(self, shape: tuple[int, ...]) -> Array:
        """Independent N(0, 1)."""
        ...

    def fill(self, out: Array) -> None:
        """Overwrites ``out``, contiguous and of the sampler's precision, with independent N(0, 1)."""
        ...

    def heads(self, n: tuple[int, ...], networks: int) -> Array:
        """Bin(n_l, 1/2) for each layer and network, (L, B)."""
        ...

    def chi_square(self, freedom: Array) -> Array:
        """chi2_k for each whole k >= 0 of an array; chi2_0 is 0."""
        ...


def draws_from(rng: np.random.Generator, *, single: bool) -> Draws:
    """The ones of the precision."""
    return Fast(rng) if single else Exact(rng)


@dataclass(frozen=True, slots=True)
class Exact:
    """NumPy's generators, 53 bits."""

    rng: np.random.Generator

    def normals(self, shape: tuple[int, ...]) -> Array:
        """By the ziggurat."""
        return self.rng.standard_normal(shape)

    def fill(self, out: Array) -> None:
        """By the ziggurat."""
        self.rng.standard_normal(out=out)

    def heads(self, n: tuple[int, ...], networks: int) -> Array:
        """By inversion or rejection."""
        return self.rng.binomial(np.array(n)[:, np.newaxis], 0.5, (len(n), networks)).astype(np.float64)

    def chi_square(self, freedom: Array) -> Array:
        """2 Gamma(k/2), which is 0 for k = 0."""
        return 2 * self.rng.standard_gamma(freedom / 2)


@dataclass(frozen=True, slots=True)
class Fast:
    """Normals of 24 bits, and from them the chi-squares; fair coins by table."""

    rng: np.random.Generator

    def normals(self, shape: tuple[int, ...]) -> Array:
        """By Box and Muller (streams.py)."""
        out = np.empty(shape)
        fill_normal(self.rng, out)
        return out

    def fill(self, out: Array) -> None:
        """By Box and Muller."""
        fill_normal(self.rng, out)

    def heads(self, n: tuple[int, ...], networks: int) -> Array:
        """By table (coins.py), one for each width; many widths, or very large ones, are NumPy's."""
        sizes = sorted(set(n))
        if len(sizes) > coins.TABLES or sizes[-1] > coins.MOST:
            return Exact(self.rng).heads(n, networks)
        if len(sizes) == 1:
            return coins.heads(self.rng, n[0], len(n) * networks).reshape(len(n), networks)
        found = np.empty((len(n), networks))
        every = np.array(n)
        for size in sizes:
            here = np.flatnonzero(every == size)
            found[here] = coins.heads(self.rng, size, here.size * networks).reshape(here.size, networks)
        return found

    def chi_square(self, freedom: Array) -> Array:
        """See above."""
        out = np.empty(freedom.shape)
        if not out.size:
            return out
        k, found = freedom.reshape(-1), out.reshape(-1)
        small = bool(k.min() < 1)
        rejected = _try_chi_square(self.rng, np.maximum(k, 1.0) if small else k, found)
        while rejected.size:
            again = np.empty(rejected.size)
            left = _try_chi_square(self.rng, np.maximum(k[rejected], 1.0), again)
            found[rejected] = again
            rejected = rejected[left]
        if small:
            found[k == 0] = 0.0
        return out


def _try_chi_square(rng: np.random.Generator, k: Array, out: Array) -> NDArray[np.intp]:
    """Fills ``out`` for k >= 1, and says where it must not stay."""
    asked: list[tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.uint8]]] = []
    for start in range(0, k.size, AT_ONCE):
        found, t, byte = _proposed(rng, k[start : start + AT_ONCE], out[start : start + AT_ONCE])
        asked.append((found + start, t, byte))
    places, t, byte = (np.concatenate(parts) for parts in zip(*asked, strict=True))
    return places[~_kept(rng, k[places] / 2 - 1 / 3, t.astype(np.float64), byte)]


def _proposed(
    rng: np.random.Generator, k: Array, out: Array
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.uint8]]:
    """Fills ``out`` with 2 d (1 + t)^3, and says where the logarithm decides, with t and 8 bits there."""
    twice_d = np.subtract(k, 2 / 3, out=out)
    rough = twice_d.astype(np.float32)
    t = np.empty(k.size, dtype=np.float32)
    fill_normal(rng, t)
    t /= np.sqrt(np.float32(4.5) * rough)
    bound = np.square(t)
    np.square(bound, out=bound)
    bound *= rough
    bound *= np.float32(0.75 * _BYTE * _ALLOWANCE)
    byte = rng.bit_generator.random_raw(-(-k.size // 8)).view(np.uint8)[: k.size]
    asked = np.flatnonzero((byte <= bound) | (t < np.float32(-0.5)))
    step = t.astype(np.float64)
    step += 1
    twice_d *= step
    twice_d *= np.square(step, out=step)
    return asked, t[asked], byte[asked]


def _kept(rng: np.random.Generator, d: Array, t: Array, byte: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether a uniform number, whose first 8 bits are drawn, is above 1 - exp(d g(t)), and t above -1."""
    inside = t > -1
    s = np.where(inside, t, 0.0)
    g = 1 - (1 + s) ** 3 + 3 * np.log1p(s) + 4.5 * s * s
    return inside & ((byte + rng.random(t.size)) / _BYTE > -np.expm1(d * np.minimum(g, 0.0)))
