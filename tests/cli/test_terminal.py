"""What a terminal shows of a refuted link: the line and the caret, the slip, the model, both sides, what is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import derive
from derive.report.as_json import verdict_json
from derive.report.terminal import Style, verdict_lines
from derive.verdict import TheoremVerdict

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


@pytest.fixture(scope="module")
def forgotten() -> TheoremVerdict:
    (verdict,) = derive.check((EXAMPLES / "06-forgotten-mean.md").read_text(encoding="utf-8"), file="06.md")
    return verdict


def test_the_caret_stands_under_the_link(forgotten: TheoremVerdict) -> None:
    lines = list(verdict_lines(forgotten, Style(80)))
    place = lines.index("        line 18 is refuted:")
    source, caret = lines[place + 1 : place + 3]
    assert source.strip() == "= n*Var(W)*Var(a)"
    assert source[caret.index("^")] == "="


def test_what_is_said_comes_in_order(forgotten: TheoremVerdict) -> None:
    text = "\n".join(verdict_lines(forgotten, Style(80)))
    order = [
        "line 18 is refuted", "variance for second moment: `Var(a)`", "left minus right is n*E(a)^2*Var(W)",
        "a model that meets the assumptions", "the left side worked out", "E(a^2) = 1^2 = 1",
        "the right side worked out", "Var(a) = 1 - 1^2 = 0", "it would hold with E(a) = 0",
    ]  # fmt: skip
    assert [text.count(part) for part in order] == [1] * len(order)
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("column", [1, 30, 90, 200])
def test_a_long_line_is_cut_around_the_caret(forgotten: TheoremVerdict, width: int, column: int) -> None:
    source = "".join(chr(97 + k % 26) for k in range(260))
    step = replace(forgotten.steps[2], excerpt=f"{source}\n{' ' * (column - 1)}^", counterexample=None, slip=None)
    lines = list(verdict_lines(replace(forgotten, steps=(step,)), Style(width)))
    (at,) = (k for k, line in enumerate(lines) if line.strip() == "^")
    assert lines[at - 1][lines[at].index("^")] == source[column - 1]
    assert len(lines[at - 1]) <= width


def test_colour_is_only_paint(forgotten: TheoremVerdict) -> None:
    plain, painted = ("\n".join(verdict_lines(forgotten, Style(80, colour=c))) for c in (False, True))
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain
    assert "\x1b[31m^\x1b[0m" in painted
    assert "\x1b[1mvariance for second moment\x1b[0m" in painted


def test_json_has_the_new_fields_only_where_they_are(forgotten: TheoremVerdict) -> None:
    first, _, third = verdict_json(forgotten)["steps"]
    assert {"slip", "counterexample"} & set(first) == set()
    assert third["slip"]["name"] == "variance for second moment"
    assert third["counterexample"]["working"]["right"][-1] == "n*Var(W)*Var(a) = 1*1*0 = 0"
    assert "suffices" not in verdict_json(forgotten)
    (proved,) = derive.check((EXAMPLES / "01-preactivation-variance.md").read_text(encoding="utf-8"), explain=True)
    assert verdict_json(proved)["suffices"] == list(proved.suffices)
    assert len(proved.suffices) == 1
    assert any(line.startswith("  weaker: ") for line in verdict_lines(proved, Style(80)))
