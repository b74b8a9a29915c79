"""Checkers: the one that is under test, and five that have to fail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import cache
from typing import Any, Protocol

from derive.inputs import check_inputs, read_input
from derive.kernel.judge import judge as kernel_judge
from derive.language.document import Malformed, Statement, read_bytes, read_document
from derive.language.printer import theorem_text
from derive.report.check import Tools
from derive.report.envelope import damage, envelope_of
from derive.report.note import Judge
from derive.verdict import EXIT_STATUS, TheoremVerdict, exit_status
from derive.wiring import tools
from tests.tamper.subjects import Document, as_document, generated, statements


class Checker(Protocol):
    """Says ``proved``, ``refuted``, ``unknown`` or ``error`` of a file; ``proved`` is what is called accepted."""

    def __call__(self, document: Document) -> str: ...


def remembering(function: Callable[..., Any], key: Callable[..., Hashable]) -> Callable[..., Any]:
    """The function with its values kept by a key that holds all that they depend on."""
    known: dict[Hashable, Any] = {}

    def remembered(*args: Any) -> Any:
        k = key(*args)
        if k not in known:
            known[k] = function(*args)
        return known[k]

    return remembered


def _said(statement: Statement) -> tuple[str, ...]:
    """Its text, and those of the theorems of the document that it may cite."""
    siblings = (s.text for s in statement.siblings.values() if isinstance(s, Statement))
    return statement.text, *(siblings if " by theorem " in statement.text else ())


def remembering_tools(real: Tools) -> Tools:
    """The same tools, which work once for each exact text: the hundred thousand changes of a report ask the same."""
    return Tools(
        judge=remembering(real.judge, lambda s, _: _said(s)),  # where it stands is said in messages only
        exact=remembering(real.exact, lambda s, verdict: (*_said(s), verdict.verdict, verdict.found)),
        library=remembering(real.library, lambda name: name),
        ablate=remembering(real.ablate, _said),
        fact=remembering(real.fact, lambda name: name),
        prove=remembering(real.prove, theorem_text),
        published=remembering(real.published, lambda name: name),
        symmetry=remembering(real.symmetry, lambda: None),
        museum=remembering(real.museum, lambda: None),
        why=remembering(real.why, lambda name, simulated: (name, simulated)),
    )


def hasty(full: Judge) -> Judge:
    """The judge asked in full only where the kernel proves every link; what it does not prove is called unknown.

    Nothing can be accepted that way that the full judge refuses. It spares the search for models and for what is
    missing, which explain a refusal and take most of its time.
    """

    def judge(statement: Statement, file: str) -> TheoremVerdict:
        problem = statement.problem
        if any(step.theorems for step in problem.steps):  # which the kernel alone cannot look up
            return full(statement, file)
        for step in problem.steps:
            kept = frozenset(
                k for k, g in enumerate(problem.givens) if step.cited is None or k in step.cited or not g.removable
            )
            part = replace(problem, givens=tuple(g for k, g in enumerate(problem.givens) if k in kept))
            everything = frozenset(range(len(part.givens)))
            if not kernel_judge(part, step.left, step.operator, step.right, everything, method=step.method).proved:
                return TheoremVerdict(file, statement.name, "unknown")
        return full(statement, file)

    return judge


class Check:
    """``python -m derive check FILE`` as it is, in this process; its word is that of the exit status.

    Of documents one in twenty is judged in full, whatever comes of it, the others hastily.
    """

    def __init__(self, given: Tools) -> None:
        self.tools = given
        self.hasty = replace(given, judge=hasty(given.judge))

    def __call__(self, document: Document) -> str:
        item = read_input(document.path, document.data)
        in_full = b"<!-- derive" in document.data or hashlib.sha256(document.data).digest()[0] % 20 == 0
        status = exit_status(list(check_inputs(iter([item]), self.tools if in_full else self.hasty)))
        return next(word for word, each in EXIT_STATUS.items() if each == status)


@cache
def check() -> Check:
    """The checker of the project."""
    return Check(remembering_tools(tools()))


# --- those that have to fail ---------------------------------------------------------------------------------------


def always_accept(_: Document) -> str:
    return "proved"


def always_refuse(_: Document) -> str:
    return "refuted"


def always_unknown(_: Document) -> str:
    return "unknown"


def parse_only(document: Document) -> str:
    """Whatever is well-formed is right."""
    text = read_bytes(document.data)
    if isinstance(text, Malformed):
        return "error"
    parts = read_document(text)
    generated_without_block = envelope_of(text) is not None and "```derive" not in text
    return "proved" if generated_without_block or all(isinstance(p, Statement) for p in parts) else "error"


@cache
def _known() -> frozenset[str]:
    documents = [*generated(), *(as_document(theorem_text(s.theorem)) for s in statements())]
    return frozenset(hashlib.sha256(d.data.rstrip(b"\r\n")).hexdigest() for d in documents)


def known_hashes_only(document: Document) -> str:
    """Right is what was seen before, and nothing else."""
    return "proved" if hashlib.sha256(document.data.rstrip(b"\r\n")).hexdigest() in _known() else "refuted"


def own_hashes_only(document: Document) -> str:
    """Right is what bears the digest of its own text; a document bears none, and has to be well-formed."""
    text = read_bytes(document.data)
    if isinstance(text, Malformed):
        return "error"
    if envelope_of(text) is None:
        return parse_only(document)
    return "proved" if damage(text) is None else "refuted"


CONTROLS: dict[str, Checker] = {
    "always accept": always_accept,
    "always refuse": always_refuse,
    "always unknown": always_unknown,
    "parse only": parse_only,
    "compare known hashes only": known_hashes_only,
    "compare their own hashes only": own_hashes_only,
}
