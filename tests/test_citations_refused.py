"""``by theorem`` where it must not be believed: each document tries to get something past the checker."""

from __future__ import annotations

from textwrap import dedent

import pytest

from derive.decide import decide
from derive.verdict import TheoremVerdict

LAYER = """
theorem layer
given
  W[i,j] iid for i in 1..m, j in 1..n
  y[j] exchangeable for j in 1..n
  W independent of y
  E(W) = 0
  y symmetric
let
  z[i] = sum(W[i,j]*relu(y[j]), j in 1..n)
show
  E(z^2) = n*Var(W)*E(y^2)/2
"""
HERE = """
theorem here
given
  V[i,j] iid for i in 1..l, j in 1..k
  x[j] exchangeable for j in 1..k
  {givens}
let
  q[i] = sum(V[i,j]*relu(x[j]), j in 1..k)
show
  E(q^2) = k*Var(V)*E(x^2)/2  by theorem layer with W = V, y = x
"""
FULL = ["V independent of x", "E(V) = 0", "x symmetric"]
PRODUCT = """
theorem product
given
  X random
  Y random
  X independent of Y
show
  E(X*Y) = E(X)*E(Y)
"""
CENTRED = """
theorem centred
given
  a[j] iid for j in 1..n
  E(a) = 0
show
  E(sum(a[j], j in 1..n)^2) = n*Var(a)
"""
TWO = """
theorem two
given
  a[j] iid for j in 1..n
show
  E(a[1]*a[2]) = E(a)^2
"""
HALF = """
theorem half
given
  y random
  y symmetric
show
  E(relu(y)^2) = E(y^2)/2
"""
GAUSS = """
theorem gauss
given
  v positive
  y random
  y ~ Normal(0, v)
show
  E(y^4) = 3*v^2
"""


def verdicts(*theorems: str) -> tuple[TheoremVerdict, ...]:
    return decide("".join(f"```derive\n{dedent(t).strip()}\n```\n\n" for t in theorems), file="t.md")


def last(*theorems: str) -> TheoremVerdict:
    return verdicts(*theorems)[-1]


def said(verdict: TheoremVerdict) -> str:
    return " ".join(t for t in (verdict.message, *(s.message for s in verdict.steps)) if t)


def shown(*givens: str, let: str = "", claim: str) -> str:
    lines = ["theorem here", "given", *(f"  {g}" for g in givens)]
    return "\n".join([*lines, *(["let", *(f"  {d}" for d in let.split("; "))] if let else []), "show", f"  {claim}"])


@pytest.mark.parametrize("gone", range(3))
def test_a_given_fewer_than_the_theorem_needs_is_named_and_the_false_link_is_refuted(gone: int) -> None:
    givens = [g for k, g in enumerate(FULL) if k != gone]
    v = last(LAYER, HERE.format(givens="\n  ".join(givens)))
    assert v.verdict == "refuted"
    assert v.steps[0].counterexample is not None
    assert f"given `{['W independent of y', 'E(W) = 0', 'y symmetric'][gone]}`" in said(v)


def test_with_all_givens_it_is_proved_through_the_theorem() -> None:
    v = last(LAYER, HERE.format(givens="\n  ".join(FULL)))
    assert v.verdict == "proved"
    assert v.steps[0].uses == (*FULL, "theorem layer")


UNMET = {
    "the link is true, and yet the theorem says nothing here": (
        HALF,
        shown("y random", claim="E(y) = E(y)  by theorem half"),
        "unknown",
        "leave the citation out",
    ),
    "exchangeable where iid is needed": (
        CENTRED,
        shown(
            "a[j] exchangeable for j in 1..n",
            "E(a) = 0",
            claim="E(sum(a[j], j in 1..n)^2) = n*Var(a)  by theorem centred",
        ),
        "refuted",
        "a[j] iid",
    ),
    "laws of their own where iid is needed": (
        CENTRED,
        shown(
            "a[j] independent for j in 1..n",
            "E(a[j]) = 0",
            claim="E(sum(a[j], j in 1..n)^2) = n*Var(a[1])  by theorem centred",
        ),
        "refuted",
        "a[j] iid",
    ),
    "one family for two independent ones": (
        PRODUCT,
        shown("Z random", claim="E(Z*Z) = E(Z)*E(Z)  by theorem product with X = Z, Y = Z"),
        "refuted",
        "X independent of Y",
    ),
    "two functions of one variable for two independent ones": (
        PRODUCT,
        shown("Z random", claim="E(relu(Z)*Z) = E(relu(Z))*E(Z)  by theorem product with X = relu(Z), Y = Z"),
        "refuted",
        "X independent of Y",
    ),
    "an entry and the sum that holds it": (
        PRODUCT,
        shown(
            "a[j] iid for j in 1..n",
            claim="E(a[1]*sum(a[j], j in 1..n)) = n*E(a)^2  by theorem product with X = a[1], Y = sum(a[j], j in 1..n)",
        ),
        "refuted",
        "X independent of Y",
    ),
    "pairwise where mutual is needed": (
        "theorem three\ngiven\n  X random\n  Y random\n  Z random\n  X, Y, Z independent\n"
        "show\n  E(X*Y*Z) = E(X)*E(Y)*E(Z)",
        shown(
            "X random",
            "Y random",
            "Z random",
            "X independent of Y",
            "X independent of Z",
            "Y independent of Z",
            claim="E(X*Y*Z) = E(X)*E(Y)*E(Z)  by theorem three",
        ),
        "refuted",
        "X, Y, Z independent",
    ),
    "two entries, where there may be one": (
        TWO,
        shown("a[j] iid for j in 1..n", claim="E(sum(a[j], j in 1..n)) = n*E(a)  by theorem two"),
        "unknown",
        "n >= 2",
    ),
    "two entries, where there is one": (
        "theorem uncorrelated\ngiven\n  a[j] iid for j in 1..n\n  E(a) = 0\nlet\n  s = sum(a[j], j in 1..n)\n"
        "show\n  E(s*a[2]) = Var(a)",
        shown("b[j] iid for j in 1..1", "E(b) = 0", claim="E(b[1]^2) = Var(b)  by theorem uncorrelated with a = b"),
        "unknown",
        "n >= 2",
    ),
    "relu of a centred family is not centred": (
        CENTRED,
        shown(
            "y[j] iid for j in 1..n",
            "E(y) = 0",
            let="a[j] = relu(y[j])",
            claim="E(sum(a[j], j in 1..n)^2) = n*Var(a)  by theorem centred",
        ),
        "refuted",
        "E(a) = 0",
    ),
    "units that share their input are not iid": (
        CENTRED,
        shown(
            "W[i,j] iid for i in 1..m, j in 1..n",
            "x[j] iid for j in 1..n",
            "W independent of x",
            "E(W) = 0",
            let="z[i] = sum(W[i,j]*x[j], j in 1..n)",
            claim="Var(sum(z[i]^2, i in 1..m)) = m*Var(z^2)  by theorem centred with a = z",
        ),
        "refuted",
        "a[j] iid",
    ),
    "a common factor is not iid": (
        CENTRED,
        shown(
            "y[j] iid for j in 1..n",
            "X random",
            "X independent of y",
            "E(y) = 0",
            "E(X) = 0",
            let="b[j] = X + y[j]",
            claim="E(sum(b[j], j in 1..n)^2) = n*Var(b)  by theorem centred with a = b",
        ),
        "refuted",
        "a[j] iid",
    ),
    "a diagonal that meets the first column is not iid": (
        CENTRED,
        shown(
            "F[i,j] iid for i in 1..n, j in 1..n",
            "E(F) = 0",
            let="b[i] = F[i,1] + F[1,i]",
            claim="E(sum(b[i], i in 1..n)^2) = n*Var(b)  by theorem centred with a = b",
        ),
        "refuted",
        "a[j] iid",
    ),
    "sums of two families that may be one shifted are not iid": (
        CENTRED,
        shown(
            "y[j] iid for j in 1..n",
            "u[j] iid for j in 1..n",
            "E(y) = 0",
            "E(u) = 0",
            let="b[j] = y[j] + u[j]",
            claim="E(sum(b[j], j in 1..n)^2) = n*Var(b)  by theorem centred with a = b",
        ),
        "unknown",
        "a[j] iid",
    ),
    "a scale for each index is not iid": (
        CENTRED,
        shown(
            "y[j] iid for j in 1..n",
            "s[j] real for j in 1..n",
            "E(y) = 0",
            let="b[j] = s[j]*y[j]",
            claim="E(sum(b[j], j in 1..n)^2) = n*s[1]^2*Var(y)  by theorem centred with a = b",
        ),
        "refuted",
        "a[j] iid",
    ),
    "a family that knows its first entry is not exchangeable": (
        "theorem same\ngiven\n  a[j] exchangeable for j in 1..n\nshow\n  E(a[1]) = E(a[2])",
        shown(
            "y[j] iid for j in 1..n",
            let="b[j] = y[j]*y[1]",
            claim="E(b[1]) = E(b[2])  by theorem same with a = b",
        ),
        "refuted",
        "a[j] exchangeable",
    ),
    "two dependent families side by side are not exchangeable": (
        "theorem same\ngiven\n  a[j] exchangeable for j in 1..n\nshow\n  E(a[1]) = E(a[2])",
        shown(
            "y[j] iid for j in 1..n",
            "u[j] iid for j in 1..n",
            let="b[j] = y[j]*u[j]",
            claim="E(b[1]) = E(b[2])  by theorem same with a = b",
        ),
        "refuted",
        "a[j] exchangeable",
    ),
    "relu of a symmetric variable is not symmetric": (
        HALF,
        shown("x random", "x symmetric", claim="E(relu(relu(x))^2) = E(relu(x)^2)/2  by theorem half with y = relu(x)"),
        "refuted",
        "y symmetric",
    ),
    "an odd function of two symmetric variables together": (
        HALF,
        shown(
            "x random",
            "u random",
            "x symmetric",
            "u symmetric",
            claim="E(relu(x + u)^2) = E((x + u)^2)/2  by theorem half with y = x + u",
        ),
        "refuted",
        "y symmetric",
    ),
    "a product of two dependent symmetric variables": (
        HALF,
        shown(
            "x random",
            "u random",
            "x symmetric",
            "u symmetric",
            claim="E(relu(x*u)^2) = E((x*u)^2)/2  by theorem half with y = x*u",
        ),
        "refuted",
        "y symmetric",
    ),
    "another law": (
        GAUSS,
        shown("y random", "y ~ Uniform(0, 1)", claim="E(y^4) = 3  by theorem gauss with v = 1"),
        "refuted",
        "y ~ Normal(0, v)",
    ),
    "the law with another variance": (
        GAUSS,
        shown("y random", "y ~ Normal(0, 2)", claim="E(y^4) = 3  by theorem gauss with v = 1"),
        "refuted",
        "y ~ Normal(0, v)",
    ),
    "a multiple of what has the law": (
        GAUSS,
        shown("y random", "y ~ Normal(0, 1)", claim="E((2*y)^4) = 3  by theorem gauss with v = 1, y = 2*y"),
        "refuted",
        "y ~ Normal(0, v)",
    ),
    "a constant that may be negative": (
        "theorem sign\ngiven\n  c positive\nshow\n  c > 0",
        shown("c real", claim="c > 0  by theorem sign"),
        "refuted",
        "c positive",
    ),
    "a constant that may vanish": (
        "theorem cancel\ngiven\n  c nonzero\nshow\n  c/c = 1",
        shown("d real", claim="d/d = 1  by theorem cancel with c = d"),
        "unknown",
        "c nonzero",
    ),
    "a constant that may not be defined": (
        "theorem nought\ngiven\n  c real\nshow\n  0*c = 0",
        shown("d real", claim="0*(1/d) = 0  by theorem nought with c = 1/d"),
        "unknown",
        "c real",
    ),
    "a variance that may vanish": (
        "theorem ratio\ngiven\n  X random\n  Var(X) > 0\nshow\n  Var(2*X)/Var(X) = 4",
        shown("X random", claim="Var(2*X)/Var(X) = 4  by theorem ratio"),
        "unknown",
        "Var(X) > 0",
    ),
    "a random divisor": (
        "theorem square\ngiven\n  X random\nshow\n  E(X)^2 <= E(X^2)",
        shown("Y random", claim="E(Y)^2 <= 2*E(Y^2)  by theorem square with X = 1/Y"),
        "unknown",
        "X random",
    ),
    "a variable without moments": (
        "theorem square\ngiven\n  X random\nshow\n  E(X)^2 <= E(X^2)",
        shown("Y random", claim="E(Y)^2 <= 2*E(Y^2)  by theorem square with X = exp(Y)"),
        "unknown",
        "X random",
    ),
    "weights that depend on the input that they are hidden in": (
        LAYER,
        shown(
            "W[i,j] iid for i in 1..m, j in 1..n",
            "x[j] iid for j in 1..n",
            "W independent of x",
            "E(W) = 0",
            "x symmetric",
            let="y[j] = W[1,j]*x[j]; z[i] = sum(W[i,j]*relu(y[j]), j in 1..n)",
            claim="E(z^2) = n*Var(W)*E(y^2)/2  by theorem layer",
        ),
        "refuted",
        "W independent of y",
    ),
    "the fact is about another entry": (
        "theorem nothing\ngiven\n  X random\n  E(X) = 0\nshow\n  E(3*X) = 0",
        shown("X[j] independent for j in 1..n", "E(X[1]) = 0", claim="E(3*X[2]) = 0  by theorem nothing with X = X[2]"),
        "refuted",
        "E(X) = 0",
    ),
    "another recurrence": (
        "theorem depth\ngiven\n  c positive\n  v[l] = c*v[l-1] for l in 1..L\n"
        "show\n  v[L] = c^L*v[0]  by induction on L",
        shown("c positive", "v[l] = 2*c*v[l-1] for l in 1..L", claim="v[L] = c^L*v[0]  by theorem depth"),
        "refuted",
        "v[l] = c*v[l-1] for l in 1..L",
    ),
    "sizes that need not be equal": (
        "theorem square\ngiven\n  W[i,j] iid for i in 1..m, j in 1..n\n  m = n\nshow\n  m*Var(W) = n*Var(W)",
        shown("W[i,j] iid for i in 1..m, j in 1..n", claim="m*Var(W) = n*Var(W)  by theorem square"),
        "refuted",
        "m = n",
    ),
}


@pytest.mark.parametrize("case", UNMET, ids=str)
def test_a_theorem_that_does_not_apply_proves_nothing_and_says_which_given_fails(case: str) -> None:
    theorem, text, word, given = UNMET[case]
    first, v = verdicts(theorem, text)
    assert first.verdict == "proved"
    assert v.verdict == word
    assert given in said(v)


MISREAD = {
    "an inequality the other way round": (
        "theorem t\ngiven\n  X random\nshow\n  E(X)^2 <= E(X^2)",
        "X random",
        "E(X^2) <= E(X)^2",
    ),
    "an inequality for a strict one": (
        "theorem t\ngiven\n  X random\nshow\n  E(X)^2 <= E(X^2)",
        "X random",
        "E(X)^2 < E(X^2)",
    ),
    "an inequality for an equation": (
        "theorem t\ngiven\n  X random\nshow\n  E(X)^2 <= E(X^2)",
        "X random",
        "E(X)^2 = E(X^2)",
    ),
    "one side of an equivalence": (
        "theorem t\ngiven\n  X random\nshow\n  Var(2*X) = 4 iff Var(X) = 1",
        "X random",
        "Var(X) = 1",
    ),
    "what is found, as if it were given": (
        "theorem t\ngiven\n  X random\nfind\n  Var(X) such that Var(2*X) = 4",
        "X random",
        "Var(2*X) = 4",
    ),
    "one index for two": (
        "theorem t\ngiven\n  a[j] exchangeable for j in 1..n\nlet\n  c[j] = a[j]\nshow\n  Cov(c[j], c[j]) = Var(a)",
        "a[j] exchangeable for j in 1..n",
        "Cov(a[1], a[2]) = Var(a)",
    ),
}


@pytest.mark.parametrize("case", MISREAD, ids=str)
def test_a_claim_says_what_it_says_and_no_more(case: str) -> None:
    theorem, givens, claim = MISREAD[case]
    first, v = verdicts(theorem, f"theorem here\ngiven\n  {givens}\nshow\n  {claim}  by theorem t")
    assert (first.verdict, v.verdict) == ("proved", "refuted")
    assert v.steps[0].counterexample is not None


@pytest.mark.parametrize(
    ("claim", "word"),
    [("Cov(c[1], c[2]) = 0", "proved"), ("Cov(c[j], d[k]) = 0", "refuted")],
)
def test_distinct_literals_do_not_become_free_names(claim: str, word: str) -> None:
    theorem = "theorem t\ngiven\n  a[j] iid for j in 1..n\nshow\n  Cov(a[1], a[2]) = 0"
    here = shown("a[j] iid for j in 1..n", "n >= 2", let="c[j] = a[j]; d[k] = a[k]", claim=f"{claim}  by theorem t")
    assert last(theorem, here).verdict == word


def test_the_index_of_what_is_put_in_is_not_captured_by_a_sum_of_the_theorem() -> None:
    theorem = (
        "theorem t\ngiven\n  X random\n  b[j] iid for j in 1..n\n  X independent of b\n"
        "show\n  E(sum(X*b[j], j in 1..n)) = n*E(X)*E(b)"
    )
    givens = ("a[j] independent for j in 1..n", "b[j] iid for j in 1..n", "a independent of b")
    let = "u[j] = a[j]"
    wrong = shown(*givens, let=let, claim="E(sum(a[j]*b[j], j in 1..n)) = n*E(u[j])*E(b)  by theorem t with X = a[j]")
    right = shown(*givens, let=let, claim="E(sum(u[j]*b[k], k in 1..n)) = n*E(u[j])*E(b)  by theorem t with X = a[j]")
    assert last(theorem, wrong).verdict == "refuted"
    v = last(theorem, right)
    assert v.verdict == "proved"
    assert "theorem t" in v.steps[0].uses


ERRORS = {
    "itself": ([shown("X random", claim="E(X) = 0  by theorem here")], "cites itself"),
    "one that stands later": (
        [
            "theorem a\ngiven\n  X random\nshow\n  E(X) = 0  by theorem b",
            "theorem b\ngiven\n  X random\nshow\n  E(X) = 0",
        ],
        "later",
    ),
    "one that does not exist": ([shown("X random", claim="E(X) = 0  by theorem he-rul")], "did you mean `he-rule`"),
    "one that is not well-formed": (
        ["theorem a\nshow\n  E(X) = 0", shown("X random", claim="E(X) = 0  by theorem a")],
        "not well-formed",
    ),
    "a name that it does not have": (
        [PRODUCT, shown("X random", "Y random", claim="E(X) = 0  by theorem product with Z = Y")],
        "has no name `Z`",
    ),
    "a name that is not here": ([PRODUCT, shown("X random", claim="E(X) = 0  by theorem product")], "speaks of `Y`"),
    "a term that is not declared": (
        [PRODUCT, shown("X random", claim="E(X) = 0  by theorem product with Y = Q")],
        "`Q` is not declared",
    ),
    "a moment for a variable": (
        [PRODUCT, shown("X random", claim="E(X) = 0  by theorem product with Y = E(X)")],
        "stands for a moment",
    ),
    "a variable for a constant": (
        [GAUSS, shown("y random", claim="E(y) = 0  by theorem gauss with v = y")],
        "`y` is random here",
    ),
    "a term for a family": (
        [CENTRED, shown("b[j] iid for j in 1..n", claim="E(b) = 0  by theorem centred with a = 2*b[1]")],
        "has one index",
    ),
    "a family with other ranges": (
        [
            LAYER,
            shown("W[i,j] iid for i in 1..n, j in 1..m", "y[j] iid for j in 1..n", claim="E(y) = 0  by theorem layer"),
        ],
        "runs over",
    ),
    "a size for a literal": (
        [
            "theorem three\ngiven\n  a[j] iid for j in 1..3\nshow\n  E(sum(a[j], j in 1..3)) = 3*E(a)",
            shown("a[j] iid for j in 1..n", claim="E(sum(a[j], j in 1..n)) = 3*E(a)  by theorem three"),
        ],
        "runs over",
    ),
    "a term for a size": (
        [CENTRED, shown("a[j] iid for j in 1..n", claim="E(a) = 0  by theorem centred with n = n + 1")],
        "is a size",
    ),
    "one for what a find asks": (
        [HALF, "theorem here\ngiven\n  y random\nfind\n  Var(y) such that Var(2*y) = 1  by theorem half"],
        "cites no theorem",
    ),
}


@pytest.mark.parametrize("case", ERRORS, ids=str)
def test_a_citation_of_what_cannot_be_cited_is_an_error_with_its_place(case: str) -> None:
    texts, says = ERRORS[case]
    v = next(v for v in verdicts(*texts) if says in (v.message or ""))
    assert v.verdict == "error"
    assert v.line is not None
    assert "theorem" in (v.excerpt or "")


def test_a_circle_is_an_error_at_the_one_that_looks_ahead_and_helps_nobody() -> None:
    text = "theorem {}\ngiven\n  X random\nshow\n  E(X) = 0  by theorem {}"
    first, second = verdicts(text.format("a", "b"), text.format("b", "a"))
    assert first.verdict == "error"
    assert second.verdict == "refuted"
    assert "not well-formed" in said(second)


@pytest.mark.parametrize(("claim", "word"), [("E(X) = 0", "refuted"), ("E(1/X*X) = 1", "unknown")])
def test_nothing_follows_from_a_theorem_that_is_not_proved(claim: str, word: str) -> None:
    first, second = verdicts(
        f"theorem a\ngiven\n  X random\nshow\n  {claim}", f"theorem b\ngiven\n  X random\nshow\n  {claim}  by theorem a"
    )
    assert (first.verdict, second.verdict) == (word, word)
    assert f"theorem a is {word}" in said(second)


def test_a_false_theorem_of_the_document_hides_the_one_of_the_library() -> None:
    false = "theorem he-rule\ngiven\n  y random\nshow\n  E(y) = 0"
    first, second = verdicts(false, shown("y random", claim="E(y) = 0  by theorem he-rule"))
    assert (first.verdict, second.verdict) == ("refuted", "refuted")
    assert "theorem he-rule is refuted" in said(second)


def test_of_two_theorems_of_one_name_the_second_is_an_error_and_cannot_be_cited() -> None:
    one, other = CENTRED, CENTRED.replace("n*Var(a)", "n^2*Var(a)").replace("E(a) = 0", "E(a) = 1")
    here = shown(
        "a[j] iid for j in 1..n", "E(a) = 1", claim="E(sum(a[j], j in 1..n)^2) = n^2*Var(a)  by theorem centred"
    )
    found = verdicts(one, other, here)
    assert [v.verdict for v in found] == ["proved", "error", "refuted"]
    assert "E(a) = 0" in said(found[2])


def test_what_stands_beside_a_theorem_of_the_library_cannot_be_cited() -> None:
    v = last(shown("y random", claim="E(y) = 0  by theorem y-not-symmetric"))
    assert v.verdict == "error"


def test_a_citation_restricts_to_the_givens_cited_beside_it() -> None:
    text = HERE.format(givens="\n  ".join(FULL))
    v = last(LAYER, text.replace("by theorem", "by E(V) = 0, x symmetric, theorem"))
    assert v.verdict == "refuted"
    assert v.steps[0].missing == (("V independent of x",),)
    assert "W independent of y" in said(v)


def test_the_terms_of_a_sum_are_not_one_number() -> None:
    theorem = "theorem t\ngiven\n  c real\nshow\n  c + c = 2*c"
    here = shown(
        "s[j] real for j in 1..n",
        claim="sum(s[j], j in 1..n)*sum(s[j]^2, j in 1..n) = n*sum(s[j]^3, j in 1..n)  by theorem t with c = s[1]",
    )
    assert last(theorem, here).verdict == "refuted"


def test_a_moment_that_may_not_be_defined_does_not_cancel() -> None:
    theorem = "theorem t\ngiven\n  X random\nshow\n  E(X + X) = 2*E(X)"
    here = shown("X random", "c real", claim="E(X + X) + E(X/c) - E(X/c) = 2*E(X)  by theorem t")
    assert last(theorem, here).verdict == "unknown"


def test_a_limit_says_nothing_where_something_depends_on_what_grows() -> None:
    theorem = "theorem t\ngiven\n  q positive\n  q < 1\n  u[l] positive for l in 1..L\nshow\n  limit(q^L, L) = 0"
    plain = shown(
        "c positive", "c < 1", "w[l] positive for l in 1..K", claim="limit(c^K, K) = 0  by theorem t with q = c, u = w"
    )
    tied = shown(
        "c positive",
        "c < 1",
        "c = 1 - 1/(K + 1)",
        "w[l] positive for l in 1..K",
        claim="limit(c^K, K) = 0  by theorem t with q = c, u = w",
    )
    one = shown("w[l] positive for l in 1..5", claim="(1/2)^5 = 0  by theorem t with q = 1/2, u = w")
    assert last(theorem, plain).verdict == "proved"
    v = last(theorem, tied)
    assert v.verdict == "unknown"
    assert "goes to infinity" in said(v)
    assert last(theorem, one).verdict == "refuted"


def test_given_a_function_of_a_family_is_not_given_the_family() -> None:
    theorem = "theorem t\ngiven\n  X random\n  Y random\n  X independent of Y\n  E(X) = 0\nshow\n  E(X*Y | Y) = 0"
    for image in ("U^2", "u[1]", "u"):
        v = last(
            theorem,
            shown(
                "X random",
                "U random",
                "u[j] iid for j in 1..n",
                "X, U, u independent",
                "E(X) = 0",
                claim=f"E(X*{image}) = 0  by theorem t with Y = {image}",
            ),
        )
        assert v.verdict == "unknown"
        assert "not a declared family here" in said(v)


def test_a_link_that_cites_more_theorems_than_anybody_reads_is_an_error() -> None:
    v = last(HALF, shown("y random", claim=f"E(y) = 0  by {', '.join(['theorem half'] * 9)}"))
    assert v.verdict == "error"
    assert "at most 8" in (v.message or "")
