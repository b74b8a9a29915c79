"""`train --plot`: the loss over the steps, and each layer's activations and gradients at initialization."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

import numpy as np

from montecarlo.arrays import Array
from montecarlo.figure import finish, painted
from montecarlo.training.result import LayerAtStart, Run

# Okabe and Ito's colours: told apart by everybody, on white and in print.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLES = ("-", "--", "-.", ":")
SMOOTH = 10  # batches are small: a curve is the mean of so many steps


def figure_bytes(runs: Sequence[Run], *, kind: str, title: str) -> bytes:
    """The figure in a format, "svg" or "png"; an SVG is the same on every run."""

    def paint(panels: Sequence[Any]) -> None:
        _losses(panels[0], runs)
        _layers(panels[1], runs, "standard deviation of activations at the start", lambda layer: layer.activation_std)
        _layers(panels[2], runs, "standard deviation of gradients at the start", lambda layer: layer.gradient_std)

    return painted(paint, kind=kind, title=title)


def smoothed(losses: Array) -> Array:
    """Means over ``SMOOTH`` steps and the steps before where there are fewer; nan from where a loss is."""
    sums = np.cumsum(losses)
    earlier = np.concatenate((np.zeros(min(SMOOTH, len(sums))), sums[:-SMOOTH]))
    return (sums - earlier) / np.minimum(np.arange(1, len(sums) + 1), SMOOTH)


def _losses(axes: Any, runs: Sequence[Run]) -> None:
    for run, (colour, style) in zip(runs, _looks(), strict=False):
        name = f"{run.init} (overflows)" if run.diverged else run.init
        axes.plot(smoothed(run.losses), color=colour, linestyle=style, linewidth=1.4, label=name)
    axes.set_yscale("log")
    finish(axes, f"loss, mean of {SMOOTH} batches")
    axes.set_xlabel("step")
    axes.legend(frameon=False, fontsize=8)


def _layers(axes: Any, runs: Sequence[Run], name: str, of: Callable[[LayerAtStart], float]) -> None:
    """On a log scale, which has no place for what is zero or overflows: it is said below the title."""
    left_out: list[str] = []
    for run, (colour, style) in zip(runs, _looks(), strict=False):
        values = [of(layer) for layer in run.layers]
        shown = [value if value > 0 and math.isfinite(value) else math.nan for value in values]
        axes.plot(range(1, len(shown) + 1), shown, color=colour, linestyle=style, marker=".", linewidth=1.4)
        left_out += [run.init] * any(map(math.isnan, shown))
    finish(axes, name + (f"\n(0 or overflow in some layers: {', '.join(left_out)})" if left_out else ""))
    axes.set_yscale("log")


def _looks() -> cycle[tuple[str, str]]:
    return cycle([(colour, STYLES[k % len(STYLES)]) for k, colour in enumerate(COLOURS)])
