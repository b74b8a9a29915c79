"""The rule of an activation: every number of the table, what is proved, what is only certified, what is not known."""

from __future__ import annotations

import json
import re
import time
from fractions import Fraction
from math import sqrt

import flint
import numpy as np
import pytest
from flint import arb

import derive
from derive.gaussian import Number
from derive.rules import Side

# Under N(0, 1): E f, E f^2, E f'^2; computed with 30-digit quadrature outside the project.
TABLE = {
    "relu": ("0.398942280401", "0.5", "0.5"),
    "leaky_relu": ("0.394952857597", "0.50005", "0.50005"),
    "elu": ("0.160520572267", "0.64494541749", "0.6681020012"),
    "selu": ("0", "1", "1.0715749925"),
    "gelu": ("0.282094791774", "0.42522148257", "0.4558508656"),
    "silu": ("0.206620964142", "0.35577551982", "0.3794823516"),
    "mish": ("0.240403888375", "0.45234219238", "0.4790837584"),
    "tanh": ("0", "0.39429449040", "0.4644029024"),
    "erf": ("0", "0.46455905440", "0.5694100347"),
    "squared_relu": ("0.5", "1.5", "2"),
}
NUMBER = {"exact", "value", "radius", "status"}
SIDE = {"second_moment", "gain", "weight_variance", "uniform_bound", "truncated_std"}


def near(number: Number | None, digits: str) -> bool:
    assert number is not None
    assert number.ball is not None
    places = len(digits.partition(".")[2]) or 12
    with flint.ctx.workprec(200):
        return bool(abs(number.ball - arb(digits)) < arb(10) ** -places)


def told(number: Number | None) -> tuple[str | None, str]:
    assert number is not None
    return number.json()["exact"], number.status


@pytest.mark.parametrize("name", TABLE)
def test_the_gains_are_those_of_the_table(name: str) -> None:
    mean, second, slope = TABLE[name]
    found = derive.rule(name)
    assert near(found.mean, mean)
    assert near(found.forward.second_moment, second)
    assert near(found.backward.second_moment, slope)
    for side, moment in ((found.forward, second), (found.backward, slope)):
        assert side.gain is not None
        assert float(side.gain.ball.mid()) == pytest.approx(float(moment) ** -0.5, rel=1e-9)
        assert side.truncated_std is not None
        ratio = float(side.truncated_std.ball.mid()) / float(side.gain.ball.mid())
        assert 1 / ratio == pytest.approx(0.879625661034239750, rel=1e-14)
    with flint.ctx.workprec(200):
        variance = arb(second) - arb(mean) ** 2
        assert bool(abs(found.centred_variance.ball - variance) < arb(10) ** -9)


@pytest.mark.parametrize(
    ("name", "status", "gain", "weight", "bound"),
    [
        ("relu", "proved", "sqrt(2)", "2/fan_in", "sqrt(6/fan_in)"),
        ("identity", "proved", "1", "1/fan_in", "sqrt(3/fan_in)"),
        ("selu", "proved", "1", "1/fan_in", "sqrt(3/fan_in)"),
        ("gelu", "proved", "sqrt(6*pi/(sqrt(3) + 2*pi))", "6*pi/(fan_in*(sqrt(3) + 2*pi))", None),
        ("silu", "certified", None, None, None),
    ],
)
def test_what_is_proved_is_written_exactly(
    name: str, status: str, gain: str | None, weight: str | None, bound: str | None
) -> None:
    forward = derive.rule(name).forward
    assert told(forward.gain) == (gain, status)
    assert weight is None or forward.weight_variance == weight
    assert bound is None or forward.uniform_bound == bound


def test_a_closed_form_that_decide_does_not_accept_is_not_called_proved() -> None:
    forward = derive.rule("2^z").forward
    assert told(forward.second_moment) == ("exp(2*log(2)^2)", "certified")
    assert told(forward.gain)[1] == "certified"


def test_a_wrong_closed_form_is_not_called_proved() -> None:
    from dataclasses import replace

    from derive.gaussian import read, second_moment
    from derive.language.terms import number
    from derive.rules.proving import with_proof

    f = read("relu")
    right = second_moment(f, 1)
    assert with_proof(f, "f^2", Fraction(1), right).status == "proved"
    wrong = replace(right, exact=number(Fraction(1, 3)))
    assert with_proof(f, "f^2", Fraction(1), wrong).status == "certified"
    assert with_proof(f, "f^2", Fraction(2), right).status == "certified"  # it is 1 there


def test_a_closed_form_that_cannot_be_evaluated_leaves_the_enclosure() -> None:
    found = derive.rule("hardshrink", variance="1/1000")
    assert found.forward.gain is not None
    assert found.forward.gain.ball is not None
    assert found.status == 0


def test_what_follows_from_a_number_that_is_not_proved_is_not_proved() -> None:
    from derive.rules.numbers import follows_from_two

    proved, certified = derive.rule("relu").forward.second_moment, derive.rule("2^z").forward.second_moment
    assert proved is not None
    assert certified is not None
    assert certified.exact is not None
    for one, other, status in ((proved, proved, "proved"), (proved, certified, "certified")):
        found = follows_from_two(lambda a, b: a + b, lambda a, b: a + b, one, other)
        assert found.exact is not None
        assert found.status == status


def test_both_sides_of_relu_and_their_average() -> None:
    found = derive.rule("relu")
    assert found.backward.weight_variance == "2/fan_out"
    assert found.average == "4/(fan_in + fan_out)"
    assert derive.rule("identity").average == "2/(fan_in + fan_out)"


def test_a_homogeneous_activation_has_one_gain_at_every_second_moment() -> None:
    for q in (1, Fraction(1, 3), "4"):
        found = derive.rule("leaky_relu", variance=q, params={"alpha": "0.25"})
        assert found.homogeneous
        assert found.fixed_point is None
        assert found.forward.weight_variance == "32/(17*fan_in)"
        assert "whatever it is" in found.scope


@pytest.mark.parametrize("q", ["1/2", "2"])
def test_the_rule_at_q_keeps_the_second_moment_there_and_only_there(q: str) -> None:
    """Quadrature in NumPy, which shares nothing with the enclosure."""
    found = derive.rule("tanh", variance=q)
    gain = found.forward.gain
    assert gain is not None
    weight = float(gain.ball.mid()) ** 2
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    value = Fraction(q)

    def after(v: float) -> float:
        return weight * float(np.sum(weights * np.tanh(sqrt(v) * nodes) ** 2)) / sqrt(2 * np.pi)

    assert after(float(value)) == pytest.approx(float(value), rel=1e-6)
    assert after(2 * float(value)) != pytest.approx(2 * float(value), rel=1e-2)
    assert not found.homogeneous


@pytest.mark.parametrize(("name", "attracts"), [("tanh", True), ("selu", True), ("gelu", False), ("silu", False)])
def test_the_scope_says_whether_the_fixed_point_attracts(name: str, attracts: bool) -> None:
    found = derive.rule(name)
    assert found.fixed_point is not None
    assert found.fixed_point.attracts is attracts
    assert ("attracts" if attracts else "repels") in found.scope


@pytest.mark.parametrize("name", ["step", "sign", "hardshrink"])
def test_a_jump_has_a_forward_rule_and_no_backward_one(name: str) -> None:
    found = derive.rule(name)
    assert found.forward.gain is not None
    assert found.backward == Side()
    assert "undefined: f jumps at" in found.scope
    assert found.status == 0


def test_what_diverges_is_said_and_has_no_lines_to_paste() -> None:
    found = derive.rule("exp(z^2)", claim="1")
    assert told(found.forward.second_moment) == (None, "not certified")
    assert found.claim is not None
    assert found.claim.verdict == "undecided"
    assert found.snippets.pytorch is None
    assert "does not exist" in found.scope
    assert found.status == 3


def test_an_expression_has_the_numbers_of_the_activation_that_it_writes() -> None:
    named, written = derive.rule("silu"), derive.rule("z*sigmoid(z)")
    assert named.forward.gain is not None
    assert written.forward.gain is not None
    assert named.forward.gain.value == written.forward.gain.value
    assert derive.rule("max(z, 0.1*z)").homogeneous


@pytest.mark.parametrize("digits", [1, 8, 100])
def test_as_many_digits_as_were_asked_for_are_certified(digits: int) -> None:
    gain = derive.rule("mish", digits=digits).forward.gain
    assert gain is not None
    assert gain.value is not None
    assert gain.radius is not None
    with flint.ctx.workprec(800):
        best = derive.rule("mish", digits=120).forward.gain
        assert best is not None
        assert bool(abs(arb(gain.value) - best.ball) <= arb(gain.radius))
        assert bool(arb(gain.radius) <= 2 * arb(10) ** -digits)


@pytest.mark.parametrize("name", ["relu", "silu", "step", "exp(z^2)"])
def test_the_json_always_has_the_same_fields(name: str) -> None:
    found = json.loads(json.dumps(derive.rule(name, claim="5/3").json()))
    assert set(found) == {
        *("activation", "expression", "variance", "homogeneous", "forward", "backward", "average", "mean"),
        *("centred_variance", "fixed_point", "scope", "snippets", "claim"),
    }
    assert set(found["forward"]) == set(found["backward"]) == SIDE
    assert set(found["mean"]) == set(found["centred_variance"]) == NUMBER
    assert set(found["snippets"]) == {"pytorch", "jax", "keras", "numpy"}
    assert {"gain", "verdict", "ratio", "after_layers"} <= set(found["claim"])
    assert set(found["claim"]["after_layers"]) == {"10", "50", "100"}
    assert derive.rule("relu").json()["claim"] is None


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("gleu", {}, "did you mean `gelu`"),
        ("", {}, "empty"),
        ("z*(sigmoid(z)", {}, "add a `)`"),
        ("relu", {"variance": "0"}, "not positive"),
        ("relu", {"variance": "1e9"}, "write for example"),
        ("relu", {"variance": -1}, "not positive"),
        ("relu", {"digits": 0}, "from 1 to"),
        ("relu", {"digits": 10**9}, "from 1 to"),
        ("relu", {"claim": "z"}, "not a number"),
        ("relu", {"claim": "0"}, "positive"),
        ("relu", {"claim": "1/0"}, "not defined"),
        ("relu", {"claim": ""}, "not a number"),
        ("leaky_relu", {"params": {"alpha": "foo"}}, "not a number"),
        ("relu", {"params": {"alpha": "1"}}, "no parameter"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_remedy(text: str, options: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        derive.rule(text, **options)  # type: ignore[arg-type]


def test_an_activation_that_is_zero_has_no_rule_and_one_that_is_all_but_zero_none_that_is_computed() -> None:
    nothing, far = derive.rule("abs(z) - abs(z)"), derive.rule("relu(z - 100)")
    assert (nothing.status, far.status) == (1, 3)
    assert "f is 0 almost everywhere" in nothing.scope
    assert "not told apart from 0" in far.scope
    assert nothing.average is far.average is None
    assert derive.rule("relu(z - 5)").status == 0
    assert derive.rule("sign(z)^2").average == "2/fan_in"  # E f'^2 = 0: nothing goes back, and the forward rule stands


ODD = (
    "sin(1000*z)", "sin(100000*z)", "cos(1000*z)", "sin(exp(z))", "sin(z^3)", "abs(sin(50*z))", "0.000001*z",
    "z/1000000000", "tanh(z/1000000000)", "tanh(1000000000*z)", "gelu(1000000*z)", "sin(z)^2 + cos(z)^2", "sign(z)^2",
    "z^0", "step(z) + step(-z)", "step(z - 10)*z", "step(sin(1000*z))", "relu(z - 1000000)", "relu(z + 1000000)",
    "gelu(z) + 1000000", "tanh(z) + 1000000000", "exp(z^2)", "exp(-1000000*z^2)", "z^64", "abs(z)^(1/2)",
    "min(max(z, -0.001), 0.001)", "sin(30*z)*step(z)",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("text", ODD)
def test_the_odd_ones_have_a_rule_and_a_critical_pair_or_words_in_good_time(text: str) -> None:
    for ask in (derive.rule, derive.critical):
        before = time.process_time()
        found = ask(text)
        assert found.status in {0, 1, 3}
        assert time.process_time() - before <= 5  # 2 at most on a quiet machine
