"""Regimes, from what is known of each activation."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from derive.gaussian import read
from derive.gaussian.depth import Layer
from derive.lab import guide
from derive.lab.produce import rule_weight
from derive.lab.regimes import Regime, predicted, regime, stops


def of(activation: str, weight: str | Fraction, bias: str = "0") -> Regime:
    return regime(Layer(read(activation), Fraction(weight), Fraction(bias)))


@pytest.mark.parametrize(
    ("activation", "weight", "bias", "phase", "forward", "backward"),
    [
        ("relu", "2", "0", "critical", "keeps", "keep"),
        ("relu", "1.9", "0", "ordered", "vanishes", "vanish"),
        ("relu", "2.1", "0", "unbounded", "explodes", "explode"),
        ("relu", "1", "0.5", "ordered", "settles", "vanish"),
        ("relu", "2", "0.5", "unbounded", "grows", "keep"),
        ("identity", "1", "0", "critical", "keeps", "keep"),
        ("tanh", "0.9", "0", "ordered", "vanishes", "vanish"),
        ("tanh", "1", "0", "critical", "vanishes", "keep"),
        ("tanh", "2", "0", "chaotic", "settles", "explode"),
        ("tanh", "1.5", "0.05", "ordered", "settles", "vanish"),
        ("sigmoid", "2", "0", "ordered", "settles", "vanish"),
        ("gelu", "1", "0", "ordered", "vanishes", "vanish"),
        ("gelu", "3", "0", "unbounded", "explodes", "explode"),
        ("selu", "1", "0", "chaotic", "settles", "explode"),
    ],
)
def test_the_regime_is_named(activation: str, weight: str, bias: str, phase: str, forward: str, backward: str) -> None:
    found = of(activation, weight, bias)
    assert (found.phase, found.forward, found.backward) == (phase, forward, backward)
    words = guide.sentence(found, bias=bias != "0")
    assert "None" not in words
    assert words.endswith(".")
    assert guide.because(activation, found, bias=bias != "0")


def test_the_fixed_point_of_relu_with_a_bias_is_known() -> None:
    found = of("relu", "1", "0.5")  # q = q/2 + 1/2
    assert found.fixed_point is not None
    assert found.slope is not None
    assert (float(found.fixed_point), float(found.slope)) == (1, 0.5)


def test_tanh_changes_its_phase_where_the_edge_of_chaos_is() -> None:
    edge = Fraction("1.76095463961")  # `derive critical tanh --bias-variance 0.05`
    assert of("tanh", edge - Fraction(1, 10**6), "0.05").phase == "ordered"
    assert of("tanh", edge + Fraction(1, 10**6), "0.05").phase == "chaotic"


def test_the_recursion_comes_to_the_fixed_point_that_the_regime_names() -> None:
    layer = Layer(read("tanh"), Fraction(3), Fraction(0))
    found, point = predicted(layer, depth=60), regime(layer).fixed_point
    assert point is not None
    assert 10 ** found.second_moments[-1] == pytest.approx(float(point), rel=1e-5)
    assert found.error < 1e-7


def test_gradients_are_the_products_of_the_slopes_above() -> None:
    found = predicted(Layer(read("relu"), Fraction(1), Fraction(0)), depth=5)
    assert [10**v for v in found.gradients(3)] == pytest.approx([1 / 8, 1 / 4, 1 / 2])
    assert found.gradients(6) == ()


def test_a_rule_that_is_one_of_the_numbers_is_no_further_stop() -> None:
    def listed(name: str) -> list[tuple[float, bool]]:
        found: Any = stops(read(name), (Fraction(1), Fraction(2)), rule_weight(name))
        return [(float(w) if isinstance(w, Fraction) else float(w.mid()), rule) for w, rule in found]

    assert listed("relu") == [(1, False), (2, True)]
    assert listed("selu") == [(1, True), (2, False)]
    (first, second, third) = listed("leaky_relu")
    assert (first, third) == ((1, False), (2, False))
    assert second == (pytest.approx(2 / 1.0001), True)


@pytest.mark.parametrize("activation", ["gelu", "silu"])
def test_a_signal_that_dies_out_is_predicted_to_the_last_layer(activation: str) -> None:
    """For small q both are z/2 + c z^2, and E f^2/2 is q/8 (1 + O(q)): 30 layers end at about 1e-24."""
    found = predicted(Layer(read(activation), Fraction(1, 2), Fraction(0)), depth=30)
    assert len(found.second_moments) == 30
    assert 10 ** (found.second_moments[-1] - found.second_moments[-2]) == pytest.approx(1 / 8, rel=1e-6)
    assert found.error < 1e-3


def test_the_fixed_point_is_the_one_below_an_input_that_moves_down() -> None:
    """Gelu at (2.05, 0.05) has two: 0.1307, which attracts, and 3.8147 above the input's 2.1; at (2.3, 0.05) the input
    lies above both, and explodes.
    """
    assert of("gelu", "2.05", "0.05").fixed_point == "0.130706"
    assert of("gelu", "2.3", "0.05").forward == "explodes"
