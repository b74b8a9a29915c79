"""Laws that are solved for: mixtures of points with exactly the moments that facts ask for."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.referee import pools
from derive.referee.facts import facts_at
from derive.referee.means import Work
from derive.referee.model import Block, Model, Table, model
from derive.referee.solve import solved
from tests.referee.texts import everything, problem


def mixtures(*facts: str) -> list[Table]:
    """Laws of a random X that meet some facts."""
    stated = problem(("X random", *facts), "E(X^3) = 0")

    def place(law: Table) -> Model:
        return model({}, {}, {}, [Block((("X", ()),), law)])

    return solved(lambda _: True, pools.POINTS, 1, facts_at(stated, {}, everything(stated)), place, (), Work(100_000))


def moment(law: Table, power: int) -> Fraction:
    return sum((Fraction(x) ** power * p for (x,), p in law.law().items()), Fraction(0))


@pytest.mark.parametrize(("mean", "variance"), [("1/3", "5/2"), ("0", "1"), ("-1", "3")])
def test_mean_and_variance_are_met_exactly(mean: str, variance: str) -> None:
    found = mixtures(f"E(X) = {mean}", f"Var(X) = {variance}")
    assert len(found) > 1
    for law in found:
        assert moment(law, 1) == Fraction(mean)
        assert moment(law, 2) - moment(law, 1) ** 2 == Fraction(variance)


def test_the_square_of_a_second_moment_is_known_once_it_is_guessed() -> None:
    found = mixtures("E(X) = 0", "E(X^2) = 2", "E(X^4) = 2*E(X^2)^2")
    assert found
    assert all((moment(law, 2), moment(law, 4)) == (2, 8) for law in found)


def test_moments_that_no_law_has_are_met_by_none() -> None:
    assert mixtures("E(X) = 1", "E(X^2) = 1/2") == []
