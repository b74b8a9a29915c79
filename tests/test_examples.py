"""The example documents get the verdicts that were promised for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from derive.decide import decide
from derive.verdict import exit_status

HERE = Path(__file__).parent / "examples"
EXPECTED: dict[str, Any] = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_example_gets_its_verdict(name: str) -> None:
    verdicts = decide((HERE / name).read_text(encoding="utf-8"), file=name)
    expected = EXPECTED[name]
    assert exit_status(verdicts) == expected["exit"]
    assert {v.theorem for v in verdicts} == set(expected["theorems"])
    for verdict in verdicts:
        wanted = expected["theorems"][verdict.theorem]
        assert verdict.verdict == wanted["verdict"]
        if "found" in wanted:
            assert verdict.found == wanted["found"]
        if "line" in wanted:
            assert verdict.line == wanted["line"]
        if "refuted_at" in wanted:
            assert next(s.index for s in verdict.steps if s.verdict == "refuted") == wanted["refuted_at"]
        if "missing" in wanted:
            refuted = next(s for s in verdict.steps if s.verdict == "refuted")
            assert [list(row) for row in refuted.missing] == wanted["missing"]


def test_the_forgotten_mean_is_refuted_by_the_smallest_model() -> None:
    (verdict,) = decide((HERE / "06-forgotten-mean.md").read_text(encoding="utf-8"), file="06")
    step = verdict.steps[2]
    assert step.residual == "n*E(a)^2*Var(W)"
    assert step.counterexample is not None
    assert dict(step.counterexample.sizes) == {"m": 1, "n": 1}
    assert dict(step.counterexample.laws) == {"W": (("-1", "1/2"), ("1", "1/2")), "a": (("1", "1"),)}
    assert (step.counterexample.left, step.counterexample.right) == ("1", "0")
    assert verdict.steps[0].uses == verdict.steps[1].uses == ("W independent of a", "E(W) = 0")
