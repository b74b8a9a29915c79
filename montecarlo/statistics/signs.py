"""Is half of the second moment lost in the relu? A test on nothing but signs.

Let W (and b) be symmetric, f(z) = alpha_+ z for z > 0 and alpha_- z for z < 0. Flipping row i of W
(and b_i) flips z_i and changes nothing before it. So given the past and all |z_j| the signs s_i of
the z_i that are not 0 are independent and fair: for any symmetric law, any width and depth. With
weights w_i >= 0 that sum to 1 and depend on the |z_j| only, and with

    c = (alpha_+^2 + alpha_-^2)/2,     h = (alpha_+^2 - alpha_-^2)/2,     r^2 = sum w_i^2,
    Y = sum w_i (c + h s_i),

E(Y) = c exactly, and (Y - c)/(h r) is sub-Gaussian with variance 1 (Hoeffding 1963). Since r is
known before the signs are, these terms, layer by layer and network by network, are martingale
differences, and a network that dies adds zeros: S, the sum of at most N of them, has

    P(|S| >= t sqrt N) <= 2 exp(-t^2/2)          (Azuma 1967), at every size.

Activation: w_i = z_i^2/|z|^2, so that Y = |f(z)|^2/|z|^2, the activation's factor.

Derivative: w_i = 1/#{j: z_j != 0}, so that Y = mean of f'(z_i)^2, the factor for a gradient g that
does not depend on the signs. The gradient of backpropagation does, a little: its part along a_l
lies on active units, which makes E|delta|^2/|g|^2 about 1/2 + 1/(2n) for relu. In the expectation
over whole networks the halves are exact again (growth.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from montecarlo.arrays import Array
from montecarlo.statistics.verdict import NOTHING_KNOWN, Bounds

# h = 0 (identity, abs): Y is a constant, and all that may differ is rounding
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class SignSums:
    """Per layer, over networks: sums of Y/r and of 1/r, terms (dead ones included); (L,)."""

    total: Array
    weight: Array
    terms: Array

    def __add__(self, other: SignSums) -> SignSums:
        """Sums over both sets of networks."""
        return SignSums(self.total + other.total, self.weight + other.weight, self.terms + other.terms)


def half_difference(slopes: tuple[float, float]) -> float:
    """|alpha_+^2 - alpha_-^2|/2: how far one sign moves one term."""
    return abs(slopes[0] ** 2 - slopes[1] ** 2) / 2


def sign_estimate(sums: SignSums) -> float:
    """Sum of Y/r over sum of 1/r; nan if every network was dead."""
    weight = float(sums.weight.sum())
    return float(sums.total.sum()) / weight if weight > 0 else math.nan


def sign_p_value(sums: SignSums, *, slopes: tuple[float, float], claim: float) -> float:
    """Bound on the two-sided p-value of E(Y) = claim; 1 if there is no term."""
    weight, terms, h = float(sums.weight.sum()), float(sums.terms.sum()), half_difference(slopes)
    if weight == 0:
        return 1.0
    away = abs(sign_estimate(sums) - claim)
    if h == 0:
        return 1.0 if away <= ROUNDING * claim else 0.0
    t = away * weight / (h * math.sqrt(terms))
    return min(1.0, 2 * math.exp(-t * t / 2))


def sign_interval(sums: SignSums, *, slopes: tuple[float, float], error_rate: float) -> Bounds:
    """The claims with a p-value above the error rate."""
    weight, terms, h = float(sums.weight.sum()), float(sums.terms.sum()), half_difference(slopes)
    if weight == 0:
        return NOTHING_KNOWN
    estimate = sign_estimate(sums)
    half = h * math.sqrt(2 * math.log(2 / error_rate) * terms) / weight + ROUNDING * estimate
    return Bounds(max(0.0, estimate - half), estimate + half)
