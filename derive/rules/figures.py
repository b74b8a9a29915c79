"""`--plot`: f and f' with the variance map, or the phase diagram, drawn from the numbers of ``curves``.

matplotlib is imported when a figure is drawn, not before. What a figure shows is said in words too: for those who do
not see it, and so that it can be checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from derive.gaussian.activation import Activation
from derive.gaussian.depth import FixedPoint, Pair
from derive.gaussian.evaluation import evaluated
from derive.gaussian.moments import SECOND_MOMENT, enclosure
from derive.gaussian.reading import read
from derive.report.figures import COLOURS, GREY, picture
from derive.report.files import NotWritten, unwritable, write_file
from derive.rules import asked
from derive.rules.critical import Critical
from derive.rules.curves import DIGITS, Map, Phases, Shape, Side, maps, phases, shape
from derive.rules.numbers import decimals
from derive.rules.values import Rule

FORMATS = {".svg": "svg", ".png": "png"}
BITS = 64
FEW = 5
BLUE, ORANGE, GREEN, PINK, *_ = COLOURS


def check_place(path: Path) -> str:
    """The format of a figure of that name. Raises ``ValueError`` with a remedy where none can be written there."""
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise ValueError(f"{path.name} is no figure that can be drawn\nwrite a name that ends in .svg or .png")
    if path.is_dir() or not path.parent.is_dir() or unwritable(path.parent) is not None:
        raise ValueError(f"{path} cannot be written\nwrite a name in a folder that is there and is yours")
    return kind


def write_figure(path: Path, drawn: bytes) -> None:
    """Put a figure there, all of it or nothing. Raises ``ValueError`` with a remedy."""
    try:
        write_file(path, drawn)
    except NotWritten as error:
        raise ValueError(f"{error}\nwrite the name of a file of yours") from None


# --- of a rule --------------------------------------------------------------------------------------------------------


def rule_figure(f: Activation, rule: Rule, *, kind: str = "svg") -> tuple[bytes, str]:
    """f and f' on the left, the variance maps of the rule and of a claimed gain on the right; and what they show."""
    lines = shape(f, rule.variance)
    found = maps(f, _weights(rule), rule.variance)
    text = " ".join([_shape_words(rule, lines), _map_words(found)])
    draws = [partial(draw_shape, lines=lines), partial(draw_maps, found=found)]
    return picture(draws, kind=kind, title=rule.activation, text=text), text


def _weights(rule: Rule) -> list[tuple[str, Any]]:
    """sigma_w^2 of the forward rule, where that is certified, and of somebody's gain."""
    gain = rule.forward.gain
    weights: list[tuple[str, Any]] = []
    if gain is not None and gain.ball is not None and gain.status != "not certified":
        weights.append((f"the rule, gain {decimals(gain, FEW)}", gain.ball**2))
        if rule.claim is not None:
            claimed = evaluated(asked.gain(rule.claim.gain), bits=BITS)
            weights.append((f"gain {rule.claim.gain}", claimed**2))
    return weights


def maps_figure(name: str, gain: str) -> str:
    """The variance maps of the forward rule at q = 1 and of somebody's gain, as SVG text."""
    f, claimed = read(name), evaluated(asked.gain(gain), bits=BITS)
    weight = 1 / enclosure(f, SECOND_MOMENT, Fraction(1), digits=DIGITS)
    found = maps(f, [("the rule", weight), (f"gain {gain}", claimed**2)], Fraction(1))
    return picture([partial(draw_maps, found=found)], title=name, text=_map_words(found)).decode()


def draw_shape(axes: Any, *, lines: Shape) -> None:
    """f solid and f' dashed, between the breaks."""
    for label, drawn, colour, style in (("f", lines.function, BLUE, "-"), ("f'", lines.slope, ORANGE, "--")):
        for k, line in enumerate(drawn):
            axes.plot(line.x, line.y, color=colour, linestyle=style, linewidth=1.4, label=label if k == 0 else None)
    axes.axhline(0.0, color=GREY, linewidth=0.6)
    _finish(axes, "f and its slope f'", "z", "")


def draw_maps(axes: Any, *, found: Sequence[Map]) -> None:
    """Each variance map against the diagonal, its fixed points filled where they attract and open where they repel."""
    _finish(axes, "variance map: what a layer makes of q = E z²", "q", "next layer's q")
    if not found:
        axes.text(0.5, 0.5, "no variance map is certified", ha="center", transform=axes.transAxes)
        return
    top = max(each.line.x[-1] for each in found)
    axes.plot((0, top), (0, top), color=GREY, linewidth=0.8, linestyle=":", label="q stays")
    for each, colour in zip(found, cycle(COLOURS), strict=False):
        axes.plot(each.line.x, each.line.y, color=colour, linewidth=1.4, label=each.name)
        for point in each.fixed:
            place = float(point.q.ball.mid())
            fill = {True: colour, False: "white", None: GREY}[point.attracts]
            axes.plot(place, place, "o", color=colour, markerfacecolor=fill, clip_on=False, zorder=3)
    kinds = {point.attracts for each in found for point in each.fixed}
    for attracts, fill, label in ((True, "black", "attracts"), (False, "white", "repels"), (None, GREY, "undecided")):
        if attracts in kinds:
            axes.plot([], [], "o", color="black", markerfacecolor=fill, label=label)
    axes.set_xlim(0, top)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=7)


def _shape_words(rule: Rule, lines: Shape) -> str:
    low, high = lines.function[0].x[0], lines.function[-1].x[-1]
    jumps = f", jumping at {', '.join(f'{z:g}' for z in lines.jumps)}" if lines.jumps else ""
    return f"f(z) = {rule.expression} and its slope for z from {low:.3g} to {high:.3g}{jumps}."


def _map_words(found: Sequence[Map]) -> str:
    if not found:
        return "No variance map is certified."
    return " ".join(f"The variance map of {each.name}: {_fixed_words(each)}." for each in found)


def _fixed_words(each: Map) -> str:
    if each.slope is not None:
        every = bool((each.slope - 1).contains(0))
        return (
            "every q stays" if every else f"a line of slope {float(each.slope.mid()):.5g}, on which q = 0 alone stays"
        )
    return ", ".join(map(_point_words, each.fixed)) or "no fixed point was found"


def _point_words(point: FixedPoint) -> str:
    word = {True: "attracts", False: "repels", None: "is undecided"}[point.attracts]
    return f"q = {decimals(point.q, FEW)} {word}"


# --- of a critical pair -----------------------------------------------------------------------------------------------


def critical_figure(
    f: Activation, found: Critical, *, bias: Fraction | None = None, kind: str = "svg"
) -> tuple[bytes, str]:
    """The phase diagram, with the critical pairs and the pairs that were asked for; and what it shows.

    Raises ``NotCertified`` and its kin where there is none.
    """
    diagram = phases(f, bias)
    text = _phase_words(diagram)
    draw = partial(draw_phases, diagram=diagram)
    return picture([draw], kind=kind, title=found.activation, text=text), text


def draw_phases(axes: Any, *, diagram: Phases) -> None:
    """sigma_w² over sigma_b²: the edge, the critical pair as a star, and at each cross what holds there."""
    _finish(axes, "edge of chaos: chi_perpendicular = 1 at the fixed point", "$\\sigma_b^2$", "$\\sigma_w^2$")
    if not diagram.edge:
        axes.text(0.5, 0.5, "no edge of chaos was found", ha="center", transform=axes.transAxes)
        return
    label = "chi_perpendicular = 1" if diagram.level else "edge of chaos"
    for k, line in enumerate(diagram.edge):
        axes.plot(line.x, line.y, color=BLUE, linewidth=1.4, label=label if k == 0 else None)
    for pairs, colour, marker, name in ((diagram.critical, ORANGE, "*", "critical"), (diagram.asked, GREEN, "D", "")):
        for pair in pairs:
            weight, bias = _coordinates(pair)
            said = f"{name or 'edge'} ({bias:.4g}, {weight:.4g})"
            axes.plot(bias, weight, marker, color=colour, markersize=9 if name else 5, clip_on=False, label=said)
    for side in diagram.sides:
        axes.plot(side.bias, side.weight, "+", color="black")
        axes.annotate(side.word, (side.bias, side.weight), (0, 5), textcoords="offset points", ha="center")
    axes.set_xlim(left=0)
    axes.margins(y=0.15)
    axes.legend(frameon=False, fontsize=7)


def _phase_words(diagram: Phases) -> str:
    if not diagram.edge:
        return "No edge of chaos was found."
    pairs = [(p, "Critical pair") for p in diagram.critical] + [(p, "On the edge") for p in diagram.asked]
    said = [f"{name}: {_pair_words(*_coordinates(p))}." for p, name in pairs]
    start, end = diagram.edge[0], diagram.edge[-1]
    first, last = _pair_words(start.y[0], start.x[0]), _pair_words(end.y[-1], end.x[-1])
    return " ".join([f"The edge of chaos from {first} to {last}.", *said, *map(_side_words, diagram.sides)])


def _side_words(side: Side) -> str:
    return f"At {_pair_words(side.weight, side.bias)}: {side.word}."


def _pair_words(weight: float, bias: float) -> str:
    return f"sigma_w^2 = {weight:.5g}, sigma_b^2 = {bias:.5g}"


def _coordinates(pair: Pair) -> tuple[float, float]:
    return float(pair.weight_variance.ball.mid()), float(pair.bias_variance.ball.mid())


def _finish(axes: Any, title: str, x: str, y: str) -> None:
    axes.set_title(title, fontsize=9)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8)
