"""Closed forms of the dual kernel E f(u) f(v), (u, v) ~ N(0, S), S = [[q11, q12], [q12, q22]].

Smooth f: sums of z^n e^(a z + b z^2) erf(g z), by tilting and Stein's identity in two variables,

    E u h = q11 E h_u + q12 E h_v,   E erf(g u) erf(h v) = 2/pi asin(2 g h q12/sqrt((1 + 2 g^2 q11)(1 + 2 h^2 q22)))

(Williams 1997). Functions that are l z^n for z < 0 and r z^n for z > 0: the arc-cosine kernels of Cho and Saul 2009,
with A = asin(q12/sqrt(q11 q22)) and D = q11 q22 - q12^2. What comes out is a candidate, as in ``closed``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derive.gaussian.activation import Activation
from derive.gaussian.bits import Bit, bits_of
from derive.gaussian.calculus import tidied
from derive.gaussian.closed import HALF, widened
from derive.gaussian.errors import NotCertified, Undefined
from derive.gaussian.forms import (
    ONE,
    PI,
    ZERO,
    Form,
    I,
    atom,
    constant,
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

NAMES = ("q11", "q12", "q22")
TWO = Fraction(2)
Erfs = tuple[Form, ...]  # the g of each erf(g z)


def closed_kernel(
    f: Activation, covariance: tuple[Fraction, Fraction, Fraction] | None = None, *, of: str = "f", named: bool = False
) -> Term | None:
    """E g(u) g(v) as a term in q11, q12, q22, or at numbers; g is f, or f' for ``of="df"``. None where there is none.

    Numbers are to satisfy q12^2 < q11 q22. named: leave the constants of the definition as names. Raises ``Undefined``
    for df where f jumps.
    """
    from derive.gaussian.moments import integrand

    law = _Pair(*(atom(Name(n)) for n in NAMES) if covariance is None else (constant(x) for x in covariance))
    try:
        form = _kernel(pieces(tidied(integrand(f.named, of))), law)
    except Undefined:
        raise
    except NotCertified:
        return None
    return written(form) if named else substitute(written(form), dict(f.constants))


def _kernel(cuts: tuple[Piece, ...], law: _Pair) -> Form:
    if len(cuts) == 1:
        bits = bits_of(cuts[0].term)
        return real(total(_pair(x, y, law) for x in bits for y in bits))
    if len(cuts) == 2 and cuts[0].high == 0:
        left, right = (_monomial(piece) for piece in cuts)
        n = right[1] if right[0].terms else left[1]
        if all(degree == n or not c.terms for c, degree in (left, right)):
            return reduced(_arc_cosine(n, left[0], right[0], law))
    raise NotCertified("this kernel has no closed form here")


def _monomial(piece: Piece) -> tuple[Form, int]:
    """(c, n) for the term c z^n."""
    bits = bits_of(piece.term)
    if not bits:
        return ZERO, 0
    (bit, *more) = bits
    if more or bit.a.terms or bit.b.terms or bit.erfs:
        raise NotCertified("this kernel has no closed form here")
    return bit.c, bit.n


@dataclass(frozen=True, slots=True)
class _Pair:
    """The covariance matrix of (u, v), of mean 0."""

    q11: Form
    q12: Form
    q22: Form

    @property
    def determinant(self) -> Form:
        return reduced(self.q11 * self.q22 - self.q12 * self.q12)

    def squeezed(self, b: Form, d: Form) -> tuple[Form, _Pair]:
        """The factor and the law that e^(b u^2 + d v^2) makes of this one, b and d not positive."""
        if not b.terms and not d.terms:
            return ONE, self
        det = self.determinant
        k = ONE - (b * self.q11 + d * self.q22).scaled(TWO) + (b * d * det).scaled(TWO * TWO)
        over = inverse(reduced(k))
        return inverse(root(reduced(k))), _Pair(
            reduced((self.q11 - (d * det).scaled(TWO)) * over),
            reduced(self.q12 * over),
            reduced((self.q22 - (b * det).scaled(TWO)) * over),
        )


def _pair(x: Bit, y: Bit, law: _Pair) -> Form:
    """E of a bit in u times a bit in v."""
    for b in (x.b, y.b):
        if b.mentions(I) or any(c > 0 for c in b.terms.values()):
            raise NotCertified("whether the integral exists depends on the covariance")
    factor, tilted = law.squeezed(x.b, y.b)
    scale = x.c * y.c * factor
    if not x.a.terms and not y.a.terms:
        if any(d.terms for _, d in (*x.erfs, *y.erfs)):
            raise NotCertified("erf away from 0 has no closed kernel here")
        us, vs = tuple(g for g, _ in x.erfs), tuple(g for g, _ in y.erfs)
        return reduced(scale * _moment(x.n, y.n, us, vs, tilted))
    if x.erfs or y.erfs:
        raise NotCertified("erf beside an exponential has no closed kernel here")
    means = tilted.q11 * x.a + tilted.q12 * y.a, tilted.q12 * x.a + tilted.q22 * y.a
    exponent = reduced((x.a * means[0] + y.a * means[1]).scaled(HALF))
    return reduced(scale * exponential(exponent) * _shifted(x.n, y.n, means, tilted))


def _shifted(i: int, j: int, means: tuple[Form, Form], law: _Pair) -> Form:
    """E u^i v^j for a pair with means."""
    if i == 0 and j == 0:
        return ONE
    if i == 0:
        return _shifted(j, 0, (means[1], means[0]), _Pair(law.q22, law.q12, law.q11))
    parts = [means[0] * _shifted(i - 1, j, means, law)]
    if i > 1:
        parts.append((law.q11 * _shifted(i - 2, j, means, law)).scaled(Fraction(i - 1)))
    if j:
        parts.append((law.q12 * _shifted(i - 1, j - 1, means, law)).scaled(Fraction(j)))
    return reduced(total(parts))


def _moment(i: int, j: int, us: Erfs, vs: Erfs, law: _Pair) -> Form:
    """E u^i v^j times erf(g u) for g in us and erf(h v) for h in vs."""
    if (i + j + len(us) + len(vs)) % 2:
        return ZERO
    if i == 0 and j == 0:
        return _erfs_only(us, vs, law)
    if i == 0:
        return _moment(j, 0, vs, us, _Pair(law.q22, law.q12, law.q11))
    parts: list[Form] = []
    if i > 1:
        parts.append((law.q11 * _moment(i - 2, j, us, vs, law)).scaled(Fraction(i - 1)))
    if j:
        parts.append((law.q12 * _moment(i - 1, j - 1, us, vs, law)).scaled(Fraction(j)))
    for k, g in enumerate(us):
        factor, tilted = law.squeezed(-(g * g), ZERO)
        rest = (*us[:k], *us[k + 1 :])
        parts.append(law.q11 * _slope(g) * factor * _moment(i - 1, j, rest, vs, tilted))
    for k, h in enumerate(vs):
        factor, tilted = law.squeezed(ZERO, -(h * h))
        rest = (*vs[:k], *vs[k + 1 :])
        parts.append(law.q12 * _slope(h) * factor * _moment(i - 1, j, us, rest, tilted))
    return reduced(total(parts))


def _slope(g: Form) -> Form:
    """erf(g z)' at 0: 2 g/sqrt(pi)."""
    return (g * atom(PI, -HALF)).scaled(TWO)


def _erfs_only(us: Erfs, vs: Erfs, law: _Pair) -> Form:
    match us, vs:
        case (), ():
            return ONE
        case ((g, h), ()):
            return _erf_pair(g, h, law.q11, law.q11, law.q11)
        case ((), (g, h)):
            return _erf_pair(g, h, law.q22, law.q22, law.q22)
        case ((g,), (h,)):
            return _erf_pair(g, h, law.q11, law.q12, law.q22)
        case _:
            raise NotCertified("products of erf like these have no closed form here")


def _erf_pair(g: Form, h: Form, q11: Form, q12: Form, q22: Form) -> Form:
    inside = (g * h * q12).scaled(TWO) * inverse(root(widened(g, q11) * widened(h, q22)))
    return (atom(PI, -1) * function("asin", inside)).scaled(TWO)


def _arc_cosine(n: int, left: Form, right: Form, law: _Pair) -> Form:
    """l z^n and r z^n: the even part p and the odd part s of (l, r), with A and D as above."""
    angle = function("asin", law.q12 * inverse(root(law.q11 * law.q22)))
    height, over_pi = root(law.determinant), atom(PI, -1).scaled(TWO)
    p, s = (right + left).scaled(HALF), (right - left).scaled(HALF)
    match n:
        case 0:  # E sign(u) sign(v) = 2/pi A
            return p * p + s * s * over_pi * angle
        case 1:  # E |u| |v| = 2/pi (sqrt(D) + q12 A)
            return p * p * law.q12 + s * s * over_pi * (height + law.q12 * angle)
        case 2:  # E u|u| v|v| = 2/pi (3 q12 sqrt(D) + (q11 q22 + 2 q12^2) A)
            both = law.q11 * law.q22 + (law.q12 * law.q12).scaled(TWO)
            return p * p * both + s * s * over_pi * ((law.q12 * height).scaled(Fraction(3)) + both * angle)
        case _:
            raise NotCertified("this kernel has no closed form here")
