"""A theorem written in three pieces, and whether the kernel proves its claim."""

from __future__ import annotations

from textwrap import indent

from derive.kernel import judge
from derive.language.parser import parse_theorem
from derive.language.problem import Problem
from derive.language.scope import resolve


def problem_of(givens: str, claim: str, let: str = "") -> Problem:
    """The problem of a theorem that is written in three pieces."""
    text = f"theorem case\ngiven\n{indent(givens, '  ')}\n"
    text += f"let\n{indent(let, '  ')}\n" if let else ""
    return resolve(parse_theorem(f"{text}show\n  {claim}\n"))


def proves(givens: str, claim: str, let: str = "") -> bool:
    """Whether the kernel proves every link of the claim."""
    problem = problem_of(givens, claim, let)
    everything = frozenset(range(len(problem.givens)))
    return all(judge(problem, s.left, s.operator, s.right, everything, method=s.method).proved for s in problem.steps)
