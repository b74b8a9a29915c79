"""What each assumption is for: rows that are decided as they stand, and all least sets, no more and no fewer."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import ablation, library
from derive.ablation import Search, ablate
from derive.language.document import Statement, read_document
from derive.verdict import Ablation


def statement(text: str) -> Statement:
    (found,) = read_document(f"```derive\n{text}\n```\n")
    assert isinstance(found, Statement), found
    return found


def ablated(text: str) -> Ablation:
    found = ablate(statement(text))
    assert found is not None
    return found


LAYER = """theorem t
given
  W[i,j] iid for i in 1..m, j in 1..n
  a[j] iid for j in 1..n
  W independent of a
  E(W) = 0
  E(a) = 0
let
  z[i] = sum(W[i,j]*a[j], j in 1..n)
show
  Var(z) = n*Var(W)*Var(a)"""


def test_of_weights_and_activations_only_one_has_to_be_iid() -> None:
    found = ablated(LAYER)
    assert [(row.given, row.instead, row.verdict) for row in found.without] == [
        (0, "exchangeable", "proved"),
        (1, "exchangeable", "proved"),
        (2, None, "refuted"),
        (3, None, "refuted"),
        (4, None, "refuted"),
    ]
    assert found.minimal == ((0, 2, 3, 4), (1, 2, 3, 4))


def test_what_remains_without_a_mean_is_the_term_that_the_mean_brings_in() -> None:
    rows = {row.given: row.parts[0] for row in ablated(LAYER).without}
    assert rows[3].residual == "n*E(W)^2*Var(a)"
    assert rows[4].residual == "n*E(a)^2*Var(W)"
    model = rows[4].counterexample
    assert model is not None
    assert model.left != model.right


def test_conditions_and_laws_are_left_out_too() -> None:
    law = ablated("theorem t\ngiven\n  X random\n  X ~ Rademacher()\nshow\n  E(X^4) = 1")
    assert [(row.given, row.verdict) for row in law.without] == [(1, "refuted")]
    condition = ablated("theorem t\ngiven\n  X random\n  c real\n  Var(X) > 0\nshow\n  c*Var(X) = Var(X) iff c = 1")
    (row,) = condition.without
    assert row.verdict == "refuted"
    example = row.parts[0].counterexample
    assert example is not None
    assert (example.left, example.right) == ("true", "false")


def test_without_what_defines_it_a_claim_is_not_refuted_but_undefined() -> None:
    (row,) = ablated("theorem t\ngiven\n  X random\n  Var(X) > 0\nshow\n  Var(X)/Var(X) = 1").without
    assert row.verdict == "unknown"
    assert row.parts[0].message == "Var(X) has to be nonzero"


def test_givens_that_do_each_others_work_are_in_different_least_sets() -> None:
    found = ablated(
        "theorem t\ngiven\n  X random\n  Y random\n  X independent of Y\n  E(X) = 0\n  E(Y) = 0\n  X symmetric\n"
        "show\n  E(X*Y) = 0"
    )
    assert found.minimal == ((2, 3), (2, 4), (2, 5))
    assert found.shown, "every set without one of these has a model in which the claim fails"


def test_a_claim_that_needs_nothing_has_the_empty_set() -> None:
    found = ablated("theorem t\ngiven\n  X random\n  E(X) = 0\nshow\n  Var(X) = E(X^2) - E(X)^2")
    assert found.minimal == ((),)


def test_what_is_not_proved_or_assumes_nothing_is_not_ablated() -> None:
    assert ablate(statement("theorem t\ngiven\n  X random\n  E(X) = 0\nshow\n  Var(X) = 1")) is None
    assert ablate(statement("theorem t\ngiven\n  X random\nshow\n  Var(X) = Var(X)")) is None


def test_what_its_proof_cites_does_not_matter_for_the_claim_as_a_whole() -> None:
    text = LAYER.replace(
        "Var(z) = n*Var(W)*Var(a)", "Var(z) = n*Var(W)*Var(a)  by W independent of a, E(W) = 0, E(a) = 0"
    )
    assert ablated(text) == ablated(LAYER)


def test_the_bound_on_sets_is_reported_when_it_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ablation, "MOST_SETS", 0)
    found = ablated(LAYER)
    assert found.stopped
    assert not found.shown


@pytest.mark.parametrize("name", library.names())
def test_every_least_set_suffices_and_is_least(name: str) -> None:
    document = library.find(name)
    assert document is not None
    found = ablate(document.statement)
    if found is None:
        return
    problem = document.statement.problem
    for least in found.minimal:
        assert ablation.suffices(problem, frozenset(least))
        for k in least:
            assert not ablation.suffices(problem, frozenset(least) - {k})
    assert all(a == b or not set(a) <= set(b) for a in found.minimal for b in found.minimal)


@settings(max_examples=300)
@given(st.integers(1, 6), st.lists(st.sets(st.integers(0, 5)), min_size=1, max_size=5))
def test_the_search_finds_exactly_the_minimal_sets_of_a_monotone_property(
    size: int, generators: list[set[int]]
) -> None:
    everything = frozenset(range(size))
    enough = [frozenset(g) & everything for g in generators]

    def holds(kept: frozenset[int]) -> bool:
        return any(g <= kept for g in enough)

    subsets = [frozenset(c) for k in range(size + 1) for c in combinations(range(size), k)]
    minimal = [s for s in subsets if holds(s) and not any(holds(s - {k}) for k in s)]
    found, stopped = Search(everything, holds, {everything: True}).all()
    assert not stopped
    assert sorted(map(sorted, found)) == sorted(map(sorted, minimal))
