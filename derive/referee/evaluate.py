"""The values of terms in a finite model, and whether relations between them hold there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod

from derive.language.problem import Problem
from derive.language.terms import Term
from derive.language.theorem import Relation
from derive.referee.algebra import Ball, Composed, Exact, Poly, TooLarge, Unusable, Value, ball, power, sign_of
from derive.referee.functions import apply
from derive.referee.means import MOST_OUTCOMES, Enumeration, Work
from derive.referee.model import Continuous, Key, Model
from derive.referee.program import Node, Program, Slot, program

Outcome = Mapping[Key, Exact]
Values = tuple[Exact | Ball, ...]
POINTS: Sequence[Exact] = (1, -2, Fraction(3, 2), Fraction(-1, 2))


def evaluate(code: Program, model: Model, work: Work | None = None) -> Values:
    """The values of the program's results, which are numbers. Raises ``Unusable`` or ``TooLarge``."""
    outcome, values = next(cases(code, model, work or Work(MOST_OUTCOMES * 10)))
    if outcome:
        raise Unusable("a random value outside an expectation")
    return values


def cases(code: Program, model: Model, work: Work) -> Iterator[tuple[Outcome, Values]]:
    """The values of the program's results, which may be random: for each outcome of the entries that they depend on.

    Of continuous entries a few outcomes are given, none of them zero; there the values are exact too, and being
    polynomials on each side of zero, what they are there they nearly are around it, with positive probability.
    Raises ``Unusable`` or ``TooLarge``.
    """
    values: dict[Slot, Value] = {**model.constants}
    try:
        reader = Enumeration(model, values, work)
        for slot, body in enumerate(code.slots):
            values[slot] = reader.mean(body)
        results = [reader.bound(result) for result in code.results]
        keys = frozenset[Key]().union(*(r.entries for r in results))
        if not keys:
            yield {}, tuple(number(r.run(values)) for r in results)
            return
        for outcome in _outcomes(model, keys, work):
            for key, x in outcome.items():
                values[key] = x
            found = tuple(r.run(values) for r in results)
            for point in _points(model, [k for k, x in outcome.items() if isinstance(x, Poly)]):
                there = {k: point.get(k, 0) if isinstance(x, Poly) else x for k, x in outcome.items()}
                exact = {k: x for k, x in there.items() if isinstance(x, int | Fraction)}
                yield exact, tuple(at(x, point) for x in found)
    except KeyError as error:
        raise Unusable(f"{error.args[0]} has no value in this model") from None


def joint_law(code: Program, model: Model, work: Work) -> dict[Values, Fraction] | None:
    """The joint law of the program's results; None where one of them has no finite law.

    Raises ``Unusable`` or ``TooLarge``.
    """
    values: dict[Slot, Value] = {**model.constants}
    reader = Enumeration(model, values, work)
    for slot, body in enumerate(code.slots):
        values[slot] = reader.mean(body)
    results = [reader.bound(result) for result in code.results]
    parts = model.marginals(frozenset[Key]().union(*(r.entries for r in results)))
    if any(isinstance(model.laws.get(names[0][0]), Continuous) for names, _, _ in parts):
        return None
    work.spend(prod(len(rows) for _, rows, _ in parts))
    law: dict[Values, Fraction] = {}
    for rows in product(*(rows for _, rows, _ in parts)):
        weight = Fraction(1)
        for (names, _, total), (row, w) in zip(parts, rows, strict=True):
            values.update(zip(names, row, strict=True))
            weight *= Fraction(w, total)
        point = tuple(number(r.run(values)) for r in results)
        law[point] = law.get(point, Fraction(0)) + weight
    return law


def _outcomes(model: Model, keys: frozenset[Key], work: Work) -> Iterator[dict[Key, Value]]:
    parts = model.marginals(keys)
    count = 1
    for _, rows, _ in parts:
        count *= len(rows)
    if count > MOST_OUTCOMES:
        raise TooLarge("too many outcomes")
    work.spend(count)
    for rows in product(*(rows for _, rows, _ in parts)):
        outcome: dict[Key, Value] = {}
        for (names, _, _), (row, _) in zip(parts, rows, strict=True):
            outcome.update(zip(names, row, strict=True))
        yield outcome


def _points(model: Model, keys: Sequence[Key]) -> list[dict[Key, Exact]]:
    """Some outcomes of continuous entries, inside the supports and not zero."""
    if not keys:
        return [{}]
    supports = [_inside(model.laws[k[0]]) for k in keys]
    return [{k: s[(c + j) % len(s)] for j, (k, s) in enumerate(zip(keys, supports, strict=True))} for c in range(4)]


def _inside(law: object) -> list[Exact]:
    if not isinstance(law, Continuous):
        raise Unusable("this entry has no continuous law")
    if law.name == "Normal":
        return list(POINTS)
    low, high = law.parameters[-2:]
    shares = (Fraction(1, 3), Fraction(2, 3), Fraction(1, 5), Fraction(6, 7))
    return [x for x in (low + (high - low) * share for share in shares) if x]


def at(value: Value, point: Outcome) -> Exact | Ball:
    """The value at an outcome of the continuous entries, none of them zero."""
    if not isinstance(value, Poly):
        return value
    total: Value = 0
    for monomial, coefficient in value.terms.items():
        term: Value = coefficient
        for key, p, e in monomial:
            x = _variable_at(key, point)
            term = term * power(x, p) * (sign_of(x) if e else 1)
        total = total + term
    return number(total)


def _variable_at(variable: object, point: Outcome) -> Exact | Ball:
    """The value of an entry, or of a function of entries; the sign of zero would not be what it is nearby."""
    if isinstance(variable, Composed):
        argument = at(Poly(dict(variable.inner)), point)
        if variable.function == "sign" and sign_of(argument) == 0:
            raise Unusable("the sign jumps there")
        return number(apply(variable.function, [argument]))
    for key, x in point.items():
        if key == variable:
            return x
    raise Unusable("a random value outside an expectation")


def exhaustive(code: Program, model: Model) -> bool:
    """Whether ``cases`` gives all outcomes."""
    keys = frozenset[Key]().union(*(r.entries for r in code.results))
    return not any(isinstance(model.laws.get(k[0]), Continuous) for k in keys)


def truth(relation: Relation, code: Program, model: Model, work: Work | None = None) -> bool | None:
    """Whether a relation holds, in every outcome where its terms are random; None where that cannot be told."""
    found = {true(relation, values) for _, values in cases(code, model, work or Work(MOST_OUTCOMES * 10))}
    return False if False in found else None if None in found or not exhaustive(code, model) else True


def expectations(bodies: Sequence[Node], model: Model, work: Work) -> list[Exact | Ball]:
    """E of some bodies that contain no further expectation."""
    reader = Enumeration(model, {**model.constants}, work)
    return [number(reader.mean(body)) for body in bodies]


def value(problem: Problem, model: Model, term: Term, indices: Mapping[str, int]) -> Exact | Ball:
    """The value of one term."""
    return evaluate(program(problem, model.sizes, [term], indices), model)[0]


def number(result: Value) -> Exact | Ball:
    """A value that has to be a number."""
    if isinstance(result, Poly):
        raise Unusable("a random value outside an expectation")
    return result


def compare(left: Exact | Ball, operator: str, right: Exact | Ball) -> bool | None:
    """Whether ``left operator right``; None where enclosures overlap."""
    if isinstance(left, Ball) or isinstance(right, Ball):
        (a, b), (c, d) = ball(left).bounds(), ball(right).bounds()
        if operator in {">", ">="}:
            a, b, c, d = c, d, a, b
        if operator == "=":
            return False if b < c or d < a else None
        if operator in {"<", ">"}:
            return True if b < c else False if a >= d else None
        return True if b <= c else False if a > d else None
    outcome = {"=": left == right, "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    return outcome[operator]


def true(relation: Relation, values: Sequence[Exact | Ball]) -> bool | None:
    """Whether a chain of comparisons holds at the values of its terms."""
    found = [compare(a, o, b) for a, o, b in zip(values, relation.operators, values[1:], strict=False)]
    return False if False in found else None if None in found else True
