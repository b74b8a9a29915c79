"""Histograms by layer: how the values of a few networks are spread, on a scale of powers of ten.

Sums say how large a layer's values are together; whether all of them are, or a few, a histogram says. The scale is
log10 |value|, because from layer to layer values may shrink or grow by any power, and because powers of two that a
network carries beside its values (`montecarlo.network`) are added there without overflow. What has no logarithm, exact
zeros, is counted apart, and so are networks that are dead.

The networks are dense ones of the spec, drawn for this purpose from a stream of their own: no figure of a run changes
because it is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from montecarlo.arrays import Array, Integers
from montecarlo.errors import InputError
from montecarlo.network import backward, forward
from montecarlo.spec import Spec

VALUES = 8192  # of a layer, from as many networks as that takes
FEWEST, MOST = 8, 512  # networks
BINS = 48
STREAM = (0x68, 0x69, 0x73, 0x74)  # blocks have keys of one number, this has four
MOST_WEIGHTS = 2**24  # of all networks that are drawn: 128 MiB
TAIL = 0.002  # of a layer's values may be smaller than the scale; they are counted
DECADES = 3  # below three quarters of a layer's values, and no more: gelu(-8) is -5e-15

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """The values of one layer over all networks.

    Args:
        layer: l.
        counts: (bins,): how many have log10 |value| between two neighbouring edges.
        below: smaller than all edges, and not 0.
        above: larger than all edges.
        zeros: exactly 0.
    """

    layer: int
    counts: Counts
    below: int
    above: int
    zeros: int

    @property
    def values(self) -> int:
        """How many there are in all."""
        return int(self.counts.sum()) + self.below + self.above + self.zeros


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """What `histograms` returns; the layers of one kind share their edges.

    Args:
        networks: how many were drawn.
        dead_networks: those whose last activations are all 0.
        activation_edges: (bins + 1,), log10.
        gradient_edges: the same for gradients.
        activations: of a_l, for l = 1 to L.
        gradients: of g_{l-1}, what arrives at the inputs of layer l, for l = 1 to L, where g_L ~ N(0, I).
    """

    networks: int
    dead_networks: int
    activation_edges: Array
    gradient_edges: Array
    activations: tuple[Histogram, ...]
    gradients: tuple[Histogram, ...]


def weights_of(spec: Spec) -> int:
    """How many weights one network of the spec has."""
    return sum(n_in * n_out for n_in, n_out in pairwise(spec.widths))


def histograms(spec: Spec, *, networks: int | None = None, bins: int = BINS) -> Histograms:
    """Draws dense networks of the spec, one input each, and bins log10 |a_l| and log10 |g_{l-1}| by layer.

    Without a number of networks about `VALUES` values a layer are drawn. Fewer networks are drawn where they would have
    more than `MOST_WEIGHTS` weights together.

    Raises:
        InputError: one network alone has more weights than that, or values leave the range of a double.
    """
    most = MOST_WEIGHTS // weights_of(spec)
    if most < 1:
        raise InputError(
            f"one network has {weights_of(spec):,} weights, and histograms draw at most {MOST_WEIGHTS:,}; "
            f"write smaller widths or fewer layers"
        )
    wanted = min(MOST, max(FEWEST, VALUES // min(spec.widths))) if networks is None else networks
    drawn = min(wanted, most)
    rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(spec.seed, spawn_key=STREAM)))
    activations, gradients = _values(rng, spec, drawn)
    dead = int((activations[-1][0] == 0).all(axis=-1).sum())
    forward_edges, forwards = by_size([_logs(*layer) for layer in activations], bins=bins)
    backward_edges, backwards = by_size([_logs(*layer) for layer in gradients], bins=bins)
    return Histograms(drawn, dead, forward_edges, backward_edges, forwards, backwards)


def by_size(layers: Sequence[Array], *, bins: int = BINS) -> tuple[Array, tuple[Histogram, ...]]:
    """Common edges (bins + 1,) and a histogram for each layer; a layer is log10 |value|, -inf for 0, of any shape."""
    edges = _edges(layers, bins)
    return edges, tuple(_binned(number, logs, edges) for number, logs in enumerate(layers, 1))


def _values(
    rng: np.random.Generator, spec: Spec, networks: int
) -> tuple[list[tuple[Array, Integers]], list[tuple[Array, Integers]]]:
    """a_1, ..., a_L and g_0, ..., g_{L-1} of all networks, (B, n) each, with the exponents of two to be added."""
    x = rng.standard_normal((networks, spec.widths[0]))
    x *= np.sqrt(spec.widths[0] / np.vecdot(x, x))[:, np.newaxis]
    network = spec.network(rng, batch=(networks,))
    end = rng.standard_normal((networks, spec.widths[-1]))
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        passes = forward(network, x)
        records = backward(network, passes, end)
        last = spec.f.function(passes[-1].z)
    if spec.residual is not None:
        last = passes[-1].a + spec.residual * last
    activations = [(seen.a, seen.exponent) for seen in passes[1:]] + [(last, passes[-1].exponent)]
    gradients = [(record.g, record.exponent) for record in records]
    if not all(np.isfinite(values).all() for values, _ in (*activations, *gradients)):
        raise InputError("values leave the range of a double; write a smaller sigma_w2 or fewer layers")
    return activations, gradients


def _logs(values: Array, exponent: Integers) -> Array:
    """log10 |value|, -inf for 0."""
    with np.errstate(divide="ignore"):
        return (np.log10(np.abs(values)) + exponent.astype(np.float64)[:, np.newaxis] * math.log10(2)).ravel()


def _edges(layers: Sequence[Array], bins: int) -> Array:
    """Equal steps over what any layer has, but for what is small; a decade if there is nothing."""
    alive = [known for logs in layers if (known := logs[np.isfinite(logs)]).size]
    if not alive:
        return _scale(-0.5, 0.5, bins)
    low = min(max(float(np.quantile(known, TAIL)), float(np.quantile(known, 0.75)) - DECADES) for known in alive)
    high = max(float(known.max()) for known in alive)
    margin = max(0.05, 0.01 * (high - low))
    return _scale(low - margin, high + margin, bins)


def _scale(low: float, high: float, bins: int) -> Array:
    return low + (high - low) / bins * np.arange(bins + 1, dtype=np.float64)


def _binned(layer: int, logs: Array, edges: Array) -> Histogram:
    known = logs[np.isfinite(logs)]
    counts, _ = np.histogram(known, bins=edges)
    below, above = int((known < edges[0]).sum()), int((known > edges[-1]).sum())
    return Histogram(layer, counts.astype(np.int64), below, above, int(logs.size - known.size))
