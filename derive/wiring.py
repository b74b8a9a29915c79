"""Which function does what: the one place where commands get their judge, their opponents and their evidence."""

from __future__ import annotations

from derive import library
from derive.language.document import Statement
from derive.language.theorem import Theorem
from derive.report.check import Tools
from derive.report.produce import Makers
from derive.report.values import ExactModel, Simulated
from derive.verdict import TheoremVerdict


def tools() -> Tools:
    """Give what checking needs: no SymPy, no NumPy."""
    return Tools(_judge, _exact, library.find)


def makers(*, full: bool) -> Makers:
    """Give what the main job needs: the same judge, and those who derive and measure."""

    def measure(statement: Statement, verdict: TheoremVerdict) -> tuple[Simulated | None, str | None]:
        from derive.evidence import gather

        evidence = gather(statement, verdict, full=full)
        return (evidence.simulated, evidence.figure) if evidence else (None, None)

    return Makers(prove, _judge, _exact, measure)


def prove(theorem: Theorem) -> Theorem | None:
    """Write out the derivation that a textbook would give; SymPy is imported here."""
    from derive.symbolic.textbook import with_proof

    return with_proof(theorem)


def _judge(statement: Statement, file: str) -> TheoremVerdict:
    from derive.decide import judge

    return judge(statement, file=file)


def _exact(statement: Statement, verdict: TheoremVerdict) -> tuple[ExactModel, ...]:
    from derive.report.exact import exact_models

    return exact_models(statement, verdict)
