"""A tiny opponent: expectations over finite models by enumeration, in exact rationals. It knows nothing of any move.

It takes terms, not SymPy, so that the way into the language is tested along with the moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from math import isqrt

from derive.language import terms as t
from derive.language.terms import Term

Entry = tuple[str, tuple[int, ...]]
World = Mapping[Entry, Fraction]
Law = tuple[tuple[int, Fraction], ...]

COIN: Law = ((-1, Fraction(1, 2)), (1, Fraction(1, 2)))
SKEW: Law = ((-1, Fraction(2, 3)), (2, Fraction(1, 3)))
LOADED: Law = ((0, Fraction(1, 4)), (1, Fraction(1, 2)), (3, Fraction(1, 4)))
WIDE: Law = ((-3, Fraction(1, 8)), (-1, Fraction(3, 8)), (1, Fraction(3, 8)), (3, Fraction(1, 8)))
WITH_ZERO: Law = ((-2, Fraction(1, 4)), (0, Fraction(1, 2)), (2, Fraction(1, 4)))


class Model:
    """Sizes, constants, and finitely many worlds with their probabilities."""

    def __init__(self, worlds: list[tuple[World, Fraction]], numbers: Mapping[str, int]) -> None:
        self.worlds = worlds
        self.numbers = numbers

    def value(self, term: Term) -> Fraction:
        """The value of a deterministic term."""
        return self._value(term, {}, None)

    def _value(self, term: Term, at: Mapping[str, int], world: World | None) -> Fraction:
        def value(part: Term) -> Fraction:
            return self._value(part, at, world)

        match term:
            case t.Num(value=number):
                return number
            case t.Name(name=name):
                return Fraction(self.numbers[name]) if name in self.numbers else self._entry(name, (), world)
            case t.Entry(name=name, indices=indices):
                return self._entry(name, tuple(self._index(i, at) for i in indices), world)
            case t.Neg(term=part):
                return -value(part)
            case t.Add(terms=parts):
                return sum((value(p) for p in parts), Fraction(0))
            case t.Mul(factors=parts):
                result = Fraction(1)
                for part in parts:
                    result *= value(part)
                return result
            case t.Recip(term=part):
                return 1 / value(part)
            case t.Pow(base=base, exponent=exponent):
                return value(base) ** int(value(exponent))
            case t.Apply(function="E", args=(x,)):
                return self._mean(x, at)
            case t.Apply(function="Var", args=(x,)):
                return self._mean(t.Pow(x, t.TWO), at) - self._mean(x, at) ** 2
            case t.Apply(function="Cov", args=(x, y)):
                return self._mean(t.Mul((x, y)), at) - self._mean(x, at) * self._mean(y, at)
            case t.Apply(function=function, args=args):
                return _apply(function, [value(a) for a in args])
            case t.Big(kind="sum", body=body, index=index, low=low, high=high):
                steps = range(int(value(low)), int(value(high)) + 1)
                return sum((self._value(body, {**at, index: k}, world) for k in steps), Fraction(0))
            case _:
                raise NotImplementedError(str(term))

    def _index(self, term: Term, at: Mapping[str, int]) -> int:
        return at.get(term.name, 1) if isinstance(term, t.Name) else int(self.value(term))

    def _entry(self, name: str, indices: tuple[int, ...], world: World | None) -> Fraction:
        assert world is not None, f"{name} is random outside E, Var and Cov"
        found = [value for entry, value in world.items() if entry[0] == name and _same(entry[1], indices)]
        assert len(found) == 1, (name, indices)
        return found[0]

    def _mean(self, term: Term, at: Mapping[str, int]) -> Fraction:
        return sum((p * self._value(term, at, world) for world, p in self.worlds), Fraction(0))


def _same(place: tuple[int, ...], indices: tuple[int, ...]) -> bool:
    return place == (indices or (1,) * len(place))


def _apply(function: str, args: list[Fraction]) -> Fraction:
    x = args[0]
    match function:
        case "relu":
            return max(x, Fraction(0))
        case "leaky_relu":
            return x if x > 0 else args[1] * x
        case "step":
            return Fraction(x > 0)
        case "sign":
            return Fraction((x > 0) - (x < 0))
        case "abs":
            return abs(x)
        case "sqrt":
            root = Fraction(isqrt(x.numerator), isqrt(x.denominator))
            assert root**2 == x, f"sqrt({x}) is not rational"
            return root
        case _:
            raise NotImplementedError(function)


def independent(families: Mapping[str, tuple[list[tuple[int, ...]], Law]]) -> list[tuple[World, Fraction]]:
    """All entries of all families independent, each family with one law."""
    cells = [((name, place), law) for name, (places, law) in families.items() for place in places]
    return list(_worlds(cells))


def _worlds(cells: list[tuple[Entry, Law]]) -> Iterator[tuple[World, Fraction]]:
    for points in product(*(law for _, law in cells)):
        chance = Fraction(1)
        for _, p in points:
            chance *= p
        yield {cell: Fraction(x) for (cell, _), (x, _) in zip(cells, points, strict=True)}, chance


def joined(one: list[tuple[World, Fraction]], other: list[tuple[World, Fraction]]) -> list[tuple[World, Fraction]]:
    """Two independent parts of a world."""
    return [({**v, **w}, p * q) for v, p in one for w, q in other]
