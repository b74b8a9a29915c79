"""The fine print of the kernel's judgements: each line is true, or false, because of one small condition."""

from __future__ import annotations

import pytest

from derive.decide import decide
from tests.judged import proves

XY = "X random\nY random"
LAYER = "W[j] iid for j in 1..n\na[j] iid for j in 1..n\nW independent of a\nW symmetric\ns positive"
Z = "z = sum(W[j]*a[j], j in 1..n)"
OWN = "X[j] independent for j in 1..n\nX symmetric"
SQUARE = "W[i,j] iid for i in 1..n, j in 1..n"
THREE = "X random\nY random\nZ random\nX, Y, Z independent\nX symmetric\nY symmetric\nZ symmetric"

TRUE = [
    (THREE, "E(tanh(X + Y + Z)) = 0", ""),  # no two of the three signs are enough
    (LAYER, "E(abs(s*z)) = s*E(abs(z))", Z),
    (LAYER, "E(sign(z/s)*W[1]) = E(sign(z)*W[1])", Z),
    (XY, "E(tanh(-X-Y)) = -E(tanh(X+Y))", ""),
    (XY, "E(cos(-X-Y)) = E(cos(X+Y))", ""),
    (XY, "E(softplus(-X-Y)*(X+Y)) = -E(softplus(-X-Y)*(-X-Y))", ""),
    (SQUARE, "sum(E(W[j,1]*sum(W[j,k], k in 1..n)), j in 1..n) = n*E(W^2) + n*(n-1)*E(W)^2", ""),
    (OWN, "E(sum(X[j], j in 1..n)^2) = sum(E(X[j]^2), j in 1..n)", ""),
    (f"{OWN}\nc real", "E(c*sum(X[j]^2, j in 1..n)) = c*sum(Var(X[j]), j in 1..n)", ""),
    ("c real\nc >= 0", "sqrt(c)^2 = c", ""),
    ("c real\nc > 0", "exp(log(c)) = exp(log(c))", ""),
    ("v[l] = -2*v[l-1] for l in 1..L", "v[L] = (-2)^L*v[0]", ""),
    ("v[l] = 2*v[l-1] for l in 1..L", "(-2)^L*(-3)^L = 6^L*((-1)^L)^2", ""),
    ("c nonzero", "c^2 > 0", ""),
]

FALSE = [
    (XY, "E(softplus(-X-Y)) = E(softplus(X+Y))", ""),
    (XY, "E(softplus(-X-Y)) = 0", ""),
    (XY, "E(cos(-X-Y)) = -E(cos(X+Y))", ""),
    (SQUARE, "sum(E(W[j,1]*sum(W[j,k], k in 1..n)), j in 1..n) = E(W^2) + (n^2-1)*E(W)^2", ""),
    (OWN, "E(sum(X[j], j in 1..n)^2) = 0", ""),
    (OWN, "E(X[1]^2) = 0", ""),
    ("c positive\nX[j] iid for j in 1..n", "sqrt((c-1)/(1+n))^2 = (c-1)/(1+n)", ""),  # c may be below 1
    ("c real\nc >= 0", "log(c) - log(c) = 0", ""),  # c may be 0
    ("v[l] = 2*v[l-1] for l in 1..L", "(-1)^L > 0", ""),
    ("v[l] = 2*v[l-1] for l in 1..L", "(-2)^L = 2^L", ""),
    ("X random", "E(X) >= 0", ""),
    ("X random", "E(X^2) > 0", ""),
    ("c nonzero", "c > 0", ""),
    ("c nonzero", "c^3 > 0", ""),
]


@pytest.mark.parametrize(("givens", "claim", "let"), TRUE, ids=[t[1] for t in TRUE])
def test_it_is_proved(givens: str, claim: str, let: str) -> None:
    assert proves(givens, claim, let)


@pytest.mark.parametrize(("givens", "claim", "let"), FALSE, ids=[t[1] for t in FALSE])
def test_it_is_not_proved(givens: str, claim: str, let: str) -> None:
    assert not proves(givens, claim, let)


@pytest.mark.parametrize(
    ("givens", "claim", "residual"),
    [
        ("X random\nY random", "E(X*Y) = E(X)*E(Y)", "E(X*Y) - E(X)*E(Y)"),  # what is added stands first
        ("X random\nc positive", "c*E(X) = 0", "c*E(X)"),  # constants, then moments
        ("X[j] iid for j in 1..n\nc positive", "sum(c*E(X)^2, j in 1..n) = 0", "n*c*E(X)^2"),  # sizes before both
    ],
)
def test_a_residual_is_written_as_a_textbook_would(givens: str, claim: str, residual: str) -> None:
    lines = "".join(f"  {g}\n" for g in givens.splitlines())
    (verdict,) = decide(f"```derive\ntheorem t\ngiven\n{lines}show\n  {claim}\n```\n", file="t.md")
    assert verdict.steps[0].residual == residual
