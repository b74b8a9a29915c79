"""Closed forms of moments under N(0, q), symbolic in q."""

from __future__ import annotations

from fractions import Fraction

from derive.gaussian.activation import Activation
from derive.language.terms import Term


def closed_form(f: Activation, of: str, q: Fraction | None = None) -> Term | None:
    """E of an expression in f, df, z as a term in ``q`` (or at a number q); None where this calculus has none."""
    return None
