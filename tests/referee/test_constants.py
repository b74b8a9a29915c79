"""Families of constants and recurrences: what is free gets a value, what follows is computed."""

from __future__ import annotations

import pytest

from derive.referee import holds, random_models, search
from tests.referee.texts import confirmed, everything, problem, refuted

GROWTH = ("n positive", "s positive", "v[l] = n*s*v[l-1] for l in 1..L")
WIDTHS = ("n[l] positive for l in 1..L", "s[l] positive for l in 1..L")
LAYERS = (*WIDTHS, "v[l] = n[l]*s[l]*v[l-1] for l in 1..L")
FIBONACCI = ("v[l] = v[l-1] + v[l-2] for l in 1..L",)
MOMENTS = ("a[j] iid for j in 1..n", "v[l] = n*Var(a)*v[l-1] for l in 1..L")

TRUE: dict[str, tuple[tuple[str, ...], str]] = {
    "depth": (GROWTH, "v[L] = (n*s)^L*v[0]"),
    "one step": (GROWTH, "v[L] = n*s*v[L-1]"),
    "every step": (("k real", "v[l] = k*v[l-1] for l in 1..L", "s[l] real for l in 1..L", "s[l] = v[l] for l in 1..L"),
        "s[L] = k*v[L-1]"),
    "widths": (LAYERS, "v[L] = prod(n[l]*s[l], l in 1..L)*v[0]"),
    "critical": ((*LAYERS, "n[l]*s[l] = 1 for l in 1..L"), "v[L] = v[0]"),
    "critical up to a factor": ((*LAYERS, "n[l]*s[l] = 3 for l in 1..L"), "v[L] = 3^L*v[0]"),
    "products": (GROWTH, "prod(v[l], l in 1..L) = v[0]^L*(n*s)^(L*(L+1)/2)"),
    "sums": (GROWTH, "(n*s - 1)*sum(v[l], l in 1..L) = n*s*(v[L] - v[0])"),
    "second order": (FIBONACCI, "v[L] = v[L-1] + v[L-2]"),
    "second order, invariant": (FIBONACCI,
        "v[L]^2 - v[L]*v[L-1] - v[L-1]^2 = (-1)^L*(v[0]^2 - v[0]*v[-1] - v[-1]^2)"),
    "two recurrences": (("k real", "v[l] = k*u[l-1] for l in 1..L", "u[l] = k*v[l-1] for l in 1..L", "u[0] = v[0]"),
        "v[L] = k^L*v[0]"),
    "one reads the other at once": (("v[l] = 2*u[l] for l in 1..L", "u[l] = 3*u[l-1] for l in 1..L"),
        "v[L] = 2*3^L*u[0]"),
    "moments": (MOMENTS, "v[L] = (n*Var(a))^L*v[0]"),
    "with an inequality": ((*GROWTH, "n*s <= 1", "v[0] >= 0"), "v[L] <= v[0]"),
}  # fmt: skip

FALSE: dict[str, tuple[tuple[str, ...], str]] = {
    "depth": (GROWTH, "v[L] = (n*s)^(L+1)*v[0]"),
    "depth, one less": (GROWTH, "v[L] = (n*s)^(L-1)*v[0]"),
    "depth times": (GROWTH, "v[L] = L*n*s*v[0]"),
    "the first factor only": (LAYERS, "v[L] = (n[1]*s[1])^L*v[0]"),
    "critical is needed": (LAYERS, "v[L] = v[0]"),
    "critical up to a factor": ((*LAYERS, "n[l]*s[l] = 7 for l in 1..L"), "v[L] = 7*v[0]"),
    "all widths equal": ((*WIDTHS, "n[l]*s[l] = 1 for l in 1..L"), "n[L] = n[1]"),
    "an entry beyond the range is free": (WIDTHS, "s[0] = s[1]"),
    "and above": (WIDTHS, "s[L+1] = s[L]"),
    "second order": (FIBONACCI, "v[L] = 2*v[L-1]"),
    "moments": (MOMENTS, "v[L] = n*Var(a)^L*v[0]"),
    "a linear condition": (("c real", "d real", "3*c + 5*d = 7"), "c = d"),
    "decay needs a condition": (GROWTH, "v[L]^2 <= v[0]^2"),
    "a moment of each entry": (
        ("X[j] independent for j in 1..n", "s[j] positive for j in 1..n", "Var(X[j]) = s[j]^2 for j in 1..n"),
        "Var(sum(X[j], j in 1..n)) = n*s[1]^2"),
}  # fmt: skip


@pytest.mark.parametrize(("givens", "claim"), TRUE.values(), ids=TRUE.keys())
def test_a_true_claim_about_constants_holds_in_every_model(givens: tuple[str, ...], claim: str) -> None:
    confirmed(givens, claim)


@pytest.mark.parametrize(("givens", "claim"), FALSE.values(), ids=FALSE.keys())
def test_a_false_claim_about_constants_is_refuted(givens: tuple[str, ...], claim: str) -> None:
    refuted(givens, claim)


def test_the_counterexample_to_a_wrong_exponent_has_one_layer_and_prints_its_constants() -> None:
    found = refuted(GROWTH, "v[L] = (n*s)^(L+1)*v[0]")
    assert found.sizes == {"L": 1}
    assert list(found.constants) == ["n", "s", "v[0]", "v[1]"]
    assert found.constants["v[0]"] == "1"


def test_random_models_follow_recurrences_to_depth_three() -> None:
    stated = problem(GROWTH, "v[L] = v[0]")
    drawn = random_models(stated, everything(stated), seed=2, count=20)
    assert {of.sizes["L"] for of in drawn} == {1, 2, 3}
    for of in drawn:
        factor = of.constants["n", ()] * of.constants["s", ()]
        assert all(of.constants["v", (k,)] == factor**k * of.constants["v", (0,)] for k in range(1, of.sizes["L"] + 1))


def test_a_limit_has_no_value_in_a_finite_model() -> None:
    stated = problem(("q positive", "q < 1", "v[l] = q*v[l-1] for l in 1..L"), "limit(q^L, L) = 1")
    drawn = random_models(stated, everything(stated), seed=1, count=3)
    assert search(stated, stated.steps[0], everything(stated)) is None
    assert {holds(stated, of, stated.steps[0]) for of in drawn} == {None}
