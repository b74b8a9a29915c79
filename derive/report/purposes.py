"""The section on what each assumption is for: the claim without it, and the least sets under which it holds."""

from __future__ import annotations

from collections.abc import Iterator

from derive.language import theorem as th
from derive.report.values import Report
from derive.report.words import counted, counterexample_words
from derive.verdict import Ablation, StepVerdict, Without

LONGEST = 200  # characters of a residual that a table can bear
_REMAINS = {"proved": "**still proved**", "refuted": "**refuted**", "unknown": "**unknown**", "error": "**error**"}


def purposes(report: Report) -> Iterator[str]:
    """The section's lines."""
    yield "## What each assumption is for"
    yield ""
    if report.ablation is None:
        proved = report.verdict.verdict == "proved"
        yield (
            "There is no assumption that could be left out."
            if proved
            else "The claim is not proved, so nothing is left out of its assumptions."
        )
        return
    yield from _table(report.theorem, report.ablation)
    yield ""
    yield from _minimal(report.theorem, report.ablation)


def _table(theorem: th.Theorem, ablation: Ablation) -> Iterator[str]:
    residuals = any(part.residual for row in ablation.without for part in row.parts)
    yield f"| without | the claim is | {'left minus right is then | ' if residuals else ''}for example |"
    yield f"| --- | --- | {'--- | ' if residuals else ''}--- |"
    for row in ablation.without:
        part = _telling(row)
        several = f" (part {part.index})" if part is not None and len(row.parts) > 1 else ""
        residual = f"{_residual(part)} | " if residuals else ""
        yield f"| {_named(theorem, row)} | {_REMAINS[row.verdict]}{several} | {residual}{_example(part)} |"


def _telling(row: Without) -> StepVerdict | None:
    """The part that decides the row: the first refuted one, else the first that is not proved."""
    worst = sorted((p for p in row.parts if p.verdict != "proved"), key=lambda p: p.verdict != "refuted")
    return worst[0] if worst else None


def _named(theorem: th.Theorem, row: Without) -> str:
    given = theorem.givens[row.given]
    instead = f", only {row.instead}" if row.instead else ""
    return f"({row.given + 1}) `{given.text.replace('|', '&#124;')}`{instead}"


def _residual(part: StepVerdict | None) -> str:
    if part is None or part.residual is None:
        return ""
    if len(part.residual) > LONGEST:
        return f"too long to show, {len(part.residual)} characters"
    return f"`{part.residual}`"


def _example(part: StepVerdict | None) -> str:
    if part is None:
        return ""
    if part.counterexample is not None:
        return "; ".join(counterexample_words(part.counterexample))
    return part.message or ""


def _minimal(theorem: th.Theorem, ablation: Ablation) -> Iterator[str]:
    if ablation.minimal == ((),):
        yield "The claim is proved without any of them."
        return
    count = counted(len(ablation.minimal), "least set", "least sets")
    least = "Nothing can be left out of one, and nothing weakened." if len(ablation.minimal) > 1 else ""
    if len(ablation.minimal) == 1:
        least = "Nothing can be left out of it, and nothing weakened."
    yield f"{count} of assumptions under which the claim is proved. {least}"
    yield ""
    for found in ablation.minimal:
        yield f"- {', '.join(_kept(theorem, k) for k in found)}"
    yield ""
    yield _completeness(ablation)


def _kept(theorem: th.Theorem, position: int) -> str:
    given = theorem.givens[position]
    match given.item:
        case th.Family(name=name, kind=kind) | th.Constant(name=name, kind=kind):
            return f"({position + 1}) `{name}` {kind}"
        case _:
            return f"({position + 1}) `{given.text}`"


def _completeness(ablation: Ablation) -> str:
    most, few = ablation.effort
    bound = (
        f"Models are looked for among {most:,} outcomes, among {few:,} where a declaration is weakened or a law is "
        "continuous; for a link of the derivation it is more."
    )
    weakened = "A declaration that is not listed may be weakened, iid to exchangeable, positive or nonzero to real."
    if ablation.stopped:
        return f"The search ended at its bound of {ablation.most} sets, so there may be more. {weakened} {bound}"
    if ablation.shown:
        return f"There are no others: whatever contains none of these sets is refuted by a model. {weakened}"
    return (
        "No set that contains none of these was found to suffice, though not each of them is refuted by a model. "
        f"{weakened} {bound}"
    )
