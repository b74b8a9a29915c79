"""Designs that the statistical tests of this folder share.

Every one of them uses fixed seeds. The design says how often the test would fail on a right
implementation if the seed were drawn anew: `ONCE_IN` times at most.
"""

from collections.abc import Callable

import pytest
from scipy import stats

ONCE_IN = 1e-6


@pytest.fixture(scope="session")
def most_alarms() -> Callable[[int, float], int]:
    """The number of alarms that `runs` at a rate exceed with a probability of at most ONCE_IN."""

    def bound(runs: int, rate: float) -> int:
        return int(stats.binom.isf(ONCE_IN, runs, rate))

    return bound


@pytest.fixture(scope="session")
def fewest_alarms() -> Callable[[int, float], int]:
    """The number that they fall below with a probability of at most ONCE_IN."""

    def bound(runs: int, rate: float) -> int:
        return max(0, int(stats.binom.ppf(ONCE_IN, runs, rate)) - 1)

    return bound
