"""Which mutants there are, and a sample of them: by file in proportion, within a file by operators in turn.

Among equals a hash of seed and change decides. It sees what a mutant changes and not where it stands, so that an edit
elsewhere leaves the sample as it is.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from tests.mutation.operators import changes
from tests.planting import ROOT

MUTATED = (
    *sorted(p.relative_to(ROOT).as_posix() for p in ROOT.glob("derive/kernel/*.py")),
    *sorted(p.relative_to(ROOT).as_posix() for p in ROOT.glob("derive/referee/*.py")),
    "derive/decide.py",
    *(f"derive/language/{name}.py" for name in ("builder", "document", "parser", "scope", "tokens")),
)

# A place in a file: first line, column in bytes, last line, column in bytes.
Place = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change at a place of a file; ``line`` is the text of the line where it begins, ``nth`` tells twins apart."""

    file: str
    scope: str
    line: str
    before: str
    after: str
    nth: int
    operator: str
    place: Place
    statement: bool

    @property
    def inside(self) -> bool:
        """Whether the change stands in a function (or class), so that a test has to come by for it to matter."""
        return bool(self.scope)

    @property
    def key(self) -> tuple[str, str, str, str, str, int]:
        """What the mutant is, wherever it stands."""
        return (self.file, self.scope, self.line, self.before, self.after, self.nth)

    def text(self) -> str:
        """The file's text with the change."""
        first, start, last, end = self.place
        lines = (ROOT / self.file).read_bytes().splitlines(keepends=True)
        kept = "\n" * (last - first)  # what stands below keeps its line
        new = self.after + kept if self.statement else f"({self.after}{kept})"
        changed = lines[first - 1][:start] + new.encode() + lines[last - 1][end:]
        return b"".join([*lines[: first - 1], changed, *lines[last:]]).decode()

    def __str__(self) -> str:
        """One line that a reader can find in the source."""
        twin = f" ({self.nth})" if self.nth > 1 else ""
        return f"{self.file}:{self.place[0]} {self.scope}{twin}: {self.before}  ->  {self.after}"


def mutants(file: str) -> Iterator[Mutant]:
    """All mutants of a file, in the order of the source."""
    source = (ROOT / file).read_text(encoding="utf-8")
    lines = source.encode().splitlines(keepends=True)
    seen: Counter[tuple[str, str, str, str]] = Counter()
    for change in changes(ast.parse(source)):
        node = change.node
        place = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
        before = " ".join(_segment(lines, place).decode().split())
        line = lines[node.lineno - 1].decode().strip()
        alike = (change.scope, line, before, change.text)
        seen[alike] += 1
        statement = isinstance(node, ast.stmt)
        yield Mutant(file, *alike, seen[alike], change.operator, place, statement)


def _segment(lines: list[bytes], place: Place) -> bytes:
    """The text at a place; much quicker than ``ast.get_source_segment``, which splits the source each time."""
    first, start, last, end = place
    if first == last:
        return lines[first - 1][start:end]
    return b"".join([lines[first - 1][start:], *lines[first : last - 1], lines[last - 1][:end]])


def sample(count: int, *, seed: int) -> list[Mutant]:
    """A sample of mutants in which each file has its share (largest remainders) of all of them, at least one."""
    every = {
        file: found for file in MUTATED if (found := _in_turn(sorted(mutants(file), key=lambda m: _rank(m, seed))))
    }
    total = sum(map(len, every.values()))
    share = {file: max(1, count * len(found) // total) for file, found in every.items()}
    for file in sorted(every, key=lambda f: (-(count * len(every[f]) % total), f)):
        share[file] += sum(share.values()) < count
    return [mutant for file, found in every.items() for mutant in found[: share[file]]]


def _in_turn(ranked: list[Mutant]) -> list[Mutant]:
    """One of each operator, then another one of each, and so on: swapped arguments alone are a fifth of all."""
    before: Counter[str] = Counter()
    rounds: list[int] = []
    for mutant in ranked:
        rounds.append(before[mutant.operator])
        before[mutant.operator] += 1
    return [mutant for _, mutant in sorted(zip(rounds, ranked, strict=True), key=lambda pair: pair[0])]


def _rank(mutant: Mutant, seed: int) -> str:
    return sha256(repr((seed, mutant.key)).encode()).hexdigest()
