"""Kinks where what is compared with 0 is no linear function: their roots on a bounded interval, enclosed by bisection.

A cell on which the ball of the argument does not contain 0 has no root. What is left after many halvings is a short
cell around each root; the integrand is bounded there and not integrated. Where too many cells are left (a root of even
order, an argument that oscillates) the function stays in the term, and the integrator has to cope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from derive.gaussian.functions import acb, arb
from derive.gaussian.pieces import branch, innermost, replaced, tested
from derive.gaussian.programs import compiled, exact
from derive.language.terms import Term

MOST_CELLS = 128
Interval = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Part:
    """The term that holds between two points. ``gap``: a short cell in which a kink lies."""

    low: Fraction
    high: Fraction
    term: Term
    gap: bool = False


def parts(term: Term, low: Fraction, high: Fraction, bits: int) -> Iterator[Part]:
    """The term between two points, cut at the roots of what its functions with kinks compare with 0."""
    for function in innermost(term):
        real = _on_reals(compiled(tested(function)))
        roots = _roots(real, low, high, bits)
        if roots is None:
            continue
        points = [low, *(x for root in roots for x in root), high]
        for k, (a, b) in enumerate(pairwise(points)):
            if a >= b:
                continue
            if k % 2:
                yield Part(a, b, term, gap=True)
                continue
            sign = real((a + b) / 2, (a + b) / 2)
            if not bool(sign != 0):  # cannot be, unless the roots were wrong
                yield Part(a, b, term)
                continue
            yield from parts(replaced(term, function, branch(function, 1 if bool(sign > 0) else -1)), a, b, bits)
        return
    yield Part(low, high, term)


def ball(low: Fraction, high: Fraction) -> Any:
    """The real ball from ``low`` to ``high``."""
    return arb(exact((low + high) / 2).mid(), exact((high - low) / 2).upper()).union(exact(low)).union(exact(high))


def _on_reals(f: Callable[[Any, bool], Any]) -> Callable[[Fraction, Fraction], Any]:
    def value(low: Fraction, high: Fraction) -> Any:
        return f(acb(exact(low) if low == high else ball(low, high)), False).real

    return value


def _roots(g: Callable[[Fraction, Fraction], Any], low: Fraction, high: Fraction, bits: int) -> list[Interval] | None:
    """Short cells that together hold every root; None where there are too many."""
    finest = (high - low) / 2 ** (bits + 20)
    cells: list[Interval] = [(low, high)]
    while cells and cells[0][1] - cells[0][0] > finest:
        halves: list[Interval] = []
        for a, b in cells:
            middle = (a + b) / 2
            halves += [half for half in ((a, middle), (middle, b)) if not bool(g(*half) != 0)]
        if len(halves) > MOST_CELLS:
            return None
        cells = halves
    merged: list[Interval] = []
    for a, b in cells:
        if merged and merged[-1][1] == a:
            merged[-1] = (merged[-1][0], b)
        else:
            merged.append((a, b))
    return merged
