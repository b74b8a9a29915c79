"""Published numbers that no other test of the rules looks at."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb

import derive
from derive.gaussian import expectation, mean, read, second_moment
from derive.language.parser import parse_term

PYTORCH = [
    ("identity", {}, "1", "holds"),
    ("sigmoid", {}, "1", "does not hold"),
    ("tanh", {}, "5/3", "does not hold"),
    ("relu", {}, "sqrt(2)", "holds"),
    ("leaky_relu", {"alpha": "0.3"}, "sqrt(2/(1+0.3^2))", "holds"),
    ("selu", {}, "3/4", "does not hold"),
]


@pytest.mark.parametrize(("name", "params", "gain", "verdict"), PYTORCH)
def test_the_gains_of_torch_are_judged(name: str, params: dict[str, str], gain: str, verdict: str) -> None:
    """torch.nn.init.calculate_gain."""
    found = derive.rule(name, params=params, claim=gain, digits=10)
    assert found.claim is not None
    assert found.claim.verdict == verdict


def test_the_elu_of_nfnets_is_good_to_an_eighth_of_a_percent() -> None:
    f = read("elu")
    exact = 1 / (second_moment(f, 1).ball - mean(f, 1).ball ** 2).sqrt()
    assert 0.0003 < abs(1.27160 / float(exact.mid()) - 1) < 0.0014


def test_relus_variance_taken_for_its_second_moment_gives_almost_three() -> None:
    found = derive.rule("relu")
    assert found.centred_variance.ball is not None
    assert abs(1 / found.centred_variance.ball - arb("2.934")) < arb("0.0005")


def test_a_layer_of_torchs_default_keeps_a_sixth() -> None:
    """kaiming_uniform with a = sqrt 5: gain^2/fan_in = 2/(1 + 5)/fan_in; relu keeps half of 1/3."""
    second = derive.rule("relu").forward.second_moment
    assert second is not None
    assert (second.ball / 3).overlaps(arb(1) / 6)
    assert second.status == "proved"
    assert derive.rule("leaky_relu", params={"alpha": "sqrt(5)"}).forward.weight_variance == "1/(3*fan_in)"


def test_the_integral_that_sympy_gets_wrong_is_two() -> None:
    """integrate(abs(sin(x)*cos(x)), (x, 0, 2*pi)), sympy issue 29072: 2 pi times the mean over a period."""
    found = expectation(parse_term("abs(sin(pi*y)*cos(pi*y))"), "Uniform", (Fraction(0), Fraction(2)))
    assert (found * 2 * arb.pi()).overlaps(arb(2))
    assert (found * 2 * arb.pi()).rad() < 1e-6
