"""What training came to: one record for each initialization, all values, nothing that changes."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from montecarlo.arrays import Array
from montecarlo.training.data import Labels, Scale
from montecarlo.training.network import Dense, hidden

SAME = 1e-12  # relative spread below which units of a layer are the same but for rounding


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A network together with the scale of its inputs and the names of its classes."""

    network: Dense
    scale: Scale
    classes: tuple[str, ...]

    def scores(self, x: Array) -> Array:
        """z_L (m, K) of inputs x (m, n) as they were measured; the largest of a row is the class predicted.

        Inputs far beyond those that were trained on may overflow: the scores of such a row are not all finite.
        """
        with np.errstate(all="ignore"):
            return self.network.scores(self.scale(x))

    def predict(self, x: Array) -> Labels:
        """The class (m,), 0 to K-1, of inputs x (m, n) as they were measured."""
        return self.scores(x).argmax(axis=1)


@dataclass(frozen=True, slots=True)
class LayerAtStart:
    """Layer l at initialization. activation_std: of a_l (of the scores at the last layer); gradient_std: of delta_l.

    delta_l is the gradient of one example's loss with respect to z_l. Both are over units and examples together, about
    their mean.
    """

    layer: int
    activation_std: float
    gradient_std: float


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The network as it was after so many steps, and its loss on all training data."""

    step: int
    loss: float
    trained: Trained


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Training from one initialization.

    Args:
        init: its name.
        losses: (steps,), the cost of each step's batch before the step; nan from where it overflowed.
        final_loss: on all training data after the last step; None if it overflowed.
        accuracy, test_accuracy: shares of right predictions on training data and on what was held out; None likewise.
        diverged: a loss or a parameter was no longer a finite number; training stopped there.
        symmetric: in some hidden layer of at least two units all units are still the same: ``spread`` is at most 1e-12.
        spread: the least over those layers of how far units' incoming weights and biases differ, relative to the
            largest of them; 0 if they are the same bit by bit, None if there is no such layer or it overflowed.
        layers: at initialization, 1 to L.
        trained: the network after the last step that did not overflow.
        snapshots: at the steps that were asked for, as far as training came.
    """

    init: str
    losses: Array
    final_loss: float | None
    accuracy: float | None
    test_accuracy: float | None
    diverged: bool
    symmetric: bool
    spread: float | None
    layers: tuple[LayerAtStart, ...]
    trained: Trained
    snapshots: tuple[Snapshot, ...]

    def halved(self) -> int | None:
        """The step of the first snapshot whose loss is below half of the first one's; None if there is none."""
        start = self.snapshots[0].loss
        return next((s.step for s in self.snapshots if s.loss < start / 2), None)

    def moved(self, until: int) -> float:
        """max |loss/first loss - 1| over the snapshots up to a step."""
        start = self.snapshots[0].loss
        return max(abs(s.loss / start - 1) for s in self.snapshots if s.step <= until)

    def as_json(self) -> dict[str, Any]:
        """Numbers and words only; null for what is no finite number."""
        return {
            "init": self.init,
            "loss": [_finite(value) for value in self.losses.tolist()],
            "final_loss": self.final_loss,
            "accuracy": self.accuracy,
            "test_accuracy": self.test_accuracy,
            "diverged": self.diverged,
            "symmetric": self.symmetric,
            "spread": self.spread,
            "layers": [{name: _finite(value) for name, value in asdict(layer).items()} for layer in self.layers],
        }


def spread(network: Dense) -> float | None:
    """The least spread over hidden layers of at least two units, see ``Run``; None if there is none."""
    found = [_spread(np.column_stack((w, b))) for w, b in hidden(network) if len(b) > 1]
    return min(found, default=None)


def _spread(units: Array) -> float:
    """max |row i - row j| over max |entry|; 0 for rows of zeros."""
    apart = float(np.ptp(units, axis=0).max())
    return apart / float(np.abs(units).max()) if apart else 0.0


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
