"""Constant weights stay equal: derived by SymPy for every loss, computed in fractions for a few."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Rational, diff

from derive.report.comparing import compared
from derive.report.envelope import Envelope, envelope_of
from derive.report.symmetry import NAME
from derive.symbolic import symmetry, two_units
from derive.symbolic.two_units import CONTROL, RELU, RUNS, SQUARE, Activation, Network, Run, Unit
from derive.wiring import symmetry_report

small = st.fractions(min_value=-2, max_value=2, max_denominator=6)
units = st.builds(Unit, small, small, small, small)
networks = st.builds(Network, units, units, small)


@pytest.mark.parametrize("statement", symmetry.statements(), ids=lambda s: s.name)
def test_each_statement_holds(statement: symmetry.Statement) -> None:
    assert statement.holds


def test_gradients_of_units_with_unequal_output_weights_are_not_found_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(symmetry, "TWINS", {**symmetry.TWINS, symmetry.V2: 2 * symmetry.V})
    assert not symmetry.same_gradients().holds
    assert not symmetry.same_steps().holds


def test_a_hidden_weight_has_a_gradient_where_its_output_weight_is_not_zero() -> None:
    slopes = [diff(symmetry.batch_loss(), w) for w in (symmetry.W11, symmetry.W21)]
    first, second = (symmetry.at(s, {symmetry.V1: Integer(0)}) for s in slopes)
    assert first == 0
    assert second != 0


# --- the same in fractions --------------------------------------------------------------------------------------------


def sympy_gradient(net: Network, g: Activation) -> list[Fraction]:
    """The gradient by SymPy's rules for the explicit network, with z^2 + z and squared errors put in."""
    point = dict(
        zip(
            (*symmetry.ONE, *symmetry.TWO, symmetry.C),
            (net.one.w1, net.one.w2, net.one.b, net.one.v, net.two.w1, net.two.w2, net.two.b, net.two.v, net.c),
            strict=True,
        )
    )
    f = symmetry.output()
    loss = sum(
        (
            f.subs({symmetry.X1[symmetry.EXAMPLE]: Rational(x1), symmetry.X2[symmetry.EXAMPLE]: Rational(x2)})
            - Rational(t)
        )
        ** 2
        / 2
        for x1, x2, t in two_units.DATA
    )
    concrete = loss.replace(symmetry.Activation, lambda z: z**2 + z)
    at = {name: Rational(value.numerator, value.denominator) for name, value in point.items()}
    return [Fraction(str(diff(concrete, name).subs(at))) for name in point]


@settings(max_examples=10, deadline=None)
@given(networks)
def test_the_gradient_written_by_hand_is_the_one_that_sympy_finds(net: Network) -> None:
    by_hand = two_units.gradient(net, SQUARE)
    numbers = [x for u in (by_hand.one, by_hand.two) for x in (u.w1, u.w2, u.b, u.v)]
    assert [*numbers, by_hand.c] == sympy_gradient(net, SQUARE)


@settings(max_examples=25, deadline=None)
@given(units, small, st.sampled_from([RELU, SQUARE]), st.fractions(0, Fraction(1, 2), max_denominator=8))
def test_units_that_are_equal_stay_equal(unit: Unit, c: Fraction, g: Activation, momentum: Fraction) -> None:
    run = Run("", Network(unit, unit, c), g, Fraction(1, 16), momentum, steps=2)
    assert all(two_units.outcome(run).twins)


@pytest.mark.parametrize("run", RUNS, ids=lambda r: r.name)
def test_each_run_of_the_report_keeps_its_units_equal(run: Run) -> None:
    assert all(two_units.outcome(run).twins)


def test_the_runs_train_something() -> None:
    outcomes = [two_units.outcome(run) for run in RUNS]
    assert all(o.last_loss < o.first_loss for o in outcomes)
    assert [o.run.name for o in outcomes if not o.moved] == ["all weights 0"]


def test_unequal_output_weights_part_the_units_in_one_step() -> None:
    assert two_units.outcome(CONTROL).alike[:2] == (True, False)


# --- the report -------------------------------------------------------------------------------------------------------


def test_the_report_is_accepted_and_every_changed_line_refused() -> None:
    text, failures = symmetry_report()
    assert failures == ()
    assert envelope_of(text) == Envelope("symmetry report", NAME)
    assert compared(text, text, file="x.md", name=NAME) is None
    lines = text.split("\n")
    for k in range(len(lines) - 1):
        changed = "\n".join([*lines[:k], lines[k] + "x", *lines[k + 1 :]])
        verdict = compared(changed, text, file="x.md", name=NAME)
        assert verdict is not None
        assert (verdict.verdict, verdict.line) == ("error", k + 1)


def test_the_report_never_says_proved() -> None:
    text, _ = symmetry_report()
    assert "**proved**" not in text
    assert "not proved" in text
