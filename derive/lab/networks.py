"""The lab's bridge to ``montecarlo``: networks at initialization and in training, as plain numbers to be drawn.

Sizes are given by their logarithms to base 10, because that is what the page's axes show.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import montecarlo as mc
from derive.lab.grid import Grid
from montecarlo.histograms import Histogram, by_size, histograms

VALUES, FEWEST = 1024, 4  # of a layer in a histogram, and the networks that they come from

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Band:
    """By layer: log10 of an estimate and of its interval's ends, nan where there is none."""

    estimate: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Histograms of log10 |value| over common bins.

    Args:
        low, high: the ends of the scale.
        layers: which ones.
        shares: for each of them, the share of its values in each bin.
        zeros: the share that is exactly 0.
        beyond: the share that is smaller than the scale, and not 0.
    """

    low: float
    high: float
    layers: tuple[int, ...]
    shares: tuple[tuple[float, ...], ...]
    zeros: tuple[float, ...]
    beyond: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Simulated:
    """One cell: what ``montecarlo.simulate`` measured, and histograms of a few more networks."""

    second_moments: Band
    gradients: Band
    method: str
    dead: int
    notes: tuple[str, ...]
    activation_sizes: Sizes
    gradient_sizes: Sizes


def spec(grid: Grid, activation: str, *, weight: float, bias: float, depth: int, width: int) -> mc.Spec:
    """The question that a cell asks."""
    return mc.Spec(
        activation=activation,
        widths=(width,) * (depth + 1),
        sigma_w2=weight,
        sigma_b2=bias,
        networks=grid.networks,
        seed=grid.seed,
        error_rate=grid.error_rate,
    )


def simulated(grid: Grid, activation: str, *, weight: float, bias: float, depth: int, width: int) -> Simulated:
    """One cell of the grid."""
    asked = spec(grid, activation, weight=weight, bias=bias, depth=depth, width=width)
    result, seen = mc.simulate(asked), histograms(asked, networks=max(FEWEST, VALUES // width), bins=grid.bins)
    return Simulated(
        second_moments=_band([layer.second_moment for layer in result.layers]),
        gradients=_band([layer.gradient for layer in result.layers]),
        method=result.method,
        dead=result.dead_networks,
        notes=result.notes,
        activation_sizes=sizes(seen.activation_edges, seen.activations, most=grid.shown),
        gradient_sizes=sizes(seen.gradient_edges, seen.gradients, most=grid.shown),
    )


def sizes(edges: Array, layers: Sequence[Histogram], *, most: int) -> Sizes:
    """At most so many of the layers, first and last included."""
    end = len(layers) - 1
    picked = [layers[k] for k in sorted({round(end * k / max(most - 1, 1)) for k in range(most)})]
    return Sizes(
        float(edges[0]),
        float(edges[-1]),
        tuple(h.layer for h in picked),
        tuple(tuple((h.counts / h.values).tolist()) for h in picked),
        tuple(h.zeros / h.values for h in picked),
        tuple(h.below / h.values for h in picked),
    )


def of_values(layers: Sequence[Array], *, bins: int, most: int) -> Sizes:
    """The same from the values themselves."""
    with np.errstate(divide="ignore"):
        return sizes(*by_size([np.log10(np.abs(values)).ravel() for values in layers], bins=bins), most=most)


def _band(intervals: Sequence[mc.Interval]) -> Band:
    def logs(values: Sequence[float | None]) -> tuple[float, ...]:
        return tuple(math.log10(v) if v else math.nan for v in values)

    return Band(
        tuple(math.nan if i.log10 is None else i.log10 for i in intervals),
        logs([i.low for i in intervals]),
        logs([i.high for i in intervals]),
    )
