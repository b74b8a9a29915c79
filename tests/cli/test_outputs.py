"""Verdicts for other readers: an explanation in Markdown, GitHub's annotations, a pre-commit hook, notebooks."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import derive
from derive.inputs import Input, check_inputs
from derive.report.explanation import is_explanation, write_explanation
from derive.report.files import NotWritten, write_file
from derive.report.github import annotated
from derive.report.markup import code, fenced, message, prose
from derive.report.terminal import Style, verdict_lines
from derive.verdict import Slip, TheoremVerdict
from derive.wiring import tools
from tests.cli.test_commands import EXAMPLES, GOOD, REFUTED, ROOT, UNDECIDED, run

BAD = EXAMPLES / "10-undeclared.md"


def decided(path: Path, name: str = "a.md") -> tuple[TheoremVerdict, ...]:
    return derive.check(path.read_text("utf-8"), file=name)


# --- an explanation -----------------------------------------------------------------------------------------------


def test_an_explanation_shows_each_link_with_its_text_its_formula_and_what_is_wrong() -> None:
    text = write_explanation(decided(REFUTED))
    assert "| `a.md:4` | [`forgotten-mean`](#v1) | **refuted** | 3 links: 2 proved, 1 refuted |" in text
    link = text.split("**Step 3**", 1)[1]
    assert link.startswith(", line 18, `= n*Var(W)*Var(a)`")
    assert r"= n \thinspace \mathrm{Var}(W) \thinspace \mathrm{Var}(a)" in link
    for said in ("**refuted**", "`n*E(a)^2*Var(W)`", "- a is always 1", "- left side 1, right side 0", "`E(a) = 0`"):
        assert said in link
    assert "| 4 | `E(W) = 0` | $\\mathrm{E}(W) = 0$ | steps 1, 2 |" in text


def test_an_explanation_shows_slip_working_and_weaker_givens_where_there_are_any() -> None:
    (verdict,) = decided(REFUTED)
    step = verdict.steps[2]
    assert step.counterexample is not None
    working = replace(step.counterexample, working=(("E(z^2) = 1",), ("1*1*0", "= 0")))
    slip = Slip("variance for second moment", "write `E(a^2)`")
    step = replace(step, slip=slip, counterexample=working)
    verdict = replace(verdict, steps=(*verdict.steps[:2], step), suffices=("`a` need not be iid",))
    text = write_explanation([verdict])
    assert "**Variance for second moment.** write `E(a^2)`" in text
    assert "The right side:\n\n```text\n1*1*0\n= 0\n```" in text
    assert "Less is enough:\n\n- `a` need not be iid" in text
    assert "variance for second moment: write `E(a^2)`" in "".join(annotated(verdict))


def test_an_explanation_of_an_error_shows_the_place_and_the_caret() -> None:
    text = write_explanation(decided(BAD))
    assert "**error** in `a.md:9:37`: `w` is not declared; did you mean `W`?." in text
    assert "                                    ^\n```" in text


def test_a_model_that_need_not_meet_all_assumptions_is_not_said_to() -> None:
    text = "```derive\ntheorem few\ngiven\n  X random\n  E(X) = 0\n  E(X^2) = 1\nshow\n  E(X) = 0  by E(X^2) = 1\n```\n"
    (verdict,) = derive.check(text)
    page = write_explanation([verdict])
    said = [page, "\n".join(verdict_lines(verdict, Style(80, False))), "\n".join(annotated(verdict))]
    for each in said:
        assert "model that meets what is cited:" in each
        assert "meets the assumptions" not in each
    assert "| by no step that is proved |" in page
    assert "not used" not in page
    assert "Uses no assumption" not in page


def test_nothing_takes_an_explanation_for_a_report(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(write_explanation([*decided(GOOD), *decided(BAD)]), "utf-8")
    first = page.read_text("utf-8").split("\n")[0]
    assert "Not a report" in first
    done = run("check", page)
    assert done.returncode == 2
    assert "this is an explanation, and nothing in it can be checked" in done.stderr
    with_block = page.read_text("utf-8") + GOOD.read_text("utf-8")
    (verdict,) = check_inputs(iter([Input("page.md", with_block)]), tools())
    assert verdict.verdict == "error", "not even with a derivation in it"


def test_an_explanation_of_a_refused_report_is_not_taken_for_the_report(tmp_path: Path) -> None:
    changed = (ROOT / "reports" / "uniform-law.md").read_text("utf-8").replace("format 1", "format 2", 1)
    (tmp_path / "uniform-law.md").write_text(changed, "utf-8")
    assert run("check", tmp_path / "uniform-law.md", "--report", tmp_path / "page.md").returncode == 2
    assert "this report is refused" in (tmp_path / "page.md").read_text("utf-8")
    assert "an explanation" in run("check", tmp_path / "page.md").stderr
    (tmp_path / "uniform-law.md").write_bytes(GOOD.read_bytes())
    assert run("check", tmp_path).returncode == 0, "in a folder it is passed over"
    with_block = (tmp_path / "page.md").read_text("utf-8") + GOOD.read_text("utf-8")
    (tmp_path / "page.md").write_text(with_block, "utf-8")
    assert run("check", tmp_path).returncode == 2, "unless there is a derivation in it, which nobody decides then"


def test_a_report_is_written_beside_what_is_printed_and_the_status_stays(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    for again in range(2):
        done = run("check", GOOD, tmp_path / "absent.md", REFUTED, "--report", page)
        assert done.returncode == 2, again
        assert "forgotten-mean: refuted" in done.stdout
    text = page.read_text("utf-8")
    assert is_explanation(text)
    assert re.findall(r"\| \*\*(\w+)\*\* \|", text) == ["proved", "error", "refuted"]
    printed = run("check", GOOD, tmp_path / "absent.md", REFUTED, "--report", "-")
    assert printed.stdout == text
    assert printed.returncode == 2


def test_nothing_but_an_explanation_is_written_over(tmp_path: Path) -> None:
    document, empty = tmp_path / "a.md", tmp_path / "empty"
    document.write_bytes(GOOD.read_bytes())
    empty.write_bytes(b"")
    done = run("check", document, "--report", document)
    assert done.returncode == 2
    assert "exists and is no explanation, so it is not written over; name another file with --report" in done.stderr
    assert document.read_bytes() == GOOD.read_bytes()
    assert run("check", document, "--report", empty).returncode == 0
    assert empty.stat().st_size


@pytest.mark.skipif(os.name == "nt", reason="there are no pipes with a name")
def test_no_device_is_replaced_by_an_explanation_and_a_link_stays_one(tmp_path: Path) -> None:
    pipe, link, target = tmp_path / "pipe", tmp_path / "link.md", tmp_path / "target.md"
    os.mkfifo(pipe)
    done = run("check", GOOD, "--report", pipe)
    assert done.returncode == 2
    assert "is a device or a pipe and no file" in done.stderr
    assert pipe.is_fifo()
    with pytest.raises(NotWritten):
        write_file(pipe, "text")
    link.symlink_to(target)
    assert run("check", GOOD, "--report", link).returncode == 0
    assert link.is_symlink()
    assert is_explanation(target.read_text("utf-8"))


@pytest.mark.parametrize(("place", "said"), [("", "is a folder"), ("no/page.md", "there is no folder")])
def test_a_place_for_no_explanation_is_said_before_the_work(place: str, said: str, tmp_path: Path) -> None:
    done = run("check", GOOD, "--report", tmp_path / place)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


@given(st.text(max_size=40))
def test_somebody_elses_text_says_nothing_in_our_name(text: str) -> None:
    line = prose(text)
    assert "\n" not in line + code(text) + message(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`<$\[|]", line), line
    opening, *inside, closing = fenced(text)
    assert closing == opening.removesuffix("text")
    assert not any(re.match(rf" {{0,3}}{closing}`*\s*$", part) for part in inside)


def test_a_remark_is_shown_as_it_stands_and_is_no_markup(tmp_path: Path) -> None:
    remark = "so it is **certified** <!-- a report --> $x$"
    text = GOOD.read_text("utf-8").replace("= E(z^2)\n", f"= E(z^2)  # {remark}\n", 1)
    page = write_explanation(derive.check(text))
    assert remark not in page
    assert r"so it is \*\*certified\*\* &lt;\!-- a report --&gt; \$x\$" in page


# --- formats ------------------------------------------------------------------------------------------------------

COMMAND = re.compile(r"::(error|warning) ((?:\w+=[^,:]*)(?:,\w+=[^,:]*)*)::([^\r\n]*)")


def read_back(line: str) -> tuple[str, dict[str, str], str]:
    """What GitHub's runner makes of a line: the kind, the properties, the message."""
    match = COMMAND.fullmatch(line)
    assert match, line

    def plain(text: str) -> str:
        for code_, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            text = text.replace(code_, sign)
        return text

    return match[1], {k: plain(v) for k, v in (p.split("=", 1) for p in match[2].split(","))}, plain(match[3])


def test_github_gets_an_annotation_for_each_link_that_is_not_proved(tmp_path: Path) -> None:
    (tmp_path / "open.md").write_text(UNDECIDED, "utf-8")
    done = run("check", GOOD, REFUTED, tmp_path / "open.md", BAD, "--format", "github")
    assert done.returncode == 2
    assert done.stderr == ""
    *lines, last = done.stdout.splitlines()
    assert last == "4 theorems: 1 proved, 1 refuted, 1 unknown, 1 error"
    read = [read_back(line) for line in lines]
    assert [(kind, p["title"]) for kind, p, _ in read] == [
        ("error", "forgotten-mean: link 3 is refuted"),
        ("error", "open: link 1 is unknown"),
        ("error", "undeclared: error"),
    ]
    _, place, said = read[0]
    assert (place["file"], place["line"], place["col"]) == (str(REFUTED), "18", "5")
    assert "left minus right is n*E(a)^2*Var(W)\n" in said
    assert (read[2][1]["line"], read[2][1]["col"]) == ("9", "37")
    assert run("check", GOOD, "--format", "github").stdout == "1 theorem: 1 proved\n"


def test_warnings_are_annotations_and_change_no_status() -> None:
    text = GOOD.read_text("utf-8").replace("  E(W) = 0\n", "  E(W) = 0\n  E(a^4) = 3\n")
    done = run("check", "-", "--format", "github", stdin=text.encode())
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == (
        "::warning title=preactivation-variance%3A warning::`E(a^4) = 3` is not used"
    ), "standard input has no file to point to"


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=60))
def test_no_text_breaks_out_of_an_annotation(file: str, name: str, said: str) -> None:
    (line,) = annotated(TheoremVerdict(f"a/{file}", name, "error", message=f"{said}::error::%0A", line=3, column=4))
    kind, place, back = read_back(line)
    assert (kind, place["line"], place["title"]) == ("error", "3", f"{name or 'document'}: error")
    assert (place["file"], back) == (f"a/{file}", f"{said}::error::%0A")


def test_json_has_two_names_and_contradictory_formats_are_a_usage_error() -> None:
    assert run("check", GOOD, "--json").stdout == run("check", GOOD, "--format", "json").stdout
    assert json.loads(run("check", GOOD, "--json", "--format", "json").stdout)
    assert run("check", GOOD, "--format", "text").stdout == run("check", GOOD).stdout
    for words in (["--json", "--format", "text"], ["--json", "--report", "-"], ["--format", "xml"]):
        done = run("check", GOOD, *words)
        assert done.returncode == 2, words
        assert done.stdout == ""
        assert done.stderr


# --- the hook -----------------------------------------------------------------------------------------------------


def test_the_hook_decides_documents_and_passes_over_other_markdown(tmp_path: Path) -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    hook = dict(re.findall(r"^[- ] (\w+): (.*)$", text, re.MULTILINE))
    assert (hook["id"], hook["language"], hook["types"]) == ("derive-check", "python", "[markdown]")
    (tmp_path / "README.md").write_text("# no derivation\n", "utf-8")
    (tmp_path / "derive").mkdir()  # a folder of that name in the user's repository is not ours
    (tmp_path / "derive" / "__init__.py").write_text("raise SystemExit(7)\n", "utf-8")
    python, *words = shlex.split(hook["entry"])
    assert python == "python"
    for files, status in (([GOOD], 0), (["README.md"], 0), (["README.md", str(REFUTED)], 1), ([str(BAD)], 2)):
        done = subprocess.run(
            [sys.executable, *words, *files],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == status, (files, done.stderr)


# --- notebooks ----------------------------------------------------------------------------------------------------


def test_a_notebook_shows_verdicts_as_the_explanation_does() -> None:
    verdicts = derive.check(REFUTED.read_text("utf-8") + GOOD.read_text("utf-8"))
    shown = verdicts._repr_markdown_()
    assert shown.index("`forgotten-mean`: refuted") < shown.index("`preactivation-variance`: proved")
    assert verdicts[0]._repr_markdown_() in shown
    assert "**Step 3**, line 18, `= n*Var(W)*Var(a)`" in verdicts[0]._repr_markdown_()
    assert isinstance(verdicts, tuple)
