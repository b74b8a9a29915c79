"""The commands: what they print, where, and with which exit status; there is never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from derive.language.document import Statement
from derive.report.envelope import enclosed
from derive.report.terminal import Style, verdict_lines
from derive.report.values import Simulated, unseal
from derive.report.write import SEAL
from derive.verdict import Counterexample, StepVerdict, TheoremVerdict
from tests.language.test_documents import BAD

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests" / "examples"
GOOD = EXAMPLES / "01-preactivation-variance.md"
REFUTED = EXAMPLES / "06-forgotten-mean.md"
UNDECIDED = "```derive\ntheorem open\ngiven\n  c real\nshow\n  sin(c)^2 + cos(c)^2 = 1\n```\n"


def run(*words: str | Path, stdin: bytes = b"", cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-m", "derive", *map(str, words)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=environment,
        timeout=300,
        check=False,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in out + err
    assert "fault of derive" not in out + err
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def test_the_exit_status_says_whether_everything_holds(tmp_path: Path) -> None:
    (tmp_path / "open.md").write_text(UNDECIDED, encoding="utf-8")
    bad = EXAMPLES / "10-undeclared.md"
    assert run("check", GOOD).returncode == 0
    assert run("check", GOOD, REFUTED, tmp_path / "open.md").returncode == 1
    assert run("check", GOOD, tmp_path / "open.md").returncode == 3
    assert run("check", GOOD, REFUTED, bad).returncode == 2


def test_json_is_one_array_with_the_fields_of_the_language_reference() -> None:
    done = run("check", GOOD, REFUTED, EXAMPLES / "10-undeclared.md", "--json")
    good, refuted, bad = json.loads(done.stdout)
    assert done.stderr == ""
    common = {"file", "theorem", "verdict", "claim", "steps", "warnings", "message"}
    assert set(good) == common
    assert [s["line"] for s in good["steps"]] == [17, 18, 19, 20]
    assert all(set(s) == {"index", "line", "text", "verdict", "uses"} for s in good["steps"])
    third = refuted["steps"][2]
    assert set(third) == {"index", "line", "text", "verdict", "residual", "missing", "counterexample", "slip"}
    assert set(third["slip"]) == {"name", "sentence"}
    assert third["line"] == 18
    assert third["missing"] == [["E(a) = 0"]]
    assert set(third["counterexample"]) == {"sizes", "constants", "laws", "joint", "left", "right", "working"}
    assert set(third["counterexample"]["working"]) == {"left", "right"}
    assert set(bad) == {*common, "line", "column"}
    assert (bad["line"], bad["column"], bad["theorem"]) == (9, 37, "undeclared")


def test_an_error_in_one_file_does_not_hide_the_others(tmp_path: Path) -> None:
    done = run("check", tmp_path / "absent.md", GOOD)
    assert done.returncode == 2
    assert "preactivation-variance: proved" in done.stdout
    assert "absent.md: error: this file cannot be read (No such file or directory)" in done.stderr


def test_standard_input_and_folders_are_read(tmp_path: Path) -> None:
    assert run("check", "-", stdin=GOOD.read_bytes()).returncode == 0
    (tmp_path / "deep" / ".hidden").mkdir(parents=True)
    (tmp_path / "prose.md").write_text("# no derivation here, and \xe9", encoding="latin-1")
    (tmp_path / "deep" / "a.md").write_bytes(GOOD.read_bytes())
    (tmp_path / "deep" / ".hidden" / "b.md").write_bytes(REFUTED.read_bytes())
    done = run("check", tmp_path)
    assert done.returncode == 0
    assert "proved" in done.stdout
    (tmp_path / "empty").mkdir()
    assert run("check", tmp_path / "empty").returncode == 2


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\1\2", b"\xff\xfe", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"x" * 2_000_000, b"```derive\n" * 2_000],
)
def test_nonsense_is_refused_in_one_message(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(data)
    done = run("check", tmp_path / "a.md")
    assert done.returncode == 2
    assert done.stderr.count(": error") == 1
    assert done.stdout == ""


@pytest.mark.parametrize("kind", BAD)
def test_bad_documents_end_in_one_message_with_place_caret_and_remedy(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from derive.commands import check

    document, line, _ = BAD[kind]
    path = tmp_path / "a.md"
    path.write_bytes(document.encode())
    begun = time.process_time()  # waiting for neighbours on a shared machine is not the program's
    assert check([str(path)]) == 2
    assert time.process_time() - begun < 1
    errors = capfd.readouterr().err
    assert errors.count(": error") == 1
    assert errors.startswith(f"{path}:{line}:")
    assert "; " in errors.split("\n")[0], "what to write instead stands behind a semicolon"
    assert "Traceback" not in errors
    if "\n" in document:
        assert errors.rstrip("\n").split("\n")[-1].strip() == "^"


def test_usage_errors_are_bad_input() -> None:
    for words in (["check"], ["bogus"], ["--bogus"], ["check", "--bogus", str(GOOD)], ["show"], ["list", "x"]):
        done = run(*words)
        assert done.returncode == 2, words
        assert done.stderr
        assert not done.stdout


def test_the_version_is_the_packages() -> None:
    import tomllib

    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    assert run("--version").stdout == f"derive {version}\n"


@pytest.mark.parametrize("words", [["--out", "x", "list"], ["--full", "show", "he-rule"], ["--full", "check", GOOD]])
def test_options_of_the_main_job_are_not_passed_over_before_a_command(words: list[str | Path], tmp_path: Path) -> None:
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert f"leave {words[0]} out" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_theorem_gets_the_nearest_known_ones() -> None:
    done = run("show", "he-rul")
    assert done.returncode == 2
    assert "did you mean `he-rule`" in done.stderr


def test_the_library_is_listed_with_claims_and_verdicts() -> None:
    listed = json.loads(run("list", "--json").stdout)
    by_name = {t["theorem"]: t for t in listed}
    assert by_name["he-rule"]["verdict"] == "proved"
    assert by_name["he-rule"]["found"] == "2/n"
    assert [t["theorem"] for t in listed] == sorted(by_name)


def test_a_theorem_is_shown_with_its_derivation_written_out() -> None:
    done = run("show", "forward-rule", "--json")
    shown = json.loads(done.stdout)
    assert done.returncode == 0
    assert (shown["found"], shown["verdict"]) == ("1/n", "proved")
    assert len(shown["steps"]) >= 5
    printed = run("show", "forward-rule").stdout
    assert "variance of a sum" in printed
    question = "find\n  Var(W) such that Var(z) = Var(a)\nshow\n  Var(z) = Var(a) iff Var(W) = 1/n\n  found: 1/n\n"
    assert question in printed
    assert "\nshow\n  E(" in run("show", "relu-second-moment").stdout


def test_there_is_no_colour_in_a_pipe() -> None:
    assert "\x1b" not in run("check", REFUTED, EXAMPLES / "10-undeclared.md").stdout
    assert "\x1b[" in "".join(verdict_lines(_refuted(), Style(80, colour=True)))


def test_lines_fit_into_the_terminal() -> None:
    for width in (60, 80, 100):
        assert max(map(len, verdict_lines(_refuted(), Style(width)))) <= width


def _refuted() -> TheoremVerdict:
    long = " + ".join(f"E(a[{k}]*a[{k + 1}])" for k in range(1, 20))
    model = Counterexample({"n": 2}, {"c": "1/2"}, {"a": (("0", "1/3"), ("1", "2/3"))}, (), "1", "2")
    step = StepVerdict(1, 7, 5, "=", long, "refuted", (), long, (("E(a) = 0", "E(b) = 0"),), model)
    return TheoremVerdict("a.md", "t", "refuted", f"{long} = 0", (step,), ("`E(b) = 0` is not used",))


def test_checking_imports_nothing_heavy_and_takes_half_a_second() -> None:
    code = (
        "import sys; sys.argv = ['derive', 'check', sys.argv[1]]\n"
        "import atexit; from derive.__main__ import main\n"
        "heavy = {'sympy', 'scipy', 'numpy', 'matplotlib', 'typer', 'rich', 'montecarlo'}\n"
        "atexit.register(lambda: print('HEAVY', sorted(heavy & set(sys.modules))))\n"
        "main()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    times: list[float] = []
    for _ in range(3):
        before = os.times()
        done = subprocess.run(
            [sys.executable, "-c", code, str(GOOD)], capture_output=True, text=True, env=environment, check=False
        )
        after = os.times()
        times.append(after.children_user + after.children_system - before.children_user - before.children_system)
        assert "HEAVY []" in done.stdout, done.stdout + done.stderr
    assert min(times) < 0.5


@pytest.mark.parametrize(
    "words",
    [
        "list",
        "list --json",
        "show he-rule",
        "show he-rule --json",
        f"check {GOOD}",
        f"check {GOOD} --json",
        "-h",
        "show -h",
        "--version",
    ],
)
def test_a_closed_pipe_is_left_quietly(words: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "derive", *words.split()],
            stdout=writing,
            stderr=subprocess.PIPE,
            env=environment,
            timeout=300,
            check=False,
        )
    finally:
        os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no device that is always full")
@pytest.mark.parametrize("words", ["list", f"check {GOOD}", f"check {GOOD} --json"])
def test_a_full_device_is_an_error_in_one_line(words: str) -> None:
    command = f"exec {sys.executable} -m derive {words} > /dev/full"
    done = subprocess.run(["/bin/sh", "-c", command], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr == b"error: there is no space left for what is to be written; make some\n"


@pytest.mark.skipif(os.name == "nt", reason="there is no POSIX shell")
@pytest.mark.parametrize("words", ["list", f"check {GOOD}", f"check {GOOD} --json", "check absent.md", "-h"])
def test_a_stream_that_the_caller_closed_is_no_fault(words: str) -> None:
    for closed, status in ((">&-", 0), (">&- 2>&-", 0)):
        command = f"exec {sys.executable} -m derive {words} {closed}"
        done = subprocess.run(["/bin/sh", "-c", command], cwd=ROOT, capture_output=True, timeout=60, check=False)
        assert done.returncode == (2 if "absent" in words else status)
        assert b"Traceback" not in done.stderr


def test_a_pipe_that_is_closed_halfway_is_left_quietly() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "derive", "check", *[str(GOOD)] * 200]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 141


@pytest.mark.skipif(os.name == "nt", reason="there are no POSIX signals")
def test_an_interrupt_ends_quietly() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "derive", "check", "-"]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stderr is not None
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read() == b""


# --- reports ------------------------------------------------------------------------------------------------------


def _measured(statement: Statement, _: TheoremVerdict) -> tuple[Simulated | None, None]:
    """The figures that are published; simulating takes its time elsewhere."""
    text = (ROOT / "reports" / f"{statement.name}.md").read_text(encoding="utf-8")
    sealed = [line for line in text.split("\n") if line.startswith(SEAL)]
    return (unseal(sealed[0].removeprefix(SEAL).removesuffix(" -->")) if sealed else None), None


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of the library, with the figures that are published."""
    from derive import library
    from derive.report.produce import Makers, make, put, put_summary
    from derive.wiring import makers

    out = tmp_path_factory.mktemp("reports")
    real = makers(full=False)
    quick = Makers(_measured, real.tools)
    written = [put(make(document, quick), out) for document in library.load()]
    put_summary(tuple(w.report for w in written), out)
    return out


def test_every_report_of_the_library_is_accepted(reports: Path) -> None:
    done = run("check", reports)
    assert done.returncode == 0, done.stderr
    assert "theorems: " in done.stdout.splitlines()[-1]


def test_a_tampered_report_or_summary_is_refused(reports: Path, tmp_path: Path) -> None:
    for name in ("he-rule.md", "README.md", "relu-second-moment.md"):
        (tmp_path / name).write_bytes((reports / name).read_bytes())
    changed = (tmp_path / "he-rule.md").read_text("utf-8").replace("**proved**", "**obvious**", 1)
    (tmp_path / "he-rule.md").write_text(changed, "utf-8")
    done = run("check", tmp_path / "he-rule.md")
    assert done.returncode == 2
    assert "he-rule.md:7:1: error (he-rule): this report is refused: this line was changed" in done.stderr
    body = "\n".join(changed.split("\n")[1:-2])
    (tmp_path / "he-rule.md").write_text(enclosed("report", "he-rule", body), "utf-8")
    done = run("check", tmp_path / "he-rule.md")
    assert done.returncode == 2
    assert "this report is refused" in done.stderr
    assert "should read" in done.stderr
    assert run("check", tmp_path / "relu-second-moment.md").returncode == 0
    assert run("check", tmp_path / "README.md").returncode == 2


@pytest.mark.parametrize(
    ("place", "message"),
    [("file", "is not a folder"), ("file/deep/er", "cannot be made"), ("x" * 300, "cannot be made")],
)
def test_a_place_that_holds_no_reports_is_said_so_before_anything_is_simulated(
    place: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from derive import commands, wiring

    def never(*, full: bool) -> None:
        raise AssertionError("the work began")

    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setattr(wiring, "made", never)
    assert commands.main_job(tmp_path / place, full=False) == 2
    told = capsys.readouterr().err
    assert message in told
    assert "name another one with --out" in told


def test_a_deep_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    from derive.report.files import NotWritten, write_file

    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(NotWritten):
        write_file(tmp_path / "file" / "deep" / "a.md", "x")


def test_the_front_door_checks_a_text_and_names_the_library() -> None:
    import derive

    (verdict,) = derive.check(GOOD.read_text("utf-8"))
    assert verdict.verdict == "proved"
    assert "he-rule" in derive.theorems()
