"""How long `check` takes for one document of fifty theorems, their proofs spelled out.

    python -m tests.benchmarks.fifty_theorems

The document holds the library, each theorem with the derivation that a textbook gives, and the examples of the tests,
true and false ones. Printed are the seconds of the whole process and the milliseconds for each link.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from derive import library, wiring
from derive.language.document import Statement, read_document
from derive.language.printer import theorem_text
from derive.report.produce import with_proof

ROOT = Path(__file__).resolve().parents[2]
THEOREMS = 50


def document() -> str:
    """Markdown with fifty theorems."""
    texts = [theorem_text(with_proof(each, wiring.prove).theorem) for each in library.load()]
    for path in sorted((ROOT / "tests" / "examples").glob("*.md")):
        parts = read_document(path.read_text(encoding="utf-8"))
        texts += [theorem_text(p.theorem) for p in parts if isinstance(p, Statement) and p.name != "contradiction"]
    named = (re.sub(r"\Atheorem (\S+)", rf"theorem t{k}-\1", text) for k, text in enumerate(texts[:THEOREMS]))
    return "".join(f"```derive\n{text.rstrip()}\n```\n\n" for text in named)


def seconds_of_process(path: Path) -> tuple[float, float]:
    """The wall clock's and the processor's seconds of one `check` of a file."""
    import resource

    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "derive", "check", str(path)], cwd=ROOT, capture_output=True, check=False
    )
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in {0, 1}:
        raise RuntimeError(done.stderr.decode())
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def milliseconds_of_links(text: str) -> list[tuple[float, str]]:
    """The processor's milliseconds for each link of each theorem, as part of its theorem."""
    from derive.decide import judge_step
    from derive.kernel.shelves import Shelves

    found: list[tuple[float, str]] = []
    for part in read_document(text):
        if isinstance(part, Statement):
            shelves = Shelves()
            for step in part.problem.steps:
                begun = time.process_time()
                judge_step(part, step, shelves)
                found.append((1000 * (time.process_time() - begun), f"{part.name}, link {step.index}"))
    return found


def main() -> None:
    """Measure, print."""
    text = document()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fifty.md"
        path.write_text(text, encoding="utf-8")
        runs = [seconds_of_process(path) for _ in range(3)]
    links = milliseconds_of_links(text)
    wall, processor = min(w for w, _ in runs), min(p for _, p in runs)
    print(f"{THEOREMS} theorems, {len(links)} links: {wall:.2f} s as a process, {processor:.2f} s of the processor")
    print(f"a link: median {statistics.median(t for t, _ in links):.1f} ms; the slowest:")
    for milliseconds, name in sorted(links, reverse=True)[:5]:
        print(f"  {milliseconds:6.1f} ms  {name}")


if __name__ == "__main__":
    main()
