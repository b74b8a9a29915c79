"""``by theorem``: what is proved through a theorem holds in every model of the givens."""

from __future__ import annotations

from collections import Counter

import pytest

from derive.decide import cited_by
from derive.kernel import contradiction
from derive.lemmas import lemmas_of, through
from derive.referee import holds, random_models, search
from derive.shelf import Shelf
from tests.citations import Citation, citation
from tests.kernel.test_against_referee import proves

WANTED_IN_CI = 150
WANTED = 4_000


def word_of(drawn: Citation, seed: int) -> str:
    """What comes of the link: proved, unmet, or a false link that was proved."""
    problem, (step, *_) = drawn.second.problem, drawn.second.problem.steps
    kept = frozenset(range(len(problem.givens)))
    cited = tuple(cited_by(drawn.second, step, Shelf()))
    lemmas = lemmas_of(problem, kept, cited)
    if isinstance(lemmas, str):
        return "unmet"
    if not through(problem, step, kept, lemmas).proved:
        return "applies, and yet nothing follows"
    models = random_models(problem, kept, seed=seed, count=3)
    wrong = any(holds(problem, m, step) is False for m in models) or search(problem, step, kept, effort=10_000)
    return "false" if wrong else "proved"


def tally(wanted: int, start: int) -> tuple[Counter[str], list[str]]:
    """What comes of citations of true theorems; and those that prove what is false."""
    counts: Counter[str] = Counter()
    false: list[str] = []
    seed = start
    while sum(counts.values()) < wanted:
        seed += 1
        drawn = citation(seed)
        if drawn is None or any(contradiction(s.problem) is not None for s in (drawn.first, drawn.second)):
            continue
        if not all(proves(drawn.first.problem, step) for step in drawn.first.problem.steps):
            continue
        word = word_of(drawn, seed)
        counts[word] += 1
        if word == "false":
            false.append(drawn.text)
    return counts, false


def test_a_random_citation_never_proves_what_is_false() -> None:
    counts, false = tally(WANTED_IN_CI, start=0)
    print(dict(counts))
    assert not false, false[0]
    assert min(counts["proved"], counts["unmet"]) >= 0.2 * WANTED_IN_CI, counts
    assert counts["applies, and yet nothing follows"] <= 0.05 * WANTED_IN_CI, counts


@pytest.mark.slow
def test_thousands_of_random_citations_never_prove_what_is_false() -> None:
    counts, false = tally(WANTED, start=500_000)
    print(dict(counts))
    assert not false, false[0]
    assert min(counts["proved"], counts["unmet"]) >= 0.2 * WANTED, counts
