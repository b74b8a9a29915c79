"""Indices: what a term writes for one, which symbols one occurs in, and renaming.

The bound index of a sum is named by its height, so that equal sums are equal values.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from derive.kernel.polynomial import UNIT, Monomial, Poly, times, total
from derive.kernel.powers import BOUND
from derive.kernel.symbols import (
    Composite,
    Element,
    Inverse,
    Known,
    Label,
    Mean,
    ProductOf,
    Random,
    RandomProduct,
    Root,
    Shift,
    SumOf,
    Tower,
    Unsupported,
    Value,
    base,
    moved,
    shifted,
)
from derive.language.terms import Add, Name, Neg, Num, Term


def label_of(index: Term) -> Label:
    """An index: a literal, a name, or either with an offset."""
    match index:
        case Num(value=value):
            return int(value)
        case Name(name=name):
            return name
        case Add(terms=(first, second)):
            where, offset = label_of(first), second.term if isinstance(second, Neg) else second
            if isinstance(offset, Num) and offset.value.denominator == 1:
                by = -int(offset.value) if isinstance(second, Neg) else int(offset.value)
                if isinstance(where, int):
                    return where + by
                return shifted(where, by) if isinstance(where, str) else shifted(where.of, where.by + by)
            raise Unsupported("an index is a name or a literal, with an offset")
        case _:
            raise Unsupported("an index is a name or a literal")


def end_of(high: Term) -> tuple[str, int]:
    """The end of a range, L or L + k with k > 0."""
    label = label_of(high)
    if isinstance(label, str):
        return label, 0
    if isinstance(label, Shift) and label.by > 0:
        return label.of, label.by
    raise Unsupported("a range ends in a name or a literal")


def mentions(symbol: Hashable, index: str) -> bool:
    """Whether an index occurs in a symbol."""
    match symbol:
        case Random(indices=indices) | Element(indices=indices) | Known(indices=indices):
            return any(base(i) == index for i in indices)
        case SumOf(body=body) | Mean(body=body):
            return any(mentions(s, index) for s, _ in body)
        case Root(radicand=poly) | Inverse(of=poly) | Composite(argument=poly):
            return any(mentions(s, index) for s in poly.symbols())
        case Tower(of=poly) | ProductOf(of=poly) | RandomProduct(of=poly):
            return any(mentions(s, index) for s in poly.symbols())
        case Value(numerator=numerator, denominator=denominator):
            return any(mentions(s, index) for s in numerator.symbols() | denominator.symbols())
        case _:
            return False


def at_bound(monomial: Monomial) -> bool:
    """Whether a monomial depends on the index of a product."""
    return any(mentions(s, BOUND) for s, _ in monomial)


def _height(symbol: Hashable) -> int:
    match symbol:
        case SumOf(height=height):
            return height
        case Mean(body=body):
            return max(_height(s) for s, _ in body)
        case Composite(argument=argument):
            return max((_height(s) for s in argument.symbols()), default=0)
        case _:
            return 0


def sum_of(high: str | int, index: str, body: Monomial) -> SumOf:
    """The sum with its bound index renamed by its height, so that equal sums are equal values."""
    height = 1 + max(_height(s) for s, _ in body)
    bound = f"%{height}"
    return SumOf(high, bound, renamed(body, {index: bound}), height)


def renamed(body: Monomial, names: Mapping[Label, Label]) -> Monomial:
    """The monomial with free indices replaced."""
    out: Monomial = UNIT
    for symbol, exponent in body:
        out = times(out, frozenset({(_renamed(symbol, names), exponent)}))
    return out


def renamed_poly(poly: Poly, names: Mapping[Label, Label]) -> Poly:
    """The polynomial with free indices replaced; terms that become alike are added."""
    return total(Poly.monomial(renamed(m, names), c) for m, c in poly.terms.items())


def _renamed(symbol: Hashable, names: Mapping[Label, Label]) -> Hashable:
    match symbol:
        case Random(family=family, indices=indices, function=function):
            return Random(family, tuple(moved(i, names) for i in indices), function)
        case Element(family=family, indices=indices):
            return Element(family, tuple(moved(i, names) for i in indices))
        case SumOf(high=high, bound=bound, body=body, height=height):
            inner = {k: v for k, v in names.items() if k != bound}
            return SumOf(high, bound, renamed(body, inner), height)
        case Mean(body=body, given=given):
            return Mean(renamed(body, names), given)
        case Composite(function=function, argument=argument):
            return Composite(function, renamed_poly(argument, names))
        case ProductOf(size=size, bound=bound, of=of):
            return ProductOf(size, bound, renamed_poly(of, names))
        case RandomProduct(size=size, of=of):
            return RandomProduct(size, renamed_poly(of, names))
        case Known(family=family, indices=indices, function=function):
            return Known(family, tuple(moved(i, names) for i in indices), function)
        case Root(radicand=radicand):
            return Root(renamed_poly(radicand, names))
        case Inverse(of=of):
            return Inverse(renamed_poly(of, names))
        case Tower(of=of, size=size):
            return Tower(renamed_poly(of, names), size)
        case Value(function=function, numerator=numerator, denominator=denominator):
            return Value(function, renamed_poly(numerator, names), renamed_poly(denominator, names))
        case _:
            return symbol
