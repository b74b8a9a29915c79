"""Kernel and referee share no decision code and must never contradict each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

from derive.decide import EFFORT
from derive.kernel import contradiction, judge
from derive.language.problem import Problem, Step
from derive.referee import holds, random_models, search
from tests.identities import Identity, identity

WANTED_IN_CI = 400
WANTED = 10_000
WORDS = ("proved", "refuted", "unknown", "disagreement")


@dataclass
class Tally:
    """Verdicts by kind; the false ones that nobody refuted; the texts on which two of the three disagree."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    clashes: list[str] = field(default_factory=list)

    def of(self, word: str, kind: str | None = None) -> int:
        return sum(n for (k, w), n in self.counts.items() if w == word and kind in {None, k})

    def all(self, kind: str) -> int:
        return sum(n for (k, _), n in self.counts.items() if k == kind)

    def table(self) -> str:
        """One line a kind."""
        kinds = sorted({k for k, _ in self.counts})
        head = f"{'kind':<14}" + "".join(f"{w:>14}" for w in (*WORDS, "false, missed"))
        rows = [
            f"{k:<14}" + "".join(f"{n:>14}" for n in (*(self.of(w, k) for w in WORDS), self.missed[k])) for k in kinds
        ]
        return "\n".join([head, *rows])


def tally(wanted: int, start: int = 0) -> Tally:
    """Verdicts on the first ``wanted`` identities whose givens can be met."""
    found = Tally()
    seed = start
    while sum(found.counts.values()) < wanted:
        seed += 1
        drawn = identity(seed)
        if drawn is None or contradiction(drawn.problem) is not None:
            continue
        word = word_of(drawn.problem, seed)
        found.counts[drawn.kind, word] += 1
        found.missed[drawn.kind] += drawn.truth is False and word == "unknown"
        if word == "disagreement" or wrongly_known(drawn, word):
            found.clashes.append(f"{word}, {drawn.truth}:\n{drawn.text}")
    return found


def wrongly_known(drawn: Identity, word: str) -> bool:
    """Whether a verdict contradicts what is known of the theorem without either of the two."""
    return (drawn.truth is True and word == "refuted") or (drawn.truth is False and word == "proved")


def proves(problem: Problem, step: Step) -> bool:
    """Whether the kernel proves a link."""
    active = frozenset(range(len(problem.givens)))
    return judge(problem, step.left, step.operator, step.right, active, method=step.method).proved


def word_of(problem: Problem, seed: int) -> str:
    """The verdict on the whole claim, or disagreement: a link is proved, and a model shows that it does not hold."""
    words = {word_of_link(problem, step, seed) for step in problem.steps}
    return next((w for w in ("disagreement", "refuted", "unknown") if w in words), "proved")


def word_of_link(problem: Problem, step: Step, seed: int) -> str:
    """The verdict on one link."""
    active = frozenset(range(len(problem.givens)))
    if proves(problem, step):
        models = random_models(problem, active, seed=seed, count=3)
        contradicted = any(holds(problem, model, step) is False for model in models)
        return "disagreement" if contradicted or search(problem, step, active, effort=20_000) else "proved"
    return "refuted" if search(problem, step, active, effort=EFFORT) else "unknown"


def test_what_the_kernel_proves_no_model_contradicts_and_what_it_does_not_prove_a_model_refutes() -> None:
    found = tally(WANTED_IN_CI)
    print(f"\n{found.table()}")
    assert not found.clashes, found.clashes[0]
    moments = found.all("moments")
    assert found.of("unknown", "moments") <= 0.01 * moments, found.table()
    assert min(found.of("proved", "moments"), found.of("refuted", "moments")) >= 0.3 * moments, found.table()
    assert sum(found.missed.values()) <= 0.01 * WANTED_IN_CI, found.table()


@pytest.mark.slow
def test_ten_thousand_identities_without_a_disagreement() -> None:
    found = tally(WANTED, start=1_000_000)
    print(f"\n{found.table()}")
    assert not found.clashes, found.clashes[0]
    assert found.of("unknown", "moments") <= 0.01 * found.all("moments"), found.table()
    assert found.of("refuted", "moments") >= 0.4 * found.all("moments"), found.table()
    assert sum(found.missed.values()) <= 0.01 * WANTED, found.table()
