"""The museum: each exhibit has a source and the verdict that it announces, and each counterexample is one."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache

import pytest

from derive import library, museum
from derive.decide import judge
from derive.language.document import Statement
from derive.language.printer import claim_text, definition_text, item_text
from derive.library import LibraryError
from derive.museum import Exhibit, exhibit
from derive.referee import Model, holds, meets
from derive.referee.model import Block, Continuous, Key, Table, model, table
from derive.verdict import Counterexample, Points, TheoremVerdict

EXHIBITS = museum.load()
TRUE = [e for e in EXHIBITS if e.expected == "proved"]
FALSE = [e for e in EXHIBITS if e.expected == "refuted"]
STATEMENTS = {s.name: s for e in EXHIBITS for s in (e.statement, e.right) if s is not None}


def named(each: Exhibit) -> str:
    return each.name


@cache
def decided(name: str) -> TheoremVerdict:
    return judge(STATEMENTS[name], file="museum.md")


def test_there_are_twenty_five_true_exhibits_and_fifteen_false_ones() -> None:
    assert len(TRUE) >= 25
    assert len(FALSE) >= 15


@pytest.mark.parametrize("each", EXHIBITS, ids=named)
def test_each_exhibit_gets_the_verdict_that_its_fence_announces(each: Exhibit) -> None:
    verdict = decided(each.name)
    assert verdict.verdict == each.expected
    assert verdict.warnings == ()  # of a true one every given is used


@pytest.mark.parametrize("each", FALSE, ids=named)
def test_what_holds_instead_is_proved_and_is_not_what_the_source_says(each: Exhibit) -> None:
    assert each.right is not None
    verdict = decided(each.right.name)
    assert verdict.verdict == "proved"
    assert verdict.warnings == ()
    assert said(each.right) != said(each.statement)


@pytest.mark.parametrize("each", EXHIBITS, ids=named)
def test_each_exhibit_names_its_source_where_it_stands_and_how_it_was_checked(each: Exhibit) -> None:
    assert len(each.source) > 10
    assert len(each.where) > 10
    assert each.says.endswith(".")
    assert re.search(r"read|[Cc]ompared|[Rr]estated|found", each.checked), "how the source was checked"
    if "estated" not in each.checked:  # then a copy was at hand, and where it is from can be told
        assert re.search(r"\d{4}|`|\.(org|io|com|app|ai)|documentation|Validated", f"{each.source} {each.where}")
    assert set(each.see) <= set(library.names())
    assert each.see or each.expected == "proved", "a false one says which theorem of the library has the right value"


# --- counterexamples --------------------------------------------------------------------------------------------------


def key_of(text: str) -> Key:
    name, _, index = text.removesuffix("]").partition("[")
    return name, tuple(map(int, index.split(","))) if index else ()


def law_of(law: Points | str) -> Table | Continuous:
    if isinstance(law, str):
        name, _, inside = law.removesuffix(")").partition("(")
        return Continuous(name, tuple(map(Fraction, inside.split(", "))))
    return table(((Fraction(value),), Fraction(p)) for value, p in law)


def rebuilt(shown: Counterexample) -> Model:
    """The model from the texts of a counterexample, which is all that a reader has."""
    blocks = [
        Block(tuple(map(key_of, j.of)), table((tuple(map(Fraction, row)), Fraction(p)) for row, p in j.points))
        for j in shown.joint
    ]
    constants = {key_of(name): Fraction(value) for name, value in shown.constants.items()}
    laws = {name: law_of(law) for name, law in shown.laws.items()}
    return model(dict(shown.sizes), constants, laws, blocks)


@pytest.mark.parametrize("each", FALSE, ids=named)
def test_the_referee_confirms_each_counterexample_from_its_text(each: Exhibit) -> None:
    problem = each.statement.problem
    refuted = [s for s in decided(each.name).steps if s.verdict == "refuted"]
    assert refuted
    for step in refuted:
        assert step.counterexample is not None
        found = rebuilt(step.counterexample)
        assert meets(problem, found, frozenset(range(len(problem.givens))))
        link = next(s for s in problem.steps if s.index == step.index)
        assert holds(problem, found, link) is False


def test_a_model_in_which_a_claim_holds_is_not_confirmed() -> None:
    """The test above can fail: with as many outputs as inputs Glorot's law keeps the variance."""
    (each,) = (e for e in FALSE if e.name == "click4ai-xavier")
    problem = each.statement.problem
    sign: Points = (("-1", "1/2"), ("1", "1/2"))
    square = Counterexample({"m": 1, "n": 1}, {}, {"W": "Normal(0, 1)", "x": sign}, (), "1", "1")
    assert meets(problem, rebuilt(square), frozenset(range(len(problem.givens))))
    assert holds(problem, rebuilt(square), problem.steps[0]) is True


# --- their own --------------------------------------------------------------------------------------------------------


def said(statement: Statement) -> str:
    """What a theorem says, its name and proof aside."""
    theorem = statement.theorem
    lines = [*(item_text(g.item) for g in theorem.givens), *map(definition_text, theorem.definitions)]
    return "\n".join([*sorted(lines), claim_text(theorem.claim)])


def test_no_exhibit_says_what_a_theorem_of_the_library_or_another_exhibit_says() -> None:
    own = [s for d in library.load() for s in (d.statement, *(c.statement for c in d.beside))]
    texts = [said(s) for s in (*own, *STATEMENTS.values())]
    assert len(set(texts)) == len(texts)
    assert len(STATEMENTS) == len(EXHIBITS) + len(FALSE)
    assert not {s.name for s in own} & set(STATEMENTS)


# --- reading ----------------------------------------------------------------------------------------------------------

HEAD = "# A title\n\n**Source.** Somebody (2000)\n\n**Where.** eq. 1\n\n**Says.** A thing.\n\n**Checked.** Read.\n\n"
TRUTH = "```derive\ntheorem x\ngiven\n  X random\n  E(X) = 0\nshow\n  Var(X) = E(X^2)\n```\n"
LIE = "```derive refuted\ntheorem x\ngiven\n  X random\nshow\n  Var(X) = E(X^2)\n```\n"
RIGHT = (
    "\n**Instead.** The mean.\n\n"
    "```derive\ntheorem x-instead\ngiven\n  X random\nshow\n  Var(X) = E(X^2) - E(X)^2\n```\n"
)


def test_an_exhibit_is_read_from_its_labels() -> None:
    found = exhibit(f"{HEAD}**See.** `he-rule`,\n`uniform-law`\n\nA note.\n\n{LIE}{RIGHT}", "x")
    assert (found.title, found.source, found.where) == ("A title", "Somebody (2000)", "eq. 1")
    assert (found.says, found.checked, found.note) == ("A thing.", "Read.", "A note.")
    assert found.see == ("he-rule", "uniform-law")
    assert (found.expected, found.instead) == ("refuted", "The mean.")
    assert found.right is not None
    assert exhibit(HEAD + TRUTH, "x").right is None


@pytest.mark.parametrize(
    "text",
    [
        HEAD.replace("**Source.** Somebody (2000)\n\n", "") + TRUTH,
        HEAD.replace("**Checked.** Read.\n\n", "") + TRUTH,
        HEAD.replace("**Where.**", "**Says.**") + TRUTH,
        HEAD.replace("**Where.**", "**Place.**") + TRUTH,
        HEAD + "**Title.** Another one.\n\n" + TRUTH,
        HEAD + LIE,
        HEAD + LIE + RIGHT.replace("**Instead.** The mean.", "The mean."),
        HEAD + LIE + RIGHT.replace("x-instead", "y"),
        HEAD + LIE + RIGHT.replace("```derive\n", "```derive refuted\n"),
        HEAD + TRUTH + RIGHT,
        HEAD + TRUTH.replace("```derive\n", "```derive unknown\n"),
        HEAD + TRUTH.replace("```derive\n", "```derive certain\n"),
        HEAD + TRUTH + "\nAnd more.\n",
        HEAD + TRUTH.replace("theorem x", "theorem y"),
        HEAD + TRUTH.replace("E(X^2)", "E(Y^2)"),
    ],
)
def test_an_exhibit_without_source_or_right_value_is_refused(text: str) -> None:
    with pytest.raises(LibraryError):
        exhibit(text, "x")
