"""Patterns: terms in which some names stand for anything of a sort, found in a term and replaced there.

A product matches where its factors are among those of the term, in any order; what is left over stays a factor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from derive.language.terms import Mul, Name, Term, children, mul, rebuild

Binding = Mapping[str, Term]
Allowed = Callable[[str, Term], bool]


@dataclass(frozen=True, slots=True)
class Match:
    """A part of a term that a pattern matches, what the names of the pattern stand for, and the term without it."""

    part: Term
    binding: Binding
    put: Callable[[Term], Term]


def matches(pattern: Term, term: Term, holes: Sequence[str], allowed: Allowed) -> Iterator[Match]:
    """Every place of a term where the pattern stands, outermost first. ``allowed`` tells what a hole may be."""
    for binding, part, put in _here(pattern, term, holes, allowed):
        yield Match(part, binding, put)
    for k, inner in enumerate(_parts(term)):
        for found in matches(pattern, inner, holes, allowed):
            yield Match(found.part, found.binding, _inside(term, k, found.put))


def _parts(term: Term) -> list[Term]:
    """The immediate parts in the order in which ``rebuild`` comes to them."""
    found: list[Term] = []

    def note(part: Term) -> Term:
        found.append(part)
        return part

    rebuild(term, note)
    return found


def _inside(term: Term, place: int, put: Callable[[Term], Term]) -> Callable[[Term], Term]:
    """Puts something into one of the immediate parts of a term."""

    def changed(new: Term) -> Term:
        places = count()
        return rebuild(term, lambda part: put(new) if next(places) == place else part)

    return changed


def _here(
    pattern: Term, term: Term, holes: Sequence[str], allowed: Allowed
) -> Iterator[tuple[Binding, Term, Callable[[Term], Term]]]:
    if isinstance(pattern, Mul) and isinstance(term, Mul) and len(term.factors) > len(pattern.factors):
        for binding, chosen in _chosen(pattern.factors, term.factors, (), {}, holes, allowed):
            left = [f for k, f in enumerate(term.factors) if k not in chosen]
            first = min(chosen)
            part = mul(*(term.factors[k] for k in sorted(chosen)))
            yield binding, part, lambda new, left=left, first=first: mul(*left[:first], new, *left[first:])
    else:
        for binding in unified(pattern, term, {}, holes, allowed):
            yield binding, term, lambda new: new


def _chosen(
    patterns: Sequence[Term],
    factors: Sequence[Term],
    taken: tuple[int, ...],
    binding: Binding,
    holes: Sequence[str],
    allowed: Allowed,
) -> Iterator[tuple[Binding, tuple[int, ...]]]:
    if not patterns:
        yield binding, taken
        return
    for k, factor in enumerate(factors):
        if k not in taken:
            for more in unified(patterns[0], factor, binding, holes, allowed):
                yield from _chosen(patterns[1:], factors, (*taken, k), more, holes, allowed)


def unified(pattern: Term, term: Term, binding: Binding, holes: Sequence[str], allowed: Allowed) -> Iterator[Binding]:
    """The ways to make the pattern the term."""
    if isinstance(pattern, Name) and pattern.name in holes:
        if pattern.name in binding:
            if binding[pattern.name] == term:
                yield binding
        elif allowed(pattern.name, term):
            yield {**binding, pattern.name: term}
        return
    if isinstance(pattern, Mul) and isinstance(term, Mul) and len(pattern.factors) == len(term.factors):
        yield from (b for b, _ in _chosen(pattern.factors, term.factors, (), binding, holes, allowed))
        return
    inner, outer = children(pattern), children(term)
    if type(pattern) is not type(term) or len(inner) != len(outer):
        return
    if not inner:
        if pattern == term:
            yield binding
        return
    if _bare(pattern) == _bare(term):
        yield from _all(inner, outer, binding, holes, allowed)


def _all(
    patterns: Sequence[Term], terms: Sequence[Term], binding: Binding, holes: Sequence[str], allowed: Allowed
) -> Iterator[Binding]:
    if not patterns:
        yield binding
        return
    for more in unified(patterns[0], terms[0], binding, holes, allowed):
        yield from _all(patterns[1:], terms[1:], more, holes, allowed)


def _bare(term: Term) -> Term:
    """A term without its parts: what kind it is, the function, the family, the index."""
    return rebuild(term, lambda _: Name(""))


def filled(pattern: Term, binding: Binding) -> Term:
    """The pattern with what its names stand for."""
    if isinstance(pattern, Name):
        return binding.get(pattern.name, pattern)
    new = rebuild(pattern, lambda t: filled(t, binding))
    if isinstance(new, Mul):
        return mul(*(f for factor in new.factors for f in (factor.factors if isinstance(factor, Mul) else (factor,))))
    return new
