"""A report whose derivation cites theorems is checked by itself, and no change to a citation is accepted."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from derive.inputs import Input, check_inputs
from derive.library import LibraryDocument, document
from derive.report import Tools, check_report, write
from derive.report.check import compose
from derive.wiring import tools

DOCUMENT = """# Normal weights keep the signal

What `he-rule` finds, put in.

```derive
theorem normal-weights

given
  V[i,j] iid for i in 1..l, j in 1..k
  x[j] iid for j in 1..k
  V independent of x
  V ~ Normal(0, 2/k)
  x symmetric
  Var(x) > 0

let
  q[i] = sum(V[i,j]*relu(x[j]), j in 1..k)

show
  E(q^2) = Var(x)

proof
  E(q^2)
    = Var(q)    by V ~ Normal(0, 2/k), V independent of x
    = Var(x)    by theorem he-rule with W = V, y = x  # He's rule
qed
```

The same at width three:

```derive
theorem normal-weights-at-width-three

given
  V[i,j] iid for i in 1..l, j in 1..3
  x[j] iid for j in 1..3
  V independent of x
  V ~ Normal(0, 2/3)
  x symmetric
  Var(x) > 0

let
  q[i] = sum(V[i,j]*relu(x[j]), j in 1..3)

show
  E(q^2) = Var(x)  by theorem normal-weights
```
"""


def library() -> LibraryDocument:
    return document(DOCUMENT, "normal-weights")


def made() -> tuple[str, Tools]:
    """The report of a document that cites the library, and the tools that know the document."""
    ours = library()
    known = replace(tools(), library=lambda name: ours if name == ours.name else None, ablate=lambda _: None)
    verdict = known.judge(ours.statement, ours.file)
    beside = tuple(c.statement for c in ours.beside)
    return write(compose(ours.statement, verdict, ours, None, known, beside=beside)), known


def test_a_report_says_on_which_theorem_a_link_leans_and_is_accepted() -> None:
    text, known = made()
    assert "`theorem he-rule`" in text
    assert "by theorem normal-weights" in text
    verdict = check_report(text, file="r.md", tools=known).verdict
    assert verdict.verdict == "proved", verdict.message
    (alone,) = check_inputs(iter([Input("r.md", text)]), known)
    assert alone == verdict


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        ("theorem he-rule with W = V, y = x", "theorem forward-rule with W = V, a = x"),
        ("theorem he-rule with W = V, y = x", "theorem he-rule with W = V, y = x, n = l"),
        ("theorem he-rule with W = V, y = x", "theorem he-rule with W = V, y = q"),
        ("theorem he-rule with W = V, y = x", "theorem normal-weights"),
        ("theorem he-rule with W = V, y = x", "theorem normal-weights-at-width-three"),
        ("  by theorem he-rule with W = V, y = x", ""),
        ("with W = V, y = x", "with y = x, W = V"),
        ("`theorem he-rule`", "`theorem forward-rule`"),
        (", `theorem he-rule`", ""),
        ("E(q^2) = Var(x)  by theorem normal-weights", "E(q^2) = Var(x)"),
        ("V ~ Normal(0, 2/k)", "V ~ Normal(0, 1/k)"),
        ("theorem he-rule", "theorem xavier-rule"),
    ],
)
def test_a_citation_that_was_changed_is_refused(found: str, instead: str) -> None:
    text, known = made()
    assert found in text
    for changed in (text.replace(found, instead), text.replace(found, instead, 1)):
        assert check_report(changed, file="r.md", tools=known).verdict.verdict == "error"


@pytest.mark.parametrize("count", [12, pytest.param(300, marks=pytest.mark.slow)])
def test_no_random_change_of_a_letter_is_accepted(count: int) -> None:
    text, known = made()
    rng = Random(count)
    for _ in range(count):
        at = rng.randrange(len(text.rstrip()))
        changed = text[:at] + rng.choice("abWVy =,()0192`\n") + text[at + 1 :]
        if changed != text:
            assert check_report(changed, file="r.md", tools=known).verdict.verdict == "error", text[at - 30 : at + 30]
