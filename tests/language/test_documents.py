"""What a document says, where it says it, and what is said of a document that is not well-formed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.language.document import MOST_BYTES, Malformed, Statement, prose_of, read_bytes, read_document

GOOD = "theorem t\ngiven\n  X random\n  E(X) = 0\nshow\n  Var(X) = E(X^2)\n"


def block(text: str = GOOD, fence: str = "```") -> str:
    return f"{fence}derive\n{text}{fence}\n"


def theorem(claim: str, givens: str = "X random") -> str:
    lines = "\n  ".join(givens.split("; "))
    return f"# Title\n\n```derive\ntheorem t\ngiven\n  {lines}\nshow\n  {claim}\n```\n"


def with_proof(*links: str) -> str:
    lines = "\n    ".join(links)
    return f"```derive\n{GOOD}proof\n  {lines}\nqed\n```\n"


@pytest.mark.parametrize(
    "document",
    [
        block(),
        block(fence="~~~"),
        block(fence="`````"),
        f"   ```derive\n{GOOD}   ```\n",
        block().replace("\n", "\r\n"),
        f"```derive some more words\n{GOOD}```\n",
        f"text\n```python\nx = 1\n```\n{block()}",
        f"````markdown\n{block()}````\n\n{block()}",
        f"<!-- a comment -->\n\n{block()}",
        f"{block()}\nafterwards",
        block(f"# a remark\n\n{GOOD}"),
        block()[:-1],
    ],
)
def test_a_derive_block_is_found_however_markdown_writes_it(document: str) -> None:
    found = read_document(document)
    assert [type(s) for s in found] == [Statement], found
    assert found[0].name == "t"


def test_several_theorems_are_read_each_with_its_place() -> None:
    second = GOOD.replace("theorem t", "theorem u")
    document = f"# Title\n\n{block(GOOD + second)}\n{block(GOOD.replace('theorem t', 'theorem v'))}"
    found = read_document(document)
    assert [(s.name, s.first_line) for s in found if isinstance(s, Statement)] == [("t", 4), ("u", 10), ("v", 19)]
    last = found[-1]
    assert isinstance(last, Statement)
    spot = last.spot(last.problem.givens[1].at)
    assert (spot.line, spot.column) == (22, 3)
    assert last.excerpt(last.problem.givens[1].at) == "  E(X) = 0\n  ^"


def test_an_error_in_one_theorem_does_not_hide_its_siblings() -> None:
    broken = GOOD.replace("theorem t", "theorem u").replace("X^2", "X^")
    found = read_document(block(GOOD + broken + GOOD.replace("theorem t", "theorem v")))
    assert [type(s) for s in found] == [Statement, Malformed, Statement]
    assert [s.name for s in found] == ["t", "u", "v"]


def test_prose_is_what_stands_outside_the_blocks() -> None:
    assert prose_of(f"# Title\n\nBefore.\n\n{block()}\nAfter.\n") == "# Title\n\nBefore.\n\nAfter.\n"


BAD = {
    "no block": ("# Title\n\nprose\n", 1, "no `derive` block"),
    "an empty document": ("", 1, "no `derive` block"),
    "an empty block": ("text\n```derive\n```\n", 2, "is empty"),
    "an unclosed block": (f"\n```derive\n{GOOD}", 2, "never closed"),
    "an unclosed block of another language": (f"{block()}\n```python\nx\n", 10, "never closed"),
    "a closing fence that is too short": (f"````derive\n{GOOD}```\n", 1, "never closed"),
    "a block in a quotation": (f"> ```derive\n> theorem t\n> ```\n\n{block()}", 1, "nested"),
    "a block in a list": (f"1.  text\n\n    ```derive\n    theorem t\n    ```\n\n{block()}", 3, "nested"),
    "a block within an unclosed one": (f"```\ntext\n{block()}", 3, "inside another block"),
    "a block after HTML": (f"<div>\n{block()}", 2, "right after HTML"),
    "a block in a comment": (f"<!--\n{block()}-->\n", 2, "inside HTML"),
    "a capital letter": (f"```Derive\n{GOOD}```\n", 1, "is not read"),
    "a lone carriage return": (f"text\r{block()}", 1, "carriage return"),
    "the same name twice": (block() + block(), 10, "line 2 already"),
    "words before the theorem": (block(f"hello\n{GOOD}"), 2, "unexpected"),
    "a theorem without a name": (block("theorem\nshow\n  1 = 1\n"), 2, "unexpected"),
    "no claim": (block("theorem t\ngiven\n  X random\n"), 4, "ends too early"),
    "an undeclared name": (theorem("E(Y) = 0"), 8, "not declared"),
    "a name declared twice": (theorem("E(X) = 0", "X random; X random"), 7, "declared twice"),
    "a name of the language": (theorem("1 = 1", "Var random"), 6, "word of the language"),
    "an open bracket": (theorem("E(X = 0"), 8, "unexpected"),
    "a double star": (theorem("E(X**2) = 0"), 8, "unexpected"),
    "a double equals sign": (theorem("E(X) == 0"), 8, "unexpected"),
    "square brackets for E": (theorem("E[X] = 0"), 8, "word of the language"),
    "an unknown function": (theorem("E(rellu(X)) = 0"), 8, "unknown function"),
    "too many arguments": (theorem("E(X, X) = 0"), 8, "takes one argument"),
    "a missing star": (theorem("2 Var(X) = 0"), 8, "unexpected"),
    "a random side": (theorem("X = 0"), 8, "random here"),
    "a letter that is not ASCII": (theorem("E(X) = 0  # \u0430"), 8, "not plain ASCII"),
    "an unbound index": (theorem("E(a[r]) = 0", "a[j] iid for j in 1..n"), 8, "not an index"),
    "an index beyond its range": (theorem("E(a[4]) = 0", "a[j] iid for j in 1..3"), 8, "beyond its range"),
    "too many indices": (theorem("E(a[1,1]) = 0", "a[j] iid for j in 1..n"), 8, "index"),
    "an unknown law": (theorem("E(X) = 0", "X random; X ~ Normall(0, 1)"), 7, "unknown law"),
    "a law's parameters": (theorem("E(X) = 0", "X random; X ~ Normal(0)"), 7, "takes 2 parameters"),
    "independence of the undeclared": (theorem("E(X) = 0", "X random; X independent of Y"), 7, "not a declared family"),
    "a citation of what is not given": (theorem("E(X) = 0  by Var(X) = 1"), 8, "not a given"),
    "a chain that starts elsewhere": (with_proof("E(X)", "= E(X^2)"), 9, "does not start"),
    "a chain that ends elsewhere": (with_proof("Var(X)", "= E(X)"), 10, "does not end"),
    "a proof without qed": (with_proof("Var(X)", "= E(X^2)").replace("qed\n", ""), 10, "ends too early"),
    "a proof without links": (with_proof("Var(X)"), 9, ""),
    "a large exponent": (theorem("E(X^65) = 0"), 8, "too large"),
    "a long number": (theorem(f"E(X) = {'9' * 101}"), 8, "too long"),
    "deep nesting": (theorem(f"E({'(' * 120}X{')' * 120}) = 0"), 8, "deep"),
    "a given that uses a definition": (
        block("theorem t\ngiven\n  X random\n  E(z) = 0\nlet\n  z = X\nshow\n  1 = 1\n"),
        5,
        "givens do not mention",
    ),
    "a size that is no size": (theorem("E(sum(a[j], j in 1..m)) = 0", "a[j] iid for j in 1..n"), 8, "not a size"),
    "a literal range that starts at 0": (theorem("E(a) = 0", "a[j] iid for j in 0..n"), 6, "starts at 1"),
    "LaTeX": (theorem(r"\mathrm{Var}(X) = 0"), 8, "unexpected character"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_wrong_is_said_with_line_column_caret_and_remedy(kind: str) -> None:
    document, line, message = BAD[kind]
    wrong = [s for s in read_document(document) if isinstance(s, Malformed)]
    assert len(wrong) == 1, wrong
    assert message in wrong[0].message
    assert wrong[0].line == line
    assert wrong[0].column >= 1
    assert wrong[0].remedy
    if document:
        shown, caret = wrong[0].excerpt.split("\n") if wrong[0].excerpt else (document.split("\n")[0], "^")
        assert caret.strip() == "^"
        assert len(caret) <= len(shown) + 1, "the caret stands below the line"


def test_bytes_that_are_no_text_are_refused() -> None:
    assert read_bytes("é".encode()) == "é"
    wrong = {
        b"abc\n\xff": (2, 1, "not UTF-8"),
        b"ab\0c": (1, 3, "not a text file"),
        b"x" * (MOST_BYTES + 1): (1, 1, "too large"),
    }
    for data, (line, column, message) in wrong.items():
        found = read_bytes(data)
        assert isinstance(found, Malformed)
        assert (found.line, found.column) == (line, column)
        assert message in found.message
        assert found.remedy


@settings(max_examples=300)
@given(st.text(alphabet="`~derive \n\t>theorem<!-=()[]X^", max_size=80))
def test_reading_never_raises_and_never_returns_nothing(text: str) -> None:
    assert read_document(text)
    assert read_document(block(GOOD) + text)


@settings(max_examples=200)
@given(st.integers(0, len(block())), st.characters())
def test_a_document_with_a_character_changed_is_read_or_refused_in_words(at: int, character: str) -> None:
    text = block()
    for part in read_document(text[:at] + character + text[at + 1 :]):
        assert isinstance(part, Statement) or (part.message and part.line >= 1 and part.column >= 1)
