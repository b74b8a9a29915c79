"""The reader and the command line get anything and answer with values: never a traceback, never without end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derive import __main__ as entry
from derive.inputs import Input, check_inputs, read_input
from derive.language.document import Malformed, Statement, read_bytes, read_document
from derive.language.printer import theorem_text
from derive.report.envelope import damage, envelope_of
from derive.verdict import TheoremVerdict
from tests.strategies import theorems
from tests.tamper.checkers import check
from tests.tamper.documents import WORDS, mutated, random_pieces

MOST_SECONDS = 2.0  # of the processor, for a document of a few kilobytes


def reads(data: bytes) -> None:
    """What was read is of the few types that there are, says where, and did not take long."""
    begun = time.process_time()
    text = read_bytes(data)
    parts = (text,) if isinstance(text, Malformed) else read_document(text)
    assert time.process_time() - begun < MOST_SECONDS
    assert parts
    for part in parts:
        if isinstance(part, Malformed):
            lines = data.count(b"\n") + 1
            assert 1 <= part.line <= lines + 1, part
            assert part.column >= 1
            assert part.message
        else:
            assert isinstance(part, Statement)


def answers(data: bytes) -> None:
    """Checking gives verdicts, at least one unless the text is generated, each with its reason if it is an error."""
    item = read_input("a.md", data)
    verdicts = list(check_inputs(iter([item]), check().hasty))
    assert verdicts
    for verdict in verdicts:
        assert isinstance(verdict, TheoremVerdict)
        assert verdict.verdict in {"proved", "refuted", "unknown", "error"}
        assert verdict.message or verdict.verdict != "error"


# --- bytes and texts ------------------------------------------------------------------------------------------------


@settings(deadline=None)  # here and below: time is measured of the processor, not of a wall with neighbours behind it
@given(st.binary(max_size=400))
def test_any_bytes_are_read(data: bytes) -> None:
    reads(data)
    answers(data)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_within_a_block_and_without(text: str) -> None:
    for around in (
        "{}",
        "```derive\n{}\n```\n",
        "```derive\ntheorem t\nshow\n  {}\n```\n",
        "<!-- derive report {} -->",
    ):
        data = around.replace("{}", text).encode("utf-8", errors="surrogatepass")
        reads(data)
        envelope_of(around.replace("{}", text))
        damage(around.replace("{}", text))


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_any_words_of_the_language_are_read(words: str) -> None:
    reads(f"```derive\ntheorem t\n{words}\n```\n".encode())


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(theorems())
def test_what_parses_is_looked_up_without_a_traceback(theorem: object) -> None:
    reads(f"```derive\n{theorem_text(theorem)}```\n".encode())  # type: ignore[arg-type]


def fuzzed(make: Callable[[Random], bytes], do: Callable[[bytes], None], count: int, seed: int) -> None:
    for number in range(count):
        data = make(Random(f"{seed}:{number}"))
        try:
            do(data)
        except Exception as error:
            raise AssertionError(f"{make.__name__} {seed}:{number}: {data[:2000]!r}") from error


@pytest.mark.parametrize("make", [mutated, random_pieces], ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    "count", [pytest.param(250, id="few"), pytest.param(20_000, id="many", marks=pytest.mark.slow)]
)
def test_mutated_documents_are_read(make: Callable[[Random], bytes], count: int) -> None:
    fuzzed(make, reads, count, 1)


@pytest.mark.parametrize("count", [pytest.param(60, id="few"), pytest.param(3_000, id="many", marks=pytest.mark.slow)])
def test_mutated_documents_are_checked(count: int) -> None:
    fuzzed(mutated, answers, count, 2)


@pytest.mark.parametrize(
    "text",
    [
        "```derive\n" + "theorem t\n" * 20_000 + "```\n",
        "```derive\ntheorem t\nshow\n  " + "(" * 50_000 + "\n```\n",
        "```derive\ntheorem t\nshow\n  " + "E(" * 101 + "1" + ")" * 101 + " = 1\n```\n",
        "```derive\ntheorem t\nshow\n  " + "-" * 50_000 + "1 = 1\n```\n",
        "```derive\ntheorem t\nshow\n  " + "1^" * 50_000 + "1 = 1\n```\n",
        "```derive\n" + "#" * 900_000 + "\n```\n",
        "`" * 900_000,
        "> " * 400_000 + "```derive",
        "<!--" * 200_000,
        "<!-- derive report, format 1: " + "a" * 900_000,
        "derive report, format" * 40_000,
        "derive\t" * 100_000 + "```" + " " * 100_000,
        "| the claim | **" * 50_000,
        "\r\n" * 400_000,
        "<!-- end of derive report: x, sha256 " + "0" * 64 + ", lines " + "0" * 900_000 + " -->",
    ],
    ids=range(15),
)
def test_large_nonsense_is_answered_in_time(text: str) -> None:
    begun = time.process_time()
    (verdict, *_) = check_inputs(iter([Input("a.md", text)]), check().hasty)
    assert verdict.verdict == "error"
    assert time.process_time() - begun < 5


# --- the command line ------------------------------------------------------------------------------------------------

_PATHS = (
    "",
    ".",
    "..",
    "-x",
    "--",
    "a\0b",
    "x" * 5_000,
    "no/such.md",
    "good.md",
    "bad.md",
    "folder",
    "\udcff.md",
    "/dev/null",
)
_FLAGS = (
    "--json",
    "--evidence",
    "--full",
    "--help",
    "-h",
    "--json=1",
    "--out",
    "--version",
    "--bogus",
    "list",
    "show",
    "check",
)


@pytest.fixture
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "good.md").write_text("```derive\ntheorem t\ngiven\n  c real\nshow\n  c = c\n```\n", encoding="utf-8")
    (tmp_path / "bad.md").write_bytes(b"\xff\xfe")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(entry, "_leave", sys.exit)  # which would end the tests with it


@pytest.mark.usefixtures("_desk")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    st.sampled_from(("check", "show")),
    st.lists(st.one_of(st.sampled_from(_PATHS), st.sampled_from(_FLAGS), st.text(max_size=8)), max_size=4),
)
def test_any_words_on_the_command_line_end_in_a_status(command: str, words: list[str]) -> None:
    if "-" in words:
        return  # which reads standard input
    before, sys.argv = sys.argv, ["derive", command, *words]
    try:
        with pytest.raises(SystemExit) as left:
            entry.main()
    finally:
        sys.argv = before
    assert left.value.code in {0, 1, 2, 3}
