"""A model is what it says it is: values by enumeration agree with enumeration done naively, and with the textbook."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.referee.algebra import Ball, Unusable, ball
from derive.referee.continuous import moment
from derive.referee.evaluate import compare, value
from derive.referee.model import Block, Continuous, Table, model, point_mass, table
from tests.referee.texts import LAYER, Z, problem

LAYERS = problem((*LAYER, "W independent of a"), f"E({Z}^3) = Var({Z})")
HALF = Fraction(1, 2)
SIGNS = table([((-1,), HALF), ((1,), HALF)])


@st.composite
def laws(draw: st.DrawFn) -> Table:
    values = draw(st.lists(st.fractions(-2, 2, max_denominator=3), min_size=1, max_size=3, unique=True))
    weights = [draw(st.integers(1, 4)) for _ in values]
    return table([((x,), Fraction(w, sum(weights))) for x, w in zip(values, weights, strict=True)])


def naive(law_w: Table, law_a: Table, n: int, power: int) -> Fraction:
    """E((sum W a)^power), outcome by outcome."""
    total = Fraction(0)
    for rows in product(*[law_w.law().items()] * n, *[law_a.law().items()] * n):
        p, z = Fraction(1), Fraction(0)
        for _, q in rows:
            p *= q
        for (w, _), (a, _) in zip(rows[:n], rows[n:], strict=True):
            z += w[0] * a[0]
        total += p * z**power
    return total


@given(laws(), laws(), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_values_are_those_of_naive_enumeration(law_w: Table, law_a: Table, n: int) -> None:
    of = model({"m": 1, "n": n}, {}, {"W": law_w, "a": law_a})
    step = LAYERS.steps[0]
    assert value(LAYERS, of, step.left, {}) == naive(law_w, law_a, n, 3)  # type: ignore[arg-type]
    variance = naive(law_w, law_a, n, 2) - naive(law_w, law_a, n, 1) ** 2
    assert value(LAYERS, of, step.right, {}) == variance  # type: ignore[arg-type]


@given(laws(), st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_a_table_of_independent_entries_gives_what_independent_blocks_give(law: Table, n: int) -> None:
    rows = [(tuple(x[0] for x, _ in outcome), _weight(outcome)) for outcome in product(law.law().items(), repeat=n)]
    keys = tuple(("W", (1, j)) for j in range(1, n + 1))
    apart = model({"m": 1, "n": n}, {}, {"W": law, "a": SIGNS})
    together = model({"m": 1, "n": n}, {}, {"a": SIGNS}, [Block(keys, table(rows))])
    for side in (LAYERS.steps[0].left, LAYERS.steps[0].right):
        assert value(LAYERS, apart, side, {}) == value(LAYERS, together, side, {})  # type: ignore[arg-type]


def _weight(outcome: tuple[tuple[tuple[int | Fraction, ...], Fraction], ...]) -> Fraction:
    p = Fraction(1)
    for _, q in outcome:
        p *= q
    return p


def test_probabilities_that_do_not_add_up_to_one_are_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        table([((1,), HALF)])
    with pytest.raises(ValueError, match="add up"):
        table([((1,), Fraction(3, 2)), ((0,), -HALF)])


def test_an_entry_cannot_lie_in_two_blocks() -> None:
    with pytest.raises(ValueError, match="two blocks"):
        model({}, {}, {"X": SIGNS}, [Block((("X", ()),), SIGNS)])


def close(found: object, low: str, high: str) -> bool:
    assert isinstance(found, Ball)
    a, b = found.bounds()
    return Fraction(low) < a <= b < Fraction(high)


def test_continuous_moments_are_those_of_the_textbook() -> None:
    normal = model({}, {}, {"y": Continuous("Normal", (0, 4))})
    key = ("y", ())
    assert [moment(normal, key, p, 0) for p in range(7)] == [1, 0, 4, 0, 48, 0, 960]
    assert moment(normal, key, 2, 1) == 0
    assert close(moment(normal, key, 1, 1), "1.59576912", "1.59576913")  # sqrt(2/pi) times 2
    shifted = model({}, {}, {"y": Continuous("Normal", (1, 2))})
    assert moment(shifted, key, 3, 0) == 7
    with pytest.raises(Unusable):
        moment(shifted, key, 1, 1)
    uniform = model({}, {}, {"y": Continuous("Uniform", (-1, 2))})
    assert moment(uniform, key, 2, 0) == 1
    assert moment(uniform, key, 1, 1) == Fraction(5, 6)
    cut = model({}, {}, {"y": Continuous("TruncatedNormal", (0, 1, -2, 2))})
    assert close(moment(cut, key, 2, 0), "0.77374130", "0.77374131")
    assert moment(cut, key, 3, 0) == 0


def test_relu_of_a_normal_entry_has_half_the_second_moment_and_not_half_the_variance() -> None:
    of = problem(("y random", "y ~ Normal(0, 1)"), "E(relu(y)^2) = Var(relu(y))")
    normal = model({}, {}, {"y": Continuous("Normal", (0, 1))})
    step = of.steps[0]
    assert value(of, normal, step.left, {}) == HALF  # type: ignore[arg-type]
    assert close(value(of, normal, step.right, {}), "0.3408450", "0.3408451")  # type: ignore[arg-type]


def test_overlapping_enclosures_decide_nothing() -> None:
    third = ball(Fraction(1, 3))
    assert compare(third, "=", Fraction(1, 3)) is None
    assert compare(third, "<", Fraction(1, 3)) is None
    assert compare(third, ">=", Fraction(1, 3)) is None
    assert compare(third, "=", HALF) is False
    assert compare(third, "<", HALF) is True
    assert compare(third, ">=", HALF) is False


def test_what_is_not_defined_in_a_model_makes_the_model_unusable() -> None:
    of = problem(("X random",), "1/Var(X) = sqrt(E(X))")
    for side, x in ((of.steps[0].left, 1), (of.steps[0].right, -1)):
        with pytest.raises(Unusable):
            value(of, model({}, {}, {"X": point_mass(x)}), side, {})  # type: ignore[arg-type]


def test_zero_to_the_zero_is_one_and_the_sign_of_zero_is_zero() -> None:
    of = problem(("X random",), "E(X^0) + E(sign(X)) + E(step(X)) = E(X)^0")
    zero = model({}, {}, {"X": point_mass(0)})
    assert value(of, zero, of.steps[0].left, {}) == value(of, zero, of.steps[0].right, {}) == 1  # type: ignore[arg-type]
