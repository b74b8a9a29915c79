"""The search for a counterexample: a model that meets the givens and in which a link fails, smallest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from random import Random

from derive.language.problem import Problem, Step
from derive.language.terms import Term
from derive.language.theorem import Relation
from derive.referee.algebra import Exact, TooLarge, Unusable
from derive.referee.build import Builder, targets_at
from derive.referee.cells import Cell, Structure, plain, spread
from derive.referee.check import meets
from derive.referee.facts import Fact, facts_at, mentioned, sizes_in, terms_of
from derive.referee.failure import Failure, Sides, failure, sides_at, terms_in
from derive.referee.means import Work
from derive.referee.model import Continuous, Key, Model, Table, few_entries, standing
from derive.referee.show import shown
from derive.referee.shrink import smallest
from derive.referee.structures import structures
from derive.verdict import Counterexample

EFFORT = 60_000
SHARE = 4  # of the effort to find a model that making it small may take: one in so many
MOST_INCREMENT = 6
FARTHEST = 9
PROBES = 5
DRAWS = 12
NEAR = 8
TURNS = 4


def holds(problem: Problem, model: Model, step: Step) -> bool | None:
    """Whether a link holds in a model, for all values of its free indices; None where that cannot be told."""
    try:
        return failure(sides_at(problem, model.sizes, step), step, model, Work(4_000_000)) is None
    except (TooLarge, Unusable):
        return None


def search(problem: Problem, step: Step, active: frozenset[int], *, effort: int = EFFORT) -> Counterexample | None:
    """A model that meets the standing givens and the active ones and in which the link fails, or None.

    effort: how many outcomes may be enumerated in all; the search is deterministic.
    """
    found = find_smallest(problem, step, active, effort=effort)
    return None if found is None else shown(problem, found[0], found[1][:2], found[1].outcome)


def find_smallest(
    problem: Problem, step: Step, active: frozenset[int], *, effort: int = EFFORT
) -> tuple[Model, Failure] | None:
    """As ``find_model``, made as small as single steps make it."""
    found = find_model(problem, step, active, effort=effort)
    return None if found is None else smallest(problem, step, active, found, effort=effort // SHARE)


def find_model(
    problem: Problem, step: Step, active: frozenset[int], *, effort: int = EFFORT
) -> tuple[Model, Failure] | None:
    """As ``search``, but the model itself with the values of both sides in it."""
    hunt = _Hunt(problem, step, active, Work(effort))
    try:
        places = list(hunt.places())
        for part in (places[:NEAR], places[NEAR:]):
            for turn in range(TURNS):
                for sizes, structure in part:
                    found = hunt.tried(sizes, structure, turn)
                    if found is not None:
                        return found
    except TooLarge:
        return None
    return None


# --- where to look ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ground:
    """What all structures at the same sizes share: facts, constants and laws found."""

    facts: list[Fact]
    constants: list[dict[Key, Exact]]
    laws: dict[tuple[Cell, int], list[Table | Continuous]]
    claims: list[Sides]


@dataclass(slots=True)
class _Hunt:
    problem: Problem
    step: Step
    active: frozenset[int]
    work: Work
    grounds: dict[tuple[tuple[int, ...], int], _Ground] = field(
        default_factory=dict[tuple[tuple[int, ...], int], _Ground]
    )

    def places(self) -> Iterator[tuple[dict[str, int], Structure]]:
        """Sizes and structures, small and simple ones first."""
        facts = [self.problem.givens[k].item for k in standing(self.problem, self.active)]
        terms = (*terms_in(self.step.left), *terms_in(self.step.right))
        said = tuple(t for item in facts for t in terms_of(item))
        varied = sorted(sizes_in(self.problem, terms + said))
        about = mentioned(self.problem, terms)
        shapes = structures(self.problem, self.active, about, terms)
        steps = sorted(product(range(4), repeat=len(varied)), key=lambda s: (sum(s), s)) if len(varied) < 6 else []
        for total in range(FARTHEST + 1):
            for level, structure in shapes:
                for up in steps or [(0,) * len(varied)]:
                    if sum(up) + level == total and sum(up) <= MOST_INCREMENT:
                        sizes = self.sizes(dict(zip(varied, up, strict=True)))
                        if not any(plain(cell, self.problem, sizes) for cell in structure):
                            yield sizes, structure

    def sizes(self, up: Mapping[str, int]) -> dict[str, int]:
        return {name: least + up.get(name, 0) for name, least in self.problem.sizes.items()}

    def tried(self, sizes: Mapping[str, int], structure: Structure, turn: int) -> tuple[Model, Failure] | None:
        """As ``at`` or ``anything``; a place that is too large is passed over unless the work allowed is used up."""
        self.work.spend(20)
        try:
            few_entries(self.problem, sizes)
            return self.anything(sizes, structure, turn) if turn else self.at(sizes, structure)
        except Unusable:
            return None
        except TooLarge:
            self.work.spend(1_000)  # raises again where the work allowed is used up
            return None

    def at(self, sizes: Mapping[str, int], structure: Structure) -> tuple[Model, Failure] | None:
        """A counterexample of one structure at given sizes."""
        if self.step.operator != "iff":
            builder, claims = self.builder(sizes, structure, None)
            if self.step.operator == "=":
                return self.equation(builder, claims)
            return self.first(builder, claims, 24, 60)
        for side in (self.step.right, self.step.left):
            found = self.first(*self.builder(sizes, structure, side), 6, 16)
            if found is not None:
                return found
        return None

    def anything(self, sizes: Mapping[str, int], structure: Structure, turn: int) -> tuple[Model, Failure] | None:
        """Models drawn at random, where those that come to mind first did not help."""
        if self.step.operator == "iff":
            return None
        builder, claims = self.builder(sizes, structure, None)
        draw = Random(turn)  # noqa: S311 - the search is to give the same answer twice
        drawn = [builder.drawn(draw.randrange) for _ in range(DRAWS)]
        return next((f for m in drawn if m is not None and (f := self.fails(claims, m))), None)

    def builder(
        self, sizes: Mapping[str, int], structure: Structure, side: Term | Relation | None
    ) -> tuple[Builder, list[Sides]]:
        """Models of a structure, in which one side of an equivalence holds if it is given."""
        targets = targets_at(sizes) if isinstance(side, Relation) else ()
        shape = spread(structure, self.problem, sizes)
        key = (tuple(sizes.values()), id(side))
        if key not in self.grounds:
            more = (side,) if isinstance(side, Relation) else ()
            facts = facts_at(self.problem, sizes, self.active, more)
            claims = sides_at(self.problem, sizes, self.step)
            first = Builder(self.problem, sizes, shape, facts, targets, self.work)
            self.grounds[key] = _Ground(facts, first.vectors(), {}, claims)
        ground = self.grounds[key]
        builder = Builder(self.problem, sizes, shape, ground.facts, targets, self.work, idle=self.idle(ground.facts))
        builder.constants, builder.shared = ground.constants, ground.laws
        return builder, ground.claims

    def idle(self, facts: list[Fact]) -> frozenset[str]:
        """The families that the link does not mention and no fact ties to another: one law of theirs is enough."""
        said = mentioned(self.problem, (*terms_in(self.step.left), *terms_in(self.step.right)))
        tied = {u if isinstance(u, str) else u[0] for f in facts if len(f.units) > 1 for u in f.units}
        return frozenset(self.problem.families) - said - tied

    def equation(self, builder: Builder, claims: list[Sides]) -> tuple[Model, Failure] | None:
        """Models without coincidences tell whether to look here for the simplest one."""
        probes = (builder.generic(shift) for shift in range(PROBES))
        found = next((f for m in probes if m is not None and (f := self.fails(claims, m))), None)
        if found is None:
            return self.first(builder, claims, 2, 4)
        try:
            return self.first(builder, claims, 8, 40) or found
        except TooLarge:
            return found

    def first(self, builder: Builder, claims: list[Sides], most_rank: int, most: int) -> tuple[Model, Failure] | None:
        for count, candidate in enumerate(builder.models(most_rank)):
            found = self.fails(claims, candidate)
            if found is not None or count + 1 >= most:
                return found
        return None

    def fails(self, claims: list[Sides], candidate: Model) -> tuple[Model, Failure] | None:
        """The candidate with the values of both sides, if the link fails in it and it truly meets the givens."""
        self.work.spend(10)
        try:
            values = failure(claims, self.step, candidate, self.work)
        except Unusable:
            return None
        if values is None or not meets(self.problem, candidate, self.active):
            return None
        return candidate, values
