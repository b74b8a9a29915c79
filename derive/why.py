"""The why pages: a question about a constant that everybody uses, package data of ``derive/why``.

A document is Markdown with ``derive`` blocks, fenced by the verdict that each has to get, and with places. ``{{gain}}``
is a number of ``numbers.toml``, a field of what ``python -m derive rule`` answers, and ``{{gain:4}}`` the same to four
digits; ``{{numbers}}`` the table of all of them, ``{{measured}}`` what was simulated. No digit that can be computed
stands in the text itself.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from derive.library import Companion, LibraryError, parts

FOLDER = "derive/why"
NUMBERS = "numbers.toml"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that a page speaks of.

    key: the name of its place. says: what it is, for the table. f, claim, variance: what ``rule`` is asked for. field:
    where the number stands in the answer. power: to which power it is raised.
    """

    key: str
    says: str
    f: str
    field: str
    claim: str | None = None
    variance: str = "1"
    power: int = 1


@dataclass(frozen=True, slots=True)
class Page:
    """One question.

    parts: the statements, each with the prose before it and the verdict that it has to get. closing: the prose behind
    them. maps: f and the gains whose variance maps the figure shows; none where it shows simulated networks.
    """

    name: str
    file: str
    title: str
    parts: tuple[Companion, ...]
    closing: str
    numbers: tuple[Quantity, ...]
    maps: tuple[str, ...] = ()


def names() -> tuple[str, ...]:
    """The pages' names, in order."""
    folder = files("derive") / "why"
    return tuple(sorted(p.name.removesuffix(".md") for p in folder.iterdir() if p.name.endswith(".md")))


def titles() -> tuple[tuple[str, str], ...]:
    """Name and title of each page, without reading further than that."""
    return tuple((name, _text(name).partition("\n")[0].removeprefix("#").strip()) for name in names())


def load(name: str) -> Page:
    """The page of that name. Raises ``LibraryError``."""
    data: dict[str, Any] = tomllib.loads((files("derive") / "why" / NUMBERS).read_text(encoding="utf-8"))
    return page(_text(name), name, data.get(name, {}))


def page(text: str, name: str, data: dict[str, Any]) -> Page:
    """The page from its text and its entry among the numbers. Raises ``LibraryError``."""
    file = f"{FOLDER}/{name}.md"
    title, companions, closing = parts(text, name, file)
    try:
        numbers = tuple(Quantity(**entry) for entry in data.get("number", ()))
    except TypeError as error:
        raise LibraryError(f"{FOLDER}/{NUMBERS}: {name}: {error}") from None
    return Page(name, file, title, companions, closing, numbers, tuple(data.get("maps", ())))


def _text(name: str) -> str:
    return (files("derive") / "why" / f"{name}.md").read_text(encoding="utf-8").replace("\r\n", "\n")
