"""The note's page: no row says more than is decided, and no change to the page is accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derive import library
from derive.decide import judge
from derive.language.document import Statement, read_document
from derive.report.check import check_note
from derive.report.envelope import Envelope, envelope_of
from derive.report.note import WORDS, Decided, Knowledge, NoteError, Row, judged, of_library, parsed, rows
from derive.report.note_text import write_note
from derive.verdict import TheoremVerdict


def decide(statement: Statement, file: str) -> TheoremVerdict:
    return judge(statement, file=file)


def decided(text: str, report: str = "home") -> Decided:
    (statement,) = read_document(f"```derive\n{text}\n```\n")
    assert isinstance(statement, Statement)
    return Decided(statement.theorem, decide(statement, "t"), report)


TRUE = decided("theorem true-one\ngiven\n  X random\n  E(X) = 0\nshow\n  Var(X) = E(X^2)")
FALSE = decided("theorem false-one\ngiven\n  X random\nshow\n  Var(X) = E(X^2)")
KNOWN = Knowledge(
    {"true-one": TRUE, "false-one": FALSE}.get,
    lambda name: name == "home",
    {"it-learns": "agree", "it-may-learn": "inconclusive"}.get,
)
BLOCK = "theorem own\ngiven\n  X random\nshow\n  E(X^2) = E(X)^2"
ROW = Row("A section", "What it says.", "proved", "Because.", proved=("true-one",))
SOUND = (
    ROW,
    replace(ROW, verdict="proved under these givens"),
    replace(ROW, verdict="measured"),
    replace(ROW, verdict="measured", trained=("it-learns",)),
    replace(ROW, verdict="qualified", refuted=("false-one",)),
    replace(ROW, verdict="refuted", proved=(), block=BLOCK),
    replace(ROW, verdict="derived", proved=(), reports=("constant-init-symmetry",)),
    replace(ROW, verdict="not decided here"),
    replace(ROW, verdict="definition", proved=()),
)
PAGE = write_note(judged(SOUND, KNOWN, decide))


def test_a_row_of_each_kind_is_written() -> None:
    assert {r.verdict for r in SOUND} == set(WORDS)
    assert "| What it says. | **proved** | Because. | [true-one](home.md) |" in PAGE
    assert "| **measured** | Because. | [true-one](home.md), [it-learns](effects-of-initialization.md) |" in PAGE
    assert "Givens of `true-one`: `X random`, `E(X) = 0`." in PAGE
    assert "`own` fails: X is -1 or 1, with probability 1/2 each; left side 1, right side 0." in PAGE
    assert "`false-one`, beside [home](home.md): `Var(X) = E(X^2)` fails:" in PAGE


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (replace(ROW, proved=("false-one",)), "`false-one` is refuted, not proved"),
        (replace(ROW, verdict="refuted", refuted=("true-one",)), "`true-one` is proved, not refuted"),
        (replace(ROW, verdict="measured", trained=("it-may-learn",)), "training does not show that `it-may-learn`"),
        (replace(ROW, verdict="measured", trained=("never",)), "training does not show that `never`"),
        (replace(ROW, proved=("absent",)), "names `absent`, which is not there"),
        (replace(ROW, verdict="derived", reports=("absent",)), "names `absent`, which is not there"),
        (replace(ROW, proved=()), "nothing named bears the verdict `proved`"),
        (replace(ROW, verdict="qualified"), "nothing named bears the verdict `qualified`"),
        (replace(ROW, verdict="qualified", proved=(), refuted=("false-one",)), "bears the verdict `qualified`"),
        (replace(ROW, verdict="refuted"), "nothing named bears the verdict `refuted`"),
        (replace(ROW, verdict="refuted", block=BLOCK.replace("E(X)^2", "E(X*X)")), "`own` is proved, not refuted"),
        (replace(ROW, verdict="not decided here", proved=("false-one",)), "`false-one` is refuted, not proved"),
        (replace(ROW, block="theorem"), "not well-formed"),
    ],
)
def test_a_row_that_says_more_than_is_decided_is_not_written(row: Row, says: str) -> None:
    with pytest.raises(NoteError, match=says.replace("(", r"\(")):
        judged((ROW, row), KNOWN, decide)


def test_a_row_is_measured_only_if_the_experiment_agrees() -> None:
    with pytest.raises(NoteError, match="no experiment agrees"):
        judged((replace(ROW, verdict="measured"),), replace(KNOWN, agrees=lambda _: False), decide)


def test_every_fault_is_listed() -> None:
    with pytest.raises(NoteError) as caught:
        judged((replace(ROW, proved=("absent",)), replace(ROW, verdict="refuted")), KNOWN, decide)
    assert str(caught.value).count("\n  ") == 3


def test_rows_have_the_fields_and_verdicts_that_there_are() -> None:
    good = '[[row]]\nsection = "a"\nsays = "b"\nverdict = "proved"\nwhy = "c"\n'
    assert parsed(good) == (Row("a", "b", "proved", "c"),)
    for bad in (good.replace('"proved"', '"certain"'), good + 'more = "d"\n'):
        with pytest.raises(NoteError):
            parsed(bad)


# --- the real note --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> Knowledge:
    """The library; whether its experiments agree is for the main job to say."""
    found = of_library(library.load(), decide, lambda _: None)
    known: dict[str, Decided | None] = {}

    def once(name: str) -> Decided | None:
        if name not in known:
            known[name] = found.statement(name)
        return known[name]

    return Knowledge(once, lambda _: True, lambda _: "agree")


@pytest.fixture(scope="module")
def page(real: Knowledge) -> str:
    return write_note(judged(rows(), real, decide))


def test_no_row_of_the_note_says_more_than_the_library(page: str) -> None:
    assert page.count("\n| ") == len(rows()) + 2 * page.count("| the note says |")


def test_what_the_note_says_of_mathematics_is_not_left_to_prose_or_to_an_experiment_in_training() -> None:
    """What rests on training speaks of training, and says beside it what is proved; nothing is left undecided."""
    assert not [r for r in rows() if r.verdict == "not decided here"]
    trained = [r for r in rows() if r.trained]
    assert trained
    for row in trained:
        assert row.verdict == "measured"
        assert row.proved
        assert any(word in f"{row.says} {row.why}".lower() for word in ("learning", "train", "cost", "perform"))
    assert len({r.says for r in rows()}) == len(rows())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("**measured** |", "**proved** |"),
        ("| **qualified** |", "| **proved** |"),
        ("left side 2, right side 1", "left side 2, right side 2"),
        ("]1.5^(L-1)", "]1.6^(L-1)"),
        ("(forward-rule.md)", "(he-rule.md)"),
        ("  s < 1\n", ""),
        ("# The note, statement by statement\n", "# The note, and all of it is true\n"),
        ("<!-- derive note, format 1", "<!-- a note"),
        ("\n<!-- end of derive note: the-note", "\nAll of it is true.\n"),
    ],
)
def test_a_changed_page_is_refused(page: str, real: Knowledge, old: str, new: str) -> None:
    assert check_note(page, file="the-note.md", known=real, judge=decide) is None
    changed = page.replace(old, new, 1) if old in page else page.replace("1.5^(L-1)", "1.6^(L-1)", 1)
    assert changed != page
    assert envelope_of(changed) == Envelope("note", "the-note"), "it is still known to be the note"
    refused = check_note(changed, file="the-note.md", known=real, judge=decide)
    assert refused is not None
    assert refused.verdict == "error"
    assert "the reports again" in (refused.message or "")


def test_a_page_whose_rows_are_no_longer_borne_out_is_refused(page: str, real: Knowledge) -> None:
    refused = check_note(page, file="the-note.md", known=replace(real, agrees=lambda _: False), judge=decide)
    assert refused is not None
    assert "no experiment agrees" in (refused.message or "")
    untrained = replace(real, trained=lambda _: None)
    refused = check_note(page, file="the-note.md", known=untrained, judge=decide)
    assert refused is not None
    assert "training does not show" in (refused.message or "")
