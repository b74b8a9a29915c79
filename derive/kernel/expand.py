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

from derive.kernel.composite import composite, families
from derive.kernel.functions import value as function_value
from derive.kernel.polynomial import ONE, UNIT, ZERO, Monomial, Poly, raised, times, total
from derive.kernel.powers import BOUND, linear, product_over, tower
from derive.kernel.roots import declared_element, plainly_positive, positive_symbol, root, square_out
from derive.kernel.symbols import (
    Composite,
    Element,
    Inverse,
    Known,
    Label,
    Mean,
    ProductOf,
    Random,
    RandomProduct,
    Root,
    Scalar,
    Shift,
    Size,
    SumOf,
    Tower,
    Unsupported,
    Value,
    base,
    moved,
    shifted,
    size_of,
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
                labels = tuple(_label(i) for i in indices)
                if name not in self.problem.families:
                    return Ratio(Poly.symbol(Element(name, labels)))
                return Ratio(Poly.symbol(Random(name, labels, "")))
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
        return _checked(bounded)

    def _tower(self, base: Ratio, exponent: Ratio, term: Pow) -> Ratio:
        """base^(k1 L1 + ... + k0), the sizes L in the exponent."""
        if exponent.denominator != ONE or _is_random(base.numerator):
            raise Unsupported("an exponent is an integer, a half, or linear in sizes")
        sizes, constant = linear(exponent.numerator, lambda s: s.name if isinstance(s, Size) else None)
        out = Ratio(ONE)
        for k, power in [
            (k, Ratio(tower(base.numerator, name), tower(base.denominator, name))) for name, k in sizes
        ] + [(constant, base)]:
            factor = self._reciprocal(power, term.base) if k < 0 else power
            for _ in range(_bounded(abs(k))):
                out = _product(out, factor)
        return out

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
            raise Unsupported("a limit is decided only as a whole side of a claim or link")
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

    def _conditional(self, functional: str, args: list[Ratio], given: frozenset[str]) -> Ratio:
        match functional:
            case "E":
                return _mean(args[0], given)
            case "Var":
                return _covariance(args[0], args[0], given)
            case _:
                return _covariance(args[0], args[1], given)

    def _halves(self, r: Ratio, term: Apply) -> tuple[Ratio, Ratio]:
        """(max(r, 0), min(r, 0)) = ((r + |r|)/2, (r - |r|)/2)."""
        absolute = self._absolute(r, term)
        return _sum([_scaled(r, HALF), _scaled(absolute, HALF)]), _sum([_scaled(r, HALF), _scaled(absolute, -HALF)])

    def _absolute(self, r: Ratio, term: Apply) -> Ratio:
        return self._of_sign(r, term, "abs")

    def _sign(self, r: Ratio, term: Apply) -> Ratio:
        return self._of_sign(r, term, "sign")

    def _of_sign(self, r: Ratio, term: Apply, function: str) -> Ratio:
        """|p/d| = |p|/d and sign(p/d) = sign(p) for d > 0; for constants the root of the square, or a plain sign."""
        if not r.numerator:
            return Ratio(ZERO)
        if not plainly_positive(self.problem, r.denominator):
            raise Unsupported(f"the sign of the argument of `{term.function}` is not known")
        bottom = r.denominator if function == "abs" else ONE
        if _is_random(r.numerator):
            return Ratio(composite(self.problem, function, r.numerator), bottom)
        for sign in (1, -1):
            if plainly_positive(self.problem, r.numerator.scaled(UNIT, sign)):
                return Ratio(r.numerator.scaled(UNIT, sign), bottom) if function == "abs" else Ratio(Poly.number(sign))
        if function == "abs":
            return Ratio(root(self.problem, r.numerator * r.numerator), bottom)
        raise Unsupported(f"the sign of the argument of `{term.function}` is not known")

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
        if len(args) == 1 and args[0].denominator == ONE and _is_random(args[0].numerator):
            return Ratio(composite(self.problem, name, args[0].numerator))
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
                out = _product(out, factor)
            return out
        name, more = _end(high)
        for k in range(1, more + 1):
            out = _product(out, self.expand(substitute(body, {index: Add((Name(name), number(k)))})))
        inside = self.expand(body)
        if any(_averages(s, index) for part in (inside.numerator, inside.denominator) for s in part.symbols()):
            raise Unsupported("a product of expectations or sums that depend on its index is not decided")

        def over(poly: Poly) -> Poly:
            return product_over(renamed_poly(poly, {index: BOUND}), name, _at_bound)

        return _product(out, Ratio(over(inside.numerator), over(inside.denominator)))

    def _sum_over(self, body: Term, index: str, high: Term) -> Ratio:
        """Up to L + k: up to L, and the k further terms (as a step of an induction asks for)."""
        if isinstance(high, Name):
            return self._big(self.expand(body), index, high.name)
        if isinstance(high, Num) and high.value > 64:
            return self._big(self.expand(body), index, int(high.value))
        written = self._written_out(body, index, high)
        if written is not None:
            return _sum([*written, Ratio(ZERO)])
        name, more = _end(high)
        further = [self.expand(substitute(body, {index: Add((Name(name), number(k)))})) for k in range(1, more + 1)]
        return _sum([self._big(self.expand(body), index, name), *further])

    def _big(self, body: Ratio, index: str, end: str | int) -> Ratio:
        if any(mentions(s, index) for s in body.denominator.symbols()):
            raise Unsupported("a divisor inside a sum that depends on its index is not decided")
        parts: list[Poly] = []
        for monomial, c in body.numerator.terms.items():
            inside = frozenset((s, e) for s, e in monomial if mentions(s, index))
            if any(isinstance(s, Root | Value | Tower | ProductOf | RandomProduct) for s, _ in inside):
                raise Unsupported("a root, power or function of a moment inside a sum is not decided")
            outside = monomial - inside
            summed = Poly.symbol(sum_of(end, index, inside)) if inside else size_of(end)
            parts.append(summed.scaled(outside, c))
        return Ratio(total(parts), body.denominator)


def _bounded(value: int, most: int = 64) -> int:
    if value > most:
        raise Unsupported("this expression is too large")
    return value


def _end(high: Term) -> tuple[str, int]:
    """The end of a range, L or L + k with k > 0."""
    label = _label(high)
    if isinstance(label, str):
        return label, 0
    if isinstance(label, Shift) and label.by > 0:
        return label.of, label.by
    raise Unsupported("a range ends in a name or a literal")


def _label(index: Term) -> Label:
    """An index: a literal, a name, or either with an offset."""
    match index:
        case Num(value=value):
            return int(value)
        case Name(name=name):
            return name
        case Add(terms=(first, second)):
            where, offset = _label(first), second.term if isinstance(second, Neg) else second
            if isinstance(offset, Num) and offset.value.denominator == 1:
                by = -int(offset.value) if isinstance(second, Neg) else int(offset.value)
                if isinstance(where, int):
                    return where + by
                return shifted(where, by) if isinstance(where, str) else shifted(where.of, where.by + by)
            raise Unsupported("an index is a name or a literal, with an offset")
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
    return _checked(Ratio(a.numerator * b.numerator, a.denominator * b.denominator))


def _scaled(r: Ratio, c: Fraction) -> Ratio:
    return Ratio(r.numerator.scaled(UNIT, c), r.denominator)


# --- expectations and sums ----------------------------------------------------------------------


def is_random_symbol(symbol: Hashable) -> bool:
    """Whether a symbol's value depends on the outcome."""
    if isinstance(symbol, SumOf):
        return any(is_random_symbol(s) for s, _ in symbol.body)
    if isinstance(symbol, Mean):
        return bool(symbol.given)
    return isinstance(symbol, Random | Composite | RandomProduct)


def _is_random(poly: Poly) -> bool:
    return any(is_random_symbol(s) for s in poly.symbols())


def _mean(r: Ratio, given: frozenset[str] = frozenset()) -> Ratio:
    return Ratio(mean_of(r.numerator, given), r.denominator)


def mean_of(poly: Poly, given: frozenset[str] = frozenset()) -> Poly:
    """E is linear, deterministic factors move out, and E(f(a) E(t | a)) = E(f(a) t)."""
    parts: list[Poly] = []
    for monomial, c in poly.terms.items():
        inside = frozenset((s, e) for s, e in monomial if is_random_symbol(s))
        mean = Poly.symbol(Mean(_without_tower(inside, given), given)) if inside else ONE
        parts.append(mean.scaled(monomial - inside, c))
    return total(parts)


def _without_tower(body: Monomial, given: frozenset[str]) -> Monomial:
    """The body with a conditional expectation replaced by what is under it, if all else is known by its condition."""
    for symbol, exponent in body:
        if isinstance(symbol, Mean) and exponent == 1 and given <= symbol.given:
            others = body - {(symbol, exponent)}
            if all(not isinstance(s, Mean) and families(s) <= symbol.given for s, _ in others):
                return times(others, symbol.body)
    return body


def _covariance(a: Ratio, b: Ratio, given: frozenset[str] = frozenset()) -> Ratio:
    """Cov(a, b) = E(a b) - E(a) E(b)."""
    together, apart = _mean(_product(a, b), given), _product(_mean(a, given), _mean(b, given))
    return Ratio(together.numerator - apart.numerator, together.denominator)


def mentions(symbol: Hashable, index: str) -> bool:
    """Whether an index occurs in a symbol."""
    match symbol:
        case Random(indices=indices) | Element(indices=indices) | Known(indices=indices):
            return any(base(i) == index for i in indices)
        case SumOf(body=body) | Mean(body=body):
            return any(mentions(s, index) for s, _ in body)
        case Root(radicand=poly) | Inverse(of=poly) | Composite(argument=poly):
            return any(mentions(s, index) for s in poly.symbols())
        case Tower(of=poly) | ProductOf(of=poly) | RandomProduct(of=poly):
            return any(mentions(s, index) for s in poly.symbols())
        case Value(numerator=numerator, denominator=denominator):
            return any(mentions(s, index) for s in numerator.symbols() | denominator.symbols())
        case _:
            return False


def _averages(symbol: Hashable, index: str) -> bool:
    """Whether a sum, or a mean of several entries, in which an index occurs stands somewhere in a symbol."""
    match symbol:
        case SumOf() | RandomProduct():
            return mentions(symbol, index)
        case Mean(body=body, given=given):
            return mentions(symbol, index) and (bool(given) or not _one_entry_each(body))
        case Root(radicand=poly) | Inverse(of=poly) | Tower(of=poly) | ProductOf(of=poly):
            return any(_averages(s, index) for s in poly.symbols())
        case Value(numerator=numerator, denominator=denominator):
            return any(_averages(s, index) for s in numerator.symbols() | denominator.symbols())
        case _:
            return False


def _one_entry_each(body: Monomial) -> bool:
    """Whether only single entries stand in a mean, of each family one: at no value of an index do two coincide."""
    entries = {(s.family, s.indices) for s, _ in body if isinstance(s, Random)}
    return all(isinstance(s, Random) for s, _ in body) and len({f for f, _ in entries}) == len(entries)


def _at_bound(monomial: Monomial) -> bool:
    """Whether a monomial depends on the index of a product."""
    return any(mentions(s, BOUND) for s, _ in monomial)


def _height(symbol: Hashable) -> int:
    match symbol:
        case SumOf(height=height):
            return height
        case Mean(body=body):
            return max((_height(s) for s, _ in body), default=0)
        case Composite(argument=argument):
            return max((_height(s) for s in argument.symbols()), default=0)
        case _:
            return 0


def sum_of(high: str | int, index: str, body: Monomial) -> SumOf:
    """The sum with its bound index renamed by its height, so that equal sums are equal values."""
    height = 1 + max(_height(s) for s, _ in body)
    bound = f"%{height}"
    return SumOf(high, bound, renamed(body, {index: bound}), height)


def renamed(body: Monomial, names: Mapping[Label, Label]) -> Monomial:
    """The monomial with free indices replaced."""
    out: Monomial = UNIT
    for symbol, exponent in body:
        out = times(out, frozenset({(_renamed(symbol, names), exponent)}))
    return out


def renamed_poly(poly: Poly, names: Mapping[Label, Label]) -> Poly:
    """The polynomial with free indices replaced; terms that become alike are added."""
    return total(Poly.monomial(renamed(m, names), c) for m, c in poly.terms.items())


def _renamed(symbol: Hashable, names: Mapping[Label, Label]) -> Hashable:
    match symbol:
        case Random(family=family, indices=indices, function=function):
            return Random(family, tuple(moved(i, names) for i in indices), function)
        case Element(family=family, indices=indices):
            return Element(family, tuple(moved(i, names) for i in indices))
        case SumOf(high=high, bound=bound, body=body, height=height):
            inner = {k: v for k, v in names.items() if k != bound}
            return SumOf(high, bound, renamed(body, inner), height)
        case Mean(body=body, given=given):
            return Mean(renamed(body, names), given)
        case Composite(function=function, argument=argument):
            return Composite(function, renamed_poly(argument, names))
        case ProductOf(size=size, bound=bound, of=of):
            return ProductOf(size, bound, renamed_poly(of, names))
        case RandomProduct(size=size, of=of):
            return RandomProduct(size, renamed_poly(of, names))
        case Known(family=family, indices=indices, function=function):
            return Known(family, tuple(moved(i, names) for i in indices), function)
        case Root(radicand=radicand):
            return Root(renamed_poly(radicand, names))
        case Inverse(of=of):
            return Inverse(renamed_poly(of, names))
        case Tower(of=of, size=size):
            return Tower(renamed_poly(of, names), size)
        case Value(function=function, numerator=numerator, denominator=denominator):
            return Value(function, renamed_poly(numerator, names), renamed_poly(denominator, names))
        case _:
            return symbol
