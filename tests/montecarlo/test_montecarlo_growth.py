import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from montecarlo.dense import observe
from montecarlo.errors import InputError
from montecarlo.observations import Block
from montecarlo.simulation import simulate
from montecarlo.spec import Spec
from montecarlo.statistics import growth
from montecarlo.statistics.growth import (
    LogSums,
    MeanSums,
    growth_interval,
    growth_p_value,
    log_interval,
    log_means,
    networks_needed,
    networks_needed_linear,
    plain_log_means,
    share_alive,
)
from montecarlo.tally import tallied


def relu_ratios(rng: np.random.Generator, *, networks: int, depth: int, n: int) -> MeanSums:
    """X_l of He's relu networks by their exact law, without a matrix: 2 chi2_K/n, K ~ Bin(n, 1/2)."""
    active = rng.binomial(n, 0.5, (depth, networks))
    ratios = 4 * rng.standard_gamma(active / 2) / n
    alive = np.cumprod(np.vstack([np.ones(networks), active[:-1] > 0]), axis=0)
    kept = ratios * alive
    return MeanSums(alive.sum(axis=1), kept.sum(axis=1), (kept**2).sum(axis=1))


@pytest.mark.parametrize(("networks", "depth", "n"), [(36, 2, 4), (30, 30, 16), (100, 6, 4), (200, 12, 16)])
def test_products_and_factors_cover_the_truth_as_often_as_stated(
    networks: int, depth: int, n: int, most_alarms: Callable[[int, float], int]
) -> None:
    # Asymptotic, so the rate that is tested is 1.3 times the stated one; 2000 runs.
    rng = np.random.default_rng(networks + depth)
    product_alarms = factor_alarms = 0
    for _ in range(2000):
        means = log_means(relu_ratios(rng, networks=networks, depth=depth, n=n))
        low, high = log_interval(means.accumulated(), error_rate=0.01)
        product_alarms += low[-1] > 0 or high[-1] < 0  # nan, nothing said, is no alarm
        factor_alarms += growth_p_value(means, layers=slice(None), claim=1.0) <= 0.01
    assert product_alarms <= most_alarms(2000, 0.013)
    assert factor_alarms <= most_alarms(2000, 0.013)


def width_one_alarms(networks: int, *, runs: int) -> int:
    """At rate 0.001, of linear layers of width 1: X = chi2_1, whose relative variance is 2."""
    ratios = np.random.default_rng(8).chisquare(1, (runs, networks))
    alarms = 0
    for row in ratios:
        means = log_means(MeanSums(np.array([float(networks)]), np.array([row.sum()]), np.array([row @ row])))
        alarms += growth_p_value(means, layers=slice(None), claim=1.0) <= 0.001
    return alarms


def test_few_networks_of_width_one_would_alarm_too_often_and_say_nothing(
    monkeypatch: pytest.MonkeyPatch, most_alarms: Callable[[int, float], int]
) -> None:
    # with 250 networks a factor has a standard error of .09; asymptotic, so 1.3 times the rate
    assert width_one_alarms(250, runs=10_000) <= most_alarms(10_000, 0.0013)
    assert width_one_alarms(30, runs=200) == 0
    monkeypatch.setattr(growth, "PER_VARIANCE", 0)
    assert width_one_alarms(30, runs=20_000) > most_alarms(20_000, 0.0013)


def test_the_log_of_a_mean_has_the_variance_and_the_bias_of_its_definition() -> None:
    # each "layer" is a run of its own: 40 networks, chi2_1, whose log mean is low by about 2/40/2 before it is mended
    ratios = np.random.default_rng(9).chisquare(1, (20_000, 40))
    sums = MeanSums(np.full(20_000, 40.0), ratios.sum(axis=1), (ratios**2).sum(axis=1))
    means = log_means(sums)
    average = ratios.mean(axis=1)
    assert means.variance == pytest.approx(ratios.var(axis=1, ddof=1) / 40 / average**2)
    assert means.value == pytest.approx(np.log(average) + means.variance / 2)
    assert abs(means.value.mean()) < 5 * means.value.std() / math.sqrt(20_000) < 0.01


def test_products_add_variances_and_have_the_freedom_of_their_smallest_layer() -> None:
    counts = np.array([100.0, 40.0, 60.0])
    means = log_means(MeanSums(counts, counts, 1.1 * counts)).accumulated()
    assert means.variance == pytest.approx(np.cumsum(0.1 / (counts - 1)))
    assert means.count.tolist() == [100, 40, 40]
    low, high = log_interval(means, error_rate=0.01)
    half = stats.t(39).isf(0.005) * np.sqrt(means.variance[2])
    assert (high - low)[2] / 2 == pytest.approx(half)
    bounds = growth_interval(log_means(MeanSums(counts, counts, 1.1 * counts)), layers=slice(None), error_rate=0.01)
    assert math.log(bounds.high / bounds.low) / 2 == pytest.approx(half / 3)


def test_the_share_of_the_living_has_the_variance_of_a_binomial_share() -> None:
    # log of K/M: (1 - p)/(p M), by the first term of its series
    found = share_alive(np.array([100.0, 80.0, 20.0, 0.0]), count=np.full(4, 100.0))
    assert found.value[:3] == pytest.approx(np.log([1, 0.8, 0.2]))
    assert found.variance[:3] == pytest.approx([0, 0.2 / 80, 0.8 / 20])
    assert np.isnan(found.value[3])


def test_gradients_are_counted_among_those_alive_before_the_layer_and_not_after() -> None:
    # one layer of width 1: relu dies in half of the networks, after the layer; the gradient's mean is 1/2 2 = 1
    layers = simulate(Spec(widths=(1, 1, 1), networks=20_000, error_rate=1e-6)).layers
    for layer, truth in zip(layers, (1.0, 0.5), strict=True):
        # before layer 2 half of the networks are dead, and send nothing back: the product of 1 and 1/2
        assert layer.gradient.low is not None
        assert layer.gradient.high is not None
        assert layer.gradient.low < truth < layer.gradient.high
        assert layer.gradient.high / layer.gradient.low < 1.5


def test_a_growth_of_two_percent_a_layer_is_found() -> None:
    # 300 networks, 20 layers: a standard error is .0072; 6 % is found in all, 2 % in some of the runs
    rng = np.random.default_rng(4)
    found = {1.02: 0, 1.06: 0}
    for _ in range(200):
        means = log_means(relu_ratios(rng, networks=300, depth=20, n=16))
        for claim in found:
            found[claim] += growth_p_value(means, layers=slice(None), claim=claim) <= 0.001
    assert found[1.06] == 200
    assert 20 < found[1.02] < 180


def test_the_plain_mean_misses_what_the_product_covers() -> None:
    # n = 16, depth 100: the mean over 200 networks is below a tenth of the truth in most runs
    rng = np.random.default_rng(5)
    below = covered = 0
    for _ in range(40):
        active = rng.binomial(16, 0.5, (100, 200))
        ratios = 4 * rng.standard_gamma(active / 2) / 16
        below += np.prod(ratios, axis=0).mean() < 0.1
        sums = MeanSums(np.full(100, 200.0), ratios.sum(axis=1), (ratios**2).sum(axis=1))
        low, high = log_interval(log_means(sums).accumulated(), error_rate=0.0027)
        covered += low[-1] <= 0 <= high[-1]
    assert below > 20
    assert covered == 40


def test_the_interval_of_a_factor_is_dual_to_its_test() -> None:
    means = log_means(relu_ratios(np.random.default_rng(6), networks=50, depth=5, n=8))
    low, high = growth_interval(means, layers=slice(1, None), error_rate=0.02)
    for claim in (low, high):
        p_value = growth_p_value(means, layers=slice(1, None), claim=claim)
        assert p_value == pytest.approx(0.02, rel=1e-9)


def test_few_replicates_or_none_say_nothing() -> None:
    few = log_means(MeanSums(np.array([29.0]), np.array([29.0]), np.array([30.0])))
    assert growth_p_value(few, layers=slice(None), claim=1.0) == 1
    assert growth_interval(few, layers=slice(None), error_rate=0.1) == (0, math.inf)
    dead = log_means(MeanSums(np.array([0.0]), np.array([0.0]), np.array([0.0])))
    assert np.isnan(dead.value).all()


def test_the_networks_for_a_plain_mean_are_hanin_and_nicas() -> None:
    needed = networks_needed_linear((16,) * 100)
    assert needed[0] == pytest.approx(100 * 5 / 16)
    assert needed[-1] == pytest.approx(100 * ((1 + 5 / 16) ** 100 - 1))
    with pytest.raises(InputError, match="positive"):
        networks_needed_linear((4, 0))


@pytest.mark.parametrize("deviation", [0.4, 1.5])
def test_measured_networks_are_those_of_a_log_normal_law(deviation: float) -> None:
    log_q = np.random.default_rng(7).normal(3.0, deviation, (1, 4000))
    seen = observe(Spec(widths=(2, 2)), Block(0, 5))
    sums = tallied(seen).second_moment
    sums = type(sums)(
        np.array([4000.0]),
        np.logaddexp.reduce(log_q, axis=1),
        np.logaddexp.reduce(2 * log_q, axis=1),
        np.array([4000.0]),
        log_q.sum(axis=1),
        (log_q**2).sum(axis=1),
    )
    r = math.expm1(log_q.var(ddof=1) * (1 + 2 * math.sqrt(2 / 3999)))
    assert networks_needed(sums)[0] == pytest.approx(100 * max(r, r**3))


def log_normal_sums(networks: int, s2: float, *, runs: int) -> tuple[np.ndarray, LogSums]:
    """Log q (runs, networks) of mean 1; each "layer" of the sums is a run of its own."""
    log_q = np.random.default_rng(10).normal(-s2 / 2, math.sqrt(s2), (runs, networks))
    return log_q, LogSums(
        np.full(runs, float(networks)),
        np.logaddexp.reduce(log_q, axis=1),
        np.logaddexp.reduce(2 * log_q, axis=1),
        np.full(runs, float(networks)),
        log_q.sum(axis=1),
        (log_q**2).sum(axis=1),
    )


def test_the_variance_of_a_plain_mean_is_the_larger_of_the_sample_s_and_the_log_normal_one() -> None:
    log_q, sums = log_normal_sums(200, 1.0, runs=50)
    means, q = plain_log_means(sums, needed=np.zeros(50)), np.exp(log_q)
    sampled, smooth = q.var(axis=1, ddof=1) / q.mean(axis=1) ** 2 / 200, np.expm1(log_q.var(axis=1, ddof=1)) / 199
    assert 5 < (sampled > smooth).sum() < 45
    assert means.variance == pytest.approx(np.maximum(sampled, smooth))
    assert means.value == pytest.approx(np.log(q.mean(axis=1)))


def misses(networks: int, s2: float, *, runs: int) -> float:
    """Share of runs whose interval for the mean of log-normal q, at rate 0.01, is given and does not hold it."""
    _, sums = log_normal_sums(networks, s2, runs=runs)
    low, high = log_interval(plain_log_means(sums, needed=networks_needed(sums)), error_rate=0.01)
    return float(((low > 0) | (high < 0)).mean())


@pytest.mark.parametrize(("networks", "s2"), [(40, 0.1), (40, 0.2), (200, 0.5), (200, 0.65)])
def test_plain_means_miss_the_truth_no_more_often_than_stated(
    networks: int, s2: float, most_alarms: Callable[[int, float], int]
) -> None:
    # asymptotic: 1.3 times the rate
    assert misses(networks, s2, runs=4000) * 4000 <= most_alarms(4000, 0.013)


def test_with_the_sample_s_own_variance_plain_means_would_miss_it_too_often(
    monkeypatch: pytest.MonkeyPatch, most_alarms: Callable[[int, float], int]
) -> None:
    # 640 networks, the log-normal standard error is a tenth
    monkeypatch.setattr(growth, "_log_variance", lambda sums: 0 * sums.count)
    assert misses(640, 2.0, runs=4000) * 4000 > most_alarms(4000, 0.013)


def gradient_products(spec: Spec, *, alive: bool) -> tuple[np.ndarray, np.ndarray]:
    """Log of the product formula over layers, and its standard errors."""
    tallies = tallied(observe(spec, Block(0, spec.networks)))
    assert tallies.jacobian is not None
    means = log_means(tallies.jacobian).reversed().accumulated().reversed()
    if alive:
        means = means.times(share_alive(tallies.alive, count=np.full(spec.depth, float(tallies.networks))))
    return means.value, np.sqrt(means.variance)


def gradients_agree(spec: Spec, *, alive: bool) -> bool:
    """Backpropagation's plain mean against the product, five standard errors at each layer."""
    log_gradient = observe(spec, Block(0, spec.networks)).log_gradient
    gradients = np.exp(log_gradient)
    mean = gradients.mean(axis=1)
    error = gradients.std(axis=1) / math.sqrt(gradients.shape[1]) / mean
    value, other = gradient_products(spec, alive=alive)
    return bool((np.abs(np.log(mean) - value) <= 5 * np.sqrt(error**2 + other**2)).all())


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "identity", "abs"])
@pytest.mark.parametrize("widths", [(6, 5, 8, 6), (3, 3, 3, 3, 3)])
@pytest.mark.parametrize("law", ["normal", "uniform"])
def test_the_product_of_layers_is_the_mean_gradient_of_backpropagation(
    activation: str, widths: tuple[int, ...], law: str
) -> None:
    spec = Spec(activation=activation, widths=widths, networks=1000, law=law)
    assert gradients_agree(spec, alive=True)


def test_a_product_that_forgets_dead_networks_is_found() -> None:
    # width 2: a quarter of the networks dies at each layer
    spec = Spec(widths=(2, 2, 2, 2, 2), networks=1000)
    assert gradients_agree(spec, alive=True)
    assert not gradients_agree(spec, alive=False)


@pytest.mark.parametrize("widths", [(3, 3, 3, 3), (8, 6, 4)])
def test_the_product_of_layers_is_the_mean_second_moment(widths: tuple[int, ...]) -> None:
    spec = Spec(widths=widths, networks=1000, seed=9)
    q = np.exp(observe(spec, Block(0, spec.networks)).log_q)
    found = [layer.second_moment.estimate for layer in simulate(spec).layers]
    error = q.std(axis=1) / math.sqrt(1000)
    assert np.abs(q.mean(axis=1) - found) == pytest.approx(0, abs=3 * float(error.max()))
    # and both are near the truth, sigma_w2 (sigma_w2/2)^(l-1) = 2
    assert (np.abs(q.mean(axis=1) - 2) <= 5 * error).all()
