"""The benchmark of the samplers runs, and says what the ratios are; at full size they are what was promised.

What is compared are the best rounds of either: neighbours slow a round down, and none makes a program faster than it
is.
"""

from __future__ import annotations

import pytest

from tests.benchmarks.samplers import LIMITS, SAMPLED, Timings, exponent, from_outside, share_of_limits, timed


def test_the_benchmark_runs_at_a_small_size() -> None:
    found = timed(16, 3, rounds=2, scale=0.02, libraries=("numpy",))
    assert {"numpy loop", *SAMPLED, *LIMITS} <= found.seconds.keys()
    assert all(len(spent) == 2 and min(spent) > 0 for spent in found.seconds.values())
    assert found.ratios("numpy loop", "numpy loop") == [1.0, 1.0]


def test_ratios_compare_the_same_round() -> None:
    found = Timings({"slow": [8.0, 2.0], "fast": [2.0, 1.0]})
    assert found.ratios("fast", "slow") == [4.0, 2.0]
    assert found.median("slow") == 5.0
    assert found.best_ratio("fast", "slow") == 2.0


def test_the_share_is_that_of_the_sum_of_the_limits_each_at_its_best() -> None:
    assert share_of_limits(Timings({"dense": [9.0, 6.0], "random numbers": [3.0, 5.0], "products": [2.0, 1.0]})) == 1.5


def test_the_cost_of_a_chain_does_not_depend_on_the_width() -> None:
    """Twice the time at 10,000 times the width would be a power of .075; a chain that looked at units would have 1."""
    assert exponent("chain", [(100, 20, 4000), (1_000_000, 20, 4000)], along=0, rounds=5) < 0.075


def test_the_command_is_timed_from_outside() -> None:
    outside, inside = from_outside("chain", width=64, depth=5, networks=100)
    assert 0 <= inside < outside


@pytest.fixture(scope="module")
def full() -> Timings:
    pytest.importorskip("torch")
    return timed(512, 50, rounds=7)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "least"), [("dense", 2), ("conditioned", 250), ("chain", 10_000)])
def test_so_many_times_the_plain_loop_of_torch(full: Timings, method: str, least: float) -> None:
    assert full.best_ratio(method, "torch loop") >= least


@pytest.mark.slow
def test_dense_is_not_slower_than_torch_in_two_processes(full: Timings) -> None:
    assert full.best_ratio("dense", "torch tuned") >= 1


@pytest.mark.slow
def test_dense_takes_at_most_1_3_of_its_random_numbers_and_products(full: Timings) -> None:
    assert share_of_limits(full) <= 1.3


@pytest.mark.slow
def test_conditioned_grows_linearly_with_width() -> None:
    shapes = [(256 * 4**k, 20, 1024 // 4**k) for k in range(5)]
    assert exponent("conditioned", shapes, along=0, rounds=7) <= 1.1


@pytest.mark.slow
def test_a_thousand_networks_a_million_wide_and_ten_thousand_deep_take_ten_seconds() -> None:
    assert min(from_outside("chain", width=1_000_000, depth=10_000, networks=1000)[0] for _ in range(3)) <= 10
