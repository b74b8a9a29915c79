"""The claim of a theorem that is cited, as a lemma: what it says here, and whether a link follows from it.

It serves as a fact beside the givens, as an equivalence one side of which is known, or as the link itself up to what
the kernel equates. An equation or inequality between moments is tried first as it stands, by algebra that does not look
into them: that is what a citation mostly is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, product
from typing import Any

from derive.citations import Unmet, everything, hold
from derive.kernel.judge import Outcome, judge
from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.instance import Instance
from derive.language.printer import relation_text
from derive.language.problem import Assumption, Problem, Step
from derive.language.terms import (
    FUNCTIONALS,
    Apply,
    Big,
    Conditional,
    Entry,
    Name,
    Num,
    Pow,
    Recip,
    Term,
    children,
    rebuild,
    substitute,
    walk,
)

MOST_VALUES = 16  # ways of giving values to a claim's free indices, beside its facts that speak of all of them

Side = Term | th.Relation
Claim = tuple[Side, str, Side]


def claims_here(instance: Instance, claims: tuple[Claim, ...], problem: Problem) -> tuple[Claim, ...] | Unmet:
    """The comparisons and equivalences that a proved theorem states, said of the images."""
    said: list[Claim] = []
    for left, operator, right in claims:
        terms = [t for side in (left, right) for t in (side.terms if isinstance(side, th.Relation) else (side,))]
        if not all(_limit_is_safe(instance, size, problem) for size in _limits(terms)):
            return Unmet("", "something here depends on what goes to infinity in its claim")
        try:
            said.append((_side(instance, left), operator, _side(instance, right)))
        except LanguageError as reason:
            return Unmet("", reason.message)
    return tuple(said)


def _side(instance: Instance, side: Side) -> Side:
    return instance.relation(side) if isinstance(side, th.Relation) else instance.term(side)


def _limits(terms: list[Term]) -> set[str]:
    found = [t.args[1] for term in terms for t in walk(term) if isinstance(t, Apply) and t.function == "limit"]
    return {t.name for t in found if isinstance(t, Name)}


def _limit_is_safe(instance: Instance, size: str, problem: Problem) -> bool:
    """Whether all but the size itself stays as it is while it grows: then the limit there is the limit here."""
    image = instance.sizes[size]
    if not isinstance(image, str) or list(instance.sizes.values()).count(image) > 1:
        return False
    terms = [*instance.constants.values(), *(i.body for i in instance.images.values())]
    for given in problem.givens:
        match given.item:
            case th.Relation(terms=more) | th.Law(args=more) | th.Recurrence(relation=th.Relation(terms=more)):
                terms += more
            case _:
                pass
    return not any(t == Name(image) for term in terms for t in walk(term))


# --- what follows from it --------------------------------------------------------------------------------------------


def follows(problem: Problem, step: Step, claims: tuple[Claim, ...]) -> Outcome:
    """Whether the link follows from the givens of the problem, all of them, and the claims.

    By algebra alone, by the kernel without the claims, with them as further givens, as one of them read otherwise.
    """
    if by_algebra(problem, step, claims):
        return Outcome(True)
    plain = judge(problem, step.left, step.operator, step.right, everything(problem), method=step.method)
    if plain.proved or not claims:
        return plain
    facts = tuple(_facts(problem, claims))
    if facts:
        more = replace(problem, givens=(*problem.givens, *facts))
        outcome = judge(more, step.left, step.operator, step.right, everything(more), method=step.method)
        if outcome.proved:
            return outcome
    for claim in claims:
        for left, operator, right in _instances(problem, step, claim):
            found = _matched(problem, step, left, operator, right)
            if found is not None:
                return Outcome(True, facts=found)
    return plain


def by_algebra(problem: Problem, step: Step, claims: tuple[Claim, ...]) -> bool:
    """Whether the link follows from the claims by algebra with moments that are not looked into.

    Each moment is a number like any other. It is defined if it occurs in a claim, which is proved, or has no divisor,
    root or logarithm inside. No given is used.
    """
    claims = tuple(said for claim in claims for said in _instances(problem, step, claim))
    said = [t for claim in claims for side in (claim[0], claim[2]) for t in _terms(side)]
    here = [*_terms(step.left), *_terms(step.right)]
    if any(isinstance(t, Apply) and t.function == "limit" for term in (*said, *here) for t in walk(term)):
        return False
    defined = {t for term in said for t in _opaque(problem, term)}
    if not all(t in defined or _plainly_defined(t) for term in here for t in _opaque(problem, term)):
        return False
    numbers: dict[Term, str] = {}
    closed = [(_closed(problem, a, numbers), o, _closed(problem, b, numbers)) for a, o, b in claims]
    left, right = _closed(problem, step.left, numbers), _closed(problem, step.right, numbers)
    constants = {**problem.constants, **{name: th.Constant(name, "real", ()) for name in numbers.values()}}
    bare = replace(problem, families={}, constants=constants, givens=(), free={})
    if (left, step.operator, right) in closed:
        return True
    bare = replace(bare, givens=tuple(_facts(bare, tuple(closed))))
    return judge(bare, left, step.operator, right, everything(bare)).proved


def _terms(side: Side) -> tuple[Term, ...]:
    return side.terms if isinstance(side, th.Relation) else (side,)


def _is_opaque(problem: Problem, term: Term) -> bool:
    """Whether a term is a number that algebra does not look into; what is random has one in each outcome.

    A sum or product is one too: what stands in it under its index is not one number.
    """
    moment = isinstance(term, Apply) and term.function in FUNCTIONALS
    return moment or isinstance(term, Conditional | Entry | Big)


def _opaque(problem: Problem, term: Term) -> Iterator[Term]:
    if _is_opaque(problem, term):
        yield term
    else:
        for part in children(term):
            yield from _opaque(problem, part)


def _closed(problem: Problem, side: Any, numbers: dict[Term, str]) -> Any:
    """The side with its moments replaced by constants, the same one for equal moments."""
    if isinstance(side, th.Relation):
        return th.Relation(tuple(_closed(problem, t, numbers) for t in side.terms), side.operators)
    if _is_opaque(problem, side):
        return Name(numbers.setdefault(side, f"moment'{len(numbers)}"))
    return rebuild(side, lambda part: _closed(problem, part, numbers))


def _plainly_defined(term: Term) -> bool:
    """Whether there is nothing in a term that might not be defined."""
    for part in walk(term):
        if isinstance(part, Recip) or (isinstance(part, Apply) and part.function in {"sqrt", "log", "asin", "exp"}):
            return False
        if isinstance(part, Pow) and not (isinstance(part.exponent, Num) and part.exponent.value.denominator == 1):
            return False
    return True


def _facts(problem: Problem, claims: tuple[Claim, ...]) -> Iterator[Assumption]:
    """The claims as givens; of an equivalence one side once the other one is proved."""
    for left, operator, right in claims:
        if isinstance(left, th.Relation) and isinstance(right, th.Relation):
            for known, other in ((left, right), (right, left)):
                if _plain(other) and hold(problem, known) is not None:
                    yield _assumed(other)
        elif not isinstance(left, th.Relation) and not isinstance(right, th.Relation):
            relation = th.Relation((left, right), (operator,))
            if _plain(relation):
                yield _assumed(relation)


def _assumed(relation: th.Relation) -> Assumption:
    return Assumption(relation, relation_text(relation), removable=False, at=-1)


def _plain(relation: th.Relation) -> bool:
    """Whether it may stand among givens: not random, and no limit."""
    parts = [t for term in relation.terms for t in walk(term)]
    limit = any((isinstance(t, Apply) and t.function == "limit") or t == Name("infinity") for t in parts)
    return not limit and not any(isinstance(t, Conditional) for t in parts)


def _matched(problem: Problem, step: Step, left: Side, operator: str, right: Side) -> tuple[str, ...] | None:
    """The facts on which it leans that the link is the claim, read in either direction where it is an equation."""
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator, operator)
    weaker = {"<": {"<", "<="}, "<=": {"<="}, ">": {">", ">="}, ">=": {">="}, "=": {"=", "<=", ">="}, "iff": {"iff"}}
    for a, relation, b in ((left, operator, right), (right, turned, left)):
        if step.operator in weaker[relation]:
            first = _same(problem, step.left, a)
            second = _same(problem, step.right, b) if first is not None else None
            if first is not None and second is not None:
                return tuple(sorted({*first, *second}))
    return None


def _same(problem: Problem, a: Side, b: Side) -> tuple[str, ...] | None:
    if a == b:
        return ()
    if isinstance(a, th.Relation) != isinstance(b, th.Relation):
        return None
    outcome = judge(problem, a, "iff" if isinstance(a, th.Relation) else "=", b, everything(problem))
    return outcome.facts if outcome.proved else None


def _instances(problem: Problem, step: Step, claim: Claim) -> Iterator[Claim]:
    """The claim as it is, then at the indices that the link has: it holds at every value of its free indices."""
    yield claim
    names = sorted(n for n in _indices(claim[0]) | _indices(claim[2]) if n in problem.free)
    there = {*_labels(step.left), *_labels(step.right)}
    values = [sorted((t for t in there if _may_be(problem, n, t)), key=repr) for n in names]
    for chosen in islice(product(*values), MOST_VALUES):
        at = dict(zip(names, chosen, strict=True))
        if at:
            yield _put(claim[0], at), claim[1], _put(claim[2], at)


def _may_be(problem: Problem, name: str, label: Term) -> bool:
    high = problem.free[name]
    if isinstance(label, Num):
        least = high if isinstance(high, int) else problem.sizes[high]
        return 1 <= label.value <= least
    return isinstance(label, Name) and problem.free.get(label.name) == high


def _indices(side: Side) -> set[str]:
    return {t.name for t in _labels(side) if isinstance(t, Name)}


def _labels(side: Side) -> set[Term]:
    terms = side.terms if isinstance(side, th.Relation) else (side,)
    return {i for term in terms for t in walk(term) if isinstance(t, Entry) for i in t.indices}


def _put(side: Side, values: Mapping[str, Term]) -> Side:
    if isinstance(side, th.Relation):
        return th.Relation(tuple(substitute(t, values) for t in side.terms), side.operators)
    return substitute(side, values)
