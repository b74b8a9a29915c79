"""The words of the subject as SymPy objects: sizes, indices, families of random variables, and E, Var, Cov.

As in the language, the bare name ``W`` stands for the first entry ``W[1,1]`` of the family W.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportUnknownLambdaType=false
# (SymPy 1.14 ships no types; what it returns is checked by the kernel, not by pyright.)

from __future__ import annotations

from typing import Any, TypeAlias

from sympy import Function, Indexed, IndexedBase, Integer, Symbol

Expr: TypeAlias = Any
"""A SymPy expression. SymPy's own annotations call half of what it returns a relation, so the name is for readers."""

E = Function("E", real=True)
Var = Function("Var", nonnegative=True)
Cov = Function("Cov", real=True)
relu = Function("relu", nonnegative=True)
leaky_relu = Function("leaky_relu", real=True)
step = Function("step", nonnegative=True)


def size(name: str) -> Symbol:
    """Name a width or a fan: a positive integer."""
    return Symbol(name, integer=True, positive=True)


def index(name: str) -> Symbol:
    """Name an index, which runs over positive integers."""
    return Symbol(name, integer=True, positive=True)


def family(name: str) -> Any:
    """Name a family of real random variables, whose entries are then written with indices."""
    return IndexedBase(name, real=True)


def first(name: str) -> Symbol:
    """Name the first entry of a family, or a single random variable."""
    return Symbol(name, real=True)


def name_of(entry: Expr) -> str:
    """The family to which an entry belongs."""
    return str(entry.args[0] if isinstance(entry, Indexed) else entry)


def indices_of(entry: Expr) -> tuple[Expr, ...]:
    """The entry's indices; none for a bare name."""
    return tuple(entry.indices) if isinstance(entry, Indexed) else ()


def bare(expression: Expr) -> Expr:
    """Write W for W[1,1] everywhere."""

    def shorten(*args: Expr) -> Expr:
        entry = Indexed(*args)
        return first(name_of(entry)) if all(i == 1 for i in args[1:]) else entry

    return expression.replace(Indexed, shorten)


def certainly_distinct(one: Expr, other: Expr, apart: tuple[Expr, ...] = ()) -> bool:
    """Whether two entries of a family differ in some index: two literals, or the indices declared apart."""
    length = max(len(indices_of(one)), len(indices_of(other)))
    left, right = (indices_of(e) or (Integer(1),) * length for e in (one, other))
    both_literal = (p.is_Integer and q.is_Integer and p != q for p, q in zip(left, right, strict=True))
    both_apart = (p != q and p in apart and q in apart for p, q in zip(left, right, strict=True))
    return any(both_literal) or any(both_apart)
