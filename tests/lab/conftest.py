"""A page of the coarse grid, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.lab import QUICK, Lab, lab, write_page


@pytest.fixture(scope="session")
def made() -> Lab:
    return lab(QUICK)


@pytest.fixture(scope="session")
def page(made: Lab) -> str:
    return write_page(made)


@pytest.fixture(scope="session")
def page_file(page: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lab") / "lab.html"
    path.write_text(page, encoding="utf-8")
    return path
