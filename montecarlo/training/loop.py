"""Training as the note tells it: initialize; then, again and again, forward, cost, backward, update; then predict."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice, pairwise
from typing import Any

import numpy as np
import threadpoolctl

from montecarlo.activations import Activation, find_activation
from montecarlo.arrays import Array
from montecarlo.errors import InputError
from montecarlo.streams import generator
from montecarlo.training.data import Data, Labels, Split, find_data, split
from montecarlo.training.evaluation import AT_ONCE, evaluated, layers_at_start
from montecarlo.training.initialization import Initialization, find_initialization, initialized
from montecarlo.training.loss import Loss, find_loss
from montecarlo.training.network import Dense, backward, forward, size, workspace
from montecarlo.training.optimizer import Optimizer, check_rate, find_optimizer
from montecarlo.training.result import SAME, LayerAtStart, Run, Snapshot, Trained, spread


class Stream(IntEnum):
    """Each kind of chance has a stream of its own: another initialization, depth or batch changes no other draw."""

    DATA = 0
    SPLIT = 1
    WEIGHTS = 2
    BATCHES = 3


BATCH = 128
MOST_PARAMETERS = 50_000_000
MOST_VALUES = 100_000_000  # of all layers and of the examples that are looked at together; three arrays of so many
MOST_LAYERS = 100_000
MOST_STEPS = 10_000_000  # each of them leaves its loss
MOST_IN_ONE_THREAD = 2**24  # multiplications of a product of matrices


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """What all initializations share."""

    split: Split
    activation: Activation
    widths: tuple[int, ...]
    loss: Loss
    optimizer: Optimizer
    rate: float
    steps: int
    batch: int
    seed: int
    snapshots: frozenset[int]


def train(
    data: str | Data = "moons",
    *,
    init: str | Initialization | Sequence[str | Initialization] = ("zero", "small", "xavier", "large"),
    activation: str | Activation = "tanh",
    depth: int = 9,
    width: int = 64,
    loss: str = "cross-entropy",
    optimizer: str = "sgd",
    learning_rate: float | None = None,
    steps: int = 600,
    batch_size: int | None = None,
    seed: int = 0,
    snapshots: Collection[int] = (),
    progress: Callable[[int], None] | None = None,
) -> tuple[Run, ...]:
    """Trains a fully connected network from each initialization, with the same data, draws and batches.

    Args:
        data: "moons", "circles", "digits", or examples of your own: x (m, n), labels (m,).
        init: names as in initialization.py, e.g. "he", "variance:1.8", or a rule of your own.
        activation: a name, or a pair f, f'; the last layer is linear and its scores go into the loss.
        depth: weight matrices, at least 1.
        width: units of each hidden layer.
        loss: "cross-entropy" or "squared".
        optimizer: "sgd", "momentum" or "adam".
        learning_rate: positive; if absent 0.1, 0.01, 0.001 for the three optimizers.
        steps: updates.
        batch_size: examples of each update; if absent 128, or all there are to train on.
        seed: same seed, same result; also the same standard normal draws for every initialization.
        snapshots: after how many steps to keep a copy of the network; 0 is the initialization.
        progress: called with the number of steps done since the last call.

    Returns:
        A record for each initialization, in the order given. Overflow is no error: ``diverged`` says so.

    Raises:
        InputError: a name that is not known, a size, rate or batch that cannot be, or more than 10 million steps, 50
            million parameters, 100,000 layers.
    """
    if seed < 0:
        raise InputError(f"seed {seed} is negative; write a seed of 0 or more")
    asked = (init,) if isinstance(init, str | Initialization) else tuple(init)
    found = [find_initialization(each) if isinstance(each, str) else each for each in asked]
    if not found:
        raise InputError("no initialization to begin from; write e.g. xavier")
    examples = find_data(data, generator(seed, block=Stream.DATA)) if isinstance(data, str) else data
    parts = split(examples, generator(seed, block=Stream.SPLIT))
    chosen = find_optimizer(optimizer)
    task = _Task(
        split=parts,
        activation=find_activation(activation) if isinstance(activation, str) else activation,
        widths=_widths(examples, depth=depth, width=width),
        loss=find_loss(loss),
        optimizer=chosen,
        rate=check_rate(chosen.learning_rate if learning_rate is None else learning_rate),
        steps=_steps(steps),
        batch=_batch(batch_size, len(parts.training.x)),
        seed=seed,
        snapshots=frozenset(snapshots),
    )
    _check_values(task)
    # Overflow is looked for and said; NumPy's warnings would say it a second time.
    with np.errstate(all="ignore"), _threads(task):
        return tuple(_run(task, each, progress) for each in found)


def _run(task: _Task, initialization: Initialization, progress: Callable[[int], None] | None) -> Run:
    """From one initialization: the note's loop."""
    data, steps = task.split.training, task.steps
    rng = generator(task.seed, block=Stream.WEIGHTS)
    network = initialized(initialization, activation=task.activation, widths=task.widths, rng=rng)
    layers = tuple(layers_at_start(network, data, task.loss))
    work = workspace(network, task.batch)
    update = task.optimizer.start(task.rate, network.parameters.size)
    losses = np.full(steps, math.nan)
    kept = [_snapshot(task, network, 0)] if 0 in task.snapshots else []
    order = batches(len(data.x), size=task.batch, rng=generator(task.seed, block=Stream.BATCHES))
    for step, rows in enumerate(islice(order, steps)):
        x, targets = data.x[rows], data.targets[rows]
        scores = forward(network, work, x)
        cost = task.loss.cost(scores, targets, work.delta[-1])
        if not math.isfinite(cost):
            break
        losses[step] = cost
        update(network.parameters, backward(network, work, x))
        if step + 1 in task.snapshots:
            kept.append(_snapshot(task, network, step + 1))
        if progress is not None:
            progress(1)
    return _finished(task, initialization.name, network, losses, layers, tuple(kept))


def _threads(task: _Task) -> AbstractContextManager[Any]:
    """One thread for small products: two share one out so finely that they mostly wait for each other.

    On cores that others use too, the plain command took eleven times as long with two threads as with one.
    """
    largest = task.batch * max(n * m for n, m in pairwise(task.widths))
    if largest > MOST_IN_ONE_THREAD:
        return nullcontext()
    return threadpoolctl.threadpool_limits(limits=1, user_api="blas")


def batches(examples: int, *, size: int, rng: np.random.Generator) -> Iterator[Labels]:
    """Rows of batch after batch, without end: each pass in a new order, what is left of it at its end left out."""
    while True:
        order = rng.permutation(examples)
        for start in range(0, examples - size + 1, size):
            yield order[start : start + size]


def _finished(
    task: _Task,
    name: str,
    network: Dense,
    losses: Array,
    layers: tuple[LayerAtStart, ...],
    snapshots: tuple[Snapshot, ...],
) -> Run:
    """The record of a run that is over."""
    final, accuracy = evaluated(network, task.split.training, task.loss)
    _, test_accuracy = evaluated(network, task.split.test, task.loss)
    # tanh of infinity is one: parameters may overflow without the loss
    ended = math.isfinite(final) and bool(np.isfinite(losses).all() and np.isfinite(network.parameters).all())
    apart = spread(network) if ended else None
    return Run(
        init=name,
        losses=losses,
        final_loss=final if ended else None,
        accuracy=accuracy if ended else None,
        test_accuracy=test_accuracy if ended else None,
        diverged=not ended,
        symmetric=apart is not None and apart <= SAME,
        spread=apart,
        layers=layers,
        trained=_trained(task, network),
        snapshots=snapshots,
    )


def _snapshot(task: _Task, network: Dense, step: int) -> Snapshot:
    loss, _ = evaluated(network, task.split.training, task.loss)
    return Snapshot(step, loss, _trained(task, network.copy()))


def _trained(task: _Task, network: Dense) -> Trained:
    return Trained(network, task.split.scale, task.split.data.classes)


# --- what can be asked for ------------------------------------------------------------------------


def _widths(data: Data, *, depth: int, width: int) -> tuple[int, ...]:
    for name, value in (("depth", depth), ("width", width)):
        if value < 1:
            raise InputError(f"a {name} of {value} is no network; write at least 1")
    if depth > MOST_LAYERS:  # before so many widths are written down
        raise InputError(f"a depth of {depth:,} is too much; write at most {MOST_LAYERS:,}")
    widths = (data.x.shape[1], *(width for _ in range(depth - 1)), len(data.classes))
    if size(widths) > MOST_PARAMETERS:
        message = f"{size(widths):,} parameters are too many; write a smaller width or depth (at most 50 million)"
        raise InputError(message)
    return widths


def _check_values(task: _Task) -> None:
    examples = max(task.batch, min(AT_ONCE, len(task.split.training.x)))
    values = examples * sum(task.widths[1:])
    if values > MOST_VALUES:
        raise InputError(
            f"{examples:,} examples have {values:,} activations together, more than {MOST_VALUES:,}; "
            f"write a smaller width, depth or batch"
        )


def _steps(steps: int) -> int:
    if steps < 0:
        raise InputError(f"{steps} steps cannot be taken; write 0 or more")
    if steps > MOST_STEPS:
        raise InputError(f"{steps:,} steps are too many; write at most {MOST_STEPS:,}")
    return steps


def _batch(asked: int | None, examples: int) -> int:
    if asked is None:
        return min(BATCH, examples)
    if asked < 1:
        raise InputError(f"a batch of {asked} has no gradient; write at least 1")
    if asked > examples:
        message = f"a batch of {asked} is larger than the data: {examples} examples to train on; write at most that"
        raise InputError(message)
    return asked
