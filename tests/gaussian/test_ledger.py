"""Every fact of the ledger is checked by means that share nothing with the kernel, and the checks can fail."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb, prod

import pytest
from flint import arb, ctx, fmpq

from derive.gaussian import correlated, expectation, read
from derive.gaussian.programs import on_reals, value_of
from derive.kernel import ledger
from derive.kernel.ledger import Fact
from derive.language.parser import parse_term
from derive.language.terms import Add, Mul, Neg, Term, number, substitute
from tests.gaussian.certify import broken, closed_form_holds, holds_everywhere, telling, value

QS = [Fraction(n, d) for n, d in [(1, 1000), (1, 50), (1, 4), (1, 2), (1, 1), (7, 3), (10, 1), (100, 1)]]
TINY = Fraction(1, 10**11)


def named(fact: Fact) -> str:
    return fact.name


def powers(fact: Fact) -> range:
    return range(1, 5) if "^k" in fact.left else range(1)


@pytest.mark.parametrize("fact", ledger.facts("normal"), ids=named)
def test_each_closed_form_lies_in_the_certified_enclosure(fact: Fact) -> None:
    for k in powers(fact):
        qs = [q for q in QS if telling(fact.left, q, k)]
        assert len(qs) >= len(QS) - 1
        assert all(closed_form_holds(fact.left, fact.right, q, k) for q in qs)


@pytest.mark.parametrize("fact", ledger.facts("normal"), ids=named)
def test_a_closed_form_that_is_off_in_the_eleventh_digit_is_caught(fact: Fact) -> None:
    assert not any(closed_form_holds(fact.left, fact.right, q, 1, times=1 + TINY) for q in QS)


LINES = [(m, q) for m in (0, Fraction(-7, 5), 3) for q in (Fraction(1, 4), Fraction(1), Fraction(7, 3), Fraction(10))]
CUTS = [Fraction(-2), Fraction(0), Fraction(1, 3), Fraction(5, 2)]


def at_values(text: str, **values: Fraction | int) -> Term:
    return substitute(parse_term(text), {name: number(Fraction(v)) for name, v in values.items()})


def ball(text: str, **values: Fraction | int) -> arb:
    with ctx.workprec(300):
        return value_of(at_values(text, **values))


def agree(left: arb, right: arb) -> bool:
    """Whether two balls meet, each known to 12 digits or to 1e-12."""
    sharp = all(b.rad() < arb(10) ** -12 * abs(b).upper().max(arb(1)) for b in (left, right))
    return sharp and bool(left.overlaps(right))


@pytest.mark.parametrize("fact", ledger.facts("line"), ids=named)
def test_each_integral_over_the_line_lies_in_the_certified_enclosure(fact: Fact) -> None:
    for (m, q), c in product(LINES, CUTS if "c" in fact.left.split("-")[-1] else CUTS[:1]):
        found = expectation(at_values(fact.left, c=c), "Normal", (m, q), digits=25)
        right = ball(fact.right, m=m, q=q, c=c)
        assert agree(found, right), (m, q, c)
        assert not agree(found, right * arb("1.00000000001") + arb(10) ** -11)


PAIRS = [(1, Fraction(1, 3), 2), (Fraction(1, 4), Fraction(-1, 5), 1), (4, 1, 3), (1, Fraction(-9, 10), 1)]


@pytest.mark.parametrize("fact", ledger.facts("pair"), ids=named)
@pytest.mark.parametrize(("q11", "q12", "q22"), PAIRS)
def test_each_integral_of_a_pair_lies_in_the_certified_enclosure(
    fact: Fact, q11: Fraction, q12: Fraction, q22: Fraction
) -> None:
    found = correlated(read(fact.left.split("(")[0]), q11, q12, q22)
    right = ball(fact.right, q11=q11, q12=q12, q22=q22)
    assert agree(found, right)
    assert not agree(found, right * arb("1.00000000001"))


GS = ("y^3 - y", "erf(y)", "y*cos(y)", "exp(y/2)")


@pytest.mark.parametrize("g", GS)
def test_tilting_moves_the_law(g: str) -> None:
    for (m, q), slope in product(LINES, (Fraction(-1), Fraction(1, 2))):
        left = expectation(at_values(f"exp(l*y)*({g})", l=slope), "Normal", (m, q), digits=25)
        moved = expectation(parse_term(g), "Normal", (m + slope * q, q), digits=25)
        assert agree(left, ball("exp(l*m + l^2*q/2)", l=slope, m=m, q=q) * moved)


@pytest.mark.parametrize("g", GS)
def test_squeezing_narrows_the_law(g: str) -> None:
    for (m, q), (slope, d) in product(LINES, [(Fraction(1), Fraction(0)), (Fraction(-2, 3), Fraction(1, 2))]):
        left = expectation(at_values(f"exp(-(l*y+d)^2)*({g})", l=slope, d=d), "Normal", (m, q), digits=25)
        a, s = slope * m + d, slope * slope * q
        law = (m - 2 * a * q * slope / (1 + 2 * s), q - 2 * (q * slope) ** 2 / (1 + 2 * s))
        factor = ball("exp(-a^2/(1+2*s))/sqrt(1+2*s)", a=a, s=s)
        assert agree(left, factor * expectation(parse_term(g), "Normal", law, digits=25))


SLOPES = {"y^3 - y": "3*y^2 - 1", "exp(y/2)": "exp(y/2)/2", "y^2": "2*y"}


@pytest.mark.parametrize("g", SLOPES)
def test_steins_identity_beyond_a_point_has_the_value_at_the_point(g: str) -> None:
    for (m, q), c in product(LINES, CUTS):
        left = expectation(at_values(f"(y - m)*({g})*step(y - c)", m=m, c=c), "Normal", (m, q), digits=25)
        inside = expectation(at_values(f"({SLOPES[g]})*step(y - c)", c=c), "Normal", (m, q), digits=25)
        edge = ball(f"q*({g.replace('y', 'c')})*exp(-(c-m)^2/(2*q))/sqrt(2*pi*q)".replace("ecp", "exp"), m=m, q=q, c=c)
        assert agree(left, inside * arb(fmpq(*q.as_integer_ratio())) + edge)


def in_turned_coordinates(i: int, j: int, t: Fraction, of: str) -> arb:
    """E x^i y^j g(L) for independent standard x, y and L = x + t y: x = (L - t r)/n, y = (t L + r)/n, n = 1 + t^2.

    L and r = y - t x are independent of variance n, so that powers of r have known means, and those of L times g(L) are
    certified integrals in one variable.
    """
    n, total = 1 + t * t, arb(0)
    for a in range(i + 1):
        for b in range(j + 1):
            power_r = (i - a) + (j - b)
            if power_r % 2:
                continue
            c = comb(i, a) * comb(j, b) * (-t) ** (i - a) * t**b * n ** (power_r // 2) * prod(range(1, power_r, 2))
            inner = expectation(parse_term(f"y^{a + b}*{of}"), "Normal", (0, n), digits=25)
            total += inner * arb(fmpq(*Fraction(c / n ** (i + j)).as_integer_ratio()))
    return total


@pytest.mark.parametrize("t", [Fraction(1, 2), Fraction(-3)])
@pytest.mark.parametrize(("i", "j"), [(2, 0), (1, 1), (2, 2), (3, 1)])
def test_squeezing_two_variables_squeezes_their_covariances(i: int, j: int, t: Fraction) -> None:
    """S - 2 (S L)(S L)'/(1 + 2 s) with S = 1, L = (1, t): E x^i y^j by Isserlis 1918."""
    s = 1 + t * t
    xx, xy, yy = 1 - 2 / (1 + 2 * s), -2 * t / (1 + 2 * s), 1 - 2 * t * t / (1 + 2 * s)
    moments = {(2, 0): xx, (1, 1): xy, (2, 2): xx * yy + 2 * xy * xy, (3, 1): 3 * xx * xy}
    right = ball("c/sqrt(1+2*s)", c=moments[i, j], s=s)
    assert agree(in_turned_coordinates(i, j, t, "exp(-y^2)"), right)


@pytest.mark.parametrize("t", [Fraction(1, 2), Fraction(-3)])
@pytest.mark.parametrize(("i", "j"), [(1, 0), (1, 2), (3, 0)])
def test_a_sign_jumps_by_twice_the_density_at_zero(i: int, j: int, t: Fraction) -> None:
    """E x x^(i-1) y^j sign(L) = E (x^(i-1) y^j)' sign(L) + 2 p E w, w with covariances S - (S L)(S L)'/s."""
    s = 1 + t * t
    xx, yy = 1 - 1 / s, 1 - t * t / s
    given_zero = {(1, 0): Fraction(1), (1, 2): yy, (3, 0): xx}[i, j]
    smooth = (i - 1) * in_turned_coordinates(i - 2, j, t, "sign(y)") if i > 1 else arb(0)
    assert agree(in_turned_coordinates(i, j, t, "sign(y)"), smooth + ball("2*c/sqrt(2*pi*s)", c=given_zero, s=s))


def test_products_of_waves_are_sums() -> None:
    for a, b in product((arb("0.3"), arb(-2)), (arb("1.7"), arb(5))):
        assert agree(a.cos() * b.cos(), ((a - b).cos() + (a + b).cos()) / 2)
        assert agree(a.sin() * b.sin(), ((a - b).cos() - (a + b).cos()) / 2)
        assert agree(a.sin() * b.cos(), ((a + b).sin() + (a - b).sin()) / 2)


@pytest.mark.parametrize("fact", ledger.facts("pointwise"), ids=named)
def test_each_inequality_holds_for_every_real_x(fact: Fact) -> None:
    assert holds_everywhere(fact.left)


@pytest.mark.parametrize(
    "statement", [(b) for fact in ledger.facts("pointwise") for b in broken(fact)], ids=lambda s: s.replace(" ", "")
)
def test_an_inequality_with_a_constant_changed_or_turned_round_is_not_certified(statement: str) -> None:
    assert not holds_everywhere(statement)


def real(term: Term, x: object) -> arb:
    functions = {f: (lambda v, f=f: on_reals(f, v)) for f in "exp sin cos tanh sigmoid softplus gelu silu".split()}
    return value(term, x, functions, arb.pi(), lambda a, b: arb(fmpq(a, b)))


@pytest.mark.parametrize("fact", ledger.facts("derivative"), ids=named)
def test_each_derivative_integrates_back_to_its_function(fact: Fact) -> None:
    """f(b) - f(a) is the integral of f', on 12 intervals, to 12 digits."""
    f, slope = parse_term(fact.left), parse_term(fact.right)
    for k in range(12):
        low, high = Fraction(k - 6, 2), Fraction(k - 5, 2)
        width = high - low
        integral = expectation(slope, "Uniform", (low, high)) * arb(fmpq(width.numerator, width.denominator))
        ends = [real(f, arb(fmpq(x.numerator, x.denominator))) for x in (low, high)]
        assert abs(integral - (ends[1] - ends[0])) < arb(10) ** -12
        wrong = expectation(Add((slope, parse_term("1/10^9"))), "Uniform", (low, high))
        assert not abs(wrong * arb(fmpq(width.numerator, width.denominator)) - (ends[1] - ends[0])) < arb(10) ** -12


@pytest.mark.parametrize("fact", ledger.facts("reflection"), ids=named)
def test_each_reflection_holds_on_a_grid_to_twelve_digits(fact: Fact) -> None:
    f, mirrored = parse_term(fact.left), parse_term(fact.right)
    for k in range(-40, 41):
        x = arb(fmpq(k, 5))
        assert abs(real(f, -x) - real(mirrored, x)) < arb(10) ** -12
    assert not abs(real(f, arb(-1)) - real(Neg(mirrored), arb(1))) < arb(10) ** -12


@pytest.mark.parametrize(("g", "slope"), [("tanh(y)", "1 - tanh(y)^2"), ("y*cos(y)", "cos(y) - y*sin(y)")])
@pytest.mark.parametrize("mean", [0, Fraction(3, 2)])
@pytest.mark.parametrize("q", [Fraction(1, 10), Fraction(5)])
def test_steins_identity_holds_for_functions_of_the_kinds_it_is_used_on(
    g: str, slope: str, mean: Fraction, q: Fraction
) -> None:
    centred = Mul((Add((parse_term("y"), parse_term(f"-{mean}"))), parse_term(g)))
    left = expectation(centred, "Normal", (mean, q))
    right = expectation(parse_term(slope), "Normal", (mean, q)) * arb(fmpq(q.numerator, q.denominator))
    assert left.overlaps(right)
    assert left.rel_accuracy_bits() > 40


def test_names_are_found_and_unknown_ones_are_refused() -> None:
    fact = ledger.fact("erf-second-moment")
    assert fact.statement == "E(erf(y)^2) = 2/pi*asin(2*q/(1+2*q)) for y ~ Normal(0, q)"
    assert fact.source.startswith("Williams 1997")
    assert all(f.source and f.statement for f in ledger.facts())
    with pytest.raises(ledger.UnknownFact):
        ledger.fact("erf-third-moment")
