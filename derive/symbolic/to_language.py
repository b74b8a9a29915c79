"""SymPy -> terms of the language, and terms -> SymPy. The only door between the two.

Terms become SymPy objects by construction, node by node; nothing is ever parsed by SymPy or evaluated from text.
SymPy may rearrange what it gets; the value stays the same, which the tests check and the kernel decides.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportUnknownLambdaType=false
# (SymPy 1.14 ships no types; what it returns is checked by the kernel, not by pyright.)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.language import terms as t
from derive.language.terms import Term
from derive.language.theorem import Constant, Family, Recurrence, Theorem
from derive.symbolic.notation import (
    Cov,
    E,
    Expr,
    Var,
    bare,
    family,
    first,
    index,
    leaky_relu,
    name_of,
    relu,
    size,
    step,
)

_SYMPY: dict[str, Any] = {
    "E": E, "Var": Var, "Cov": Cov, "relu": relu, "leaky_relu": leaky_relu, "step": step,
    "abs": sp.Abs, "sign": sp.sign, "max": sp.Max, "min": sp.Min, "sqrt": sp.sqrt, "log": sp.log, "exp": sp.exp,
    "sin": sp.sin, "cos": sp.cos, "tanh": sp.tanh, "atan": sp.atan, "asin": sp.asin, "erf": sp.erf,
}  # fmt: skip
_LANGUAGE: dict[str, str] = {
    "Abs": "abs", "sign": "sign", "Max": "max", "Min": "min", "log": "log", "exp": "exp", "sin": "sin",
    "cos": "cos", "tanh": "tanh", "atan": "atan", "asin": "asin", "erf": "erf",
}  # fmt: skip


class NotInLanguage(ValueError):
    """What one side says and the other cannot: an unevaluated integral, a complex number, a conditional expectation."""


def symbols_of(theorem: Theorem) -> dict[str, sp.Symbol]:
    """The theorem's names as symbols: sizes positive integers, constants as declared, families real."""
    found: dict[str, sp.Symbol] = {}
    for given in theorem.givens:
        item = given.item
        if isinstance(item, Constant):
            sort = {"positive": {"positive": True}, "nonzero": {"real": True, "zero": False}, "real": {"real": True}}
            found[item.name] = sp.Symbol(item.name, **sort[item.kind])
        if isinstance(item, Family):
            found[item.name] = first(item.name)
        if isinstance(item, Family | Constant | Recurrence):
            for r in item.ranges:
                found[r.index] = index(r.index)
                if isinstance(r.high, str):
                    found[r.high] = size(r.high)
    return found


# --- terms -> SymPy ---------------------------------------------------------------------------------------------------


def from_language(term: Term, symbols: Mapping[str, sp.Symbol]) -> Expr:
    """The term as a SymPy expression. A name that ``symbols`` does not know becomes a real symbol.

    Raises ``NotInLanguage`` for a conditional expectation.
    """

    def build(part: Term) -> Expr:
        return from_language(part, symbols)

    match term:
        case t.Num(value=value):
            return sp.Rational(value.numerator, value.denominator)
        case t.Name(name=name):
            return {"pi": sp.pi, "infinity": sp.oo}.get(name) or symbols.get(name, first(name))
        case t.Entry(name=name, indices=indices):
            inner = dict(symbols) | {n.name: index(n.name) for i in indices for n in t.walk(i) if isinstance(n, t.Name)}
            return bare(family(name)[tuple(from_language(i, inner) for i in indices)])
        case t.Neg(term=inside):
            return -build(inside)
        case t.Add(terms=parts):
            return sp.Add(*map(build, parts))
        case t.Mul(factors=parts):
            return sp.Mul(*map(build, parts))
        case t.Recip(term=inside):
            return 1 / build(inside)
        case t.Pow(base=base, exponent=exponent):
            return sp.Pow(build(base), build(exponent))
        case t.Apply(function=function, args=args):
            return _SYMPY.get(function, sp.Function(function, real=True))(*map(build, args))
        case t.Big(kind=kind, body=body, index=name, low=low, high=high):
            bound = index(name)
            inside = from_language(body, dict(symbols) | {name: bound})
            return (sp.Sum if kind == "sum" else sp.Product)(inside, (bound, build(low), build(high)))
        case t.Conditional(functional=functional):
            raise NotInLanguage(f"the moves know no {functional} given a family")


# --- SymPy -> terms ---------------------------------------------------------------------------------------------------


def to_language(expression: Expr, order: Sequence[str] = ()) -> Term:
    """The expression as a term, its factors in the order in which a textbook writes them.

    Numbers, sizes, constants, then what is random, in the order of the family names given; sums and divisors last.
    Raises ``NotInLanguage``.
    """
    return _Writer(order).term(expression)


class _Writer:
    def __init__(self, order: Sequence[str]) -> None:
        self.place = {name: k for k, name in enumerate(order)}

    def term(self, x: Any) -> Term:
        if isinstance(x, sp.Rational):
            return self._number(Fraction(int(x.p), int(x.q)))
        if x == -sp.oo:
            return t.Neg(t.Name("infinity"))
        if isinstance(x, sp.Symbol):
            return t.Name(x.name)
        if x in (sp.pi, sp.oo, sp.E):
            return {sp.pi: t.Name("pi"), sp.oo: t.Name("infinity"), sp.E: t.Apply("exp", (t.ONE,))}[x]
        if isinstance(x, sp.Indexed):
            return t.Entry(name_of(x), tuple(self.term(i) for i in x.indices))
        if isinstance(x, sp.Add):
            return t.add(*(self.term(part) for part in sorted(x.args, key=self._in_a_sum)))
        if isinstance(x, sp.Mul | sp.Pow):
            return self._product(x)
        if isinstance(x, sp.Sum | sp.Product):
            return self._big(x)
        name = type(x).__name__
        if isinstance(x, sp.Function):
            known = isinstance(x, sp.core.function.AppliedUndef)
            if known or name in _LANGUAGE:
                return t.Apply(_LANGUAGE.get(name, name), tuple(self.term(a) for a in x.args))
        raise NotInLanguage(f"the language has no word for SymPy's {name}")

    @staticmethod
    def _number(value: Fraction) -> Term:
        if value < 0:
            return t.Neg(_Writer._number(-value))
        top = t.number(value.numerator)
        return top if value.denominator == 1 else t.mul(top, t.Recip(t.number(value.denominator)))

    def _big(self, x: Any) -> Term:
        body, kind = self.term(x.function), "sum" if isinstance(x, sp.Sum) else "prod"
        for bound, low, high in x.limits:  # innermost first
            body = t.Big(kind, body, bound.name, self.term(low), self.term(high))
        return body

    def _product(self, x: Any) -> Term:
        coefficient, rest = x.as_coeff_Mul()
        if coefficient.is_negative:
            return t.Neg(self.term(-x))
        number = Fraction(int(coefficient.p), int(coefficient.q)) if coefficient.is_Rational else Fraction(1)
        over: list[Term] = []
        factors: list[Term] = [t.number(number.numerator)] if number.numerator != 1 else []
        for part in sorted(sp.Mul.make_args(rest), key=self._in_a_product):
            base, exponent = part.as_base_exp() if isinstance(part, sp.Pow) else (part, sp.Integer(1))
            if exponent.as_coeff_Mul()[0].is_negative:
                over.append(self._power(base, -exponent))
            else:
                factors.append(self._power(base, exponent))
        if number.denominator != 1:
            over.insert(0, t.number(number.denominator))
        top = factors or [t.ONE]
        return t.mul(*top, t.Recip(t.mul(*over))) if over else t.mul(*top)

    def _power(self, base: Any, exponent: Any) -> Term:
        if exponent == 1:
            return self.term(base)
        if exponent == sp.Rational(1, 2):
            return t.Apply("sqrt", (self.term(base),))
        return t.Pow(self.term(base), self.term(exponent))

    def _in_a_product(self, x: Any) -> tuple[int, int, str]:
        base = x.as_base_exp()[0]
        if base.is_number:
            kind = 0
        elif base.is_Symbol:
            kind = 1 if base.is_integer else 3 if base.name in self.place else 2
        elif isinstance(base, sp.Add) and not base.has(sp.Function):
            kind = 2
        else:
            kind = 4 if base.has(sp.Sum) or isinstance(base, sp.Add) else 3
        return kind, self._first_name(base), str(x)

    def _in_a_sum(self, x: Any) -> tuple[bool, bool, bool, int, str]:
        coefficient = x.as_coeff_Mul()[0]
        return bool(coefficient.is_negative), not x.is_number, coefficient != 1, self._first_name(x), str(x)

    def _first_name(self, x: Any) -> int:
        places = (self.place[str(s)] for s in x.atoms(sp.Symbol) if str(s) in self.place)
        return min(places, default=len(self.place))
