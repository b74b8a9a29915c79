"""What `check` says of somebody's documents, as Markdown to read: every verdict, and what is to be said for it.

An explanation is no report. Nothing compares its text, and it says so; its documents are what can be checked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.report.derivation import assumptions, claim, decided, derivation
from derive.report.markup import code, fenced, message
from derive.report.words import MEANING
from derive.verdict import TheoremVerdict

MARK = "<!-- derive explanation"
_FIRST = f"{MARK}: written by `python -m derive check --report`. Not a report: nothing in it can be checked. -->"


def is_explanation(text: str) -> bool:
    """Whether a text is an explanation, or was one before somebody changed it."""
    return any(line.startswith(MARK) for line in text.split("\n"))


def write_explanation(verdicts: Sequence[TheoremVerdict]) -> str:
    """The whole page: a table of the verdicts, then a section for each."""
    parts = ["\n".join(_head(verdicts)), *("\n".join(_section(v, number)) for number, v in enumerate(verdicts, 1))]
    return "\n\n".join(parts) + "\n"


def verdict_markdown(verdict: TheoremVerdict) -> str:
    """One verdict, for notebooks."""
    return "\n".join(_section(verdict, None)) + "\n"


def _head(verdicts: Sequence[TheoremVerdict]) -> Iterator[str]:
    yield _FIRST
    yield from ("", "# What was decided", "")
    yield "This page explains verdicts; it is not evidence for them. What it says of a document can be had again by"
    yield f"`python -m derive check {_files(verdicts)}`." if verdicts else "`python -m derive check`."
    yield from ("", "| document | theorem | verdict | |", "| --- | --- | --- | --- |")
    for number, verdict in enumerate(verdicts, 1):
        name = f"[{code(_name(verdict))}](#v{number})"
        yield f"| {code(_place(verdict))} | {name} | **{verdict.verdict}** | {_gist(verdict)} |"
    if not verdicts:
        yield "| | | | no theorem to decide |"


def _files(verdicts: Sequence[TheoremVerdict]) -> str:
    """The documents that were given, if they can be named in a line."""
    files = list(dict.fromkeys(v.file for v in verdicts))
    plain = all(f.isascii() and f.isprintable() and not set(f) & set(" `'\"\\$&|<>;*?") for f in files)
    return " ".join(files) if plain and len(" ".join(files)) < 100 else "FILE"


def _name(verdict: TheoremVerdict) -> str:
    return verdict.theorem or "the document"


def _place(verdict: TheoremVerdict) -> str:
    return ":".join([verdict.file, *(str(n) for n in (verdict.line, verdict.column) if n is not None)])


def _gist(verdict: TheoremVerdict) -> str:
    return decided(verdict.steps) if verdict.steps else MEANING[verdict.verdict]


def _section(verdict: TheoremVerdict, number: int | None) -> Iterator[str]:
    anchor = f'<a name="v{number}"></a>' if number else ""
    yield f"## {anchor}{code(_name(verdict))}: {verdict.verdict}"
    yield ""
    if verdict.verdict == "error" or verdict.stated is None:
        yield from _error(verdict)
        return
    gist = f"; {decided(verdict.steps)}" if verdict.steps else ""
    yield f"**{verdict.verdict}**: {MEANING[verdict.verdict]}{gist}. It stands in {code(_place(verdict))}."
    yield from claim(verdict.stated, verdict)
    yield from ("", "### Assumptions", "", *assumptions(verdict.stated, verdict))
    if verdict.suffices:
        yield from ("", "Less is enough:", "", *(f"- {message(text)}" for text in verdict.suffices))
    yield from ("", "### Derivation", *derivation(verdict.stated, verdict, placed=True))


def _error(verdict: TheoremVerdict) -> Iterator[str]:
    yield f"**{verdict.verdict}** in {code(_place(verdict))}: {message(verdict.message or '')}."
    if verdict.excerpt:
        yield from ("", *fenced("\n".join(f"    {line}".rstrip() for line in verdict.excerpt.split("\n"))))
    for warning in verdict.warnings:
        yield from ("", f"Warning: {message(warning)}")
