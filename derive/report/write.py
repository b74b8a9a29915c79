"""A report as Markdown: a pure function of a ``Report``; the same value gives the same text everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derive.language import theorem as th
from derive.language.latex import claim_latex, relation_latex, term_latex
from derive.language.parser import parse_term
from derive.language.printer import claim_text, theorem_text
from derive.report.asides import asides
from derive.report.derivation import assumptions, claim, decided, derivation
from derive.report.effects import NAME as TRAINING
from derive.report.effects import TITLE as TRAINING_TITLE
from derive.report.envelope import enclosed
from derive.report.museum import NAME as MUSEUM
from derive.report.museum import TITLE as MUSEUM_TITLE
from derive.report.purposes import purposes
from derive.report.symmetry import NAME, TITLE
from derive.report.values import SEAL, ExactModel, Report, Simulated, seal
from derive.report.words import MEANING, counted


def write(report: Report) -> str:
    """The report's text."""
    theorem, verdict = report.theorem, report.verdict
    sections = [_head(report), _titled("Claim", claim(theorem, verdict, report.question))]
    sections += [_titled("Assumptions", ["", *assumptions(theorem, verdict)])]
    sections += [_titled("Derivation", derivation(theorem, verdict)), purposes(report)]
    sections += [_facts(report)] if report.facts else []
    sections += [asides(report)] if report.beside or report.closing else []
    sections += [_evidence(report), _again(report)]
    return enclosed("report", report.name, "\n\n".join("\n".join(lines) for lines in map(list, sections)))


def _titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"## {title}"
    yield from lines


def _head(report: Report) -> Iterator[str]:
    yield f"# {report.title}"
    yield ""
    yield from _status(report)
    if report.prose.strip():
        yield ""
        yield report.prose.strip()


def _status(report: Report) -> Iterator[str]:
    verdict = report.verdict
    yield "| what | status |"
    yield "| --- | --- |"
    yield f"| the claim | **{verdict.verdict}**: {MEANING[verdict.verdict]}; {decided(verdict.steps)} |"
    if report.facts:
        facts = counted(len(report.facts), "fact")
        yield f"| what it leans on | **rests on {facts} of the ledger**, each with its source |"
    if report.beside:
        yield f"| beside it | {_beside(report)} |"
    if report.exact:
        same = sum(m.holds for m in report.exact)
        text = f"the claim holds in {same} of {len(report.exact)}, by enumeration in exact fractions"
        yield f"| exact finite models | **computed**: {text}; examples, not a proof |"
    if report.simulated:
        yield (
            f"| simulated networks | **measured**: {report.simulated.verdict}, error rate at most "
            f"{report.simulated.error_rate}; not run again by `check` |"
        )


def _beside(report: Report) -> str:
    words = [aside.verdict.verdict for aside in report.beside]
    counts = (f"{words.count(w)} **{w}**" for w in MEANING if w in words)
    return f"{counted(len(words), 'statement')}: {', '.join(counts)}"


def _facts(report: Report) -> Iterator[str]:
    yield "## Facts leaned on"
    yield ""
    yield "Mathematics that the procedure does not derive; each fact has a source, and a check of its own in the tests."
    yield ""
    yield "| fact | says | source |"
    yield "| --- | --- | --- |"
    for fact in report.facts:
        yield f"| {_cell(fact.name)} | {_cell(fact.statement)} | {_cell(fact.source)} |"


# --- evidence ---------------------------------------------------------------------------------------------------------


def _evidence(report: Report) -> Iterator[str]:
    yield "## Evidence"
    if not report.exact and report.simulated is None:
        yield from ("", "None beside the derivation.")
    if report.exact:
        yield from _exact(report.exact)
    if report.simulated is not None:
        yield from _simulated(report.simulated)


def _exact(models: tuple[ExactModel, ...]) -> Iterator[str]:
    yield from ("", "### Exact finite models", "")
    yield "Computed by enumerating every outcome of a model that meets the assumptions: examples, not a proof."
    yield ""
    stepped = any(m.step is not None for m in models)
    yield f"| {'step | ' if stepped else ''}model | left side | right side | |"
    yield f"| {'--- | ' if stepped else ''}--- | --- | --- | --- |"
    for m in models:
        step = f"{'claim' if m.step is None else m.step} | " if stepped else ""
        verdict = ("the same" if m.left == m.right else "holds") if m.holds else "**fails**"
        yield f"| {step}{_cell(m.description)} | {_cell(m.left)} | {_cell(m.right)} | {verdict} |"


def _simulated(simulated: Simulated) -> Iterator[str]:
    yield from ("", "### Simulated networks", "", simulated.design, "")
    yield f"| {' | '.join(map(_cell, simulated.headings))} |"
    yield f"| {' | '.join('---' for _ in simulated.headings)} |"
    for row in simulated.rows:
        yield f"| {' | '.join(map(_cell, row))} |"
    if simulated.figure:
        yield from ("", f"![Measured second moments by layer]({simulated.figure})")
    yield ""
    yield f"Measured, not proved: **{simulated.verdict}**, at an error rate of at most {simulated.error_rate}."
    yield f"`check` does not run the simulation again; it was `{simulated.command}`, digest `{simulated.run}`."
    yield from ("", f"{SEAL}{seal(simulated)} -->")


def _cell(text: str) -> str:
    return text.replace("|", "&#124;").replace("\n", " ")


def _again(report: Report) -> Iterator[str]:
    yield "## Do it again"
    yield ""
    yield f"`python -m derive check {report.name}.md` decides every link of this block again, computes the exact models"
    yield "again, writes this report again and compares the text."
    if report.simulated is not None:
        yield f"`{report.simulated.command}` simulates the networks again."
    yield ""
    yield "```derive"
    yield theorem_text(report.theorem).rstrip("\n")
    yield "```"


# --- the summary -----------------------------------------------------------------------------------------------------


def write_summary(reports: tuple[Report, ...]) -> str:
    """``README.md`` beside the reports: every theorem with its claim and what is known of it."""
    counts = {w: sum(r.verdict.verdict == w for r in reports) for w in ("proved", "refuted", "unknown", "error")}
    said = ", ".join(f"{n} {w}" for w, n in counts.items() if n)
    lines = [
        "# What is proved, and what is measured",
        "",
        f"{counted(len(reports), 'theorem')}: {said}. A proof holds for all sizes and all laws that meet the",
        "assumptions; exact models are examples; simulated networks are measured, with a stated error rate.",
        "",
        "| theorem | claim | verdict | exact models that agree | simulated |",
        "| --- | --- | --- | --- | --- |",
        *(_row(r) for r in reports),
        "",
        "The note that this project started from, [statement by statement](the-note.md).",
        "",
        f"Papers, courses, documentation and code of others, true and false: [{MUSEUM_TITLE}]({MUSEUM}.md).",
        "",
        f"Outside the language of derivations: [{TITLE}]({NAME}.md), derived by SymPy and computed in exact fractions.",
        "",
        f"Measured, not proved: [{TRAINING_TITLE}]({TRAINING}.md), on networks that are trained.",
        "",
        "`python -m derive check .` in this folder decides every link again and compares every text.",
    ]
    return enclosed("summary", "README", "\n".join(lines))


def _row(report: Report) -> str:
    same = sum(m.holds for m in report.exact)
    exact = f"{same} of {len(report.exact)}" if report.exact else "none"
    simulated = report.simulated.verdict if report.simulated else "none"
    title = f"[{report.title}]({report.name}.md)"
    return f"| {title} | ${_short(report)}$ | **{report.verdict.verdict}** | {exact} | {simulated} |"


def _short(report: Report) -> str:
    claim, found = report.theorem.claim, report.verdict.found
    if isinstance(claim, th.Find) and found is not None:
        return rf"{term_latex(claim.target)} = {term_latex(parse_term(found))}"
    if isinstance(claim, th.Equivalence) and report.question is not None:
        return relation_latex(claim.right)
    return claim_latex(claim)


def claim_line(report: Report) -> str:
    """The claim as text, with the answer of a ``find``."""
    found = report.verdict.found
    return claim_text(report.theorem.claim) + (f"  ->  {found}" if found is not None else "")
