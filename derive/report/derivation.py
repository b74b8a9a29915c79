"""A theorem's claim, assumptions and derivation as Markdown: what reports and explanations have in common."""

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
from derive.language.printer import justification_text
from derive.language.terms import Term
from derive.report.markup import code, message, prose
from derive.report.objections import objections
from derive.report.words import counted, link_words, steps_text
from derive.verdict import StepVerdict, TheoremVerdict


def _display(latex: str) -> Iterator[str]:
    yield from ("", "$$", latex, "$$", "")


def claim(theorem: th.Theorem, verdict: TheoremVerdict, question: th.Find | None = None) -> Iterator[str]:
    """The claim as a formula, with its definitions; a ``find`` with its question and its answer."""
    question = theorem.claim if isinstance(theorem.claim, th.Find) else question
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


def assumptions(theorem: th.Theorem, verdict: TheoremVerdict) -> Iterator[str]:
    """A table of the givens: as written, in words, and which links use them."""
    if not theorem.givens:
        yield "None."
        return
    yield "| | assumption | that is | used |"
    yield "| --- | --- | --- | --- |"
    for k, given in enumerate(theorem.givens, 1):
        yield f"| {k} | {code(given.text)} | {item_markdown(given.item)} | {_used(given, verdict.steps)} |"


def _used(given: th.Given, steps: tuple[StepVerdict, ...]) -> str:
    where = [s.index for s in steps if given.text in s.uses]
    if where:
        return steps_text(where)
    if isinstance(given.item, th.Family | th.Constant | th.Recurrence):
        return "declaration"
    return "**not used**" if all(s.verdict == "proved" for s in steps) else "by no step that is proved"


# --- the derivation ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link as it is shown: its formula and what its author said of it.

    sides: of a link in a chain, its left side, and its sign with its right side.
    """

    latex: str
    reason: str
    sides: tuple[str, str] | None = None


def derivation(theorem: th.Theorem, verdict: TheoremVerdict, *, placed: bool = False) -> Iterator[str]:
    """Each link with its formula, its verdict and what is to be said of it; ``placed``: with its text and its line."""
    numbers = {g.text: k for k, g in enumerate(theorem.givens, 1)}
    for shown, step in zip(shown_links(theorem, verdict), verdict.steps, strict=True):
        reason = f": {shown.reason}" if shown.reason else ""
        place = f", line {step.line}, {code(link_words(step))}" if placed else ""
        yield from ("", f"**Step {step.index}**{place}{reason}")
        yield from _display(shown.latex)
        yield f"{_uses(step, numbers)}Verdict: **{step.verdict}**."
        yield from objections(step)
    if verdict.message:
        yield from ("", f"Message: {message(verdict.message)}")
    for warning in verdict.warnings:
        yield from ("", f"Warning: {message(warning)}")


def shown_links(theorem: th.Theorem, verdict: TheoremVerdict) -> list[ShownLink]:
    """The links in LaTeX, one for each step of the verdict."""
    steps = verdict.steps
    if theorem.proof is not None:
        places = [theorem.proof.start, *(link.to for link in theorem.proof.links)]
        links = zip(places, theorem.proof.links, places[1:], strict=False)
        return [_chained(a, link.operator, b, _reason(link.remark, link.by)) for a, link, b in links]
    if isinstance(theorem.claim, th.Find):
        places = [theorem.claim.relation, *(parse_step(s.text) for s in steps)]
        links = zip(places, steps, places[1:], strict=False)
        return [_chained(a, s.operator, b, _reason(s.remark, None)) for a, s, b in links]
    claims = _single(theorem.claim)
    whole = claims if len(claims) == len(steps) else [claim_latex(theorem.claim)] * len(steps)
    return [ShownLink(latex, _reason(s.remark, theorem.by)) for latex, s in zip(whole, steps, strict=True)]


def _chained(left: Term | th.Relation, operator: str, right: Term | th.Relation, reason: str) -> ShownLink:
    room = r" \quad" if operator == "iff" else ""
    sides = step_latex(left), f"{operator_latex(operator)}{room} {step_latex(right)}"
    return ShownLink(_link(left, operator, right), reason, sides)


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
    said = [prose(remark)] if remark else []
    if by is not None:
        said.append(code(justification_text(by)))
    return ", ".join(said)


def _uses(step: StepVerdict, numbers: dict[str, int]) -> str:
    """What a link that is proved uses; of any other nothing is known."""
    if step.verdict != "proved":
        return ""
    used = [f"({numbers[u]}) {code(u)}" if u in numbers else code(u) for u in step.uses]
    leaned = f" Leans on {', '.join(step.facts)}." if step.facts else ""
    return (f"Uses {', '.join(used)}." if used else "Uses no assumption.") + leaned + " "


def decided(steps: tuple[StepVerdict, ...]) -> str:
    """``5 links: 4 proved, 1 refuted``."""
    counts = {word: sum(s.verdict == word for s in steps) for word in ("proved", "refuted", "unknown", "error")}
    said = [f"{count} {word}" for word, count in counts.items() if count]
    return f"{counted(len(steps), 'link')}: {', '.join(said)}" if said else "nothing decided"
