"""Three routes to one number, compared in pairs: proven enclosure, quadrature, simulation.

Quadrature and simulation use ``montecarlo``'s own functions in double precision, and share no code with the enclosures.

Quadrature: 32 Gauss-Legendre nodes on panels of a quarter of a standard deviation within 9 of them, 0 being an end. For
analytic integrands its error is far below rounding; what is cut off is below 1e-16, and 72 panels are added with less
than 1e-12 of rounding relative to E |g|.

Simulation: the mean of N independent g(z) is off by more than 6 standard errors, known from the enclosure of E g^2,
with probability 2e-9 (normal tails; N is 200,000 and the kurtosis of g is moderate at q <= 4); 84 comparisons.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import sqrt

import numpy as np
import pytest

from derive.gaussian import enclosure, read
from montecarlo.activations import ACTIVATIONS

QS = [Fraction(1, 4), Fraction(1), Fraction(4)]
DRAWS = 200_000
MOMENTS = [("f^2", "f^4"), ("df^2", "df^4")]
Function = Callable[[np.ndarray], np.ndarray]


def double(name: str, of: str) -> Function:
    f = ACTIVATIONS[name]
    return f.function if of == "f^2" else f.derivative


def quadrature(f: Function, q: Fraction) -> float:
    nodes, weights = np.polynomial.legendre.leggauss(32)
    deviation = sqrt(q)
    starts = np.arange(-36, 36) * deviation / 4
    z = starts[:, None] + (nodes + 1) * deviation / 8
    density = np.exp(-(z**2) / (2 * float(q))) / sqrt(2 * np.pi * float(q))
    return float(np.sum(f(z) ** 2 * density * weights * deviation / 8))


def simulated(f: Function, q: Fraction, seed: int) -> float:
    z = np.random.default_rng(seed).normal(0, sqrt(q), DRAWS)
    return float(np.mean(f(z) ** 2))


def close(value: float, route: str, of_square: float, truth: float) -> bool:
    most = 1e-12 * max(1, truth) if route == "quadrature" else 6 * sqrt(max(of_square - truth**2, 0) / DRAWS) + 1e-9
    return abs(value - truth) <= most


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize(("of", "fourth"), MOMENTS)
def test_enclosure_quadrature_and_simulation_agree(name: str, of: str, fourth: str) -> None:
    f = read(name)
    for k, q in enumerate(QS):
        truth, square = (float(enclosure(f, m, q, digits=15).mid()) for m in (of, fourth))
        assert close(quadrature(double(name, of), q), "quadrature", square, truth)
        assert close(simulated(double(name, of), q, 20 + k), "simulation", square, truth)


@pytest.mark.parametrize(
    ("name", "other"), [("gelu", "silu"), ("elu", "selu"), ("relu", "leaky_relu"), ("tanh", "erf")]
)
def test_another_function_is_told_apart(name: str, other: str) -> None:
    """The twin: quadrature tells every pair apart, simulation those that differ by a percent."""
    truth, square = (float(enclosure(read(name), m, 1, digits=15).mid()) for m in ("f^2", "f^4"))
    assert not close(quadrature(double(other, "f^2"), Fraction(1)), "quadrature", square, truth)
    assert close(simulated(double(other, "f^2"), Fraction(1), 1), "simulation", square, truth) == (
        other == "leaky_relu"
    )
