"""From a question to an answer: blocks of networks are drawn by workers, summed up and judged."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import numpy as np

from montecarlo.arrays import Array
from montecarlo.errors import InputError
from montecarlo.journal import open_journal
from montecarlo.judgement import forward_basis, judged
from montecarlo.measures import is_product
from montecarlo.result import Interval, Layer, Result
from montecarlo.samplers import AUTO, blocks, find_sampler, observing
from montecarlo.spec import Spec
from montecarlo.statistics.growth import (
    FEWEST,
    PER_VARIANCE,
    LogMeans,
    LogSums,
    MeanSums,
    log_interval,
    log_means,
    networks_needed,
    networks_needed_linear,
    plain_log_means,
    share_alive,
)
from montecarlo.statistics.means import mean_interval
from montecarlo.statistics.ratio import ratio_interval
from montecarlo.tally import Tally, merged
from montecarlo.work import Shelf, draw, in_order, local, useful


def simulate(
    spec: Spec,
    *,
    method: str = AUTO,
    workers: int = 1,
    executor: Executor | None = None,
    checkpoint: str | Path | None = None,
    memory: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Result:
    """Draws spec.networks networks, measures them layer by layer, and judges the claims.

    The result does not depend on who draws: streams belong to blocks, and blocks are added up in order.

    Args:
        spec: which networks and which claims.
        method: "dense", "conditioned" or "chain" (see `montecarlo.samplers`), which draw the same networks in law;
            "auto" takes the fastest that draws what the spec asks for.
        workers: processes, once the first block has shown that there is a second of work for each; threads before.
            No more are started than there are blocks, or four for each core. Where one is killed, others are started.
        executor: who draws instead of them, e.g. a `ProcessPoolExecutor` or a Dask client's `get_executor()`;
            it is left open. It is handed twice as many blocks at a time as there are workers. What a lost worker
            was drawing is drawn again here, and a note says so.
        checkpoint: a file for the blocks that are done (`montecarlo.journal`). If it is there, the run goes on from
            it. Functions and laws of your own are told apart by their names and by what two small networks make of
            them.
        memory: bytes that the blocks in hand may take, of all workers together, or of each worker of an executor.
            Matrices that do not fit are drawn again when they are needed again: the same result, only later. None: each
            worker takes what the sampler's blocks take, mostly less than 1 GiB; more than 4 have to be asked for.
        progress: called with the number of networks of each block that is done.

    Raises:
        InputError: no worker, a method that does not draw what the spec asks for, too little memory, a checkpoint that
            is damaged or of another run, or values that leave the range of a double (see `Spec` for what it refuses).
    """
    if workers < 1:
        raise InputError(f"{workers} workers do nothing; write at least 1")
    start = time.perf_counter()
    sampler = find_sampler(method, spec)
    if memory is not None and memory < 1:
        raise InputError(f"{memory} bytes hold nothing; write e.g. 1000000000")
    count = -(-spec.networks // sampler.block_size(spec))
    if executor is None:
        workers = useful(workers, blocks=count)
    share = memory if memory is None or executor is not None else memory // workers
    observe = observing(spec, sampler, memory=share)
    failures: list[str] = []
    with ExitStack() as stack:
        hands = stack.enter_context(local(workers, blocks=count)) if executor is None else executor
        store = Shelf() if checkpoint is None else stack.enter_context(open_journal(Path(checkpoint), spec, sampler))
        drawn = in_order(
            partial(draw, observe, spec),
            blocks(spec, sampler),
            executor=hands,
            at_once=1 if executor is None and workers == 1 else 2 * workers,
            store=store,
            failures=failures,
        )
        tally = merged(_reported(stack.enter_context(closing(drawn)), progress))
    second_moments, forward_notes = _second_moments(spec, tally)
    gradients, backward_notes = _gradients(spec, tally)
    ratios = _ratios(spec, tally)
    bounded = (tally.correlation, tally.gradient_correlation, tally.mean, tally.kurtosis)
    weight_gradients, weight_notes = _weight_gradients(spec, tally)
    more = (*(_means(spec, sums) for sums in bounded), weight_gradients)
    rows = zip(second_moments, gradients, ratios, *more, strict=True)
    return Result(
        spec=spec,
        method=sampler.name,
        networks=tally.networks,
        dead_networks=tally.dead,
        layers=tuple(Layer(number, *row) for number, row in enumerate(rows, start=1)),
        claims=judged(spec, tally),
        notes=(*forward_notes, *backward_notes, *weight_notes, *_losses(failures)),
        seconds=time.perf_counter() - start,
    )


def _reported(tallies: Iterable[Tally], progress: Callable[[int], None] | None) -> Iterator[Tally]:
    for tally in tallies:
        if progress is not None:
            progress(tally.networks)
        yield tally


def _losses(failures: list[str]) -> list[str]:
    if not failures:
        return []
    return [f"workers failed {len(failures)} times, and their blocks were drawn again; the last time: {failures[-1]}"]


def _second_moments(spec: Spec, tally: Tally) -> tuple[list[Interval], list[str]]:
    """Products where f is homogeneous, the law symmetric, no bias, no residual; else plain means."""
    if is_product(spec) and spec.weight_law.symmetric and spec.sigma_b2 == 0:
        return _products(log_means(tally.growth).accumulated(), spec, "second moments", np.arange(1.0, spec.depth + 1))
    needed = networks_needed(tally.second_moment)
    if is_product(spec):
        needed = np.maximum(needed, networks_needed_linear(spec.widths[1:]))
    return _plain(tally.second_moment, spec, "second moments", needed)


def _gradients(spec: Spec, tally: Tally) -> tuple[list[Interval], list[str]]:
    """Products where f is homogeneous and the law symmetric; else means of backpropagation."""
    if tally.jacobian is not None and _gradients_factorize(spec):
        backwards = log_means(tally.jacobian).reversed().accumulated().reversed()
        count = np.full(spec.depth, float(tally.networks))
        products = backwards.times(share_alive(tally.alive, count=count))
        return _products(products, spec, "gradients", np.arange(float(spec.depth), 0, -1))
    needed = networks_needed(tally.gradient)
    if is_product(spec):
        needed = np.maximum(needed, networks_needed_linear(spec.widths[:0:-1])[::-1])
    return _plain(tally.gradient, spec, "gradients", needed)


def _weight_gradients(spec: Spec, tally: Tally) -> tuple[list[Interval] | list[None], list[str]]:
    """Plain means: |delta_l|^2 |a_{l-1}|^2 is a product over all layers but one, forward and back."""
    if tally.weight_gradient is None:
        return [None] * spec.depth, []
    needed = networks_needed(tally.weight_gradient)
    if is_product(spec):
        needed = np.maximum(needed, networks_needed_linear(spec.widths[1:])[-1])
    return _plain(tally.weight_gradient, spec, "gradients of weights", needed)


def _gradients_factorize(spec: Spec) -> bool:
    # Atoms of a law can kill a network (z = 0, a not); its gradient is 0 only if f'(0) = 0.
    blocked = not spec.f.derivative(np.zeros(1)).any()
    return spec.weight_law.symmetric and (spec.weight_law.atomless or blocked)


def _ratios(spec: Spec, tally: Tally) -> list[Interval]:
    claim = spec.sigma_w2 if spec.claim_sigma_w2 is None else spec.claim_sigma_w2
    unit, basis = spec.sigma_w2 / claim, forward_basis(spec, tally)
    intervals: list[Interval] = []
    for index in range(spec.depth):
        sums = tally.forward.layer(index)
        if sums.neurons == 0:
            intervals.append(Interval())
            continue
        bounds = ratio_interval(sums, basis=basis, error_rate=spec.error_rate)
        estimate, low, high = (unit * value for value in (sums.total / sums.neurons, *bounds))
        intervals.append(Interval.from_logs(_log(estimate), _log(low), _log(high)))
    return intervals


def _means(spec: Spec, sums: MeanSums | None) -> list[Interval] | list[None]:
    """Plain means by layer of what is bounded; None for each layer if it was not asked for."""
    if sums is None:
        return [None] * spec.depth
    intervals: list[Interval] = []
    for index in range(spec.depth):
        mean, (low, high) = mean_interval(sums, index, error_rate=spec.error_rate)
        known = not math.isnan(mean)
        intervals.append(Interval(mean, low, high, math.log10(mean) if mean > 0 else None) if known else Interval())
    return intervals


def _intervals(means: LogMeans, spec: Spec) -> list[Interval]:
    low, high = log_interval(means, error_rate=spec.error_rate)
    rows = zip(means.value.tolist(), low.tolist(), high.tolist(), strict=True)
    return [Interval.from_logs(*row) for row in rows]


def _products(means: LogMeans, spec: Spec, what: str, layers: Array) -> tuple[list[Interval], list[str]]:
    """Of so many layers each, where they are precise enough."""
    if not spec.weight_law.settles:
        return _unsettled(spec, what)
    kept = means.precise(layers)
    lost = np.isnan(kept.value) & ~np.isnan(means.value)
    if not lost.any():
        return _intervals(kept, spec), []
    needed = (means.count * means.variance / layers**2)[lost].max() * PER_VARIANCE
    note = (
        f"{what} of {lost.sum()} layers are not estimated: layers so narrow need about {needed:,.0f} living "
        f"networks for an interval that holds its rate"
    )
    return _intervals(kept, spec), [note]


def _plain(sums: LogSums, spec: Spec, what: str, needed: Array) -> tuple[list[Interval], list[str]]:
    if not spec.weight_law.settles:
        return _unsettled(spec, what)
    means = plain_log_means(sums, needed=needed)
    return _intervals(means, spec), _refusals(what, means, needed)


def _unsettled(spec: Spec, what: str) -> tuple[list[Interval], list[str]]:
    said = f"{spec.weight_law.name} weights have no eighth moment, and no interval of a mean square holds its rate"
    return [Interval()] * spec.depth, [f"{what} are not estimated: {said}; write e.g. student_t(df=10)"]


def _refusals(what: str, means: LogMeans, needed: Array) -> list[str]:
    refused = np.flatnonzero(np.isnan(means.value)) + 1
    if not refused.size:
        return []
    least = needed[refused - 1].min()
    return [
        f"{what} of {refused.size} layers ({refused[0]} to {refused[-1]}) are not estimated: "
        f"a plain mean of so skewed a quantity needs at least {max(least, FEWEST):,.0f} networks"
    ]


def _log(value: float) -> float:
    return math.log(value) if 0 < value < math.inf else (-math.inf if value == 0 else math.inf)
