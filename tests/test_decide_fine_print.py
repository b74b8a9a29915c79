"""The fine print of verdicts: what is counted as used, what a claim by itself is, what a find is not."""

from __future__ import annotations

from textwrap import indent

from derive.decide import claim_follows, claim_parts, decide_claim
from derive.language.document import Statement, read_document
from derive.language.problem import Problem
from derive.verdict import TheoremVerdict
from tests.judged import proves
from tests.test_decide import verdict


def read(givens: str, body: str) -> Problem:
    (found,) = read_document(f"```derive\ntheorem t\ngiven\n{indent(givens, '  ')}\n{body}\n```\n")
    assert isinstance(found, Statement)
    return found.problem


def only(givens: str, body: str) -> TheoremVerdict:
    return verdict(givens, body, let="")


def test_a_recurrence_always_stands_and_spares_the_given_that_says_the_same() -> None:
    found = only("v[l] = 2*v[l-1] for l in 1..L\nv[1] = 2*v[0]", "show\n  v[1] = 2*v[0]")
    assert found.verdict == "proved"
    assert found.steps[0].uses == ()
    assert any("`v[1] = 2*v[0]` is not used" in w for w in found.warnings)


def test_the_givens_that_are_used_are_a_set_of_which_none_can_be_left_out() -> None:
    found = only("X random\nE(X) = 0\nE(X^2) = 1\nVar(X) = 1", "show\n  E(X^2) - Var(X) = 0")
    assert found.steps[0].uses in {("E(X) = 0",), ("E(X^2) = 1", "Var(X) = 1")}


def test_a_find_has_no_parts_and_does_not_follow() -> None:
    problem = read("c real", "find\n  c such that c = 1")
    assert claim_parts(problem) == ()
    assert not claim_follows(problem)


def test_the_parts_of_a_claim_have_no_place_in_a_file() -> None:
    for body in ("show\n  E(X) <= E(X^2)", "show\n  E(X) = E(X^2)", "show\n  E(X^2) = 0 iff E(X) = 0"):
        steps = decide_claim(read("X random", body), effort=100_000)
        assert {s.verdict for s in steps} == {"refuted"}
        assert {(s.index, s.line, s.column) for s in steps} == {(1, 0, 0)}


def test_a_claim_follows_along_its_chain_though_not_at_once() -> None:
    problem = read("X random", "show\n  0 <= Var(X) and Var(X) <= E(X^2)")
    assert claim_follows(problem)
    assert not claim_follows(read("X random", "show\n  0 <= Var(X) and E(X^2) <= Var(X)"))
    claim = "show\n  E(X)^4 <= E(X^4)"
    assert not claim_follows(read("X random", claim))
    assert claim_follows(read("X random", f"{claim}\nproof\n  E(X)^4\n  <= E(X^2)^2\n  <= E(X^4)\nqed"))


def test_a_limit_is_not_decided_under_a_condition_that_speaks_of_what_grows() -> None:
    """Not even under one between moments: it may say that the size stays below some bound."""
    given = "X[j] iid for j in 1..n\nn*Var(X) < 1"
    assert not proves(given, "limit(1/n, n) = 0")
    assert proves(given.replace("\nn*Var(X) < 1", ""), "limit(1/n, n) = 0")
    assert proves(given.replace("<", "="), "limit(1/n, n) = 0")
