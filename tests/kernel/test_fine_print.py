"""The fine print of the kernel's judgements: each line is true, or false, because of one small condition."""

from __future__ import annotations

import pytest

from derive.decide import decide
from derive.kernel import ledger
from tests.judged import proves

XY = "X random\nY random"
LAYER = "W[j] iid for j in 1..n\na[j] iid for j in 1..n\nW independent of a\nW symmetric\ns positive"
Z = "z = sum(W[j]*a[j], j in 1..n)"
OWN = "X[j] independent for j in 1..n\nX symmetric"
SQUARE = "W[i,j] iid for i in 1..n, j in 1..n"
MET = f"{SQUARE}\nY[j] iid for j in 1..n\nW, Y independent"
SHIFTED = "s[l] real for l in 1..L\nt[l] real for l in 1..L"
SIZE = "v[l] = 2*v[l-1] for l in 1..L"
THREE = "X random\nY random\nZ random\nX, Y, Z independent\nX symmetric\nY symmetric\nZ symmetric"

NORMAL = "X random\nX ~ Normal(0, 1)"
EVERY = "t positive\ns[l] positive for l in 1..L\nt*s[l] = 2*t"

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
    ("c real", "c^2 >= 0", ""),
    ("X random", "E(X)^2*E(X^2) >= 0", ""),
    (f"{XY}\nX, Y independent", "E(abs(X+Y)*sign(X+Y)) = E(X) + E(Y)", ""),
    (f"{XY}\nX, Y independent", "E(abs(X+Y)*sign(X+Y)^2) = E((X+Y)*sign(X+Y))", ""),
    (f"{XY}\nX, Y independent", "E(abs(X+Y)^3*sign(X+Y)^2) = E((X+Y)^3*sign(X+Y))", ""),
    (f"{XY}\nX, Y independent", "E(sign(X+Y)^5*Y) = E(sign(X+Y)*Y)", ""),
    (MET, "sum(E(abs(Y[j] + sum(W[j,k], k in 1..n))), j in 1..n) = n*E(abs(Y[1] + sum(W[1,k], k in 1..n)))", ""),
    (MET, "sum(E(abs(Y[j] + sum(W[j,k], k in 1..n))^2), j in 1..n) = n*E((Y[1] + sum(W[1,k], k in 1..n))^2)", ""),
    (f"{SHIFTED}\nt[l]*1 = s[l-1] for l in 1..L\nv[l] = v[l-1] + t[l] - s[l-1] for l in 1..L", "v[L] = v[0]", ""),
    (
        f"{SHIFTED}\nt[l]*1 = s[l-1] for l in 1..L\nv[l] = v[l-1] + t[l] for l in 1..L",
        "v[L] = v[0] + sum(s[l-1], l in 1..L)",
        "",
    ),
    ("X[j] iid for j in 1..n\nc positive", "sqrt(n^2*c) = n*sqrt(c)", ""),
    ("X[j] iid for j in 1..n\nc positive", "sqrt((c+1)/(1+n))^2 = (c+1)/(1+n)", ""),
    ("X[j] iid for j in 1..n", "1/(1+n) > 0", ""),
    ("c real\nc > 0", "sqrt(c) > 0", ""),
    (f"{XY}\nX, Y independent\ns positive", "E(abs(s^2*X + s*Y)) = s*E(abs(s*X + Y))", ""),
    ("c positive", "1/(1+c) + 1/(2+c) = (3+2*c)/((1+c)*(2+c))", ""),
    ("X random\nX ~ Normal(0, 1)", "E(exp(X)) - E(exp(X)) = 0", ""),
    ("c real\nc > 0", "c/sqrt(c) = sqrt(c)", ""),
    (XY, "E(E(X | Y) | Y) = E(X | Y)", ""),
    ("c real\nd real\nc^2 = d^2", "c^4 = d^4", ""),
    ("c real\nd real\nX random\nc^2 = d^2", "E((c*X)^2)*d = d^3*E(X^2)", ""),
    ("X random", "E(X) = E(X) iff E(X^2) = E(X^2)", ""),
    ("y random\nb positive\ny ~ Uniform(-b, b)", "E(abs(y)) = b/2", ""),
    ("y random\nb positive\ny ~ Uniform(-b, b)", "E(abs(y)^3) = b^3/4", ""),
    ("y random\nb positive\ny ~ Uniform(-b, b)", "E(relu(y)^3) = b^3/8", ""),
    (f"c positive\n{SIZE}", "limit(1/(c*L+1), L) = 0", ""),
    (NORMAL, "E(exp(abs(X + 1))) - E(exp(abs(X + 1))) = 0", ""),
    (EVERY, "s[3] = 2", ""),
    (f"{NORMAL}\nY random\nY ~ Normal(0, 1)\nX independent of Y", "E(exp(abs(X + Y))) - E(exp(abs(X + Y))) = 0", ""),
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
    ("X random", "E(exp(X)) - E(exp(X)) = 0", ""),  # it may be infinite
    (NORMAL, "E(exp(X^2)) - E(exp(X^2)) = 0", ""),  # it is infinite, as are these: one term grows too fast
    (NORMAL, "E(exp(abs(X + X^2))) - E(exp(abs(X + X^2))) = 0", ""),
    (f"{NORMAL}\nY random", "E(exp(abs(X + Y))) - E(exp(abs(X + Y))) = 0", ""),  # nothing is known of Y
    (EVERY, "s[0] = 2", ""),  # of what lies outside of 1..L nothing is said
    (EVERY, "s[L+1] = 2", ""),
    (EVERY, "s[l-1] = 2", ""),
    ("c real", "sign(c) = 1", ""),
    (f"c real\n{SIZE}\nw[k] = 2*w[k-1] for k in 1..M", "limit(c^L, L) = limit(c^L, M)", ""),
    ("c positive", "c^(1/3) = 1", ""),
    ("c positive", "c^(2/3) = c", ""),
    ("c real\nd real\nc^2 = d^2", "c = d", ""),
    ("c real\nd real\nc^2 = d^2", "c^3 = d^3", ""),
    ("X random", "E(X) = E(X) iff Var(X) = 0", ""),
    ("X random", "Var(X) = 0 iff E(X) = E(X)", ""),
    (f"c real\nc >= 0\n{SIZE}", "limit(1/(c*L+1), L) = 0", ""),  # c may be 0
    (f"{XY}\nZ random", "E(E(X | Y, Z) | Y) = E(X | Y, Z)", ""),
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
        ("c positive\nd real\nd > c", "sqrt(d - c) = 0", "sqrt(d - c)"),
        ("c positive", "exp(c/2) = 0", "exp(c/2)"),  # at most one proper fraction in an exponent
        ("c positive", "exp(3*c/2) = 0", "exp(c)*exp(c/2)"),
    ],
)
def test_a_residual_is_written_as_a_textbook_would(givens: str, claim: str, residual: str) -> None:
    lines = "".join(f"  {g}\n" for g in givens.splitlines())
    (verdict,) = decide(f"```derive\ntheorem t\ngiven\n{lines}show\n  {claim}\n```\n", file="t.md")
    assert verdict.steps[0].residual == residual


def test_a_fact_about_a_pair_says_which_law_the_pair_has() -> None:
    facts = ledger.facts("pair")
    assert facts
    for fact in facts:
        assert fact.statement == f"E({fact.left}) = {fact.right} for (u, v) ~ Normal(0, [[q11, q12], [q12, q22]])"
