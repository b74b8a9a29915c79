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

from derive.kernel.functions import value as function_value
from derive.kernel.polynomial import ONE, UNIT, ZERO, Monomial, Poly, times, total
from derive.kernel.roots import plainly_positive, positive_symbol, root
from derive.kernel.symbols import Mean, Random, Root, Scalar, Size, SumOf, Unsupported, Value, size_of
from derive.language.functions import FUNCTIONS
from derive.language.problem import Problem
from derive.language.terms import Add, Apply, Big, Entry, Mul, Name, Neg, Num, Pow, Recip, Term, add
from derive.language.theorem import Law

MOST_TERMS = 4_000
HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Ratio:
    """numerator / denominator; the denominator has no random symbols."""

    numerator: Poly
    denominator: Poly = ONE


@dataclass(frozen=True, slots=True)
class Demand:
    """What has to hold for a term to be defined: ``kind`` is "nonzero", "nonnegative" or "positive"."""

    kind: str
    numerator: Poly
    denominator: Poly
    term: Term


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
                if name not in self.problem.families:
                    raise Unsupported("families of constants are not decided yet")
                return Ratio(Poly.symbol(Random(name, tuple(_label(i) for i in indices), "")))
            case Neg(term=inner):
                r = self.expand(inner)
                return Ratio(-r.numerator, r.denominator)
            case Add(terms=terms):
                return _sum([self.expand(t) for t in terms])
            case Mul(factors=factors):
                out = Ratio(ONE)
                for factor in factors:
                    out = _product(out, self.expand(factor))
                return out
            case Recip(term=inner):
                return self._reciprocal(self.expand(inner), inner)
            case Pow():
                return self._power(term)
            case Apply():
                return self._apply(term)
            case Big(kind="sum", body=body, index=index, high=high):
                return self._big(self.expand(body), index, high)
            case Big():
                raise Unsupported("products over a range are not decided yet")

    def _name(self, name: str) -> Poly:
        if name in self.problem.sizes:
            return Poly.symbol(Size(name))
        if name == "infinity":
            raise Unsupported("infinity is not a number")
        return Poly.symbol(Scalar(name))

    # --- division and powers ---------------------------------------------------------------------

    def _reciprocal(self, r: Ratio, term: Term) -> Ratio:
        if _is_random(r.numerator):
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
            raise Unsupported("an exponent that is not a number is not decided yet")
        if value.denominator == 2:
            base, value = self._root(base, term.base), value * 2
        if value.denominator != 1:
            raise Unsupported("an exponent is an integer or a half")
        if value < 0:
            base, value = self._reciprocal(base, term.base), -value
        bounded = Ratio(base.numerator ** int(value), base.denominator ** int(value))
        return _checked(bounded)

    def _root(self, r: Ratio, term: Term) -> Ratio:
        """sqrt(a/b) = sqrt(a b)/b for b > 0."""
        if _is_random(r.numerator):
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
            raise Unsupported("limits are not decided yet")
        args = [self.expand(a) for a in term.args]
        match name:
            case "E":
                return _mean(args[0])
            case "Var":
                return _covariance(args[0], args[0])
            case "Cov":
                return _covariance(args[0], args[1])
            case "sqrt":
                return self._root(args[0], term.args[0])
            case "max" | "min":
                apart = self._absolute(_sum([args[0], Ratio(-args[1].numerator, args[1].denominator)]), term)
                sign = HALF if name == "max" else -HALF
                mean = _sum([_scaled(args[0], HALF), _scaled(args[1], HALF)])
                return _sum([mean, _scaled(apart, sign)])
            case "leaky_relu":
                positive, negative = self._halves(args[0], term)
                return _sum([positive, _product(args[1], negative)])
            case "relu":
                return self._halves(args[0], term)[0]
            case "abs":
                return self._absolute(args[0], term)
            case "sign":
                return self._sign(args[0], term)
            case "step":
                sign = self._sign(args[0], term)
                return _sum([_scaled(_product(sign, sign), HALF), _scaled(sign, HALF)])
            case _:
                return self._opaque(term, args)

    def _halves(self, r: Ratio, term: Apply) -> tuple[Ratio, Ratio]:
        """(max(r, 0), min(r, 0)) = ((r + |r|)/2, (r - |r|)/2)."""
        absolute = self._absolute(r, term)
        return _sum([_scaled(r, HALF), _scaled(absolute, HALF)]), _sum([_scaled(r, HALF), _scaled(absolute, -HALF)])

    def _absolute(self, r: Ratio, term: Apply) -> Ratio:
        return _product(r, self._sign(r, term))

    def _sign(self, r: Ratio, term: Apply) -> Ratio:
        """sign(c y^p ...) = sign(c) sign(y)^p ..., for a single monomial whose scalars are positive."""
        if not r.numerator:
            return Ratio(ZERO)
        if not plainly_positive(self.problem, r.denominator):
            raise Unsupported(f"the sign of the argument of `{term.function}` is not known")
        if len(r.numerator.terms) == 1:
            ((monomial, c),) = r.numerator.terms.items()
            randoms = [(s, e) for s, e in monomial if isinstance(s, Random)]
            if all(isinstance(s, Random) or positive_symbol(self.problem, s) for s, _ in monomial) and all(
                s.function in {"", "sign"} for s, _ in randoms
            ):
                signs: Monomial = UNIT
                for s, e in randoms:
                    signs = times(signs, frozenset({(Random(s.family, s.indices, "sign"), e)}))
                return Ratio(Poly.monomial(signs, 1 if c > 0 else -1))
        if plainly_positive(self.problem, r.numerator):
            return Ratio(ONE)
        if plainly_positive(self.problem, -r.numerator):
            return Ratio(-ONE)
        raise Unsupported(f"`{term.function}` of more than a multiple of one entry is not decided yet")

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
        if any(_is_random(a.numerator) for a in args):
            raise Unsupported(f"`{name}` of this random expression is not decided")
        if len(args) != 1:
            raise Unsupported(f"`{name}` is not decided yet")
        self._domain(name, args[0], term.args[0])
        return Ratio(function_value(name, args[0].numerator, args[0].denominator))

    def _light_tailed(self, family: str) -> bool:
        """Whether the entries have a named law: under each of these every moment of exp(y) is finite."""
        return any(isinstance(g.item, Law) and g.item.name == family for g in self.problem.givens)

    def _domain(self, name: str, r: Ratio, term: Term) -> None:
        """The demands log(t): t > 0; asin(t): -1 <= t <= 1. The sign of p/d is that of p d."""
        p, d = r.numerator, r.denominator
        if name == "log":
            self._demand("positive", Ratio(p * d), term)
        if name == "asin":
            self._demand("nonnegative", Ratio((d - p) * d), add(Num(Fraction(1)), Neg(term)))
            self._demand("nonnegative", Ratio((d + p) * d), add(Num(Fraction(1)), term))

    # --- sums ------------------------------------------------------------------------------------

    def _big(self, body: Ratio, index: str, high: Term) -> Ratio:
        if any(_mentions(s, index) for s in body.denominator.symbols()):
            raise Unsupported("a divisor inside a sum that depends on its index is not decided")
        end: str | int = high.name if isinstance(high, Name) else int(_value(high))
        parts: list[Poly] = []
        for monomial, c in body.numerator.terms.items():
            inside = frozenset((s, e) for s, e in monomial if _mentions(s, index))
            if any(isinstance(s, Root | Value) for s, _ in inside):
                raise Unsupported("a root or function of a moment inside a sum is not decided")
            outside = monomial - inside
            summed = Poly.symbol(sum_of(end, index, inside)) if inside else size_of(end)
            parts.append(summed.scaled(outside, c))
        return Ratio(total(parts), body.denominator)


def _value(term: Term) -> Fraction:
    if isinstance(term, Num):
        return term.value
    raise Unsupported("a range ends in a name or a literal")


def _label(index: Term) -> int | str:
    match index:
        case Num(value=value):
            return int(value)
        case Name(name=name):
            return name
        case _:
            raise Unsupported("an index is a name or a literal")


# --- quotients ----------------------------------------------------------------------------------


def _checked(r: Ratio) -> Ratio:
    if len(r.numerator.terms) > MOST_TERMS:
        raise Unsupported("this expression has too many terms")
    return r


def _sum(parts: list[Ratio]) -> Ratio:
    denominators = {p.denominator for p in parts}
    if len(denominators) == 1:
        return _checked(Ratio(total(p.numerator for p in parts), parts[0].denominator))
    out = parts[0]
    for p in parts[1:]:
        if p.denominator == out.denominator:
            out = Ratio(out.numerator + p.numerator, out.denominator)
        else:
            numerator = out.numerator * p.denominator + p.numerator * out.denominator
            out = _checked(Ratio(numerator, out.denominator * p.denominator))
    return out


def _product(a: Ratio, b: Ratio) -> Ratio:
    if len(a.numerator.terms) * len(b.numerator.terms) > 50 * MOST_TERMS:
        raise Unsupported("this expression has too many terms")
    return _checked(Ratio(a.numerator * b.numerator, a.denominator * b.denominator))


def _scaled(r: Ratio, c: Fraction) -> Ratio:
    return Ratio(r.numerator.scaled(UNIT, c), r.denominator)


# --- expectations and sums ----------------------------------------------------------------------


def _is_random_symbol(symbol: Hashable) -> bool:
    if isinstance(symbol, SumOf):
        return any(_is_random_symbol(s) for s, _ in symbol.body)
    return isinstance(symbol, Random)


def _is_random(poly: Poly) -> bool:
    return any(_is_random_symbol(s) for s in poly.symbols())


def _mean(r: Ratio) -> Ratio:
    """E is linear, and deterministic factors move out."""
    parts: list[Poly] = []
    for monomial, c in r.numerator.terms.items():
        inside = frozenset((s, e) for s, e in monomial if _is_random_symbol(s))
        mean = Poly.symbol(Mean(inside)) if inside else ONE
        parts.append(mean.scaled(monomial - inside, c))
    return Ratio(total(parts), r.denominator)


def _covariance(a: Ratio, b: Ratio) -> Ratio:
    """Cov(a, b) = E(a b) - E(a) E(b)."""
    together, apart = _mean(_product(a, b)), _product(_mean(a), _mean(b))
    return Ratio(together.numerator - apart.numerator, together.denominator)


def _mentions(symbol: Hashable, index: str) -> bool:
    match symbol:
        case Random(indices=indices):
            return index in indices
        case SumOf(body=body) | Mean(body=body):
            return any(_mentions(s, index) for s, _ in body)
        case Root(radicand=radicand):
            return any(_mentions(s, index) for s in radicand.symbols())
        case Value(numerator=numerator, denominator=denominator):
            return any(_mentions(s, index) for s in numerator.symbols() | denominator.symbols())
        case _:
            return False


def _height(symbol: Hashable) -> int:
    match symbol:
        case SumOf(height=height):
            return height
        case Mean(body=body):
            return max((_height(s) for s, _ in body), default=0)
        case _:
            return 0


def sum_of(high: str | int, index: str, body: Monomial) -> SumOf:
    """The sum with its bound index renamed by its height, so that equal sums are equal values."""
    height = 1 + max(_height(s) for s, _ in body)
    bound = f"%{height}"
    return SumOf(high, bound, renamed(body, {index: bound}), height)


def renamed(body: Monomial, names: dict[str, str]) -> Monomial:
    """The monomial with free index names replaced."""
    return frozenset((_renamed(s, names), e) for s, e in body)


def _renamed(symbol: Hashable, names: dict[str, str]) -> Hashable:
    match symbol:
        case Random(family=family, indices=indices, function=function):
            return Random(family, tuple(names.get(i, i) if isinstance(i, str) else i for i in indices), function)
        case SumOf(high=high, bound=bound, body=body, height=height):
            inner = {k: v for k, v in names.items() if k != bound}
            return SumOf(high, bound, renamed(body, inner), height)
        case Mean(body=body):
            return Mean(renamed(body, names))
        case _:
            return symbol
