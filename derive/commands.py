"""What the commands do: ask the rest of the house, print, return the exit status. Nothing is parsed here."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.language.theorem import Claim
    from derive.library import LibraryDocument
    from derive.report.produce import Written
    from derive.verdict import TheoremVerdict

BAD_INPUT = 2


def check(
    files: list[str],
    *,
    form: str = "text",
    report: str | None = None,
    only_blocks: bool = False,
    explain: bool = False,
    evidence: bool = False,
) -> int:
    """Decide every derivation in the documents, link by link; ``form`` is text, json or github.

    report: a file for the explanation of the verdicts, ``-`` to print it in place of them. only_blocks: files without
    a ``derive`` block are passed over, as in folders. explain: say of what is proved which weaker givens suffice; a
    report always does. evidence: simulate again what generated reports say was measured.
    """
    from derive.inputs import check_inputs, read_inputs
    from derive.verdict import exit_status
    from derive.wiring import tools

    page = Path(report) if report is not None and report != "-" else None
    if page is not None and (unusable := _no_place(page)) is not None:
        return _fail(f"{unusable}; name another file with --report, or - to print it")
    form = "report" if report == "-" else form
    verdicts: list[TheoremVerdict] = []
    given = tools(explain=explain or report is not None, evidence=evidence)
    for verdict in check_inputs(read_inputs(files, only_blocks=only_blocks), given):
        verdicts.append(verdict)
        _print_at_once(verdict, form)
    _print_at_the_end(verdicts, form)
    failure = _explained(verdicts, page) if page is not None else None
    return exit_status(verdicts) if failure is None else _fail(failure)


def _print_at_once(verdict: TheoremVerdict, form: str) -> None:
    if form == "text":
        _print_verdict(verdict)
    elif form == "github":
        from derive.report.github import annotated

        for line in annotated(verdict):
            print(line, flush=True)


def _print_at_the_end(verdicts: list[TheoremVerdict], form: str) -> None:
    if form == "json":
        from derive.report.as_json import verdict_json

        _print_json([verdict_json(v) for v in verdicts])
    elif form == "report":
        from derive.report.explanation import write_explanation

        print(write_explanation(verdicts), end="")
    elif not verdicts:
        print("no theorem to decide: the text is what it has to be")
    elif len(verdicts) > 1 or form == "github":
        from derive.report.terminal import tally

        print(tally(verdicts))


def _no_place(page: Path) -> str | None:
    from derive.report.explanation import is_explanation
    from derive.report.files import no_place

    return no_place(page, what="explanation", is_one=is_explanation)


def _explained(verdicts: list[TheoremVerdict], path: Path) -> str | None:
    """Write the explanation; why that failed, or None."""
    from derive.report.explanation import write_explanation
    from derive.report.files import NotWritten, write_file

    try:
        write_file(path.resolve(), write_explanation(verdicts))  # a link stays one
    except NotWritten as error:
        return str(error)
    return None


def list_theorems(*, as_json: bool) -> int:
    """List the theorems of the library with their claims and verdicts."""
    from derive import library
    from derive.report.terminal import terminal_style
    from derive.verdict import exit_status
    from derive.wiring import tools

    documents = library.load()
    judge = tools().judge
    style = terminal_style()
    verdicts: list[TheoremVerdict] = []
    for document in documents:
        verdict = judge(document.statement, document.file)
        verdicts.append(verdict)
        if not as_json:
            print(f"{verdict.theorem}: {style.word(verdict.verdict)}")
            answer = f"  ->  {verdict.found}" if verdict.found is not None else ""
            print("\n".join(style.wrap(f"{verdict.claim}{answer}", "    ", "      ")), flush=True)
    if as_json:
        keys = ("theorem", "claim", "verdict", "found")
        _print_json([{"title": d.title, **_picked(v, keys)} for d, v in zip(documents, verdicts, strict=True)])
    return exit_status(verdicts)


def show(theorem: str, *, as_json: bool) -> int:
    """Show the derivation of one theorem of the library, link by link."""
    from derive import library, wiring
    from derive.report.written_out import answered, with_proof
    from derive.verdict import exit_status

    document = library.find(theorem)
    if document is None:
        return _fail(f"there is no theorem `{theorem}`; {_nearest(theorem)}")
    statement = with_proof(document, wiring.prove)
    verdict = answered(wiring.tools().judge(statement, document.file), statement, document)
    if as_json:
        from derive.report.as_json import verdict_json

        _print_json(verdict_json(verdict))
    else:
        _print_theorem(document, verdict)
    return exit_status([verdict])


# --- the main job ---------------------------------------------------------------------------------------------------


def main_job(out: Path, *, full: bool) -> int:
    """Write every report; 2 if one could not be written, else as the verdicts say."""
    from derive import library, wiring
    from derive.report.effects import EffectsError, Training
    from derive.report.files import NotWritten, write_file
    from derive.report.museum import NAME as MUSEUM
    from derive.report.museum import MuseumError
    from derive.report.note import NoteError
    from derive.report.produce import MadePage, put, put_note, put_page, put_summary, put_training
    from derive.report.symmetry import NAME as SYMMETRY
    from derive.report.terminal import progress_bar
    from derive.verdict import exit_status

    unusable = _unusable(out)
    if unusable is not None:
        return _fail(f"{unusable}; name another one with --out")
    done: list[Written] = []
    failures: list[str] = []
    museum: str | None = None
    with wiring.made(full=full) as reports, progress_bar() as progress:
        task = progress.add_task("deriving", total=len(library.names()))
        symmetry, wrong = wiring.symmetry_report()  # here, while other processes derive
        failures += wrong
        try:
            museum = wiring.museum_page()
        except MuseumError as error:
            failures.append(str(error))
        training: Training | None = None
        for made in reports:
            if isinstance(made, MadePage):
                failures += put_page(made, out)
                continue
            if isinstance(made, Training):
                training = made
                continue
            done.append(put(made, out))
            failures += done[-1].failures
            progress.update(task, advance=1, description=made.report.name)
    made_reports = tuple(w.report for w in done)
    try:
        write_file(out / f"{SYMMETRY}.md", symmetry)
        if museum is not None:
            write_file(out / f"{MUSEUM}.md", museum)
        put_summary(made_reports, out)
        if training is not None:
            put_training(made_reports, training, out)
        put_note(made_reports, training, wiring.tools().judge, out)
    except (NotWritten, NoteError, EffectsError) as error:
        failures.append(str(error))
    print_summary(done, out)
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    if full and training is not None and not training.full:
        print("note: the report on training is the short one; digits come with `pip install '.[lab]'`", file=sys.stderr)
    measured = [w.report.simulated for w in done] + ([training.simulated] if training is not None else [])
    disagrees = any(each is not None and each.verdict == "disagree" for each in measured)
    status = exit_status([w.report.verdict for w in done])
    return BAD_INPUT if failures else status or int(disagrees)


def _unusable(folder: Path) -> str | None:
    """Make the folder; why reports cannot be written into it, or None."""
    from derive.report.files import unwritable

    if os.path.exists(folder) and not os.path.isdir(folder):
        return f"{folder} is not a folder"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        return f"the folder {folder} cannot be made ({getattr(error, 'strerror', None) or error})"
    return unwritable(folder)


def print_summary(done: list[Written], out: Path) -> None:
    """One line a report, and where they are."""
    from derive.report.terminal import terminal_style

    style = terminal_style()
    width = max((len(w.report.name) for w in done), default=0)
    print(f"{'theorem':<{width}}  verdict  links  exact models  simulated")
    for w in done:
        report = w.report
        word = style.word(report.verdict.verdict) + " " * (7 - len(report.verdict.verdict))
        same = sum(m.holds for m in report.exact)
        exact = f"{same} of {len(report.exact)} agree" if report.exact else "-"
        simulated = report.simulated.verdict if report.simulated else "-"
        print(f"{report.name:<{width}}  {word}  {len(report.verdict.steps):>5}  {exact:<12}  {simulated}")
    changed = sum(bool(w.changed) for w in done)
    print(f"{len(done)} reports in {out}{os.sep}, {changed} of them new or changed; start with {out / 'README.md'}")


# --- printing -------------------------------------------------------------------------------------------------------


def _print_verdict(verdict: TheoremVerdict) -> None:
    from derive.report.terminal import error_lines, terminal_style, verdict_lines

    if verdict.verdict == "error":
        sys.stdout.flush()
        print("\n".join(error_lines(verdict, terminal_style(sys.stderr))), file=sys.stderr, flush=True)
    else:
        print("\n".join(verdict_lines(verdict, terminal_style())))


def _print_theorem(document: LibraryDocument, verdict: TheoremVerdict) -> None:
    from derive.report.terminal import terminal_style, theorem_lines

    style = terminal_style()
    theorem = document.statement.theorem
    print(f"{document.title}: {style.word(verdict.verdict)}")
    for paragraph in document.prose.split("\n\n"):
        print()
        print("\n".join(style.wrap(paragraph, "", "")))
    print("\ngiven")
    for given in theorem.givens:
        print(f"  {given.text}")
    if theorem.definitions:
        from derive.language.printer import definition_text

        print("let")
        for definition in theorem.definitions:
            print(f"  {definition_text(definition)}")
    for line in _heading(theorem.claim, verdict):
        print(line)
    print("\n".join(theorem_lines(verdict, style)))


def _heading(claim: Claim, verdict: TheoremVerdict) -> Iterator[str]:
    """What comes before the claim that was decided: ``show``, or the question of which it is the answer."""
    from derive.language.printer import claim_text
    from derive.language.theorem import Find

    if isinstance(claim, Find):
        yield "find"
        if claim_text(claim) == verdict.claim:
            return
        yield f"  {claim_text(claim)}"
    yield "show"


def _print_json(data: object) -> None:
    print(json.dumps(data, indent=1, ensure_ascii=True))


def _picked(verdict: TheoremVerdict, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: getattr(verdict, key) for key in keys if key != "found" or verdict.found is not None}


def _nearest(name: str) -> str:
    import difflib

    from derive.library import names

    close = difflib.get_close_matches(name, names(), n=3, cutoff=0.5)
    said = "did you mean " + " or ".join(f"`{c}`" for c in close) + "? " if close else ""
    return f"{said}`python -m derive list` lists them all"


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return BAD_INPUT
