"""Means of squares, variances and Gram determinants: nonnegative whatever the law, and tried as certificates.

For all random s, t with finite moments

    E(t)^2 >= 0,   E(t^2) >= 0,   Var(t) >= 0,
    E(s^2) E(t^2) - E(s t)^2 >= 0,   Var(s) Var(t) - Cov(s, t)^2 >= 0

(the last two are Cauchy and Schwarz). Which s and t are tried is read off a claim: what stands under its E, Var and
Cov, the bases of squares and the factors of products there, and sums and differences of two of those.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice

from derive.kernel.expand import Expansion
from derive.kernel.facts import Theory
from derive.kernel.polynomial import ONE, Poly
from derive.kernel.symbols import Unsupported
from derive.language.terms import FUNCTIONALS, Apply, Mul, Neg, Num, Pow, Term, add, number, walk

MOST_SEEDS = 6  # random terms that are read off a claim
MOST_TRIED = 60  # polynomials made of them


def squares(known: Theory, claim: tuple[Term, ...]) -> Iterator[Poly]:
    """Polynomials that are nonnegative in every model, in normal form; those of single terms first."""
    seeds = list(islice(dict.fromkeys(t for side in claim for t in _seeds(side)), MOST_SEEDS))
    for term in islice(_nonnegative(seeds), MOST_TRIED):
        found = _normal(known, term)
        if found:
            yield found


def _nonnegative(seeds: list[Term]) -> Iterator[Term]:
    for t in seeds:
        yield _variance(t)
        yield _second(t)
        yield _square(Apply("E", (t,)))
    for s, t in combinations(seeds, 2):
        for both in (add(s, t), add(s, Neg(t))):
            yield _variance(both)
            yield _second(both)
        yield add(Mul((_second(s), _second(t))), Neg(_square(Apply("E", (Mul((s, t)),)))))
        yield add(Mul((_variance(s), _variance(t))), Neg(_square(Apply("Cov", (s, t)))))


def _variance(t: Term) -> Term:
    return Apply("Var", (t,))


def _second(t: Term) -> Term:
    return Apply("E", (_square(t),))


def _square(t: Term) -> Term:
    return Pow(t, number(2))


def _seeds(side: Term) -> Iterator[Term]:
    """What stands under E, Var and Cov, the bases of squares, and the factors of products there."""
    for part in walk(side):
        if isinstance(part, Apply) and part.function in FUNCTIONALS:
            for argument in part.args:
                for base in _bases(argument):
                    yield base
                    if isinstance(base, Mul):
                        yield from (b for f in base.factors if not isinstance(f, Num) for b in _bases(f))


def _bases(t: Term) -> Iterator[Term]:
    """s^2, and s, of which it is the square, as deep as that goes."""
    yield t
    while isinstance(t, Pow) and t.exponent == number(2):
        t = t.base
        yield t


def _normal(known: Theory, term: Term) -> Poly | None:
    """The normal form; None for what is not defined in every model, or not decided."""
    expansion = Expansion(known.world.problem)
    try:
        ratio = expansion.expand(term)
        if expansion.demands or ratio.denominator != ONE:
            return None
        return known.normalizer.normal(ratio.numerator)
    except Unsupported:
        return None
