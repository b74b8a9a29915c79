"""A report says what was decided, is written whole or not at all, and no change to it is accepted."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.language.document import Statement, prose_of, read_document
from derive.language.printer import theorem_text
from derive.language.theorem import Theorem
from derive.library import LibraryDocument, LibraryError, document
from derive.report import (
    ExactModel,
    NotWritten,
    Report,
    Simulated,
    Tools,
    check_report,
    check_summary,
    envelope_of,
    write,
    write_file,
    write_summary,
)
from derive.report.check import Judge, compose
from derive.report.envelope import damage
from derive.report.values import LedgerFact, NotEvidence, seal, unseal
from derive.verdict import Ablation, Counterexample, StepVerdict, TheoremVerdict, Without

LIBRARY = """# The variance of a product

For independent factors of mean zero.

```derive
theorem product
given
  X random
  Y random
  X independent of Y
  E(X) = 0
  E(Y) = 0
show
  Var(X*Y) = Var(X)*Var(Y)
```
"""
FULL = LIBRARY.replace(
    "Var(Y)\n```",
    "Var(Y)\nproof\n  Var(X*Y)\n    = E(X^2)*E(Y^2)  # independence\n"
    "    = Var(X)*Var(Y)  by E(X) = 0, E(Y) = 0\nqed\n```",
)
FIND = """# The scale

```derive
theorem scale
given
  X random
  c positive
  Var(X) > 0
find
  c such that Var(c*X) = Var(X)
```
"""
ANSWER = FIND.replace("find\n  c such that Var(c*X) = Var(X)", "show\n  Var(c*X) = Var(X) iff c = 1")


def _statement(text: str) -> Statement:
    (found,) = read_document(text)
    assert isinstance(found, Statement), found
    return found


def _document(text: str) -> LibraryDocument:
    statement = _statement(text)
    title, _, prose = prose_of(text).partition("\n")
    return LibraryDocument(statement.name, "x.md", title.removeprefix("# "), prose.strip(), text, statement)


def _judge(statement: Statement, file: str) -> TheoremVerdict:
    """A judge made by hand: every link is proved and uses what can be left out."""
    uses = tuple(g.text for g in statement.problem.givens if g.removable)
    steps = tuple(
        StepVerdict(s.index, statement.spot(s.at).line, 1, s.operator, s.text, "proved", uses, remark=s.remark)
        for s in statement.problem.steps
    )
    return TheoremVerdict(file, statement.name, "proved", "a claim", steps)


ABLATION = Ablation(
    (
        Without(2, None, (StepVerdict(1, 0, 0, "=", "", "refuted", residual="E(X)*E(Y)"),)),
        Without(3, None, (StepVerdict(1, 0, 0, "=", "", "proved"),)),
    ),
    ((2, 4), (3,)),
    shown=False,
    stopped=False,
    effort=(1_000, 100),
    most=10,
)


def _exact(_: Statement, __: TheoremVerdict) -> tuple[ExactModel, ...]:
    return (ExactModel("X is -1 or 1, with probability 1/2 each", "1", "1"), ExactModel("Y is always 2", "3/2", "3/2"))


SIMULATED = Simulated(
    "Networks of 4 layers, weights of variance 1/n.",
    ("width", "measured / claimed"),
    (("16", "0.998 to 1.004"), ("64", "0.999 to 1.001")),
    "agree",
    "0.001",
    "python -m montecarlo --width 16",
    "9f2c",
    "product.svg",
)
DOCUMENTS = {"product": _document(LIBRARY), "scale": _document(FIND)}


def _ablate(statement: Statement) -> Ablation | None:
    return ABLATION if len(statement.problem.givens) == 5 else None


def _fact(name: str) -> LedgerFact:
    return LedgerFact(name, "so it is", "Gauss 1809")


def _prove(theorem: Theorem) -> Theorem | None:
    """A textbook of two pages."""
    texts = {theorem_text(DOCUMENTS["product"].statement.theorem): FULL}
    texts[theorem_text(DOCUMENTS["scale"].statement.theorem)] = ANSWER
    return _statement(texts[theorem_text(theorem)]).theorem if theorem_text(theorem) in texts else None


PUBLISHED = {"product": SIMULATED.digest}
TOOLS = Tools(
    _judge, _exact, DOCUMENTS.get, _ablate, _fact, _prove, PUBLISHED.get, lambda: "", lambda: "", lambda *_: ""
)


def _report(name: str = "product", text: str = FULL, simulated: Simulated | None = SIMULATED) -> Report:
    statement = _statement(text)
    verdict = _judge(statement, "x")
    return compose(statement, verdict, DOCUMENTS.get(name), simulated, TOOLS, beside=())


TEXT = write(_report())


def _verdict(text: str) -> str:
    return check_report(text, file="product.md", tools=TOOLS).verdict.verdict


# --- what a report says -----------------------------------------------------------------------------------------


def test_a_report_is_accepted_as_it_was_written() -> None:
    checked = check_report(TEXT, file="product.md", tools=TOOLS)
    assert checked.verdict.verdict == "proved", checked.verdict.message
    assert checked.report is not None
    assert write(checked.report) == TEXT


def test_line_endings_at_the_end_of_the_file_do_not_matter() -> None:
    for end in ("", "\n", "\r\n", "\n\n\n"):
        assert _verdict(TEXT.rstrip("\n") + end) == "proved"


def test_what_is_proved_computed_and_measured_stand_apart() -> None:
    assert "**proved**: for all sizes and all laws" in TEXT
    assert "**computed**: the claim holds in 2 of 2" in TEXT
    assert "not a proof" in TEXT
    assert "**measured**: agree, error rate at most 0.001; not run again by `check`" in TEXT


def test_an_assumption_names_the_steps_that_use_it_or_says_that_none_does() -> None:
    report = _report()
    idle = tuple(replace(s, uses=("X independent of Y",) if s.index == 2 else ()) for s in report.verdict.steps)
    text = write(replace(report, verdict=replace(report.verdict, steps=idle)))
    assert re.search(r"`X independent of Y` \|.*\| step 2 \|", text)
    assert re.search(r"`E\(X\) = 0` \|.*\| \*\*not used\*\* \|", text)
    assert re.search(r"`X random` \|.*\| declaration \|", text)


def test_a_refuted_link_shows_its_residual_its_counterexample_and_what_is_missing() -> None:
    report = _report()
    model = Counterexample({"n": 2}, {}, {"X": (("-1", "1/2"), ("1", "1/2"))}, (), "1", ("0.1", "0.2"))
    bad = replace(
        report.verdict.steps[1],
        verdict="refuted",
        residual="E(X)^2",
        counterexample=model,
        missing=(("E(X) = 0",),),
    )
    verdict = replace(report.verdict, verdict="refuted", steps=(report.verdict.steps[0], bad))
    text = write(replace(report, verdict=verdict))
    assert "**refuted**: false, and shown to be; 2 links: 1 proved, 1 refuted" in text
    assert "Left minus right: `E(X)^2`" in text
    assert "- X is -1 or 1, with probability 1/2 each" in text
    assert "- left side 1, right side between 0.1 and 0.2" in text
    assert "It would hold with `E(X) = 0`." in text


def test_a_report_holds_no_trace_of_the_machine_or_the_day() -> None:
    assert not re.search(r"20[0-9]{2}-|Python 3|seconds|/root|/home", TEXT)


def test_tables_have_as_many_cells_in_every_row() -> None:
    simulated = replace(SIMULATED, rows=(("a|b", "c"),))
    text = write(_report(simulated=simulated))
    tables = [re.findall(r"^\|.*$", part, re.MULTILINE) for part in text.split("\n\n")]
    for rows in filter(None, tables):
        assert len({row.count("|") for row in rows}) == 1, rows


def test_a_theorem_outside_the_library_gets_no_prose_of_the_library() -> None:
    text = write(_report("another", FULL.replace("theorem product", "theorem another"), None))
    assert "For independent factors" not in text
    assert "# another" in text
    assert _verdict(text) == "proved"


def test_a_report_answers_what_the_library_asks() -> None:
    text = write(_report("scale", ANSWER, None))
    assert "Which $c$ gives" in text
    checked = check_report(text, file="scale.md", tools=TOOLS)
    assert (checked.verdict.verdict, checked.verdict.found) == ("proved", "1")
    evasive = ANSWER.replace("iff c = 1", "iff c = Var(c*X)/Var(X)*1")
    assert _verdict(write(_report("scale", evasive, None))) == "error", "the unknown must not hide in the answer"


def test_a_derivation_of_the_library_is_the_one_that_is_written_for_it_remarks_included() -> None:
    for old, new in (("independence", "holds without independence"), ("    = E(X^2)*E(Y^2)  # independence\n", "")):
        assert old in FULL
        verdict = check_report(write(_report(text=FULL.replace(old, new))), file="product.md", tools=TOOLS).verdict
        assert verdict.verdict == "error"
        assert "the derivation of the library's `product` is another one" in (verdict.message or "")


# --- what is refused ----------------------------------------------------------------------------------------------

CHANGES = {
    "a given is left out": ("\n  E(X) = 0\n", "\n"),
    "a number in the block": ("    = E(X^2)*E(Y^2)", "    = E(X^3)*E(Y^2)"),
    "the claim": ("  Var(X*Y) = Var(X)*Var(Y)\n", "  Var(X*Y) = Var(Y)*Var(X)\n"),
    "the LaTeX": (r"\mathrm{E}(X^{2})", r"\mathrm{E}(X^{3})"),
    "a status word": ("Verdict: **proved**", "Verdict: **certified**"),
    "the status of the claim": ("**proved**: for all", "**proved**: for nearly all"),
    "where an assumption is used": ("steps 1, 2", "step 1"),
    "the prose": ("of mean zero", "of any mean"),
    "the title": ("# The variance of a product", "# The variance of a sum"),
    "an exact value": ("| 3/2 | 3/2 |", "| 5/2 | 5/2 |"),
    "a measured number in the table": ("| 16 | 0.998 to 1.004 |", "| 16 | 0.999 to 1.001 |"),
    "a measured number in the data": ('["16","0.998 to 1.004"]', '["16","0.999 to 1.001"]'),
    "the measured verdict": ("**measured**: agree", "**measured**: proved"),
    "the first line": ("<!-- derive report, format 1", "<!-- a report, format 1"),
    "the first line is gone": (TEXT.split("\n")[0] + "\n", ""),
    "the last line is gone": ("\n" + TEXT.rstrip("\n").split("\n")[-1], ""),
    "the name": ("theorem product", "theorem products"),
    "a remark": ("# independence", "# dependence"),
    "a comment in the block": ("proof\n  Var", "proof  # all is well\n  Var"),
    "a citation": ("  by E(X) = 0, E(Y) = 0\n", "  by E(X) = 0\n"),
    "a sentence more": ("## Evidence\n", "## Evidence\n\nIt is certified too.\n"),
    "a sentence at the end": (" -->\n", " -->\nAll of this is proved.\n"),
    "line endings": ("\n", "\r\n"),
    "what remains without an assumption": ("`E(X)*E(Y)`", "`E(X)`"),
    "a least set": ("- (4) `E(X) = 0`", "- (5) `E(Y) = 0`"),
    "that all least sets are there": ("though not each of them is refuted", "as each of them is refuted"),
    "the figure": ("(product.svg)", "(other.svg)"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_report_is_refused(change: str) -> None:
    old, new = CHANGES[change]
    assert old in TEXT
    changed = TEXT.replace(old, new) if change == "line endings" else TEXT.replace(old, new, 1)
    assert envelope_of(changed) is not None, "it is still known to be a report"
    verdict = check_report(changed, file="product.md", tools=TOOLS).verdict
    assert verdict.verdict == "error"
    assert verdict.message
    assert verdict.line
    assert verdict.column
    assert verdict.excerpt is not None


@settings(max_examples=400)
@given(st.integers(0, len(TEXT) - 2), st.characters(codec="utf-8"))
def test_no_change_of_one_character_is_accepted(at: int, character: str) -> None:
    changed = TEXT[:at] + character + TEXT[at + 1 :]
    if changed != TEXT:
        assert envelope_of(changed) is not None
        assert damage(changed) is not None
        assert _verdict(changed) == "error"


@settings(max_examples=200)
@given(st.integers(0, len(TEXT) - 2), st.integers(1, 60))
def test_no_part_can_be_cut_out(at: int, length: int) -> None:
    changed = TEXT[:at] + TEXT[at + length :]
    if changed.rstrip("\n") != TEXT.rstrip("\n"):
        assert envelope_of(changed) is not None
        assert damage(changed) is not None
        assert _verdict(changed) == "error"


def test_the_first_difference_is_shown_with_what_should_stand_there() -> None:
    changed = TEXT.replace("| 3/2 | 3/2 |", "| 5/2 | 3/2 |")
    verdict = check_report(changed, file="product.md", tools=TOOLS).verdict
    assert verdict.line == changed[: changed.index("| 5/2")].count("\n") + 1
    assert "it should read: " in (verdict.message or "")
    assert "| 3/2 | 3/2 |" in (verdict.message or "")
    assert "write the reports again" in (verdict.message or "")


def test_evidence_that_was_changed_does_not_open() -> None:
    assert unseal(seal(SIMULATED)) == SIMULATED
    forged = [
        seal(SIMULATED).replace("agree", "disagree"),
        seal(SIMULATED).replace("product.svg", "../x.svg"),
        "{}",
        "[]",
        "not json",
        "[" * 100_000,
        seal(replace(SIMULATED, verdict="proved")),
        seal(replace(SIMULATED, figure="../../x.svg")),
    ]
    for text in forged:
        with pytest.raises(NotEvidence):
            unseal(text)


@given(st.text(max_size=30))
def test_sealed_evidence_fits_into_a_comment_whatever_it_says(text: str) -> None:
    simulated = replace(SIMULATED, design=text, rows=((text, text),))
    sealed = seal(simulated)
    assert "--" not in sealed
    assert ">" not in sealed
    assert "\n" not in sealed
    assert unseal(sealed) == simulated


# --- simulated evidence: published, run again, forged ----------------------------------------------------------------


FORGED = replace(SIMULATED, rows=(("16", "1.000 to 1.000"), ("64", "1.000 to 1.000")))


def test_published_figures_are_said_not_to_be_run_again() -> None:
    verdict = check_report(TEXT, file="product.md", tools=TOOLS).verdict
    assert "not run again" in (verdict.evidence or "")


def test_figures_with_a_digest_of_their_own_are_open_until_they_are_run_again() -> None:
    text = write(_report(simulated=FORGED))
    assert damage(text) is None
    assert _verdict(text) == "unknown"
    for measured, word in ((FORGED, "proved"), (SIMULATED, "error"), (None, "error")):
        again = replace(TOOLS, again=lambda *_, measured=measured: measured)
        verdict = check_report(text, file="product.md", tools=again).verdict
        assert verdict.verdict == word
        assert ("run again, with the same figures" in (verdict.evidence or "")) == (word == "proved")


def test_figures_that_are_missing_or_that_nobody_measures_are_refused() -> None:
    assert _verdict(write(_report(simulated=None))) == "error"
    other = FULL.replace("theorem product", "theorem another")
    assert _verdict(write(_report("another", other, SIMULATED))) == "error"


# --- the summary --------------------------------------------------------------------------------------------------


def test_a_summary_is_accepted_as_it_was_written_and_refused_otherwise() -> None:
    reports = {"product": _report()}
    text = write_summary(tuple(reports.values()))
    assert "| [The variance of a product](product.md) |" in text
    names = ("product",)
    assert check_summary(text, file="README.md", reports=reports, names=names) is None
    changed = check_summary(text.replace("agree", "agrees"), file="README.md", reports=reports, names=names)
    assert changed is not None
    assert changed.verdict == "error"
    absent = check_summary(text, file="README.md", reports={}, names=names)
    assert absent is not None
    assert "product" in (absent.message or "")


# --- files --------------------------------------------------------------------------------------------------------


def test_writing_the_same_text_again_touches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.md"
    assert write_file(path, "text\n")
    before = path.stat().st_mtime_ns
    assert not write_file(path, "text\n")
    assert path.stat().st_mtime_ns == before
    assert write_file(path, "other\n")
    assert [p.name for p in path.parent.iterdir()] == ["a.md"]


@pytest.fixture
def _failing_replace(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)


@pytest.mark.usefixtures("_failing_replace")
def test_a_report_that_cannot_be_written_leaves_the_old_one_intact(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("old\n", encoding="utf-8")
    with pytest.raises(NotWritten, match=r"No space left on device.*unchanged"):
        write_file(path, "new\n")
    assert path.read_text(encoding="utf-8") == "old\n"
    assert [p.name for p in tmp_path.iterdir()] == ["a.md"]


def test_a_folder_that_is_a_file_is_said_to_be_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(NotWritten):
        write_file(tmp_path / "file" / "a.md", "text")


# --- what each assumption is for, what stands beside the theorem, what it leans on ---------------------------------


COMPANY = """# A product

Before.

```derive
theorem product
given
  X random
  Y random
  X independent of Y
show
  E(X*Y) = E(X)*E(Y)
```

Of its mean alone:

```derive
theorem mean
given
  X random
show
  E(2*X) = 2*E(X)
```

It is not the square:

```derive refuted
theorem square
given
  X random
show
  E(X^2) = E(X)^2
```

After.
"""
LIBRARY_WITH_COMPANY = {"product": document(COMPANY, "product")}


def _decided(statement: Statement, file: str) -> TheoremVerdict:
    """As the hand-made judge; what is called square is refuted, and the mean leans on a fact."""
    verdict = _judge(statement, file)
    (step,) = verdict.steps
    if statement.name == "mean":
        return replace(verdict, steps=(replace(step, facts=("gauss",)),))
    if statement.name != "square":
        return verdict
    model = Counterexample({}, {}, {"X": (("-1", "1/2"), ("1", "1/2"))}, (), "1", "0")
    return replace(verdict, verdict="refuted", steps=(replace(step, verdict="refuted", counterexample=model),))


WITH_COMPANY = replace(TOOLS, judge=_decided, library=LIBRARY_WITH_COMPANY.get, prove=lambda _: None, published={}.get)


def _in_company(judge: Judge = _decided) -> str:
    ours = LIBRARY_WITH_COMPANY["product"]
    tools = replace(WITH_COMPANY, judge=judge)
    statement, beside = ours.statement, tuple(c.statement for c in ours.beside)
    return write(compose(statement, judge(statement, "x"), ours, None, tools, beside=beside))


def test_each_assumption_has_a_row_and_the_least_sets_are_listed() -> None:
    assert "| (3) `X independent of Y` | **refuted** | `E(X)*E(Y)` |" in TEXT
    assert "| (4) `E(X) = 0` | **still proved** |" in TEXT
    assert "2 least sets of assumptions" in TEXT
    assert "- (3) `X independent of Y`, (5) `E(Y) = 0`\n- (4) `E(X) = 0`\n" in TEXT
    assert "Models are looked for among 1,000 outcomes" in TEXT


def test_statements_beside_the_theorem_keep_their_prose_and_show_their_verdicts() -> None:
    text = _in_company()
    assert "| beside it | 2 statements: 1 **proved**, 1 **refuted** |" in text
    assert text.index("Of its mean alone:") < text.index("theorem mean") < text.index("It is not the square:")
    assert "```derive refuted\ntheorem square\n" in text
    assert "- left side 1, right side 0" in text
    assert text.index("- left side 1, right side 0") < text.index("After.") < text.index("## Evidence")
    assert check_report(text, file="product.md", tools=WITH_COMPANY).verdict.verdict == "proved"


def test_facts_of_the_ledger_are_listed_with_their_source() -> None:
    text = _in_company()
    assert "**rests on 1 fact of the ledger**" in text
    assert "| gauss | so it is | Gauss 1809 |" in text
    assert "## Facts leaned on" not in TEXT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("E(X^2) = E(X)^2\n", "E(X^2) = E(X)^3\n"),
        ("```derive refuted\n", "```derive\n"),
        ("It is not the square:", "It is the square:"),
        ("Verdict: **refuted**", "Verdict: **proved**"),
        ("1 **refuted**", "1 **unknown**"),
        ("Gauss 1809", "Gauss 1810"),
        ("After.\n", ""),
        ("- left side 1, right side 0", "- left side 1, right side 2"),
    ],
)
def test_a_change_beside_the_theorem_is_refused(old: str, new: str) -> None:
    text = _in_company()
    assert old in text
    verdict = check_report(text.replace(old, new, 1), file="product.md", tools=WITH_COMPANY).verdict
    assert verdict.verdict == "error"


def test_a_statement_cannot_be_taken_away_or_put_in() -> None:
    text = _in_company()
    start, end = text.index("```derive\ntheorem mean"), text.index("It is not the square:")
    less = check_report(text[:start] + text[end:], file="product.md", tools=WITH_COMPANY).verdict
    assert less.verdict == "error"
    more = text.replace("## Evidence", "```derive\ntheorem more\nshow\n  1 = 1\n```\n\n## Evidence")
    assert check_report(more, file="product.md", tools=WITH_COMPANY).verdict.verdict == "error"
    alone = write(_report("another", FULL.replace("theorem product", "theorem another"), None))
    joined = alone.replace("## Evidence", "```derive\ntheorem more\nshow\n  1 = 1\n```\n\n## Evidence")
    assert "one theorem" in (check_report(joined, file="a.md", tools=TOOLS).verdict.message or "")


def test_a_report_that_was_written_around_another_statement_is_refused() -> None:
    ours = LIBRARY_WITH_COMPANY["product"]
    mean, square = (c.statement for c in ours.beside)
    other = _statement("```derive\ntheorem square\ngiven\n  X random\nshow\n  E(X^2) = E(X)^3\n```\n")
    for beside in ((mean, other), (square, mean)):
        verdict = _decided(ours.statement, "x")
        text = write(compose(ours.statement, verdict, ours, None, WITH_COMPANY, beside=beside))
        refused = check_report(text, file="product.md", tools=WITH_COMPANY).verdict
        assert refused.verdict == "error"
        assert "another statement beside it" in (refused.message or "")


def test_a_statement_whose_verdict_is_not_the_expected_one_is_said_to_be() -> None:
    assert "The library says that it should be refuted." in _in_company(_judge)
    assert "The library says" not in _in_company()


def test_a_document_of_the_library_begins_with_its_theorem_and_knows_what_it_expects() -> None:
    assert [c.expected for c in LIBRARY_WITH_COMPANY["product"].beside] == ["proved", "refuted"]
    for bad in (
        COMPANY.replace("theorem product", "theorem other"),
        COMPANY.replace("```derive refuted", "```derive wrong"),
        COMPANY.replace("```derive\ntheorem product", "```derive refuted\ntheorem product"),
        COMPANY.replace("theorem square", "theorem square\nshow 1 = 1\ntheorem cube"),
        COMPANY.replace("E(X)^2", "E(V)^2"),
    ):
        with pytest.raises(LibraryError):
            document(bad, "product")
