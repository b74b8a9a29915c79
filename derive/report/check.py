"""Checking a report: decide what its block says, compute its exact evidence, write it again, compare the whole text.

A report that bears the name of a library's theorem has to be the library's: its block is the library's statement with
the derivation that is written for it here. What was simulated is compared by its digest with what this version
publishes, or simulated again; figures that are neither leave the report undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from derive.language.document import Malformed, Statement, read_document
from derive.language.printer import theorem_text
from derive.library import LibraryDocument
from derive.report.comparing import compared, refused
from derive.report.museum import MuseumError
from derive.report.note import Judge, Knowledge, NoteError, judged, rows
from derive.report.note_text import write_note
from derive.report.values import SEAL, Aside, ExactModel, LedgerFact, NotEvidence, Report, Simulated, unseal
from derive.report.write import write, write_summary
from derive.report.written_out import Prover, answered, question, with_proof
from derive.verdict import Ablation, TheoremVerdict

Exact = Callable[[Statement, TheoremVerdict], tuple[ExactModel, ...]]
Library = Callable[[str], LibraryDocument | None]
Again = Callable[[Statement, TheoremVerdict, Simulated], Simulated | None]

RUN_AGAIN = "simulated networks: run again, with the same figures"
NOT_RUN_AGAIN = "simulated networks: not run again; their digest is the published one (`--evidence` runs them)"


@dataclass(frozen=True, slots=True)
class Tools:
    """Who decides, computes exact models and ablates, and where the library's documents and the ledger's facts are.

    prove: who writes a derivation out. published: the digest of the simulated evidence that belongs to a theorem of
    the library, None for a theorem that has none. symmetry, museum: the texts of the report on constant
    initialization and of the museum's page. again: who simulates again what a report says was simulated;
    trains: who trains again, with `--full` or without.
    """

    judge: Judge
    exact: Exact
    library: Library
    ablate: Callable[[Statement], Ablation | None]
    fact: Callable[[str], LedgerFact]
    prove: Prover
    published: Callable[[str], str | None]
    symmetry: Callable[[], str]
    museum: Callable[[], str]
    again: Again | None = None
    trains: Callable[[bool], Simulated] | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking a report: the verdict, and the report as it should be where one could be made."""

    verdict: TheoremVerdict
    report: Report | None = None


def check_report(text: str, *, file: str, tools: Tools) -> Checked:
    """The verdict on a report's theorem, or an ``error`` if anything in the report is not as it would be written.

    ``unknown`` where the report is as it should be, but for simulated figures that are not the published ones.
    """
    statements: list[Statement] = []
    for part in read_document(text):
        if isinstance(part, Malformed):
            return Checked(_error_of(part, file))
        statements.append(part)
    statement, beside = statements[-1], tuple(statements[:-1])
    ours = tools.library(statement.name)
    foreign = _foreign(statement, beside, ours, tools.prove)
    if foreign is not None:
        return Checked(refused(file, statement.name, text, *foreign))
    try:
        simulated = _simulated(text, statement.name, tools)
    except NotEvidence as error:
        line = next((k for k, each in enumerate(text.split("\n"), 1) if SEAL.rstrip() in each), 1)
        return Checked(refused(file, statement.name, text, line, str(error)))
    verdict = tools.judge(statement, file)
    if verdict.verdict == "error":
        return Checked(verdict)
    report = compose(statement, verdict, ours, simulated, tools, beside=beside)
    wrong = compared(text, write(report), file=file, name=statement.name)
    return Checked(wrong) if wrong is not None else _evidence(report, statement, text, file, tools)


def _foreign(
    statement: Statement, beside: tuple[Statement, ...], ours: LibraryDocument | None, prove: Prover
) -> tuple[int, str] | None:
    """The line and the reason if a report says something else than the library; only a library's has company."""
    if ours is None:
        return (statement.first_line, "a report holds one theorem") if beside else None
    wanted = [theorem_text(c.statement.theorem) for c in ours.beside]
    for k, other in enumerate(beside):
        if k >= len(wanted) or theorem_text(other.theorem) != wanted[k]:
            return other.first_line, f"the library's `{statement.name}` has another statement beside it here"
    if len(beside) < len(wanted):
        return statement.first_line, f"statements of the library's `{statement.name}` are missing beside it"
    if not _same_question(statement, ours):
        return statement.first_line, f"this is not what the library's `{statement.name}` says"
    found = theorem_text(statement.theorem).split("\n")
    expected = theorem_text(with_proof(ours, prove).theorem).split("\n")
    if found == expected:
        return None
    pairs = enumerate(zip(found, expected, strict=False))
    line = next((k for k, (a, b) in pairs if a != b), min(len(found), len(expected)) - 1)
    said = f"the derivation of the library's `{statement.name}` is another one; here it says: {expected[line].strip()}"
    return statement.first_line + line, said


def _same_question(statement: Statement, ours: LibraryDocument) -> bool:
    """Whether givens, definitions and claim are the library's, which is known without writing the derivation out."""
    theorem, library = statement.theorem, ours.statement.theorem
    claim = theorem.claim if question(statement, ours) is not None else library.claim
    return theorem_text(theorem) == theorem_text(replace(library, claim=claim, by=theorem.by, proof=theorem.proof))


def compose(
    statement: Statement,
    verdict: TheoremVerdict,
    ours: LibraryDocument | None,
    simulated: Simulated | None,
    tools: Tools,
    *,
    beside: tuple[Statement, ...],
) -> Report:
    """The report of a judged theorem; only the library's theorems have a title, prose and company."""
    verdict = verdict if ours is None else answered(verdict, statement, ours)
    companions = zip(ours.beside if ours else (), beside, strict=False)
    # judged where it stands in the library, behind the theorem, which it may cite; in the report it stands before it
    around = tuple(Aside(c.prose, s.theorem, tools.judge(c.statement, verdict.file), c.expected) for c, s in companions)
    return Report(
        theorem=statement.theorem,
        verdict=verdict,
        title=ours.title if ours else statement.name,
        prose=ours.prose if ours else "",
        exact=tools.exact(statement, verdict),
        simulated=simulated,
        question=question(statement, ours) if ours else None,
        ablation=tools.ablate(statement),
        facts=_facts((verdict, *(a.verdict for a in around)), tools.fact),
        beside=around,
        closing=ours.closing if ours else "",
    )


def _facts(verdicts: tuple[TheoremVerdict, ...], fact: Callable[[str], LedgerFact]) -> tuple[LedgerFact, ...]:
    """The facts that any link leaned on, each once, in the order in which they come."""
    names = dict.fromkeys(name for v in verdicts for step in v.steps for name in step.facts)
    return tuple(fact(name) for name in names)


def check_summary(
    text: str, *, file: str, reports: Mapping[str, Report], names: tuple[str, ...]
) -> TheoremVerdict | None:
    """None if a summary is what its reports and the library's names make it, else an ``error``."""
    absent = [name for name in names if name not in reports]
    if absent:
        return refused(file, None, text, 1, f"the report of `{absent[0]}` is missing beside it or not accepted")
    return compared(text, write_summary(tuple(reports[name] for name in names)), file=file, name=None)


def check_note(text: str, *, file: str, known: Knowledge, judge: Judge) -> TheoremVerdict | None:
    """None if the note is what its rows and the library make it, else an ``error``."""
    return _page(text, file, lambda: write_note(judged(rows(), known, judge)))


def check_museum(text: str, *, file: str, written: Callable[[], str]) -> TheoremVerdict | None:
    """None if the museum's page is what its exhibits, decided again by ``written``, make it, else an ``error``."""
    return _page(text, file, written)


def _page(text: str, file: str, written: Callable[[], str]) -> TheoremVerdict | None:
    try:
        expected = written()
    except (NoteError, MuseumError) as error:
        return refused(file, None, text, 1, str(error))
    return compared(text, expected, file=file, name=None)


# --- simulated evidence ------------------------------------------------------------------------------------------


def _simulated(text: str, name: str, tools: Tools) -> Simulated | None:
    """What a report says was simulated. Raises ``NotEvidence``, also for evidence that has no place, or is missing."""
    wanted = tools.published(name) is not None
    sealed = [line for line in text.split("\n") if SEAL.rstrip() in line]
    if not sealed:
        if wanted:
            raise NotEvidence(f"the simulated networks that belong to `{name}` are missing")
        return None
    if not wanted:
        raise NotEvidence(f"no simulated networks belong to `{name}`")
    if len(sealed) > 1 or not (sealed[0].startswith(SEAL) and sealed[0].endswith(" -->")):
        raise NotEvidence("the simulated evidence cannot be read")
    return unseal(sealed[0].removeprefix(SEAL).removesuffix(" -->"))


def _evidence(report: Report, statement: Statement, text: str, file: str, tools: Tools) -> Checked:
    """The verdict once the text is as it should be: what is left is whether its figures were really measured."""
    simulated, verdict = report.simulated, report.verdict
    if simulated is None:
        return Checked(verdict, report)
    if tools.again is not None:
        again = tools.again(statement, verdict, simulated)
        if again == simulated:
            return Checked(replace(verdict, evidence=RUN_AGAIN), report)
        line = next(k for k, each in enumerate(text.split("\n"), 1) if each.startswith(SEAL))
        return Checked(refused(file, report.name, text, line, f"simulated again, {_other(simulated, again)}"))
    if simulated.digest == tools.published(report.name):
        return Checked(replace(verdict, evidence=NOT_RUN_AGAIN), report)
    message = (
        "the simulated figures are not those that this version publishes, and were not run again: whether they were "
        "measured is open; `check --evidence` runs the simulation again"
    )
    return Checked(replace(verdict, verdict="unknown", message=message), report)


def _other(found: Simulated, again: Simulated | None) -> str:
    """The first figures that came out otherwise."""
    if again is None:
        return "there is nothing to measure"
    for here, there in zip(found.rows, again.rows, strict=False):
        if here != there:
            return f"the networks of a row give `{' | '.join(there)}`"
    return "the figures come out otherwise"


def _error_of(bad: Malformed, file: str) -> TheoremVerdict:
    return TheoremVerdict(
        file, bad.name, "error", message=bad.text(), line=bad.line, column=bad.column, excerpt=bad.excerpt
    )
