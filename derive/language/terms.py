"""Terms: what the language's expressions are once they have been read.

A term is a frozen value. Two terms are equal when they were written alike, apart from white space and needless
parentheses; whether they *mean* the same is for the kernel to decide. Positions in the source are carried for error
messages only and take no part in comparisons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

NOWHERE = -1
T = TypeVar("T", bound="Remembering")


class Remembering:
    """A value that may be asked for its hash often, and is a whole tree."""

    __slots__ = ("known_hash",)
    known_hash: int


def remembered(cls: type[T]) -> type[T]:
    """The class with a hash that is computed once for each value."""
    computed = cls.__hash__

    def __hash__(self: T) -> int:  # noqa: N807 - it becomes the class's
        try:
            return self.known_hash
        except AttributeError:
            object.__setattr__(self, "known_hash", computed(self))
            return self.known_hash

    cls.__hash__ = __hash__
    return cls


@remembered
@dataclass(frozen=True, slots=True)
class Num(Remembering):
    """A rational number, read exactly: ``0.1`` is 1/10."""

    value: Fraction
    at: int = field(default=NOWHERE, compare=False, repr=False)


@remembered
@dataclass(frozen=True, slots=True)
class Name(Remembering):
    """A name without an index: a constant, a size, an index, ``pi``, or the first entry of a family."""

    name: str
    at: int = field(default=NOWHERE, compare=False, repr=False)


@remembered
@dataclass(frozen=True, slots=True)
class Entry(Remembering):
    """An entry of a family: ``W[i,j]``."""

    name: str
    indices: tuple[Term, ...]
    at: int = field(default=NOWHERE, compare=False, repr=False)


@remembered
@dataclass(frozen=True, slots=True)
class Neg(Remembering):
    """-t."""

    term: Term


@remembered
@dataclass(frozen=True, slots=True)
class Add(Remembering):
    """t1 + ... + tk, k >= 2; a difference has a ``Neg`` for its subtrahend."""

    terms: tuple[Term, ...]


@remembered
@dataclass(frozen=True, slots=True)
class Recip(Remembering):
    """1/t, only as a later factor of a ``Mul``: ``a/b`` is Mul(a, Recip(b))."""

    term: Term


@remembered
@dataclass(frozen=True, slots=True)
class Mul(Remembering):
    """t1 * ... * tk, k >= 2; a quotient has a ``Recip`` for its divisor."""

    factors: tuple[Term, ...]


@remembered
@dataclass(frozen=True, slots=True)
class Pow(Remembering):
    """base ^ exponent, with 0^0 = 1."""

    base: Term
    exponent: Term


@remembered
@dataclass(frozen=True, slots=True)
class Apply(Remembering):
    """A function of arguments: ``relu(y)``; the functionals ``E(t)``, ``Var(t)``, ``Cov(s, t)``; ``limit(t, L)``."""

    function: str
    args: tuple[Term, ...]
    at: int = field(default=NOWHERE, compare=False, repr=False)


@remembered
@dataclass(frozen=True, slots=True)
class Big(Remembering):
    """``sum(body, index in low..high)`` or ``prod(...)``."""

    kind: str
    body: Term
    index: str
    low: Term
    high: Term
    at: int = field(default=NOWHERE, compare=False, repr=False)


@remembered
@dataclass(frozen=True, slots=True)
class Conditional(Remembering):
    """``E(t | a)``, ``Var(t | a)``, ``Cov(s, t | a)``: given all entries of the families in ``given``.

    A node of its own, so that nobody takes a conditional expectation for a plain one.
    """

    functional: str
    args: tuple[Term, ...]
    given: tuple[str, ...]
    at: int = field(default=NOWHERE, compare=False, repr=False)


Term = Num | Name | Entry | Neg | Add | Recip | Mul | Pow | Apply | Big | Conditional

ZERO, ONE, TWO = Num(Fraction(0)), Num(Fraction(1)), Num(Fraction(2))
FUNCTIONALS = frozenset({"E", "Var", "Cov"})


def number(value: int | Fraction) -> Num:
    """The term of a rational number."""
    return Num(Fraction(value))


def add(*terms: Term) -> Term:
    """The sum of the terms, 0 for none."""
    return ZERO if not terms else terms[0] if len(terms) == 1 else Add(terms)


def mul(*factors: Term) -> Term:
    """The product of the factors, 1 for none; leading reciprocals get a 1 in front."""
    if not factors:
        return ONE
    if isinstance(factors[0], Recip):
        factors = (ONE, *factors)
    return factors[0] if len(factors) == 1 else Mul(factors)


def expectation(term: Term) -> Apply:
    """E(term)."""
    return Apply("E", (term,))


def variance(term: Term) -> Apply:
    """Var(term)."""
    return Apply("Var", (term,))


def children(term: Term) -> tuple[Term, ...]:
    """The immediate parts of a term, in order; a sum's bounds come before its body."""
    match term:
        case Num() | Name():
            return ()
        case Entry(indices=parts) | Add(terms=parts) | Mul(factors=parts) | Apply(args=parts) | Conditional(args=parts):
            return parts
        case Neg(term=part) | Recip(term=part):
            return (part,)
        case Pow(base=base, exponent=exponent):
            return (base, exponent)
        case Big(low=low, high=high, body=body):
            return (low, high, body)


def rebuild(term: Term, change: Callable[[Term], Term]) -> Term:
    """The term with ``change`` applied to each immediate part."""
    match term:
        case Num() | Name():
            return term
        case Entry():
            return Entry(term.name, tuple(change(t) for t in term.indices), term.at)
        case Neg():
            return Neg(change(term.term))
        case Add():
            return Add(tuple(change(t) for t in term.terms))
        case Recip():
            return Recip(change(term.term))
        case Mul():
            return Mul(tuple(change(t) for t in term.factors))
        case Pow():
            return Pow(change(term.base), change(term.exponent))
        case Apply():
            return Apply(term.function, tuple(change(t) for t in term.args), term.at)
        case Big():
            return Big(term.kind, change(term.body), term.index, change(term.low), change(term.high), term.at)
        case Conditional():
            return Conditional(term.functional, tuple(change(t) for t in term.args), term.given, term.at)


def walk(term: Term) -> Iterator[Term]:
    """The term and all its parts, outermost first."""
    stack = [term]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(children(top)))


def first_position(term: Term) -> int:
    """Where in the source the term begins, or ``NOWHERE`` for a term that nobody wrote."""
    found = [t.at for t in walk(term) if isinstance(t, Num | Name | Entry | Apply | Big | Conditional)]
    return min((at for at in found if at != NOWHERE), default=NOWHERE)


def substitute(term: Term, values: Mapping[str, Term]) -> Term:
    """Replace free index and constant names by terms.

    Bound indices shadow; the caller renames bound indices apart first (``scope`` does), so nothing is captured.
    """
    if not values:
        return term
    if isinstance(term, Name):
        return values.get(term.name, term)
    if isinstance(term, Big):
        inner = {k: v for k, v in values.items() if k != term.index}
        return Big(
            term.kind,
            substitute(term.body, inner),
            term.index,
            substitute(term.low, values),
            substitute(term.high, values),
            term.at,
        )
    return rebuild(term, lambda part: substitute(part, values))


def functional(term: Term) -> bool:
    """Whether the term is E, Var or Cov of something, conditional or not."""
    return isinstance(term, Conditional) or (isinstance(term, Apply) and term.function in FUNCTIONALS)


def functionals(term: Term) -> bool:
    """Whether E, Var or Cov occurs in the term, conditional or not."""
    return any(functional(t) for t in walk(term))
