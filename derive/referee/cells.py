"""Families that are drawn together: cells, and how a law of a cell becomes blocks of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations, product

from derive.language.problem import Problem
from derive.language.theorem import Family, Law
from derive.referee.algebra import Exact, Unusable
from derive.referee.facts import Unit, units_of
from derive.referee.model import Block, Continuous, Key, Row, Table, entries, extent, table

Index = tuple[int, ...]
Link = Callable[[Row], Exact]
Blocks = tuple[dict[str, Table | Continuous], tuple[Block, ...]]


@dataclass(frozen=True, slots=True)
class Cell:
    """Families drawn together, index by index.

    families: the one whose entries are the draws comes first. free: how many columns of a row are chosen; ``links``
    give the others from these. tied: index slots of a family along which all its entries are the same draw.
    fronts: the entry of a family that takes the place of its first one, so that others meet there than index by
    index. whole: a table of all entries of the single family is chosen instead. parity: the front entry of the last
    family is the product of all entries of the first, or of those in ``factors``, or what a link makes of it.
    entry: the only entry meant, of a family whose entries need not have the same law. uneven: the entries of such
    families are scaled, each by another factor.
    """

    families: tuple[str, ...]
    free: int = 1
    links: tuple[Link, ...] = ()
    tied: tuple[tuple[str, tuple[int, ...]], ...] = ()
    fronts: tuple[tuple[str, Index], ...] = ()
    whole: bool = False
    parity: bool = False
    factors: tuple[Index, ...] = ()
    entry: Index | None = None
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
MOST_ENTRIES = 6  # of a family whose entries are chosen one by one, or all at once


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


def plain(cell: Cell, problem: Problem, sizes: Mapping[str, int]) -> bool:
    """Whether at these sizes a cell that ties entries has none to tie, so that a simpler cell gives the same models."""
    if not cell.tied and not cell.whole:
        return False
    slots = {name: dict(cell.tied).get(name, ()) for name in cell.families}
    if cell.whole:
        slots = {cell.families[0]: tuple(range(len(problem.families[cell.families[0]].ranges)))}
    wide = [extent(problem.families[name].ranges[slot], sizes) for name, some in slots.items() for slot in some]
    return bool(wide) and max(wide) == 1


def lay(cell: Cell, law: Table | Continuous, problem: Problem, sizes: Mapping[str, int]) -> Blocks:
    """The part of a model in which the cell's rows have the given law."""
    if cell.whole and isinstance(law, Table):
        return {}, (Block(tuple(entries(problem.families[cell.families[0]], sizes)), law),)
    if cell.parity and isinstance(law, Table):
        return _product(cell, law, problem, sizes)
    if cell.entry is not None and isinstance(law, Table):
        return {}, (Block(((cell.families[0], cell.entry),), law),)
    if isinstance(law, Continuous) or (len(cell.families) == 1 and not cell.tied):
        return {cell.families[0]: law}, ()
    full = table([(cell.row(row), p) for row, p in law.law().items()])
    draws: dict[object, list[tuple[Key, int]]] = {}
    for column, name in enumerate(cell.families):
        for key in entries(problem.families[name], sizes):
            draws.setdefault(draw_of(cell, problem, sizes, key), []).append((key, column))
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


def _product(cell: Cell, law: Table, problem: Problem, sizes: Mapping[str, int]) -> Blocks:
    """One entry of the last family as a product of entries of the first; the others have its law."""
    first, last = (entries(problem.families[name], sizes) for name in cell.families)
    factors = [(cell.families[0], index) for index in cell.factors] or first
    if not set(factors) <= set(first):
        raise Unusable("the family has fewer entries here")
    front = (cell.families[1], dict(cell.fronts).get(cell.families[1], (1,) * len(last[0][1])))
    rows: list[tuple[Row, Exact]] = []
    for values in product(law.law().items(), repeat=len(factors)):
        row, p, x = [v[0] for v, _ in values], 1, 1
        for (y,), q in values:
            p, x = p * q, x * y
        rows.append(((*row, *(link((x,)) for link in cell.links or (_itself,))), p))
    whole = table(rows)
    alone = whole.columns([len(factors)])
    others = [Block((k,), law) for k in first if k not in factors] + [Block((k,), alone) for k in last if k != front]
    return {}, (Block((*factors, front), whole), *others)


def _itself(row: Row) -> Exact:
    return row[0]


def draw_of(cell: Cell, problem: Problem, sizes: Mapping[str, int], key: Key) -> object:
    """Which draw an entry comes from; entries of another family that has no partner there have their own."""
    lead, family = problem.families[cell.families[0]], problem.families[key[0]]
    tied = dict(cell.tied)
    front = dict(cell.fronts).get(key[0], (1,) * len(key[1]))
    moved = [1 if i == f else f if i == 1 else i for i, f in zip(key[1], front, strict=True)]
    index = [1 if s in tied.get(key[0], ()) else i for s, i in enumerate(moved)]
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


def wholes(family: Family, sizes: Mapping[str, int]) -> list[Table]:
    """Laws of all entries of an exchangeable family: a fixed vector in random order, a common random scale."""
    count = len(entries(family, sizes))
    if count > MOST_ENTRIES:
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
