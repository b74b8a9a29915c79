"""A counterexample made small, so that it can be followed by hand.

Small means: sizes first, then points of the laws, then the heights of the numbers; the height of p/q is max(|p|, q).
One step makes a size smaller by one, puts a smaller law in the place of one, or a smaller number in that of a constant.
After each step the referee verifies again that every given is met and that the link fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

from derive.language.problem import Problem, Step
from derive.language.theorem import Law
from derive.referee import pools
from derive.referee.algebra import Ball, Exact, TooLarge, Unusable
from derive.referee.check import meets
from derive.referee.constants import followed, kinds, rules
from derive.referee.evaluate import evaluate
from derive.referee.failure import Failure, Sides, failure, sides_at
from derive.referee.means import Work
from derive.referee.model import Block, Continuous, Key, Model, Row, Table, entries, model, table
from derive.referee.program import program

MOST_ROWS = 8  # of a table of which single points are dropped
SCALES: tuple[Exact, ...] = (Fraction(1, 4), Fraction(1, 3), Fraction(1, 2), 2, 3, 4)

Found = tuple[Model, Failure]
Measure = tuple[int, int, int]


def smallest(problem: Problem, step: Step, active: frozenset[int], found: Found, *, effort: int) -> Found:
    """The counterexample after as many steps as there are, or as the effort allows: each makes it smaller."""
    work = Work(effort)
    known: dict[tuple[int, ...], list[Sides]] = {}
    try:
        while (smaller := _smaller(problem, step, active, found, known, work)) is not None:
            found = smaller
    except TooLarge:
        return found
    return found


def _smaller(
    problem: Problem,
    step: Step,
    active: frozenset[int],
    found: Found,
    known: dict[tuple[int, ...], list[Sides]],
    work: Work,
) -> Found | None:
    here = measure(found[0])
    ranked = sorted(((measure(m), k, m) for k, m in enumerate(steps(problem, found[0]))), key=lambda r: r[:2])
    for size, _, candidate in ranked:
        if size >= here:
            return None
        work.spend(20)
        key = tuple(candidate.sizes.values())
        try:
            if key not in known:
                known[key] = sides_at(problem, candidate.sizes, step)
            fails = failure(known[key], step, candidate, work)
        except Unusable:
            continue
        if fails is not None and meets(problem, candidate, active):
            return candidate, fails
    return None


def measure(of: Model) -> Measure:
    """The sum of the sizes, the number of points of all laws, the sum of the heights of all numbers."""
    tables = [*(law for law in of.laws.values() if isinstance(law, Table)), *(b.table for b in of.blocks)]
    points = sum(len(t.rows) for t in tables)
    return sum(of.sizes.values()), points, sum(map(height_of, tables)) + sum(map(height, of.constants.values()))


def height(x: Exact) -> int:
    """max(|p|, q) of p/q in lowest terms: 1 for -1, 0 and 1."""
    return max(abs(x.numerator), x.denominator)


def height_of(law: Table) -> int:
    """The heights of all values and probabilities."""
    return sum(height(Fraction(weight, law.total)) + sum(map(height, row)) for row, weight in law.rows)


# --- one step ---------------------------------------------------------------------------------------------------------


def steps(problem: Problem, of: Model) -> Iterator[Model]:
    """The models one step away; not all of them are smaller, and some do not meet the givens."""
    for size, least in problem.sizes.items():
        if of.sizes[size] > least:
            yield from _settled(problem, cut(problem, of, size))
    for law in dict.fromkeys(_tables(of)):
        for other in smaller_laws(law):
            yield from _settled(problem, with_law(of, law, other))
    for key, kind in kinds(problem, of.sizes).items():
        for value in pools.VALUES[kind]:
            if key in of.constants and height(value) < height(of.constants[key]):
                yield from _settled(problem, replace(of, constants={**of.constants, key: value}))


def _tables(of: Model) -> Iterator[Table]:
    yield from (law for law in of.laws.values() if isinstance(law, Table))
    yield from (b.table for b in of.blocks)


def with_law(of: Model, law: Table, other: Table) -> Model:
    """The model with another law wherever this one is."""
    laws = {name: other if here == law else here for name, here in of.laws.items()}
    blocks = [Block(b.entries, other) if b.table == law else b for b in of.blocks]
    return model(of.sizes, of.constants, laws, blocks)


def cut(problem: Problem, of: Model, size: str) -> Model:
    """The model with a size smaller by one: entries beyond it are left out, the others keep their joint law."""
    sizes = {**of.sizes, size: of.sizes[size] - 1}
    there = {key for family in problem.families.values() for key in entries(family, sizes)}
    blocks: list[Block] = []
    for block in of.blocks:
        kept = [c for c, key in enumerate(block.entries) if key in there]
        if kept:
            blocks.append(Block(tuple(block.entries[c] for c in kept), block.table.columns(kept)))
    defined = {key for key, _ in rules(problem, sizes)}
    wanted = kinds(problem, sizes).keys() | defined
    return model(sizes, {k: v for k, v in of.constants.items() if k in wanted}, of.laws, blocks)


def _settled(problem: Problem, of: Model) -> Iterator[Model]:
    """The model once recurrences are followed and continuous laws have their parameters, if there is one."""
    try:
        following = rules(problem, of.sizes)
        constants: Mapping[Key, Exact] = followed(following, of) if following else of.constants
        settled = replace(of, constants=constants)
        yield replace(settled, laws=_with_parameters(problem, settled))
    except (Unusable, KeyError):
        return


def _with_parameters(problem: Problem, of: Model) -> dict[str, Table | Continuous]:
    laws = dict(of.laws)
    for item in (g.item for g in problem.givens):
        if isinstance(item, Law) and isinstance(laws.get(item.name), Continuous):
            values = evaluate(program(problem, of.sizes, item.args, {}), of)
            exact = tuple(v for v in values if not isinstance(v, Ball))
            if len(exact) != len(values):
                raise Unusable("an irrational parameter")
            laws[item.name] = Continuous(item.law, exact)
    return laws


_EVEN_PAIRS: tuple[Table, ...] = tuple(
    table((row, Fraction(1, len(rows))) for row in rows)
    for rows in (
        ((1, 1), (-1, -1)),
        ((1, -1), (-1, 1)),
        ((0, 0), (1, 1)),
        ((0, 1), (1, -1)),
        ((1, 0), (0, 1), (-1, -1)),
        ((-1, 1), (0, -2), (1, 1)),
        ((1, 0), (-1, 0), (0, 1), (0, -1)),
        ((1, 1), (-1, -1), (0, 0)),
        ((1, 1), (1, -1), (-2, 0)),
    )
)

# --- smaller laws -----------------------------------------------------------------------------------------------------


def smaller_laws(law: Table) -> list[Table]:
    """Laws with fewer points, or as many and smaller numbers."""
    here = len(law.rows), height_of(law)
    found = dict.fromkeys([*_known(law.width), *_fewer(law), *_nearby(law)])
    return [t for t in found if (len(t.rows), height_of(t)) < here]


def _known(width: int) -> tuple[Table, ...]:
    return {1: (*pools.SIMPLE,), 2: (*_EVEN_PAIRS, *pools.PAIRS, *pools.SIGN_PAIRS)}.get(width, ())


def _fewer(law: Table) -> Iterator[Table]:
    """Without one point or two, the rest in proportion; without all points that are alike up to order and sign."""
    if len(law.rows) <= MOST_ROWS:
        for gone in range(1, min(3, len(law.rows))):
            for left in combinations(law.rows, len(law.rows) - gone):
                yield _law(left)
    for alike in (_sorted, _sorted_sizes):
        for shape in dict.fromkeys(alike(row) for row, _ in law.rows):
            left = [(row, w) for row, w in law.rows if alike(row) != shape]
            if left and len(left) < len(law.rows):
                yield _law(left)


def _sorted(row: Row) -> Row:
    return tuple(sorted(row))


def _sorted_sizes(row: Row) -> Row:
    return tuple(sorted(map(abs, row)))


def _nearby(law: Table) -> Iterator[Table]:
    """All points alike likely; one column in another scale, or all; one value moved to -1, 0 or 1."""
    yield _law((row, 1) for row, _ in law.rows)
    columns = range(law.width)
    for scale in SCALES:
        for which in ([[c] for c in columns] if law.width > 1 else []) + [list(columns)]:
            yield _law((tuple(x * scale if c in which else x for c, x in enumerate(r)), w) for r, w in law.rows)
    if len(law.rows) <= MOST_ROWS:
        for k in range(len(law.rows)):
            for c in columns:
                for value in (1, 0, -1):
                    yield _law(((*r[:c], value, *r[c + 1 :]) if j == k else r, w) for j, (r, w) in enumerate(law.rows))


def _law(rows: Iterable[tuple[Row, int]]) -> Table:
    listed = list(rows)
    total = sum(w for _, w in listed)
    return table((row, Fraction(w, total)) for row, w in listed)
