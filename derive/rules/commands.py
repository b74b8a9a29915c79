"""The commands ``rule`` and ``critical``: ask, print, return the exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.report.terminal import Style

BAD_INPUT = 2


def rule(
    activation: str,
    *,
    digits: int,
    variance: str,
    params: Iterable[str],
    claim: str | None,
    as_json: bool,
    style: Style,
) -> int:
    """Print the rule of an activation; 0, or 1 if the claim does not hold, 2 for bad input, 3 for what is not known."""
    from derive import rules

    try:
        found = rules.rule(activation, variance=variance, digits=digits, params=parameters(params), claim=claim)
    except ValueError as error:
        return _refuse(error)
    if as_json:
        print(json.dumps(found.json(), indent=1))
    else:
        from derive.rules.terminal import rule_lines

        print("\n".join(rule_lines(found, style)))
    return found.status


def critical(
    activation: str, *, bias: str | None, digits: int, params: Iterable[str], as_json: bool, style: Style
) -> int:
    """Print a critical pair or the edge of chaos; 1 if there is none, 2 for bad input, 3 for what is not known."""
    from derive import rules

    try:
        found = rules.critical(activation, bias_variance=bias, digits=digits, params=parameters(params))
    except ValueError as error:
        return _refuse(error)
    if as_json:
        print(json.dumps(found.json(), indent=1))
    else:
        from derive.rules.terminal import critical_lines

        print("\n".join(critical_lines(found, style, bias=bias is not None)))
    return found.status


def parameters(words: Iterable[str]) -> dict[str, str]:
    """``alpha=0.25`` as a name and a value. Raises ``ValueError``."""
    found: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.strip() or name.strip() in found:
            raise ValueError(f"`{word[:40]}` does not give one parameter a value\nwrite for example --param alpha=0.25")
        found[name.strip()] = value.strip()
    return found


def _refuse(error: ValueError) -> int:
    print(f"error: {error}", file=sys.stderr)
    return BAD_INPUT
