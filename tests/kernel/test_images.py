"""What is claimed of a function of families: iid, exchangeable, symmetric, with moments, and nothing by guess."""

from __future__ import annotations

import pytest

from derive.kernel.facts import theory
from derive.kernel.images import has_moments, is_kind, symmetric
from derive.kernel.world import World
from derive.language.terms import Apply, Term
from tests.judged import problem_of

GIVENS = """W[i,j] iid for i in 1..n, j in 1..n
F[i,j] exchangeable for i in 1..n, j in 1..n
u[j] exchangeable for j in 1..n
X[j] independent for j in 1..n
Y random
s[j] real for j in 1..n
c positive
W symmetric
u symmetric
"""


def case(body: str, independent: str = "W, F, u, X, Y independent") -> tuple[World, Term]:
    """The world and the body of ``b[i]``, its index called i."""
    problem = problem_of(f"{GIVENS}{independent}", "Var(b[i]) = 1", let=f"b[i] = {body}")
    (step,) = problem.steps
    functional = step.left
    assert isinstance(functional, Apply)
    return theory(problem, frozenset(range(len(problem.givens)))).world, functional.args[0]


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("W[i,1]", "iid exchangeable independent random"),
        ("W[1,i]^2 + 1", "iid exchangeable independent random"),
        ("relu(sum(W[i,j], j in 1..n))", "iid exchangeable independent random"),
        ("W[i,1]*W[i,2]", "iid exchangeable independent random"),
        ("W[i,i]", "independent random"),
        ("W[i,1] + W[1,i]", "random"),
        ("W[i,1]*W[1,1]", "random"),
        ("s[i]*W[i,1]", "independent random"),
        ("c*W[i,1]", "iid exchangeable independent random"),
        ("X[i]", "independent random"),
        ("s[i]*X[i]", "independent random"),
        ("X[i]*X[1]", "random"),
        ("u[i]", "exchangeable random"),
        ("u[i] + u[1]", "random"),
        ("u[i]*Y", "exchangeable random"),
        ("u[i]*W[1,i]", "exchangeable random"),
        ("sum(W[i,j]*relu(u[j]), j in 1..n)", "exchangeable random"),
        ("F[i,1]", "exchangeable random"),
        ("F[i,i]", "random"),
        ("F[i,1] + F[2,i]", "random"),
        ("Y", "exchangeable random"),
        ("exp(Y)", ""),
        ("W[i,1]/(1 + Y^2)", ""),
    ],
)
def test_of_what_kind_a_function_of_families_is(body: str, kinds: str) -> None:
    world, term = case(body)
    found = [k for k in ("iid", "exchangeable", "independent", "random") if is_kind(world, k, term, ("i",))]
    assert " ".join(found) == kinds


@pytest.mark.parametrize("body", ["u[i]*W[1,i]", "u[i] + W[1,i]", "sum(W[i,j]*u[j], j in 1..n)"])
def test_without_independence_nothing_is_claimed_of_several_families(body: str) -> None:
    world, term = case(body, independent="W independent of X")
    assert not any(is_kind(world, k, term, ("i",)) for k in ("iid", "exchangeable", "independent"))


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("sum(W[i,j]*relu(u[j]), j in 1..n)", True),
        ("W[i,1]^3*Y^2", True),
        ("tanh(u[i])", True),
        ("W[i,1] + u[i]", True),
        ("W[i,1]*u[i]", True),
        ("W[i,1]*u[i] + u[i]", True),
        ("W[i,1] + 1", False),
        ("relu(W[i,1])", False),
        ("W[i,1]^2", False),
        ("Y", False),
        ("W[i,1] + Y", False),
    ],
)
def test_what_a_flip_of_signs_negates_is_symmetric(body: str, word: bool) -> None:
    world, term = case(body)
    assert symmetric(world, term) is word


def test_without_independence_no_flip_keeps_the_law() -> None:
    world, term = case("W[i,1] + u[i]", independent="W independent of X")
    assert not symmetric(world, term)


@pytest.mark.parametrize(
    ("body", "word"), [("Y^3*relu(Y)", True), ("exp(Y)", False), ("1/(1 + Y^2)", False), ("sqrt(c)*Y", True)]
)
def test_moments_are_finite_where_nothing_grows_faster_than_a_power(body: str, word: bool) -> None:
    world, term = case(body)
    assert has_moments(world.problem, term) is word
