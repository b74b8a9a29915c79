"""Functions with a kink at 0 as polynomials in y and sign(y):  relu(y) = (y + y sign(y))/2,  |y| = y sign(y)."""

from __future__ import annotations

from fractions import Fraction

from derive.kernel.composite import composite
from derive.kernel.linearity import is_random
from derive.kernel.polynomial import ONE, UNIT, ZERO, Poly
from derive.kernel.ratios import Ratio, added, scaled_by
from derive.kernel.roots import plainly_positive, root
from derive.kernel.symbols import Unsupported
from derive.language.problem import Problem

HALF = Fraction(1, 2)


def halves(problem: Problem, r: Ratio, name: str) -> tuple[Ratio, Ratio]:
    """(max(r, 0), min(r, 0)) = ((r + |r|)/2, (r - |r|)/2)."""
    size = absolute(problem, r, name)
    return added([scaled_by(r, HALF), scaled_by(size, HALF)]), added([scaled_by(r, HALF), scaled_by(size, -HALF)])


def absolute(problem: Problem, r: Ratio, name: str) -> Ratio:
    """|r|, for a function of some name. Raises ``Unsupported``."""
    return _of_sign(problem, r, name, "abs")


def sign_of(problem: Problem, r: Ratio, name: str) -> Ratio:
    """sign(r). Raises ``Unsupported``."""
    return _of_sign(problem, r, name, "sign")


def _of_sign(problem: Problem, r: Ratio, name: str, function: str) -> Ratio:
    """|p/d| = |p|/d and sign(p/d) = sign(p) for d > 0; for constants the root of the square, or a plain sign."""
    if not r.numerator:
        return Ratio(ZERO)
    if not plainly_positive(problem, r.denominator):
        raise Unsupported(f"the sign of the argument of `{name}` is not known")
    bottom = r.denominator if function == "abs" else ONE
    if is_random(r.numerator):
        return Ratio(composite(problem, function, r.numerator), bottom)
    for sign in (1, -1):
        if plainly_positive(problem, r.numerator.scaled(UNIT, sign)):
            return Ratio(r.numerator.scaled(UNIT, sign), bottom) if function == "abs" else Ratio(Poly.number(sign))
    if function == "abs":
        return Ratio(root(problem, r.numerator * r.numerator), bottom)
    raise Unsupported(f"the sign of the argument of `{name}` is not known")
