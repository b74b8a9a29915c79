"""Means and laws of written-out terms in one model, by enumeration of the entries that occur."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from derive.referee.algebra import Poly, TooLarge, Unusable, Value, average, entries_in, reciprocal, reduced
from derive.referee.continuous import mean
from derive.referee.model import Block, Key, Model, Table, model
from derive.referee.outcomes import Outcomes
from derive.referee.program import Node, Slot, made

MOST_OUTCOMES = 40_000
COST_OF_AN_INTEGRAL, COST_OF_AN_EVALUATION = 2_000, 2  # outcomes that could be enumerated in the same time


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


Law = tuple[dict[Value, int], int]


@dataclass(frozen=True, slots=True)
class Enumeration:
    """The means and laws; independent parts are enumerated apart."""

    model: Model
    values: dict[Slot, Value]
    work: Work
    held: frozenset[Key] = frozenset()  # continuous entries that stay variables, because they are conditioned on

    def mean(self, node: Node) -> Value:
        """E of a node; conditional expectations in it are bound first."""
        return self.mean_of(self.bound(node))

    def mean_of(self, node: Node) -> Value:
        """E of a node without unbound conditional expectations."""
        if not node.entries:
            return node.run(self.values)
        if node.operation in {"+", "-"}:
            return node.combine([self.mean_of(p) for p in node.parts])
        if node.operation == "*":
            groups = self.groups(node.parts)
            if len(groups) > 1:
                return node.combine([self.mean_of_product(node, g) for g in groups])
        law, total = self.law(node)
        exact = average(law, total)
        if exact is not None:
            return exact
        mean: Value = 0
        for outcome, weight in law.items():
            mean = mean + (self.moment(outcome) if isinstance(outcome, Poly) else outcome) * weight
        return reduced(mean * reciprocal(total)) if total != 1 else reduced(mean)

    def mean_of_product(self, node: Node, group: list[Node]) -> Value:
        """E of the product of some of a product's factors."""
        if len(group) == 1 or not any(p.entries for p in group):
            return node.combine([self.mean_of(p) for p in group])
        return self.mean_of(_part(node, group))

    def moment(self, outcome: Poly) -> Value:
        """E of a polynomial in continuous entries, which are independent; those held fixed stay as they are."""
        total: Value = 0
        for monomial, coefficient in outcome.terms.items():
            fixed = tuple(factor for factor in monomial if entries_in(factor[0]) <= self.held)
            rest = tuple(factor for factor in monomial if factor not in fixed)
            if any(entries_in(variable) & self.held for variable, _, _ in rest):
                raise Unusable("a function of entries of which some are held fixed")
            total = total + coefficient * (Poly({fixed: 1}) if fixed else 1) * mean(self.model, rest, self.integrated)
        return total

    def integrated(self, evaluations: int) -> None:
        """Count a numerical integration: one that does not converge takes as long as a hundred others."""
        self.work.spend(max(COST_OF_AN_INTEGRAL, COST_OF_AN_EVALUATION * evaluations))

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
        """The values that a node takes, with their weights, and the total weight."""
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
        """The law of a node of which one part is random."""
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
        _, values = Outcomes(parts, self.values).column(node)
        merged: dict[Value, int] = {}
        for y, weights in zip(values, product(*([w for _, w in rows] for _, rows, _ in parts)), strict=True):
            merged[y] = merged.get(y, 0) + prod(weights)
        return merged, total

    # --- conditional expectations --------------------------------------------------------------------------------

    def bound(self, node: Node) -> Node:
        """The node with every conditional expectation in it as a function of the entries on which it depends here."""
        if not node.conditional:
            return node
        if node.operation != "given":
            return made(node.operation, node.combine, [self.bound(p) for p in node.parts])
        body = self.bound(node.parts[0])
        blocks = {self.model.block(k) for k in body.entries}
        reads = sorted(body.fixed | {k for k in node.given if self.model.block(k) in blocks})
        known: dict[tuple[Value, ...], Value] = {}

        def run(values: Mapping[Slot, Value]) -> Value:
            outcome = tuple(values[k] for k in reads)
            if outcome not in known:
                known[outcome] = self.conditional_mean(body, dict(zip(reads, outcome, strict=True)))
            return known[outcome]

        told = frozenset(reads)
        return Node("bound", (), told & node.entries, lambda _: 0, run, told & node.fixed)

    def conditional_mean(self, body: Node, outcome: Mapping[Key, Value]) -> Value:
        """E(body | outcome) in the model in which the blocks keep only the rows that agree with the outcome."""
        blocks: list[Block] = []
        for block in self.model.blocks:
            seen = [c for c, k in enumerate(block.entries) if k in outcome]
            if not seen:
                blocks.append(block)
                continue
            self.work.spend(len(block.table.rows))
            rest = [c for c, k in enumerate(block.entries) if k not in outcome]
            rows = [r for r in block.table.rows if all(r[0][c] == outcome[block.entries[c]] for c in seen)]
            if rest:
                agreeing = Table(tuple(rows), sum(weight for _, weight in rows)).columns(rest)
                blocks.append(Block(tuple(block.entries[c] for c in rest), agreeing))
        continuous = frozenset(k for k, x in outcome.items() if isinstance(x, Poly))
        there = model(self.model.sizes, self.model.constants, self.model.laws, blocks)
        values: dict[Slot, Value] = {**self.values, **outcome}
        return Enumeration(there, values, self.work, self.held | continuous).mean_of(body)


def _part(node: Node, group: list[Node]) -> Node:
    """The sum or product of some of a node's parts."""
    if len(group) == 1:
        return group[0]
    return made(node.operation, node.combine, group)
