"""What the figures show, as numbers: f and f', variance maps with their fixed points, the edge of chaos and its sides.

Every ordinate is the middle of a ball of ``derive.gaussian``, good to more digits than a figure can show. Where no ball
is proven there is a gap, nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from derive.gaussian.activation import Activation
from derive.gaussian.depth import FixedPoint, Layer, Pair, critical_pairs, edge_at, edge_of_chaos, fixed_points
from derive.gaussian.errors import NotCertified
from derive.gaussian.functions import arb
from derive.gaussian.programs import exact

DIGITS = 8  # more than a figure shows
DEVIATIONS = 4  # z is drawn as far as N(0, q) reaches in all but one case in 16,000
POINTS, STEPS = 401, 40
BESIDE = Fraction(1, 10**9)  # how close to a break a branch is drawn
OCTAVES = range(-20, 9)
STRETCH = 1.9  # how far sigma_w^2 may rise along the edge; that of a sine at most doubles
LESS, MORE = Fraction(4, 5), Fraction(5, 4)  # where the sides of the edge are looked at


@dataclass(frozen=True, slots=True)
class Line:
    """Points of a curve."""

    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """f and its slope between neighbouring breaks, a line for each such interval, and where f jumps."""

    function: tuple[Line, ...]
    slope: tuple[Line, ...]
    jumps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Map:
    """A variance map q -> V(q) and its fixed points; ``slope`` where f is homogeneous, so that the map is a line."""

    name: str
    line: Line
    fixed: tuple[FixedPoint, ...]
    slope: Any | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """A pair of variances beside the edge, and the slope chi_perp at the fixed point that attracts there, if any."""

    weight: float
    bias: float
    slope: Any | None

    @property
    def word(self) -> str:
        """``ordered``, ``chaotic``, or that nothing attracts."""
        if self.slope is None:
            return "no fixed point attracts"
        return "ordered" if bool(self.slope < 1) else "chaotic" if bool(self.slope > 1) else "undecided"


@dataclass(frozen=True, slots=True)
class Phases:
    """The edge of chaos as sigma_w^2 over sigma_b^2, what lies on its sides, and pairs to be marked.

    level: where the edge is a level of sigma_w^2 that holds a fixed point for sigma_b^2 = 0 only (f is homogeneous).
    """

    edge: tuple[Line, ...]
    sides: tuple[Side, ...]
    critical: tuple[Pair, ...]
    asked: tuple[Pair, ...] = ()
    level: bool = False


# --- f and f' ---------------------------------------------------------------------------------------------------------


def shape(f: Activation, variance: Fraction) -> Shape:
    """f and f' where N(0, variance) is; at a break both lines end, at a kink f goes on where it stopped."""
    reach = DEVIATIONS * _root(variance)
    points = f.breaks.points
    inner = [(b, _fraction(b.at)) for b in points if -reach < _fraction(b.at) < reach]
    ends = [-reach, *(place for _, place in inner), reach]
    pieces = [_between(a, b, (2 * reach) / (POINTS - 1)) for a, b in pairwise(ends)]
    jumps = tuple(float(place) for b, place in inner if b.kind == "jump")
    return Shape(
        tuple(_line(f.value, z) for z in pieces),
        tuple(_line(f.slope_value, z) for z in pieces),
        jumps,
    )


def _between(low: Fraction, high: Fraction, step: Fraction) -> list[Fraction]:
    """Points from one break to the next, the ends just inside."""
    count = max(2, math.ceil((high - low) / step))
    inner = [low + (high - low) * k / count for k in range(1, count)]
    beside = min(BESIDE, (high - low) / 4)
    return [low + beside, *inner, high - beside]


def _line(value: Callable[[Fraction], Any], places: Sequence[Fraction]) -> Line:
    return Line(tuple(map(float, places)), tuple(_double(lambda z=z: value(z)) for z in places))


def _root(value: Fraction) -> Fraction:
    return Fraction(math.sqrt(value))


def _fraction(place: Any) -> Fraction:
    return place if isinstance(place, Fraction) else Fraction(float(place.mid()))


def _double(value: Callable[[], Any]) -> float:
    """The middle of a ball, nan where there is none that is small enough to be drawn."""
    try:
        ball = value()
    except NotCertified:
        return math.nan
    small = ball.is_finite() and bool(ball.rad() <= abs(ball.mid()) / 1000 + arb(10) ** -6)
    return float(ball.mid()) if small else math.nan


# --- variance maps ----------------------------------------------------------------------------------------------------


def maps(f: Activation, weights: Sequence[tuple[str, Any]], variance: Fraction) -> tuple[Map, ...]:
    """The variance maps for several sigma_w^2 without biases, over twice the largest fixed point, or variance.

    E f^2 is enclosed once a place: V is sigma_w^2 times the map of the layer with sigma_w^2 = 1.
    """
    layers = [Layer(f, weight) for _, weight in weights]
    fixed = [_fixed(layer) for layer in layers]
    top = max([float(variance), *(float(p.q.ball.mid()) for points in fixed for p in points)])
    places = [Fraction(2 * top) * k / STEPS for k in (Fraction(1, 8), Fraction(1, 2), *range(1, STEPS + 1))]
    moments = [_double(lambda q=q: Layer(f).variance(q, digits=DIGITS)) for q in places]
    found: list[Map] = []
    for (name, weight), layer, points in zip(weights, layers, fixed, strict=True):
        line = Line(tuple(map(float, places)), tuple(float(weight) * moment for moment in moments))
        slope = layer.variance(Fraction(1), digits=DIGITS) if f.homogeneous is not None else None
        found.append(Map(name, line, points, slope))
    return tuple(found)


def _fixed(layer: Layer) -> tuple[FixedPoint, ...]:
    try:
        return fixed_points(layer, digits=DIGITS)
    except NotCertified:
        return ()


# --- the phase diagram ------------------------------------------------------------------------------------------------


def phases(f: Activation, asked: Fraction | None = None) -> Phases:
    """The phase diagram; ``asked`` is a sigma_b^2 whose pairs on the edge are to be marked.

    Raises ``Undefined`` where f jumps, ``NotCertified`` and its kin as ``critical_pairs`` does.
    """
    critical = critical_pairs(f, digits=DIGITS)
    marked = () if asked is None else edge_of_chaos(f, asked, digits=DIGITS)
    if f.homogeneous is not None:
        weight = float(critical[0].weight_variance.ball.mid())
        span = max(1.0, 2 * float(asked or 0))
        sides = tuple(_homogeneous_side(f, weight * float(factor), span / 2) for factor in (LESS, MORE))
        return Phases((Line((0.0, span), (weight, weight)),), sides, critical, marked, level=True)
    highest = max((p.fixed_point.ball for p in (*critical, *marked) if p.fixed_point is not None), default=arb(0))
    edge = _edge(f, 2 * float(highest.mid()), critical)
    return Phases(edge, _sides(f, edge), critical, marked)


def _edge(f: Activation, least: float, critical: Sequence[Pair]) -> tuple[Line, ...]:
    """The edge for growing q: as far as ``least``, and on until sigma_w^2 has risen enough to be seen."""
    coarse = [arb(2) ** k for k in OCTAVES]
    pairs = [(float(q), *_pair(f, q)) for q in coarse]
    there = [(q, weight) for q, weight, bias in pairs if bias >= 0]
    if not there:
        return ()
    start = [(float(p.weight_variance.ball.mid()), 0.0) for p in critical if bool(p.bias_variance.ball == 0)]
    lowest = min(weight for weight, _ in [*start, *((weight, 0.0) for _, weight in there)])
    end = next((q for q, weight in there if q >= least and (least > 0 or weight > STRETCH * lowest)), there[-1][0])
    places = [end * (k / STEPS) ** 3 for k in range(1, STEPS + 1)]  # near 0 the edge is steep
    points = [_pair(f, arb(q)) for q in places]
    return tuple(_visible([*start, *points]))


def _visible(points: Iterable[tuple[float, float]]) -> Iterable[Line]:
    """The stretches of the edge on which sigma_b^2 is not negative."""
    run: list[tuple[float, float]] = []
    for weight, bias in [*points, (math.nan, math.nan)]:
        if bias >= 0:
            run.append((weight, bias))
        elif run:
            yield Line(tuple(b for _, b in run), tuple(w for w, _ in run))
            run = []


def _pair(f: Activation, q: Any) -> tuple[float, float]:
    try:
        weight, bias = edge_at(f, q, digits=DIGITS)
    except NotCertified:
        return math.nan, math.nan
    return float(weight.mid()), 0.0 if bool(bias.contains(0)) else float(bias.mid())


def _sides(f: Activation, edge: Sequence[Line]) -> tuple[Side, ...]:
    """Below and above the edge, where its sigma_b^2 is next to the middle of what is shown."""
    points = [(b, w) for line in edge for b, w in zip(line.x, line.y, strict=True)]
    if not points:
        return ()
    middle = max(b for b, _ in points) / 2
    bias, weight = min(points, key=lambda p: abs(p[0] - middle))
    return tuple(_side(f, Fraction(weight) * factor, Fraction(bias)) for factor in (LESS, MORE))


def _side(f: Activation, weight: Fraction, bias: Fraction) -> Side:
    attracting = [p for p in _fixed(Layer(f, exact(weight), exact(bias))) if p.attracts]
    slope = attracting[-1].chi_perpendicular if attracting else None
    return Side(float(weight), float(bias), None if slope is None else slope.ball)


def _homogeneous_side(f: Activation, weight: float, bias: float) -> Side:
    """V(q) = chi q + sigma_b^2 has the fixed point sigma_b^2/(1 - chi), which attracts, if and only if chi < 1."""
    slope = Layer(f, arb(weight)).chi_perpendicular(Fraction(1), digits=DIGITS)
    return Side(weight, bias, slope if bool(slope < 1) else None)
