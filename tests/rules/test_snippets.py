"""The lines to paste: they are Python, and where the library is installed they draw weights of the right variance."""

from __future__ import annotations

import ast
import importlib
from typing import Any

import numpy as np
import pytest

import derive

NAMES = ("gelu", "relu", "z*sigmoid(z)")
FAN_IN, FAN_OUT = 400, 300


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


@pytest.mark.parametrize("name", NAMES)
def test_the_lines_for_numpy_draw_that_variance(name: str) -> None:
    weight = run(snippet(name, "numpy"), {"fan_in": FAN_IN, "fan_out": FAN_OUT})["weight"]
    assert weight.shape == (FAN_OUT, FAN_IN)
    assert close(weight, variance(name))
    assert not close(weight, 1.1 * variance(name))


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", NAMES)
def test_the_lines_for_pytorch_draw_that_variance(name: str) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(5)
    weight = torch.nn.Linear(FAN_IN, FAN_OUT).weight
    run(snippet(name, "pytorch"), {"weight": weight})
    assert close(weight.detach().numpy(), variance(name))


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", NAMES)
def test_the_lines_for_jax_draw_that_variance(name: str) -> None:
    jax = pytest.importorskip("jax")
    given = {"key": jax.random.key(5), "fan_in": FAN_IN, "fan_out": FAN_OUT}
    weight = np.asarray(run(snippet(name, "jax"), given)["weight"])
    assert weight.shape == (FAN_IN, FAN_OUT)
    assert close(weight, variance(name))


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", NAMES)
def test_the_lines_for_keras_draw_that_variance(name: str) -> None:
    pytest.importorskip("keras")
    importlib.import_module("keras").utils.set_random_seed(5)
    weight = run(snippet(name, "keras"), {})["initializer"](shape=(FAN_IN, FAN_OUT))
    assert close(np.asarray(weight), variance(name))
