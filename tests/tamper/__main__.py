"""Run the whole suite against ``check`` and print what came of it.

    python -m tests.tamper                          100,000 changes of bytes, 10,000 structured ones
    python -m tests.tamper --bytes 1000 --forgeries 100 --derivations 100 --harmless 50
    python -m tests.tamper --again derivations 17   one attempt again, with the file as it was changed

Exit status 1 if anything was answered wrongly.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.tamper.checkers import check
from tests.tamper.suite import FAMILIES, attempt
from tests.tamper.whole import FULL, whole


def main(words: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.tamper")
    for family, count in FULL.items():
        parser.add_argument(f"--{family}", type=int, default=count)
    parser.add_argument("--again", nargs=2, metavar=("FAMILY", "NUMBER"))
    asked = parser.parse_args(words)
    if asked.again:
        tried = attempt(asked.again[0], int(asked.again[1]))
        print(f"{tried.kind}, wanted {tried.wanted}, {check()(tried.document)}: {Path(tried.document.path).name}")
        sys.stdout.buffer.write(tried.document.data)
        return 0
    begun = time.time()
    result, most = whole({family: getattr(asked, family) for family in FAMILIES}, progress=True)
    print(result.table())
    print(f"{time.time() - begun:.0f} s; at most {most} MiB in a process")
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
