"""Residual connections: a_l = a_{l-1} + c f(W_l a_{l-1} + b_l), forward and back."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from montecarlo import (
    ACTIVATIONS,
    InputError,
    Network,
    Spec,
    Verdict,
    backward,
    draw,
    find_activation,
    forward,
    simulate,
)
from montecarlo.laws import normal

SMOOTH = [name for name, f in ACTIVATIONS.items() if f.slopes is None]


def network(name: str, *, width: int, depth: int, scale: float, sigma_b2: float, seed: int) -> Network:
    return draw(
        np.random.default_rng(seed),
        widths=(width,) * (depth + 1),
        activation=find_activation(name),
        law=normal(),
        sigma_b2=sigma_b2,
        residual=scale,
    )


def output(net: Network, x: np.ndarray) -> np.ndarray:
    """The textbook's loop, without exponents."""
    a = x
    for layer, w in enumerate(net.weights):
        bias = 0 if net.biases is None else net.biases[layer]
        a = a + net.residual * net.activation.function(w @ a + bias)
    return a


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(list(ACTIVATIONS)),
    width=st.integers(1, 6),
    depth=st.integers(1, 5),
    scale=st.sampled_from([0.1, 1.0, 2.5]),
    sigma_b2=st.sampled_from([0.0, 0.3]),
    seed=st.integers(0, 10**6),
)
def test_the_forward_pass_is_the_textbooks(
    name: str, width: int, depth: int, scale: float, sigma_b2: float, seed: int
) -> None:
    net = network(name, width=width, depth=depth, scale=scale, sigma_b2=sigma_b2, seed=seed)
    x = np.random.default_rng(seed + 1).standard_normal(width)
    last = forward(net, x)[-1]
    a, z = np.ldexp(last.a, last.exponent), np.ldexp(last.z, last.exponent)
    assert a + scale * net.activation.function(z) == pytest.approx(output(net, x), rel=1e-10, abs=1e-11)


def gradient_is_right(net: Network, seed: int) -> bool:
    """dL/dx of L = g . a_L against central differences."""
    rng = np.random.default_rng(seed)
    x, g = rng.standard_normal((2, net.weights[0].shape[-1]))
    first = backward(net, forward(net, x), g)[0]
    step = 1e-6
    differences = np.array(
        [(g @ output(net, x + step * e) - g @ output(net, x - step * e)) / (2 * step) for e in np.eye(len(x))]
    )
    off = np.abs(np.ldexp(first.g, first.exponent) - differences).max()
    return bool(off <= 1e-5 * (1 + np.abs(differences).max()))


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(SMOOTH),
    width=st.integers(1, 6),
    depth=st.integers(1, 4),
    scale=st.sampled_from([0.1, 1.0, 1.5]),
    seed=st.integers(0, 10**6),
)
def test_gradients_are_limits_of_differences(name: str, width: int, depth: int, scale: float, seed: int) -> None:
    assert gradient_is_right(network(name, width=width, depth=depth, scale=scale, sigma_b2=0.2, seed=seed), seed)


def test_a_gradient_without_the_scale_is_found() -> None:
    net = network("tanh", width=4, depth=3, scale=0.5, sigma_b2=0.0, seed=3)
    assert gradient_is_right(net, 3)
    f = net.activation
    assert not gradient_is_right(
        dataclasses.replace(net, activation=dataclasses.replace(f, derivative=lambda z: 2 * f.derivative(z))), 3
    )


@pytest.mark.parametrize("method", ["dense", "conditioned"])
def test_linear_networks_grow_by_one_plus_the_scale_squared(
    method: str, most_alarms: Callable[[int, float], int]
) -> None:
    # W is centred and independent of a: E|a + c W a|^2 = (1 + c^2 n Var(W)) |a|^2, and the same backward
    missed = np.zeros((2, 4))
    for seed in range(150):
        spec = Spec(
            activation="identity",
            widths=(12,) * 5,
            sigma_w2=1.5,
            residual=0.4,
            networks=200,
            seed=seed,
            error_rate=0.02,
        )
        factor = 1 + 0.16 * 1.5
        for index, layer in enumerate(simulate(spec, method=method).layers):
            pairs = ((layer.second_moment, 1.5 * factor**index), (layer.gradient, factor ** (4 - index)))
            for row, (interval, truth) in enumerate(pairs):
                assert interval.low is not None
                assert interval.high is not None
                missed[row, index] += not interval.low <= truth <= interval.high
    assert missed.max() <= most_alarms(150, 0.026)


@pytest.mark.parametrize("method", ["dense", "conditioned"])
def test_the_variance_is_judged_as_ever(method: str) -> None:
    spec = Spec(
        widths=(16,) * 6,
        residual=0.5,
        networks=600,
        claim_sigma_w2=2.0,
        claim_derivative=0.5,
        delta=0.1,
        error_rate=1e-6,
    )
    assert {claim.verdict for claim in simulate(spec, method=method).claims} == {Verdict.AGREE}
    wrong = dataclasses.replace(spec, claim_sigma_w2=2.2)
    assert [c.verdict for c in simulate(wrong, method=method).claims][:2] == [Verdict.DISAGREE] * 2


@pytest.mark.parametrize("sigma_w2", [1.0, 4.0])
def test_depth_neither_overflows_nor_underflows(sigma_w2: float) -> None:
    for scale in (0.1, 1.0):
        spec = Spec(widths=(8,) * 2001, sigma_w2=sigma_w2, residual=scale, networks=3)
        net = draw(
            np.random.default_rng(1),
            widths=spec.widths,
            activation=spec.f,
            law=normal(),
            sigma_w2=sigma_w2,
            residual=scale,
        )
        passes = forward(net, np.ones(8))
        records = backward(net, passes, np.ones(8))
        for vectors in (passes[-1].a, passes[-1].z, records[0].g):
            assert np.isfinite(vectors).all()
            assert 1e-6 < np.abs(vectors).max() < 1e6
        assert simulate(spec).dead_networks == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"residual": 0.0}, "leave it out"),
        ({"residual": -1.0}, "leave it out"),
        ({"residual": float("nan")}, "leave it out"),
        ({"residual": 1.0, "widths": (4, 4, 3)}, "write equal widths"),
        ({"residual": 1.0, "claim_growth": 1.0}, "claim_growth: with residual"),
        ({"residual": 1.0, "claim_gradient_growth": 1.0}, "claim_gradient_growth: with residual"),
    ],
    ids=str,
)
def test_residuals_that_do_not_fit_are_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Spec(**fields)
