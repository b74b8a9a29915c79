"""Forms as terms that people read: roots gathered, one exponential a product, numbers in front, divisors last."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

from derive.gaussian.forms import Form, Monomial
from derive.language.printer import term_text
from derive.language.terms import ONE, ZERO, Add, Apply, Mul, Neg, Num, Pow, Recip, Term, number

HALF = Fraction(1, 2)


def form_term(form: Form) -> Term:
    """The sum; terms that share an exponential are put in brackets behind it."""
    groups: dict[Monomial, dict[Monomial, Fraction]] = {}
    for m, c in form.terms.items():
        shared = frozenset((a, e) for a, e in m if _is_exp(a))
        groups.setdefault(shared, {})[m - shared] = c
    parts: list[Term] = []
    for shared in sorted(groups, key=_key):
        group = groups[shared]
        if not shared or len(group) == 1:
            parts += [monomial_term(m | shared, group[m]) for m in sorted(group, key=_key)]
        else:
            inside = [monomial_term(m, group[m]) for m in sorted(group, key=_key)]
            parts.append(Mul((_exponential(shared), Add(tuple(inside)))))
    if not parts:
        return ZERO
    if isinstance(parts[0], Neg) and (positive := next((p for p in parts if not isinstance(p, Neg)), None)) is not None:
        parts.remove(positive)
        parts.insert(0, positive)
    return parts[0] if len(parts) == 1 else Add(tuple(parts))


def monomial_term(monomial: Monomial, coefficient: Fraction) -> Term:
    """One product."""
    above: list[Term] = []
    below: list[Term] = []
    root_above: list[Term] = []
    root_below: list[Term] = []
    exponentials = frozenset((a, e) for a, e in monomial if _is_exp(a))
    for a, e in sorted(monomial - exponentials, key=lambda p: (not isinstance(p[0], Num), term_text(p[0]))):
        size = abs(e)
        whole, rest = size.numerator // size.denominator, size - size.numerator // size.denominator
        (above if e > 0 else below).extend([_power(a, whole)] if whole else [])
        if rest == HALF:
            (root_above if e > 0 else root_below).append(a)
        elif rest:
            (above if e > 0 else below).append(Pow(a, number(rest)))
    size = abs(coefficient)
    root_above, root_below, size = _numbers_gathered(root_above, root_below, size)
    if root_below and not root_above:
        below.append(Apply("sqrt", (_product(root_below),)))
    elif root_above:
        inside = _product(root_above)
        if root_below:
            inside = Mul((*root_above, Recip(_product(root_below))))
        above.append(Apply("sqrt", (inside,)))
    if exponentials:
        above.insert(0, _exponential(exponentials))
    if size.numerator != 1 or not above:
        above.insert(0, number(size.numerator))
    if size.denominator != 1:
        below.insert(0, number(size.denominator))
    factors = [f for a in above for f in (a.factors if isinstance(a, Mul) else (a,))]
    if below:
        factors.append(Recip(_product(below)))
    term = factors[0] if len(factors) == 1 else Mul(tuple(factors))
    return Neg(term) if coefficient < 0 else term


def _numbers_gathered(above: list[Term], below: list[Term], size: Fraction) -> tuple[list[Term], list[Term], Fraction]:
    """The numbers under the root as one number, on the side where the coefficient becomes plainer: sqrt(2)/2."""
    n = 1
    for t in above:
        n *= int(t.value) if isinstance(t, Num) and t.value.denominator == 1 else 1
    others = [t for t in above if not (isinstance(t, Num) and t.value.denominator == 1)]
    shared = gcd(n, size.denominator)
    n, size = n // shared, size * shared
    return [*([number(n)] if n > 1 else []), *others], [*([number(shared)] if shared > 1 else []), *below], size


def _product(factors: list[Term]) -> Term:
    flat = [f for a in factors for f in (a.factors if isinstance(a, Mul) else (a,))]
    return ONE if not flat else flat[0] if len(flat) == 1 else Mul(tuple(flat))


def _power(base: Term, exponent: int) -> Term:
    return base if exponent == 1 else Pow(base, number(exponent))


def _is_exp(term: Term) -> bool:
    return isinstance(term, Apply) and term.function == "exp"


def _exponential(factors: Monomial) -> Term:
    """exp(a)^k exp(b)^l as exp(k a + l b)."""
    parts: list[Term] = []
    for a, e in sorted(factors, key=lambda p: term_text(p[0])):
        inside = a.args[0] if isinstance(a, Apply) else a
        parts.append(_scaled(inside, e))
    if isinstance(parts[0], Neg):
        parts.sort(key=lambda p: isinstance(p, Neg))
    return Apply("exp", (parts[0] if len(parts) == 1 else Add(tuple(parts)),))


def _scaled(term: Term, c: Fraction) -> Term:
    size = abs(c)
    factors: list[Term] = list(term.factors) if isinstance(term, Mul) else [term]
    if factors[0] == ONE and (len(factors) > 1 or size.numerator != 1):
        factors = factors[1:]
    if size.numerator != 1 or not factors or isinstance(factors[0], Recip):
        factors.insert(0, number(size.numerator))
    if size.denominator != 1:
        last = factors[-1]
        divisor = number(size.denominator)
        if isinstance(last, Recip):
            factors[-1] = Recip(_product([divisor, last.term]))
        else:
            factors.append(Recip(divisor))
    out = factors[0] if len(factors) == 1 else Mul(tuple(factors))
    return Neg(out) if c < 0 else out


def _key(monomial: Monomial) -> tuple[int, str]:
    functions = sum(1 for a, _ in monomial if isinstance(a, Apply))
    return functions, "*".join(sorted(f"{term_text(a)}^{e}" for a, e in monomial))
