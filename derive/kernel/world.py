"""What the givens in force say of families, before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from derive.kernel.independence import Fact
from derive.kernel.polynomial import Poly
from derive.language import theorem as th
from derive.language.problem import Problem


@dataclass(frozen=True, slots=True)
class World:
    """What the givens in force say of families: independence, symmetry, laws with their parameters, recurrences."""

    problem: Problem
    independent: tuple[Fact, ...]
    symmetric: frozenset[str]
    laws: Mapping[str, tuple[str, tuple[Poly, ...]]]
    recurrences: Mapping[str, th.Recurrence] = field(default_factory=dict[str, th.Recurrence])
