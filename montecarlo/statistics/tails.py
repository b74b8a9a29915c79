"""How far a sum of squares may stray from its mean: the tails behind every verdict on a variance.

Let T = sum u_i^2/s_i over N neurons, s_i the variance of u_i given the past, so E(T) = N. About

    P(T >= x N) for x >= 1     and     P(T <= x N) for x <= 1

three statements are made, and each verdict says which one it rests on.

Exact: Gaussian weights. The u_i/sqrt(s_i) are iid N(0, 1), and T ~ chi2_N.

Bound: strictly sub-Gaussian weights, E e^{tW} <= e^{t^2/2}: uniform, truncated normal, Rademacher.
Then, given the past, E e^{tu} <= e^{t^2 s/2}. With g ~ N(0, 1) and 0 <= k < 1/2,

    E e^{k u^2/s} = E e^{sqrt(2k) g u/sqrt s} <= E e^{k g^2} = (1 - 2k)^{-1/2},

so Chernoff's bound for chi2_N holds for T: P(T >= x N) <= exp(-N (x - 1 - log x)/2). Below, from
e^{-y} <= 1 - y + y^2/2 for y >= 0 and E u^4 <= 3 s^2,

    E e^{-k u^2/s} <= exp(-k + 3 k^2/2),   so   P(T <= x N) <= exp(-N (1 - x)^2/6).

Neurons come one after the other, each given the past; both hold at every size.

Asymptotic: any other law with a fourth moment. Var(u^2) = (2 + kappa sum a^4/(sum a^2)^2) s^2 is
known, V is its sum, and T is taken as V/(2N) chi2 with 2 N^2/V degrees of freedom, which has the
right mean and variance and is exact for kappa = 0 (Satterthwaite 1946). It becomes true with many
neurons; slowly, if the weights have heavy tails: measured for Student's t with 10 degrees of freedom
at the least size (ratio.py), the truth is called wrong 1.6 times as often as 0.001 and four times as
often as 0.0001 would have it with one input, and not more often with 16. Lower rates are not measured.

None: laws without an eighth moment. P(T - N >= y) is at least about the number of weights times
P(W^2 >= y); at a fixed multiple y of the standard deviation that falls, for Student's t with d
degrees of freedom, as the power 1 - d/4 of their number. So d = 5 calls the truth wrong three times
as often as 0.001 and twenty times as often as 0.0001 would have it, whether of 250 neurons or of
3,000, and nothing is said.
"""

from __future__ import annotations

import math
from enum import StrEnum

from montecarlo.special import (
    chi_square_above,
    chi_square_below,
    chi_square_point_above,
    chi_square_point_below,
)


class Basis(StrEnum):
    """What an error rate rests on."""

    EXACT = "exact"
    BOUND = "bound"
    ASYMPTOTIC = "asymptotic"
    NONE = "none"


def upper_tail(x: float, *, size: float, basis: Basis) -> float:
    """P(T/N >= x), or a bound on it; size is N, or 2 N^2/V if the basis is asymptotic."""
    if basis is not Basis.BOUND:
        return chi_square_above(x * size, df=size)
    if x <= 1:
        return 1.0
    return math.exp(-size * (x - 1 - math.log(x)) / 2) if x < math.inf else 0.0


def lower_tail(x: float, *, size: float, basis: Basis) -> float:
    """P(T/N <= x), or a bound on it; size as in `upper_tail`."""
    if basis is not Basis.BOUND:
        return chi_square_below(x * size, df=size)
    return math.exp(-size * (1 - x) ** 2 / 6) if x < 1 else 1.0


def upper_point(p: float, *, size: float, basis: Basis) -> float:
    """The x with upper_tail(x) = p."""
    if basis is not Basis.BOUND:
        return chi_square_point_above(p, df=size) / size
    target = 2 * math.log(1 / p) / size
    # Newton for y - log(1 + y) = target, which is convex in y: from above it decreases to the root.
    y = math.sqrt(2 * target) + target
    for _ in range(50):
        step = (y - math.log1p(y) - target) * (1 + y) / y
        y -= step
        if abs(step) <= 1e-15 * y:
            break
    return 1 + y


def lower_point(p: float, *, size: float, basis: Basis) -> float:
    """The x with lower_tail(x) = p; negative if there is none, as T is never negative."""
    if basis is not Basis.BOUND:
        return chi_square_point_below(p, df=size) / size
    return 1 - math.sqrt(6 * math.log(1 / p) / size)
