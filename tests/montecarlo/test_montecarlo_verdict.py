import math
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from montecarlo.special import chi_square_above, chi_square_below, chi_square_point_below
from montecarlo.statistics.ratio import RatioSum, ratio_interval, ratio_p_value
from montecarlo.statistics.tails import Basis
from montecarlo.statistics.verdict import Bounds, Question, Verdict, holm, judge


def question(total: float, neurons: float, claim: float = 1.0) -> Question:
    sums = RatioSum(total, neurons, 2 * neurons, 0.0)
    return Question(
        claim="a claim",
        claimed=claim,
        estimate=total / neurons,
        p_value=ratio_p_value(sums, basis=Basis.EXACT, factor=claim),
        interval=lambda rate: ratio_interval(sums, basis=Basis.EXACT, error_rate=rate),
        basis=Basis.EXACT,
    )


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_the_closed_test_of_bonferroni(p_values: list[float]) -> None:
    # adjusted p of i: the largest Bonferroni p over all sets of claims that hold i
    indices = range(len(p_values))
    adjusted = holm(p_values)
    for i in indices:
        sets = (chosen for size in range(1, len(p_values) + 1) for chosen in combinations(indices, size) if i in chosen)
        closed = max(min(1.0, len(s) * min(p_values[j] for j in s)) for s in sets)
        assert adjusted[i] == pytest.approx(closed)


def test_no_claims_are_no_verdicts() -> None:
    assert judge([], delta=0.1, error_rate=0.1) == ()


def test_true_claims_of_a_run_are_rejected_no_more_often_than_stated(
    most_alarms: Callable[[int, float], int], fewest_alarms: Callable[[int, float], int]
) -> None:
    # 5 exact independent claims a run, 4000 runs; Holm's rate is 1 - .99^... just below .05
    totals = np.random.default_rng(1).chisquare(80, (4000, 5))
    alarms = sum(
        any(
            claim.verdict is Verdict.DISAGREE
            for claim in judge([question(t, 80) for t in row], delta=0.1, error_rate=0.05)
        )
        for row in totals.tolist()
    )
    assert fewest_alarms(4000, 1 - 0.99**5) <= alarms <= most_alarms(4000, 0.05)


def test_a_deviation_beyond_delta_is_agreed_with_no_more_often_than_stated(
    most_alarms: Callable[[int, float], int],
) -> None:
    # truth 1.02, claim 1 within .02: the worst case; and a size at which it would be tempting
    totals = 1.02 * np.random.default_rng(2).chisquare(60_000, 4000)
    agreed = sum(
        judge([question(t, 60_000)], delta=0.02, error_rate=0.05)[0].verdict is Verdict.AGREE for t in totals.tolist()
    )
    assert agreed <= most_alarms(4000, 0.05)


def test_two_permille_off_is_never_agreement_within_one() -> None:
    totals = 1.002 * np.random.default_rng(3).chisquare(3e7, 2000)
    for total in totals.tolist():
        verdict = judge([question(total, 3e7)], delta=0.001, error_rate=0.01)[0].verdict
        assert verdict is not Verdict.AGREE


@settings(deadline=None)
@given(
    estimate=st.floats(0.5, 1.5),
    half=st.floats(0.001, 0.5),
    p_value=st.floats(0, 1),
    delta=st.floats(0.01, 0.5),
)
def test_a_verdict_is_disagree_if_certain_agree_if_inside_else_inconclusive(
    estimate: float, half: float, p_value: float, delta: float
) -> None:
    low, high = estimate - half, estimate + half
    asked = Question("c", 1.0, estimate, p_value, lambda _: Bounds(low, high), Basis.BOUND)
    (claim,) = judge([asked], delta=delta, error_rate=0.01)
    inside = 1 - delta <= low and high <= 1 + delta
    expected = Verdict.DISAGREE if p_value <= 0.01 else Verdict.AGREE if inside else Verdict.INCONCLUSIVE
    assert claim.verdict is expected


def test_each_claim_gets_its_share_of_the_budget() -> None:
    rates: list[float] = []

    def interval(rate: float) -> Bounds:
        rates.append(rate)
        return Bounds(0.0, math.inf)

    asked = [Question(str(i), 1.0, 1.0, 0.5, interval, Basis.EXACT) for i in range(4)]
    judge(asked, delta=0.1, error_rate=0.02)
    assert rates == [0.005] * 4


def test_chi_square_tails_are_right_where_scipys_are_not() -> None:
    # references by mpmath with 30 digits
    assert chi_square_below(1_988_000.0, df=2e6) == pytest.approx(9.1789002623e-10, rel=1e-4)
    assert chi_square_above(2_012_000.0, df=2e6) == pytest.approx(1.05973973528e-9, rel=1e-4)
    assert stats.chi2.cdf(9_973_167.0, 1e7) != pytest.approx(chi_square_below(9_973_167.0, df=1e7), rel=1e-3)


@settings(deadline=None)
@given(p=st.floats(1e-12, 0.5))
def test_both_sides_of_a_million_degrees_of_freedom_agree(p: float) -> None:
    few, many = (chi_square_point_below(p, df=df) for df in (1e6 - 0.01, 1e6 + 0.01))
    assert many - few == pytest.approx(0.02, abs=0.3)  # a standard deviation is 1414
