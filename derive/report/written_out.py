"""What a document of the library becomes in its report: the statement with its derivation, and the answer it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from derive.language.document import Malformed, Statement, read_document
from derive.language.printer import term_text, theorem_text
from derive.language.theorem import Equivalence, Find, Theorem
from derive.library import LibraryDocument
from derive.verdict import TheoremVerdict

Prover = Callable[[Theorem], Theorem | None]


def with_proof(document: LibraryDocument, prove: Prover) -> Statement:
    """The document's statement with its derivation written out where its author left it to the tool.

    A ``find`` becomes the equivalence that answers it.
    """
    theorem = document.statement.theorem
    proved = prove(theorem) if theorem.proof is None else None
    if proved is None:
        return document.statement
    text = theorem_text(proved)
    statement = read_document(f"```derive\n{text}```\n")[0]
    if isinstance(statement, Malformed):
        raise ValueError(f"the derivation written for {document.name} is not well-formed: {statement.text()}")
    return statement


def question(statement: Statement, ours: LibraryDocument) -> Find | None:
    """What the library asks, if the statement is the answer."""
    asked = ours.statement.theorem.claim
    return asked if isinstance(asked, Find) and not isinstance(statement.theorem.claim, Find) else None


def answered(verdict: TheoremVerdict, statement: Statement, ours: LibraryDocument) -> TheoremVerdict:
    """The verdict with what was found, if the statement is a proved answer to what the library asks."""
    claim = statement.theorem.claim
    if verdict.verdict != "proved" or question(statement, ours) is None or not isinstance(claim, Equivalence):
        return verdict
    return replace(verdict, found=term_text(claim.right.terms[-1]))
