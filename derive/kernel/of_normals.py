"""Means of functions of normal entries, read from the normal form: catalog functions, kinks, what ``bell`` integrates.

A function that the catalog writes in others is written out. For one variable the line is cut where something under a
sign vanishes, so that between two cuts the integrand has no kinks; signs of linear forms in several variables go to
``bell`` as they are. |y| is y sign(y), and sign(y)^2 = 1 because a normal variable is 0 with probability 0.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from derive.kernel.bell import Affine, Bell, Law, NoClosedForm, Product, Wave, Work
from derive.kernel.composite import composite
from derive.kernel.expand import Expansion
from derive.kernel.functions import cleared, clearing
from derive.kernel.functions import value as function_value
from derive.kernel.laws import inverted
from derive.kernel.polynomial import ONE, UNIT, ZERO, Monomial, Poly, total
from derive.kernel.polynomial import replace as replaced
from derive.kernel.ratios import Ratio
from derive.kernel.roots import plainly_positive, square_out
from derive.kernel.symbols import Composite, Element, Label, Mean, Random, RandomProduct, SumOf
from derive.language.catalog import PRIMITIVES, VARIABLE, definition, unfold
from derive.language.problem import Problem
from derive.language.terms import Name

Place = tuple[str, tuple[Label, ...]]  # a family and the indices of one of its entries
Piece = tuple[Fraction | None, Fraction | None, Poly]  # what holds between two ends, None for infinity
KNOWN = frozenset({"", "sign", "abs", "exp", "erf", "sin", "cos", "gaussian"})
MOST_VARIABLES = 3
MOST_PIECES = 30
MOST_TERMS = 200
MOST_OPENED = 800  # terms with all functions written out, before signs are known
MOST_CLEARED = 5_000  # products of terms to clear a closed form of its divisors
MOST_POWER = 64


def normal_mean(
    problem: Problem, laws: Mapping[Place, tuple[Poly, Poly]], body: Poly, used: set[str], work: Work
) -> Poly | None:
    """E of a polynomial in functions of independent normal entries, None where there is no closed form.

    laws: mean and variance of each entry. Names of the facts that were used are added to ``used``.
    work: what earlier means of the same judgement took, added to; beyond a bound there is no closed form.
    """
    if len(laws) > MOST_VARIABLES:
        return None
    reading, facts, size = Reading(problem, tuple(laws)), set[str](), range(len(laws))
    variances = [variance for _, variance in laws.values()]
    rows = tuple(tuple(variances[i] if i == j else ZERO for j in size) for i in size)
    law, bell = Law(tuple(mean for mean, _ in laws.values()), rows), Bell(problem, facts, work=work)
    try:
        parts = [
            constant * bell.between(product, law, low, high)
            for low, high, smooth in reading.pieces(reading.opened(body))
            for constant, product in reading.products(smooth, bell, law)
        ]
    except NoClosedForm:
        return None
    found = square_out(total(parts))
    if clearing(found) > MOST_CLEARED:
        return None
    used |= facts
    return found


def places(poly: Poly) -> set[Place] | None:
    """The entries that a polynomial in functions of entries is made of; None where it has sums or the like in it."""
    found = set[Place]()
    for symbol in poly.symbols():
        match symbol:
            case Random(family=family, indices=indices):
                found.add((family, indices))
            case Composite(argument=argument):
                inside = places(argument)
                if inside is None:
                    return None
                found |= inside
            case SumOf() | Mean() | Element() | RandomProduct():
                return None
            case _:
                pass
    return found


@dataclass(frozen=True, slots=True)
class Reading:
    """Functions of some entries, taken apart."""

    problem: Problem
    places: tuple[Place, ...]

    # --- the catalog -----------------------------------------------------------------------------

    def opened(self, poly: Poly) -> Poly:
        """The polynomial with catalog functions written out. Raises ``NoClosedForm`` for what cannot be integrated."""

        def value(symbol: Hashable, exponent: int) -> Poly | None:
            if not isinstance(symbol, Random | Composite) or (isinstance(symbol, Random) and symbol.function in KNOWN):
                return None
            argument = self.opened(symbol.argument) if isinstance(symbol, Composite) else _entry(symbol)
            if symbol.function not in KNOWN:
                return self._written_out(symbol.function, argument) ** exponent
            if symbol.function == "abs":
                odd = self._of("sign", argument) if exponent % 2 else ONE
                return argument**exponent * odd
            return self._of(symbol.function, argument) ** exponent

        return replaced(poly, value)

    def _written_out(self, function: str, argument: Poly) -> Poly:
        found = definition(function)
        if found is None or function in PRIMITIVES:
            raise NoClosedForm(f"{function} has no closed form")
        body = unfold(found.at(Name(VARIABLE)))
        r = Expansion(self.problem, names={VARIABLE: Ratio(argument)}).expand(body)
        top, bottom = cleared(r.denominator)
        if not plainly_positive(self.problem, top):
            raise NoClosedForm(f"a divisor in {function}")
        return self.opened(r.numerator * bottom * inverted(top))

    def _of(self, function: str, argument: Poly) -> Poly:
        """f(argument) in normal form; of a constant no closed form is sought."""
        if not _random(argument):
            raise NoClosedForm(f"{function} of a constant")
        return composite(self.problem, function, argument)

    # --- kinks -----------------------------------------------------------------------------------

    def pieces(self, poly: Poly) -> list[Piece]:
        """The line cut at the kinks, for one variable; in more variables nothing is cut."""
        if len(poly.terms) > MOST_OPENED:
            raise NoClosedForm("too many terms, written out")
        if len(self.places) > 1:
            return [(None, None, poly)]
        waiting: list[Piece] = [(None, None, poly)]
        done: list[Piece] = []
        while waiting:
            low, high, here = waiting.pop()
            kink = next(_kinks(here), None)
            if kink is None:
                done.append((low, high, here))
            else:
                waiting += [(a, b, self._with(here, kink, sign)) for a, b, sign in self._signs(kink, low, high)]
            if len(waiting) + len(done) > MOST_PIECES:
                raise NoClosedForm("too many kinks")
        return done

    def _signs(
        self, kink: Random | Composite, low: Fraction | None, high: Fraction | None
    ) -> Iterator[tuple[Fraction | None, Fraction | None, int]]:
        """The parts of an interval on which what is under the sign keeps it, with its sign there."""
        y = self.affine(kink.argument if isinstance(kink, Composite) else _entry(kink))
        slope, at_zero = y.slopes[0].as_number(), y.at_zero.as_number()
        if slope is None or at_zero is None:
            raise NoClosedForm("where a kink lies depends on constants")
        root = -at_zero / slope if slope else None
        if root is None or (low is not None and root <= low) or (high is not None and root >= high):
            value = slope * _inside(low, high) + at_zero
            yield low, high, (value > 0) - (value < 0)
        else:
            up = 1 if slope > 0 else -1
            yield low, root, -up
            yield root, high, up

    def _with(self, poly: Poly, kink: Random | Composite, sign: int) -> Poly:
        """The polynomial with a sign known, also where it stands inside other functions."""

        def value(symbol: Hashable, exponent: int) -> Poly | None:
            if symbol == kink:
                return Poly.number(sign**exponent)
            if not isinstance(symbol, Composite):
                return None
            argument = self._with(symbol.argument, kink, sign)
            if argument == symbol.argument:
                return None
            if not _random(argument):
                return self._constant(symbol.function, argument) ** exponent
            return composite(self.problem, symbol.function, argument) ** exponent

        return replaced(poly, value)

    def _constant(self, function: str, argument: Poly) -> Poly:
        """f of a constant that came out of knowing a sign."""
        if function != "sign":
            return function_value(function, *cleared(argument))
        number = argument.as_number()
        if number is None:
            raise NoClosedForm("the sign of a constant")
        return Poly.number((number > 0) - (number < 0))

    # --- products --------------------------------------------------------------------------------

    def products(self, poly: Poly, bell: Bell, law: Law) -> Iterator[tuple[Poly, Product]]:
        """The terms, each as a constant and a product that ``bell`` may integrate."""
        if len(poly.terms) > MOST_TERMS:
            raise NoClosedForm("too many terms")
        for monomial, c in poly.terms.items():
            constant, factors = _apart(monomial)
            for before, product in self._product(factors, bell, law):
                yield before.scaled(constant, c), product

    def _product(self, factors: Monomial, bell: Bell, law: Law) -> Iterator[tuple[Poly, Product]]:
        powers, exponent = [0] * len(self.places), ZERO
        of: dict[str, list[Affine]] = {f: [] for f in KNOWN}
        for symbol, e in factors:
            if not isinstance(symbol, Random | Composite) or e > MOST_POWER:
                raise NoClosedForm("not a product of functions of entries")
            argument = symbol.argument if isinstance(symbol, Composite) else _entry(symbol)
            if symbol.function == "" and isinstance(symbol, Random):
                powers[self.places.index((symbol.family, symbol.indices))] += e
            elif symbol.function == "exp":
                exponent = exponent + argument.scaled(UNIT, e)
            elif symbol.function == "sign":
                bell.spread_out(law.of(self.affine(argument))[1])  # so that sign^2 = 1
                of["sign"] += [self.affine(argument)] * (e % 2)
            else:
                of[symbol.function] += [self.affine(argument)] * e
        squares = Poly({m: c for m, c in exponent.terms.items() if sum(e for _, e in _apart(m)[1]) == 2})
        tilt = self.affine(exponent - squares)
        squeezes = (*of["gaussian"], *self._squeeze(squares, bell))
        waves = [(f, y) for f in ("cos", "sin") for y in of[f]]
        for c, wave in _summed(waves, bell.used):
            yield (
                bell.exp(tilt.at_zero).scaled(UNIT, c),
                Product(tuple(powers), tilt.slopes, squeezes, tuple(of["erf"]), tuple(of["sign"]), wave),
            )

    def _squeeze(self, squares: Poly, bell: Bell) -> tuple[Affine, ...]:
        """-A x^2 as -(sqrt(A) x)^2, for one variable."""
        if not squares:
            return ()
        if len(self.places) != 1:
            raise NoClosedForm("a square in an exponent")
        (symbol,) = {s for s in squares.symbols() if isinstance(s, Random)}
        a = -squares.coefficient(symbol, 2)
        if _random(a) or not plainly_positive(self.problem, cleared(a)[0]):
            raise NoClosedForm("a square in an exponent")
        return (Affine((bell.root(a),)),)

    def affine(self, poly: Poly) -> Affine:
        """The polynomial as L x + d. Raises ``NoClosedForm`` where it is none."""
        slopes, at_zero = [ZERO for _ in self.places], ZERO
        for monomial, c in poly.terms.items():
            constant, factors = _apart(monomial)
            if not factors:
                at_zero = at_zero + Poly.monomial(constant, c)
                continue
            ((symbol, e), *more) = factors
            if more or e != 1 or not isinstance(symbol, Random) or symbol.function:
                raise NoClosedForm("not a linear form")
            k = self.places.index((symbol.family, symbol.indices))
            slopes[k] = slopes[k] + Poly.monomial(constant, c)
        return Affine(tuple(slopes), at_zero)


def _entry(symbol: Random) -> Poly:
    return Poly.symbol(Random(symbol.family, symbol.indices, ""))


def _random(poly: Poly) -> bool:
    return any(isinstance(s, Random | Composite) for s in poly.symbols())


def _apart(monomial: Monomial) -> tuple[Monomial, Monomial]:
    """The constants and the functions of entries in a product."""
    random = frozenset((s, e) for s, e in monomial if isinstance(s, Random | Composite))
    return monomial - random, random


def _kinks(poly: Poly) -> Iterator[Random | Composite]:
    """The signs in a polynomial, those inside another function's argument first."""
    for symbol in poly.symbols():
        if isinstance(symbol, Composite):
            yield from _kinks(symbol.argument)
        if isinstance(symbol, Random | Composite) and symbol.function == "sign":
            yield symbol


def _inside(low: Fraction | None, high: Fraction | None) -> Fraction:
    """A point between two ends."""
    if low is not None and high is not None:
        return (low + high) / 2
    return low + 1 if low is not None else high - 1 if high is not None else Fraction(0)


def _summed(waves: list[Wave], used: set[str]) -> list[tuple[Fraction, Wave | None]]:
    """A product of sines and cosines as a sum of single ones, equal ones together."""
    out: dict[Wave | None, Fraction] = {None: Fraction(1)}
    for name, y in waves:
        longer: dict[Wave | None, Fraction] = {}
        for wave, c in out.items():
            for factor, following in [(Fraction(1), (name, y))] if wave is None else _both(wave, (name, y)):
                longer[following] = longer.get(following, Fraction(0)) + c * factor
            if wave is not None:
                used.add("product-of-waves")
        if len(longer) > MOST_TERMS:
            raise NoClosedForm("too many waves")
        out = longer
    return [(c, wave) for wave, c in out.items() if c]


def _both(first: Wave, second: Wave) -> list[tuple[Fraction, Wave]]:
    """The product of two waves as a sum of two."""
    (other, x), (name, y) = first, second
    difference, both, half = x.plus(y, -1), x.plus(y, 1), Fraction(1, 2)
    match other, name:  # the cosines come first
        case "cos", "cos":
            return [(half, ("cos", difference)), (half, ("cos", both))]
        case "sin", "sin":
            return [(half, ("cos", difference)), (-half, ("cos", both))]
        case "cos", _:
            return [(half, ("sin", both)), (-half, ("sin", difference))]
        case _:
            return [(half, ("sin", both)), (half, ("sin", difference))]
