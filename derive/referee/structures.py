"""Which families the search draws together, simple ways first: the structures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, combinations, islice, permutations, product

from derive.language.problem import Problem
from derive.language.terms import Entry, Num, Term, walk
from derive.language.theorem import Family, Independent
from derive.referee.cells import Cell, Index, Link, Structure, draw_of
from derive.referee.model import standing

MOST_NAMED = 3
MOST_COMBINED = 1_000  # sets of several families, or of two pairs; ten families have hardly more

LINKS: tuple[Link, ...] = (
    lambda row: row[0],
    lambda row: -row[0],
    lambda row: row[0] * row[0],
    lambda row: abs(row[0]),
    lambda row: 1 + row[0],
    lambda row: (row[0] > 0) - (row[0] < 0),
)


PRODUCTS: tuple[tuple[Link, ...], ...] = ((), LINKS[4:5])


def structures(
    problem: Problem, active: frozenset[int], relevant: frozenset[str], terms: Sequence[Term] = ()
) -> list[tuple[int, Structure]]:
    """The structures that the search goes through, each with how far-fetched it is.

    terms: those of the claim; which entries they name by literals tells which entries had better be coupled.
    """
    named = _literals(problem, terms)
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
    shared = [n for n in names if n in relevant and problem.families[n].kind == "exchangeable"]
    several = chain.from_iterable(combinations(shared, count) for count in range(2, len(shared) + 1))
    for some in islice(several, MOST_COMBINED):
        rest = tuple(c for c in found[0][1] if c.families[0] not in some)
        found.append((len(some) - 1, (*rest, *(_alone(problem.families[n])[0] for n in some))))
    pairs = [
        _by_slots(problem, pair)
        for pair in combinations([n for n in names if n in relevant], 2)
        if not any(_apart(fact, *pair) for fact in said)
    ]
    for pair in pairs:
        for level, cell in [*_coupled(problem, pair), *_elsewhere(problem, pair, named)]:
            put(level, cell)
    for first, second in islice(combinations(pairs, 2), MOST_COMBINED):
        if not set(first) & set(second):
            rest = tuple(c for c in found[0][1] if c.families[0] not in first + second)
            couple = (Cell(first, 1, LINKS[:1]), Cell(second, 1, LINKS[:1]))
            found.append((2, (*rest, *couple)))
    for triple in islice(combinations([n for n in names if n in relevant], 3), MOST_COMBINED):
        if not any(_mutual(fact, triple) for fact in said):
            ordered = _by_slots(problem, triple)
            for order in (ordered, (ordered[0], ordered[2], ordered[1])):
                put(1, Cell(order, 2, (lambda row: row[0] * row[1],)))
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
        cells.append((2, Cell(pair, 1, parity=True)))
    return cells


def _literals(problem: Problem, terms: Sequence[Term]) -> dict[str, list[Index]]:
    """The entries of each family that some terms name, in the order in which they do."""
    found: dict[str, dict[Index, None]] = {}
    for part in (t for term in terms for t in walk(term) if isinstance(t, Entry) and t.name in problem.families):
        index = tuple(int(i.value) for i in part.indices if isinstance(i, Num))
        if len(index) == len(part.indices):
            found.setdefault(part.name, {})[index] = None
    return {name: list(indices) for name, indices in found.items()}


def _elsewhere(problem: Problem, pair: tuple[str, ...], named: Mapping[str, list[Index]]) -> list[tuple[int, Cell]]:
    """Couplings of entries that do not meet index by index, and an entry that is the product of several others."""
    first = {name: (1,) * len(problem.families[name].ranges) for name in pair}
    plain = Cell(pair, 1, LINKS[:1])
    cells: list[tuple[int, Cell]] = []
    for left, right in product(*([*named.get(name, []), first[name]][:MOST_NAMED] for name in pair)):
        draws = [draw_of(plain, problem, problem.sizes, (name, i)) for name, i in zip(pair, (left, right), strict=True)]
        fronts = ((pair[0], left), (pair[1], right))
        if draws[0] != draws[1] and not any(fronts == c.fronts for _, c in cells):
            cells += [(1, Cell(pair, 2, fronts=fronts)), (2, Cell(pair, 1, LINKS[:1], fronts=fronts))]
            cells += [(3, Cell(pair, 1, (link,), fronts=fronts)) for link in LINKS[2:4]]
    for lead, last in (pair, pair[::-1]):
        second = (*first[lead][:-1], 2) if first[lead] else ()
        factors = tuple(dict.fromkeys([*named.get(lead, []), first[lead], second]))[: max(2, len(named.get(lead, [])))]
        if 1 < len(factors) <= MOST_NAMED and problem.families[lead].kind != "exchangeable":
            fronts = ((last, named.get(last, [first[last]])[0]),)
            cells += [(2, Cell((lead, last), 1, links, (), fronts, parity=True, factors=factors)) for links in PRODUCTS]
    return cells


def _apart(fact: Independent, left: str, right: str) -> bool:
    return any(left in a and right in b for a, b in permutations(fact.blocks, 2))


def _mutual(fact: Independent, names: tuple[str, ...]) -> bool:
    where = [next((k for k, block in enumerate(fact.blocks) if n in block), None) for n in names]
    return None not in where and len(set(where)) == len(names)
