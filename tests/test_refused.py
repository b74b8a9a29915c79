"""False derivations that look true: each is refused at the right link, for its stated reason, by a model that is real.

``tests/refused`` holds one document a slip. A comment in it tells which links are refuted, what left minus right is
there, and which sets of assumptions are missing. Counterexamples are checked by two evaluators, from their JSON alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from derive.decide import judge
from derive.kernel import judge as kernel_judge
from derive.language.document import Statement, read_document
from derive.language.problem import Problem, Step
from derive.language.theorem import Relation
from derive.referee.check import violated
from derive.referee.model import Block, Continuous, Model, model, table
from derive.referee.search import holds
from derive.report.as_json import step_json
from derive.verdict import TheoremVerdict
from tests.enumerator import Space, compared, space

FOLDER = Path(__file__).parent / "refused"
NAMES = sorted(p.stem for p in FOLDER.glob("*.md"))
ALL = pytest.mark.parametrize("name", NAMES)


@dataclass(frozen=True)
class Refused:
    """A document, what it announces, and the verdict."""

    text: str
    announced: Mapping[str, Any]
    statement: Statement
    verdict: TheoremVerdict

    def links(self) -> list[tuple[Step, Mapping[str, Any]]]:
        """The links that are refuted, with their JSON."""
        by_index = {s.index: s for s in self.statement.problem.steps}
        return [(by_index[v.index], step_json(v)) for v in self.verdict.steps if v.verdict == "refuted"]


@lru_cache(maxsize=256)
def refused(name: str) -> Refused:
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    comment = re.search(r"<!--\n(.*?)-->", text, flags=re.DOTALL)
    (statement,) = read_document(text)
    if comment is None or not isinstance(statement, Statement):
        raise ValueError(f"{name} announces nothing, or is not a theorem")
    return Refused(text, tomllib.loads(comment.group(1)), statement, judge(statement, file=f"{name}.md"))


@ALL
def test_the_derivation_is_refused_at_the_link_that_is_wrong(name: str) -> None:
    case = refused(name)
    assert case.verdict.verdict == "refuted"
    assert [s.index for s in case.verdict.steps if s.verdict != "proved"] == case.announced["refused"]
    assert [s.index for s in case.verdict.steps if s.verdict == "refuted"] == case.announced["refused"]


@ALL
def test_the_residual_is_what_was_announced(name: str) -> None:
    case = refused(name)
    for (_, found), announced in zip(case.links(), case.announced["residual"], strict=True):
        assert (found["residual"] is None) == (announced == "")
        if announced:
            assert kernel_equal(case, found["residual"], announced)


def kernel_equal(case: Refused, left: str, right: str) -> bool:
    """Whether two texts are the same normal form under the givens of the document; random ones with probability one."""
    start = case.text.partition("```derive\n")[2].partition("show\n")[0]
    (statement,) = read_document(f"```derive\n{start}show\n  {left} = {right}\n```\n")
    if not isinstance(statement, Statement):
        (statement,) = read_document(f"```derive\n{start}show\n  E(({left} - ({right}))^2) = 0\n```\n")
    if not isinstance(statement, Statement):
        raise ValueError(statement.text())
    problem = statement.problem
    (step,) = problem.steps
    return kernel_judge(problem, step.left, "=", step.right, frozenset(range(len(problem.givens)))).proved


@ALL
def test_what_is_missing_is_named(name: str) -> None:
    case = refused(name)
    assert [found["missing"] for _, found in case.links()] == case.announced["missing"]


@ALL
def test_the_document_says_why(name: str) -> None:
    title, why = refused(name).text.split("\n\n")[:2]
    assert title.removeprefix("# ").lower().replace(" ", "-") == name
    assert len(why) > 30
    assert why.endswith(".")


# --- counterexamples ------------------------------------------------------------------------------------------------


@ALL
def test_every_counterexample_stands_before_the_referee(name: str) -> None:
    case = refused(name)
    for step, found in case.links():
        problem, there = in_force(case.statement.problem, step), rebuilt(case.statement.problem, found)
        assert violated(problem, there, frozenset(range(len(problem.givens)))) is None
        assert holds(problem, there, step) is False


@ALL
def test_every_counterexample_stands_before_a_second_evaluator(name: str) -> None:
    case = refused(name)
    for step, found in case.links():
        problem = in_force(case.statement.problem, step)
        there = space(problem, found["counterexample"])
        for given in problem.givens:
            assert there.meets(given.item), given.text
        assert differ(there, step, found["counterexample"])


def in_force(problem: Problem, step: Step) -> Problem:
    """The problem with the givens that the link may use."""
    cited = step.cited
    kept = [g for k, g in enumerate(problem.givens) if cited is None or k in cited or not g.removable]
    return replace(problem, givens=tuple(kept))


def rebuilt(problem: Problem, found: Mapping[str, Any]) -> Model:
    """The referee's model of a counterexample in JSON."""
    data = found["counterexample"]
    laws: dict[str, Any] = {}
    blocks: list[Block] = []
    for name, law in data["laws"].items():
        if isinstance(law, str):
            kind, _, rest = law.removesuffix(")").partition("(")
            laws[name] = Continuous(kind, tuple(Fraction(x) for x in rest.split(", ")))
            continue
        rows = table([((Fraction(x),), Fraction(p)) for x, p in law])
        if name in problem.families:
            laws[name] = rows
        else:
            blocks.append(Block((key_of(name),), rows))
    for joint in data["joint"]:
        rows = table([(tuple(Fraction(x) for x in values), Fraction(p)) for values, p in joint["points"]])
        blocks.append(Block(tuple(key_of(k) for k in joint["of"]), rows))
    constants = {key_of(k): Fraction(v) for k, v in data["constants"].items()}
    return model(data["sizes"], constants, laws, blocks)


def key_of(text: str) -> tuple[str, tuple[int, ...]]:
    name, _, rest = text.removesuffix("]").partition("[")
    return name, tuple(int(i) for i in rest.split(",")) if rest else ()


def differ(there: Space, step: Step, found: Mapping[str, Any]) -> bool:
    """Whether the link fails in the space, with the values that the counterexample tells."""
    if isinstance(step.left, Relation) and isinstance(step.right, Relation):
        shown = {"true": True, "false": False}
        at = next(there.indices((*step.left.terms, *step.right.terms)))
        sides = there.holds(step.left, at), there.holds(step.right, at)
        return sides == (shown[found["left"]], shown[found["right"]]) and sides[0] != sides[1]
    terms = tuple(x for x in (step.left, step.right) if not isinstance(x, Relation))
    outcomes: list[Any] = [None]
    if "outcome" in found:
        wanted = {k: Fraction(v) for k, v in found["outcome"].items()}
        outcomes = [o for _, o in there.outcomes if all(o[k] == v for k, v in wanted.items())]
    for outcome in outcomes:
        for at in there.indices(terms):
            left, right = (there.value(x, at, outcome) for x in terms)
            told = all(near(v, found[side]) for v, side in ((left, "left"), (right, "right")))
            if told and not compared(left, step.operator, right):
                return True
    return False


def near(value: Any, told: str | list[str]) -> bool:
    """Whether a value is the one that is told, or lies in its enclosure up to the error of the grid."""
    if isinstance(told, str) and not isinstance(value, float):
        return value == Fraction(told)
    low, high = (told, told) if isinstance(told, str) else told
    return float(Fraction(low)) - 1e-4 <= value <= float(Fraction(high)) + 1e-4


def test_they_are_many() -> None:
    assert len(NAMES) >= 60
