"""Which function does what: the one place where commands get their judge, their opponents and their evidence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial

from derive import library
from derive.language.document import Statement
from derive.language.theorem import Theorem
from derive.library import LibraryDocument
from derive.processes import mapped
from derive.report.check import Tools
from derive.report.produce import Made, Makers
from derive.report.values import ExactModel, LedgerFact, Simulated
from derive.verdict import Ablation, TheoremVerdict


def tools(*, explain: bool = False) -> Tools:
    """Give what checking needs: no SymPy, no NumPy. explain: say of what is proved which weaker givens suffice."""
    return Tools(partial(_judge, explain=explain), _exact, library.find, _ablate, _fact)


def makers(*, full: bool) -> Makers:
    """Give what the main job needs: the same tools, and those who derive and measure."""

    def measure(statement: Statement, verdict: TheoremVerdict) -> tuple[Simulated | None, str | None]:
        from derive.evidence import gather

        evidence = gather(statement, verdict, full=full)
        return (evidence.simulated, evidence.figure) if evidence else (None, None)

    return Makers(prove, measure, tools())


def made(documents: tuple[LibraryDocument, ...], *, full: bool) -> AbstractContextManager[Iterator[Made]]:
    """Give the reports of the documents in their order; a report is a function of its document, whoever makes it."""
    return mapped(partial(_make, full=full), documents, count=len(documents))


def _make(document: LibraryDocument, *, full: bool) -> Made:
    from derive.report.produce import make

    return make(document, makers(full=full))


def prove(theorem: Theorem) -> Theorem | None:
    """Write out the derivation that a textbook would give; SymPy is imported here."""
    from derive.symbolic.textbook import with_proof

    return with_proof(theorem)


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


def _judge(statement: Statement, file: str, *, explain: bool) -> TheoremVerdict:
    from derive.decide import judge

    return judge(statement, file=file, explain=explain)


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
