"""Verdicts as the JSON that LANGUAGE.md fixes."""

from __future__ import annotations

from typing import Any

from derive.verdict import Counterexample, StepVerdict, TheoremVerdict


def verdict_json(verdict: TheoremVerdict) -> dict[str, Any]:
    """One object a theorem; an error adds its place, a ``find`` what was found."""
    data: dict[str, Any] = {
        "file": verdict.file,
        "theorem": verdict.theorem,
        "verdict": verdict.verdict,
        "claim": verdict.claim,
        "steps": [step_json(s) for s in verdict.steps],
        "warnings": list(verdict.warnings),
        "message": verdict.message,
    }
    if verdict.found is not None:
        data["found"] = verdict.found
    if verdict.evidence is not None:
        data["evidence"] = verdict.evidence
    if verdict.suffices:
        data["suffices"] = list(verdict.suffices)
    if verdict.verdict == "error":
        data["line"], data["column"] = verdict.line, verdict.column
    return data


def step_json(step: StepVerdict) -> dict[str, Any]:
    """One link: what it uses if it is proved, what is wrong with it if it is refuted."""
    data: dict[str, Any] = {"index": step.index, "line": step.line, "text": step.text, "verdict": step.verdict}
    if step.verdict == "proved":
        data["uses"] = list(step.uses)
    if step.verdict == "refuted":
        data["residual"] = step.residual
        data["missing"] = [list(m) for m in step.missing]
        data["counterexample"] = counterexample_json(step.counterexample) if step.counterexample else None
    if step.verdict == "unknown" or step.message is not None:
        data["message"] = step.message
    if step.facts:
        data["facts"] = list(step.facts)
    if step.slip is not None:
        data["slip"] = {"name": step.slip.name, "sentence": step.slip.sentence}
    return data


def counterexample_json(model: Counterexample) -> dict[str, Any]:
    """Sizes, constants, laws, joint tables, and both sides."""
    laws = {k: law if isinstance(law, str) else [list(point) for point in law] for k, law in model.laws.items()}
    joint = [{"of": list(j.of), "points": [[list(values), weight] for values, weight in j.points]} for j in model.joint]
    data: dict[str, Any] = {
        "sizes": dict(model.sizes),
        "constants": dict(model.constants),
        "laws": laws,
        "joint": joint,
        "left": _side(model.left),
        "right": _side(model.right),
    }
    if model.outcome:
        data["outcome"] = dict(model.outcome)
    if any(model.working):
        data["working"] = {"left": list(model.working[0]), "right": list(model.working[1])}
    return data


def _side(side: str | tuple[str, str]) -> str | list[str]:
    return side if isinstance(side, str) else list(side)
