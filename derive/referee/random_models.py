"""Random models that meet the givens, for property tests: what is proved has to hold in each of them."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from derive.language.problem import Problem
from derive.referee import pools
from derive.referee.algebra import Exact, TooLarge, Unusable
from derive.referee.build import Builder
from derive.referee.cells import spread
from derive.referee.check import meets
from derive.referee.facts import claimed, facts_at
from derive.referee.means import Work
from derive.referee.model import Model, Table, table
from derive.referee.structures import structures

EFFORT = 20_000
SURPLUS = (0, 1, 1, 2)  # by how much a size exceeds its least value


def random_models(problem: Problem, active: frozenset[int], *, seed: int, count: int) -> list[Model]:
    """At most ``count`` verified models, half of them with coupled families where the givens allow it.

    The same seed gives the same models. ``active`` holds the positions of the removable givens that are in force.
    """
    random = Random(seed)  # noqa: S311 - reproducible test models, no secrets
    shapes = structures(problem, active, frozenset(problem.families), claimed(problem))
    found: list[Model] = []
    for _ in range(4 * count + 4):
        if len(found) >= count:
            break
        sizes = {name: least + random.choice(SURPLUS) for name, least in problem.sizes.items()}
        structure = shapes[0] if random.random() < 0.4 else random.choice(shapes)
        try:
            shape = spread(structure[1], problem, sizes)
            builder = Builder(problem, sizes, shape, facts_at(problem, sizes, active), (), Work(EFFORT))
            builder.laws = [*_laws(random), *random.sample([*pools.SIMPLE, *pools.GENERIC], 6)]
            builder.pairs = [*(_table(random, 2) for _ in range(3)), *random.sample(list(pools.PAIRS), 2)]
            model = builder.drawn(random.randrange)
        except (TooLarge, Unusable):
            continue
        if model is not None and meets(problem, model, active):
            found.append(model)
    return found


def _number(random: Random) -> Exact:
    return Fraction(random.randint(-3, 3), random.choice((1, 1, 1, 2)))


def _table(random: Random, width: int) -> Table:
    rows = [tuple(_number(random) for _ in range(width)) for _ in range(random.randint(width, 3))]
    weights = [random.randint(1, 3) for _ in rows]
    return table([(row, Fraction(w, sum(weights))) for row, w in zip(rows, weights, strict=True)])


def _laws(random: Random) -> list[Table]:
    """A law, the same with mean zero, made symmetric, and with its mean square as a scale."""
    raw = _table(random, 1)
    points = [(row[0], p) for row, p in raw.law().items()]
    mean = sum((x * p for x, p in points), Fraction(0))
    centred = table([((x - mean,), p) for x, p in points])
    symmetric = table([((s * x,), p / 2) for x, p in points for s in (1, -1)])
    return [raw, centred, symmetric]
