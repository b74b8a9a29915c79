"""Verdicts for the terminal: plain text at any width, colour only where somebody looks."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from derive.report.words import counted, counterexample_words, missing_words, model_words
from derive.verdict import Counterexample, StepVerdict, TheoremVerdict

if TYPE_CHECKING:
    from rich.progress import Progress

_COLOURS = {"proved": "32", "refuted": "31", "unknown": "33", "error": "31"}


@dataclass(frozen=True, slots=True)
class Style:
    """How wide, and whether in colour."""

    width: int = 80
    colour: bool = False

    def word(self, word: str) -> str:
        """A verdict's word in its colour."""
        return self.paint(word, f"1;{_COLOURS[word]}")

    def paint(self, text: str, code: str) -> str:
        """Text in a colour, or as it is."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def wrap(self, text: str, first: str, rest: str) -> Iterator[str]:
        """A paragraph with a hanging indent; nothing is broken within a word."""
        yield from textwrap.wrap(
            text,
            max(self.width, 40),
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [first.rstrip()]


def terminal_style(stream: TextIO | None = None) -> Style:
    """The style of a stream, standard output if none is named: as wide as the terminal, in colour where it is one."""
    terminal = (stream or sys.stdout).isatty()
    colour = terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return Style(min(shutil.get_terminal_size((80, 24)).columns, 120), colour)


def progress_bar() -> Progress:
    """A bar on a terminal, nothing in a pipe."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def verdict_lines(verdict: TheoremVerdict, style: Style) -> Iterator[str]:
    """A theorem's verdict: a line for the theorem, a line for each link, and what is to be said of it."""
    yield f"{verdict.file}: {verdict.theorem or 'the document'}: {style.word(verdict.verdict)}"
    yield from theorem_lines(verdict, style)


def theorem_lines(verdict: TheoremVerdict, style: Style) -> Iterator[str]:
    """The claim, the links, the warnings."""
    if verdict.claim is not None:
        yield from style.wrap(verdict.claim, "  ", "    ")
    if verdict.found is not None:
        yield f"  found: {verdict.found}"
    single = len(verdict.steps) == 1 and verdict.steps[0].text == verdict.claim
    for step in verdict.steps:
        yield from _step_lines(step, style, single=single)
    if verdict.message:
        yield from style.wrap(verdict.message, "  message: ", "    ")
    if verdict.evidence:
        yield from style.wrap(verdict.evidence, "  ", "    ")
    for warning in verdict.warnings:
        yield from style.wrap(warning, "  warning: ", "    ")
    for sentence in verdict.suffices:
        yield from style.wrap(sentence, "  weaker: ", "    ")


def _step_lines(step: StepVerdict, style: Style, *, single: bool) -> Iterator[str]:
    lead = f"  {step.index:>3} "
    indent = " " * 8
    if not single:
        word = step.verdict
        whole = f" {step.operator} " in step.text  # a part of a claim without a proof carries all of it
        said = step.text if whole else f"{step.operator} {step.text}"
        link = list(style.wrap(said, f"{lead}{word:<8} ", " " * 17))
        link[0] = link[0].replace(word, style.paint(word, _COLOURS[word]), 1)
        yield from link
    if step.remark and step.excerpt is None:
        yield from style.wrap(step.remark, indent, indent)
    if step.verdict == "proved":
        yield from style.wrap(f"uses {', '.join(step.uses) or 'no assumption'}", indent, indent + "  ")
        if step.facts:
            yield from style.wrap(f"leans on {', '.join(step.facts)}", indent, indent + "  ")
    else:
        yield f"{indent}line {step.line} is {style.word(step.verdict)}{':' if step.excerpt else ''}"
        yield from _source_lines(step, style, indent + "  ")
    yield from _objection_lines(step, style, indent)


def _source_lines(step: StepVerdict, style: Style, indent: str) -> Iterator[str]:
    """The line of the source and the caret below, moved to the margin, and cut where the terminal ends."""
    if step.excerpt is None:
        return
    line, caret = step.excerpt.split("\n")
    margin = min(len(line) - len(line.lstrip()), len(caret) - 1)
    line, column = line[margin:], len(caret) - 1 - margin
    room = max(style.width, 40) - len(indent)
    start = max(0, column - room // 2) if len(line) > room else 0
    yield f"{indent}{line[start : start + room]}".rstrip()
    yield f"{indent}{' ' * (column - start)}{style.paint('^', _COLOURS[step.verdict])}"


def _objection_lines(step: StepVerdict, style: Style, indent: str) -> Iterator[str]:
    if step.slip is not None:
        first = f"{step.slip.name}: {step.slip.sentence}"
        told = list(style.wrap(first, indent, indent + "  "))
        told[0] = told[0].replace(step.slip.name, style.paint(step.slip.name, "1"), 1)
        yield from told
    if step.message:
        yield from style.wrap(step.message, indent, indent + "  ")
    if step.residual is not None:
        yield from style.wrap(f"left minus right is {step.residual}", indent, indent + "  ")
    if step.counterexample is not None:
        yield f"{indent}{model_words(step.counterexample)}:"
        for line in counterexample_words(step.counterexample):
            yield from style.wrap(line, indent + "  ", indent + "    ")
        yield from _working_lines(step.counterexample, style, indent)
    if step.missing:
        yield from style.wrap(f"it would hold with {', or with '.join(missing_words(step))}", indent, indent + "  ")


def _working_lines(model: Counterexample, style: Style, indent: str) -> Iterator[str]:
    for name, lines in zip(("left", "right"), model.working, strict=True):
        if lines:
            yield f"{indent}the {name} side worked out:"
        for line in lines:
            yield from style.wrap(line, indent + "  ", indent + "    ")


def error_lines(verdict: TheoremVerdict, style: Style) -> Iterator[str]:
    """``file:line:column: error: what; what to write instead``, the line, and a caret."""
    place = "".join(f":{n}" for n in (verdict.line, verdict.column) if n is not None)
    name = f" ({verdict.theorem})" if verdict.theorem else ""
    yield f"{verdict.file}{place}: {style.paint('error', '1;31')}{name}: {verdict.message}"
    if verdict.excerpt:
        yield from (f"    {line}".rstrip() for line in verdict.excerpt.split("\n"))


def tally(verdicts: list[TheoremVerdict]) -> str:
    """``3 theorems: 2 proved, 1 refuted``."""
    counts = {w: sum(v.verdict == w for v in verdicts) for w in _COLOURS}
    return f"{counted(len(verdicts), 'theorem')}: {', '.join(f'{n} {w}' for w, n in counts.items() if n)}"
