"""derive: derives the rules of weight initialization, decides other people's derivations, and says what is proved.

The front door is small and loads lazily: ``import derive`` imports nothing but the standard library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.verdict import Verdicts

__all__ = ["check", "theorem", "theorems"]

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
