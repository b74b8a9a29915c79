"""Verdicts as annotations: GitHub's workflow commands, ``::error file=,line=,col=,title=::message``, one a line.

Source: GitHub Docs, "Workflow commands for GitHub Actions", on setting error and warning messages.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from derive.report.words import counterexample_words, link_words, missing_words, model_words
from derive.verdict import StepVerdict, TheoremVerdict


def annotated(verdict: TheoremVerdict) -> Iterator[str]:
    """An error for each link that is refuted or unknown, and for what is not well-formed; a warning for each warning.

    A theorem that is not proved though none of its links is to blame, such as a ``find`` without an answer, has one.
    """
    name = verdict.theorem or "document"
    blamed = [s for s in verdict.steps if s.verdict != "proved"]
    for step in blamed:
        title = f"{name}: link {step.index} is {step.verdict}"
        yield _command("error", verdict.file, step.line, step.column, title, "\n".join(_of_link(step)))
    if verdict.verdict != "proved" and not blamed:
        said = "\n".join(filter(None, (verdict.message or verdict.claim, verdict.excerpt)))
        title = f"{name}: {verdict.verdict}"
        yield _command("error", verdict.file, verdict.line, verdict.column, title, said)
    for warning in verdict.warnings:
        yield _command("warning", verdict.file, verdict.line, verdict.column, f"{name}: warning", warning)


def _of_link(step: StepVerdict) -> Iterator[str]:
    yield link_words(step)
    if step.message:
        yield step.message
    if step.slip is not None:
        yield f"{step.slip.name}: {step.slip.sentence}"
    if step.residual is not None:
        yield f"left minus right is {step.residual}"
    if step.counterexample is not None:
        yield f"{model_words(step.counterexample)}:"
        yield from (f"  {line}" for line in counterexample_words(step.counterexample))
    if step.missing:
        yield f"it would hold with {', or with '.join(missing_words(step))}"


def _command(kind: str, file: str, line: int | None, column: int | None, title: str, said: str) -> str:
    """One workflow command; standard input has no file to point to."""
    places = {"file": file.replace(os.sep, "/"), "line": line, "col": column} if file != "-" else {}
    values = {**places, "title": title}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in values.items() if value is not None)
    return f"::{kind} {properties}::{_data(said)}"


def _data(text: str) -> str:
    """A message: what would end the command is written in percent signs, as the runner reads it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
