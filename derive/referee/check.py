"""Does a model meet the givens? Nothing that the search builds is trusted: each given is verified by enumeration.

Structure is used in one place only: the entries of a family in ``Model.laws`` are, by the meaning of a model,
independent of one another and of everything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import product

from derive.language.problem import Problem
from derive.language.theorem import (
    Constant,
    Family,
    Independent,
    Item,
    Law,
    Recurrence,
    Relation,
    Symmetric,
)
from derive.referee.algebra import TooLarge, Unusable, Value
from derive.referee.continuous import proper
from derive.referee.evaluate import evaluate, truth
from derive.referee.model import Continuous, Key, Model, Table, entries, extent, standing
from derive.referee.program import assignments, program

MOST_ROWS = 20_000
Joint = dict[tuple[Value, ...], Fraction]


def violated(problem: Problem, model: Model, active: frozenset[int]) -> str | None:
    """The text of the first given in force that the model does not meet, or None. ``active`` holds removable ones.

    Raises ``TooLarge`` where that cannot be found out by enumeration, ``Unusable`` where a fact has no value.
    """
    if any(model.sizes.get(size, 0) < least for size, least in problem.sizes.items()):
        return "a size is smaller than a literal index asks for"
    for position in standing(problem, active):
        given = problem.givens[position]
        if not satisfies(problem, model, given.item):
            return given.text
    return None


def meets(problem: Problem, model: Model, active: frozenset[int]) -> bool:
    """Whether the model is known to meet every given in force."""
    try:
        return violated(problem, model, active) is None
    except (TooLarge, Unusable):
        return False


def satisfies(problem: Problem, model: Model, item: Item) -> bool:
    """Whether the model meets one given."""
    match item:
        case Family():
            return _family(model, item)
        case Constant():
            return _constant(model, item)
        case Independent(blocks=blocks):
            return _independent(problem, model, blocks)
        case Symmetric(name=name):
            return _symmetric(problem, model, name)
        case Law():
            return _named(problem, model, item)
        case Relation():
            return _relation(problem, model, item)
        case Recurrence():
            return _recurrence(problem, model, item)


def _joint(model: Model, keys: list[Key]) -> Joint:
    """The joint law of some finite entries, in the order given."""
    parts = model.marginals(keys)
    size = 1
    for names, rows, _ in parts:
        size *= len(rows)
        if size > MOST_ROWS or isinstance(model.laws.get(names[0][0]), Continuous):
            raise TooLarge("the joint law is too large to write down")
    order = [k for names, _, _ in parts for k in names]
    place = [order.index(k) for k in keys]
    law: Joint = {}
    for outcome in product(*(rows for _, rows, _ in parts)):
        row = [x for part, _ in outcome for x in part]
        p = Fraction(1)
        for (_, weight), (_, _, total) in zip(outcome, parts, strict=True):
            p *= Fraction(weight, total)
        key = tuple(row[i] for i in place)
        law[key] = law.get(key, Fraction(0)) + p
    return law


def _factorizes(model: Model, groups: Iterable[list[Key]]) -> bool:
    """Whether the groups of entries are mutually independent: block by block, joint = product of marginals."""
    by_block: dict[int, list[list[Key]]] = {}
    for group in groups:
        here: dict[int, list[Key]] = {}
        for key in group:
            if key[0] not in model.laws:
                here.setdefault(model.place[key], []).append(key)
        for block, keys in here.items():
            by_block.setdefault(block, []).append(keys)
    return all(_splits(model, parts) for parts in by_block.values() if len(parts) > 1)


def _splits(model: Model, parts: list[list[Key]]) -> bool:
    joint = _joint(model, [k for part in parts for k in part])
    marginals = [_joint(model, part) for part in parts]
    count = 1
    for marginal in marginals:
        count *= len(marginal)
    if count != len(joint):
        return False
    for rows in product(*(m.items() for m in marginals)):
        p = Fraction(1)
        for _, q in rows:
            p *= q
        if joint.get(tuple(x for row, _ in rows for x in row)) != p:
            return False
    return True


def _family(model: Model, family: Family) -> bool:
    keys = entries(family, model.sizes)
    if family.name in model.laws:
        law = model.laws[family.name]
        return isinstance(law, Table) or proper(law)
    if any(k not in model.place for k in keys):
        return False
    if family.kind == "iid":
        first = _joint(model, keys[:1])
        return all(_joint(model, [k]) == first for k in keys) and _factorizes(model, [[k] for k in keys])
    if family.kind == "independent":
        return _factorizes(model, [[k] for k in keys])
    return family.kind == "random" or _exchangeable(model, family, keys)


def _exchangeable(model: Model, family: Family, keys: list[Key]) -> bool:
    """Invariance under the transpositions of neighbours, index by index; they generate all permutations."""
    for slot, place in enumerate(family.ranges):
        for low in range(1, extent(place, model.sizes)):
            swap = {low: low + 1, low + 1: low}
            moved = {(n, i): (n, (*i[:slot], swap.get(i[slot], i[slot]), *i[slot + 1 :])) for n, i in keys}
            if not _invariant(model, keys, moved):
                return False
    return True


def _invariant(model: Model, keys: list[Key], moved: dict[Key, Key]) -> bool:
    """Whether moving the entries leaves their joint law: block by block where blocks go to blocks, else at once."""
    blocks = _by_block(model, keys)
    images = [[moved[k] for k in block] for block in blocks]
    if {frozenset(b) for b in blocks} == {frozenset(b) for b in images}:
        return all(_joint(model, b) == _joint(model, image) for b, image in zip(blocks, images, strict=True))
    return _joint(model, keys) == _joint(model, [moved[k] for k in keys])


def _by_block(model: Model, keys: list[Key]) -> list[list[Key]]:
    blocks: dict[object, list[Key]] = {}
    for key in keys:
        blocks.setdefault(model.block(key), []).append(key)
    return list(blocks.values())


def _independent(problem: Problem, model: Model, blocks: tuple[tuple[str, ...], ...]) -> bool:
    groups = [[k for name in block for k in entries(problem.families[name], model.sizes)] for block in blocks]
    return _factorizes(model, groups)


def _symmetric(problem: Problem, model: Model, name: str) -> bool:
    family, law = problem.families[name], model.laws.get(name)
    if isinstance(law, Continuous):
        p = law.parameters
        return {"Normal": p[0] == 0, "Uniform": p[0] == -p[1]}.get(law.name, p[0] == 0 and p[-2] == -p[-1])
    keys = entries(family, model.sizes)
    return symmetric(model, keys[:1] if family.kind == "iid" or name in model.laws else keys)


def symmetric(model: Model, keys: list[Key]) -> bool:
    """Whether finite entries have the same joint law as their negatives."""
    for block in _by_block(model, keys):  # independent parts are jointly symmetric exactly if each of them is
        joint = _joint(model, block)
        if any(joint.get(tuple(-x for x in row)) != p for row, p in joint.items()):
            return False
    return True


def _named(problem: Problem, model: Model, item: Law) -> bool:
    law = model.laws.get(item.name)
    if item.law == "Rademacher":
        signs: Joint = {(-1,): Fraction(1, 2), (1,): Fraction(1, 2)}
        every = [entries(problem.families[item.name], model.sizes)[0]] if law else None
        keys = every or entries(problem.families[item.name], model.sizes)
        return not isinstance(law, Continuous) and all(_joint(model, [k]) == signs for k in keys)
    if not isinstance(law, Continuous) or law.name != item.law or not proper(law):
        return False
    parameters = evaluate(program(problem, model.sizes, item.args, {}), model)
    return tuple(parameters) == tuple(law.parameters)


def _constant(model: Model, constant: Constant) -> bool:
    """Every entry in the ranges has a value; what is declared holds of those beyond them too."""
    spans = [range(1, extent(r, model.sizes) + 1) for r in constant.ranges]
    there = {k for k in model.constants if k[0] == constant.name}
    for key in there.union((constant.name, index) for index in product(*spans)):
        value = model.constants.get(key)
        if value is None or (constant.kind == "positive" and value <= 0) or (constant.kind == "nonzero" and not value):
            return False
    return True


def _relation(problem: Problem, model: Model, relation: Relation) -> bool:
    return all(
        truth(relation, program(problem, model.sizes, relation.terms, indices), model) is True
        for indices in assignments(problem, model.sizes, *relation.terms)
    )


def _recurrence(problem: Problem, model: Model, item: Recurrence) -> bool:
    """The recurrence at every value of its indices. Its terms may still carry the index as a bare name."""
    names = [r.index for r in item.ranges]
    for values in product(*(range(1, extent(r, model.sizes) + 1) for r in item.ranges)):
        indices = dict(zip(names, values, strict=True))
        if truth(item.relation, program(problem, model.sizes, item.relation.terms, indices), model) is not True:
            return False
    return True
