"""Conditional expectations, and families whose entries have laws of their own."""

from __future__ import annotations

import pytest

from tests.judged import proves

LAYER = "W[i,j] iid for i in 1..m, j in 1..n\na[j] exchangeable for j in 1..n\nW independent of a"
LOOSE = "W[i,j] iid for i in 1..m, j in 1..n\na[j] exchangeable for j in 1..n"
Z = "z[i] = sum(W[i,j]*a[j], j in 1..n)"
OWN = "X[j] independent for j in 1..n"
SCALED = f"{OWN}\ns[j] positive for j in 1..n\nE(X[j]) = 0\nE(X[j]^2) = s[j]"

TRUE = [
    ("X random\nY random", "E(E(X | Y)) = E(X)", ""),
    ("X random\nY random", "E(Y*E(X | Y)) = E(X*Y)", ""),
    ("X random\nY random", "Var(X) = E(Var(X | Y)) + Var(E(X | Y))", ""),
    (f"{LAYER}\nE(W) = 0", "E(z^2 | a) = Var(W)*sum(a[j]^2, j in 1..n)", Z),
    (f"{LAYER}\nE(W) = 0", "E(z | a) = 0", Z),
    (LAYER, "E(z | a) = E(W)*sum(a[j], j in 1..n)", Z),
    (LAYER, "Var(z | a) = Var(W)*sum(a[j]^2, j in 1..n)", Z),
    (LAYER, "Cov(z[1], z[2] | a) = 0", Z),
    (LAYER, "E(E(z^2 | a)) = E(z^2)", Z),
    (LAYER, "Var(z) = E(Var(z | a)) + Var(E(z | a))", Z),
    (LAYER, "E(z^2 | W) = E(a[1]*a[2])*sum(W[1,j], j in 1..n)^2 + (E(a^2) - E(a[1]*a[2]))*sum(W[1,j]^2, j in 1..n)", Z),
    (f"{LAYER}\nW symmetric", "E(relu(z)^2 | a) = Var(W)/2*sum(a[j]^2, j in 1..n)", Z),
    (f"{LAYER}\nW symmetric", "E(tanh(z) | a) = 0", Z),
    (LAYER, "E(E(z | a)^2) = E(W)^2*E(sum(a[j], j in 1..n)^2)", Z),
    ("X random\nY random", "E(X | X) = X", ""),
    ("X random\nY random\nX, Y independent", "E(X*Y | X) = X*E(Y)", ""),
    ("X random\nY random\nX, Y independent", "E(E(X*Y | X) | Y) = E(X)*E(Y)", ""),
    (f"{OWN}\nE(X[j]) = 0", "E(sum(X[j], j in 1..n)) = 0", ""),
    (OWN, "Var(sum(X[j], j in 1..n)) = sum(Var(X[j]), j in 1..n)", ""),
    (
        f"{OWN}\ns[j] positive for j in 1..n\nE(X[j]) = 0\nE(X[j]^2) = s[j]",
        "E(sum(X[j], j in 1..n)^2) = sum(s[j], j in 1..n)",
        "",
    ),
    (OWN, "E(X[1]*X[2]) = E(X[1])*E(X[2])", ""),
    (f"{OWN}\nX symmetric", "E(sum(X[j], j in 1..n)^3) = 0", ""),
    (f"{OWN}\nX symmetric", "E(relu(sum(X[j], j in 1..n))^2) = E(sum(X[j], j in 1..n)^2)/2", ""),
    (f"{OWN}\nX ~ Normal(0, 2)", "E(sum(X[j], j in 1..n)^2) = 2*n", ""),
]

FALSE = [
    ("X random\nY random", "E(E(X | Y)^2) = E(X^2)", ""),
    ("X random\nY random\nZ random", "E(Z*E(X | Y)) = E(X*Z)", ""),
    ("X random\nY random\nZ random", "E(E(X | Y) | Z) = E(X | Z)", ""),
    (
        "X[j] iid for j in 1..n\na random\nX independent of a",
        "E(sum(E(X[j] | X), j in 1..n)*E(X[1] | a)) = E(X^2) + (n-1)*E(X)^2",
        "",
    ),
    (f"{LOOSE}\nE(W) = 0", "E(z^2 | a) = Var(W)*sum(a[j]^2, j in 1..n)", Z),
    (f"{LOOSE}\nE(W) = 0", "E(z | a) = 0", Z),
    (LAYER, "E(z^2 | a) = Var(W)*sum(a[j]^2, j in 1..n)", Z),
    (f"{LAYER}\nE(W) = 0", "E(z^2 | a) = n*Var(W)*E(a^2)", Z),
    (f"{LAYER}\nE(W) = 0", "E(z^2 | a) = n*Var(W)*a[1]^2", Z),
    (LAYER, "Var(z) = E(Var(z | a))", Z),
    (LAYER, "E(E(z | a)^2) = E(z^2)", Z),
    (f"{LAYER}\nE(W) = 0", "E(relu(z)^2 | a) = Var(W)/2*sum(a[j]^2, j in 1..n)", Z),
    (f"{LAYER}\nW symmetric", "E(abs(z) | a) = E(abs(z))", Z),
    ("X random\nY random", "E(X | Y) = E(X)", ""),
    ("X random\nY random", "E(X*Y | X) = X*E(Y)", ""),
    ("X random\nY random\nZ random\nX independent of Y\nX independent of Z", "E(X | Y, Z) = E(X)", ""),
    ("X random", "E(X^2 | X) = E(X^2)", ""),
    (OWN, "Var(sum(X[j], j in 1..n)) = n*Var(X)", ""),
    (OWN, "E(X[1]) = E(X[2])", ""),
    (f"{OWN}\nE(X[1]) = 0", "E(sum(X[j], j in 1..n)) = 0", ""),
    (f"{OWN}\nE(X) = 0", "E(X[2]) = 0", ""),
    (OWN, "E(sum(X[j], j in 1..n)^2) = sum(E(X[j]^2), j in 1..n)", ""),
]


@pytest.mark.parametrize(("givens", "claim", "let"), TRUE, ids=[f"{k} {t[1]}" for k, t in enumerate(TRUE)])
def test_it_is_proved(givens: str, claim: str, let: str) -> None:
    assert proves(givens, claim, let)


@pytest.mark.parametrize(("givens", "claim", "let"), FALSE, ids=[f"{k} {t[1]}" for k, t in enumerate(FALSE)])
def test_it_is_not_proved(givens: str, claim: str, let: str) -> None:
    assert not proves(givens, claim, let)
