"""The library's derivations, decided here and now, as HTML: formulas are MathML, which browsers draw by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from derive import library, wiring
from derive.language.latex import claim_latex, definition_latex, item_markdown
from derive.report.derivation import ShownLink, shown_links
from derive.report.written_out import answered, with_proof
from derive.verdict import StepVerdict, TheoremVerdict

_ITALIC, _UPRIGHT = "<mi>&#x00045;</mi>", '<mi mathvariant="normal">E</mi>'  # the mean, which the converter slants
_FORMULA = re.compile(r"\$([^$]+)\$")


@dataclass(frozen=True, slots=True)
class Link:
    """One link: its formula, its author's reason, its verdict, the givens it uses and the facts it leans on.

    A link in a chain goes on where the one before it ended: it has the sign with its right side only, and the first one
    also says where the chain begins.
    """

    start: str
    formula: str
    reason: str
    verdict: str
    uses: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """A statement beside a theorem, true or false: what is said before it, what it claims, and its verdict."""

    prose: str
    claim: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One theorem of the library; every text but names, verdicts and givens is HTML."""

    name: str
    title: str
    prose: str
    verdict: str
    claim: str
    definitions: tuple[str, ...]
    givens: tuple[str, ...]
    links: tuple[Link, ...]
    beside: tuple[Beside, ...]
    closing: str


def proofs() -> Iterator[Proof]:
    """All theorems, in the order of their names, each decided as ``python -m derive show`` does."""
    tools, html = wiring.tools(), _writer()
    for document in library.load():
        statement = with_proof(document, wiring.prove)
        verdict = answered(tools.judge(statement, document.file), statement, document)
        theorem = statement.theorem
        links = zip(shown_links(theorem, verdict), verdict.steps, strict=True)
        yield Proof(
            name=document.name,
            title=document.title,
            prose=html.blocks(document.prose),
            verdict=verdict.verdict,
            claim=html.display(claim_latex(theorem.claim)),
            definitions=tuple(html.formula(definition_latex(d)) for d in theorem.definitions),
            givens=tuple(html.line(item_markdown(g.item)) for g in theorem.givens),
            links=tuple(_link(html, shown, step) for shown, step in links),
            beside=tuple(_beside(html, c, tools.judge(c.statement, document.file)) for c in document.beside),
            closing=html.blocks(document.closing),
        )


def _beside(html: _Html, companion: library.Companion, verdict: TheoremVerdict) -> Beside:
    claim = companion.statement.theorem.claim
    return Beside(html.blocks(companion.prose), html.display(claim_latex(claim)), verdict.verdict)


def _link(html: _Html, shown: ShownLink, step: StepVerdict) -> Link:
    left, formula = ("", shown.latex) if shown.sides is None else shown.sides
    start = html.display(left) if left and step.index == 1 else ""
    return Link(start, html.display(formula), html.line(shown.reason), step.verdict, step.uses, step.facts)


@dataclass(frozen=True, slots=True)
class _Html:
    """Markdown by markdown-it, formulas by latex2mathml."""

    markdown: Any
    convert: Callable[..., str]

    def blocks(self, text: str) -> str:
        """Paragraphs."""
        return self._with_formulas(self.markdown.render, text)

    def line(self, text: str) -> str:
        """What stands in a line."""
        return self._with_formulas(self.markdown.renderInline, text)

    def formula(self, latex: str) -> str:
        """A formula in a line."""
        text = self.convert(latex).replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")
        return text.replace(_ITALIC, _UPRIGHT)

    def display(self, latex: str) -> str:
        """A formula on its own."""
        return self.formula(latex).replace('display="inline"', 'display="block"', 1)

    def _with_formulas(self, render: Callable[[str], str], text: str) -> str:
        """Formulas are kept from Markdown, which would take their underscores for emphasis."""
        found: list[str] = []

        def kept(match: re.Match[str]) -> str:
            found.append(self.formula(match[1]))
            return f"\ue000{len(found) - 1}\ue001"

        html = render(_FORMULA.sub(kept, text))
        return re.sub("\ue000(\\d+)\ue001", lambda m: found[int(m[1])], html)


def _writer() -> _Html:
    markdown = import_module("markdown_it").MarkdownIt("commonmark", {"html": False})
    return _Html(markdown, import_module("latex2mathml.converter").convert)
