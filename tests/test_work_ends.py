"""Documents that ask for too much work: a verdict in good time, never a traceback."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from derive.decide import decide
from derive.gaussian.enclosure import attempted
from derive.gaussian.errors import NoTailBound, NotCertified
from derive.language.document import Malformed, read_document
from derive.language.parser import parse_term
from derive.referee.algebra import Unusable
from derive.referee.failure import failure, sides_at
from derive.referee.means import Work
from derive.referee.model import Continuous, model

LARGE = [
    ("c real; d real; e real; f real; g real", "(c + d + e + f + g + 1)^64 = 1"),
    ("c real; d real", "((c + d)^64)^64 = 1"),
    ("c real", "((2^64)^64)^64 = c"),
    ("c real", "((((2^64)^64)^64)^64)^64 = c"),
    ("c real", "((10^64)^64)^4 = 3"),
    ("c real", "exp(1000000000000) = 1"),
    ("c real", "exp(-1000000000000) = 0"),
    ("X random", "E(((X + 1)^64)^64) = 1"),
    ("X random; Y random; Z random", "E((X + Y + Z + 1)^64) = 1"),
    ("X random; Y random; X independent of Y", "E(abs(X + Y)^64) = 1"),
    ("X random; X ~ Normal(0, 1)", "E(X^40*tanh(X)^20) = 0"),
    ("X random; X ~ Normal(0, 1)", "E(X^64*exp(X)^64*sin(X)^64*cos(X)^64) = 1"),
    ("X[j] exchangeable for j in 1..1000000; E(X) = 0", "Var(sum(X[j], j in 1..1000000)) = Var(X)"),
    ("v[l] = v[l-1]*v[l-1] for l in 1..L", "v[64] = 0"),
    ("n positive; v[l] = n^64*v[l-1]^64 for l in 1..L", "v[64] = v[0]"),
    ("v[l] = v[l-1]^64 for l in 1..L", "v[64] = 1"),
    ("v[l] = v[l-1]^64 for l in 1..L; v[1] > 1", "v[8] > 1"),
    ("v[l] = v[l-1]^64 for l in 1..L", "v[64]^2 - 2*v[63]*v[64] + v[63]^2 = 1"),
    ("v[l] = v[l-1]*v[l-2] + v[l-3] for l in 1..L", "v[40] = 0"),
    ("X[j] iid for j in 1..64; X ~ Normal(0, 1)", "E(sum(X[j], j in 1..64)^6) = 1"),
    ("X random; X ~ Normal(0, 1)", "E(cos(X)^40) = 1"),
    ("b real; X random; X ~ Normal(b, 1)", "E(sin(b*X)^20*cos(X)^20) = 1"),
    ("b real; d real; q positive; X random; X ~ Normal(b, q + b^2)", "E(relu(d*X - d)^20) = 1"),
    (
        "b real; d real; X random; W random; X, W independent; X ~ Normal(0, 1); W ~ Normal(0, 1)",
        "E(erf(b*X + d*W)*erf(X - W)*gelu(b*X - d*W)*X^2*W^2) = 1",
    ),
]


@pytest.mark.parametrize(("givens", "claim"), LARGE, ids=[f"{k} {t[1]}" for k, t in enumerate(LARGE)])
def test_the_work_of_deciding_ends(givens: str, claim: str) -> None:
    lines = "".join(f"  {given}\n" for given in givens.split("; "))
    (verdict,) = decide(f"```derive\ntheorem large\ngiven\n{lines}show\n  {claim}\n```\n", file="large.md")
    assert verdict.verdict in {"refuted", "unknown"}


@pytest.mark.parametrize("kind", ["X{} random", "X{}[j] exchangeable for j in 1..n"])
def test_the_work_for_many_families_ends(kind: str) -> None:
    lines = "".join(f"  {kind.format(k)}\n" for k in range(24))
    claim = "*".join(f"X{k}" for k in range(24))
    (verdict,) = decide(f"```derive\ntheorem many\ngiven\n{lines}show\n  E({claim}) = 0\n```\n", file="many.md")
    assert verdict.verdict in {"refuted", "unknown"}


UNCERTIFIED = [
    "E(asin(X)) = 0",  # not defined everywhere
    "E(log(X^2)) = 0",  # no bound of the growth at 0
    "E(log(X^2)) = 0 iff E(X) = 0",
    "E(sin(X^20)) = s",  # the integral does not converge, and there is another one for each s
    "E(abs(sin(1000*X))) = E(abs(sin(1000*X))*sign(X)^2)",
    "E(abs(abs(abs(abs(X - 1/2) - 1) - 1) - 1)^4) = s",  # functions inside functions, many times over
]


@pytest.mark.parametrize("claim", UNCERTIFIED)
def test_what_no_integral_decides_is_unknown_in_good_time(claim: str) -> None:
    before = time.process_time()
    text = f"```derive\ntheorem open\ngiven\n  s positive\n  X random\n  X ~ Normal(0, s^2)\nshow\n  {claim}\n```\n"
    (verdict,) = decide(text, file="open.md")
    assert verdict.verdict == "unknown"
    assert time.process_time() - before <= 3.5  # 0.9 at most on a quiet machine, where it was 7 to 12


def test_what_has_no_bound_of_its_tails_is_not_integrated_unless_somebody_asks_for_an_estimate() -> None:
    for text in ("log(y^2)", "log(abs(y))"):
        found = attempted(parse_term(text), "Normal", (0, 1), digits=20)
        assert isinstance(found.failure, NoTailBound)
        assert found.evaluations == 0


def test_an_integral_that_does_not_converge_costs_the_search_what_it_takes() -> None:
    hopeless = attempted(parse_term("sin(y^20)"), "Normal", (0, 1), digits=20)
    easy = attempted(parse_term("tanh(y)^2"), "Normal", (0, 1), digits=20)
    assert isinstance(hopeless.failure, NotCertified)
    assert easy.failure is None
    assert hopeless.evaluations > 100 * easy.evaluations
    text = "```derive\ntheorem one\ngiven\n  X random\n  X ~ Normal(0, 1)\nshow\n  E({}) = 1\n```\n"
    spent: list[int] = []
    for function in ("sin(X^20)", "tanh(X)^2"):
        (statement,) = (s for s in read_document(text.format(function)) if not isinstance(s, Malformed))
        step, work = statement.problem.steps[0], Work(10**7)
        candidate = model({}, {}, {"X": Continuous("Normal", (0, 1))}, [])
        with suppress(Unusable):
            failure(sides_at(statement.problem, {}, step), step, candidate, work)
        spent.append(work.done)
    assert spent[0] > 2 * hopeless.evaluations - 1
    assert spent[0] > 20 * spent[1]
