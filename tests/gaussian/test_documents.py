"""Gaussian claims in documents: what is proved with which facts, and what is refuted by which model."""

from __future__ import annotations

from fractions import Fraction
from textwrap import indent

import pytest
from flint import acb, arb, ctx, fmpq

from derive.decide import decide
from derive.gaussian import document, kernel_document, names, read
from derive.gaussian.evaluation import evaluated
from derive.gaussian.programs import compiled
from derive.gaussian.statements import slope_at
from derive.kernel import ledger
from derive.language.catalog import unfold
from derive.language.terms import Name, substitute
from derive.verdict import StepVerdict

NORMAL = "q positive\ny random\ny ~ Normal(0, q)"
TRUNCATED = "s positive\nW random\nW ~ TruncatedNormal(0, s^2, -2*s, 2*s)"
BACKWARD = "u random\ny random"  # arbitrarily dependent

WAVES = {"cos-of-normal", "product-of-waves"}


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
    (NORMAL, "E(y*erf(y)) = 2*q/sqrt(pi*(1+2*q))", {"stein", "squeezing", "erf-of-normal"}),
    (NORMAL, "E(sin(y)^2) = (1-exp(-2*q))/2", WAVES),
    (NORMAL, "E(sin(y)^2) + E(cos(y)^2) = 1", WAVES),
    (NORMAL, "E(y*sin(y)) = q*exp(-q/2)", {"cos-of-normal", "sin-derivative", "stein"}),
    (NORMAL, "E(gelu(y)) = q/sqrt(2*pi*(1+q))", {"stein", "squeezing", "erf-of-normal"}),
    (NORMAL, "Var(exp(y)) = exp(q)*(exp(q)-1)", {"tilting"}),
    (NORMAL, "E(y^2*exp(y)^2) = (q+4*q^2)*exp(2*q)", {"tilting", "exp-derivative", "stein"}),
    ("m real\n" + NORMAL.replace("(0", "(m"), "E(exp(y)) = exp(m + q/2)", {"tilting"}),
    ("m real\n" + NORMAL.replace("(0", "(m"), "E(step(y-1)) = (1 - erf((1-m)/sqrt(2*q)))/2", {"half-line"}),
    ("m real\n" + NORMAL.replace("(0", "(m"), "E(sin(2*y+1)) = exp(-2*q)*sin(2*m+1)", {"sin-of-normal"}),
    ("m real\n" + NORMAL.replace("(0", "(m"), "E(erf(y/2)) = erf(m/sqrt(4+2*q))", {"erf-of-normal"}),
    (NORMAL, "E(relu(y-1)) = sqrt(q/(2*pi))*exp(-1/(2*q)) - (1-erf(1/sqrt(2*q)))/2", {"half-line", "stein-beyond"}),
    (NORMAL, "E(y*tanh(y)) = q*(1-E(tanh(y)^2))", {"stein", "tanh-derivative"}),
    (
        "y random\ny ~ Normal(0, 1)",
        "E(gelu(y)^2) = 1/3 + 1/(2*pi*sqrt(3))",
        {"erf-second-moment", "erf-of-normal", "stein", "squeezing"},
    ),
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
        ("sin", "(2*q*exp(q)^2)/(n*(exp(q)^2 - 1))", WAVES | {"exp-above-tangent"}),
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


def claims(of: str) -> list[str]:
    """The documents that the Gaussian calculus writes of the catalog's closed forms."""
    made = [kernel_document(read(n)) if of == "kernel" else document(read(n), of) for n in names() if of in has(n)]
    return [text for text in made if text is not None]


def has(name: str) -> set[str]:
    return {"f", "f^2", "kernel"} | (set() if read(name).breaks.jumps else {"df^2"})


@pytest.mark.parametrize(("of", "least"), [("f", 29), ("f^2", 29), ("df^2", 25), ("kernel", 19)])
def test_every_closed_form_of_the_catalog_is_proved_at_every_variance(of: str, least: int) -> None:
    """Means, second moments, slopes (21 of them without Hermite's four), dual kernels; each false with a factor 2."""
    texts = claims(of)
    assert len(texts) >= least
    for text in texts:
        (theorem,) = decide(text, file="case.md")
        assert (theorem.verdict, theorem.theorem) == ("proved", theorem.theorem), text
        left, _, right = text.partition(" = ")
        if "q positive" in text and right.split("by")[0].strip() != "0":
            (wrong,) = judge_all(f"{left} = 2*({right.replace('  by gaussian', ')  by gaussian')}")
            assert wrong != "proved", text


def judge_all(text: str) -> tuple[str, ...]:
    from derive.decide import decide_claim
    from derive.language.document import Malformed, read_document

    (statement,) = read_document(text)
    assert not isinstance(statement, Malformed)
    return tuple(v.verdict for v in decide_claim(statement.problem, effort=1))


def test_the_slope_of_each_piece_is_the_derivative_of_the_function() -> None:
    """What the documents square is f' of the catalog, between the kinks, to 12 digits."""
    for name in names():
        f = read(name)
        if f.breaks.jumps:
            continue
        with ctx.workprec(300):
            claimed = compiled(unfold(substitute(slope_at(f, Name("z")), dict(f.constants))))
            for k in range(-37, 38):
                z, h = Fraction(k, 5) + Fraction(3, 100), Fraction(1, 10**20)
                rise = (f.value(z + h, digits=60) - f.value(z, digits=60)) / arb(fmpq(1, 10**20))
                at = claimed(acb(fmpq(z.numerator, z.denominator)), False).real
                assert abs(at - rise) < arb("1e-12") * (1 + abs(rise)), (name, k)


def test_the_constants_of_a_definition_that_documents_take_for_positive_are_positive() -> None:
    for name in names():
        assert all(evaluated(value, bits=60) > 0 for _, value in read(name).constants)


def test_selu_keeps_mean_zero_and_second_moment_one() -> None:
    for claim in ("E(selu(y)) = 0", "E(selu(y)^2) = 1"):
        (step,) = steps("y random\ny ~ Normal(0, 1)", claim)
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
