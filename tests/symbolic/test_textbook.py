"""The chains that are written for the library: what they say, and that every link is true on counted-out models."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from derive import library
from derive.language.parser import parse_theorem
from derive.language.printer import step_text, term_text, theorem_text
from derive.language.scope import resolve
from derive.language.terms import Term
from derive.language.theorem import Equivalence, Relation, Theorem
from derive.symbolic.textbook import found, with_proof, write_proof
from tests.symbolic.models import COIN, LOADED, SKEW, WIDE, WITH_ZERO, Law, Model, World, independent, joined

WRITTEN = sorted(set(library.names()) & {
    "preactivation-variance", "preactivation-second-moment", "preactivation-with-bias", "preactivation-covariance",
    "forward-rule", "backward-variance", "backward-rule", "he-rule", "he-backward-rule", "leaky-relu-rule",
    "glorot-rule", "glorot-uniform", "uniform-law", "attention-scale", "torch-linear-default", "weight-gradient",
})  # fmt: skip
CHAINS = Path(__file__).with_name("chains.txt")


def of_library(name: str) -> Theorem:
    document = library.find(name)
    assert document is not None
    return document.statement.theorem


def proved(name: str) -> Theorem:
    theorem = of_library(name)
    derived = theorem if theorem.proof else with_proof(theorem)
    assert derived is not None
    return derived


def chain(theorem: Theorem) -> str:
    text = theorem_text(theorem)
    return text[text.index("proof\n") :]


# --- what the chains say ----------------------------------------------------------------------------------------------


def test_the_chain_of_the_first_theorem_is_the_lecture() -> None:
    lines = chain(proved("preactivation-variance")).splitlines()
    links = "\n".join(line.split("  # ")[0] for line in lines)
    assert (
        links
        == """proof
  Var(z)
    = Var(sum(W[1,j]*a[j], j in 1..n))
    = sum(sum(Cov(W[1,j]*a[j], W[1,k]*a[k]), k in 1..n), j in 1..n)
    = sum(Var(W[1,j]*a[j]), j in 1..n)
    = n*Var(W*a)
    = n*(E(W^2)*E(a^2) - E(W)^2*E(a)^2)
    = n*E(W^2)*E(a^2)
    = n*Var(W)*Var(a)
qed"""
    )
    assert [line.split("  # ")[1] for line in lines if "#" in line] == [
        "definition of z",
        "variance of a sum: the double sum of the covariances",
        "covariances of distinct terms vanish: independence and zero mean",
        "identical laws: equal terms are counted",
        "variance of a product, independent factors apart",
        "zero means",
        "of mean zero: the second moment is the variance",
    ]


@pytest.mark.parametrize("name", WRITTEN)
def test_each_written_chain_is_as_expected(name: str) -> None:
    expected = CHAINS.read_text(encoding="ascii").split("\n\n")
    assert f"{name}\n{chain(proved(name))}".strip() in [e.strip() for e in expected]


@pytest.mark.parametrize("name", library.names())
def test_each_theorem_reads_back_resolves_and_warns_of_nothing(name: str) -> None:
    theorem = with_proof(of_library(name)) or of_library(name)
    problem = resolve(parse_theorem(theorem_text(theorem)))
    assert problem.warnings == ()
    assert problem.sizes == resolve(of_library(name)).sizes
    assert all(link.remark for link in (theorem.proof.links if theorem.proof else ()))


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("forward-rule", "1/n"),
        ("backward-rule", "1/n_out"),
        ("he-rule", "2/n"),
        ("he-backward-rule", "2/n_out"),
        ("leaky-relu-rule", "2/(n*(1 + alpha^2))"),
        ("glorot-rule", "2/(n_in + n_out)"),
    ],
)
def test_each_find_is_answered(name: str, answer: str) -> None:
    solution = found(of_library(name))
    assert solution is not None
    assert term_text(solution) == answer


# --- every link is true -----------------------------------------------------------------------------------------------

Places = list[tuple[int, ...]]


def grid(rows: int, columns: int) -> Places:
    return [(r, c) for r in range(1, rows + 1) for c in range(1, columns + 1)]


def line(length: int) -> Places:
    return [(k,) for k in range(1, length + 1)]


def of_variance(v: Fraction) -> Law:
    """-3, 0, 3 with variance v."""
    return ((-3, v / 18), (0, 1 - v / 9), (3, v / 18))


def forward(w: Law, x: Law, name: str = "a", *, n: int = 2) -> Model:
    return Model(independent({"W": (grid(1, n), w), name: (line(n), x)}), {"n": n, "m": 1, "alpha": 2})


def backward(w: Law, names: str = "delta") -> Model:
    families = {"W": (grid(2, 1), w), "delta": (line(2), SKEW)} | ({"y": (line(1), WIDE)} if "y" in names else {})
    return Model(independent(families), {"n_out": 2, "n_in": 1})


def both(w: Law) -> Model:
    families = {"W": (grid(2, 1), w), "a": (line(1), SKEW), "delta": (line(2), COIN)}
    return Model(independent(families), {"n_in": 1, "n_out": 2})


def with_bias() -> Model:
    rest: list[tuple[World, Fraction]] = [
        ({**world, ("b", (1,)): world["a", (1,)] - 1}, p) for world, p in independent({"a": (line(2), LOADED)})
    ]
    return Model(joined(independent({"W": (grid(1, 2), SKEW)}), rest), {"n": 2, "m": 1})


def two_inputs() -> Model:
    rest: list[tuple[World, Fraction]] = [
        ({**world, ("c", (1,)): world["a", (1,)], ("c", (2,)): -world["a", (2,)] + 1}, p)
        for world, p in independent({"a": (line(2), LOADED)})
    ]
    return Model(joined(independent({"W": (grid(1, 2), SKEW)}), rest), {"n": 2, "m": 1})


def slopes() -> Model:
    rest: list[tuple[World, Fraction]] = [
        ({**world, ("slope", (1,)): world["delta", (1,)] + 1}, p)
        for world, p in independent({"delta": (line(2), SKEW)})
    ]
    return Model(joined(independent({"W": (grid(2, 1), COIN)}), rest), {"n_out": 2, "n_in": 1})


EQUATIONS = {
    "preactivation-variance": forward(SKEW, SKEW),
    "preactivation-second-moment": forward(SKEW, LOADED),
    "preactivation-with-bias": with_bias(),
    "preactivation-covariance": two_inputs(),
    "backward-variance": slopes(),
    "fourth-moment": forward(SKEW, LOADED, n=3),
    "relu-second-moment": Model(independent({"y": ([()], WITH_ZERO)}), {}),
}


def unfolded(theorem: Theorem) -> list[Term]:
    """The chain's terms with the definitions put in, as the kernel sees them."""
    steps = resolve(theorem).steps
    sides = [steps[0].left, *(step.right for step in steps)]
    return [side for side in sides if not isinstance(side, Relation)]


@pytest.mark.parametrize("name", EQUATIONS)
def test_every_term_of_a_chain_of_equations_has_the_same_value(name: str) -> None:
    values = {EQUATIONS[name].value(term) for term in unfolded(proved(name))}
    assert len(values) == 1
    assert values != {Fraction(0)}


EQUIVALENCES = {
    "forward-rule": (lambda v: forward(of_variance(v), SKEW), Fraction(1, 2)),
    "he-rule": (lambda v: forward(of_variance(v), WITH_ZERO, "y"), Fraction(1)),
    "leaky-relu-rule": (lambda v: forward(of_variance(v), WIDE, "y"), Fraction(1, 5)),
    "backward-rule": (lambda v: backward(of_variance(v)), Fraction(1, 2)),
    "he-backward-rule": (lambda v: backward(of_variance(v), "delta y"), Fraction(1)),
    "glorot-rule": (lambda v: both(of_variance(v)), Fraction(2, 3)),
}


@pytest.mark.parametrize("name", EQUIVALENCES)
def test_every_relation_of_a_chain_of_equivalences_holds_at_the_answer_and_only_there(name: str) -> None:
    build, answer = EQUIVALENCES[name]
    steps = resolve(proved(name)).steps
    sides = [side for side in (steps[0].left, *(step.right for step in steps)) if isinstance(side, Relation)]
    for v in (answer, answer / 2, 2 * answer):
        model = build(v)
        for relation in sides:
            left, right = (model.value(term) for term in relation.terms)
            assert (left == right) == (v == answer), step_text(relation)


def test_without_the_never_zero_given_he_backward_is_not_answered() -> None:
    text = theorem_text(of_library("he-backward-rule")).replace("  E(sign(y)^2) = 1\n", "")
    solution = found(parse_theorem(text))
    assert solution is None or "E(step(y)^2)" in term_text(solution)


# --- what it does not write -------------------------------------------------------------------------------------------

HEAD = "theorem t\ngiven\n  W[i,j] iid for i in 1..m, j in 1..n\n  a[j] iid for j in 1..n\n  W independent of a\n"
LET = "let\n  z[i] = sum(W[i,j]*a[j], j in 1..n)\n"


def test_a_false_claim_gets_no_proof() -> None:
    assert write_proof(parse_theorem(HEAD + "  E(W) = 0\n" + LET + "show\n  Var(z) = n*Var(W)*Var(a)\n")) is None


def test_a_find_without_an_answer_gets_no_proof() -> None:
    theorem = parse_theorem(HEAD + "  E(W) = 0\n" + LET + "find\n  Var(W) such that Var(z) = Var(z)\n")
    assert write_proof(theorem) is None


def test_a_link_with_a_second_entry_would_ask_for_two_and_is_not_written() -> None:
    text = HEAD.replace("a[j] iid", "a[j] exchangeable") + LET
    claim = "show\n  Var(z) = n*(E(W^2)*E(a^2) - E(W)^2*E(a)^2) + n*(n - 1)*E(W)^2*(E(a[1]*a[2]) - E(a)^2)\n"
    assert write_proof(parse_theorem(text + claim)) is not None  # the claim itself speaks of a[2]
    assert write_proof(parse_theorem(text + "show\n  Var(z) = n*Var(W)*E(a^2)\n")) is None


def test_an_equivalence_ends_as_it_was_claimed() -> None:
    text = HEAD + "  E(W) = 0\n  E(a) = 0\n  Var(a) > 0\n" + LET + "show\n  Var(z) = Var(a) iff Var(W) = 1/n\n"
    derived = with_proof(parse_theorem(text))
    assert derived is not None
    assert derived.proof is not None
    assert isinstance(derived.claim, Equivalence)
    assert derived.proof.links[-1].to == derived.claim.right


def test_an_index_that_a_definition_would_catch_is_renamed() -> None:
    text = (
        HEAD + "  E(W) = 0\n" + "let\n  z[i] = sum(W[i,j]*a[j], j in 1..n)\n" + "show\n  Var(z[i]) = n*Var(W)*E(a^2)\n"
    )
    assert write_proof(parse_theorem(text)) is not None
    square = text.replace("i in 1..m", "i in 1..n").replace("Var(z[i])", "Var(z[j])")
    derived = with_proof(parse_theorem(square))
    assert derived is not None
    assert "W[j,k]*a[k]" in chain(derived)


@pytest.mark.parametrize(
    "claim",
    [
        "let\n  h[i] = sum(sum(W[i,j]*a[j]*a[k], k in 1..n), j in 1..n)\nshow\n  Var(h) = 0\n",
        "let\n  h = prod(a[j], j in 1..n)\nshow\n  Var(h) = E(a^2)^n - E(a)^(2*n)\n",
        "show\n  Var(W) <= E(W^2)\n",
        "show\n  Var(W) = E(W^2) and Var(a) = E(a^2)\n",
        "let\n  h = 1/a[1]\nshow\n  Var(h) = 1/0\n",
    ],
)
def test_what_the_moves_do_not_reach_gets_no_proof_and_no_exception(claim: str) -> None:
    assert write_proof(parse_theorem(HEAD + claim)) is None
