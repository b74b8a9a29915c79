"""The theorem library: documents of ``derive/theorems``, package data, read like anybody's document."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from derive.language.document import Malformed, Statement, prose_of, read_document


class LibraryError(Exception):
    """A document of the library is not as it should be; a fault of the package, not of its user."""


@dataclass(frozen=True, slots=True)
class LibraryDocument:
    """One theorem of the library with its title and its prose. The file is called after the theorem."""

    name: str
    file: str
    title: str
    prose: str
    text: str
    statement: Statement


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
    found = read_document(text)
    name = path.name.removesuffix(".md")
    statement = found[0]
    if isinstance(statement, Malformed):
        raise LibraryError(f"{path.name}, line {statement.line}: {statement.text()}")
    if len(found) != 1 or statement.name != name:
        raise LibraryError(f"{path.name} states one theorem, called {name}")
    title, _, prose = prose_of(text).partition("\n")
    return LibraryDocument(
        name, f"derive/theorems/{path.name}", title.removeprefix("#").strip(), prose.strip(), text, statement
    )
