"""Sums over indices of entries whose joint law is not known: they stay sums, one for each connected part.

E(X W[1]) and E(X W[2]) may differ, so that such an index must not be counted. A sum over different values of some
indices is the sum over all values, less those at which two coincide.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from derive.kernel import partitions as pt
from derive.kernel.atoms import Factor, average, labels, matches, merged, renamed_atoms, split, together
from derive.kernel.polynomial import ONE, ZERO, Poly, product, total
from derive.kernel.powers import power
from derive.kernel.symbols import Joint, Known, Label, Profile, size_of


@dataclass(frozen=True, slots=True)
class Tied:
    """Such sums under rewriting rules.

    laws: the families with a law. moment: E of powers of one entry; element: a constant of a family, in normal form.
    """

    rules: Mapping[Hashable, Poly]
    patterns: tuple[tuple[Joint | Known, Poly], ...]
    laws: Mapping[str, object]
    moment: Callable[[str, Profile], Poly]
    element: Callable[[str, tuple[Label, ...]], Poly]

    def over(self, waiting: list[tuple[str, pt.Slots]], summed: dict[str, str | int], joints: list[Factor]) -> Poly:
        """Sum over different values of the waiting classes: all values, less those at which two coincide."""
        if not waiting:
            return self._averages(summed, joints)
        (name, place), rest = waiting[0], waiting[1:]
        out = self.over(rest, {**summed, name: place.high}, joints)
        others = [*place.fixed, *(c for c, p in rest if p is place)]
        for other in others:
            out = out - self.over(rest, summed, [merged(j, name, other) for j in joints])
        return out

    def _averages(self, summed: dict[str, str | int], joints: list[Factor]) -> Poly:
        """The product of the connected parts of a sum of products of joint moments and values."""
        value, left = ONE, list[Factor]()
        for place, joint in enumerate(joints):
            known = self.known(joint) if isinstance(joint, Joint) else None
            if known is None:
                left.append(joint)
                continue
            parts = split(known, set(summed))
            if len(parts) > 1:  # the fact makes several terms of it: the sum of each
                rest = [*left, *joints[place + 1 :]]
                return value * total(c * self._averages(summed, [*rest, *inside]) for c, inside in parts)
            for outside, inside in parts:
                value = value * outside
                left += inside
        if not value:
            return ZERO
        left = together(left)
        for name, high in summed.items():
            if not any(name in labels(j) for j in left):
                value = value * size_of(high)
        while left:
            part, names = [left.pop()], set[str]()
            names |= labels(part[0]) & set(summed)
            grown = True
            while grown:
                touching = [j for j in left if labels(j) & names]
                grown = bool(touching)
                for j in touching:
                    left.remove(j)
                    part.append(j)
                    names |= labels(j) & set(summed)
            if not names:
                value = value * product(self._settled(j) for j in part)
            else:
                value = value * Poly.symbol(average({n: summed[n] for n in names}, part))
        return value

    def _settled(self, joint: Factor) -> Poly:
        if isinstance(joint, Joint):
            return self.rules.get(joint, Poly.symbol(joint))
        family, indices, powers = joint.entry
        return product(
            power(self.element(family, indices), e)
            if function == ""
            else Poly.symbol(Known(family, indices, function), e)
            for function, e in powers
        )

    def known(self, joint: Joint) -> Poly | None:
        """What a joint moment is by a law or a fact."""
        if len(joint.entries) == 1:
            family, _, powers = joint.entries[0]
            if family in self.laws:
                return self.moment(family, powers)
        if joint in self.rules:
            return self.rules[joint]
        for pattern, value in self.patterns:
            names = matches(pattern, joint) if isinstance(pattern, Joint) else None
            if names is not None:
                return renamed_atoms(value, names)
        return None
