"""Run mutants, and say what became of them: caught by a failing test, timed out, excused as equivalent, or survived.

A program of our own, because the tools there are (mutmut, cosmic-ray) draw no sample by a seed and number their
mutants, so that the argument why one is equivalent would not survive an edit.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from tests.mutation.probes import plant
from tests.mutation.sampling import Mutant
from tests.mutation.session import Reach, Session
from tests.planting import ROOT, planted, run_pytest

SAMPLE = 160
SEED = 4
WORDS = ("caught", "timed out", "equivalent", "survived")
TESTS = (  # what decides these mutants quickly; the long property tests and the library come on top in the suite
    *(f"tests/kernel/test_{name}.py" for name in ("conditional", "depth", "fine_print", "functions_of_sums")),
    *(f"tests/kernel/test_{name}.py" for name in ("images", "judgements", "misleading")),
    *(f"tests/kernel/test_{name}.py" for name in ("edges", "products_and_squares", "readout")),
    *(f"tests/kernel/test_{name}.py" for name in ("residuals", "shelves", "signs")),
    "tests/referee",
    *(f"tests/language/test_{name}.py" for name in ("documents", "fine_print", "scope")),
    "tests/gaussian/test_documents.py",
    "tests/test_citations_refused.py", "tests/test_work_ends.py",
    "tests/test_decide.py", "tests/test_decide_fine_print.py", "tests/test_examples.py", "tests/test_missing.py",
)  # fmt: skip
QUIET = ("-q", "-s", "-p", "no:cacheprovider", "-p", "tests.mutation.profile", "--no-header", "--no-summary")


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant, and the test that caught it or the argument that excuses it."""

    word: str
    by: str = ""

    def __str__(self) -> str:
        return f"{self.word}: {self.by}" if self.by else self.word


def equivalents() -> dict[tuple[str, str, str, str, str, int], str]:
    """The mutants that change nothing, each with the argument why."""
    data = tomllib.loads((ROOT / "tests" / "mutation" / "equivalents.toml").read_text(encoding="utf-8"))
    fields = ("file", "scope", "line", "before", "after")
    return {(*(e[f] for f in fields), e.get("nth", 1)): e["argument"] for e in data.get("mutant", [])}


def run(chosen: Sequence[Mutant], show: Callable[[Mutant, Fate], None], *, tests: Sequence[str] = TESTS) -> list[Fate]:
    """The fates of mutants, each told to ``show`` as soon as it is known. Once a process: it imports the project."""
    reached = plant(chosen)
    fates: list[Fate] = []
    excused = equivalents()

    def all_mutants(session: Session) -> None:
        reach = session.measure()
        for number, mutant in enumerate(chosen):
            fate = _fate(session, reach, mutant, number)
            if fate.word == "survived" and mutant.key in excused:
                fate = Fate("equivalent", excused[mutant.key])
            show(mutant, fate)
            fates.append(fate)

    status = pytest.main([*QUIET, *tests], plugins=[Session(reached, all_mutants)])
    if len(fates) < len(chosen):
        raise SystemExit(f"pytest ended with status {status}")
    return fates


def _fate(session: Session, reach: Reach, mutant: Mutant, number: int) -> Fate:
    tests = reach.of(number, mutant)
    word, test = session.fate(mutant, tests, reach) if tests else ("survived", "no test comes by")
    if word == "not planted":
        return in_a_copy(mutant, tests)
    return Fate(word, test or f"{len(tests)} tests come by")


def in_a_copy(mutant: Mutant, tests: Sequence[str]) -> Fate:
    """Plant the mutant in a copy of the project instead of a running process: for what is executed at import."""
    with planted({mutant.file: mutant.text()}) as copy:
        done = run_pytest(copy, ["-x", "-p", "tests.mutation.profile", *tests])
    if done.returncode == 0:
        return Fate("survived", f"{len(tests)} tests in a copy")
    found = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", done.stdout, flags=re.MULTILINE)
    if done.returncode not in {1, 2, 4} or not found:
        raise SystemExit(f"{mutant}: pytest ended with status {done.returncode}\n{done.stdout}{done.stderr}")
    return Fate("caught", found[1])


def summary(chosen: Sequence[Mutant], fates: Sequence[Fate]) -> str:
    """Counts by file, by operator and by the file of the test that caught; then the mutants that no test failed on."""
    rows = [_counts("file", [m.file for m in chosen], fates), _counts("operator", [m.operator for m in chosen], fates)]
    caught = Counter(f.by.split("::")[0] for f in fates if f.word == "caught")
    rows.append("caught by\n" + "\n".join(f"{n:6} {name}" for name, n in caught.most_common()))
    rows += [f"{m}\n    {f}" for m, f in zip(chosen, fates, strict=True) if f.word != "caught"]
    return "\n\n".join(rows)


def _counts(head: str, labels: Sequence[str], fates: Sequence[Fate]) -> str:
    table = Counter(zip(labels, (f.word for f in fates), strict=True))
    width = max(map(len, (*labels, head)))
    lines = [f"{head:<{width}}" + "".join(f"{w:>12}" for w in WORDS)]
    lines += [f"{x:<{width}}" + "".join(f"{table[x, w]:12}" for w in WORDS) for x in sorted(set(labels))]
    every = Counter(f.word for f in fates)
    return "\n".join([*lines, f"{'all':<{width}}" + "".join(f"{every[w]:12}" for w in WORDS)])
