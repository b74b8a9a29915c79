"""The why pages as Markdown: prose with its places filled, statements decided, numbers certified, networks measured.

A page whose statement does not get the verdict that its document announces, or whose places do not fit its numbers, is
not written at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from derive.language.printer import theorem_text
from derive.report.envelope import enclosed
from derive.report.note import Judge
from derive.report.objections import objections
from derive.report.values import Simulated
from derive.report.words import counted
from derive.report.write import simulated_lines
from derive.verdict import TheoremVerdict
from derive.why import Page

KIND = "why page"
TABLE, MEASURED = "numbers", "measured"
FEW = 6
_PLACE = re.compile(r"\{\{([^{}]*)\}\}")
_NAMED = re.compile(r"([a-z][a-z0-9-]*)(?::([1-9][0-9]?))?")


class WhyError(Exception):
    """A page is not as its document announces."""


@dataclass(frozen=True, slots=True)
class Told:
    """A number as a page tells it: what it is, closed form and decimals with their radius, its status, its digits."""

    says: str
    exact: str | None
    value: str
    radius: str
    status: str
    command: str


def write_why(page: Page, numbers: Mapping[str, Told], simulated: Simulated, judge: Judge) -> str:
    """The whole text. Raises ``WhyError``."""
    used: set[str] = set()

    def filled(prose: str) -> str:
        return _PLACE.sub(lambda m: _fill(m[1], page, numbers, simulated, used), prose)

    sections = [f"# {page.title}"]
    for part in page.parts:
        sections.append(filled(part.prose))
        verdict = judge(part.statement, page.file)
        if verdict.verdict != part.expected:
            raise WhyError(f"{page.file}: `{part.statement.name}` is {verdict.verdict}, not {part.expected}")
        fence = "```derive" if part.expected == "proved" else f"```derive {part.expected}"
        sections.append("\n".join([fence, theorem_text(part.statement.theorem).rstrip(), "```"]))
        sections.append("\n".join(_verdict(verdict)))
    sections += [filled(page.closing), "\n".join(_again(page, simulated))]
    missing = {TABLE, MEASURED} - used
    if missing:
        raise WhyError(f"{page.file}: there is no place for {', '.join(sorted(missing))}")
    return enclosed(KIND, page.name, "\n\n".join(s for s in sections if s))


def _fill(place: str, page: Page, numbers: Mapping[str, Told], simulated: Simulated, used: set[str]) -> str:
    used.add(place)
    if place == TABLE:
        return "\n".join(_table(page, numbers))
    if place == MEASURED:
        return "\n".join(simulated_lines(simulated))
    named = _NAMED.fullmatch(place)
    if named is None or named[1] not in numbers:
        raise WhyError(f"{page.file}: there is no number for the place {{{{{place}}}}}")
    return shortened(numbers[named[1]].value, int(named[2] or FEW))


def shortened(value: str, digits: int) -> str:
    """A decimal text to so many digits, rounded, without zeros at its end; powers of ten as in 1.4e4."""
    figures, _, power = f"{float(value):.{digits}g}".partition("e")
    return f"{figures}e{int(power)}" if power else figures


def _table(page: Page, numbers: Mapping[str, Told]) -> Iterator[str]:
    yield "| number | value | status |"
    yield "| --- | --- | --- |"
    for quantity in page.numbers:
        told = numbers[quantity.key]
        exact = f"`{told.exact}` = " if told.exact is not None and told.exact != told.value else ""
        radius = f" +- {told.radius}" if told.radius != "0" else ""
        yield f"| {told.says} | {exact}{told.value}{radius} | {told.status} |"
    commands = dict.fromkeys(numbers[quantity.key].command for quantity in page.numbers)
    yield ""
    yield f"Each number lies within its radius of what is shown. They are those of {' and '.join(commands)}."


def _verdict(verdict: TheoremVerdict) -> Iterator[str]:
    facts = dict.fromkeys(name for step in verdict.steps for name in step.facts)
    leaning = f", leaning on {', '.join(f'`{f}`' for f in facts)}" if facts else ""
    yield f"Verdict: **{verdict.verdict}**, in {counted(len(verdict.steps), 'step')}{leaning}."
    for step in verdict.steps:
        if step.verdict == "refuted":
            yield from objections(step)


def _again(page: Page, simulated: Simulated) -> Iterator[str]:
    yield from ("## Do it again", "")
    yield f"`python -m derive check {page.name}.md` decides the statements again, certifies the numbers again, writes"
    yield f"this page again and compares the text; `{simulated.command}` simulates again."
