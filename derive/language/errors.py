"""What the language says when a document is not well-formed: where, what, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a document, counted from 1."""

    line: int
    column: int


class LanguageError(Exception):
    """A document that is not well-formed. ``at`` is an offset into the theorem's text, -1 where none applies."""

    def __init__(self, message: str, remedy: str = "", at: int = -1) -> None:
        """Keep what was found, what to write instead, and where."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.at = at

    def text(self) -> str:
        """The message with its remedy."""
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


def caret(source: str, spot: Spot) -> str:
    """The line of the source with a caret under the column, two lines of text."""
    lines = source.split("\n")
    line = lines[spot.line - 1].rstrip("\r") if 0 < spot.line <= len(lines) else ""
    start = max(0, spot.column - 100)  # a very long line is shown around the caret
    shown = line[start : start + 160].replace("\t", " ")
    return f"{shown}\n{' ' * (spot.column - 1 - start)}^"
