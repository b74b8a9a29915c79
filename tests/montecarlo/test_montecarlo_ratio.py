import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from montecarlo.arrays import fourth_share
from montecarlo.dense import observe
from montecarlo.laws import find_law, sparse, student_t
from montecarlo.network import backward, draw, forward
from montecarlo.observations import Block, Observations
from montecarlo.spec import Spec
from montecarlo.statistics.ratio import RatioSum, ratio_basis, ratio_interval, ratio_p_value
from montecarlo.statistics.tails import Basis, lower_point, lower_tail, upper_point, upper_tail

SURELY = 1e-6  # each test on a p-value fails once in a million seeds, or less


def observed(activation: str, *, widths: tuple[int, ...] = (3, 4, 5, 4), **fields: object) -> Observations:
    spec = Spec(activation=activation, widths=widths, networks=1000, **fields)
    return observe(spec, Block(0, spec.networks))


@pytest.mark.parametrize("sigma_b2", [0.0, 0.5])
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "identity", "abs", "sigmoid"])
def test_gaussian_ratios_are_chi_square_forward_and_backward(activation: str, sigma_b2: float) -> None:
    seen = observed(activation, sigma_b2=sigma_b2, claim_sigma_w2=2.0)
    ratios = [seen.forward, seen.backward] + ([] if sigma_b2 == 0 else [seen.conditional])
    for ratio in ratios:
        assert ratio is not None
        for value, freedom in zip(ratio.value, ratio.freedom, strict=True):
            alive = freedom > 0
            uniform = stats.chi2.cdf(value[alive], freedom[alive])
            assert stats.kstest(uniform, "uniform").pvalue > SURELY


def test_backward_ratios_of_depth_are_independent_of_forward_ones_and_of_each_other() -> None:
    # all pairs of 8 ratios, rank correlations of 1000 networks
    seen = observed("relu", widths=(4,) * 5)
    alive = (seen.backward.freedom > 0).all(axis=0)
    rows = np.concatenate([seen.forward.value, seen.backward.value])[:, alive]
    for i in range(len(rows)):
        for j in range(i):
            assert stats.spearmanr(rows[i], rows[j]).pvalue > SURELY


def test_the_classical_backward_ratio_is_wrong_for_tanh_and_this_is_found() -> None:
    # |W^T delta|^2/(v |delta|^2) with n degrees of freedom takes W and delta for independent
    net = draw(
        np.random.default_rng(0),
        widths=(4, 4, 4),
        activation=Spec(activation="tanh").f,
        law=find_law("normal"),
        sigma_w2=2.0,
        batch=(20_000,),
    )
    passes = forward(net, np.ones((20_000, 4)))
    last = backward(net, passes, np.random.default_rng(1).standard_normal((20_000, 4)))[-1]
    unit = 0.5 * np.vecdot(last.delta, last.delta)
    classical = np.vecdot(last.g, last.g) / unit
    along = np.vecdot(passes[-1].u, last.delta) ** 2 / np.vecdot(passes[-1].a, passes[-1].a) / unit
    assert stats.kstest(classical, stats.chi2(4).cdf).pvalue < SURELY
    assert stats.kstest(classical - along, stats.chi2(3).cdf).pvalue > SURELY
    assert stats.kstest(classical - along, stats.chi2(4).cdf).pvalue < SURELY


@pytest.mark.parametrize("law", ["uniform", "truncated-normal", "rademacher", "student-t", "sparse"])
def test_other_laws_have_the_stated_conditional_variance(law: str) -> None:
    # standardized ratios have mean 0 and variance 1: five standard errors, and the twin without kappa
    seen = observed("leaky_relu", widths=(6, 5, 6, 5), law=law)
    kappa = find_law(law).excess_kurtosis
    for ratio in (seen.forward, seen.backward):
        alive = ratio.freedom > 0
        z = ((ratio.value - ratio.freedom) / np.sqrt(np.where(alive, ratio.variance, 1)))[alive]
        error = math.sqrt(((z**4).mean() - 1) / z.size)
        assert abs(z.mean()) < 5 / math.sqrt(z.size)
        assert abs((z**2).mean() - 1) < 5 * error
        naive = ((ratio.value - ratio.freedom) / np.sqrt(2 * np.where(alive, ratio.freedom, 1)))[alive]
        # the twin: with 2 in place of 2 + kappa sum a^4/(sum a^2)^2
        assert abs((naive**2).mean() - 1) > 5 * error or abs(kappa) <= 1


points = st.floats(1e-12, 0.3)
sizes = st.floats(1, 1e13)


@settings(deadline=None)
@given(p=points, size=sizes, basis=st.sampled_from([Basis.EXACT, Basis.BOUND, Basis.ASYMPTOTIC]))
def test_points_are_where_the_tails_say(p: float, size: float, basis: Basis) -> None:
    above = upper_point(p, size=size, basis=basis)
    assert upper_tail(above, size=size, basis=basis) == pytest.approx(p, rel=1e-6)
    below = lower_point(p, size=size, basis=basis)
    if below > 0:
        assert lower_tail(below, size=size, basis=basis) == pytest.approx(p, rel=1e-6)


@settings(deadline=None)
@given(x=st.floats(0, 5), size=st.floats(1, 1e4))
def test_the_bounds_lie_above_the_chi_square_tails(x: float, size: float) -> None:
    for tail in (upper_tail, lower_tail):
        exact = tail(x, size=size, basis=Basis.EXACT)
        assert tail(x, size=size, basis=Basis.BOUND) >= min(exact, 1) * (1 - 1e-9)


@pytest.mark.parametrize("law", ["uniform", "truncated-normal", "rademacher"])
@pytest.mark.parametrize("neurons", [1, 3, 20])
def test_the_bounds_hold_for_sub_gaussian_sums_at_every_size(law: str, neurons: int) -> None:
    # 40,000 sums of squares, against the bound plus five standard errors
    rng = np.random.default_rng(neurons)
    for a in (np.ones(2), np.array([1.0, 3.0]), np.array([1.0, 1e-3]), np.ones(9)):
        u = find_law(law).sample(rng, (40_000, neurons, a.size)) @ (a / np.linalg.norm(a))
        x = (u**2).mean(axis=1)
        for y in (0.05, 0.2, 0.5, 0.8, 1.2, 1.5, 2.0, 3.0):
            tail = upper_tail if y > 1 else lower_tail
            share = ((x >= y) if y > 1 else (x <= y)).mean()
            bound = tail(y, size=neurons, basis=Basis.BOUND)
            assert share <= bound + 5 * math.sqrt(0.25 / 40_000)


def test_a_law_that_is_not_sub_gaussian_breaks_the_bound_and_this_is_found() -> None:
    u = sparse(0.1).sample(np.random.default_rng(0), (100_000,))
    share = (u**2 >= 16).mean()  # truth .0206, bound .0022
    assert share > upper_tail(16, size=1, basis=Basis.BOUND) + 5 * math.sqrt(0.25 / 100_000)


sums = st.builds(
    RatioSum,
    total=st.floats(1, 1e6),
    neurons=st.floats(1, 1e6),
    variance=st.floats(1, 1e7),
    absent=st.just(0.0),
)


@settings(deadline=None)
@given(sums=sums, basis=st.sampled_from([Basis.EXACT, Basis.BOUND, Basis.ASYMPTOTIC]), rate=st.floats(1e-9, 0.5))
def test_the_interval_holds_the_factors_that_the_test_does_not_reject(
    sums: RatioSum, basis: Basis, rate: float
) -> None:
    low, high = ratio_interval(sums, basis=basis, error_rate=rate)
    assert 0 <= low <= high
    if low == 0:
        assert high == math.inf
        return
    for factor, inside in ((low * (1 + 1e-6), True), (low * (1 - 1e-6), False)):
        assert (ratio_p_value(sums, basis=basis, factor=factor) >= rate) == inside
    if high < math.inf:
        for factor, inside in ((high * (1 - 1e-6), True), (high * (1 + 1e-6), False)):
            assert (ratio_p_value(sums, basis=basis, factor=factor) >= rate) == inside


def test_with_dead_networks_bounds_count_all_neurons_and_stay_dual() -> None:
    some = RatioSum(total=500.0, neurons=480.0, variance=900.0, absent=200.0)
    low, high = ratio_interval(some, basis=Basis.BOUND, error_rate=0.01)
    assert low < 500 / 480 < high
    assert ratio_p_value(some, basis=Basis.BOUND, factor=low) == pytest.approx(0.01, rel=1e-6)
    assert ratio_p_value(some, basis=Basis.BOUND, factor=high) == pytest.approx(0.01, rel=1e-6)
    fewer = RatioSum(total=500.0, neurons=480.0, variance=900.0, absent=0.0)
    assert ratio_interval(fewer, basis=Basis.BOUND, error_rate=0.01).low > low


def test_nothing_measured_and_no_fourth_moment_say_nothing() -> None:
    nothing = RatioSum(0.0, 0.0, 0.0, 30.0)
    for basis in Basis:
        assert ratio_p_value(nothing, basis=basis) == 1
        assert ratio_interval(nothing, basis=basis, error_rate=0.1) == (0, math.inf)
    heavy = RatioSum(9.0, 5.0, math.inf, 0.0)
    assert ratio_p_value(heavy, basis=Basis.ASYMPTOTIC) == 1
    assert ratio_interval(heavy, basis=Basis.ASYMPTOTIC, error_rate=0.1) == (0, math.inf)


def heavy_alarms(df: float, *, runs: int) -> int:
    """At rate 0.00001, of 250 neurons with 3 inputs, were Satterthwaite's law believed."""
    law, rng, alarms = student_t(df), np.random.default_rng(9), 0
    for _ in range(runs):
        u = law.sample(rng, (250, 3)).sum(axis=1) / math.sqrt(3)
        sums = RatioSum(float(u @ u), 250.0, 250 * (2 + law.excess_kurtosis / 3), 0.0)
        alarms += ratio_p_value(sums, basis=Basis.ASYMPTOTIC) <= 1e-5
    return alarms


def test_without_an_eighth_moment_the_truth_would_be_called_wrong_too_often() -> None:
    # 20,000 runs: 0.2 alarms in the mean are stated, and more than 5 come once in 10^7
    assert heavy_alarms(5, runs=20_000) > 5
    sums = RatioSum(400.0, 250.0, 1000.0, 0.0)
    assert ratio_p_value(sums, basis=Basis.NONE) == 1
    assert ratio_interval(sums, basis=Basis.NONE, error_rate=0.1) == (0, math.inf)


def test_each_law_has_its_basis() -> None:
    assert ratio_basis(find_law("normal")) is Basis.EXACT
    assert ratio_basis(find_law("uniform")) is Basis.BOUND
    assert ratio_basis(student_t(9)) is Basis.ASYMPTOTIC
    assert ratio_basis(student_t(8)) is Basis.NONE


@given(
    power=st.integers(-150, 150),
    vector=st.lists(st.floats(-10, 10).filter(lambda v: v == 0 or abs(v) > 1e-3), min_size=1),
)
def test_the_fourth_share_is_between_one_over_n_and_one_at_every_scale(power: int, vector: list[float]) -> None:
    share = fourth_share(np.array(vector) * 10.0**power)
    if any(vector):
        assert 1 / len(vector) - 1e-12 <= share <= 1 + 1e-12
        exact = sum(v**4 for v in vector) / sum(v**2 for v in vector) ** 2
        assert share == pytest.approx(exact, rel=1e-9)
    else:
        assert share == 0
