"""Square roots in normal form: what powers of them become, also below zero, and what links make of that."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.kernel.functions import cleared
from derive.kernel.polynomial import ONE, Poly, total
from derive.kernel.roots import square_out
from derive.kernel.symbols import Root, Scalar
from tests.judged import proves

Q, P = Scalar("q"), Scalar("p")
RADICANDS: dict[str, tuple[Poly, Callable[[Fraction, Fraction], Fraction]]] = {
    "one term": (Poly.monomial(frozenset({(Q, 1), (P, 2)}), 3), lambda q, p: 3 * q * p**2),
    "two terms": (Poly.symbol(Q) + ONE, lambda q, p: q + 1),
    "three terms": (total([Poly.symbol(Q, 2), Poly.symbol(P), ONE]), lambda q, p: q**2 + p + 1),
}
PLACES = [(Fraction(1), Fraction(2)), (Fraction(3, 7), Fraction(5)), (Fraction(11), Fraction(1, 9))]


def at(poly: Poly, values: dict[Hashable, float]) -> float:
    out = 0.0
    for monomial, c in poly.terms.items():
        term = float(c)
        for symbol, e in monomial:
            x = at(symbol.radicand, values) ** 0.5 if isinstance(symbol, Root) else values[symbol]
            term *= x**e
        out += term
    return out


@pytest.mark.parametrize("name", RADICANDS)
@given(exponents=st.lists(st.integers(-5, 5), min_size=1, max_size=3))
def test_powers_of_a_root_become_the_root_once_and_keep_their_value(name: str, exponents: list[int]) -> None:
    radicand, value = RADICANDS[name]
    before = total(
        Poly.symbol(Root(radicand), e).scaled(frozenset({(P, k)} if k else ())) for k, e in enumerate(exponents)
    )
    top, bottom = cleared(square_out(before))
    assert name != "one term" or bottom == ONE  # that one goes into the exponents
    assert all(e in {0, 1} for poly in (top, bottom) for m in poly.terms for s, e in m if isinstance(s, Root))
    for q, p in PLACES:
        values: dict[Hashable, float] = {Q: float(q), P: float(p)}
        exact = sum(float(value(q, p)) ** (e / 2) * float(p) ** k for k, e in enumerate(exponents))
        assert at(top, values) / at(bottom, values) == pytest.approx(
            exact, rel=1e-11
        )  # rounding of some thirty products


FOLLOWS = "t positive\nv[l] positive for l in 1..L\nv[l] = t + 1 for l in 1..L"


@pytest.mark.parametrize(
    "claim",
    [
        "1/sqrt(v[l]) = 1/sqrt(t + 1)",
        "1/sqrt(v[l])^3 = 1/sqrt(t + 1)^3",
        "1/sqrt(v[l])^2 = 1/(t + 1)",
        "1/sqrt(v[2]) + 1/sqrt(v[l]) = 2*sqrt(t + 1)/(t + 1)",
        "1/sqrt(v[l]) > 0",
    ],
)
def test_a_root_in_a_divisor_may_become_one_of_a_sum(claim: str) -> None:
    assert proves(FOLLOWS, claim)


@pytest.mark.parametrize(
    "claim", ["1/sqrt(v[l]) = sqrt(t + 1)/(t + 2)", "1/sqrt(v[l])^3 = 1/sqrt(t + 1)", "1/sqrt(v[l]) <= 1/2"]
)
def test_what_does_not_follow_of_it_is_not_proved(claim: str) -> None:
    assert not proves(FOLLOWS, claim)
