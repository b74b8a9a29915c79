"""Givens that nothing can meet: clashing facts, negative variances, false conditions."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace as replace_fields

from derive.kernel.facts import Contradiction, Theory, sure_cases, theory
from derive.kernel.functions import cleared
from derive.kernel.judge import difference
from derive.kernel.polynomial import Poly
from derive.kernel.roots import plainly_positive, positive_symbol
from derive.kernel.symbols import Scalar, Size, Unsupported
from derive.language import theorem as th
from derive.language.problem import Problem


def contradiction(problem: Problem) -> str | None:
    """Why no law can meet the givens, where that is seen: clashing facts, negative variances, false conditions.

    A law's moments may be too intricate to be compared with Var(W) = -1; so the givens are asked without laws too.
    """
    bare = replace_fields(problem, givens=tuple(g for g in problem.givens if not isinstance(g.item, th.Law)))
    return _contradicted(problem) or (_contradicted(bare) if bare != problem else None)


def _contradicted(problem: Problem) -> str | None:
    everything = frozenset(range(len(problem.givens)))
    try:
        known = theory(problem, everything)
        for name in problem.families:
            first = known.normalizer.normal(known.normalizer.moment(name, (("", 1),)))
            second = known.normalizer.normal(known.normalizer.moment(name, (("", 2),)))
            if _definitely_negative(problem, second - first * first):
                return f"the givens give {name} a negative variance"
        for poly in (*known.positive, *known.nonnegative):
            if not poly and poly in known.positive:
                return "a condition is false under the other givens"
            if _definitely_negative(problem, poly):
                return "a condition is false under the other givens"
        for relation in known.relations:
            if _definitely_negative(problem, relation) or _definitely_negative(problem, -relation):
                return "the givens contradict each other"
        for symbol, value in known.normalizer.rules.items():
            number = value.as_number()
            if isinstance(symbol, Size) and number is not None and number < problem.sizes[symbol.name]:
                return f"the givens make {symbol.name} smaller than an index asks for"
            if positive_symbol(problem, symbol) and (not value or _definitely_negative(problem, value)):
                return f"the givens make {_name(symbol)} negative or zero"
        return _false_facts(problem, known)
    except Contradiction as reason:
        return str(reason)
    except Unsupported:
        return None


def _name(symbol: Hashable) -> str:
    return symbol.name if isinstance(symbol, Size | Scalar) else "a root"


def _definitely_negative(problem: Problem, poly: Poly) -> bool:
    return bool(poly) and plainly_positive(problem, -cleared(poly)[0])


def _false_facts(problem: Problem, known: Theory) -> str | None:
    """Facts whose difference is a nonzero sign-definite polynomial of constants once the others are applied."""
    for given in problem.givens:
        if not isinstance(given.item, th.Relation):
            continue
        for left, operator, right in given.item.pairs():
            if operator != "=":
                continue
            for case in sure_cases(problem, (left, right)):
                top = difference(known, case[0], case[1]).difference.numerator
                if _definitely_negative(problem, top) or _definitely_negative(problem, -top):
                    return f"`{given.text}` contradicts the other givens"
    return None
