"""`--plot`: second moments, gradients and weight variances by layer, with their intervals and what is claimed.

Below them histograms by layer, of a few networks that are drawn for them (`montecarlo.histograms`). matplotlib is
imported when a figure is drawn, not before.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from montecarlo.arrays import Array
from montecarlo.errors import InputError
from montecarlo.files import check_place, write_file
from montecarlo.histograms import MOST_WEIGHTS, Histogram, histograms, weights_of
from montecarlo.result import Interval, Result
from montecarlo.spec import Spec

FORMATS = {".svg": "svg", ".png": "png"}
# Okabe and Ito's colours: told apart by everybody, on white and in print.
MEASURED, CLAIMED = "#0072B2", "#D55E00"
MOST_SHOWN = 6  # layers whose histograms are drawn
MOST_DECADES = 250  # beyond, an axis shows logarithms, as the numbers are no doubles


def check_figure(path: Path) -> str:
    """The format of a figure of that name.

    Raises:
        InputError: it is neither SVG nor PNG, or there is no such folder.
    """
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise InputError(f"{path.name} is no figure that can be drawn; write a name that ends in .svg or .png")
    check_place(path)
    return found


def write_figure(result: Result, path: Path) -> None:
    """Draws a result into a file, all of it or nothing.

    Raises:
        InputError: the name is none of a figure, or the file cannot be written.
    """
    write_file(path, figure_bytes(result, kind=check_figure(path)))


def figure_bytes(result: Result, *, kind: str) -> bytes:
    """The figure in a format, "svg" or "png"; an SVG is the same on every run."""

    def paint(panels: Sequence[Any]) -> None:
        _moments(
            panels[0], result, [layer.second_moment for layer in result.layers], "E|z|²/n, relative to the input's"
        )
        _moments(
            panels[1], result, [layer.gradient for layer in result.layers], "gradients, relative to the last layer's"
        )
        _weights(panels[2], result)
        _histograms(panels[3:], result.spec)

    return painted(paint, kind=kind, title=_title(result), below=2)


def painted(paint: Callable[[Sequence[Any]], None], *, kind: str, title: str, below: int = 0) -> bytes:
    """A figure of three panels, and as many as are asked for below them, which are handed to ``paint``."""
    matplotlib, figures = import_module("matplotlib"), import_module("matplotlib.figure")
    settings = {"svg.hashsalt": "montecarlo", "svg.fonttype": "path", "font.family": "DejaVu Sans", "font.size": 9}
    with matplotlib.rc_context(settings):
        figure = figures.Figure(figsize=(12.6, 7.0 if below else 3.6), layout="constrained")
        grid = figure.add_gridspec(2 if below else 1, 6)
        panels = [figure.add_subplot(grid[0, 2 * k : 2 * k + 2]) for k in range(3)]
        wide = 6 // below if below else 0
        panels += [figure.add_subplot(grid[1, wide * k : wide * k + wide]) for k in range(below)]
        paint(panels)
        figure.suptitle(title)
        out = io.BytesIO()
        figure.savefig(out, format=kind, dpi=150, metadata={"Date": None, "Creator": None} if kind == "svg" else None)
    return out.getvalue()


def _moments(axes: Any, result: Result, intervals: Sequence[Interval], name: str) -> None:
    """Estimate and band on a log scale; the claimed factor, where one is claimed, from where the signal starts."""
    logs = _column([i.log10 for i in intervals])
    forward = name.startswith("E")
    claim = result.spec.claim_growth if forward else result.spec.claim_gradient_growth
    claimed = None if claim is None else _claimed(logs, math.log10(claim), forward=forward)
    known = logs[np.isfinite(logs)]
    wide = known.size > 0 and np.abs(known).max() > MOST_DECADES
    layers = np.arange(1, len(intervals) + 1)
    finish(axes, name)
    if known.size == 0:
        axes.text(0.5, 0.5, "too few networks, or none alive", ha="center", transform=axes.transAxes)
        return
    axes.plot(layers, logs if wide else 10**logs, color=MEASURED, linewidth=1.4, label="measured")
    if claimed is not None:
        label = f"claimed: {claim:g} a layer"
        axes.plot(layers, claimed if wide else 10**claimed, color=CLAIMED, linestyle="--", label=label)
        axes.legend(frameon=False, fontsize=8)
    if wide:
        axes.set_ylabel("log10; bands leave the range of a double")
    else:
        low, high = (_column([getattr(i, side) for i in intervals]) for side in ("low", "high"))
        axes.fill_between(layers, np.where(low > 0, low, np.nan), high, color=MEASURED, alpha=0.2, linewidth=0)
        _log_scale(axes)


def _log_scale(axes: Any) -> None:
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    if high < 30 * low:  # few powers of ten or none: round numbers are read more easily
        ticks = import_module("matplotlib.ticker")
        axes.yaxis.set_major_locator(ticks.MaxNLocator(6))
        axes.yaxis.set_major_formatter(ticks.FuncFormatter(_plain))
        axes.yaxis.set_minor_locator(ticks.NullLocator())


def _plain(value: float, _: int) -> str:
    return f"{value:g}"


def _claimed(logs: Array, step: float, *, forward: bool) -> Array:
    """A line of that slope through the first layer, or for gradients through the last."""
    steps = np.arange(len(logs)) * step
    return logs[0] + steps if forward else logs[-1] + steps[::-1]


def _weights(axes: Any, result: Result) -> None:
    """Var(W) as measured at each layer, relative to the claim, which is the line at 1."""
    ratios = [layer.ratio for layer in result.layers]
    estimate, low, high = (_column([getattr(i, side) for i in ratios]) for side in ("estimate", "low", "high"))
    layers = np.arange(1, len(ratios) + 1)
    axes.plot(layers, estimate, color=MEASURED, linewidth=1.4, label="measured")
    axes.fill_between(layers, low, high, color=MEASURED, alpha=0.2, linewidth=0)
    spec = result.spec
    made = spec.claim_sigma_w2 is not None
    label = f"claimed: {spec.claim_sigma_w2:g}" if made else f"drawn: {spec.sigma_w2:g}"
    axes.axhline(1.0, color=CLAIMED, linewidth=1.0, linestyle="--", label=label)
    axes.legend(frameon=False, fontsize=8)
    finish(axes, f"Var(W), relative to what is {'claimed' if made else 'drawn'}")


def _histograms(panels: Sequence[Any], spec: Spec) -> None:
    """Shares of a few layers' activations and gradients by their powers of ten; zeros are told in the legend."""
    names = ("activations |a|, by size", "gradients |g| at a layer's inputs, by size; g ~ N(0, 1) at the end")
    if weights_of(spec) > MOST_WEIGHTS:
        for axes, name in zip(panels, names, strict=True):
            text = f"not drawn: one network has more than {MOST_WEIGHTS:,} weights"
            axes.text(0.5, 0.5, text, ha="center", transform=axes.transAxes)
            finish(axes, name)
        return
    found = histograms(spec)
    drawn = f"; {found.networks} networks, {found.dead_networks} dead"
    for axes, name, edges, layers in (
        (panels[0], names[0] + drawn, found.activation_edges, found.activations),
        (panels[1], names[1], found.gradient_edges, found.gradients),
    ):
        _sizes(axes, edges, _spread(layers))
        finish(axes, name)
        axes.set_xlabel("size: a power of ten")


def _sizes(axes: Any, edges: Array, layers: Sequence[Histogram]) -> None:
    colours = import_module("matplotlib").colormaps["viridis"](np.linspace(0, 0.88, len(layers)))
    for colour, layer in zip(colours, layers, strict=True):
        shares = 100 * layer.counts / layer.values
        axes.stairs(shares, edges, color=colour, linewidth=1.4, label=f"layer {layer.layer}{_beside(layer)}")
    axes.set_ylabel("% of the values, a bin")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(import_module("matplotlib.ticker").FuncFormatter(_power))
    axes.legend(frameon=False, fontsize=8)


def _beside(layer: Histogram) -> str:
    """What the curve does not show: exact zeros, and what is smaller than the axis, from half a percent on."""
    told = ((layer.zeros, "are 0"), (layer.below, "smaller"))
    said = [f"{share:.0%} {what}" for count, what in told if (share := count / layer.values) >= 0.005]
    return f": {', '.join(said)}" if said else ""


def _spread(layers: Sequence[Histogram]) -> list[Histogram]:
    """At most `MOST_SHOWN` of them, first and last included."""
    picked = np.linspace(0, len(layers) - 1, min(MOST_SHOWN, len(layers))).round().astype(int)
    return [layers[k] for k in picked]


def _power(value: float, _: int) -> str:
    return f"$10^{{{value:g}}}$"


def finish(axes: Any, name: str) -> None:
    """What all panels over layers have in common."""
    axes.set_title(name, fontsize=9)
    axes.set_xlabel("layer")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.spines[["top", "right"]].set_visible(False)


def _column(values: Sequence[float | None]) -> Array:
    return np.array([math.nan if v is None else v for v in values])


def _title(result: Result) -> str:
    spec = result.spec
    width = (
        f"width {spec.widths[1]}" if len(set(spec.widths)) == 1 else f"widths {min(spec.widths)} to {max(spec.widths)}"
    )
    return (
        f"{result.networks:,} networks, {spec.f.name}, {width}, depth {spec.depth:,}, {spec.weight_law.name} weights; "
        f"bands hold with probability {1 - spec.error_rate:g} each"
    )
