"""Signs of polynomials in atoms: sums of nonnegative terms, conditions, Var >= 0, sizes >= their least values."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from math import prod

from derive.kernel.facts import Theory
from derive.kernel.functions import symbol_key
from derive.kernel.pointwise import bounds, constant_bounds
from derive.kernel.polynomial import Monomial, Poly, common_monomial, divide, raised, replace
from derive.kernel.roots import (
    POSITIVE,
    POSITIVE_ABOVE_ZERO,
    nonnegative_profile,
    plainly_positive,
    positive_symbol,
)
from derive.kernel.symbols import (
    Average,
    Exchangeable,
    Inverse,
    Joint,
    Known,
    Moment,
    ProductOf,
    Root,
    Size,
    Tower,
    Value,
)

ATOMS = (Moment, Joint, Exchangeable, Average)
MOST_CERTIFICATES = 8  # how many differences the search for a certificate with inequalities of the ledger goes over
MOST_STEPS = 2  # how many known polynomials or factors are taken off before what is left has to show its sign
MOST_TERMS = 16  # of a polynomial that is compared with what is known
MOST_GROWN = 300  # terms once sizes are written as their least value and a surplus


@dataclass(frozen=True, slots=True)
class _Surplus:
    """By how much a size exceeds its least value: nonnegative."""

    name: str


class Signs:
    """What is known of signs under a theory."""

    def __init__(self, theory: Theory) -> None:
        """Collect the polynomials known to be positive or nonnegative."""
        self.theory = theory
        self.bounds: dict[Hashable, list[tuple[Poly, str]]] = {}
        self.problem = theory.world.problem
        self.known_positive = [
            self._without_divisors(p) for p in theory.positive if p and not plainly_positive(self.problem, p)
        ]
        self.known_nonnegative = [*theory.nonnegative, *self._variances()]
        self.seen: dict[tuple[Poly, bool], bool] = {}
        self.tried: dict[tuple[Poly, bool, int], bool] = {}

    def _without_divisors(self, poly: Poly) -> Poly:
        """The polynomial times positive symbols that occur in it with negative exponents."""
        below = {s: e for s, e in common_monomial(poly) if e < 0 and positive_symbol(self.problem, s)}
        return poly.scaled(frozenset((s, -e) for s, e in below.items()))

    def _variances(self) -> Iterator[Poly]:
        for name, family in self.problem.families.items():
            first = self.theory.normalizer.normal(Poly.symbol(Moment(name, (("", 1),))))
            second = self.theory.normalizer.normal(Poly.symbol(Moment(name, (("", 2),))))
            if family and (variance := second - first * first):
                yield variance

    def positive(self, poly: Poly) -> bool:
        """Whether the polynomial is positive in every model, as far as this is seen."""
        return self._signed(poly, strict=True)

    def nonnegative(self, poly: Poly) -> bool:
        """Whether the polynomial is nonnegative in every model, as far as this is seen."""
        return not poly or self._signed(poly, strict=False)

    def above(self, poly: Poly, certificates: Iterable[Poly], *, strict: bool) -> bool:
        """Whether the polynomial is a multiple of one of the certificates, which are nonnegative, plus a rest."""
        if len(poly.terms) > MOST_TERMS:
            return False
        return any(
            (not rest and not strict) or (bool(rest) and self._by_known(rest, strict=strict, depth=1))
            for certificate in certificates
            if len(certificate.terms) <= MOST_TERMS
            for rest, _ in self._remainders(poly, [(certificate, False)])
        )

    def nonzero(self, poly: Poly) -> bool:
        """Whether the polynomial cannot vanish: it is positive or negative, or a product of such."""
        if not poly:
            return False
        common = common_monomial(poly)
        rest = poly.scaled(raised(common, -1))
        if not all(self._nonzero_symbol(s) for s, _ in common):
            return self.positive(poly) or self.positive(-poly)
        if self.positive(rest) or self.positive(-rest):
            return True
        for p in self.known_positive:
            quotient = divide(rest, p) if p.as_number() is None else None
            if quotient is not None and quotient != rest and self.nonzero(quotient):
                return True
        return False

    def _nonzero_symbol(self, symbol: Hashable) -> bool:
        if self._positive_symbol(symbol):
            return True
        constant = self.problem.constants.get(getattr(symbol, "name", ""))
        return (constant is not None and constant.kind == "nonzero") or self.positive(Poly.symbol(symbol))

    def _signed(self, poly: Poly, *, strict: bool) -> bool:
        """As far as the bounds on the work allow; what was seen before is not looked for again."""
        key = (poly, strict)
        if key not in self.seen:
            self.seen[key] = False  # abs(c) > 0 asks for the sign of abs(c) again: nobody vouches for himself
            self.seen[key] = self._by_known(poly, strict=strict) or self._by_facts(poly, strict=strict)
        return self.seen[key]

    def _by_known(self, poly: Poly, *, strict: bool, depth: int = MOST_STEPS) -> bool:
        """What was seen to this depth before is not looked for again: different multiples leave the same rest."""
        key = (poly, strict, depth)
        if key not in self.tried:
            self.tried[key] = self._by_multiples(poly, strict=strict, depth=depth)
        return self.tried[key]

    def _by_multiples(self, poly: Poly, *, strict: bool, depth: int) -> bool:
        """Seen term by term, or after taking out a factor, or as a multiple of something known plus the rest."""
        if self._plain(poly, strict=strict):
            return True
        for shifted in self._shifted(poly):
            if self._plain(shifted, strict=strict):
                return True
        if depth == 0 or len(poly.terms) > MOST_TERMS:
            return False
        common = frozenset((s, e) for s, e in common_monomial(poly) if self._multiplier(s, e, strict=strict))
        if common and self._by_known(poly.scaled(raised(common, -1)), strict=strict, depth=depth - 1):
            return True
        everything = [(p, True) for p in self.known_positive] + [(p, False) for p in self.known_nonnegative]
        for rest, positive in self._remainders(poly, everything):
            if not rest:
                if positive or not strict:
                    return True
            elif len(rest.terms) <= len(poly.terms) and self._by_known(
                rest, strict=strict and not positive, depth=depth - 1
            ):
                return True
        return False

    def _remainders(
        self, poly: Poly, everything: list[tuple[Poly, bool]], cancelled: Poly | None = None
    ) -> Iterator[tuple[Poly, bool]]:
        """poly less a nonnegative multiple of something known, and whether that multiple is positive.

        cancelled: the part of poly of which that has to cancel a term.
        """
        for known, is_strict in everything:
            for ratio in dict.fromkeys(_ratios(cancelled or poly, known)):
                if any(e < 0 and not self._positive_symbol(s) for s, e in ratio[0]):
                    continue  # a multiplier has to be defined in every model
                if self._plain(Poly.monomial(*ratio), strict=False):
                    positive = is_strict and self._plain(Poly.monomial(*ratio), strict=True)
                    yield poly - known.scaled(*ratio), positive

    def _by_facts(self, poly: Poly, *, strict: bool) -> bool:
        """The same with inequalities of the ledger, several of them one after the other, breadth first."""
        waiting: list[tuple[Poly, frozenset[str]]] = [(poly, frozenset())]
        seen = {poly}
        for here, names in islice(_growing(waiting), MOST_CERTIFICATES):
            for rest, name in self._less_a_bound(here):
                if rest in seen or len(rest.terms) > len(poly.terms) + 2:
                    continue
                if (not rest and not strict) or (rest and self._by_known(rest, strict=strict, depth=1)):
                    self.theory.normalizer.facts.update(names, [name])
                    return True
                seen.add(rest)
                waiting.append((rest, names | {name}))
        return False

    def _multiplier(self, symbol: Hashable, exponent: int, *, strict: bool) -> bool:
        """Whether a power may be taken out: it is positive, or nonnegative where that is enough, and defined."""
        if strict or exponent < 0:
            return self._positive_symbol(symbol)
        return self._nonnegative_symbol(symbol) or exponent % 2 == 0

    def _less_a_bound(self, poly: Poly) -> Iterator[tuple[Poly, str]]:
        """poly less a multiple of something that a fact makes nonnegative and that cancels a negative term."""
        negative = Poly({m: c for m, c in poly.terms.items() if c < 0})
        for atom in sorted((s for s in poly.symbols() if isinstance(s, ATOMS)), key=repr):
            if atom not in self.bounds:
                self.bounds[atom] = list(dict.fromkeys(bounds(self.theory.normalizer, atom)))
            for known, name in self.bounds[atom]:
                for rest, _ in self._remainders(poly, [(known, False)], negative):
                    yield rest, name
        constants = {(s, e) for m in poly.terms for s, e in m if isinstance(s, Value) and e > 0}
        for symbol, exponent in sorted(constants, key=lambda p: (symbol_key(p[0]), p[1])):
            for known, name in constant_bounds(symbol, exponent):
                for rest, _ in self._remainders(poly, [(known, False)], negative):
                    yield rest, name

    def _plain(self, poly: Poly, *, strict: bool) -> bool:
        """Every term is nonnegative, and where ``strict`` some term is positive."""
        found = not strict
        for monomial, c in poly.terms.items():
            if c < 0 or not all(e % 2 == 0 or self._nonnegative_symbol(s) for s, e in monomial):
                return False
            found = found or all(self._positive_symbol(s) or self._declared_nonzero(s, e) for s, e in monomial)
        return found

    def _declared_nonzero(self, symbol: Hashable, exponent: int) -> bool:
        constant = self.problem.constants.get(getattr(symbol, "name", ""))
        return exponent % 2 == 0 and constant is not None and constant.kind == "nonzero"

    def _positive_symbol(self, symbol: Hashable) -> bool:
        if isinstance(symbol, Inverse):
            return True
        if isinstance(symbol, Value):
            return symbol.function in POSITIVE or (
                symbol.function in POSITIVE_ABOVE_ZERO and self.positive(symbol.numerator * symbol.denominator)
            )
        if isinstance(symbol, Root) and not positive_symbol(self.problem, symbol):
            return self.positive(symbol.radicand)
        if isinstance(symbol, Tower | ProductOf) and not positive_symbol(self.problem, symbol):
            return self.positive(symbol.of)
        if isinstance(symbol, Moment | Known) and Poly.symbol(symbol) in self.known_positive:
            return True
        return positive_symbol(self.problem, symbol)

    def _nonnegative_symbol(self, symbol: Hashable) -> bool:
        if nonnegative_moment(symbol):
            return True
        if isinstance(symbol, Tower | ProductOf):
            return self.nonnegative(symbol.of)
        if isinstance(symbol, Known) and Poly.symbol(symbol) in self.known_nonnegative:
            return True
        return isinstance(symbol, Root | _Surplus) or self._positive_symbol(symbol)

    def _shifted(self, poly: Poly) -> Iterator[Poly]:
        """The polynomial with n = k + least(n) for each size: k >= 0, so nonnegative coefficients suffice."""
        sizes = {s for s in poly.symbols() if isinstance(s, Size)}
        if not sizes or len(poly.terms) > MOST_GROWN or any(e < 0 for m in poly.terms for s, e in m if s in sizes):
            return
        best: dict[Monomial, Fraction] = {}  # the largest coefficient beside each product of other symbols
        for m, c in poly.terms.items():
            rest = frozenset((s, e) for s, e in m if s not in sizes)
            best[rest] = max(c, best.get(rest, c))
        grown = sum(prod(e + 1 for s, e in m if s in sizes) for m in poly.terms)
        if grown > MOST_GROWN or any(c < 0 for c in best.values()):
            return
        least = self.problem.sizes

        def moved(symbol: Hashable, exponent: int) -> Poly | None:
            if not isinstance(symbol, Size):
                return None
            return (Poly.symbol(_Surplus(symbol.name)) + Poly.number(least[symbol.name])) ** exponent

        yield replace(poly, moved)


def nonnegative_moment(atom: Hashable) -> bool:
    """Whether an atom is the expectation of something nonnegative, whatever the law."""
    match atom:
        case Moment(profile=powers):
            return nonnegative_profile(powers)
        case Exchangeable(entries=entries):
            return all(nonnegative_profile(p) for _, p in entries)
        case Joint(entries=entries):
            return all(nonnegative_profile(p) for _, _, p in entries)
        case Average(factors=factors):
            return all(nonnegative_moment(f) for f in factors)
        case _:
            return False


def _growing(waiting: list[tuple[Poly, frozenset[str]]]) -> Iterator[tuple[Poly, frozenset[str]]]:
    """The items of a list that may grow meanwhile."""
    position = 0
    while position < len(waiting):
        yield waiting[position]
        position += 1


def _ratios(poly: Poly, known: Poly) -> Iterator[tuple[Monomial, Fraction]]:
    """Multipliers t with which some term of t * known cancels a term of poly."""
    for monomial, c in poly.terms.items():
        for inner, d in known.terms.items():
            if (c > 0) == (d > 0):
                yield frozenset(_quotient(monomial, inner)), c / d


def _quotient(a: Monomial, b: Monomial) -> list[tuple[Hashable, int]]:
    exponents = dict(a)
    for symbol, exponent in b:
        exponents[symbol] = exponents.get(symbol, 0) - exponent
    return [(s, e) for s, e in exponents.items() if e]
