"""Weaker givens that suffice: what is said is true all together, and proved again as it is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import derive
from derive.decide import judge
from derive.language.document import Statement, read_document
from derive.language.printer import theorem_text
from derive.verdict import TheoremVerdict

EXAMPLES = Path(__file__).parent / "examples"
LIBRARY = Path(derive.__file__).parent / "theorems"
XYZ = "X random\nY random\nZ random\n"


def explained(givens: str, claim: str, let: str = "") -> tuple[str, ...]:
    text = f"```derive\ntheorem t\ngiven\n{givens}\n{'let' if let else ''}\n{let}\nshow\n  {claim}\n```\n"
    (verdict,) = derive.check(text, explain=True)
    assert verdict.verdict == "proved", verdict
    return verdict.suffices


@pytest.mark.parametrize(
    ("givens", "claim", "sentence"),
    [
        ("W[j] iid for j in 1..n", "E(sum(W[j], j in 1..n)) = n*E(W)",
         "`W[j] exchangeable for j in 1..n` suffices in place of `W[j] iid for j in 1..n`"),
        (f"{XYZ}X, Y, Z independent", "E(X*Y) = E(X)*E(Y)",
         "`Cov(X, Y) = 0` suffices in place of `X, Y, Z independent`"),
        (f"{XYZ}X, Y, Z independent", "E(X^2*Y) = E(X^2)*E(Y)",
         "`X independent of Y` suffices in place of `X, Y, Z independent`"),
        (f"{XYZ}X, Y, Z independent", "E(X*Y*Z) = E(X)*E(Y*Z)",
         "`X independent of (Y, Z)` suffices in place of `X, Y, Z independent`"),
        (f"{XYZ}X independent of (Y, Z)", "E(X^2*Y) = E(X^2)*E(Y)",
         "`X independent of Y` suffices in place of `X independent of (Y, Z)`"),
        ("c positive\nX random", "E(c*X)/c = E(X)", "`c nonzero` suffices in place of `c positive`"),
        ("c positive\nX random", "E(c*X) = c*E(X)", "`c real` suffices in place of `c positive`"),
        ("s positive\nX random\nX ~ Normal(0, s^2)", "E(X^2) = s^2",
         "`E(X) = 0` and `Var(X) = s^2` suffice in place of `X ~ Normal(0, s^2)`"),
        ("X random\nX ~ Rademacher()", "E(X^3) = 0", "`X symmetric` suffices in place of `X ~ Rademacher()`"),
        ("X random\nY random\nX symmetric\nX independent of Y", "E(X*Y) = 0",
         "`E(X) = 0` suffices in place of `X symmetric`"),
        ("X random\nVar(X) > 0", "E(X)/E(X^2)*E(X^2) = E(X)", "`E(X^2) > 0` suffices in place of `Var(X) > 0`"),
    ],
)  # fmt: skip
def test_a_weaker_assumption_is_named(givens: str, claim: str, sentence: str) -> None:
    assert sentence in explained(givens, claim)


@pytest.mark.parametrize(
    ("givens", "claim"),
    [
        ("W[j] iid for j in 1..n", "Var(sum(W[j], j in 1..n)) = n*Var(W)"),
        ("X random\nY random\nX independent of Y", "E(X^2*Y^2) = E(X^2)*E(Y^2)"),
        ("X random\nX ~ Normal(0, 2)", "E(X^4) = 12"),
        ("q positive\nq < 1\nv[l] = q*v[l-1] for l in 1..L", "limit(q^L, L) = 0"),
    ],
)
def test_what_is_needed_as_it_stands_is_not_called_too_strong(givens: str, claim: str) -> None:
    assert not explained(givens, claim)


def weakened(statement: Statement, verdict: TheoremVerdict) -> str:
    """The theorem with each given as the sentences say, and without the unused ones that are warned of."""
    instead = dict[str, list[str]]()
    for sentence in verdict.suffices:
        *new, old = re.findall(r"`([^`]*)`", sentence)
        instead[old] = new
    unused = {w.split("`")[1] for w in verdict.warnings if w.endswith("is not used")}
    text = theorem_text(statement.theorem)
    for given in statement.theorem.givens:
        lines = [] if given.text in unused else instead.get(given.text, [given.text])
        text = text.replace(f"  {given.text}\n", "".join(f"  {line}\n" for line in lines), 1)
    return f"```derive\n{text}```\n"


def documents() -> list[tuple[str, str]]:
    quick = (
        "packed-and-grouped",
        "dropout-scale",
        "he-rule",
        "forward-rule",
        "preactivation-with-bias",
        "mean-is-kept",
    )
    found = [(p.stem, p.read_text(encoding="utf-8")) for p in sorted(EXAMPLES.glob("*.md"))]
    return found + [(name, (LIBRARY / f"{name}.md").read_text(encoding="utf-8")) for name in quick]


@pytest.mark.parametrize(("name", "text"), documents(), ids=lambda x: x if len(x) < 60 else "")
def test_all_that_is_said_holds_together(name: str, text: str) -> None:
    for statement in (s for s in read_document(text) if isinstance(s, Statement)):
        verdict = judge(statement, file=name, explain=True)
        if verdict.verdict != "proved":
            assert verdict.suffices == ()
            continue
        document = weakened(statement, verdict)
        again = derive.check(document)
        assert [v.verdict for v in again] == ["proved"], document
        assert again[0].found == verdict.found


def test_nothing_is_said_where_nobody_asks() -> None:
    (verdict,) = derive.check((EXAMPLES / "01-preactivation-variance.md").read_text(encoding="utf-8"))
    assert verdict.suffices == ()
