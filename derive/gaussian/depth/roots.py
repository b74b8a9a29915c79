"""Roots of a continuous function on q > 0, each between two points at which its sign is proven.

A function takes an exact q and a number of digits and gives a ball. A change of sign proves that a root lies in
between; that there is no other one is proven by nobody: the search looks at one point in every octave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import flint

from derive.gaussian.enclosure import GUARD_BITS, bits_of
from derive.gaussian.errors import NotCertified, OutOfWork
from derive.gaussian.functions import arb

Function = Callable[[Any, int], Any]
LOWEST, HIGHEST = -20, 16  # octaves: q from 1e-6 to 6.6e4
COARSE, ROUGH = 1, 10  # a sign takes one digit as a rule, and an oscillating integrand then a quarter of the time
MOST_STEPS = 60
MOST_EXHAUSTED = 3  # octaves in a row: an f that oscillates too fast at q oscillates faster at 2 q


def roots(g: Function, *, digits: int) -> Iterator[Any]:
    """A ball around each root that a change of sign between two octaves shows, in order.

    Beyond some octaves in a row that use up the whole bound of work nothing is looked at.
    """
    before: tuple[Any, int] | None = None
    exhausted = 0
    for k in range(LOWEST, HIGHEST + 1):
        q = arb(2) ** k
        try:
            sign = _sign(g, q, COARSE) or _sign(g, q, ROUGH)
        except OutOfWork:
            exhausted += 1
            if exhausted == MOST_EXHAUSTED:
                return
            continue
        exhausted = 0
        if not sign:
            continue
        if before is not None and before[1] != sign:
            yield enclosed(g, before[0], q, digits=digits)
        before = q, sign


def _sign(g: Function, q: Any, digits: int) -> int:
    """The sign at q; 0 where it is not proven. Raises ``OutOfWork``."""
    try:
        value = g(q, digits)
    except OutOfWork:
        raise
    except NotCertified:
        return 0
    return int(bool(value > 0)) - int(bool(value < 0))


def enclosed(g: Function, low: Any, high: Any, *, digits: int) -> Any:
    """A ball, good to ``digits``, in which g changes its sign, given that it does between ``low`` and ``high``.

    Raises ``NotCertified`` where the sign is not proven close enough to the root.
    """
    with flint.ctx.workprec(bits_of(digits) + GUARD_BITS):
        root = _approximation(g, low, high, digits)
        for lost in range(0, digits, 3):
            width = root * arb(10) ** (lost - digits - 2)
            a, b = (root - width).mid(), (root + width).mid()
            if _sign(g, a, digits) * _sign(g, b, digits) < 0:
                return a.union(b)
    raise NotCertified("no change of sign is proven near the root")


def _approximation(g: Function, low: Any, high: Any, digits: int) -> Any:
    """Where the root is, proving nothing: the Illinois rule, which keeps the bracket and is faster than halving."""
    a, b = low, high
    at_a, at_b = g(a, digits).mid(), g(b, digits).mid()
    tiny = arb(10) ** -(digits + 3)
    for _ in range(MOST_STEPS):
        x = (b - at_b * (b - a) / (at_b - at_a)).mid()
        value = g(x, digits).mid()
        if bool(value == 0):
            return x
        same = bool(value * at_b > 0)
        at_a = at_a / 2 if same else at_b
        a = a if same else b
        close = bool(abs(x - b) < tiny * x)
        b, at_b = x, value
        if close:
            break
    return b
