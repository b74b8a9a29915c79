"""Counterexamples: the smallest where a reader will see it, one at all for a false claim, none for a true one."""

from __future__ import annotations

import pytest

from derive.language.parser import parse_theorem
from derive.language.scope import resolve
from derive.referee import find_model, holds, meets, random_models, search
from tests.referee.texts import LAYER, Claims, Z, everything, problem

CENTRED = (*LAYER, "W independent of a", "E(W) = 0")
PAIRWISE = ("X independent of Y", "X independent of Z", "Y independent of Z")
DEEP = (
    "W[i,j] iid for i in 1..m, j in 1..n", "V[i] iid for i in 1..m", "x[j] iid for j in 1..n", "W, V, x independent",
    "E(W) = 0", "E(V) = 0",
)  # fmt: skip
DEEPER = "sum(V[i]*sum(W[i,j]*x[j], j in 1..n), i in 1..m)"
IID4 = "n*E(W^4) + 3*n*(n-1)*E(W^2)^2 + 4*n*(n-1)*E(W^3)*E(W) + 6*n*(n-1)*(n-2)*E(W^2)*E(W)^2"
RELU = ("W[i,j] iid for i in 1..m, j in 1..n", "y[j] iid for j in 1..n", "W independent of y", "E(W) = 0")
ZRELU = "sum(W[1,j]*relu(y[j]), j in 1..n)"

FALSE: dict[str, tuple[tuple[str, ...], str]] = {
    "independence forgotten": ((*LAYER, "E(W) = 0", "E(a) = 0"), f"Var({Z}) = n*Var(W)*Var(a)"),
    "zero mean forgotten": ((*LAYER, "W independent of a"), f"Var({Z}) = n*Var(W)*E(a^2)"),
    "symmetry forgotten": (CENTRED, f"E({Z}^3) = 0"),
    "kurtosis of the activations forgotten": ((*CENTRED, "E(W^4) = 3*Var(W)^2"), f"E({Z}^4) = 3*E({Z}^2)^2"),
    "kurtosis does not give the sixth moment": (
        (*CENTRED, "Var(W) = 1/n", "E(W^4) = 3*Var(W)^2"), "E(W^6) = 15*Var(W)^3"),
    "pairwise is not mutual": (("X random", "Y random", "Z random", *PAIRWISE), "E(X*Y*Z) = E(X)*E(Y)*E(Z)"),
    "exchangeable is not iid": (("a[j] exchangeable for j in 1..n",), "Var(sum(a[j], j in 1..n)) = n*Var(a)"),
    "uncorrelated is not independent": (
        ("a[j] exchangeable for j in 1..n", "Cov(a[1], a[2]) = 0"), "E(a[1]^2*a[2]^2) = E(a^2)^2"),
    "exchangeable may be negatively correlated": (("a[j] exchangeable for j in 1..n",), "Cov(a[1], a[2]) >= 0"),
    "a correlation given": (
        ("a[j] exchangeable for j in 1..n", "E(a) = 0", "E(a^2) = 1", "E(a[1]*a[2]) = 1/2"), "E(a[1]^2*a[2]^2) = 1"),
    "three classes": (("W[j] iid for j in 1..n", "E(W) = 0"),
        "E(sum(W[j], j in 1..n)^4) = n*E(W^4) + 3*n*(n-1)*E(W^2)^2 + n*(n-1)*(n-2)*E(W^2)"),
    "four classes": (("W[j] iid for j in 1..n",), f"E(sum(W[j], j in 1..n)^4) = {IID4}"),
    "a constant": (("W[j] iid for j in 1..n", "s positive", "E(W) = 0", "Var(W) = s^2"), "E(W^2) = s"),
    "a mask": (("B random", "p positive", "E(B) = p", "E(B^2) = p"), "Var(B) = p"),
    "a small variance": (("X random", "k positive", "k*Var(X) < 1", "Var(X) > 0"), "Var(X)^2 = 0"),
    "jensen the wrong way": (("X random",), "E(X^2)^2 >= E(X^4)"),
    "a fraction": (("X random",), "E(X) <= E(X^2)"),
    "wrong rule": ((*CENTRED, "E(a) = 0", "Var(a) > 0"), f"Var({Z}) = Var(a) iff Var(W) = 2/n"),
    "rule without a positive variance": ((*CENTRED, "E(a) = 0"), f"Var({Z}) = Var(a) iff Var(W) = 1/n"),
    "rule for relu": ((*RELU, "y symmetric", "Var(y) > 0"), f"Var({ZRELU}) = Var(y) iff Var(W) = 1/n"),
    "relu without symmetry": ((*RELU, "E(y) = 0"), f"Var({ZRELU}) = n*Var(W)*Var(y)/2"),
    "variances equal": (
        ("X random", "Y random", "X independent of Y", "E(X) = 0", "E(Y) = 0", "Var(X) = Var(Y)"), "E(X^4) = E(Y^4)"),
    "orthogonal": (("X random", "Y random", "E(X*Y) = 0", "E(X) = 0", "E(Y) = 0"), "E(X^2*Y^2) = E(X^2)*E(Y^2)"),
    "two layers": (DEEP, f"Var({DEEPER}) = m*n*Var(V)*Var(W)*Var(x)"),
    "two layers are not Gaussian": (DEEP, f"E({DEEPER}^4) = 3*(m*n*Var(V)*Var(W)*E(x^2))^2"),
    "free indices may agree": ((*LAYER, "E(W) = 0", "E(W[i,j]^2) = 1"), "Var(W) = 2"),
    "normal": (("y random", "s positive", "y ~ Normal(0, s^2)"), "E(relu(y)) = s/sqrt(pi)"),
    "normal fourth": (("y random", "q positive", "y ~ Normal(0, q)"), "E(y^4) = 2*q^2"),
    "uniform": (("y[j] iid for j in 1..n", "y ~ Uniform(-1, 1)"), "Var(sum(y[j], j in 1..n)) = n/2"),
    "truncated normal": (("y random", "y ~ TruncatedNormal(0, 1, -2, 2)"), "Var(y) = 1"),
    "recurrence": (("k positive", "v[l] = k*v[l-1] for l in 1..L"), "v[L] = k^2*v[0]"),
}  # fmt: skip

TRUE: dict[str, tuple[tuple[str, ...], str]] = {
    "variance": ((*CENTRED, "E(a) = 0"), f"Var({Z}) = n*Var(W)*Var(a)"),
    "fourth": (CENTRED, f"E({Z}^4) - 3*E({Z}^2)^2 = n*(E(W^4)*E(a^4) - 3*E(W^2)^2*E(a^2)^2)"),
    "exchangeable": (("W[j] iid for j in 1..n", "a[j] exchangeable for j in 1..n", "W independent of a", "E(W) = 0"),
        "Var(sum(W[j]*a[j], j in 1..n)) = n*Var(W)*E(a^2)"),
    "pinned": (("X random", "E(X) = 1", "E(X^2) = 1"), "E(X^3) = 1"),
    "relu": ((*RELU, "y symmetric"), f"Var({ZRELU}) = n*Var(W)*Var(y)/2"),
    "rule": ((*CENTRED, "E(a) = 0", "Var(a) > 0"), f"Var({Z}) = Var(a) iff Var(W) = 1/n"),
    "normal": (("y random", "s positive", "y ~ Normal(0, s^2)"), "E(relu(y)) = s/sqrt(2*pi)"),
    "recurrence": (("k positive", "v[l] = k*v[l-1] for l in 1..L"), "v[L] = k^L*v[0]"),
    "parity": (("X random", "Y random", "Z random", *PAIRWISE), "E(X*Y) = E(X)*E(Y)"),
    "one against two": (("X random", "Y random", "Z random", "X independent of (Y, Z)"), "E(X*Y*Z) = E(X)*E(Y*Z)"),
    "jensen": (("X random",), "E(X^2)^2 <= E(X^4)"),
    "contradictory givens": (("X random", "E(X) = 0", "E(X) = 1"), "Var(X) = 5"),
}  # fmt: skip


def test_the_forgotten_mean_has_the_smallest_counterexample() -> None:
    forgotten = problem(CENTRED, "n*E(W^2)*E(a^2) = n*Var(W)*Var(a)")
    found = search(forgotten, forgotten.steps[0], everything(forgotten))
    assert found is not None
    assert (found.sizes, found.constants, found.joint) == ({"m": 1, "n": 1}, {}, ())
    assert found.laws == {"W": (("-1", "1/2"), ("1", "1/2")), "a": (("1", "1"),)}
    assert (found.left, found.right) == ("1", "0")


def test_a_random_variable_may_lean_on_one_entry_of_a_family() -> None:
    leaning = problem(("X random", "W[j] iid for j in 1..n"), "E(X*sum(W[j], j in 1..n)) = n*E(X*W)")
    found = search(leaning, leaning.steps[0], everything(leaning))
    assert found is not None
    assert found.sizes == {"n": 2}
    assert next((t.of, t.points) for t in found.joint) == (("W[1]", "X"), ((("-1", "-1"), "1/2"), (("1", "1"), "1/2")))
    assert (found.left, found.right) == ("1", "2")


@pytest.mark.parametrize(("givens", "claim"), FALSE.values(), ids=FALSE.keys())
def test_a_false_claim_has_a_counterexample_that_meets_the_givens(givens: tuple[str, ...], claim: str) -> None:
    stated = problem(givens, claim)
    found = find_model(stated, stated.steps[0], everything(stated))
    assert found is not None
    assert meets(stated, found[0], everything(stated))
    assert holds(stated, found[0], stated.steps[0]) is False


@pytest.mark.parametrize(("givens", "claim"), TRUE.values(), ids=TRUE.keys())
def test_a_true_claim_has_no_counterexample_and_holds_in_random_models(givens: tuple[str, ...], claim: str) -> None:
    stated = problem(givens, claim)
    assert search(stated, stated.steps[0], everything(stated)) is None
    for of in random_models(stated, everything(stated), seed=1, count=20):
        assert holds(stated, of, stated.steps[0]) is not False


def test_a_given_that_is_not_active_may_be_violated() -> None:
    stated = problem((*CENTRED, "E(a) = 0"), f"Var({Z}) = n*Var(W)*Var(a)")
    without = frozenset(k for k, g in enumerate(stated.givens) if g.text != "E(a) = 0")
    assert search(stated, stated.steps[0], without) is not None
    assert search(stated, stated.steps[0], everything(stated)) is None


@pytest.mark.parametrize(("value", "rows"), [("0", 1), ("Var(W)", 2)])
def test_two_free_indices_may_agree_and_may_differ(value: str, rows: int) -> None:
    text = (
        "theorem t\ngiven\n  W[i,j] iid for i in 1..m, j in 1..n\n  E(W) = 0\n"
        f"let\n  z[i] = W[i,1]\n  y[k] = W[k,1]\nshow\n  E(z[i]*y[k]) = {value}\n"
    )
    stated = resolve(parse_theorem(text))
    found = search(stated, stated.steps[0], everything(stated))
    assert found is not None
    assert found.sizes["m"] == rows


def test_the_search_gives_the_same_answer_twice() -> None:
    for seed in range(30):
        stated = Claims(seed).problem()
        first, second = (search(stated, stated.steps[0], everything(stated)) for _ in range(2))
        assert first == second


def test_random_models_meet_the_givens_differ_and_are_reproducible() -> None:
    stated = problem((*CENTRED, "E(W^4) = 3*Var(W)^2"), "1 = 1")
    models = random_models(stated, everything(stated), seed=5, count=15)
    assert len(models) == 15
    assert all(meets(stated, of, everything(stated)) for of in models)
    assert len({repr((of.sizes, of.laws, of.blocks)) for of in models}) > 8
    assert models == random_models(stated, everything(stated), seed=5, count=15)
    assert models != random_models(stated, everything(stated), seed=6, count=15)


def hits(seeds: range) -> tuple[int, int, list[int]]:
    """How many random claims are false, how many not seen to be, and the seeds of false ones that the search missed."""
    false, open_claims, missed = 0, 0, list[int]()
    for seed in seeds:
        stated = Claims(seed).problem()
        step, active = stated.steps[0], everything(stated)
        found = find_model(stated, step, active)
        if found is not None:
            assert holds(stated, found[0], step) is False
            false += 1
        elif any(holds(stated, of, step) is False for of in random_models(stated, active, seed=seed, count=12)):
            missed.append(seed)
        else:
            open_claims += 1
    return false, open_claims, missed


def test_of_the_claims_that_random_models_refute_the_search_misses_at_most_one_in_a_hundred() -> None:
    false, _, missed = hits(range(150))
    assert len(missed) <= 0.01 * false, missed


@pytest.mark.slow
def test_the_same_of_five_thousand_claims() -> None:
    false, _, missed = hits(range(10_000, 15_000))
    assert len(missed) <= 0.01 * false, missed


def test_two_exchangeable_families_are_both_tied_before_far_fetched_models_are_tried() -> None:
    weights = ("W[i,j] exchangeable for i in 1..m, j in 1..n", "a[j] exchangeable for j in 1..n", "W independent of a")
    claim = problem((*weights, "E(W) = 0"), f"Var({Z}) = n*Var(W)*E(a^2)")
    found = search(claim, claim.steps[0], everything(claim), effort=10_000)
    assert found is not None
    assert found.sizes["n"] == 2
