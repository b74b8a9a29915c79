"""Signs that are asked for while they are being asked for, and signs that a law hides."""

from __future__ import annotations

import pytest

import derive
from tests.judged import proves


@pytest.mark.parametrize(
    "theorem",
    [
        "theorem a\ngiven\n  v[l] = 2*v[l-1] for l in 1..L\n  abs(v[0]) > 0\nshow\n"
        "  v[L] = 2^L*v[0] and limit(2^L*v[0], L) = infinity  by induction on L\n",
        "theorem b\ngiven\n  v real\n  X random\n  X ~ Uniform(-sqrt(3*v), sqrt(3*v))\nshow\n  Var(X) = v\n"
        "proof\n  Var(X)\n    = (2*sqrt(3*v))^2/12\n    = v\nqed\n",
    ],
    ids=["an absolute value", "a root"],
)
def test_a_sign_that_depends_on_itself_is_not_asked_for_without_end(theorem: str) -> None:
    (verdict,) = derive.check(f"```derive\n{theorem}```\n")
    assert verdict.verdict in {"proved", "unknown"}


def test_a_law_does_not_hide_that_a_fact_cannot_be_met() -> None:
    (verdict,) = derive.check(
        "```derive\ntheorem c\ngiven\n  s positive\n  W random\n  W ~ TruncatedNormal(0, s^2, -2*s, 2*s)\n"
        "  Var(W) = -1\nshow\n  E(W) = 0\n```\n"
    )
    assert (verdict.verdict, verdict.line) == ("error", 7)


@pytest.mark.parametrize("claim", ["c > 0", "tanh(c) > 0"])
@pytest.mark.parametrize("given", ["c*tanh(c) > 0", "tanh(c)/c > 0"])
def test_a_sign_that_depends_on_itself_does_not_vouch_for_itself(given: str, claim: str) -> None:
    """The given holds for every c but 0: c is positive if tanh(c) is, and tanh(c) if c is, and neither is known."""
    assert not proves(f"c nonzero\n{given}", claim)
