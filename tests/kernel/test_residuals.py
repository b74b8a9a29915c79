"""Residuals read as products: what is found multiplies back, and what a reader would factor is factored."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from random import Random
from time import process_time

import pytest

import derive
from derive.decide import decide
from derive.kernel.expand import Expansion
from derive.kernel.factors import factors
from derive.kernel.facts import theory
from derive.kernel.judge import difference
from derive.kernel.polynomial import ONE, Poly, total
from derive.kernel.residual import residual_term
from derive.language.parser import parse_theorem
from derive.language.printer import term_text
from derive.language.scope import resolve
from tests.referee.test_search import FALSE
from tests.referee.texts import everything, problem

X, Y, Z = (Poly.symbol(s) for s in "xyz")


def random_poly(rng: Random) -> Poly:
    """Up to three terms in four symbols, exponents up to 2, some of them negative."""
    exponents = (0, 0, 0, 1, 2, -1)
    return total(
        Poly.monomial(frozenset((s, e) for s in "wxyz" if (e := rng.choice(exponents))), rng.choice([1, -1, 2]))
        for _ in range(rng.randint(1, 3))
    )


@pytest.mark.parametrize("seed", range(60))
def test_factors_multiply_back_and_a_product_is_seen_to_be_one(seed: int) -> None:
    rng = Random(seed)
    a, b = random_poly(rng), random_poly(rng)
    if not a * b:
        return
    before = process_time()
    found = factors(a * b)
    assert process_time() - before < 1
    assert found.product() == a * b
    # evaluated at a point too, by arithmetic that is not the polynomials'
    point = {s: Fraction(rng.randint(1, 9), rng.randint(1, 9)) for s in "wxyz"}
    assert value(a, point) * value(b, point) == found.number * prod(
        (point[str(s)] ** e for s, e in found.monomial), start=Fraction(1)
    ) * prod((value(f, point) ** k for f, k in found.powers), start=Fraction(1))


def value(poly: Poly, point: dict[str, Fraction]) -> Fraction:
    return sum(
        (c * prod((point[str(s)] ** e for s, e in m), start=Fraction(1)) for m, c in poly.terms.items()), Fraction(0)
    )


@pytest.mark.parametrize(
    ("poly", "count"),
    [
        (X * X - Y * Y, 2),
        ((X + Y) ** 2 * (X - Z), 3),
        (X * Y - X - Y + ONE, 2),
        ((X * Y + Z) * (X * X - ONE), 3),
        ((X * X + Y) * (X * X + Z), 2),
        ((X - ONE) * (X - ONE - ONE) * (X - Poly.number(3)), 3),
        ((X + Y) ** 3, 3),
        (X * X + Y * Y, 1),
        (X * X - Y, 1),
    ],
)
def test_as_many_factors_are_found_as_there_are(poly: Poly, count: int) -> None:
    assert sum(k for _, k in factors(poly).powers) == count


@pytest.mark.parametrize(
    ("givens", "claim", "residual"),
    [
        (("X random", "Y random", "X independent of Y"), "Var(X*Y) = Var(X)*Var(Y)", "E(X)^2*Var(Y) + E(Y)^2*Var(X)"),
        (("a[j] exchangeable for j in 1..n",), "Var(sum(a[j], j in 1..n)) = n*Var(a)",
         "n*(n - 1)*(E(a[1]*a[2]) - E(a)^2)"),
        (("X random", "s positive", "Var(X) = s^2", "E(X) = 0"), "s^2*E(X^4) = s^4*Var(X)", "s^2*(E(X^4) - s^4)"),
        (("X random", "Y random"), "E(X)^2 = E(Y)^2", "(E(X) + E(Y))*(E(X) - E(Y))"),
        (("W[j] iid for j in 1..n",), "E(sum(W[j], j in 1..n)^2) = n*E(W^2)", "n*(n - 1)*E(W)^2"),
    ],
)  # fmt: skip
def test_a_residual_is_written_as_a_product(givens: tuple[str, ...], claim: str, residual: str) -> None:
    lines = "".join(f"  {g}\n" for g in givens)
    (verdict,) = decide(f"```derive\ntheorem t\ngiven\n{lines}show\n  {claim}\n```\n", file="t")
    assert verdict.steps[0].residual == residual


@pytest.mark.parametrize("name", sorted(FALSE))
def test_a_residual_that_is_read_again_is_left_minus_right(name: str) -> None:
    givens, claim = FALSE[name]
    stated = problem(givens, claim)
    step, known = stated.steps[0], theory(stated, everything(stated))
    if step.operator == "iff":
        return
    ratio = difference(known, step.left, step.right).difference
    text = term_text(residual_term(known, ratio))
    if "v[L-1]" in text or "j0" in text:
        return  # what stands there has no text that can be read without its proof
    lines = "".join(f"  {g}\n" for g in givens)
    again = resolve(parse_theorem(f"theorem t\ngiven\n{lines}show\n  {text} = 0\n")).steps[0].left
    back = Expansion(stated).expand(again)
    normal = known.normalizer.normal
    assert normal(back.numerator * ratio.denominator) == normal(ratio.numerator * back.denominator)


def test_the_residual_of_equal_sides_is_zero() -> None:
    """A strict inequality may be refuted by equality."""
    text = "theorem t\ngiven\n  X random\n  E(X) = 0\nshow\n  E(X^2) < Var(X)\n"
    (verdict,) = derive.check(f"```derive\n{text}```\n")
    assert (verdict.verdict, verdict.steps[0].residual) == ("refuted", "0")
