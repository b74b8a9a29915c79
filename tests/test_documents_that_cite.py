"""Documents as people write them: several layers, long chains, theorems that lean on one another and on the library."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from derive.decide import decide, judge
from derive.language.document import Statement, read_document
from derive.language.parser import parse_theorem
from derive.language.printer import theorem_text
from derive.library import find
from derive.verdict import TheoremVerdict
from tests.loaded import loaded

FOLDER = Path(__file__).parent / "documents"
FILES = sorted(FOLDER.glob("*.md"))
LAYER = """theorem t{k}
given
  W[i,j] iid for i in 1..m, j in 1..n
  y[j] exchangeable for j in 1..n
  W independent of y
  E(W) = 0
  y symmetric
let
  z[i] = sum(W[i,j]*relu(y[j]), j in 1..n)
show
  E(z^2) = n*Var(W)*E(y^2)/2{by}
"""


def blocks(*theorems: str) -> str:
    return "".join(f"```derive\n{t}```\n\n" for t in theorems)


def last(*theorems: str) -> TheoremVerdict:
    return decide(blocks(*theorems), file="t.md")[-1]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_document_is_proved_without_a_warning(path: Path) -> None:
    verdicts = decide(path.read_text(encoding="utf-8"), file=path.name)
    assert {v.verdict for v in verdicts} == {"proved"}, [v.message for v in verdicts]
    assert not [w for v in verdicts for w in v.warnings]


def test_each_link_of_three_layers_is_the_theorem_of_one_layer() -> None:
    _, layers, after_he = decide((FOLDER / "layers.md").read_text(encoding="utf-8"), file="layers.md")
    assert all(s.uses[-1] == "theorem relu-layer" for s in layers.steps)
    assert layers.steps[0].uses == ("U, V, W, x independent", "V symmetric", "E(W) = 0", "theorem relu-layer")
    assert after_he.steps[0].uses[-1] == "theorem three-relu-layers"


def test_fifty_links_are_fifty_verdicts() -> None:
    (verdict,) = decide((FOLDER / "fifty-links.md").read_text(encoding="utf-8"), file="fifty-links.md")
    assert len(verdict.steps) == 50


def test_a_theorem_after_fifty_others_each_of_which_cites_the_one_before() -> None:
    text = blocks(*(LAYER.format(k=k, by=f"  by theorem t{k - 1}" if k else "") for k in range(50)))
    begin = process_time()
    verdicts = decide(text, file="t.md")
    assert {v.verdict for v in verdicts} == {"proved"}
    assert verdicts[-1].steps[0].uses[-1] == "theorem t48"
    assert process_time() - begin < 4  # takes 1.5 s alone on one core


def test_a_long_row_of_citations_is_no_deep_recursion() -> None:
    text = blocks(*(LAYER.format(k=k, by=f"  by theorem t{k - 1}" if k else "") for k in range(150)))
    *_, final = read_document(text)
    assert isinstance(final, Statement)
    assert judge(final, file="t.md").verdict == "proved"


def test_facts_that_a_theorem_leant_on_are_inherited() -> None:
    bound = "theorem bound\ngiven\n  q positive\n  y random\n  y ~ Normal(0, q)\nshow\n  E(tanh(y)^2) <= q\n"
    here = (
        "theorem here\ngiven\n  x random\n  x ~ Normal(0, 1/4)\n"
        "show\n  2*E(tanh(x)^2) <= 1/2  by theorem bound with y = x, q = 1/4\n"
    )
    v = last(bound, here)
    assert v.verdict == "proved"
    assert v.steps[0].uses == ("x ~ Normal(0, 1/4)", "theorem bound")
    assert v.steps[0].facts == ("tanh-below-identity",)


def test_a_given_in_a_different_form_is_proved_and_not_compared() -> None:
    first = "theorem t\ngiven\n  X random\n  s positive\n  Var(X) = s^2\n  E(X) = 0\nshow\n  E(X^2) = s^2\n"
    claim = "E(Y^2) = 3  by theorem t with X = Y, s = sqrt(3)"
    here = f"theorem here\ngiven\n  Y random\n  Y ~ Uniform(-3, 3)\nshow\n  {claim}\n"
    assert last(first, here).verdict == "proved"


def test_an_equivalence_gives_one_side_where_the_other_one_is_given() -> None:
    first = "theorem t\ngiven\n  X random\n  c positive\nshow\n  Var(c*X) = c^2 iff Var(X) = 1\n"
    here = "theorem here\ngiven\n  Y random\n  Var(3*Y) = 9\nshow\n  Var(Y) = 1  by theorem t with X = Y, c = 3\n"
    assert last(first, here).verdict == "proved"


def test_a_claim_for_every_index_is_used_at_one_and_at_every_other() -> None:
    first = (
        "theorem t\ngiven\n  W[i,j] iid for i in 1..m, j in 1..n\n  E(W) = 0\nlet\n  z[i] = sum(W[i,j], j in 1..n)\n"
        "show\n  Var(z[i]) = n*Var(W)\n"
    )
    for index in ("2", "k"):
        here = (
            "theorem here\ngiven\n  V[k,j] iid for k in 1..5, j in 1..n\n  E(V) = 0\n"
            f"let\n  q[k] = sum(V[k,j], j in 1..n)\nshow\n  Var(q[{index}]) = n*Var(V)  by theorem t with W = V\n"
        )
        v = last(first, here)
        assert v.verdict == "proved"
        assert v.steps[0].uses == ("E(V) = 0", "theorem t")


def test_what_is_claimed_given_a_family_is_used_given_one() -> None:
    first = (
        "theorem t\ngiven\n  W[j] iid for j in 1..n\n  a[j] exchangeable for j in 1..n\n"
        "  W independent of a\n  E(W) = 0\nlet\n  z = sum(W[j]*a[j], j in 1..n)\n"
        "show\n  E(z^2 | a) = Var(W)*sum(a[j]^2, j in 1..n)\n"
    )
    here = (
        "theorem here\ngiven\n  V[j] iid for j in 1..k\n  x[j] iid for j in 1..k\n  V independent of x\n  E(V) = 0\n"
        "let\n  q = sum(V[j]*x[j], j in 1..k)\n"
        "show\n  2*E(q^2 | x) = 2*Var(V)*sum(x[j]^2, j in 1..k)  by theorem t with W = V, a = x\n"
    )
    v = last(first, here)
    assert v.verdict == "proved"
    assert v.steps[0].uses == ("V independent of x", "E(V) = 0", "theorem t")


def test_two_theorems_in_one_link() -> None:
    first = "theorem a\ngiven\n  X random\n  X symmetric\nshow\n  E(X^3) = 0\n"
    second = "theorem b\ngiven\n  Y random\n  Y ~ Normal(0, 1)\nshow\n  E(Y^4) = 3\n"
    here = (
        "theorem here\ngiven\n  Z random\n  Z ~ Normal(0, 1)\n"
        "show\n  E(Z^3) + E(Z^4) = 3  by theorem a with X = Z, theorem b with Y = Z\n"
    )
    v = last(first, second, here)
    assert v.steps[0].uses == ("Z ~ Normal(0, 1)", "theorem a", "theorem b")


def test_a_theorem_that_the_link_does_not_need_is_a_warning() -> None:
    first = "theorem a\ngiven\n  X random\nshow\n  E(X + X) = 2*E(X)\n"
    v = last(first, "theorem b\ngiven\n  X random\n  E(X) = 0\nshow\n  E(X) = 0  by theorem a\n")
    assert v.verdict == "proved"
    assert v.warnings == ("`theorem a` is not used",)


@pytest.mark.parametrize(
    "by", ["by\n    theorem a", "by E(X) = 0,\n    theorem a", "by E(X) = 0,  # and\n  theorem a\n"]
)
def test_a_citation_may_stand_on_a_line_of_its_own(by: str) -> None:
    first = "theorem a\ngiven\n  X random\n  E(X) = 0\nshow\n  E(X + X) = 0\n"
    v = last(first, f"theorem b\ngiven\n  X random\n  E(X) = 0\nshow\n  2*E(X + X) = 0  {by}\n")
    assert v.verdict == "proved"
    assert v.steps[0].uses == ("E(X) = 0", "theorem a")


def test_a_comma_too_many_does_not_hide_the_theorem_below() -> None:
    text = "```derive\ntheorem a\ngiven\n  X random\nshow\n  E(X) = 0 by E(X) = 0,\ntheorem b\nshow\n  1 = 1\n```\n"
    assert [(v.theorem, v.verdict) for v in decide(text, file="t.md")] == [("a", "error"), ("b", "proved")]


def test_what_is_cited_is_printed_as_it_is_read() -> None:
    text = theorem_text(
        parse_theorem(f"{LAYER.format(k=1, by='  by E(W) = 0, theorem a with W = V, n = 3, theorem b')}")
    )
    assert "by E(W) = 0, theorem a with W = V, n = 3, theorem b" in text
    assert theorem_text(parse_theorem(text)) == text


def test_a_family_called_with_is_still_a_family() -> None:
    v = last("theorem t\ngiven\n  with random\n  with symmetric\nshow\n  E(with) = 0\n")
    assert v.verdict == "proved"


@pytest.mark.parametrize("name", ["he-rule", "gaussian-limit", "three-regimes"])
def test_a_theorem_of_the_library_may_be_restated_and_cited(name: str) -> None:
    document = find(name)
    assert document is not None
    statement = document.statement
    assert judge(statement, file=document.file).verdict == "proved"


def test_citing_the_library_loads_nothing_heavy_and_reads_one_document() -> None:
    code = (
        "from derive.decide import decide\n"
        f"text = open({str(FOLDER / 'library.md')!r}).read()\n"
        "assert all(v.verdict == 'proved' for v in decide(text, file='l'))"
    )
    assert not {"sympy", "scipy", "numpy", "matplotlib"} & loaded(code)
