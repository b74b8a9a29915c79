"""To plant a change in a copy of the project and run tests there: one mechanism for planted faults and for mutants."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("derive", "montecarlo", "reports", "tests", "pyproject.toml")


@contextmanager
def planted(texts: Mapping[str, str]) -> Iterator[Path]:
    """A copy of the project in which the files named have other texts; it is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        for name, text in texts.items():
            (copy / name).write_text(text, encoding="utf-8")
        yield copy


def run_pytest(
    copy: Path, arguments: list[str], *, environment: Mapping[str, str] | None = None, seconds: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run pytest in a copy of the project; ``TimeoutExpired`` if it takes longer than ``seconds``."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", *arguments]
    variables = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}
    return subprocess.run(
        command, cwd=copy, env=variables, capture_output=True, text=True, check=False, timeout=seconds
    )
