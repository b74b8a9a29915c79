"""Functions of whole sums: exact where they are piecewise rational, enclosed where they are not."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.referee.algebra import Ball, Exact
from derive.referee.evaluate import value
from derive.referee.functions import apply
from derive.referee.model import Table, model, table
from tests.referee.texts import confirmed, problem, refuted

LAYER = ("W[j] iid for j in 1..n", "a[j] iid for j in 1..n", "W independent of a")
SYMMETRIC = (*LAYER, "W symmetric")
Z = "sum(W[j]*a[j], j in 1..n)"
DEEP = (
    "V[i] iid for i in 1..m", "W[i,j] iid for i in 1..m, j in 1..n", "x[j] iid for j in 1..n", "V, W, x independent",
    "V symmetric", "W symmetric",
)  # fmt: skip
DEEPER = "sum(V[i]*relu(sum(W[i,j]*x[j], j in 1..n)), i in 1..m)"
PLAIN = {
    "relu": lambda x: max(x, 0), "abs": abs, "sign": lambda x: (x > 0) - (x < 0), "step": lambda x: int(x > 0),
    "relu6": lambda x: min(max(x, 0), 6), "hard_tanh": lambda x: min(max(x, -1), 1),
}  # fmt: skip


@st.composite
def laws(draw: st.DrawFn) -> Table:
    values = draw(st.lists(st.fractions(-2, 2, max_denominator=2), min_size=1, max_size=3, unique=True))
    return table([((x,), Fraction(1, len(values))) for x in values])


@pytest.mark.parametrize("function", PLAIN)
@given(laws(), laws(), st.integers(1, 2))
@settings(max_examples=15, deadline=None)
def test_a_function_of_a_sum_has_the_mean_of_naive_enumeration(function: str, w: Table, a: Table, n: int) -> None:
    of = problem(LAYER, f"E({function}({Z})^2) = E({function}({Z}))")
    there = model({"n": n}, {}, {"W": w, "a": a})
    first, second = Fraction(0), Fraction(0)
    for outcome in product(w.law().items(), a.law().items(), repeat=n):
        p, z = Fraction(1), Fraction(0)
        for (x, q), (y, r) in zip(outcome[::2], outcome[1::2], strict=True):
            p, z = p * q * r, z + x[0] * y[0]
        f = PLAIN[function](z)
        first, second = first + p * f, second + p * f * f
    assert value(of, there, of.steps[0].left, {}) == second  # type: ignore[arg-type]
    assert value(of, there, of.steps[0].right, {}) == first  # type: ignore[arg-type]


TRUE: dict[str, tuple[tuple[str, ...], str]] = {
    "relu": (SYMMETRIC, f"E(relu({Z})^2) = E({Z}^2)/2"),
    "relu, weights symmetric, inputs dependent": (
        ("W[j] iid for j in 1..n", "a[j] exchangeable for j in 1..n", "W independent of a", "W symmetric"),
        f"E(relu({Z})^2) = n*Var(W)*E(a^2)/2"),
    "odd": (SYMMETRIC, f"E(sign({Z})) = 0"),
    "abs": (SYMMETRIC, f"E(relu({Z})) = E(abs({Z}))/2"),
    "two layers": (DEEP, f"Var({DEEPER}) = m*n*Var(V)*Var(W)*E(x^2)/2"),
    "two layers, symmetric": (DEEP, f"E({DEEPER}^3) = 0"),
    "tanh is odd": (SYMMETRIC, f"E(tanh({Z})) = 0"),
    "tanh is bounded": (LAYER, f"E(tanh({Z})^2) <= 1"),
    "sigmoid": (SYMMETRIC, f"E(sigmoid({Z})) = 1/2"),
}  # fmt: skip

FALSE: dict[str, tuple[tuple[str, ...], str]] = {
    "relu needs symmetry": ((*LAYER, "E(W) = 0"), f"E(relu({Z})^2) = E({Z}^2)/2"),
    "relu, the variance": (SYMMETRIC, f"Var(relu({Z})) = Var({Z})/2"),
    "two layers, not a quarter": (DEEP, f"Var({DEEPER}) = m*n*Var(V)*Var(W)*E(x^2)/4"),
    "tanh": (LAYER, f"E(tanh({Z})) = 0"),
    "tanh is not the identity": (SYMMETRIC, f"E(tanh({Z})^2) = E({Z}^2)"),
    "gelu is not relu": (SYMMETRIC, f"E(gelu({Z})^2) = E(relu({Z})^2)"),
    "softplus": (SYMMETRIC, f"E(softplus({Z})) = E(relu({Z}))"),
    "elu": (SYMMETRIC, f"E(elu({Z})) = 0"),
    "a bound": (LAYER, f"E(sigmoid({Z})) <= 1/2"),
}  # fmt: skip


@pytest.mark.parametrize(("givens", "claim"), TRUE.values(), ids=TRUE.keys())
def test_a_true_claim_about_functions_of_sums_holds(givens: tuple[str, ...], claim: str) -> None:
    confirmed(givens, claim, enclosed="tanh" in claim or "sigmoid" in claim)


@pytest.mark.parametrize(("givens", "claim"), FALSE.values(), ids=FALSE.keys())
def test_a_false_claim_about_functions_of_sums_is_refuted(givens: tuple[str, ...], claim: str) -> None:
    refuted(givens, claim)


@pytest.mark.parametrize(
    ("function", "x", "low", "high"),
    [
        ("sigmoid", 1, "0.731058578", "0.731058579"),
        ("softplus", 1, "1.313261687", "1.313261688"),
        ("gelu", 1, "0.841344746", "0.841344747"),
        ("silu", -1, "-0.268941422", "-0.268941421"),
        ("mish", 1, "0.865098388", "0.865098389"),
        ("elu", -1, "-0.632120559", "-0.632120558"),
    ],
)
def test_enclosures_contain_the_known_values(function: str, x: Exact, low: str, high: str) -> None:
    found = apply(function, [x])
    assert isinstance(found, Ball)
    a, b = found.bounds()
    assert Fraction(low) < a <= b < Fraction(high)


def test_a_refutation_by_enclosures_shows_both_ends() -> None:
    found = refuted(("X random",), "E(tanh(X)) = E(X)")
    assert isinstance(found.left, tuple)
    assert found.left[0] < found.left[1]
