"""Conditional expectations: their values are those of naive enumeration, true laws hold, false claims are refuted."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.language.terms import Term
from derive.referee.evaluate import cases, value
from derive.referee.means import Work
from derive.referee.model import Block, Key, Row, Table, model, table
from derive.referee.program import program
from tests.referee.texts import LAYER, Z, confirmed, problem, refuted

XYZ: tuple[Key, ...] = (("X", ()), ("Y", ()), ("Z", ()))
THREE = ("X random", "Y random", "Z random")
CENTRED = (*LAYER, "W independent of a", "E(W) = 0")
SHARED = ("W[j] iid for j in 1..n", "a[j] exchangeable for j in 1..n", "W independent of a", "E(W) = 0")
TANH = ("a random", "X random", "X independent of a", "a ~ Normal(0, 1)")
S = "sum(W[j]*a[j], j in 1..n)"


@st.composite
def triples(draw: st.DrawFn) -> Table:
    rows = draw(st.lists(st.tuples(*[st.integers(-1, 2)] * 3), min_size=1, max_size=6, unique=True))
    weights = [draw(st.integers(1, 3)) for _ in rows]
    return table([(row, Fraction(w, sum(weights))) for row, w in zip(rows, weights, strict=True)])


@given(triples())
@settings(max_examples=60, deadline=None)
def test_values_are_those_of_naive_enumeration(law: Table) -> None:
    of = problem(THREE, "E(X*Y + Z | Y) = Y*E(X | Y) + E(Z | Y)")
    there = model({}, {}, {}, [Block(XYZ, law)])
    left = program(of, {}, [of.steps[0].left], {})  # type: ignore[list-item]
    f = {r: Fraction(r[0] * r[1] + r[2]) for r in law.law()}
    naive = {r[1]: mean(law, f, (1,), r) for r in law.law()}
    assert {o["Y", ()]: v for o, (v,) in cases(left, there, Work(10_000))} == naive


def mean(law: Table, f: dict[Row, Fraction], known: tuple[int, ...], row: Row) -> Fraction:
    """The mean of f over the rows that agree with one in the known columns."""
    here = [(r, p) for r, p in law.law().items() if all(r[c] == row[c] for c in known)]
    return sum((p * f[r] for r, p in here), Fraction(0)) / sum((p for _, p in here), Fraction(0))


@given(triples())
@settings(max_examples=40, deadline=None)
def test_conditional_expectations_within_conditional_expectations(law: Table) -> None:
    of = problem(THREE, "E(E(X*Y | Z)*E(X | Y, Z)*Z*E(Z) | Z) = E(E(X*Y | Z) | Z)")
    there = model({}, {}, {}, [Block(XYZ, law)])
    rows = list(law.law())
    xy, x, z = ({r: Fraction(f(r)) for r in rows} for f in (lambda r: r[0] * r[1], lambda r: r[0], lambda r: r[2]))
    inside = {r: mean(law, xy, (2,), r) * mean(law, x, (1, 2), r) * r[2] * mean(law, z, (), r) for r in rows}
    code = program(of, {}, [of.steps[0].left], {})  # type: ignore[list-item]
    found = {o["Z", ()]: v for o, (v,) in cases(code, there, Work(10_000))}
    assert found == {r[2]: mean(law, inside, (2,), r) for r in rows}


@given(triples())
@settings(max_examples=40, deadline=None)
def test_an_inner_condition_replaces_the_outer_one(law: Table) -> None:
    of = problem(THREE, "E(E(X*Y | Z) | Y) = E(X | Y)")
    there = model({}, {}, {}, [Block(XYZ, law)])
    rows = list(law.law())
    xy = {r: Fraction(r[0] * r[1]) for r in rows}
    inside = {r: mean(law, xy, (2,), r) for r in rows}
    code = program(of, {}, [of.steps[0].left], {})  # type: ignore[list-item]
    found = {o["Y", ()]: v for o, (v,) in cases(code, there, Work(10_000))}
    assert found == {r[1]: mean(law, inside, (1,), r) for r in rows}


TRUE: dict[str, tuple[tuple[str, ...], str]] = {
    "tower": (THREE, "E(E(X | Y)) = E(X)"),
    "tower of two": (THREE, "E(E(X | Y, Z) | Z) = E(X | Z)"),
    "the smaller one wins": (THREE, "E(E(X | Z) | Y, Z) = E(X | Z)"),
    "total variance": (THREE, "Var(X) = E(Var(X | Y)) + Var(E(X | Y))"),
    "total covariance": (THREE, "Cov(X, Z) = E(Cov(X, Z | Y)) + Cov(E(X | Y), E(Z | Y))"),
    "what is known comes out": (THREE, "E(X*Y^2 | Y) = Y^2*E(X | Y)"),
    "functions too": (THREE, "E(relu(Y)*X | Y) = relu(Y)*E(X | Y)"),
    "independent": (("X random", "Y random", "X independent of Y"), "E(X | Y) = E(X)"),
    "jensen": (THREE, "E(X | Y)^2 <= E(X^2 | Y)"),
    "a mean inside": (THREE, "E(E(Y)*X + Y | Y) = E(Y)*E(X | Y) + Y"),
    "a layer": (CENTRED, f"E({Z}^2 | a) = Var(W)*sum(a[j]^2, j in 1..n)"),
    "shared inputs": (SHARED, f"Var({S} | a) = Var(W)*sum(a[j]^2, j in 1..n)"),
    "rows": (CENTRED, "Cov(sum(W[1,j]*a[j], j in 1..n), sum(W[2,j]*a[j], j in 1..n) | a) = 0"),
    "in a product": (SHARED, f"E({S}^2*E({S}^2 | a)) = Var(W)^2*E(sum(a[j]^2, j in 1..n)^2)"),
    "continuous inputs": ((*CENTRED, "a ~ Normal(0, 1)"), f"E(Var({Z} | a)^2) = Var(W)^2*(n^2 + 2*n)"),
    "functions of continuous inputs": (TANH, "E(E((tanh(a) + X)^2 | a)*tanh(a)) = E((tanh(a) + X)^2*tanh(a))"),
    "held functions come out": (TANH, "E((tanh(a) + X)^2 | a) = tanh(a)^2 + 2*tanh(a)*E(X) + E(X^2)"),
    "continuous and random": ((*CENTRED, "a ~ Normal(0, 1)"), f"Var({Z} | a) = Var(W)*sum(a[j]^2, j in 1..n)"),
}  # fmt: skip

FALSE: dict[str, tuple[tuple[str, ...], str]] = {
    "not constant": (THREE, "E(X | Y) = E(X)"),
    "square outside": (THREE, "E(E(X | Y)^2) = E(X)^2"),
    "square inside": (THREE, "E(E(X | Y)^2) = E(X^2)"),
    "total variance, one term": (THREE, "Var(X) = E(Var(X | Y))"),
    "total variance, twice": (THREE, "Var(X) = E(Var(X | Y)) + 2*Var(E(X | Y))"),
    "the wrong one comes out": (THREE, "E(X*Y | Y) = E(X)*Y"),
    "a layer": (CENTRED, f"Var({Z} | a) = Var(W)*sum(a[j], j in 1..n)^2"),
    "averaged too early": (CENTRED, f"Var({Z} | a) = n*Var(W)*E(a^2)"),
    "given the weights": (CENTRED, f"E({Z}^2 | W) = E(a^2)*sum(W[1,j]^2, j in 1..n)"),
    "the mean forgotten": (
        ("W[j] iid for j in 1..n", "a[j] iid for j in 1..n", "W independent of a"), f"E({S} | a) = 0"),
    "the wrong inequality": (THREE, "E(X | Y)^2 >= E(X^2 | Y)"),
    "independence forgotten": (
        ("W[j] iid for j in 1..n", "a[j] iid for j in 1..n", "E(W) = 0"), "E(W[1]*a[1] | a) = 0"),
    "continuous": ((*CENTRED, "a ~ Normal(0, 1)"), f"Var({Z} | a) = Var(W)*sum(a[j]^4, j in 1..n)"),
    "functions of continuous inputs": (TANH, "E(E((tanh(a) + X)^2 | a)*tanh(a)^2) = E((tanh(a) + X)^2)*E(tanh(a)^2)"),
    "a function of a continuous input": (TANH, "E(tanh(a)*X | a) = a*E(X)"),
    "uniform": ((*CENTRED, "a ~ Uniform(-1, 2)"), f"Var({Z} | a) = n*Var(W)"),
}  # fmt: skip


@pytest.mark.parametrize(("givens", "claim"), TRUE.values(), ids=TRUE.keys())
def test_a_law_of_conditional_expectations_holds_in_every_model(givens: tuple[str, ...], claim: str) -> None:
    confirmed(givens, claim, enclosed=" ~ Normal" in givens[-1])


@pytest.mark.parametrize(("givens", "claim"), FALSE.values(), ids=FALSE.keys())
def test_a_false_claim_about_conditional_expectations_is_refuted(givens: tuple[str, ...], claim: str) -> None:
    refuted(givens, claim)


def test_a_counterexample_between_random_variables_says_where_they_differ() -> None:
    found = refuted(("X random", "Y random"), "E(X | Y) = E(X)")
    assert found.outcome == {"Y": "-1"}
    assert (found.left, found.right) == ("-1", "0")
    assert refuted(("X random", "Y random"), "E(E(X | Y)^2) = E(X)^2").outcome == {}


def test_only_entries_that_matter_stand_in_the_outcome() -> None:
    apart = ("X random", "a[j] iid for j in 1..n", "b[j] iid for j in 1..n", "X, a, b independent")
    found = refuted(apart, "E(X*a[1] | a, b) = E(X)")
    assert set(found.outcome) == {"a[1]"}


def test_an_outcome_of_probability_zero_does_not_count() -> None:
    """0 is no value of a sign, so sign(X)^2 = 1 where X = +-1, and X = 0 counts where it has a positive probability."""
    confirmed(("X random", "X ~ Rademacher()", "Y random"), "E(sign(X)^2*Y | X) = E(Y | X)")
    refuted(("X random", "Y random"), "E(sign(X)^2*Y | X) = E(Y | X)")


def test_a_conditional_fact_may_be_a_condition_of_a_moment() -> None:
    givens = ("X random", "Y random", "E(E(X | Y)^2) = E(X)^2")
    confirmed(givens, "Var(E(X | Y)) = 0")
    refuted(givens, "E(X*Y^2) = E(X)*E(Y^2) + 1")


def test_a_conditional_expectation_has_no_single_value() -> None:
    of = problem(("X random", "Y random"), "E(X | Y) = E(X | Y)")
    there = model({}, {}, {}, [Block(XYZ[:2], table([((0, 0), Fraction(1, 2)), ((1, 1), Fraction(1, 2))]))])
    term: Term = of.steps[0].left  # type: ignore[assignment]
    with pytest.raises(Exception, match="outside an expectation"):
        value(of, there, term, {})
