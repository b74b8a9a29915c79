"""Functions of whole sums: what symmetric weights make of them, and what they do not."""

from __future__ import annotations

import pytest

from tests.judged import proves

WEIGHTS = "W[i,j] iid for i in 1..m, j in 1..n\na[j] exchangeable for j in 1..n\nW independent of a"
ROWS = f"{WEIGHTS}\nW symmetric"
SQUARE = ROWS.replace("1..m", "1..n")
TOGETHER = ROWS.replace("W[i,j] iid", "W[i,j] exchangeable")
MARGINAL = TOGETHER.replace("W symmetric", "W ~ Normal(0, 1)")
BIASED = f"{WEIGHTS}\nb[i] iid for i in 1..m\nW, a, b independent"
DEPENDENT = (
    "W[i,j] iid for i in 1..m, j in 1..n\na[j] iid for j in 1..n\ng random\nW symmetric\nW independent of (a, g)"
)
Z = "z[i] = sum(W[i,j]*a[j], j in 1..n)"
B = "z[i] = sum(W[i,j]*a[j], j in 1..n) + b[i]"
THREE = "\n".join(
    [
        "U[i,j] iid for i in 1..k, j in 1..n",
        "V[i,j] iid for i in 1..l, j in 1..k",
        "W[i,j] iid for i in 1..m, j in 1..l",
        "x[j] exchangeable for j in 1..n",
        "U, V, W, x independent",
        "E(W) = 0",
    ]
)
LAYERS = "\n".join(
    [
        "p[i] = sum(U[i,j]*x[j], j in 1..n)",
        "q[i] = sum(V[i,j]*relu(p[j]), j in 1..k)",
        "r[i] = sum(W[i,j]*relu(q[j]), j in 1..l)",
    ]
)

TRUE = [
    ("c positive", "abs(-c) = c", ""),
    ("c positive", "abs(-c/(c + 1)) = c/(c + 1)", ""),
    ("c positive\nd positive", "sign(-c - d) = -1", ""),
    ("c positive\nd positive", "sign(c*d) = 1", ""),
    ("c real", "abs(c)^2 = c^2", ""),
    ("q positive", "exp(q^2/(1 + 2*q)) = exp(q/2 - 1/4)*exp(1/(4 + 8*q))", ""),
    (ROWS, "E(relu(z)^2) = E(z^2)/2", Z),
    (ROWS, "E(relu(z)^2) = n*Var(W)*E(a^2)/2", Z),
    (ROWS, "E(relu(z)) = E(abs(z))/2", Z),
    (ROWS, "E(relu(z)^4) = E(z^4)/2", Z),
    (ROWS, "E(abs(z)^2) = E(z^2)", Z),
    (ROWS, "E(abs(z)*sign(z)) = 0", Z),
    (ROWS, "E(sign(z)^4) = E(sign(z)^2)", Z),
    (ROWS, "E(tanh(z)) = 0", Z),
    (ROWS, "E(sin(z)*cos(z)) = 0", Z),
    (ROWS, "E(tanh(z[1])*tanh(z[2])) = 0", Z),
    (ROWS, "E(z[1]*z[2]*abs(z[1])) = 0", Z),
    (ROWS, "E(relu(z[1])^2*relu(z[2])^2) = E(z[1]^2*z[2]^2)/4", Z),
    (ROWS, "E(abs(z[1])*abs(z[2])) = E(abs(z[2])*abs(z[1]))", Z),
    (ROWS, "E(abs(z[i])) = E(abs(z[k]))", f"{Z}\nw[k] = z[k]"),
    (ROWS, "E(abs(3*z)) = 3*E(abs(-z))", Z),
    (ROWS, "E(max(z[1], z[2])) = E(abs(z[1] - z[2]))/2", Z),
    (ROWS, "Var(sum(relu(z[i]), i in 1..m)) = m*Var(relu(z)) + m*(m-1)*Cov(relu(z[1]), relu(z[2]))", Z),
    (SQUARE, "E(sum(W[1,j]*relu(z[j]), j in 1..n)) = n*0 + E(W[1,1]*z[1])/2", Z),
    (TOGETHER, "E(relu(z)^2) = E(z^2)/2", Z),
    (DEPENDENT, "E(relu(z)^2*g^2) = E(z^2*g^2)/2", Z),
    (DEPENDENT, "E(abs(z)*z*g*a[1]) = 0", Z),
    (f"{BIASED}\nW symmetric\nb symmetric", "E(relu(z)^2) = E(z^2)/2", B),
    (f"{THREE}\nU symmetric\nV symmetric", "E(r^2) = n*Var(U)*k*Var(V)/2*l*Var(W)/2*E(x^2)", LAYERS),
    (f"{THREE}\nU symmetric\nV ~ Normal(0, 2/k)", "E(r[1]*r[2]) = 0", LAYERS),
    (f"{THREE}\nU symmetric\nV symmetric", "E(q^2) = k*Var(V)*E(p^2)/2", LAYERS),
    ("c real\nd real", "abs(c*d) = abs(d)*abs(c)", ""),
    ("X random\nY random\nX, Y independent\nX symmetric\nY symmetric", "E(relu(X + Y)^2) = E((X + Y)^2)/2", ""),
    ("X random\nX symmetric", "E(tanh(2*X)) = 0", ""),
]

FALSE = [
    (WEIGHTS, "E(relu(z)^2) = E(z^2)/2", Z),
    (f"{WEIGHTS}\nE(W) = 0", "E(relu(z)^2) = E(z^2)/2", Z),
    (ROWS.replace("W independent of a\n", ""), "E(relu(z)^2) = E(z^2)/2", Z),
    (ROWS, "Var(relu(z)) = Var(z)/2", Z),
    (ROWS, "E(relu(z)^2) = E(z^2)", Z),
    (ROWS, "E(sign(z)^2) = 1", Z),
    (ROWS, "E(step(z)) = 1/2", Z),
    (ROWS, "E(cos(z)) = 0", Z),
    (ROWS, "E(abs(z[1])*abs(z[2])) = E(abs(z))^2", Z),
    (ROWS, "E(relu(z[1])^2*relu(z[2])^2) = E(z[1]^2)*E(z[2]^2)/4", Z),
    (ROWS, "E(relu(z[1])^2*relu(z[1])^2) = E(z^4)/4", Z),
    (ROWS, "Var(sum(relu(z[i]), i in 1..m)) = m*Var(relu(z))", Z),
    (TOGETHER, "E(relu(z[1])^2*relu(z[2])^2) = E(z[1]^2*z[2]^2)/4", Z),
    (TOGETHER, "E(tanh(z[1])*tanh(z[2])) = 0", Z),
    (MARGINAL, "E(relu(z)^2) = E(z^2)/2", Z),
    (SQUARE, "E(sum(W[1,j]*relu(z[j]), j in 1..n)) = 0", Z),
    (BIASED + "\nW symmetric", "E(relu(z)^2) = E(z^2)/2", B),
    ("X random\nY random\nX symmetric\nY symmetric", "E(relu(X + Y)^2) = E((X + Y)^2)/2", ""),
    ("X random\nY random\nX, Y independent\nX symmetric", "E(relu(X + Y)^2) = E((X + Y)^2)/2", ""),
    (f"{THREE}\nV symmetric", "E(r^2) = n*Var(U)*k*Var(V)/2*l*Var(W)/2*E(x^2)", LAYERS),
    (f"{THREE}\nU symmetric", "E(r^2) = n*Var(U)*k*Var(V)/2*l*Var(W)/2*E(x^2)", LAYERS),
    (f"{THREE}\nU symmetric\nV symmetric", "E(r^2) = n*Var(U)*k*Var(V)*l*Var(W)*E(x^2)", LAYERS),
    (f"{THREE}\nU symmetric\nV symmetric", "E(r^2) = n*Var(U)*k*Var(V)/2*n*Var(W)/2*E(x^2)", LAYERS),
    ("c real", "abs(c) = c", ""),
    ("c positive", "abs(-c) = -c", ""),
    ("c positive\nd positive", "sign(c - d) = 1", ""),
    ("c positive", "sign(-c) = 1", ""),
    ("q positive", "exp(q^2/(1 + 2*q)) = exp(q/2 - 1/4)*exp(1/(4 + 4*q))", ""),
]


@pytest.mark.parametrize(("givens", "claim", "let"), TRUE, ids=[t[1] for t in TRUE])
def test_it_is_proved(givens: str, claim: str, let: str) -> None:
    assert proves(givens, claim, let)


@pytest.mark.parametrize(("givens", "claim", "let"), FALSE, ids=[f"{k} {t[1]}" for k, t in enumerate(FALSE)])
def test_it_is_not_proved(givens: str, claim: str, let: str) -> None:
    assert not proves(givens, claim, let)
