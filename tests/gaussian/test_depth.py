"""Depth: published fixed points and critical pairs, closed maps, quadrature, simulation; and what does not exist."""

from __future__ import annotations

import time
from fractions import Fraction
from math import asin, erf, pi, sqrt, tanh

import flint
import numpy as np
import pytest
from flint import arb, fmpq
from scipy import integrate, optimize

from derive.gaussian import Divergent, Number, Undefined, enclosure, read
from derive.gaussian.depth import (
    FixedPoint,
    Layer,
    correlation,
    critical_pairs,
    depth_scale,
    edge_of_chaos,
    fixed_points,
)
from derive.gaussian.depth.maps import moment, slope_of_second_moment
from derive.gaussian.depth.roots import enclosed, roots
from derive.gaussian.errors import NotCertified, OutOfWork

GAIN = Fraction(25, 9)  # tanh with PyTorch's 5/3
SMOOTH = ["gelu", "silu", "mish", "softplus", "erf", "tanh", "elu", "hard_tanh", "relu6", "sin(z) + z/2"]


def meets(number: Number | None, digits: str) -> bool:
    """Whether a certified number is what was published, to half a unit of its last digit and rounding."""
    assert number is not None
    places = len(digits.split(".")[1])
    with flint.ctx.workprec(200):
        return number.status == "certified" and bool(abs(number.ball - arb(digits)) < arb(10) ** -places)


def attracting(name: str, weight: Fraction, bias: Fraction = Fraction(0)) -> FixedPoint:
    (point,) = [p for p in fixed_points(Layer(read(name), weight, bias)) if p.attracts]
    return point


def test_tanh_with_gain_five_thirds_settles_at_the_published_point_and_its_gradients_grow() -> None:
    zero, point = fixed_points(Layer(read("tanh"), GAIN))
    assert meets(point.q, "1.17848049039")
    assert meets(point.chi_perpendicular, "1.20983132")
    assert point.attracts is True
    assert zero.q.value == "0"
    assert zero.attracts is False
    with flint.ctx.workprec(100):  # the standard deviation after tanh
        assert bool(abs((point.q.ball * 9 / 25).sqrt() - arb("0.6513470477")) < arb(10) ** -10)


def test_the_edge_of_chaos_of_tanh_is_the_computed_one() -> None:
    (pair,) = edge_of_chaos(read("tanh"), Fraction(1, 20))
    assert meets(pair.weight_variance, "1.76095463961")
    assert meets(pair.fixed_point, "0.5700478816")


@pytest.mark.parametrize(
    ("name", "weight", "bias", "point"),
    [
        ("gelu", "1.98305826", "0.17292239", "3.56155281"),
        ("silu", "1.98800468", "0.55514317", "14.32017362"),
    ],
)
def test_gelu_and_silu_are_critical_where_roberts_yaida_and_hanin_say(
    name: str, weight: str, bias: str, point: str
) -> None:
    first, zero = critical_pairs(read(name))
    assert meets(first.weight_variance, weight)
    assert meets(first.bias_variance, bias)
    assert meets(first.fixed_point, point)
    assert zero.fixed_point is not None
    assert bool(zero.weight_variance.ball == 4)


def test_the_bias_variance_of_silus_pair_is_that_of_quadrature() -> None:
    """Code in circulation has 0.055514317, a tenth of it: at that bias variance q = 14.32 is no fixed point."""
    q, weight = 14.32017361803, 1.988004678269
    silu_squared = (
        integrate.quad(lambda z: (sqrt(q) * z / (1 + np.exp(-sqrt(q) * z))) ** 2 * np.exp(-z * z / 2), a, b)[0]
        for a, b in ENDS
    )
    assert q - weight * sum(silu_squared) / sqrt(2 * pi) == pytest.approx(0.55514317, abs=1e-7)


def test_the_critical_point_of_gelu_is_half_of_three_and_the_root_of_seventeen() -> None:
    (pair, _) = critical_pairs(read("gelu"), digits=60)
    assert pair.fixed_point is not None
    with flint.ctx.workprec(300):
        exact = (3 + arb(17).sqrt()) / 2
        assert bool(pair.fixed_point.ball.contains(exact))
        assert bool(pair.fixed_point.ball.rad() < arb(10) ** -59)


@pytest.mark.parametrize(
    ("name", "weight"), [("tanh", 1.0), ("erf", pi / 4), ("sin", 1.0), ("atan", 1.0), ("elu", 1.0)]
)
def test_what_is_linear_near_zero_is_critical_at_zero(name: str, weight: float) -> None:
    (pair,) = critical_pairs(read(name))
    assert pair.fixed_point is not None
    assert bool(pair.fixed_point.ball == 0)
    assert bool(pair.bias_variance.ball == 0)
    assert float(pair.weight_variance.ball.mid()) == pytest.approx(weight, rel=1e-15)


@pytest.mark.parametrize("bias", [Fraction(1, 100), Fraction(1, 2)])
def test_the_edge_of_erf_solves_the_equations_of_its_closed_forms(bias: Fraction) -> None:
    def weight(q: float) -> float:  # 1/E f'^2, E f'^2 = 4/pi/sqrt(1 + 4 q)
        return pi / 4 * sqrt(1 + 4 * q)

    q = optimize.brentq(lambda q: q - weight(q) * 2 / pi * asin(2 * q / (1 + 2 * q)) - bias, 1e-3, 100, xtol=1e-14)
    (pair,) = edge_of_chaos(read("erf"), bias)
    assert pair.fixed_point is not None
    assert float(pair.fixed_point.ball.mid()) == pytest.approx(q, rel=1e-10)
    assert float(pair.weight_variance.ball.mid()) == pytest.approx(weight(q), rel=1e-10)


def test_on_the_edge_both_equations_hold_for_an_activation_without_a_closed_form() -> None:
    (pair,) = edge_of_chaos(read("silu"), Fraction(1, 20), digits=20)
    assert pair.fixed_point is not None
    layer = Layer(read("silu"), pair.weight_variance, pair.bias_variance)
    q = pair.fixed_point.ball
    with flint.ctx.workprec(150):
        assert bool((layer.variance(q, digits=20) - q).contains(0))
        assert bool((layer.chi_perpendicular(q, digits=20) - 1).contains(0))
        assert bool(layer.chi_parallel(q, digits=20).overlaps(pair.chi_parallel.ball))
        assert not bool((layer.variance(q * arb("1.001"), digits=20) - q * arb("1.001")).contains(0))


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("q", [Fraction(1, 16), Fraction(3)])
def test_the_slope_of_the_variance_map_is_the_same_with_and_without_a_derivative(name: str, q: Fraction) -> None:
    f = read(name)
    with flint.ctx.workprec(150):
        v = arb(q.numerator) / q.denominator
        plain = enclosure(f, "z^2*f^2", q) - v * enclosure(f, "f^2", q)
        by_parts = slope_of_second_moment(f, v, 30)
        assert bool(by_parts.overlaps(plain / (2 * v * v)))
        assert bool(by_parts.rad() < arb(10) ** -25)


def test_the_slopes_are_those_of_quadrature() -> None:
    def moment(q: float) -> float:
        low, high = (integrate.quad(lambda z: tanh(sqrt(q) * z) ** 2 * np.exp(-z * z / 2), a, b)[0] for a, b in ENDS)
        return (low + high) / sqrt(2 * pi)

    layer = Layer(read("tanh"), GAIN)
    numeric = (moment(1.2 + 1e-4) - moment(1.2 - 1e-4)) / 2e-4 * 25 / 9
    assert float(layer.chi_parallel(Fraction(6, 5)).mid()) == pytest.approx(numeric, rel=1e-6)
    assert float(layer.variance(Fraction(6, 5)).mid()) == pytest.approx(moment(1.2) * 25 / 9, rel=1e-9)


ENDS = [(-12, 0), (0, 12)]


def test_a_ball_of_variances_is_mapped_to_a_ball_that_is_no_wider_than_the_slope_says() -> None:
    layer = Layer(read("gelu"), Fraction(2))
    with flint.ctx.workprec(200):
        middle, radius = arb("1.3"), arb(10) ** -12
        ball = arb(middle.mid(), radius)
        image = layer.variance(ball)
        for place in (middle - radius / 2, middle, middle + radius / 2):
            assert bool(image.contains(layer.variance(place.mid()).mid()))
        slope = layer.chi_parallel(middle.mid())
        assert bool(image.rad() < radius * slope * arb("1.1"))
        assert bool(image.rad() > radius * slope / 2)


@pytest.mark.parametrize("name", ["gelu", "tanh", "selu", "relu6"])
@pytest.mark.parametrize("radius", ["0.1", "0.001", "1e-5", "1e-12"])
def test_the_ends_of_a_ball_of_variances_are_mapped_into_its_image(name: str, radius: str) -> None:
    """However the slope is enclosed, on a cell that the ball shares with others or on the ball itself."""
    layer = Layer(read(name), Fraction(2))
    with flint.ctx.workprec(200):
        for middle in (arb("1.3"), arb(1), arb("0.02")):
            width = middle * arb(radius)
            image = layer.variance(arb(middle.mid(), width))
            for end in (middle - width * arb("0.9999"), middle + width * arb("0.9999")):
                assert bool(image.contains(layer.variance(end.mid())))


def test_moments_that_are_kept_are_those_that_are_computed_anew() -> None:
    for name in ("gelu", "tanh"):
        for q in (arb(1), arb(2) ** -20, arb("1.1").mid()):
            for of in ("f^2", "df^2"):
                for digits in (10, 30):
                    kept = [moment(read(name), of, q, digits=digits) for _ in range(2)]
                    anew = enclosure(read(name), of, q, digits=digits)
                    assert all(bool(ball == anew) or bool(ball.overlaps(anew)) for ball in kept)
                    assert kept[0].rad() == anew.rad()


def test_a_bracket_that_holds_no_change_of_sign_is_refused() -> None:
    from derive.gaussian import NotCertified

    with pytest.raises(NotCertified):
        enclosed(lambda q, _: (q - 1) ** 2 + arb("0.0001"), arb("0.5"), arb(2), digits=10)


@pytest.mark.parametrize(
    ("name", "weight"), [("relu", "2"), ("abs", "1"), ("identity", "1"), ("leaky_relu", "1.9998000199980")]
)
def test_every_second_moment_of_a_homogeneous_activation_is_a_fixed_point(name: str, weight: str) -> None:
    (pair,) = critical_pairs(read(name))
    assert pair.fixed_point is None
    assert abs(float(pair.weight_variance.ball.mid()) - float(weight)) < 1e-12
    assert edge_of_chaos(read(name), Fraction(1, 20)) == ()
    assert fixed_points(Layer(read(name), Fraction(2))) == ()


@pytest.mark.parametrize("name", ["step", "sign", "hardshrink"])
def test_where_f_jumps_there_is_no_edge_and_the_second_moment_still_has_a_slope(name: str) -> None:
    with pytest.raises(Undefined):
        critical_pairs(read(name))
    with pytest.raises(Undefined):
        edge_of_chaos(read(name), Fraction(0))
    slope = Layer(read(name)).chi_parallel(Fraction(1))
    assert slope.is_finite()
    assert name == "hardshrink" or bool(slope.contains(0))


def test_hermite_polynomials_are_critical_where_their_moments_say() -> None:
    """f = z^2 - 1: E f^2 = 3 q^2 - 2 q + 1, E f'^2 = 4 q, so H = 2 q - 2, and sigma_b^2 = 1 - 2/4."""
    (pair,) = critical_pairs(read("hermite2"))
    found = (pair.fixed_point, pair.weight_variance, pair.bias_variance)
    assert [float(n.ball.mid()) for n in found if n is not None] == pytest.approx([1, 1 / 4, 1 / 2], rel=1e-15)


def test_a_pair_that_takes_a_negative_bias_variance_is_none() -> None:
    """f = 10 + z^3 - 3 z has H = 0 at q = 1 as without the 10, and would take sigma_b^2 = 1 - 106/18."""
    first = critical_pairs(read("hermite3"))[0]
    assert first.fixed_point is not None
    assert float(first.fixed_point.ball.mid()) == pytest.approx(1, rel=1e-15)
    assert critical_pairs(read("10 + z^3 - 3*z")) == ()


def test_quick_gelus_pair_is_silus_in_other_units() -> None:
    """quick_gelu(z) = silu(b z)/b, b = 1.702: the same sigma_w^2, the other two divided by b^2."""
    quick, silu = critical_pairs(read("quick_gelu"))[0], critical_pairs(read("silu"))[0]
    assert quick.fixed_point is not None
    assert silu.fixed_point is not None
    with flint.ctx.workprec(150):
        unit = arb("1.702") ** 2
        assert bool(quick.weight_variance.ball.overlaps(silu.weight_variance.ball))
        assert bool((quick.fixed_point.ball * unit).overlaps(silu.fixed_point.ball))
        assert bool((quick.bias_variance.ball * unit).overlaps(silu.bias_variance.ball))


def test_what_has_no_variance_map_is_said() -> None:
    with pytest.raises(Divergent):
        fixed_points(Layer(read("exp(z^2)")))
    with pytest.raises(ValueError, match="negative"):
        edge_of_chaos(read("tanh"), -1)


@pytest.mark.parametrize("c", [Fraction(-1, 2), Fraction(0), Fraction(3, 10), Fraction(1)])
def test_the_correlation_map_of_relu_is_the_arc_cosine_kernel(c: Fraction) -> None:
    found = correlation(read("relu"), 2, c, weight=2)
    angle = np.arccos(float(c))
    assert float(found.mid()) == pytest.approx((np.sin(angle) + (pi - angle) * float(c)) / pi, abs=1e-12)


def test_the_correlation_map_has_slope_chi_perpendicular_at_one() -> None:
    q = Fraction(117848049039, 10**11)
    h = Fraction(1, 10)
    secants = [(1 - float(correlation(read("tanh"), q, 1 - k, weight=GAIN, digits=8).mid())) / k for k in (h, h / 2)]
    assert 2 * secants[1] - secants[0] == pytest.approx(1.20983132, rel=5e-3)  # to second order in h


def test_the_depth_scale_is_the_number_of_layers_in_which_a_deviation_shrinks_by_e() -> None:
    point = attracting("tanh", GAIN)
    scale = depth_scale(point.chi_parallel.ball)
    assert scale is not None
    assert float(scale.mid()) == pytest.approx(-1 / np.log(0.4308993863646457), rel=1e-12)
    assert point.chi_perpendicular is not None
    assert depth_scale(point.chi_perpendicular.ball) is None


@pytest.mark.parametrize(("name", "f"), [("tanh", np.tanh), ("erf", np.vectorize(erf)), ("gelu", None)])
def test_wide_networks_settle_where_the_fixed_point_is(name: str, f: object) -> None:
    """Conditioned sampling, 40 networks of width 4,000: 5 standard errors and 10/n for the bias of a finite width."""
    bias = Fraction(1, 5)
    weight = GAIN if name != "gelu" else Fraction(1)
    point = attracting(name, weight, bias)
    gelu = np.vectorize(lambda z: z * (1 + erf(z / sqrt(2))) / 2)
    function = gelu if f is None else f
    assert callable(function)
    measured = simulated(function, float(weight), float(bias))
    center, error = measured.mean(), measured.std(ddof=1) / sqrt(len(measured))
    tolerance = 5 * error + 10 / WIDTH
    assert abs(center - float(point.q.ball.mid())) < tolerance
    twin = attracting(name, weight * Fraction(11, 10), bias)  # ten per cent off has to be noticed
    assert abs(center - float(twin.q.ball.mid())) > tolerance


WIDTH, NETWORKS, LAYERS = 4_000, 40, 25


def simulated(function: object, weight: float, bias: float) -> np.ndarray:
    assert callable(function)
    random = np.random.default_rng(20261125)
    q = np.ones((NETWORKS, 1))
    for layer in range(LAYERS):
        width = WIDTH if layer >= LAYERS - 4 else WIDTH // 10  # where it comes from is forgotten in four layers
        z = np.sqrt(q) * random.standard_normal((NETWORKS, width))
        q = weight * np.mean(function(z) ** 2, axis=1, keepdims=True) + bias
    return q[:, 0]


@pytest.mark.parametrize("q", [arb(0), arb(0, 1e-8), arb(1e-8, 1e-8), arb(-1), Fraction(0)], ids=str)
@pytest.mark.parametrize("of", ["variance", "chi_parallel", "chi_perpendicular"])
def test_a_variance_that_may_be_zero_is_not_certified(of: str, q: object) -> None:
    for name in ("gelu", "silu", "relu"):
        with pytest.raises(NotCertified, match="not shown to be positive"):
            getattr(Layer(read(name)), of)(q)


@pytest.mark.parametrize("name", ["gelu", "silu", "tanh", "relu"])
def test_slopes_keep_their_digits_at_tiny_variances(name: str) -> None:
    """z f f' is as small as q: what is good to so many bits behind the point says nothing of it divided by q."""
    at_zero = {"gelu": (1, 4), "silu": (1, 4), "tanh": (1, 1), "relu": (1, 2)}[name]
    for k in (12, 25, 30, 40):
        q = arb(10) ** -k
        slope = slope_of_second_moment(read(name), q.mid(), 4)
        assert bool(abs(slope - arb(fmpq(*at_zero))) < arb(10) ** -3), k
        around = arb(q.mid(), q * arb(10) ** -10)
        image = Layer(read(name)).variance(around)
        assert image.rel_accuracy_bits() >= 30, k  # its radius is that of q, times the slope


def test_octaves_that_use_up_the_work_end_the_search() -> None:
    asked: list[int] = []

    def g(q: object, digits: int) -> object:
        asked.append(digits)
        if bool(q > 1):  # type: ignore[operator]
            raise OutOfWork
        return q - arb("0.3")  # type: ignore[operator]

    (root,) = roots(g, digits=20)
    assert bool(root.overlaps(arb("0.3")))
    beyond = asked[-3:]
    assert beyond == [1, 1, 1]
    assert sum(d == 1 for d in asked) == 21 + 3


def test_a_fast_oscillation_costs_the_search_for_pairs_a_few_octaves() -> None:
    before = time.process_time()
    (pair,) = critical_pairs(read("sin(1000*z)"))
    with flint.ctx.workprec(200):
        assert bool(abs(pair.weight_variance.ball * 10**6 - 1) < arb(10) ** -25)
    assert time.process_time() - before <= 4  # 1.8 on a quiet machine, where it was 7
