"""A report as Markdown: a pure function of a ``Report``; the same value gives the same text everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from derive.language import theorem as th
from derive.language.latex import (
    claim_latex,
    definition_latex,
    item_markdown,
    operator_latex,
    relation_latex,
    step_latex,
    term_latex,
)
from derive.language.parser import parse_step, parse_term
from derive.language.printer import claim_text, justification_text, theorem_text
from derive.language.terms import Term
from derive.report.asides import asides
from derive.report.envelope import enclosed
from derive.report.objections import objections
from derive.report.purposes import purposes
from derive.report.symmetry import NAME, TITLE
from derive.report.values import ExactModel, Report, Simulated, seal
from derive.report.words import MEANING, counted, steps_text
from derive.verdict import StepVerdict

SEAL = "<!-- simulated evidence: "


def write(report: Report) -> str:
    """The report's text."""
    sections = [_head(report), _claim(report), _assumptions(report), _derivation(report), purposes(report)]
    sections += [_facts(report)] if report.facts else []
    sections += [asides(report)] if report.beside or report.closing else []
    sections += [_evidence(report), _again(report)]
    return enclosed("report", report.name, "\n\n".join("\n".join(lines) for lines in map(list, sections)))


def _display(latex: str) -> Iterator[str]:
    yield from ("", "$$", latex, "$$", "")


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
    yield f"| the claim | **{verdict.verdict}**: {MEANING[verdict.verdict]}; {_decided(verdict.steps)} |"
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


def _decided(steps: tuple[StepVerdict, ...]) -> str:
    counts = {word: sum(s.verdict == word for s in steps) for word in ("proved", "refuted", "unknown", "error")}
    said = [f"{count} {word}" for word, count in counts.items() if count]
    return f"{counted(len(steps), 'link')}: {', '.join(said)}" if said else "nothing decided"


def _claim(report: Report) -> Iterator[str]:
    theorem, verdict = report.theorem, report.verdict
    yield "## Claim"
    question = theorem.claim if isinstance(theorem.claim, th.Find) else report.question
    if question is not None:
        yield from ("", f"Which ${term_latex(question.target)}$ gives ${relation_latex(question.relation)}$?")
    if not isinstance(theorem.claim, th.Find):
        yield from _display(claim_latex(theorem.claim))
    elif verdict.found is not None:
        answer = th.Relation((theorem.claim.target, parse_term(verdict.found)), ("=",))
        yield from _display(_link(theorem.claim.relation, "iff", answer))
    for k, definition in enumerate(theorem.definitions):
        lead = "where" if k == 0 else "and"
        yield f"{lead} ${definition_latex(definition)}${'.' if _last(k, theorem) else ','}"


def _last(k: int, theorem: th.Theorem) -> bool:
    return k == len(theorem.definitions) - 1


def _assumptions(report: Report) -> Iterator[str]:
    yield "## Assumptions"
    yield ""
    if not report.theorem.givens:
        yield "None."
        return
    yield "| | assumption | that is | used |"
    yield "| --- | --- | --- | --- |"
    for k, given in enumerate(report.theorem.givens, 1):
        yield f"| {k} | `{given.text}` | {item_markdown(given.item)} | {_used(given, report.verdict.steps)} |"


def _used(given: th.Given, steps: tuple[StepVerdict, ...]) -> str:
    where = [s.index for s in steps if given.text in s.uses]
    if where:
        return steps_text(where)
    return "declaration" if isinstance(given.item, th.Family | th.Constant) else "**not used**"


# --- the derivation ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shown:
    """A link as it is shown: its formula, and what its author said of it."""

    latex: str
    reason: str


def _derivation(report: Report) -> Iterator[str]:
    yield "## Derivation"
    numbers = {g.text: k for k, g in enumerate(report.theorem.givens, 1)}
    steps = report.verdict.steps
    for shown, step in zip(_shown(report), steps, strict=True):
        reason = f": {shown.reason}" if shown.reason else ""
        yield from ("", f"**Step {step.index}**{reason}")
        yield from _display(shown.latex)
        yield f"{_uses(step, numbers)} Verdict: **{step.verdict}**."
        yield from objections(step)
    if report.verdict.message:
        yield from ("", f"Message: {report.verdict.message}")
    for warning in report.verdict.warnings:
        yield from ("", f"Warning: {warning}")


def _shown(report: Report) -> list[_Shown]:
    theorem, steps = report.theorem, report.verdict.steps
    if theorem.proof is not None:
        places = [theorem.proof.start, *(link.to for link in theorem.proof.links)]
        links = zip(places, theorem.proof.links, places[1:], strict=False)
        return [_Shown(_link(a, link.operator, b), _reason(link.remark, link.by)) for a, link, b in links]
    if isinstance(theorem.claim, th.Find):
        places = [theorem.claim.relation, *(parse_step(s.text) for s in steps)]
        links = zip(places, steps, places[1:], strict=False)
        return [_Shown(_link(a, s.operator, b), _reason(s.remark, None)) for a, s, b in links]
    claims = _single(theorem.claim)
    whole = claims if len(claims) == len(steps) else [claim_latex(theorem.claim)] * len(steps)
    return [_Shown(latex, _reason(s.remark, theorem.by)) for latex, s in zip(whole, steps, strict=True)]


def _single(claim: th.Claim) -> list[str]:
    match claim:
        case th.Show(relation=relation):
            return [f"{term_latex(a)} {operator_latex(o)} {term_latex(b)}" for a, o, b in relation.pairs()]
        case th.Conjunction(claims=claims):
            return [text for c in claims for text in _single(c)]
        case _:
            return [claim_latex(claim)]


def _link(left: Term | th.Relation, operator: str, right: Term | th.Relation) -> str:
    sign = operator_latex(operator)
    if operator == "iff":
        sign = rf"\quad{sign}\quad"
    return f"{step_latex(left)} {sign} {step_latex(right)}"


def _reason(remark: str, by: th.Justification | None) -> str:
    said = [remark] if remark else []
    if by is not None:
        said.append(f"`{justification_text(by)}`")
    return ", ".join(said)


def _uses(step: StepVerdict, numbers: dict[str, int]) -> str:
    if not step.uses and not step.facts:
        return "Uses no assumption."
    used = [f"({numbers[u]}) `{u}`" if u in numbers else f"`{u}`" for u in step.uses]
    leaned = f" Leans on {', '.join(step.facts)}." if step.facts else ""
    return (f"Uses {', '.join(used)}." if used else "Uses no assumption.") + leaned


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
        f"Outside the language of derivations: [{TITLE}]({NAME}.md), derived by SymPy and computed in exact fractions.",
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
