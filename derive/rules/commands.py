"""The commands ``rule`` and ``critical``: ask, print, return the exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.report.terminal import Style, terminal_style

if TYPE_CHECKING:
    from derive.rules import Critical, Rule

Drawn = tuple[bytes, str]

BAD_INPUT = 2


def rule(
    activation: str,
    *,
    digits: int,
    variance: str,
    params: Iterable[str],
    claim: str | None,
    as_json: bool,
    plot: Path | None,
) -> int:
    """Print the rule of an activation; 0, or 1 if the claim does not hold, 2 for bad input, 3 for what is not known.

    plot: a file for f, f' and the variance map.
    """
    from derive import rules
    from derive.rules.terminal import rule_lines

    try:
        _check(plot)
        given = parameters(params)
        found = rules.rule(activation, variance=variance, digits=digits, params=given, claim=claim)

        def draw(figures: Any, f: Any, kind: str) -> Drawn:
            return figures.rule_figure(f, found, kind=kind)

        shown = _drawn(plot, draw, activation, given)
    except ValueError as error:
        return _refuse(error)
    return _say(found, lambda style: rule_lines(found, style), shown, as_json=as_json)


def critical(
    activation: str,
    *,
    bias: str | None,
    digits: int,
    params: Iterable[str],
    as_json: bool,
    plot: Path | None,
) -> int:
    """Print a critical pair or the edge of chaos; 1 if there is none, 2 for bad input, 3 for what is not known.

    plot: a file for the phase diagram.
    """
    from derive import rules
    from derive.rules import asked
    from derive.rules.terminal import critical_lines

    try:
        _check(plot)
        given = parameters(params)
        found = rules.critical(activation, bias_variance=bias, digits=digits, params=given)
        marked = None if bias is None else asked.variance(bias, zero=True)

        def draw(figures: Any, f: Any, kind: str) -> Drawn:
            return figures.critical_figure(f, found, bias=marked, kind=kind)

        shown = _drawn(plot, draw, activation, given)
    except ValueError as error:
        return _refuse(error)
    return _say(found, lambda style: critical_lines(found, style, bias=bias is not None), shown, as_json=as_json)


def parameters(words: Iterable[str]) -> dict[str, str]:
    """``alpha=0.25`` as a name and a value. Raises ``ValueError``."""
    found: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.strip() or name.strip() in found:
            raise ValueError(f"`{word[:40]}` does not give one parameter a value\nwrite for example --param alpha=0.25")
        found[name.strip()] = value.strip()
    return found


def _check(plot: Path | None) -> None:
    """Raise ``ValueError`` where no figure can be put, before anything is computed."""
    if plot is not None:
        from derive.rules.figures import check_place

        check_place(plot)


def _drawn(
    plot: Path | None, draw: Callable[[Any, Any, str], Drawn], activation: str, given: dict[str, str]
) -> str | None:
    """Draw into the file; what the figure shows, in words, or why there is none. Raises ``ValueError``."""
    if plot is None:
        return None
    from derive.gaussian.errors import NotCertified
    from derive.rules import asked, figures

    try:
        picture, text = draw(figures, asked.activation(activation, given), figures.check_place(plot))
    except NotCertified as reason:
        return f"no figure is drawn: {reason}"
    figures.write_figure(plot, picture)
    return f"{plot} shows: {text}"


def _say(found: Rule | Critical, lines: Callable[[Style], Iterator[str]], shown: str | None, *, as_json: bool) -> int:
    """Print what was found and what its figure shows; the exit status."""
    if as_json:
        print(json.dumps(found.json(), indent=1))
    else:
        style = terminal_style()
        told = () if shown is None else style.wrap(shown, "", "  ")
        print("\n".join([*lines(style), *told]))
    return found.status


def _refuse(error: ValueError) -> int:
    print(f"error: {error}", file=sys.stderr)
    return BAD_INPUT
