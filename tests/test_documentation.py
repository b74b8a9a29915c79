"""What README.md and docs/ show is what the tool does.

A ``derive`` block is proved unless its info string says otherwise (``derive refuted``). A ``console`` block shows commands
behind ``$`` and what they print; they run in a folder that holds each example under its theorem's name. ``pycon`` blocks
are doctests. ``python -m tests.test_documentation`` writes the outputs again that have changed.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import derive
from derive.cli import app
from derive.language import builder, document, functions, scope, tokens
from derive.report.as_json import verdict_json

ROOT = Path(__file__).resolve().parent.parent
README, LANGUAGE = ROOT / "README.md", ROOT / "docs" / "LANGUAGE.md"
PAGES = (README, LANGUAGE, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md")
VARYING = (
    (re.compile(r"\b\d+\.\d s$", re.MULTILINE), "<seconds> s"),
    (re.compile(r"digest [0-9a-f]{64}"), "digest <digest>"),
    (re.compile(r"\d+ of them new or changed"), "<some> of them new or changed"),
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, the line of its fence, its info string and its content."""

    page: Path
    line: int
    info: str
    text: str

    @property
    def kind(self) -> str:
        return self.info.split()[0] if self.info else ""

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """Every fenced block of a page; what stands within a longer fence belongs to that."""
    found: list[Block] = []
    fence, start, info, inside = "", 0, "", list[str]()
    for number, line in enumerate(page.read_text("utf-8").splitlines(keepends=True), 1):
        mark = re.match(r"(`{3,})([^`\n]*)$", line.rstrip("\n"))
        if fence and mark and mark[1] == fence and not mark[2]:
            found.append(Block(page, start, info, "".join(inside)))
            fence, inside = "", []
        elif fence:
            inside.append(line)
        elif mark:
            fence, start, info = mark[1], number, mark[2].strip()
    assert not fence, f"{page.name}:{start}: this block is never closed"
    return found


BLOCKS = [block for page in PAGES if page.exists() for block in blocks(page)]


def of_kind(*kinds: str) -> list[Block]:
    return [block for block in BLOCKS if block.kind in kinds]


def as_document(block: Block) -> str:
    return block.text if block.kind == "markdown" else f"```derive\n{block.text}```\n"


# --- derivations --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", of_kind("derive"), ids=str)
def test_each_example_gets_the_verdict_that_it_is_marked_with(block: Block) -> None:
    expected = (block.info.split() + ["proved"])[1]
    assert expected in {"proved", "refuted", "unknown", "error"}
    verdicts = derive.check(as_document(block), file=str(block))
    assert [v.verdict for v in verdicts] == [expected] * len(verdicts), [v.message for v in verdicts]


def test_the_examples_have_names_of_their_own() -> None:
    names = [v.theorem for b in of_kind("derive", "markdown") for v in derive.check(as_document(b))]
    assert len(set(names)) == len(names)


# --- commands -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """A command of a ``console`` block and what it is shown to print."""

    block: Block
    words: str
    output: str

    def __str__(self) -> str:
        return f"{self.block.page.name}: {self.words}"


def commands(block: Block) -> list[Command]:
    parts = re.split(r"^\$ (.*)\n", block.text, flags=re.MULTILINE)
    assert parts[0] == "", f"{block}: a console block begins with a command"
    return [Command(block, words, output) for words, output in zip(parts[1::2], parts[2::2], strict=True)]


COMMANDS = [command for block in of_kind("console") for command in commands(block)]


def prepare(folder: Path) -> None:
    """What the commands of the pages find in their folder."""
    shutil.copytree(ROOT / "tests" / "examples", folder / "tests" / "examples")
    for block in of_kind("derive", "markdown"):
        (verdict,) = derive.check(as_document(block))
        (folder / f"{verdict.theorem}.md").write_text(as_document(block), encoding="utf-8")


def printed(command: Command, folder: Path) -> str:
    """What a command prints, standard error included."""
    first, *rest = shlex.split(command.words)
    assert first == "python", command
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, *rest],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    return done.stdout.decode("utf-8")


def settled(text: str) -> str:
    """The text without what differs from run to run."""
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("documentation")
    prepare(made)
    return made


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_each_command_prints_what_is_shown(command: Command, folder: Path) -> None:
    assert settled(printed(command, folder)) == settled(command.output)


def test_what_varies_is_settled_and_nothing_else() -> None:
    assert settled("x; 0.1 s\n2 of them new or changed") == "x; <seconds> s\n<some> of them new or changed"
    assert settled("0.1 seconds, 15 reports") == "0.1 seconds, 15 reports"


@pytest.mark.parametrize("block", of_kind("pycon"), ids=str)
def test_the_python_examples_show_what_python_says(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    test = doctest.DocTestParser().get_doctest(block.text, {}, str(block), str(block.page), block.line)
    said: list[str] = []
    doctest.DocTestRunner().run(test, out=said.append)
    assert not said, "".join(said)


def test_the_command_table_lists_every_command_with_its_options() -> None:
    rows = re.findall(r"^\| `python -m derive([^`]*)` \|", README.read_text("utf-8"), re.MULTILINE)
    shown = {(row.split() or [""])[0].strip("["): row for row in rows}
    known = {info.name or getattr(info.callback, "__name__", "") for info in app.registered_commands}
    assert {name for name in shown if not name.startswith("--")} == known
    assert sum(name.startswith("--") for name in shown) == 1


def test_every_module_extra_and_file_that_a_shell_line_names_exists() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    lines = [line for block in of_kind("sh", "console") for line in block.text.splitlines()]
    text = "\n".join(lines)
    modules = set(re.findall(r"python3? -m ([\w.]+)", text)) - {"pip"}
    assert {"derive", "pytest", "tests.breakages"} <= modules
    assert [m for m in sorted(modules) if find_spec(m) is None] == []
    assert set(re.findall(r"'\.\[(\w+)\]'", text)) <= set(extras)
    assert all(os.access(ROOT / name, os.X_OK) for name in re.findall(r"^(\.ci/\S+)", text, re.MULTILINE))


def test_the_two_lines_from_a_clone_install_then_run_and_install_then_test() -> None:
    lines = [line for block in blocks(README) for line in block.text.splitlines() if line.startswith("python3 -m venv")]
    run, test = (line.split(" && ") for line in lines)
    assert run[1].endswith("pip install -q .") and run[2] == ".venv/bin/python -m derive"
    assert test[1].endswith("pip install -q '.[test]'") and test[2].startswith(".venv/bin/python -m pytest")


# --- links ----------------------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make, as GitHub writes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [p for p in PAGES if p.exists()], ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), target
        assert not anchor or anchor in anchors(place), target


# --- the reference is complete --------------------------------------------------------------------------------------------


def test_the_reference_names_every_word_function_and_law() -> None:
    text = LANGUAGE.read_text("utf-8")
    quoted = set(re.findall(r"[A-Za-z_]\w*", " ".join(re.findall(r"`([^`]+)`", text))))
    assert functions.RESERVED <= quoted, functions.RESERVED - quoted
    rows = [row for row in text.splitlines() if row.startswith(("| functions |", "| activations |"))]
    listed = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", " ".join(rows)))))
    assert listed == set(functions.FUNCTIONS) - {"E", "Var", "Cov", "limit"}


def test_the_reference_states_the_bounds_that_are_enforced() -> None:
    bounds = LANGUAGE.read_text("utf-8").split("\n## Bounds\n")[1].split("\n## ")[0]
    assert document.MOST_BYTES == 2**20 and "1 MiB" in bounds
    for number in (
        tokens.MOST_TOKENS,
        tokens.MOST_NESTING,
        tokens.MOST_DIGITS,
        builder.MOST_DEPTH,
        builder.MOST_EXPONENT,
        scope.MOST_NODES,
        scope.MOST_WRITTEN_OUT,
    ):
        assert f"{number:,}" in bounds, number


NOT_YET = {
    "families of constants are not decided yet": "given\n  s[l] positive for l in 1..L\nshow\n  s[1] = 1",
    "products over a range are not decided yet": "given\n  a[j] iid for j in 1..n\nshow\n  E(prod(a[j], j in 1..n)) = 1",
    "limits are not decided yet": "given\n  a[j] iid for j in 1..n\nshow\n  limit(1/n, n) = 0",
    "infinity is not a number": "show\n  infinity = infinity",
    "an exponent that is not a number is not decided yet": "given\n  c positive\n  X random\nshow\n  E(X^c) = 1",
    "of more than a multiple of one entry is not decided yet": (
        "given\n  X random\n  Y random\nshow\n  E(relu(X + Y)) = E(relu(Y + X))"
    ),
}


@pytest.mark.parametrize("reason", NOT_YET)
def test_what_is_said_not_to_be_decided_yet_is_unknown_for_that_reason(reason: str) -> None:
    assert f"`{reason}`" in LANGUAGE.read_text("utf-8")
    (verdict,) = derive.check(f"```derive\ntheorem t\n{NOT_YET[reason]}\n```\n")
    assert verdict.verdict == "unknown"
    assert any(reason in (step.message or "") for step in verdict.steps)


def keys_of(data: dict[str, Any]) -> tuple[set[str], set[str]]:
    return set(data), {key for step in data["steps"] for key in step}


def test_the_reference_describes_every_field_of_the_json() -> None:
    section = LANGUAGE.read_text("utf-8").split("\n## `check`, its exit status and its JSON\n")[1].split("\n## ")[0]
    of_theorem, of_step = section.split("The fields of a step:")
    documented = [
        set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`[^|]*)\|", part, re.MULTILINE))))
        for part in (of_theorem, of_step)
    ]
    found: list[set[str]] = [set(), set()]
    for block in of_kind("derive"):
        for verdict in derive.check(as_document(block)):
            for seen, keys in zip(found, keys_of(verdict_json(verdict)), strict=True):
                seen |= keys
    assert found[0] == documented[0]
    assert found[1] | {"facts"} == documented[1]


# --- writing the outputs again ------------------------------------------------------------------------------------------------


def rewrite(say: Callable[[str], object] = print) -> None:
    """Put into the pages what their commands print now."""
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name))
        for command in COMMANDS:
            output = printed(command, Path(name))
            if settled(output) == settled(command.output):
                continue
            text = command.block.page.read_text("utf-8")
            old = f"$ {command.words}\n{command.output}"
            assert text.count(old) == 1, command
            command.block.page.write_text(text.replace(old, f"$ {command.words}\n{output}"), encoding="utf-8")
            say(str(command))


if __name__ == "__main__":
    rewrite()
