"""Work in several processes: the same results in the same order, and nobody left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from derive import processes
from derive.processes import mapped

SLEEPER = """
import os, sys, time
from derive.processes import mapped

def work(k):
    print(os.getpid(), flush=True)
    time.sleep(600)

if __name__ == "__main__":
    with mapped(work, range(2), count=2) as results:
        list(results)
"""


def square(k: int) -> int:
    if k < 0:
        raise ValueError(k)
    return k * k


@pytest.mark.parametrize("cores", [1, 2])
def test_results_come_in_order_whoever_makes_them(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes.os, "cpu_count", lambda: cores)
    with mapped(square, range(5), count=5) as results:
        assert list(results) == [0, 1, 4, 9, 16]


def test_an_error_in_a_process_arrives_and_ends_the_others() -> None:
    with pytest.raises(ValueError, match="-1"), mapped(square, [1, -1, 2], count=3) as results:
        list(results)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_one_that_asked(how: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "sleeper.py"
    script.write_text(SLEEPER, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, str(script)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
    ) as parent:
        assert parent.stdout is not None
        workers = [int(parent.stdout.readline()) for _ in range(2)]
        parent.send_signal(how)
        parent.wait(20)
        deadline = time.monotonic() + 20
        while any(map(_alive, workers)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(map(_alive, workers))


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False
