"""The source note, statement by statement: rows of data, each of whose verdicts is checked against what is decided.

A row may say less than is known, never more: ``proved`` needs theorems that are proved, ``refuted`` and ``qualified``
statements that are refuted by a model, ``measured`` an experiment that agrees.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from typing import Any, cast

from derive.language import theorem as th
from derive.language.document import Malformed, Statement, read_document
from derive.library import LibraryDocument
from derive.report.effects import verdict_of
from derive.report.symmetry import NAME as SYMMETRY
from derive.report.values import Report, Simulated
from derive.verdict import TheoremVerdict

NAME = "the-note"
WORDS = (
    "proved",
    "proved under these givens",
    "derived",
    "qualified",
    "refuted",
    "measured",
    "not decided here",
    "definition",
)
OTHERS = frozenset({SYMMETRY})  # generated reports of what SymPy derives and the kernel does not decide

Judge = Callable[[Statement, str], TheoremVerdict]


class NoteError(Exception):
    """A row of the note says more than is decided, or names what is not there; the message lists every fault."""


@dataclass(frozen=True, slots=True)
class Row:
    """A statement of the note in our words, its verdict, and what that rests on; trained: statements on training."""

    section: str
    says: str
    verdict: str
    why: str
    proved: tuple[str, ...] = ()
    trained: tuple[str, ...] = ()
    refuted: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    block: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """A statement that a row rests on, its verdict, and the report in which it stands (none for the note's own)."""

    theorem: th.Theorem
    verdict: TheoremVerdict
    report: str | None


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A row together with the statements that bear it."""

    row: Row
    proved: tuple[Decided, ...]
    refuted: tuple[Decided, ...]


def rows() -> tuple[Row, ...]:
    """The note's rows, package data."""
    return parsed((files("derive") / "note.toml").read_text(encoding="utf-8"))


def parsed(text: str) -> tuple[Row, ...]:
    """Rows from TOML. Raises ``NoteError`` for what is no row."""
    known = {f.name for f in fields(Row)}
    found: list[Row] = []
    for entry in cast("list[dict[str, Any]]", tomllib.loads(text)["row"]):
        if not set(entry) <= known or entry.get("verdict") not in WORDS:
            raise NoteError(f"a row of the note has a field or a verdict that there is not: {entry.get('says')}")
        lists = {k: tuple(cast("list[str]", v)) for k, v in entry.items() if isinstance(v, list)}
        values: dict[str, Any] = {**entry, **lists}
        found.append(Row(**values))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the rows are checked against: the statement of a name, and whether a report's experiment agrees.

    trained: the verdict on a statement of the report on training, None if it was not measured.
    """

    statement: Callable[[str], Decided | None]
    agrees: Callable[[str], bool]
    trained: Callable[[str], str | None] = lambda _: None


def of_reports(reports: Mapping[str, Report], training: Simulated | None = None) -> Knowledge:
    """What reports that were just made know, and what was measured in training."""
    found: dict[str, Decided] = {}
    for report in reports.values():
        found[report.name] = Decided(report.theorem, report.verdict, report.name)
        for aside in report.beside:
            found[aside.theorem.name] = Decided(aside.theorem, aside.verdict, report.name)
    return Knowledge(found.get, lambda name: agrees(reports.get(name)), _trained(training))


def of_library(
    documents: tuple[LibraryDocument, ...],
    judge: Judge,
    report: Callable[[str], Report | None],
    training: Simulated | None = None,
) -> Knowledge:
    """What the library says, each statement decided when it is asked for, and what the reports beside it measured."""
    homes = {s.name: (s, d) for d in documents for s in (*(c.statement for c in d.beside), d.statement)}

    def statement(name: str) -> Decided | None:
        if name not in homes:
            return None
        found, home = homes[name]
        return Decided(found.theorem, judge(found, home.file), home.name)

    return Knowledge(statement, lambda name: agrees(report(name)), _trained(training))


def _trained(training: Simulated | None) -> Callable[[str], str | None]:
    return lambda name: None if training is None else verdict_of(training, name)


def home_in(statement: Callable[[str], Decided | None]) -> Callable[[str], tuple[str, str] | None]:
    """The verdict on a statement of the library and the report in which it stands, by its name."""

    def home(name: str) -> tuple[str, str] | None:
        found = statement(name)
        return None if found is None or found.report is None else (found.verdict.verdict, found.report)

    return home


def agrees(report: Report | None) -> bool:
    """Whether a report has simulated networks that agree with its claim."""
    return report is not None and report.simulated is not None and report.simulated.verdict == "agree"


def judged(given: tuple[Row, ...], known: Knowledge, judge: Judge) -> tuple[JudgedRow, ...]:
    """The rows with what they rest on. Raises ``NoteError`` if one of them says more than is decided."""
    faults: list[str] = []
    done: list[JudgedRow] = []
    seen: dict[str, Decided | None] = {}
    for row in given:
        for name in (*row.proved, *row.refuted):
            if name not in seen:
                seen[name] = known.statement(name)
        absent = [n for n in (*row.proved, *row.refuted) if seen[n] is None]
        absent += [n for n in row.reports if n not in OTHERS]
        faults += [f"`{row.says}` names `{name}`, which is not there" for name in absent]
        proved = tuple(_present(row.proved, seen))
        refuted = (*_present(row.refuted, seen), *_own(row, judge))
        faults += [f"`{row.says}`: {fault}" for fault in _faults(row, proved, refuted, known)]
        done.append(JudgedRow(row, proved, refuted))
    if faults:
        raise NoteError("the note's rows say more than is decided:\n" + "\n".join(f"  {fault}" for fault in faults))
    return tuple(done)


def _present(names: tuple[str, ...], seen: Mapping[str, Decided | None]) -> Iterator[Decided]:
    for name in names:
        found = seen[name]
        if found is not None:
            yield found


def _own(row: Row, judge: Judge) -> Iterator[Decided]:
    if not row.block:
        return
    for part in read_document(f"```derive\n{row.block.strip()}\n```\n"):
        if isinstance(part, Malformed):
            raise NoteError(f"`{row.says}`: its block is not well-formed: {part.text()}")
        yield Decided(part.theorem, judge(part, "derive/note.toml"), None)


def _faults(row: Row, proved: tuple[Decided, ...], refuted: tuple[Decided, ...], known: Knowledge) -> Iterator[str]:
    yield from (f"`{d.theorem.name}` is {d.verdict.verdict}, not proved" for d in proved if not _is(d, "proved"))
    yield from (f"`{d.theorem.name}` is {d.verdict.verdict}, not refuted" for d in refuted if not _is(d, "refuted"))
    wanted = {
        "proved": bool(proved),
        "proved under these givens": bool(proved),
        "derived": bool(row.reports),
        "qualified": bool(proved or row.reports) and bool(refuted),
        "refuted": bool(refuted),
        "measured": bool(proved or row.trained),
    }
    yield from (f"training does not show that `{name}`" for name in row.trained if known.trained(name) != "agree")
    if row.verdict == "measured" and not row.trained:  # asked for only here: a report has to be checked for it
        yield from (f"no experiment agrees with `{d.theorem.name}`" for d in proved if not known.agrees(d.report or ""))
    if not wanted.get(row.verdict, True):
        yield f"nothing named bears the verdict `{row.verdict}`"


def _is(decided: Decided, word: str) -> bool:
    return decided.verdict.verdict == word
