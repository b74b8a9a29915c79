"""The catalog: one definition each, and everything computed from it agrees with what is known elsewhere."""

from __future__ import annotations

import inspect
from fractions import Fraction

import flint
import numpy as np
import pytest
from flint import arb, fmpq

from derive.gaussian import Activation, expectation, names, read
from derive.gaussian.growth import growth
from derive.language.catalog import definition, unfold
from derive.language.functions import FUNCTIONS
from derive.language.terms import Apply, Mul, Name, Term, number, rebuild
from montecarlo.activations import ACTIVATIONS

ISSUE = """identity relu leaky_relu prelu relu6 squared_relu abs step sign hard_tanh hard_sigmoid hardswish softshrink
hardshrink threshold elu selu celu gelu gelu_tanh quick_gelu silu swish mish softplus softsign sigmoid log_sigmoid tanh
tanhshrink atan erf sin cos exp gaussian hermite2 lecun_tanh siren""".split()
GRID = [Fraction(k, 7) for k in range(-60, 61) if k]
ARBITRARY = {"max", "min", "sqrt", "log", "asin", "E", "Var", "Cov", "limit"}
JUMPS = {"step": (0,), "sign": (0,), "hardshrink": (Fraction(-1, 2), Fraction(1, 2)), "threshold": (1,)}
KINKS = {
    "relu": (0,),
    "leaky_relu": (0,),
    "prelu": (0,),
    "abs": (0,),
    "relu6": (0, 6),
    "hard_tanh": (-1, 1),
    "hard_sigmoid": (-3, 3),
    "hardswish": (-3, 3),
    "softshrink": (Fraction(-1, 2), Fraction(1, 2)),
    "selu": (0,),
}


def test_the_catalog_has_what_is_asked_for() -> None:
    assert set(ISSUE) <= set(names())
    assert all((found := definition(n)) is not None and found.source for n in names())


def test_the_language_knows_every_name_with_its_parameters() -> None:
    for name in names():
        found = definition(name)
        assert found is not None
        assert FUNCTIONS[name].most == 1 + len(found.parameters), name
    assert set(FUNCTIONS) - ARBITRARY == set(names())


@pytest.mark.parametrize("name", names())
def test_the_language_knows_parity_and_growth(name: str) -> None:
    f, function = read(name), FUNCTIONS[name]
    pairs = [(f.value(z, digits=30), f.value(-z, digits=30)) for z in GRID]
    even, odd = all(a.overlaps(b) for a, b in pairs), all(a.overlaps(-b) for a, b in pairs)
    assert function.parity == (1 if even else -1 if odd else 0)
    bounds = [growth((f.pieces[0] if side < 0 else f.pieces[-1]).term, side) for side in (-1, 1)]
    if function.growth == "bounded":
        assert all(bool(abs(f.value(s * 10**k)) < 7) for k in range(7) for s in (-1, 1))
    if function.growth in {"linear", "bounded"}:
        assert all(b.d <= 1 and b.b <= 0 and b.s <= 0 for b in bounds)
    else:
        assert any(b.d > 1 or b.b > 0 for b in bounds)


@pytest.mark.parametrize("name", names())
def test_kinks_and_jumps_are_found(name: str) -> None:
    breaks = read(name).breaks
    assert breaks.complete
    assert breaks.jumps == JUMPS.get(name, ())
    assert breaks.kinks == KINKS.get(name, ())


@pytest.mark.parametrize("name", sorted(set(names()) - set(JUMPS)))
def test_the_weak_derivative_integrates_back_to_the_function(name: str) -> None:
    f = read(name)
    for low, high in [
        (Fraction(-4), Fraction(-1, 3)),
        (Fraction(-1, 3), Fraction(1, 4)),
        (Fraction(1, 4), Fraction(7)),
    ]:
        mean = expectation(f.slope, "Uniform", (low, high))
        ends = [f.value(x, digits=30) for x in (low, high)]
        with flint.ctx.workprec(150):
            assert abs(mean * arb(fmpq(*(high - low).as_integer_ratio())) - (ends[1] - ends[0])) < arb(10) ** -25


@pytest.mark.parametrize("name", JUMPS)
def test_where_f_jumps_the_derivative_does_not_integrate_back(name: str) -> None:
    f = read(name)
    integral = expectation(f.slope, "Uniform", (-4, 7)) * 11
    assert not integral.overlaps(f.value(7) - f.value(-4)) or name == "hardshrink"  # whose two jumps cancel
    half = expectation(f.slope, "Uniform", (Fraction(1, 10), 7)) * arb(fmpq(69, 10))
    assert half.overlaps(f.value(7) - f.value(Fraction(1, 10))) == (name in {"step", "sign"})


SHARED = sorted(set(ACTIVATIONS) & set(names()))


def test_montecarlo_has_its_own_activations_and_most_are_in_the_catalog() -> None:
    assert set(ACTIVATIONS) <= set(names())
    assert "derive" not in inspect.getsource(__import__("montecarlo.activations", fromlist=["x"])).split("import")[1]


@pytest.mark.parametrize("name", SHARED)
def test_the_two_sides_of_the_house_mean_the_same_function(name: str) -> None:
    """16 roundings of double precision are allowed, relative where the value is above 1: the formulas are short."""
    f, simulated = read(name), ACTIVATIONS[name]
    for z in GRID:
        x = np.array([float(z)])
        for exact, double in (
            (f.value(Fraction(float(z))), simulated.function(x)),
            (f.slope_value(Fraction(float(z))), simulated.derivative(x)),
        ):
            assert abs(float(exact.mid()) - float(double[0])) <= 16 * np.finfo(float).eps * max(
                1, abs(float(double[0]))
            )


def test_the_comparison_of_the_two_sides_can_fail() -> None:
    z = np.array([0.5])
    wrong = read("gelu_tanh").value(Fraction(1, 2))
    assert abs(float(wrong.mid()) - float(ACTIVATIONS["gelu"].function(z)[0])) > 1e-6


@pytest.mark.parametrize("name", names())
def test_the_text_of_an_activation_reads_back_and_has_latex(name: str) -> None:
    f = read(name)
    assert f.latex
    if not f.constants:
        again = read(f.text)
        assert all(again.value(z).overlaps(f.value(z)) for z in GRID[::9])


def test_parameters_replace_the_defaults() -> None:
    assert read("elu", {"alpha": "1/2"}).value(-1).overlaps(read("elu(z, 1/2)").value(-1))
    assert read("leaky_relu", {"alpha": Fraction(1, 5)}).homogeneous == (number(1), number(Fraction(1, 5)))
    assert read("siren", {"omega": "2*pi"}).value(Fraction(1, 4)).overlaps(arb(1))
    assert read("alpha*relu(z)", {"alpha": "sqrt(2)"}).homogeneous is not None


def test_homogeneous_is_said_of_these_and_no_others() -> None:
    found = {n for n in names() if read(n).homogeneous is not None}
    assert found == {"identity", "relu", "leaky_relu", "prelu", "abs"}


def scaled_tanh(term: Term) -> Term:
    if isinstance(term, Apply) and term.function == "tanh":
        return Mul((number(Fraction(1001, 1000)), term))
    return rebuild(term, scaled_tanh)


def test_a_definition_that_is_off_by_a_thousandth_is_seen() -> None:
    f = read("tanh")
    wrong = Activation(None, f.shown, scaled_tanh(f.term))
    assert not wrong.value(1).overlaps(f.value(1))


def test_unfolding_leaves_the_functions_that_arb_knows() -> None:
    term = unfold(Apply("mish", (Apply("gelu", (Name("z"),)),)))
    assert not any(t in str(term) for t in ("mish", "gelu"))
