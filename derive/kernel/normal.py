"""The moment normal form: every deterministic term becomes a polynomial in sizes, constants and atoms.

For each expectation the bound indices are partitioned (``partitions``), factors are grouped by entry, independent
families and iid entries factor, and each class of indices whose entries are exchangeable is replaced by a count,
(n - f)(n - f - 1)...(n - f - b + 1) for b classes beside f literal ones. A class that enters a joint moment of
families of whose dependence nothing is known must not be counted: E(X W[1]) and E(X W[2]) may differ. It stays a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from itertools import product as combinations

from derive.kernel import composite as cp
from derive.kernel import partitions as pt
from derive.kernel.expand import Expansion, is_random_symbol, mentions, renamed
from derive.kernel.independence import Fact, independent_parts
from derive.kernel.laws import law_moment, symmetric_law
from derive.kernel.polynomial import ONE, UNIT, ZERO, Monomial, Poly, product, replace, total
from derive.kernel.powers import BOUND, product_over, tower
from derive.kernel.roots import root, square_out, within
from derive.kernel.symbols import (
    Average,
    Composite,
    Element,
    EntryPower,
    Exchangeable,
    Fixed,
    Joint,
    Known,
    Label,
    Mean,
    Moment,
    ProductOf,
    Profile,
    Random,
    Root,
    Shift,
    SumOf,
    Tower,
    Unsupported,
    Value,
    Whole,
    base,
    moved,
    profile,
    size_of,
)
from derive.language import theorem as th
from derive.language.functions import FUNCTIONS
from derive.language.problem import Problem
from derive.language.terms import Add, Name, Term, number, substitute

MOST_BOUND = 5
Factor = Joint | Fixed
Conditions = Mapping[int, tuple[frozenset[str], int]]  # of each expectation: what it is given, the one around it
Member = tuple[str | Composite, tuple[Label, ...], Profile]  # of an expectation: an entry, or a function of a sum
MOST_RENAMINGS = 720


@dataclass(frozen=True, slots=True)
class World:
    """What the givens in force say of families: independence, symmetry, laws with their parameters, recurrences."""

    problem: Problem
    independent: tuple[Fact, ...]
    symmetric: frozenset[str]
    laws: Mapping[str, tuple[str, tuple[Poly, ...]]]
    recurrences: Mapping[str, th.Recurrence] = field(default_factory=dict[str, th.Recurrence])


@dataclass
class Normalizer:
    """Normal forms in one world under rewriting rules for atoms; results are kept for the length of one judgement."""

    world: World
    rules: Mapping[Hashable, Poly]
    patterns: tuple[tuple[Joint | Known, Poly], ...] = ()
    known: dict[Hashable, Poly] = field(default_factory=dict[Hashable, Poly])

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
            case Random(family=family, indices=indices, function=function):
                return Poly.symbol(Known(family, indices, function), exponent)
            case Element() | Known():
                if symbol not in self.known:
                    self.known[symbol] = self._element(symbol.family, symbol.indices)
                return power(self.known[symbol], exponent)
            case Tower(of=of, size=size):
                return power(tower(self.normal(of), size), exponent)
            case ProductOf(size=size, of=of):
                inside = self.normal(of)
                over = product_over(inside, size, lambda m: any(mentions(s, BOUND) for s, _ in m))
                return power(over, exponent)
            case Value(function=function, numerator=numerator, denominator=denominator):
                return Poly.symbol(Value(function, self.normal(numerator), self.normal(denominator)), exponent)
            case _:
                return None

    # --- families of constants -------------------------------------------------------------------

    def _element(self, family: str, indices: tuple[Label, ...]) -> Poly:
        """c[indices] by its recurrence, by what a condition says of every index, or as it is."""
        atom = Known(family, indices, "")
        if family not in self.world.problem.constants:
            return Poly.symbol(atom)
        recurrence = self.world.recurrences.get(family)
        if recurrence is not None and self._unrolls(recurrence, indices):
            names = {r.index: index_term(i) for r, i in zip(recurrence.ranges, indices, strict=True)}
            value = substitute(recurrence.relation.terms[1], names)
            return self.normal(Expansion(self.world.problem).polynomial(value))
        for pattern, value in self.patterns:
            if isinstance(pattern, Known) and pattern.family == family and atom != pattern:
                names = _instance(pattern.indices, indices)
                free = self.world.problem.free
                if names is not None and all(
                    isinstance(k, str) and k in free and within(self.world.problem, v, free[k])
                    for k, v in names.items()
                ):
                    return self.normal(renamed_atoms(value, names))
        return Poly.symbol(atom)

    def _in_range(self, free: Label, value: Label) -> bool:
        """Whether a fact that speaks of every value of a free index speaks of this one."""
        high = self.world.problem.free.get(free) if isinstance(free, str) else None
        return high is not None and within(self.world.problem, value, high)

    def _unrolls(self, recurrence: th.Recurrence, indices: tuple[Label, ...]) -> bool:
        """Whether the recurrence speaks of these indices; in the step of an induction only of what is beyond."""
        problem = self.world.problem
        for index, place in zip(indices, recurrence.ranges, strict=True):
            if isinstance(index, str) and (index[0] in "%~#" or "." in index):
                return False
            if not within(problem, index, place.high):
                return False
            ahead = isinstance(index, Shift) and index.by > 0
            if place.high == problem.beyond and not (ahead or isinstance(index, int)):
                return False
        return True

    # --- opening sums ----------------------------------------------------------------------------

    def _opened(self, symbol: Mean | SumOf) -> Poly:
        opening = _Opening(self._shaped)
        sign = opening.top(symbol)
        return self._summed(opening.state(), opening.bound, opening.conditions, []).scaled(UNIT, sign)

    def _shaped(self, of: Composite) -> tuple[int, Composite, tuple[Label, ...]]:
        """The template of a composite, the constants in its argument in normal form."""
        argument = replace(of.argument, lambda s, e: None if is_random_symbol(s) else self._symbol(s, e))
        return cp.shape(self.world.problem, Composite(of.function, argument))

    def _summed(
        self,
        state: pt.State,
        bound: Mapping[str, str | int],
        given: Conditions,
        before: list[pt.Slots],
    ) -> Poly:
        """The sum over all values of the bound indices; ``before`` holds the classes that are there already."""
        phase = 1 + max((int(s.prefix[1:].split(".")[0]) for s in before), default=-1)
        slots = pt.slots_of(state, bound, phase)
        every = [*slots, *before]
        parts: list[Poly] = []
        for final, count in pt.partitions(state, slots, lambda s: self._vanishes(s, given)):
            rewritten = self._rewritten_composite(final)
            if rewritten is None:
                parts.append(self._weighed(final, every, given).scaled(UNIT, count))
                continue
            group, rest, poly = rewritten
            if self._odd(final, given):
                continue
            for monomial, c in poly.terms.items():
                scalars = frozenset((s, e) for s, e in monomial if not is_random_symbol(s))
                opening = _Opening(self._shaped, dict(rest), given)
                sign = opening.more(monomial - scalars, group)
                value = self._summed(opening.state(), opening.bound, given, every)
                parts.append(value.scaled(UNIT, c * count * sign) * self.normal(Poly.monomial(scalars)))
        return total(parts)

    def _rewritten_composite(self, state: pt.State) -> tuple[int, pt.State, Poly] | None:
        """The first expectation with functions of sums to simplify: its number, what stays, what they become."""
        groups = {f[0] for f, _ in state if isinstance(f[1], Composite)}
        for group in sorted(groups):
            factors = [(f, e) for f, e in state if f[0] == group and isinstance(f[1], Composite)]
            powers = {cp.at(f[1], f[2]): e for f, e in factors if isinstance(f[1], Composite)}
            poly = cp.reduced_powers(powers)
            if poly is None and any(len(set(f[2])) < len(f[2]) for f, _ in factors):
                poly = product(
                    cp.composite(self.world.problem, of.function, of.argument) ** e for of, e in powers.items()
                )
                if poly == product(Poly.symbol(of, e) for of, e in powers.items()):
                    poly = None
            if poly is not None:
                return group, state - set(factors), poly
        return None

    def _vanishes(self, state: pt.State, given: Conditions) -> bool:
        """Whether a family, independent of everything beside it and all placed, has an entry whose moment is zero."""
        for group, families in _families(state).items():
            if group == pt.OUTSIDE:
                continue
            inside = _composite_families(state, group)
            for part in independent_parts(families | _given(given, group), self.world.independent):
                family = next(iter(part))
                if len(part) > 1 or part & inside or self.world.problem.families[family].kind == "exchangeable":
                    continue
                entries = _entries(state, group, part)
                if any(isinstance(i, str) and i.startswith("~") for (_, indices), _ in entries for i in indices):
                    continue  # what is not placed yet may still fall on another entry
                for (_, indices), powers in entries:
                    if powers is not None and not self._entry_moment(family, indices, powers):
                        return True
        return False

    def _entry_moment(self, family: str, indices: tuple[Label, ...], powers: Profile) -> Poly:
        """E of powers of one entry; of a family whose entries have laws of their own it is tied to the index."""
        if self.world.problem.families[family].kind != "independent" or family in self.world.laws:
            return self.moment(family, powers)
        if family in self.world.symmetric and parity_of_profile(powers) == -1:
            return ZERO
        joint = Joint(((family, indices, powers),))
        known = self._known_joint(joint)
        return Poly.symbol(joint) if known is None else known

    def moment(self, family: str, powers: Profile) -> Poly:
        """E of powers of one entry, by law, symmetry and rules."""
        if family in self.world.laws:
            law, args = self.world.laws[family]
            value = law_moment(self.world.problem, law, args, powers)
            if value is not None:
                return value
        if family in self.world.symmetric and parity_of_profile(powers) == -1:
            return ZERO
        atom = Moment(family, powers)
        return self.rules.get(atom, Poly.symbol(atom))

    # --- one state -------------------------------------------------------------------------------

    def _weighed(self, state: pt.State, slots: list[pt.Slots], given: Conditions) -> Poly:
        """The product of the moments of a state, times the number of values that its classes can take."""
        value, joints = ONE, list[Factor]()
        for group, families in sorted(_families(state).items()):
            if group == pt.OUTSIDE:
                for (family, indices), powers in _entries(state, group, families):
                    if powers is not None:
                        joints.append(Fixed((family, indices, powers)))
                continue
            fixed = _given(given, group)
            everything = families | fixed
            if any(part & fixed and part - fixed for part in independent_parts(everything, self.world.independent)):
                raise Unsupported("what is conditioned on is not independent of what is averaged")
            for members in self._components(state, group, everything):
                value = value * self._component(members, everything, fixed, joints)
            if not value:
                return ZERO
        if not value:
            return ZERO
        pinned = {base(i) for j in joints for _, indices, _ in entries_of(j) for i in indices}
        pinned |= {i for s in slots if pinned & set(pt.classes(state, s)) for i in s.fixed}
        for place in slots:
            used = pt.classes(state, place)
            kept = sum(1 for c in used if c in pinned)
            first = size_of(place.high) - Poly.number(len(place.fixed) + kept)
            value = value * product(first - Poly.number(k) for k in range(len(used) - kept))
        if not joints:
            return value
        waiting = [(c, place) for place in slots for c in pt.classes(state, place) if c in pinned]
        return value * self._spread(waiting, {}, joints)

    def _components(self, state: pt.State, group: int, families: frozenset[str]) -> list[list[Member]]:
        """The factors of one expectation, divided into parts that are independent of one another."""
        parts = independent_parts(families, self.world.independent)
        home = {name: k for k, part in enumerate(parts) for name in part}
        alone = {name for part in parts if len(part) == 1 for name in part}
        members: list[Member] = [
            (family, indices, powers) for (family, indices), powers in _entries(state, group, families) if powers
        ]
        members += [(f[1], f[2], (("", e),)) for f, e in state if f[0] == group and isinstance(f[1], Composite)]
        if not _composite_families(state, group):
            apart = [[m for m in members if home[str(m[0])] == k] for k in range(len(parts))]
            return [a for a in apart if a]

        def joined(a: Member, b: Member) -> bool:
            for f, x in _prints(a):
                for g, y in _prints(b):
                    if f != g and home[f] == home[g]:
                        return True
                    if f == g and (f not in alone or not self._entries_independent(f) or cp.overlapping(x, y)):
                        return True
            return False

        found: list[list[Member]] = []
        for member in sorted(members, key=repr):
            touching = [c for c in found if any(joined(member, other) for other in c)]
            found = [c for c in found if c not in touching]
            found.append([member, *(m for c in touching for m in c)])
        return found

    def _entries_independent(self, family: str) -> bool:
        return self.world.problem.families[family].kind != "exchangeable"

    def _component(
        self, members: list[Member], everything: frozenset[str], fixed: frozenset[str], joints: list[Factor]
    ) -> Poly:
        """E of one independent part; what is tied to its indices goes to ``joints``."""
        entries = [(f, i, p) for f, i, p in members if isinstance(f, str)]
        if len(entries) == len(members):
            if len({f for f, _, _ in entries}) > 1:
                joints.append(Joint(tuple(sorted(entries, key=repr))))
                return ONE
            if self.world.problem.families[entries[0][0]].kind == "independent":
                joints += [Joint((entry,)) for entry in entries]
                return product(ZERO for entry in entries if not self._entry_moment(*entry))
            return self._one_family(entries)
        if self._flipped(members, everything):
            return ZERO
        names = {f for m in members for f in _families_of(m)}
        if names & fixed:
            raise Unsupported("a function of a sum is not decided under this condition")
        separate = {f for p in independent_parts(everything, self.world.independent) if len(p) == 1 for f in p}
        if not names <= separate or any(self.world.problem.families[f].kind == "independent" for f in names):
            raise Unsupported("a function of a sum of entries whose dependence is not known is not decided")
        atom = whole(members)
        return self.rules.get(atom, Poly.symbol(atom))

    def _odd(self, state: pt.State, given: Conditions) -> bool:
        """Whether some expectation of the state vanishes because a flip of signs negates what is in it."""
        for group, families in _families(state).items():
            if group != pt.OUTSIDE and _composite_families(state, group):
                everything = families | _given(given, group)
                if any(self._flipped(c, everything) for c in self._components(state, group, everything)):
                    return True
        return False

    def _flipped(self, members: list[Member], everything: frozenset[str]) -> bool:
        """Whether flipping the signs of some entries of a symmetric family keeps the law and negates the product."""
        for part in independent_parts(everything, self.world.independent):
            family = next(iter(part))
            if len(part) > 1 or not self._symmetric(family):
                continue
            flips = [cp.Flip(family)]
            if self._entries_independent(family):
                prints = {i for m in members for f, i in _prints(m) if f == family}
                flips += [cp.Flip(family, s, x) for i in prints for s, x in enumerate(i) if x is not None]
            for flip in flips:
                if cp.total_parity(_parities(members, flip)) == -1:
                    return True
        return False

    def _symmetric(self, family: str) -> bool:
        if family in self.world.symmetric:
            return True
        return family in self.world.laws and symmetric_law(*self.world.laws[family])

    def _one_family(self, entries: list[EntryPower]) -> Poly:
        family = entries[0][0]
        if self.world.problem.families[family].kind != "exchangeable" or len(entries) == 1:
            return product(self.moment(family, powers) for _, _, powers in entries)
        if family in self.world.symmetric and parity_of_profile(tuple(x for _, _, p in entries for x in p)) == -1:
            return ZERO
        atom = _exchangeable(family, entries)
        return self.rules.get(atom, Poly.symbol(atom))

    def _spread(self, waiting: list[tuple[str, pt.Slots]], summed: dict[str, str | int], joints: list[Factor]) -> Poly:
        """Sum over different values of the waiting classes: all values, less those at which two coincide."""
        if not waiting:
            return self._averages(summed, joints)
        (name, place), rest = waiting[0], waiting[1:]
        out = self._spread(rest, {**summed, name: place.high}, joints)
        others = [*place.fixed, *(c for c, p in rest if p is place)]
        for other in others:
            out = out - self._spread(rest, summed, [_merged(j, name, other) for j in joints])
        return out

    def _averages(self, summed: dict[str, str | int], joints: list[Factor]) -> Poly:
        """The product of the connected parts of a sum of products of joint moments and values."""
        value, left = ONE, list[Factor]()
        for joint in joints:
            known = self._known_joint(joint) if isinstance(joint, Joint) else None
            if known is None:
                left.append(joint)
            else:
                outside, inside = _split(known, set(summed))
                value = value * outside
                left += inside
        if not value:
            return ZERO
        left = _together(left)
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
                value = value * product(self._settled(j) for j in part)
            else:
                value = value * Poly.symbol(_average({n: summed[n] for n in names}, part))
        return value

    def _settled(self, joint: Factor) -> Poly:
        if isinstance(joint, Joint):
            return self.rules.get(joint, Poly.symbol(joint))
        family, indices, powers = joint.entry
        return product(
            power(self._element(family, indices), e)
            if function == "" and family in self.world.problem.constants
            else Poly.symbol(Known(family, indices, function), e)
            for function, e in powers
        )

    def _known_joint(self, joint: Joint) -> Poly | None:
        if len(joint.entries) == 1:
            family, _, powers = joint.entries[0]
            if family in self.world.laws:
                return self.moment(family, powers)
            if family in self.world.symmetric and parity_of_profile(powers) == -1:
                return ZERO
        if joint in self.rules:
            return self.rules[joint]
        for pattern, value in self.patterns:
            names = _matches(pattern, joint) if isinstance(pattern, Joint) else None
            if names is not None:
                return renamed_atoms(value, names)
        return None


def power(poly: Poly, exponent: int) -> Poly:
    """poly^exponent; a negative exponent needs a single term."""
    if exponent >= 0:
        return poly**exponent
    if len(poly.terms) != 1:
        raise Unsupported("a fact replaces a divisor by a sum")
    ((monomial, c),) = poly.terms.items()
    return Poly.monomial(frozenset((s, e * exponent) for s, e in monomial), c**exponent)


class _Opening:
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
        self._symbol(symbol, 1, pt.OUTSIDE)
        return self.sign

    def more(self, monomial: Monomial, group: int) -> int:
        """Further factors of an expectation that was opened before."""
        if any(isinstance(s, Mean) for s, _ in monomial):
            raise Unsupported("an expectation inside a function of a sum is not decided")
        self._monomial(monomial, group)
        return self.sign

    def state(self) -> pt.State:
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
                owner = self._owner(group, {f for f, _, _ in cp.places(template)})
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


def _given(conditions: Conditions, group: int) -> frozenset[str]:
    return conditions[group][0]


def _families(state: pt.State) -> dict[int, frozenset[str]]:
    out: dict[int, set[str]] = {}
    for (group, family, _, _), _ in state:
        names: set[str] = {f for f, _, _ in cp.places(family)} if isinstance(family, Composite) else {family}
        out.setdefault(group, set()).update(names)
    return {g: frozenset(f) for g, f in out.items()}


def _composite_families(state: pt.State, group: int) -> frozenset[str]:
    return frozenset(
        f
        for (g, family, _, _), _ in state
        if g == group and isinstance(family, Composite)
        for f, _, _ in cp.places(family)
    )


def _prints(member: Member) -> set[tuple[str, tuple[Label | None, ...]]]:
    """The entries that a factor is made of."""
    family, indices, _ = member
    return cp.footprint(cp.at(family, indices)) if isinstance(family, Composite) else {(family, indices)}


def _families_of(member: Member) -> set[str]:
    return {f for f, _ in _prints(member)}


def _parities(members: list[Member], flip: cp.Flip) -> Iterator[int | None]:
    for family, indices, powers in members:
        if isinstance(family, Composite):
            yield from cp.parity_of(frozenset({(cp.at(family, indices), powers[0][1])}), flip)
        else:
            monomial = frozenset((Random(family, indices, function), e) for function, e in powers)
            yield from cp.parity_of(monomial, flip)


def whole(members: list[Member]) -> Whole:
    """The moment with its indices renamed in the one way that sorts first."""
    labels = sorted({i for _, indices, _ in members for i in indices}, key=repr)
    if len(labels) > MOST_BOUND:
        raise Unsupported("a moment of functions of sums with this many indices is not decided")
    candidates: list[Whole] = []
    for order in permutations(labels):
        names: dict[Label, Label] = {x: k for k, x in enumerate(order, start=1)}
        factors = [(f, tuple(moved(i, names) for i in indices), p) for f, indices, p in members]
        candidates.append(Whole(tuple(sorted(factors, key=repr))))
    return min(candidates, key=repr)


def _entries(
    state: pt.State, group: int, families: frozenset[str]
) -> list[tuple[tuple[str, tuple[Label, ...]], Profile | None]]:
    powers: dict[tuple[str, tuple[Label, ...]], dict[str, int]] = {}
    for (g, family, indices, function), exponent in state:
        if g == group and isinstance(family, str) and family in families:
            powers.setdefault((family, indices), {})[function] = exponent
    return [(entry, profile(p)) for entry, p in powers.items()]


def parity_of_profile(powers: Profile) -> int:
    """-1 if the product changes its sign with the entries', 1 if it keeps it, 0 if neither is known."""
    out = 1
    for function, exponent in powers:
        parity = -1 if function == "" else FUNCTIONS[function].parity
        if parity == 0:
            return 0
        out *= parity if exponent % 2 else 1
    return out


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


def entries_of(factor: Factor) -> tuple[EntryPower, ...]:
    """The entries of a joint moment, or the one entry of a value."""
    return factor.entries if isinstance(factor, Joint) else (factor.entry,)


def _labels(factor: Factor) -> set[str]:
    return {x for _, indices, _ in entries_of(factor) for i in indices if isinstance(x := base(i), str)}


def _labels_of(symbol: Hashable) -> set[str]:
    match symbol:
        case Joint() | Fixed():
            return _labels(symbol)
        case Known(indices=indices):
            return {x for i in indices if isinstance(x := base(i), str)}
        case _:
            return set()


def _merged(factor: Factor, old: str, new: Label) -> Factor:
    """The factor with an index replaced; entries that become the same one multiply."""
    powers: dict[tuple[str, tuple[Label, ...]], dict[str, int]] = {}
    for family, indices, p in entries_of(factor):
        here = powers.setdefault((family, tuple(moved(i, {old: new}) for i in indices)), {})
        for function, exponent in p:
            here[function] = here.get(function, 0) + exponent
    entries = [(f, i, q) for (f, i), p in powers.items() if (q := profile(p)) is not None]
    return Joint(tuple(sorted(entries, key=repr))) if isinstance(factor, Joint) else Fixed(entries[0])


def _renamed_factor(factor: Factor, names: Mapping[Label, Label]) -> Factor:
    entries = [(f, tuple(moved(i, names) for i in indices), p) for f, indices, p in entries_of(factor)]
    return Joint(tuple(sorted(entries, key=repr))) if isinstance(factor, Joint) else Fixed(entries[0])


def _average(summed: dict[str, str | int], joints: list[Factor]) -> Average:
    """The sum with its bound indices named in the one way that sorts first."""
    names = sorted(summed)
    if len(names) > MOST_BOUND:
        raise Unsupported("a sum over this many indices of dependent families is not decided")
    candidates: list[Average] = []
    for order in permutations(range(len(names))):
        new: dict[Label, Label] = {name: f"%{k}" for name, k in zip(names, order, strict=True)}
        factors = _together([_renamed_factor(j, new) for j in joints])
        bound = tuple(sorted((str(new[n]), summed[n]) for n in names))
        candidates.append(Average(bound, tuple(sorted(factors, key=repr))))
    return min(candidates, key=repr)


def _together(factors: list[Factor]) -> list[Factor]:
    """Values of the same entry become one factor."""
    powers: dict[tuple[str, tuple[Label, ...]], dict[str, int]] = {}
    out: list[Factor] = []
    for factor in factors:
        if isinstance(factor, Joint):
            out.append(factor)
            continue
        family, indices, p = factor.entry
        here = powers.setdefault((family, indices), {})
        for function, exponent in p:
            here[function] = here.get(function, 0) + exponent
    out += [Fixed((f, i, q)) for (f, i), p in powers.items() if (q := profile(p)) is not None]
    return out


def _split(poly: Poly, summed: set[str]) -> tuple[Poly, list[Factor]]:
    """What a fact says of a moment inside a sum: what does not depend on its indices, and the rest."""
    if not any(_labels_of(s) & summed for s in poly.symbols()):
        return poly, []
    if len(poly.terms) != 1:
        raise Unsupported("a fact that makes a moment inside a sum several terms is not decided")
    ((monomial, c),) = poly.terms.items()
    inside: list[Factor] = []
    outside: Monomial = UNIT
    for symbol, exponent in monomial:
        if isinstance(symbol, Known) and _labels_of(symbol) & summed:
            inside.append(Fixed((symbol.family, symbol.indices, ((symbol.function, exponent),))))
        elif _labels_of(symbol) & summed:
            raise Unsupported("a fact about joint moments inside a sum is not decided")
        else:
            outside |= {(symbol, exponent)}
    return Poly.monomial(outside, c), inside


def renamed_atoms(poly: Poly, names: Mapping[Label, Label]) -> Poly:
    """The polynomial with the free indices of its atoms replaced."""

    def value(symbol: Hashable, exponent: int) -> Poly | None:
        match symbol:
            case Known(family=family, indices=indices, function=function):
                return Poly.symbol(Known(family, tuple(moved(i, names) for i in indices), function), exponent)
            case Joint():
                new = _renamed_factor(symbol, names)
                return Poly.symbol(new, exponent)
            case _:
                return None

    return replace(poly, value) if names else poly


def _matches(pattern: Joint, joint: Joint) -> dict[Label, Label] | None:
    """The values of a fact's free indices at which it speaks of this moment; None where it does not."""
    if len(pattern.entries) != len(joint.entries):
        return None
    values: dict[Label, Label] = {}
    for (f, indices, p), (g, others, q) in zip(pattern.entries, joint.entries, strict=True):
        here = _instance(indices, others) if f == g and p == q else None
        if here is None or any(values.setdefault(i, other) != other for i, other in here.items()):
            return None
    return values


def _instance(indices: tuple[Label, ...], others: tuple[Label, ...]) -> dict[Label, Label] | None:
    """The values of free indices at which the first indices are the others."""
    if len(indices) != len(others):
        return None
    values: dict[Label, Label] = {}
    for i, other in zip(indices, others, strict=True):
        if not isinstance(i, str):
            if i != other:
                return None
        elif values.setdefault(i, other) != other:
            return None
    return values


def index_term(index: Label) -> Term:
    """An index as the language writes it."""
    match index:
        case int():
            return number(index)
        case Shift(of=of, by=by):
            return Add((Name(of), number(by)))
        case _:
            return Name(index)
