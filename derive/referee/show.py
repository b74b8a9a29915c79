"""A model as a ``Counterexample``: exact texts, in the form that the language's documentation gives."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from derive.language.problem import Problem
from derive.referee.algebra import Ball, Exact
from derive.referee.evaluate import Outcome
from derive.referee.model import Block, Continuous, Key, Model, Table, entries
from derive.verdict import Counterexample, JointLaw, Points

DIGITS = 15


def shown(
    problem: Problem,
    model: Model,
    sides: tuple[Exact | Ball | bool, Exact | Ball | bool],
    outcome: Outcome | None = None,
) -> Counterexample:
    """The model with the values that the two sides have in it; in an outcome of some entries where they are random.

    A family whose entries are coupled with nothing gets its entry's law under ``laws``, or the law of each entry where
    they differ; all others get their tables.
    """
    laws: dict[str, Points | str] = {}
    for name, family in problem.families.items():
        law = model.laws.get(name)
        if isinstance(law, Continuous):
            laws[name] = f"{law.name}({', '.join(str(p) for p in law.parameters)})"
        elif law is not None:
            laws[name] = _points(law)
        else:
            alone = [model.blocks[model.place[k]] for k in entries(family, model.sizes)]
            tables = {b.table for b in alone}
            if all(len(b.entries) == 1 for b in alone) and len(tables) == 1:
                laws[name] = _points(alone[0].table)
            elif family.kind == "independent":
                laws.update({_text(b.entries[0]): _points(b.table) for b in alone if len(b.entries) == 1})
    joint = tuple(_joint(b) for b in model.blocks if not any(t in laws for k in b.entries for t in (k[0], _text(k))))
    order = list(problem.constants)
    listed = sorted(model.constants.items(), key=lambda c: (order.index(c[0][0]), c[0][1]))
    constants = {_text(key): str(value) for key, value in listed}
    there = {_text(key): str(x) for key, x in sorted((outcome or {}).items())}
    return Counterexample(dict(model.sizes), constants, laws, joint, side_text(sides[0]), side_text(sides[1]), there)


def _points(law: Table) -> Points:
    rows = sorted(law.law().items())
    return tuple((str(row[0]), str(p)) for row, p in rows)


def _joint(block: Block) -> JointLaw:
    points = tuple((tuple(str(x) for x in row), str(p)) for row, p in sorted(block.table.law().items()))
    return JointLaw(tuple(_text(k) for k in block.entries), points)


def _text(key: Key) -> str:
    name, index = key
    return f"{name}[{','.join(map(str, index))}]" if index else name


def side_text(value: Exact | Ball | bool) -> str | tuple[str, str]:
    """An exact text, the ends of an enclosure, or "true" and "false"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, Ball):
        return str(value)
    low, high = value.bounds()
    return _decimal(low, up=False), _decimal(high, up=True)


def _decimal(value: Fraction, *, up: bool) -> str:
    """A decimal text rounded outwards, so that an enclosure stays one."""
    scaled = value * 10**DIGITS
    digits = ceil(scaled) if up else floor(scaled)
    text = str(abs(digits)).rjust(DIGITS + 1, "0")
    return f"{'-' if digits < 0 else ''}{text[:-DIGITS]}.{text[-DIGITS:]}"
