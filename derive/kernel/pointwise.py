"""Inequalities between moments from inequalities that hold for every real x.

f(x) <= g(x) for every x gives E(m f(y)) <= E(m g(y)) under any joint law, for every m that is nonnegative: an even
monomial in y and in whatever else stands beside it. Which m is tried is read off the moments that a claim contains.
The same inequalities hold at constants.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import lru_cache

from derive.kernel import ledger
from derive.kernel.functions import value
from derive.kernel.indices import sum_of
from derive.kernel.normal import Normalizer
from derive.kernel.polynomial import ONE, UNIT, Monomial, Poly, replace, times, total
from derive.kernel.profiles import ratio
from derive.kernel.roots import nonnegative_profile, square_out
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
    Value,
    size_of,
)

Place = tuple[str, tuple[Label, ...]]  # a family and the indices of one of its entries


def bounds(normalizer: Normalizer, atom: Hashable) -> Iterator[tuple[Poly, str]]:
    """Nonnegative polynomials that speak of a moment, each with the fact on which it rests."""
    entries = _entries(normalizer, atom)
    for k, (family, indices, powers) in enumerate(entries):
        beside = entries[:k] + entries[k + 1 :]
        if not all(nonnegative_profile(p) for _, _, p in beside):
            continue
        factor = _product(_monomial((f, i), p) for f, i, p in beside)
        for difference, name in _multiples(powers, (family, indices)):
            yield _mean(normalizer, atom, difference.scaled(factor)), name


def constant_bounds(symbol: Value, exponent: int) -> Iterator[tuple[Poly, str]]:
    """The facts about f at a constant t; for exp at k t, so that they speak of exp(t)^k."""
    if symbol.denominator != ONE:
        return
    argument = symbol.numerator.scaled(UNIT, exponent if symbol.function == "exp" else 1)
    for name, difference in _differences(symbol.function):

        def at(s: Hashable, e: int) -> Poly | None:
            if not isinstance(s, Random):
                return None
            return (value(s.function, argument, ONE) if s.function else argument) ** e

        yield square_out(replace(difference, at)), name


def _multiples(powers: Profile, place: Place) -> Iterator[tuple[Poly, str]]:
    """Facts about an entry times nonnegative monomials m, such that the profile is one of their terms."""
    for function in sorted({f for f, _ in powers} - {"", "sign"}):
        for name, difference in _differences(function):
            for term in difference.terms:
                left = dict(powers)
                for symbol, e in term:
                    if isinstance(symbol, Random):
                        left[symbol.function] = left.get(symbol.function, 0) - e
                rest = tuple(sorted((f, e) for f, e in left.items() if e))
                speaks = any(isinstance(s, Random) and s.function == function for s, _ in term)
                if speaks and all(e > 0 for _, e in rest) and nonnegative_profile(rest):
                    yield _placed(difference, place).scaled(_monomial(place, rest)), name


@lru_cache(maxsize=64)
def _differences(function: str) -> tuple[tuple[str, Poly], ...]:
    """The facts about one function, each as a polynomial in x and f(x) that is nonnegative for every real x."""
    found: list[tuple[str, Poly]] = []
    for fact in ledger.about("pointwise", frozenset({function})):
        for left, operator, right in fact.relation().pairs():
            small, big = (left, right) if operator == "<=" else (right, left)
            found.append((fact.name, ratio(big).numerator - ratio(small).numerator))
    return tuple(found)


def _placed(poly: Poly, place: Place) -> Poly:
    """A polynomial in the ledger's variable as one in an entry."""
    return total(
        Poly.monomial(frozenset((Random(*place, s.function) if isinstance(s, Random) else s, e) for s, e in m), c)
        for m, c in poly.terms.items()
    )


def _monomial(place: Place, powers: Profile) -> Monomial:
    return frozenset((Random(*place, f), e) for f, e in powers)


def _product(monomials: Iterator[Monomial]) -> Monomial:
    out = UNIT
    for monomial in monomials:
        out = times(out, monomial)
    return out


# --- atoms and back -----------------------------------------------------------------------------


def _entries(normalizer: Normalizer, atom: Hashable) -> list[EntryPower]:
    """The entries of which an atom is a joint moment; none for what is no expectation of a single product."""
    match atom:
        case Moment(family=name, profile=powers):
            family = normalizer.world.problem.families[name]
            return [] if family.kind == "independent" else [(name, (1,) * len(family.ranges), powers)]
        case Exchangeable(family=name, entries=entries):
            return [(name, indices, powers) for indices, powers in entries]
        case Joint(entries=entries):
            return list(entries)
        case Average(factors=(Joint(entries=entries),)):
            return list(entries)
        case _:
            return []


def _mean(normalizer: Normalizer, atom: Hashable, poly: Poly) -> Poly:
    """E of a polynomial in entries, summed over the indices that the atom sums over; in normal form."""
    parts: list[Poly] = []
    for monomial, c in poly.terms.items():
        inside = frozenset((s, e) for s, e in monomial if isinstance(s, Random))
        mean = Poly.symbol(Mean(inside)) if inside else ONE
        for name, high in atom.bound if isinstance(atom, Average) else ():
            ((body, _),) = mean.terms.items()
            mean = Poly.symbol(sum_of(high, name, body)) if body else size_of(high)
        parts.append(mean.scaled(monomial - inside, c))
    return normalizer.normal(total(parts))
