"""Run the whole suite against ``check`` and print what came of it.

    python -m tests.tamper                          100,000 changes of bytes, 10,000 structured ones
    python -m tests.tamper --bytes 1000 --forgeries 100 --derivations 100 --harmless 50
    python -m tests.tamper --again derivations 17   one attempt again, with the file as it was changed

Exit status 1 if anything was answered wrongly.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

from derive.processes import mapped
from tests.tamper.checkers import check
from tests.tamper.suite import FAMILIES, Chunk, Result, attempt, chunks, run

FULL = {"bytes": 100_000, "forgeries": 6_500, "derivations": 3_500, "harmless": 500}


def checked(chunk: Chunk) -> tuple[Result, int]:
    """A chunk against the checker of the project, and the most memory that this process has had, in MiB."""
    result = run(check(), chunk)
    return result, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def whole(counts: dict[str, int], *, progress: bool = False) -> tuple[Result, int]:
    """The suite at the given size, on as many cores as ``derive.processes`` takes."""
    parts = chunks(counts, 250)
    parts = parts[::2] + parts[1::2]  # so that the slow families do not all come last
    result, most, begun = Result(), 0, time.time()
    with mapped(checked, parts, count=len(parts)) as done:
        for k, (part, mebibytes) in enumerate(done, 1):
            result.add(part)
            most = max(most, mebibytes)
            if progress:
                print(f"{k}/{len(parts)} {time.time() - begun:.0f} s, {len(result.faults)} faults", file=sys.stderr)
    return result, most


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
