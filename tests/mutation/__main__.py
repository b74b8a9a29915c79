"""Plant mutants one by one and see which test catches each.

    python -m tests.mutation                          the sample that the tests ask for
    python -m tests.mutation --sample 40 --seed 3     another one
    python -m tests.mutation --only kernel/normal     those of the sample that a pattern finds

Exit status 1 if a mutant survives that ``equivalents.toml`` does not justify.
"""

from __future__ import annotations

import argparse
import re
import sys
import time

from tests.mutation.run import SAMPLE, SEED, TESTS, Fate, run, summary
from tests.mutation.sampling import Mutant, sample


def main() -> int:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description="mutation testing")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="how many mutants")
    parser.add_argument("--seed", type=int, default=SEED, help="which ones")
    parser.add_argument("--only", default="", help="those that this pattern finds")
    parser.add_argument("--list", action="store_true", help="list them and do nothing")
    parser.add_argument("tests", nargs="*", default=TESTS, help="the tests to run")
    arguments = parser.parse_args()
    chosen = [m for m in sample(arguments.sample, seed=arguments.seed) if re.search(arguments.only, str(m))]
    if arguments.list:
        print(*chosen, sep="\n")
        return 0
    start = time.monotonic()

    def show(mutant: Mutant, fate: Fate) -> None:
        print(f"{mutant}\n    {fate}", flush=True)

    fates = run(chosen, show, tests=arguments.tests)
    print(f"\n{summary(chosen, fates)}\n{time.monotonic() - start:.0f} s")
    return 1 if any(f.word == "survived" for f in fates) else 0


if __name__ == "__main__":
    sys.exit(main())
