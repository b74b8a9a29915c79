"""From an activation to its rule.

Forward: z = W f(y) with n Var(W) E f(y)^2 = q keeps E z^2 = q. Backward: n_out Var(W) E f'(y)^2 = 1 keeps the second
moment of the gradient. That E z^2 = n Var(W) E f(y)^2 is the library's theorem ``preactivation-second-moment``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

from derive.gaussian.activation import Activation
from derive.gaussian.depth import FixedPoint, Layer, fixed_at
from derive.gaussian.enclosure import midpoint
from derive.gaussian.errors import NotCertified, Undefined
from derive.gaussian.forms import constant, inverse
from derive.gaussian.moments import MEAN, SECOND_MOMENT, SLOPE_MOMENT, moment
from derive.gaussian.numbers import Number
from derive.gaussian.programs import exact
from derive.gaussian.reading import Value
from derive.language.terms import number
from derive.rules import asked
from derive.rules.claim import judged
from derive.rules.numbers import EXTRA, follows, follows_from_two, given, readable, unknown
from derive.rules.proving import with_proof
from derive.rules.scope import scope
from derive.rules.sides import average, side
from derive.rules.snippets import DOUBLE, snippets
from derive.rules.values import Rule, Side


def rule(
    activation: str,
    *,
    variance: str | int | Fraction = 1,
    digits: int = 30,
    params: Mapping[str, Value] = MappingProxyType({}),
    claim: str | None = None,
) -> Rule:
    """The rule of an activation, a name of the catalog or an expression in ``z``, for z ~ N(0, variance).

    ``params`` are values of parameters, ``claim`` is somebody's gain to judge. Raises ``ValueError`` with a place and a
    remedy for what is no activation. What cannot be certified is said in the numbers and in ``scope``.
    """
    f, q = asked.activation(activation, params), asked.variance(variance)
    asked.digits(digits)
    claimed = None if claim is None else asked.gain(claim)
    more = max(digits, DOUBLE) + EXTRA
    second, mean = (_moment(f, of, q, more) for of in (SECOND_MOMENT, MEAN))
    forward = side(second, q, digits, "fan_in")
    backward = _backward(f, q, digits)
    point = _fixed_point(f, q, second, digits)
    return Rule(
        activation.strip(),
        f.text,
        q,
        f.homogeneous is not None,
        forward,
        backward,
        average(forward, backward, q),
        replace(mean, digits=min(digits, mean.digits)),
        _variance(mean, second, digits),
        point,
        scope(f, q, forward, backward, mean, point),
        snippets(side(second, q, DOUBLE, "fan_in"), f.name or "this activation"),
        None if claimed is None or claim is None else judged(f, q, claim.strip(), claimed, second, digits),
    )


def _moment(f: Activation, of: str, q: Fraction, digits: int) -> Number:
    """A moment with its proof, or nothing and the reason. Raises ``Undefined``."""
    try:
        return _perhaps_whole(f, of, q, with_proof(f, of, q, moment(f, of, q, digits=digits), digits=digits))
    except Undefined:
        raise
    except NotCertified as reason:
        return unknown(str(reason), digits)


def _perhaps_whole(f: Activation, of: str, q: Fraction, found: Number) -> Number:
    """A whole number, where the enclosure holds one and it is proved: 0 for the mean of tanh, 1 for E selu^2."""
    short = found.status == "proved" and found.exact is not None and readable(found.exact)
    if short or found.status == "not certified" or not found.ball.contains_integer():
        return found
    nearest = round(midpoint(found.ball))
    whole = with_proof(f, of, q, replace(found, exact=number(nearest)))
    return whole if whole.status == "proved" else found


def _backward(f: Activation, q: Fraction, digits: int) -> Side:
    try:
        return side(_moment(f, SLOPE_MOMENT, q, digits + EXTRA), Fraction(1), digits, "fan_out")
    except Undefined:
        return Side()


def _variance(mean: Number, second: Number, digits: int) -> Number:
    """Var f = E f^2 - (E f)^2."""
    return follows_from_two(lambda m, s: s - m * m, lambda m, s: s - m * m, mean, second, digits=digits)


def _fixed_point(f: Activation, q: Fraction, second: Number, digits: int) -> FixedPoint | None:
    """Of q -> sigma_w^2 E f^2 with sigma_w^2 = q/E f^2: q itself, by construction; its slopes are to be found."""
    if f.homogeneous is not None or second.status == "not certified":
        return None
    weight = follows(lambda m: exact(q) / m, lambda m: constant(q) * inverse(m), second)
    if weight.ball is None or weight.status == "not certified":
        return None
    try:
        return replace(fixed_at(Layer(f, weight), q, digits=digits), q=given(q, digits))
    except NotCertified:
        return None
