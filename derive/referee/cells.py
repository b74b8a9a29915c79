"""Which families are drawn together: cells, and how a law of a cell becomes blocks of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations, product

from derive.language.problem import Problem
from derive.language.theorem import Family, Independent, Law
from derive.referee.algebra import Exact
from derive.referee.facts import Unit, units_of
from derive.referee.model import Block, Continuous, Key, Row, Table, entries, standing, table

Link = Callable[[Row], Exact]
Blocks = tuple[dict[str, Table | Continuous], tuple[Block, ...]]


@dataclass(frozen=True, slots=True)
class Cell:
    """Families drawn together, index by index.

    families: the one whose entries are the draws comes first. free: how many columns of a row are chosen; ``links``
    give the others from these. tied: index slots of a family along which all its entries are the same draw.
    whole: a table of all entries of the single family is chosen instead. parity: the last family is the product of
    all entries of the first. entry: the only entry meant, of a family whose entries need not have the same law.
    uneven: the entries of such families are scaled, each by another factor.
    """

    families: tuple[str, ...]
    free: int = 1
    links: tuple[Link, ...] = ()
    tied: tuple[tuple[str, tuple[int, ...]], ...] = ()
    whole: bool = False
    parity: bool = False
    entry: tuple[int, ...] | None = None
    uneven: bool = False

    def units(self, problem: Problem, sizes: Mapping[str, int]) -> frozenset[Unit]:
        """What gets its law from this cell."""
        if self.entry is not None:
            return frozenset({(self.families[0], self.entry)})
        return frozenset[Unit]().union(*(units_of(problem, name, sizes) for name in self.families))

    def row(self, chosen: Row) -> Row:
        """The full row."""
        return (*chosen, *(link(chosen) for link in self.links))


Structure = tuple[Cell, ...]
FACTORS: Sequence[Exact] = (1, 2, -1, 3)
MOST_ENTRIES = 6


def spread(structure: Structure, problem: Problem, sizes: Mapping[str, int]) -> Structure:
    """The structure with a cell for each entry of a family whose entries need not have the same law."""
    named = {g.item.name for g in problem.givens if isinstance(g.item, Law)}
    found: list[Cell] = []
    for cell in structure:
        family = problem.families[cell.families[0]]
        keys = entries(family, sizes)
        if cell == Cell((family.name,)) and family.kind == "independent" and len(keys) <= MOST_ENTRIES:
            found += [Cell((family.name,), entry=k[1]) for k in keys] if family.name not in named else [cell]
        else:
            found.append(cell)
    return tuple(found)


def lay(cell: Cell, law: Table | Continuous, problem: Problem, sizes: Mapping[str, int]) -> Blocks:
    """The part of a model in which the cell's rows have the given law."""
    if cell.whole or cell.parity:
        return {}, (_whole(cell, law, problem, sizes),)
    if cell.entry is not None and isinstance(law, Table):
        return {}, (Block(((cell.families[0], cell.entry),), law),)
    if isinstance(law, Continuous) or (len(cell.families) == 1 and not cell.tied):
        return {cell.families[0]: law}, ()
    full = table([(cell.row(row), p) for row, p in law.law().items()])
    draws: dict[object, list[tuple[Key, int]]] = {}
    for column, name in enumerate(cell.families):
        for key in entries(problem.families[name], sizes):
            draws.setdefault(_draw(cell, problem, sizes, key), []).append((key, column))
    blocks = [Block(tuple(k for k, _ in members), full.columns(c for _, c in members)) for members in draws.values()]
    return {}, tuple(_scaled(b, problem) for b in blocks) if cell.uneven else tuple(blocks)


def _scaled(block: Block, problem: Problem) -> Block:
    """The block with different factors for the entries of a family that need not have the same law."""
    factors = [
        FACTORS[(sum(i) - len(i)) % len(FACTORS)] if problem.families[name].kind == "independent" else 1
        for name, i in block.entries
    ]
    rows = [(tuple(x * f for x, f in zip(row, factors, strict=True)), w) for row, w in block.table.rows]
    return Block(block.entries, Table(tuple(rows), block.table.total))


def _whole(cell: Cell, law: Table | Continuous, problem: Problem, sizes: Mapping[str, int]) -> Block:
    if isinstance(law, Continuous):
        raise TypeError("a continuous law has no table")
    keys = entries(problem.families[cell.families[0]], sizes)
    if not cell.parity:
        return Block(tuple(keys), law)
    rows: list[tuple[Row, Exact]] = []
    for values in product(law.law().items(), repeat=len(keys)):
        row, p, sign = [x[0] for x, _ in values], 1, 1
        for (x,), q in values:
            p, sign = p * q, sign * x
        rows.append(((*row, *([sign] * len(entries(problem.families[cell.families[1]], sizes)))), p))
    return Block((*keys, *entries(problem.families[cell.families[1]], sizes)), table(rows))


def _draw(cell: Cell, problem: Problem, sizes: Mapping[str, int], key: Key) -> object:
    """Which draw an entry comes from; entries of another family that has no partner there have their own."""
    lead, family = problem.families[cell.families[0]], problem.families[key[0]]
    tied = dict(cell.tied)
    index = [1 if s in tied.get(key[0], ()) else i for s, i in enumerate(key[1])]
    if family == lead:
        return tuple(index)
    open_slots = [s for s in range(len(lead.ranges)) if s not in tied.get(lead.name, ())]
    draw = [1] * len(lead.ranges)
    for s, place in enumerate(family.ranges):
        if s in tied.get(family.name, ()):
            continue
        slot = next((t for t in open_slots if lead.ranges[t].high == place.high), open_slots[0] if open_slots else None)
        if slot is None:
            if index[s] != 1:
                return (family.name, tuple(index))
            continue
        open_slots.remove(slot)
        end = lead.ranges[slot].high
        if index[s] > (end if isinstance(end, int) else sizes[end]):
            return (family.name, tuple(index))
        draw[slot] = index[s]
    return tuple(draw)


# --- structures ------------------------------------------------------------------------------------------------------


LINKS: tuple[Link, ...] = (
    lambda row: row[0],
    lambda row: -row[0],
    lambda row: row[0] * row[0],
    lambda row: abs(row[0]),
    lambda row: 1 + row[0],
    lambda row: (row[0] > 0) - (row[0] < 0),
)


def structures(problem: Problem, active: frozenset[int], relevant: frozenset[str]) -> list[tuple[int, Structure]]:
    """The structures that the search goes through, each with how far-fetched it is."""
    names = tuple(problem.families)
    facts = [problem.givens[k].item for k in standing(problem, active)]
    said = [f for f in facts if isinstance(f, Independent)]
    found: list[tuple[int, Structure]] = [(0, tuple(Cell((name,)) for name in names))]

    def put(level: int, cell: Cell) -> None:
        found.append((level, (*(c for c in found[0][1] if c.families[0] not in cell.families), cell)))

    for name in names:
        if name in relevant and problem.families[name].kind == "exchangeable":
            for cell in _alone(problem.families[name]):
                put(1, cell)
    pairs = [
        _by_slots(problem, pair)
        for pair in combinations([n for n in names if n in relevant], 2)
        if not any(_apart(fact, *pair) for fact in said)
    ]
    for pair in pairs:
        for level, cell in _coupled(problem, pair):
            put(level, cell)
    for first, second in combinations(pairs, 2):
        if not set(first) & set(second):
            rest = tuple(c for c in found[0][1] if c.families[0] not in first + second)
            couple = (Cell(first, 1, LINKS[:1]), Cell(second, 1, LINKS[:1]))
            found.append((2, (*rest, *couple)))
    for triple in combinations([n for n in names if n in relevant], 3):
        if not any(_mutual(fact, triple) for fact in said):
            ordered = _by_slots(problem, triple)
            put(2, Cell(ordered, 2, (lambda row: row[0] * row[1],)))
            put(2, Cell(ordered, 1, (LINKS[0], LINKS[0])))
            put(3, Cell(ordered, 1, (LINKS[1], LINKS[2])))
    return found


def _by_slots(problem: Problem, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda n: -len(problem.families[n].ranges)))


def _alone(family: Family) -> list[Cell]:
    """One exchangeable family by itself: all entries equal, equal along an index, drawn without replacement."""
    slots = tuple(range(len(family.ranges)))
    some = [(s,) for s in slots] if len(slots) > 1 else []
    cells = [Cell((family.name,), tied=((family.name, tied),)) for tied in [slots, *some]]
    return [*cells, Cell((family.name,), whole=True)]


def _coupled(problem: Problem, pair: tuple[str, ...]) -> list[tuple[int, Cell]]:
    """Two families that nothing keeps apart."""
    tied = tuple(
        (name, tuple(range(len(problem.families[name].ranges))))
        for name in pair
        if problem.families[name].kind == "exchangeable"
    )
    cells = [(1 if k == 0 else 2, Cell(pair, 1, (link,))) for k, link in enumerate(LINKS)]
    cells.insert(1, (1, Cell(pair, 2)))
    if tied:
        cells += [(1, Cell(pair, 1, LINKS[:1], tied)), (1, Cell(pair, 2, (), tied))]
    if any(problem.families[name].kind == "independent" for name in pair):
        cells += [(2, Cell(pair, 1, LINKS[:1], uneven=True)), (2, Cell(pair, 2, uneven=True))]
    lead, last = problem.families[pair[0]], problem.families[pair[1]]
    if lead.ranges and not last.ranges:
        cells.append((2, Cell(pair, 1, (), (), parity=True)))
    return cells


def _apart(fact: Independent, left: str, right: str) -> bool:
    return any(left in a and right in b for a, b in permutations(fact.blocks, 2))


def _mutual(fact: Independent, names: tuple[str, ...]) -> bool:
    where = [next((k for k, block in enumerate(fact.blocks) if n in block), None) for n in names]
    return None not in where and len(set(where)) == len(names)


def wholes(family: Family, sizes: Mapping[str, int]) -> list[Table]:
    """Laws of all entries of an exchangeable family: a fixed vector in random order, a common random scale."""
    count = len(entries(family, sizes))
    if count > 6:
        return []
    found: list[Table] = []
    if len(family.ranges) == 1:
        for vector in ([1] + [0] * (count - 1), [-1] + [1] * (count - 1), [2, -1] + [0] * (count - 2)):
            orders = sorted(set(permutations(vector[:count])))
            found.append(table([(row, Fraction(1, len(orders))) for row in orders]))
    found += [table([((x,) * count, Fraction(1, 2)), ((-x,) * count, Fraction(1, 2))]) for x in (1, 2)]
    found.append(table([((1,) * count, 1)]))
    signs = list(product((-1, 1), repeat=count))
    found.append(table([(row, Fraction(1, len(signs))) for row in signs]))
    found.append(table([(tuple(s * x for x in row), Fraction(1, 2 * len(signs))) for s in (1, 2) for row in signs]))
    found.append(table([(tuple(s * x for x in row), Fraction(1, 2 * len(signs))) for s in (0, 1) for row in signs]))
    return found
