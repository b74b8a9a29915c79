"""The theorem library: documents of ``derive/theorems``, package data, read like anybody's document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from derive.language.document import Malformed, Statement, prose_of, read_document


class LibraryError(Exception):
    """A document of the library is not as it should be; a fault of the package, not of its user."""


@dataclass(frozen=True, slots=True)
class LibraryDocument:
    """One theorem of the library with its title and its prose. The file is called after the theorem.

    statement: the first block, which is the theorem. beside: what is said beside it, false statements too, each with the
    verdict that its fence announces (``derive refuted``; ``proved`` where it announces none).
    """

    name: str
    file: str
    title: str
    prose: str
    text: str
    statement: Statement
    beside: tuple[tuple[Statement, str], ...] = ()


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
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    statements: list[Statement] = []
    for part in read_document(text):
        if isinstance(part, Malformed):
            raise LibraryError(f"{path.name}, line {part.line}: {part.text()}")
        statements.append(part)
    announced = _ANNOUNCED.findall(text)
    name = path.name.removesuffix(".md")
    if statements[0].name != name or len(announced) != len(statements):
        raise LibraryError(f"{path.name} begins with the theorem {name}, and states one theorem in each block")
    title, _, prose = prose_of(text).partition("\n")
    return LibraryDocument(
        name,
        f"derive/theorems/{path.name}",
        title.removeprefix("#").strip(),
        prose.strip(),
        text,
        statements[0],
        tuple((s, word or "proved") for s, word in zip(statements[1:], announced[1:], strict=True)),
    )


_ANNOUNCED = re.compile(r"^```derive(?: (refuted|unknown))?$", re.MULTILINE)
