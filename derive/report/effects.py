"""``effects-of-initialization.md``: what initialization does to training, statements with their theorems and tests.

The page is a function of its prose, of what was measured, and of the verdicts on the theorems that it links to. What
was measured is sealed in one line, as in a theorem's report, and checked by its digest, or measured again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, cast

from derive.report.comparing import compared, refused
from derive.report.envelope import enclosed
from derive.report.values import SEAL, NotEvidence, Simulated, seal, unseal
from derive.report.words import counted
from derive.verdict import TheoremVerdict

NAME = "effects-of-initialization"
TITLE = "What initialization does to training"
DEEP_FIGURE = f"{NAME}-deep.svg"

Home = Callable[[str], tuple[str, str] | None]  # a theorem's verdict, and the report in which it stands


class EffectsError(Exception):
    """The page names a theorem that is not proved, or a row that was not measured; the message lists every fault."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section: prose, the rows that belong to it, and the theorems that it rests on."""

    title: str
    prose: str
    measured: tuple[str, ...]
    theorems: tuple[str, ...]
    reports: tuple[str, ...]
    full: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The prose: opening, what the figures show, how it was measured, and the sections."""

    opening: str
    figure: str
    deep_figure: str
    method: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """What was measured, and its figures as SVG text, by file name."""

    simulated: Simulated
    figures: Mapping[str, str]

    @property
    def full(self) -> bool:
        """Whether digits and deep networks were trained."""
        return self.simulated.command.endswith(" --full")


def page() -> Page:
    """The prose, package data."""
    read: dict[str, Any] = tomllib.loads((files("derive") / "effects.toml").read_text(encoding="utf-8"))
    parts: list[Part] = []
    for entry in cast("list[dict[str, Any]]", read.pop("part")):
        lists = {k: tuple(cast("list[str]", v)) for k, v in entry.items() if isinstance(v, list)}
        values: dict[str, Any] = {**entry, **lists}
        parts.append(Part(**values))
    return Page(parts=tuple(parts), **{key: text.strip() for key, text in read.items()})


def verdict_of(simulated: Simulated, statement: str) -> str | None:
    """``agree``, ``disagree`` or ``inconclusive`` for a statement that was measured, else None."""
    return next((row[-1] for row in simulated.rows if row[0] == statement), None)


def write_effects(prose: Page, simulated: Simulated, home: Home) -> str:
    """The whole text. Raises ``EffectsError``."""
    measured = {row[0]: row for row in simulated.rows}
    shown = [part for part in prose.parts if not part.full or set(part.measured) & set(measured)]
    faults = list(_faults(shown, measured, home))
    if faults:
        raise EffectsError("the report on training is not as it says:\n" + "\n".join(f"  {each}" for each in faults))
    sections = [_head(prose, shown, simulated), *(_section(part, measured, home) for part in shown)]
    sections += [_deep(prose)] if any(part.full for part in shown) else []
    sections.append(_again(prose, simulated))
    return enclosed("training report", NAME, "\n\n".join("\n".join(lines) for lines in map(list, sections)))


def _faults(shown: list[Part], measured: Mapping[str, tuple[str, ...]], home: Home) -> Iterator[str]:
    places = [name for part in shown for name in part.measured]
    yield from (f"`{name}` was not measured" for name in places if name not in measured)
    yield from (f"`{name}` has no place in the text" for name in measured if name not in places)
    for name in dict.fromkeys(name for part in shown for name in part.theorems):
        found = home(name)
        if found is None or found[0] != "proved":
            yield f"`{name}` is {'no theorem' if found is None else found[0]}, not proved"


def _head(prose: Page, shown: list[Part], simulated: Simulated) -> Iterator[str]:
    words = [row[-1] for row in simulated.rows]
    said = ", ".join(f"{words.count(word)} {word}" for word in ("agree", "disagree", "inconclusive") if word in words)
    yield from (f"# {TITLE}", "", prose.opening, "")
    yield f"{counted(len(words), 'statement')}: {said}. Measured, not proved."
    if simulated.figure is not None:
        yield from ("", f"![{_line(prose.figure)}]({simulated.figure})")
    yield from ("", "| statement | measured | rests on |", "| --- | --- | --- |")
    for part in shown:
        for name in part.measured:
            rests = ", ".join(f"`{theorem}`" for theorem in (*part.theorems, *part.reports))
            yield f"| [{name}](#{_anchor(part.title)}) | **{verdict_of(simulated, name)}** | {rests} |"


def _section(part: Part, measured: Mapping[str, tuple[str, ...]], home: Home) -> Iterator[str]:
    links = ", ".join(f"[{name}]({(home(name) or ('', name))[1]}.md)" for name in part.theorems)
    derived = ", ".join(f"[{name}]({name}.md)" for name in part.reports)
    yield from (f"## {part.title}", "", part.prose.strip(), "")
    yield f"Proved: {links}." + (f" Derived by SymPy: {derived}." if derived else "")
    for name in part.measured:
        statement, networks, found, test, verdict = measured[name]
        yield from ("", f"**{statement}**: **{verdict}**", "")
        yield from (
            f"- networks: {networks}",
            f"- measured: {found}",
            f"- test, and how often it holds: {test}",
        )


def _deep(prose: Page) -> Iterator[str]:
    yield f"![{_line(prose.deep_figure)}]({DEEP_FIGURE})"


def _again(prose: Page, simulated: Simulated) -> Iterator[str]:
    yield from ("## How it was measured", "", simulated.design, "", prose.method, "")
    yield f"Error rate: at most {simulated.error_rate}."
    yield f"`{simulated.command}` trains again, and `python -m derive check --evidence {NAME}.md` compares; without"
    yield f"`--evidence` the digest of the figures is compared, `{simulated.run}`."
    yield "`python -m montecarlo train` trains whatever you like."
    yield from ("", f"{SEAL}{seal(simulated)} -->")


def _line(text: str) -> str:
    return " ".join(text.split())


def _anchor(title: str) -> str:
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c == "-")


# --- checking -------------------------------------------------------------------------------------


def check_effects(
    text: str, *, file: str, home: Home, published: str | None, again: Callable[[bool], Simulated] | None
) -> TheoremVerdict | None:
    """None if the page is as it should be, an ``error`` where it is not, ``unknown`` if its figures are nobody's.

    again: who measures again, with ``--full`` or without.
    """
    simulated = measured_in(text)
    if isinstance(simulated, str):
        return refused(file, None, text, 1, simulated)
    try:
        wrong = compared(text, write_effects(page(), simulated, home), file=file, name=None)
    except EffectsError as error:
        return refused(file, None, text, 1, str(error))
    if wrong is not None:
        return wrong
    if again is not None:
        if again(simulated.command.endswith(" --full")) == simulated:
            return None
        return refused(file, None, text, 1, "trained again, the figures come out otherwise")
    if simulated.digest == published:
        return None
    message = (
        "the figures are not those that this version publishes, and were not measured again: whether they were "
        "measured is open; `check --evidence` trains again"
    )
    return TheoremVerdict(file, None, "unknown", message=message)


def measured_in(text: str) -> Simulated | str:
    """What a page says was measured, or why that cannot be read."""
    sealed = [line for line in text.split("\n") if line.startswith(SEAL) and line.endswith(" -->")]
    if len(sealed) != 1:
        return "what was measured is missing, or is there twice"
    try:
        return unseal(sealed[0].removeprefix(SEAL).removesuffix(" -->"))
    except NotEvidence as error:
        return str(error)
