import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from montecarlo.activations import (
    ACTIVATIONS,
    Activation,
    elu,
    find_activation,
    leaky_relu,
    piecewise_linear,
)
from montecarlo.errors import InputError

ALL = [*ACTIVATIONS.values(), leaky_relu(0.2), elu(0.5), piecewise_linear("v", right=2, left=-3)]

# E f, E f^2, E f'^2 under N(0, 1), computed outside of the project
TRUTH = {
    "relu": (0.398942280401, 0.5, 0.5),
    "leaky_relu": (0.394952857597, 0.50005, 0.50005),
    "elu": (0.160520572267, 0.64494541749, 0.6681020012),
    "selu": (0, 1, 1.0715749925),
    "gelu": (0.282094791774, 0.42522148257, 0.4558508656),
    "silu": (0.206620964142, 0.35577551982, 0.3794823516),
    "mish": (0.240403888375, 0.45234219238, 0.4790837584),
    "tanh": (0, 0.39429449040, 0.4644029024),
    "erf": (0, 0.46455905440, 0.5694100347),
}


def derivative_is_right(f: Activation, z: float) -> bool:
    step = 1e-5
    points = np.array([z + step, z - step])
    difference = (f.function(points)[0] - f.function(points)[1]) / (2 * step)
    return abs(difference - f.derivative(np.array([z]))[0]) <= 1e-7 * (1 + abs(difference))


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)
@settings(deadline=None)
@given(z=st.floats(-12, 12).filter(lambda z: abs(z) > 1e-3))
def test_the_derivative_is_the_limit_of_differences(f: Activation, z: float) -> None:
    assert derivative_is_right(f, z)


def test_a_derivative_of_another_function_is_found() -> None:
    swapped = Activation("gelu", ACTIVATIONS["gelu"].function, ACTIVATIONS["silu"].derivative)
    assert not derivative_is_right(swapped, 0.7)


@pytest.mark.parametrize("name", TRUTH)
def test_moments_under_a_normal_law_are_the_published_ones(name: str) -> None:
    f = find_activation(name)

    def expectation(of: object) -> float:
        def integrand(z: float) -> float:
            return float(of(np.array([z]))[0]) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

        return sum(integrate.quad(integrand, *piece, epsabs=1e-13)[0] for piece in ((-40, 0), (0, 40)))

    mean, second, slope = TRUTH[name]
    assert expectation(f.function) == pytest.approx(mean, abs=2e-11)
    assert expectation(lambda z: f.function(z) ** 2) == pytest.approx(second, abs=1e-10)
    assert expectation(lambda z: f.derivative(z) ** 2) == pytest.approx(slope, abs=1e-9)


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)
@settings(deadline=None)
@given(
    z=st.floats(-1e3, 1e3, allow_subnormal=False).map(lambda z: z if abs(z) > 1e-200 else 0), scale=st.integers(-40, 40)
)
def test_exactly_the_activations_with_slopes_are_homogeneous(f: Activation, z: float, scale: int) -> None:
    if f.slopes is None:
        wide = f.function(np.array([3.0, -3.0])) - 3 * f.function(np.array([1.0, -1.0]))
        assert np.abs(wide).max() > 1e-3
        return
    right, left = f.slopes
    value = f.function(np.array([z]))[0]
    assert value == pytest.approx((right if z > 0 else left) * z, abs=1e-300)
    assert f.function(np.array([math.ldexp(z, scale)]))[0] == math.ldexp(value, scale)
    if z != 0:
        assert f.derivative(np.array([z]))[0] == (right if z > 0 else left)


def test_at_kinks_the_derivative_is_that_of_the_training_libraries() -> None:
    at_zero = {name: float(f.derivative(np.zeros(1))[0]) for name, f in ACTIVATIONS.items()}
    assert (at_zero["relu"], at_zero["abs"], at_zero["leaky_relu"]) == (0, 0, 0.01)


def test_far_out_derivatives_keep_their_digits() -> None:
    z = np.array([40.0, -40.0])
    assert find_activation("tanh").derivative(z) == pytest.approx(4 * np.exp(-80), rel=1e-13)
    assert find_activation("sigmoid").derivative(z) == pytest.approx(np.exp(-40), rel=1e-13)
    for f in ALL:
        assert np.isfinite(f.derivative(np.array([-1e6, 1e6]))).all()


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)
def test_activations_do_not_write_into_their_argument_and_can_be_sent(f: Activation) -> None:
    z = np.linspace(-2, 2, 9)
    sent = pickle.loads(pickle.dumps(f))  # noqa: S301
    assert (sent.function(z) == f.function(z)).all()
    out = f.function(z)
    out += 1
    assert (z == np.linspace(-2, 2, 9)).all()


def test_gelu_is_the_exact_one_and_names_are_forgiving() -> None:
    z = np.linspace(-3, 3, 7)
    exact = z * (1 + special.erf(z / math.sqrt(2))) / 2
    assert find_activation("gelu").function(z) == pytest.approx(exact, abs=1e-15)
    assert find_activation("leaky-relu") is ACTIVATIONS["leaky_relu"]
    with pytest.raises(InputError, match="did you mean 'relu'"):
        find_activation("rleu")
