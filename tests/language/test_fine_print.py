"""The fine print of reading: ranges, places of faults, documents without a last line break."""

from __future__ import annotations

import inspect
import sys

import pytest

from derive.language.document import Malformed, Statement, read_document
from derive.language.parser import parse_theorem

GOOD = "theorem t\ngiven\n  X[j] iid for j in 1..3\nshow\n  E(X) = E(X[2])\n"


def read(content: str) -> list[Statement | Malformed]:
    return list(read_document(f"```derive\n{content}```\n"))


@pytest.mark.parametrize("end", ["2.5", "5/2", "0", "-1", "1000001"])
def test_a_range_ends_in_a_whole_number_from_one_to_a_million(end: str) -> None:
    (found,) = read(GOOD.replace("1..3", f"1..{end}"))
    assert isinstance(found, Malformed)


@pytest.mark.parametrize("end", ["2", "3", "1000000"])
def test_a_range_may_end_in_such_a_number(end: str) -> None:
    (found,) = read(GOOD.replace("1..3", f"1..{end}"))
    assert isinstance(found, Statement)


def test_a_second_theorem_of_the_same_name_is_shown_at_its_first_word_even_if_it_is_indented() -> None:
    first, second = read(GOOD + "\n" + "\n".join(f"  {line}" for line in GOOD.splitlines()) + "\n")
    assert isinstance(first, Statement)
    assert isinstance(second, Malformed)
    assert (second.line, second.column) == (8, 3)
    assert "stands in line 2 already" in second.message


def test_a_document_need_not_end_in_a_line_break() -> None:
    (found,) = read_document(f"```derive\n{GOOD}```")
    assert isinstance(found, Statement)


def test_a_message_ends_with_its_remedy_if_there_is_one() -> None:
    assert Malformed(None, 1, 1, "it is wrong", "write it so", "").text() == "it is wrong; write it so"
    assert Malformed(None, 1, 1, "it is wrong", "", "").text() == "it is wrong"


def test_a_theorem_that_exhausts_the_stack_is_an_error_at_its_first_word() -> None:
    deep = GOOD.replace("E(X[2])", "-(" * 90 + "E(X[2])" + ")" * 90)
    assert isinstance(read(deep)[0], Statement)
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 90)
    try:
        (found,) = read(deep)
    finally:
        sys.setrecursionlimit(before)
    assert isinstance(found, Malformed)
    assert (found.line, found.column, found.name) == (2, 1, "t")
    assert "nested too deeply" in found.message


def test_a_remark_belongs_to_the_link_on_whose_line_it_stands() -> None:
    text = "theorem t\ngiven\n  X random\nshow\n  E(X) = E(X)\nproof\n  E(X)\n    = E(X)\n    = E(X) # why\n    = E(X)"
    for end in ("", "  # last", "\nqed\n"):
        proof = parse_theorem(f"{text}{end}" if "qed" in end else f"{text}{end}\nqed").proof
        assert proof is not None
        last = "last" if "last" in end else ""
        assert [link.remark for link in proof.links] == ["", "why", last]
