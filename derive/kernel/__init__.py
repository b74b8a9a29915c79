"""The kernel decides identities between moments: standard library and the project's terms only, no SymPy."""

from derive.kernel.contradictions import contradiction
from derive.kernel.judge import Outcome, judge

__all__ = ["Outcome", "contradiction", "judge"]
