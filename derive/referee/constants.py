"""Values for the constants: small ones that meet the conditions; recurrences are followed from free starting values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

from derive.language.problem import Problem
from derive.language.terms import Add, Entry, Name, Neg, Num, Term, walk
from derive.language.theorem import Recurrence
from derive.referee import pools
from derive.referee.algebra import Ball, Exact, Poly, Unusable, Value, variable
from derive.referee.evaluate import evaluate
from derive.referee.facts import Fact, claimed, terms_of
from derive.referee.means import Work
from derive.referee.model import Key, Model, extent, model
from derive.referee.program import Program, Slot, program

MOST = 40
MOST_TRIED = 400
MOST_REPAIRED = 60

Rule = tuple[Key, Program]


def defines(problem: Problem, item: object) -> Entry | None:
    """The head v[l] of a recurrence that defines it; other relations ``for l in 1..L`` are conditions."""
    if not isinstance(item, Recurrence) or item.relation.operators != ("=",):
        return None
    head = item.relation.terms[0]
    if not isinstance(head, Entry) or head.name not in problem.constants:
        return None
    return head if head.indices == tuple(Name(r.index) for r in item.ranges) else None


def rules(problem: Problem, sizes: Mapping[str, int]) -> list[Rule]:
    """What the recurrences say of each value that they define, the first ones first."""
    found: list[Rule] = []
    for given in problem.givens:
        head = defines(problem, given.item)
        if head is None or not isinstance(given.item, Recurrence):
            continue
        names = [r.index for r in given.item.ranges]
        for index in product(*(range(1, extent(r, sizes) + 1) for r in given.item.ranges)):
            indices = dict(zip(names, index, strict=True))
            found.append(((head.name, index), program(problem, sizes, given.item.relation.terms[1:2], indices)))
    return sorted(found, key=lambda rule: sum(rule[0][1]))


def followed(of: Sequence[Rule], there: Model) -> dict[Key, Exact]:
    """The constants with the values that the recurrences give them, as far as they do: moments need laws.

    Raises ``Unusable`` for values that are not rational.
    """
    values = dict(there.constants)
    open_rules = list(of)
    while open_rules:
        still: list[Rule] = []
        for key, code in open_rules:
            try:
                (value,) = evaluate(code, model(there.sizes, values, there.laws, there.blocks))
            except Unusable:
                still.append((key, code))
                continue
            if isinstance(value, Ball):
                raise Unusable("a recurrence with irrational values")
            values[key] = value
        if len(still) == len(open_rules):
            break
        open_rules = still
    return values


def kinds(problem: Problem, sizes: Mapping[str, int]) -> dict[Key, str]:
    """The constants that are free to choose, with their kinds; of a recurrence only the values outside its ranges.

    A family has the entries of its ranges and those beyond them that some term reads: v[l-1] for l in 1..L reads v[0].
    """
    heads = {head.name for given in problem.givens if (head := defines(problem, given.item)) is not None}
    steps = _steps(problem)
    found: dict[Key, str] = {}
    for constant in problem.constants.values():
        ends = [extent(r, sizes) for r in constant.ranges]
        beyond = steps.get(constant.name, [(0, 0)] * len(ends))
        spans = [range(1 + low, end + high + 1) for end, (low, high) in zip(ends, beyond, strict=True)]
        for index in product(*spans):
            inside = all(1 <= i <= end for i, end in zip(index, ends, strict=True))
            if constant.name not in heads or not inside:
                found[(constant.name, index)] = constant.kind
    return found


def _steps(problem: Problem) -> dict[str, list[tuple[int, int]]]:
    """How far beyond its ranges each family of constants is read, slot by slot: below 1 and above the end."""
    found: dict[str, list[tuple[int, int]]] = {}
    for term in _all_terms(problem):
        for part in walk(term):
            if isinstance(part, Entry) and part.name in problem.constants:
                here = [_step(i) for i in part.indices]
                known = found.get(part.name, [(0, 0)] * len(here))
                found[part.name] = [(min(a, s), max(b, s)) for (a, b), s in zip(known, here, strict=True)]
    return found


def _step(index: Term) -> int:
    """-1 for l-1, 1 for l+1, -1 for the literal 0; a literal from 1 on lies inside."""
    match index:
        case Num(value=value):
            return min(0, int(value) - 1)
        case Neg(term=Num(value=value)):
            return -int(value) - 1
        case Add(terms=(_, Neg(term=Num(value=value)))):
            return -int(value)
        case Add(terms=(_, Num(value=value))):
            return int(value)
        case _:
            return 0


def _all_terms(problem: Problem) -> Iterator[Term]:
    for given in problem.givens:
        yield from terms_of(given.item)
    yield from claimed(problem)


def vectors(
    problem: Problem, sizes: Mapping[str, int], conditions: Sequence[Fact], work: Work
) -> list[dict[Key, Exact]]:
    """Values of all constants that meet the conditions that speak of no family, simple ones first.

    A condition that small values do not meet is solved for a constant in which it is linear.
    """
    of, free = rules(problem, sizes), kinds(problem, sizes)
    found: list[dict[Key, Exact]] = []
    repaired = 0
    for vector in pools.vectors(free, MOST_TRIED if conditions else MOST):
        full = _met(problem, sizes, vector, of, conditions, work)
        if full is None and conditions and repaired < MOST_REPAIRED:
            repaired += 1
            better = _repaired(vector, free, of, conditions, work)
            full = None if better is None else _met(problem, sizes, better, of, conditions, work)
        if full is not None and full not in found:
            found.append(full)
        if len(found) == MOST:
            break
    return found


def _met(
    problem: Problem,
    sizes: Mapping[str, int],
    vector: Mapping[Key, Exact],
    of: Sequence[Rule],
    conditions: Sequence[Fact],
    work: Work,
) -> dict[Key, Exact] | None:
    """The vector with what follows from it, if it meets the conditions."""
    try:
        full = followed(of, model(sizes, vector, {}))
        there = model(sizes, full, {})
        return full if all(f.holds(problem, there, work) for f in conditions) else None
    except Unusable:
        return None


def _repaired(
    vector: Mapping[Key, Exact], free: Mapping[Key, str], of: Sequence[Rule], conditions: Sequence[Fact], work: Work
) -> dict[Key, Exact] | None:
    """The vector with one constant changed for each equation that it does not meet."""
    values = dict(vector)
    changed: set[Key] = set()
    for code in (code for f in conditions for code in f.programs):
        if code.slots or len(code.results) != 2:
            continue
        work.spend(5)
        if _holds(code, values, of):
            continue
        for key in reversed(list(free)):
            root = None if key in changed else _root(code, values, key, of)
            if root is not None and _of_kind(root, free[key]):
                values[key] = root
                changed.add(key)
                break
        else:
            return None
    return values


def _holds(code: Program, values: Mapping[Key, Exact], of: Sequence[Rule]) -> bool:
    try:
        left, right = _sides(code, values, of)
    except Unusable:
        return False
    return not isinstance(left, Poly | Ball) and not isinstance(right, Poly | Ball) and left == right


def _root(code: Program, values: Mapping[Key, Exact], key: Key, of: Sequence[Rule]) -> Exact | None:
    """The value of the constant at which the sides agree, if their difference is linear in it."""
    try:
        left, right = _sides(code, {**values, key: variable(key)}, of)
    except Unusable:
        return None
    difference = left + -right
    if not isinstance(difference, Poly):
        return None
    terms = dict(difference.terms)
    slope, constant = terms.pop(((key, 1, 0),), 0), terms.pop((), 0)
    if terms or isinstance(slope, Ball) or isinstance(constant, Ball) or not slope:
        return None
    return reduced_exact(Fraction(-constant) / slope)


def reduced_exact(value: Fraction) -> Exact:
    """An integer where it is one."""
    return value.numerator if value.denominator == 1 else value


def _sides(code: Program, values: Mapping[Key, Value], of: Sequence[Rule]) -> tuple[Value, Value]:
    """Both sides of an equation between constants, one of which may be a variable."""
    slots: dict[Slot, Value] = {**values}
    try:
        for key, rule in of:
            if not rule.slots:
                slots[key] = rule.results[0].run(slots)
        return code.results[0].run(slots), code.results[1].run(slots)
    except KeyError as error:
        raise Unusable(f"{error.args[0]} has no value") from None


def _of_kind(value: Exact, kind: str) -> bool:
    return kind == "real" or value > 0 or (kind == "nonzero" and value != 0)
