"""The sums that are kept of a block of networks: a few numbers a layer, whatever the block's size.

They can be sent, stored and added up, and every estimate and verdict is made of them alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import TypeVar

import numpy as np

from montecarlo.arrays import Array, Flags
from montecarlo.observations import Observations, Ratio, Signs
from montecarlo.statistics.growth import LogSums, MeanSums
from montecarlo.statistics.means import mean_sums
from montecarlo.statistics.ratio import RatioSums
from montecarlo.statistics.signs import SignSums


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """The sums of `Observations` over networks; per layer, (L,)."""

    networks: int
    dead: int
    alive: Array
    forward: RatioSums
    conditional: RatioSums | None
    backward: RatioSums
    activation: SignSums | None
    derivative: SignSums | None
    growth: MeanSums
    jacobian: MeanSums | None
    second_moment: LogSums
    gradient: LogSums
    correlation: MeanSums | None
    gradient_correlation: MeanSums | None
    mean: MeanSums | None
    kurtosis: MeanSums | None
    weight_gradient: LogSums | None


def tallied(seen: Observations) -> Tally:
    """The sums of one block."""
    moments = seen.moments
    return Tally(
        networks=seen.dead.size,
        dead=int(seen.dead.sum()),
        alive=seen.alive.sum(axis=1).astype(np.float64),
        forward=_ratio_sums(seen.forward),
        conditional=None if seen.conditional is None else _ratio_sums(seen.conditional),
        backward=_ratio_sums(seen.backward),
        activation=None if seen.activation is None else _sign_sums(seen.activation),
        derivative=None if seen.derivative is None else _sign_sums(seen.derivative),
        growth=_growth_sums(seen.log_q),
        jacobian=None if seen.jacobian is None else _mean_sums(seen.jacobian, seen.alive),
        second_moment=_log_sums(seen.log_q),
        gradient=_log_sums(seen.log_gradient),
        correlation=None if seen.correlation is None else mean_sums(seen.correlation),
        gradient_correlation=None if seen.gradient_correlation is None else mean_sums(seen.gradient_correlation),
        mean=None if moments is None else mean_sums(moments.mean),
        kurtosis=None if moments is None else mean_sums(moments.kurtosis),
        weight_gradient=None if moments is None else _log_sums(moments.log_weight_gradient),
    )


def merged(tallies: Iterable[Tally]) -> Tally:
    """The sums of all blocks, added in the order given, so that rounding is reproduced."""
    return reduce(_merged, tallies)


def _ratio_sums(ratio: Ratio) -> RatioSums:
    fields = (ratio.value, ratio.freedom, ratio.variance, ratio.absent)
    return RatioSums(*(field.sum(axis=1) for field in fields))


def _sign_sums(signs: Signs) -> SignSums:
    total = (signs.value * signs.precision).sum(axis=1)
    return SignSums(total, signs.precision.sum(axis=1), np.full_like(total, float(signs.value[0].size)))


def _growth_sums(log_q: Array) -> MeanSums:
    """X_l = q_l/q_{l-1} among the networks with q_{l-1} > 0; q_0 = 1."""
    before = np.concatenate([np.zeros((1, log_q.shape[1])), log_q[:-1]])
    some = np.isfinite(before)
    if some.all():
        return _mean_sums(np.exp(np.subtract(log_q, before, out=before)), some)
    return _mean_sums(np.exp(np.where(some, log_q - np.where(some, before, 0.0), -np.inf)), some)


def _mean_sums(values: Array, chosen: Flags) -> MeanSums:
    kept = values if chosen.all() else np.where(chosen, values, 0.0)
    return MeanSums(chosen.sum(axis=1).astype(np.float64), kept.sum(axis=1), np.vecdot(kept, kept))


def _log_sums(log_q: Array) -> LogSums:
    positive = np.isfinite(log_q)
    finite = log_q if positive.all() else np.where(positive, log_q, 0.0)
    # log sum q = log q_max + log sum q/q_max: what underflows is below 1e-308 of the largest
    largest = log_q.max(axis=1)
    shift = np.where(np.isfinite(largest), largest, 0.0)
    parts = np.exp(log_q - shift[:, np.newaxis])
    with np.errstate(divide="ignore"):
        log_total, log_square = shift + np.log(parts.sum(axis=1)), 2 * shift + np.log(np.vecdot(parts, parts))
    return LogSums(
        count=np.full_like(shift, float(log_q[0].size)),
        log_total=log_total,
        log_square=log_square,
        positive=positive.sum(axis=1).astype(np.float64),
        sum_log=finite.sum(axis=1),
        sum_log_square=np.vecdot(finite, finite),
    )


T = TypeVar("T", RatioSums, SignSums, MeanSums, LogSums)


def _both(one: T | None, two: T | None) -> T | None:
    return None if one is None or two is None else one + two


def _merged(one: Tally, two: Tally) -> Tally:
    return Tally(
        networks=one.networks + two.networks,
        dead=one.dead + two.dead,
        alive=one.alive + two.alive,
        forward=one.forward + two.forward,
        conditional=_both(one.conditional, two.conditional),
        backward=one.backward + two.backward,
        activation=_both(one.activation, two.activation),
        derivative=_both(one.derivative, two.derivative),
        growth=one.growth + two.growth,
        jacobian=_both(one.jacobian, two.jacobian),
        second_moment=one.second_moment + two.second_moment,
        gradient=one.gradient + two.gradient,
        correlation=_both(one.correlation, two.correlation),
        gradient_correlation=_both(one.gradient_correlation, two.gradient_correlation),
        mean=_both(one.mean, two.mean),
        kurtosis=_both(one.kurtosis, two.kurtosis),
        weight_gradient=_both(one.weight_gradient, two.weight_gradient),
    )
