"""The fine print of the referee: what a model may be, what is tried, and which values are exact."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from derive.referee import find_model, meets, pools, search
from derive.referee.algebra import Ball, Poly, Unusable, root
from derive.referee.build import Builder
from derive.referee.cells import Cell, lay
from derive.referee.constants import followed, rules, vectors
from derive.referee.continuous import proper
from derive.referee.evaluate import cases, value
from derive.referee.facts import facts_at
from derive.referee.functions import apply, composed
from derive.referee.means import Work
from derive.referee.model import Continuous, Table, model, table
from derive.referee.program import program
from derive.referee.structures import structures
from tests.referee.test_search import PAIRWISE
from tests.referee.texts import everything, problem, refuted

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("givens", "claim"),
    [
        (
            ("X random", "Y random", "Z random", "U random", "U independent of (X, Y, Z)", *PAIRWISE),
            "E(X*Y*Z) = E(X)*E(Y)*E(Z)",
        ),
        (("W[i,j] exchangeable for i in 1..m, j in 1..n",), "E(W[1,1]*W[1,2]) = E(W[1,1]*W[2,1])"),
        (("a[j] exchangeable for j in 1..n", "Cov(a[1], a[2]) = 0", "E(a) = 0"), "E(a[1]^2*a[2]^2) = E(a^2)^2"),
    ],
    ids=["pairwise within a block", "equal along one index only", "a common scale"],
)
def test_it_is_refuted(givens: tuple[str, ...], claim: str) -> None:
    refuted(givens, claim)


def test_two_variables_that_exclude_each_other_are_the_simplest_uncorrelated_product() -> None:
    found = refuted(("X random", "Y random", "E(X*Y) = 0"), "E(X)*E(Y) = 0")
    assert [(t.of, t.points) for t in found.joint] == [(("X", "Y"), ((("0", "1"), "1/2"), (("1", "0"), "1/2")))]


@pytest.mark.parametrize("square", [2, Fraction(2, 9), Fraction(9, 2), Fraction(1, 3)])
def test_the_root_of_what_is_no_square_of_a_rational_is_an_enclosure(square: Fraction) -> None:
    found = root(square)
    assert isinstance(found, Ball)
    low, high = found.bounds()
    assert low * low < square < high * high


def test_the_root_of_a_square_is_exact() -> None:
    assert root(Fraction(9, 4)) == Fraction(3, 2)
    assert root(16) == 4


@pytest.mark.parametrize(
    ("law", "good"),
    [
        (Continuous("Uniform", (1, 1)), False),
        (Continuous("Uniform", (2, 1)), False),
        (Continuous("Uniform", (1, 2)), True),
        (Continuous("Normal", (0, 0)), False),
        (Continuous("TruncatedNormal", (0, 1, 2, 2)), False),
        (Continuous("TruncatedNormal", (0, 0, -2, 2)), False),
        (Continuous("TruncatedNormal", (0, 1, -2, 2)), True),
    ],
)
def test_a_law_without_spread_is_no_law(law: Continuous, good: bool) -> None:
    assert proper(law) is good


def test_outcomes_of_a_continuous_entry_lie_inside_its_support() -> None:
    stated = problem(("y random", "y ~ Uniform(2, 3)"), "E(y^2 | y) = y^2")
    there = model({}, {}, {"y": Continuous("Uniform", (2, 3))})
    sides = program(stated, {}, (stated.steps[0].left, stated.steps[0].right), {})  # type: ignore[arg-type]
    outcomes = [outcome["y", ()] for outcome, _ in cases(sides, there, Work(10_000))]
    assert len(set(outcomes)) == 4
    assert all(2 < x < 3 for x in outcomes)


def test_values_of_constants_come_without_repetition() -> None:
    stated = problem(("c real", "d real", "3*c + 5*d = 7"), "c = d")
    work = Work(1_000_000)
    found = vectors(stated, {}, facts_at(stated, {}, everything(stated)), work)
    assert found
    assert len({tuple(sorted(v.items())) for v in found}) == len(found)
    assert all(3 * v["c", ()] + 5 * v["d", ()] == 7 for v in found)


def test_a_recurrence_with_irrational_values_has_no_model() -> None:
    stated = problem(("v[l] = sqrt(2)*v[l-1] for l in 1..L",), "v[L] = 2^L*v[0]")
    with pytest.raises(Unusable):
        followed(rules(stated, {"L": 1}), model({"L": 1}, {("v", (0,)): 1}, {}))
    assert search(stated, stated.steps[0], everything(stated)) is None


def test_a_law_with_an_irrational_parameter_has_no_model_either() -> None:
    stated = problem(("y random", "y ~ Normal(0, sqrt(2))"), "E(y^2) = 2")
    assert find_model(stated, stated.steps[0], everything(stated)) is None


def test_what_is_declared_of_a_family_of_constants_holds_beyond_its_range() -> None:
    stated = problem(("s[l] positive for l in 1..L",), "s[0] = s[1]")
    for first, good in ((-1, False), (0, False), (HALF, True)):
        assert meets(stated, model({"L": 1}, {("s", (0,)): first, ("s", (1,)): 1}, {}), frozenset()) is good


def test_a_model_that_violates_what_is_declared_of_another_constant_is_told_apart() -> None:
    stated = problem(("s[l] positive for l in 1..L", "t[l] real for l in 1..L"), "s[1] = t[1]")
    there = model({"L": 1}, {("s", (1,)): 1, ("t", (1,)): -1}, {})
    assert meets(stated, there, frozenset())


def test_all_values_of_two_constants_are_tried_if_they_are_fewer_than_may_be() -> None:
    every = pools.vectors({("c", ()): "positive", ("d", ()): "positive"}, 400)
    values = pools.VALUES["positive"]
    assert {(v["c", ()], v["d", ()]) for v in every} == set(product(values, values))
    assert every[0] == {("c", ()): 1, ("d", ()): 1}


@pytest.mark.parametrize("kind", ["positive", "nonzero", "real"])
def test_the_values_of_a_constant_are_of_its_kind_simplest_first_and_no_two_are_the_same(kind: str) -> None:
    values = [Fraction(v) for v in pools.VALUES[kind]]
    assert len(set(values)) == len(values)
    assert all(v > 0 or kind == "real" or (kind == "nonzero" and v) for v in values)
    assert any(0 < v < 1 for v in values)
    assert any(v > 1 for v in values)


def test_some_pair_of_the_pool_has_no_coincidence() -> None:
    """Neither mean is zero, neither variable keeps its sign (so that relu tells), and the two are correlated."""

    def plain(pair: Table) -> bool:
        rows = [(Fraction(x), Fraction(y), p) for (x, y), p in pair.law().items()]  # type: ignore[arg-type]
        mean = [sum(r[k] * r[2] for r in rows) for k in (0, 1)]
        both = all(min(r[k] for r in rows) < 0 < max(r[k] for r in rows) for k in (0, 1))
        return all(mean) and both and sum(x * y * p for x, y, p in rows) != mean[0] * mean[1]

    assert any(map(plain, pools.PAIRS))


def test_a_product_of_entries_is_as_far_fetched_whichever_entries_they_are() -> None:
    stated = problem(("W[j] iid for j in 1..n", "X random"), "E(X*W[1]*W[2]) = 0")
    found = structures(stated, everything(stated), frozenset("WX"), (stated.steps[0].left,))  # type: ignore[arg-type]
    ranks = [rank for rank, cells in found if any(cell.parity for cell in cells)]
    assert len(ranks) > 1
    assert set(ranks) == {2}


def test_models_without_coincidences_differ_from_one_another() -> None:
    stated = problem(("X random", "Y random", "X independent of Y"), "E(X) = E(Y)")
    active = everything(stated)
    (_, structure), *_ = structures(stated, active, frozenset("XY"))
    builder = Builder(stated, {}, structure, facts_at(stated, {}, active), (), Work(100_000))
    models = [builder.generic(shift) for shift in range(4)]
    assert all(m is not None for m in models)
    assert len({repr(m.laws) for m in models if m is not None}) == 4


def test_a_function_of_what_turns_out_to_be_a_number_is_that_of_the_number() -> None:
    assert repr(composed("tanh", Poly({(): 2}))) == repr(apply("tanh", [2]))
    assert repr(composed("tanh", Poly({}))) == repr(apply("tanh", [0]))


def test_powers_of_a_sum_of_many_entries_are_evaluated_though_its_outcomes_are_too_many_to_go_over() -> None:
    """3^20 outcomes, but 41 values: E(S^2) = n v, E(S^4) = n m4 + 3 n (n - 1) v^2 with v = m4 = 2/3."""
    n, v = 20, Fraction(2, 3)
    stated = problem(("W[j] iid for j in 1..n",), "E(sum(W[j], j in 1..n)^2) = E(sum(W[j], j in 1..n)^4)")
    law = table([((x,), Fraction(1, 3)) for x in (-1, 0, 1)])
    there = model({"n": n}, {}, {"W": law})
    assert value(stated, there, stated.steps[0].left, {}) == n * v  # type: ignore[arg-type]
    assert value(stated, there, stated.steps[0].right, {}) == n * v + 3 * n * (n - 1) * v * v  # type: ignore[arg-type]


def test_entries_that_need_not_have_the_same_law_get_laws_that_differ_by_a_factor() -> None:
    stated = problem(("X[j] independent for j in 1..n", "Y[j] iid for j in 1..n"), "E(X[1]*Y[1]) = E(X[2]*Y[2])")
    cell = Cell(("X", "Y"), 1, (lambda row: row[0],), uneven=True)
    law = table([((-1,), Fraction(2, 3)), ((2,), Fraction(1, 3))])
    laws, blocks = lay(cell, law, stated, {"n": 3})
    assert laws == {}
    for k, (block, factor) in enumerate(zip(blocks, (1, 2, -1), strict=True), start=1):
        assert block.entries == (("X", (k,)), ("Y", (k,)))
        assert block.table.law() == {(-factor, -1): Fraction(2, 3), (2 * factor, 2): Fraction(1, 3)}


def test_a_family_that_is_one_draw_is_the_same_draw_as_the_variable_that_it_is_coupled_with() -> None:
    stated = problem(("a[j] exchangeable for j in 1..n", "X random"), "E(X*a[1]) = E(X*a[2])")
    cell = Cell(("a", "X"), 1, (lambda row: -row[0],), tied=(("a", (0,)),))
    _, (block,) = lay(cell, table([((-1,), Fraction(2, 3)), ((2,), Fraction(1, 3))]), stated, {"n": 2})
    assert block.entries == (("a", (1,)), ("a", (2,)), ("X", ()))
    assert block.table.law() == {(-1, -1, 1): Fraction(2, 3), (2, 2, -2): Fraction(1, 3)}


def test_the_mean_of_a_table_is_the_same_by_blocks_and_by_columns() -> None:
    law = table([((1, 2), HALF), ((3, 5), HALF)])
    assert law.columns([1]).law() == {(2,): HALF, (5,): HALF}
