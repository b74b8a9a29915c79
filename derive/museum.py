"""The museum: derivations and claims of other people, package data of ``derive/museum``, each with its source.

A document says in labelled paragraphs whose statement it is, where it stands, what it says in our own words, and how
the source was checked. Its first block is what the source says; the fence announces the verdict, as in the library. A
claim that is refuted is followed by what holds instead, as a theorem of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

from derive.language.document import Statement
from derive.library import Companion, LibraryError, parts

FOLDER = "derive/museum"
LABELS = ("Source", "Where", "Says", "Checked")
SEE, INSTEAD = "See", "Instead"
_LABELLED = re.compile(r"\*\*([A-Z][a-z]+)\.\*\* (.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One statement of somebody else.

    source: author, year, title. where: equation, section, docstring, file. says: the statement in our words. checked:
    how source and statement were compared. see: theorems of the library. note: prose on how it is put here. expected:
    the verdict that the statement has to get. instead, right: of a refuted one, what holds, in prose and as a theorem.
    """

    name: str
    file: str
    title: str
    source: str
    where: str
    says: str
    checked: str
    see: tuple[str, ...]
    note: str
    statement: Statement
    expected: str
    instead: str = ""
    right: Statement | None = None


def load() -> tuple[Exhibit, ...]:
    """Every exhibit, in the order of their names. Raises ``LibraryError``."""
    paths = {p.name: p for p in (files("derive") / "museum").iterdir() if p.name.endswith(".md")}
    texts = ((name, paths[name].read_text(encoding="utf-8")) for name in sorted(paths))
    return tuple(exhibit(text.replace("\r\n", "\n"), name.removesuffix(".md")) for name, text in texts)


def exhibit(text: str, name: str) -> Exhibit:
    """The exhibit from its text. Raises ``LibraryError`` if something of it is missing or not where it belongs."""
    file = f"{FOLDER}/{name}.md"
    title, companions, closing = parts(text, name, file)
    first, *rest = companions
    said, note = _labelled(first.prose, file)
    absent = [label for label in LABELS if not said.get(label)]
    if absent or not set(said) <= {*LABELS, SEE}:
        raise LibraryError(f"{file}: before the block stand **Source.**, **Where.**, **Says.**, **Checked.**, **See.**")
    if closing:
        raise LibraryError(f"{file}: prose stands before the blocks, not behind them")
    instead, right = _instead(name, file, first.expected, tuple(rest))
    see = tuple(re.findall(r"`([a-z0-9-]+)`", said.get(SEE, "")))
    return Exhibit(
        name,
        file,
        title,
        source=said["Source"],
        where=said["Where"],
        says=said["Says"],
        checked=said["Checked"],
        see=see,
        note=note,
        statement=first.statement,
        expected=first.expected,
        instead=instead,
        right=right,
    )


def _instead(name: str, file: str, expected: str, rest: tuple[Companion, ...]) -> tuple[str, Statement | None]:
    """What holds instead of a refuted statement; a proved one stands alone."""
    if expected == "proved" and not rest:
        return "", None
    if expected == "refuted" and len(rest) == 1 and rest[0].expected == "proved":
        said, more = _labelled(rest[0].prose, file)
        if set(said) == {INSTEAD} and not more and rest[0].statement.name == f"{name}-instead":
            return said[INSTEAD], rest[0].statement
    raise LibraryError(
        f"{file}: a proved statement stands alone; a refuted one is followed by **Instead.** and `{name}-instead`"
    )


def _labelled(prose: str, file: str) -> tuple[dict[str, str], str]:
    """The labelled paragraphs by their labels, and the rest."""
    said: dict[str, str] = {}
    others: list[str] = []
    for paragraph in re.split(r"\n\s*\n", prose.strip()):
        found = _LABELLED.fullmatch(paragraph)
        if found is None:
            others.append(paragraph)
        elif found[1] in said:
            raise LibraryError(f"{file}: two paragraphs are labelled {found[1]}")
        else:
            said[found[1]] = found[2]
    return said, "\n\n".join(others).strip()
