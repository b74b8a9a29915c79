"""The whole suite, on as many cores as there are: the same result for any number of them."""

from __future__ import annotations

import resource
import sys
import time

from derive.processes import mapped
from tests.tamper.checkers import check
from tests.tamper.suite import Chunk, Result, chunks, run

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
