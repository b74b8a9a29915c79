"""Numbers that follow from other numbers: exact where all of them are, and no better known than the worst of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import flint

from derive.gaussian.constants import form_of
from derive.gaussian.enclosure import GUARD_BITS, bits_of
from derive.gaussian.errors import NotCertified
from derive.gaussian.evaluation import evaluated
from derive.gaussian.forms import Form, reduced, written
from derive.gaussian.moments import agrees, proven_digits
from derive.gaussian.numbers import Number, decimal
from derive.gaussian.programs import exact
from derive.language.printer import term_text
from derive.language.terms import Num, Term, number, walk

EXTRA = 8  # digits computed beyond those that are asked for, so that what follows has them too
READABLE = 300  # characters; a longer closed form tells nobody anything
SHORT = 48


def given(value: Fraction | int, digits: int) -> Number:
    """A rational number."""
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        return Number(exact(Fraction(value)), digits, number(Fraction(value)), "proved")


def unknown(reason: str, digits: int) -> Number:
    """Nothing is known."""
    return Number(None, digits, None, "not certified", reason)


def follows(
    ball: Callable[[Any], Any], form: Callable[[Form], Form] | None, source: Number, *, digits: int | None = None
) -> Number:
    """A function of a number: ``ball`` of its ball, ``form`` of its closed form where it has one.

    Proved if the source is, because the closed form then follows exactly.
    """
    return _follows(ball, form, (source,), digits or source.digits)


def follows_from_two(
    ball: Callable[[Any, Any], Any],
    form: Callable[[Form, Form], Form] | None,
    one: Number,
    other: Number,
    *,
    digits: int | None = None,
) -> Number:
    """The same for a function of two numbers."""
    return _follows(ball, form, (one, other), digits or min(one.digits, other.digits))


def _follows(
    ball: Callable[..., Any], form: Callable[..., Form] | None, sources: tuple[Number, ...], digits: int
) -> Number:
    poor = next((s for s in sources if s.status == "not certified"), None)
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        value = None if any(s.ball is None for s in sources) else ball(*(s.ball for s in sources))
    if value is None or not value.is_finite():
        return unknown(poor.reason if poor else "the enclosure proves no digit", digits)
    if poor is not None:
        return Number(value, digits, None, "not certified", poor.reason)
    known = proven_digits(value)
    if known < 1:
        return unknown("the enclosure proves no digit", digits)
    term = _exact(form, sources)
    if term is None or not _agrees(term, value):
        return Number(value, min(digits, known))
    proved = all(s.status == "proved" for s in sources)
    return sharpened(Number(value, min(digits, known), term, "proved" if proved else "certified"))


def _agrees(term: Term, ball: Any) -> bool:
    """Whether a closed form lies in the ball; one that cannot be evaluated is none."""
    try:
        return agrees(term, ball)
    except NotCertified:
        return False


def _exact(form: Callable[..., Form] | None, sources: tuple[Number, ...]) -> Term | None:
    terms = [s.exact for s in sources]
    if form is None or any(t is None or not readable(t) for t in terms):
        return None
    try:
        term = written(reduced(form(*(form_of(t) for t in terms if t is not None))))
    except (NotCertified, ZeroDivisionError):
        return None
    return term if readable(term) else None


def readable(term: Term, most: int = READABLE) -> bool:
    """Whether a term is short enough for somebody to read it."""
    numbers = (t.value for t in walk(term) if isinstance(t, Num))
    if any(max(abs(v.numerator), v.denominator).bit_length() > 4 * most for v in numbers):
        return False  # it may be longer than Python writes a number at all
    return len(term_text(term)) <= most


def sharpened(found: Number) -> Number:
    """The same with the ball of its closed form, where that is proved: 1/2 has radius 0."""
    if found.status != "proved" or found.exact is None:
        return found
    try:
        ball = evaluated(found.exact, bits=bits_of(found.digits))
    except NotCertified:
        return found
    return replace(found, ball=ball)


def decimals(found: Number, digits: int) -> str | None:
    """The number in decimals."""
    if found.ball is None:
        return None
    text = decimal(found.ball, min(digits, found.digits))
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
