"""Somebody's gain, judged: whether it is the forward gain, and what it does at depth.

With gain g a layer makes q into g^2 E f(sqrt(q) z)^2. It keeps q if and only if g^2 E f^2 = q, which is either decided
(``derive.decide``), or excluded by an enclosure, or neither.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint

from derive.gaussian.activation import Activation
from derive.gaussian.depth import FixedPoint, Layer, fixed_points
from derive.gaussian.enclosure import bits_of
from derive.gaussian.errors import NotCertified
from derive.gaussian.evaluation import evaluated
from derive.gaussian.forms import constant, inverse, root
from derive.gaussian.functions import arb
from derive.gaussian.moments import SECOND_MOMENT, proven_digits
from derive.gaussian.numbers import Number
from derive.gaussian.programs import exact
from derive.gaussian.statements import moment_of
from derive.language.printer import term_text
from derive.language.terms import Mul, Pow, Term, number
from derive.rules.asked import Refused
from derive.rules.numbers import follows, follows_from_two, given, sharpened, unknown
from derive.rules.proving import decided
from derive.rules.values import Claim

LAYERS = (10, 50, 100)
SMALLEST, LARGEST = arb(10) ** -100, arb(10) ** 12
WORKING = 16  # digits of the iterated map
WIDER = 8  # how much wider than a value the ball is of which it is asked whether no later value leaves it


def judged(f: Activation, q: Fraction, text: str, gain: Term, second: Number, digits: int) -> Claim:
    """The verdict on a gain, and its consequences."""
    claimed = _number(gain, digits + 8)
    if second.status == "not certified":
        nothing = unknown(second.reason, digits)
        after = tuple((layers, nothing) for layers in LAYERS)
        return Claim(text, "undecided", nothing, after, remark="the forward gain is not certified")
    holds = _holds(f, q, gain, second)
    one = given(1, digits)
    ratio = one if holds else _ratio(q, claimed, second, digits)
    factor = one if holds else _factor(q, claimed, second, digits)
    excluded = factor.ball is not None and not holds and not bool(factor.ball.contains(1))
    verdict = "holds" if holds else "does not hold" if excluded else "undecided"
    layer = Layer(f, follows(lambda g: g * g, lambda g: g * g, claimed).ball)
    points = _points(layer, digits) if f.breaks.complete else ()
    if not f.breaks.complete:
        nothing = unknown("f may have more kinks than can be followed through the layers", digits)
        after = tuple((layers, one if holds else nothing) for layers in LAYERS)
    elif holds:
        after = tuple((layers, one) for layers in LAYERS)
    elif f.homogeneous is not None:
        after = tuple((layers, _power(factor, layers, digits)) for layers in LAYERS)
    else:
        after = _iterated(layer, q, digits)
    return Claim(text, verdict, ratio, after, points, _remark(verdict, text, ratio))


def _number(gain: Term, digits: int) -> Number:
    try:
        ball = evaluated(gain, bits=bits_of(digits))
    except NotCertified as reason:
        raise Refused(f"this gain has no value: {reason}\nwrite for example 5/3 or sqrt(2)") from None
    if not bool(ball > 0):
        raise Refused("a gain is positive\nwrite for example 5/3 or sqrt(2)")
    return sharpened(Number(ball, digits, gain, "proved"))


def _holds(f: Activation, q: Fraction, gain: Term, second: Number) -> bool:
    if second.status != "proved":
        return False
    claim = Mul((Pow(gain, number(2)), moment_of(f, SECOND_MOMENT, named=False)))
    return decided(f"{term_text(claim)} = {q}", q, f)


def _ratio(q: Fraction, claimed: Number, second: Number, digits: int) -> Number:
    """g/sqrt(q/E f^2)."""
    return follows_from_two(
        lambda g, m: g * (m / exact(q)).sqrt(),
        lambda g, m: g * root(m * inverse(constant(q))),
        claimed,
        second,
        digits=digits,
    )


def _factor(q: Fraction, claimed: Number, second: Number, digits: int) -> Number:
    """g^2 E f^2/q, what one layer does."""
    return follows_from_two(
        lambda g, m: g * g * m / exact(q),
        lambda g, m: g * g * m * inverse(constant(q)),
        claimed,
        second,
        digits=digits,
    )


def _power(factor: Number, layers: int, digits: int) -> Number:
    return follows(lambda r: r**layers, lambda r: r**layers, factor, digits=digits)


def _points(layer: Layer, digits: int) -> tuple[FixedPoint, ...]:
    try:
        return fixed_points(layer, digits=digits)
    except NotCertified:
        return ()


def _iterated(layer: Layer, q: Fraction, digits: int) -> tuple[tuple[int, Number], ...]:
    """V(V(...q))/q; what leaves the range in which the map is enclosed is not certified."""
    now, settled, found, reason = exact(q), False, list[tuple[int, Number]](), ""
    for k in range(1, LAYERS[-1] + 1):
        if not reason and not settled:
            try:
                before, now = now, layer.variance(now, digits=WORKING)
                settled, now = _settled(layer, now) if bool(before.overlaps(now)) else (False, now)
                reason = _outside(now)
            except NotCertified as error:
                reason = str(error)
        if k in LAYERS:
            found.append((k, unknown(reason, digits) if reason else _relative(now, q, digits)))
    return tuple(found)


def _settled(layer: Layer, now: Any) -> tuple[bool, Any]:
    """Whether V maps a ball around ``now`` into itself: then this value and all later ones lie in that ball."""
    wide = arb(now.mid(), now.rad() * WIDER)
    within = bool(wide > 0) and bool(wide.contains(now)) and bool(wide.contains(layer.variance(wide, digits=WORKING)))
    return (True, wide) if within else (False, now)


def _outside(q: Any) -> str:
    if not q.is_finite() or bool(q.rad() > q.mid() / 100):
        return "the enclosure has grown too wide"
    if bool(q > LARGEST):
        return "it exceeds 1e12 before"
    return "it falls below 1e-100 before" if bool(q < SMALLEST) else ""


def _relative(now: Any, q: Fraction, digits: int) -> Number:
    with flint.ctx.workprec(bits_of(WORKING)):
        value = now / exact(q)
    return Number(value, max(1, min(digits, proven_digits(value), value.rel_accuracy_bits() * 3 // 10)))


def _remark(verdict: str, text: str, ratio: Number) -> str:
    """Whether a decimal number is the gain, rounded to as many decimals."""
    _, point, decimals = text.partition(".")
    if verdict != "does not hold" or not point or not decimals.isdigit() or ratio.ball is None:
        return ""
    claimed = exact(Fraction(text))
    off = abs(claimed / ratio.ball - claimed)
    return f"the gain rounded to {len(decimals)} decimals" if bool(2 * off < arb(10) ** -len(decimals)) else ""
