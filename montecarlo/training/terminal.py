"""What `train` shows on a terminal: how each run ended, and the layers as they were at initialization."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from montecarlo.training.result import Run

MOST_ROWS = 24


def print_runs(runs: Sequence[Run], console: Console) -> None:
    """Two tables; of many layers some are shown."""
    ends = Table("init", "first loss", "final loss", "accuracy", "held out", "remark")
    for run in runs:
        first = f"{run.losses[0]:.4g}" if len(run.losses) else "-"
        ends.add_row(
            run.init, first, _number(run.final_loss), _share(run.accuracy), _share(run.test_accuracy), _remark(run)
        )
    console.print(ends)
    layers = Table("layer", *(f"{run.init}" for run in runs))
    step = -(-len(runs[0].layers) // MOST_ROWS)
    for same in zip(*(run.layers for run in runs), strict=True):
        if (same[0].layer - 1) % step == 0 or same[0].layer == len(runs[0].layers):
            cells = (f"{layer.activation_std:.3g} / {layer.gradient_std:.3g}" for layer in same)
            layers.add_row(str(same[0].layer), *cells)
    console.print("standard deviation of activations / of gradients, at initialization", highlight=False)
    console.print(layers)


def _remark(run: Run) -> str:
    if run.diverged:
        return "diverged"
    if run.symmetric:
        return "units equal"
    return ""


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
