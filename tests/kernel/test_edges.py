"""What has to hold at the edges: bounds that end the work, questions left open, and links that are no judgement."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive import check
from derive.kernel import judge
from derive.kernel.bounds import TooMuch, short
from derive.language.theorem import Relation
from derive.referee import algebra
from derive.referee import failure as failing
from derive.referee.algebra import Unusable
from derive.referee.means import Work
from derive.referee.model import model
from tests.judged import problem_of

MEANS = "X random\nY random\nZ random\nX, Y, Z independent"


@pytest.mark.parametrize("long", [Fraction(2**20_000), Fraction(1, 2**20_000)])
def test_a_number_of_thousands_of_digits_ends_the_work(long: Fraction) -> None:
    short([Fraction(2**1_000), Fraction(1, 2**1_000)], exponent=1)
    with pytest.raises(TooMuch):
        short([long], exponent=1)
    with pytest.raises(TooMuch):
        short([Fraction(3, 2)], exponent=20_000)
    short([Fraction(1), Fraction(-1)], exponent=20_000)  # one to any power is one


def test_one_outcome_that_is_left_open_leaves_the_link_open(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_of("c real", "c = c")
    (step,) = problem.steps
    sides = failing.sides_at(problem, {}, step)
    here = model({}, {("c", ()): 1}, {})
    assert failing.failure(sides, step, here, Work(1_000)) is None
    answers = iter([None, True])
    monkeypatch.setattr(failing, "cases", lambda *_: [({}, (0, 0)), ({}, (0, 0))])
    monkeypatch.setattr(failing, "compare", lambda *_: next(answers))
    with pytest.raises(Unusable):
        failing.failure(sides, step, here, Work(1_000))


def test_a_relation_and_a_term_are_not_compared() -> None:
    problem = problem_of("c real", "c = c")
    (step,) = problem.steps
    assert not isinstance(step.left, Relation)
    assert not isinstance(step.right, Relation)
    relation = Relation((step.left, step.right), ("=",))
    for left, operator, right in ((relation, "iff", step.right), (step.left, "=", relation), (relation, "=", relation)):
        assert not judge(problem, left, operator, right, frozenset()).proved


def test_a_positive_residual_is_written_without_a_minus_sign() -> None:
    text = f"```derive\ntheorem t\ngiven\n{MEANS}\nshow\nE(X*Z)/2 = E(Y*Z)/2\n```\n"
    (verdict,) = check(text)
    assert verdict.steps[0].residual == "E(Z)*(E(X) - E(Y))/2"


def test_as_many_products_as_are_allowed_are_made() -> None:
    left, right = 8, algebra.MOST_PRODUCTS // 8
    assert left * right == algebra.MOST_PRODUCTS

    def terms(name: str, count: int) -> algebra.Poly:
        return algebra.Poly({(((name, ()), k, 0),): 1 for k in range(1, count + 1)})

    assert isinstance(terms("X", left) * terms("Y", right), algebra.Poly)
    with pytest.raises(algebra.TooLarge):
        _ = terms("X", left) * terms("Y", right + 1)
