"""Normal forms -> terms that people read: E(W^2) becomes Var(W) where that is shorter, classes of indices 1, 2, ..."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from fractions import Fraction

from derive.kernel.composite import at
from derive.kernel.facts import Theory
from derive.kernel.indices import renamed_poly
from derive.kernel.polynomial import ONE, Monomial, Poly, common_monomial, raised, replace
from derive.kernel.ratios import Ratio
from derive.kernel.symbols import (
    Average,
    Composite,
    Exchangeable,
    Fixed,
    Inverse,
    Joint,
    Known,
    Label,
    Moment,
    ProductOf,
    Profile,
    Random,
    Root,
    Scalar,
    Shift,
    Size,
    SumOf,
    Tower,
    Unsupported,
    Value,
    Whole,
    base,
)
from derive.language import terms as t
from derive.language.printer import term_text
from derive.language.problem import Problem


def ratio_term(known: Theory, ratio: Ratio) -> t.Term:
    """The quotient as a term of the language."""
    top = _factored(known, ratio.numerator)
    return top if ratio.denominator == ONE else t.mul(top, t.Recip(_factored(known, ratio.denominator)))


def _factored(known: Theory, poly: Poly) -> t.Term:
    """The polynomial with the scalars that divide every term written in front."""
    common = frozenset((s, e) for s, e in common_monomial(poly) if isinstance(s, Size | Scalar) and e > 0)
    if len(poly.terms) < 2 or not common:
        return poly_term(known, poly)
    front = monomial_term(known.world.problem, common, Fraction(1), {})
    return t.mul(front, poly_term(known, poly.scaled(raised(common, -1))))


def poly_term(known: Theory, poly: Poly) -> t.Term:
    """The polynomial as a sum of products, terms and factors in a fixed order."""
    return sum_term(known, *with_variances(known, poly))


def sum_term(known: Theory, poly: Poly, variances: Mapping[Hashable, t.Term]) -> t.Term:
    """As ``poly_term``, with texts for symbols that stand for variances."""
    problem = known.world.problem
    parts = [(monomial_term(problem, m, abs(c), variances), c) for m, c in poly.terms.items()]
    parts.sort(key=lambda p: (p[1] < 0, _sort_text(p[0])))
    if not parts:
        return t.ZERO
    return t.add(*(t.Neg(term) if c < 0 else term for term, c in parts))


def _sort_text(term: t.Term) -> tuple[int, str]:
    text = term_text(term)
    return len(text), text


def with_variances(known: Theory, poly: Poly) -> tuple[Poly, dict[Hashable, t.Term]]:
    """Write second moments as variances, family by family, wherever that does not make the polynomial longer."""
    names: dict[Hashable, t.Term] = {}
    for name in sorted(known.world.problem.families):
        second = Moment(name, (("", 2),))
        if poly.degree(second) < 1:
            continue
        mean = known.normalizer.normal(Poly.symbol(Moment(name, (("", 1),))))
        stand_in = Scalar(f"Var({name})")
        value = Poly.symbol(stand_in) + mean * mean
        changed = replace(poly, lambda s, e, of=second, by=value: by**e if s == of else None)
        if len(changed.terms) <= len(poly.terms) and (not mean or len(changed.terms) < len(poly.terms)):
            poly = changed
            names[stand_in] = t.variance(t.Name(name))
    return poly, names


def monomial_term(problem: Problem, monomial: Monomial, c: Fraction, variances: Mapping[Hashable, t.Term]) -> t.Term:
    """c * monomial: sizes first, then constants, then moments; negative exponents below the line."""
    above: list[tuple[str, t.Term]] = []
    below: list[tuple[str, t.Term]] = []
    for symbol, exponent in monomial:
        base = variances[symbol] if symbol in variances else _symbol_term(problem, symbol)
        rank = (
            0
            if isinstance(symbol, Size | Tower)
            else 1
            if isinstance(symbol, Scalar) and symbol not in variances
            else 2
        )
        key = f"{rank}{term_text(base)}"
        powered = base if abs(exponent) == 1 else t.Pow(base, t.number(abs(exponent)))
        (above if exponent > 0 else below).append((key, powered))
    factors = [term for _, term in sorted(above, key=lambda p: p[0])]
    if c.numerator != 1 or not factors:
        factors.insert(0, t.number(c.numerator))
    under = [term for _, term in sorted(below, key=lambda p: p[0])]
    if c.denominator != 1:
        under.insert(0, t.number(c.denominator))
    return t.mul(*factors, *([t.Recip(t.mul(*under))] if under else []))


def _symbol_term(problem: Problem, symbol: Hashable) -> t.Term:
    match symbol:
        case Size(name=name) | Scalar(name=name):
            return t.Name(name)
        case Root(radicand=radicand):
            return t.Apply("sqrt", (_plain(problem, radicand),))
        case Inverse(of=poly):
            return t.mul(t.ONE, t.Recip(_plain(problem, poly)))
        case Value(function=function, numerator=numerator, denominator=denominator):
            top = _plain(problem, numerator)
            inside = top if denominator == ONE else t.mul(top, t.Recip(_plain(problem, denominator)))
            return t.Apply(function, (inside,))
        case Moment(family=family, profile=profile):
            return t.expectation(_profile_term(t.Name(family), profile))
        case Exchangeable(family=family, entries=entries):
            return t.expectation(
                t.mul(*(_profile_term(_entry(family, indices, {}), profile) for indices, profile in entries))
            )
        case Joint():
            return _joint_term(symbol, {})
        case Known(family=family, indices=indices, function=function):
            entry = _entry(family, indices, {})
            return t.Apply(function, (entry,)) if function else entry
        case Tower(of=of, size=size):
            return t.Pow(_plain(problem, of), t.Name(size))
        case ProductOf(size=size, bound=bound, of=of):
            inside = _plain(problem, renamed_poly(of, {bound: "l"}))
            return t.Big("prod", inside, "l", t.ONE, t.Name(size))
        case Whole():
            return _whole_term(problem, symbol)
        case Average(bound=bound, factors=factors):
            names = {name: f"j{k}" for k, (name, _) in enumerate(bound)}
            term: t.Term = t.mul(*(_factor_term(f, names) for f in factors))
            for name, high in bound:
                end = t.Name(high) if isinstance(high, str) else t.number(high)
                term = t.Big("sum", term, names[name], t.ONE, end)
            return term
        case _:
            raise Unsupported("this symbol has no text")


def _plain(problem: Problem, poly: Poly) -> t.Term:
    parts = [(monomial_term(problem, m, abs(c), {}), c) for m, c in poly.terms.items()]
    parts.sort(key=lambda p: (p[1] < 0, _sort_text(p[0])))
    return t.add(*(t.Neg(term) if c < 0 else term for term, c in parts)) if parts else t.ZERO


def _joint_term(joint: Joint, names: dict[str, str]) -> t.Term:
    return t.expectation(t.mul(*(_profile_term(_entry(f, i, names), p) for f, i, p in joint.entries)))


def _factor_term(factor: Joint | Fixed, names: dict[str, str]) -> t.Term:
    if isinstance(factor, Joint):
        return _joint_term(factor, names)
    family, indices, profile = factor.entry
    return _profile_term(_entry(family, indices, names), profile)


def _entry(family: str, indices: tuple[Label, ...], names: dict[str, str]) -> t.Term:
    if not indices:
        return t.Name(family)
    return t.Entry(family, tuple(_index(i, names) for i in indices))


def _index(label: Label, names: dict[str, str]) -> t.Term:
    if isinstance(label, Shift):
        name, offset = t.Name(names.get(label.of, label.of)), t.number(abs(label.by))
        return t.Add((name, offset if label.by > 0 else t.Neg(offset)))
    return t.Name(names.get(label, label)) if isinstance(label, str) else t.number(label)


def _whole_term(problem: Problem, whole: Whole) -> t.Term:
    """E of entries and functions of sums, the bound indices called j1, j2, ... by their depth."""
    parts: list[t.Term] = []
    for family, indices, profile in whole.factors:
        if isinstance(family, str):
            parts.append(_profile_term(_entry(family, indices, {}), profile))
        else:
            of = at(family, indices)
            parts.append(powered(t.Apply(of.function, (_random_term(problem, of.argument),)), profile[0][1]))
    return t.expectation(t.mul(*parts))


def _random_term(problem: Problem, poly: Poly) -> t.Term:
    parts: list[t.Term] = []
    for monomial, c in sorted(poly.terms.items(), key=lambda p: sorted((repr(s), e) for s, e in p[0])):
        random = [(s, e) for s, e in sorted(monomial, key=repr) if isinstance(s, Random | SumOf | Composite)]
        factors = [powered(_random_symbol(problem, s), e) for s, e in random]
        scalar = monomial_term(problem, frozenset(x for x in monomial if x not in random), abs(c), {})
        term = t.mul(*([scalar] if scalar != t.ONE else []), *factors)
        parts.append(t.Neg(term) if c < 0 else term)
    return t.add(*parts)


def _random_symbol(problem: Problem, symbol: Random | SumOf | Composite) -> t.Term:
    match symbol:
        case Random(family=family, indices=indices, function=function):
            names = {x: f"j{x[1:]}" for i in indices if isinstance(x := base(i), str) and x.startswith("%")}
            entry = _entry(family, indices, names)
            return t.Apply(function, (entry,)) if function else entry
        case SumOf(high=high, bound=bound, body=body):
            end = t.Name(high) if isinstance(high, str) else t.number(high)
            inside = _random_term(problem, Poly.monomial(body))
            return t.Big("sum", inside, f"j{bound[1:]}", t.ONE, end)
        case Composite(function=function, argument=argument):
            return t.Apply(function, (_random_term(problem, argument),))


def _profile_term(entry: t.Term, profile: Profile) -> t.Term:
    """y^p sign(y)^e ... as the language writes it: y sign(y) is abs(y)."""
    powers = dict(profile)
    p, e = powers.pop("", 0), powers.pop("sign", 0)
    factors: list[t.Term] = []
    if p and e == 1:
        factors.append(powered(t.Apply("abs", (entry,)), p if p % 2 else 1))
        if p % 2 == 0:
            factors.append(powered(entry, p - 1))
    else:
        factors += [powered(entry, p)] if p else []
        factors += [powered(t.Apply("sign", (entry,)), e)] if e else []
    factors += [powered(t.Apply(f, (entry,)), k) for f, k in sorted(powers.items())]
    return t.mul(*factors)


def powered(term: t.Term, exponent: int) -> t.Term:
    """term^exponent; nothing is written for the exponent 1."""
    return term if exponent == 1 else t.Pow(term, t.number(exponent))
