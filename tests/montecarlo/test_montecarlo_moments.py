"""Mean, kurtosis and gradients of weights by layer: against sums that are written out, and laws that are known."""

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from montecarlo import InputError, Spec, backward, forward, measures, simulate
from montecarlo.network import Network
from montecarlo.observations import Moments
from montecarlo.statistics.means import mean_interval, mean_sums

FIELDS = {"mean", "kurtosis", "weight_gradient"}


def measured(spec: Spec, *, networks: int) -> tuple[Network, np.ndarray, np.ndarray, Moments]:
    rng = np.random.default_rng(3)
    net = spec.network(rng, batch=(networks,))
    x, end = rng.standard_normal((networks, spec.widths[0])), rng.standard_normal((networks, spec.widths[-1]))
    passes = forward(net, x)
    records = backward(net, passes, end)
    return (
        net,
        x,
        end,
        measures.moments(passes, [record.exponent for record in records], measures.norms_of(passes, records), end=end),
    )


def output(net: Network, x: np.ndarray) -> list[np.ndarray]:
    """z_1, ..., z_L and a_L of one network."""
    a, found = x, []
    for layer, w in enumerate(net.weights):
        z = w @ a + (0 if net.biases is None else net.biases[layer])
        found.append(z)
        a = net.activation.function(z) + (0 if net.residual is None else a)
    return [*found, a]


@pytest.mark.parametrize(
    "spec",
    [
        Spec(activation="tanh", widths=(3, 4, 2), sigma_b2=0.3, moments=True),
        Spec(activation="leaky_relu", widths=(4, 3, 5), moments=True),
        Spec(activation="gelu", widths=(3, 3, 3), residual=1.0, moments=True),
    ],
    ids=lambda spec: spec.f.name,
)
def test_they_are_the_sums_of_their_definitions(spec: Spec) -> None:
    nets, xs, ends, found = measured(spec, networks=4)
    for k in range(4):
        biases = None if nets.biases is None else tuple(b[k] for b in nets.biases)
        net = Network(nets.activation, tuple(w[k] for w in nets.weights), biases, nets.residual)
        for layer, z in enumerate(output(net, xs[k])[:-1]):
            assert found.mean[layer, k] == pytest.approx(z.mean() / math.sqrt((z**2).mean()), rel=1e-9)
            assert found.kurtosis[layer, k] == pytest.approx((z**4).mean() / (z**2).mean() ** 2, rel=1e-9)
            gradient = _differences(net, layer, xs[k], ends[k])
            size = (gradient**2).mean() / (ends[k] ** 2).mean()
            assert math.exp(found.log_weight_gradient[layer, k]) == pytest.approx(size, rel=1e-4)


def _differences(net: Network, layer: int, x: np.ndarray, g: np.ndarray) -> np.ndarray:
    """dL/dW of L = g . a_L, entry by entry."""
    step = 1e-6
    found = np.zeros_like(net.weights[layer])
    for index in np.ndindex(found.shape):
        values = []
        for sign in (1, -1):
            moved = net.weights[layer].copy()
            moved[index] += sign * step
            weights = (*net.weights[:layer], moved, *net.weights[layer + 1 :])
            values.append(g @ output(dataclasses.replace(net, weights=weights), x)[-1])
        found[index] = (values[0] - values[1]) / (2 * step)
    return found


def misses(spec: Spec, truths: dict[str, list[float]], *, method: str) -> int:
    """The largest number of intervals, of 200 runs at error rate .02, that miss the truth of one layer and figure."""
    missed = {name: np.zeros(spec.depth) for name in truths}
    for seed in range(200):
        layers = simulate(dataclasses.replace(spec, seed=seed, error_rate=0.02), method=method).layers
        for name, values in truths.items():
            for index, truth in enumerate(values):
                interval = getattr(layers[index], name)
                missed[name][index] += not interval.low <= truth <= interval.high
    return int(max(m.max() for m in missed.values()))


@pytest.mark.parametrize("method", ["dense", "conditioned"])
def test_intervals_cover_the_figures_of_gaussian_weights(method: str, most_alarms: Callable[[int, float], int]) -> None:
    # z is iid normal given a: no mean, kurtosis 3n/(n + 2), at every width and for every activation
    spec = Spec(activation="gelu", widths=(5, 6, 9), networks=100, moments=True)
    truths = {"mean": [0.0, 0.0], "kurtosis": [3 * 6 / 8, 3 * 9 / 11]}
    assert misses(spec, truths, method=method) <= most_alarms(200, 0.026)
    forgotten = {"kurtosis": [3.0, 3.0]}  # of the population, not of n units
    assert misses(spec, forgotten, method=method) > 100


@pytest.mark.parametrize("method", ["dense", "conditioned"])
def test_intervals_cover_the_gradients_of_weights_of_linear_networks(
    method: str, most_alarms: Callable[[int, float], int]
) -> None:
    # delta_l is made of the layers above, a_{l-1} of those below: both are independent, n Var(W) = 1.2 to the L - 1
    spec = Spec(activation="identity", widths=(24,) * 4, sigma_w2=1.2, networks=150, moments=True)
    assert misses(spec, {"weight_gradient": [1.2**2] * 3}, method=method) <= most_alarms(200, 0.026)
    assert misses(spec, {"weight_gradient": [1.2**3] * 3}, method=method) > 100


def test_a_mean_s_interval_is_student_s_over_the_networks_that_have_the_figure() -> None:
    values = np.random.default_rng(4).uniform(-1, 1, (2, 50))
    values[1, 3:23] = math.nan
    sums = mean_sums(values)
    for index, known in ((0, values[0]), (1, values[1][~np.isnan(values[1])])):
        if known.size < 50:
            assert mean_sums(values[:, :23]).count.tolist() == [23, 3]
        mean, (low, high) = mean_interval(sums, index, error_rate=0.02)
        assert mean == pytest.approx(known.mean())
        assert (low, high) == pytest.approx(stats.t.interval(0.98, known.size - 1, known.mean(), stats.sem(known)))


def test_weights_with_a_mean_are_seen_by_the_mean() -> None:
    constant = simulate(Spec(activation="identity", widths=(4, 4), law="constant", networks=100, moments=True)).layers[
        0
    ]
    assert constant.kurtosis is not None
    assert constant.kurtosis.estimate == pytest.approx(1)  # equal units
    assert constant.mean is not None
    assert constant.mean.low is not None
    assert constant.mean.low < 0 < (constant.mean.high or 0)  # +1 or -1, as the inputs' sum


def test_dead_networks_have_no_shape_and_no_gradient() -> None:
    result = simulate(Spec(widths=(2,) * 5, networks=400, moments=True))
    assert result.dead_networks > 100
    last = result.layers[-1]
    assert last.kurtosis is not None
    assert last.kurtosis.estimate is not None
    assert 1 <= last.kurtosis.estimate <= 2


def test_plain_means_of_gradients_of_weights_are_refused_where_they_mislead() -> None:
    result = simulate(Spec(widths=(8,) * 31, networks=60, moments=True))
    assert result.layers[0].weight_gradient is not None
    assert result.layers[0].weight_gradient.estimate is None
    assert any("gradients of weights" in note for note in result.notes)


def test_they_are_measured_if_asked_for_and_not_by_the_chain() -> None:
    spec = Spec(widths=(8, 8, 8), networks=60)
    assert not FIELDS & set(simulate(spec).layers[0].as_json())
    asked = dataclasses.replace(spec, moments=True)
    result = simulate(asked)
    assert result.method == "conditioned"
    assert set(result.layers[0].as_json()) >= FIELDS
    assert simulate(asked, workers=2).digest == result.digest
    with pytest.raises(InputError, match=r"single units.*write method conditioned"):
        simulate(asked, method="chain")
