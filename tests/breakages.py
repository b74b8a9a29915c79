"""Plant the faults of ``breakages.toml`` one by one in a copy of the project and see which test catches each.

    python -m tests.breakages            all of them
    python -m tests.breakages falling    those whose name contains a text

Exit status 1 if a fault is not caught.
"""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass

from tests.planting import ROOT, planted, run_pytest


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
    text = (ROOT / fault.file).read_text(encoding="utf-8")
    if text.count(fault.find) != 1:
        raise SystemExit(f"{fault.name}: the text to replace occurs {text.count(fault.find)} times in {fault.file}")
    with planted({fault.file: text.replace(fault.find, fault.replace)}) as copy:
        done = run_pytest(copy, ["-x", *fault.tests])
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
