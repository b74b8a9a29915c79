"""Whether a link fails in a model, and what its sides are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from derive.language.problem import Problem, Step
from derive.language.terms import Term
from derive.language.theorem import Relation
from derive.referee.algebra import Ball, Exact, Unusable
from derive.referee.evaluate import Outcome, cases, compare, exhaustive, truth
from derive.referee.means import Work
from derive.referee.model import Model
from derive.referee.program import Program, assignments, program


class Failure(NamedTuple):
    """The values of a link's sides in a model in which it fails.

    outcome: where the sides are random, the outcome. indices: the values of the free indices.
    """

    left: Exact | Ball | bool
    right: Exact | Ball | bool
    outcome: Outcome
    indices: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of a link, written out at some sizes and at one value of its free indices."""

    left: Program
    right: Program
    indices: Mapping[str, int]


def terms_in(side: Term | Relation) -> tuple[Term, ...]:
    """The terms of a side."""
    return side.terms if isinstance(side, Relation) else (side,)


def sides_at(problem: Problem, sizes: Mapping[str, int], step: Step) -> list[Sides]:
    """A link at all values of its free indices."""
    left, right = terms_in(step.left), terms_in(step.right)
    every = assignments(problem, sizes, *left, *right)
    if step.operator == "iff":
        return [Sides(program(problem, sizes, left, i), program(problem, sizes, right, i), i) for i in every]
    both = [(program(problem, sizes, (*left, *right), i), i) for i in every]
    return [Sides(p, p, i) for p, i in both]


def failure(sides: list[Sides], step: Step, model: Model, work: Work) -> Failure | None:
    """The values of both sides where the link fails. Raises ``Unusable`` where nothing fails and something is open."""
    open_question = False
    for each in sides:
        if isinstance(step.left, Relation) and isinstance(step.right, Relation):
            a, b = truth(step.left, each.left, model, work), truth(step.right, each.right, model, work)
            if a is None or b is None:
                open_question = True
            elif a != b:
                return Failure(a, b, {}, each.indices)
            continue
        for outcome, (left, right) in cases(each.left, model, work):
            holds_there = compare(left, step.operator, right)
            if holds_there is False:
                return Failure(left, right, outcome, each.indices)
            open_question = open_question or holds_there is None
        open_question = open_question or not exhaustive(each.left, model)
    if open_question:
        raise Unusable("the enclosures of the two sides overlap")
    return None
