"""Somebody's gain: held against the rule by a proof or an enclosure, and followed through the layers."""

from __future__ import annotations

from fractions import Fraction
from math import pi, sqrt

import flint
import numpy as np
import pytest
from flint import arb

import derive
from derive.gaussian import read, second_moment
from derive.gaussian.depth import Layer
from derive.rules import Claim
from derive.rules.claim import _settled  # pyright: ignore[reportPrivateUsage]

PYTORCH = [  # torch.nn.init.calculate_gain
    ("identity", {}, "1", "holds"),
    ("relu", {}, "sqrt(2)", "holds"),
    ("leaky_relu", {}, "sqrt(2/(1 + 0.01^2))", "holds"),
    ("leaky_relu", {"alpha": "0.25"}, "sqrt(2/(1 + 0.25^2))", "holds"),
    ("sigmoid", {}, "1", "does not hold"),
    ("tanh", {}, "5/3", "does not hold"),
    ("selu", {}, "3/4", "does not hold"),
]


def judged(name: str, claim: str, **options: object) -> Claim:
    found = derive.rule(name, claim=claim, **options).claim  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize(("name", "params", "gain", "verdict"), PYTORCH)
def test_the_gains_of_pytorch_are_judged(name: str, params: dict[str, str], gain: str, verdict: str) -> None:
    assert judged(name, gain, params=params).verdict == verdict


@pytest.mark.parametrize(
    ("name", "gain"), [("selu", "1"), ("gelu", "1/sqrt(1/3 + 1/(2*pi*sqrt(3)))"), ("step", "sqrt(2)")]
)
def test_what_is_proved_holds_and_leaves_every_layer_as_it_is(name: str, gain: str) -> None:
    claim = judged(name, gain)
    assert claim.verdict == "holds"
    assert {n.json()["exact"] for _, n in claim.after_layers} == {"1"}
    assert derive.rule(name, claim=gain).status == 0


def test_a_hair_off_does_not_hold_however_small() -> None:
    assert judged("relu", "1.41421356237309504880168872420969807857", digits=30).verdict == "does not hold"
    assert judged("relu", "sqrt(2)").verdict == "holds"
    assert judged("relu", "sqrt(2.000000000000000000000000000001)").verdict == "does not hold"


def test_what_neither_a_proof_nor_an_enclosure_separates_is_undecided() -> None:
    """The gain of tanh to 60 digits, judged with 10: the enclosure holds both."""
    gain = derive.rule("tanh", digits=60).forward.gain
    assert gain is not None
    assert gain.value is not None
    assert judged("tanh", gain.value, digits=10).verdict == "undecided"
    assert derive.rule("tanh", claim=gain.value, digits=10).status == 3
    assert judged("tanh", gain.value, digits=80).verdict == "does not hold"


def test_a_rounded_gain_is_called_one() -> None:
    assert judged("tanh", "1.5925").remark == "the gain rounded to 4 decimals"
    assert judged("tanh", "1.5926").remark == ""


def test_a_homogeneous_activation_multiplies_by_the_same_exact_factor() -> None:
    claim = judged("relu", "1")
    assert claim.ratio.json()["exact"] == "1/sqrt(2)"
    assert [n.json()["exact"] for _, n in claim.after_layers] == [
        str(Fraction(1, 2**layers)) for layers in (10, 50, 100)
    ]
    assert {n.status for _, n in claim.after_layers} == {"proved"}
    assert claim.fixed_points == ()


def test_tanh_with_five_thirds_settles_above_one_and_selu_with_three_quarters_far_below() -> None:
    tanh, selu = judged("tanh", "5/3"), judged("selu", "3/4")
    assert [str(n.value)[:8] for _, n in tanh.after_layers] == ["1.178435", "1.178480", "1.178480"]
    assert selu.ratio.json()["exact"] == "3/4"
    assert [p.attracts for p in selu.fixed_points] == [False, True]
    assert str(selu.after_layers[2][1].value).startswith("0.02304")


@pytest.mark.parametrize(("name", "gain", "q"), [("tanh", "5/3", "1"), ("erf", "2", "1/2"), ("gelu", "1.6", "2")])
def test_the_layers_are_followed_as_quadrature_follows_them(name: str, gain: str, q: str) -> None:
    nodes, weights = np.polynomial.legendre.leggauss(120)

    def second(v: float) -> float:
        z = 6 * (nodes + 1)
        from scipy.special import erf

        f = {"tanh": np.tanh, "erf": erf, "gelu": lambda x: x * (1 + erf(x / sqrt(2))) / 2}[name]
        both = f(sqrt(v) * z) ** 2 + f(-sqrt(v) * z) ** 2
        return float(np.sum(6 * weights * both * np.exp(-z * z / 2))) / sqrt(2 * pi)

    now, found = float(Fraction(q)), []
    for layer in range(1, 101):
        now = float(Fraction(gain)) ** 2 * second(now)
        found += [now / float(Fraction(q))] if layer in (10, 50, 100) else []
    claim = judged(name, gain, variance=q)
    certified = [n for _, n in claim.after_layers if n.status == "certified"]
    assert len(certified) >= 2
    for number, value in zip(certified, found, strict=False):
        assert float(number.ball.mid()) == pytest.approx(value, rel=1e-7)


def test_what_explodes_ends_in_words_and_in_no_hang() -> None:
    claim = judged("squared_relu", "2")
    assert {n.status for _, n in claim.after_layers} == {"not certified"}
    assert claim.verdict == "does not hold"
    assert "1e12" in claim.after_layers[0][1].reason
    small = judged("tanh", "1/10").after_layers
    assert small[-1][1].status == "not certified"
    assert small[0][1].status == "certified"


def test_endless_kinks_are_not_followed_through_layers() -> None:
    claim = judged("max(sin(z), 0)", "5/3")
    assert claim.verdict == "does not hold"
    assert {n.status for _, n in claim.after_layers} == {"not certified"}


def test_the_claim_of_a_gain_at_another_second_moment_is_judged_there() -> None:
    with flint.ctx.workprec(200):
        at_one, at_two = (derive.rule("tanh", variance=q).forward.gain for q in (1, 2))
        assert at_one is not None
        assert at_two is not None
        ratio = judged("tanh", "5/3", variance=2).ratio.ball
        assert bool((ratio * at_two.ball).overlaps(arb(5) / 3))
        assert not bool((ratio * at_one.ball).overlaps(arb(5) / 3))


def test_only_a_ball_that_the_map_keeps_has_settled() -> None:
    """1 attracts under tanh's rule and repels under silu's: there a ball around it leaves itself."""
    for name, keeps in (("tanh", True), ("silu", False)):
        f = read(name)
        with flint.ctx.workprec(120):
            layer = Layer(f, 1 / second_moment(f, 1, digits=30).ball)
            settled, ball = _settled(layer, arb(1, "1e-12"))
        assert settled is keeps
        assert bool(ball.contains(1))


def test_after_many_layers_the_value_is_where_plain_iteration_arrives() -> None:
    """Whether iterates were cut short or not: tanh settles within the hundred layers, selu with 3/4 does not."""
    for name, gain in (("tanh", Fraction(5, 3)), ("selu", Fraction(3, 4))):
        layer, q = Layer(read(name), gain**2), arb(1)
        for _ in range(100):
            q = layer.variance(q.mid(), digits=20)
        (found,) = [n for layers, n in judged(name, str(gain), digits=10).after_layers if layers == 100]
        assert float(found.ball.mid()) == pytest.approx(float(q.mid()), rel=1e-10)
