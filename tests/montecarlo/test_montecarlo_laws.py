import math
import pickle

import numpy as np
import pytest
from scipy import integrate, stats

from montecarlo.errors import InputError
from montecarlo.laws import LAWS, Law, find_law, normal, sparse, student_t

TRUNCATED_STD = 0.879625661034239750  # JAX and Keras divide by it

SCIPY = {
    "normal": stats.norm(),
    "uniform": stats.uniform(-math.sqrt(3), 2 * math.sqrt(3)),
    "truncated-normal": stats.truncnorm(-2, 2, scale=1 / TRUNCATED_STD),
    "student-t(10)": stats.t(10, scale=math.sqrt(0.8)),
}
ALL = [*(law for law in LAWS.values() if law.centred), student_t(5), student_t(3), sparse(0.9)]


def draws(law: Law, size: int = 400_000, seed: int = 5) -> np.ndarray:
    return law.sample(np.random.Generator(np.random.SFC64(seed)), (size // 4, 4))


@pytest.mark.parametrize("name", SCIPY)
def test_the_stated_kurtosis_is_scipys_and_the_variance_is_one(name: str) -> None:
    law = find_law(name.split("(")[0])
    mean, variance, kurtosis = SCIPY[name].stats(moments="mvk")
    assert law.name == name
    assert (mean, variance) == pytest.approx((0, 1), abs=1e-12)
    assert law.excess_kurtosis == pytest.approx(float(kurtosis), abs=1e-9)


def test_the_stated_kurtosis_of_discrete_and_mixed_laws_is_that_of_their_definition() -> None:
    assert find_law("rademacher").excess_kurtosis == 1 - 3
    for density in (0.1, 0.25, 1.0):
        fourth = density * 3 / density**2  # with probability p a normal of variance 1/p
        assert sparse(density).excess_kurtosis == pytest.approx(fourth - 3)
    assert student_t(4).excess_kurtosis == math.inf


@pytest.mark.parametrize("name", SCIPY)
def test_draws_follow_scipys_law(name: str) -> None:
    # Kolmogorov-Smirnov; fails once in 10^6 seeds
    values = draws(find_law(name.split("(")[0]), 100_000).ravel()
    assert stats.kstest(values, SCIPY[name].cdf).pvalue > 1e-6


def moments_are_right(law: Law) -> bool:
    """Mean 0, variance 1, fourth moment within 5 standard errors: wrong once in 600,000 seeds."""
    values = draws(law).ravel()
    targets = {1: 0.0, 2: 1.0}
    if math.isfinite(law.excess_kurtosis) and "student" not in law.name:
        targets[4] = law.excess_kurtosis + 3
    return all(
        abs((values**power).mean() - target) <= 5 * (values**power).std() / math.sqrt(values.size) + 1e-12
        for power, target in targets.items()
    )


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.name)
def test_draws_have_the_stated_moments(law: Law) -> None:
    assert moments_are_right(law)


def test_a_truncated_normal_that_was_not_rescaled_is_found() -> None:
    truncated = find_law("truncated-normal")
    forgotten = Law(
        "forgotten",
        lambda rng, shape: truncated.sample(rng, shape) * TRUNCATED_STD,
        truncated.excess_kurtosis,
    )
    assert not moments_are_right(forgotten)


def test_a_wrong_kurtosis_is_found() -> None:
    uniform = find_law("uniform")
    assert not moments_are_right(Law("wrong", uniform.sample, -1.1))


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.name)
def test_draws_are_as_often_positive_as_negative(law: Law) -> None:
    # Wilcoxon's signed ranks see any asymmetry of size; once in 10^6 seeds
    values = draws(law, 20_000).ravel()
    assert stats.wilcoxon(values[values != 0]).pvalue > 1e-6


def log_mgf_excess(density: stats.rv_continuous, edge: float, t: float) -> float:
    value, _ = integrate.quad(lambda x: math.exp(t * x) * density.pdf(x), -edge, edge)
    return math.log(value) - t * t / 2


@pytest.mark.parametrize("name", ["uniform", "truncated-normal"])
def test_sub_gaussian_laws_have_their_moment_generating_function_below_the_normal_one(
    name: str,
) -> None:
    edge = {"uniform": math.sqrt(3), "truncated-normal": 2 / TRUNCATED_STD}[name]
    assert find_law(name).sub_gaussian
    for t in np.linspace(0.05, 30, 60):
        assert log_mgf_excess(SCIPY[name], edge, float(t)) <= 1e-9


def test_a_truncated_normal_of_too_small_a_variance_proxy_would_be_found() -> None:
    wide = stats.truncnorm(-2, 2, scale=1.02 / TRUNCATED_STD)
    assert log_mgf_excess(wide, 2.04 / TRUNCATED_STD, 0.5) > 1e-4


def test_heavier_tails_are_not_called_sub_gaussian() -> None:
    for law in ALL:
        assert law.sub_gaussian == (law.excess_kurtosis <= 0)
        assert law.gaussian == (law.name == normal().name)


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.name)
def test_laws_can_be_sent_to_other_processes(law: Law) -> None:
    sent = pickle.loads(pickle.dumps(law))  # noqa: S301
    assert sent.name == law.name
    assert (draws(sent, 400) == draws(law, 400)).all()


def test_an_unknown_law_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="did you mean 'truncated-normal'"):
        find_law("truncatednormal")
    with pytest.raises(InputError, match="df > 2"):
        student_t(2)
    with pytest.raises(InputError, match="density"):
        sparse(0)
