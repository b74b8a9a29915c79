"""The SymPy side: it derives and solves, and is never trusted. Open ``variance.py`` and ``rules.py`` first.

Nobody outside this folder imports SymPy. The names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.symbolic.objects import SymbolicTheorem, symbolic, theorem
    from derive.symbolic.textbook import found, with_proof, write_proof

__all__ = ["SymbolicTheorem", "found", "symbolic", "theorem", "with_proof", "write_proof"]

_HOME: dict[str, str] = dict.fromkeys(__all__, "textbook") | dict.fromkeys(
    ("SymbolicTheorem", "symbolic", "theorem"), "objects"
)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"derive.symbolic.{_HOME[name]}"), name)
