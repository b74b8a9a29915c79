"""Networks in single precision: half the memory, faster products, and normals made 24 bits at a time.

Weights, biases and all vectors of both passes carry 24 bits; what is measured of them is summed up in double precision,
of `conditioned` networks at least from 8,192 terms on. (`chain` has no vectors: of its numbers only the normals carry
24 bits, and `conditioned` keeps vectors of several inputs in double precision, as it has to tell them apart.)
A rounding is relative, 6e-8, and as often up as down: |W a|^2 is off by about 1e-7 of itself, which no test sees with
fewer than 10^14 neurons, if it has any variance. Where it has none (orthogonal matrices, signs as weights of a single
input) there is nothing but rounding to be tested, and single precision is refused; so are activations that are not
homogeneous where their values leave 1e-30 to 1e30 (measures.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray

from montecarlo.arrays import Array
from montecarlo.laws import Law, normal, rademacher, uniform
from montecarlo.spec import Spec
from montecarlo.streams import AT_ONCE, CELLS, fill_normal


def room(spec: Spec, networks: int, kept: Sequence[bool]) -> list[Array]:
    """Memory for each layer's matrices; those that are not kept share the same.

    It is asked for as a whole: NumPy has the system back large arrays by large pages, which are a tenth faster to fill.
    """
    sizes = [n_in * n_out * networks for n_in, n_out in pairwise(spec.widths)]
    shared = max((size for size, stays in zip(sizes, kept, strict=True) if not stays), default=0)
    whole = np.empty(shared + sum(size for size, stays in zip(sizes, kept, strict=True) if stays), np.float32)
    places: list[Array] = []
    end = shared
    for size, stays, (n_in, n_out) in zip(sizes, kept, pairwise(spec.widths), strict=True):
        start = end if stays else 0
        end += size if stays else 0
        places.append(_as_array(whole[start : start + size].reshape(networks, n_out, n_in)))
    return places


def matrix(rng: np.random.Generator, layer: int, *, spec: Spec, room: Sequence[Array]) -> Array:
    """W_l of a batch of networks, written into its place."""
    out = room[layer - 1]
    fill(rng, spec.weight_law, out, variance=spec.weight_variance(layer))
    return out


def fill(rng: np.random.Generator, law: Law, out: Array, *, variance: float) -> None:
    """Fills ``out`` (contiguous, single precision) with independent weights; orthogonal ones are not independent.

    Normal, uniform and Rademacher weights are made from 24, 32 and 1 random bits each; all others are drawn in double
    precision and rounded. A cache's worth at a time.
    """
    flat = out.reshape(-1)
    if law == normal():
        fill_normal(rng, flat, variance=variance)
        return
    scale = math.sqrt(variance)
    for start in range(0, flat.size, AT_ONCE):
        part = flat[start : start + AT_ONCE]
        if law == uniform():
            # the middles of 2^32 cells, with E(W^2) = 1 - 2^-64
            part[:] = rng.bit_generator.random_raw((part.size + 1) // 2).view(np.uint32)[: part.size]
            part -= np.float32((CELLS - 1) / 2)
            part *= np.float32(math.sqrt(12) * scale / CELLS)
        elif law == rademacher():
            part[:] = np.unpackbits(rng.bit_generator.random_raw(-(-part.size // 64)).view(np.uint8))[: part.size]
            part -= np.float32(0.5)
            part *= np.float32(2 * scale)
        else:
            part[:] = law.sample(rng, (1, part.size))[0]
            part *= np.float32(scale)


def rounded(vectors: Array) -> Array:
    """The nearest numbers of single precision, as such."""
    return _as_array(vectors.astype(np.float32))


def _as_array(values: NDArray[np.float32]) -> Array:
    # network.py computes in the precision of what it is given; its types name the usual one.
    return cast(Array, values)
