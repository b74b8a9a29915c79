"""The report on constant initialization: what SymPy derived, and networks trained in exact fractions.

It holds no derivation in the language, so its statements are not ``proved``: their status is ``derived (SymPy)``. It is
checked by deriving and training again and comparing the whole text.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.report.envelope import enclosed

if TYPE_CHECKING:
    from derive.symbolic.symmetry import Statement
    from derive.symbolic.two_units import Example, Outcome

NAME = "constant-init-symmetry"
TITLE = "Constant weights keep two units equal"

_PROSE = """\
Give all hidden weights the same value, zero or another one, the biases zero and the output weights the same value. Then
the hidden units compute the same, get the same gradients, and stay the same however long they are trained: a layer of a
thousand units is worth one. That is why weights are drawn at random. Here it is derived for two units, for every loss
that has a derivative, every activation, every batch and every number of steps."""

_NETWORK = """\
Two inputs, two hidden units, one output; m examples with the targets t:

$$
f(x) = v_1 \\thinspace g(w_{11} x_1 + w_{12} x_2 + b_1) + v_2 \\thinspace g(w_{21} x_1 + w_{22} x_2 + b_2) + c, \\qquad
L = \\sum_{s=1}^{m} \\ell\\left(f(x^{(s)}), t^{(s)}\\right)
$$

g, its slope g', the loss of one example and its derivative are functions of which nothing is known. So the slope may be
what a program takes where there is none, such as relu's at zero. The example that is usually given has g = relu, all
hidden weights alpha and b = 0: both units then put out relu(alpha x1 + alpha x2)."""

_STATUS = """\
SymPy differentiated this network, put the two units' parameters equal, and compared. The statements are outside the
language of derivations, so the kernel has not decided them and SymPy is trusted: **derived (SymPy)**, not proved. The
induction over the steps is spelled out in words."""

_SCOPE = """\
Not covered: whatever treats the two units differently. Dropout with a mask for each unit, noise on single weights or
gradients, and data that reach only one of the units break the symmetry. More units in a layer are covered two by two.
How far apart random weights set the units is said by [equal-weights-equal-units](equal-weights-equal-units.md)."""

_RUNS = """\
The same network with squared errors and four examples, its gradients written down by hand, trained by gradient steps in
fractions of integers. Equal means equal to the last digit. Examples, not a proof."""


def write_symmetry(
    statements: tuple[Statement, ...], runs: tuple[Outcome, ...], control: Outcome, data: tuple[Example, ...]
) -> str:
    """The report's text, a pure function of what was derived and computed."""
    held, kept = sum(s.holds for s in statements), sum(all(r.twins) for r in runs)
    lines = [
        f"# {TITLE}",
        "",
        "| what | status |",
        "| --- | --- |",
        f"| statements about derivatives | **derived (SymPy)**: {held} of {len(statements)} hold; for every loss, "
        "activation, batch and number of steps |",
        f"| networks trained in exact fractions | **computed**: the units stayed equal in {kept} of {len(runs)}, "
        f"{'and did not in the control' if not all(control.alike) else '**and in the control too**'}; examples |",
        "",
        _PROSE,
        "",
        "## The network",
        "",
        _NETWORK,
        "",
        "## What was derived",
        "",
        _STATUS,
    ]
    for number, statement in enumerate(statements, 1):
        lines += _statement(number, statement)
    lines += ["", _SCOPE, "", "## The same in exact fractions", "", _RUNS, "", *_examples(data), ""]
    lines += [
        "| network | activation | steps | units equal after each step | hidden weights moved | loss, first to last |"
    ]
    lines += ["| --- | --- | --- | --- | --- | --- |", *map(_run, runs)]
    lines += ["", *_control(control), "", *_again()]
    return enclosed("symmetry report", NAME, "\n".join(lines))


def _statement(number: int, statement: Statement) -> Iterator[str]:
    yield from ("", f"**{number}. {statement.name[:1].upper()}{statement.name[1:]}.** {statement.words}")
    yield from ("", "$$", statement.formula, "$$", "")
    yield "Status: **derived (SymPy)**." if statement.holds else "Status: **SymPy does not find it so**."


def _examples(data: tuple[Example, ...]) -> Iterator[str]:
    said = ", ".join(f"({x1}, {x2}) to {target}" for x1, x2, target in data)
    yield f"The examples: {said}."


def _run(outcome: Outcome) -> str:
    run = outcome.run
    equal = "yes" if all(outcome.twins) else "**no**"
    moved = "yes" if outcome.moved else "no"
    momentum = f", momentum {run.momentum}" if run.momentum else ""
    steps = f"{run.steps} of size {run.rate}{momentum}"
    losses = f"{_rounded(outcome.first_loss)} to {_rounded(outcome.last_loss)}"
    return f"| {run.name} | {run.activation.name} | {steps} | {equal} | {moved} | {losses} |"


def _control(control: Outcome) -> Iterator[str]:
    last = control.last
    after = next((k for k, equal in enumerate(control.alike) if not equal), None)
    yield f"The control: {control.run.name}. The hidden weights start equal,"
    if after is None:
        yield "and **they stay equal, which they should not**."
        return
    yield f"differ after step {after}, and after {control.run.steps} steps the first weight of one unit is"
    yield f"{_rounded(last.one.w1)}, of the other {_rounded(last.two.w1)}."


def _rounded(x: Fraction) -> str:
    return f"{float(x):.4f}"


def _again() -> Iterator[str]:
    yield "## Do it again"
    yield ""
    yield f"`python -m derive check {NAME}.md` differentiates and trains again and compares this text. The derivation"
    yield "is `derive/symbolic/symmetry.py`, the training `derive/symbolic/two_units.py`; the two share nothing."
