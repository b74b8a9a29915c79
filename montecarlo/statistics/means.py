"""Plain means of quantities that are bounded: correlations, and shapes that do not depend on scale.

A replicate is one network. A correlation or a mean in units of its own size lies between -1 and 1, a kurtosis of n
units between 1 and n, whatever the depth: no product of layers, which a few rare networks would carry (growth.py). The
mean over M networks gets a Student interval, asymptotic in M; a kurtosis of heavy-tailed weights in wide layers takes
many. Networks that have no such number (a dead one has no direction) are not part of the mean: it is one given that
there is a number.
"""

from __future__ import annotations

import numpy as np

from montecarlo.arrays import Array
from montecarlo.special import student_point
from montecarlo.statistics.growth import FEWEST, MeanSums
from montecarlo.statistics.verdict import NOTHING_KNOWN, Bounds


def mean_sums(values: Array) -> MeanSums:
    """Sums over networks of values (L, B) that are not nan."""
    known = np.logical_not(np.isnan(values))
    kept = np.where(known, values, 0.0)
    return MeanSums(known.sum(axis=1).astype(np.float64), kept.sum(axis=1), np.vecdot(kept, kept))


def mean_interval(sums: MeanSums, index: int, *, error_rate: float) -> tuple[float, Bounds]:
    """Mean and Student interval of one layer, counted from 0; nothing below `FEWEST` networks."""
    count, total, square = (float(field[index]) for field in (sums.count, sums.total, sums.square))
    if count < FEWEST:
        return float("nan"), NOTHING_KNOWN
    mean = total / count
    variance = max(square / count - mean * mean, 0.0) / (count - 1)
    half = student_point(error_rate, df=count - 1) * variance**0.5
    return mean, Bounds(mean - half, mean + half)
