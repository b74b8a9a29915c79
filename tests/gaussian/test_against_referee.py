"""Random claims about functions of an entry: what the kernel proves, no model and no enclosure contradicts."""

from __future__ import annotations

from collections import Counter
from random import Random
from textwrap import indent

import pytest

from derive.kernel import judge
from derive.language.parser import parse_theorem
from derive.language.problem import Problem
from derive.language.scope import resolve
from derive.referee import holds, random_models, search

CLAIMS = 250
NUMBERS = ["1", "2", "1/2", "1/4", "2/3", "3", "1/16"]
FUNCTIONS = "tanh sigmoid erf sin cos gelu silu softplus atan".split()
GIVENS = [
    "y random\nu random",
    "y random\nu random\nu independent of y",
    "y random\nu random\ny symmetric",
    "y random\nu random\nu independent of y\ny ~ Normal(0, 1)",
    "y random\nu random\nu independent of y\ny ~ Normal(0, 1/4)",
    "y random\nu random\nu independent of y\ny ~ Normal(1, 2)",
    "y random\nu random\nu independent of y\ny ~ Uniform(-1, 1)",
    "y random\nu random\nu independent of y\ny ~ TruncatedNormal(0, 1, -2, 2)",
]


def moment(random: Random, f: str) -> str:
    """E of a product of small powers of y, u and f(y)."""
    pool = [*[f"{f}(y)"] * 4, f"{f}(y)^2", f"{f}(y)^2", f"(1-{f}(y))", "y", "y", "y^2", "u", "u^2", "sign(y)"]
    return f"E({'*'.join(random.sample(pool, random.randint(1, 3)))})"


def problem_of(seed: int) -> Problem:
    """A claim with at most four moments; half of them are drawn near something that is true."""
    random = Random(seed)
    f = random.choice(FUNCTIONS)
    a, b, c = random.choice(NUMBERS), random.choice(NUMBERS), random.choice(NUMBERS)
    shapes = [
        f"{a}*{moment(random, f)} = {b}*{moment(random, f)}",
        f"{moment(random, f)} = {a}",
        f"E(u^2*{f}(y)^2) <= {a}*E(u^2*y^2)",
        f"E({f}(y)^{random.randint(1, 4)}) <= {a}",
        f"{a}*E({f}(y)^2) <= {b}*E(y^2) + {c}*E(y^4)",
        f"E(y^2) - {a}*E(y^4) <= {b}*E({f}(y)^2)",
        f"E((u*{f}(y)*(1-{f}(y)))^2) <= {a}*E(u^2)",
        f"E(y*{f}(y)) = {a}*E(y^2)",
        f"E({f}(y)^3) = {a}*E({f}(y)^2) - {b}*E({f}(y)) + {c}",
        f"E({moment(random, f)[2:-1]}) <= {a}*{moment(random, f)} + {b}*{moment(random, f)}",
    ]
    givens = random.choice(GIVENS)
    return resolve(parse_theorem(f"theorem t\ngiven\n{indent(givens, '  ')}\nshow\n  {random.choice(shapes)}\n"))


def tally(seeds: range) -> tuple[Counter[str], list[str]]:
    """How many claims were proved, refuted and left open, and the texts on which kernel and referee disagree."""
    counts: Counter[str] = Counter()
    clashes: list[str] = []
    for seed in seeds:
        problem = problem_of(seed)
        step = problem.steps[0]
        active = frozenset(range(len(problem.givens)))
        if judge(problem, step.left, step.operator, step.right, active).proved:
            models = random_models(problem, active, seed=seed, count=6)
            wrong = any(holds(problem, m, step) is False for m in models) or search(
                problem, step, active, effort=20_000
            )
            counts["proved"] += 1
            if wrong:
                clashes.append(f"{[g.text for g in problem.givens]}: {step.text}")
        else:
            counts["refuted" if search(problem, step, active, effort=60_000) else "open"] += 1
    return counts, clashes


def test_what_the_kernel_proves_of_functions_no_model_contradicts() -> None:
    counts, clashes = tally(range(CLAIMS))
    assert not clashes, clashes[0]
    assert counts["proved"] >= CLAIMS // 10, counts
    assert counts["refuted"] >= CLAIMS // 3, counts


@pytest.mark.slow
def test_five_thousand_claims_about_functions_without_a_disagreement() -> None:
    _, clashes = tally(range(10_000, 15_000))
    assert not clashes, clashes[0]
