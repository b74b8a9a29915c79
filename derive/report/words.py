"""Verdicts in words, for the terminal and for reports alike."""

from __future__ import annotations

from derive.verdict import Counterexample, StepVerdict

MEANING = {
    "proved": "for all sizes and all laws that meet the assumptions",
    "refuted": "false, and shown to be",
    "unknown": "not decided; this does not count as a pass",
    "error": "not well-formed",
}


def model_words(model: Counterexample) -> str:
    """What a counterexample meets: all assumptions, or only those that its link cites."""
    return f"a model that meets {'what is cited' if model.cited else 'the assumptions'}"


def counterexample_words(model: Counterexample) -> list[str]:
    """A model that meets the givens, one line for each thing in it, then what both sides are there."""
    lines: list[str] = []
    fixed = [f"{name} = {value}" for name, value in (*model.sizes.items(), *model.constants.items())]
    if fixed:
        lines.append(", ".join(fixed))
    for name, law in model.laws.items():
        lines.append(f"{name} is {_law_words(law)}")
    for joint in model.joint:
        points = ", ".join(f"({', '.join(values)}) with probability {weight}" for values, weight in joint.points)
        lines.append(f"({', '.join(joint.of)}) is {points}")
    where = "".join(f"{entry} = {value}, " for entry, value in model.outcome.items())
    lines.append(
        f"{f'where {where[:-2]}: ' if where else ''}"
        f"left side {side_words(model.left)}, right side {side_words(model.right)}"
    )
    return lines


def _law_words(law: tuple[tuple[str, str], ...] | str) -> str:
    if isinstance(law, str):
        return f"distributed as {law}"
    if len(law) == 1:
        return f"always {law[0][0]}"
    weights = {weight for _, weight in law}
    if len(weights) == 1:
        values = [value for value, _ in law]
        return f"{', '.join(values[:-1])} or {values[-1]}, with probability {weights.pop()} each"
    return ", ".join(f"{value} with probability {weight}" for value, weight in law)


def side_words(side: str | tuple[str, str]) -> str:
    """A value, or the ends of its enclosure."""
    return side if isinstance(side, str) else f"between {side[0]} and {side[1]}"


def missing_words(step: StepVerdict) -> list[str]:
    """Each weakest set of further assumptions, in a line."""
    return [" and ".join(given for given in each) for each in step.missing]


def link_words(step: StepVerdict) -> str:
    """A link as its author wrote it: the relation and what it leads to; a comparison without a proof as a whole."""
    return step.text if f" {step.operator} " in step.text else f"{step.operator} {step.text}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 link``, ``3 links``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def steps_text(indices: list[int]) -> str:
    """``step 2``, ``steps 1, 3``."""
    return f"step{'s' if len(indices) > 1 else ''} {', '.join(map(str, indices))}"
