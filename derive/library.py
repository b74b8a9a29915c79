"""The theorem library: documents of ``derive/theorems``, package data, read like anybody's document.

The first ``derive`` block of a document is its theorem, and the file is called after it. Further blocks stand beside
it: corollaries, and statements that are false. Their fence says what must come of them, ``derive`` for proved and
``derive refuted`` or ``derive unknown`` for the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from derive.language.document import Malformed, Statement, read_document

_BLOCK = re.compile(r"^```derive[ \t]*([a-z]*)[ \t]*\n.*?^```[ \t]*\n", re.MULTILINE | re.DOTALL)
EXPECTED = ("proved", "refuted", "unknown")


class LibraryError(Exception):
    """A document of the library is not as it should be; a fault of the package, not of its user."""


@dataclass(frozen=True, slots=True)
class Companion:
    """A statement beside the theorem: the prose before it, and the verdict that has to come of it."""

    prose: str
    statement: Statement
    expected: str


@dataclass(frozen=True, slots=True)
class LibraryDocument:
    """One theorem of the library with its title, its prose and what stands beside it, and the prose that ends it."""

    name: str
    file: str
    title: str
    prose: str
    text: str
    statement: Statement
    beside: tuple[Companion, ...] = ()
    closing: str = ""


def load() -> tuple[LibraryDocument, ...]:
    """Every document of the library, in the order of their names."""
    return tuple(_read(path) for path in _paths())


def names() -> tuple[str, ...]:
    """The names of the library's theorems, without reading them."""
    return tuple(path.name.removesuffix(".md") for path in _paths())


def find(name: str) -> LibraryDocument | None:
    """The library's document of that name, or None."""
    path = next((p for p in _paths() if p.name == f"{name}.md"), None)
    return None if path is None else _read(path)


def _paths() -> list[Traversable]:
    folder = files("derive") / "theorems"
    return sorted((p for p in folder.iterdir() if p.name.endswith(".md")), key=lambda p: p.name.removesuffix(".md"))


def _read(path: Traversable) -> LibraryDocument:
    return document(path.read_text(encoding="utf-8").replace("\r\n", "\n"), path.name.removesuffix(".md"))


def document(text: str, name: str) -> LibraryDocument:
    """The document from its text. Raises ``LibraryError``."""
    file = f"derive/theorems/{name}.md"
    title, companions, closing = parts(text, name, file)
    theorem, *beside = companions
    if theorem.expected != "proved":
        raise LibraryError(f"{file}: the theorem's fence says ```derive, only those beside it may add a verdict")
    return LibraryDocument(name, file, title, theorem.prose, text, theorem.statement, tuple(beside), closing)


def parts(text: str, name: str, file: str) -> tuple[str, tuple[Companion, ...], str]:
    """Title, statements with the prose before each, and the prose behind the last one. Raises ``LibraryError``."""
    statements = [_sound(part, file) for part in read_document(text)]
    blocks = list(_BLOCK.finditer(text))
    if statements[0].name != name:
        raise LibraryError(f"{file}: the first theorem is called {name}, like the file")
    if len(blocks) != len(statements):
        raise LibraryError(f"{file}: each theorem stands in a block of its own, fenced by ```derive")
    expected = [block[1] or "proved" for block in blocks]
    if not set(expected) <= set(EXPECTED):
        raise LibraryError(f"{file}: a fence says ```derive, and may add one of {EXPECTED}")
    places = [0, *(b.end() for b in blocks)]
    prose = [text[a : b.start()].strip() for a, b in zip(places, blocks, strict=False)]
    title, _, prose[0] = prose[0].partition("\n")
    companions = tuple(map(Companion, map(str.strip, prose), statements, expected))
    return title.removeprefix("#").strip(), companions, text[places[-1] :].strip()


def _sound(part: Statement | Malformed, file: str) -> Statement:
    if isinstance(part, Malformed):
        raise LibraryError(f"{file}, line {part.line}: {part.text()}")
    return part
