"""Figures for reports: SVGs that are the same on every run. matplotlib is imported when one is drawn, not before."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
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
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
GREY = "#888888"
PANEL = (4.4, 3.2)  # inches

Draw = Callable[[Any], None]


def moments_by_layer(
    forward: Sequence[Curve], backward: Sequence[Curve] = (), *, title: str = "", text: str | None = None
) -> str:
    """Second moments by layer on a log scale, forward on the left and backward on the right, as SVG text."""
    panels = [(forward, "second moment of z, relative to layer 1's input")]
    if backward:
        panels.append((backward, "second moment of the gradient, relative to the last layer's"))
    draws = [partial(_panel, curves=curves, name=name) for curves, name in panels]
    return picture(draws, title=title, text=text).decode()


def picture(draws: Sequence[Draw], *, kind: str = "svg", title: str = "", text: str | None = None) -> bytes:
    """Panels side by side, each drawn by a function of its axes, as SVG or PNG.

    text: what the figure shows, in words, for those who do not see it: an SVG's ``desc``, a PNG's description.
    """
    matplotlib, figures = import_module("matplotlib"), import_module("matplotlib.figure")
    settings = {"svg.hashsalt": "derive", "svg.fonttype": "path", "font.family": "DejaVu Sans", "font.size": 9}
    described = {} if text is None else {"Title": title, "Description": text}
    undated = {"Date": None, "Creator": None} if kind == "svg" else {}
    with matplotlib.rc_context(settings):
        width, height = PANEL[0] * len(draws), PANEL[1]
        figure = figures.Figure(figsize=(width, height))
        for place, draw in enumerate(draws):  # margins in inches: to fit them would draw everything twice
            left, right, bottom, top = 0.65, 0.15, 0.5, 0.6 if title else 0.35
            corner = (PANEL[0] * place + left) / width, bottom / height
            draw(figure.add_axes((*corner, (PANEL[0] - left - right) / width, (height - bottom - top) / height)))
        if title:
            figure.suptitle(title)
        out = io.BytesIO()
        figure.savefig(out, format=kind, dpi=150, metadata={**described, **undated})
    drawn = out.getvalue()
    if kind != "svg" or text is None:
        return drawn
    return drawn.replace(b"</title>", f"</title>\n <desc>{escape(text, quote=False)}</desc>".encode(), 1)


def _panel(axes: Any, *, curves: Sequence[Curve], name: str) -> None:
    for curve, colour in zip(curves, cycle(COLOURS), strict=False):
        layers = range(1, len(curve.estimate) + 1)
        axes.plot(layers, curve.estimate, color=colour, linewidth=1.4, label=curve.label)
        axes.fill_between(layers, curve.low, curve.high, color=colour, alpha=0.2, linewidth=0)
    axes.axhline(1.0, color=GREY, linewidth=0.8, linestyle=":")
    axes.set_yscale("log")
    axes.set_title(name, fontsize=9)
    axes.set_xlabel("layer")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
