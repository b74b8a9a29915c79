"""Checking a report: decide its block, compute its exact evidence, write it again, and compare the whole text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from derive.language.document import Malformed, Statement, read_document
from derive.language.errors import Spot, caret
from derive.language.parser import parse_term
from derive.language.printer import term_text, theorem_text
from derive.language.terms import FUNCTIONALS, Apply, Term, walk
from derive.language.theorem import Equivalence, Find, Relation
from derive.library import LibraryDocument
from derive.report.museum import MuseumError
from derive.report.note import Judge, Knowledge, NoteError, judged, rows
from derive.report.note_text import write_note
from derive.report.values import Aside, ExactModel, LedgerFact, NotEvidence, Report, Simulated, unseal
from derive.report.write import SEAL, write, write_summary
from derive.verdict import Ablation, TheoremVerdict

Exact = Callable[[Statement, TheoremVerdict], tuple[ExactModel, ...]]
Library = Callable[[str], LibraryDocument | None]


@dataclass(frozen=True, slots=True)
class Tools:
    """Who decides, computes exact models and ablates, and where the library's documents and the ledger's facts are."""

    judge: Judge
    exact: Exact
    library: Library
    ablate: Callable[[Statement], Ablation | None]
    fact: Callable[[str], LedgerFact]


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking a report: the verdict, and the report as it should be where one could be made."""

    verdict: TheoremVerdict
    report: Report | None = None


def check_report(text: str, *, file: str, tools: Tools) -> Checked:
    """The verdict on a report's theorem, or an ``error`` if anything in the report is not as it would be written."""
    statements: list[Statement] = []
    for part in read_document(text):
        if isinstance(part, Malformed):
            return Checked(_error_of(part, file))
        statements.append(part)
    statement, beside = statements[-1], tuple(statements[:-1])
    ours = tools.library(statement.name)
    foreign = _foreign(statement, beside, ours, tools)
    if foreign is not None:
        return Checked(_refused(file, statement.name, text, *foreign, _AGAIN))
    try:
        simulated = _simulated(text)
    except NotEvidence as error:
        line = next(k for k, each in enumerate(text.split("\n"), 1) if SEAL.rstrip() in each)
        return Checked(_refused(file, statement.name, text, line, str(error), _AGAIN))
    verdict = tools.judge(statement, file)
    if verdict.verdict == "error":
        return Checked(verdict)
    report = compose(statement, verdict, ours, simulated, tools, beside=beside)
    differing = _difference(text, write(report))
    if differing is None:
        return Checked(report.verdict, report)
    line, column, message = differing
    return Checked(_refused(file, statement.name, text, line, message, _AGAIN, column))


_AGAIN = "write the reports again with `python -m derive`"


def _foreign(
    statement: Statement, beside: tuple[Statement, ...], ours: LibraryDocument | None, tools: Tools
) -> tuple[int, str] | None:
    """The line and the reason if a report says something else than the library; only a library's has company."""
    if ours is None:
        return (statement.first_line, "a report holds one theorem") if beside else None
    if not _restates(statement, ours, tools.judge):
        return statement.first_line, f"this is not what the library's `{statement.name}` says"
    wanted = [theorem_text(c.statement.theorem) for c in ours.beside]
    for k, other in enumerate(beside):
        if k >= len(wanted) or theorem_text(other.theorem) != wanted[k]:
            return other.first_line, f"the library's `{statement.name}` has another statement beside it here"
    if len(beside) < len(wanted):
        return statement.first_line, f"statements of the library's `{statement.name}` are missing beside it"
    return None


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
        question=_question(statement, ours) if ours else None,
        ablation=tools.ablate(statement),
        facts=_facts((verdict, *(a.verdict for a in around)), tools.fact),
        beside=around,
        closing=ours.closing if ours else "",
    )


def _facts(verdicts: tuple[TheoremVerdict, ...], fact: Callable[[str], LedgerFact]) -> tuple[LedgerFact, ...]:
    """The facts that any link leaned on, each once, in the order in which they come."""
    names = dict.fromkeys(name for v in verdicts for step in v.steps for name in step.facts)
    return tuple(fact(name) for name in names)


def answered(verdict: TheoremVerdict, statement: Statement, ours: LibraryDocument) -> TheoremVerdict:
    """The verdict with what was found, if the statement is a proved answer to what the library asks."""
    claim = statement.theorem.claim
    if verdict.verdict != "proved" or _question(statement, ours) is None or not isinstance(claim, Equivalence):
        return verdict
    return replace(verdict, found=term_text(claim.right.terms[-1]))


def _moments(term: Term) -> set[Term]:
    return {part for part in walk(term) if isinstance(part, Apply) and part.function in FUNCTIONALS}


def _question(statement: Statement, ours: LibraryDocument) -> Find | None:
    asked = ours.statement.theorem.claim
    return asked if isinstance(asked, Find) and not isinstance(statement.theorem.claim, Find) else None


def _restates(statement: Statement, ours: LibraryDocument, judge: Judge) -> bool:
    """Whether a theorem says what the library's says, or gives an answer to what it asks.

    An answer may be written in another way than the solver writes it, but it names no moments that the solver's does
    not, so that the unknown cannot hide in it; that it is right is for its proof to show.
    """
    theorem, library = statement.theorem, ours.statement.theorem
    if isinstance(library.claim, Find) and isinstance(theorem.claim, Equivalence):
        answer = theorem.claim.right.terms[-1]
        if _moments(answer):
            found = judge(ours.statement, ours.file).found
            if found is None or not _moments(answer) <= _moments(parse_term(found)):
                return False
        right = Relation((library.claim.target, answer), ("=",))
        library = replace(library, claim=Equivalence(library.claim.relation, right))
    if theorem.proof is not None and library.proof is None:
        theorem, library = replace(theorem, proof=None), replace(library, by=None)
    return theorem_text(theorem) == theorem_text(library)


def check_summary(
    text: str, *, file: str, reports: Mapping[str, Report], names: tuple[str, ...]
) -> TheoremVerdict | None:
    """None if a summary is what its reports and the library's names make it, else an ``error``."""
    absent = [name for name in names if name not in reports]
    if absent:
        return _refused(file, None, text, 1, f"the report of `{absent[0]}` is missing beside it or refused", _AGAIN)
    differing = _difference(text, write_summary(tuple(reports[name] for name in names)))
    if differing is None:
        return None
    line, column, message = differing
    return _refused(file, None, text, line, message, _AGAIN, column)


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
        return _refused(file, None, text, 1, str(error), _AGAIN)
    differing = _difference(text, expected)
    if differing is None:
        return None
    line, column, message = differing
    return _refused(file, None, text, line, message, _AGAIN, column)


def _simulated(text: str) -> Simulated | None:
    sealed = [line for line in text.split("\n") if SEAL.rstrip() in line]
    if not sealed:
        return None
    if len(sealed) > 1 or not (sealed[0].startswith(SEAL) and sealed[0].endswith(" -->")):
        raise NotEvidence("the simulated evidence cannot be read")
    return unseal(sealed[0].removeprefix(SEAL).removesuffix(" -->"))


def _difference(found: str, expected: str) -> tuple[int, int, str] | None:
    """Where two texts differ first: line, column, and what should stand there."""
    found, expected = found.rstrip("\r\n"), expected.rstrip("\r\n")
    if found == expected:
        return None
    ours, theirs = expected.split("\n"), found.split("\n")
    pairs = zip(ours, theirs, strict=False)
    line = next((k for k, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs)))
    if line >= len(ours):
        return line + 1, 1, "this report goes on where it should end"
    if line >= len(theirs):
        return (
            len(theirs),
            len(theirs[-1]) + 1,
            f"this report ends too early; next should come: {_short(ours[line], 0)}",
        )
    a, b = ours[line], theirs[line]
    column = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if b.rstrip("\r") == a:
        return line + 1, column + 1, "this line should end in LF, not CR LF"
    return line + 1, column + 1, f"this line is not what is decided; it should read: {_short(a, column)}"


def _short(line: str, column: int) -> str:
    start = max(0, column - 40)
    end = start + 90
    return ("..." if start else "") + (line[start:end] or "(an empty line)") + ("..." if end < len(line) else "")


def _refused(
    file: str, name: str | None, text: str, line: int, message: str, remedy: str, column: int = 1
) -> TheoremVerdict:
    excerpt = caret(text, Spot(line, column))
    said = f"this report is refused: {message}; {remedy}"
    return TheoremVerdict(file, name, "error", message=said, line=line, column=column, excerpt=excerpt)


def _error_of(bad: Malformed, file: str) -> TheoremVerdict:
    return TheoremVerdict(
        file, bad.name, "error", message=bad.text(), line=bad.line, column=bad.column, excerpt=bad.excerpt
    )
