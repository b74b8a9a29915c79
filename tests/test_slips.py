"""Known slips: each is recognized by what it means, whatever it is written like, and nothing else is given a name."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest

from derive.decide import decide
from derive.slips import KNOWN
from derive.verdict import StepVerdict

LAYER = "W[i,j] iid for i in 1..m, j in 1..n\na[j] iid for j in 1..n\nW independent of a\nE(W) = 0"
RELU = "W[i,j] iid for i in 1..m, j in 1..n\ny[j] iid for j in 1..n\nW independent of y\nE(W) = 0\ny symmetric"
Z = "z[i] = sum(W[i,j]*a[j], j in 1..n)"
ZRELU = "b[j] = relu(y[j])\nz[i] = sum(W[i,j]*b[j], j in 1..n)"
BACK = "W[i,j] iid for i in 1..m, j in 1..n\nd[i] iid for i in 1..m\nW independent of d\nE(W) = 0"
GRADIENT = "back[j] = sum(W[i,j]*d[i], i in 1..m)"
XYZ = "X random\nY random\nZ random\nX independent of Y\nY independent of Z\nX independent of Z"
PACKED = f"{LAYER}\nE(a) = 0\nm = 3*n\nVar(W) = 2/(n + m)"
MEAN = "x[j] iid for j in 1..n"

Document = tuple[str, str, str]

SLIPS: dict[str, tuple[Document, ...]] = {
    "variance for second moment": (
        (LAYER, Z, "Var(z) = n*Var(W)*Var(a)"),
        (RELU, ZRELU, "Var(z[i]) = Var(W)*n*Var(b)"),
        ("y random\ny ~ Normal(0, 1)", "", "Var(relu(y)) = Var(y)/2"),
    ),
    "relu's mean forgotten": (
        (RELU, ZRELU, "E(relu(y)) = 0"),
        ("y random\nc random\ny symmetric\ny independent of c", "a = relu(y)", "E((a + c)^2) = E(y^2)/2 + E(c^2)"),
        ("y[j] iid for j in 1..n\ny symmetric", "", "E(sum(relu(y[j]), j in 1..n)^2) = n*E(y^2)/2"),
        ("y random\ny ~ Normal(0, 1)", "", "E((relu(y) + 1)^2) = 3/2"),
    ),
    "Var(XY) without means": (
        ("X random\nY random\nX independent of Y", "", "Var(X*Y) = Var(X)*Var(Y)"),
        ("W[j] iid for j in 1..n\na[j] iid for j in 1..n\nW independent of a", "z = sum(W[j]*a[j], j in 1..n)",
         "Var(z) = Var(a)*n*Var(W)"),
    ),
    "packed fan": (
        (PACKED, Z, "n*Var(W)*Var(a) = n*2/(n + n)*Var(a)"),
        (PACKED, Z, "Var(z) = Var(a)"),
        (f"k positive\n{LAYER}\nE(a) = 0\nm = k*n\nVar(W) = 2/(n + m)", Z, "Var(z) = Var(a)"),
    ),
    "fan_in for fan_out": (
        (LAYER, Z, "Var(z) = m*Var(W)*E(a^2)"),
        (BACK, GRADIENT, "Var(back) = n*Var(W)*E(d^2)"),
        (f"{LAYER}\nE(a) = 0\nVar(W) = 1/m", Z, "Var(z) = m/m*Var(a)"),
        (f"{LAYER}\nE(a) = 0\nVar(a) > 0", Z, "Var(z) = Var(a) iff Var(W) = 1/m"),
    ),
    "n for n-1": (
        (MEAN, "", "E(sum((x[j] - sum(x[k], k in 1..n)/n)^2, j in 1..n)) = n*Var(x)"),
        ("a[j] exchangeable for j in 1..n", "", "Var(sum(a[j], j in 1..n)) = n*Var(a) + n^2*Cov(a[1], a[2])"),
        (f"{MEAN}\nE(x) = 0", "", "E(sum(x[j], j in 1..n)^4) = n*E(x^4) + 3*n^2*E(x^2)^2"),
        (MEAN, "", "E(sum(x[j], j in 1..n)^2) = n*E(x^2) + n*n*E(x)^2"),
    ),
    "standard deviation for variance": (
        (f"{LAYER}\ns positive\nVar(W) = s^2", Z, "Var(z) = n*s*E(a^2)"),
        (LAYER, Z, "Var(z) = n*sqrt(Var(W))*E(a^2)"),
        (f"{LAYER}\ns positive\nW ~ Normal(0, s)", Z, "Var(z) = n*s^2*E(a^2)"),
        ("W random\nW ~ Normal(0, 2)", "", "Var(W) = 4"),
    ),
    "bound for standard deviation of a uniform law": (
        ("c positive\nW random\nW ~ Uniform(-c, c)", "", "Var(W) = c^2"),
        (f"{LAYER}\nW ~ Uniform(-1/2, 1/2)", Z, "Var(z) = n/4*E(a^2)"),
        (f"{LAYER}\nE(a) = 0\nc positive\nW ~ Uniform(-c, c)\nc^2 = 1/n", Z, "Var(z) = Var(a)"),
    ),
    "uncorrelated for independent": (
        ("X random\nY random\nCov(X, Y) = 0", "", "Var(X*Y) = E(X^2)*E(Y^2) - E(X)^2*E(Y)^2"),
        ("a[j] exchangeable for j in 1..n\nCov(a[1], a[2]) = 0", "", "E(a[1]^2*a[2]^2) = E(a^2)^2"),
        ("X random\nY random\nE(X*Y) = E(X)*E(Y)", "", "E(X^2*Y) = E(X^2)*E(Y)"),
    ),
    "pairwise for mutual": (
        (XYZ, "", "E(X*Y*Z) = E(X)*E(Y)*E(Z)"),
        (f"{XYZ}\nE(X) = 0", "", "Var(X*Y*Z) = E(X^2)*E(Y^2)*E(Z^2)"),
    ),
    "second moment for variance": (
        ("X random\nY random\nX independent of Y", "", "Var(X + Y) = Var(X) + E(Y^2)"),
        (MEAN, "", "Var(sum(x[j], j in 1..n)) = n*E(x^2)"),
    ),
}  # fmt: skip

NONE: tuple[Document, ...] = (
    ("X random", "", "E(X) = 1"),
    (LAYER, Z, "Var(z) = 2*n*Var(W)*E(a^2)"),
    (LAYER, Z, "Var(z) = n^2*Var(W)*Var(a)"),
    ("X random\nY random", "", "E(X*Y) = E(X)*E(Y)"),
    ("X random\nY random", "", "Var(X + Y) = Var(X) + Var(Y)"),
    ("a[j] exchangeable for j in 1..n", "", "Var(sum(a[j], j in 1..n)) = n*Var(a)"),
    ("y random\ny symmetric", "", "E(relu(y)) = 2*E(relu(y))"),
    ("y random\ny symmetric", "", "E(relu(y)^2) = E(y^2)/4"),
    ("X random\nY random\nZ random", "", "E(X*Y*Z) = E(X)*E(Y)*E(Z)"),
    ("c positive\nW random\nW ~ Uniform(-c, c)", "", "Var(W) = c^2/2"),
    ("W random\nW ~ Normal(0, 2)", "", "Var(W) = 3"),
    (f"{LAYER}\nE(a) = 0\nm = 3*n\nVar(W) = 2/(n + m)", Z, "Var(z) = Var(a)/3"),
    (MEAN, "", "Var(sum(x[j], j in 1..n)) = (n - 1)*Var(x) + 2"),
)  # fmt: skip


def refuted(document: Document, by: str = "") -> StepVerdict:
    """The one link of a document, which has to be refuted."""
    givens, let, claim = document
    text = f"theorem t\ngiven\n{indent(givens, '  ')}\n"
    text += f"let\n{indent(let, '  ')}\n" if let else ""
    (verdict,) = decide(f"```derive\n{text}show\n  {claim}{by}\n```\n", file="t.md")
    assert verdict.verdict == "refuted", verdict.message or verdict.steps
    (step,) = (s for s in verdict.steps if s.verdict == "refuted")
    return step


@pytest.mark.parametrize(
    ("name", "document"), [(name, d) for name, documents in SLIPS.items() for d in documents], ids=lambda x: x[-1][:60]
)
def test_a_known_slip_is_named(name: str, document: Document) -> None:
    slip = refuted(document).slip
    assert slip is not None
    assert slip.name == name
    assert "?" not in slip.sentence
    assert "{" not in slip.sentence


@pytest.mark.parametrize("document", NONE, ids=lambda d: d[2])
def test_what_is_no_known_slip_gets_no_name(document: Document) -> None:
    assert refuted(document).slip is None


def test_every_slip_of_the_table_has_two_documents() -> None:
    assert {k.name for k in KNOWN} == set(SLIPS)
    assert all(len(documents) > 1 for documents in SLIPS.values())


def test_the_language_reference_lists_every_slip() -> None:
    page = (Path(__file__).parent.parent / "docs" / "LANGUAGE.md").read_text(encoding="utf-8")
    table = page.split("### Known slips")[1].split("```")[0]
    assert sorted(re.findall(r"^\| `([^`]*)` \|", table, re.MULTILINE)) == sorted(SLIPS)


def test_a_given_that_is_not_cited_is_no_slip() -> None:
    step = refuted((f"{LAYER}\nE(a) = 0", Z, "Var(z) = n*Var(W)*Var(a)"), "  by W independent of a, E(W) = 0")
    assert step.slip is None
    assert step.missing == (("E(a) = 0",),)


def test_the_sentence_says_what_to_write_in_the_words_of_the_author() -> None:
    slip = refuted((RELU, ZRELU, "Var(z[i]) = Var(W)*n*Var(b)")).slip
    assert slip is not None
    assert slip.sentence.startswith("`Var(b)` stands where `E(b^2)` belongs")
