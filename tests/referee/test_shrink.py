"""Counterexamples made small: no single step makes them smaller, and each is still a counterexample."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement, product

import pytest

from derive.language.problem import Problem
from derive.referee import Model, find_model, find_smallest, holds, meets, shrink
from derive.referee.algebra import TooLarge, Unusable
from derive.referee.model import Table, model, table
from derive.referee.shrink import height, measure, smaller_laws, smallest, steps
from tests.referee.test_search import FALSE
from tests.referee.texts import Claims, everything, problem

PLENTY = 4_000_000
XY = ("X random", "Y random", "X independent of Y")


def is_counterexample(stated: Problem, of: Model) -> bool:
    """What the property is checked with: the referee's two questions, and nothing of what shrinks."""
    try:
        return meets(stated, of, everything(stated)) and holds(stated, of, stated.steps[0]) is False
    except (TooLarge, Unusable):
        return False


def shrunk(stated: Problem) -> Model | None:
    found = find_smallest(stated, stated.steps[0], everything(stated), effort=PLENTY)
    return None if found is None else found[0]


@pytest.mark.parametrize("name", sorted(FALSE))
def test_no_single_step_makes_a_counterexample_smaller(name: str) -> None:
    stated = problem(*FALSE[name])
    of = shrunk(stated)
    assert of is not None
    assert is_counterexample(stated, of)
    assert not [m for m in steps(stated, of) if measure(m) < measure(of) and is_counterexample(stated, m)]


@pytest.mark.parametrize("seed", range(12))
def test_random_false_claims_have_counterexamples_that_no_step_makes_smaller(seed: int) -> None:
    stated = Claims(seed).problem()
    first = find_model(stated, stated.steps[0], everything(stated), effort=PLENTY)
    of = shrunk(stated)
    assert (first is None) == (of is None)
    if of is None or first is None:
        return
    assert measure(of) <= measure(first[0])
    assert is_counterexample(stated, of)
    assert not [m for m in steps(stated, of) if measure(m) < measure(of) and is_counterexample(stated, m)]


def laws() -> list[Table]:
    """Every law on at most three of the numbers -2, -1, 0, 1, 2, alike likely."""
    found = [table([((x,), Fraction(1, k)) for x in points]) for k in (1, 2, 3)
             for points in combinations_with_replacement(range(-2, 3), k)]  # fmt: skip
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("givens", "claim"),
    [
        (XY, "Var(X*Y) = Var(X)*Var(Y)"),
        ((*XY, "E(X) = 0"), "Var(X*Y) = Var(X)*Var(Y)"),
        ((*XY, "E(X) = 0", "E(Y) = 0"), "E(X^4*Y^2) = Var(X)^2*Var(Y)"),
        ((*XY, "Var(X) = Var(Y)"), "E(X^2) = E(Y^2)"),
        (XY, "E(relu(X + Y)) = E(relu(X)) + E(relu(Y))"),
        (XY, "E(X^2) <= E(X)"),
    ],
)
def test_among_all_small_laws_there_is_no_smaller_counterexample(givens: tuple[str, ...], claim: str) -> None:
    stated = problem(givens, claim)
    of = shrunk(stated)
    assert of is not None
    everywhere = (model({}, {}, {"X": x, "Y": y}) for x, y in product(laws(), repeat=2))
    points = min(measure(m)[1] for m in everywhere if is_counterexample(stated, m))
    assert measure(of)[1] == points


def test_a_family_that_a_claim_does_not_mention_hides_no_counterexample() -> None:
    of = shrunk(problem(XY, "E(X) <= E(X^2)"))
    assert of is not None
    assert (measure(of)[1], of.laws["X"]) == (2, table([((Fraction(1, 2),), 1)]))


def test_a_large_model_is_cut_in_every_way() -> None:
    stated = problem(("W[i,j] iid for i in 1..m, j in 1..n", "s positive", "E(W) = 0"), "Var(W) = s*E(W^4)")
    wide = table([((x,), Fraction(1, 4)) for x in (-3, -2, 2, 3)])
    large = model({"m": 3, "n": 2}, {("s", ()): Fraction(7, 3)}, {"W": wide})
    step = stated.steps[0]
    failing = find_model(stated, step, everything(stated))
    assert failing is not None
    of, _ = smallest(stated, step, everything(stated), (large, failing[1]), effort=PLENTY)
    assert dict(of.sizes) == {"m": 1, "n": 1}
    assert is_counterexample(stated, of)
    assert measure(of)[1:] <= (2, 8)
    same, _ = smallest(stated, step, everything(stated), (large, failing[1]), effort=0)
    assert same is large


def test_a_smaller_law_is_smaller_and_the_height_is_that_of_the_lowest_terms() -> None:
    assert [height(x) for x in (0, 1, -1, 2, Fraction(1, 2), Fraction(-3, 2))] == [1, 1, 1, 2, 2, 3]
    wide = table([((x, -x), Fraction(1, 3)) for x in (1, 2, 3)])
    for law in smaller_laws(wide):
        assert law.width == 2
        assert len(law.rows) <= 3
        assert sum(law.law().values()) == 1


def test_the_first_pairs_that_are_tried_are_a_coin_and_itself_and_a_coin_and_its_opposite() -> None:
    for pair, both in zip(shrink._EVEN_PAIRS, (1, -1), strict=False):
        assert {x * y for (x, y), _ in pair.rows} == {both}
        assert sorted(x for (x, _), _ in pair.rows) == [-1, 1]
