"""Kernel and referee share no decision code and must never contradict each other."""

from __future__ import annotations

from collections import Counter

import pytest

from derive.decide import EFFORT
from derive.kernel import contradiction, judge
from derive.language.problem import Problem
from derive.referee import holds, random_models, search
from tests.identities import identity

WANTED_IN_CI = 400
WANTED = 10_000


def tally(wanted: int, start: int = 0) -> tuple[Counter[str], list[str]]:
    """Verdicts on the first ``wanted`` identities whose givens can be met, and the texts on which the two disagree."""
    counts: Counter[str] = Counter()
    clashes: list[str] = []
    seed = start
    while sum(counts.values()) < wanted:
        seed += 1
        drawn = identity(seed)
        if drawn is None or contradiction(drawn.problem) is not None:
            continue
        word = word_of(drawn.problem, seed)
        counts[word] += 1
        if word == "disagreement":
            clashes.append(drawn.text)
    return counts, clashes


def word_of(problem: Problem, seed: int) -> str:
    """true or false as both say, unknown, or disagreement."""
    step = problem.steps[0]
    active = frozenset(range(len(problem.givens)))
    if judge(problem, step.left, step.operator, step.right, active).proved:
        models = random_models(problem, active, seed=seed, count=3)
        contradicted = any(holds(problem, model, step) is False for model in models)
        return "disagreement" if contradicted or search(problem, step, active, effort=20_000) else "true"
    return "false" if search(problem, step, active, effort=EFFORT) else "unknown"


def test_what_the_kernel_proves_no_model_contradicts_and_what_it_does_not_prove_a_model_refutes() -> None:
    counts, clashes = tally(WANTED_IN_CI)
    assert not clashes, clashes[0]
    assert counts["unknown"] <= 0.01 * WANTED_IN_CI, counts
    assert min(counts["true"], counts["false"]) >= 0.3 * WANTED_IN_CI, counts


@pytest.mark.slow
def test_ten_thousand_identities_without_a_disagreement() -> None:
    counts, clashes = tally(WANTED, start=1_000_000)
    assert not clashes, clashes[0]
    assert counts["unknown"] <= 0.01 * WANTED, counts
    assert counts["false"] >= 0.4 * WANTED, counts
