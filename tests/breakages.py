"""Plant the faults of ``breakages.toml`` one by one in a copy of the project and see which test catches each.

    python -m tests.breakages            all of them
    python -m tests.breakages falling    those whose name contains a text

Exit status 1 if a fault is not caught.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("derive", "montecarlo", "tests", "pyproject.toml")


@dataclass(frozen=True)
class Fault:
    """A text to find in a file, what to write in its place, and the tests that have to notice."""

    name: str
    file: str
    find: str
    replace: str
    tests: list[str]


def faults() -> list[Fault]:
    """All faults, in the order of the file."""
    data = tomllib.loads((ROOT / "tests" / "breakages.toml").read_text(encoding="utf-8"))
    return [Fault(**entry) for entry in data["fault"]]


def caught_by(fault: Fault) -> str | None:
    """The first test that fails once the fault is planted, None if none does."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        target = copy / fault.file
        text = target.read_text(encoding="utf-8")
        if text.count(fault.find) != 1:
            raise SystemExit(f"{fault.name}: the text to replace occurs {text.count(fault.find)} times in {fault.file}")
        target.write_text(text.replace(fault.find, fault.replace), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", *fault.tests]
        environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1, 2}:
        raise SystemExit(f"{fault.name}: pytest ended with status {done.returncode}\n{done.stdout}{done.stderr}")
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, flags=re.MULTILINE)
    return found.group(1) if found else None


def main(names: list[str]) -> int:
    """Try the faults whose names contain one of the texts (all for none) and print what caught them."""
    escaped = 0
    chosen = [f for f in faults() if not names or any(n in f.name for n in names)]
    for fault in chosen:
        test = caught_by(fault)
        escaped += test is None
        print(f"{fault.name}: {test or 'NOT CAUGHT'}", flush=True)
    print(f"{len(chosen) - escaped} of {len(chosen)} faults caught")
    return 1 if escaped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
