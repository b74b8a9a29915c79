"""Everything that the page shows, made side by side by the processes of ``derive.processes``.

A job is one value that can be sent to another process; what comes of it is plain data, ready for JSON.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from derive.gaussian import read
from derive.gaussian.depth import Layer
from derive.lab import guide
from derive.lab.grid import Grid, fraction
from derive.lab.regimes import Predicted, predicted, regime, stops

if TYPE_CHECKING:
    from derive.lab.networks import Band, Simulated, Sizes

Json = dict[str, Any]
MEASURED = 3  # decimals of a measured log10: 0.1 %, where intervals are wider by far
DIGITS = 12  # of rules and critical pairs


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to make: ``kind`` says what, ``key`` of which activation or data."""

    kind: str
    key: str = ""
    stop: int = 0


@dataclass(frozen=True, slots=True)
class Lab:
    """What ``page`` fills in: the grid, and the parts by their kinds and keys."""

    grid: Grid
    activations: dict[str, Json]
    proofs: list[Json]
    training: Json


def jobs(grid: Grid) -> tuple[Job, ...]:
    """All jobs, the longest first, so that none of the processes is left with one at the end."""
    training = [Job("training", f"{data}:{name}") for data in _data(grid) for name in grid.training.activations]
    cells = [Job("stop", name, k) for name in grid.activations for k in range(len(grid.weights) + 1)]
    return (*training, *cells, *(Job("rule", name) for name in grid.activations), Job("proofs"))


def lab(grid: Grid, *, progress: Callable[[Job], None] | None = None) -> Lab:
    """Make everything; ``progress`` is called with each job that is done."""
    from derive.processes import mapped

    wanted = jobs(grid)
    made: dict[Job, Any] = {}
    with mapped(partial(_made, grid), wanted, count=len(wanted)) as results:
        for job, result in zip(wanted, results, strict=True):
            made[job] = result
            if progress is not None:
                progress(job)
    activations = {
        name: {
            **made[Job("rule", name)],
            "stops": [made[j] for j in wanted if (j.kind, j.key) == ("stop", name) and made[j] is not None],
        }
        for name in grid.activations
    }
    training = {job.key: made[job] for job in wanted if job.kind == "training"}
    return Lab(grid, activations, made[Job("proofs")], training)


def _data(grid: Grid) -> tuple[str, ...]:
    return ("digits", "moons") if grid.training.digits else ("moons",)


def _made(grid: Grid, job: Job) -> Any:
    """In a process of its own, on one core: two BLAS threads a process would wait for each other all the time."""
    from threadpoolctl import threadpool_limits

    import_module("numpy")  # only a BLAS that is loaded can be limited
    with threadpool_limits(1):
        return _one(grid, job)


def _one(grid: Grid, job: Job) -> Any:
    match job.kind:
        case "rule":
            return rule(grid, job.key)
        case "stop":
            return stop(grid, job.key, job.stop)
        case "training":
            from derive.lab.training import trained

            data, _, activation = job.key.partition(":")
            return trained(grid, data, activation)
        case _:
            from derive.lab.proofs import proofs

            return [asdict(proof) for proof in proofs()]


# --- one activation ---------------------------------------------------------------------------------------------------


def rule(grid: Grid, activation: str) -> Json:
    """The derived rule of an activation, and where its edge of chaos is for each bias variance."""
    import derive

    found = derive.rule(activation, digits=DIGITS)
    edges = {b: derive.critical(activation, bias_variance=b, digits=DIGITS) for b in grid.biases}
    return {
        "name": activation,
        "expression": found.expression,
        "rule": found.json(),
        "edges": {b: {"weight": _value(edge.weight_variance), "message": edge.message} for b, edge in edges.items()},
    }


def _value(number: Any) -> str | None:
    return None if number is None else number.value


def stop(grid: Grid, activation: str, index: int) -> Json | None:
    """One weight variance of an activation: prediction, regime and simulation for every bias, depth and width.

    None where there is no such stop, because the rule is one of the numbers.
    """
    from derive.lab.networks import simulated

    f = read(activation)
    found_stops = tuple(stops(f, tuple(map(fraction, grid.weights)), rule_weight(activation)))
    if index >= len(found_stops):
        return None
    weight, is_rule = found_stops[index]
    value = float(weight) if isinstance(weight, Fraction) else float(weight.mid())
    biases: list[Json] = []
    for bias in grid.biases:
        layer = Layer(f, weight, fraction(bias))
        told = predicted(layer, depth=grid.deepest)
        cells = {
            f"{depth}:{width}": cell_json(
                simulated(grid, activation, weight=value, bias=float(fraction(bias)), depth=depth, width=width)
            )
            for depth in grid.depths
            for width in grid.widths
        }
        found, biased = regime(layer), bool(fraction(bias))
        biases.append(
            {
                "prediction": _prediction(told, grid),
                "regime": asdict(found),
                "sentence": guide.sentence(found, bias=biased),
                "because": guide.because(activation, found, bias=biased),
                "cells": cells,
            }
        )
    return {"weight": value, "label": _label(weight, value), "rule": is_rule, "biases": biases}


def rule_weight(activation: str) -> Any:
    """N Var(W) that keeps E z^2 = 1, as a proven ball: 1/E f(z)^2 at z ~ N(0, 1)."""
    from derive.gaussian import second_moment

    return 1 / second_moment(read(activation), 1, digits=DIGITS).ball


def _label(weight: Any, value: float) -> str:
    return f"{value:g}" if isinstance(weight, Fraction) else f"{value:.5g}"


def _prediction(told: Predicted, grid: Grid) -> Json:
    return {
        "q": rounded(told.second_moments),
        "g": {str(depth): rounded(told.gradients(depth)) for depth in grid.depths},
        "error": told.error if math.isfinite(told.error) else None,
    }


def cell_json(cell: Simulated) -> Json:
    """A simulated cell: bands as [estimates, lows, highs] of log10, histograms in thousandths."""
    return {
        "q": _band(cell.second_moments),
        "g": _band(cell.gradients),
        "method": cell.method,
        "dead": cell.dead,
        "notes": list(cell.notes),
        "a": sizes_json(cell.activation_sizes),
        "d": sizes_json(cell.gradient_sizes),
    }


def _band(band: Band) -> list[list[float | None]]:
    return [rounded(ends, MEASURED) for ends in (band.estimate, band.low, band.high)]


def sizes_json(found: Sizes) -> Json:
    """Histograms: ends of the scale, layers, shares in thousandths."""
    return {
        "ends": [round(found.low, 3), round(found.high, 3)],
        "layers": list(found.layers),
        "shares": [[round(1000 * share) for share in layer] for layer in found.shares],
        "zeros": [round(1000 * share) for share in found.zeros],
        "beyond": [round(1000 * share) for share in found.beyond],
    }


def rounded(values: Sequence[float], digits: int = 4) -> list[float | None]:
    """Decimals that a picture can show, None for what is no number; 4 decimals of a log10 are 0.02 %."""
    return [round(v, digits) + 0.0 if math.isfinite(v) else None for v in values]
