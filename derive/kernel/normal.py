"""The moment normal form: every deterministic term becomes a polynomial in sizes, constants and atoms.

For each expectation the bound indices are partitioned (``partitions``), factors are grouped by entry, independent
families and iid entries factor, and each class of indices whose entries are exchangeable is replaced by a count,
(n - f)(n - f - 1)...(n - f - b + 1) for b classes beside f literal ones. A class that enters a joint moment of
families of whose dependence nothing is known must not be counted: E(X W[1]) and E(X W[2]) may differ. It stays a sum.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from itertools import product as combinations

from derive.kernel import partitions as pt
from derive.kernel.expand import renamed
from derive.kernel.functions import value as function_value
from derive.kernel.independence import Fact, independent_parts
from derive.kernel.laws import law_moment, parity
from derive.kernel.polynomial import ONE, ZERO, Monomial, Poly, product, replace, total
from derive.kernel.profiles import Setting, function_moment
from derive.kernel.roots import root, square_out
from derive.kernel.symbols import (
    Average,
    EntryPower,
    Exchangeable,
    Joint,
    Label,
    Mean,
    Moment,
    Profile,
    Random,
    Root,
    SumOf,
    Unsupported,
    Value,
    profile,
    size_of,
)
from derive.language.problem import Problem

MOST_BOUND = 5
MOST_RENAMINGS = 720


@dataclass(frozen=True, slots=True)
class World:
    """What the givens in force say of families: independence, symmetry, laws with their parameters."""

    problem: Problem
    independent: tuple[Fact, ...]
    symmetric: frozenset[str]
    laws: Mapping[str, tuple[str, tuple[Poly, ...]]]


@dataclass
class Normalizer:
    """Normal forms in one world under rewriting rules for atoms; results are kept for the length of one judgement."""

    world: World
    rules: Mapping[Hashable, Poly]
    patterns: tuple[tuple[Joint, Poly], ...] = ()
    known: dict[Hashable, Poly] = field(default_factory=dict[Hashable, Poly])
    facts: set[str] = field(default_factory=set[str])  # names of the ledger's facts that were used
    closed_forms: bool = True  # whether the ledger's closed forms replace moments; bounds may want them as they are

    def normal(self, poly: Poly) -> Poly:
        """The normal form of a deterministic polynomial. Raises ``Unsupported`` where a bound is reached."""
        out = square_out(replace(poly, self._symbol))
        for _ in range(20):
            if not any(s in self.rules for s in out.symbols()):
                return out
            out = square_out(replace(out, self._rewritten))
        raise Unsupported("the moment facts rewrite each other without end")

    def _rewritten(self, symbol: Hashable, exponent: int) -> Poly | None:
        rule = self.rules.get(symbol)
        return None if rule is None else power(rule, exponent)

    def _symbol(self, symbol: Hashable, exponent: int) -> Poly | None:
        match symbol:
            case Mean() | SumOf():
                if symbol not in self.known:
                    self.known[symbol] = self._opened(symbol)
                return self.known[symbol] ** exponent
            case Root(radicand=radicand):
                return power(root(self.world.problem, self.normal(radicand)), exponent)
            case Value(function=function, numerator=numerator, denominator=denominator):
                return power(function_value(function, self.normal(numerator), self.normal(denominator)), exponent)
            case _:
                return None

    # --- opening sums ----------------------------------------------------------------------------

    def _opened(self, symbol: Mean | SumOf) -> Poly:
        opening = _Opening()
        opening.top(symbol)
        state: pt.State = frozenset(opening.factors.items())
        slots = pt.slots_of(state, opening.bound)
        parts: list[Poly] = []
        for final, count in pt.partitions(state, slots, self._vanishes):
            parts.append(self._weighed(final, slots).scaled(frozenset(), count))
        return total(parts)

    def _vanishes(self, state: pt.State) -> bool:
        """Whether a family, independent of everything beside it and all placed, has an entry whose moment is zero."""
        for group, families in _families(state).items():
            for part in independent_parts(families, self.world.independent):
                family = next(iter(part))
                if len(part) > 1 or self.world.problem.families[family].kind == "exchangeable":
                    continue
                entries = _entries(state, group, part)
                if any(isinstance(i, str) and i.startswith("~") for (_, indices), _ in entries for i in indices):
                    continue  # what is not placed yet may still fall on another entry
                if any(powers is not None and not self.moment(family, powers) for _, powers in entries):
                    return True
        return False

    def moment(self, family: str, powers: Profile) -> Poly:
        """E of powers of one entry, by law, symmetry, the ledger and rules."""
        law = self.world.laws.get(family)
        symmetric = family in self.world.symmetric
        value = law_moment(self.world.problem, *law, powers) if law else None
        if value is None and symmetric and parity(powers) == -1:
            value = ZERO
        if value is None:
            setting = Setting(self.world.problem, law, symmetric, lambda p: self.moment(family, p), self.closed_forms)
            value = function_moment(setting, powers, self.facts)
        atom = Moment(family, powers)
        return self.rules.get(atom, Poly.symbol(atom)) if value is None else value

    # --- one state -------------------------------------------------------------------------------

    def _weighed(self, state: pt.State, slots: list[pt.Slots]) -> Poly:
        """The product of the moments of a state, times the number of values that its classes can take."""
        value, joints = ONE, list[Joint]()
        for group, families in sorted(_families(state).items()):
            for part in independent_parts(families, self.world.independent):
                entries = [(f, i, p) for (f, i), p in _entries(state, group, part) if p is not None]
                if not entries:
                    continue
                if len(part) > 1:
                    joints.append(Joint(tuple(sorted(entries, key=repr))))
                else:
                    value = value * self._one_family(entries)
        if not value:
            return ZERO
        pinned = {i for j in joints for _, indices, _ in j.entries for i in indices}
        for place in slots:
            used = pt.classes(state, place)
            kept = sum(1 for c in used if c in pinned)
            first = size_of(place.high) - Poly.number(len(place.fixed) + kept)
            value = value * product(first - Poly.number(k) for k in range(len(used) - kept))
        if not joints:
            return value
        waiting = [(c, place) for place in slots for c in pt.classes(state, place) if c in pinned]
        return value * self._spread(waiting, {}, joints)

    def _one_family(self, entries: list[EntryPower]) -> Poly:
        family = entries[0][0]
        if self.world.problem.families[family].kind != "exchangeable" or len(entries) == 1:
            return product(self.moment(family, powers) for _, _, powers in entries)
        if family in self.world.symmetric and parity(tuple(x for _, _, p in entries for x in p)) == -1:
            return ZERO
        atom = _exchangeable(family, entries)
        return self.rules.get(atom, Poly.symbol(atom))

    def _spread(self, waiting: list[tuple[str, pt.Slots]], summed: dict[str, str | int], joints: list[Joint]) -> Poly:
        """Sum over different values of the waiting classes: all values, less those at which two coincide."""
        if not waiting:
            return self._averages(summed, joints)
        (name, place), rest = waiting[0], waiting[1:]
        out = self._spread(rest, {**summed, name: place.high}, joints)
        others = [*place.fixed, *(c for c, p in rest if p is place)]
        for other in others:
            out = out - self._spread(rest, summed, [_merged(j, name, other) for j in joints])
        return out

    def _averages(self, summed: dict[str, str | int], joints: list[Joint]) -> Poly:
        """The product of the connected parts of a sum of products of joint moments."""
        value, left = ONE, list[Joint]()
        for joint in joints:
            known = self._known_joint(joint)
            if known is None:
                left.append(joint)
            else:
                value = value * known
        for name, high in summed.items():
            if not any(name in _labels(j) for j in left):
                value = value * size_of(high)
        while left:
            part, names = [left.pop()], set[str]()
            names |= _labels(part[0]) & set(summed)
            grown = True
            while grown:
                touching = [j for j in left if _labels(j) & names]
                grown = bool(touching)
                for j in touching:
                    left.remove(j)
                    part.append(j)
                    names |= _labels(j) & set(summed)
            if not names:
                value = value * product(self.rules.get(j, Poly.symbol(j)) for j in part)
            else:
                value = value * Poly.symbol(_average({n: summed[n] for n in names}, part))
        return value

    def _known_joint(self, joint: Joint) -> Poly | None:
        if joint in self.rules:
            return self.rules[joint]
        return next((value for pattern, value in self.patterns if _matches(pattern, joint)), None)


def power(poly: Poly, exponent: int) -> Poly:
    """poly^exponent; a negative exponent needs a single term."""
    if exponent >= 0:
        return poly**exponent
    if len(poly.terms) != 1:
        raise Unsupported("a fact replaces a divisor by a sum")
    ((monomial, c),) = poly.terms.items()
    return Poly.monomial(frozenset((s, e * exponent) for s, e in monomial), c**exponent)


class _Opening:
    """Takes powers of sums and expectations apart into factors with fresh bound indices."""

    def __init__(self) -> None:
        self.factors: dict[pt.Factor, int] = {}
        self.bound: dict[str, str | int] = {}
        self.groups = 0

    def top(self, symbol: Mean | SumOf) -> None:
        self._symbol(symbol, 1, -1)

    def _monomial(self, monomial: Monomial, group: int) -> None:
        for symbol, exponent in monomial:
            self._symbol(symbol, exponent, group)

    def _symbol(self, symbol: Hashable, exponent: int, group: int) -> None:
        match symbol:
            case Random(family=family, indices=indices, function=function):
                key = (group, family, indices, function)
                self.factors[key] = self.factors.get(key, 0) + exponent
            case SumOf(high=high, bound=bound, body=body):
                for _ in range(exponent):
                    name = f"~{len(self.bound)}"
                    self.bound[name] = high
                    self._monomial(renamed(body, {bound: name}), group)
            case Mean(body=body):
                for _ in range(exponent):
                    self.groups += 1
                    self._monomial(body, self.groups)
            case _:
                raise Unsupported("this constant inside a sum is not decided")


def _families(state: pt.State) -> dict[int, frozenset[str]]:
    out: dict[int, set[str]] = {}
    for (group, family, _, _), _ in state:
        out.setdefault(group, set()).add(family)
    return {g: frozenset(f) for g, f in out.items()}


def _entries(
    state: pt.State, group: int, families: frozenset[str]
) -> list[tuple[tuple[str, tuple[Label, ...]], Profile | None]]:
    powers: dict[tuple[str, tuple[Label, ...]], dict[str, int]] = {}
    for (g, family, indices, function), exponent in state:
        if g == group and family in families:
            powers.setdefault((family, indices), {})[function] = exponent
    return [(entry, profile(p)) for entry, p in powers.items()]


def _exchangeable(family: str, entries: list[EntryPower]) -> Exchangeable:
    """Rename the indices of each slot so that joint moments which exchangeability makes equal are the same atom."""
    slots = len(entries[0][1])
    labels = [sorted({indices[s] for _, indices, _ in entries}, key=repr) for s in range(slots)]
    if slots == 1:
        ranked = sorted((p for _, _, p in entries), key=repr)
        return Exchangeable(family, tuple(((k,), p) for k, p in enumerate(ranked, start=1)))
    count = 1
    for names in labels:
        for k in range(2, len(names) + 1):
            count *= k
    orders = combinations(*(permutations(names) for names in labels)) if count <= MOST_RENAMINGS else iter([labels])
    best: tuple[tuple[tuple[int, ...], Profile], ...] | None = None
    for order in orders:
        number = [{label: k for k, label in enumerate(names, start=1)} for names in order]
        renamed_entries = tuple(
            sorted((tuple(number[s][indices[s]] for s in range(slots)), p) for _, indices, p in entries)
        )
        best = renamed_entries if best is None else min(best, renamed_entries)
    return Exchangeable(family, best or ())


def _labels(joint: Joint) -> set[str]:
    return {i for _, indices, _ in joint.entries for i in indices if isinstance(i, str)}


def _merged(joint: Joint, old: str, new: Label) -> Joint:
    """The joint moment with an index replaced; entries that become the same one multiply."""
    powers: dict[tuple[str, tuple[Label, ...]], dict[str, int]] = {}
    for family, indices, p in joint.entries:
        moved = tuple(new if i == old else i for i in indices)
        here = powers.setdefault((family, moved), {})
        for function, exponent in p:
            here[function] = here.get(function, 0) + exponent
    entries = [(f, i, q) for (f, i), p in powers.items() if (q := profile(p)) is not None]
    return Joint(tuple(sorted(entries, key=repr)))


def _average(summed: dict[str, str | int], joints: list[Joint]) -> Average:
    """The sum with its bound indices named in the one way that sorts first."""
    names = sorted(summed)
    if len(names) > MOST_BOUND:
        raise Unsupported("a sum over this many indices of dependent families is not decided")
    candidates: list[Average] = []
    for order in permutations(range(len(names))):
        new = {name: f"%{k}" for name, k in zip(names, order, strict=True)}
        factors = [
            Joint(
                tuple(
                    sorted(
                        (
                            (f, tuple(new.get(i, i) if isinstance(i, str) else i for i in indices), p)
                            for f, indices, p in j.entries
                        ),
                        key=repr,
                    )
                )
            )
            for j in joints
        ]
        bound = tuple(sorted((new[n], summed[n]) for n in names))
        candidates.append(Average(bound, tuple(sorted(factors, key=repr))))
    return min(candidates, key=repr)


def _matches(pattern: Joint, joint: Joint) -> bool:
    """Whether a fact stated for every value of one free index covers this moment."""
    if len(pattern.entries) != len(joint.entries):
        return False
    value: Label | None = None
    for (f, indices, p), (g, others, q) in zip(pattern.entries, joint.entries, strict=True):
        if f != g or p != q or len(indices) != len(others):
            return False
        for i, other in zip(indices, others, strict=True):
            if isinstance(i, str):
                if value is not None and value != other:
                    return False
                value = other
            elif i != other:
                return False
    return True
