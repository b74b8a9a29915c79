"""Changes that leave true what is true, and have to be accepted."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from derive.language.document import Statement
from derive.language.printer import theorem_text
from tests.tamper.subjects import Document, as_document

Harmless = Callable[[Statement, Random], Document]


def unchanged(statement: Statement, _: Random) -> Document:
    return as_document(theorem_text(statement.theorem))


def other_prose(statement: Statement, rng: Random) -> Document:
    text = unchanged(statement, rng).data.decode()
    return Document(
        "a.md", text.replace("Some prose.", f"Other prose, number {rng.randrange(1000)}: \u03c3\u00b2.").encode()
    )


def comments(statement: Statement, rng: Random) -> Document:
    lines = theorem_text(statement.theorem).split("\n")
    at = rng.randrange(1, len(lines))
    return as_document("\n".join([*lines[:at], f"  # a remark of mine, number {rng.randrange(1000)}", *lines[at:]]))


def line_endings(statement: Statement, rng: Random) -> Document:
    return Document("a.md", unchanged(statement, rng).data.replace(b"\n", b"\r\n") + b"\r\n" * rng.randrange(1, 5))


def other_theorem_name(statement: Statement, rng: Random) -> Document:
    text = theorem_text(statement.theorem)
    return as_document(text.replace(f"theorem {statement.name}", f"theorem a-name-{rng.randrange(1000)}", 1))


def bound_index_renamed(statement: Statement, rng: Random) -> Document:
    """Every index of a ``sum`` that is called k, j or l there and nowhere else in its line."""
    text = theorem_text(statement.theorem)
    new = f"index{rng.randrange(100)}"

    def renamed(match: re.Match[str]) -> str:
        return re.sub(rf"\b{match[2]}\b", new, match[0])

    return as_document(re.sub(r"\bsum\(([^()#\n]*), ([jkl]) in 1\.\.\w+\)", renamed, text))


HARMLESS: dict[str, Harmless] = {
    f.__name__.replace("_", " "): f
    for f in (unchanged, other_prose, comments, line_endings, other_theorem_name, bound_index_renamed)
}
