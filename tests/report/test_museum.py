"""The museum's page: an exhibit that is not as it says is not written, and no change to the page is accepted."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from derive import check, museum
from derive.decide import judge
from derive.inputs import read_inputs
from derive.language.document import Statement
from derive.museum import exhibit
from derive.report.check import check_museum
from derive.report.envelope import envelope_of
from derive.report.museum import MuseumError, shown, write_museum
from derive.verdict import TheoremVerdict
from derive.wiring import museum_page
from tests.test_museum import HEAD, LIE, RIGHT, TRUTH

ONE = exhibit(f"{HEAD}**See.** `he-rule`\n\n{LIE}{RIGHT}", "x")
TWO = exhibit(HEAD + TRUTH.replace("theorem x", "theorem two"), "two")
NAMES = ("he-rule",)


def decide(statement: Statement, file: str) -> TheoremVerdict:
    return judge(statement, file=file)


def page() -> str:
    return write_museum(shown((ONE, TWO), NAMES, decide))


PAGE = page()


def test_the_page_has_source_statement_verdict_model_and_right_value() -> None:
    assert "2 exhibits: 1 proved, 1 refuted." in PAGE
    assert PAGE.count("- Source: Somebody (2000)") == 2
    assert PAGE.count("```derive refuted\ntheorem x\n") == 1
    assert "- X is always 1\n- left side 0, right side 1" in PAGE
    assert "Instead: The mean.\n\n```derive\ntheorem x-instead\n" in PAGE
    assert "Verdict: **proved**. See [he-rule](he-rule.md)." in PAGE
    assert PAGE.index("### two") < PAGE.index("### x"), "what is proved comes first"


@pytest.mark.parametrize(
    ("exhibits", "says"),
    [
        ((replace(ONE, statement=TWO.statement),), "`x` is proved, not refuted"),
        ((replace(TWO, statement=ONE.statement),), "`two` is refuted, not proved"),
        ((replace(ONE, right=ONE.statement),), "instead of `x` is refuted, not proved"),
        ((replace(TWO, see=("she-rule",)),), "no theorem `she-rule`"),
    ],
)
def test_an_exhibit_that_is_not_as_it_says_is_not_written(exhibits: tuple[museum.Exhibit, ...], says: str) -> None:
    with pytest.raises(MuseumError, match=says):
        shown(exhibits, NAMES, decide)


def test_a_refutation_without_a_model_is_not_written() -> None:
    def bare(statement: Statement, file: str) -> TheoremVerdict:
        verdict = decide(statement, file)
        return replace(verdict, steps=tuple(replace(s, counterexample=None) for s in verdict.steps))

    with pytest.raises(MuseumError, match="without a model"):
        shown((ONE,), NAMES, bare)


def test_any_changed_character_is_refused() -> None:
    assert check_museum(PAGE, file="museum.md", written=page) is None
    draw = random.Random(5)
    for _ in range(300):
        place = draw.randrange(len(PAGE))
        changed = draw.choice((PAGE[:place] + PAGE[place + 1 :], f"{PAGE[:place]}x{PAGE[place:]}"))
        if changed.rstrip("\n") == PAGE.rstrip("\n"):
            continue
        refused = check_museum(changed, file="museum.md", written=lambda: PAGE)
        assert refused is not None
        assert refused.verdict == "error"
        assert "the reports again" in (refused.message or "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Verdict: **refuted**", "Verdict: **proved**"),
        ("1 proved, 1 refuted", "2 proved, 0 refuted"),
        ("Somebody (2000)", "Somebody else (2000)"),
        ("  E(X) = 0\n", ""),
        ("```derive refuted\n", "```derive\n"),
        ("<!-- derive museum, format 1", "<!-- a museum"),
        ("<!-- end of derive museum: museum", "All of it is true."),
    ],
)
def test_a_page_that_says_something_else_is_known_and_refused(old: str, new: str) -> None:
    changed = PAGE.replace(old, new, 1)
    assert changed != PAGE
    known = envelope_of(changed)
    assert known is not None
    refused = check_museum(changed, file="museum.md", written=page)
    assert refused is not None
    assert refused.verdict == "error"


def test_the_real_page_shows_every_exhibit_and_is_what_check_compares_with() -> None:
    text = museum_page()
    assert text.count("\n### ") == len(museum.load())
    assert text.count("```derive") == len(museum.load()) + text.count("\nInstead: ")
    changed = text.replace("Verdict: **refuted**", "Verdict: **proved**", 1)
    (wrong,) = check(changed, file="museum.md")
    assert wrong.verdict == "error"
    compared = check_museum(changed, file="museum.md", written=lambda: text)
    assert compared is not None
    assert "it should read: Verdict: **refuted**" in (compared.message or ""), "nothing before it differs"


def test_a_page_without_any_block_is_not_passed_over_in_a_folder(tmp_path: Path) -> None:
    first, last = PAGE.split("\n", 1)[0], "<!-- end of derive note: the-note -->"
    (tmp_path / "museum.md").write_text(f"{first}\n\nAll of it is true.\n", encoding="utf-8")
    (tmp_path / "the-note.md").write_text(f"All of it is true.\n{last}\n", encoding="utf-8")
    assert [Path(item.file).name for item in read_inputs([str(tmp_path)])] == ["museum.md", "the-note.md"]
