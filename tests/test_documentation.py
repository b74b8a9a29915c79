"""What the documentation shows is what the tool says: each `derive` block carries its verdict in its info string."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from derive.decide import decide
from derive.language.document import Statement, read_document

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```derive(?: (refuted|unknown|error|read))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """(the verdict that the page promises, the block's text) for every block of the language reference."""
    text = (ROOT / "docs" / "LANGUAGE.md").read_text(encoding="utf-8")
    return [(m.group(1) or "proved", m.group(2)) for m in BLOCK.finditer(text)]


@pytest.mark.parametrize(("promised", "text"), blocks())
def test_each_block_of_the_language_reference_gets_the_verdict_that_it_promises(promised: str, text: str) -> None:
    document = f"```derive\n{text}```\n"
    if promised == "read":  # well-formed; whether it is decided is not promised
        assert all(isinstance(part, Statement) for part in read_document(document))
    else:
        assert {v.verdict for v in decide(document, file="LANGUAGE.md")} == {promised}


def test_the_language_reference_shows_every_verdict() -> None:
    assert {promised for promised, _ in blocks()} >= {"proved", "refuted", "unknown", "error"}


def test_every_file_that_the_readme_links_to_is_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target
