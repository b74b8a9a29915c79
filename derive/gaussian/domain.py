"""Refusals of what is infinite or complex somewhere on the real line: 1/z, log(z), sqrt(z).

A divisor, a logarithm or a root is looked at on a grid: a value outside the domain at one of its points, or a change of
sign of a divisor between two of them, is a proof that the expression is not a function on the whole line. What slips
through the grid is found by the integrator, which then does not converge to a finite number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import flint

from derive.gaussian.calculus import depends, rational
from derive.gaussian.errors import NotCertified
from derive.gaussian.functions import acb
from derive.gaussian.pieces import at, linear
from derive.gaussian.programs import compiled, exact
from derive.language.catalog import unfold
from derive.language.errors import LanguageError
from derive.language.printer import term_text
from derive.language.terms import Apply, Mul, Pow, Recip, Term, children, first_position, walk

GRID = tuple(
    sorted({*(Fraction(k, 4) for k in range(-48, 49)), *(Fraction(s * 10**k) for k in (2, 3, 4) for s in (1, -1))})
)
REMEDY = "an activation has a finite real value at every real z; write for example 1/(1+z^2), log(1+z^2), sqrt(abs(z))"


def refuse_undefined(term: Term, position: int) -> None:
    """Raise ``LanguageError`` where a divisor vanishes, a root or a logarithm leaves its domain; else nothing."""
    with flint.ctx.workprec(100):
        for part, kind, inner in _demands(term):
            where = _violation(unfold(inner), kind)
            if where:
                place = first_position(part)
                raise LanguageError(
                    f"`{_shortened(term_text(part))}` is not defined {where}", REMEDY, place if place >= 0 else position
                )


def _demands(term: Term) -> Iterator[tuple[Term, str, Term]]:
    """What has to hold for the term to be defined, innermost first: the part, the kind of demand, its subject."""
    for child in children(term):
        yield from _demands(child)
    match term:
        case Recip(term=inner):
            yield term, "nonzero", inner
        case Apply(function="log", args=(inner,)):
            yield term, "positive", inner
        case Apply(function="sqrt", args=(inner,)):
            yield term, "nonnegative", inner
        case Apply(function="asin", args=(inner,)):
            yield term, "within one", inner
        case Pow(base=base, exponent=exponent):
            value = rational(exponent)
            if value is None or value.denominator != 1:
                yield term, "positive" if value is None or value < 0 else "nonnegative", base
            elif value < 0:
                yield term, "nonzero", base
        case Apply():
            written = unfold(term)
            if written != term and any(isinstance(t, Recip | Pow) for t in walk(written)):
                yield from ((term, kind, inner) for _, kind, inner in _demands(written))
        case _:
            pass


def _violation(inner: Term, kind: str) -> str:
    """Where the demand is violated, as words; empty where no violation is seen."""
    match inner:
        case Mul(factors=factors) if kind == "nonzero":
            return next((w for f in factors if (w := _violation(f, kind))), "")
        case Pow(base=base, exponent=exponent) if kind == "nonzero" and (rational(exponent) or 0) > 0:
            return _violation(base, kind)
        case Recip() if kind == "nonzero":
            return ""
        case _:
            return _on_grid(inner, kind)


def _on_grid(inner: Term, kind: str) -> str:
    try:
        f = compiled(inner)
    except NotCertified:
        return ""
    line = linear(inner)
    points = sorted({*GRID, *([-line[1] / line[0]] if line is not None and line[0] else list[Fraction]())})
    if not depends(inner):
        points = points[:1]
    values: dict[Fraction, Any] = {}
    for x in sorted(points, key=lambda x: (x.denominator, abs(x))):  # the plainest counterexample first
        values[x] = value = f(acb(exact(x)), False).real
        zero = bool(value == 0) or (bool(value.contains(0)) and rational(at(inner, x)) == 0)
        if _outside(kind)(value, zero):
            return f"at z = {x}" if depends(inner) else "anywhere"
    if kind == "nonzero" and _continuous(inner):
        for a, b in pairwise(points):
            if bool(values[a] * values[b] < 0):
                return f"everywhere: between z = {a} and z = {b} it divides by 0"
    return ""


def _outside(kind: str) -> Callable[[Any, bool], bool]:
    match kind:
        case "nonzero":
            return lambda _, zero: zero
        case "positive":
            return lambda v, zero: zero or bool(v < 0)
        case "nonnegative":
            return lambda v, zero: not zero and bool(v < 0)
        case _:
            return lambda v, _: bool(abs(v) > 1)


def _continuous(term: Term) -> bool:
    return not any(isinstance(t, Apply) and t.function in {"step", "sign"} for t in walk(term))


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
