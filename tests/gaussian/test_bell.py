"""Random functions of normal variables: what the kernel integrates lies in the certified enclosure."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from derive.decide import decide
from derive.gaussian import expectation
from derive.gaussian.correlated import correlated_terms
from derive.gaussian.errors import NotCertified
from derive.gaussian.evaluation import evaluated
from derive.kernel.facts import theory
from derive.kernel.judge import difference
from derive.kernel.readout import ratio_term
from derive.kernel.symbols import Moment, Unsupported, Whole
from derive.language.catalog import in_variable, unfold
from derive.language.parser import parse_term, parse_theorem
from derive.language.printer import term_text
from derive.language.scope import resolve
from derive.language.terms import Name, Term, substitute
from derive.language.theorem import Relation

LINE = """y y^2 y^3 step(y) step(y-1) sign(y+1/2) abs(y) abs(2*y-1) relu(y) relu(1-y) relu6(y) hard_tanh(y)
hard_sigmoid(3*y) elu(y) elu(2*y) celu(-y) softshrink(y) hardshrink(y) hardswish(y) threshold(y) exp(y)
exp(-y/2) exp(-y^2) exp(-abs(y)) exp(-y^2/3+y) erf(y) erf(y/2) erf(2*y+1) gelu(y) gelu(-2*y) gaussian(y)
sin(y) cos(2*y) cos(y-1) siren(y/10) min(y,1) max(y,-2*y) min(max(y,-1),abs(y)/2)""".split()
PAIR = """y y^2 sign(y) abs(y) relu(y) leaky_relu(y,0.1) squared_relu(y) erf(y) erf(y/2) gelu(y) gaussian(y) sin(y)
cos(2*y) exp(y/2)""".split()


def closed(givens: str, body: str) -> Term | None:
    """E of a body as the kernel's normal form; None where it leaves a moment in it or does not decide."""
    problem = resolve(parse_theorem(f"theorem t\ngiven\n{givens}show\n  E({body}) = 0\n"))
    (step,) = problem.steps
    known = theory(problem, frozenset(range(len(problem.givens))))
    assert not isinstance(step.left, Relation)
    assert not isinstance(step.right, Relation)
    try:
        found = difference(known, step.left, step.right).difference
    except Unsupported:
        return None
    if any(isinstance(s, Moment | Whole) for s in found.numerator.symbols()):
        return None
    return ratio_term(known, found)


def agree(body: str, term: Term, enclosure: Any) -> None:
    value = evaluated(unfold(term), bits=40)
    assert value.overlaps(enclosure), body
    assert enclosure.rad() < 1e-8 * max(1, float(abs(enclosure).upper())), body


def of_one(seed: int) -> bool:
    """One product under N(m, q), m = 0 in half of the cases."""
    random = Random(seed)
    m = random.choice([0, 0, 0, 1, Fraction(-3, 2)])
    q = random.choice([Fraction(1, 3), Fraction(1), Fraction(5, 2)])
    body = "*".join(random.sample(LINE, random.randint(1, 3)))
    term = closed(f"  y random\n  y ~ Normal({m}, {q})\n", body)
    if term is None:
        return False
    agree(body, term, expectation(in_variable(parse_term(body), Name("y")), "Normal", (m, q), digits=12))
    return True


def of_two(seed: int) -> bool:
    """f(u) g(v) with u = a x, v = b x + c y."""
    random = Random(seed)
    a, c = (random.choice([Fraction(1, 2), Fraction(1), Fraction(3, 2)]) for _ in range(2))
    b = random.choice([Fraction(0), Fraction(1, 2), Fraction(-1), Fraction(2, 3)])
    f, g = ("*".join(random.sample(PAIR, random.randint(1, 2))) for _ in range(2))
    places = parse_term(f"{a}*x"), parse_term(f"{b}*x + {c}*w")
    at_u, at_v = (term_text(substitute(parse_term(t), {"y": p})) for t, p in zip((f, g), places, strict=True))
    givens = "  x random\n  w random\n  x, w independent\n  x ~ Normal(0, 1)\n  w ~ Normal(0, 1)\n"
    term = closed(givens, f"({at_u})*({at_v})")
    if term is None:
        return False
    of_u, of_v = (in_variable(parse_term(t), Name("y")) for t in (f, g))
    try:
        found = correlated_terms(of_u, of_v, a * a, a * b, b * b + c * c, digits=9)
    except NotCertified:
        return False
    agree(f"{at_u} * {at_v}", term, found)
    return True


PLANE = "  b real\n  d real\n  x random\n  w random\n  x, w independent\n  x ~ Normal(0, 1)\n  w ~ Normal(0, 1)\n"
LINE_ONLY = "  q positive\n  x random\n  x ~ Normal(0, q)\n"
NOT_PROVED = [
    (PLANE, "E(sign(b*x + d*w)^2) = 1"),  # b = d = 0
    (PLANE, "E(abs(b*x + d*w)*sign(b*x + d*w)*sign(x + w)^2) = E(b*x)+1"),
    (PLANE, "E(sign(x + d*w)*sign(b*x + w)) = 2/pi*asin((b+d)/sqrt((1+d^2)*(1+b^2)))*2"),
    (LINE_ONLY, "E(exp(x^2)) = E(exp(x^2))"),  # infinite for q >= 1/2
    (LINE_ONLY, "E(exp(x^2/4 + x)) = E(exp(x^2/4 + x))"),
    (LINE_ONLY, "E(exp(x*abs(x))) = E(exp(x*abs(x)))"),
    ("  x random\n", "E(exp(-x)) = E(exp(-x))"),  # no named law, so it may be infinite
    ("  x random\n  w random\n  w ~ Normal(0, 1)\n", "E(exp(x + w)) = E(exp(x + w))"),
    ("  x random\n  w random\n  x ~ Normal(0, 1)\n  w ~ Normal(0, 1)\n", "E(erf(x)*erf(w)) = 0"),  # dependent
    ("  x[i] exchangeable for i in 1..2\n  x ~ Normal(0, 1)\n", "E(sign(x[1] + 2*x[2])*x[1]) = sqrt(2/(5*pi))"),
]


@pytest.mark.parametrize(("givens", "claim"), NOT_PROVED)
def test_what_is_infinite_degenerate_or_dependent_is_not_proved(givens: str, claim: str) -> None:
    (found,) = decide(f"```derive\ntheorem t\ngiven\n{givens}show\n  {claim}\n```\n", file="case.md")
    assert found.verdict in {"unknown", "refuted"}


def test_the_same_with_what_was_missing_is_proved() -> None:
    for givens, claim in (
        (PLANE.replace("b real", "b positive"), "E(sign(b*x + d*w)^2) = 1"),
        (LINE_ONLY.replace("q)", "1)"), "E(cos(x)^4) = 3/8 + exp(-2)/2 + exp(-8)/8"),
        (LINE_ONLY, "E(exp(x - x^2)) = exp(q/(2*(1+2*q)))/sqrt(1+2*q)"),
        (
            "  x random\n  w random\n  x, w independent\n  x ~ Normal(0, 1)\n  w ~ Normal(0, 1)\n",
            "E(erf(x)*erf(w)) = 0",
        ),
        ("  x[i] iid for i in 1..2\n  x ~ Normal(0, 1)\n", "E(sign(x[1] + 2*x[2])*x[1]) = sqrt(2/(5*pi))"),
    ):
        (found,) = decide(f"```derive\ntheorem t\ngiven\n{givens}show\n  {claim}\n```\n", file="case.md")
        assert found.verdict == "proved", claim


def test_functions_of_one_variable() -> None:
    assert sum(map(of_one, range(150))) >= 90


def test_products_of_functions_of_two_correlated_variables() -> None:
    assert sum(map(of_two, range(30))) >= 15


@pytest.mark.slow
def test_many_more_functions() -> None:
    assert sum(map(of_one, range(1_000, 4_000))) >= 1_500
    assert sum(map(of_two, range(1_000, 1_400))) >= 180
