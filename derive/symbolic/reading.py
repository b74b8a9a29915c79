"""A theorem's givens, read for the moves: assumptions, facts that replace a moment, definitions unfolded."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportUnknownLambdaType=false
# (SymPy 1.14 ships no types; what it returns is checked by the kernel, not by pyright.)

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import sympy as sp

from derive.language import terms as t
from derive.language.terms import Term
from derive.language.theorem import Definition, Family, Independent, Law, Relation, Symmetric, Theorem
from derive.symbolic.assumptions import Assumptions
from derive.symbolic.notation import E
from derive.symbolic.to_language import from_language, symbols_of


def assumptions_of(theorem: Theorem) -> Assumptions:
    """The givens that the moves know how to use; the others are left aside."""
    symbols = symbols_of(theorem)
    items = [given.item for given in theorem.givens]
    kinds = {item.name: item.kind for item in items if isinstance(item, Family)}
    independent = tuple(tuple(map(frozenset, item.blocks)) for item in items if isinstance(item, Independent))
    centred = [item for item in items if isinstance(item, Law) and _centred(item, symbols)]
    symmetric = {item.name for item in items if isinstance(item, Symmetric)}
    # On a family that is not iid a law fixes the marginal only, which is all that the moves use symmetry for.
    symmetric |= {item.name for item in centred}
    equations = {
        (from_language(left, symbols), from_language(right, symbols))
        for item in items
        if isinstance(item, Relation)
        for left, operator, right in (*item.pairs(), *((b, o, a) for a, o, b in item.pairs()))
        if operator == "="
    }
    zero_mean = {name for name in kinds if (E(symbols[name]), 0) in equations}
    never_zero = {name for name in kinds if (E(sp.sign(symbols[name]) ** 2), 1) in equations}
    never_zero |= {item.name for item in centred}
    return Assumptions(
        kinds, independent, frozenset(zero_mean | symmetric), frozenset(symmetric), frozenset(never_zero)
    )


def _centred(law: Law, symbols: Mapping[str, sp.Symbol]) -> bool:
    args = [from_language(a, symbols) for a in law.args]
    match law.law:
        case "Normal":
            return args[0] == 0
        case "Uniform":
            return args[0] + args[1] == 0
        case "TruncatedNormal":
            return args[0] == 0 and args[2] + args[3] == 0
        case _:
            return True


def facts_of(theorem: Theorem) -> list[tuple[Term, Term, str]]:
    """Moments that the givens name: (moment, its value, why), such as (Var(W), s^2, "Var(W) = s^2 is given")."""
    facts: list[tuple[Term, Term, str]] = []
    for given in theorem.givens:
        item = given.item
        if isinstance(item, Relation) and item.operators == ("=",) and isinstance(item.terms[0], t.Apply):
            facts.append((item.terms[0], item.terms[1], f"given: {given.text}"))
        if isinstance(item, Law) and item.law == "Uniform":
            low, high = item.args
            width = t.mul(t.TWO, high) if low == t.Neg(high) else t.Add((high, t.Neg(low)))
            value = t.mul(t.Pow(width, t.TWO), t.Recip(t.number(12)))
            facts.append((t.variance(t.Name(item.name)), value, "a uniform law's variance: its width squared over 12"))
        if isinstance(item, Law) and item.law == "Normal":
            facts.append((t.variance(t.Name(item.name)), item.args[1], "the variance of the law"))
        if isinstance(item, Law) and item.law == "Rademacher":
            facts.append((t.variance(t.Name(item.name)), t.ONE, "the variance of a random sign"))
    return facts


def replace(term: Term, values: Mapping[Term, Term]) -> Term:
    """Put terms in the place of terms; products of products and sums of sums become one."""
    if term in values:
        return values[term]
    new = t.rebuild(term, lambda part: replace(part, values))
    if isinstance(new, t.Mul):
        return t.mul(*(f for part in new.factors for f in (part.factors if isinstance(part, t.Mul) else (part,))))
    if isinstance(new, t.Add):
        return t.add(*(f for part in new.terms for f in (part.terms if isinstance(part, t.Add) else (part,))))
    return new


def unfold(term: Term, definitions: Iterable[Definition]) -> Term:
    """The term with the definitions put in; bound indices are renamed where they would catch a free one."""
    known = {d.name: d for d in definitions}
    if isinstance(term, t.Name | t.Entry) and term.name in known:
        definition = known[term.name]
        places = term.indices if isinstance(term, t.Entry) else (t.ONE,) * len(definition.indices)
        taken = {part.name for place in places for part in t.walk(place) if isinstance(part, t.Name)}
        body = _renamed(definition.body, taken, set(known) | taken | _names(definition.body))
        body = t.substitute(body, dict(zip(definition.indices, places, strict=True)))
        return unfold(body, [d for d in known.values() if d.name != term.name])
    return t.rebuild(term, lambda part: unfold(part, known.values()))


def _names(term: Term) -> set[str]:
    parts = list(t.walk(term))
    bound = {part.index for part in parts if isinstance(part, t.Big)}
    return bound | {part.name for part in parts if isinstance(part, t.Name | t.Entry)}


def _renamed(term: Term, catching: set[str], taken: set[str]) -> Term:
    """Bound indices that stand in ``catching`` get names that are in use nowhere."""
    if isinstance(term, t.Big) and term.index in catching:
        fresh = next(name for name in _fresh_names() if name not in taken)
        body = t.substitute(term.body, {term.index: t.Name(fresh)})
        return t.Big(term.kind, _renamed(body, catching, taken | {fresh}), fresh, term.low, term.high)
    return t.rebuild(term, lambda part: _renamed(part, catching, taken))


def _fresh_names() -> Iterator[str]:
    yield from "klpqrstuvw"
    yield from (f"k{number}" for number in range(1, 1000))
