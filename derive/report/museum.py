"""``museum.md``: other people's derivations and claims, each with its source, its verdict, and what holds instead.

The exhibits are decided whenever the page is written or checked. One that does not get the verdict that its document
announces, or a refuted one without a counterexample and a right value that is proved, is not written at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from derive.language.printer import theorem_text
from derive.museum import Exhibit
from derive.report.envelope import enclosed
from derive.report.note import Judge
from derive.report.objections import objections
from derive.report.words import counted
from derive.verdict import TheoremVerdict

NAME = "museum"
TITLE = "Other people's derivations"

_PROSE = """\
Derivations and claims of papers, courses, documentation and code of others, restated in the language of derivations and
decided like everybody else's. A verdict is about the statement as it is written here, with the assumptions that are
listed; a source may mean more, or have been corrected since. Each exhibit says how its source was checked. Where it
says *restated*, the source itself was not at hand, and only what is named was compared."""


class MuseumError(Exception):
    """An exhibit is not as its document announces; the message lists every fault."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An exhibit with the verdict on its statement, and on what holds instead where there is such a thing."""

    exhibit: Exhibit
    verdict: TheoremVerdict
    right: TheoremVerdict | None


def shown(exhibits: tuple[Exhibit, ...], names: tuple[str, ...], judge: Judge) -> tuple[Shown, ...]:
    """The exhibits, decided. names: the library's theorems. Raises ``MuseumError``."""
    done = tuple(Shown(e, judge(e.statement, e.file), judge(e.right, e.file) if e.right else None) for e in exhibits)
    faults = [f"{each.exhibit.file}: {fault}" for each in done for fault in _faults(each, names)]
    if faults:
        raise MuseumError("the museum is not as it says:\n" + "\n".join(f"  {fault}" for fault in faults))
    return done


def _faults(each: Shown, names: tuple[str, ...]) -> Iterator[str]:
    exhibit, verdict = each.exhibit, each.verdict
    if verdict.verdict != exhibit.expected:
        yield f"`{exhibit.name}` is {verdict.verdict}, not {exhibit.expected}"
    elif verdict.verdict == "refuted" and not any(s.counterexample for s in verdict.steps):
        yield f"`{exhibit.name}` is refuted without a model"
    if each.right is not None and each.right.verdict != "proved":
        yield f"what holds instead of `{exhibit.name}` is {each.right.verdict}, not proved"
    yield from (f"there is no theorem `{name}` to see" for name in exhibit.see if name not in names)


def write_museum(exhibits: tuple[Shown, ...]) -> str:
    """The whole text."""
    true = tuple(e for e in exhibits if e.exhibit.expected == "proved")
    false = tuple(e for e in exhibits if e.exhibit.expected == "refuted")
    sections = [_head(true, false)]
    sections += [_list("Proved", true), *map(_proved, true)]
    sections += [_list("Refuted", false), *map(_refuted, false)]
    return enclosed("museum", NAME, "\n\n".join("\n".join(lines) for lines in map(list, sections)))


def _head(true: tuple[Shown, ...], false: tuple[Shown, ...]) -> Iterator[str]:
    yield from (f"# {TITLE}", "", *_PROSE.split("\n"), "")
    yield f"{counted(len(true) + len(false), 'exhibit')}: {len(true)} proved, {len(false)} refuted."


def _list(heading: str, exhibits: tuple[Shown, ...]) -> Iterator[str]:
    yield from (f"## {heading}", "", "| exhibit | what it is about | source |", "| --- | --- | --- |")
    for each in exhibits:
        exhibit = each.exhibit
        yield f"| [{exhibit.name}](#{exhibit.name}) | {_cell(exhibit.title)} | {_cell(exhibit.source)} |"


def _proved(each: Shown) -> Iterator[str]:
    yield from _source(each.exhibit)
    yield from _statement(each.exhibit)
    verdict = each.verdict
    facts = dict.fromkeys(name for step in verdict.steps for name in step.facts)
    leaning = f", leaning on {', '.join(f'`{f}`' for f in facts)}" if facts else ""
    answer = f" The answer found: `{verdict.found}`." if verdict.found is not None else ""
    yield from (
        "",
        f"Verdict: **proved**, in {counted(len(verdict.steps), 'step')}{leaning}.{answer}{_see(each.exhibit)}",
    )


def _refuted(each: Shown) -> Iterator[str]:
    exhibit = each.exhibit
    yield from _source(exhibit)
    yield from _statement(exhibit)
    yield from ("", "Verdict: **refuted**.")
    for step in each.verdict.steps:
        if step.verdict == "refuted":
            yield from objections(step)
    if exhibit.right is not None:
        yield from ("", f"Instead: {exhibit.instead}")
        yield from ("", "```derive", theorem_text(exhibit.right.theorem).rstrip(), "```")
        yield from ("", f"Verdict: **proved**.{_see(exhibit)}")


def _source(exhibit: Exhibit) -> Iterator[str]:
    yield from (f"### {exhibit.name}", "", f"**{exhibit.title}**", "")
    for label, said in (
        ("Source", exhibit.source),
        ("Where", exhibit.where),
        ("It says", exhibit.says),
        ("Checked", exhibit.checked),
    ):
        yield f"- {label}: {_line(said)}"


def _statement(exhibit: Exhibit) -> Iterator[str]:
    if exhibit.note:
        yield from ("", exhibit.note)
    fence = "```derive" if exhibit.expected == "proved" else f"```derive {exhibit.expected}"
    yield from ("", fence, theorem_text(exhibit.statement.theorem).rstrip(), "```")


def _see(exhibit: Exhibit) -> str:
    return f" See {', '.join(f'[{name}]({name}.md)' for name in exhibit.see)}." if exhibit.see else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "&#124;")
