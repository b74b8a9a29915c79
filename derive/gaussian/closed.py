"""Closed forms of moments under N(0, q), symbolic in q, by our own Gaussian calculus.

Split at the kinks; on each piece the integrand is a sum of c z^n e^(a z + b z^2) times erf's. Then, with N(m, v):

- tilting: e^(a z + b z^2) turns N(m, v) into N(m', v'), 1/v' = 1/v - 2 b, m' = v' (m/v + a), times
  sqrt(v'/v) exp(m'^2/(2 v') - m^2/(2 v));
- Stein: E z^n g = m E z^(n-1) g + (n-1) v E z^(n-2) g + v E z^(n-1) g', between two ends with the values at the ends;
- Owen 1980, table of normal integrals: E erf(g z + d) = erf((g m + d)/sqrt(1 + 2 g^2 v)) (10,010.8), and
  E erf(g z) erf(h z) = 2/pi asin(2 g h v/sqrt((1 + 2 g^2 v)(1 + 2 h^2 v))) for m = 0 (20,010.3 and Williams 1997).

What comes out is a candidate: ``moments`` lets it pass only inside the certified enclosure.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from derive.gaussian.activation import Activation
from derive.gaussian.bits import Bit, bits_of
from derive.gaussian.calculus import tidied
from derive.gaussian.errors import NotCertified, Undefined
from derive.gaussian.forms import (
    ONE,
    PI,
    ZERO,
    Form,
    I,
    atom,
    constant,
    expanded,
    exponential,
    function,
    inverse,
    real,
    reduced,
    root,
    total,
    written,
)
from derive.gaussian.pieces import Piece, pieces
from derive.language.terms import Name, Term, substitute

Q = "q"
HALF = Fraction(1, 2)


def closed_form(f: Activation, of: str, q: Fraction | None = None, *, named: bool = False) -> Term | None:
    """E of an expression in f, df, z as a term in ``q`` (or at a number q); None where this calculus has none.

    named: leave the constants of the definition as names. Raises ``Undefined`` for df where f jumps.
    """
    from derive.gaussian.moments import integrand

    try:
        form = expectation_form(integrand(f.named, of), q)
    except Undefined:
        raise
    except NotCertified:
        return None
    return written(form) if named else substitute(written(form), dict(f.constants))


@lru_cache(maxsize=512)
def expectation_form(term: Term, q: Fraction | None = None) -> Form:
    """E of an unfolded term in ``z`` under N(0, q). Raises ``NotCertified`` where this calculus has no closed form."""
    law = Law(ZERO, atom(Name(Q)) if q is None else constant(q))
    return real(total(_over(piece, law) for piece in pieces(tidied(term))))


@dataclass(frozen=True, slots=True)
class Law:
    """N(m, v)."""

    m: Form
    v: Form

    def tilted(self, a: Form, b: Form) -> tuple[Form, Law]:
        """The factor and the law that e^(a z + b z^2) makes of this one."""
        if not a.terms and not b.terms:
            return ONE, self
        room = reduced(ONE - (b * self.v).scaled(Fraction(2)))  # v/v'
        if any(c < 0 for c in room.terms.values()) or room.mentions(I):
            raise NotCertified("whether the integral exists depends on q")
        v = reduced(self.v * inverse(room))
        m = reduced((self.m + a * self.v) * inverse(room))
        exponent = (m * m * inverse(v) - self.m * self.m * inverse(self.v)).scaled(HALF)
        return reduced(inverse(root(room)) * exponential(expanded(exponent))), Law(m, v)


def _over(piece: Piece, law: Law) -> Form:
    low = None if piece.low is None else constant(piece.low)
    high = None if piece.high is None else constant(piece.high)
    return reduced(total(_bit(bit, law, low, high) for bit in bits_of(piece.term)))


def _bit(bit: Bit, law: Law, low: Form | None, high: Form | None) -> Form:
    factor, tilted = law.tilted(bit.a, bit.b)
    if low is None and high is None:
        return reduced(bit.c * factor * whole(bit.n, bit.erfs, tilted))
    if bit.erfs or tilted.m.mentions(I):
        raise NotCertified("no closed form between two ends")
    return reduced(bit.c * factor * _between(bit.n, tilted, low, high))


def whole(n: int, erfs: tuple[tuple[Form, Form], ...], law: Law) -> Form:
    """E z^n times erf(g z + d) for each (g, d), over the line."""
    m, v = law.m, law.v
    if n == 0:
        return _no_power(erfs, law)
    if not m.terms and not any(d.terms for _, d in erfs) and (n + len(erfs)) % 2:
        return ZERO
    parts = [m * whole(n - 1, erfs, law)]
    if n > 1:
        parts.append((v * whole(n - 2, erfs, law)).scaled(Fraction(n - 1)))
    for k, (g, d) in enumerate(erfs):
        factor, tilted = law.tilted((g * d).scaled(Fraction(-2)), -(g * g))
        slope = (g * atom(PI, -HALF)).scaled(Fraction(2)) * exponential(-(d * d))
        parts.append(v * slope * factor * whole(n - 1, (*erfs[:k], *erfs[k + 1 :]), tilted))
    return reduced(total(parts))


def _no_power(erfs: tuple[tuple[Form, Form], ...], law: Law) -> Form:
    m, v = law.m, law.v
    centred = not m.terms and not any(d.terms for _, d in erfs)
    match erfs:
        case ():
            return ONE
        case ((g, d),):
            return function("erf", (g * m + d) * inverse(root(widened(g, v))))
        case ((g, _), (h, _)) if centred:
            under = widened(g, v) if g == h else root(widened(g, v) * widened(h, v))
            inside = (g * h * v).scaled(Fraction(2)) * inverse(under)
            return (atom(PI, -1) * function("asin", inside)).scaled(Fraction(2))
        case _ if centred and len(erfs) % 2:
            return ZERO
        case _:
            raise NotCertified("products of erf like these have no closed form here")


def widened(g: Form, v: Form) -> Form:
    """1 + 2 g^2 v: what a normal variable of variance v makes of erf(g z)."""
    return reduced(ONE + (g * g * v).scaled(Fraction(2)))


def _between(n: int, law: Law, low: Form | None, high: Form | None) -> Form:
    """E z^n over an interval: M_0 from erf, M_n = m M_(n-1) + (n-1) v M_(n-2) - v [z^(n-1) density]."""
    m, v = law.m, law.v
    spread = inverse(root(v.scaled(Fraction(2))))
    upper = ONE if high is None else function("erf", (high - m) * spread)
    lower = -ONE if low is None else function("erf", (low - m) * spread)
    found = [(upper - lower).scaled(HALF)]
    for k in range(1, n + 1):
        ends = [_density(x, law) * x ** (k - 1) for x in (high, low) if x is not None]
        edge = ends[0] - ends[1] if len(ends) == 2 else ends[0] if high is not None else -ends[0]
        earlier = (v * found[k - 2]).scaled(Fraction(k - 1)) if k > 1 else ZERO
        found.append(reduced(m * found[k - 1] + earlier - v * edge))
    return found[n]


def _density(x: Form, law: Law) -> Form:
    away = x - law.m
    exponent = expanded((away * away * inverse(law.v)).scaled(-HALF))
    return exponential(exponent) * inverse(root((atom(PI) * law.v).scaled(Fraction(2))))
