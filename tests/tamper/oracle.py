"""What the referee says of a changed document: explicit finite models, enumerated; the kernel is not asked.

A document is called false if one of its theorems has a claim that fails in a model of its givens, or a link that fails
in a model of what the link may use. Which givens a link may use is read off here again.
"""

from __future__ import annotations

from derive.language import theorem as th
from derive.language.document import Statement, read_document
from derive.language.problem import Problem, Step
from derive.language.terms import Term
from derive.referee import search

EFFORT = 3_000  # outcomes that may be enumerated for a claim or link: what is true is tried that long, too


def falsehood(data: bytes, *, effort: int = EFFORT) -> str | None:
    """The first claim or link of a document that fails in a model, or None."""
    for part in read_document(data.decode("utf-8", errors="replace")):
        if isinstance(part, Statement):
            found = _false_in(part.problem, effort)
            if found is not None:
                return f"{part.name}: {found}"
    return None


def _false_in(problem: Problem, effort: int) -> str | None:
    everything = frozenset(range(len(problem.givens)))
    for step in _claims(problem.claim):
        if search(problem, step, everything, effort=effort) is not None:
            return f"the claim fails: {step.text}"
    for step in problem.steps:
        allowed = everything if step.cited is None or step.theorems else step.cited
        active = frozenset(k for k in everything if k in allowed or not problem.givens[k].removable)
        if search(problem, step, active, effort=effort) is not None:
            return f"link {step.index} fails: {step.text}"
    return None


def _claims(claim: th.Claim) -> list[Step]:
    """The comparisons and equivalences that a claim consists of."""
    match claim:
        case th.Show(relation=relation):
            return [_step(a, o, b) for a, o, b in relation.pairs()]
        case th.Equivalence(left=left, right=right):
            return [_step(left, "iff", right)]
        case th.Conjunction(claims=claims):
            return [step for each in claims for step in _claims(each)]
        case th.Find():
            return []


def _step(left: Term | th.Relation, operator: str, right: Term | th.Relation) -> Step:
    return Step(1, operator, left, right, None, None, f"a side {operator} the other", "", -1)
