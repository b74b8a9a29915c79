"""The fine print of reading: ranges, places of faults, documents without a last line break."""

from __future__ import annotations

import pytest

from derive.language.document import Malformed, Statement, read_document

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
