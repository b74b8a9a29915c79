"""Statements thought out to mislead: false ones, or ones that are not defined everywhere, and true ones.

One a line in ``tests/attacks``: givens, definitions behind ``||``, the claim behind ``|-``. They go rule by rule over
what the kernel knows: classes of indices, laws, symmetry, conditions, roots, powers, recurrences, limits, inequalities.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from derive import referee
from derive.decide import decide
from derive.kernel import judge
from derive.language.parser import parse_theorem
from derive.language.problem import Problem
from derive.language.scope import resolve

FOLDER = Path(__file__).parent / "attacks"


def lines(name: str) -> list[str]:
    return (FOLDER / name).read_text(encoding="ascii").splitlines()


def theorem(line: str) -> str:
    """The line as a theorem."""
    before, _, claim = line.partition("|-")
    givens, _, definitions = before.partition("||")
    text = "theorem attack\n"
    for word, items in (("given", givens), ("let", definitions)):
        if items.strip():
            text += f"{word}\n" + "".join(f"  {item.strip()}\n" for item in items.split(";"))
    return f"{text}show\n  {claim.strip()}\n"


def problem_of(line: str) -> Problem:
    return resolve(parse_theorem(theorem(line)))


def proved(problem: Problem) -> bool:
    every = frozenset(range(len(problem.givens)))
    return all(judge(problem, s.left, s.operator, s.right, every).proved for s in problem.steps)


@pytest.mark.parametrize("line", lines("false.txt"))
def test_what_is_false_is_not_proved(line: str) -> None:
    assert not proved(problem_of(line))


@pytest.mark.parametrize("line", lines("true.txt"))
def test_what_is_true_is_not_refuted(line: str) -> None:
    problem = problem_of(line)
    every = frozenset(range(len(problem.givens)))
    assert all(referee.search(problem, s, every, effort=20_000) is None for s in problem.steps)


@pytest.mark.slow
@pytest.mark.parametrize("line", [*lines("false.txt"), *lines("true.txt")])
def test_the_verdict_is_never_the_wrong_one(line: str) -> None:
    (verdict,) = decide(f"```derive\n{theorem(line)}```\n", file="attack.md")
    assert verdict.verdict in ({"refuted", "unknown"} if line in lines("false.txt") else {"proved", "unknown"})
