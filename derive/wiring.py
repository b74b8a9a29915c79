"""Which function does what: the one place where commands get their judge, their opponents and their evidence."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from importlib.resources import files
from typing import Literal

from derive import library, why
from derive.language.document import Statement
from derive.language.theorem import Theorem
from derive.report.check import Tools
from derive.report.effects import Training
from derive.report.note import Judge
from derive.report.produce import Made, MadePage, Makers
from derive.report.values import ExactModel, LedgerFact, Simulated
from derive.shelf import Shelf
from derive.verdict import Ablation, TheoremVerdict


def tools(*, explain: bool = False, evidence: bool = False) -> Tools:
    """Give what checking needs: no NumPy, and SymPy only where a report's derivation was written by it.

    explain: say of what is proved which weaker givens suffice. evidence: simulate again what a report measured.
    """
    judge = _judging(explain=explain)
    again = (_again, _why_again, _trained_again) if evidence else (None, None, None)
    texts = (lambda: symmetry_report()[0], museum_page, why_page)
    return Tools(judge, _exact, library.find, _ablate, _fact, prove, published, *texts, *again)


def makers(*, full: bool) -> Makers:
    """Give what the main job needs: the same tools, and those who derive and measure."""

    def measure(statement: Statement, verdict: TheoremVerdict) -> tuple[Simulated | None, str | None]:
        from derive.evidence import gather

        evidence = gather(statement, verdict, full=full)
        return (evidence.simulated, evidence.figure) if evidence else (None, None)

    return Makers(measure, tools())


Item = tuple[Literal["training", "theorem", "why page"], str]  # what is made, and its name


def made(*, full: bool) -> AbstractContextManager[Iterator[Made | MadePage | Training]]:
    """Give what was measured in training, then the library's reports in the order of their names, then the why pages.

    Each is a function of its source, whoever makes it and reads the source for it. Training goes first, as it takes
    longest.
    """
    from derive.processes import mapped  # which a check has no use for

    theorems: list[Item] = [("theorem", name) for name in library.names()]
    pages: list[Item] = [("why page", name) for name in why.names()]
    items: list[Item] = [("training", ""), *theorems, *pages]
    return mapped(partial(_make, full=full), items, count=len(items))


def _make(item: Item, *, full: bool) -> Made | MadePage | Training:
    from derive.report.produce import make

    kind, name = item
    if kind == "training":
        return trained(full=full)
    document = library.find(name) if kind == "theorem" else None
    return _make_page(name, full=full) if document is None else make(document, makers(full=full))


def _make_page(name: str, *, full: bool) -> MadePage:
    from derive.report.why import WhyError
    from derive.rules.figures import maps_figure
    from derive.why_measured import evidence

    found = evidence(name, full=full)
    maps = why.load(name).maps
    try:
        text = why_page(name, found.simulated)
    except WhyError as error:
        return MadePage(name, None, None, (str(error),))
    return MadePage(name, text, maps_figure(*maps) if maps else found.figure)


def prove(theorem: Theorem) -> Theorem | None:
    """Write out the derivation that a textbook would give; SymPy is imported here."""
    from derive.symbolic.textbook import with_proof

    return with_proof(theorem)


def published(name: str) -> str | None:
    """The digest of the simulated evidence of a theorem of the library, as this version publishes it."""
    text = (files("derive") / "published.toml").read_text(encoding="utf-8")
    return tomllib.loads(text).get(name)


def _again(statement: Statement, verdict: TheoremVerdict, simulated: Simulated) -> Simulated | None:
    from derive.evidence import gather

    evidence = gather(statement, verdict, full=simulated.command.endswith(" --full"))
    return evidence.simulated if evidence else None


def trained(*, full: bool) -> Training:
    """Train, and give what was measured with its figures; ``full`` needs the digits. NumPy is imported here."""
    from derive.training import gather

    return gather(full=full)


def _trained_again(full: bool) -> Simulated:
    return trained(full=full).simulated


def symmetry_report() -> tuple[str, tuple[str, ...]]:
    """The report on constant initialization, and what failed in it; SymPy is imported here."""
    from derive.report.symmetry import NAME, write_symmetry
    from derive.symbolic import symmetry, two_units

    statements = symmetry.statements()
    runs, control = tuple(map(two_units.outcome, two_units.RUNS)), two_units.outcome(two_units.CONTROL)
    failures = [f"{NAME}: SymPy does not find that {s.name}" for s in statements if not s.holds]
    failures += [f"{NAME}: the units did not stay equal: {r.run.name}" for r in runs if not all(r.twins)]
    failures += [f"{NAME}: the control's units stayed equal"] if all(control.alike) else []
    return write_symmetry(statements, runs, control, two_units.DATA), tuple(failures)


def museum_page() -> str:
    """Give the page of other people's derivations, decided. Raises ``MuseumError``."""
    from derive import museum
    from derive.report.museum import shown, write_museum

    return write_museum(shown(museum.load(), library.names(), _judging(explain=False)))


def why_page(name: str, simulated: Simulated) -> str:
    """Give a why page, its statements decided and its numbers certified. Raises ``WhyError``."""
    from derive.report.why import write_why
    from derive.rules.quantities import told

    page = why.load(name)
    return write_why(page, told(page.numbers), simulated, _judging(explain=False))


def _why_again(name: str, simulated: Simulated) -> Simulated:
    from derive.why_measured import gather

    return gather(name, full=simulated.command.endswith(" --full"))


def _judging(*, explain: bool) -> Judge:
    """Give a judge who judges what is cited once."""
    shelf = Shelf()

    def judge(statement: Statement, file: str) -> TheoremVerdict:
        from derive.decide import judge

        return judge(statement, file=file, explain=explain, shelf=shelf)

    return judge


def _exact(statement: Statement, verdict: TheoremVerdict) -> tuple[ExactModel, ...]:
    from derive.report.exact import exact_models

    return exact_models(statement, verdict)


def _ablate(statement: Statement) -> Ablation | None:
    from derive.ablation import ablate

    return ablate(statement)


def _fact(name: str) -> LedgerFact:
    from derive.kernel.ledger import fact

    entry = fact(name)
    return LedgerFact(name, entry.statement, entry.source)
