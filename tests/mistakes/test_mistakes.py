"""What a document with a slip of the pen is told: where, what was found, and what to write instead."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import derive
from derive.report.terminal import Style, error_lines

DATA: dict[str, Any] = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text(encoding="utf-8"))
BASE: str = DATA["base"]
MISTAKES: dict[str, dict[str, Any]] = {m["kind"]: m for m in DATA["mistake"]}


def document(mistake: dict[str, Any]) -> str:
    if "document" in mistake:
        return mistake["document"]
    assert BASE.count(mistake["find"]) == 1, mistake["kind"]
    return BASE.replace(mistake["find"], mistake["write"])


def test_the_document_without_a_mistake_is_proved() -> None:
    assert [v.verdict for v in derive.check(BASE)] == ["proved"]
    assert len(MISTAKES) == len(DATA["mistake"]) >= 20


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_to_write(kind: str) -> None:
    mistake = MISTAKES[kind]
    text = document(mistake)
    (verdict,) = derive.check(text, file="a.md")
    assert (verdict.verdict, verdict.message) == ("error", mistake["says"])
    assert [verdict.line, verdict.column] == mistake["at"]
    found, _, remedy = mistake["says"].partition("; ")
    assert found
    assert len(remedy.split()) > 1, "a remedy says what to write"
    head, line, caret = error_lines(verdict, Style(80))
    assert head.startswith(f"a.md:{verdict.line}:{verdict.column}: error")
    assert verdict.line is not None
    assert verdict.column is not None
    if "\r" not in text:
        written = text.split("\n")[verdict.line - 1]
        assert line == f"    {written}".rstrip().replace("\t", " ")
    assert caret == " " * (3 + verdict.column) + "^"


@pytest.mark.parametrize(
    "harmless",
    [
        BASE.replace("\n", "\r\n"),
        "\ufeff" + BASE,
        BASE.replace("\n  ", "\n\t").replace("    =", "\t\t="),
        BASE.replace("\nproof", "   \n\n\nproof"),
        BASE.rstrip("\n"),
        BASE.replace("```derive", "~~~ derive").replace("\n```\n", "\n~~~\n"),
    ],
    ids=["CR LF", "a byte order mark", "tabs", "empty lines", "no newline at the end", "tildes"],
)
def test_what_editors_do_by_themselves_changes_nothing(harmless: str) -> None:
    assert [v.verdict for v in derive.check(harmless)] == ["proved"]
