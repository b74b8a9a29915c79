"""Models of one structure at given sizes: cell after cell, each with the laws that the facts leave to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from derive.language.problem import Problem
from derive.language.theorem import Law
from derive.referee import pools
from derive.referee.algebra import Ball, Exact, Unusable
from derive.referee.cells import Blocks, Cell, Structure, lay, wholes
from derive.referee.constants import Rule, followed, rules, vectors
from derive.referee.evaluate import evaluate
from derive.referee.facts import Fact
from derive.referee.means import Work
from derive.referee.model import Block, Continuous, Key, Model, Table, entries, model
from derive.referee.program import program
from derive.referee.solve import solved

ENOUGH = 3


@dataclass(slots=True)
class Builder:
    """Candidates for one structure at given sizes; they are found once for each choice made before.

    shared: what was found for cells whose facts speak of no other cell; builders at the same sizes may hand it on.
    """

    problem: Problem
    sizes: Mapping[str, int]
    structure: Structure  # spread over the entries of families whose entries have laws of their own
    facts: list[Fact]
    targets: tuple[Exact, ...]
    work: Work
    laws: Sequence[Table] = (*pools.SIMPLE, *pools.GENERIC)
    pairs: Sequence[Table] = pools.PAIRS
    known: dict[tuple[int, ...], list[Table | Continuous]] = field(
        default_factory=dict[tuple[int, ...], list[Table | Continuous]]
    )
    constants: list[dict[Key, Exact]] | None = None
    shared: dict[tuple[Cell, int], list[Table | Continuous]] = field(
        default_factory=dict[tuple[Cell, int], list[Table | Continuous]]
    )
    idle: frozenset[str] = frozenset()  # families of which only the first law is tried
    late: list[Rule] = field(init=False)

    def __post_init__(self) -> None:
        of = rules(self.problem, self.sizes)
        self.late = of if any(code.slots for _, code in of) else []

    def models(self, most_rank: int) -> Iterator[Model]:
        """All models, by the sum of the ranks of the choices."""
        for total in range(most_rank + 1):
            yield from self._ranked((), (), total)

    def generic(self, shift: int) -> Model | None:
        """A model without coincidences: each choice the last that can be completed, or one before it; from 3 on any."""
        return self._deep((), (), shift)

    def drawn(self, pick: Callable[[int], int]) -> Model | None:
        """One model; ``pick(n)`` chooses among n candidates."""
        if not self.vectors():
            return None
        ranks: tuple[int, ...] = (pick(len(self.vectors())),)
        chosen: tuple[Blocks, ...] = ()
        for depth in range(1, len(self.structure) + 1):
            options = self._options(ranks, chosen)
            if not options:
                return None
            rank = pick(len(options))
            ranks, chosen = (*ranks, rank), (*chosen, self._laid(depth, options[rank]))
        return self._model(ranks[0], chosen)

    def _ranked(self, ranks: tuple[int, ...], chosen: tuple[Blocks, ...], left: int) -> Iterator[Model]:
        depth = len(ranks)
        if depth == len(self.structure) + 1:
            if left == 0:
                yield self._model(ranks[0], chosen)
            return
        last = depth == len(self.structure)
        if depth == 0:
            for rank in range(min(left + 1, len(self.vectors()))):
                yield from self._ranked((rank,), (), left - rank)
            return
        options = self._options(ranks, chosen)
        ranks_here = [left] if last else range(left + 1)
        if self.idle.issuperset(self.structure[depth - 1].families):
            options = options[:1]
        for rank in ranks_here:
            if rank < len(options):
                yield from self._ranked((*ranks, rank), (*chosen, self._laid(depth, options[rank])), left - rank)

    def _deep(self, ranks: tuple[int, ...], chosen: tuple[Blocks, ...], shift: int) -> Model | None:
        if len(ranks) == len(self.structure) + 1:
            return self._model(ranks[0], chosen)
        if not ranks:
            count = len(self.vectors())
            orders = sorted(range(count), key=lambda k: (abs(k - min(abs(4 - shift), count - 1)), k))
            return next((m for k in orders[:8] if (m := self._deep((k,), (), shift))), None)
        depth = len(ranks)
        options = self._options(ranks, chosen)
        start = max(0, len(options) - 1 - shift) if shift < 3 else (2 * depth + shift) % max(1, len(options))
        entry = self.structure[depth - 1].entry
        if entry is not None and options:
            start = (start - sum(entry)) % len(options)
        for k in range(len(options)):
            rank = (start - k) % len(options)
            found = self._deep((*ranks, rank), (*chosen, self._laid(depth, options[rank])), shift)
            if found or k == 2:
                return found
        return None

    def _laid(self, depth: int, law: Table | Continuous) -> Blocks:
        self.work.spend(5)
        return lay(self.structure[depth - 1], law, self.problem, self.sizes)

    def _model(self, rank: int, chosen: tuple[Blocks, ...]) -> Model:
        laws: dict[str, Table | Continuous] = {}
        blocks: list[Block] = []
        for more, tables in chosen:
            laws.update(more)
            blocks.extend(tables)
        found = model(self.sizes, self.vectors()[rank], laws, blocks)
        return found if not self.late else replace(found, constants=followed(self.late, found))

    # --- constants ---------------------------------------------------------------------------------------------------

    def vectors(self) -> list[dict[Key, Exact]]:
        """Values of the constants that meet the conditions without a family."""
        if self.constants is None:
            conditions = [f for f in self.facts if not f.units and not isinstance(f.item, Law)]
            self.constants = vectors(self.problem, self.sizes, conditions, self.work)
        return self.constants

    # --- laws --------------------------------------------------------------------------------------------------------

    def _options(self, ranks: tuple[int, ...], chosen: tuple[Blocks, ...]) -> list[Table | Continuous]:
        if ranks not in self.known:
            cell = self.structure[len(ranks) - 1]
            self.known[ranks] = self._found(cell, ranks[0], chosen)
        return self.known[ranks]

    def _found(self, cell: Cell, rank: int, chosen: tuple[Blocks, ...]) -> list[Table | Continuous]:
        here = cell.units(self.problem, self.sizes)
        assigned = here.union(*(c.units(self.problem, self.sizes) for c in self.structure[: len(chosen)]))
        facts = [f for f in self.facts if f.units & here and f.units <= assigned]

        def place(law: Table | Continuous) -> Model:
            return self._model(rank, (*chosen, lay(cell, law, self.problem, self.sizes)))

        def fits(law: Table | Continuous) -> bool:
            self.work.spend(25)
            try:
                candidate = place(law)
                return all(f.holds(self.problem, candidate, self.work) for f in facts)
            except Unusable:
                return False

        def mine(key: Key) -> bool:
            return key in here if cell.entry is not None else key[0] in cell.families

        alone = all(f.units <= here for f in facts)
        if alone and (cell, rank) in self.shared:
            return self.shared[cell, rank]
        candidates = self._candidates(cell, facts, rank)
        kept = [law for law in candidates if fits(law)] if facts else candidates
        points = self._grid(cell)
        if points and (len(kept) < ENOUGH or self.targets) and any(f.programs for f in facts):
            more = solved(mine, points, 1 if cell.whole else cell.free, facts, place, self.targets, self.work)
            kept += [law for law in more if law not in kept and fits(law)]
        if alone:
            self.shared[cell, rank] = kept
        return kept

    def _grid(self, cell: Cell) -> Sequence[Table]:
        """What laws of the cell may be mixed from to meet facts."""
        if cell.parity or (cell.free == 2 and cell.links):
            return []
        if cell.whole:
            return wholes(self.problem.families[cell.families[0]], self.sizes)
        return pools.PAIR_POINTS if cell.free == 2 else pools.POINTS

    def _candidates(self, cell: Cell, facts: list[Fact], rank: int) -> list[Table | Continuous]:
        named = [f.item for f in facts if isinstance(f.item, Law) and f.item.law != "Rademacher"]
        if named:
            if len(cell.families) > 1 or cell.whole or cell.tied:
                return []
            constants = model(self.sizes, self.vectors()[rank], {})
            values = evaluate(program(self.problem, self.sizes, named[0].args, {}), constants, self.work)
            parameters = [v for v in values if not isinstance(v, Ball)]
            return [Continuous(named[0].law, tuple(parameters))] if len(parameters) == len(values) else []
        if cell.whole:
            return list(wholes(self.problem.families[cell.families[0]], self.sizes))
        if cell.parity:
            few = len(cell.factors or entries(self.problem.families[cell.families[0]], self.sizes)) <= 3
            return [pools.SIMPLE[1], *(self.laws if few else [])]
        if cell.free == 2:
            return list(pools.SIGN_PAIRS if cell.links else self.pairs)
        return list(self.laws)


def targets_at(sizes: Mapping[str, int]) -> tuple[Exact, ...]:
    """Variances that rules of initialization give: 1/n, 2/n."""
    found = [Fraction(c, s) for s in sizes.values() for c in (1, 2)]
    return tuple(dict.fromkeys(found))
