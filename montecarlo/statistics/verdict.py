"""From tests to verdicts: three values, one error budget a run.

A claim is a number that the simulation is asked about. With k claims and the run's error rate A:

disagree: Holm's (1979) adjusted p-value is at most A. If all claims are true, the probability that
one of them is called wrong is at most A, whatever their dependence.

agree: not that, and the interval of level 1 - A/k lies inside (1 +- delta) times the claim.
Whatever the truth, the probability that something outside of (1 +- delta) is agreed with, once in
a run, is at most A.

inconclusive: neither; more networks would decide it (montecarlo/planning.py says how many).

A deviation that is certain is never agreed with, however small, since the theory claims equalities.
Both rates are exact, bounds or asymptotic like the p-value and interval of each claim: its basis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from montecarlo.statistics.tails import Basis


class Verdict(StrEnum):
    """What the simulation says about a claim."""

    AGREE = "agree"
    DISAGREE = "disagree"
    INCONCLUSIVE = "inconclusive"


class Bounds(NamedTuple):
    """Low and high of an interval; high may be infinite."""

    low: float
    high: float


NOTHING_KNOWN = Bounds(0.0, math.inf)


@dataclass(frozen=True, slots=True)
class Question:
    """A claim and what the simulation can say about it, before the error budget is shared out.

    Args:
        claim: the sentence, e.g. "forward: n_in Var(W) = 2".
        claimed: its number.
        estimate: what was measured instead; nan if nothing was.
        p_value: of the claim as an exact equality, two-sided.
        interval: error rate -> confidence interval for the number.
        basis: whether both are exact, bounds, or asymptotic.
    """

    claim: str
    claimed: float
    estimate: float
    p_value: float
    interval: Callable[[float], Bounds]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Claim:
    """A judged claim; low and high: the simultaneous interval; p_value: Holm's adjusted one."""

    claim: str
    verdict: Verdict
    delta: float
    error_rate: float
    p_value: float
    claimed: float
    estimate: float
    low: float
    high: float
    basis: Basis


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """p_(i) -> max over j <= i of min(1, (k - j + 1) p_(j)): Holm 1979, in the order given."""
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return tuple(adjusted)


def judge(tests: Sequence[Question], *, delta: float, error_rate: float) -> tuple[Claim, ...]:
    """The verdicts on all claims of one run."""
    adjusted = holm([test.p_value for test in tests])
    return tuple(
        _verdict(test, p_value, share=error_rate / len(tests), delta=delta, error_rate=error_rate)
        for test, p_value in zip(tests, adjusted, strict=True)
    )


def _verdict(test: Question, p_value: float, *, share: float, delta: float, error_rate: float) -> Claim:
    low, high = test.interval(share)
    verdict = Verdict.INCONCLUSIVE
    if p_value <= error_rate:
        verdict = Verdict.DISAGREE
    elif (1 - delta) * test.claimed <= low and high <= (1 + delta) * test.claimed:
        verdict = Verdict.AGREE
    return Claim(
        claim=test.claim,
        verdict=verdict,
        delta=delta,
        error_rate=error_rate,
        p_value=p_value,
        claimed=test.claimed,
        estimate=test.estimate,
        low=low,
        high=high,
        basis=test.basis,
    )
