"""No change of a generated text is accepted, and no change of a derivation that makes it false."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from derive.report.envelope import KINDS, damage, enclosed, envelope_of
from tests.tamper.checkers import CONTROLS, check, own_hashes_only
from tests.tamper.oracle import falsehood
from tests.tamper.report_changes import FORGERIES
from tests.tamper.subjects import REPORTS, ROOT, Document, as_document, generated, kind_of
from tests.tamper.suite import FAMILIES, MOST_SECONDS, Chunk, Result, attempt, run
from tests.tamper.whole import FULL, whole

QUICK = (
    *("relu-second-moment", "uniform-law", "deep-linear-example", "tanh-is-nearly-linear", "weight-gradient"),
    *("why-sqrt-two", "effects-of-initialization"),
)
COUNTS = {"bytes": 1_500, "forgeries": 150, "derivations": 60, "harmless": 40}
MEBIBYTES = 512


def parts() -> list[Chunk]:
    """The suite in small."""
    return [Chunk(family, 0, count, () if family == "bytes" else QUICK) for family, count in COUNTS.items()]


@pytest.mark.parametrize("chunk", parts(), ids=lambda c: c.family)
def test_the_suite_in_small(chunk: Chunk) -> None:
    result = run(check(), chunk)
    assert result.faults == [], result.table()
    assert result.of(chunk.family) == chunk.count
    assert result.late == 0, result.table()


@pytest.mark.slow
def test_the_whole_suite() -> None:
    result, mebibytes = whole(FULL)
    assert result.faults == [], result.table()
    assert result.late == 0, result.table()
    assert result.of("bytes") >= 100_000
    assert result.of("forgeries") + result.of("derivations") >= 10_000
    assert mebibytes <= MEBIBYTES


# --- who has to fail -------------------------------------------------------------------------------------------------

NOTICED_BY = {
    "always accept": {"bytes", "forgeries", "derivations"},
    "always refuse": {"harmless"},
    "always unknown": {"harmless"},
    "parse only": {"bytes", "forgeries", "derivations"},
    "compare known hashes only": {"harmless"},
    "compare their own hashes only": {"forgeries", "derivations"},
}


@pytest.mark.parametrize("name", CONTROLS)
def test_a_checker_that_does_not_decide_fails(name: str) -> None:
    failed = {chunk.family for chunk in parts() if run(CONTROLS[name], chunk, stop_at=1).faults}
    assert failed == NOTICED_BY[name]


def test_a_checker_that_raises_is_told_so() -> None:
    def broken(_: Document) -> str:
        raise ValueError("not today")

    (fault,) = run(broken, Chunk("bytes", 0, 1)).faults
    assert "not today" in fault.what


def test_a_checker_that_takes_its_time_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.tamper import suite

    monkeypatch.setattr(suite, "MOST_SECONDS", 0.0)
    assert run(own_hashes_only, Chunk("bytes", 0, 5)).late == 5


# --- what the suite is made of ------------------------------------------------------------------------------------


def test_the_work_may_be_divided_in_any_way() -> None:
    whole_, halves = Result(), Result()
    whole_.add(run(own_hashes_only, Chunk("bytes", 0, 60)))
    for chunk in (Chunk("bytes", 40, 20), Chunk("bytes", 0, 40)):
        halves.add(run(own_hashes_only, chunk))
    assert whole_.tried == halves.tried
    assert attempt("bytes", 7) == attempt("bytes", 7)


def test_everything_generated_is_attacked() -> None:
    assert {kind_of(d) for d in generated()} == set(KINDS)
    assert len(generated()) == len(list(REPORTS.glob("*.md")))
    assert set(FULL) == set(FAMILIES)


def test_the_oracle_knows_false_from_true() -> None:
    text = (ROOT / "tests" / "examples" / "06-forgotten-mean.md").read_bytes()
    assert "link 3 fails" in (falsehood(text) or "") or "the claim fails" in (falsehood(text) or "")
    assert falsehood((ROOT / "tests" / "examples" / "01-preactivation-variance.md").read_bytes()) is None
    forgotten = as_document("theorem t\ngiven\n  X random\n  E(X) = 0\nshow\n  E(X^2 + X) = E(X^2)  by X symmetric\n")
    assert falsehood(forgotten.data) is None, "what is not well-formed has no claim"


@pytest.mark.parametrize("name", ["numbers: simulated, digest anew", "steps: remark", "envelope: other name"])
def test_forgeries_that_check_once_let_pass_are_drawn(name: str) -> None:
    assert name in FORGERIES


@pytest.mark.parametrize("name", ["why-sqrt-two", "effects-of-initialization"])
def test_figures_that_a_page_never_measured_are_open_and_not_accepted(name: str) -> None:
    (document,) = (d for d in generated() if Path(d.path).stem == name)
    drawn = (FORGERIES["numbers: measured by a page, digest anew"](document, Random(seed)) for seed in range(9))
    forged = {d.data: d for d in drawn if d is not None and d.data != document.data}
    assert len(forged) >= 3
    assert {check()(d) for d in forged.values()} == {"unknown"}


# --- envelopes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", generated(), ids=lambda d: Path(d.path).stem)
def test_every_generated_text_has_a_sound_envelope(document: Document) -> None:
    text = document.data.decode()
    envelope = envelope_of(text)
    assert envelope is not None
    assert envelope.name == Path(document.path).stem
    assert damage(text) is None
    body = "\n".join(text.rstrip("\n").split("\n")[1:-1])
    assert enclosed(envelope.kind, envelope.name or "", body) == text


def test_the_changed_line_is_shown() -> None:
    lines = (REPORTS / "uniform-law.md").read_text(encoding="utf-8").split("\n")
    shown = 0
    for k in range(len(lines) - 2):
        found = damage("\n".join([*lines[:k], lines[k] + " ", *lines[k + 1 :]]))
        assert found is not None
        shown += found.line == k + 1
    assert shown >= len(lines) - 6  # two digits miss one change in 256


def test_a_text_without_its_first_and_last_line_is_still_known_by_what_it_says() -> None:
    lines = (REPORTS / "uniform-law.md").read_text(encoding="utf-8").rstrip("\n").split("\n")
    stripped = Document("stripped.md", "\n".join(lines[1:-1]).encode())
    assert check()(stripped) == "error"
    block = "\n".join(lines[lines.index("```derive") : -1])
    assert check()(Document("block.md", block.encode())) == "proved", "a block alone says nothing that is not decided"


def test_a_document_may_not_speak_as_a_report_does() -> None:
    document = as_document("theorem t\ngiven\n  c real\nshow\n  c = c\n")
    assert check()(document) == "proved"
    for said in ("Verdict: **proved**.", "| the claim | **proved**: for all |", "**Step 1**: obvious"):
        assert check()(Document("a.md", document.data.replace(b"Some prose.", said.encode()))) == "error"


# --- time and memory ------------------------------------------------------------------------------------------------


def limited(path: Path) -> tuple[int, str, float, int]:
    """``check`` as a process that may not take more than 512 MiB: status, errors, processor seconds, MiB."""
    code = (
        "import resource, sys; most = int(sys.argv.pop(1)) << 20\n"
        "resource.setrlimit(resource.RLIMIT_AS, (most, most))\n"
        "import atexit; usage = lambda: resource.getrusage(resource.RUSAGE_SELF)\n"
        "atexit.register(lambda: print('USED', usage().ru_utime + usage().ru_stime, usage().ru_maxrss // 1024))\n"
        "from derive.__main__ import main\nmain()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, str(MEBIBYTES), "check", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)
    seconds, mebibytes = done.stdout.split("USED")[1].split()
    return done.returncode, done.stderr, float(seconds), int(mebibytes)


@pytest.mark.parametrize("count", [pytest.param(6, id="a few"), pytest.param(200, id="many", marks=pytest.mark.slow)])
def test_a_changed_report_is_refused_within_a_second_and_half_a_gibibyte(count: int, tmp_path: Path) -> None:
    for number in range(count):
        tried = attempt("bytes", 1_000_000 + number)
        path = tmp_path / Path(tried.document.path).name
        path.write_bytes(tried.document.data)
        status, errors, seconds, _ = limited(path)
        assert status == 2, (number, errors)
        assert "Traceback" not in errors
        assert seconds <= MOST_SECONDS, number  # of the processor: the neighbours' work is not the program's


@pytest.mark.slow
@pytest.mark.parametrize("document", generated(), ids=lambda d: Path(d.path).stem)
def test_an_unchanged_text_is_accepted_within_half_a_gibibyte(document: Document) -> None:
    status, errors, _, mebibytes = limited(Path(document.path))
    assert status == 0, errors
    assert mebibytes <= MEBIBYTES
