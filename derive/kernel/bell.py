"""Means under normal laws from a few facts of the ledger: tilting, squeezing, Stein's identity, a few integrals.

A ``Product`` is x^n exp(l x) times some exp(-y^2), erf(y), sign(y) and one cos(y) or sin(y), each of an affine function
y = L x + d of x = (x_1, x_2, ...), which is jointly normal, N(m, S). ``mean`` takes it apart:

- tilting: exp(l x) moves the law to N(m + S l, S), times exp(l m + l S l/2);
- squeezing: exp(-y^2), where y has mean a and variance s, makes it N(m - 2 a S L/(1+2s), S - 2 (S L)(S L)'/(1+2s)),
  times exp(-a^2/(1+2s))/sqrt(1+2s);
- Stein: E x_i g = m_i E g + sum over j of S_ij E d_j g. The derivative d_j sign(y) is 2 L_j times the density of y at 0
  and the law given y = 0, which is N(m, S - (S L)(S L)'/s) for a centred y.

``between`` does the same on an interval of one variable, with the values at its ends. Where these give no closed form,
``NoClosedForm`` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from derive.kernel import ledger
from derive.kernel.expand import Expansion
from derive.kernel.functions import PI, cleared, clearing
from derive.kernel.functions import value as function_value
from derive.kernel.laws import inverted
from derive.kernel.polynomial import ONE, UNIT, ZERO, Poly, divide, total
from derive.kernel.ratios import Ratio
from derive.kernel.roots import plainly_positive, root, square_out
from derive.kernel.symbols import Unsupported
from derive.language.problem import Problem

Vector = tuple[Poly, ...]
MINUS = Fraction(-1)
MOST_MEANS = 400
MOST_WORK = 8_000  # terms of all that leads to the means of one judgement
MOST_CLEARED = 2_000  # products of terms to clear one covariance of its divisors
TWO = Fraction(2)
HALF = Fraction(1, 2)


class NoClosedForm(Unsupported):
    """These facts give none."""


@dataclass(frozen=True, slots=True)
class Affine:
    """L x + d."""

    slopes: Vector
    at_zero: Poly = ZERO

    def plus(self, other: Affine, sign: int) -> Affine:
        """The sum, or with ``sign`` -1 the difference."""
        slopes = tuple(a + b.scaled(UNIT, sign) for a, b in zip(self.slopes, other.slopes, strict=True))
        return Affine(slopes, self.at_zero + other.at_zero.scaled(UNIT, sign))


Wave = tuple[str, Affine]  # "cos" or "sin", and of what


@dataclass(frozen=True, slots=True)
class Product:
    """x^powers exp(tilt x) times exp(-y^2), erf(y), sign(y) for each y listed, and cos(y) or sin(y) for the wave."""

    powers: tuple[int, ...]
    tilt: Vector
    squeezes: tuple[Affine, ...] = ()
    erfs: tuple[Affine, ...] = ()
    signs: tuple[Affine, ...] = ()
    wave: Wave | None = None


@dataclass
class Work:
    """How many terms the polynomials had that led to all means so far; and facts at values, for the next mean."""

    terms: int = 0
    facts: dict[tuple[str, tuple[tuple[str, Poly], ...]], Poly] = field(
        default_factory=dict[tuple[str, tuple[tuple[str, Poly], ...]], Poly]
    )


@dataclass
class Bell:
    """Means for the constants of one problem; ``used`` collects the names of the facts."""

    problem: Problem
    used: set[str]
    known: dict[tuple[Product, Law], Poly] = field(default_factory=dict[tuple["Product", "Law"], Poly])
    work: Work = field(default_factory=Work)

    def spend(self, terms: int) -> None:
        """Raise ``NoClosedForm`` where all polynomials on the way have too many terms together."""
        self.work.terms += terms
        if self.work.terms > MOST_WORK:
            raise NoClosedForm("too much work leads to this mean")

    # --- arithmetic of constants -----------------------------------------------------------------

    def fact(self, name: str, **values: Poly) -> Poly:
        """The right side of a fact of the ledger at given values."""
        self.used.add(name)
        key = name, tuple(values.items())
        if key not in self.work.facts:
            names = {n: Ratio(*self.cleared(p)) for n, p in values.items()}
            found = ledger.fact(name)
            r = Expansion(self.problem, names=names).expand(found.term(found.right))
            self.work.facts[key] = square_out(r.numerator * self.over(r.denominator))
        return self.work.facts[key]

    def cleared(self, poly: Poly) -> tuple[Poly, Poly]:
        """The quotient of two polynomials that it is."""
        self.spend(clearing(poly))
        return cleared(poly)

    def over(self, positive: Poly) -> Poly:
        """1/p for a positive p."""
        top, bottom = self.cleared(positive)
        return bottom * inverted(square_out(top))

    def root(self, nonnegative: Poly) -> Poly:
        """sqrt(p)."""
        top, bottom = self.cleared(nonnegative)
        return square_out(root(self.problem, square_out(top * bottom)) * inverted(bottom))

    def exp(self, poly: Poly) -> Poly:
        """e to the power p."""
        return function_value("exp", *self.cleared(poly)) if poly else ONE

    def spread_out(self, variance: Poly) -> None:
        """Raise ``NoClosedForm`` unless the variance is seen to be positive: then the value 0 has probability 0."""
        top, _ = self.cleared(variance)
        if not plainly_positive(self.problem, top):
            raise NoClosedForm("whether the law is one point is not seen")

    # --- the law ---------------------------------------------------------------------------------

    def mean(self, of: Product, law: Law) -> Poly:
        """E of the product. Raises ``NoClosedForm``."""
        key = of, law
        if key not in self.known:
            if len(self.known) > MOST_MEANS:
                raise NoClosedForm("too many means lead to this one")
            self.known[key] = self._mean(of, law)
            self.spend(len(self.known[key].terms))
        return self.known[key]

    def _mean(self, of: Product, law: Law) -> Poly:
        factor, law, of = self._without_exponentials(of, law)
        first = next((i for i, n in enumerate(of.powers) if n), None)
        if first is None:
            return square_out(factor * self._integral(of, law))
        self.used.add("stein")
        less = replace(of, powers=_lower(of.powers, first))
        parts = [law.means[first] * self.mean(less, law)]
        for j, covariance in enumerate(law.covariances[first]):
            if covariance:
                parts.append(covariance * self._slope(less, j, law))
        return square_out(factor * total(parts))

    def _without_exponentials(self, of: Product, law: Law) -> tuple[Poly, Law, Product]:
        factor = ONE
        for y in of.squeezes:
            self.used.add("squeezing")
            mean, spread = law.of(y)
            over = self.over(ONE + spread.scaled(UNIT, TWO))
            factor = factor * self.root(over) * self.exp(-(mean * mean * over))
            law = law.less(y, mean, over.scaled(UNIT, TWO))
        if any(of.tilt):
            self.used.add("tilting")
            shift = law.image(of.tilt)
            factor = factor * self.exp(_dot(of.tilt, law.means) + _dot(of.tilt, shift).scaled(UNIT, HALF))
            law = Law(tuple(m + s for m, s in zip(law.means, shift, strict=True)), law.covariances)
        return factor, law, replace(of, tilt=tuple(ZERO for _ in of.tilt), squeezes=())

    def _slope(self, of: Product, j: int, law: Law) -> Poly:
        """E of the derivative by x_j."""
        parts: list[Poly] = []
        if n := of.powers[j]:
            parts.append(self.mean(replace(of, powers=_lower(of.powers, j)), law).scaled(UNIT, n))
        for k, y in enumerate(of.erfs):
            if y.slopes[j]:
                rest = replace(of, erfs=_without(of.erfs, k), squeezes=(y,))
                slope = (y.slopes[j] * self.over(self.root(PI))).scaled(UNIT, TWO)
                parts.append(slope * self.mean(rest, law))
        for k, y in enumerate(of.signs):
            if y.slopes[j]:
                parts.append(
                    y.slopes[j].scaled(UNIT, TWO) * self._at_zero(y, replace(of, signs=_without(of.signs, k)), law)
                )
        if of.wave is not None and (of.wave[1].slopes[j]):
            name, y = of.wave
            turned, sign = ("sin", MINUS) if name == "cos" else ("cos", Fraction(1))
            parts.append(y.slopes[j].scaled(UNIT, sign) * self.mean(replace(of, wave=(turned, y)), law))
        return total(parts)

    def _at_zero(self, y: Affine, of: Product, law: Law) -> Poly:
        """The density of a centred y at 0, times the mean given y = 0."""
        self.used.add("density-at-zero")
        mean, spread = law.of(y)
        if mean:
            raise NoClosedForm("a kink away from the mean")
        self.spread_out(spread)
        return self._density(ZERO, spread) * self.mean(of, law.less(y, mean, self.over(spread)))

    def _integral(self, of: Product, law: Law) -> Poly:
        """E of the product without powers and exponentials."""
        erfs, signs = ([(*law.of(y), y) for y in ys] for ys in (of.erfs, of.signs))
        if of.wave is not None:
            if erfs or signs:
                raise NoClosedForm("a wave beside erf or sign")
            name, y = of.wave
            mean, spread = law.of(y)
            return self.fact(f"{name}-of-normal", m=mean, q=spread)
        centred = not any(m for m, _, _ in (*erfs, *signs))
        if not erfs and not signs:
            return ONE
        for _, spread, _ in signs:
            self.spread_out(spread)
        if centred and (len(erfs) + len(signs)) % 2:
            self.used.add("erf-of-normal" if erfs else "sign-of-normal")
            return ZERO
        if len(erfs) + len(signs) == 1:
            ((mean, spread, _),) = erfs or signs
            return self.fact("erf-of-normal" if erfs else "sign-of-normal", m=mean, q=spread)
        if centred and len(erfs) + len(signs) == 2 and not (erfs and signs):
            (_, q11, u), (_, q22, v) = erfs or signs
            if u == v:
                return self.fact("erf-second-moment", q=q11) if erfs else ONE
            return self.fact("erf-pair" if erfs else "sign-pair", q11=q11, q12=law.covariance(u, v), q22=q22)
        raise NoClosedForm("products of erf and sign like these")

    def _density(self, away: Poly, q: Poly) -> Poly:
        """exp(-away^2/(2 q))/sqrt(2 pi q)."""
        height = self.over(self.root((PI * q).scaled(UNIT, TWO)))
        return height * self.exp(-(away * away * self.over(q)).scaled(UNIT, HALF))

    # --- one variable between two ends ------------------------------------------------------------

    def between(self, of: Product, law: Law, low: Fraction | None, high: Fraction | None) -> Poly:
        """E of the product where low < x < high, for one variable. Raises ``NoClosedForm``."""
        if low is None and high is None:
            return self.mean(of, law)
        if of.erfs or of.signs or of.wave is not None:
            raise NoClosedForm("erf or a wave between two ends")
        factor, law, of = self._without_exponentials(of, law)
        (m,), ((q,),) = law.means, law.covariances
        ends = [(Poly.number(x), sign) for x, sign in ((low, 1), (high, -1)) if x is not None]
        beyond = [self.fact("half-line", c=x, m=m, q=q).scaled(UNIT, sign) for x, sign in ends]
        moments = [total(beyond) + (ONE if low is None else ZERO)]
        if of.powers[0]:
            self.used.add("stein-beyond")
        densities = [(x, self._density(x - m, q).scaled(UNIT, sign)) for x, sign in ends if of.powers[0]]
        for n in range(1, of.powers[0] + 1):
            edge = total(x ** (n - 1) * density for x, density in densities)
            earlier = (q * moments[n - 2]).scaled(UNIT, n - 1) if n > 1 else ZERO
            moments.append(square_out(m * moments[n - 1] + earlier + q * edge))
            self.spend(len(moments[n].terms))
        return square_out(factor * moments[of.powers[0]])


@dataclass(frozen=True, slots=True)
class Law:
    """N(means, covariances)."""

    means: Vector
    covariances: tuple[Vector, ...]

    def image(self, slopes: Vector) -> Vector:
        """S L."""
        return tuple(_dot(row, slopes) for row in self.covariances)

    def of(self, y: Affine) -> tuple[Poly, Poly]:
        """Mean and variance of an affine function."""
        return _dot(y.slopes, self.means) + y.at_zero, _dot(y.slopes, self.image(y.slopes))

    def covariance(self, u: Affine, v: Affine) -> Poly:
        """Of two affine functions."""
        return _dot(u.slopes, self.image(v.slopes))

    def less(self, y: Affine, mean: Poly, weight: Poly) -> Law:
        """N(m - weight mean S L, S - weight S L L' S)."""
        image = self.image(y.slopes)
        means = tuple(_plain(m - weight * mean * a) for m, a in zip(self.means, image, strict=True))
        rows = zip(self.covariances, image, strict=True)
        return Law(
            means, tuple(tuple(_plain(s - weight * a * b) for s, b in zip(row, image, strict=True)) for row, a in rows)
        )


def _plain(poly: Poly) -> Poly:
    """The polynomial without divisors, where they divide it. Raises ``NoClosedForm`` where that is too much work."""
    if clearing(poly) > MOST_CLEARED:
        raise NoClosedForm("too many divisors lead to this mean")
    top, bottom = cleared(square_out(poly))
    quotient = divide(square_out(top), bottom) if len(bottom.terms) > 1 else None
    return square_out(poly) if quotient is None else quotient


def _dot(a: Sequence[Poly], b: Sequence[Poly]) -> Poly:
    return square_out(total(x * y for x, y in zip(a, b, strict=True)))


def _lower(powers: tuple[int, ...], i: int) -> tuple[int, ...]:
    return (*powers[:i], powers[i] - 1, *powers[i + 1 :])


def _without(items: tuple[Affine, ...], k: int) -> tuple[Affine, ...]:
    return (*items[:k], *items[k + 1 :])
