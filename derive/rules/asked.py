"""What is asked for: an activation, parameters, a variance, digits. What cannot be meant is refused with a remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from derive.gaussian.activation import Activation
from derive.gaussian.reading import Value, constant, read, refusal
from derive.language.errors import LanguageError
from derive.language.terms import Term

MOST_DIGITS = 1000
NUMBER = re.compile(r"\s*\d{1,20}(\.\d{1,20})?(/[1-9]\d{0,19})?\s*|\s*\.\d{1,20}\s*")


class Refused(ValueError):
    """Input that is none; the message says where, what, and what to write instead."""


def activation(text: str, parameters: Mapping[str, Value]) -> Activation:
    """A name or an expression with the values of its parameters."""
    for name, value in parameters.items():
        try:
            constant(name, value)
        except LanguageError as error:
            raise Refused(refusal(str(value), error)) from None
    try:
        return read(text, parameters)
    except LanguageError as error:
        raise Refused(refusal(text, error)) from None


def variance(value: str | int | Fraction, *, name: str = "variance", zero: bool = False) -> Fraction:
    """A rational number that is positive, or not negative where ``zero`` is allowed."""
    if isinstance(value, str):
        if not NUMBER.fullmatch(value):
            raise Refused(
                f"the {name} `{value[:40]}` is not a positive rational number\nwrite for example 2, 0.5 or 1/3"
            )
        whole, _, below = value.strip().partition("/")
        value = Fraction(whole) / Fraction(below or 1)
    if value < 0 or (value == 0 and not zero):
        raise Refused(f"the {name} is not positive\nwrite for example 2, 0.5 or 1/3")
    return Fraction(value)


def digits(value: int) -> int:
    """How many digits are wanted."""
    if not 1 <= value <= MOST_DIGITS:
        raise Refused(f"{value} digits cannot be asked for\nwrite a number from 1 to {MOST_DIGITS}")
    return value


def gain(text: str) -> Term:
    """Somebody's gain as a constant term."""
    try:
        return constant("gain", text)
    except LanguageError as error:
        raise Refused(
            refusal(text, LanguageError(error.message, "write for example 5/3 or sqrt(2)", error.at))
        ) from None
