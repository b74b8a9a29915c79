import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from montecarlo.activations import Activation, find_activation, leaky_relu, piecewise_linear
from montecarlo.arrays import fourth_share
from montecarlo.network import Network, forward
from montecarlo.statistics.signs import (
    SignSums,
    half_difference,
    sign_estimate,
    sign_interval,
    sign_p_value,
)

RELU = (1.0, 0.0)


def flips(w: np.ndarray) -> list[np.ndarray]:
    """All matrices that differ from this one by the signs of rows."""
    return [np.array(signs)[:, np.newaxis] * w for signs in itertools.product((1.0, -1.0), repeat=len(w))]


@pytest.mark.parametrize("f", [find_activation("relu"), leaky_relu(0.3)], ids=lambda f: f.name)
@pytest.mark.parametrize("seed", range(5))
def test_over_all_flips_of_rows_the_factors_have_exactly_the_claimed_mean(f: Activation, seed: int) -> None:
    # No sampling. Layer 2 given layer 1, all 2^5 signs: |f(z)|^2/|z|^2, the mean of f'^2, and
    # E(J^T J) = c W^T W, from which the gradients' product follows.
    rng = np.random.default_rng(seed)
    first, second = rng.standard_normal((4, 3)), rng.standard_normal((5, 4))
    first[0] = np.abs(first[0])  # one active unit at least
    assert f.slopes is not None
    c = (f.slopes[0] ** 2 + f.slopes[1] ** 2) / 2
    factors, slopes, jacobians = [], [], []
    for matrix in flips(second):
        z = forward(Network(f, (first, matrix)), np.ones(3))[1].z
        factors.append(np.vecdot(f.function(z), f.function(z)) / np.vecdot(z, z))
        slopes.append((f.derivative(z) ** 2).mean())
        jacobian = f.derivative(z)[:, np.newaxis] * matrix
        jacobians.append(jacobian.T @ jacobian)
    assert np.mean(factors) == pytest.approx(c, rel=1e-12)
    assert np.mean(slopes) == pytest.approx(c, rel=1e-12)
    assert np.mean(jacobians, axis=0) == pytest.approx(c * second.T @ second, rel=1e-9, abs=1e-12)


def test_for_tanh_the_mean_over_flips_is_no_constant() -> None:
    f = find_activation("tanh")
    factors = [(f.function(z) ** 2).sum() / (z**2).sum() for z in (np.ones(3), 2 * np.ones(3))]
    assert abs(factors[0] - factors[1]) > 0.1


def alarms(f: tuple[float, float], claim: float, *, runs: int = 2000, rate: float = 0.01) -> int:
    """Runs of 40 networks of 3 layers and 7 neurons whose |z| have heavy tails."""
    rng = np.random.default_rng(3)
    count = 0
    for _ in range(runs):
        z = rng.standard_normal((120, 7)) ** 3
        kept = np.where(z > 0, f[0] * z, f[1] * z)
        value = np.vecdot(kept, kept) / np.vecdot(z, z)
        precision = 1 / np.sqrt(fourth_share(z))
        sums = SignSums(np.array([(value * precision).sum()]), np.array([precision.sum()]), np.array([120.0]))
        rejected = sign_p_value(sums, slopes=f, claim=claim) <= rate
        low, high = sign_interval(sums, slopes=f, error_rate=rate)
        assert rejected == (not low <= claim <= high) or abs(claim - low) < 1e-6
        count += rejected
    return count


@pytest.mark.parametrize("slopes", [RELU, (1.0, 0.2), (0.5, -2.0)])
def test_a_true_factor_is_rejected_no_more_often_than_stated(
    slopes: tuple[float, float], most_alarms: Callable[[int, float], int]
) -> None:
    c = (slopes[0] ** 2 + slopes[1] ** 2) / 2
    assert alarms(slopes, c) <= most_alarms(2000, 0.01)


def test_a_wrong_factor_is_found() -> None:
    # h r/sqrt N is .03 here: the bound's half-width is .1, so .62 is found half the time, .75 always
    assert 100 < alarms(RELU, 0.62, runs=300) < 250
    assert alarms(RELU, 0.75, runs=300) == 300


def test_constant_factors_are_compared_to_rounding() -> None:
    sums = SignSums(np.array([3.0]), np.array([3.0]), np.array([4.0]))
    assert sign_p_value(sums, slopes=(1.0, -1.0), claim=1.0) == 1
    assert sign_p_value(sums, slopes=(1.0, -1.0), claim=1.001) == 0
    assert half_difference((1.0, -1.0)) == 0


def test_no_terms_say_nothing() -> None:
    nothing = SignSums(np.zeros(2), np.zeros(2), np.ones(2))
    assert math.isnan(sign_estimate(nothing))
    assert sign_p_value(nothing, slopes=RELU, claim=0.5) == 1
    assert sign_interval(nothing, slopes=RELU, error_rate=0.1) == (0, math.inf)


def test_the_slopes_of_a_new_activation_are_used() -> None:
    assert half_difference(piecewise_linear("v", right=2.0, left=1.0).slopes or RELU) == 1.5
