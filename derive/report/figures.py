"""Figures for reports: SVGs that are the same on every run. matplotlib is imported when one is drawn, not before."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle
from typing import Any


@dataclass(frozen=True, slots=True)
class Curve:
    """A second moment by layer, 1 to L, with its simultaneous interval."""

    label: str
    estimate: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


# Okabe and Ito's colours: told apart by everybody, on white and in print.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def moments_by_layer(forward: Sequence[Curve], backward: Sequence[Curve] = (), *, title: str = "") -> str:
    """Second moments by layer on a log scale, forward on the left and backward on the right, as SVG text."""
    matplotlib, canvas, figures = (import_module(f"matplotlib{m}") for m in ("", ".backends.backend_svg", ".figure"))

    settings = {"svg.hashsalt": "derive", "svg.fonttype": "path", "font.family": "DejaVu Sans", "font.size": 9}
    panels = [(forward, "second moment of z, relative to layer 1's input")]
    if backward:
        panels.append((backward, "second moment of the gradient, relative to the last layer's"))
    with matplotlib.rc_context(settings):
        figure = figures.Figure(figsize=(4.4 * len(panels), 3.2), layout="constrained")
        canvas.FigureCanvasSVG(figure)
        for place, (curves, name) in enumerate(panels, 1):
            _panel(figure.add_subplot(1, len(panels), place), curves, name)
        if title:
            figure.suptitle(title)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def _panel(axes: Any, curves: Sequence[Curve], name: str) -> None:
    for curve, colour in zip(curves, cycle(_COLOURS), strict=False):
        layers = range(1, len(curve.estimate) + 1)
        axes.plot(layers, curve.estimate, color=colour, linewidth=1.4, label=curve.label)
        axes.fill_between(layers, curve.low, curve.high, color=colour, alpha=0.2, linewidth=0)
    axes.axhline(1.0, color="#888888", linewidth=0.8, linestyle=":")
    axes.set_yscale("log")
    axes.set_title(name, fontsize=9)
    axes.set_xlabel("layer")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
