"""How far a rule reaches, in sentences that are true of it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derive.gaussian.activation import Activation
from derive.gaussian.depth import FixedPoint
from derive.gaussian.numbers import Number
from derive.rules.numbers import decimals
from derive.rules.values import Side

FEW = 5


def scope(f: Activation, q: Fraction, forward: Side, backward: Side, mean: Number, point: FixedPoint | None) -> str:
    """The sentences, in one text."""
    return " ".join(
        [*_reach(f, q, forward), *_point(q, point), *_backward(f, backward), *_moment(mean), *_law(forward)]
    )


def _reach(f: Activation, q: Fraction, forward: Side) -> Iterator[str]:
    second = forward.second_moment
    if second is not None and second.status == "not certified":
        yield f"The forward rule is not certified: {second.reason}."
    elif forward.vanishes:
        yield "E f^2 = 0: f is 0 almost everywhere, and no variance of weights keeps anything."
    elif forward.unseen:
        yield f"No rule is computed: f is all but 0 under N(0, {q}), and E f^2 is not told apart from 0."
    elif f.homogeneous is not None:
        yield "f is homogeneous, f(t z) = t f(z) for t > 0: the forward rule keeps E z^2 whatever it is."
    else:
        yield f"f is not homogeneous: the forward rule keeps E z^2 = {q}, and no other value as such."


def _point(q: Fraction, point: FixedPoint | None) -> Iterator[str]:
    if point is None:
        return
    chi = decimals(point.chi_parallel, FEW)
    if point.attracts is None:
        yield f"Whether the fixed point {q} of the variance map attracts is not decided (slope {chi})."
    elif point.attracts:
        yield f"{q} is a fixed point of the variance map that attracts: a layer multiplies a small deviation by {chi}."
    else:
        yield f"{q} is a fixed point of the variance map that repels: a layer multiplies a small deviation by {chi}."
    if point.chi_perpendicular is None:
        return
    across = point.chi_perpendicular
    if across.ball is not None and not bool(across.ball.contains(1)):
        word = "grows" if bool(across.ball > 1) else "shrinks"
        yield f"Where widths are equal the gradient's second moment then {word}: times {decimals(across, FEW)} a layer."


def _backward(f: Activation, backward: Side) -> Iterator[str]:
    second = backward.second_moment
    if second is None:
        jumps = ", ".join(str(x) if isinstance(x, Fraction) else x.str(FEW) for x in f.breaks.jumps)
        yield f"The backward rule is undefined: f jumps at {jumps}, so f' is no function and E f'^2 does not exist."
    elif second.status == "not certified":
        yield f"The backward rule is not certified: {second.reason}."


def _moment(mean: Number) -> Iterator[str]:
    if mean.ball is not None and not bool(mean.ball.contains(0)):
        yield "E f^2 is the second moment, not the variance, of f, whose mean is not 0."


def _law(forward: Side) -> Iterator[str]:
    if forward.gain is not None and forward.gain.ball is not None:
        yield ("z ~ N(0, q) holds exactly for Gaussian weights given the layer below, for others as the width grows.")
