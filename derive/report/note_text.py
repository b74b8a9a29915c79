"""``the-note.md``: the table of the note's statements, and below each section what is refuted and by which model."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from derive.language import theorem as th
from derive.language.printer import claim_text, theorem_text
from derive.report.effects import NAME as TRAINING
from derive.report.envelope import enclosed
from derive.report.note import NAME, WORDS, Decided, JudgedRow
from derive.report.words import counted, counterexample_words

TITLE = "The note, statement by statement"


def write_note(rows: tuple[JudgedRow, ...]) -> str:
    """The whole text."""
    sections = [_head(rows)]
    for title, group in groupby(rows, lambda r: r.row.section):
        sections.append(_section(title, tuple(group)))
    return enclosed("note", NAME, "\n\n".join("\n".join(lines) for lines in map(list, sections)))


def tally(rows: tuple[JudgedRow, ...]) -> str:
    """How many rows have which verdict."""
    words = [r.row.verdict for r in rows]
    return ", ".join(f"{words.count(word)} {word}" for word in WORDS if word in words)


def _head(rows: tuple[JudgedRow, ...]) -> Iterator[str]:
    yield f"# {TITLE}"
    yield ""
    yield "The note that this project started from (A. Chadha, Xavier Initialization, 2020), in our own words, with the"
    yield "verdict on each of its mathematical statements. The verdicts are checked whenever this page is written: no"
    yield "row says more than the reports that it links to."
    yield ""
    yield f"{counted(len(rows), 'statement')}: {tally(rows)}."
    yield ""
    yield "- **proved**: as it stands. **proved under these givens**: under the assumptions listed, whatever the sizes"
    yield "- **derived**: by SymPy, outside the language of derivations; not decided by the kernel"
    yield "- **qualified**: true of something, false as it stands: what is proved, and a model in which it fails"
    yield "- **refuted**: false, with a model. **measured**: on simulated or trained networks, at a stated error rate"
    yield "- **not decided here**: about training; what part of it is proved is said. **definition**: no claim"


def _section(title: str, rows: tuple[JudgedRow, ...]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield "| the note says | verdict | why | see |"
    yield "| --- | --- | --- | --- |"
    for row in rows:
        yield f"| {_cell(row.row.says)} | **{row.row.verdict}** | {_cell(row.row.why)}{_givens(row)} | {_links(row)} |"
    own = {d.theorem.name: d for row in rows for d in row.refuted}
    if own:
        yield ""
        yield "Refuted:"
        for decided in own.values():
            yield ""
            yield from _refutation(decided)


def _givens(row: JudgedRow) -> str:
    """The assumptions of the first theorem, where the verdict speaks of them."""
    if row.row.verdict != "proved under these givens":
        return ""
    first = row.proved[0].theorem
    said = [f"`{g.text}`" for g in first.givens if not isinstance(g.item, th.Constant)]
    return f" Givens of `{first.name}`: {', '.join(map(_cell, said))}."


def _links(row: JudgedRow) -> str:
    links = [_link(d) for d in (*row.proved, *row.refuted)]
    links += [f"[{name}]({name}.md)" for name in row.row.reports]
    links += [f"[{name}]({TRAINING}.md)" for name in row.row.trained]
    return ", ".join(links)


def _link(decided: Decided) -> str:
    name = decided.theorem.name
    return f"[{name}]({decided.report}.md)" if decided.report is not None else f"`{name}` below"


def _refutation(decided: Decided) -> Iterator[str]:
    """A statement with its assumptions, and the model in which it fails."""
    theorem = decided.theorem
    step = next(s for s in decided.verdict.steps if s.verdict == "refuted")
    model = "; ".join(counterexample_words(step.counterexample)) if step.counterexample else step.message
    if decided.report is None:
        yield from ("```derive refuted", theorem_text(theorem).rstrip(), "```", "")
        yield f"`{theorem.name}` fails: {model}."
    else:
        yield f"`{theorem.name}`, beside [{decided.report}]({decided.report}.md): `{claim_text(theorem.claim)}` fails:"
        yield f"{model}."


def _cell(text: str) -> str:
    return text.replace("|", "&#124;").replace("\n", " ").strip()
