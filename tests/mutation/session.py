"""One pytest session for all mutants: tests are collected once, then each mutant lives in a forked child of its own.

The child plants its mutant, runs the tests that come by it, quickest first, and reports the first that fails. A test
that takes more than ten times its usual processor time (and five seconds) is ended. That counts as caught, since a hang
would be noticed, but is reported as ``timed out``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.patching import memories, patch
from tests.mutation.probes import Reached
from tests.mutation.sampling import Mutant

MOST_SECONDS = 10.0


@dataclass
class Reach:
    """Processor time of each test in seconds, and which tests reach a mutant's place, by its number."""

    seconds: dict[str, float] = field(default_factory=dict)
    tests: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def of(self, number: int, mutant: Mutant) -> list[str]:
        """The tests that evaluate the mutant's place (all tests, if it is evaluated at import), quickest first.

        Of these as many as usually take ``MOST_SECONDS`` together.
        """
        reached = self.tests.get(str(number), []) if mutant.inside else list(self.seconds)
        ranked = sorted(reached, key=lambda test: (self.seconds[test], test))
        spent = accumulate(self.seconds[test] for test in ranked)
        return [test for test, total in zip(ranked, spent, strict=True) if total <= MOST_SECONDS]


class Session:
    """The plugin that replaces pytest's loop over the tests."""

    def __init__(self, reached: Reached, then: Callable[[Session], None]) -> None:
        self.reached = reached
        self.then = then
        self.items: dict[str, pytest.Item] = {}
        self.failed: list[str] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Hand over once everything is collected."""
        self.items = {item.nodeid: item for item in session.items}
        self.then(self)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what failed."""
        if report.failed:
            self.failed.append(report.nodeid)

    def measure(self) -> Reach:
        """Run all tests without a mutant and note what each reaches."""

        def all_tests(_say: Callable[[str], None]) -> list[Any]:
            rows: list[Any] = []
            remembered = memories()
            for name, item in self.items.items():
                for memory in remembered:
                    memory.cache_clear()
                self.reached.taken()
                before = time.process_time()
                self._run(item)
                rows.append((name, time.process_time() - before, self.reached.taken()))
            return [self.failed, rows]

        failed, rows = _in_a_child(all_tests)
        if failed:
            raise pytest.UsageError(f"these tests fail without a mutant: {failed}")
        reach = Reach()
        for name, seconds, reached in rows:
            reach.seconds[name] = seconds
            for what in reached:
                reach.tests[what].append(name)
        return reach

    def fate(self, mutant: Mutant, tests: list[str], reach: Reach) -> tuple[str, str]:
        """(caught, test), (timed out, test), (survived, "") or (not planted, "")."""

        def until_one_fails(say: Callable[[str], None]) -> list[str]:
            if not patch(mutant):
                return ["not planted", ""]
            for name in tests:
                say(json.dumps(["timed out", name]))
                signal.setitimer(signal.ITIMER_PROF, 10 * reach.seconds[name] + 5)
                self._run(self.items[name])
                if self.failed:
                    return ["caught", name]
            return ["survived", ""]

        word, test = _in_a_child(until_one_fails)
        return word, test

    def _run(self, item: pytest.Item) -> None:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


def _in_a_child(work: Callable[[Callable[[str], None]], Any]) -> Any:
    """What the work returns in a forked child, or what it last said if the child was killed by its timer."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer"
        child = os.fork()
        if child == 0:
            _answer(work, answer)
        _, status = os.waitpid(child, 0)
        if status not in {0, signal.SIGPROF}:
            raise RuntimeError(f"a child ended with status {status}")
        return json.loads(answer.read_text(encoding="utf-8"))


def _answer(work: Callable[[Callable[[str], None]], Any], answer: Path) -> None:
    """Work in the child, silently, and leave without the parent's way out."""
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        result = work(lambda text: answer.write_text(text, encoding="utf-8") and None)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answer.write_text(json.dumps(result), encoding="utf-8")
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
