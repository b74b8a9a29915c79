"""The rules: what SymPy solves agrees with what the library's theorems find."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy as sp

from derive import library
from derive.symbolic import rules
from derive.symbolic.notation import size
from derive.symbolic.objects import theorem

FINDS: dict[str, tuple[Callable[[], rules.Rule], dict[str, str]]] = {
    "forward-rule": (rules.forward_rule, {"n": "n_in"}),
    "backward-rule": (rules.backward_rule, {}),
    "glorot-rule": (rules.glorot_rule, {}),
    "he-rule": (rules.he_rule, {"n": "n_in"}),
    "he-backward-rule": (rules.he_backward_rule, {}),
    "leaky-relu-rule": (rules.leaky_relu_rule, {"n": "n_in"}),
}
n_in, n_out, alpha = rules.N_IN, rules.N_OUT, rules.ALPHA


@pytest.mark.parametrize("name", FINDS)
def test_the_rule_is_the_librarys_answer(name: str) -> None:
    rule, renamed = FINDS[name]
    answer = theorem(name).rule
    assert answer is not None
    answer = answer.subs({size(old): size(new) for old, new in renamed.items()})
    assert sp.simplify(rule().weight_variance - answer) == 0


def test_the_rules_are_the_fields() -> None:
    assert rules.forward_rule().weight_variance == 1 / n_in
    assert rules.backward_rule().weight_variance == 1 / n_out
    assert rules.glorot_rule().weight_variance == 2 / (n_in + n_out)
    assert rules.he_rule().weight_variance == 2 / n_in
    assert rules.he_backward_rule().weight_variance == 2 / n_out
    assert sp.simplify(rules.leaky_relu_rule().weight_variance - 2 / ((1 + alpha**2) * n_in)) == 0


def test_the_uniform_bounds_are_the_frameworks() -> None:
    assert rules.forward_rule().uniform_bound == sp.sqrt(3 / n_in)
    assert rules.he_rule().uniform_bound == sp.sqrt(6 / n_in)
    assert rules.glorot_rule().uniform_bound == sp.sqrt(6 / (n_in + n_out))


def test_both_of_glorots_conditions_hold_only_where_the_widths_agree() -> None:
    assert rules.glorot_conflict() == []
    v = rules.glorot_rule().weight_variance
    forward = rules.forward_factor().subs(rules.V, v)
    backward = rules.backward_factor().subs(rules.V, v)
    assert sp.simplify((forward + backward) / 2) == 1
    assert sp.simplify(forward - 1) != 0
    assert sp.solve(sp.Eq(forward, 1), n_out) == [n_in]


def test_glorots_rule_is_the_harmonic_mean_of_the_two() -> None:
    forward, backward = rules.forward_rule().weight_variance, rules.backward_rule().weight_variance
    assert sp.simplify(rules.harmonic_mean(forward, backward) - rules.glorot_rule().weight_variance) == 0


def test_a_factor_without_the_weights_has_no_rule_and_says_so() -> None:
    with pytest.raises(ValueError, match="no single solution"):
        rules.rule("none", sp.Integer(2))


def test_a_theorem_of_the_library_comes_with_claim_rule_and_a_page_for_notebooks() -> None:
    found = theorem("he-rule")
    assert found.rule == 2 / size("n")
    page = found._repr_markdown_()  # pyright: ignore[reportPrivateUsage]
    assert r"\operatorname" not in page
    assert "Var(W) = 2/n" in page
    assert theorem("preactivation-variance").rule == found_formula()


def found_formula() -> sp.Expr:
    formula = theorem("preactivation-variance").claim
    return formula.rhs


def test_an_unknown_theorem_is_a_key_error_with_the_known_names() -> None:
    with pytest.raises(KeyError, match="he-rule"):
        theorem("hee-rule")


def test_the_library_has_its_fifteen_theorems() -> None:
    assert set(FINDS) < set(library.names())
    assert len(library.names()) >= 15
