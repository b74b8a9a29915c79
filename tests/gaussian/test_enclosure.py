"""Enclosures contain the truth, are narrow, and say where they end."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import erf, exp, log, log1p, pi, sqrt, tanh
from time import process_time

import flint
import pytest
from flint import acb, arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from derive.gaussian import NotCertified, expectation, read, second_moment
from derive.gaussian.functions import KINKS, SMOOTH
from derive.gaussian.growth import growth
from derive.gaussian.programs import compiled, on_reals
from derive.language import catalog
from derive.language.catalog import in_variable
from derive.language.parser import parse_term
from derive.language.terms import Name, Term

# Under N(0, 1), thirty digits or as many as are known: computed with 30-digit quadrature outside the project.
PUBLISHED = {
    "tanh(y)^2": ".394294490397841174416459772444",
    "silu(y)^2": ".355775519817352156230794292334",
    "gelu(y)^2": ".425221482570298674918554416385",
    "mish(y)^2": ".452342192375882770682040036796",
    "softplus(y)^2": ".921245908859300278677248686821",
    "relu(y)": ".398942280401",
    "relu(y)^4": "1.5",
    "leaky_relu(y, 0.01)": ".394952857597",
    "leaky_relu(y, 0.01)^2": ".50005",
    "elu(y)": ".160520572267",
    "elu(y)^2": ".64494541749",
    "selu(y)^2": "1.0000000000000000000000000000",
    "gelu(y)": ".282094791774",
    "silu(y)": ".206620964142",
    "mish(y)": ".240403888375",
    "erf(y)^2": ".46455905440",
    "(1-tanh(y)^2)^2": ".4644029024",
}


def in_z(text: str) -> Term:
    return in_variable(parse_term(text), Name("y"))


def encloses(ball: arb, truth: Fraction) -> bool:
    """Whether a rational number lies in the ball; it is rounded far below the ball's radius."""
    with flint.ctx.workprec(500):
        return bool(ball.contains(arb(fmpq(truth.numerator, truth.denominator))))


@pytest.mark.parametrize(("text", "digits"), PUBLISHED.items())
def test_published_digits_are_met(text: str, digits: str) -> None:
    ball = expectation(parse_term(text), "Normal", (0, 1))
    places = len(digits.split(".")[1])
    with flint.ctx.workprec(200):
        assert abs(ball - arb(digits)) < arb(10) ** -places
        assert ball.rad() < arb(10) ** -30


def test_the_truncated_normal_law_at_two_standard_deviations_has_its_published_variance() -> None:
    ball = expectation(parse_term("y^2"), "TruncatedNormal", (0, 1, -2, 2))
    with flint.ctx.workprec(200):
        assert abs(ball - arb(".77374130353")) < arb(10) ** -10
        assert abs(ball.sqrt() - arb(".879625661034239750")) < arb(10) ** -17


ACTIVATIONS = "tanh erf sin cos atan sigmoid softplus softsign gelu silu mish elu selu relu relu6 hard_tanh abs".split()


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("q", [Fraction(1, 10**6), Fraction(1, 100), Fraction(1), Fraction(100), Fraction(10**4)])
def test_second_moments_keep_twenty_digits_from_tiny_to_huge_variances(name: str, q: Fraction) -> None:
    ball = expectation(parse_term(f"{name}(y)^2"), "Normal", (0, q))
    assert ball.rel_accuracy_bits() >= 67
    finer = expectation(parse_term(f"{name}(y)^2"), "Normal", (0, q), digits=45)
    assert ball.overlaps(finer)
    assert finer.rad() < ball.rad()


FLOATS: dict[str, Callable[[float], float]] = {
    "tanh": tanh,
    "erf": erf,
    "sigmoid": lambda x: 1 / (1 + exp(-x)),
    "softplus": lambda x: log1p(exp(x)),
    "gelu": lambda x: x * (1 + erf(x / sqrt(2))) / 2,
    "silu": lambda x: x / (1 + exp(-x)),
    "mish": lambda x: x * tanh(log1p(exp(x))),
    "elu": lambda x: x if x > 0 else exp(x) - 1,
    "relu6": lambda x: min(max(x, 0), 6),
    "hard_tanh": lambda x: max(-1, min(x, 1)),
    "softsign": lambda x: x / (1 + abs(x)),
    "exp": exp,
}


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("mean", [0, 1])
def test_ordinary_quadrature_agrees(name: str, mean: int) -> None:
    """A sanity check with another integrator and other code for the functions; 1e-7 is what it promises."""
    f = FLOATS[name]

    def integrand(z: float) -> float:
        return f(mean + 1.5 * z) * exp(-z * z / 2) / sqrt(2 * pi)

    cuts = sorted({(k - mean) / 1.5 for k in (-1, 0, 1, 6)})
    (number, _) = quad(integrand, -9, 9, points=cuts, limit=200)
    ball = expectation(parse_term(f"{name}(y)"), "Normal", (mean, Fraction(9, 4)))
    assert abs(float(ball.mid()) - number) < 1e-7


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 6),
    st.fractions(-3, 3, max_denominator=8),
    st.fractions(Fraction(1, 100), 50, max_denominator=100),
)
def test_polynomial_moments_are_enclosed(p: int, mean: Fraction, variance: Fraction) -> None:
    """E y^p = m E y^(p-1) + (p-1) v E y^(p-2), exactly."""
    moments = [Fraction(1), mean]
    for k in range(2, p + 1):
        moments.append(mean * moments[k - 1] + (k - 1) * variance * moments[k - 2])
    truth = moments[p]
    ball = expectation(parse_term(f"y^{p} + 0*y"), "Normal", (mean, variance))
    assert encloses(ball, truth)


@pytest.mark.parametrize("text", ["relu(y - 1)", "max(y, 1) - 1", "abs(y - 1)/2 + y/2 - 1/2", "-min(1 - y, 0)"])
def test_kinks_away_from_zero_are_found_however_they_are_written(text: str) -> None:
    ball = expectation(parse_term(text), "Normal", (0, 1))
    truth = expectation(parse_term("relu(y - 1)"), "Normal", (0, 1))
    assert ball.overlaps(truth)
    assert ball.rad() < arb(10) ** -29


def test_a_kink_that_is_not_found_costs_time_and_not_truth() -> None:
    ball = expectation(parse_term("abs(tanh(y))"), "Normal", (0, 1), digits=12)
    assert ball.overlaps(expectation(parse_term("tanh(y)*sign(y)"), "Normal", (0, 1)))
    assert ball.rad() < arb(10) ** -12


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("exp(y^2)", "does not exist"),
        ("1/y", "quotient"),
        ("log(y)", "growth bound"),
        ("log(-1) + y", "not defined"),
        ("y^(1/3)", "converge"),
        ("tanh(y)^y", "growth bound"),
        ("(y^64)^5", "too large"),
    ],
)
def test_what_has_no_growth_bound_is_not_certified_and_says_so(text: str, word: str) -> None:
    with pytest.raises(NotCertified, match=word):
        expectation(parse_term(text), "Normal", (0, 1))


def test_what_has_no_integral_is_not_certified() -> None:
    with pytest.raises(NotCertified):
        expectation(parse_term("1/y"), "Uniform", (-1, 1))
    for text in ("sqrt(y)", "log(y)", "asin(2*y)"):  # complex functions would be integrated without a murmur
        with pytest.raises(NotCertified):
            expectation(parse_term(text), "Uniform", (-1, 1), digits=5)
    with pytest.raises(NotCertified, match="no law"):
        expectation(parse_term("y"), "Normal", (0, 0))


def test_the_integrator_is_told_where_an_integrand_is_not_holomorphic() -> None:
    """Without the flag the square root of a square is integrated wrongly and silently. E |Y - 1/3| = 41/54."""
    inside = parse_term("sqrt((y - 1/3)^2)")
    assert encloses(expectation(inside, "Uniform", (-1, 2), digits=8), Fraction(41, 54))
    f = compiled(in_z("sqrt((y - 1/3)^2)"))
    careless = acb.integral(lambda y, _: f(y, False), acb(-1), acb(2)).real / 3
    assert not encloses(careless, Fraction(41, 54))


GROWING = ["tanh(y)", "y^3 - 2*y", "softplus(y)*y", "selu(y)^2", "exp(y/2)*gelu(y)", "exp(-y^2)*y", "max(y^2, 3*y)"]
GROWING += ["leaky_relu(y, -2)", "elu(y) - mish(y)", "relu6(y)*atan(y)", "exp(2*tanh(y) - 1)", "min(silu(y), 1)"]


@pytest.mark.parametrize("text", GROWING)
def test_growth_bounds_bound(text: str) -> None:
    term = in_z(text)
    for side in (-1, 1):
        bound = growth(term, side)
        c, b, s = (arb(fmpq(x.numerator, x.denominator)) for x in (bound.c, bound.b, bound.s))
        for k in range(61):
            t = arb(fmpq(k, 3))
            size = abs(compiled(term)(acb(side * t), False).real)
            assert not bool(size > c * (1 + t) ** bound.d * (b * t + s * t * t).exp())


@pytest.mark.parametrize("name", sorted({*KINKS, *SMOOTH, *catalog.names()} - {"log", "sqrt", "asin"}))
def test_wide_balls_enclose_the_values_inside(name: str) -> None:
    for low, high in [(-3, 2), (-1, 1), (0, 7), (-700, -600), (600, 700)]:
        middle, radius = fmpq(low + high, 2), fmpq(high - low, 2)
        wide = on_reals(name, arb(middle, radius))
        for k in range(9):
            inside = on_reals(name, arb(fmpq(low) + fmpq(k, 8) * (high - low)))
            assert not wide.is_finite() or wide.overlaps(inside)


@pytest.mark.parametrize("name", sorted(SMOOTH))
def test_the_analytic_continuation_is_one_function(name: str) -> None:
    """Where a function says it is holomorphic on a ball, its two forms agree with the one at a neighbour's middle."""
    with flint.ctx.workprec(100):
        for k in range(-8, 9):
            left, right = acb(arb(fmpq(k, 16)) - arb("1e-20"), 0.5), acb(arb(fmpq(k, 16)) + arb("1e-20"), 0.5)
            a, b = SMOOTH[name](left, True), SMOOTH[name](right, True)
            assert not (a.is_finite() and b.is_finite()) or abs(a - b) < arb("1e-15")


LONG = """1/(1+((((10^60*step(z))^60)^60)^60)^60) | (((10^60*step(z))^60)^60)^60*z | relu(z-((9^64)^64)^64)
z*((3^60)^60)^60 | sqrt(1+(((7^64)^64)^64)^64*step(z-1/3)) | exp(-((9^64)^64)^64*z^2)""".replace("\n", " | ").split(
    " | "
)


@pytest.mark.parametrize("text", LONG)
def test_numbers_too_long_to_write_down_end_the_computation(text: str) -> None:
    """They have tens of millions of digits; written out they would take gigabytes and hours."""
    before = process_time()
    found = second_moment(read(text), 1)
    assert found.status in {"certified", "not certified"}
    assert process_time() - before < 5


def test_a_logarithm_of_such_a_number_has_its_value() -> None:
    found = second_moment(read("log(1+((((10^60*abs(sign(z)))^60)^60)^60)^60)"), 1)
    assert float(found.value) == pytest.approx((60**5 * log(10)) ** 2, rel=1e-12)
