"""Four routes to one number for every entry of the catalog: closed form, proven enclosure, quadrature, simulation.

Quadrature and simulation use ``montecarlo``'s own functions in double precision, and share no code with the enclosures.

Closed form: it meets the enclosure, which is good to 15 digits; over 1e-4 <= q <= 1e4 ``test_closed_forms`` does this.

Quadrature: 32 Gauss-Legendre nodes on panels of a quarter of a standard deviation within 16 of them; kinks (0, 1/2, 1,
3, 6) are ends of panels at each q here. For analytic integrands the error is far below rounding: the fastest of them,
sin(30 z)^2 at q = 4, turns by 30 in a panel, which leaves J_64(15) < 1e-22. What is cut off is below e^-60, for
exp(2 z), whose weight is centred 4 deviations away, too. 128 panels are added with rounding below 1e-12 of E |g|.

Simulation: the median of K = 160 means of N/K independent values each. By Lugosi and Mendelson 2019, theorem 2, it is
off by more than sigma sqrt(32 log(1/delta)/N) with probability at most delta = exp(-K/8) = 2e-9, for every g whose
variance is finite, E f^4 for g = f^2; no normal approximation is made. The variance comes from the enclosure. About
300 comparisons: a false alarm has probability below 1e-6.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import sqrt

import numpy as np
import pytest

from derive.gaussian import closed_form, enclosure, names, read
from derive.gaussian.moments import agrees
from montecarlo.activations import ACTIVATIONS, FURTHER
from montecarlo.pointwise import OTHERS

QS = [Fraction(1, 4), Fraction(1), Fraction(4)]
BLOCKS = 160
DRAWS = 2_000 * BLOCKS
MOMENTS = {"f": "f^2", "f^2": "f^4", "df^2": "df^4"}
Function = Callable[[np.ndarray], np.ndarray]
PAIRS = {a.name: (a.function, a.derivative) for a in (*ACTIVATIONS.values(), *FURTHER.values())}
PAIRS |= {name: (function, slope) for name, function, slope in OTHERS}


def double(name: str, of: str) -> Function | None:
    """The integrand in double precision; None where f has no weak derivative."""
    function, slope = PAIRS[name]
    if of == "f":
        return function
    if of == "f^2":
        return lambda z: function(z) ** 2
    return None if slope is None else lambda z: slope(z) ** 2


def quadrature(g: Function, q: Fraction) -> tuple[float, float]:
    """E g and E |g|."""
    nodes, weights = np.polynomial.legendre.leggauss(32)
    deviation = sqrt(q)
    starts = np.arange(-64, 64) * deviation / 4
    z = starts[:, None] + (nodes + 1) * deviation / 8
    density = np.exp(-(z**2) / (2 * float(q))) / sqrt(2 * np.pi * float(q))
    terms = g(z) * density * weights * deviation / 8
    return float(np.sum(terms)), float(np.sum(np.abs(terms)))


@lru_cache(maxsize=8)
def draws(q: Fraction) -> np.ndarray:
    return np.random.default_rng(int(4 * q)).normal(0, sqrt(q), (BLOCKS, DRAWS // BLOCKS))


def simulated(g: Function, q: Fraction) -> float:
    return float(np.median(np.mean(g(draws(q)), axis=1)))


def by_quadrature(g: Function, q: Fraction, truth: float) -> bool:
    value, size = quadrature(g, q)
    return abs(value - truth) <= 1e-12 * size


def by_simulation(g: Function, q: Fraction, truth: float, of_square: float) -> bool:
    sigma = sqrt(max(of_square - truth**2, 0))
    rounding = 1e-14 * sqrt(of_square)
    return abs(simulated(g, q) - truth) <= sigma * sqrt(4 * BLOCKS / DRAWS) + rounding


def test_montecarlo_has_its_own_function_for_every_entry() -> None:
    assert set(PAIRS) == set(names())


@pytest.mark.parametrize("name", names())
def test_montecarlo_and_the_catalog_mean_the_same_function(name: str) -> None:
    f, points = read(name), np.array([k / 8 + 1 / 64 for k in range(-64, 64)])
    for of, exact in (("f", f.value), ("df", f.slope_value)):
        own = PAIRS[name][0 if of == "f" else 1]
        values = np.array([float(exact(Fraction(float(z)), digits=20).mid()) for z in points])
        if own is not None:
            assert np.abs(own(points) - values).max() <= 1e-12 * (1 + np.abs(values).max())
    if f.breaks.jumps:
        assert PAIRS[name][1] is None


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("of", MOMENTS)
def test_closed_form_enclosure_quadrature_and_simulation_agree(name: str, of: str) -> None:
    f, g = read(name), double(name, of)
    if g is None:
        return
    for q in QS:
        ball, square = (enclosure(f, m, q, digits=15) for m in (of, MOMENTS[of]))
        exact = closed_form(f, of, q)
        assert exact is None or agrees(exact, ball)
        assert by_quadrature(g, q, float(ball.mid()))
        assert by_simulation(g, q, float(ball.mid()), float(square.mid()))


@pytest.mark.parametrize(
    ("name", "other"),
    [("gelu", "silu"), ("elu", "selu"), ("relu", "leaky_relu"), ("tanh", "erf"), ("gelu", "gelu_tanh")],
)
def test_another_function_is_told_apart(name: str, other: str) -> None:
    """The twin: quadrature tells every pair apart, simulation those that differ by a tenth."""
    truth, square = (float(enclosure(read(name), m, 1, digits=15).mid()) for m in ("f^2", "f^4"))
    g = double(other, "f^2")
    assert g is not None
    assert not by_quadrature(g, Fraction(1), truth)
    assert by_simulation(g, Fraction(1), truth, square) == (other in {"leaky_relu", "gelu_tanh"})
