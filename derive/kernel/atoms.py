"""Unknowns of normal forms, their indices named in one way, so that equal moments are equal values."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import permutations
from itertools import product as combinations

from derive.kernel.polynomial import UNIT, Monomial, Poly, replace
from derive.kernel.symbols import (
    Average,
    Composite,
    EntryPower,
    Exchangeable,
    Fixed,
    Inverse,
    Joint,
    Known,
    Label,
    ProductOf,
    Profile,
    Root,
    Shift,
    Tower,
    Unsupported,
    Value,
    Whole,
    base,
    moved,
    profile,
)
from derive.language.terms import Add, Name, Term, number

Factor = Joint | Fixed
Member = tuple[str | Composite, tuple[Label, ...], Profile]  # of an expectation: an entry, or a function of a sum
MOST_BOUND = 5
MOST_RENAMINGS = 720


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


def exchangeable(family: str, entries: list[EntryPower]) -> Exchangeable:
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


def labels(factor: Factor) -> set[str]:
    """The names among the indices of a factor."""
    return {x for _, indices, _ in entries_of(factor) for i in indices if isinstance(x := base(i), str)}


def labels_of(symbol: Hashable) -> set[str]:
    """The names among the indices of an atom, where it is tied to its indices."""
    match symbol:
        case Joint() | Fixed():
            return labels(symbol)
        case Known(indices=indices):
            return {x for i in indices if isinstance(x := base(i), str)}
        case Average(factors=factors):
            return {x for f in factors for x in labels(f)}
        case _:
            return {x for poly in inside(symbol) for s in poly.symbols() for x in labels_of(s)}


def inside(symbol: Hashable) -> tuple[Poly, ...]:
    """The polynomials under a root, a function, a quotient or a power; a fact may tie them to its indices."""
    match symbol:
        case Root(radicand=poly) | Inverse(of=poly) | Tower(of=poly) | ProductOf(of=poly):
            return (poly,)
        case Value(numerator=numerator, denominator=denominator):
            return numerator, denominator
        case _:
            return ()


def merged(factor: Factor, old: str, new: Label) -> Factor:
    """The factor with an index replaced; entries that become the same one multiply."""
    powers: dict[tuple[str, tuple[Label, ...]], dict[str, int]] = {}
    for family, indices, p in entries_of(factor):
        here = powers.setdefault((family, tuple(moved(i, {old: new}) for i in indices)), {})
        for function, exponent in p:
            here[function] = here.get(function, 0) + exponent
    entries = [(f, i, q) for (f, i), p in powers.items() if (q := profile(p)) is not None]
    return Joint(tuple(sorted(entries, key=repr))) if isinstance(factor, Joint) else Fixed(entries[0])


def renamed_factor(factor: Factor, names: Mapping[Label, Label]) -> Factor:
    """The factor with indices replaced by different ones."""
    entries = [(f, tuple(moved(i, names) for i in indices), p) for f, indices, p in entries_of(factor)]
    return Joint(tuple(sorted(entries, key=repr))) if isinstance(factor, Joint) else Fixed(entries[0])


def average(summed: dict[str, str | int], joints: list[Factor]) -> Average:
    """The sum with its bound indices named in the one way that sorts first."""
    names = sorted(summed)
    if len(names) > MOST_BOUND:
        raise Unsupported("a sum over this many indices of dependent families is not decided")
    candidates: list[Average] = []
    for order in permutations(range(len(names))):
        new: dict[Label, Label] = {name: f"%{k}" for name, k in zip(names, order, strict=True)}
        factors = together([renamed_factor(j, new) for j in joints])
        bound = tuple(sorted((str(new[n]), summed[n]) for n in names))
        candidates.append(Average(bound, tuple(sorted(factors, key=repr))))
    return min(candidates, key=repr)


def together(factors: list[Factor]) -> list[Factor]:
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


def split(poly: Poly, summed: set[str]) -> list[tuple[Poly, list[Factor]]]:
    """What a fact says of a moment inside a sum, term by term: what depends on its indices apart from the rest."""
    if not any(labels_of(s) & summed for s in poly.symbols()):
        return [(poly, [])]
    out: list[tuple[Poly, list[Factor]]] = []
    for monomial, c in poly.terms.items():
        within: list[Factor] = []
        outside: Monomial = UNIT
        for symbol, exponent in monomial:
            if isinstance(symbol, Known) and labels_of(symbol) & summed:
                within.append(Fixed((symbol.family, symbol.indices, ((symbol.function, exponent),))))
            elif isinstance(symbol, Joint) and labels_of(symbol) & summed and exponent > 0:
                within += [symbol] * exponent
            elif labels_of(symbol) & summed:
                raise Unsupported("a fact about sums of joint moments inside a sum is not decided")
            else:
                outside |= {(symbol, exponent)}
        out.append((Poly.monomial(outside, c), within))
    return out


def renamed_atoms(poly: Poly, names: Mapping[Label, Label]) -> Poly:
    """The polynomial with the free indices of its atoms replaced."""

    def value(symbol: Hashable, exponent: int) -> Poly | None:
        match symbol:
            case Known(family=family, indices=indices, function=function):
                return Poly.symbol(Known(family, tuple(moved(i, names) for i in indices), function), exponent)
            case Joint():
                new = renamed_factor(symbol, names)
                return Poly.symbol(new, exponent)
            case Average(bound=bound, factors=factors):
                new = Average(bound, tuple(sorted((renamed_factor(f, names) for f in factors), key=repr)))
                return Poly.symbol(new, exponent)
            case Root(radicand=radicand):
                return Poly.symbol(Root(renamed_atoms(radicand, names)), exponent)
            case Value(function=function, numerator=above, denominator=below):
                new = Value(function, renamed_atoms(above, names), renamed_atoms(below, names))
                return Poly.symbol(new, exponent)
            case Tower(of=of, size=size):
                return Poly.symbol(Tower(renamed_atoms(of, names), size), exponent)
            case Inverse(of=of):
                return Poly.symbol(Inverse(renamed_atoms(of, names)), exponent)
            case ProductOf(size=size, bound=bound, of=of):
                return Poly.symbol(ProductOf(size, bound, renamed_atoms(of, names)), exponent)
            case _:
                return None

    return replace(poly, value) if names else poly


def matches(pattern: Joint, joint: Joint) -> dict[Label, Label] | None:
    """The values of a fact's free indices at which it speaks of this moment; None where it does not."""
    if len(pattern.entries) != len(joint.entries):
        return None
    values: dict[Label, Label] = {}
    for (f, indices, p), (g, others, q) in zip(pattern.entries, joint.entries, strict=True):
        here = instance(indices, others) if f == g and p == q else None
        if here is None or any(values.setdefault(i, other) != other for i, other in here.items()):
            return None
    return values


def instance(indices: tuple[Label, ...], others: tuple[Label, ...]) -> dict[Label, Label] | None:
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
