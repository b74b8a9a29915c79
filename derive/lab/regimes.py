"""What the theory says of a cell: second moments and gradients by layer as proven balls, and the regime they are in.

    q_1 = w |x|^2/n + b,  q_{l+1} = V(q_l)            forward (``derive.gaussian.depth``)
    E|g_{l-1}|^2 = chi_perp(q_l) E|g_l|^2             backward, where widths are equal

(Poole et al. 2016; Schoenholz et al. 2017.) The recursion is exact as the width grows; a network of finite width
fluctuates around it. The regime is read off the fixed point that q comes to: chi_perp < 1 is called ordered, 1
critical, > 1 chaotic; a signal that comes to none is unbounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import flint

from derive.gaussian.activation import Activation
from derive.gaussian.depth import FixedPoint, Layer, depth_scale, fixed_points, homogeneous_moment
from derive.gaussian.errors import NotCertified
from derive.gaussian.numbers import decimal

DIGITS = 7
POOR = 1e-3  # relative error of a q from which on nothing is predicted any more
NEARLY = 1e-4  # what gelu's slope at q = 1e12 still differs from its limit, and more
STILL = 1e-7  # relative change of q below which the next layers are drawn as this one


@dataclass(frozen=True, slots=True)
class Predicted:
    """By layer l = 1 to L, as far as it is certified.

    Args:
        second_moments: log10 q_l.
        slopes: log10 chi_perp(q_l), what layer l makes of a gradient's second moment.
        error: the largest proven relative error of a q_l or chi_perp(q_l) that was computed.
    """

    second_moments: tuple[float, ...]
    slopes: tuple[float, ...]
    error: float

    def gradients(self, depth: int) -> tuple[float, ...]:
        """log10 E|g_{l-1}|^2/E|g_L|^2 for l = 1 to L = depth; none where a slope is not certified."""
        if len(self.slopes) < depth:
            return ()
        total, out = 0.0, list[float]()
        for slope in reversed(self.slopes[:depth]):
            total += slope
            out.append(total)
        return tuple(reversed(out))


@dataclass(frozen=True, slots=True)
class Regime:
    """Where signals and gradients go as the depth grows.

    Args:
        phase: "ordered", "critical", "chaotic", "unbounded", or "not determined".
        forward: "vanishes", "keeps", "settles", "explodes", "grows" or "not determined": E z^2.
        backward: "vanish", "keep", "explode" or "not determined": E|g|^2.
        fixed_point, slope: q and chi_perp there in decimals, None where there is none.
        scale: after how many layers a gradient's second moment is 1/e, None unless gradients vanish.
    """

    phase: str
    forward: str
    backward: str
    fixed_point: str | None = None
    slope: str | None = None
    scale: str | None = None


UNKNOWN = Regime("not determined", "not determined", "not determined")


def predicted(layer: Layer, *, depth: int) -> Predicted:
    """The recursion for |x|^2/n = 1, up to a depth, or as far as enclosures are found."""
    q = _ball(layer.weight) + _ball(layer.bias)
    moments, slopes, error = list[float](), list[float](), 0.0
    try:
        while len(moments) < depth and _error(q) < POOR:
            digits = _digits(q)
            slope = layer.chi_perpendicular(q, digits=digits)
            error = max(error, _error(q), _error(slope))
            moments.append(_log10(q))
            slopes.append(_log10(slope))
            if len(moments) > 1 and abs(moments[-1] - moments[-2]) < STILL / 3:
                left = depth - len(moments)
                return Predicted((*moments, *[moments[-1]] * left), (*slopes, *[slopes[-1]] * left), error)
            q = _moved(layer, q, digits)
    except NotCertified:
        pass
    return Predicted(tuple(moments), tuple(slopes), error)


def _moved(layer: Layer, q: Any, digits: int) -> Any:
    """V(q) by the mean value theorem, with a slope that has as many digits as V itself: at q = 1e-20 it needs them."""
    middle = layer.variance(q.mid(), digits=digits)
    return middle + layer.chi_parallel(q, digits=digits) * (q - q.mid())


def _digits(q: Any) -> int:
    """Digits behind the point, of which a small q has fewer than a large one."""
    return DIGITS + max(0, -math.floor(_log10(q)))


def regime(layer: Layer) -> Regime:
    """The regime of networks whose input has |x|^2/n = 1."""
    factor = homogeneous_moment(layer.f)
    try:
        return _settling(layer) if factor is None else _linear(layer, _ball(layer.weight) * factor)
    except NotCertified:
        return UNKNOWN


def _linear(layer: Layer, factor: Any) -> Regime:
    """V(q) = c q + b, and gradients too are multiplied by c = w (alpha_+^2 + alpha_-^2)/2, at every q."""
    word, biased, shown = _compared(factor), not _zero(layer.bias), decimal(factor, 6)
    if word == "vanish" and biased:
        point = _ball(layer.bias) / (1 - factor)
        return Regime("ordered", "settles", word, decimal(point, 6), shown, _scale(factor))
    if word == "vanish":
        return Regime("ordered", "vanishes", word, "0", shown, _scale(factor))
    if word == "keep" and not biased:
        return Regime("critical", "keeps", word, "every q", shown)
    return Regime("unbounded", "explodes" if word == "explode" else "grows", word, None, shown)


def _settling(layer: Layer) -> Regime:
    """The fixed point on that side of q_1 to which V moves it; V grows for every activation of the lab."""
    start = _ball(layer.weight) + _ball(layer.bias)
    moved = layer.variance(start, digits=DIGITS)
    points = fixed_points(layer, digits=DIGITS)
    if bool(moved > start):
        above = [p for p in points if bool(p.q.ball > start)]
        return _at(above[0]) if above else _growing(layer)
    below = [p for p in points if bool(p.q.ball <= start) or p.q.ball.overlaps(start)]
    return _at(below[-1]) if below else UNKNOWN


def _at(point: FixedPoint) -> Regime:
    if point.chi_perpendicular is None:
        return UNKNOWN
    slope = point.chi_perpendicular.ball
    word = _compared(slope)
    phase = {"vanish": "ordered", "keep": "critical", "explode": "chaotic"}[word]
    at_zero = bool(point.q.ball == 0)
    return Regime(
        phase, "vanishes" if at_zero else "settles", word, decimal(point.q.ball, 6), decimal(slope, 6), _scale(slope)
    )


def _growing(layer: Layer) -> Regime:
    """No fixed point above: what a layer does at a very large q decides what becomes of gradients."""
    slope = layer.chi_perpendicular(flint.arb(10) ** 12, digits=DIGITS)
    word = "keep" if bool(abs(slope - 1) < NEARLY) else _compared(slope)
    return Regime("unbounded", "grows" if word == "keep" else "explodes", word, None, decimal(slope, 6))


def _compared(slope: Any) -> str:
    """Below, above 1, or 1 as far as the enclosure tells."""
    return "vanish" if bool(slope < 1) else "explode" if bool(slope > 1) else "keep"


def _scale(slope: Any) -> str | None:
    xi = depth_scale(slope, digits=DIGITS)
    return None if xi is None else decimal(xi, 3)


def stops(f: Activation, weights: tuple[Any, ...], rule: Any) -> Iterator[tuple[Any, bool]]:
    """The weight variances in ascending order with the rule's among them, and which one that is.

    A number that the rule's ball contains *is* the rule.
    """
    same = [w for w in weights if rule is not None and bool(_ball(w).overlaps(rule))]
    marked: list[tuple[Any, bool]] = [(w, w in same) for w in weights]
    if rule is not None and not same:
        marked.append((rule, True))
    yield from sorted(marked, key=lambda stop: float(_ball(stop[0])))


def _zero(value: Any) -> bool:
    return bool(_ball(value) == 0)


def _ball(value: Any) -> Any:
    return value if isinstance(value, flint.arb) else flint.arb(flint.fmpq(value.numerator, value.denominator))


def _error(ball: Any) -> float:
    return float(ball.rad() / abs(ball).lower()) if bool(abs(ball).lower() > 0) else float("inf")


def _log10(ball: Any) -> float:
    return float((ball.mid().log() / flint.arb(10).log()).mid())
