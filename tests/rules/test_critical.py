"""``derive.critical``: the pair, the edge, what is chosen exactly, and what does not exist."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

import derive

NAMES = {"weight_variance", "bias_variance", "fixed_point", "chi_parallel", "chi_perpendicular"}


def test_both_slopes_of_tanh_are_one_at_zero() -> None:
    found = derive.critical("tanh").json()
    assert [found[name]["exact"] for name in ("weight_variance", "bias_variance", "fixed_point")] == ["1", "0", "0"]
    assert found["chi_parallel"]["exact"] == found["chi_perpendicular"]["exact"] == "1"
    assert not found["every"]


def test_every_second_moment_of_relu_is_a_fixed_point_and_two_is_proved() -> None:
    found = derive.critical("relu").json()
    assert found["fixed_point"] is None
    assert found["every"]
    assert (found["weight_variance"]["exact"], found["weight_variance"]["status"]) == ("2", "proved")


def test_relu_with_biases_has_no_edge_of_chaos() -> None:
    found = derive.critical("relu", bias_variance="0.05")
    assert found.weight_variance is None
    assert "no fixed point" in found.message
    assert found.status == 1
    assert derive.critical("relu", bias_variance=0).status == 0


@pytest.mark.parametrize("bias", ["0.05", ".05", "1/20", Fraction(1, 20)])
def test_the_edge_of_tanh_is_the_computed_one_however_the_bias_is_written(bias: str | Fraction) -> None:
    found = derive.critical("tanh", bias_variance=bias).json()
    assert found["weight_variance"]["value"].startswith("1.7609546396")
    assert found["fixed_point"]["value"].startswith("0.5700478816")
    assert found["bias_variance"]["exact"] == "0.05"
    assert found["chi_perpendicular"]["exact"] == "1"
    assert found["chi_parallel"]["status"] == "certified"


def test_gelu_has_two_pairs_and_the_one_with_signal_comes_first() -> None:
    found = derive.critical("gelu")
    assert found.json()["fixed_point"]["value"].startswith("3.56155281")
    (other,) = found.others
    assert other.json()["weight_variance"]["exact"] == "4"
    assert other.json()["fixed_point"]["exact"] == "0"


@pytest.mark.parametrize(("name", "said"), [("step", "jumps"), ("sigmoid", "not found"), ("softplus", "not found")])
def test_what_does_not_exist_or_is_not_found_is_said(name: str, said: str) -> None:
    found = derive.critical(name)
    assert said in found.message
    assert found.status == 1


def test_what_diverges_is_not_certified() -> None:
    found = derive.critical("exp(z^2)")
    assert "not certified" in found.message
    assert found.status == 3


@pytest.mark.parametrize(("name", "bias"), [("tanh", None), ("relu", None), ("step", None), ("relu", 1), ("gelu", 1)])
def test_the_json_always_has_the_same_fields(name: str, bias: int | None) -> None:
    found = json.loads(json.dumps(derive.critical(name, bias_variance=bias).json()))
    assert set(found) == {*NAMES, "activation", "expression", "every", "others", "message"}
    for other in found["others"]:
        assert set(other) == {*NAMES, "every"}
    numbers = [found[name] for name in NAMES if found[name] is not None]
    assert all(set(n) == {"exact", "value", "radius", "status"} for n in numbers)


def test_a_negative_bias_variance_is_refused() -> None:
    with pytest.raises(ValueError, match="write for example"):
        derive.critical("tanh", bias_variance="-1")
