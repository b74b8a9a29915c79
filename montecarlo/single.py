"""Dense networks in single precision: half the memory, faster products, and normals made 24 bits at a time.

Weights, biases and all vectors of both passes carry 24 bits; what is measured of them is summed up in double precision.
A rounding is relative, 6e-8, and as often up as down: |W a|^2 is off by about 1e-7 of itself, which no test sees with
fewer than 10^14 neurons, if it has any variance. Where it has none (orthogonal matrices, signs as weights of a single
input) there is nothing but rounding to be tested, and single precision is refused; so are activations that are not
homogeneous where their values leave 1e-30 to 1e30 (measures.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray

from montecarlo.arrays import Array
from montecarlo.laws import Law, normal
from montecarlo.network import Backward, Forward, Network
from montecarlo.spec import Spec
from montecarlo.streams import fill_normal


def draw(rng: np.random.Generator, spec: Spec, networks: int) -> Network:
    """As `network.draw`, in law and up to rounding."""
    weights: list[Array] = []
    biases: list[Array] = []
    for (n_in, n_out), variance in zip(pairwise(spec.widths), spec.weight_variances, strict=True):
        matrix = _sample(rng, spec.weight_law, (networks, n_out, n_in))
        matrix *= np.float32(np.sqrt(variance))
        weights.append(_as_array(matrix))
        if spec.sigma_b2 > 0:
            bias = _sample(rng, normal(), (networks, n_out))
            bias *= np.float32(np.sqrt(spec.sigma_b2))
            biases.append(_as_array(bias))
    return Network(spec.f, tuple(weights), tuple(biases) if spec.sigma_b2 > 0 else None, spec.residual)


def rounded(vectors: Array) -> Array:
    """The nearest numbers of single precision, as such."""
    return _as_array(vectors.astype(np.float32))


def doubled_forward(passes: Sequence[Forward]) -> tuple[Forward, ...]:
    """The same numbers in double precision; z and u stay one array if they were."""
    found: list[Forward] = []
    for seen in passes:
        u = _doubled(seen.u)
        found.append(Forward(_doubled(seen.a), u, u if seen.z is seen.u else _doubled(seen.z), seen.exponent))
    return tuple(found)


def doubled_backward(records: Sequence[Backward]) -> tuple[Backward, ...]:
    """The same numbers in double precision."""
    return tuple(
        Backward(
            _doubled(record.delta),
            _doubled(record.g),
            record.exponent,
            None if record.through is None else _doubled(record.through),
        )
        for record in records
    )


def _sample(rng: np.random.Generator, law: Law, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if law != normal():
        return law.sample(rng, shape).astype(np.float32)
    out = np.empty(shape, dtype=np.float32)
    fill_normal(rng, out)
    return out


def _doubled(vectors: Array) -> Array:
    return vectors.astype(np.float64)


def _as_array(values: NDArray[np.float32]) -> Array:
    # network.py computes in the precision of what it is given; its types name the usual one.
    return cast(Array, values)
