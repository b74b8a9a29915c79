"""A finite model: sizes, constants, and a probability space that is a product of independent blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import gcd, lcm, prod

from derive.language.problem import Problem
from derive.language.theorem import Family, Range
from derive.referee.algebra import Exact, TooLarge, Value, variable

Key = tuple[str, tuple[int, ...]]
Row = tuple[Exact, ...]
Part = tuple[tuple[Key, ...], Sequence[tuple[tuple[Value, ...], int]], int]
"""Some entries that are independent of others: entries, weighted rows, total weight."""

MOST_ENTRIES = 2_000


@dataclass(frozen=True, slots=True)
class Table:
    """A finite joint law: rows of values with integer weights, whose sum is ``total``."""

    rows: tuple[tuple[Row, int], ...]
    total: int

    @property
    def width(self) -> int:
        """How many values a row has."""
        return len(self.rows[0][0])

    def columns(self, which: Iterable[int]) -> Table:
        """The marginal law of some columns."""
        chosen = tuple(which)
        merged: dict[Row, int] = {}
        for row, weight in self.rows:
            part = tuple(row[c] for c in chosen)
            merged[part] = merged.get(part, 0) + weight
        return Table(tuple(merged.items()), self.total)

    def law(self) -> dict[Row, Fraction]:
        """The probabilities of its rows."""
        return {row: Fraction(weight, self.total) for row, weight in self.columns(range(self.width)).rows}


def table(rows: Iterable[tuple[Row, Exact]]) -> Table:
    """The table of rows with rational probabilities; rows of probability zero are dropped, equal ones merged."""
    merged: dict[Row, Fraction] = {}
    for row, p in rows:
        short = tuple(x.numerator if x.denominator == 1 else x for x in row)
        merged[short] = merged.get(short, Fraction(0)) + Fraction(p)
    kept = [(row, p) for row, p in merged.items() if p]
    if any(p < 0 for _, p in kept) or sum((p for _, p in kept), Fraction(0)) != 1:
        raise ValueError("probabilities are not negative and add up to 1")
    common = lcm(*(p.denominator for _, p in kept))
    weights = [(row, int(p * common)) for row, p in kept]
    shared = gcd(*(w for _, w in weights))
    return Table(tuple((row, w // shared) for row, w in weights), common // shared)


def point_mass(*values: Exact) -> Table:
    """The law that sits on one point."""
    return table([(values, 1)])


@dataclass(frozen=True, slots=True)
class Continuous:
    """A named continuous law with its parameters: Normal(mean, variance), Uniform, TruncatedNormal."""

    name: str
    parameters: tuple[Exact, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Some entries and their joint law; column k of the table is the k-th entry."""

    entries: tuple[Key, ...]
    table: Table


@dataclass(frozen=True, slots=True)
class Model:
    """Sizes, constants, and independent blocks.

    laws: families whose entries are independent of one another and of everything else, each with the law given.
    blocks: the joint laws of all other entries; different blocks are independent.
    place: the block in which an entry lies.
    """

    sizes: Mapping[str, int]
    constants: Mapping[Key, Exact]
    laws: Mapping[str, Table | Continuous]
    blocks: tuple[Block, ...]
    place: Mapping[Key, int]

    def block(self, key: Key) -> int | Key:
        """What identifies the block of an entry; entries with different blocks are independent."""
        return key if key[0] in self.laws else self.place[key]

    def marginals(self, keys: Iterable[Key]) -> list[Part]:
        """The independent parts of the joint law of some entries."""
        parts: list[Part] = []
        coupled: dict[int, list[Key]] = {}
        for key in sorted(set(keys)):
            law = self.laws.get(key[0])
            if law is None:
                coupled.setdefault(self.place[key], []).append(key)
            elif isinstance(law, Continuous):
                parts.append(((key,), [((variable(key),), 1)], 1))
            else:
                parts.append(((key,), law.rows, law.total))
        for number, members in coupled.items():
            block = self.blocks[number]
            part = block.table.columns(block.entries.index(k) for k in members)
            parts.append((tuple(members), part.rows, part.total))
        return parts


def model(
    sizes: Mapping[str, int],
    constants: Mapping[Key, Exact],
    laws: Mapping[str, Table | Continuous],
    blocks: Iterable[Block] = (),
) -> Model:
    """A model; the place of each entry is looked up once."""
    listed = tuple(blocks)
    place = {key: number for number, block in enumerate(listed) for key in block.entries}
    if len(place) != sum(len(b.entries) for b in listed) or any(k[0] in laws for k in place):
        raise ValueError("an entry lies in two blocks")
    return Model(sizes, constants, laws, listed, place)


def extent(place: Range, sizes: Mapping[str, int]) -> int:
    """How far a range goes."""
    return place.high if isinstance(place.high, int) else sizes[place.high]


def entries(family: Family, sizes: Mapping[str, int]) -> list[Key]:
    """All entries of a family."""
    return [(family.name, index) for index in product(*(range(1, extent(r, sizes) + 1) for r in family.ranges))]


def few_entries(problem: Problem, sizes: Mapping[str, int]) -> None:
    """Raise ``TooLarge`` where the families have too many entries at these sizes for a model to be written down."""
    declared = (*problem.families.values(), *problem.constants.values())
    if sum(prod(extent(r, sizes) for r in item.ranges) for item in declared) > MOST_ENTRIES:
        raise TooLarge("too many entries")


def standing(problem: Problem, active: frozenset[int]) -> list[int]:
    """The positions of the givens in force: those that always stand and those that are active."""
    return [k for k, given in enumerate(problem.givens) if k in active or not given.removable]
