"""Kinks where what is compared with 0 is no linear function: their roots on a bounded interval, enclosed.

A cell on which the ball of the argument does not contain 0 has no root. Halving leaves short cells, and in each of them
the interval Newton step N(X) = m - g(m)/g'(X), which every root in X survives (Moore 1966), doubles the digits at once;
where g'(X) contains 0, halving goes on. What is left is a short gap around each root; the integrand is bounded there
and not integrated. Where too many cells are left (a root of even order, an argument that oscillates) the function stays
in the term, and the integrator has to cope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from derive.gaussian.calculus import derivative
from derive.gaussian.errors import NotCertified
from derive.gaussian.functions import acb, arb
from derive.gaussian.pieces import branch, exchanged, innermost, tested
from derive.gaussian.programs import compiled, exact
from derive.gaussian.work import Work, weight
from derive.language.terms import Term

MOST_CELLS = 128
BEFORE_NEWTON = 8  # halvings
LOST_BITS = 8
COST = 5  # of a value here, in evaluations of an integrand
Real = Callable[[Fraction, Fraction], Any]  # of an interval, a ball of the values on it
Interval = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Part:
    """The term that holds between two points. ``gap``: a short cell in which a kink lies."""

    low: Fraction
    high: Fraction
    term: Term
    gap: bool = False


def parts(term: Term, low: Fraction, high: Fraction, bits: int, work: Work) -> Iterator[Part]:
    """The term between two points, cut at the roots of what its functions with kinks compare with 0.

    Raises ``NotCertified`` where the work is used up.
    """
    work.spend(COST * weight(term))
    for function in innermost(term):
        subject = tested(function)
        real = _on_reals(subject, work)
        roots = _roots(real, _slope(subject, work), low, high, bits)
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
            up = 1 if bool(sign > 0) else -1
            alike: dict[Term, Term] = {f: branch(f, up) for f in innermost(term) if tested(f) == subject}
            yield from parts(exchanged(term, alike), a, b, bits, work)
        return
    yield Part(low, high, term)


def ball(low: Fraction, high: Fraction) -> Any:
    """The real ball from ``low`` to ``high``."""
    return arb(exact((low + high) / 2).mid(), exact((high - low) / 2).upper()).union(exact(low)).union(exact(high))


def _on_reals(term: Term, work: Work) -> Real:
    f, cost = compiled(term), COST * weight(term)

    def value(low: Fraction, high: Fraction) -> Any:
        work.spend(cost)
        return f(acb(exact(low) if low == high else ball(low, high)), False).real

    return value


def _slope(subject: Term, work: Work) -> Real | None:
    try:
        return _on_reals(derivative(subject), work)
    except NotCertified:
        return None


def _roots(g: Real, slope: Real | None, low: Fraction, high: Fraction, bits: int) -> list[Interval] | None:
    """Short cells that together hold every root; None where there are too many."""
    finest = (high - low) / 2 ** (bits + 20)
    cells: list[Interval] = [(low, high)]
    done: list[Interval] = []
    halvings = 0
    while cells and cells[0][1] - cells[0][0] > finest:
        halves: list[Interval] = []
        for a, b in cells:
            middle = (a + b) / 2
            halves += [half for half in ((a, middle), (middle, b)) if not bool(g(*half) != 0)]
        if len(halves) + len(done) > MOST_CELLS:
            return None
        cells, halvings = halves, halvings + 1
        if slope is not None and halvings >= BEFORE_NEWTON and halvings % 4 == 0:
            tried = [(cell, _newton(g, slope, *cell, finest)) for cell in cells]
            done += [root for _, root in tried if root is not None and root[0] <= root[1]]
            cells = [cell for cell, root in tried if root is None]
    return _merged(sorted([*done, *cells]))


def _newton(g: Real, slope: Real, a: Fraction, b: Fraction, finest: Fraction) -> Interval | None:
    """The part of a cell that holds its root, short; an empty one (1, 0) where it holds none; None where it fails."""
    while b - a > finest:
        steepness = slope(a, b)
        if not bool(steepness != 0):
            return None
        middle = (a + b) / 2
        step = exact(middle) - g(middle, middle) / steepness
        low, high = max(a, _fraction(step.lower())), min(b, _fraction(step.upper()))
        if low > high:
            return Fraction(1), Fraction(0)
        if 2 * (high - low) > b - a:  # the precision in force is used up
            return (low, high) if high - low <= 2**LOST_BITS * finest else None
        a, b = low, high
    return a, b


def _fraction(value: Any) -> Fraction:
    mantissa, exponent = value.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _merged(cells: list[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for a, b in cells:
        if merged and merged[-1][1] >= a:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        else:
            merged.append((a, b))
    return merged
