"""What a report says against a link that is not proved: why, the residual, a model, what would help."""

from __future__ import annotations

from collections.abc import Iterator

from derive.report.words import counterexample_words, missing_words
from derive.verdict import StepVerdict


def objections(step: StepVerdict) -> Iterator[str]:
    """The lines below a link; none for a link that is proved."""
    if step.message:
        yield f"{step.message[:1].upper()}{step.message[1:]}."
    if step.residual is not None:
        yield from ("", f"Left minus right: `{step.residual}`")
    if step.counterexample is not None:
        yield from ("", "A model that meets the assumptions:", "")
        yield from (f"- {line}" for line in counterexample_words(step.counterexample))
    if step.missing:
        yield from ("", f"It would hold with {', or with '.join(f'`{m}`' for m in missing_words(step))}.")
