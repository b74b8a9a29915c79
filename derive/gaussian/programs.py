"""A term as a function of a complex ball: its parts in order, each computed once; constants are computed beforehand."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import flint

from derive.gaussian.calculus import Z, depends, rational
from derive.gaussian.errors import NotCertified
from derive.gaussian.functions import KINKS, SMOOTH, Complex, acb, arb
from derive.gaussian.functions import power as raised
from derive.language.catalog import unfold
from derive.language.functions import FUNCTIONS
from derive.language.terms import Add, Apply, Mul, Name, Neg, Num, Pow, Recip, Term

Function = Callable[[Complex, bool], Complex]
Step = Callable[[list[Complex], bool], Complex]


def compiled(term: Term) -> Function:
    """f(z, analytic) for an unfolded term in ``z``, at the precision in force.

    With ``analytic`` a ball on which f is not shown to be holomorphic gives a ball that is not finite, as
    ``acb.integral`` demands. Raises ``NotCertified`` for what has no meaning here.
    """
    steps: list[Step] = []
    places: dict[Term, int] = {Z: 0}

    def place(t: Term) -> int:
        if t not in places:
            step = _constant(t) if not depends(t) else _step(t, place)
            steps.append(step)
            places[t] = len(steps)
        return places[t]

    last = place(term)

    def function(z: Complex, analytic: bool) -> Complex:
        memory = [z]
        for step in steps:
            memory.append(step(memory, analytic))
        return memory[last]

    return function


def on_reals(name: str, x: Any) -> Any:
    """A function of the language on a real ball; not finite where it is not defined.

    Raises ``NotCertified`` for an unknown name.
    """
    result = _named(name, flint.ctx.prec)(acb(x), False)
    return result.real if bool(result.imag.contains(0)) else arb.nan()


@lru_cache(maxsize=256)
def _named(name: str, precision: int) -> Function:
    with flint.ctx.workprec(precision):
        return compiled(unfold(Apply(name, (Z,))))


def value_of(term: Term) -> Any:
    """The Arb ball of a constant term, at the precision in force. Raises ``NotCertified`` where it is not finite."""
    value = _value(term)
    if not value.is_finite() or not bool(value.imag.contains(0)):
        raise NotCertified("a constant that is not defined")
    return value.real


def exact(value: Fraction | int) -> Any:
    """The ball of a rational number."""
    return arb(flint.fmpq(value.numerator, value.denominator))


def _constant(term: Term) -> Step:
    value = _value(term)
    return lambda _, __: value


def _value(term: Term) -> Complex:
    number = rational(term)
    if number is not None:
        return acb(exact(number))
    if term == Name("pi"):
        return acb(arb.pi())
    if isinstance(term, Name | Num):
        raise NotCertified("a constant that is not defined")

    memory: list[Complex] = []

    def place(t: Term) -> int:
        memory.append(_value(t))
        return len(memory) - 1

    return _step(term, place)(memory, False)


def _step(term: Term, place: Callable[[Term], int]) -> Step:
    match term:
        case Neg(term=inner):
            i = place(inner)
            return lambda m, _: -m[i]
        case Recip(term=inner):
            i = place(inner)
            return lambda m, _: 1 / m[i]
        case Add(terms=parts):
            return _added([place(t) for t in parts])
        case Mul(factors=parts):
            return _multiplied([(place(f.term if isinstance(f, Recip) else f), isinstance(f, Recip)) for f in parts])
        case Pow(base=base, exponent=exponent):
            return _powered(place(base), exponent, place)
        case Apply(function=name, args=args):
            return _applied(name, [place(a) for a in args])
        case _:
            raise NotCertified("this expression is not integrated")


def _added(indices: list[int]) -> Step:
    if len(indices) == 2:
        i, j = indices
        return lambda m, _: m[i] + m[j]
    first, *rest = indices

    def step(m: list[Complex], _: bool) -> Complex:
        out = m[first]
        for k in rest:
            out = out + m[k]
        return out

    return step


def _multiplied(indices: list[tuple[int, bool]]) -> Step:
    if len(indices) == 2 and not indices[0][1]:
        (i, _), (j, divided) = indices
        return (lambda m, _: m[i] / m[j]) if divided else (lambda m, _: m[i] * m[j])

    def step(m: list[Complex], _: bool) -> Complex:
        out = acb(1)
        for k, divided in indices:
            out = out / m[k] if divided else out * m[k]
        return out

    return step


def _powered(i: int, exponent: Term, place: Callable[[Term], int]) -> Step:
    value = rational(exponent)
    if value is not None and value.denominator == 1:
        whole = int(value)
        return lambda m, _: m[i] ** whole
    if value is not None and value.denominator == 2:
        twice = int(value * 2)
        return lambda m, a: SMOOTH["sqrt"](m[i], a) ** twice
    j = place(exponent)
    return lambda m, a: raised(m[i], m[j], a)


def _applied(name: str, indices: list[int]) -> Step:
    if name in SMOOTH and len(indices) == 1:
        f, i = SMOOTH[name], indices[0]
        return lambda m, a: f(m[i], a)
    if name in KINKS and len(indices) == 1:
        kinks, i = KINKS[name], indices[0]
        return lambda m, a: kinks.at(m[i], a)
    if name in {"max", "min"} and len(indices) == 2:
        i, j = indices
        relu = KINKS["relu"]
        if name == "max":
            return lambda m, a: m[j] + relu.at(m[i] - m[j], a)
        return lambda m, a: m[i] - relu.at(m[i] - m[j], a)
    known = "cannot be integrated" if name in FUNCTIONS else "is unknown"
    raise NotCertified(f"`{name}` {known}")
