"""Exact finite models of a theorem: the referee draws them, checks each given in them, and computes both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.language.document import Malformed, Statement, read_document
from derive.language.parser import parse_term
from derive.language.printer import item_text, theorem_text
from derive.language.problem import Problem
from derive.language.terms import Term
from derive.language.theorem import Conjunction, Equivalence, Find, Given, Relation, Show, Theorem
from derive.referee import Model, random_models
from derive.referee.algebra import Ball, Exact, TooLarge, Unusable
from derive.referee.evaluate import true, value
from derive.referee.program import assignments
from derive.referee.show import shown
from derive.report.values import ExactModel
from derive.report.words import counterexample_words
from derive.verdict import TheoremVerdict

SEED = 1
MOST = 4
BATCHES = 4
LONGEST = 240  # characters of a description; larger models are left out


def exact_models(statement: Statement, verdict: TheoremVerdict) -> tuple[ExactModel, ...]:
    """Both sides of the claim in a few finite models, the same on every machine."""
    theorem = _answered(statement.theorem, verdict.found)
    problem = _problem(theorem)
    if problem is None:
        return ()
    found: list[ExactModel] = []
    for model in _drawn(theorem, problem):
        example = _shown(problem, model)
        if example is not None and _adds(example, found):
            found.append(example)
        if len(found) == MOST:
            break
    return tuple(found)


def _adds(example: ExactModel, found: list[ExactModel]) -> bool:
    """Whether a reader sees something new: another value, not zero; of an equivalence both cases."""
    same = sum(e.left == example.left for e in found)
    if example.left in {"true", "false"}:
        return same < MOST // 2 and example.description not in {e.description for e in found}
    return not same and example.left != "0"


def _answered(theorem: Theorem, found: str | None) -> Theorem:
    """The theorem without its proof; a ``find`` that was answered becomes the equivalence."""
    claim = theorem.claim
    if isinstance(claim, Find) and found is not None:
        claim = Equivalence(claim.relation, Relation((claim.target, parse_term(found)), ("=",)))
    return replace(theorem, claim=claim, by=None, proof=None)


def _problem(theorem: Theorem) -> Problem | None:
    read = read_document(f"```derive\n{theorem_text(theorem)}```\n")[0]
    return None if isinstance(read, Malformed) else read.problem


def _drawn(theorem: Theorem, problem: Problem) -> Iterator[Model]:
    """Models of the givens; for an equivalence, first some in which its right side holds."""
    if isinstance(theorem.claim, Equivalence):
        extra = Given(theorem.claim.right, item_text(theorem.claim.right), -1)
        narrower = _problem(replace(theorem, givens=(*theorem.givens, extra)))
        if narrower is not None:
            yield from random_models(narrower, _active(narrower), seed=SEED, count=MOST // 2)
    for batch in range(BATCHES):
        yield from random_models(problem, _active(problem), seed=SEED + batch, count=MOST)


def _active(problem: Problem) -> frozenset[int]:
    return frozenset(k for k, given in enumerate(problem.givens) if given.removable)


def _shown(problem: Problem, model: Model) -> ExactModel | None:
    """The claim's sides in a model, or None where they are not exact or the model is too long to read."""
    *words, _ = counterexample_words(shown(problem, model, (0, 0)))
    description = "; ".join(words)
    if len(description) > LONGEST:  # before both sides are worked out, which takes long in large models
        return None
    try:
        sides = _sides(problem, model)
        holds = sides is not None and _holds(problem, model, sides)
    except (TooLarge, Unusable):
        return None
    if sides is None or any(isinstance(side, Ball) for side in sides):
        return None
    example = shown(problem, model, sides)
    return ExactModel(description, str(example.left), str(example.right), holds=holds)


def _holds(problem: Problem, model: Model, sides: tuple[Exact | Ball | bool, Exact | Ball | bool]) -> bool:
    """Whether the claim is true in the model: an inequality may be where its ends differ."""
    claim = problem.claim.claims[0] if isinstance(problem.claim, Conjunction) else problem.claim
    if not isinstance(claim, Show) or set(claim.relation.operators) == {"="}:
        return sides[0] == sides[1]
    return true(claim.relation, _values(problem, model, claim.relation.terms)) is True


def _sides(problem: Problem, model: Model) -> tuple[Exact | Ball | bool, Exact | Ball | bool] | None:
    claim = problem.claim.claims[0] if isinstance(problem.claim, Conjunction) else problem.claim
    match claim:
        case Show(relation=Relation(terms=(left, *_, right))):
            a, b = _values(problem, model, (left, right))
            return a, b
        case Equivalence(left=one, right=other):
            values = _values(problem, model, (*one.terms, *other.terms))
            a, b = true(one, values[: len(one.terms)]), true(other, values[len(one.terms) :])
            return None if a is None or b is None else (a, b)
        case _:
            return None


def _values(problem: Problem, model: Model, terms: tuple[Term, ...]) -> list[Exact | Ball]:
    """The values at the first values of the free indices."""
    indices = assignments(problem, model.sizes, *terms)[0]
    return [value(problem, model, term, indices) for term in terms]
