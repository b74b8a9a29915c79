"""All values of a written-out term, each part of it computed once for each outcome of the entries that it reads.

A part of a sum or product seldom depends on everything that the whole depends on. Going over the outcomes of the whole
and computing it anew for each would compute such a part as often as there are outcomes of what it does not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from derive.referee.algebra import Value
from derive.referee.model import Key, Part
from derive.referee.program import Node, Slot

Column = tuple[tuple[int, ...], list[Value]]
"""The parts of a law that a term reads, and its values for all their outcomes, the last part's running fastest."""


class Outcomes:
    """The outcomes of independent parts of a law; constants and expectations have the given values."""

    def __init__(self, parts: Sequence[Part], values: Mapping[Slot, Value]) -> None:
        self.parts = parts
        self.values = values
        self.place: dict[Slot, tuple[int, int]] = {
            key: (number, column) for number, (keys, _, _) in enumerate(parts) for column, key in enumerate(keys)
        }

    def column(self, node: Node) -> Column:
        """The values of a node without unbound conditional expectations. Raises ``Unusable`` or ``TooLarge``."""
        if not node.entries:
            return (), [node.run(self.values)]
        if node.reads is not None:
            number, column = self.place[node.reads]
            return (number,), [row[column] for row, _ in self.parts[number][1]]
        numbers = tuple(sorted({self.place[key][0] for key in node.entries}))
        if not node.parts:
            return numbers, [node.run({**self.values, **outcome}) for outcome in self.outcomes(numbers)]
        columns = [self.along(numbers, self.column(part)) for part in node.parts]
        return numbers, [node.combine(values) for values in zip(*columns, strict=True)]

    def along(self, numbers: tuple[int, ...], column: Column) -> list[Value]:
        """A column's values for all outcomes of more parts than it reads."""
        read, values = column
        if read == numbers:
            return values
        steps, step = dict[int, int](), 1
        for number in reversed(read):
            steps[number], step = step, step * self.count(number)
        places = [0]
        for number in numbers:
            step = steps.get(number, 0)
            places = [place + step * k for place in places for k in range(self.count(number))]
        return [values[place] for place in places]

    def outcomes(self, numbers: tuple[int, ...]) -> list[dict[Key, Value]]:
        """All outcomes of some parts, entry by entry."""
        chosen = [self.parts[number] for number in numbers]
        return [
            {k: x for (keys, _, _), (row, _) in zip(chosen, rows, strict=True) for k, x in zip(keys, row, strict=True)}
            for rows in product(*(rows for _, rows, _ in chosen))
        ]

    def count(self, number: int) -> int:
        """How many outcomes a part has."""
        return len(self.parts[number][1])
