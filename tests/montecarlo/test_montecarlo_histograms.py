"""Histograms by layer: every value is counted, in its place, and large depths are no trouble."""

import numpy as np
import pytest
from scipy import stats

from montecarlo import InputError, Spec
from montecarlo.histograms import MOST_WEIGHTS, Histogram, histograms

RARE = 1e-6  # a true law is called wrong with this probability; seeds are fixed


def median(layer: Histogram, edges: np.ndarray) -> float:
    """log10 of the size that half of the values that are not 0 do not reach, to within a bin."""
    counts = np.concatenate([[layer.below], layer.counts])
    return float(edges[np.searchsorted(np.cumsum(counts), counts.sum() / 2)])


def law_of_first_layer(*, drawn: float, told: float) -> float:
    """The p value of a_1 ~ N(0, told) for the identity, given that weights have the variance drawn/n."""
    found = histograms(Spec(activation="identity", widths=(16, 16, 16), sigma_w2=drawn))
    first, edges = found.activations[0], np.concatenate([[-np.inf], found.activation_edges, [np.inf]])
    cdf = 2 * stats.norm.cdf(10.0**edges, scale=np.sqrt(told)) - 1
    seen, expected = np.array([first.below, *first.counts, first.above]), np.diff(cdf) * first.values
    rare = expected < 20  # thrown together, as a chi-square test wants
    seen, expected = (np.append(x[~rare], x[rare].sum()) for x in (seen, expected))
    return float(stats.chisquare(seen, expected, sum_check=False).pvalue)


def test_the_first_layer_has_the_law_that_is_known() -> None:
    assert law_of_first_layer(drawn=1.5, told=1.5) > RARE


def test_ten_per_cent_more_variance_is_noticed() -> None:
    assert law_of_first_layer(drawn=1.5 * 1.1, told=1.5) < RARE


@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh"])
def test_every_value_is_counted_once(activation: str) -> None:
    found = histograms(Spec(activation=activation, widths=(5, 7, 9, 3), sigma_w2=4.0), networks=30)
    assert [layer.values for layer in found.activations] == [30 * 7, 30 * 9, 30 * 3]
    assert [layer.values for layer in found.gradients] == [30 * 5, 30 * 7, 30 * 9]
    assert [layer.layer for layer in found.gradients] == [1, 2, 3]


def test_each_layer_doubles_the_sizes_forward_and_back_where_variance_is_four_times_the_rule() -> None:
    found = histograms(Spec(widths=(64,) * 11, sigma_w2=8.0))
    for layers, edges, sign in (
        (found.activations, found.activation_edges, 1),
        (found.gradients, found.gradient_edges, -1),
    ):
        steps = sign * (median(layers[-1], edges) - median(layers[0], edges)) / 9
        # finite width and bins: a standard deviation of log |a|^2 of sqrt(5/64) a layer, and 128 networks
        assert steps == pytest.approx(np.log10(2), abs=0.05)


def test_half_of_relus_values_are_zeros_and_they_stand_apart() -> None:
    layer = histograms(Spec(widths=(64,) * 3)).activations[0]
    assert layer.zeros / layer.values == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(layer.values))
    assert histograms(Spec(activation="tanh", widths=(64,) * 3)).activations[0].zeros == 0


def test_dead_networks_are_counted_and_all_their_values_are_zeros() -> None:
    found = histograms(Spec(widths=(1,) * 21), networks=64)
    assert found.dead_networks == 64  # alive after 20 layers of one unit: 2^-20
    assert found.activations[-1].zeros == found.activations[-1].values == 64
    assert found.gradients[0].zeros == 64


def test_depth_neither_overflows_nor_underflows() -> None:
    found = histograms(Spec(activation="identity", widths=(8,) * 5001, sigma_w2=9.0), networks=4)
    assert found.activation_edges[-1] > 2000
    assert found.gradient_edges[-1] > 2000
    assert all(layer.zeros == 0 for layer in found.activations)


def test_residual_connections_keep_the_last_layers_input() -> None:
    still = histograms(Spec(activation="tanh", widths=(16,) * 9, residual=1e-9))
    assert [median(layer, still.activation_edges) for layer in (still.activations[0], still.activations[-1])] == (
        pytest.approx([median(still.activations[3], still.activation_edges)] * 2)
    )


def test_the_same_seed_draws_the_same() -> None:
    spec = Spec(activation="silu", widths=(8,) * 4)
    first, again = histograms(spec), histograms(spec)
    assert all((a.counts == b.counts).all() for a, b in zip(first.gradients, again.gradients, strict=True))
    other = histograms(Spec(activation="silu", widths=(8,) * 4, seed=1))
    assert any((a.counts != b.counts).any() for a, b in zip(first.gradients, other.gradients, strict=True))


def test_a_network_that_is_too_large_is_refused_and_few_are_drawn_of_large_ones() -> None:
    with pytest.raises(InputError, match="write smaller widths"):
        histograms(Spec(widths=(5000, 5000)))
    spec = Spec(widths=(1024,) * 4)
    assert histograms(spec).networks == MOST_WEIGHTS // (3 * 1024**2)
