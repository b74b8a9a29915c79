"""The published why pages are what the code writes, beside their figures, and the summary leads to them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from derive import check, why

REPORTS = Path(__file__).resolve().parents[2] / "reports"


@pytest.mark.parametrize("name", why.names())
def test_each_page_is_published_as_it_is_written_now_with_its_figure(name: str) -> None:
    text = (REPORTS / f"{name}.md").read_text(encoding="utf-8")
    assert list(check(text, file=str(REPORTS / f"{name}.md"))) == [], (
        "run python -m derive and python -m tests.published"
    )
    svg = (REPORTS / f"{name}.svg").read_text(encoding="utf-8")
    assert re.search(r"<svg ", svg)
    assert f"]({name}.md)" in (REPORTS / "README.md").read_text(encoding="utf-8")
