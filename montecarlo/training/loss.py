"""Losses: the cost of a batch, and its derivative with respect to the scores.

    cross-entropy   l = log sum_k e^{y_k} - y_c          dl/dy_k = softmax(y)_k - [k = c]
    squared         l = sum_k (y_k - [k = c])^2 / 2      dl/dy_k = y_k - [k = c]

y are an example's scores and c is its class. The cost is the mean over the batch, so its derivative is that over m.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from montecarlo.arrays import Array
from montecarlo.errors import InputError
from montecarlo.names import unknown

Cost: TypeAlias = Callable[[Array, Array, Array], float]


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss by name.

    cost: (scores (m, K), targets (m, K) with a 1 in each row, out (m, K)) -> the mean loss; ``out`` then holds its
    derivative with respect to the scores.
    """

    name: str
    cost: Cost


def _cross_entropy(scores: Array, targets: Array, out: Array) -> float:
    # The largest score is taken off first: e^y overflows from 710 on, and the quotient does not change.
    np.subtract(scores, scores.max(axis=1, keepdims=True), out=out)
    right = float(np.vdot(out, targets))
    np.exp(out, out=out)
    total = out.sum(axis=1, keepdims=True)
    cost = (float(np.log(total).sum()) - right) / len(scores)
    out /= total
    out -= targets
    out /= len(scores)
    return cost


def _squared(scores: Array, targets: Array, out: Array) -> float:
    np.subtract(scores, targets, out=out)
    cost = float(np.vdot(out, out)) / (2 * len(scores))
    out /= len(scores)
    return cost


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {loss.name: loss for loss in (Loss("cross-entropy", _cross_entropy), Loss("squared", _squared))}
)


def find_loss(name: str) -> Loss:
    """The loss of that name; raises InputError with the nearest names."""
    found = LOSSES.get(name.replace("_", "-"))
    if found is None:
        raise InputError(unknown("loss", name, LOSSES))
    return found
