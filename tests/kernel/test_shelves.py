"""What the links of a theorem share changes no verdict: its word, what it uses, and the facts it leans on stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.decide import judge, judge_step
from derive.kernel.shelves import Shelves
from derive.language.document import Statement, read_document

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.md"))
FACT_FIRST = """```derive
theorem a-fact-in-the-first-link
given
  q positive
  y random
  y ~ Normal(0, q)
show
  E(erf(y)^2) + q = 2/pi*asin(2*q/(1 + 2*q)) + E(y^2)
proof
  E(erf(y)^2) + q
    = 2/pi*asin(2*q/(1 + 2*q)) + q
    = 2/pi*asin(2*q/(1 + 2*q)) + E(y^2)
qed
```
"""
LAW_IN_BOTH = """```derive
theorem both-links-need-the-law
given
  y random
  y ~ Normal(0, 1)
show
  E(exp(y)) = exp(1/2)
proof
  E(exp(y))
    = E(exp(y))*1
    = exp(1/2)
qed
```
"""


def statements(text: str) -> list[Statement]:
    return [part for part in read_document(text) if isinstance(part, Statement)]


TEXTS = [FACT_FIRST, LAW_IN_BOTH, *(p.read_text(encoding="utf-8") for p in EXAMPLES)]


@pytest.mark.parametrize("text", TEXTS, ids=["facts", "laws", *(p.stem for p in EXAMPLES)])
def test_a_link_gets_the_same_verdict_beside_others_as_by_itself(text: str) -> None:
    for statement in statements(text):
        shelves = Shelves()
        for step in statement.problem.steps:
            assert judge_step(statement, step, shelves) == judge_step(statement, step, Shelves())


def test_each_link_names_the_fact_that_it_leans_on_and_no_other_links() -> None:
    (statement,) = statements(FACT_FIRST)
    steps = judge(statement, file="a.md").steps
    assert [s.facts for s in steps] == [("erf-second-moment",), ()]


def test_a_moment_that_may_be_infinite_needs_the_law_in_each_link() -> None:
    (statement,) = statements(LAW_IN_BOTH)
    steps = judge(statement, file="a.md").steps
    assert [s.uses for s in steps] == [("y ~ Normal(0, 1)",)] * 2
