"""The moment normal form: every deterministic term becomes a polynomial in sizes, constants and atoms.

For each expectation the bound indices are partitioned (``partitions``), factors are grouped by entry, independent
families and iid entries factor, and each class of indices whose entries are exchangeable is replaced by a count,
(n - f)(n - f - 1)...(n - f - b + 1) for b classes beside f literal ones. A class that enters a joint moment of
families of whose dependence nothing is known must not be counted: E(X W[1]) and E(X W[2]) may differ. It stays a sum.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from derive.kernel import composite as cp
from derive.kernel import partitions as pt
from derive.kernel.atoms import (
    Factor,
    Member,
    entries_of,
    exchangeable,
    labels_of,
    whole,
)
from derive.kernel.bell import Work
from derive.kernel.components import components, flipped, member_families, odd
from derive.kernel.functions import value as function_value
from derive.kernel.independence import independent_parts
from derive.kernel.indices import mentions
from derive.kernel.laws import law_moment, parity
from derive.kernel.linearity import is_random_symbol
from derive.kernel.of_normals import Place, normal_mean, places
from derive.kernel.opening import Conditions, Opening, composite_families, delicate, entries_in, families_of, given_to
from derive.kernel.polynomial import ONE, UNIT, ZERO, Monomial, Poly, product, replace, total
from derive.kernel.powers import BOUND, power, product_over, tower
from derive.kernel.products import factored, has_products
from derive.kernel.profiles import Setting, function_moment
from derive.kernel.recurrences import followed
from derive.kernel.roots import root, square_out
from derive.kernel.symbols import (
    Composite,
    Element,
    EntryPower,
    Fixed,
    Joint,
    Known,
    Label,
    Mean,
    Moment,
    ProductOf,
    Profile,
    Random,
    RandomProduct,
    Root,
    SumOf,
    TooMuch,
    Tower,
    Unsupported,
    Value,
    base,
    size_of,
)
from derive.kernel.tied import Tied
from derive.kernel.world import World

MOST_MOMENTS = 600
MOST_OPENED = 6_000


@dataclass
class Normalizer:
    """Normal forms in one world under rewriting rules for atoms; results are kept for the length of one judgement."""

    world: World
    rules: Mapping[Hashable, Poly]
    patterns: tuple[tuple[Joint | Known, Poly], ...] = ()
    known: dict[Hashable, Poly] = field(default_factory=dict[Hashable, Poly])
    moments: dict[tuple[str, Profile], Poly] = field(default_factory=dict[tuple[str, Profile], Poly])
    opened: int = 0  # products of entries that were averaged over
    work: Work = field(default_factory=Work)  # that closed forms took
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
                    factors = isinstance(symbol, Mean) and has_products(symbol.body)
                    self.known[symbol] = self._mean_of_products(symbol) if factors else self._opened(symbol)
                return self.known[symbol] ** exponent
            case RandomProduct():
                raise Unsupported("a product of random factors outside of E is not decided")
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
                return power(product_over(inside, size, _at_bound), exponent)
            case Value(function=function, numerator=numerator, denominator=denominator):
                return power(function_value(function, self.normal(numerator), self.normal(denominator)), exponent)
            case _:
                return None

    # --- families of constants -------------------------------------------------------------------

    def _element(self, family: str, indices: tuple[Label, ...]) -> Poly:
        """c[indices] in normal form."""
        found = followed(self.world, self.patterns, family, indices)
        return Poly.symbol(Known(family, indices, "")) if found is None else self.normal(found)

    def _mean_of_products(self, symbol: Mean | SumOf) -> Poly:
        """E of a product over a range, by the independence of its factors, times E of what stands beside it."""
        if isinstance(symbol, Mean) and symbol.given:
            raise Unsupported("a conditional expectation of a product over a range is not decided")
        beside, means = factored(self.world, symbol.body)
        out = self.normal(Poly.symbol(Mean(beside))) if beside else ONE
        for size, mean in means:
            out = out * product_over(self.normal(mean), size, _at_bound)
        return out

    # --- opening sums ----------------------------------------------------------------------------

    def _opened(self, symbol: Mean | SumOf) -> Poly:
        opening = Opening(self._shaped)
        sign = opening.top(symbol)
        self._check_conditions(opening)
        value = self._summed(opening.state(), opening.bound, opening.conditions, []).scaled(UNIT, sign)
        if any("." in label for s in value.symbols() for label in labels_of(s)):
            raise Unsupported("a sum over indices of dependent families is not decided")
        return value

    def _check_conditions(self, opening: Opening) -> None:
        """Refuse to average over what is not independent of what is conditioned on."""
        for group, families in families_of(opening.state()).items():
            fixed = given_to(opening.conditions, group) if group != pt.OUTSIDE else frozenset[str]()
            parts = independent_parts(families | fixed, self.world.independent)
            if any(part & fixed and part - fixed for part in parts):
                raise Unsupported("what is conditioned on is not independent of what is averaged")

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
            self.opened += 1
            if self.opened > MOST_OPENED:
                raise TooMuch("there are too many products of functions of sums")
            rewritten = self._rewritten_composite(final)
            if rewritten is None:
                parts.append(self._weighed(final, every, given).scaled(UNIT, count))
                continue
            group, rest, poly = rewritten
            if odd(self.world, final, given):
                continue
            for monomial, c in poly.terms.items():
                scalars = frozenset((s, e) for s, e in monomial if not is_random_symbol(s))
                opening = Opening(self._shaped, dict(rest), given)
                sign = opening.more(monomial - scalars, group)
                following = opening.state()
                value = self._summed(following, opening.bound, given, every) * _vanished(final, following, every)
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
        if delicate(state, given):
            return False
        for group, families in families_of(state).items():
            if group == pt.OUTSIDE:
                continue
            inside = composite_families(state, group)
            for part in independent_parts(families | given_to(given, group), self.world.independent):
                family = next(iter(part))
                if len(part) > 1 or part & inside or self.world.problem.families[family].kind == "exchangeable":
                    continue
                entries = entries_in(state, group, part)
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
        if family in self.world.symmetric and parity(powers) == -1:
            return ZERO
        joint = Joint(((family, indices, powers),))
        known = self._tied().known(joint)
        return Poly.symbol(joint) if known is None else known

    def moment(self, family: str, powers: Profile) -> Poly:
        """E of powers of one entry, by law, symmetry, the ledger and rules. Raises ``TooMuch`` beyond a bound."""
        if (family, powers) not in self.moments:
            if len(self.moments) > MOST_MOMENTS:
                raise TooMuch("too many moments lead to this one")
            self.moments[family, powers] = self._moment(family, powers)
        return self.moments[family, powers]

    def _moment(self, family: str, powers: Profile) -> Poly:
        law = self.world.laws.get(family)
        symmetric = family in self.world.symmetric
        value = law_moment(self.world.problem, *law, powers) if law else None
        if value is None and symmetric and parity(powers) == -1:
            value = ZERO
        if value is None:
            setting = Setting(self.world.problem, law, symmetric, lambda p: self.moment(family, p), self.closed_forms)
            value = function_moment(setting, powers, self.facts)
        if value is None and law is not None and any(f not in {"", "sign"} for f, _ in powers):
            value = self._of_normals([(family, (), powers)])
        atom = Moment(family, powers)
        return self.rules.get(atom, Poly.symbol(atom)) if value is None else value

    # --- one state -------------------------------------------------------------------------------

    def _weighed(self, state: pt.State, slots: list[pt.Slots], given: Conditions) -> Poly:
        """The product of the moments of a state, times the number of values that its classes can take."""
        value, joints = ONE, list[Factor]()
        first = delicate(state, given)  # an expectation around one of these is not known before it is
        for group, families in sorted(families_of(state).items(), key=lambda item: (item[0] not in first, item[0])):
            if group == pt.OUTSIDE:
                for (family, indices), powers in entries_in(state, group, families):
                    if powers is not None:
                        joints.append(Fixed((family, indices, powers)))
                continue
            fixed = given_to(given, group)
            everything = families | fixed
            for members in components(self.world, state, group, everything):
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
            most = size_of(place.high) - Poly.number(len(place.fixed) + kept)
            value = value * product(most - Poly.number(k) for k in range(len(used) - kept))
        if not joints:
            return value
        waiting = [(c, place) for place in slots for c in pt.classes(state, place) if c in pinned]
        return value * self._tied().over(waiting, {}, joints)

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
        if flipped(self.world, members, everything, fixed):
            return ZERO
        names = {f for m in members for f in member_families(m)}
        if names & fixed:
            raise Unsupported("a function of a sum is not decided under this condition")
        separate = {f for p in independent_parts(everything, self.world.independent) if len(p) == 1 for f in p}
        if not names <= separate or any(self.world.problem.families[f].kind == "independent" for f in names):
            raise Unsupported("a function of a sum of entries whose dependence is not known is not decided")
        closed = self._of_normals(members)
        if closed is not None:
            return closed
        atom = whole(members)
        return self.rules.get(atom, Poly.symbol(atom))

    def _of_normals(self, members: list[Member]) -> Poly | None:
        """The closed form of E of functions of independent entries with normal laws; None where there is none."""
        body = product(
            Poly.symbol(cp.at(of, indices), e) if isinstance(of, Composite) else Poly.symbol(Random(of, indices, f), e)
            for of, indices, powers in members
            for f, e in powers
        )
        entries = places(body)
        if not self.closed_forms or entries is None:
            return None
        laws: dict[Place, tuple[Poly, Poly]] = {}
        for family, indices in sorted(entries, key=repr):
            law, args = self.world.laws.get(family, ("", ()))
            alone = self.world.problem.families[family].kind in {"random", "iid"} or len(entries) == 1
            if law != "Normal" or not alone:
                return None
            laws[family, indices] = args[0], args[1]
        return normal_mean(self.world.problem, laws, body, self.facts, self.work)

    def _tied(self) -> Tied:
        return Tied(self.rules, self.patterns, self.world.laws, self.moment, self._element)

    def _one_family(self, entries: list[EntryPower]) -> Poly:
        family = entries[0][0]
        if self.world.problem.families[family].kind != "exchangeable" or len(entries) == 1:
            return product(self.moment(family, powers) for _, _, powers in entries)
        if family in self.world.symmetric and parity(tuple(x for _, _, p in entries for x in p)) == -1:
            return ZERO
        atom = exchangeable(family, entries)
        return self.rules.get(atom, Poly.symbol(atom))


def _at_bound(monomial: Monomial) -> bool:
    """Whether atoms of a monomial are tied to the index of a product."""
    return any(mentions(s, BOUND) or BOUND in labels_of(s) for s, _ in monomial)


def _vanished(before: pt.State, after: pt.State, slots: list[pt.Slots]) -> Poly:
    """How many values the classes have that a simplification took away, each different from those beside it."""
    value = ONE
    for place in slots:
        there, left = pt.classes(before, place), pt.classes(after, place)
        for k in range(len(left), len(there)):
            value = value * (size_of(place.high) - Poly.number(len(place.fixed) + k))
    return value
