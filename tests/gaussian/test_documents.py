"""Gaussian claims in documents: what is proved with which facts, and what is refuted by which model."""

from __future__ import annotations

from textwrap import indent

import pytest

from derive.decide import decide
from derive.gaussian import closed_form, document, names, read
from derive.kernel import ledger
from derive.language.printer import term_text
from derive.verdict import StepVerdict

NORMAL = "q positive\ny random\ny ~ Normal(0, q)"
TRUNCATED = "s positive\nW random\nW ~ TruncatedNormal(0, s^2, -2*s, 2*s)"
BACKWARD = "u random\ny random"  # arbitrarily dependent


def steps(givens: str, claim: str, let: str = "") -> tuple[StepVerdict, ...]:
    """The verdicts on the links of a theorem that is written in pieces."""
    text = f"```derive\ntheorem case\ngiven\n{indent(givens, '  ')}\n"
    text += f"let\n{indent(let, '  ')}\n" if let else ""
    (verdict,) = decide(f"{text}show\n  {claim}\n```\n", file="case.md")
    assert verdict.verdict != "error", verdict.message
    return verdict.steps


PROVED = [
    # closed forms
    (NORMAL, "E(erf(y)^2) = 2/pi*asin(2*q/(1+2*q))", {"erf-second-moment"}),
    (NORMAL, "E(y*erf(y)) = 2*q/sqrt(pi*(1+2*q))", {"erf-first-product"}),
    (NORMAL, "E(sin(y)^2) = (1-exp(-2*q))/2", {"sin-second-moment"}),
    (NORMAL, "E(sin(y)^2) + E(cos(y)^2) = 1", {"sin-second-moment", "cos-second-moment"}),
    (NORMAL, "E(y*sin(y)) = q*exp(-q/2)", {"cos-mean", "sin-derivative", "stein"}),
    (NORMAL, "E(gelu(y)) = q/sqrt(2*pi*(1+q))", {"gelu-mean"}),
    (NORMAL, "Var(exp(y)) = exp(q)*(exp(q)-1)", {"exp-power"}),
    (NORMAL, "E(y^2*exp(y)^2) = (q+4*q^2)*exp(2*q)", {"exp-power", "exp-derivative", "stein"}),
    (NORMAL, "E(y*tanh(y)) = q*(1-E(tanh(y)^2))", {"stein", "tanh-derivative"}),
    ("y random\ny ~ Normal(0, 1)", "E(gelu(y)^2) = 1/3 + 1/(2*pi*sqrt(3))", {"gelu-second-moment"}),
    ("y random\ny ~ Normal(0, 1/2)", "E(erf(y)^2) = 1/3", {"erf-second-moment"}),
    ("s positive\nX random\nX ~ Normal(0, s^2)", "E(erf(X)^2) = 2/pi*asin(2*s^2/(1+2*s^2))", {"erf-second-moment"}),
    ("m real\n" + NORMAL.replace("(0", "(m"), "Cov(y, tanh(y)) = q*E(1-tanh(y)^2)", {"stein", "tanh-derivative"}),
    # symmetry
    ("s positive\nX random\nX ~ Normal(0, s^2)", "E(tanh(X)) = 0", set()),
    ("X random\nX ~ Uniform(-1, 1)", "E(sin(X)*cos(X)^2) = 0", set()),
    ("X random\nX ~ Rademacher()", "E(atan(X)) = 0", set()),
    ("y random\ny symmetric", "E(sigmoid(y)) = 1/2", {"sigmoid-reflection"}),
    ("y random\ny symmetric", "E(y*gelu(y)) = E(y^2)/2", {"gelu-reflection"}),
    ("y random\ny symmetric", "E(y*softplus(y)) = E(y^2)/2", {"softplus-reflection"}),
    # bounds
    (NORMAL, "q - 2*q^2 <= E(tanh(y)^2)", {"tanh-nearly-linear"}),
    (NORMAL, "E(tanh(y)^2) <= q", {"tanh-below-identity"}),
    (NORMAL, "E(erf(y)^2) <= 4/pi*q", {"erf-below-linear"}),
    (NORMAL, "1 - 2*q <= E((1-tanh(y)^2)^2)", {"tanh-below-identity"}),
    ("X random", "E(tanh(X)^2) <= E(X^2)", {"tanh-below-identity"}),
    ("X random", "E(X^2) - 2/3*E(X^4) <= E(tanh(X)^2)", {"tanh-nearly-linear"}),
    ("X random", "E(tanh(X)^2) + E(sin(X)^2) <= 2*E(X^2)", {"tanh-below-identity", "sin-below-identity"}),
    (BACKWARD, "E((u*sigmoid(y)*(1-sigmoid(y)))^2) <= E(u^2)/16", {"sigmoid-slope-squared"}),
    (BACKWARD, "E(u^2*(1-tanh(y)^2)^2) <= E(u^2)", {"tanh-bounded"}),
    # truncated normal laws, by parts
    (TRUNCATED, "Var(W) = s^2*(1 - 2*sqrt(2)*exp(-2)/(sqrt(pi)*erf(sqrt(2))))", set()),
    (TRUNCATED, "Var(relu(W)) + E(relu(W))^2 = Var(W)/2", set()),
    (
        "c positive\n" + TRUNCATED.replace("2*s", "c*s"),
        "Var(W) = s^2*(1 - 2*c*exp(-c^2/2)/(sqrt(2*pi)*erf(c/sqrt(2))))",
        set(),
    ),
]


@pytest.mark.parametrize(("givens", "claim", "facts"), PROVED, ids=lambda p: p if isinstance(p, str) else "")
def test_it_is_proved_and_the_facts_are_named(givens: str, claim: str, facts: set[str]) -> None:
    found = steps(givens, claim)
    assert [s.verdict for s in found] == ["proved"] * len(found)
    assert {f for s in found for f in s.facts} == facts
    assert all(ledger.fact(f).source for f in facts)


def test_a_layer_of_sigmoids_shrinks_the_gradients_second_moment_sixteen_times() -> None:
    givens = (
        "W[i,j] iid for i in 1..m, j in 1..n\nd[i] exchangeable for i in 1..m\ny[j] iid for j in 1..n\n"
        "W independent of (d, y)\nE(W) = 0"
    )
    back = "back[j] = sum(W[i,j]*d[i], i in 1..m)*sigmoid(y[j])*(1-sigmoid(y[j]))"
    (step,) = steps(givens, "E(back[j]^2) <= m*Var(W)*E(d^2)/16", back)
    assert step.verdict == "proved"
    assert step.facts == ("sigmoid-slope-squared",)


LAYER = (
    "W[i,j] iid for i in 1..m, j in 1..n\ny[j] iid for j in 1..n\nq positive\ny ~ Normal(0, q)\nW independent of y\n"
    "E(W) = 0"
)


@pytest.mark.parametrize(
    ("f", "rule", "facts"),
    [
        ("erf", "(pi*q/2)/(n*asin((2*q)/(1 + 2*q)))", {"erf-second-moment"}),
        ("sin", "(2*q*exp(q)^2)/(n*(exp(q)^2 - 1))", {"sin-second-moment", "exp-above-tangent"}),
    ],
)
def test_the_rule_that_keeps_the_variance_is_found_for_smooth_activations(f: str, rule: str, facts: set[str]) -> None:
    text = f"```derive\ntheorem rule\ngiven\n{indent(LAYER, '  ')}\nlet\n  z[i] = sum(W[i,j]*{f}(y[j]), j in 1..n)\n"
    (verdict,) = decide(f"{text}find Var(W) such that Var(z) = Var(y)\n```\n", file="case.md")
    assert (verdict.verdict, verdict.found) == ("proved", rule)
    assert {name for step in verdict.steps for name in step.facts} == facts


# A constant that is wrong, a factor that is not independent, a law that is not symmetric, a multiplier with a sign.
REFUTED = [
    (NORMAL, "E(tanh(y)^2) = q", {"q": "1"}),
    (NORMAL, "E(erf(y)^2) = 1/pi*asin(2*q/(1+2*q))", {"q": "1"}),
    (NORMAL, "E(tanh(y)^2) <= q/2", {"q": "1/2"}),
    (NORMAL, "E(gelu(y)^2) = q/2", {"q": "1"}),
    (NORMAL, "E(exp(y)) = exp(q)", {"q": "1"}),
    (NORMAL, "E(relu(y-1)^2) = q/2", {"q": "1"}),
    (NORMAL, "E(tanh(2*y)^2) = E(tanh(y)^2)", {"q": "1"}),
    (TRUNCATED, "Var(W) = s^2", {"s": "1"}),
    ("X random\nX ~ Uniform(-1, 1)", "E(tanh(X)^2) = 1/3", {}),
    ("y random", "E(sigmoid(y)) = 1/2", {}),
    ("y random\nE(y) = 0", "E(tanh(y)) = 0", {}),
    (BACKWARD, "E(u^2*(1-tanh(y)^2)^2) <= E(u^2)/2", {}),
]


@pytest.mark.parametrize(("givens", "claim", "constants"), REFUTED, ids=lambda p: p if isinstance(p, str) else "")
def test_it_is_refuted_by_a_model(givens: str, claim: str, constants: dict[str, str]) -> None:
    (step,) = steps(givens, claim)
    assert step.verdict == "refuted"
    model = step.counterexample
    assert model is not None
    assert dict(model.constants) == constants


def test_the_two_enclosures_of_a_refuted_equation_do_not_overlap() -> None:
    (step,) = steps(NORMAL, "E(erf(y)^2) = 1/pi*asin(2*q/(1+2*q))")
    model = step.counterexample
    assert model is not None
    assert dict(model.laws) == {"y": "Normal(0, 1)"}
    (left_low, _), (_, right_high) = model.left, model.right
    assert float(left_low) > float(right_high)


CLOSED = [(n, of) for n in names() for of in ("f", "f^2") if closed_form(read(n), of) is not None]


@pytest.mark.parametrize(("name", "of"), CLOSED)
def test_every_closed_mean_and_second_moment_of_the_catalog_is_proved(name: str, of: str) -> None:
    """The text that the Gaussian calculus writes, decided by the kernel with the ledger."""
    if name == "selu":  # whose constants the ledger writes differently: the fixed point
        (step,) = steps("y random\ny ~ Normal(0, 1)", f"E(selu(y){'^2' if of == 'f^2' else ''}) = {int(of == 'f^2')}")
    else:
        text = document(read(name), of)
        assert text is not None
        (theorem,) = decide(text, file="case.md")
        (step,) = theorem.steps
    assert step.verdict == "proved"
    call = {"leaky_relu": "leaky_relu(y, 0.01)", "prelu": "prelu(y, 1/4)"}.get(name, f"{name}(y)")
    (wrong,) = steps("y random\ny ~ Normal(0, 1)", f"E({call}^2) = 1234567/1000000")
    assert wrong.verdict == "refuted"


@pytest.mark.parametrize(
    ("slope", "name"),
    [
        ("1", "identity"),
        ("step(y)", "relu"),
        ("step(y) + 0.01*step(-y)", "leaky_relu"),
        ("step(y) + step(-y)/4", "prelu"),
        ("2*relu(y)", "squared_relu"),
        ("sign(y)", "abs"),
        ("2/sqrt(pi)*gaussian(y)", "erf"),
        ("cos(y)", "sin"),
        ("-sin(y)", "cos"),
        ("exp(y)", "exp"),
        ("-2*y*gaussian(y)", "gaussian"),
    ],
)
def test_second_moments_of_slopes_that_the_language_can_write_are_proved(slope: str, name: str) -> None:
    term = closed_form(read(name), "df^2")
    assert term is not None
    (step,) = steps(NORMAL, f"E(({slope})^2) = {term_text(term)}  by gaussian")
    assert step.verdict == "proved"


UNDECIDED = [
    (NORMAL, "E(silu(y)^2) = E(silu(-y)^2) + 0*E(tanh(y)^2)"),
    ("u random\ny random\nu symmetric", "E(u*tanh(y)^2) <= E(u*y^2) + E(u^2)"),
]


@pytest.mark.parametrize(("givens", "claim"), UNDECIDED)
def test_what_nothing_decides_is_never_called_proved(givens: str, claim: str) -> None:
    assert all(s.verdict != "proved" for s in steps(givens, claim))


def test_gaussian_is_a_method_and_restricts_nothing() -> None:
    (plain,) = steps(NORMAL, "E(erf(y)^2) = 2/pi*asin(2*q/(1+2*q))")
    (named,) = steps(NORMAL, "E(erf(y)^2) = 2/pi*asin(2*q/(1+2*q))  by gaussian")
    assert (named.verdict, named.uses, named.facts) == (plain.verdict, plain.uses, plain.facts)


CONSTANTS = "q positive\nx real"


@pytest.mark.parametrize(
    "claim",
    [
        "exp(q)*exp(-q) = 1",
        "exp(q/2)^2 = exp(q)",
        "exp(0) = 1",
        "exp(q/3)^2*exp(q/3) = exp(q)",
        "exp(q + x) = exp(q)*exp(x)",
        "sqrt(exp(q)) = exp(q/2)",
        "exp(x/(1+q))*exp(-x/(1+q)) = 1",
        "exp(-x) > 0",
        "asin(1/2) = pi/6",
        "asin(2*q/(1+2*q)) = asin(1/(1+1/(2*q)))",
        "erf(1/sqrt(2)) = erf(sqrt(2)/2)",
        "erf(q-1) = -erf(1-q)",
        "q/erf(q)*erf(q) = q",
        "log(q) = log(2*q/2)",
        "log(1) = 0",
    ],
)
def test_functions_of_constants_have_a_normal_form(claim: str) -> None:
    assert [s.verdict for s in steps(CONSTANTS, claim)] == ["proved"]


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        ("asin(x) = asin(x)", "1 - x has to be nonnegative"),
        ("log(x) = log(x)", "x has to be positive"),
        ("x/erf(x)*erf(x) = x", "erf(x) has to be nonzero"),
        ("log(-q) = log(-q)", "-q has to be positive"),
        ("asin(2) = asin(2)", "outside its domain"),
    ],
)
def test_what_may_be_undefined_is_unknown_and_says_what_is_needed(claim: str, why: str) -> None:
    (step,) = steps(CONSTANTS, claim)
    assert step.verdict == "unknown"
    assert why in (step.message or "")
