"""How a second moment grows with depth: by products of means, which a plain mean does not find.

q_L/q_0 is a product of L ratios X_l = q_l/q_{l-1}. For relu its relative variance is about
(1 + 5/n)^L - 1 (Hanin and Nica 2018): the mean over networks is that of a few rare ones, and at
n = 16, L = 100 the usual mean of 1000 misses by a factor of 60 without a sign of it.

Forward. If f is homogeneous, W symmetric, and there is no bias, then given the past and |z_{l-1}|,
E(X_l) = mu_l is a constant (signs.py). Hence

    E q_L/q_0 = mu_1 ... mu_L,

and mu_l is estimated by the mean of X_l over the networks that are alive before the layer. One that
dies in the layer enters with X_l = 0; later layers ask it no more. The errors of the layer means
are martingale differences, so uncorrelated: log mean, plus half its relative variance against the
bias of the logarithm, is added up over layers and gets a Student interval. This is asymptotic in
the number of networks; on the log scale the skewness nearly cancels, and the tests count alarms. It
does not where the mean of a few ratios of a narrow layer has a standard error of half itself: 30
networks of width 1 would alarm three times as often as 0.001. Such an interval is given only if the
standard error of the factor a layer, the geometric mean of its layers, is at most a tenth.

Gradients, same f and W, biases allowed. J_l = diag(f'(z_l)) W_l has E(J_l^T J_l | past) =
n_l Var(W_l) c I, by the same flips of rows. Taken apart from the last layer on, the expectation of
|J_L ... J_l|^2, the sum of squared entries, is a product as well: of E|J_k|^2/n_{k-1}, the mean
squared singular value of layer k, times the probability to be alive before layer l. So the means
are taken layer by layer here too; the tests compare them with backpropagation's plain means.

Everything else has only the plain mean. If q is roughly log-normal over networks its mean has the
relative variance r/M with r = e^{s^2} - 1 and s^2 = Var(log q), which is measured without trouble,
while the relative variance of a sample without rare large ones is too small, just when its mean is.
So the larger of both is taken. The log of the mean has the skewness r^{3/2}/sqrt M, to first order.
Below M = 100 r networks, where a standard error is a tenth, and below M = 100 r^3, where that skewness
is, the plain mean is refused. Both by an s^2 that is two standard errors above the measured one: else
it would be the runs that measured too little that get an interval. At a rate of 0.001, log-normal q
are missed by 0.0005 to 0.0014; with r as measured, and no r^3, it were 0.005 to 0.01.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from montecarlo.arrays import Array, Flags
from montecarlo.errors import InputError
from montecarlo.special import student_beyond, student_point
from montecarlo.statistics.verdict import NOTHING_KNOWN, Bounds

FEWEST = 30  # replicates below which no asymptotic interval is given
MOST = 200.0  # of a variance of logs: e to three times that is still a double
PER_VARIANCE = 100  # replicates for each unit of relative variance: a standard error of a tenth


@dataclass(frozen=True, slots=True, eq=False)
class MeanSums:
    """Per layer: number of replicates, sum and sum of squares of a ratio; (L,)."""

    count: Array
    total: Array
    square: Array

    def __add__(self, other: MeanSums) -> MeanSums:
        """Sums over both sets of networks."""
        return MeanSums(self.count + other.count, self.total + other.total, self.square + other.square)


@dataclass(frozen=True, slots=True, eq=False)
class LogSums:
    """Per layer: replicates, logs of sum q and sum q^2; count and moments of log q where q > 0."""

    count: Array
    log_total: Array
    log_square: Array
    positive: Array
    sum_log: Array
    sum_log_square: Array

    def __add__(self, other: LogSums) -> LogSums:
        """Sums over both sets of networks."""
        return LogSums(
            self.count + other.count,
            np.logaddexp(self.log_total, other.log_total),
            np.logaddexp(self.log_square, other.log_square),
            self.positive + other.positive,
            self.sum_log + other.sum_log,
            self.sum_log_square + other.sum_log_square,
        )


@dataclass(frozen=True, slots=True, eq=False)
class LogMeans:
    """Per layer: log of a mean, its variance, the replicates; nan where nothing is said; (L,)."""

    value: Array
    variance: Array
    count: Array

    def accumulated(self) -> LogMeans:
        """Products over the layers 1 to l."""
        counts = np.minimum.accumulate(self.count)
        return LogMeans(np.cumsum(self.value), np.cumsum(self.variance), counts)

    def reversed(self) -> LogMeans:
        """The same, last layer first."""
        return LogMeans(self.value[::-1], self.variance[::-1], self.count[::-1])

    def times(self, other: LogMeans) -> LogMeans:
        """Layer by layer, of two uncorrelated estimates."""
        counts = np.minimum(self.count, other.count)
        return LogMeans(self.value + other.value, self.variance + other.variance, counts)

    def precise(self, layers: Array) -> LogMeans:
        """Only the products whose factor a layer, of so many layers each, has a standard error of at most a tenth."""
        return _known(self.variance * PER_VARIANCE <= layers**2, self.value, self.variance, self.count)

    def geometric_mean(self, chosen: slice) -> tuple[float, float, float]:
        """Log, its variance and the replicates of one factor for the layers that say anything, if it is `precise`."""
        known = np.isfinite(self.value[chosen])
        layers = int(known.sum())
        if layers == 0:
            return math.nan, math.nan, 0.0
        value, variance = self.value[chosen][known], self.variance[chosen][known]
        replicates = float(self.count[chosen][known].min())
        if variance.sum() * PER_VARIANCE > layers**2:
            return math.nan, math.nan, 0.0
        return float(value.mean()), float(variance.sum()) / layers**2, replicates


def log_means(sums: MeanSums, *, settles: bool = True) -> LogMeans:
    """Log of the mean of each layer's ratio; nan below `FEWEST` replicates, if all are 0, or if no law settles."""
    known = (sums.count >= FEWEST) & (sums.total > 0) & settles
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums.total / sums.count
        spread = np.maximum(sums.square / sums.count - mean**2, 0) / mean**2
        variance = spread / (sums.count - 1)
        return _known(known, np.log(mean) + variance / 2, variance, sums.count)


def plain_log_means(sums: LogSums, *, needed: Array) -> LogMeans:
    """Log of the plain mean of q; nan where there are fewer networks than needed."""
    known = (sums.count >= FEWEST) & (sums.count >= needed) & (sums.positive > 0)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        log_mean = sums.log_total - np.log(sums.count)
        sampled = np.exp(sums.log_square - np.log(sums.count) - 2 * log_mean) - 1
        spread = np.maximum(sampled, np.expm1(np.minimum(_log_variance(sums), MOST)))
        return _known(known, log_mean, spread / (sums.count - 1), sums.count)


def share_alive(alive: Array, *, count: Array) -> LogMeans:
    """Log of the share of networks that are alive before each layer."""
    with np.errstate(divide="ignore"):
        share = alive / count
        variance = (1 - share) / (share * count)
        return _known(alive > 0, np.log(share), variance, count)


def networks_needed(sums: LogSums) -> Array:
    """M = 100 max(r, r^3) by layer, r = e^{s^2} - 1, s^2 two standard errors above the measured variance of log q."""
    surely = _log_variance(sums) * (1 + 2 * np.sqrt(2 / (np.maximum(sums.positive, 2) - 1)))
    r = np.expm1(np.minimum(surely, MOST))
    return PER_VARIANCE * np.maximum(r, r**3)


def _log_variance(sums: LogSums) -> Array:
    """s^2 by layer, over the networks with q > 0."""
    positive = np.maximum(sums.positive, 2)
    return np.maximum(sums.sum_log_square - sums.sum_log**2 / positive, 0) / (positive - 1)


def networks_needed_linear(widths: Sequence[int]) -> Array:
    """M_l = 100 (prod over k <= l of (1 + 5/n_k) - 1), for a plain mean of q_l and f = relu.

    (1 + 5/n) is the growth of E(q^2) a layer: Hanin and Nica 2018.

    Args:
        widths: (n_1, ..., n_L); the last entry of the result, of shape (L,), is the one for the
            network.

    Raises:
        InputError: a width is not positive.
    """
    if not widths or min(widths) < 1:
        raise InputError(f"widths {tuple(widths)} are not all positive; write e.g. (64, 64)")
    log_growth = np.cumsum(np.log1p(5 / np.array(widths, dtype=np.float64)))
    return PER_VARIANCE * np.expm1(np.minimum(log_growth, 3 * MOST))


def log_interval(means: LogMeans, *, error_rate: float) -> tuple[Array, Array]:
    """Low and high of each layer's log mean, each layer for itself; (L,) and (L,)."""
    points = [student_point(error_rate, df=max(count - 1, 1)) for count in means.count.tolist()]
    half = np.array(points) * np.sqrt(means.variance)
    return means.value - half, means.value + half


def growth_p_value(means: LogMeans, *, layers: slice, claim: float) -> float:
    """Two-sided p-value of: the mean ratio of these layers is `claim`; 1 if nothing is known."""
    value, variance, replicates = means.geometric_mean(layers)
    away = value - math.log(claim)
    if math.isnan(away):
        return 1.0
    if variance == 0:
        return 1.0 if abs(away) <= 1e-9 else 0.0
    return student_beyond(away / math.sqrt(variance), df=replicates - 1)


def growth_interval(means: LogMeans, *, layers: slice, error_rate: float) -> Bounds:
    """Student interval for the common factor of these layers."""
    value, variance, replicates = means.geometric_mean(layers)
    if math.isnan(value):
        return NOTHING_KNOWN
    half = student_point(error_rate, df=replicates - 1) * math.sqrt(variance)
    return Bounds(math.exp(value - half), math.exp(value + half))


def _known(known: Flags, value: Array, variance: Array, count: Array) -> LogMeans:
    return LogMeans(np.where(known, value, np.nan), np.where(known, variance, np.nan), count)
