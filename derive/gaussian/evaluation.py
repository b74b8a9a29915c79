"""The value of a closed form to any accuracy: the precision is raised until the ball is small enough."""

from __future__ import annotations

from typing import Any

import flint

from derive.gaussian.errors import NotCertified
from derive.gaussian.programs import value_of
from derive.language.terms import Term

MOST_BITS = 1 << 20


def evaluated(term: Term, *, bits: int) -> Any:
    """The Arb ball of a constant term, good to ``bits`` bits: relative, or absolute where the value is below 1.

    exp(2 q) (1 - erf(sqrt(2 q))) at q = 10,000 loses 29,000 bits to cancellation, hence the growing precision.
    """
    precision = bits + 64
    while precision <= MOST_BITS:
        with flint.ctx.workprec(precision):
            value = value_of(term)
            if bool(value.rad() <= abs(value).max(flint.arb(1)).lower() * flint.arb(2) ** -bits):
                return value
        precision *= 2
    raise NotCertified("the closed form loses all its digits")
