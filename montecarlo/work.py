"""Blocks of networks are handed to workers, and what they measured comes back in the order of the blocks.

Only so many blocks are in hand at a time, so that memory is bounded and a cluster is not flooded. A tally is stored as
soon as it is there, and handed on when its turn comes: sums are then rounded alike, whoever was faster. A block whose
worker fails (a killed process, a lost machine, a function that cannot be sent) is drawn again in this process, where
an error of the block itself shows as what it is: a lost worker costs time, not results. Local processes are started
anew when one of them is lost.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, cast

from montecarlo.errors import InputError
from montecarlo.observations import Block
from montecarlo.samplers import Observe
from montecarlo.spec import Spec
from montecarlo.tally import Tally, tallied

Task: TypeAlias = Callable[[Block], Tally]

WORTH_PROCESSES = 1.0  # seconds of work for each worker
MOST_FOR_A_CORE = 4  # more workers would only share it
RESTARTS = 3  # of processes in a run: what kills those of a fourth pool kills any
# The C library of Linux hands freed memory back, and asks for it anew, page by page and each of them zeroed, at a
# twentieth of a dense network's time; a worker's next block takes as much as the last one.
KEPT = dict.fromkeys(("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"), str(2**30))
ENVIRONMENT = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1") | KEPT


class Store(Protocol):
    """Where tallies wait for their turn."""

    def __contains__(self, number: int) -> bool:
        """Whether the block of that number is there."""
        ...

    def put(self, block: Block, tally: Tally) -> None:
        """Keeps it."""
        ...

    def take(self, number: int) -> Tally:
        """What was kept; asked for once."""
        ...


@dataclass(frozen=True, slots=True)
class Shelf:
    """A `Store` in memory."""

    tallies: dict[int, Tally] = field(default_factory=dict[int, Tally])

    def __contains__(self, number: int) -> bool:
        return number in self.tallies

    def put(self, block: Block, tally: Tally) -> None:
        """Keeps it until it is taken."""
        self.tallies[block.number] = tally

    def take(self, number: int) -> Tally:
        """What was kept; it is gone then."""
        return self.tallies.pop(number)


class Here(Executor):
    """An executor that does at once, in this thread, what it is handed."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The finished call; an interruption is not caught."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def useful(workers: int, *, blocks: int) -> int:
    """So many workers of this machine, or fewer if there are fewer blocks or by far fewer cores."""
    return min(workers, max(blocks, 1), MOST_FOR_A_CORE * (os.cpu_count() or 1))


@contextmanager
def local(workers: int, *, blocks: int) -> Generator[Executor, None, None]:
    """This thread, or so many threads or processes of this machine for so many blocks."""
    if workers == 1:
        yield Here()
        return
    pool = Local(workers, blocks)
    try:
        yield pool
    except BaseException:
        pool.leave(interrupted=True)
        raise
    pool.leave(interrupted=False)


class Local(Executor):
    """Draws the first block in this thread, and hands the others to threads or, where it is worth it, to processes.

    NumPy lets threads run side by side only within its functions, and blocks that fit into a cache make these short:
    two threads draw hardly faster than one, two processes twice as fast. But processes take most of a second to start.
    They are loky's, which go on for some seconds, so that the next run finds them there, send functions of the caller's
    own, and do not run the caller's script again.

    If one of them is lost, all are, and others are started in their place; after `RESTARTS` this thread draws.
    """

    def __init__(self, workers: int, blocks: int) -> None:
        self.workers, self.blocks, self.lost = workers, blocks, 0
        self.pool: Executor | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The call, finished if it is the first one, which tells how long the others will take, or nobody else can."""
        if self.pool is None:
            start = time.perf_counter()
            first = Here().submit(fn, *args, **kwargs)
            left = (time.perf_counter() - start) * (self.blocks - 1) / self.workers
            self.pool = processes(self.workers) if left > WORTH_PROCESSES else ThreadPoolExecutor(self.workers)
            return first
        try:
            return self.pool.submit(fn, *args, **kwargs)
        except BrokenExecutor:
            self.lost += 1
            self.pool = processes(self.workers) if self.lost <= RESTARTS else Here()
            return self.submit(fn, *args, **kwargs)

    def leave(self, *, interrupted: bool) -> None:
        """Ends threads; processes wait for the next run, unless they are interrupted in their work."""
        if isinstance(self.pool, ThreadPoolExecutor):
            self.pool.shutdown(wait=False, cancel_futures=True)
        elif interrupted and not (self.pool is None or isinstance(self.pool, Here)):
            _ended(self.pool)


def processes(workers: int) -> Executor:
    """So many processes of one BLAS thread each: those of the last run, if they are still there."""
    from loky import get_reusable_executor  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

    settled: dict[str, Any] = {"initializer": _attend, "initargs": (os.getpid(),), "env": ENVIRONMENT}
    return cast(Executor, get_reusable_executor(max_workers=workers, **settled))


def _ended(processes: Any) -> None:
    processes.shutdown(wait=False, kill_workers=True)


def _attend(asking: int) -> None:
    """Leaves interruptions to the process that asked, and ends with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(asking,), daemon=True).start()


def _end_with(asking: int) -> None:
    while os.getppid() == asking:
        time.sleep(1)
    os._exit(1)


def draw(observe: Observe, spec: Spec, block: Block) -> Tally:
    """What a worker does; it can be sent to another process wherever activation and law can."""
    return tallied(observe(spec, block))


def in_order(
    task: Task, blocks: Iterable[Block], *, executor: Executor, at_once: int, store: Store, failures: list[str]
) -> Generator[Tally, None, None]:
    """The tally of each block, in the order given; at most ``at_once`` blocks are in hand.

    Blocks that are in the store already are not drawn. Why a worker failed is appended to ``failures``.

    Raises:
        InputError: a block cannot be drawn.
    """
    rest, queue = iter(blocks), deque[Block]()
    running: dict[Future[Tally], Block] = {}
    try:
        while True:
            while len(queue) < at_once and (block := next(rest, None)):
                queue.append(block)
                if block.number not in store:
                    running[future := _handed(executor, task, block)] = block
                    if future.done():  # drawn here, or failed: it is stored before others are drawn
                        break
            if not queue:
                return
            if queue[0].number in store:
                yield store.take(queue.popleft().number)
                continue
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                block = running.pop(future)
                error = _failure(future, failures)
                if error is None:
                    store.put(block, future.result())
                elif isinstance(error, BrokenExecutor) and isinstance(executor, Local):
                    running[_handed(executor, task, block)] = block
                else:
                    store.put(block, task(block))
    finally:
        for future in running:
            future.cancel()


def _handed(executor: Executor, task: Task, block: Block) -> Future[Tally]:
    try:
        return executor.submit(task, block)
    except Exception as error:  # a broken pool, a closed cluster: the block is drawn here in its turn
        failed: Future[Tally] = Future()
        failed.set_exception(error)
        return failed


def _failure(future: Future[Tally], failures: list[str]) -> Exception | None:
    """What became of the worker, if it is not there any more; raises what is no fault of its own."""
    try:
        future.result()
    except (InputError, MemoryError):
        raise
    except Exception as error:
        said = str(error).strip().partition("\n")[0]
        failures.append(f"{type(error).__name__}: {said}" if said else type(error).__name__)
        return error
    return None
