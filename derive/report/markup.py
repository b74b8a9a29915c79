"""Text that somebody else wrote, put into Markdown so that it reads as it stands and says nothing in our name."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"([\\`*_\[\]~$|#!])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def prose(text: str) -> str:
    """Words in a line, as they stand: no emphasis, no HTML, no formula comes of them."""
    line = " ".join(text.split())
    return _MARKUP.sub(r"\\\1", re.sub("[&<>]", lambda m: _ENTITIES[m[0]], line))


def code(text: str) -> str:
    """A text in the language, or a file's name, between backticks; it may stand in a table's cell."""
    line = " ".join(text.split()).replace("|", r"\|")
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    ticks = "`" * (longest + 1)
    room = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{ticks}{room}{line}{room}{ticks}"


def message(text: str) -> str:
    """A message of ours: what it has between backticks stays code, everything else is words."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return prose(text)
    said = (code(p) if k % 2 else _spaced(p) for k, p in enumerate(parts) if p or k % 2)
    return "".join(said)


def _spaced(text: str) -> str:
    """Words between two pieces of code, with the spaces around them."""
    before, after = text[:1].isspace(), text[-1:].isspace()
    return f"{' ' if before else ''}{prose(text)}{' ' if after and text.strip() else ''}"


def fenced(text: str) -> list[str]:
    """Lines as they stand, in a block that nothing in them can close and that is not a ``derive`` block."""
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return [f"{fence}text", *text.split("\n"), fence]
