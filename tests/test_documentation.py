"""What the documentation says is so: examples, console blocks, links, and the lists of commands, words and bounds."""

from __future__ import annotations

import doctest
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from derive import museum
from derive.decide import decide
from derive.language import builder, citing, document, functions, resolving, tokens

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
LANGUAGE = ROOT / "docs" / "LANGUAGE.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"^(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)


def fenced(page: Path) -> list[tuple[str, str]]:
    """(info string, text) of every fenced block of a page, those inside a longer fence left out."""
    return [(m["info"].strip(), m["text"]) for m in FENCED.finditer(page.read_text(encoding="utf-8"))]


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def table(page: Path, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, without its head; `\\|` is a bar within a cell."""
    below = prose(page).split(f"\n## {heading}\n", 1)[1]
    lines = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert lines, heading
    rows = [re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in lines[0].splitlines()]
    return [[cell.strip().replace(r"\|", "|") for cell in row] for row in rows[2:]]


def code(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


# --- examples ---------------------------------------------------------------------------------------------------------


def examples() -> list[tuple[str, str]]:
    """(what the page promises, the block's text) for every ``derive`` block of the language reference."""
    words = (
        (info.split()[1:] or ["proved"], text) for info, text in fenced(LANGUAGE) if info.split()[:1] == ["derive"]
    )
    return [(promised[0], text) for promised, text in words]


@pytest.mark.parametrize(("promised", "text"), examples(), ids=lambda x: x.split("\n")[0].removeprefix("theorem "))
def test_each_block_of_the_language_reference_gets_the_verdict_that_it_promises(promised: str, text: str) -> None:
    words = {v.verdict for v in decide(f"```derive\n{text}```\n", file="LANGUAGE.md")}
    assert words == {promised}


def test_the_language_reference_shows_every_verdict() -> None:
    assert {promised for promised, _ in examples()} == {"proved", "refuted", "unknown", "error"}


# --- what is typed and what is printed --------------------------------------------------------------------------------


def consoles() -> list[tuple[str, str, str]]:
    """(page, command, output) of every command in a ``console`` block."""
    found: list[tuple[str, str, str]] = []
    for page in PAGES:
        for info, text in fenced(page):
            if info == "console":
                parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)
                assert parts[0] == "", f"{page.name}: a console block begins with a command"
                found += [(page.name, c, out) for c, out in zip(parts[1::2], parts[2::2], strict=True)]
    return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the examples and with a file for each theorem on a page, as a reader would save them."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "tests").symlink_to(ROOT / "tests")
    for page in PAGES:
        for info, text in fenced(page):
            name = re.search(r"^theorem (\S+)$", text, re.MULTILINE)
            if name and info.split()[:1] == ["derive"]:
                (folder / f"{name[1]}.md").write_text(f"```derive\n{text}```\n", encoding="utf-8")
            elif name and info == "markdown":
                (folder / f"{name[1]}.md").write_text(text, encoding="utf-8")
    return folder


def normal(output: str) -> str:
    """The output without what differs from run to run and from machine to machine: seconds and digests."""
    output = re.sub(r"\b\d+(\.\d+)? s$", "<seconds>", output, flags=re.MULTILINE)
    output = re.sub(r"\b[0-9a-f]{64}\b", "<digest>", output)
    return "\n".join(line.rstrip() for line in output.rstrip().split("\n"))


@pytest.mark.parametrize(
    ("page", "command", "shown"), [c for c in consoles() if c[1] != "python -m derive"], ids=lambda x: x.split("\n")[0]
)
def test_what_a_console_block_shows_is_what_is_printed(page: str, command: str, shown: str, desk: Path) -> None:
    program, *words = shlex.split(command)
    assert program == "python", page
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"}
    done = subprocess.run([sys.executable, *words], capture_output=True, cwd=desk, env=environment, check=False)
    assert normal(done.stdout.decode()) == normal(shown)


def test_the_summary_in_the_readme_is_the_one_of_the_reports(capsys: pytest.CaptureFixture[str]) -> None:
    from derive import commands, library
    from derive.report.check import check_report
    from derive.report.produce import Written
    from derive.wiring import tools

    done: list[Written] = []
    for name in library.names():
        file = ROOT / "reports" / f"{name}.md"
        report = check_report(file.read_text(encoding="utf-8"), file=file.name, tools=tools()).report
        assert report is not None, f"{file.name} is not what the code writes: run python -m derive"
        done.append(Written(report, ()))
    commands.print_summary(done, Path("reports"))
    (shown,) = [out for page, command, out in consoles() if (page, command) == ("README.md", "python -m derive")]
    assert normal(capsys.readouterr().out) == normal(shown)


def test_the_python_session_in_the_readme_goes_as_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (session,) = [text for info, text in fenced(README) if info == "pycon"]
    test = doctest.DocTestParser().get_doctest(session, {}, "README.md", "README.md", 0)
    assert len(test.examples) > 5
    told: list[str] = []
    assert doctest.DocTestRunner(verbose=False).run(test, out=told.append).failed == 0, "".join(told)


def test_what_the_readme_tells_to_run_exists() -> None:
    lines = [line for info, text in fenced(README) if info == "sh" for line in text.splitlines()]
    modules = {m for line in lines for m in re.findall(r"python -m (\S+)", line)} - {"venv"}
    assert {"derive", "pytest", "tests.breakages"} <= modules
    for module in modules:
        assert importlib.util.find_spec(module), module
    assert all((ROOT / line.split()[0]).exists() for line in lines if line.startswith("."))


# --- links ------------------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ +(.*?) *$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [*PAGES, *sorted((ROOT / "reports").glob("*.md"))], ids=lambda p: p.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_the_contents_of_the_language_reference_name_every_section_in_order() -> None:
    listed = re.findall(r"^\d+\. \[(.*)\]\(#(.*)\)$", prose(LANGUAGE), re.MULTILINE)
    titles = re.findall(r"^## (.*)$", prose(LANGUAGE), re.MULTILINE)
    assert [title.replace("`", "") for title, _ in listed] == titles


# --- lists ------------------------------------------------------------------------------------------------------------


def test_the_table_of_commands_names_every_command_with_its_options() -> None:
    import typer

    from derive.cli import app

    group: Any = typer.main.get_command(app)
    real = {"": group, **group.commands}
    taken = {name: _options(command) for name, command in real.items()}
    rows = [
        re.match(r"`python -m derive(?: (?P<name>[a-z]+))?(?P<rest>.*)`$", row[0]) for row in table(README, "Commands")
    ]
    listed = {m["name"] or "": set(re.findall(r"--[a-z-]+", m["rest"])) for m in rows if m}
    assert listed == taken


def _options(command: Any) -> set[str]:
    return {name for p in command.params for name in p.opts if name.startswith("--")} - {"--help", "--version"}


def test_the_words_that_cannot_be_names_are_all_listed() -> None:
    (words,) = re.findall(r"cannot be names:\s+`([^`]*)`", prose(LANGUAGE))
    assert set(words.split()) == functions.WORDS | functions.CONSTANT_NAMES
    assert len(words.split()) == len(set(words.split()))


def test_the_functions_are_all_listed() -> None:
    rows = {kind: " ".join(code(text)).split() for kind, text in table(LANGUAGE, "Expressions")}
    listed = rows["functions"] + rows["activations"]
    assert len(listed) == len(set(listed))
    called = {f for kind in ("moments", "limits") for text in rows[kind] for f in re.findall(r"(\w+)\(", text)}
    assert {*listed, *called} == set(functions.FUNCTIONS)


def test_the_laws_are_all_listed_with_their_parameters() -> None:
    (laws,) = re.findall(r"^\*\*Laws\*\*.*?\n\n", prose(LANGUAGE), re.MULTILINE | re.DOTALL)
    listed = {m[1]: len(m[2].split(",")) if m[2] else 0 for m in re.finditer(r"`(\w+)\(([^)]*)\)`", laws)}
    assert listed == dict(functions.LAWS)


def test_the_bounds_are_those_of_the_code() -> None:
    bounds = {
        what: [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", most)]
        for what, most in table(LANGUAGE, "Bounds")
    }
    assert bounds == {
        "theorems cited by one link": [citing.MOST_THEOREMS],
        "a document": [document.MOST_BYTES // 2**20, document.MOST_THEOREMS],
        "a theorem": [tokens.MOST_TOKENS],
        "brackets": [tokens.MOST_NESTING],
        "an expression": [builder.MOST_DEPTH, resolving.MOST_NODES],
        "a literal exponent": [builder.MOST_EXPONENT],
        "a number": [tokens.MOST_DIGITS],
        "a literal range": [10**6, resolving.MOST_WRITTEN_OUT],
    }


def test_what_is_said_to_be_undecided_is_what_the_kernel_says() -> None:
    """A message that the kernel no longer has belongs out of the page."""
    kernel = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "derive" / "kernel").glob("*.py"))
    for what, message in table(LANGUAGE, "Read, but not decided yet"):
        assert all(text in kernel for text in code(message)), what


def test_the_museum_holds_as_many_exhibits_as_it_is_said_to() -> None:
    words = [e.expected for e in museum.load()]
    true, false = words.count("proved"), words.count("refuted")
    assert (
        f"\n{len(words)} derivations and claims of papers, courses, documentation and code, {false} of them false"
        in (README.read_text(encoding="utf-8"))
    )
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"restates {len(words)} derivations" in changes
    assert f"{true} are proved, {false} refuted" in changes
