"""Laws that meet facts which no law of the pool meets.

Once the mean and the second moment of an entry are guessed, the usual facts are linear in the probabilities of the
points of a grid, so the laws that meet them form a polytope; its vertices are found exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product

from derive.language.theorem import Symmetric
from derive.referee.algebra import Ball, Exact, Poly, Unusable, Value, power, variable
from derive.referee.evaluate import expectations
from derive.referee.facts import Fact
from derive.referee.means import Work
from derive.referee.model import Key, Model, Row, Table, table
from derive.referee.program import Slot
from derive.referee.simplex import vertices

MOST_GUESSES = 24
ENOUGH = 6
Coefficients = Sequence[Fraction]


def solved(
    mine: Callable[[Key], bool],
    components: Sequence[Table],
    free: int,
    facts: Sequence[Fact],
    place: Callable[[Table], Model],
    targets: Sequence[Exact],
    work: Work,
) -> list[Table]:
    """Mixtures of the components that meet the facts that the method can read, simplest first.

    mine: which entries get their law from the mixture.
    components: the points of a grid, or laws of a whole family. free: how many columns are chosen. place: the model
    in which the cell has a law given. targets: numbers that a moment may be asked to have.
    """
    models = [place(law) for law in components]
    grid = _grid(tuple(components), free)
    readings = [r for fact in facts for r in _readings(mine, fact, models, grid.moments, work)]
    numbers = list(dict.fromkeys([*_numbers(readings), *targets]))
    symmetric = any(isinstance(f.item, Symmetric) for f in facts)
    found: list[Table] = []
    for guess in _guesses(free, numbers):
        work.spend(200)
        for law in _laws(grid, readings, guess, symmetric=symmetric):
            if law not in found:
                found.append(law)
        if len(found) >= ENOUGH:
            break
    return found


@dataclass(frozen=True, slots=True)
class _Column:
    """An expectation: its value at each point, and how it hangs on the moments that are guessed.

    constant: the value where it is the same at all points. line: else the first moment on which it lies, by position,
    with offset and slope of column = offset + slope moment; None where it lies on none. Found once for all guesses.
    """

    values: Coefficients
    constant: Fraction | None
    line: tuple[int, Fraction, Fraction] | None

    @staticmethod
    def of_values(values: Coefficients, moments: Sequence[Coefficients]) -> _Column:
        """The column, with what it is a combination of."""
        constant = values[0] if all(x == values[0] for x in values) else None
        return _Column(values, constant, None if constant is not None else _line_through(values, moments))

    def determined(self, guess: tuple[Exact, ...]) -> Fraction | None:
        """The expectation once the moments are guessed, if they determine it."""
        if self.constant is not None or self.line is None or not guess:
            return self.constant
        k, offset, slope = self.line
        return offset + slope * guess[k]


def _line_through(column: Coefficients, moments: Sequence[Coefficients]) -> tuple[int, Fraction, Fraction] | None:
    """The first moment that the column is a combination of, together with 1: offset + slope moment at every point."""
    for k, moment in enumerate(moments):
        pivot = next((i for i in range(1, len(column)) if moment[i] != moment[0]), None)
        if pivot is None:
            continue
        slope = (column[pivot] - column[0]) / (moment[pivot] - moment[0])
        offset = column[0] - slope * moment[0]
        if all(x == offset + slope * y for x, y in zip(column, moment, strict=True)):
            return k, offset, slope
    return None


@dataclass(frozen=True, slots=True)
class _Reading:
    """A comparison of a fact: both sides and their difference as polynomials in expectations, which are columns."""

    operator: str
    left: Value
    right: Value
    difference: Value
    columns: Mapping[int, _Column]


def _readings(
    mine: Callable[[Key], bool],
    fact: Fact,
    models: Sequence[Model],
    moments: Sequence[Coefficients],
    work: Work,
) -> list[_Reading]:
    relation = fact.relation
    if relation is None:
        return []
    found: list[_Reading] = []
    for code in fact.programs:
        values: dict[Slot, Value] = {**models[0].constants}
        columns: dict[int, _Column] = {}
        try:
            for slot, body in enumerate(code.slots):
                if body.conditional:
                    raise Unusable("not linear in the law")
                here = [k for k in body.entries if mine(k)]
                if len({models[0].block(k) for k in here}) > 1:
                    raise Unusable("not linear in the law")
                column = [_rational(expectations([body], m, work)[0]) for m in (models if here else models[:1])]
                if here:
                    columns[slot] = _Column.of_values(column, moments)
                values[slot] = variable(slot) if here else column[0]
            sides = [result.run(values) for result in code.results]
        except (KeyError, Unusable):
            continue
        pairs = zip(sides, relation.operators, sides[1:], strict=False)
        found += [_Reading(o, a, b, a + -b, columns) for a, o, b in pairs]
    return found


def _rational(value: Exact | Ball) -> Fraction:
    if isinstance(value, Ball):
        raise Unusable("an irrational moment")
    return Fraction(value)


def _numbers(readings: Sequence[_Reading]) -> list[Exact]:
    return [s for r in readings for s in (r.left, r.right) if isinstance(s, int | Fraction)]


def _guesses(width: int, numbers: Sequence[Exact]) -> list[tuple[Exact, ...]]:
    """Means, and for a single column the second moment too."""
    means = list(dict.fromkeys([0, *numbers, 1, Fraction(1, 2)]))[:6]
    if width > 1:
        return list(product(means[:3], repeat=width))[:MOST_GUESSES]
    spreads = list(dict.fromkeys([*numbers, 1, 2, Fraction(1, 2), 0]))
    pairs: list[tuple[Exact, ...]] = []
    for mean in means:
        for v in spreads:
            pairs += [(mean, v + mean * mean), (mean, v)]
    usable = [(m, s) for m, s in dict.fromkeys((p[0], p[1]) for p in pairs) if s >= m * m]
    return [(), *usable][:MOST_GUESSES]


def _moment(law: Mapping[Row, Fraction], column: int, power: int) -> Fraction:
    return sum((Fraction(row[column]) ** power * p for row, p in law.items()), Fraction(0))


@dataclass(frozen=True, slots=True)
class _Grid:
    """What laws are mixed from, with what every guess needs of it.

    moments: of each component, in the order in which they are guessed. objectives: what the mixtures' weights minimize.
    """

    components: tuple[Table, ...]
    moments: tuple[Coefficients, ...]
    objectives: tuple[Coefficients, ...]


@lru_cache(maxsize=64)
def _grid(components: tuple[Table, ...], free: int) -> _Grid:
    """The grid of some components of which so many columns are chosen."""
    laws = [law.law() for law in components]
    wanted = [(0, 1), (0, 2)] if free == 1 else [(c, 1) for c in range(free)]
    moments = tuple(tuple(_moment(law, c, k) for law in laws) for c, k in wanted)
    return _Grid(components, moments, _objectives(laws, components[0].width))


def _laws(grid: _Grid, readings: Sequence[_Reading], guess: tuple[Exact, ...], *, symmetric: bool) -> list[Table]:
    """The vertices and their average, for one guess; nothing if it does not make a fact linear, or cannot be met."""
    components, moments = grid.components, grid.moments[: len(guess)]
    count, width = len(components), components[0].width
    rows: list[Coefficients] = [[Fraction(1)] * count, *moments]
    right, slack = [Fraction(1), *map(Fraction, guess)], [0] * (1 + len(guess))
    if symmetric and width == 1:
        points = [law.rows[0][0][0] for law in components]
        for k, x in enumerate(points):
            if x > 0 and -x in points:
                row = [Fraction(0)] * count
                row[k], row[points.index(-x)] = Fraction(1), Fraction(-1)
                rows.append(row)
                right.append(Fraction(0))
                slack.append(0)
    for reading in readings:
        line = _line(reading, guess, count)
        if line is None:
            return []
        if reading.operator == "=" and not any(line[0]):
            if line[1]:
                return []
            continue
        rows.append(line[0])
        right.append(-line[1])
        slack.append({"=": 0, "<": 1, "<=": 1}.get(reading.operator, -1))
    for k, s in enumerate(slack):
        if s:
            rows = [[*row, Fraction(s if i == k else 0)] for i, row in enumerate(rows)]
    fill = [Fraction(0)] * (len(rows[0]) - count)
    return _mixtures(components, vertices(rows, right, [[*c, *fill] for c in grid.objectives]))


def _line(reading: _Reading, guess: tuple[Exact, ...], count: int) -> tuple[Coefficients, Fraction] | None:
    """The difference of a fact's sides as coefficients of the probabilities and a constant, if it is linear."""
    difference = reading.difference
    if isinstance(difference, Ball):
        return None
    if not isinstance(difference, Poly):
        return [Fraction(0)] * count, Fraction(difference)
    known = {slot: column.determined(guess) for slot, column in reading.columns.items()}
    constant = Fraction(0)
    coefficients: Coefficients = [Fraction(0)] * count
    for monomial, factor in difference.terms.items():
        scale, open_slots = _rational(factor), list[int]()
        for slot, p, _ in monomial:
            number = known[slot] if isinstance(slot, int) else None
            if number is not None:
                scale *= _rational_power(number, p)
            elif p == 1 and isinstance(slot, int):
                open_slots.append(slot)
            else:
                return None
        if len(open_slots) > 1:
            return None
        if open_slots:
            column = reading.columns[open_slots[0]]
            coefficients = [c + scale * x for c, x in zip(coefficients, column.values, strict=True)]
        else:
            constant += scale
    return coefficients, constant


def _rational_power(base: Fraction, exponent: int) -> Fraction:
    value = power(base, exponent)
    return Fraction(value) if isinstance(value, int | Fraction) else Fraction(0)


def _objectives(laws: Sequence[Mapping[Row, Fraction]], width: int) -> tuple[Coefficients, ...]:
    """Simple components first; then skewed one way and the other; then heavy tails."""
    columns = range(width)
    cube = tuple(sum((_moment(law, c, 3) for c in columns), Fraction(0)) for law in laws)
    tails = tuple(-sum((_moment(law, c, 4) for c in columns), Fraction(0)) for law in laws)
    order = tuple(Fraction(k * k) for k in range(len(laws)))
    return order, cube, tuple(-x for x in cube), tails


def _mixtures(components: Sequence[Table], found: Sequence[Coefficients]) -> list[Table]:
    """The laws with the given weights of the components, and their average."""
    weights = [v[: len(components)] for v in found]
    if len(weights) > 1:
        weights.append([sum(column, Fraction(0)) / len(weights) for column in zip(*weights, strict=True)])
    laws: list[Table] = []
    for chosen in weights:
        if sum(chosen, Fraction(0)) == 1 and min(chosen) >= 0:
            parts = [(law, w) for law, w in zip(components, chosen, strict=True) if w]
            laws.append(table([(row, p * w) for law, w in parts for row, p in law.law().items()]))
    return laws
