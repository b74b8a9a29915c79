"""Is Var(W) what is claimed? A test on conditional ratios, pooled over all layers and networks.

Forward. Given a = a_{l-1}, the entries of u = W a are independent, with mean 0 and variance
s = Var(W) |a|^2. With kappa the excess kurtosis of W,

    |u|^2/s   has mean n_l and variance n_l (2 + kappa sum a^4/(sum a^2)^2),

and is chi2 with n_l degrees of freedom for Gaussian W. That law does not depend on the past, so
ratios of all layers are independent and add up: T ~ chi2_N. For z = u + b, b Gaussian, the same
holds with s = Var(W) |a|^2 + sigma_b^2.

Backward, Gaussian W. Let v = Var(W), w_i ~ N(0, v I) the rows, P = I - a a^T/|a|^2, or I if a = 0.
w_i . a and P w_i are uncorrelated, hence independent. The forward pass depends on W through
u = (w_i . a)_i only, and delta depends on the forward pass, on the weights of later layers and on
the gradient at the end only. Given all of these, P W^T delta = sum_i delta_i P w_i is
N(0, v |delta|^2 P), and because a . W^T delta = u . delta,

    (|W^T delta|^2 - (u . delta)^2/|a|^2) / (v |delta|^2)   is chi2 with rank P degrees of freedom,

n_{l-1} - 1 of them, or n_{l-1} if a = 0. This is real backpropagation, with all its dependence on
the forward pass. Backward ratios are independent of one another and of all forward ones.

Backward, other laws. There is no such split. A gradient g that is independent of W is sent through
W^T, and the forward statement holds for the transposed matrix. This is what He et al. 2015, section
2.2, assume of the gradient; it is not backpropagation itself.

Orthogonal matrices. The entries of u are dependent. W is sqrt(Var(W) max(n_l, n_{l-1})) times a Haar
matrix Q that is independent of a. If n_l >= n_{l-1}, Q keeps lengths: |u|^2/s = n_l exactly, with no
variance. Else |Q a|^2/|a|^2 is the share that the first n_l coordinates have in a random direction of
n = n_{l-1} dimensions, Beta(n_l/2, (n - n_l)/2), and |u|^2/s = n Beta has mean n_l and variance
2 n_l (n - n_l)/(n + 2). Times an independent chi2_n/n, of mean 1, it were chi2_{n_l}: by Jensen's
inequality E e^{k |u|^2/s} <= E e^{k chi2} for every k, and Chernoff's bounds hold as they stand. With
biases too: E e^{k |u + b|^2} over b alone is e^{c |u|^2} times a constant, which is convex in |u|^2.
For the transposed matrix exchange n_l and n_{l-1}.

A total without variance (square orthogonal layers; signs as weights of a single input) is its mean:
whatever is off by more than rounding is wrong.

Dead networks (a = 0) say nothing about W. For homogeneous f and symmetric W without atoms the signs of
z decide which networks die, and they are independent of all |u| (with biases: flip u_i and b_i
together, which leaves |u_i| as it is): given the signs, T ~ chi2_N still. Likewise delta = 0 is decided
by the forward pass, of which the backward ratios are independent but for their number. The bounds do
not need this: there, dead layers enter with their expectation, which keeps N fixed and E e^{kT} below
its bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from montecarlo.arrays import Array
from montecarlo.laws import Law
from montecarlo.statistics.tails import Basis, lower_point, lower_tail, upper_point, upper_tail
from montecarlo.statistics.verdict import NOTHING_KNOWN, Bounds

LEAST_SIZE = 100.0  # degrees of freedom below which an asymptotic law says nothing
ROUNDING = 1e-9  # relative; of a total that is a constant


@dataclass(frozen=True, slots=True)
class RatioSum:
    """Sums over networks, and perhaps layers, in units of the variance that was drawn with.

    Args:
        total: of sum_i u_i^2/s_i.
        neurons: expected total, the degrees of freedom.
        variance: of the total, given the past, summed up.
        absent: degrees of freedom that dead networks would have added.
    """

    total: float
    neurons: float
    variance: float
    absent: float


@dataclass(frozen=True, slots=True, eq=False)
class RatioSums:
    """One `RatioSum` a layer, each field of shape (L,)."""

    total: Array
    neurons: Array
    variance: Array
    absent: Array

    def __add__(self, other: RatioSums) -> RatioSums:
        """Sums over both sets of networks."""
        return RatioSums(
            self.total + other.total,
            self.neurons + other.neurons,
            self.variance + other.variance,
            self.absent + other.absent,
        )

    def layer(self, index: int) -> RatioSum:
        """Sums of one layer, counted from 0."""
        fields = (self.total, self.neurons, self.variance, self.absent)
        return RatioSum(*(float(field[index]) for field in fields))

    def pooled(self) -> RatioSum:
        """Sums over all layers."""
        fields = (self.total, self.neurons, self.variance, self.absent)
        return RatioSum(*(float(field.sum()) for field in fields))


def ratio_basis(law: Law) -> Basis:
    """Exact for Gaussian weights, a bound for strictly sub-Gaussian and orthogonal ones, else asymptotic, or none."""
    if law.gaussian:
        return Basis.EXACT
    if law.sub_gaussian:
        return Basis.BOUND
    return Basis.ASYMPTOTIC if law.settles else Basis.NONE


def ratio_p_value(sums: RatioSum, *, basis: Basis, factor: float = 1.0) -> float:
    """Two-sided p-value, or a bound on it, of: the variance is `factor` times the unit."""
    if is_constant(sums):
        return 1.0 if abs(sums.total / factor - sums.neurons) <= ROUNDING * sums.neurons else 0.0
    size = _size(sums, basis)
    if size == 0:
        return 1.0
    x = sums.total / factor / sums.neurons
    if basis is Basis.BOUND:
        x = (sums.total / factor + sums.absent) / size
    above = upper_tail(x, size=size, basis=basis)
    return min(1.0, 2 * min(above, lower_tail(x, size=size, basis=basis)))


def ratio_interval(sums: RatioSum, *, basis: Basis, error_rate: float) -> Bounds:
    """The factors with a p-value above the error rate: a confidence interval."""
    if is_constant(sums):
        factor = sums.total / sums.neurons
        return Bounds(factor * (1 - ROUNDING), factor * (1 + ROUNDING))
    size = _size(sums, basis)
    if size == 0:
        return NOTHING_KNOWN
    expected = sums.neurons, 0.0
    if basis is Basis.BOUND:
        expected = size, sums.absent
    high = upper_point(error_rate / 2, size=size, basis=basis) * expected[0] - expected[1]
    low = lower_point(error_rate / 2, size=size, basis=basis) * expected[0] - expected[1]
    return Bounds(sums.total / high, sums.total / low if low > 0 else math.inf)


def is_constant(sums: RatioSum) -> bool:
    """Whether the total has no variance: one network decides."""
    return sums.neurons > 0 and sums.variance == 0


def _size(sums: RatioSum, basis: Basis) -> float:
    if sums.neurons == 0 or basis is Basis.NONE:
        return 0.0
    if basis is Basis.ASYMPTOTIC:
        size = 2 * sums.neurons**2 / sums.variance
        return size if size >= LEAST_SIZE else 0.0
    return sums.neurons + (sums.absent if basis is Basis.BOUND else 0.0)
