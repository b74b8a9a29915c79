"""The machinery of mutation testing works, and the tests catch what they have to."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

from tests.mutation.operators import changes
from tests.mutation.run import SAMPLE, SEED, equivalents, in_a_copy
from tests.mutation.sampling import MUTATED, mutants, sample
from tests.planting import ROOT

MOST_EXCUSED = 0.05


def changed(source: str) -> set[str]:
    return {change.text for change in changes(ast.parse(source))}


@pytest.mark.parametrize(
    ("source", "into"),
    [
        ("x = a < b", {"a <= b", "a >= b"}),
        ("x = a == b", {"a != b"}),
        ("x = a - b", {"a + b"}),
        ("x = not a", {"a"}),
        ("x = a and b", {"a or b", "a", "b"}),
        ("x = a if c else b", {"b if c else a", "not c"}),
        ("x = 2", {"3", "1"}),
        ("x = True", {"False"}),
        ("x = a[b:]", {"a[:]"}),
        ("x = min(a)", {"max(a)"}),
        ("x = f(a, b)", {"f(b, a)"}),
        ("x = [a for a in b if c]", {"[a for a in b]"}),
        ("raise E('no')", {"pass"}),
        ("def f() -> bool:\n    return g", {"return not (g)"}),
        ("def f() -> tuple[int, ...]:\n    return g", {"return ()"}),
        ("def f() -> int:\n    return g", {"return None"}),
        ("MOST_STEPS = 2", set()),
        ("x: Literal[2] = f'{2}'", set()),
        ("x = 40_000", set()),
        ("x = zip(a, b, strict=True)", set()),
    ],
)
def test_what_a_source_may_become(source: str, into: set[str]) -> None:
    assert changed(source) == into


def test_a_mutant_changes_its_place_and_moves_no_other_line() -> None:
    for file in MUTATED:
        before = (ROOT / file).read_text(encoding="utf-8").splitlines()
        for mutant in list(mutants(file))[::200]:
            after = mutant.text().splitlines()
            first, _, last, _ = mutant.place
            ast.parse(mutant.text())
            assert after[: first - 1] == before[: first - 1]
            assert after[last:] == before[last:]


def test_no_two_mutants_are_called_the_same() -> None:
    every = [m.key for file in MUTATED for m in mutants(file)]
    assert len(set(every)) == len(every) > 5_000


def test_a_sample_is_of_its_size_reproducible_and_takes_from_every_file() -> None:
    chosen = sample(SAMPLE, seed=SEED)
    assert chosen == sample(SAMPLE, seed=SEED) != sample(SAMPLE, seed=SEED + 1)
    assert len({m.key for m in chosen}) == len(chosen) == SAMPLE
    assert {m.file for m in chosen} == {file for file in MUTATED if next(mutants(file), None)}


def test_each_excused_mutant_is_one_of_the_sample_and_has_an_argument() -> None:
    """Excuses that nobody needs any more are to be deleted, and there may not be many."""
    excused = equivalents()
    assert excused.keys() <= {m.key for m in sample(SAMPLE, seed=SEED)}
    assert len(excused) <= MOST_EXCUSED * SAMPLE
    assert all(len(argument.split()) >= 15 for argument in excused.values())


def test_mutants_are_caught_in_a_running_process_by_tests_that_look_and_not_by_others() -> None:
    """The same few mutants of what is independent, under tests of the kernel and under tests of the reader."""
    for tests, status in (("tests/kernel/test_conditional.py", "caught"), ("tests/language/test_scope.py", "survived")):
        command = [
            sys.executable,
            "-m",
            "tests.mutation",
            "--sample",
            "400",
            "--only",
            "kernel/independence",
            "--seed",
            "1",
        ]
        done = subprocess.run([*command, tests], capture_output=True, text=True, check=False, cwd=ROOT)
        words = re.findall(r"^    (caught|timed out|equivalent|survived)", done.stdout, flags=re.MULTILINE)
        assert status in words, done.stdout + done.stderr
        assert done.returncode == int("survived" in words)


def test_a_mutant_that_is_executed_at_import_is_caught_in_a_copy() -> None:
    every = mutants("derive/referee/pools.py")
    mutant = next(m for m in every if m.line.startswith("table(") and m.after == "Fraction(2, 1)")
    fate = in_a_copy(mutant, ["tests/referee/test_fine_print.py::test_the_root_of_a_square_is_exact"])
    assert fate.word == "caught"


@pytest.mark.slow
def test_of_the_sampled_mutants_all_are_caught_but_one_in_twenty_that_change_nothing() -> None:
    """Of at least 100 mutants of kernel, referee, decide and parser, at most 5 % are excused, the others are caught."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutation"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    print(done.stdout[-6000:])
    assert SAMPLE >= 100
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
