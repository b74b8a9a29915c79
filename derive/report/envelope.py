"""The first and the last line of everything generated: what it is, and digests that give a changed text away.

A digest refuses and never accepts. Whoever changes a text can write its digest anew, and then the text is decided and
compared as a whole like any other; but a slip, a formatter or a transfer is found before anything is decided.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from derive.report.values import FORMAT

KINDS = ("report", "summary", "note", "museum", "symmetry report", "training report")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a text is or was: one of ``KINDS``, and the name that its first or last line gives, if any is left."""

    kind: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Damage:
    """Where a generated text was changed since it was written, and what is to be said of it."""

    line: int
    message: str


_KIND = "|".join(sorted(KINDS, key=len, reverse=True))
_NAMED = re.compile(
    rf"derive[ \t]{{1,9}}({_KIND})\b(?:, format[^:\n]{{0,20}})?(?::[ \t]{{0,9}}([A-Za-z_][\w-]*))?", re.IGNORECASE
)
_MARKS = re.compile(  # each part of bounded length: a search takes time linear in the text
    rf"<!--[ \t]{{0,9}}derive\b|derive[ \t]{{1,9}}({_KIND}), format|end of derive[ \t]{{1,9}}({_KIND})\b"
    r"|<!--[ \t]{0,9}simulated evidence|generated, do not edit: `python -m derive"
    r"|^\|[ \t]{0,9}the claim[ \t]{0,9}\|[ \t]{0,9}\*\*"
    r"|Verdict: \*\*(?:proved|refuted|unknown)\*\*|^\*\*Step \d{1,9}\*\*",
    re.IGNORECASE | re.MULTILINE,
)
_LAST = re.compile(
    rf"<!-- end of derive ({_KIND}): ([A-Za-z_][\w-]*), sha256 ([0-9a-f]{{64}}), lines ([0-9a-f]*) -->", re.ASCII
)


def envelope_of(text: str) -> Envelope | None:
    """What a text is or was, told by its first and last line or by what only generated texts say; None for others.

    A mark that is misspelt, moved or alone is enough: who says ``Verdict: **proved**`` in a document has his prose
    compared, or does not say it.
    """
    if _MARKS.search(text) is None:
        return None
    named = _NAMED.search(text)
    return Envelope(named[1].lower(), named[2]) if named else Envelope("report", None)


def first_line(kind: str, name: str) -> str:
    """What a generated text begins with."""
    return (
        f"<!-- derive {kind}, format {FORMAT}: {name}. Generated, do not edit: `python -m derive check` "
        "compares the whole text. -->"
    )


def enclosed(kind: str, name: str, body: str) -> str:
    """The text between its first and its last line; the last one holds the digests of all that stands above it."""
    above = f"{first_line(kind, name)}\n\n{body.strip(chr(10))}\n"
    return f"{above}\n{_last_line(kind, name, above)}\n"


def _last_line(kind: str, name: str, above: str) -> str:
    lines = "".join(map(_short, above.split("\n")))
    return f"<!-- end of derive {kind}: {name}, sha256 {_digest(above)}, lines {lines} -->"


def damage(text: str) -> Damage | None:
    """How a generated text was changed after it was written, or None if its digest is that of what it says."""
    above, _, last = text.rstrip("\r\n").rpartition("\n")
    end = above.count("\n") + 2
    read = _LAST.fullmatch(last)
    if read is None:
        return Damage(end, "the last line of a generated text is missing or changed")
    kind, name, digest, lines = read.groups()
    if _digest(above) == digest:
        whole = last == _last_line(kind, name, above) and above.startswith(f"{first_line(kind, name)}\n")
        return None if whole else Damage(end, "the last line does not belong to this text")
    if _digest(above.replace("\r\n", "\n")) == digest:
        return Damage(1, "its lines should end in LF, not CR LF")
    pairs = zip(map(_short, above.split("\n")), re.findall("..", lines), strict=False)
    line = next((k for k, (found, written) in enumerate(pairs, 1) if found != written), end)
    return Damage(line, "this line was changed after the text was written, or one was put in or taken out here")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def _short(line: str) -> str:
    """Two digits: they show which line was changed, 255 times in 256, where the digest says that one was."""
    return _digest(line)[:2]
