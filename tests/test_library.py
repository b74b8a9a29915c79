"""The theorem library: every statement gets the verdict that its fence announces, and false variants are not proved."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from derive import library
from derive.decide import claim_follows, decide, judge
from derive.language import terms as t
from derive.language import theorem as th
from derive.language.document import Statement, read_document
from derive.language.printer import theorem_text
from derive.language.problem import Problem
from derive.language.terms import Term

DOCUMENTS = library.load()
STATEMENTS: list[tuple[Statement, str]] = [
    pair for d in DOCUMENTS for pair in [(d.statement, "proved"), *((c.statement, c.expected) for c in d.beside)]
]
PROVED = [s for s, expected in STATEMENTS if expected == "proved"]


def named(statement: Statement) -> str:
    return statement.name


# --- what the library says --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("statement", "expected"), STATEMENTS, ids=[s.name for s, _ in STATEMENTS])
def test_each_statement_gets_the_verdict_that_its_fence_announces(statement: Statement, expected: str) -> None:
    verdict = judge(statement, file="library.md")
    assert verdict.verdict == expected
    assert verdict.warnings == ()  # every given of a proved theorem is used


@pytest.mark.parametrize("statement", [s for s, e in STATEMENTS if e == "refuted"], ids=named)
def test_each_false_statement_comes_with_a_model(statement: Statement) -> None:
    verdict = judge(statement, file="library.md")
    models = [s.counterexample for s in verdict.steps if s.verdict == "refuted"]
    assert models
    assert all(model is not None and model.left != model.right for model in models)


def test_there_are_enough_and_their_names_are_their_own() -> None:
    names = [s.name for s, _ in STATEMENTS]
    assert len(DOCUMENTS) >= 32
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("document", DOCUMENTS, ids=[d.name for d in DOCUMENTS])
def test_each_document_has_prose_and_refers_to_theorems_that_there_are(document: library.LibraryDocument) -> None:
    assert document.title
    assert document.prose.count(".") >= 3
    prose = " ".join([document.prose, *(c.prose for c in document.beside), document.closing])
    known = {d.name for d in DOCUMENTS} | {"reports/constant-init-symmetry.md"}
    referred = set(re.findall(r"`([a-z]+(?:-[a-z]+)+|reports/[a-z-]+\.md)`", prose))
    assert referred <= known
    assert all(companion.prose for companion in document.beside)


# --- what it does not say ---------------------------------------------------------------------------------------------


def claiming(statement: Statement, claim: th.Claim) -> Problem:
    """The statement's givens with another claim, and no proof."""
    by = None if isinstance(claim, th.Find) else statement.theorem.by
    text = theorem_text(replace(statement.theorem, claim=claim, proof=None, by=by))
    (found,) = read_document(f"```derive\n{text}```\n")
    assert isinstance(found, Statement), found
    return found.problem


def spoiled(relation: th.Relation) -> th.Relation:
    """The last side one more; of an inequality half of it; a number where infinity was."""
    *rest, last = relation.terms
    if last == t.Name("infinity"):
        wrong: Term = t.ONE
    elif relation.operators[-1] == "=":
        wrong = t.add(last, t.ONE)
    else:
        wrong = t.mul(last, t.Recip(t.TWO))
    return replace(relation, terms=(*rest, wrong))


def spoiled_claims(claim: th.Claim) -> list[th.Claim]:
    match claim:
        case th.Show(relation=relation):
            return [th.Show(spoiled(relation))]
        case th.Equivalence(left=left, right=right):
            return [th.Equivalence(left, spoiled(right)), th.Equivalence(spoiled(left), right)]
        case th.Conjunction(claims=claims):
            return [wrong for part in claims for wrong in spoiled_claims(part)]
        case th.Find():
            return []


@pytest.mark.parametrize("statement", PROVED, ids=named)
def test_no_theorem_is_proved_with_another_right_side(statement: Statement) -> None:
    claim = statement.theorem.claim
    assert isinstance(claim, th.Find) or claim_follows(claiming(statement, claim))  # else the rest would say nothing
    for wrong in spoiled_claims(claim):
        assert not claim_follows(claiming(statement, wrong))


VARIANTS = [
    ("he-rule-three-layers", "Var(W3) = 2/n2", "Var(W3) = 1/n2"),
    ("he-rule-three-layers", "Var(W3) = 2/n2", "Var(W3) = 2/n3"),
    ("he-rule-three-layers", "Var(W3) = 2/n2", "Var(W3) = 2/n1"),
    ("three-rectified-layers", "Var(W2)/2*n2*Var(W3)/2", "Var(W2)/2*n2*Var(W3)"),
    ("three-layers-written-out", "*n2*Var(W3)", "*n3*Var(W3)"),
    ("three-layers-written-out", "  E(W2) = 0\n", ""),
    ("three-layers-backward", "Var(delta)*n1*", "Var(delta)*n0*"),
    ("three-layers-backward", "W1, W2, W3, delta independent", "W1, W2, W3 independent"),
    ("depth-product", "prod(n[l]*s[l], l in 1..L)", "prod(n[l], l in 1..L)"),
    ("depth-product", "n[l]*s[l]*v[l-1]", "n[l]*v[l-1]"),
    ("three-regimes", "n*s < 1", "n*s <= 1"),
    ("three-regimes", "n*s < 1", "n*s > 1"),
    ("above-one-the-signal-explodes", "  v[0] > 0\n", ""),
    ("above-one-the-signal-explodes", "n*s > 1", "n*s >= 1"),
    ("at-one-the-signal-stays", "n*s = 1", "n*s = 2"),
    ("deep-linear-example", "c^8*", "c^9*"),
    ("one-and-a-half", "38.443359375", "38.443359376"),
    ("mean-is-kept", "  W1 symmetric\n", "  E(W1) = 0\n"),
    ("mean-is-kept", "W1 independent of (W2, x)", "W1 independent of x"),
    ("the-mean-behind-a-rectifier", "1/sqrt(2*pi)", "1/sqrt(pi)"),
    ("the-mean-behind-a-sigmoid", "  y symmetric\n", "  E(y) = 0\n"),
    ("tanh-is-nearly-linear", "q - 2*q^2", "q - q^2"),
    ("sigmoid-under-xavier", "Var(delta)/16", "Var(delta)/17"),
    ("sigmoid-under-xavier", "Var(W) = 1/n_out", "Var(W) = 1/n_in"),
    ("forward-does-not-imply-backward", "n_out/n_in*Var(delta)", "n_in/n_out*Var(delta)"),
    ("forward-does-not-imply-backward", "Var(W) = 1/n_in", "Var(W) = 1/n_out"),
    ("glorot-both-ways", "  Var(W) > 0\n", ""),
    ("linear-growth", "(1 + 2/n)", "(1 + 3/n)"),
    ("linear-growth", "E(W^4) = 3/n^2", "E(W^4) = 2/n^2"),
    ("linear-growth-with-gaussian-weights", "Normal(0, 1/n)", "Normal(0, 2/n)"),
    ("relu-growth", "(1 + 5/n)", "(1 + 2/n)"),
    ("relu-growth", "  W symmetric\n", "  E(W) = 0\n"),
    ("gaussian-limit", "- 3)/n", "- 3)/n^2"),
    ("gaussian-limit", "  E(W) = 0\n", ""),
    ("gaussian-limit", "a[j] iid", "a[j] exchangeable"),
    ("truncated-normal", "exp(-2)", "exp(-1)"),
    ("truncated-normal", "-2*s, 2*s", "-3*s, 3*s"),
    ("packed-and-grouped", "m = 3*n", "m = 2*n"),
    ("attention-scale", "sqrt(d)", "d"),
    ("attention-scale", "  E(k) = 0\n", ""),
    ("residual-scale", "(1 + 1/B)", "(1 + 1/B^2)"),
    ("branches-side-by-side", "f[b] iid", "f[b] exchangeable"),
    ("dropout-scale", "(1 - p)/p*E(x)^2", "(1 - p)*E(x)^2"),
    ("dropout-scale", "  B independent of x\n", ""),
    ("equal-weights-equal-units", "2*n*Var(W)", "n*Var(W)"),
    ("only-constant-weights-make-equal-units", "  E(a^2) > 0\n", ""),
    ("weight-gradient", "Var(delta)*E(a^2)", "Var(delta)*Var(a)"),
    ("relu-variance-slip", "1/2 - 1/(2*pi)", "1/2 - 1/pi"),
    ("torch-linear-default", "Var(y)/6", "Var(y)/3"),
    ("torch-linear-default", "  y symmetric\n", ""),
    ("units-are-dependent", "Var(W)^2*Var(sum", "Var(W)*Var(sum"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new"), VARIANTS)
def test_a_false_variant_is_not_proved(name: str, old: str, new: str) -> None:
    (statement,) = (s for s in PROVED if s.name == name)
    text = theorem_text(replace(statement.theorem, proof=None))
    assert old in text
    (verdict,) = decide(f"```derive\n{text.replace(old, new)}```\n", file="variant.md")
    assert verdict.verdict in {"refuted", "unknown"}
