"""Work handed to a few processes that never outlive the one that asked for it."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from typing import TypeVar

MOST = 2
CYCLES = 100_000  # objects made more than freed before cycles are looked for; deciding makes none worth looking for

A = TypeVar("A")
B = TypeVar("B")


@contextmanager
def mapped(function: Callable[[A], B], items: Iterable[A], *, count: int) -> Generator[Iterator[B]]:
    """Give function(item) for each of the ``count`` items in their order, made by as many processes as there are cores.

    Two at most. Leaving early, by an error or an interruption, ends the processes.
    """
    workers = min(MOST, os.cpu_count() or 1, count)
    if workers < 2:
        yield map(function, items)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_attend) as pool:
        try:
            yield pool.map(function, items)
        except BaseException:
            for process in active_children():
                process.terminate()
            raise


def _attend() -> None:
    """Leave interruptions to the parent, and end with it, however it ends; look for cycles of objects seldom."""
    gc.set_threshold(CYCLES, 20, 20)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
