"""What is attacked: the generated texts of ``reports/``, and documents whose theorems are proved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from derive import library
from derive.language import theorem as th
from derive.language.document import Statement, read_document
from derive.language.printer import theorem_text
from derive.report.envelope import envelope_of

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "reports"
EXAMPLES = ROOT / "tests" / "examples"


@dataclass(frozen=True, slots=True)
class Document:
    """A file as a checker gets it: where it stands (its neighbours stand there too) and what is in it."""

    path: str
    data: bytes


@cache
def generated() -> tuple[Document, ...]:
    """Every generated text of ``reports/``."""
    found = (Document(str(p), p.read_bytes()) for p in sorted(REPORTS.glob("*.md")))
    return tuple(d for d in found if envelope_of(d.data.decode()) is not None)


@cache
def theorem_reports() -> tuple[Document, ...]:
    """The generated texts that are the report of a theorem."""
    return tuple(d for d in generated() if kind_of(d) == "report")


def kind_of(document: Document) -> str:
    """Which kind of generated text it is."""
    envelope = envelope_of(document.data.decode())
    return "document" if envelope is None else envelope.kind


@cache
def statements() -> tuple[Statement, ...]:
    """The statements that reports, the library and the examples prove; a ``find`` has no claim to falsify."""
    texts: dict[str, str] = {}
    for report in theorem_reports():
        statement = read_document(report.data.decode())[-1]
        if isinstance(statement, Statement):
            texts[theorem_text(statement.theorem)] = statement.name
    for document in library.load():
        texts |= {
            theorem_text(c.statement.theorem): c.statement.name for c in document.beside if c.expected == "proved"
        }
    expected = json.loads((EXAMPLES / "expected.json").read_text(encoding="utf-8"))
    for file, what in expected.items():
        for part in read_document((EXAMPLES / file).read_text(encoding="utf-8")):
            if isinstance(part, Statement) and what["theorems"][part.name]["verdict"] == "proved":
                texts[theorem_text(part.theorem)] = part.name
    found = (read(text) for text in texts)
    return tuple(s for s in found if s is not None and not isinstance(s.theorem.claim, th.Find))


def read(text: str) -> Statement | None:
    """The statement of a theorem's text, or None if it is not well-formed."""
    parts = read_document(f"```derive\n{text}```\n")
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Statement) else None


def as_document(text: str, name: str = "changed") -> Document:
    """A document of one block."""
    return Document(f"{name}.md", f"# {name}\n\nSome prose.\n\n```derive\n{text}```\n".encode())
