"""`--plot`: what is drawn is what is certified, read from the axes and not from pixels."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from flint import arb
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import derive
from derive.gaussian import Undefined, read, second_moment, slope_moment
from derive.gaussian.depth import FixedPoint, Layer, edge_of_chaos, fixed_points
from derive.report.figures import COLOURS
from derive.rules.curves import LESS, MORE, Map, Phases, maps, phases, shape
from derive.rules.figures import critical_figure, draw_maps, draw_phases, draw_shape, rule_figure
from tests.cli.test_commands import run

GAIN = Fraction(5, 3)
CLOSE = 1e-7  # eight digits are asked for, relative or behind the point


def axes(draw: Any) -> Any:
    """The panel that a function draws."""
    found = Figure().add_subplot()
    draw(found)
    return found


def lines(panel: Any) -> dict[str, Any]:
    """The curves of a panel by their labels."""
    return {line.get_label(): line for line in panel.lines}


def dots(panel: Any) -> list[tuple[float, str, str]]:
    """Place, colour and filling of each dot on the diagonal."""
    found = [line for line in panel.lines if line.get_marker() == "o" and len(line.get_xdata()) == 1]
    assert all(line.get_xdata()[0] == line.get_ydata()[0] for line in found)
    return [(float(d.get_xdata()[0]), to_hex(d.get_color()), to_hex(d.get_markerfacecolor())) for d in found]


# --- f and f' ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tanh", "relu", "step", "gelu", "relu(z - 1)^2", "sin(30*z)"])
def test_f_and_its_slope_are_drawn_as_they_are(name: str) -> None:
    f = read(name)
    drawn = shape(f, Fraction(1))
    panel = axes(partial(draw_shape, lines=drawn))
    curves = [line for line in panel.lines if len(line.get_xdata()) > 2]
    count = len(drawn.function)
    assert len(curves) == 2 * count
    for k, value in ((0, f.value), (count, f.slope_value)):
        for line in curves[k : k + count]:
            for z, y in list(zip(line.get_xdata(), line.get_ydata(), strict=True))[::37]:
                assert y == pytest.approx(float(value(Fraction(z)).mid()), rel=CLOSE, abs=1e-12)
    assert (drawn.function[0].x[0], drawn.function[-1].x[-1]) == pytest.approx((-4, 4))


def test_lines_end_where_f_jumps_and_where_its_slope_does() -> None:
    step = shape(read("step"), Fraction(1))
    assert [set(line.y) for line in step.function] == [{0.0}, {1.0}]
    assert step.jumps == (0.0,)
    relu = shape(read("relu"), Fraction(1, 4))
    assert [set(line.y) for line in relu.slope] == [{0.0}, {1.0}]
    assert relu.jumps == ()
    assert relu.function[0].x[0] == pytest.approx(-2), "four standard deviations"
    assert relu.function[1].x[0] == pytest.approx(0, abs=1e-8), "nothing is left out beside the kink"


# --- variance maps ----------------------------------------------------------------------------------------------------


@cache
def tanh_maps() -> tuple[Map, ...]:
    f = read("tanh")
    return maps(f, [("the rule", 1 / second_moment(f, 1).ball), ("5/3", arb(25) / 9)], Q)


Q = Fraction(1)
LAYER = Layer(read("tanh"), GAIN**2)


def test_the_variance_map_is_the_certified_one_and_its_fixed_points_are_marked() -> None:
    panel = axes(partial(draw_maps, found=tanh_maps()))
    curve = lines(panel)["5/3"]
    for q, height in list(zip(curve.get_xdata(), curve.get_ydata(), strict=True))[::9]:
        assert height == pytest.approx(float(LAYER.variance(Fraction(q)).mid()), rel=CLOSE)
    assert list(lines(panel)["q stays"].get_xdata()) == list(lines(panel)["q stays"].get_ydata())
    blue, orange, white = COLOURS[0].lower(), COLOURS[1].lower(), "#ffffff"
    places = [float(p.q.ball.mid()) for p in fixed_points(LAYER, digits=12)]
    expected = [(0, blue, white), (1, blue, blue), (0, orange, white), (places[1], orange, orange)]
    found = dots(panel)
    assert [d[1:] for d in found] == [e[1:] for e in expected]
    assert [d[0] for d in found] == pytest.approx([e[0] for e in expected], rel=CLOSE)
    assert places[1] == pytest.approx(1.17848049039)


def test_a_fixed_point_that_repels_is_open_and_one_that_attracts_is_filled() -> None:
    """Of silu's rule, 0 attracts and 1 repels: the other way round than for tanh."""
    panel = axes(partial(draw_maps, found=maps(SILU, [("the rule", 1 / second_moment(SILU, 1).ball)], Q)))
    (at_zero, at_one) = dots(panel)
    assert (at_zero[0], at_zero[1] == at_zero[2]) == (0, True)
    assert (at_one[0], at_one[2]) == (pytest.approx(1), "#ffffff")


SILU = read("silu")


def test_where_nothing_is_certified_no_map_is_drawn() -> None:
    _, text = rule_figure(read("exp(z^2)"), derive.rule("exp(z^2)", digits=5))
    assert text.endswith("No variance map is certified.")
    assert axes(partial(draw_maps, found=())).texts[0].get_text() == "no variance map is certified"


def test_the_words_of_a_rule_say_what_is_drawn() -> None:
    _, text = rule_figure(read("tanh"), derive.rule("tanh", digits=6, claim="5/3"))
    assert "q = 0 repels, q = 1 attracts. The variance map of gain 5/3: q = 0 repels, q = 1.1785 attracts." in text
    _, text = rule_figure(read("relu"), derive.rule("relu", digits=6, claim="1"))
    assert "the rule, gain 1.4142: every q stays." in text
    assert "gain 1: a line of slope 0.5, on which q = 0 alone stays." in text
    _, text = rule_figure(read("step"), derive.rule("step", digits=6))
    assert "jumping at 0." in text


# --- the phase diagram ------------------------------------------------------------------------------------------------


@cache
def diagram(name: str, bias: Fraction | None = None) -> Phases:
    return phases(read(name), bias)


def curve_of(name: str) -> tuple[list[float], list[float]]:
    panel = axes(partial(draw_phases, diagram=diagram(name)))
    line = lines(panel)["edge of chaos"]
    return list(line.get_xdata()), list(line.get_ydata())


@pytest.mark.parametrize("name", ["tanh", "silu"])
def test_each_point_of_the_edge_is_on_the_edge_of_chaos(name: str) -> None:
    bias, weight = curve_of(name)
    assert bias[0] == 0
    for b, w in list(zip(bias, weight, strict=True))[5::18]:
        pairs = edge_of_chaos(read(name), Fraction(b), digits=10)
        assert any(float(p.weight_variance.ball.mid()) == pytest.approx(w, rel=1e-6) for p in pairs)


@pytest.mark.parametrize("name", ["tanh", "silu"])
def test_the_critical_pair_lies_on_the_edge_and_is_the_certified_one(name: str) -> None:
    panel = axes(partial(draw_phases, diagram=diagram(name)))
    stars = [(float(s.get_xdata()[0]), float(s.get_ydata()[0])) for s in panel.lines if s.get_marker() == "*"]
    found = derive.critical(name, digits=12)
    pairs = [(p.bias_variance, p.weight_variance) for p in (found, *found.others)]
    assert stars == [pytest.approx((float(b.ball.mid()), float(w.ball.mid())), rel=CLOSE) for b, w in pairs if b and w]
    bias, weight = curve_of(name)
    for b, w in stars:
        near = min(zip(bias, weight, strict=True), key=lambda p: abs(p[0] - b))
        assert near == pytest.approx((b, w), abs=0.02)


def attracting(name: str, weight: float, bias: float) -> list[FixedPoint]:
    return [p for p in fixed_points(Layer(read(name), Fraction(weight), Fraction(bias)), digits=8) if p.attracts]


@pytest.mark.parametrize(
    ("name", "below", "above"),
    [("tanh", "ordered", "chaotic"), ("silu", "ordered", "no fixed point attracts"), ("selu", "ordered", "chaotic")],
)
def test_the_sides_are_named_after_the_slope_at_the_fixed_point_that_attracts_there(
    name: str, below: str, above: str
) -> None:
    panel = axes(partial(draw_phases, diagram=diagram(name)))
    assert [t.get_text() for t in panel.texts] == [below, above]
    crosses = [(float(c.get_ydata()[0]), float(c.get_xdata()[0])) for c in panel.lines if c.get_marker() == "+"]
    assert crosses[1][0] / crosses[0][0] == pytest.approx(float(MORE / LESS))
    for (weight, bias), word in zip(crosses, (below, above), strict=True):
        points = attracting(name, weight, bias)
        if word == "no fixed point attracts":
            assert points == []
            continue
        slope = points[-1].chi_perpendicular
        assert slope is not None
        with_slope = weight * float(slope_moment(read(name), Fraction(points[-1].q.value or 0), digits=8).ball.mid())
        assert float(slope.ball.mid()) == pytest.approx(with_slope, rel=1e-6)
        assert (with_slope < 1) == (word == "ordered")


def test_relus_edge_is_a_level_of_which_only_one_point_holds_a_signal() -> None:
    found = diagram("relu")
    assert found.level
    assert set(found.edge[0].y) == {2.0}
    assert [s.word for s in found.sides] == ["ordered", "no fixed point attracts"]


def test_the_pair_that_was_asked_for_is_marked() -> None:
    panel = axes(partial(draw_phases, diagram=diagram("tanh", Fraction(1, 20))))
    (mark,) = [line for line in panel.lines if line.get_marker() == "D"]
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == pytest.approx((0.05, 1.76095463961))


def test_what_has_no_edge_has_no_figure_or_says_so() -> None:
    with pytest.raises(Undefined):
        critical_figure(read("step"), derive.critical("step"))
    _, text = critical_figure(read("softplus"), derive.critical("softplus", digits=8))
    assert text == "No edge of chaos was found."


# --- files and commands -----------------------------------------------------------------------------------------------


def test_a_figure_is_the_same_on_every_run_and_says_in_words_what_it_shows() -> None:
    rule = derive.rule("tanh", digits=6)
    one, text = rule_figure(read("tanh"), rule)
    assert one == rule_figure(read("tanh"), rule)[0]
    assert f"<desc>{text}</desc>" in one.decode()
    assert b"<dc:date>" not in one
    assert rule_figure(read("tanh"), rule, kind="png")[0].startswith(b"\x89PNG")


def test_the_commands_draw_and_tell(tmp_path: Path) -> None:
    done = run("rule", "tanh", "--plot", "a.svg", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "a.svg shows: f(z) = tanh(z)" in done.stdout
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    said = re.search("<desc>(.*)</desc>", svg)
    assert said
    assert said[1] in " ".join(done.stdout.split())
    done = run("critical", "step", "--plot", "b.PNG", cwd=tmp_path)
    assert done.returncode == 1
    assert "no figure is drawn: f jumps" in done.stdout
    assert [p.name for p in tmp_path.iterdir()] == ["a.svg"]


@pytest.mark.parametrize(
    ("file", "said"), [("a.pdf", ".svg or .png"), ("a", ".svg or .png"), ("no/a.svg", "write a name"), (".", ".svg")]
)
def test_a_name_that_cannot_be_a_figure_is_refused_before_anything_is_done(
    file: str, said: str, tmp_path: Path
) -> None:
    for command in ("rule", "critical"):
        done = run(command, "tanh", "--plot", file, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert list(tmp_path.iterdir()) == []


def test_a_folder_of_that_name_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.svg").mkdir()
    done = run("rule", "tanh", "--plot", "a.svg", cwd=tmp_path)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_no_gap_is_drawn_where_f_is_certified() -> None:
    assert not any(math.isnan(y) for each in tanh_maps() for y in each.line.y)
    assert not any(math.isnan(y) for line in shape(read("gelu"), Q).function for y in line.y)
