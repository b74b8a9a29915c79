"""The main job: derive each theorem of the library, decide it, gather its evidence, write its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from derive.language.document import Malformed, Statement, read_document
from derive.language.printer import theorem_text
from derive.language.theorem import Theorem
from derive.library import LibraryDocument
from derive.report.check import Exact, Judge, answered, compose
from derive.report.files import NotWritten, write_file
from derive.report.values import Report, Simulated
from derive.report.write import write, write_summary
from derive.verdict import TheoremVerdict

Prover = Callable[[Theorem], Theorem | None]
Measure = Callable[[Statement, TheoremVerdict], tuple[Simulated | None, str | None]]  # and a figure as SVG


@dataclass(frozen=True, slots=True)
class Makers:
    """Who writes derivations out, decides, computes exact models, and measures."""

    prove: Prover
    judge: Judge
    exact: Exact
    measure: Measure


@dataclass(frozen=True, slots=True)
class Written:
    """A report, which of its files changed, and what could not be written."""

    report: Report
    changed: tuple[str, ...]
    failure: str | None = None


def with_proof(document: LibraryDocument, prove: Prover) -> Statement:
    """The document's statement with its derivation written out where its author left it to the tool.

    A ``find`` becomes the equivalence that answers it.
    """
    theorem = document.statement.theorem
    proved = prove(theorem) if theorem.proof is None else None
    if proved is None:
        return document.statement
    text = theorem_text(proved)
    statement = read_document(f"```derive\n{text}```\n")[0]
    if isinstance(statement, Malformed):
        raise ValueError(f"the derivation written for {document.name} is not well-formed: {statement.text()}")
    return statement


def produce(documents: tuple[LibraryDocument, ...], makers: Makers, out: Path) -> Iterator[Written]:
    """Write one report after the other; a report that cannot be written does not stop the others."""
    for document in documents:
        statement = with_proof(document, makers.prove)
        verdict = answered(makers.judge(statement, document.file), statement, document)
        simulated, figure = makers.measure(statement, verdict)
        report = compose(statement, verdict, document, makers.exact(statement, verdict), simulated)
        yield _put(report, figure, out)


def _put(report: Report, figure: str | None, out: Path) -> Written:
    texts = {f"{report.name}.md": write(report)}
    if figure is not None and report.simulated is not None and report.simulated.figure is not None:
        texts[report.simulated.figure] = figure
    changed: list[str] = []
    try:
        for name, text in texts.items():
            if write_file(out / name, text):
                changed.append(name)
    except NotWritten as error:
        return Written(report, tuple(changed), str(error))
    return Written(report, tuple(changed))


def put_summary(reports: tuple[Report, ...], out: Path) -> bool:
    """Write ``README.md`` beside the reports. Raises ``NotWritten``."""
    return write_file(out / "README.md", write_summary(reports))
