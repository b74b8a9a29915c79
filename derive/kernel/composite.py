"""Functions of whole sums: |sum W a|, sign(sum W a), tanh(sum W a).

The argument stays closed, as a polynomial in random symbols; three things are told of the function's value:

- algebra: |S|^2 = S^2, |S| sign(S) = S, sign(S)^3 = sign(S); with relu(S) = (S + |S|)/2 that is all He's rule needs;
- which entries it is made of, so that what is independent of them factors;
- its parity when the signs of some entries of a symmetric family are flipped together: if W is iid, symmetric and
  independent of everything else, flipping a row of W changes no law, so what changes its sign has mean zero. That is
  how sum W a inherits the symmetry of W.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from math import prod

from derive.kernel.indices import renamed_poly
from derive.kernel.polynomial import ONE, UNIT, Monomial, Poly, raised, times, total
from derive.kernel.roots import positive_symbol
from derive.kernel.symbols import Composite, Element, Label, Mean, Random, RandomProduct, SumOf, Unsupported
from derive.language.functions import FUNCTIONS
from derive.language.problem import Problem
from derive.language.theorem import Law

MOST_LABELS = 5


@dataclass(frozen=True, slots=True)
class Part:
    """All entries of a family whose index at ``slot`` is ``label``; all its entries if slot is None."""

    family: str
    slot: int | None = None
    label: Label = 0


Flip = tuple[Part, ...]  # the signs that are changed together, at most one part of each family


def composite(problem: Problem, function: str, argument: Poly) -> Poly:
    """f(argument) in normal form. Raises ``Unsupported`` where f is not tame or the argument's sign matters."""
    if not argument:
        if function == "abs" or FUNCTIONS[function].parity == -1:
            return Poly({})
        raise Unsupported(f"`{function}` of 0 is not known")
    if any(_conditional(s) for s in argument.symbols()):
        raise Unsupported(f"`{function}` of a conditional expectation is not decided")
    if any(isinstance(s, RandomProduct) for s in argument.symbols()):
        raise Unsupported(f"`{function}` of a product over a range is not decided")
    if function in {"abs", "sign"}:
        return _absolute_or_sign(problem, function, argument)
    if FUNCTIONS[function].growth == "none" and not (function == "exp" and light(problem, argument)):
        raise Unsupported(f"`{function}` of this random expression is not decided")
    sign, argument = _signed(argument)
    if sign > 0 or not FUNCTIONS[function].parity:
        return Poly.symbol(Composite(function, argument if sign > 0 else -argument))
    return Poly.symbol(Composite(function, argument)).scaled(UNIT, FUNCTIONS[function].parity)


def light(problem: Problem, exponent: Poly) -> bool:
    """Whether exp(exponent) has all moments: a polynomial that grows at most linearly in entries with named laws.

    Under each of these laws E(exp(c |y|)) is finite for every c. A term such as -y^2/2 only makes exp smaller.
    """
    named = {g.item.name for g in problem.givens if isinstance(g.item, Law)}
    return all(_linear(m, named) or (c < 0 and _nonnegative(problem, m)) for m, c in exponent.terms.items())


def _linear(monomial: Monomial, named: set[str]) -> bool:
    """Whether a product of constants and entries is at most a constant times 1 + |y|, for an entry with a named law."""
    growing = 0
    for symbol, exponent in monomial:
        match symbol:
            case Random(family=family, function=""):
                growing += exponent if family in named else 2
            case Random(function=function) | Composite(function=function) if FUNCTIONS[function].growth == "bounded":
                pass
            case Composite(function="abs", argument=argument) if all(_linear(m, named) for m in argument.terms):
                growing += exponent
            case Random() | Composite() | SumOf() | RandomProduct() | Mean():
                return False
            case _:
                pass
    return growing <= 1


def _nonnegative(problem: Problem, monomial: Monomial) -> bool:
    return all(e % 2 == 0 or positive_symbol(problem, s) for s, e in monomial)


def _conditional(symbol: Hashable) -> bool:
    match symbol:
        case Mean(given=given):
            return bool(given)
        case SumOf(body=body):
            return any(_conditional(s) for s, _ in body)
        case _:
            return False


def _absolute_or_sign(problem: Problem, function: str, argument: Poly) -> Poly:
    """Positive factors come out; of a product each factor's own absolute value or sign is taken."""
    common = _common_scalars(problem, argument)
    content = abs(next(iter(argument.terms.values()))) if len(argument.terms) == 1 else _content(argument)
    outside = Poly.monomial(common, content) if function == "abs" else ONE
    rest = argument.scaled(raised(common, -1), 1 / content)
    if len(rest.terms) > 1:
        sign, rest = _signed(rest)
        return (outside * Poly.symbol(Composite(function, rest))).scaled(UNIT, sign if function == "sign" else 1)
    ((monomial, c),) = rest.terms.items()
    parts: Monomial = UNIT
    for symbol, exponent in monomial:
        if isinstance(symbol, Random) and symbol.function in {"", "sign"}:
            sign = frozenset({(Random(symbol.family, symbol.indices, "sign"), exponent)})
            parts = times(parts, sign if function == "sign" else times(sign, frozenset({(symbol, exponent)})))
        elif isinstance(symbol, Composite) and symbol.function == "abs":
            of = Composite("sign", symbol.argument)
            parts = times(parts, frozenset({(of, 2 * exponent) if function == "sign" else (symbol, exponent)}))
        elif isinstance(symbol, SumOf | Composite):
            parts = times(parts, frozenset({(Composite(function, Poly.symbol(symbol)), exponent)}))
        else:
            raise Unsupported(f"the sign of a factor in `{function}` is not known")
    return outside.scaled(parts, c if function == "sign" else 1)


def _common_scalars(problem: Problem, argument: Poly) -> Monomial:
    lowest: dict[Hashable, int] | None = None
    for monomial in argument.terms:
        here = {s: e for s, e in monomial if positive_symbol(problem, s)}
        lowest = here if lowest is None else {s: min(e, here[s]) for s, e in lowest.items() if s in here}
    return frozenset((s, e) for s, e in (lowest or {}).items() if e)


def _content(argument: Poly) -> Fraction:
    return max(abs(c) for c in argument.terms.values())


def _signed(argument: Poly) -> tuple[int, Poly]:
    """The argument or its negative, whichever has fewer negative coefficients, or a positive first one."""
    negative = sum(c < 0 for c in argument.terms.values())
    if 2 * negative != len(argument.terms):
        return (1, argument) if 2 * negative < len(argument.terms) else (-1, -argument)
    first = min(argument.terms, key=lambda m: sorted((repr(s), e) for s, e in m))
    return (1, argument) if argument.terms[first] > 0 else (-1, -argument)


# --- indices ------------------------------------------------------------------------------------


def free_labels(symbol: Hashable, inside: frozenset[str] = frozenset()) -> set[Label]:
    """The indices of a symbol that none of its own sums binds."""
    match symbol:
        case Random(indices=indices) | Element(indices=indices):
            return {i for i in indices if i not in inside}
        case SumOf(body=body, bound=bound):
            return {x for s, _ in body for x in free_labels(s, inside | {bound})}
        case Composite(argument=argument):
            return {x for s in argument.symbols() for x in free_labels(s, inside)}
        case _:
            return set()


def places(symbol: Hashable) -> Iterator[tuple[str, int, Label]]:
    """(family, slot, index) of every entry in a symbol, those with bound indices too."""
    match symbol:
        case Random(family=family, indices=indices):
            yield from ((family, slot, index) for slot, index in enumerate(indices))
        case SumOf(body=body):
            for s, _ in body:
                yield from places(s)
        case Composite(argument=argument):
            for s in argument.symbols():
                yield from places(s)
        case Element():
            raise Unsupported("a family of constants inside a function of a sum is not decided")
        case _:
            return


def footprint(symbol: Hashable, inside: frozenset[str] = frozenset()) -> set[tuple[str, tuple[Label | None, ...]]]:
    """The entries that a symbol is made of: (family, indices), None for an index that runs over its whole range."""
    match symbol:
        case Random(family=family, indices=indices):
            return {(family, tuple(None if i in inside else i for i in indices))}
        case SumOf(body=body, bound=bound):
            return {x for s, _ in body for x in footprint(s, inside | {bound})}
        case Composite(argument=argument):
            return {x for s in argument.symbols() for x in footprint(s, inside)}
        case _:
            return set()


def families(symbol: Hashable) -> set[str]:
    """The families that a symbol depends on: those it is made of; a conditional expectation on what it is given."""
    match symbol:
        case Random(family=family):
            return {family}
        case SumOf(body=body):
            return {x for s, _ in body for x in families(s)}
        case Composite(argument=poly) | RandomProduct(of=poly):
            return {x for s in poly.symbols() for x in families(s)}
        case Mean(given=given):
            return set(given)
        case _:
            return set()


def overlapping(a: tuple[Label | None, ...], b: tuple[Label | None, ...]) -> bool:
    """Whether two patterns of indices have an entry in common."""
    return all(x is None or y is None or x == y for x, y in zip(a, b, strict=True))


# --- shapes: composites whose free indices are positions ----------------------------------------


def shape(problem: Problem, of: Composite) -> tuple[int, Composite, tuple[Label, ...]]:
    """(sign, template, indices) with of = sign * template at indices; equal for what differs in names only.

    The sign is -1 only for odd functions.
    """
    labels = sorted(free_labels(of), key=repr)
    if len(labels) > MOST_LABELS:
        raise Unsupported("a function of a sum with this many free indices is not decided")
    parity = FUNCTIONS[of.function].parity
    best: tuple[tuple[int, str], int, Poly, tuple[Label, ...]] | None = None
    for order in permutations(labels):
        names: dict[Label, Label] = {x: f"?{k}" for k, x in enumerate(order)}
        argument = renamed_poly(of.argument, names)
        for sign in (1, -1) if parity else (1,):
            candidate = argument if sign == 1 else -argument
            key = (sum(c < 0 for c in candidate.terms.values()), repr(candidate))
            if best is None or key < best[0]:
                best = (key, sign if parity == -1 else 1, candidate, order)
    if best is None:
        raise Unsupported("a function of nothing")
    return best[1], Composite(of.function, best[2]), best[3]


def at(template: Composite, indices: tuple[Label, ...]) -> Composite:
    """The template with its positions filled."""
    names: dict[Label, Label] = {f"?{k}": x for k, x in enumerate(indices)}
    return Composite(template.function, renamed_poly(template.argument, names))


# --- parity -------------------------------------------------------------------------------------


def parity(symbol: Hashable, flip: Flip, inside: frozenset[str] = frozenset()) -> int | None:
    """1 or -1 if the symbol is kept or negated by the flip, None if it is neither."""
    match symbol:
        case Random(family=family, indices=indices, function=function):
            part = next((p for p in flip if p.family == family), None)
            if part is None:
                return 1
            inner = -1 if function == "" else {1: 1, -1: -1}.get(FUNCTIONS[function].parity)
            if part.slot is None or indices[part.slot] == part.label:
                return inner
            return 1 if indices[part.slot] not in inside or inner == 1 else None
        case SumOf(body=body, bound=bound):
            return total_parity(parity_of(body, flip, inside | {bound}))
        case Composite(function=function, argument=argument):
            signs = {total_parity(parity_of(m, flip, inside)) for m in argument.terms}
            if len(signs) > 1 or None in signs:
                return None
            return 1 if signs == {1} else {1: 1, -1: -1}.get(FUNCTIONS[function].parity)
        case _:
            return 1


def parity_of(monomial: Monomial, flip: Flip, inside: frozenset[str] = frozenset()) -> Iterator[int | None]:
    """The parities of the factors of a monomial, powers taken."""
    for symbol, exponent in monomial:
        p = parity(symbol, flip, inside)
        yield 1 if p is not None and exponent % 2 == 0 else p


def total_parity(parities: Iterator[int | None]) -> int | None:
    """The product of parities, None if one is."""
    signs = list(parities)
    known = [p for p in signs if p is not None]
    return prod(known) if len(known) == len(signs) else None


# --- algebra ------------------------------------------------------------------------------------


def reduced_powers(powers: Mapping[Composite, int]) -> Poly | None:
    """The product of powers of composites in one argument, by |S|^2 = S^2 and so on; None if nothing is to be done."""
    for of, exponent in sorted(powers.items(), key=lambda p: repr(p[0])):
        if of.function == "abs" and exponent >= 2:
            rest = Poly.symbol(of) if exponent % 2 else ONE
            return of.argument ** (exponent - exponent % 2) * rest * _others(powers, of)
        if of.function == "sign":
            absolute = Composite("abs", of.argument)
            if absolute in powers:
                rest = _others(powers, of, absolute)
                left = Poly.symbol(absolute, powers[absolute] - 1) if powers[absolute] > 1 else ONE
                less = Poly.symbol(of, exponent - 1) if exponent > 1 else ONE
                return of.argument * left * less * rest
            if exponent >= 3:
                return Poly.symbol(of, 2 - exponent % 2) * _others(powers, of)
    return None


def _others(powers: Mapping[Composite, int], *without: Composite) -> Poly:
    out: Monomial = UNIT
    for of, exponent in powers.items():
        if of not in without:
            out = times(out, frozenset({(of, exponent)}))
    return total([Poly.monomial(out)])
