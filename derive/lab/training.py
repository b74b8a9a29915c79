"""The lab's runs of training: losses, accuracies, and on the moons the decision and each layer's signals over time."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.lab.grid import Grid, Training
from derive.lab.networks import of_values
from derive.lab.produce import rounded, sizes_json
from montecarlo import training as mt
from montecarlo.streams import generator

Array = NDArray[np.float64]
Json = dict[str, Any]

POINTS = 150  # of a loss curve: means over equally many steps
DATA_STREAM = 0
SHOWN = 250  # examples that are drawn
MARGIN = 0.6  # around the examples


def trained(grid: Grid, data: str, activation: str) -> Json:
    """Runs from every initialization, with the same data, draws and batches."""
    asked = grid.training
    moons = data == "moons"
    examples = mt.find_data(data, generator(asked.seed, block=DATA_STREAM))
    runs = mt.train(
        examples,
        init=asked.inits,
        activation=activation,
        depth=asked.depth,
        width=asked.moons_width if moons else asked.digits_width,
        steps=asked.steps,
        learning_rate=asked.learning_rate,
        batch_size=asked.batch_size,
        seed=asked.seed,
        snapshots=asked.snapshots if moons else (),
    )
    found: Json = {"data": data, "activation": activation, "runs": [_run(run) for run in runs]}
    if not moons:
        return found
    x_axis, y_axis = (np.linspace(*_ends(examples.x[:, k]), asked.pixels) for k in (0, 1))
    points = np.stack(np.meshgrid(x_axis, y_axis), axis=-1).reshape(-1, 2)
    for told, run in zip(found["runs"], runs, strict=True):
        told["snapshots"] = [_snapshot(grid, asked, s, points, examples) for s in run.snapshots]
    found["axes"] = [rounded(axis.tolist()) for axis in (x_axis, y_axis)]
    found["examples"] = {
        "x": rounded(examples.x[:SHOWN, 0].tolist(), 3),
        "y": rounded(examples.x[:SHOWN, 1].tolist(), 3),
        "label": examples.labels[:SHOWN].tolist(),
    }
    return found


def _run(run: Any) -> Json:
    steps, losses = averaged(run.losses, POINTS)
    return {
        "init": run.init,
        "steps": steps,
        "loss": rounded(losses),
        "final": _known(run.final_loss),
        "accuracy": _known(run.accuracy),
        "test": _known(run.test_accuracy),
        "diverged": run.diverged,
        "symmetric": run.symmetric,
    }


def averaged(losses: Array, points: int) -> tuple[list[float], list[float]]:
    """Means over so many stretches of equal length, and the steps in their middles; nan where one was not finite."""
    parts = np.array_split(np.arange(len(losses)), min(points, len(losses)))
    return [float(p.mean()) + 1 for p in parts], [float(losses[p].mean()) for p in parts]


def _known(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 4)


def _ends(values: Array) -> tuple[float, float]:
    return float(values.min()) - MARGIN, float(values.max()) + MARGIN


def _snapshot(grid: Grid, asked: Training, snapshot: Any, points: Array, examples: Any) -> Json:
    """The decision as bytes, 0 to 255 for the probability of the second class, and the signals by layer."""
    network = snapshot.trained
    with np.errstate(all="ignore"):
        scores = network.scores(points)
        apart = np.nan_to_num(scores[:, 1] - scores[:, 0], nan=0.0, posinf=1e3, neginf=-1e3)
        chance = 0.5 * (1 + np.tanh(apart / 2))
        x = network.scale(examples.x[:SHOWN])
        targets = np.eye(2)[examples.labels[:SHOWN]]
        signals = mt.signals(network.network, x, targets, mt.find_loss("cross-entropy"))
    return {
        "step": snapshot.step,
        "loss": _known(snapshot.loss),
        "decision": _bytes(chance),
        "right": _known(float((network.predict(examples.x) == examples.labels).mean())),
        "a": _sizes(grid, [s.activation for s in signals[:-1]]),
        "d": _sizes(grid, [s.gradient for s in signals]),
    }


def _bytes(chance: Array) -> str:
    levels: NDArray[np.uint8] = np.round(255 * chance).astype(np.uint8)
    return base64.b64encode(levels.tobytes()).decode("ascii")


def _sizes(grid: Grid, layers: Sequence[Array]) -> Json | None:
    """None once something is no finite number."""
    if not all(np.isfinite(values).all() for values in layers):
        return None
    return sizes_json(of_values(layers, bins=grid.bins, most=grid.shown))
