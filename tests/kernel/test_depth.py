"""Recurrences, induction, products over a range, and limits."""

from __future__ import annotations

import pytest

from tests.judged import proves

STEP = "n positive\ns positive\nv[l] = n*s*v[l-1] for l in 1..L"
OWN = "n[l] positive for l in 1..L\ns[l] positive for l in 1..L\nv[l] = n[l]*s[l]*v[l-1] for l in 1..L"
LAYER = "W[j] iid for j in 1..n\na[j] iid for j in 1..n\nW independent of a\nE(W) = 0\nVar(W) > 0\nE(a^2) > 0"
Z = "z = sum(W[j]*a[j], j in 1..n)"

TRUE = [
    (STEP, "v[L] = (n*s)^L*v[0]", ""),
    (STEP, "v[L] = n*s*v[L-1]", ""),
    (STEP, "v[L]/(n*s)^L = v[0]", ""),
    (OWN, "v[L] = v[0]*prod(n[l]*s[l], l in 1..L)", ""),
    (OWN, "v[L] = v[0]*prod(n[l], l in 1..L)*prod(s[l], l in 1..L)", ""),
    (f"{OWN}\nn[l]*s[l] = 1 for l in 1..L", "v[L] = v[0]", ""),
    (f"{OWN}\nn[l]*s[l] = 2 for l in 1..L", "v[L] = 2^L*v[0]", ""),
    (f"{OWN}\nn[l]*s[l] = 1 for l in 1..L", "prod(n[l]*s[l], l in 1..L) = 1", ""),
    ("c real\nv[l] = v[l-1] + c for l in 1..L", "v[L] = v[0] + L*c", ""),
    ("v[l] = v[l-1] + l2 for l in 1..L\nl2 real", "v[L] - v[0] = L*l2", ""),
    (STEP, "v[1] = n*s*v[0]", ""),
    ("d[l] real for l in 1..L\nv[l] = v[l-1] + d[l] for l in 1..L", "v[L] = v[0] + sum(d[l], l in 1..L)", ""),
    (f"{STEP}\nn*s <= 1\nv[0] >= 0", "v[L] <= v[0]", ""),
    (f"{STEP}\nn*s < 1", "limit((n*s)^L*v[0], L) = 0", ""),
    (f"{STEP}\nn*s < 1", "limit(v[0] + (n*s)^L, L) = v[0]", ""),
    (f"{STEP}\nn*s < 1", "limit(L^3*(n*s)^L, L) = 0", ""),
    (f"{STEP}\nn*s = 1", "limit((n*s)^L*v[0], L) = v[0]", ""),
    (f"{STEP}\nn*s > 1\nv[0] > 0", "limit((n*s)^L*v[0], L) = infinity", ""),
    (f"{STEP}\nn*s > 1", "limit(1/(n*s)^L, L) = 0", ""),
    (STEP, "limit((3*L + n)/(L + 1), L) = 3", ""),
    (LAYER, "limit((1 + 2/n)/(3 - 1/n^2), n) = 1/3", ""),
    (f"{LAYER}\nW ~ Normal(0, 1/n)", "limit(E(z^2), n) = E(a^2)", Z),
    ("a[l] = 3/2*a[l-1] for l in 1..9", "a[9] = 38.443359375*a[0]", ""),
]

FALSE = [
    (STEP, "v[L] = (n*s)^(L+1)*v[0]", ""),
    (STEP, "v[L] = (n*s)^L", ""),
    (STEP, "v[L] = v[0]", ""),
    (OWN, "v[L] = v[0]*(n[1]*s[1])^L", ""),
    (OWN, "v[L] = v[0]*prod(n[l], l in 1..L)", ""),
    (f"{OWN}\nn[1]*s[1] = 1", "v[L] = v[0]", ""),
    ("c real\nv[l] = v[l-1] + c for l in 1..L", "v[L] = v[0] + (L+1)*c", ""),
    ("c real\nv[l] = v[l-1] + c for l in 1..L\nv[L] = 7", "v[L] = v[0]", ""),
    (f"{STEP}\nv[l] = 1", "v[L] = 2", ""),
    (f"{STEP}\nn*s <= 1", "v[L] <= v[0]", ""),
    (f"{STEP}\nn*s <= 1", "limit((n*s)^L*v[0], L) = 0", ""),
    (STEP, "limit((n*s)^L*v[0], L) = 0", ""),
    (f"{STEP}\nn*s < 1", "limit((n*s)^L*v[0], L) = v[0]", ""),
    (f"{STEP}\nn*s > 1", "limit((n*s)^L*v[0], L) = infinity", ""),
    (f"{STEP}\nn*s < 1", "limit(v[0] + (n*s)^L, L) = 0", ""),
    ("c real\nn positive\nv[l] = n for l in 1..L\nc < 1", "limit(c^L, L) = 0", ""),
    ("c positive\nv[l] = c for l in 1..L\nL*c < 1", "limit(L*c, L) = 0", ""),
    ("d[l] real for l in 1..L", "sum(d[l], l in 1..L) = L*d[1]", ""),
    ("d[l] real for l in 1..L", "prod(d[l], l in 1..L) = d[1]^L", ""),
    ("a[l] = 3/2*a[l-1] for l in 1..9", "a[9] = 1.5^10*a[0]", ""),
]


@pytest.mark.parametrize(("givens", "claim", "let"), TRUE, ids=[f"{k} {t[1]}" for k, t in enumerate(TRUE)])
def test_it_is_proved(givens: str, claim: str, let: str) -> None:
    assert proves(givens, claim, let)


@pytest.mark.parametrize(("givens", "claim", "let"), FALSE, ids=[f"{k} {t[1]}" for k, t in enumerate(FALSE)])
def test_it_is_not_proved(givens: str, claim: str, let: str) -> None:
    assert not proves(givens, claim, let)


def test_an_induction_needs_givens_that_say_the_same_of_the_next_size() -> None:
    """The claim is true for the L that the condition allows only if the condition is kept out of the step."""
    assert not proves(f"{STEP}\nL < 3", "v[L] = (n*s)^L*v[0]", "")


def test_an_index_that_runs_to_the_size_is_not_covered_by_an_induction_on_it() -> None:
    assert not proves(f"{STEP}\nn*s = 1", "v[l] = v[0] + 0*v[L]", "")
