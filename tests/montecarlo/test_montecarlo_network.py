import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from montecarlo.activations import ACTIVATIONS, Activation, find_activation
from montecarlo.errors import InputError
from montecarlo.laws import LAWS, find_law
from montecarlo.network import Network, backward, draw, fan_size, forward

SMOOTH = [name for name, f in ACTIVATIONS.items() if f.slopes is None]
HOMOGENEOUS = [name for name, f in ACTIVATIONS.items() if f.slopes is not None]


def network(
    activation: str | Activation = "relu",
    widths: tuple[int, ...] = (5, 7, 3, 6),
    *,
    sigma_w2: float = 2.0,
    sigma_b2: float = 0.0,
    law: str = "normal",
    fan: str = "in",
    batch: tuple[int, ...] = (),
    seed: int = 1,
) -> Network:
    f = find_activation(activation) if isinstance(activation, str) else activation
    return draw(
        np.random.default_rng(seed),
        widths=widths,
        activation=f,
        law=find_law(law),
        fan=fan,
        sigma_w2=sigma_w2,
        sigma_b2=sigma_b2,
        batch=batch,
    )


def output(net: Network, x: np.ndarray) -> np.ndarray:
    """The textbook's forward pass: no exponents, plain loops."""
    a = x
    for layer, w in enumerate(net.weights):
        z = np.array([sum(w[i, j] * a[j] for j in range(len(a))) for i in range(len(w))])
        if net.biases is not None:
            z = z + net.biases[layer]
        a = net.activation.function(z)
    return a


architectures = st.lists(st.integers(1, 8), min_size=2, max_size=6).map(tuple)


@settings(deadline=None)
@given(
    name=st.sampled_from(list(ACTIVATIONS)),
    widths=architectures,
    sigma_b2=st.sampled_from([0.0, 0.3]),
    seed=st.integers(0, 10**6),
)
def test_the_forward_pass_is_the_textbooks(name: str, widths: tuple[int, ...], sigma_b2: float, seed: int) -> None:
    net = network(name, widths, sigma_b2=sigma_b2, seed=seed)
    x = np.random.default_rng(seed + 1).standard_normal(widths[0])
    last = forward(net, x)[-1]
    found = net.activation.function(np.ldexp(last.z, last.exponent))
    assert found == pytest.approx(output(net, x), rel=1e-11, abs=1e-12)


def gradient_is_right(net: Network, f: Activation, seed: int) -> bool:
    """dL/dx and dL/dW_1 of L = g . a_L against central differences."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(net.weights[0].shape[-1])
    g = rng.standard_normal(net.weights[-1].shape[-2])
    seen = Network(f, net.weights, net.biases)
    passes = forward(seen, x)
    first = backward(seen, passes, g)[0]
    found = np.ldexp(first.g, first.exponent)
    step = 1e-6
    differences = np.array(
        [(g @ output(net, x + step * e) - g @ output(net, x - step * e)) / (2 * step) for e in np.eye(len(x))]
    )
    return bool(np.abs(found - differences).max() <= 1e-5 * (1 + np.abs(differences).max()))


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(SMOOTH),
    widths=architectures,
    sigma_b2=st.sampled_from([0.0, 0.3]),
    seed=st.integers(0, 10**6),
)
def test_gradients_of_smooth_networks_are_limits_of_differences(
    name: str, widths: tuple[int, ...], sigma_b2: float, seed: int
) -> None:
    net = network(name, widths, sigma_w2=1.0, sigma_b2=sigma_b2, seed=seed)
    assert gradient_is_right(net, net.activation, seed)


@pytest.mark.parametrize("name", HOMOGENEOUS)
def test_gradients_of_homogeneous_networks_are_limits_of_differences(name: str) -> None:
    net = network(name, (6, 9, 4, 8), seed=3)
    assert gradient_is_right(net, net.activation, 3)


def test_a_derivative_that_belongs_to_another_activation_is_found() -> None:
    net = network("gelu", seed=4)
    wrong = Activation("wrong", find_activation("gelu").function, find_activation("silu").derivative)
    assert not gradient_is_right(net, wrong, 4)


@settings(deadline=None)
@given(name=st.sampled_from(HOMOGENEOUS), widths=architectures, seed=st.integers(0, 10**6))
def test_pre_activation_times_its_gradient_is_the_same_at_every_layer(
    name: str, widths: tuple[int, ...], seed: int
) -> None:
    # Euler: f homogeneous, no bias => z_l . delta_l = a_L . g_L for all l
    net = network(name, widths, seed=seed)
    rng = np.random.default_rng(seed)
    passes = forward(net, rng.standard_normal(widths[0]))
    records = backward(net, passes, rng.standard_normal(widths[-1]))
    products = [
        math.ldexp(float(seen.z @ record.delta), int(seen.exponent + record.exponent))
        for seen, record in zip(passes, records, strict=True)
    ]
    sizes = [
        math.ldexp(
            float(np.linalg.norm(seen.z) * np.linalg.norm(record.delta)),
            int(seen.exponent + record.exponent),
        )
        for seen, record in zip(passes, records, strict=True)
    ]
    assert products == pytest.approx([products[0]] * len(products), abs=1e-11 * max(sizes))


@settings(deadline=None)
@given(name=st.sampled_from(HOMOGENEOUS), power=st.integers(-30, 30), seed=st.integers(0, 999))
def test_taking_out_powers_of_two_changes_no_bit(name: str, power: int, seed: int) -> None:
    net = network(name, seed=seed)
    scaled = Network(net.activation, tuple(np.ldexp(w, power) for w in net.weights))
    x, g = np.linspace(-1, 2, 5), np.ones(6)
    for layer, (one, two) in enumerate(zip(forward(net, x), forward(scaled, x), strict=True)):
        moved = np.ldexp(one.z, one.exponent + (layer + 1) * power)
        assert (np.ldexp(two.z, two.exponent) == moved).all()
    one = backward(net, forward(net, x), g)[0]
    two = backward(scaled, forward(scaled, x), g)[0]
    assert (np.ldexp(two.g, two.exponent) == np.ldexp(one.g, one.exponent + 3 * power)).all()


@pytest.mark.parametrize("sigma_w2", [0.25, 2.0, 16.0])
def test_depth_neither_overflows_nor_underflows(sigma_w2: float) -> None:
    net = network("relu", (4,) * 6001, sigma_w2=sigma_w2, seed=0)
    # one network of 4 neurons would be dead by then: use the absolute value, which keeps all
    net = Network(find_activation("abs"), net.weights)
    passes = forward(net, np.ones(4))
    records = backward(net, passes, np.ones(4))
    for vectors in (passes[-1].z, records[0].g):
        assert np.isfinite(vectors).all()
        assert 1e-6 < np.abs(vectors).max() < 1e6
    growth = float(passes[-1].exponent) * 2 * math.log(2) / 6000
    # E log(chi2_4/4) = digamma(2) - log 2; a standard error is .01
    expected = math.log(sigma_w2) + 0.4227843351 - math.log(2)
    assert growth == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("sigma_b2", [0.0, 0.4])
@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_a_batch_is_its_networks_one_by_one(name: str, sigma_b2: float) -> None:
    net = network(name, sigma_b2=sigma_b2, batch=(11,))
    x = np.random.default_rng(0).standard_normal((11, 5))
    g = np.ones((11, 6))
    passes, records = forward(net, x), backward(net, forward(net, x), g)
    for k in range(11):
        biases = None if net.biases is None else tuple(b[k] for b in net.biases)
        alone = Network(net.activation, tuple(w[k] for w in net.weights), biases)
        seen = forward(alone, x[k])
        assert passes[-1].z[k] == pytest.approx(seen[-1].z, rel=1e-12)
        assert passes[-1].exponent[k] == seen[-1].exponent
        assert records[0].g[k] == pytest.approx(backward(alone, seen, g[k])[0].g, rel=1e-12)


def test_a_dead_network_stays_dead_and_has_no_gradient() -> None:
    dead = Network(find_activation("relu"), (-np.ones((3, 3)), np.ones((3, 3)), np.ones((2, 3))))
    passes = forward(dead, np.ones(3))
    assert not passes[1].a.any()
    assert not passes[2].z.any()
    assert not backward(dead, passes, np.ones(2))[0].g.any()


def test_fans_are_the_ones_of_their_authors() -> None:
    sizes = {rule: fan_size(rule, n_in=300, n_out=100) for rule in ("in", "out", "average")}
    assert sizes == {"in": 300, "out": 100, "average": 200}
    with pytest.raises(InputError, match="'in', 'out' or 'average'"):
        fan_size("both", n_in=1, n_out=1)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("fan", "size"), [("in", 300), ("out", 200), ("average", 250)])
def test_weights_have_the_variance_of_their_fan(law: str, fan: str, size: float) -> None:
    # 60,000 weights; six standard errors, which is also far below the 20 % between the fans
    net = network(widths=(300, 200), fan=fan, law=law, sigma_b2=1.5, seed=8)
    kurtosis = find_law(law).excess_kurtosis + 2
    tolerance = 6 * math.sqrt(kurtosis / 60_000) + 1e-12
    assert size * (net.weights[0] ** 2).mean() / 2 == pytest.approx(1, abs=tolerance)
    assert net.biases is not None
    assert (net.biases[0] ** 2).mean() == pytest.approx(1.5, rel=6 * math.sqrt(2 / 200))
