"""Who draws the blocks, and in which order they come, does not matter; a lost worker costs time, not results."""

import dataclasses
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from montecarlo import Activation, InputError, Spec, find_activation, simulate
from montecarlo.observations import Block
from montecarlo.samplers import blocks, find_sampler
from montecarlo.work import RESTARTS, Here, Local, Shelf, draw, in_order, processes, useful

SPECS = {
    "dense": Spec(widths=(40, 200, 200, 30), networks=400, sigma_b2=0.1, law="uniform", claim_sigma_w2=2),
    "conditioned": Spec(activation="gelu", widths=(512,) * 4, networks=600, sigma_b2=0.1, claim_sigma_w2=2),
    "chain": Spec(widths=(64,) * 5, networks=9000, claim_sigma_w2=2, claim_derivative=0.5, claim_growth=1),
}
SEVERAL = SPECS["dense"]


@pytest.fixture(scope="module")
def others() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor


class Backwards(Executor):
    """Does what it is handed four by four, the last one first."""

    def __init__(self) -> None:
        self.submitted, self.calls = 0, list[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]]()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.submitted += 1
        self.calls.append((future, fn, args))
        if len(self.calls) == 4:
            while self.calls:
                last, call, given = self.calls.pop()
                last.set_result(call(*given))
        return future


def dies_elsewhere(z: np.ndarray, *, home: int) -> np.ndarray:
    """Relu in the process of that number; kills any other, in the middle of a block."""
    if os.getpid() != home:
        os.kill(os.getpid(), signal.SIGKILL)
    return np.maximum(z, 0.0)


def dies_once(z: np.ndarray, *, home: int, folder: Path) -> np.ndarray:
    """Relu; kills the first other process that calls it, and notes which ones call it after that."""
    if os.getpid() != home:
        try:
            (folder / "died").touch(exist_ok=False)
        except FileExistsError:
            (folder / str(os.getpid())).touch()
        else:
            os.kill(os.getpid(), signal.SIGKILL)
    return np.maximum(z, 0.0)


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> list[Local]:
    """The pools of local workers that are made from here on, of processes even for short runs."""
    made: list[Local] = []

    class Watched(Local):
        def __init__(self, workers: int, blocks: int) -> None:
            super().__init__(workers, blocks)
            made.append(self)

    monkeypatch.setattr("montecarlo.work.Local", Watched)
    monkeypatch.setattr("montecarlo.work.WORTH_PROCESSES", -1.0)
    return made


def simulated_with(
    function: Callable[[np.ndarray], np.ndarray], spec: Spec, pools: list[Local], lost: Callable[[], None] = list
) -> Any:
    """By two workers. Calls ``lost`` after a loss."""
    relu, losses = find_activation("relu"), [0]
    activation = Activation("relu", function, relu.derivative, relu.slopes)

    def progress(_: int) -> None:
        if losses[-1] < pools[0].lost:
            losses.append(pools[0].lost)
            lost()

    return simulate(dataclasses.replace(spec, activation=activation), workers=2, progress=progress)


@pytest.mark.parametrize("method", SPECS)
def test_one_two_three_four_and_seven_workers_find_the_same_to_the_bit(method: str) -> None:
    spec = SPECS[method]
    assert len(list(blocks(spec, find_sampler(method, spec)))) > 7
    first = simulate(spec, method=method)
    for workers in (2, 3, 4, 7):
        again = simulate(spec, method=method, workers=workers)
        assert again == first
        assert again.digest == first.digest


def test_a_million_workers_are_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert [useful(n, blocks=500) for n in (1, 7, 12, 10**6)] == [1, 7, 12, 12]
    assert [useful(10**6, blocks=n) for n in (0, 1, 5)] == [1, 1, 5]
    asked: list[int] = []

    class Counted(Local):
        def __init__(self, workers: int, blocks: int) -> None:
            asked.append(workers)
            super().__init__(workers, blocks)

    monkeypatch.setattr("montecarlo.work.Local", Counted)
    assert simulate(SEVERAL, workers=10**6).digest == simulate(SEVERAL).digest
    assert asked == [min(12, len(list(blocks(SEVERAL, find_sampler("auto", SEVERAL)))))]


@pytest.mark.parametrize("method", SPECS)
def test_other_processes_find_the_same(method: str, others: ProcessPoolExecutor) -> None:
    found = simulate(SPECS[method], method=method, workers=2, executor=others)
    assert found == simulate(SPECS[method], method=method)
    assert found.notes == ()


def test_tallies_come_in_order_whoever_is_first_and_few_are_in_hand() -> None:
    sampler = find_sampler("dense", SEVERAL)
    drawn: list[int] = []

    def task(block: Block) -> Any:
        drawn.append(block.number)
        return dataclasses.replace(
            draw(sampler.observe, dataclasses.replace(SEVERAL, widths=(2, 2)), block), dead=block.number
        )

    every = [Block(number, 3) for number in range(12)]
    hands = Backwards()
    numbers: list[int] = []
    for tally in in_order(task, every, executor=hands, at_once=4, store=Shelf(), failures=[]):
        numbers.append(tally.dead)
        assert hands.submitted - len(numbers) < 4
    assert numbers == list(range(12))
    assert drawn == [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8]


def test_a_killed_process_costs_time_and_not_the_result() -> None:
    relu = find_activation("relu")
    deadly = Activation("relu", partial(dies_elsewhere, home=os.getpid()), relu.derivative, relu.slopes)
    done: list[int] = []
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        spec = dataclasses.replace(SEVERAL, activation=deadly)
        found = simulate(spec, workers=2, executor=executor, progress=done.append)
    assert found.digest == simulate(SEVERAL).digest
    assert sum(done) == SEVERAL.networks
    (note,) = found.notes
    assert "BrokenProcessPool" in note
    assert "\n" not in note


def test_in_place_of_a_killed_local_worker_others_go_on(tmp_path: Path, pools: list[Local]) -> None:
    def forget() -> None:  # the one that was lost together with the killed one
        for path in tmp_path.glob("[0-9]*"):
            path.unlink()

    found = simulated_with(partial(dies_once, home=os.getpid(), folder=tmp_path), SEVERAL, pools, forget)
    assert found.digest == simulate(SEVERAL).digest
    assert pools[0].lost == 1
    assert list(tmp_path.glob("[0-9]*"))
    (note,) = found.notes
    assert "TerminatedWorkerError" in note


def test_where_every_local_worker_dies_they_are_not_started_without_end(
    pools: list[Local], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Executor] = []

    def counted(workers: int) -> Executor:
        if len(started) > 2 * RESTARTS:
            pytest.fail("processes are started again and again")
        started.append(processes(workers))
        return started[-1]

    monkeypatch.setattr("montecarlo.work.processes", counted)
    found = simulated_with(partial(dies_elsewhere, home=os.getpid()), SEVERAL, pools)
    assert found.digest == simulate(SEVERAL).digest
    assert len(started) == 1 + RESTARTS
    assert pools[0].lost == RESTARTS + 1
    assert isinstance(pools[0].pool, Here)


def test_functions_that_cannot_be_sent_are_called_here_and_a_note_says_so(others: ProcessPoolExecutor) -> None:
    wave = Activation("wave", lambda z: np.sin(z), lambda z: np.cos(z))
    spec = Spec(activation=wave, widths=(256,) * 5, networks=200)
    found = simulate(spec, workers=2, executor=others)
    assert found.digest == simulate(spec).digest
    assert "drawn again" in found.notes[-1]


def test_a_closed_executor_is_done_without() -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    assert simulate(SEVERAL, executor=executor).digest == simulate(SEVERAL).digest


def test_bad_input_that_a_worker_finds_is_bad_input_and_an_error_is_that_error(others: ProcessPoolExecutor) -> None:
    with pytest.raises(InputError, match="fewer layers"):
        simulate(Spec(activation="softplus", sigma_w2=1e20, widths=(4,) * 31), executor=others)

    def broken(z: np.ndarray) -> np.ndarray:
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        simulate(Spec(activation=Activation("broken", broken, broken), widths=(4, 4)), executor=others)


def test_an_executor_of_the_caller_is_left_open(others: ProcessPoolExecutor) -> None:
    simulate(SEVERAL, executor=others)
    assert others.submit(abs, -3).result() == 3
