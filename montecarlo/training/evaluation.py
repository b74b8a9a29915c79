"""What a network does on data: its loss and its share of right predictions, and each layer's signals on a batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from montecarlo.arrays import Array
from montecarlo.training.data import Part
from montecarlo.training.loss import Loss
from montecarlo.training.network import Dense, backward, forward, workspace
from montecarlo.training.result import LayerAtStart

AT_ONCE = 1024  # examples in memory at a time; a layer's signals are looked at on so many, the first ones


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """Layer l on m examples. activation: a_l (m, n_l), of the last layer the scores; gradient: delta_l (m, n_l).

    delta_l is the gradient of each example's own loss with respect to z_l.
    """

    layer: int
    activation: Array
    gradient: Array


def evaluated(network: Dense, part: Part, loss: Loss) -> tuple[float, float]:
    """The mean loss over examples, and the share whose largest score is at their label."""
    total, right = 0.0, 0
    for start in range(0, len(part.x), AT_ONCE):
        x, targets = part.x[start : start + AT_ONCE], part.targets[start : start + AT_ONCE]
        scores = network.scores(x)
        right += int((scores.argmax(axis=1) == part.labels[start : start + AT_ONCE]).sum())
        total += len(x) * loss.cost(scores, targets, np.empty_like(scores))
    return total / len(part.x), right / len(part.x)


def signals(network: Dense, x: Array, targets: Array, loss: Loss) -> tuple[Signal, ...]:
    """Layers 1 to L on scaled inputs x (m, n_0) with targets (m, K)."""
    work = workspace(network, len(x))
    scores = forward(network, work, x)
    loss.cost(scores, targets, work.delta[-1])
    work.delta[-1][...] *= len(x)  # of each example's own loss, and not of the mean
    backward(network, work, x)
    pairs = zip((*work.a, scores), work.delta, strict=True)
    return tuple(Signal(layer, a, delta) for layer, (a, delta) in enumerate(pairs, 1))


def layers_at_start(network: Dense, part: Part, loss: Loss) -> Iterator[LayerAtStart]:
    """The deviations of each layer's signals on the first examples that are trained on."""
    for signal in signals(network, part.x[:AT_ONCE], part.targets[:AT_ONCE], loss):
        yield LayerAtStart(signal.layer, float(signal.activation.std()), float(signal.gradient.std()))
