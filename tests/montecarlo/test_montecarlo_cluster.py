"""A Dask cluster on this machine: a scheduler and two workers, processes of their own, one of which is killed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import montecarlo.cluster
from montecarlo import InputError, Spec, simulate
from montecarlo.cluster import PROBES, cluster, probe

ROOT = Path(__file__).resolve().parents[2]
SPEC = Spec(widths=(40, 200, 200, 30), networks=1200, sigma_b2=0.1, law="uniform", claim_sigma_w2=2)


@dataclass
class Machines:
    address: str
    folder: Path
    running: list[subprocess.Popen[bytes]]

    def start(self, program: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{program}", "--no-dashboard", *options]
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.running.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        return self.start("worker", self.address, "--nthreads", "1", "--no-nanny")


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    found = Machines("", tmp_path, [])
    try:
        file = tmp_path / "scheduler.json"
        found.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        found.address = _address(file)
        yield found
    finally:
        for process in found.running:
            process.kill()
            process.wait()


def _address(file: Path) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            return json.loads(file.read_text())["address"]
        except (OSError, ValueError):  # not there yet, or half of it
            time.sleep(0.05)
    raise TimeoutError("the scheduler does not start")


def workers_of(address: str, number: int) -> None:
    """Waits until so many workers have come."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(number, timeout=60)


def test_a_cluster_finds_the_same_and_a_killed_worker_changes_nothing(machines: Machines, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no workers"), cluster(machines.address):
        pass
    victim, _ = machines.worker(), machines.worker()
    workers_of(machines.address, 2)
    done: list[int] = []

    def progress(networks: int) -> None:
        done.append(networks)
        if len(done) == 3:
            victim.kill()

    with cluster(machines.address) as (executor, workers):
        assert workers == 2
        found = simulate(SPEC, executor=executor, workers=workers, progress=progress)
        assert victim.poll() is not None
        again = simulate(SPEC, executor=executor, workers=workers, checkpoint=tmp_path / "run")
    here = simulate(SPEC)
    assert (found, again) == (here, here)
    assert found.digest == again.digest == here.digest
    assert found.notes == again.notes == ()
    assert sum(done) == SPEC.networks


def test_workers_that_draw_other_networks_are_refused(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    machines.worker()
    workers_of(machines.address, 1)
    assert len(set(probe())) == len(PROBES)
    monkeypatch.setattr(montecarlo.cluster, "PROBES", PROBES[:2])  # here, not there
    with pytest.raises(InputError, match=r"draws other networks .*; install the same versions"):
        _enter(machines.address)
    monkeypatch.setattr(montecarlo.cluster, "probe", _mine)  # a function of which the worker knows nothing
    with pytest.raises(InputError, match=r"cannot run this program .*; install it there"):
        _enter(machines.address)


def _mine() -> tuple[str, ...]:
    return ()


def _enter(address: str) -> None:
    with cluster(address):
        pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "foo://x:1"])
def test_a_scheduler_that_cannot_be_reached_is_said_with_a_remedy(address: str) -> None:
    with pytest.raises(InputError, match=r"cannot be reached .*; start it"), cluster(address, patience=0.5):
        pass


@pytest.mark.parametrize("address", ["nonsense", "foo://x:1"])
def test_an_address_that_is_none_is_refused_at_once_and_nothing_is_left_behind(address: str) -> None:
    """A client that fails by its address would wait for itself at the end of the process, and show a traceback."""
    command = [sys.executable, "-m", "montecarlo", "--scheduler", address]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=60)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_without_dask_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'derive-init\[dask\]'"), cluster("tcp://127.0.0.1:1"):
        pass
