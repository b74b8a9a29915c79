"""Planted faults: each model violates one given, and the check names that given. Without the fault it is silent."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.referee import Model, meets, violated
from derive.referee.model import Block, Continuous, Exact, Key, model, point_mass, table
from tests.referee.texts import everything, problem

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
SIGNS = table([((-1,), HALF), ((1,), HALF)])
SKEWED = table([((-1,), Fraction(2, 3)), ((2,), Fraction(1, 3))])
EQUAL = table([((-1, -1), HALF), ((1, 1), HALF)])
X, Y = ("X", ()), ("Y", ())
LEANING = table([((x, y), Fraction(2 + x * y, 8)) for x in (-1, 1) for y in (-1, 1)])
XYZ: tuple[Key, ...] = (X, Y, ("Z", ()))
PARITY = table([((x, y, x * y), QUARTER) for x in (-1, 1) for y in (-1, 1)])


def pair(name: str) -> tuple[Key, ...]:
    return ((name, (1,)), (name, (2,)))


W2 = {"n": 2}
XS = {"X": SIGNS}
FAULTS: list[tuple[str, tuple[str, ...], Model, str | None]] = [
    ("coupled", ("X random", "Y random", "X independent of Y"),
     model({}, {}, {}, [Block((X, Y), EQUAL)]), "X independent of Y"),
    ("coupled on a full support", ("X random", "Y random", "X independent of Y"),
     model({}, {}, {}, [Block((X, Y), LEANING)]), "X independent of Y"),
    ("free to be coupled", ("X random", "Y random"), model({}, {}, {}, [Block((X, Y), EQUAL)]), None),
    ("pairwise", ("X random", "Y random", "Z random", "X independent of Y", "X independent of Z", "Y independent of Z"),
     model({}, {}, {}, [Block(XYZ, PARITY)]), None),
    ("not mutual", ("X random", "Y random", "Z random", "X, Y, Z independent"),
     model({}, {}, {}, [Block(XYZ, PARITY)]), "X, Y, Z independent"),
    ("not of the pair", ("X random", "Y random", "Z random", "X independent of (Y, Z)"),
     model({}, {}, {}, [Block(XYZ, PARITY)]), "X independent of (Y, Z)"),
    ("equal entries", ("W[j] iid for j in 1..n",),
     model(W2, {}, {}, [Block(pair("W"), EQUAL)]), "W[j] iid for j in 1..n"),
    ("equal entries may be exchangeable", ("W[j] exchangeable for j in 1..n",),
     model(W2, {}, {}, [Block(pair("W"), EQUAL)]), None),
    ("not identical", ("W[j] iid for j in 1..n",),
     model(W2, {}, {}, [Block(pair("W")[:1], SIGNS), Block(pair("W")[1:], SKEWED)]), "W[j] iid for j in 1..n"),
    ("not exchangeable", ("W[j] exchangeable for j in 1..n",),
     model(W2, {}, {}, [Block(pair("W"), table([((0, 1), 1)]))]), "W[j] exchangeable for j in 1..n"),
    ("an entry without a law", ("W[j] iid for j in 1..n",),
     model(W2, {}, {}, [Block(pair("W")[:1], SIGNS)]), "W[j] iid for j in 1..n"),
    ("skewed", ("X random", "X symmetric"), model({}, {}, {"X": SKEWED}), "X symmetric"),
    ("entry by entry symmetric only", ("W[j] exchangeable for j in 1..n", "W symmetric"),
     model(W2, {}, {},
      [Block(pair("W"), table([((1, 0), QUARTER), ((-1, 0), QUARTER), ((0, 1), QUARTER), ((0, -1), QUARTER)]))]), None),
    ("jointly skewed", ("W[j] exchangeable for j in 1..n", "W symmetric"),
     model(W2, {}, {},
      [Block(pair("W"), table([((1, 1), HALF), ((-1, 0), QUARTER), ((0, -1), QUARTER)]))]), "W symmetric"),
    ("mean", ("X random", "E(X) = 0"), model({}, {}, {"X": point_mass(1)}), "E(X) = 0"),
    ("variance", ("X random", "s positive", "Var(X) = s^2"), model({}, {("s", ()): 2}, XS), "Var(X) = s^2"),
    ("right variance", ("X random", "s positive", "Var(X) = s^2"), model({}, {("s", ()): 1}, XS), None),
    ("condition", ("X random", "Var(X) < 1"), model({}, {}, XS), "Var(X) < 1"),
    ("sign", ("s positive",), model({}, {("s", ()): -1}, {}), "s positive"),
    ("zero", ("k nonzero",), model({}, {("k", ()): 0}, {}), "k nonzero"),
    ("missing", ("k real",), model({}, {}, {}), "k real"),
    ("sizes", ("a[i] iid for i in 1..m", "b[j] iid for j in 1..n", "m = n"),
     model({"m": 1, "n": 2}, {}, {"a": SIGNS, "b": SIGNS}), "m = n"),
    ("law", ("X random", "X ~ Rademacher()"), model({}, {}, {"X": SKEWED}), "X ~ Rademacher()"),
    ("right law", ("X random", "X ~ Rademacher()"), model({}, {}, XS), None),
    ("finite", ("X random", "X ~ Normal(0, 1)"), model({}, {}, XS), "X ~ Normal(0, 1)"),
    ("parameters", ("X random", "X ~ Normal(0, 2)"),
     model({}, {}, {"X": Continuous("Normal", (0, 1))}), "X ~ Normal(0, 2)"),
    ("shifted", ("X random", "X symmetric"), model({}, {}, {"X": Continuous("Normal", (1, 1))}), "X symmetric"),
    ("recurrence", ("v[l] = 2*v[l-1] for l in 1..L",),
     model({"L": 2}, {("v", (k,)): k + 1 for k in range(3)}, {}), "v[l] = 2*v[l-1] for l in 1..L"),
    ("right recurrence", ("v[l] = 2*v[l-1] for l in 1..L",),
     model({"L": 2}, {("v", (k,)): 2**k for k in range(3)}, {}), None),
]  # fmt: skip


@pytest.mark.parametrize(("givens", "of", "fault"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_the_given_that_a_model_violates_is_named(givens: tuple[str, ...], of: Model, fault: str | None) -> None:
    stated = problem(givens, "1 = 1")
    assert violated(stated, of, everything(stated)) == fault
    assert meets(stated, of, everything(stated)) == (fault is None)


def test_a_size_below_what_a_literal_index_asks_for_is_refused() -> None:
    stated = problem(("W[j] iid for j in 1..n",), "E(W[3]) = E(W[1])")
    assert not meets(stated, model({"n": 2}, {}, {"W": SIGNS}), frozenset())
    assert meets(stated, model({"n": 3}, {}, {"W": SIGNS}), frozenset())


def test_only_active_givens_and_those_that_always_stand_are_asked_for() -> None:
    stated = problem(("X random", "E(X) = 0", "Var(X) > 0"), "1 = 1")
    constants: dict[Key, Exact] = {}
    skewed = model({}, constants, {"X": table([((0,), HALF), ((1,), HALF)])})
    assert meets(stated, skewed, frozenset())
    assert violated(stated, skewed, frozenset({1})) == "E(X) = 0"
    assert violated(stated, model({}, constants, {"X": point_mass(0)}), frozenset()) == "Var(X) > 0"
