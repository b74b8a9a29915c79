"""Statements with which the kernel was once misled, or might be; none of the false ones may be proved."""

from __future__ import annotations

import pytest

from tests.judged import proves

PINNED = "X[j] iid for j in 1..n\nc real"
ROOTS = "s[l] real for l in 1..L\nt[l] positive for l in 1..L"
OWN = "X[l] independent for l in 1..n\nt[l] positive for l in 1..n"
UNIT = "X[j] iid for j in 1..n\nE(X) = 0\nVar(X) = 1"

TRUE = [
    (
        "X[j] iid for j in 1..n\nY random\nX independent of Y",
        "sum(sum(E(abs(X[i]-X[j]+Y)), i in 1..n), j in 1..n) = n*(n-1)*E(abs(X[1]-X[2]+Y)) + n*E(abs(Y))",
    ),
    (
        "W[j] iid for j in 1..n\na random\nb random\nW, a, b independent\nE(W) = 0",
        "sum(E(abs(W[j]*a+b)^2), j in 1..n) = n*E(W^2)*E(a^2) + n*E(b^2)",
    ),
    ("X random\nY random", "E(sign(X-Y)) = -E(sign(Y-X))"),
    ("X[j] iid for j in 1..n", "limit(E(sum(X[j], j in 1..n))/n, n) = E(X)"),
    ("X[j] iid for j in 1..n\nE(X[j]*X[1]) = 0", "E(X^2) = 0"),
    ("X[j] iid for j in 1..n\nY[j] iid for j in 1..n\nE(X[j]*Y[k]) = 0 for j in 1..n, k in 1..n", "E(X[j]*Y[k]) = 0"),
    (f"{ROOTS}\nsqrt(t[l]) = s[l] for l in 1..L", "s[1]^2 = t[1]"),
    (
        "s[l] positive for l in 1..L\nt[l] positive for l in 1..L",
        "prod(sqrt(s[l])*t[l], l in 1..L) = prod(t[l], l in 1..L)*prod(sqrt(s[l]), l in 1..L)",
    ),
    ("X[j] independent for j in 1..n", "sum(E(tanh(X[j])^2), j in 1..n) <= n"),
    ("X random\nY random", "E(abs(X+Y)^6) = E((X+Y)^6)"),
]

FALSE = [
    ("X random\nY random", "E(sign(X-Y)) = E(sign(Y-X))"),
    ("X random\nY random", "E(step(X-Y)) = E(step(Y-X))"),
    ("a random\nW random\nW independent of a\na symmetric", "E(tanh(W*a) | a) = 0"),
    ("a random\nW random\nW independent of a\na symmetric", "E(E(tanh(W*a) | a)^2) = 0"),
    ("X[j] iid for j in 1..n\nE(X) = 0", "prod(E(X[l]*X[1]), l in 1..n) = 0"),
    ("X[j] iid for j in 1..n\ns[k] real for k in 1..n\nE(X[k]*X[1]) = s[k]", "s[k] = E(X)^2"),
    ("X[j] iid for j in 1..n\nv[k] = E(X[k]*X[1]) for k in 1..n\nt[j] real for j in 1..n", "v[j] = E(X)^2"),
    ("X[j] iid for j in 1..n\ns[i,k] real for i in 1..n, k in 1..n\nE(X[i]*X[k]) > s[i,k]", "s[i,k] < E(X)^2"),
    ("X[j] iid for j in 1..n", "limit(sqrt(n^2+1)/n, n) = 0"),
    ("X[j] iid for j in 1..n", "limit(exp(n)/n, n) = 0"),
    ("X[j] iid for j in 1..n", "limit(sqrt(n), n) = sqrt(n)"),
    ("X[j] iid for j in 1..n\nt[l] positive for l in 1..L", "limit(prod(n+t[l], l in 1..L)/n, n) = 0"),
    (
        "X[j] iid for j in 1..n\nY random\nX independent of Y",
        "sum(sum(E(abs(X[i]-X[j]+Y)), i in 1..n), j in 1..n) = n*(n-1)*E(abs(X[1]-X[2]+Y)) + E(abs(Y))",
    ),
    (
        "W[j] iid for j in 1..n\na random\nb random\nW, a, b independent\nE(W) = 0",
        "sum(E(abs(W[j]*a+b)^2), j in 1..n) = n*E(W^2)*E(a^2) + E(b^2)",
    ),
    ("W random\nW ~ Normal(0,1)\nW ~ Normal(0,2)", "E(W^2) = 2"),
    ("X[j] iid for j in 1..n\nVar(X) = 1/n\nE(X) = 0\nE(X^4) > 0", "limit(n*E(X^4), n) = infinity"),
    (
        "W[j] iid for j in 1..n\na[j] iid for j in 1..n\nW independent of a\nW symmetric\na symmetric",
        "E(W[1]*sign(sum(W[j]*a[j], j in 1..n)) | a) = 0",
    ),
    ("X random\nX symmetric\nZ random\nZ independent of X", "E(Var(abs(X-Z) | X)*X) = -2*E(X^2)*E(Z)"),
    ("X random\nZ random\nX symmetric", "E(X*E(Z | X)^2) = 0"),
    # for n = 1 the second index is the first
    (f"{PINNED}\nE(X[j]*X[1]) = c", "Var(X) = 0"),
    (f"{PINNED}\nE(X[j]*X[k]) = c for j in 1..n, k in 1..n", "Var(X) = 0"),
    (f"{PINNED}\nE(X[j]*X[1]) > c", "E(X)^2 > c"),
    (f"{PINNED}\nE(X[j]*X[k]) >= c for j in 1..n, k in 1..n", "E(X)^2 >= c"),
    (f"{PINNED}\nv[l] = E(X[l]*X[1]) for l in 1..n\nv[j] > c for j in 1..n", "E(X)^2 > c"),
    ("X[j] independent for j in 1..n\nE(X[j]*X[k]) = 1 for j in 1..n, k in 1..n", "E(X[1])^2 = 1"),
    # an index under a root or a function is an index
    (f"{ROOTS}\nsqrt(t[l]) = s[l] for l in 1..L", "s[1] = s[2]"),
    (f"{ROOTS}\nexp(t[l]) = s[l] for l in 1..L", "s[1] = s[2]"),
    (f"{OWN}\nE(X[l]^2) = sqrt(t[l]) for l in 1..n", "E(X[1]^2) = E(X[2]^2)"),
    (f"{OWN}\nE(X[l]^2) = sqrt(t[l]) for l in 1..n", "sum(E(X[l]^2), l in 1..n) = n*E(X[1]^2)"),
    (f"{OWN}\nE(X[l]) = tanh(t[l]) for l in 1..n", "E(sum(X[l], l in 1..n)) = n*E(X[1])"),
    # a product meets the entry that stands beside its own
    (UNIT, "prod(sqrt(1 + E(X[l]*X[1])), l in 1..n) = 1"),
    (UNIT, "prod(1/(1 + E(X[l]*X[1])), l in 1..n) = 1"),
    (UNIT, "prod(exp(E(X[l]*X[1])), l in 1..n) = 1"),
]


@pytest.mark.parametrize(("givens", "claim"), TRUE, ids=[f"{k} {t[1]}" for k, t in enumerate(TRUE)])
def test_it_is_proved(givens: str, claim: str) -> None:
    assert proves(givens, claim)


@pytest.mark.parametrize(("givens", "claim"), FALSE, ids=[f"{k} {t[1]}" for k, t in enumerate(FALSE)])
def test_it_is_not_proved(givens: str, claim: str) -> None:
    assert not proves(givens, claim)
