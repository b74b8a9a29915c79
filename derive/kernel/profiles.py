"""Moments of functions of one entry that are no polynomials: reflection, Stein's identity, closed forms.

reflection: under a symmetric law E(g(y)) = E(g(-y)), and f(-x) = a + b f(x) makes that an equation for the highest
power of f. Stein: under Normal(m, q), E(y g(y)) = m E(g(y)) + q E(g'(y)) takes powers of y away where the derivatives
are known. What is left is looked up among the closed forms. All of these stand in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from derive.kernel import ledger
from derive.kernel.expand import Expansion
from derive.kernel.functions import cleared
from derive.kernel.laws import inverted, parity, symmetric_law
from derive.kernel.polynomial import ONE, UNIT, Monomial, Poly, times, total
from derive.kernel.ratios import Ratio
from derive.kernel.symbols import Profile, Random, profile
from derive.language.problem import Assumption, Problem
from derive.language.terms import ONE as ONE_TERM
from derive.language.terms import ZERO as ZERO_TERM
from derive.language.terms import Apply, Mul, Name, Num, Pow, Term
from derive.language.theorem import Family, Law, Relation, Show

VARIABLE = ledger.ENTRY.name
NAMELESS: tuple[str, tuple[Poly, ...]] = ("", ())


@dataclass(frozen=True, slots=True)
class Setting:
    """An entry's law, if it is named, whether it is symmetric, and how other moments of the same entry are found.

    closed_forms: whether the facts of kind "normal" may be used.
    """

    problem: Problem
    law: tuple[str, tuple[Poly, ...]] | None
    symmetric: bool
    moment: Callable[[Profile], Poly]
    closed_forms: bool = True

    def mean(self, poly: Poly) -> Poly:
        """E of a polynomial in functions of the entry (written as in the ledger)."""
        parts: list[Poly] = []
        for monomial, c in poly.terms.items():
            powers = profile({s.function: e for s, e in monomial if isinstance(s, Random)})
            rest = frozenset((s, e) for s, e in monomial if not isinstance(s, Random))
            parts.append((ONE if powers is None else self.moment(powers)).scaled(rest, c))
        return total(parts)


def function_moment(setting: Setting, powers: Profile, used: set[str]) -> Poly | None:
    """E of a profile with functions beyond y^p sign(y)^e, or None; names of the facts used are added to ``used``."""
    functions = frozenset(f for f, _ in powers if f not in {"", "sign"})
    if not functions:
        return None
    law, args = setting.law or NAMELESS
    if setting.closed_forms and law == "Normal" and not args[0]:
        for fact in ledger.about("normal", functions):
            found = _matched(fact.term(fact.left), powers)
            if found is not None:
                used.add(fact.name)
                return _closed(setting.problem, fact.term(fact.right), {"q": args[1], **found})
    if law == "Normal" and dict(powers).get("", 0) and "sign" not in dict(powers):
        value = _stein(setting, args, powers, functions, used)
        if value is not None:
            return value
    if setting.symmetric or symmetric_law(law, args):
        return _reflected(setting, powers, used)
    return None


def _matched(pattern: Term, powers: Profile) -> dict[str, Poly] | None:
    """The value of k with which a pattern such as ``y*exp(y)^k`` is the profile; None where it is not."""
    left, values = dict(powers), dict[str, Poly]()
    for factor in pattern.factors if isinstance(pattern, Mul) else (pattern,):
        base, exponent = (factor.base, factor.exponent) if isinstance(factor, Pow) else (factor, ONE_TERM)
        here = left.pop(base.function if isinstance(base, Apply) else "", 0)
        if isinstance(exponent, Name) and here:
            values[exponent.name] = Poly.number(here)
        elif not isinstance(exponent, Num) or exponent.value != here:
            return None
    return None if left else values


def _closed(problem: Problem, term: Term, names: dict[str, Poly]) -> Poly:
    """A closed form at given values; its divisors are positive because q is."""
    r = Expansion(problem, names={name: Ratio(*cleared(p)) for name, p in names.items()}).expand(term)
    return r.numerator * inverted(r.denominator)


# --- Stein's identity ---------------------------------------------------------------------------


def _stein(
    setting: Setting, args: tuple[Poly, ...], powers: Profile, functions: frozenset[str], used: set[str]
) -> Poly | None:
    """E(y g) = m E(g) + q E(g'), with y taken out of the profile once."""
    slopes = {f: fact for f in functions for fact in ledger.about("derivative", frozenset({f}))}
    if slopes.keys() != functions:
        return None
    used.update(["stein", *(fact.name for fact in slopes.values())])
    rest = _monomial({**dict(powers), "": dict(powers)[""] - 1})
    return args[0] * setting.mean(Poly.monomial(rest)) + args[1] * setting.mean(_derivative(rest, slopes))


def _derivative(monomial: Monomial, slopes: dict[str, ledger.Fact]) -> Poly:
    """The product rule."""
    parts: list[Poly] = []
    for symbol, exponent in monomial:
        if isinstance(symbol, Random):
            slope = _written(slopes[symbol.function]) if symbol.function else ONE
            parts.append(slope.scaled(times(monomial, frozenset({(symbol, -1)})), exponent))
    return total(parts)


# --- reflection ---------------------------------------------------------------------------------


def _reflected(setting: Setting, powers: Profile, used: set[str]) -> Poly | None:
    """E(m f^k) = E(m(-y) f(-y)^k): solved for E(m f^k) where that comes back with a minus sign."""
    for function, k in powers:
        known = ledger.about("reflection", frozenset({function}))
        others = tuple((f, e) for f, e in powers if f != function)
        if not known or (own := parity(others)) == 0:
            continue
        mirrored = (_written(known[0]) ** k).scaled(_monomial(dict(others)), own)
        top = _monomial(dict(powers))
        if mirrored.terms.get(top) != -1:
            continue
        used.add(known[0].name)
        return setting.mean(mirrored + Poly.monomial(top)).scaled(UNIT, Fraction(1, 2))
    return None


# --- the ledger's own variable ------------------------------------------------------------------


def _monomial(powers: dict[str, int]) -> Monomial:
    return frozenset((Random(VARIABLE, (), f), e) for f, e in powers.items() if e)


def _written(fact: ledger.Fact) -> Poly:
    return ratio(fact.term(fact.right)).numerator


def ratio(term: Term) -> Ratio:
    """A term of the ledger in its one variable, of which every moment is taken to be finite."""
    return Expansion(_STAGE).expand(term)


_STAGE = Problem(
    name="ledger",
    families={VARIABLE: Family(VARIABLE, "random", ())},
    constants={},
    sizes={},
    free={},
    givens=(Assumption(Law(VARIABLE, "Normal", (ZERO_TERM, ONE_TERM)), "", False, 0),),
    claim=Show(Relation((ZERO_TERM, ZERO_TERM), ("=",))),
    steps=(),
    warnings=(),
)
