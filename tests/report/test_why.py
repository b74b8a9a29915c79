"""The why pages: what they say is decided, certified or measured, and no change to them is accepted."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from functools import cache

import pytest

from derive import rule, why
from derive.decide import judge
from derive.inputs import Input, check_inputs
from derive.language.document import Statement
from derive.library import LibraryError
from derive.report.check import Tools, check_why
from derive.report.envelope import enclosed, envelope_of
from derive.report.values import Simulated
from derive.report.why import Told, WhyError, shortened, write_why
from derive.report.write import SEAL
from derive.rules.quantities import told
from derive.verdict import TheoremVerdict
from derive.why import Quantity
from derive.why_measured import PLANS, Limit, gather
from derive.wiring import tools
from tests.tamper.checkers import remembering_tools

NAMES = why.names()
QUOTED = {"0.6518", "1.5976", "1.0003", "0.75", "1.7159"}  # what sources say; everything else is computed
TEXT = """# Why one

**Asked.** Why {{one}}?

```derive refuted
theorem why-one
given
  y random
  y ~ Normal(0, 1)
show
  E(y^2) = 2
```

The number {{one:3}}.

{{numbers}}

{{measured}}
"""
ENTRY = {"number": [{"key": "one", "says": "the gain", "f": "z", "field": "forward.gain"}]}
ONE = {"one": Told("the gain", "1/3", "0.33333333", "4.0e-9", "proved", "`derive`")}
MEASURED = Simulated("Drawn.", ("a",), (("1",),), "agree", "0.001", "python -m derive", "0" * 64)


def decide(statement: Statement, file: str) -> TheoremVerdict:
    return judge(statement, file=file)


@cache
def real() -> Tools:
    return remembering_tools(tools())


@cache
def measured(name: str) -> Simulated:
    return gather(name)


@cache
def text_of(name: str) -> str:
    """The page as the code writes it; that this is what is published is tested beside the reports."""
    return real().why(name, measured(name))


def checked(name: str, text: str) -> list[TheoremVerdict]:
    """What ``check`` says of a file of that name."""
    return list(check_inputs(iter([Input(f"{name}.md", text)]), real()))


def resealed(name: str, text: str) -> str:
    """The text between its first and last line, enclosed anew with right digests."""
    return enclosed("why page", name, "\n".join(text.rstrip("\n").split("\n")[1:-1]))


# --- writing ----------------------------------------------------------------------------------------------------------


def test_places_are_filled_statements_decided_and_kinds_of_truth_told_apart() -> None:
    page = write_why(why.page(TEXT, "why-one", ENTRY), ONE, MEASURED, decide)
    assert "**Asked.** Why 0.333333?" in page
    assert "The number 0.333." in page
    assert "| the gain | `1/3` = 0.33333333 +- 4.0e-9 | proved |" in page
    assert "Verdict: **refuted**, in 1 step." in page
    assert "- left side 1, right side 2" in page
    assert "Measured, not proved: **agree**, at an error rate of at most 0.001." in page
    assert envelope_of(page) is not None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{{one}}", "{{two}}", "no number for the place {{two}}"),
        ("{{one}}", "{{one:0}}", "no number for the place"),
        ("```derive refuted", "```derive", "`why-one` is refuted, not proved"),
        ("{{numbers}}", "", "no place for numbers"),
        ("{{measured}}", "", "no place for measured"),
    ],
)
def test_a_page_that_is_not_as_it_says_is_not_written(old: str, new: str, says: str) -> None:
    with pytest.raises(WhyError, match=re.escape(says)):
        write_why(why.page(TEXT.replace(old, new), "why-one", ENTRY), ONE, MEASURED, decide)


def test_an_entry_that_is_no_number_is_refused() -> None:
    with pytest.raises(LibraryError, match=r"numbers\.toml: why-one"):
        why.page(TEXT, "why-one", {"number": [{"key": "one", "value": "1.5"}]})


@pytest.mark.parametrize(
    ("f", "field", "says"),
    [
        ("tanh", "forward.nothing", "has no field"),
        ("tanh", "claim.ratio", "has no field"),
        ("tanh", "scope", "is no number"),
        ("exp(z^2)", "forward.second_moment", "is not certified"),
    ],
)
def test_what_is_no_certified_number_is_not_told(f: str, field: str, says: str) -> None:
    with pytest.raises(WhyError, match=says):
        told([Quantity("x", "x", f, field)])


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [("1.5925374", 4, "1.593"), ("13684.885", 3, "1.37e4"), ("1.2371930e-39", 3, "1.24e-39"), ("1", 6, "1")],
)
def test_a_number_in_prose_is_rounded(value: str, digits: int, said: str) -> None:
    assert shortened(value, digits) == said


# --- what they say ----------------------------------------------------------------------------------------------------


def test_there_are_five_pages_each_with_its_experiment_and_its_figure() -> None:
    assert set(NAMES) == set(PLANS)
    assert len(NAMES) == 5
    for name in NAMES:
        assert f"]({name}.svg)" in text_of(name)
        assert text_of(name).split("\n")[2] == f"# {dict(why.titles())[name]}"
        page = why.load(name)
        assert bool(page.maps) == isinstance(PLANS[name], Limit), "variance maps, or simulated growth"


@pytest.mark.parametrize("name", NAMES)
def test_no_digit_that_can_be_computed_stands_in_the_text_itself(name: str) -> None:
    page = why.load(name)
    prose = " ".join([*(p.prose for p in page.parts), page.closing])
    assert set(re.findall(r"(?<![\w.])\d+\.\d{2,}(?!\w)", prose)) <= QUOTED
    for part in page.parts:
        assert part.expected in {"proved", "refuted"}


def value(key: str, name: str) -> float:
    (quantity,) = [q for q in why.load(name).numbers if q.key == key]
    return float(told([quantity])[key].value)


def test_the_numbers_are_those_that_others_computed() -> None:
    page = "why-five-thirds"
    assert value("forward", page) == pytest.approx(0.394294490397841174**-0.5, rel=1e-11)
    assert value("backward", page) == pytest.approx(0.4644029024**-0.5, rel=1e-9)
    assert value("point", page) == pytest.approx(1.17848049039, rel=1e-11)
    assert value("chi", page) == pytest.approx(1.20983132, rel=1e-8)
    assert value("grad10", page) == pytest.approx(1.20983132038**10, rel=1e-9)
    page = "why-selu-three-quarters"
    assert value("alpha", page) == pytest.approx(1.6732632423543772848, rel=4e-12)
    assert value("scale", page) == pytest.approx(1.0507009873554804934, rel=5e-12)
    assert value("onechi", page) == pytest.approx(1.0715749925, rel=1e-9)
    page = "why-siren"
    q = value("point", page)
    assert q == pytest.approx(1 - 2.718281828459045 ** (-2 * q), rel=1e-10)


def test_the_forums_standard_deviation_is_the_one_at_the_fixed_point() -> None:
    claim = rule("tanh", claim="5/3", digits=12).claim
    assert claim is not None
    q = float(claim.fixed_points[1].q.ball.mid())
    assert (q * 9 / 25) ** 0.5 == pytest.approx(0.6513470477, rel=1e-9)
    assert (q * 9 / 25) ** 0.5 == pytest.approx(0.6518, abs=0.002)
    claim = rule("selu", claim="3/4", digits=12).claim
    assert claim is not None
    assert (float(claim.fixed_points[1].q.ball.mid()) * 16 / 9) ** 0.5 == pytest.approx(0.2, abs=0.01)


# --- checking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_page_as_it_is_published_is_accepted(name: str) -> None:
    assert checked(name, text_of(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_digit_is_refused_digests_written_anew_or_not(name: str) -> None:
    text = text_of(name)
    places = [m.start() for m in re.finditer(r"\d", text.rsplit("\n<!-- end", 1)[0])]
    draw = random.Random(f"why {name}")
    for place in draw.sample(places, 60):
        other = draw.choice([d for d in "0123456789" if d != text[place]])
        changed = text[:place] + other + text[place + 1 :]
        for attempt in (changed, resealed(name, changed)):
            if attempt != text:  # a digit of the first line comes back with the envelope
                (verdict,) = checked(name, attempt)
                assert verdict.verdict == "error", (name, place)


def forged(name: str, change: dict[str, object]) -> str:
    """The page with simulated figures that were never measured, written as it should be for them."""
    return real().why(name, replace(measured(name), **change))  # type: ignore[arg-type]


def test_simulated_figures_that_were_not_published_leave_a_page_undecided() -> None:
    (verdict,) = checked("why-sqrt-two", forged("why-sqrt-two", {"error_rate": "0.000001"}))
    assert verdict.verdict == "unknown"
    assert "check --evidence" in (verdict.message or "")


def test_with_evidence_they_are_simulated_again_and_refused() -> None:
    again = replace(real(), why_again=lambda name, _: measured(name))
    text = text_of("why-sqrt-two")
    assert check_why(text, file="x.md", name="why-sqrt-two", tools=again) is None
    changed = forged("why-sqrt-two", {"rows": (("x",) * 6,)})
    refused = check_why(changed, file="x.md", name="why-sqrt-two", tools=again)
    assert refused is not None
    assert refused.verdict == "error"
    assert "simulated again" in (refused.message or "")


def test_a_page_without_its_evidence_or_under_another_name_is_refused() -> None:
    text = text_of("why-sqrt-two")
    bare = "\n".join(line for line in text.split("\n") if not line.startswith(SEAL))
    for attempt, says in (
        (resealed("why-sqrt-two", bare), "are missing"),
        (resealed("why-siren", text), "simulated|should read"),
        (resealed("why-not", text), "a why page that there is is called why-a-sqrt-five or"),
    ):
        (verdict,) = checked("why-sqrt-two", attempt)
        assert verdict.verdict == "error"
        assert re.search(says, verdict.message or ""), verdict.message


# --- measuring --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_what_is_measured_agrees_and_the_control_is_told_apart(name: str) -> None:
    found = measured(name)
    assert found.verdict == "agree"
    assert any(row[-1] == "disagree" for row in found.rows if row[0].startswith("control"))
