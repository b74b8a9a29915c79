"""Terms -> quotients of polynomials.

Var and Cov become expectations, products and powers of sums stay powers of ``SumOf``.

E is linear, constants move out of E and out of sums, and relu, abs, step, max of a multiple of one entry become
polynomials in y and sign(y):  relu(y) = (y + y sign(y))/2,  |y| = y sign(y),  step(y) = (sign(y)^2 + sign(y))/2.
What a quotient or a root asks for (a divisor that is not 0, a radicand that is not negative) is kept as a demand.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from derive.kernel.composite import composite
from derive.kernel.functions import value as function_value
from derive.kernel.indices import at_bound, end_of, label_of, renamed_poly
from derive.kernel.kinks import HALF, absolute, halves, sign_of
from derive.kernel.linearity import averages, covariance, is_random, mean, summed
from derive.kernel.polynomial import ONE, ZERO, Poly, raised
from derive.kernel.powers import BOUND, linear, product_over, tower
from derive.kernel.ratios import Demand, Ratio, added, checked, multiplied, scaled_by
from derive.kernel.roots import declared_element, plainly_positive, positive_symbol, root, square_out
from derive.kernel.symbols import (
    Element,
    Inverse,
    Known,
    ProductOf,
    Random,
    Root,
    Scalar,
    Size,
    Tower,
    Unsupported,
    Value,
)
from derive.language.functions import FUNCTIONS
from derive.language.problem import Problem
from derive.language.terms import (
    Add,
    Apply,
    Big,
    Conditional,
    Entry,
    Mul,
    Name,
    Neg,
    Num,
    Pow,
    Recip,
    Term,
    add,
    number,
    substitute,
)
from derive.language.theorem import Law


@dataclass
class Expansion:
    """Expands the terms of one problem and collects what they demand. ``names``: names that stand for a value."""

    problem: Problem
    demands: list[Demand] = field(default_factory=list[Demand])
    names: Mapping[str, Ratio] = field(default_factory=dict[str, Ratio])

    def expand(self, term: Term) -> Ratio:
        """The term as a quotient of polynomials. Raises ``Unsupported``."""
        match term:
            case Num(value=value):
                return Ratio(Poly.number(value))
            case Name(name=name):
                return self.names[name] if name in self.names else Ratio(self._name(name))
            case Entry(name=name, indices=indices):
                labels = tuple(label_of(i) for i in indices)
                if name not in self.problem.families:
                    return Ratio(Poly.symbol(Element(name, labels)))
                return Ratio(Poly.symbol(Random(name, labels, "")))
            case Neg(term=inner):
                r = self.expand(inner)
                return Ratio(-r.numerator, r.denominator)
            case Add(terms=terms):
                return added([self.expand(t) for t in terms])
            case Mul(factors=factors):
                out = Ratio(ONE)
                for factor in factors:
                    out = multiplied(out, self.expand(factor))
                return out
            case Recip(term=inner):
                return self._reciprocal(self.expand(inner), inner)
            case Pow():
                return self._power(term)
            case Apply():
                return self._apply(term)
            case Conditional(functional=functional, args=args, given=given):
                return self._conditional(functional, [self.expand(a) for a in args], frozenset(given))
            case Big(kind="sum", body=body, index=index, high=high):
                return self._sum_over(body, index, high)
            case Big(body=body, index=index, high=high):
                return self._product_over(body, index, high)

    def polynomial(self, term: Term) -> Poly:
        """The term without a denominator: what cannot vanish goes into exponents, what is positive into ``Inverse``."""
        r = self.expand(term)
        if len(r.denominator.terms) == 1:
            ((monomial, c),) = r.denominator.terms.items()
            if all(self.never_zero(s) for s, _ in monomial):
                return r.numerator.scaled(raised(monomial, -1), 1 / c)
        if not plainly_positive(self.problem, r.denominator):
            raise Unsupported("a divisor may be zero")
        return r.numerator * Poly.symbol(Inverse(r.denominator))

    def _name(self, name: str) -> Poly:
        if name in self.problem.sizes:
            return Poly.symbol(Size(name))
        if name in self.problem.families:
            return Poly.symbol(Random(name, (1,) * len(self.problem.families[name].ranges), ""))
        if name == "infinity":
            raise Unsupported("infinity is not a number")
        return Poly.symbol(Scalar(name))

    # --- division and powers ---------------------------------------------------------------------

    def _reciprocal(self, r: Ratio, term: Term) -> Ratio:
        if is_random(r.numerator):
            raise Unsupported("division by a random expression is not decided")
        self._demand("nonzero", r, term)
        return self._invert(r)

    def _invert(self, r: Ratio) -> Ratio:
        """1/r; a divisor that is one monomial of symbols that cannot vanish goes into the exponents."""
        if len(r.numerator.terms) == 1:
            ((monomial, coefficient),) = r.numerator.terms.items()
            if all(self.never_zero(s) for s, _ in monomial):
                return Ratio(r.denominator.scaled(frozenset((s, -e) for s, e in monomial), 1 / coefficient))
        if not r.numerator:
            raise Unsupported("division by zero")
        return Ratio(r.denominator, r.numerator)

    def never_zero(self, symbol: Hashable) -> bool:
        """Whether a scalar's declaration alone keeps it away from zero."""
        if isinstance(symbol, Scalar):
            return symbol.name == "pi" or self.problem.constants[symbol.name].kind != "real"
        if isinstance(symbol, Element | Known):
            plain = isinstance(symbol, Element) or symbol.function == ""
            return plain and declared_element(self.problem, symbol.family, symbol.indices) != "real"
        if isinstance(symbol, Tower | ProductOf):
            return len(symbol.of.terms) == 1 and all(self.never_zero(s) for m in symbol.of.terms for s, _ in m)
        if isinstance(symbol, Root):
            return len(symbol.radicand.terms) == 1 and plainly_positive(self.problem, symbol.radicand)
        if isinstance(symbol, Value):
            return positive_symbol(self.problem, symbol)
        return isinstance(symbol, Size)

    def _power(self, term: Pow) -> Ratio:
        base = self.expand(term.base)
        exponent = self.expand(term.exponent)
        value = exponent.numerator.as_number()
        if value is None or exponent.denominator != ONE:
            return self._tower(base, exponent, term)
        if value.denominator == 2:
            base, value = self._root(base, term.base), value * 2
        if value.denominator != 1:
            raise Unsupported("an exponent is an integer or a half")
        if value < 0:
            base, value = self._reciprocal(base, term.base), -value
        bounded = Ratio(base.numerator ** int(value), base.denominator ** int(value))
        return checked(bounded)

    def _tower(self, base: Ratio, exponent: Ratio, term: Pow) -> Ratio:
        """base^(k1 L1 + ... + k0), the sizes L in the exponent."""
        if exponent.denominator != ONE or is_random(base.numerator):
            raise Unsupported("an exponent is an integer, a half, or linear in sizes")
        sizes, constant = linear(exponent.numerator, lambda s: s.name if isinstance(s, Size) else None)
        out = Ratio(ONE)
        for k, power in [
            (k, Ratio(tower(base.numerator, name), tower(base.denominator, name))) for name, k in sizes
        ] + [(constant, base)]:
            factor = self._reciprocal(power, term.base) if k < 0 else power
            for _ in range(_bounded(abs(k))):
                out = multiplied(out, factor)
        return out

    def _root(self, r: Ratio, term: Term) -> Ratio:
        """sqrt(a/b) = sqrt(a b)/b for b > 0."""
        if is_random(r.numerator):
            raise Unsupported("the square root of a random expression is not decided")
        if not plainly_positive(self.problem, r.denominator):
            raise Unsupported("the square root of this quotient is not decided")
        self._demand("nonnegative", r, term)
        return Ratio(root(self.problem, r.numerator * r.denominator), r.denominator)

    def _demand(self, kind: str, r: Ratio, term: Term) -> None:
        number = r.numerator.as_number()
        if number is not None and kind != "nonzero" and (number < 0 or (number == 0 and kind == "positive")):
            raise Unsupported("a root, a logarithm or an arcsine outside its domain")
        if number is None:
            self.demands.append(Demand(kind, r.numerator, r.denominator, term))

    # --- functions -------------------------------------------------------------------------------

    def _apply(self, term: Apply) -> Ratio:
        name = term.function
        if name == "limit":
            raise Unsupported("a limit is decided only as a whole side of a claim or link")
        args = [self.expand(a) for a in term.args]
        match name:
            case "E":
                return mean(args[0])
            case "Var":
                return covariance(args[0], args[0])
            case "Cov":
                return covariance(args[0], args[1])
            case "sqrt":
                return self._root(args[0], term.args[0])
            case "max" | "min":
                apart = absolute(self.problem, added([args[0], Ratio(-args[1].numerator, args[1].denominator)]), name)
                sign = HALF if name == "max" else -HALF
                middle = added([scaled_by(args[0], HALF), scaled_by(args[1], HALF)])
                return added([middle, scaled_by(apart, sign)])
            case "leaky_relu":
                positive, negative = halves(self.problem, args[0], name)
                return added([positive, multiplied(args[1], negative)])
            case "relu":
                return halves(self.problem, args[0], name)[0]
            case "abs":
                return absolute(self.problem, args[0], name)
            case "sign":
                return sign_of(self.problem, args[0], name)
            case "step":
                sign = sign_of(self.problem, args[0], name)
                return added([scaled_by(multiplied(sign, sign), HALF), scaled_by(sign, HALF)])
            case _:
                return self._opaque(term, args)

    def _conditional(self, functional: str, args: list[Ratio], given: frozenset[str]) -> Ratio:
        match functional:
            case "E":
                return mean(args[0], given)
            case "Var":
                return covariance(args[0], args[0], given)
            case _:
                return covariance(args[0], args[1], given)

    def _opaque(self, term: Apply, args: list[Ratio]) -> Ratio:
        """A function the kernel only knows by name: of one entry, of its negative, or of constants."""
        name = term.function
        function = FUNCTIONS[name]
        if len(args) == 1 and args[0].denominator == ONE and len(args[0].numerator.terms) == 1:
            ((monomial, c),) = args[0].numerator.terms.items()
            symbols = list(monomial)
            if abs(c) == 1 and len(symbols) == 1 and symbols[0][1] == 1:
                symbol = symbols[0][0]
                if (
                    isinstance(symbol, Random)
                    and symbol.function == ""
                    and (c == 1 or function.parity)
                    and (function.growth != "none" or (name == "exp" and self._light_tailed(symbol.family)))
                ):
                    value = Poly.symbol(Random(symbol.family, symbol.indices, name))
                    return Ratio(value if c == 1 or function.parity == 1 else -value)
        if len(args) == 1 and args[0].denominator == ONE and is_random(args[0].numerator):
            return Ratio(composite(self.problem, name, args[0].numerator))
        if any(is_random(a.numerator) for a in args):
            raise Unsupported(f"`{name}` of this random expression is not decided")
        if len(args) != 1:
            raise Unsupported(f"`{name}` is not decided yet")
        (argument,), (inner,) = args, term.args
        self._domain(name, argument, inner)
        return Ratio(function_value(name, argument.numerator, argument.denominator))

    def _light_tailed(self, family: str) -> bool:
        """Whether the entries have a named law: under each of these every moment of exp(y) is finite."""
        return any(isinstance(g.item, Law) and g.item.name == family for g in self.problem.givens)

    def _domain(self, name: str, r: Ratio, term: Term) -> None:
        """The demands log(t): t > 0; asin(t): -1 <= t <= 1. The sign of p/d is that of p d."""
        p, d = r.numerator, r.denominator
        if name == "log":
            self._demand("positive", Ratio(p * d), term)
        if name == "asin" and not plainly_positive(self.problem, square_out(d * d - p * p)):  # else |p/d| < 1
            self._demand("nonnegative", Ratio((d - p) * d), add(Num(Fraction(1)), Neg(term)))
            self._demand("nonnegative", Ratio((d + p) * d), add(Num(Fraction(1)), term))

    # --- sums ------------------------------------------------------------------------------------

    def _written_out(self, body: Term, index: str, high: Term) -> list[Ratio] | None:
        """The terms of a sum or product whose range is a literal; None where it ends in a size."""
        if not isinstance(high, Num):
            return None
        return [self.expand(substitute(body, {index: number(k)})) for k in range(1, _bounded(int(high.value), 64) + 1)]

    def _product_over(self, body: Term, index: str, high: Term) -> Ratio:
        out = Ratio(ONE)
        written = self._written_out(body, index, high)
        if written is not None:
            for factor in written:
                out = multiplied(out, factor)
            return out
        name, more = end_of(high)
        for k in range(1, more + 1):
            out = multiplied(out, self.expand(substitute(body, {index: Add((Name(name), number(k)))})))
        inside = self.expand(body)
        if any(averages(s, index) for part in (inside.numerator, inside.denominator) for s in part.symbols()):
            raise Unsupported("a product of expectations or sums that depend on its index is not decided")

        def over(poly: Poly) -> Poly:
            return product_over(renamed_poly(poly, {index: BOUND}), name, at_bound)

        return multiplied(out, Ratio(over(inside.numerator), over(inside.denominator)))

    def _sum_over(self, body: Term, index: str, high: Term) -> Ratio:
        """Up to L + k: up to L, and the k further terms (as a step of an induction asks for)."""
        if isinstance(high, Name):
            return summed(self.expand(body), index, high.name)
        if isinstance(high, Num) and high.value > 64:
            return summed(self.expand(body), index, int(high.value))
        written = self._written_out(body, index, high)
        if written is not None:
            return added([*written, Ratio(ZERO)])
        name, more = end_of(high)
        further = [self.expand(substitute(body, {index: Add((Name(name), number(k)))})) for k in range(1, more + 1)]
        return added([summed(self.expand(body), index, name), *further])


def _bounded(value: int, most: int = 64) -> int:
    if value > most:
        raise Unsupported("this expression is too large")
    return value
