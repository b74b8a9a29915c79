"""What `check` is given: files, folders, standard input, each read and decided on its own."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from derive.language.document import MOST_BYTES, Malformed, has_blocks, read_bytes, read_document
from derive.report.check import Checked, Tools, check_note, check_report, check_summary
from derive.report.explanation import is_explanation
from derive.report.note import of_library
from derive.report.note_text import is_note
from derive.report.symmetry import check_symmetry, is_symmetry
from derive.report.values import Report
from derive.report.write import SUMMARY_MARK, is_report
from derive.verdict import TheoremVerdict

_LIKELY = re.compile(
    rb"(`{3}|~{3})[ \t]*derive|<!-- derive (report|summary|note|symmetry)|<!-- end of derive", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Input:
    """A document's text under the name by which it was asked for."""

    file: str
    text: str


def read_inputs(paths: list[str], *, only_blocks: bool = False) -> Iterator[Input | TheoremVerdict]:
    """Every document that the paths name; what cannot be read is an ``error``.

    only_blocks: a file without a ``derive`` block is passed over, as it always is in folders.
    """
    for path in paths:
        if path == "-":
            yield _read("-", sys.stdin.buffer.read(2 * MOST_BYTES))
        elif os.path.isdir(path):
            yield from _folder(path)
        else:
            item = _likely(path) if only_blocks else _file(path)
            if item is not None:
                yield item


def check_inputs(inputs: Iterator[Input | TheoremVerdict], tools: Tools) -> Iterator[TheoremVerdict]:
    """The verdicts on every theorem of every document; a summary of reports yields one only if it is wrong."""
    reports: dict[Path, Report] = {}
    summaries: list[Input] = []
    notes: list[Input] = []
    for item in inputs:
        if isinstance(item, TheoremVerdict):
            yield item
        elif is_explanation(item.text):
            message = "this is an explanation, and nothing in it can be checked; check the document that it explains"
            yield TheoremVerdict(item.file, None, "error", message=message, line=1, column=1)
        elif any(line.startswith(SUMMARY_MARK) for line in item.text.split("\n")):
            summaries.append(item)
        elif is_note(item.text):
            notes.append(item)
        elif is_symmetry(item.text):
            wrong = _symmetry(item)
            if wrong is not None:
                yield wrong
        elif is_report(item.text):
            checked = check_report(item.text, file=item.file, tools=tools)
            if checked.report is not None:
                reports[Path(item.file).resolve()] = checked.report
            yield checked.verdict
        else:
            yield from _decided(item, tools)
    for item in summaries:
        wrong = _summary(item, reports, tools)
        if wrong is not None:
            yield wrong
    for item in notes:
        wrong = _note(item, reports, tools)
        if wrong is not None:
            yield wrong


def _decided(item: Input, tools: Tools) -> Iterator[TheoremVerdict]:
    for part in read_document(item.text):
        yield _error(item.file, part) if isinstance(part, Malformed) else tools.judge(part, item.file)


def _symmetry(item: Input) -> TheoremVerdict | None:
    from derive.wiring import symmetry_report

    return check_symmetry(item.text, file=item.file, written=symmetry_report()[0])


def _summary(item: Input, reports: dict[Path, Report], tools: Tools) -> TheoremVerdict | None:
    from derive.library import names

    beside: dict[str, Report] = {}
    for name in names():
        report = _beside(item, name, reports, tools)
        if report is not None:
            beside[name] = report
    return check_summary(item.text, file=item.file, reports=beside, names=names())


def _note(item: Input, reports: dict[Path, Report], tools: Tools) -> TheoremVerdict | None:
    from derive.library import load

    known = of_library(load(), tools.judge, lambda name: _beside(item, name, reports, tools))
    return check_note(item.text, file=item.file, known=known, judge=tools.judge)


def _beside(item: Input, name: str, reports: dict[Path, Report], tools: Tools) -> Report | None:
    path = (Path(item.file).parent / f"{name}.md").resolve()
    return reports.get(path) or _report_at(path, tools)


def _report_at(path: Path, tools: Tools) -> Report | None:
    read = _file(str(path))
    if isinstance(read, TheoremVerdict):
        return None
    checked: Checked = check_report(read.text, file=str(path), tools=tools)
    return checked.report


def _folder(path: str) -> Iterator[Input | TheoremVerdict]:
    """The documents and reports below a folder; other Markdown is passed over, hidden folders are not entered."""
    found = False
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for file in sorted(f for f in files if f.endswith(".md")):
            item = _likely(os.path.join(folder, file))
            if item is not None:
                found = True
                yield item
    if not found:
        message = "no document in this folder has a `derive` block; name a folder or a file that has one"
        yield TheoremVerdict(path, None, "error", message=message)


def _likely(path: str) -> Input | TheoremVerdict | None:
    data = _bytes(path)
    if isinstance(data, TheoremVerdict):
        return data
    if not _LIKELY.search(data):
        return None
    item = _read(path, data)
    if isinstance(item, TheoremVerdict) or is_report(item.text) or SUMMARY_MARK in item.text:
        return item
    return item if is_symmetry(item.text) or has_blocks(item.text) else None


def _file(path: str) -> Input | TheoremVerdict:
    data = _bytes(path)
    return data if isinstance(data, TheoremVerdict) else _read(path, data)


def _bytes(path: str) -> bytes | TheoremVerdict:
    try:
        with open(path, "rb") as file:
            return file.read(2 * MOST_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        remedy = _nearby(path) if isinstance(error, FileNotFoundError) else "check its permissions"
        return TheoremVerdict(path, None, "error", message=f"this file cannot be read ({reason}); {remedy}")


def _nearby(path: str) -> str:
    """What the caller may have meant by a file that does not exist."""
    import difflib

    folder, name = os.path.split(path)
    try:
        known = [f for f in os.listdir(folder or ".") if f.endswith(".md")]
    except OSError:
        return f"the folder {folder} does not exist either"
    close = difflib.get_close_matches(name, known, n=2)
    return f"did you mean {' or '.join(os.path.join(folder, c) for c in close)}?" if close else "check its name"


def _read(file: str, data: bytes) -> Input | TheoremVerdict:
    text = read_bytes(data)
    return _error(file, text) if isinstance(text, Malformed) else Input(file, text)


def _error(file: str, bad: Malformed) -> TheoremVerdict:
    return TheoremVerdict(
        file, bad.name, "error", message=bad.text(), line=bad.line, column=bad.column, excerpt=bad.excerpt or None
    )
