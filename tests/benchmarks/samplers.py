"""What a network costs: the samplers beside plain dense loops, forward and backward, and beside the machine's limits.

    python -m tests.benchmarks.samplers [--width 512 --depth 50 --rounds 5]

Everything is timed in turn, round by round, since machines change their pace. Printed are seconds a network and the
ratio to the plain loop (torch on two threads where that is installed, else NumPy): the median of ratios within a round,
and that of the best rounds, which neighbours disturb least. The limits are what dense networks cannot do without: their
random numbers, and the products with their matrices. Below, how the samplers grow with width and depth, as exponents
fitted to the fastest of the rounds, and the time of the command seen from outside, with the start of Python.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from montecarlo import Spec, simulate
from tests.benchmarks.limits import LIMITS
from tests.benchmarks.loops import LIBRARIES, WORKERS, every_loop

SAMPLED = {"dense": 256, "conditioned": 8_192, "chain": 524_288}  # networks a round: a second or two
LOOPED = 16


def sampled(method: str, width: int, depth: int) -> Callable[[int], None]:
    """`simulate`, measures and verdicts included."""

    def run(networks: int) -> None:
        spec = Spec(widths=(width,) * (depth + 1), networks=networks, claim_sigma_w2=2.0)
        simulate(spec, method=method, workers=WORKERS)

    return run


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds a network, by name and round."""

    seconds: Mapping[str, Sequence[float]]

    def median(self, name: str) -> float:
        """Of all rounds."""
        return statistics.median(self.seconds[name])

    def least(self, name: str) -> float:
        """Of all rounds: what it takes when nobody else wants the machine."""
        return min(self.seconds[name])

    def best_ratio(self, name: str, base: str) -> float:
        """How many times as fast as ``base``, each in its best round."""
        return self.least(base) / self.least(name)

    def ratios(self, name: str, base: str) -> list[float]:
        """How many times as fast as ``base``, in each round."""
        return [p / s for p, s in zip(self.seconds[base], self.seconds[name], strict=True)]


def timed(width: int, depth: int, *, rounds: int, scale: float = 1.0, libraries: Sequence[str] = LIBRARIES) -> Timings:
    """Loops, samplers and limits in turn; ``scale`` times as many networks."""
    limits = {name: (made(width, depth), SAMPLED["dense"] // 8) for name, made in LIMITS.items()}
    with every_loop(width, depth, libraries=libraries) as loops:
        runs = {name: (run, LOOPED) for name, run in loops.items()}
        runs |= {name: (sampled(name, width, depth), networks) for name, networks in SAMPLED.items()}
        runs |= limits
        return _in_turn(
            {name: (run, max(2, round(networks * scale))) for name, (run, networks) in runs.items()}, rounds
        )


def _in_turn(runs: Mapping[str, tuple[Callable[[int], None], int]], rounds: int) -> Timings:
    for run, networks in runs.values():
        run(max(2, networks // 4))  # warm up
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, (run, networks) in runs.items():
            start = time.perf_counter()
            run(networks)
            seconds[name].append((time.perf_counter() - start) / networks)
    return Timings(seconds)


def exponent(method: str, shapes: Sequence[tuple[int, int, int]], *, along: int, rounds: int) -> float:
    """The slope of log seconds a network against log width (0) or depth (1), for (width, depth, networks)."""
    runs = {str(shape): (sampled(method, shape[0], shape[1]), shape[2]) for shape in shapes}
    found = _in_turn(runs, rounds).seconds
    logs = np.log([min(found[str(shape)]) for shape in shapes])
    return float(np.polyfit(np.log([shape[along] for shape in shapes]), logs, 1)[0])


def from_outside(method: str, *, width: int, depth: int, networks: int) -> tuple[float, float]:
    """Seconds of the command, start of Python included, and what it says itself."""
    options = {"method": method, "width": width, "depth": depth, "networks": networks, "workers": WORKERS}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "montecarlo", "--json", *words], capture_output=True, text=True, check=False
    )
    return time.perf_counter() - start, float(json.loads(done.stdout)["seconds"])


def share_of_limits(found: Timings) -> float:
    """What dense takes of what its random numbers and products take alone, each at its best."""
    return found.least("dense") / sum(found.least(name) for name in LIMITS)


def _print_table(found: Timings) -> None:
    plain = next(iter(found.seconds))
    for name in found.seconds:
        print(
            f"{name:<15} {found.median(name):>10.2e} s a network, best {found.least(name):>9.2e}"
            f"   {statistics.median(found.ratios(name, plain)):>9,.1f} times the {plain},"
            f" best to best {found.best_ratio(name, plain):>9,.1f}"
        )
    print(f"dense takes {share_of_limits(found):.2f} of what its random numbers and products take alone, best to best")
    if "torch tuned" in found.seconds:
        tuned = statistics.median(found.ratios("dense", "torch tuned"))
        best = found.best_ratio("dense", "torch tuned")
        print(f"dense is {tuned:.2f} times as fast as the tuned torch, best to best {best:.2f}")


def main() -> None:
    """Time everything in turn and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--depth", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="Times as many networks; also smaller growth.")
    asked = parser.parse_args()
    print(f"width {asked.width}, depth {asked.depth}, relu, forward and backward, {WORKERS} workers or threads")
    _print_table(timed(asked.width, asked.depth, rounds=asked.rounds, scale=asked.scale))
    for name, method, along, shapes in GROWTH:
        few = [(width, depth, max(2, round(networks * asked.scale))) for width, depth, networks in shapes]
        ends = f"{shapes[0][along]:,} to {shapes[-1][along]:,}"
        found = exponent(method, few, along=along, rounds=asked.rounds)
        print(f"{method} grows with {name} from {ends} like its power {found:.2f}")
    for method, width, depth, networks in OUTSIDE:
        many = max(2, round(networks * asked.scale))
        outside, inside = from_outside(method, width=width, depth=depth, networks=many)
        print(
            f"{method}, {many:,} networks {width:,} by {depth:,}: {outside:.2f} s from outside, {inside:.2f} s inside"
        )


# method, the axis, and (width, depth, networks) with about as much work in each
GROWTH = (
    ("width", "conditioned", 0, [(256 * 4**k, 20, 1024 // 4**k) for k in range(5)]),
    ("width", "chain", 0, [(100**k, 50, 8192) for k in (1, 2, 3)]),
    ("width", "dense", 0, [(128 * 2**k, 10, 256 // 4**k) for k in range(4)]),
    ("depth", "conditioned", 1, [(512, 10 * 4**k, 512 // 4**k) for k in range(4)]),
    ("depth", "chain", 1, [(512, 10 * 10**k, 32_768 // 10**k) for k in range(4)]),
    ("depth", "dense", 1, [(256, 10 * 2**k, 64 // 2**k) for k in range(4)]),
)
OUTSIDE = (
    ("dense", 512, 50, 64),
    ("conditioned", 512, 50, 2048),
    ("chain", 512, 50, 100_000),
    ("chain", 1_000_000, 10_000, 1000),
)


if __name__ == "__main__":
    main()
