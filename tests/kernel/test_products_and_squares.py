"""Means of products over a range, facts of several terms inside sums, and inequalities from squares."""

from __future__ import annotations

import pytest

from tests.judged import proves

IID = "X[j] iid for j in 1..n"
OWN = "X[j] independent for j in 1..n"
PAIR = f"{IID}\nY[j] iid for j in 1..n"
SQUARE = "X[i,j] iid for i in 1..n, j in 1..n"
VARIANCES = f"{OWN}\ns[j] positive for j in 1..n\nVar(X[j]) = s[j] for j in 1..n"
TWO = "X random\nY random"
LAYER = "W[j] iid for j in 1..n\na[j] exchangeable for j in 1..n"

TRUE = [
    (IID, "E(prod(X[j], j in 1..n)) = E(X)^n"),
    (IID, "Var(prod(X[j], j in 1..n)) = E(X^2)^n - E(X)^(2*n)"),
    (IID, "E(prod(1 + 2*X[j], j in 1..n)) = (1 + 2*E(X))^n"),
    (IID, "E(prod(relu(X[j])^2, j in 1..n)) = E(relu(X)^2)^n"),
    (OWN, "E(prod(X[j]^2, j in 1..n)) = prod(E(X[j]^2), j in 1..n)"),
    (f"{OWN}\nE(X[j]) = 0", "E(prod(X[j], j in 1..n)) = 0"),
    (f"{PAIR}\nX independent of Y", "E(prod(X[j]*Y[j], j in 1..n)) = E(X)^n*E(Y)^n"),
    (f"{IID}\nZ random\nZ independent of X", "E(Z*prod(X[j], j in 1..n)) = E(Z)*E(X)^n"),
    (
        f"{IID}\nY random\nZ random\nX independent of (Y, Z)\nY independent of Z",
        "E(prod(X[j], j in 1..n)*E(Y*Z | Y)^2) = E(X)^n*E(Y^2)*E(Z)^2",
    ),
    (f"{IID}\ns[j] positive for j in 1..n", "E(prod(s[j]*X[j], j in 1..n)) = prod(s[j], j in 1..n)*E(X)^n"),
    (VARIANCES, "Var(sum(X[j], j in 1..n)) = sum(s[j], j in 1..n)"),
    (VARIANCES, "E(sum(X[j]^2, j in 1..n)) = sum(s[j], j in 1..n) + sum(E(X[j])^2, j in 1..n)"),
    (f"{VARIANCES}\nE(X[j]) = 0", "E(sum(X[j], j in 1..n)^2) = sum(s[j], j in 1..n)"),
    (TWO, "E(abs(X))^2 <= E(X^2)"),
    (TWO, "E(X^2)^2 <= E(X^4)"),
    (TWO, "Var(relu(X)) <= E(relu(X)^2)"),
    (TWO, "E(X*Y)^2 <= E(X^2)*E(Y^2)"),
    (TWO, "Cov(X, Y)^2 <= Var(X)*Var(Y)"),
    (TWO, "2*Cov(X, Y) <= Var(X) + Var(Y)"),
    (TWO, "-E(X^2) - E(Y^2) <= 2*E(X*Y)"),
    (LAYER, "E(sum(W[j]*a[j], j in 1..n))^2 <= E(sum(W[j]*a[j], j in 1..n)^2)"),
    (LAYER, "E(a[1]*a[2]) <= E(a^2)"),
]  # fmt: skip

NOT_TRUE = [
    ("X[j] exchangeable for j in 1..n", "E(prod(X[j], j in 1..n)) = E(X)^n"),
    (PAIR, "E(prod(X[j]*Y[j], j in 1..n)) = E(X*Y)^n"),
    (f"{PAIR}\nX independent of Y", "E(prod(X[j]*Y[1], j in 1..n)) = E(X)^n*E(Y)^n"),
    (IID, "E(X[1]*prod(X[j], j in 1..n)) = E(X)^(n+1)"),
    (IID, "E(prod(X[j]*X[1], j in 1..n)) = E(X)^(2*n)"),
    (SQUARE, "E(prod(X[j,1]*X[1,j], j in 1..n)) = E(X)^(2*n)"),
    (f"{IID}\nZ random", "E(Z*prod(X[j], j in 1..n)) = E(Z)*E(X)^n"),
    (f"{IID}\nY[j] iid for j in 1..m\n", "E(prod(X[j], j in 1..n)*prod(Y[j], j in 1..m)) = E(X)^n*E(Y)^m"),
    # a conditional expectation depends on what it is given
    (IID, "E(prod(X[j], j in 1..n)*E(X[1] | X)^2) = E(X)^n*E(X^2)"),
    (f"{IID}\nE(X) = 0", "E(prod(X[j], j in 1..n)*E(X[1] | X)^3) = 0"),
    (f"{IID}\nE(X) = 0", "E(prod(X[j], j in 1..n)*sum(E(X[j] | X), j in 1..n)) = 0"),
    (OWN, "E(prod(X[j], j in 1..n)) = E(X[1])^n"),
    (OWN, "prod(E(X[j]*X[1]), j in 1..n) = prod(E(X[j]), j in 1..n)*E(X[1])^n"),
    (VARIANCES, "E(sum(X[j], j in 1..n)^2) = sum(s[j], j in 1..n)"),
    (TWO, "E(X)^2 >= E(X^2)"),
    (TWO, "E(abs(X))^2 < E(X^2)"),
    (TWO, "E(X^2)*E(Y^2) <= E(X*Y)^2"),
    (TWO, "Cov(X, Y) <= Var(X)"),
    (TWO, "E(X*Y) <= E(X^2)*E(Y^2)"),
    (TWO, "E(X^4) <= E(X^2)^2"),
]  # fmt: skip


@pytest.mark.parametrize(("givens", "claim"), TRUE)
def test_it_is_proved(givens: str, claim: str) -> None:
    assert proves(givens, claim)


@pytest.mark.parametrize(("givens", "claim"), NOT_TRUE)
def test_what_is_not_true_is_not_proved(givens: str, claim: str) -> None:
    assert not proves(givens, claim)
