"""What `check` is given: files, folders, standard input, each read and decided on its own."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from derive.language.document import MOST_BYTES, Malformed, has_blocks, read_bytes, read_document
from derive.report.check import Checked, Tools, check_museum, check_note, check_report, check_summary
from derive.report.comparing import compared, damaged, refused
from derive.report.effects import NAME as TRAINING
from derive.report.effects import check_effects, measured_in
from derive.report.envelope import envelope_of
from derive.report.explanation import is_explanation
from derive.report.museum import NAME as MUSEUM
from derive.report.note import NAME as NOTE
from derive.report.note import Knowledge, home_in, of_library
from derive.report.symmetry import NAME as SYMMETRY
from derive.report.values import Report, Simulated
from derive.verdict import TheoremVerdict

_LIKELY = re.compile(
    rb"(`{3}|~{3})[ \t]*derive|<!-- derive |end of derive|generated, do not edit: `python -m derive", re.IGNORECASE
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
            yield read_input("-", sys.stdin.buffer.read(2 * MOST_BYTES))
        elif os.path.isdir(path):
            yield from _folder(path)
        else:
            item = _likely(path) if only_blocks else _file(path)
            if item is not None:
                yield item


def check_inputs(inputs: Iterator[Input | TheoremVerdict], tools: Tools) -> Iterator[TheoremVerdict]:
    """The verdicts on every theorem of every document; what is generated beside reports yields one only if it is wrong.

    A generated text that is not the one of its own digest is refused before anything is decided.
    """
    reports: dict[Path, Checked] = {}
    others: list[tuple[str, Input]] = []
    for item in inputs:
        if isinstance(item, TheoremVerdict):
            yield item
            continue
        if is_explanation(item.text):
            message = "this is an explanation, and nothing in it can be checked; check the document that it explains"
            yield TheoremVerdict(item.file, None, "error", message=message, line=1, column=1)
            continue
        generated = envelope_of(item.text)
        if generated is None:
            yield from _decided(item, tools)
        elif (wrong := damaged(item.text, file=item.file, name=generated.name)) is not None:
            yield wrong
        elif generated.kind == "report":
            checked = check_report(item.text, file=item.file, tools=tools)
            reports[Path(item.file).resolve()] = checked
            yield checked.verdict
        elif generated.name != _ONLY[generated.kind]:
            said = f"the one {generated.kind} that there is is called {_ONLY[generated.kind]}"
            yield refused(item.file, generated.name, item.text, 1, said)
        else:
            others.append((generated.kind, item))
    for kind, item in sorted(others, key=lambda other: other[0], reverse=True):  # as ever: what is cheap comes first
        wrong = _OTHERS[kind](item, _Beside(item, reports, tools), tools)
        if wrong is not None:
            yield wrong


def _decided(item: Input, tools: Tools) -> Iterator[TheoremVerdict]:
    for part in read_document(item.text):
        yield _error(item.file, part) if isinstance(part, Malformed) else tools.judge(part, item.file)


class _Beside:
    """The reports beside a file, each checked when it is asked for unless that was done already."""

    def __init__(self, item: Input, done: dict[Path, Checked], tools: Tools) -> None:
        self.folder = Path(item.file).parent
        self.done = done
        self.tools = tools

    def checked(self, name: str) -> Checked | None:
        """What came of the report of a theorem; None if there is none, or if the file holds another one's."""
        path = (self.folder / f"{name}.md").resolve()
        if path not in self.done:
            read = _file(str(path))
            if isinstance(read, TheoremVerdict) or damaged(read.text, file=read.file, name=name) is not None:
                return None
            self.done[path] = check_report(read.text, file=str(path), tools=self.tools)
        checked = self.done[path]
        return checked if checked.report is not None and checked.report.name == name else None

    def accepted(self, name: str) -> Report | None:
        """The report of a theorem, if nothing in it is open."""
        checked = self.checked(name)
        return checked.report if checked is not None and checked.verdict.verdict != "unknown" else None


def _museum(item: Input, _: _Beside, tools: Tools) -> TheoremVerdict | None:
    return check_museum(item.text, file=item.file, written=tools.museum)


def _symmetry(item: Input, _: _Beside, tools: Tools) -> TheoremVerdict | None:
    return compared(item.text, tools.symmetry(), file=item.file, name=None)


def _summary(item: Input, beside: _Beside, _: Tools) -> TheoremVerdict | None:
    from derive.library import names

    found = {name: beside.checked(name) for name in names()}
    reports = {name: checked.report for name, checked in found.items() if checked and checked.report}
    wrong = check_summary(item.text, file=item.file, reports=reports, names=names())
    undecided = [name for name in reports if beside.accepted(name) is None]
    if wrong is None and undecided:
        message = f"the report of `{undecided[0]}` beside it is not accepted as it stands: check it by itself"
        return TheoremVerdict(item.file, None, "unknown", message=message)
    return wrong


def _note(item: Input, beside: _Beside, tools: Tools) -> TheoremVerdict | None:
    known = _known(beside, tools, _training_beside(beside, tools))
    return check_note(item.text, file=item.file, known=known, judge=tools.judge)


def _training(item: Input, beside: _Beside, tools: Tools) -> TheoremVerdict | None:
    home = home_in(_known(beside, tools, None).statement)
    return check_effects(item.text, file=item.file, home=home, published=tools.published(TRAINING), again=tools.trains)


def _training_beside(beside: _Beside, tools: Tools) -> Simulated | None:
    """What the report on training beside a page measured, if it is as it should be."""
    read = _file(str(beside.folder / f"{TRAINING}.md"))
    if isinstance(read, TheoremVerdict) or damaged(read.text, file=read.file, name=TRAINING) is not None:
        return None
    found = measured_in(read.text)
    if isinstance(found, str) or found.digest == tools.published(TRAINING):
        return None if isinstance(found, str) else found
    return found if _training(read, beside, tools) is None else None


def _known(beside: _Beside, tools: Tools, training: Simulated | None) -> Knowledge:
    from derive.library import names

    documents = tuple(found for name in names() if (found := tools.library(name)) is not None)
    return of_library(documents, tools.judge, beside.accepted, training)


_OTHERS = MappingProxyType(
    {
        "summary": _summary,
        "note": _note,
        "museum": _museum,
        "symmetry report": _symmetry,
        "training report": _training,
    }
)
_ONLY = MappingProxyType(
    {"summary": "README", "note": NOTE, "museum": MUSEUM, "symmetry report": SYMMETRY, "training report": TRAINING}
)


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
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe or a device, which could be read forever
        return None
    data = _bytes(path)
    if isinstance(data, TheoremVerdict):
        return data
    if not _LIKELY.search(data):
        return None
    item = read_input(path, data)
    if isinstance(item, TheoremVerdict) or has_blocks(item.text):
        return item
    if is_explanation(item.text):
        return None  # named by itself it is refused; beside documents it is nothing to check
    return item if envelope_of(item.text) is not None else None


def _file(path: str) -> Input | TheoremVerdict:
    data = _bytes(path)
    return data if isinstance(data, TheoremVerdict) else read_input(path, data)


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


def read_input(file: str, data: bytes) -> Input | TheoremVerdict:
    """A document from its bytes; what is no text is an ``error``."""
    text = read_bytes(data)
    return _error(file, text) if isinstance(text, Malformed) else Input(file, text)


def _error(file: str, bad: Malformed) -> TheoremVerdict:
    return TheoremVerdict(
        file, bad.name, "error", message=bad.text(), line=bad.line, column=bad.column, excerpt=bad.excerpt or None
    )
