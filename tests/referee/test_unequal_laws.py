"""Families declared independent: entries with laws of their own."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.referee import meets, random_models, violated
from derive.referee.model import Block, Key, model, table
from tests.referee.texts import confirmed, everything, problem, refuted

X = ("X[j] independent for j in 1..n",)
S = "sum(X[j], j in 1..n)"
CENTRED = (*X, "E(X[j]) = 0 for j in 1..n")
SIGNS = table([((-1,), Fraction(1, 2)), ((1,), Fraction(1, 2))])
SKEWED = table([((-1,), Fraction(2, 3)), ((2,), Fraction(1, 3))])
KEYS: tuple[Key, Key] = (("X", (1,)), ("X", (2,)))

TRUE: dict[str, tuple[tuple[str, ...], str]] = {
    "variances add": (X, f"Var({S}) = sum(Var(X[j]), j in 1..n)"),
    "means add": (X, f"E({S}) = sum(E(X[j]), j in 1..n)"),
    "centred": (CENTRED, f"E({S}^3) = sum(E(X[j]^3), j in 1..n)"),
    "symmetric": ((*X, "X symmetric"), f"E({S}^3) = 0"),
    "given variances": ((*X, "s[j] positive for j in 1..n", "Var(X[j]) = s[j] for j in 1..n"),
        f"Var({S}) = sum(s[j], j in 1..n)"),
    "one law": ((*X, "X ~ Normal(0, 2)"), f"Var({S}) = 2*n"),
    "with weights": ((*CENTRED, "a[j] exchangeable for j in 1..n", "X independent of a"),
        "Var(sum(X[j]*a[j], j in 1..n)) = E(a^2)*sum(Var(X[j]), j in 1..n)"),
    "two literals": (X, "Cov(X[1], X[2]) = 0"),
}  # fmt: skip

FALSE: dict[str, tuple[tuple[str, ...], str]] = {
    "not identical": (X, f"Var({S}) = n*Var(X)"),
    "not even their means": (X, f"E({S}) = n*E(X)"),
    "the first entry only": ((*X, "E(X) = 0"), f"E({S}) = 0"),
    "skewed": (CENTRED, f"E({S}^3) = 0"),
    "the first two": (X, "E(X[1]^2) = E(X[2]^2)"),
    "coupled with another": ((*CENTRED, "a[j] iid for j in 1..n"), "E(sum(X[j]*a[j], j in 1..n)) = 0"),
    "coupled, and not evenly": ((*X, "a[j] iid for j in 1..n"), "E(sum(X[j]*a[j], j in 1..n)) = n*E(X*a)"),
    "two families": ((*X, "Y[j] independent for j in 1..n"), f"E({S}*sum(Y[j], j in 1..n)) = n*E(X*Y)"),
    "no symmetry in the second": ((*X, "E(X^3) = 0", "E(X) = 0"), "E(X[2]^3) = 0"),
}  # fmt: skip


@pytest.mark.parametrize(("givens", "claim"), TRUE.values(), ids=TRUE.keys())
def test_a_true_claim_holds_whatever_the_laws_of_the_entries(givens: tuple[str, ...], claim: str) -> None:
    confirmed(givens, claim)


@pytest.mark.parametrize(("givens", "claim"), FALSE.values(), ids=FALSE.keys())
def test_a_claim_that_needs_identical_laws_is_refuted(givens: tuple[str, ...], claim: str) -> None:
    refuted(givens, claim)


def test_laws_that_differ_are_printed_entry_by_entry() -> None:
    found = refuted(X, "E(X[1]) = E(X[2])")
    assert set(found.laws) == {"X[1]", "X[2]"}
    assert found.joint == ()
    assert set(refuted(X, "E(X^2) = E(X)").laws) == {"X"}


def test_random_models_have_entries_with_different_laws() -> None:
    stated = problem(X, "1 = 1")
    drawn = random_models(stated, everything(stated), seed=3, count=10)
    assert any(len({b.table for b in of.blocks}) > 1 for of in drawn)


def test_entries_have_to_be_independent_and_need_not_be_alike() -> None:
    stated = problem(X, "1 = 1")
    unlike = model({"n": 2}, {}, {}, [Block(KEYS[:1], SIGNS), Block(KEYS[1:], SKEWED)])
    equal = model({"n": 2}, {}, {}, [Block(KEYS, table([((-1, -1), Fraction(1, 2)), ((1, 1), Fraction(1, 2))]))])
    assert meets(stated, unlike, everything(stated))
    assert violated(stated, equal, everything(stated)) == X[0]


def test_a_symmetry_is_asked_of_every_entry() -> None:
    stated = problem((*X, "X symmetric"), "1 = 1")
    second = model({"n": 2}, {}, {}, [Block(KEYS[:1], SIGNS), Block(KEYS[1:], SKEWED)])
    assert violated(stated, second, everything(stated)) == "X symmetric"
