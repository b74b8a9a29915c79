"""A term's values over all outcomes, part by part, are those that it has outcome by outcome."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from derive.referee.algebra import average
from derive.referee.model import Block, Key, Model, Table, model, table
from derive.referee.outcomes import Outcomes
from derive.referee.program import program
from tests.referee.texts import problem

SHARED = problem(("X random", "Y random", "V random", "a real"), "E(relu(X + a*Y)*(X - V)^2 + Y*V) = 0")
KEYS: tuple[Key, ...] = (("X", ()), ("Y", ()), ("V", ()))
small = st.fractions(-2, 2, max_denominator=3)


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Models in which all three families are independent, or two of them are drawn together."""
    apart: tuple[tuple[Key, ...], ...] = draw(
        st.sampled_from([(KEYS[:1], KEYS[1:2], KEYS[2:]), (KEYS[:2], KEYS[2:]), (KEYS[:1], KEYS[1:]), (KEYS,)])
    )
    blocks = [Block(keys, draw(_tables(len(keys)))) for keys in apart]
    return model({}, {("a", ()): draw(small)}, {}, blocks)


@st.composite
def _tables(draw: st.DrawFn, width: int) -> Table:
    rows = draw(st.lists(st.tuples(*[small] * width), min_size=1, max_size=3, unique=True))
    weights = [draw(st.integers(1, 4)) for _ in rows]
    return table([(row, Fraction(w, sum(weights))) for row, w in zip(rows, weights, strict=True)])


@given(models())
@settings(max_examples=80, deadline=None)
def test_values_come_in_the_order_of_the_outcomes_each_as_if_worked_out_by_itself(of: Model) -> None:
    (body,) = program(SHARED, {}, [SHARED.steps[0].left], {}).slots
    parts = of.marginals(body.entries)
    numbers, values = Outcomes(parts, dict(of.constants)).column(body)
    assert numbers == tuple(range(len(parts)))
    naive = []
    for rows in product(*(rows for _, rows, _ in parts)):
        outcome = {
            k: x for (keys, _, _), (row, _) in zip(parts, rows, strict=True) for k, x in zip(keys, row, strict=True)
        }
        naive.append(body.run({**of.constants, **outcome}))
    assert values == naive


@given(st.dictionaries(small.map(lambda x: x.numerator if x.denominator == 1 else x), st.integers(1, 9), min_size=1))
def test_an_average_is_the_sum_of_values_times_weights_over_the_total(law: dict[int | Fraction, int]) -> None:
    total = sum(law.values())
    found = average(law, total)
    assert found == sum((Fraction(x) * w for x, w in law.items()), Fraction(0)) / total
    assert isinstance(found, int) or found.denominator > 1
