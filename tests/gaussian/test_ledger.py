"""Every fact of the ledger is checked by means that share nothing with the kernel, and the checks can fail."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, fmpq

from derive.gaussian import expectation
from derive.gaussian.programs import on_reals
from derive.kernel import ledger
from derive.kernel.ledger import Fact
from derive.language.parser import parse_term
from derive.language.terms import Add, Mul, Neg, Term
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
