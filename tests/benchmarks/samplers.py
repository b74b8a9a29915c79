"""What a network costs: the samplers beside the plain dense loop, forward and backward, in one run.

    python -m tests.benchmarks.samplers [--width 512 --depth 50 --rounds 5]

Everything is timed in turn, round by round, since machines change their pace; printed are medians over rounds of
seconds a network, and of the ratio to the plain loop of the same round. The plain loop is written out below, in torch
(two threads) where that is installed, and in NumPy: it draws each matrix, multiplies, keeps it, and multiplies back.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable

import numpy as np

from montecarlo import Spec, simulate

WORKERS = 2


def torch_loop(width: int, depth: int) -> Callable[[int], None]:
    """Networks one after the other, as a tutorial writes it; torch uses two threads."""
    import torch

    torch.set_num_threads(WORKERS)

    def run(networks: int) -> None:
        for _ in range(networks):
            a, weights, before = torch.randn(width), [], []
            for _ in range(depth):
                w = torch.randn(width, width) * (2 / width) ** 0.5
                z = w @ a
                weights.append(w)
                before.append(z)
                a = torch.relu(z)
            g = torch.randn(width)
            for w, z in zip(reversed(weights), reversed(before), strict=True):
                g = w.T @ (g * (z > 0))

    return run


def numpy_loop(width: int, depth: int) -> Callable[[int], None]:
    """The same in NumPy, in single precision like torch's."""
    rng = np.random.default_rng(0)

    def run(networks: int) -> None:
        for _ in range(networks):
            a, weights, before = rng.standard_normal(width, dtype=np.float32), [], []
            for _ in range(depth):
                w = rng.standard_normal((width, width), dtype=np.float32) * np.float32((2 / width) ** 0.5)
                z = w @ a
                weights.append(w)
                before.append(z)
                a = np.maximum(z, 0)
            g = rng.standard_normal(width, dtype=np.float32)
            for w, z in zip(reversed(weights), reversed(before), strict=True):
                g = w.T @ (g * (z > 0))

    return run


def sampled(method: str, width: int, depth: int) -> Callable[[int], None]:
    """`simulate`, measures and verdicts included."""

    def run(networks: int) -> None:
        simulate(
            Spec(widths=(width,) * (depth + 1), networks=networks, claim_sigma_w2=2.0), method=method, workers=WORKERS
        )

    return run


def main() -> None:
    """Time everything in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--depth", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    loops = {"numpy loop": (numpy_loop, 2)}
    if importlib.util.find_spec("torch"):
        loops = {"torch loop": (torch_loop, 4), **loops}
    runs = {name: (made(asked.width, asked.depth), networks) for name, (made, networks) in loops.items()}
    for method, networks in (("dense", 4), ("conditioned", 512), ("chain", 16_384)):
        runs[method] = (sampled(method, asked.width, asked.depth), networks)
    plain = next(iter(runs))
    for run, networks in runs.values():
        run(max(1, networks // 4))  # warm up
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(asked.rounds):
        for name, (run, networks) in runs.items():
            start = time.perf_counter()
            run(networks)
            seconds[name].append((time.perf_counter() - start) / networks)
    print(f"width {asked.width}, depth {asked.depth}, relu, forward and backward, {WORKERS} workers or threads")
    for name, spent in seconds.items():
        ratio = statistics.median(p / s for p, s in zip(seconds[plain], spent, strict=True))
        print(f"{name:<12} {statistics.median(spent):>10.2e} s a network    {ratio:>9,.1f} times the {plain}")


if __name__ == "__main__":
    main()
