"""A rule and a critical pair for the terminal: plain lines at any width."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.gaussian.depth import FixedPoint
from derive.gaussian.numbers import Number, distance
from derive.language.printer import term_text
from derive.report.terminal import Style
from derive.rules.critical import Critical
from derive.rules.numbers import SHORT, decimals
from derive.rules.values import Claim, Rule, Side, Snippets

FEW = 12  # digits of what follows from the numbers that were asked for
WIDTH = 18


def rule_lines(rule: Rule, style: Style) -> Iterator[str]:
    """The numbers, the rule forward and backward, its scope, the claim, and lines to paste."""
    yield from style.wrap(f"f(z) = {rule.expression},  z ~ N(0, {rule.variance})", "", "    ")
    yield from _number("E f", rule.mean, style)
    yield from _number("Var f", rule.centred_variance, style)
    yield "forward"
    yield from _side(rule.forward, "E f^2", "fan_in", style)
    yield "backward"
    yield from _side(rule.backward, "E f'^2", "fan_out", style)
    if rule.average is not None:
        yield "both"
        yield from _line("Var(W)", _rounded_rule(rule.average), style)
    if rule.fixed_point is not None:
        yield from _point(rule.fixed_point, "fixed point", style)
    yield from style.wrap(rule.scope, "scope: ", "  ")
    if rule.claim is not None:
        yield from _claim(rule.claim, style)
    yield from _snippets(rule.snippets)


def critical_lines(found: Critical, style: Style, *, bias: bool) -> Iterator[str]:
    """The pair, what else was found, and what is to be said."""
    yield from style.wrap(f"f(z) = {found.expression}", "", "    ")
    if found.weight_variance is not None:
        yield "edge of chaos" if bias else "critical pair"
        yield from _pair(found, style)
        for other in found.others:
            yield "another one"
            yield from _pair(other, style)
    if found.message:
        yield from style.wrap(found.message, "", "  ")


def _pair(found: Critical, style: Style) -> Iterator[str]:
    for label, number in (
        ("sigma_w^2", found.weight_variance),
        ("sigma_b^2", found.bias_variance),
        ("fixed point q", found.fixed_point),
        ("chi_parallel", found.chi_parallel),
        ("chi_perpendicular", found.chi_perpendicular),
    ):
        if number is not None:
            yield from _number(label, number, style)
    if found.every:
        yield from _line("fixed point q", "every q", style)


def _side(side: Side, moment: str, fan: str, style: Style) -> Iterator[str]:
    if side.second_moment is None:
        yield from _line(moment, "undefined", style)
        return
    yield from _number(moment, side.second_moment, style)
    if side.gain is None or side.gain.ball is None:
        return
    yield from _number("gain", side.gain, style)
    if side.weight_variance is not None and side.uniform_bound is not None:
        yield from _line("Var(W)", _rounded_rule(side.weight_variance), style)
        yield from _line("uniform", f"on [-c, c], c = {_rounded_rule(side.uniform_bound)}", style)
    if side.truncated_std is not None:
        value = decimals(side.truncated_std, FEW)
        yield from _line("truncated normal", f"std = {value}/sqrt({fan}) before the cut at 2 std", style)


def _number(label: str, number: Number, style: Style) -> Iterator[str]:
    """Closed form where it is short, digits with their radius, status."""
    if number.ball is None:
        yield from _line(label, f"{number.status}: {number.reason}", style)
        return
    exact = term_text(number.exact) if number.exact is not None else ""
    value = decimals(number, number.digits) or ""
    said = f"{exact} = {value}" if exact != value and 0 < len(exact) <= SHORT else value
    if number.status != "not certified" and exact != value and (far := distance(number.ball, value)) != "0":
        said = f"{said} +- {far}"
    reason = f": {number.reason}" if number.reason else ""
    yield from _line(label, f"{said}  {number.status}{reason}", style)


def _line(label: str, text: str, style: Style) -> Iterator[str]:
    yield from style.wrap(text, f"  {label:<{WIDTH}} ", " " * (WIDTH + 5))


def _rounded_rule(text: str) -> str:
    """A rule with its decimals cut to what is pasted anyway; closed forms stay as they are."""
    return re.sub(r"\d+\.\d+", lambda m: f"{float(m[0]):.{FEW}g}", text)


def _point(point: FixedPoint, label: str, style: Style) -> Iterator[str]:
    word = {True: "attracts", False: "repels", None: "attracts or repels: not decided"}[point.attracts]
    slopes = [f"chi_parallel {decimals(point.chi_parallel, FEW)}"]
    if point.chi_perpendicular is not None:
        slopes.append(f"chi_perpendicular {decimals(point.chi_perpendicular, FEW)}")
    yield from style.wrap(f"q = {decimals(point.q, FEW)} {word}: {', '.join(slopes)}", f"{label}: ", "  ")


def _claim(claim: Claim, style: Style) -> Iterator[str]:
    colour = {"holds": "1;32", "does not hold": "1;31", "undecided": "1;33"}[claim.verdict]
    yield f"claim: gain {claim.gain} {style.paint(claim.verdict, colour)}"
    if claim.remark:
        yield from style.wrap(claim.remark, "  ", "    ")
    yield from _number("over the gain", claim.ratio, style)
    for layers, factor in claim.after_layers:
        yield from _number(f"E z^2, {layers} layers", factor, style)
    for point in claim.fixed_points:
        yield from _point(point, "  fixed point", style)


def _snippets(snippets: Snippets) -> Iterator[str]:
    for name, text in (
        ("PyTorch", snippets.pytorch),
        ("JAX", snippets.jax),
        ("Keras", snippets.keras),
        ("NumPy", snippets.numpy),
    ):
        if text is not None:
            yield name
            yield from (f"    {line}".rstrip() for line in text.rstrip("\n").split("\n"))
