"""What a report says against a link that is not proved: why, the residual, a model, what would help."""

from __future__ import annotations

from collections.abc import Iterator

from derive.report.markup import code, fenced, message
from derive.report.words import counterexample_words, missing_words, model_words
from derive.verdict import Counterexample, StepVerdict


def objections(step: StepVerdict) -> Iterator[str]:
    """The lines below a link; none for a link that is proved."""
    if step.message:
        yield f"{message(step.message[:1].upper() + step.message[1:])}."
    if step.slip is not None:
        yield from ("", f"**{step.slip.name[:1].upper()}{step.slip.name[1:]}.** {message(step.slip.sentence)}.")
    if step.residual is not None:
        yield from ("", f"Left minus right: {code(step.residual)}")
    if step.counterexample is not None:
        heading = model_words(step.counterexample)
        yield from ("", f"{heading[:1].upper()}{heading[1:]}:", "")
        yield from (f"- {line}" for line in counterexample_words(step.counterexample))
        yield from _working(step.counterexample)
    if step.missing:
        yield from ("", f"It would hold with {', or with '.join(map(code, missing_words(step)))}.")


def _working(model: Counterexample) -> Iterator[str]:
    """Both sides worked out, line by line."""
    for name, lines in zip(("left", "right"), model.working, strict=True):
        if lines:
            yield from ("", f"The {name} side:", "", *fenced("\n".join(lines)))
