"""What the kernel does not decide, and the bounds on its arithmetic, which end in ``unknown`` and never in a hang."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

MOST_PRODUCTS = 200_000  # of terms in one product of polynomials
MOST_BITS = 13_000  # of a coefficient: about four thousand digits


class Unsupported(Exception):
    """The kernel does not decide this; the message says what and becomes that of an ``unknown``."""


class TooMuch(Unsupported):
    """A bound on the kernel's work was reached."""


def few_products(left: int, right: int) -> None:
    """Raise ``TooMuch`` where polynomials of so many terms are too large to be multiplied."""
    if left * right > MOST_PRODUCTS:
        raise TooMuch("this expression has too many terms")


def short(coefficients: Iterable[Fraction], *, exponent: int) -> None:
    """Raise ``TooMuch`` where a power of a coefficient is too long a number."""
    for c in coefficients:
        if max(c.numerator.bit_length() - 1, c.denominator.bit_length() - 1) * exponent > MOST_BITS:
            raise TooMuch("a number of this expression is too long")
