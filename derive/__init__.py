"""derive: derives the rules of weight initialization, decides other people's derivations, and says what is proved.

The front door is small and loads lazily: ``import derive`` imports nothing but the standard library.
"""

from __future__ import annotations

from types import MappingProxyType

TYPE_CHECKING = False  # typing's takes a while to load, in which Ctrl-C would show a traceback
if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction
    from typing import Any

    from derive.rules import Critical, Rule
    from derive.verdict import Verdicts

__all__ = ["check", "critical", "rule", "theorem", "theorems"]

__version__ = "0.1.0"


def check(text: str, *, file: str = "<text>", explain: bool = False) -> Verdicts:
    """Decide every theorem of a document: Markdown with ``derive`` blocks, or a generated report.

    explain: say of what is proved which weaker givens suffice.
    """
    from derive.inputs import Input, check_inputs
    from derive.verdict import Verdicts
    from derive.wiring import tools

    return Verdicts(check_inputs(iter([Input(file, text)]), tools(explain=explain)))


def theorem(name: str) -> Any:
    """A theorem of the library with its claim and rule as SymPy expressions; ``KeyError`` for an unknown name."""
    from derive.symbolic import theorem as found

    return found(name)


def theorems() -> tuple[str, ...]:
    """The names of the library's theorems."""
    from derive.library import names

    return names()


def rule(
    activation: str,
    *,
    variance: str | int | Fraction = 1,
    digits: int = 30,
    params: Mapping[str, str | int | Fraction] = MappingProxyType({}),
    claim: str | None = None,
) -> Rule:
    """How to initialize for an activation, a name such as ``gelu`` or an expression in ``z``, at z ~ N(0, variance).

    ``rule("gelu").forward.gain`` and so on; ``claim`` is somebody's gain to judge. Raises ``ValueError`` with a place
    and a remedy for what is no activation; what is not certified says so in its ``status``.
    """
    from derive.rules import rule as found

    return found(activation, variance=variance, digits=digits, params=params, claim=claim)


def critical(
    activation: str,
    *,
    bias_variance: str | int | Fraction | None = None,
    digits: int = 30,
    params: Mapping[str, str | int | Fraction] = MappingProxyType({}),
) -> Critical:
    """The variances with chi_parallel = chi_perpendicular = 1; with a bias variance the edge of chaos.

    Raises ``ValueError`` with a place and a remedy for what is no activation.
    """
    from derive.rules import critical as found

    return found(activation, bias_variance=bias_variance, digits=digits, params=params)
