"""Exact evaluation of written-out terms in a finite model, by enumeration of the entries that occur."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from derive.language.problem import Problem
from derive.language.terms import Term
from derive.language.theorem import Relation
from derive.referee.algebra import Ball, Exact, Poly, TooLarge, Unusable, Value, ball, reciprocal, reduced
from derive.referee.continuous import integrals, mean
from derive.referee.model import Key, Model
from derive.referee.program import Node, Program, Slot, program

MOST_OUTCOMES = 40_000
COST_OF_AN_INTEGRAL = 2_000  # outcomes that could be enumerated in the same time


@dataclass(slots=True)
class Work:
    """How many outcomes have been enumerated, and how many may be."""

    limit: int
    done: int = 0

    def spend(self, amount: int) -> None:
        """Count some work. Raises ``TooLarge`` when there has been too much."""
        self.done += amount
        if self.done > self.limit:
            raise TooLarge("the work allowed is used up")


def evaluate(code: Program, model: Model, work: Work | None = None) -> tuple[Exact | Ball, ...]:
    """The values of the program's results. Raises ``Unusable`` or ``TooLarge``."""
    values: dict[Slot, Value] = {**model.constants}
    try:
        reader = _Enumeration(model, values, work or Work(MOST_OUTCOMES * 10))
        for slot, body in enumerate(code.slots):
            values[slot] = reader.mean(body)
        return tuple(number(result.run(values)) for result in code.results)
    except KeyError as error:
        raise Unusable(f"{error.args[0]} has no value in this model") from None


def expectations(bodies: Sequence[Node], model: Model, work: Work) -> list[Exact | Ball]:
    """E of some bodies that contain no further expectation."""
    reader = _Enumeration(model, {**model.constants}, work)
    return [number(reader.mean(body)) for body in bodies]


def value(problem: Problem, model: Model, term: Term, indices: Mapping[str, int]) -> Exact | Ball:
    """The value of one term."""
    return evaluate(program(problem, model.sizes, [term], indices), model)[0]


def number(result: Value) -> Exact | Ball:
    """A value that has to be a number."""
    if isinstance(result, Poly):
        raise Unusable("a random value outside an expectation")
    return result


def compare(left: Exact | Ball, operator: str, right: Exact | Ball) -> bool | None:
    """Whether ``left operator right``; None where enclosures overlap."""
    if isinstance(left, Ball) or isinstance(right, Ball):
        (a, b), (c, d) = ball(left).bounds(), ball(right).bounds()
        if operator in {">", ">="}:
            a, b, c, d = c, d, a, b
        if operator == "=":
            return False if b < c or d < a else None
        if operator in {"<", ">"}:
            return True if b < c else False if a >= d else None
        return True if b <= c else False if a > d else None
    outcome = {"=": left == right, "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    return outcome[operator]


def true(relation: Relation, values: Sequence[Exact | Ball]) -> bool | None:
    """Whether a chain of comparisons holds at the values of its terms."""
    found = [compare(a, o, b) for a, o, b in zip(values, relation.operators, values[1:], strict=False)]
    return False if False in found else None if None in found else True


Law = tuple[dict[Value, int], int]


@dataclass(frozen=True, slots=True)
class _Enumeration:
    """Means and laws of written-out terms in one model; independent parts are enumerated apart."""

    model: Model
    values: dict[Slot, Value]
    work: Work

    def mean(self, node: Node) -> Value:
        if not node.entries:
            return node.run(self.values)
        if node.operation in {"+", "-"}:
            return node.combine([self.mean(p) for p in node.parts])
        if node.operation == "*":
            groups = self.groups(node.parts)
            if len(groups) > 1:
                return node.combine([self.mean_of_product(node, g) for g in groups])
        law, total = self.law(node)
        mean: Value = 0
        for outcome, weight in law.items():
            mean = mean + (self.moment(outcome) if isinstance(outcome, Poly) else outcome) * weight
        return reduced(mean * reciprocal(total)) if total != 1 else reduced(mean)

    def mean_of_product(self, node: Node, group: list[Node]) -> Value:
        if len(group) == 1 or not any(p.entries for p in group):
            return node.combine([self.mean(p) for p in group])
        return self.mean(_part(node, group))

    def moment(self, outcome: Poly) -> Value:
        """E of a polynomial in continuous entries, which are independent."""
        total: Value = 0
        for monomial, coefficient in outcome.terms.items():
            self.work.spend(COST_OF_AN_INTEGRAL * integrals(monomial))
            total = total + coefficient * mean(self.model, monomial)
        return total

    def groups(self, parts: Sequence[Node]) -> list[list[Node]]:
        """Parts that share a block stay together; those without randomness form one group."""
        found: list[tuple[set[int | Key], list[Node]]] = []
        fixed: list[Node] = []
        for part in parts:
            if not part.entries:
                fixed.append(part)
                continue
            blocks, members = {self.model.block(k) for k in part.entries}, [part]
            apart: list[tuple[set[int | Key], list[Node]]] = []
            for others, nodes in found:
                if blocks.isdisjoint(others):
                    apart.append((others, nodes))
                else:
                    blocks, members = blocks | others, nodes + members
            found = [*apart, (blocks, members)]
        return ([fixed] if fixed else []) + [members for _, members in found]

    def law(self, node: Node) -> Law:
        if not node.entries:
            return {node.run(self.values): 1}, 1
        if node.operation == "leaf":
            ((_, rows, total),) = self.model.marginals(node.entries)
            return {row[0]: weight for row, weight in rows}, total
        if node.operation in {"+", "*"}:
            groups = self.groups(node.parts)
            if len(groups) > 1:
                return self.folded(node, groups)
        random = [p for p in node.parts if p.entries]
        if len(random) == 1:
            return self.mapped(node, random[0])
        return self.enumerated(node)

    def folded(self, node: Node, groups: list[list[Node]]) -> Law:
        """The law of a sum or product of independent parts, one convolution after the other."""
        law, total = self.law(_part(node, groups[0]))
        for group in groups[1:]:
            other, more = self.law(_part(node, group))
            self.work.spend(len(law) * len(other))
            if len(law) * len(other) > MOST_OUTCOMES:
                raise TooLarge("too many outcomes")
            merged: dict[Value, int] = {}
            for x, w in law.items():
                for y, v in other.items():
                    z = node.combine((x, y))
                    merged[z] = merged.get(z, 0) + w * v
            law, total = merged, total * more
        return law, total

    def mapped(self, node: Node, part: Node) -> Law:
        law, total = self.law(part)
        self.work.spend(len(law))
        fixed = [None if p is part else p.run(self.values) for p in node.parts]
        merged: dict[Value, int] = {}
        for x, w in law.items():
            y = node.combine([x if v is None else v for v in fixed])
            merged[y] = merged.get(y, 0) + w
        return merged, total

    def enumerated(self, node: Node) -> Law:
        """The law by going over all outcomes of the entries."""
        parts = self.model.marginals(node.entries)
        outcomes, total = 1, 1
        for _, rows, weight in parts:
            outcomes *= len(rows)
            total *= weight
        if outcomes > MOST_OUTCOMES:
            raise TooLarge("too many outcomes")
        self.work.spend(outcomes * (1 + len(node.entries) // 4))
        tables = [[(dict[Slot, Value](zip(keys, row, strict=True)), w) for row, w in rows] for keys, rows, _ in parts]
        values, run = dict(self.values), node.run
        merged: dict[Value, int] = {}
        for outcome in product(*tables):
            weight = 1
            for row, w in outcome:
                values.update(row)
                weight *= w
            y = run(values)
            merged[y] = merged.get(y, 0) + weight
        return merged, total


def _part(node: Node, group: list[Node]) -> Node:
    """The sum or product of some of a node's parts."""
    if len(group) == 1:
        return group[0]
    runs, combine = [p.run for p in group], node.combine
    entries = frozenset[Key]().union(*(p.entries for p in group))
    return Node(node.operation, tuple(group), entries, combine, lambda values: combine([run(values) for run in runs]))
