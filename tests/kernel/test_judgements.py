"""What the kernel proves and what it must not prove, one judgement a line."""

from __future__ import annotations

import time

import pytest

from derive.kernel import contradiction
from tests.judged import problem_of, proves

LAYER = "W[i,j] iid for i in 1..m, j in 1..n\na[j] iid for j in 1..n\nW independent of a"
ZERO = f"{LAYER}\nE(W) = 0\nE(a) = 0"
EXCHANGEABLE = LAYER.replace("a[j] iid", "a[j] exchangeable") + "\nE(W) = 0"
RECTIFIED = (
    "W[i,j] iid for i in 1..m, j in 1..n\ny[j] iid for j in 1..n\nW independent of y\nE(W) = 0\ny symmetric\n"
    "Var(y) > 0\nalpha real"
)
LET = "z[i] = sum(W[i,j]*a[j], j in 1..n)"
ROW = "W[j] iid for j in 1..n"
SIGNS = "X random\nY random\nZ random"


TRUE = [
    (ZERO, "Var(z) = n*Var(W)*Var(a)", LET),
    (LAYER + "\nE(W) = 0", "Var(z) = n*Var(W)*E(a^2)", LET),
    (EXCHANGEABLE, "Var(z) = n*Var(W)*E(a^2)", LET),
    (EXCHANGEABLE, "Cov(z[1], z[2]) = 0", LET),
    (EXCHANGEABLE, "E(z[1]^2*z[2]^2) = Var(W)^2*(n*E(a^4) + n*(n-1)*E(a[1]^2*a[2]^2))", LET),
    (ZERO, "E(z^4) = n*E(W^4)*E(a^4) + 3*n*(n-1)*E(W^2)^2*E(a^2)^2", LET),
    (LAYER, "Var(z) = n*(E(W^2)*E(a^2) - E(W)^2*E(a)^2)", LET),
    (ZERO, "E(z[i]*z[k])^2 = E(z[i]*z[k])*E(z[k]*z[i])", LET + "\nv[k] = z[k]"),
    (ROW, "Var(sum(W[j], j in 1..n)) = n*Var(W)", ""),
    (ROW, "E(sum(W[j], j in 1..3)) = 3*E(W)", ""),
    (ROW, "Var(sum(W[j] - sum(W[k], k in 1..n)/n, j in 1..n)) = 0", ""),
    (ROW, "E(sum((W[j] - sum(W[k], k in 1..n)/n)^2, j in 1..n)) = (n-1)*Var(W)", ""),
    ("X random\nW[j] iid for j in 1..n", "E(X*sum(W[j], j in 1..n)) = sum(E(X*W[j]), j in 1..n)", ""),
    ("y random\ny symmetric", "E(relu(y)^2) = E(y^2)/2", ""),
    ("y random\ny symmetric", "E(relu(y)) = E(abs(y))/2", ""),
    ("y random\ny symmetric\nE(sign(y)^2) = 1", "E(step(y)^2) = 1/2", ""),
    ("y random", "E(relu(y)*relu(-y)) = 0", ""),
    ("y random\nalpha real\ny symmetric", "E(leaky_relu(y, alpha)^2) = (1 + alpha^2)/2*E(y^2)", ""),
    ("y random", "E(max(y, 0)) = E(relu(y))", ""),
    ("y random\ny symmetric", "E(tanh(y)) = 0", ""),
    ("y random\ns positive\ny ~ Normal(0, s^2)", "E(y^4) = 3*Var(y)^2", ""),
    ("y random\ns positive\ny ~ Normal(0, s^2)", "E(abs(y)) = s*sqrt(2/pi)", ""),
    ("y random\nb positive\ny ~ Uniform(-b, b)", "Var(y) = b^2/3", ""),
    ("y random\ny ~ Uniform(1, 3)", "Var(y) = 1/3", ""),
    ("y random\ny ~ Rademacher()", "E(y^4) = 1", ""),
    ("y random\np real\nE(y) = E(y^2) = p", "Var(y) = p - p^2", ""),
    (RECTIFIED, "Var(z) = Var(y) iff Var(W) = 2/n", "a[j] = relu(y[j])\n" + LET),
    (RECTIFIED, "Var(z) = Var(y) iff n*Var(W)*(1 + alpha^2) = 2", "a[j] = leaky_relu(y[j], alpha)\n" + LET),
    (ROW + "\ns positive", "n*s^2 = 1 iff s = 1/sqrt(n)", ""),
    (ROW + "\ns positive", "s^2 = 2*Var(W) iff s = sqrt(2*Var(W))", ""),
    ("X random", "Var(X)^2 = 0 iff Var(X) = 0", ""),
    (SIGNS + "\nX independent of Y\nZ independent of (X, Y)", "E(X*Y*Z) = E(X)*E(Y)*E(Z)", ""),
    ("X random", "E(X^2) >= E(X)^2", ""),
    ("W[j] iid for j in 1..n\nn*Var(W) = 1\nE(W) = 0", "E(sum(W[j], j in 1..n)^2) = 1", ""),
]

FALSE = [
    (ZERO, "E(z[i]*z[k]) = 0", LET + "\nv[k] = z[k]"),  # i and k may be the same
    ("X[j] iid for j in 1..n", "Cov(u[i], v[k]) = 0", "u[i] = X[i]\nv[k] = X[k]"),
    ("X random\nc real\nc*E(X) = c", "E(X) = 1", ""),  # c may be 0
    ("X random\n" + ROW, "E(X*sum(W[j], j in 1..n)) = n*E(X*W)", ""),
    ("X random\n" + ROW, "E(X*W[1]) = E(X*W[2])", ""),
    (SIGNS + "\nX independent of Y\nX independent of Z\nY independent of Z", "E(X*Y*Z) = E(X)*E(Y)*E(Z)", ""),
    (LAYER + "\nE(W) = 0", "Var(z) = n*Var(W)*Var(a)", LET),
    (ZERO, "E(z^4) = 3*n^2*Var(W)^2*Var(a)^2", LET),
    (ROW.replace("iid", "exchangeable") + "\nE(W) = 0", "Var(sum(W[j], j in 1..n)) = n*Var(W)", ""),
    (ROW, "Var(sum(W[j], j in 1..n)) = n^2*Var(W)", ""),
    (ROW, "E(sum((W[j] - sum(W[k], k in 1..n)/n)^2, j in 1..n)) = n*Var(W)", ""),
    ("y random\nE(y) = 0", "E(relu(y)^2) = E(y^2)/2", ""),
    ("y random\ny symmetric", "E(step(y)^2) = 1/2", ""),
    ("y random\ny symmetric", "Var(relu(y)) = Var(y)/2", ""),
    ("y random\ns positive\ny ~ Normal(0, s^2)", "E(y^4) = 2*Var(y)^2", ""),
    (RECTIFIED.replace("Var(y) > 0\n", ""), "Var(z) = Var(y) iff Var(W) = 2/n", "a[j] = relu(y[j])\n" + LET),
    (ROW + "\ns real", "n*s^2 = 1 iff s = 1/sqrt(n)", ""),
    ("X random\nc real", "c*Var(X) = 0 iff Var(X) = 0", ""),
    ("X random", "Var(X)/Var(X) = 1", ""),
    (LAYER, "E(z[i]*z[k]) = E(z[i])*E(z[k])", LET + "\nv[k] = z[k]"),
    (LAYER.replace("W independent of a", "E(W) = 0"), "E(z) = 0", LET),
]


@pytest.mark.parametrize(("givens", "claim", "let"), TRUE)
def test_the_kernel_proves(givens: str, claim: str, let: str) -> None:
    assert proves(givens, claim, let)


@pytest.mark.parametrize(("givens", "claim", "let"), FALSE)
def test_the_kernel_does_not_prove(givens: str, claim: str, let: str) -> None:
    assert not proves(givens, claim, let)


@pytest.mark.parametrize(
    "givens",
    [
        "X random\nE(X) = 0\nE(X) = 1",
        "X random\nVar(X) = -1",
        "X random\nE(X) = 2\nE(X^2) = 1",
        "X random\nE(X^2) = 1\nX symmetric\nE(X) = 1",
        "X random\ns positive\nX ~ Normal(0, s^2)\nE(X) = 1",
        "X random\nE(X) = 0\nE(X) > 0",
        "X random\ns positive\nVar(X) = -s",
        "X random\ns positive\nX ~ Normal(0, s^2)\nVar(X) = 2*s^2",
        "s positive\nX random\ns < 0",
        "s positive\nX random\ns = -1",
        "X random\nY random\nE(X*Y) = 2\nE(X*Y) = 1",
    ],
)
def test_givens_that_no_law_can_meet_are_found(givens: str) -> None:
    assert contradiction(problem_of(givens, "Var(X) = 5")) is not None


def test_a_size_that_is_given_smaller_than_an_index_that_occurs_is_a_contradiction() -> None:
    size = "X[j] iid for j in 1..n\nn = 2"
    assert "smaller than an index" in (contradiction(problem_of(size, "E(X[3]) = E(X[1])")) or "")
    assert contradiction(problem_of(size, "E(X[2]) = E(X[1])")) is None


@pytest.mark.parametrize(
    "givens", ["B random\np real\nE(B) = E(B^2) = p", "X random\nE(X) = 1\nE(X^2) = 1", "X random\nVar(X) > 0"]
)
def test_givens_that_a_law_can_meet_are_not_called_contradictory(givens: str) -> None:
    assert contradiction(problem_of(givens, "1 = 1")) is None


THREE_LAYERS = (
    "W1[i,j] iid for i in 1..n1, j in 1..n0\nW2[i,j] iid for i in 1..n2, j in 1..n1\n"
    "W3[i,j] iid for i in 1..n3, j in 1..n2\nx[j] iid for j in 1..n0\nW1, W2, W3, x independent\n"
    "E(W1) = 0\nE(W2) = 0\nE(W3) = 0\nE(x) = 0"
)
THREE_LETS = (
    "z1[i] = sum(W1[i,j]*x[j], j in 1..n0)\nz2[i] = sum(W2[i,j]*z1[j], j in 1..n1)\n"
    "z3[i] = sum(W3[i,j]*z2[j], j in 1..n2)"
)


@pytest.mark.parametrize(
    ("givens", "claim", "let", "seconds"),
    [(ZERO, "E(z^8) = 0", LET, 0.5), (THREE_LAYERS, "E(z3^4) = 0", THREE_LETS, 1.0)],
)
def test_high_moments_are_decided_in_time(givens: str, claim: str, let: str, seconds: float) -> None:
    start = time.process_time()
    assert not proves(givens, claim, let)
    assert time.process_time() - start < seconds


def test_the_fourth_moment_through_three_layers_of_one_unit_is_the_product_of_its_layers() -> None:
    assert proves(
        THREE_LAYERS.replace("n1", "1").replace("i in 1..n2, j in 1..1", "i in 1..1, j in 1..1").replace("n2", "1"),
        "E(z3^4) = E(W3^4)*E(W2^4)*(n0*E(W1^4)*E(x^4) + 3*n0*(n0-1)*E(W1^2)^2*E(x^2)^2)",
        THREE_LETS.replace("n1", "1").replace("n2", "1"),
    )
