"""The lines to paste: they are Python, and where the library is installed they draw weights of the right variance."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import special

import derive

NAMES = ("gelu", "relu", "z*sigmoid(z)")
FAN_IN, FAN_OUT, INPUTS = 400, 300, 400


def snippet(name: str, library: str) -> str:
    text = getattr(derive.rule(name).snippets, library)
    assert isinstance(text, str)
    return text


def variance(name: str) -> float:
    gain = derive.rule(name).forward.gain
    assert gain is not None
    return float(gain.ball.mid()) ** 2 / FAN_IN


def close(weights: np.ndarray, expected: float) -> bool:
    """120,000 normal draws: the relative error of the variance is sqrt(2/N) = .4 per cent; 6 of those, 2e-9."""
    return (
        abs(float(np.mean(np.square(weights, dtype=np.float64))) / expected - 1) < 6 * (2 / (FAN_IN * FAN_OUT)) ** 0.5
    )


def run(text: str, names: dict[str, Any]) -> dict[str, Any]:
    exec(compile(text, "snippet", "exec"), names)  # noqa: S102  our own text, in a test
    return names


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("library", ["pytorch", "jax", "keras", "numpy"])
def test_the_lines_are_python_and_hold_seventeen_digits_of_the_gain(name: str, library: str) -> None:
    text = snippet(name, library)
    assert max(map(len, text.split("\n"))) <= 100
    numbers = [
        n.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant) and isinstance(n.value, float | int)
    ]
    gain = (variance(name) * FAN_IN) ** 0.5
    wanted = gain if library in {"pytorch", "numpy"} else gain**2
    assert any(abs(n - wanted) < 1e-15 * 4 for n in numbers)


# --- each library draws -----------------------------------------------------------------------------------------------


def with_pytorch(text: str) -> np.ndarray:
    torch = pytest.importorskip("torch")
    torch.manual_seed(5)
    weight = torch.nn.Linear(FAN_IN, FAN_OUT).weight
    run(text, {"weight": weight})
    return weight.detach().numpy().T


def with_jax(text: str) -> np.ndarray:
    jax = pytest.importorskip("jax")
    given = {"key": jax.random.key(5), "fan_in": FAN_IN, "fan_out": FAN_OUT}
    return np.asarray(run(text, given)["weight"])


def with_keras(text: str) -> np.ndarray:
    """Keras takes the backend that the environment names, and one of those that are there if it names none."""
    if importlib.util.find_spec("keras") is None:
        pytest.skip("keras is not installed")
    there = [b for b in ("jax", "torch", "tensorflow") if importlib.util.find_spec(b) is not None]
    if not there:
        pytest.skip("keras has no backend here")
    os.environ.setdefault("KERAS_BACKEND", there[0])
    importlib.import_module("keras").utils.set_random_seed(5)
    return np.asarray(run(text, {})["initializer"](shape=(FAN_IN, FAN_OUT)))


def with_numpy(text: str) -> np.ndarray:
    return run(text, {"fan_in": FAN_IN, "fan_out": FAN_OUT})["weight"].T


DRAWN: dict[str, Callable[[str], np.ndarray]] = {
    "pytorch": with_pytorch,
    "jax": with_jax,
    "keras": with_keras,
    "numpy": with_numpy,
}
FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "gelu": lambda z: z * special.ndtr(z),
    "relu": lambda z: np.maximum(z, 0),
    "z*sigmoid(z)": lambda z: z * special.expit(z),
}
FASTER = pytest.param("numpy")
SLOWER = [pytest.param(library, marks=pytest.mark.slow) for library in ("pytorch", "jax", "keras")]


@cache
def drawn(name: str, library: str) -> np.ndarray:
    """The weights that a library's lines draw, as (fan_in, fan_out)."""
    return DRAWN[library](snippet(name, library))


def kept(name: str, weight: np.ndarray) -> float:
    """E z^2 behind a layer whose inputs are f(z), z ~ N(0, 1): the gain at work, relative to the 1 that it keeps."""
    z = np.random.default_rng(3).normal(size=(INPUTS, FAN_IN))
    return float(np.mean(np.square(FUNCTIONS[name](z) @ weight.astype(np.float64))))


def near(moment: float) -> bool:
    """Given the inputs, the 300 outputs are independent and normal, each with a mean square over 400 inputs.

    If all inputs were the same that would be 300 squares, whose mean has the deviation sqrt(2/300), 8 per cent; with
    different ones it is smaller. The inputs' own mean square, of 160,000 draws, adds 1 per cent. 5 deviations, 6e-7.
    """
    return abs(moment - 1) < 5 * (2 / FAN_OUT) ** 0.5


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("library", [FASTER, *SLOWER])
@pytest.mark.parametrize("name", NAMES)
def test_the_lines_draw_that_variance_of_a_normal_law_that_is_not_cut(name: str, library: str) -> None:
    weight = drawn(name, library)
    assert weight.shape == (FAN_IN, FAN_OUT)
    assert close(weight, variance(name))
    assert not close(weight, 1.1 * variance(name))
    assert abs(float(weight.mean())) < 6 * (variance(name) / weight.size) ** 0.5
    # none of 120,000 draws beyond 3.5 standard deviations has a probability of e^-56; a law cut at 2 has none
    assert float(np.abs(weight).max()) > 3.5 * variance(name) ** 0.5


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("library", [FASTER, *SLOWER])
@pytest.mark.parametrize("name", NAMES)
def test_a_layer_of_these_weights_keeps_the_second_moment(name: str, library: str) -> None:
    weight = drawn(name, library)
    assert near(kept(name, weight))
    assert not near(kept(name, 1.5 * weight)), "a gain of half as much again is noticed"
    assert not near(kept(name, weight / 1.5))
