"""What dense networks cannot do without: their random numbers, and the two products with each of their matrices."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from montecarlo.streams import fill_normal, generator
from montecarlo.work import processes
from tests.benchmarks.loops import WORKERS


def _on_all_cores(each: Callable[[int, int, int], None], width: int, depth: int) -> Callable[[int], None]:
    """Runs each(width, depth, networks of this worker) in as many processes, as the samplers do."""

    def run(networks: int) -> None:
        share = max(1, networks // WORKERS)
        list(processes(WORKERS).map(each, [width] * WORKERS, [depth] * WORKERS, [share] * WORKERS))

    return run


@lru_cache(maxsize=1)
def _matrices(width: int, depth: int) -> list[NDArray[np.float32]]:
    """Those of one network, kept in each process."""
    rng = np.random.default_rng(0)
    return [rng.standard_normal((width, width), dtype=np.float32) for _ in range(depth)]


def _fill(width: int, depth: int, networks: int) -> None:
    stream = generator(0, block=0)
    for _ in range(networks):
        for place in _matrices(width, depth):
            fill_normal(stream, place)


def _multiply(width: int, depth: int, networks: int) -> None:
    vector = np.ones(width, dtype=np.float32)
    for _ in range(networks):
        for place in _matrices(width, depth):
            np.matvec(place, vector)
        for place in reversed(_matrices(width, depth)):
            np.vecmat(vector, place)


def random_numbers(width: int, depth: int) -> Callable[[int], None]:
    """The weights of dense networks, filled in place, and nothing else."""
    return _on_all_cores(_fill, width, depth)


def products(width: int, depth: int) -> Callable[[int], None]:
    """The two products with each of so many matrices, and nothing else."""
    return _on_all_cores(_multiply, width, depth)


LIMITS = {"random numbers": random_numbers, "products": products}
