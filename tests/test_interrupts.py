"""Ctrl-C is one silent exit status, 130, as soon as Python has come to a line of ours.

Which module is being loaded when it comes is chosen here, so that nothing depends on how fast a machine is.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
# Interrupts itself where a module is looked for, in the middle of the module that wants it; or in a place like those
# where C and destructors lose exceptions.
INTERRUPTED = """
import os, runpy, sys

class Losing:
    def __del__(self):
        os.kill(os.getpid(), 2)

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            os.kill(os.getpid(), 2)
        elif "lost at " + name == wanted:
            Losing()

wanted, *sys.argv = sys.argv[1:]
sys.meta_path.insert(0, Finder())
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def interrupted_at(module: str, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, module, *words],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("module", ["signal", "enum", "typer", "numpy", "lost at numpy", "lost at typer"])
@pytest.mark.parametrize("words", [["montecarlo"], ["montecarlo", "train"]], ids=" ".join)
def test_montecarlo_ends_quietly_whatever_is_being_loaded(module: str, words: list[str]) -> None:
    assert interrupted_at(module, *words, "--networks" if words == ["montecarlo"] else "--steps", "1") == (130, "", "")


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("signal", ["rule", "gelu"]),
        ("enum", ["list"]),
        ("typing", ["check", "x.md"]),
        ("derive.commands", ["check", "x.md"]),
        ("typer", ["critical", "tanh"]),
        ("lost at typer", ["critical", "tanh"]),
        ("lost at derive.commands", ["check", "x.md"]),
        ("derive.rules", ["rule", "gelu"]),
        ("flint", ["rule", "gelu"]),
    ],
    ids=str,
)
def test_derive_ends_quietly_whatever_is_being_loaded(module: str, words: list[str]) -> None:
    assert interrupted_at(module, "derive", *words) == (130, "", "")


@pytest.mark.parametrize("package", ["derive", "montecarlo"])
def test_an_error_that_c_made_of_an_interrupt_is_an_interrupt(package: str) -> None:
    code = f"from {package}.__main__ import _told; e, f = SystemError('acb.integral'), SystemError('acb.integral')"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{code}; e.__cause__, f.__cause__ = f, KeyboardInterrupt(); raise SystemExit(_told(e))",
        ],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.parametrize("package", ["derive", "montecarlo"])
def test_an_ignored_interrupt_stays_ignored(package: str) -> None:
    """A shell starts what runs in the background so."""
    words = {"derive": ["list"], "montecarlo": ["--width", "2", "--depth", "1", "--delta", "0.9"]}[package]
    code = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{INTERRUPTED}"
    done = subprocess.run(
        [sys.executable, "-c", code, "typer", package, *words],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


DELAYS = (0.02, 0.04, 0.06, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["montecarlo", "--method", "dense", "--width", "512", "--depth", "50", "--networks", "9000", "--workers", "2"],
        ["montecarlo", "train", "--steps", "1000000"],
        ["derive", "--out", "."],
        ["derive", "rule", "z*sigmoid(z)", "--digits", "400"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_twenty_interrupts_between_the_start_and_a_second_and_a_half(words: list[str], tmp_path: Path) -> None:
    """Before Python comes to a line of ours it ends in its own way; a traceback that names a file of ours is none."""
    ended: list[int] = []
    for delay in DELAYS:
        with subprocess.Popen(
            [sys.executable, "-m", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
            cwd=tmp_path,
        ) as process:
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        ended.append(process.returncode)
        assert str(ROOT) not in said
        if process.returncode in {0, 130}:
            assert said in {"", "interrupted; nothing was written\n"}
    assert ended.count(130) >= len(DELAYS) // 2
    assert set(ended[ended.index(130) :]) <= {0, 130}
