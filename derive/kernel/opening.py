"""Expectations and sums, taken apart into factors with bound indices.

A state holds the factors of several expectations at once, each with the number of its expectation; what stands
outside all expectations has the number ``OUTSIDE``. An entry of a family that an expectation is conditional on belongs
to the expectation around it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

from derive.kernel import composite as cp
from derive.kernel import partitions as pt
from derive.kernel.indices import renamed
from derive.kernel.polynomial import Monomial
from derive.kernel.symbols import (
    Composite,
    Element,
    Label,
    Mean,
    Profile,
    Random,
    SumOf,
    Unsupported,
    profile,
)

Conditions = Mapping[int, tuple[frozenset[str], int]]  # of each expectation: what it is given, the one around it


class Opening:
    """Takes powers of sums and expectations apart into factors with fresh bound indices.

    An entry of a family that an expectation is conditional on belongs to the expectation around it.
    """

    def __init__(
        self,
        shaped: Callable[[Composite], tuple[int, Composite, tuple[Label, ...]]],
        factors: Mapping[pt.Factor, int] | None = None,
        conditions: Conditions | None = None,
    ) -> None:
        self.shaped = shaped
        self.factors: dict[pt.Factor, int] = dict(factors or {})
        self.bound: dict[str, str | int] = {}
        self.conditions: dict[int, tuple[frozenset[str], int]] = dict(conditions or {})
        self.groups = 0
        self.sign = 1

    def top(self, symbol: Mean | SumOf) -> int:
        """Open a symbol that stands outside of all expectations; returns the sign that comes out."""
        self._symbol(symbol, 1, pt.OUTSIDE)
        return self.sign

    def more(self, monomial: Monomial, group: int) -> int:
        """Further factors of an expectation that was opened before."""
        if any(isinstance(s, Mean) for s, _ in monomial):
            raise Unsupported("an expectation inside a function of a sum is not decided")
        self._monomial(monomial, group)
        return self.sign

    def state(self) -> pt.State:
        """The factors found so far."""
        return frozenset(self.factors.items())

    def _monomial(self, monomial: Monomial, group: int) -> None:
        for symbol, exponent in monomial:
            self._symbol(symbol, exponent, group)

    def _add(self, key: pt.Factor, exponent: int) -> None:
        self.factors[key] = self.factors.get(key, 0) + exponent

    def _owner(self, group: int, families: set[str]) -> int:
        """The expectation that averages over the families: the innermost that is not conditional on them."""
        while group != pt.OUTSIDE and families <= self.conditions[group][0]:
            group = self.conditions[group][1]
        return group

    def _symbol(self, symbol: Hashable, exponent: int, group: int) -> None:
        match symbol:
            case Random(family=family, indices=indices, function=function):
                self._add((self._owner(group, {family}), family, indices, function), exponent)
            case Element(family=family, indices=indices):
                self._add((pt.OUTSIDE, family, indices, ""), exponent)
            case Composite():
                sign, template, indices = self.shaped(symbol)
                self.sign *= sign if exponent % 2 else 1
                owner = self._owner(group, cp.families(template))
                if owner == pt.OUTSIDE:
                    raise Unsupported("a function of a whole sum outside E is not decided")
                self._add((owner, template, indices, ""), exponent)
            case SumOf(high=high, bound=bound, body=body):
                for _ in range(exponent):
                    name = f"~{len(self.bound)}"
                    self.bound[name] = high
                    self._monomial(renamed(body, {bound: name}), group)
            case Mean(body=body, given=given):
                for _ in range(exponent):
                    self.groups += 1
                    self.conditions[self.groups] = (given, group)
                    self._monomial(body, self.groups)
            case _:
                raise Unsupported("this constant inside a sum is not decided")


def given_to(conditions: Conditions, group: int) -> frozenset[str]:
    """The families that an expectation is conditional on."""
    return conditions[group][0]


def families_of(state: pt.State) -> dict[int, frozenset[str]]:
    """The families whose entries each expectation averages over or, inside functions of sums, is given."""
    out: dict[int, set[str]] = {}
    for (group, family, _, _), _ in state:
        names = cp.families(family) if isinstance(family, Composite) else {family}
        out.setdefault(group, set()).update(names)
    return {g: frozenset(f) for g, f in out.items()}


def composite_families(state: pt.State, group: int) -> frozenset[str]:
    """The families inside functions of sums in one expectation."""
    templates = [f[1] for f, _ in state if f[0] == group and isinstance(f[1], Composite)]
    return frozenset(name for template in templates for name in cp.families(template))


def delicate(state: pt.State, conditions: Conditions) -> frozenset[int]:
    """The expectations with functions of sums of what they are given: not constants for the expectations around."""
    groups = {f[0] for f, _ in state if isinstance(f[1], Composite)}
    return frozenset(g for g in groups if composite_families(state, g) & given_to(conditions, g))


def entries_in(
    state: pt.State, group: int, families: frozenset[str]
) -> list[tuple[tuple[str, tuple[Label, ...]], Profile | None]]:
    """The entries of some families in one expectation with the powers in which they occur."""
    powers: dict[tuple[str, tuple[Label, ...]], dict[str, int]] = {}
    for (g, family, indices, function), exponent in state:
        if g == group and isinstance(family, str) and family in families:
            powers.setdefault((family, indices), {})[function] = exponent
    return [(entry, profile(p)) for entry, p in powers.items()]
