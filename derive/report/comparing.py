"""Where a generated text differs from what it should be, and the refusal that says so."""

from __future__ import annotations

from derive.language.errors import Spot, caret
from derive.report.envelope import damage
from derive.verdict import TheoremVerdict

_AGAIN = "write the reports again with `python -m derive`"


def refused(file: str, name: str | None, text: str, line: int, message: str, column: int = 1) -> TheoremVerdict:
    """The verdict ``error`` on a generated text."""
    excerpt = caret(text, Spot(line, column))
    said = f"this report is refused: {message}; {_AGAIN}"
    return TheoremVerdict(file, name, "error", message=said, line=line, column=column, excerpt=excerpt)


def damaged(text: str, *, file: str, name: str | None) -> TheoremVerdict | None:
    """An ``error`` if a generated text is not the one that its own digest is of; found without deciding anything."""
    found = damage(text)
    return None if found is None else refused(file, name, text, found.line, found.message)


def compared(text: str, expected: str, *, file: str, name: str | None) -> TheoremVerdict | None:
    """None if a text is as it should be, up to line endings at its end, else an ``error`` at the first difference."""
    differing = _difference(text, expected)
    if differing is None:
        return None
    line, column, message = differing
    return refused(file, name, text, line, message, column)


def _difference(found: str, expected: str) -> tuple[int, int, str] | None:
    """Where two texts differ first: line, column, and what should stand there."""
    found, expected = found.rstrip("\r\n"), expected.rstrip("\r\n")
    if found == expected:
        return None
    ours, theirs = expected.split("\n"), found.split("\n")
    pairs = zip(ours, theirs, strict=False)
    line = next((k for k, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs)))
    if line >= len(ours):
        return line + 1, 1, "this report goes on where it should end"
    if line >= len(theirs):
        return (
            len(theirs),
            len(theirs[-1]) + 1,
            f"this report ends too early; next should come: {_short(ours[line], 0)}",
        )
    a, b = ours[line], theirs[line]
    column = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if b.rstrip("\r") == a:
        return line + 1, column + 1, "this line should end in LF, not CR LF"
    return line + 1, column + 1, f"this line is not what is decided; it should read: {_short(a, column)}"


def _short(line: str, column: int) -> str:
    start = max(0, column - 40)
    end = start + 90
    return ("..." if start else "") + (line[start:end] or "(an empty line)") + ("..." if end < len(line) else "")
