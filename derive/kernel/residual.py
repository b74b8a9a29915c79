"""The difference of the two sides of a link, read back as a product where it factors: n*E(a)^2*Var(W)."""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction

from derive.kernel.factors import Factors, factors
from derive.kernel.facts import Theory
from derive.kernel.polynomial import ONE, Poly, replace
from derive.kernel.ratios import Ratio
from derive.kernel.readout import monomial_term, powered, ratio_term, sum_term, with_variances
from derive.kernel.symbols import Moment, Scalar, Size, Tower
from derive.language import terms as t
from derive.language.printer import term_text


def residual_term(known: Theory, ratio: Ratio) -> t.Term:
    """numerator / denominator, the numerator as a product if factors of it are found.

    Second moments are written as variances before factors are looked for, or after, whichever gives the shorter text.
    """
    top = ratio.numerator
    if not top:  # of A < B where A = B
        return ratio_term(known, ratio)
    written = [_product(known, top, {}), _product(known, *with_variances(known, top)), _central(known, top)]
    shortest = min((w for w in written if w is not None), key=lambda w: len(term_text(w)), default=None)
    plain = ratio_term(known, Ratio(top))
    if shortest is None or (len(factors(top).powers) < 2 and len(term_text(shortest)) > len(term_text(plain))):
        return ratio_term(known, ratio)
    return (
        shortest if ratio.denominator == ONE else t.mul(shortest, t.Recip(ratio_term(known, Ratio(ratio.denominator))))
    )


def _central(known: Theory, poly: Poly) -> t.Term | None:
    """With every second moment written as Var(.) + E(.)^2, if that leaves fewer terms."""
    names: dict[Hashable, t.Term] = {}
    changed = poly
    for name in sorted(known.world.problem.families):
        second = Moment(name, (("", 2),))
        mean = known.normalizer.normal(Poly.symbol(Moment(name, (("", 1),))))
        stand_in = Scalar(f"Var({name})")
        value = Poly.symbol(stand_in) + mean * mean
        changed = replace(changed, lambda s, e, of=second, by=value: by**e if s == of else None)
        names[stand_in] = t.variance(t.Name(name))
    if len(changed.terms) >= len(poly.terms):
        return None
    return _product(known, changed, names) or sum_term(known, changed, names)


def _product(known: Theory, poly: Poly, variances: dict[Hashable, t.Term]) -> t.Term | None:
    """The product of what is found, sums of sizes and constants before moments; None for a single sum."""
    found = factors(poly)
    if not found.powers or sum(k for _, k in found.powers) + bool(found.monomial) < 2:
        return None
    front, back = list[t.Term](), list[t.Term]()
    number, powers = _signed(found)
    for factor, k in powers:
        inside, more = with_variances(known, factor)
        if len(inside.terms) == 1 and all(c < 0 for c in inside.terms.values()):
            number, inside = number * (-1) ** k, -inside
        term = powered(sum_term(known, inside, {**variances, **more}), k)
        (front if all(_counts(s) and s not in variances for s in factor.symbols()) else back).append(term)
    single, more = with_variances(known, Poly.monomial(found.monomial))
    ((monomial, _),) = single.terms.items()
    names = {**variances, **more}
    plain = frozenset(p for p in monomial if p[1] > 0 and _counts(p[0]) and p[0] not in names)
    parts = [
        *_factors(monomial_term(known.world.problem, plain, abs(number), names)),
        *sorted(front, key=term_text),
        *_factors(monomial_term(known.world.problem, monomial - plain, Fraction(1), names)),
        *sorted(back, key=term_text),
    ]
    above, below = [p for p in parts if not isinstance(p, t.Recip)], [p.term for p in parts if isinstance(p, t.Recip)]
    product = t.mul(*above, *([t.Recip(t.mul(*_flat(below)))] if below else []))
    return t.Neg(product) if number < 0 else product


def _signed(found: Factors) -> tuple[Fraction, list[tuple[Poly, int]]]:
    """The number and the factors, a minus sign taken into a difference that reads as well the other way round."""
    number, powers = found.number, list(found.powers)
    for place, (factor, k) in reversed(list(enumerate(powers))):
        of_a_size = len(factor.symbols()) == 1 and all(isinstance(s, Size) for s in factor.symbols())
        balanced = 2 * sum(c < 0 for c in factor.terms.values()) == len(factor.terms)
        if number < 0 and k % 2 and balanced and not of_a_size:
            number, powers[place] = -number, (-factor, k)
    return number, powers


def _counts(symbol: Hashable) -> bool:
    """Whether a symbol is a size or a constant."""
    return isinstance(symbol, Size | Scalar | Tower)


def _factors(term: t.Term) -> tuple[t.Term, ...]:
    """The factors of a product; none of 1."""
    parts = term.factors if isinstance(term, t.Mul) else (term,)
    return tuple(p for p in parts if p != t.ONE)


def _flat(terms: list[t.Term]) -> list[t.Term]:
    return [f for term in terms for f in (term.factors if isinstance(term, t.Mul) else (term,))]
