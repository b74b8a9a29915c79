"""The section on what stands beside the theorem: corollaries and false statements, each with its block."""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.latex import claim_latex, relation_latex, term_latex
from derive.language.parser import parse_term
from derive.language.printer import theorem_text
from derive.language.theorem import Find, Relation
from derive.report.objections import objections
from derive.report.values import Aside, Report


def asides(report: Report) -> Iterator[str]:
    """The section's lines."""
    yield "## Beside it"
    for aside in report.beside:
        if aside.prose:
            yield from ("", aside.prose)
        yield from ("", "$$", _latex(aside), "$$", "")
        yield from (f"```derive {aside.expected}".removesuffix(" proved"), theorem_text(aside.theorem).rstrip(), "```")
        yield from ("", f"Verdict: **{aside.verdict.verdict}**.{_unexpected(aside)}")
        for step in aside.verdict.steps:
            yield from objections(step)
        if aside.verdict.message:
            yield f"{aside.verdict.message[:1].upper()}{aside.verdict.message[1:]}."
    if report.closing:
        yield from ("", report.closing)


def _latex(aside: Aside) -> str:
    claim, found = aside.theorem.claim, aside.verdict.found
    if not isinstance(claim, Find):
        return claim_latex(claim)
    answer = relation_latex(Relation((claim.target, parse_term(found)), ("=",))) if found is not None else "?"
    asked = rf"\text{{which }} {term_latex(claim.target)} \text{{ gives }} {relation_latex(claim.relation)}"
    return rf"{asked}: \quad {answer}"


def _unexpected(aside: Aside) -> str:
    met = aside.verdict.verdict == aside.expected
    return "" if met else f" **The library says that it should be {aside.expected}.**"
