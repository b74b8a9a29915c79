"""Markdown -> the theorems of its ``derive`` blocks, each read on its own, each with its place in the file.

Text outside the blocks is prose. A block that a reader would see and that this module would not read (quoted, nested,
inside HTML) is refused rather than passed over, so that nothing on show goes unchecked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from derive.language.errors import LanguageError, Spot, caret
from derive.language.parser import parse_theorem
from derive.language.problem import Problem
from derive.language.scope import resolve
from derive.language.theorem import Theorem

MOST_BYTES = 2**20
MOST_THEOREMS = 1_000  # each may be an error with its own message


@dataclass(frozen=True, slots=True)
class Statement:
    """A theorem as it was read and looked up; ``text`` is its part of the file, which begins at line ``first_line``.

    ``siblings``: every theorem of the document by its name, this one too.
    """

    theorem: Theorem
    problem: Problem
    text: str = field(repr=False)
    first_line: int
    siblings: Mapping[str, Statement | Malformed] = field(default_factory=dict[str, Any], repr=False, compare=False)

    @property
    def name(self) -> str:
        """The theorem's name."""
        return self.theorem.name

    def spot(self, at: int) -> Spot:
        """The line and column in the file of an offset into the theorem's text; the theorem's own place for -1."""
        return _spot(self.text, at, self.first_line)

    def excerpt(self, at: int) -> str:
        """The line that holds the offset, with a caret below."""
        return caret(self.text, _spot(self.text, at, 1))


@dataclass(frozen=True, slots=True)
class Malformed:
    """A part of a document that is not well-formed: where, what was found, what to write instead."""

    name: str | None
    line: int
    column: int
    message: str
    remedy: str
    excerpt: str

    def text(self) -> str:
        """The message with its remedy."""
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


def read_bytes(data: bytes) -> str | Malformed:
    """The text of a file: UTF-8, at most 1 MiB, no control characters, lines that end in LF or CR LF."""
    if len(data) > MOST_BYTES:
        return Malformed(None, 1, 1, "this document is too large", f"at most {MOST_BYTES:,} bytes; split it", "")
    if b"\0" in data:
        before = data[: data.index(b"\0")]
        line = before.count(b"\n") + 1
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        return Malformed(None, line, column, "this is not a text file", "a document is Markdown in UTF-8", "")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        shown = data.decode("utf-8", errors="replace")
        spot = _spot(before + ".", len(before), 1)
        message = f"byte 0x{data[error.start]:02X} is not UTF-8"
        return Malformed(None, spot.line, spot.column, message, "save the file as UTF-8", caret(shown, spot))


def read_document(text: str) -> tuple[Statement | Malformed, ...]:
    """Every theorem of a document in order, and everything in it that is not well-formed. Never empty, never raises."""
    if len(text) > MOST_BYTES or len(text.encode("utf-8", errors="replace")) > MOST_BYTES:
        return (Malformed(None, 1, 1, "this document is too large", f"at most {MOST_BYTES:,} bytes; split it", ""),)
    lone = re.search(r"\r(?!\n)", text)
    if lone:
        return (_malformed(text, None, lone.start(), "a line ends in a lone carriage return", "end lines with LF"),)
    heads = list(islice(_THEOREM.finditer(text), MOST_THEOREMS + 1))
    if len(heads) > MOST_THEOREMS:
        remedy = f"at most {MOST_THEOREMS:,}; split it"
        return (_malformed(text, None, heads[-1].start(), "there are too many theorems in this document", remedy),)
    found: list[Statement | Malformed] = []
    for part in _blocks(text):
        found += [part] if isinstance(part, Malformed) else _statements(text, part)
    if not found:
        return (_no_block(text),)
    return _together(_distinct(found, text))


# A block of another name that holds a theorem, or a fence of too few signs or of the wrong ones.
_MEANT = re.compile(
    r"^ {0,3}((?:`{3,}|~{3,})[^`\n]*\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*theorem\b"
    r"|(?:`{1,2}|'{3}|\"{3})[ \t]*derive\b)",
    re.MULTILINE,
)


def _no_block(text: str) -> Malformed:
    """What is said of a document without a ``derive`` block; a block that was meant to be one is pointed out."""
    meant = _MEANT.search(text)
    if meant:
        return _malformed(
            text, None, meant.start(1), "this opens no `derive` block, so it is not read", "write ```derive"
        )
    remedy = "put the derivation between a line ```derive and a line ```"
    return _malformed(text, None, 0, "there is no `derive` block in this document", remedy)


def has_blocks(text: str) -> bool:
    """Whether anything in the document is a ``derive`` block, or was meant to be one."""
    return next(_blocks(text), None) is not None


def prose_of(text: str) -> str:
    """The document without its ``derive`` blocks."""
    keep: list[str] = []
    position = 0
    for part in _blocks(text):
        if isinstance(part, Block):
            keep.append(text[position : part.opening])
            position = part.closing
    return re.sub(r"\n{3,}", "\n\n", "".join(keep) + text[position:]).strip() + "\n"


# --- fences -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """The offsets of a ``derive`` block: its opening fence, its content, the end of its closing fence."""

    opening: int
    start: int
    end: int
    closing: int


_FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,})[ \t]*([^\n]*?)[ \t]*$")
_HIDDEN = re.compile(r"^[ \t>*+.)\-0-9]*(`{3,}|~{3,})[ \t]*derive(?![\w.-])", re.IGNORECASE)
_HTML = re.compile(r"^ {0,3}<[A-Za-z/?!]")


def _blocks(text: str) -> Iterator[Block | Malformed]:
    """Walk over the lines as CommonMark does: fences, HTML, and the rest."""
    at, html = 0, ""  # html: the text that ends the HTML block that is open, "" for none, "blank" for an empty line
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    number = 0
    while number < len(lines):
        line = lines[number].rstrip("\r\n")
        fence = _FENCE.match(line)
        if html:
            if html == "blank" and fence:
                yield _malformed(text, None, at, "a fence right after HTML", "put an empty line before it")
                html = ""
                continue
            if hidden := _HIDDEN.match(line):
                remedy = "delete it, or move it out of the HTML"
                yield _malformed(text, None, at + hidden.start(1), "a `derive` block inside HTML is not read", remedy)
            html = "" if (not line.strip() if html == "blank" else html in line.lower()) else html
        elif fence and not (fence[2][0] == "`" and "`" in fence[3]):
            last = _closing(lines, number, fence[2])
            ours = fence[3].split()[:1] == ["derive"]
            if last is None:
                yield _malformed(text, None, at, "this block is never closed", f"close it with a line {fence[2]}")
                return
            start = at + len(lines[number])
            end = start + sum(map(len, lines[number + 1 : last]))
            if ours:
                yield Block(at, start, end, end + len(lines[last]))
            elif re.match(r"derive\b(?!-)", fence[3], re.IGNORECASE):
                yield _malformed(
                    text, None, at + fence.start(3), f"a block called `{fence[3]}` is not read", "call it `derive`"
                )
            else:
                yield from _smuggled(text, lines[number + 1 : last], start, fence)
            number, at = last + 1, end + len(lines[last])
            continue
        elif hidden := _HIDDEN.match(line):
            remedy = "indent it by at most 3 spaces, outside of lists and quotations"
            yield _malformed(text, None, at + hidden.start(1), "a nested `derive` block is not read", remedy)
        elif _HTML.match(line):
            html = _html_end(line.strip())
        at += len(lines[number])
        number += 1


def _closing(lines: list[str], opening: int, fence: str) -> int | None:
    """The number of the line that closes a fence."""
    pattern = re.compile(rf"^ {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*\r?\n?$")
    return next((k for k in range(opening + 1, len(lines)) if pattern.match(lines[k])), None)


def _smuggled(text: str, inside: list[str], start: int, fence: re.Match[str]) -> Iterator[Malformed]:
    """A ``derive`` fence within another block: an example if the outer fence clearly holds it, else an accident."""
    at = start
    for line in inside:
        inner = _HIDDEN.match(line)
        if inner and (fence[1] or (inner[1][0] == fence[2][0] and len(inner[1]) >= len(fence[2]))):
            remedy = "close the block above, or show an example within a longer fence at the margin"
            yield _malformed(text, None, at + inner.start(1), "this `derive` block stands inside another block", remedy)
        at += len(line)


def _html_end(line: str) -> str:
    """What ends the HTML block that this line begins; nothing if the line ends it itself."""
    for begin, end in (("<!--", "-->"), ("<?", "?>"), ("<![cdata[", "]]>"), ("<!", ">")):
        if line.lower().startswith(begin):
            return "" if end in line[len(begin) :] else end
    raw = re.match(r"<(script|pre|style|textarea)\b", line.lower())
    if raw:
        return "" if f"</{raw[1]}>" in line.lower() else f"</{raw[1]}>"
    return "blank"


# --- theorems ---------------------------------------------------------------------------------------------------------

_BEGINS = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*(?:given|let|show|find)\b")
_THEOREM = re.compile(r"^[ \t]*theorem\b(?:[ \t]+([^\s#]*))?", re.MULTILINE)


def _statements(text: str, block: Block) -> list[Statement | Malformed]:
    content = text[block.start : block.end]
    heads = [h for h in _THEOREM.finditer(content) if not _cites(content, h)]
    starts = [h.start() for h in heads]
    before = content[: starts[0]] if starts else content
    remarks_only = all(not line.strip() or line.strip().startswith("#") for line in before.split("\n"))
    if not heads and remarks_only:
        remedy = "begin with `theorem NAME`, then `show` and a claim"
        return [_malformed(text, None, block.opening, "this `derive` block is empty", remedy)]
    found: list[Statement | Malformed] = []
    if not remarks_only:
        found.append(_read(text, block.start, block.start + (starts[0] if starts else len(content)), None))
    for head, end in zip(heads, (*starts[1:], len(content)), strict=False):
        found.append(_read(text, block.start + head.start(), block.start + end, head[1] or None))
    return found


def _cites(content: str, head: re.Match[str]) -> bool:
    """Whether a line that begins with ``theorem`` goes on with a justification, behind ``by`` or a comma."""
    before = [line.split("#")[0].strip() for line in content[max(0, head.start() - 2000) : head.start()].split("\n")]
    said = next((line for line in reversed(before) if line), "")
    return bool(re.search(r"(,|\bby)$", said)) and not _BEGINS.match(content, head.end())


def _read(text: str, start: int, end: int, name: str | None) -> Statement | Malformed:
    source = text[start:end]
    try:
        theorem = parse_theorem(source)
        return Statement(theorem, resolve(theorem), source, text.count("\n", 0, start) + 1)
    except LanguageError as error:
        return _malformed(text, name, start + _at(source, error.at), error.message, error.remedy)
    except RecursionError:
        return _malformed(text, name, start + _at(source, -1), "this theorem is nested too deeply", "make it smaller")


def _at(source: str, at: int) -> int:
    """An offset that can be shown: the first word for -1, the end of the last line with content for the end."""
    if at < 0:
        return len(source) - len(source.lstrip())
    return min(at, len(source.rstrip()))


def _together(found: Iterator[Statement | Malformed]) -> tuple[Statement | Malformed, ...]:
    """The parts of a document, each theorem with all its siblings; of two of one name the first counts."""
    siblings: dict[str, Statement | Malformed] = {}
    parts: list[Statement | Malformed] = []
    for item in found:
        part = replace(item, siblings=siblings) if isinstance(item, Statement) else item
        if part.name is not None:
            siblings.setdefault(part.name, part)
        parts.append(part)
    return tuple(parts)


def _distinct(found: list[Statement | Malformed], text: str) -> Iterator[Statement | Malformed]:
    first: dict[str, int] = {}
    for item in found:
        line = item.first_line if isinstance(item, Statement) else item.line
        if item.name is not None and item.name in first and isinstance(item, Statement):
            at = _at(item.text, -1)
            spot = item.spot(at)
            message = f"a theorem called `{item.name}` stands in line {first[item.name]} already"
            yield Malformed(item.name, spot.line, spot.column, message, "choose another name", item.excerpt(at))
            continue
        if item.name is not None:
            first.setdefault(item.name, line)
        yield item


def _malformed(text: str, name: str | None, at: int, message: str, remedy: str) -> Malformed:
    spot = _spot(text, at, 1)
    start, end = text.rfind("\n", 0, _at(text, at)) + 1, text.find("\n", _at(text, at))
    line = text[start : end if end >= 0 else len(text)]  # of a large text with many errors each is split off alone
    return Malformed(name, spot.line, spot.column, message, remedy, caret(line, Spot(1, spot.column)))


def _spot(text: str, at: int, first_line: int) -> Spot:
    at = _at(text, at)
    return Spot(first_line + text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1) + 1)
