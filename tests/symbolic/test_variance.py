"""The moves are true: what they lead to is counted out on small models, and a wrong move is caught there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from sympy import Sum, Symbol

from derive.language.printer import term_text
from derive.symbolic.assumptions import Assumptions, assume
from derive.symbolic.notation import Cov, E, Var, family, first, index, leaky_relu, relu, size, step
from derive.symbolic.to_language import to_language
from derive.symbolic.variance import MOVES, covariances_of_distinct_terms, derive, identical_laws
from tests.symbolic.models import COIN, LOADED, SKEW, WIDE, WITH_ZERO, Law, Model, World, independent, joined

W, a, b, y, d, delta = (family(name) for name in ("W", "a", "b", "y", "d", "delta"))
i, j, n = index("i"), index("j"), size("n")
alpha = Symbol("alpha", real=True)
z = Sum(W[1, j] * a[j], (j, 1, n))
ROW, COLUMN = [(1, 1), (1, 2), (1, 3)], [(1,), (2,), (3,)]
INDEPENDENT = (("W", "a"),)


def plain(w: Law, x: Law, name: str = "a") -> Model:
    return Model(independent({"W": (ROW, w), name: (COLUMN, x)}), {"n": 3, "alpha": 2})


def dependent(w: Law) -> Model:
    """The activations are one coin, seen three times, plus one: exchangeable, not independent, not centred."""
    same: list[tuple[World, Fraction]] = [({("a", (k,)): Fraction(1 + x) for k in (1, 2, 3)}, p) for x, p in COIN]
    return Model(joined(independent({"W": (ROW, w)}), same), {"n": 3})


def entangled() -> Model:
    """Slopes and gradients from the same draw, of which the first is treated differently."""
    pairs: list[tuple[World, Fraction]] = [
        (
            {
                ("delta", (1,)): Fraction(x),
                ("delta", (2,)): Fraction(u),
                ("delta", (3,)): Fraction(-1),
                ("d", (1,)): Fraction(x * x + u),
            },
            p * q,
        )
        for x, p in SKEW
        for u, q in COIN
    ]
    weights = independent({"W": ([(1, 1), (2, 1), (3, 1)], COIN)})
    return Model(joined(weights, pairs), {"n": 3})


def biased() -> Model:
    """A bias that depends on the first activation."""
    rows: list[tuple[World, Fraction]] = [
        ({**world, ("b", (1,)): world["a", (1,)] ** 2 + 1}, p) for world, p in independent({"a": (COLUMN, LOADED)})
    ]
    return Model(joined(independent({"W": (ROW, COIN)}), rows), {"n": 3})


@dataclass(frozen=True)
class Case:
    """What is assumed, where the moves have to end, and a model that meets no more than the assumptions."""

    start: Any
    given: Assumptions
    end: str
    model: Callable[[], Model]


CASES = {
    "all means are zero": Case(
        Var(z),
        assume(iid="W a", independent=INDEPENDENT, zero_mean="W a"),
        "n*Var(W)*Var(a)",
        lambda: plain(COIN, SKEW),
    ),
    "E(a) = 0 is not assumed": Case(
        Var(z),
        assume(iid="W a", independent=INDEPENDENT, zero_mean="W"),
        "n*Var(W)*E(a^2)",
        lambda: plain(SKEW, LOADED),
    ),
    "E(W) = 0 is not assumed, but a is iid": Case(
        Var(z),
        assume(iid="W a", independent=INDEPENDENT, zero_mean="a"),
        "n*E(W^2)*Var(a)",
        lambda: plain(LOADED, SKEW),
    ),
    "no mean is zero": Case(
        Var(z),
        assume(iid="W a", independent=INDEPENDENT),
        "n*(E(W^2)*E(a^2) - E(W)^2*E(a)^2)",
        lambda: plain(LOADED, LOADED),
    ),
    "dependent activations, E(W) = 0": Case(
        Var(z),
        assume(iid="W", exchangeable="a", independent=INDEPENDENT, zero_mean="W"),
        "n*Var(W)*E(a^2)",
        lambda: dependent(SKEW),
    ),
    "dependent activations, E(W) = 0 not assumed: the covariances stay": Case(
        Var(z),
        assume(iid="W", exchangeable="a", independent=INDEPENDENT),
        "n*(E(W^2)*E(a^2) - E(W)^2*E(a)^2) + n*(n - 1)*(E(W)^2*E(a*a[2]) - E(W)^2*E(a)^2)",
        lambda: dependent(LOADED),
    ),
    "a bias that depends on the activations": Case(
        Var(z + b[1]),
        assume(iid="W b", exchangeable="a", independent=(("W", "a b"),), zero_mean="W"),
        "n*Var(W)*E(a^2) + Var(b)",
        biased,
    ),
    "rectified inputs": Case(
        Var(Sum(W[1, j] * relu(y[j]), (j, 1, n))),
        assume(iid="W y", independent=(("W", "y"),), zero_mean="W", symmetric="y"),
        "n*Var(W)*Var(y)/2",
        lambda: plain(SKEW, WITH_ZERO, "y"),
    ),
    "leaky inputs": Case(
        Var(Sum(W[1, j] * leaky_relu(y[j], alpha), (j, 1, n))),
        assume(iid="W y", independent=(("W", "y"),), zero_mean="W", symmetric="y"),
        "n*(1 + alpha^2)*Var(W)*Var(y)/2",
        lambda: plain(SKEW, WITH_ZERO, "y"),
    ),
    "backward through a step that is never at zero": Case(
        Var(step(y[1]) * z),
        assume(iid="W a y", independent=(("W", "a", "y"),), zero_mean="W", symmetric="y", never_zero="y"),
        "n*Var(W)*E(a^2)/2",
        lambda: Model(independent({"W": (ROW, SKEW), "a": (COLUMN, COIN), "y": ([(1,)], WIDE)}), {"n": 3}),
    ),
    "backward through a step that may be at zero": Case(
        Var(step(y[1]) * z),
        assume(iid="W a y", independent=(("W", "a", "y"),), zero_mean="W", symmetric="y"),
        "n*Var(W)*E(a^2)*E(step(y)^2)",
        lambda: Model(independent({"W": (ROW, SKEW), "a": (COLUMN, COIN), "y": ([(1,)], WITH_ZERO)}), {"n": 3}),
    ),
    "backward, gradients that depend on the slope": Case(
        Var(d[1] * Sum(W[i, 1] * delta[i], (i, 1, n))),
        assume(iid="W", exchangeable="delta d", independent=(("W", "delta d"),), zero_mean="W"),
        "Var(W)*sum(E(delta[i]^2*d[1]^2), i in 1..n)",
        entangled,
    ),
}
ORDER = ("W", "a", "y", "b", "delta", "d")


def text(expression: Any) -> str:
    return term_text(to_language(expression, ORDER))


@pytest.mark.parametrize("name", CASES)
def test_the_moves_end_where_the_assumptions_allow(name: str) -> None:
    case = CASES[name]
    assert text(derive(case.start, case.given)[-1].result) == case.end


@pytest.mark.parametrize("name", CASES)
def test_every_move_keeps_the_value_counted_out_on_a_model(name: str) -> None:
    case, model = CASES[name], CASES[name].model()
    value = model.value(to_language(case.start, ORDER))
    for taken in derive(case.start, case.given):
        assert model.value(to_language(taken.result, ORDER)) == value, taken.remark


def test_each_move_is_needed_by_some_case() -> None:
    used = {taken.remark for case in CASES.values() for taken in derive(case.start, case.given)}
    assert used == {remark for remark, _ in MOVES}


# --- wrong moves, which have to be seen -------------------------------------------------------------------------------

DOUBLE = Sum(Cov(W[1, j] * a[j], W[1, index("k")] * a[index("k")]), (index("k"), 1, n), (j, 1, n))
PLANTED = {
    "covariances vanish though no mean is zero": (DOUBLE, Sum(Var(W[1, j] * a[j]), (j, 1, n)), dependent(LOADED)),
    "n^2 for n equal terms": (Sum(Var(W[1, j] * a[j]), (j, 1, n)), n**2 * Var(first("W")), plain(COIN, COIN)),
    "the mean's square is forgotten": (
        Var(first("W") * first("a")),
        E(first("W") ** 2) * E(first("a") ** 2),
        plain(LOADED, LOADED),
    ),
    "a second moment is taken for a variance": (E(first("a") ** 2), Var(first("a")), plain(COIN, LOADED)),
    "relu halves the variance": (Var(relu(first("y"))), Var(first("y")) / 2, plain(COIN, WIDE, "y")),
    "relu halves without symmetry": (E(relu(first("y")) ** 2), E(first("y") ** 2) / 2, plain(COIN, SKEW, "y")),
    "a step halves in spite of an atom at zero": (
        E(step(first("y")) ** 2),
        E(first("y") ** 0) / 2,
        plain(COIN, WITH_ZERO, "y"),
    ),
    "the first term stands for all, though slope and gradients depend on each other": (
        Sum(E(d[1] ** 2 * delta[i] ** 2), (i, 1, n)),
        n * E(d[1] ** 2 * delta[1] ** 2),
        entangled(),
    ),
    "a bias is uncorrelated, though no mean is zero": (
        Cov(first("a"), b[1]),
        Cov(first("a"), b[1]) * 0,
        biased(),
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_wrong_move_is_caught_by_counting(name: str) -> None:
    before, after, model = PLANTED[name]
    assert model.value(to_language(before, ORDER)) != model.value(to_language(after, ORDER))


def test_a_move_that_the_assumptions_do_not_allow_changes_nothing() -> None:
    nothing = assume(iid="W a")  # in particular no independence
    assert covariances_of_distinct_terms(DOUBLE, nothing) == DOUBLE
    together = Sum(E(d[1] ** 2 * delta[i] ** 2), (i, 1, n))
    assert identical_laws(together, assume(exchangeable="d delta")) == together


def test_pairwise_independence_is_not_taken_for_mutual() -> None:
    pairwise = assume(random="X Y Z", independent=(("X", "Y"), ("X", "Z"), ("Y", "Z")))
    assert pairwise.components(frozenset("XYZ")) == [frozenset("XYZ")]
    blocks = assume(random="X Y Z", independent=(("X", "Y Z"), ("Y", "Z")))
    assert sorted(map(sorted, blocks.components(frozenset("XYZ")))) == [["X"], ["Y"], ["Z"]]


def test_an_entry_that_may_coincide_with_the_bound_one_is_not_taken_for_distinct() -> None:
    repeated = Sum(Cov(W[1, j] * W[1, 1], W[1, index("k")] * W[1, 1]), (index("k"), 1, n), (j, 1, n))
    assert covariances_of_distinct_terms(repeated, assume(iid="W", zero_mean="W")) == repeated
