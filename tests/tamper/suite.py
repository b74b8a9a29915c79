"""The suite: what is tried, in chunks that any number of processes may take, and what came of it.

Every change is a function of its number alone, so the result is the same however the work is divided.
"""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from derive.language.printer import theorem_text
from tests.tamper.byte_changes import CHANGES as BYTE_CHANGES
from tests.tamper.checkers import Checker
from tests.tamper.derivation_changes import CHANGES, FATAL
from tests.tamper.harmless import HARMLESS
from tests.tamper.oracle import falsehood
from tests.tamper.report_changes import FORGERIES, fresh_report
from tests.tamper.subjects import Document, as_document, generated, kind_of, read, statements

SEED = 4
MOST_SECONDS = 1.0  # for a changed generated text


@dataclass(frozen=True, slots=True)
class Fault:
    """A change that the checker answered wrongly: how to make it again, and what is wrong with the answer."""

    family: str
    number: int
    kind: str
    path: str
    what: str
    data: bytes = field(repr=False, default=b"")


@dataclass(slots=True)
class Result:
    """How many changes of each kind were tried and how many of them were accepted, and what went wrong."""

    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    accepted: Counter[tuple[str, str]] = field(default_factory=Counter)
    words: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    slowest: dict[str, tuple[float, str]] = field(default_factory=dict)
    late: int = 0

    def add(self, other: Result) -> None:
        """Put another part of the work to this one."""
        self.tried += other.tried
        self.accepted += other.accepted
        self.words += other.words
        self.faults += other.faults
        self.late += other.late
        for family, found in other.slowest.items():
            self.slowest[family] = max(self.slowest.get(family, (0.0, "")), found)

    def of(self, family: str) -> int:
        """How many of a family were tried."""
        return sum(n for (f, _), n in self.tried.items() if f == family)

    def table(self) -> str:
        """Counts by kind."""
        lines = [f"{'family':<12} {'kind':<44} {'tried':>7} {'accepted':>9}"]
        for (family, kind), n in sorted(self.tried.items()):
            lines.append(f"{family:<12} {kind:<44} {n:>7} {self.accepted[family, kind]:>9}")
        for family in FAMILIES:
            words = ", ".join(f"{n} {w}" for (f, w), n in sorted(self.words.items()) if f == family)
            seconds, where = self.slowest.get(family, (0.0, ""))
            lines.append(f"{family}: {self.of(family)} tried ({words}); slowest {seconds:.2f} s, {where}")
        lines.append(f"{self.late} changed generated texts took more than {MOST_SECONDS} s")
        lines += [f"FAULT {f}" for f in self.faults]
        return "\n".join(lines)


Documents = tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A changed file, and what has to come of it: ``accepted``, ``refused``, or what the referee says."""

    kind: str
    document: Document
    wanted: str


# --- families of attempts -------------------------------------------------------------------------------------------


def random_bytes(rng: Random, among: Documents) -> Attempt | None:
    """A generated text with bytes changed, as they come."""
    document, kind = rng.choice(among), rng.choice(list(BYTE_CHANGES))
    data = BYTE_CHANGES[kind](document.data, rng)
    if data.rstrip(b"\r\n") == document.data.rstrip(b"\r\n"):
        return None
    return Attempt(kind, replace(document, data=data), "refused")


def forgeries(rng: Random, among: Documents) -> Attempt | None:
    """A generated text changed with its digests written anew."""
    document, kind = rng.choice(among), rng.choice(list(FORGERIES))
    forged = FORGERIES[kind](document, rng)
    if forged is None or forged.data.rstrip(b"\r\n") == document.data.rstrip(b"\r\n"):
        return None
    return Attempt(kind, forged, "refused")


def derivations(rng: Random, _: Documents) -> Attempt | None:
    """A document whose theorem was changed; one that is still well-formed, if a few draws give one."""
    statement = min(rng.sample(statements(), 2), key=lambda s: len(s.text))  # short ones more often: they are quick
    kind = rng.choice(list(CHANGES))
    for _ in range(8):
        changed = CHANGES[kind](statement.theorem, rng)
        text = changed if isinstance(changed, str) or changed is None else theorem_text(changed)
        if text is None or text == theorem_text(statement.theorem):
            return None
        if kind in FATAL or read(text) is not None:
            return Attempt(kind, as_document(text), "refused" if kind in FATAL else "true")
    return None


def harmless(rng: Random, among: Documents) -> Attempt | None:
    """What has to be accepted."""
    if rng.random() < 0.1:
        fresh = fresh_report(rng)
        return None if fresh is None else Attempt("report of a new theorem", fresh, "accepted")
    if rng.random() < 0.2:
        document = rng.choice([d for d in among if kind_of(d) == "report"])
        ends = rng.choice((b"", b"\n", b"\r\n", b"\n\n\n"))
        return Attempt("generated", replace(document, data=document.data.rstrip(b"\n") + ends), "accepted")
    statement = min(rng.sample(statements(), 2), key=lambda s: len(s.text))
    kind = rng.choice(list(HARMLESS))
    return Attempt(kind, HARMLESS[kind](statement, rng), "accepted")


FAMILIES = {"bytes": random_bytes, "forgeries": forgeries, "derivations": derivations, "harmless": harmless}


# --- running --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chunk:
    """Attempts of a family, by their numbers; ``names``: on these generated texts, on all if there are none."""

    family: str
    first: int
    count: int
    names: tuple[str, ...] = ()


def chunks(counts: dict[str, int], size: int) -> list[Chunk]:
    """The work in parts; a family's attempts are numbered from 0 on."""
    return [
        Chunk(family, first, min(size, count - first))
        for family, count in counts.items()
        for first in range(0, count, size)
    ]


def attempt(family: str, number: int, names: tuple[str, ...] = ()) -> Attempt:
    """The attempt of a number: drawn until a change is found that changes something."""
    among = tuple(d for d in generated() if not names or Path(d.path).stem in names)
    for turn in range(1000):
        found = FAMILIES[family](Random(f"{SEED}:{family}:{number}:{turn}"), among)
        if found is not None:
            return found
    raise ValueError(f"no change for {family} {number}")


def run(checker: Checker, chunk: Chunk, *, stop_at: int | None = None) -> Result:
    """Try the attempts of a chunk; ``stop_at`` ends after so many faults."""
    result = Result()
    for number in range(chunk.first, chunk.first + chunk.count):
        tried = attempt(chunk.family, number, chunk.names)
        begun = time.perf_counter()
        try:
            word = checker(tried.document)
            wrong = next(_wrong(tried, word), None)
        except Exception:
            word, wrong = "traceback", traceback.format_exc(limit=-3)
        _note(result, chunk.family, tried, word, time.perf_counter() - begun)
        if wrong is not None:
            found = Fault(chunk.family, number, tried.kind, tried.document.path, wrong, tried.document.data)
            result.faults.append(found)
            if stop_at is not None and len(result.faults) >= stop_at:
                break
    return result


def _note(result: Result, family: str, tried: Attempt, word: str, seconds: float) -> None:
    result.tried[family, tried.kind] += 1
    result.words[family, word] += 1
    result.accepted[family, tried.kind] += word == "proved"
    result.late += family == "bytes" and seconds > MOST_SECONDS
    slowest = (seconds, f"{tried.kind}, {tried.document.path.rsplit('/', 1)[-1]}")
    result.slowest[family] = max(result.slowest.get(family, (0.0, "")), slowest)


def _wrong(tried: Attempt, word: str) -> Iterator[str]:
    if word == "proved" and tried.wanted == "refused":
        yield "accepted"
    if word != "proved" and tried.wanted == "accepted":
        yield f"{word}, but true"
    if word == "proved" and tried.wanted == "true":
        false = falsehood(tried.document.data)
        if false is not None:
            yield f"accepted, but {false}"
