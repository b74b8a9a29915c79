"""The main job: derive each theorem of the library, decide it, gather its evidence, write its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from derive.language.document import Statement
from derive.library import LibraryDocument
from derive.report.check import Tools, compose
from derive.report.effects import NAME as TRAINING
from derive.report.effects import Training, page, write_effects
from derive.report.files import NotWritten, write_file
from derive.report.note import NAME, Judge, home_in, judged, of_reports, rows
from derive.report.note_text import write_note
from derive.report.values import Report, Simulated
from derive.report.write import write, write_summary
from derive.report.written_out import answered, with_proof
from derive.verdict import TheoremVerdict

Measure = Callable[[Statement, TheoremVerdict], tuple[Simulated | None, str | None]]  # and a figure as SVG


@dataclass(frozen=True, slots=True)
class Makers:
    """Who measures, and the tools with which a report is checked again."""

    measure: Measure
    tools: Tools


@dataclass(frozen=True, slots=True)
class Made:
    """A report, its figure as SVG, and what is not as the library expects."""

    report: Report
    figure: str | None
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A report, which of its files changed, and what went wrong."""

    report: Report
    changed: tuple[str, ...]
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MadePage:
    """A why page and its figure as SVG, or why it could not be written."""

    name: str
    text: str | None
    figure: str | None
    failures: tuple[str, ...] = ()


def make(document: LibraryDocument, makers: Makers) -> Made:
    """Derive a theorem, decide it and what stands beside it, gather its evidence."""
    statement = with_proof(document, makers.tools.prove)
    verdict = answered(makers.tools.judge(statement, document.file), statement, document)
    simulated, figure = makers.measure(statement, verdict)
    beside = tuple(c.statement for c in document.beside)
    report = compose(statement, verdict, document, simulated, makers.tools, beside=beside)
    return Made(report, figure, tuple(_disappointments(report)))


def _disappointments(report: Report) -> Iterator[str]:
    for aside in report.beside:
        if aside.verdict.verdict != aside.expected:
            yield (
                f"{report.name}: `{aside.theorem.name}` beside it is {aside.verdict.verdict}, "
                f"the library expects {aside.expected}"
            )


def put(made: Made, out: Path) -> Written:
    """Write a report and its figure; what cannot be written is said and does not stop the others."""
    report = made.report
    texts = {f"{report.name}.md": write(report)}
    if made.figure is not None and report.simulated is not None and report.simulated.figure is not None:
        texts[report.simulated.figure] = made.figure
    changed: list[str] = []
    try:
        for name, text in texts.items():
            if write_file(out / name, text):
                changed.append(name)
    except NotWritten as error:
        return Written(report, tuple(changed), (*made.failures, str(error)))
    return Written(report, tuple(changed), made.failures)


def put_page(made: MadePage, out: Path) -> tuple[str, ...]:
    """Write a why page and its figure; what went wrong."""
    try:
        if made.text is not None:
            write_file(out / f"{made.name}.md", made.text)
        if made.figure is not None:
            write_file(out / f"{made.name}.svg", made.figure)
    except NotWritten as error:
        return (*made.failures, str(error))
    return made.failures


def put_note(reports: tuple[Report, ...], training: Training | None, judge: Judge, out: Path) -> bool:
    """Write the note's page beside the reports. Raises ``NoteError`` or ``NotWritten``."""
    known = of_reports({report.name: report for report in reports}, None if training is None else training.simulated)
    return write_file(out / f"{NAME}.md", write_note(judged(rows(), known, judge)))


def put_training(reports: tuple[Report, ...], training: Training, out: Path) -> None:
    """Write the report on training and its figures. Raises ``EffectsError`` or ``NotWritten``."""
    known = of_reports({report.name: report for report in reports})
    write_file(out / f"{TRAINING}.md", write_effects(page(), training.simulated, home_in(known.statement)))
    for name, figure in training.figures.items():
        write_file(out / name, figure)


def put_summary(reports: tuple[Report, ...], out: Path) -> bool:
    """Write ``README.md`` beside the reports. Raises ``NotWritten``."""
    return write_file(out / "README.md", write_summary(reports))
