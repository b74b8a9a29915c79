"""Forgeries of generated texts by somebody who knows how they are made: whatever was changed, the digests are right.

Texts are changed between their first and last line and enclosed anew; reports are also changed as values, a verdict, a
figure, a model, the theorem itself, and written anew, so that everything in them fits together; so are the figures of
the why pages and of the training report.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

from derive import library
from derive.language import theorem as th
from derive.language.printer import theorem_text
from derive.report.check import check_report
from derive.report.effects import EffectsError, page, write_effects
from derive.report.envelope import KINDS, enclosed, envelope_of, first_line
from derive.report.note import home_in, of_library
from derive.report.values import SEAL, ExactModel, LedgerFact, Report, Simulated, unseal
from derive.report.write import write
from derive.verdict import StepVerdict
from tests.tamper import byte_changes, derivation_changes
from tests.tamper.checkers import check
from tests.tamper.subjects import Document, generated, kind_of, read, statements, theorem_reports

Forgery = Callable[[Document, Random], "Document | None"]
ReportChange = Callable[[Report, Random], "Report | None"]


# --- texts, enclosed anew ------------------------------------------------------------------------------------------


def _parts(document: Document) -> tuple[str, str, str]:
    """Kind, name, and what stands between the first and the last line."""
    text = document.data.decode()
    envelope = envelope_of(text)
    if envelope is None or envelope.name is None:
        raise ValueError(f"{document.path} is not a generated text")
    return envelope.kind, envelope.name, "\n".join(text.rstrip("\n").split("\n")[1:-1])


def _resealed(document: Document, change: Callable[[str], str | None]) -> Document | None:
    kind, name, body = _parts(document)
    changed = change(body)
    return None if changed is None else replace(document, data=_bytes(enclosed(kind, name, changed)))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogateescape")


def _some_bytes(name: str) -> Forgery:
    def forge(document: Document, rng: Random) -> Document | None:
        def change(body: str) -> str:
            return byte_changes.CHANGES[name](body.encode(), rng).decode("utf-8", errors="replace")

        return _resealed(document, change)

    return forge


def number_everywhere(document: Document, rng: Random) -> Document | None:
    """One number of the text, wherever it stands."""

    def change(body: str) -> str:
        old = rng.choice(re.findall(r"\d+(?:\.\d+)?", body))
        return re.sub(rf"(?<![\d.]){re.escape(old)}(?![\d.])", str(rng.randrange(1000)), body)

    return _resealed(document, change)


def word_everywhere(document: Document, rng: Random) -> Document | None:
    """A word that says less for one that says more, wherever it stands."""
    pairs = [
        *(("unknown", "proved"), ("refuted", "proved"), ("computed", "proved"), ("measured", "proved")),
        *(("derived", "proved"), ("not decided here", "proved"), ("qualified", "proved"), ("examples", "a proof")),
        *(("examples, not a proof", "a proof"), ("not run again by `check`", "run again by `check`")),
        *(("inconclusive", "agree"), ("disagree", "agree"), ("at most 0.001", "at most 0.000001")),
        *(("**not used**", "step 1"), ("Uses no assumption", "Uses every assumption"), ("iid", "arbitrary")),
        *(("all sizes", "all sizes and depths"), ("a few", "all"), ("independent", "dependent"), ("Var", "E")),
    ]

    def change(body: str) -> str | None:
        old, new = rng.choice([p for p in pairs if p[0] in body] or [("", "")])
        return body.replace(old, new) if old else None

    return _resealed(document, change)


def sentence_put_in(document: Document, rng: Random) -> Document | None:
    """Prose or status that says more than the proof."""
    more = rng.choice(
        (
            "This holds for every activation, too.",
            "Verdict: **proved**.",
            "| convergence of training | **proved**: for all networks |",
            "The simulated networks were run again and agree.",
            "**Step 99**: everything else follows\n\nUses no assumption. Verdict: **proved**.",
            "<!-- checked by hand -->",
            "<details><summary>more</summary></details>",
            "![a figure](https://example.org/a.svg)",
        )
    )

    def change(body: str) -> str:
        parts = body.split("\n\n")
        at = rng.randrange(len(parts) + 1)
        return "\n\n".join([*parts[:at], more, *parts[at:]])

    return _resealed(document, change)


def paragraph_gone(document: Document, rng: Random) -> Document | None:
    def change(body: str) -> str:
        parts = body.split("\n\n")
        del parts[rng.randrange(len(parts))]
        return "\n\n".join(parts)

    return _resealed(document, change)


def paragraphs_swapped(document: Document, rng: Random) -> Document | None:
    def change(body: str) -> str:
        parts = body.split("\n\n")
        a, b = rng.randrange(len(parts)), rng.randrange(len(parts))
        parts[a], parts[b] = parts[b], parts[a]
        return "\n\n".join(parts)

    return _resealed(document, change)


def paragraph_of_another(document: Document, rng: Random) -> Document | None:
    other = _parts(rng.choice(generated()))[2].split("\n\n")

    def change(body: str) -> str:
        parts = body.split("\n\n")
        parts[rng.randrange(len(parts))] = rng.choice(other)
        return "\n\n".join(parts)

    return _resealed(document, change)


def block_put_in(document: Document, rng: Random) -> Document | None:
    """Another ``derive`` block, true or false, before or behind."""
    theorem = rng.choice(statements()).theorem
    text = theorem_text(replace(theorem, name=f"{theorem.name}-again" if rng.random() < 0.5 else theorem.name))
    block = f"```derive{rng.choice(('', ' proved', ' refuted'))}\n{text}```"

    def change(body: str) -> str:
        return f"{block}\n\n{body}" if rng.random() < 0.5 else f"{body}\n\n{block}"

    return _resealed(document, change)


# --- envelopes ------------------------------------------------------------------------------------------------------


def other_name(document: Document, rng: Random) -> Document | None:
    """The text under the name of another one, with or without the name within."""
    kind, name, body = _parts(document)
    other = _parts(rng.choice(theorem_reports()))[1]
    if rng.random() < 0.5:
        body = re.sub(rf"\b{re.escape(name)}\b", other, body)
    return replace(document, data=enclosed(kind, other, body).encode())


def other_kind(document: Document, rng: Random) -> Document | None:
    kind, name, body = _parts(document)
    new = rng.choice([k for k in (*KINDS, "proof") if k != kind])
    return replace(document, data=enclosed(new, name, body).encode())


def first_line_moved(document: Document, rng: Random) -> Document | None:
    """Misspelt, in another place, behind a byte order mark, of another format, twice."""
    kind, name, body = _parts(document)
    text, first = document.data.decode(), first_line(kind, name)
    rest = text.removeprefix(first)
    new = rng.choice(
        (
            rest.lstrip("\n"),
            f"\n{text}",
            f"# A report\n\n{text}",
            f"\N{ZERO WIDTH NO-BREAK SPACE}{text}",
            f"{first}\n{text}",
            text.replace("format 1", "format 2", 1),
            text.replace("<!-- derive", "<!-- Derive", 1),
            text.replace("<!-- derive", "<!--derive", 1),
            text.replace("derive report", "derive  report", 1),
            enclosed(kind, name, f"{first}\n\n{body}"),
            enclosed(kind, name, body.replace("\n", "\r\n")),
            text.replace("\n", "\r\n"),
        )
    )
    return replace(document, data=new.encode())


def two_in_one(document: Document, rng: Random) -> Document | None:
    other = rng.choice(theorem_reports()).data.decode()
    mine = document.data.decode()
    return replace(document, data=rng.choice((mine + "\n" + other, other + "\n" + mine, mine + "\n" + mine)).encode())


def last_line_of_another(document: Document, rng: Random) -> Document | None:
    other = rng.choice(generated()).data.decode().rstrip("\n").split("\n")[-1]
    lines = document.data.decode().rstrip("\n").split("\n")
    return replace(document, data="\n".join([*lines[:-1], other, ""]).encode())


# --- values, written anew --------------------------------------------------------------------------------------------


def report_of(document: Document) -> Report:
    """The report as a value."""
    checked = check_report(document.data.decode(), file=document.path, tools=check().tools)
    if checked.report is None:
        raise ValueError(f"{document.path} is not accepted as it is: {checked.verdict.message}")
    return checked.report


def _value(change: ReportChange) -> Forgery:
    def forge(document: Document, rng: Random) -> Document | None:
        if kind_of(document) != "report":
            return None
        changed = change(report_of(document), rng)
        return None if changed is None else replace(document, data=write(changed).encode())

    return forge


def verdict_changed(report: Report, rng: Random) -> Report | None:
    steps = list(report.verdict.steps)
    k = rng.randrange(len(steps))
    options = (
        replace(steps[k], uses=steps[k].uses[1:]),
        replace(steps[k], uses=(*steps[k].uses, report.theorem.givens[0].text) if report.theorem.givens else ()),
        replace(steps[k], facts=()),
        replace(steps[k], message="this is obvious"),
    )
    steps[k] = rng.choice(options)
    return replace(report, verdict=replace(report.verdict, steps=tuple(steps)))


def prose_changed(report: Report, rng: Random) -> Report | None:
    options = (
        replace(report, title=f"{report.title}, proved for every network"),
        replace(report, prose=f"{report.prose}\n\nIt holds for dependent weights as well."),
        replace(report, prose=""),
        replace(report, prose=re.sub(r"\bnot\b", "", report.prose, count=1)),
        replace(report, closing=f"{report.closing}\n\nThe converse holds, too."),
    )
    return rng.choice(options)


def models_changed(report: Report, rng: Random) -> Report | None:
    exact = list(report.exact)
    if not exact:
        return replace(report, exact=(ExactModel("X is always 1", "1", "1"),))
    k = rng.randrange(len(exact))
    options = (
        [*exact[:k], *exact[k + 1 :]],
        [*exact[:k], replace(exact[k], left="2/3", right="2/3"), *exact[k + 1 :]],
        [*exact[:k], replace(exact[k], holds=not exact[k].holds), *exact[k + 1 :]],
        [*exact, ExactModel("X is always 1", "1", "1")],
        exact[::-1],
    )
    return replace(report, exact=tuple(rng.choice(options)))


def ablation_changed(report: Report, rng: Random) -> Report | None:
    ablation = report.ablation
    if ablation is None:
        return None
    rows = list(ablation.without)
    k = rng.randrange(len(rows))
    parts = tuple(replace(p, verdict="proved", counterexample=None, residual=None) for p in rows[k].parts)
    options = (
        replace(ablation, without=(*rows[:k], replace(rows[k], parts=parts), *rows[k + 1 :])),
        replace(ablation, without=(*rows[:k], *rows[k + 1 :])),
        replace(ablation, minimal=ablation.minimal[:-1]),
        replace(ablation, minimal=((0,), *ablation.minimal)),
        replace(ablation, shown=not ablation.shown),
        replace(ablation, stopped=not ablation.stopped),
        None,
    )
    return replace(report, ablation=rng.choice(options))


def figures_changed(report: Report, rng: Random) -> Report | None:
    """Simulated evidence that was never simulated, with a digest of its own."""
    simulated = report.simulated
    if simulated is None:
        other = next(r for d in theorem_reports() if (r := report_of(d)).simulated is not None)
        return replace(report, simulated=other.simulated)
    return replace(report, simulated=_forged(simulated, rng))


def _forged(simulated: Simulated, rng: Random) -> Simulated | None:
    row = rng.randrange(len(simulated.rows))
    cell = rng.randrange(2, len(simulated.headings))
    changed = [list(r) for r in simulated.rows]
    changed[row][cell] = rng.choice(("1.000", "[0.999, 1.001]", "agree", "0.500"))
    options = (
        replace(simulated, rows=tuple(map(tuple, changed))),
        replace(simulated, rows=(*simulated.rows[:row], *simulated.rows[row + 1 :])),
        replace(simulated, error_rate="0.000001"),
        replace(simulated, verdict="disagree" if simulated.verdict == "agree" else "agree"),
        replace(simulated, design=f"{simulated.design} A million networks were drawn."),
        replace(simulated, command="python -m derive --full"),
        replace(simulated, run="0" * 64),
        replace(simulated, figure=None if simulated.figure else "other.svg"),
        None,
    )
    return rng.choice(options)


def page_figures_changed(document: Document, rng: Random) -> Document | None:
    """Figures of a why page or of the report on training that nobody measured, and the page as it is for them."""
    kind, name, body = _parts(document)
    if kind not in {"why page", "training report"}:
        return None
    (sealed,) = (line for line in body.split("\n") if line.startswith(SEAL))
    forged = _forged(unseal(sealed.removeprefix(SEAL).removesuffix(" -->")), rng)
    if forged is None:
        return None
    try:
        text = check().tools.why(name, forged) if kind == "why page" else write_effects(page(), forged, _home())
    except EffectsError:  # a row whose place in the text stays empty
        return None
    return replace(document, data=text.encode())


@cache
def _home() -> Callable[[str], tuple[str, str] | None]:
    """The verdict on a statement of the library and the report in which it stands."""
    return home_in(of_library(library.load(), check().tools.judge, lambda _: None).statement)


def facts_changed(report: Report, rng: Random) -> Report | None:
    if report.facts:
        changed = replace(report.facts[0], source="Gauss 1809")
        return replace(report, facts=rng.choice(((changed, *report.facts[1:]), report.facts[1:])))
    return replace(report, facts=(LedgerFact("gauss", "so it is", "Gauss 1809"),))


def company_changed(report: Report, rng: Random) -> Report | None:
    beside = list(report.beside)
    if not beside:
        return None
    k = rng.randrange(len(beside))
    false = [a for a in beside if a.verdict.verdict == "refuted"]
    options = [
        (*beside[:k], *beside[k + 1 :]),
        (*beside[:k], replace(beside[k], prose=f"{beside[k].prose} Likewise for every n."), *beside[k + 1 :]),
        (*beside, beside[k]),
        tuple(beside[::-1]),
        tuple(replace(a, expected="proved", verdict=_all_proved(a.verdict)) if a in false else a for a in beside),
    ]
    return replace(report, beside=rng.choice(options))


def _all_proved(verdict: object) -> object:
    steps = tuple(replace(s, verdict="proved", counterexample=None, residual=None) for s in verdict.steps)  # type: ignore[attr-defined]
    return replace(verdict, verdict="proved", steps=steps)  # type: ignore[type-var]


def remark_changed(report: Report, rng: Random) -> Report | None:
    """A remark on a step that says more than the step, in the block and in the derivation."""
    proof = report.theorem.proof
    if proof is None:
        return None
    k = rng.randrange(len(proof.links))
    link = replace(proof.links[k], remark=rng.choice(("", "for dependent weights too", "as was proved by Gauss")))
    return replace(report, theorem=replace(report.theorem, proof=_with_link(proof, k, link)))


def _with_link(proof: th.Proof, k: int, link: th.Link) -> th.Proof:
    return replace(proof, links=(*proof.links[:k], link, *proof.links[k + 1 :]))


def theorem_changed(report: Report, rng: Random) -> Report | None:
    """Another theorem in the block, all links of which are said to be proved, and everything else written for it."""
    name = rng.choice([n for n in derivation_changes.CHANGES if n not in derivation_changes.FATAL])
    changed = derivation_changes.CHANGES[name](report.theorem, rng)
    return None if changed is None or isinstance(changed, str) else _claiming(report, changed)


def theorem_of_another(report: Report, rng: Random) -> Report | None:
    """The theorem and proof of another report, under this one's name and prose."""
    other = rng.choice(statements()).theorem
    return _claiming(report, replace(other, name=report.name))


def derivation_left_out(report: Report, _: Random) -> Report | None:
    """The theorem as it is, without its derivation."""
    return None if report.theorem.proof is None else _claiming(report, replace(report.theorem, proof=None))


def _claiming(report: Report, theorem: th.Theorem) -> Report | None:
    found = read(theorem_text(theorem))
    if found is None:
        return None
    steps = tuple(
        StepVerdict(s.index, 0, 0, s.operator, s.text, "proved", (), remark=s.remark) for s in found.problem.steps
    )
    return replace(report, theorem=theorem, verdict=replace(report.verdict, steps=steps), ablation=None)


FORGERIES: dict[str, Forgery] = {
    **{f"text: {name}": _some_bytes(name) for name in byte_changes.CHANGES if name != "other encoding"},
    "numbers: one, everywhere": number_everywhere,
    "status: a word, everywhere": word_everywhere,
    "prose: a sentence put in": sentence_put_in,
    "text: paragraph gone": paragraph_gone,
    "text: paragraphs swapped": paragraphs_swapped,
    "text: paragraph of another": paragraph_of_another,
    "statement: block put in": block_put_in,
    "envelope: other name": other_name,
    "envelope: other kind": other_kind,
    "envelope: first line": first_line_moved,
    "envelope: two in one": two_in_one,
    "envelope: last line of another": last_line_of_another,
    "status: of a step": _value(verdict_changed),
    "prose: of the report": _value(prose_changed),
    "numbers: exact models": _value(models_changed),
    "assumptions: what they are for": _value(ablation_changed),
    "numbers: simulated, digest anew": _value(figures_changed),
    "numbers: measured by a page, digest anew": page_figures_changed,
    "resources: facts": _value(facts_changed),
    "statement: beside": _value(company_changed),
    "steps: remark": _value(remark_changed),
    "statement: changed theorem": _value(theorem_changed),
    "statement: theorem of another": _value(theorem_of_another),
    "steps: derivation left out": _value(derivation_left_out),
}


def fresh_report(rng: Random) -> Document | None:
    """The report of a theorem that the library does not have, as it should be written: to be accepted."""
    from derive.report.check import compose

    theorem = rng.choice([s for s in statements() if len(theorem_text(s.theorem)) < 700]).theorem
    statement = read(theorem_text(replace(theorem, name="a-new-theorem")))
    if statement is None:
        return None
    tools = check().tools
    report = compose(statement, tools.judge(statement, "new.md"), None, None, tools, beside=())
    return Document(str(Path("elsewhere") / "a-new-theorem.md"), write(report).encode())
