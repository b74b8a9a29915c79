"""Verdicts: what they say, what they lean on, and that nothing is called proved for less."""

from __future__ import annotations

import subprocess
import sys
from textwrap import indent

import pytest

from derive.decide import decide
from derive.verdict import TheoremVerdict

LAYER = "W[i,j] iid for i in 1..m, j in 1..n\na[j] iid for j in 1..n\nW independent of a\nE(W) = 0"
LET = "z[i] = sum(W[i,j]*a[j], j in 1..n)"


def verdict(givens: str, body: str, let: str = LET) -> TheoremVerdict:
    text = f"```derive\ntheorem t\ngiven\n{indent(givens, '  ')}\n"
    text += f"let\n{indent(let, '  ')}\n" if let else ""
    (only,) = decide(f"{text}{body}\n```\n", file="t.md")
    return only


def test_a_link_that_cites_too_little_is_refuted_and_the_forgotten_given_is_named() -> None:
    v = verdict(f"{LAYER}\nE(a) = 0", "show\n  Var(z) = n*Var(W)*Var(a)  by W independent of a, E(W) = 0")
    (step,) = v.steps
    assert (v.verdict, step.verdict) == ("refuted", "refuted")
    assert step.missing == (("E(a) = 0",),)


def test_a_link_that_cites_enough_is_proved() -> None:
    v = verdict(f"{LAYER}\nE(a) = 0", "show\n  Var(z) = n*Var(W)*Var(a)  by a independent of W, E(W) = 0, E(a) = 0")
    assert v.verdict == "proved"
    assert v.steps[0].uses == ("W independent of a", "E(W) = 0", "E(a) = 0")


def test_given_that_no_link_used_is_a_warning() -> None:
    v = verdict(f"{LAYER}\nE(a) = 0", "show\n  Var(z) = n*Var(W)*E(a^2)")
    assert v.verdict == "proved"
    assert any("`E(a) = 0` is not used" in w for w in v.warnings)


def test_two_wrong_links_do_not_make_a_right_proof() -> None:
    body = "show\n  Var(z) = n*Var(W)*E(a^2)\nproof\n  Var(z)\n    = 0\n    = n*Var(W)*E(a^2)\nqed"
    assert verdict(LAYER, body).verdict == "refuted"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("show\n  Var(z) = n\nproof\n  E(z)\n    = n\nqed", "does not start"),
        ("show\n  Var(z) = n\nproof\n  Var(z)\n    = m\nqed", "does not end"),
        ("show\n  z = 0", "random"),
        ("show\n  Var(z) = n  by E(a) = 1", "not a given"),
        ("show\n  Var(z[r]) = n", "not an index"),
        ("show\n  Var(q) = n", "not declared"),
        ("show\n  E(sum(W[1,j], j in 1..m)) = 0", "1..n"),
    ],
)
def test_what_is_not_well_formed_is_an_error(body: str, says: str) -> None:
    v = verdict(LAYER, body)
    assert v.verdict == "error"
    assert v.message is not None
    assert says in v.message


def test_a_divisor_that_may_vanish_makes_the_link_unknown_and_the_condition_is_named() -> None:
    v = verdict("X random", "show\n  Var(X)/Var(X) = 1", let="")
    assert v.verdict == "unknown"
    assert v.steps[0].missing == (("Var(X) > 0",),)


def test_find_solves_for_a_standard_deviation() -> None:
    v = verdict(f"{LAYER}\ns positive\nVar(W) = s^2\nE(a) = 0\nVar(a) > 0", "find\n  s such that Var(z) = Var(a)")
    assert v.verdict == "proved"
    assert v.found == "sqrt(n)/n"


def test_find_without_a_solution_is_refuted() -> None:
    v = verdict(f"{LAYER}\nVar(a) > 0", "find\n  Var(W) such that Var(a) = 2*Var(a)")
    assert v.verdict == "refuted"


def test_find_does_not_answer_with_a_value_that_the_declaration_excludes() -> None:
    assert verdict("c positive", "find\n  c such that c + 1 = 0", let="").verdict == "unknown"


def test_citing_a_theorem_is_an_error_as_long_as_it_would_do_nothing() -> None:
    assert verdict("X random", "show\n  E(X) = E(X)  by theorem no-such-thing", let="").verdict == "error"


def test_find_with_two_solutions_is_unknown() -> None:
    v = verdict("X random\nc real\nVar(X) > 0", "find\n  c such that c^2*Var(X) = 4*Var(X)", let="")
    assert v.verdict == "unknown"


def test_pairwise_independence_is_refuted_as_a_reason_for_a_product_of_three() -> None:
    givens = "X random\nY random\nZ random\nX independent of Y\nX independent of Z\nY independent of Z\nE(X) = 0"
    v = verdict(givens, "show\n  E(X*Y*Z) = 0", let="")
    assert v.verdict == "refuted"
    assert v.steps[0].counterexample is not None


def test_the_sum_of_dependent_products_is_not_n_times_one_of_them() -> None:
    v = verdict("X random\nW[j] iid for j in 1..n", "show\n  E(X*sum(W[j], j in 1..n)) = n*E(X*W)", let="")
    assert v.verdict == "refuted"


def test_contradictory_givens_are_an_error_at_the_given_that_clashes() -> None:
    v = verdict("X random\nE(X) = 2\nE(X^2) = 1", "show\n  Var(X) = 5", let="")
    assert (v.verdict, v.line) == ("error", 6)


def test_verdicts_do_not_rest_on_assert_statements() -> None:
    code = (
        "from derive.decide import decide\n"
        "good = '```derive\\ntheorem t\\ngiven\\n  X random\\nshow\\n  Var(X) = E(X^2) - E(X)^2\\n```\\n'\n"
        "bad = good.replace('- E(X)^2', '')\n"
        "print(decide(good, file='g')[0].verdict, decide(bad, file='b')[0].verdict)\n"
    )
    for flags in ([], ["-O"]):
        done = subprocess.run([sys.executable, *flags, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["proved", "refuted"]
