"""The numbers of the why pages: fields of what ``rule`` answers, each rule asked for once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from derive.gaussian.activation import Activation
from derive.gaussian.enclosure import bits_of
from derive.gaussian.evaluation import evaluated
from derive.gaussian.numbers import Number, distance
from derive.gaussian.reading import read
from derive.language.printer import term_text
from derive.report.why import Told, WhyError
from derive.rules.numbers import EXTRA, SHORT, decimals, follows
from derive.rules.rule import rule
from derive.rules.values import Rule
from derive.why import Quantity

DIGITS = 12
CONSTANT = "constant"


def told(quantities: Sequence[Quantity]) -> dict[str, Told]:
    """Each number in words, by its key. Raises ``WhyError`` for one that is not there or not certified."""
    ask = cache(_ask)
    return {q.key: _told(q, ask(q.f, q.variance, q.claim)) for q in quantities}


def _ask(f: str, variance: str, claim: str | None) -> Rule:
    return rule(f, variance=variance, claim=claim, digits=DIGITS)


def _told(quantity: Quantity, answer: Rule) -> Told:
    number = _field(quantity, answer)
    if quantity.power != 1:
        number = follows(lambda x: x**quantity.power, None, number)
    value = decimals(number, number.digits)
    if value is None or number.status == "not certified":
        raise WhyError(f"the number {quantity.key} is not certified: {number.reason}")
    exact = term_text(number.exact) if number.exact is not None else None
    shown = exact if exact is not None and len(exact) <= SHORT else None
    return Told(quantity.says, shown, value, distance(number.ball, value), number.status, _command(quantity))


def _field(quantity: Quantity, answer: Rule) -> Number:
    """The number at a path such as ``claim.fixed_points.1.q``; ``claim.after_layers.50`` goes by the layer."""
    names = quantity.field.split(".")
    found: Any = answer
    try:
        if names[0] == CONSTANT:
            return _constant(read(quantity.f), names[1])
        for name in names:
            found = _next(found, name)
    except (AttributeError, KeyError, IndexError, TypeError) as error:
        raise WhyError(f"the number {quantity.key} has no field {quantity.field}: {error}") from None
    if not isinstance(found, Number):
        raise WhyError(f"the field {quantity.field} of {quantity.key} is no number")
    return found


def _next(found: Any, name: str) -> Any:
    if not name.isdigit():
        return getattr(found, name)
    pairs = isinstance(found[0], tuple)
    return dict(found)[int(name)] if pairs else found[int(name)]


def _constant(f: Activation, name: str) -> Number:
    """A constant of an activation's definition."""
    term = dict(f.constants)[name]
    return Number(evaluated(term, bits=bits_of(DIGITS + EXTRA)), DIGITS, term)


def _command(quantity: Quantity) -> str:
    name = f'"{quantity.f}"' if not quantity.f.isalnum() else quantity.f
    claim = f' --claim "{quantity.claim}"' if quantity.claim is not None else ""
    variance = f" --variance {quantity.variance}" if quantity.variance != "1" else ""
    return f"`python -m derive rule {name}{variance}{claim}`"
