"""What the kernel's polynomials are made of.

Scalars; random entries, sums and expectations on the way in; atoms at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from derive.kernel.bounds import TooMuch as TooMuch
from derive.kernel.bounds import Unsupported as Unsupported
from derive.kernel.polynomial import Monomial, Poly


@dataclass(frozen=True, slots=True)
class Shift:
    """An index with an offset, l-1 or L+1; only families of constants have such."""

    of: str
    by: int


Label = int | str | Shift  # a literal, a free name, a bound index ("#0", "%1", "~3"), a class ("c0.1.00"), a shift
Profile = tuple[tuple[str, int], ...]  # powers of functions of one entry: (("", 2), ("sign", 1)) is y^2 sign(y)
EntryPower = tuple[str, tuple[Label, ...], Profile]  # family, indices, profile


# --- scalars: the same in every outcome ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Size:
    """A positive integer that ends a range."""

    name: str


@dataclass(frozen=True, slots=True)
class Scalar:
    """A declared constant, or pi."""

    name: str


@dataclass(frozen=True, slots=True)
class Root:
    """The nonnegative square root of a polynomial in scalars and moments."""

    radicand: Poly


@dataclass(frozen=True, slots=True)
class Inverse:
    """1/p for a polynomial p of several terms that is positive; cleared before anything is compared."""

    of: Poly


@dataclass(frozen=True, slots=True)
class Value:
    """A function of constants that the kernel knows nothing of but that equal arguments give equal values."""

    function: str
    numerator: Poly
    denominator: Poly


@dataclass(frozen=True, slots=True)
class Tower:
    """of^size, for a number, a symbol or a polynomial of several terms."""

    of: Poly
    size: str


@dataclass(frozen=True, slots=True)
class ProductOf:
    """The product over 1..size of a symbol or polynomial that calls the index by ``bound``."""

    size: str
    bound: str
    of: Poly


# --- on the way in ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Random:
    """f(F[indices]); ``function`` is empty for the entry itself, else "sign", "tanh", ..."""

    family: str
    indices: tuple[Label, ...]
    function: str


@dataclass(frozen=True, slots=True)
class Element:
    """c[indices] of a family of constants."""

    family: str
    indices: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Composite:
    """f of a random polynomial that is not a multiple of one entry: |sum W a|, sign(X + Y), tanh(sum W a).

    The sums in the argument stay closed. ``kernel.composite`` makes them and says what can be told of them.
    """

    function: str
    argument: Poly


@dataclass(frozen=True, slots=True)
class SumOf:
    """Sum of a monomial over one bound index, which the monomial calls by ``bound``."""

    high: str | int
    bound: str
    body: Monomial
    height: int


@dataclass(frozen=True, slots=True)
class RandomProduct:
    """The product over 1..size of a random polynomial that calls the index by ``powers.BOUND``."""

    size: str
    of: Poly


@dataclass(frozen=True, slots=True)
class Mean:
    """E of a monomial in random symbols, given all entries of the families in ``given``."""

    body: Monomial
    given: frozenset[str] = frozenset()


# --- atoms: the unknowns of a normal form -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """E of powers of functions of a single entry; the same for all entries of the family."""

    family: str
    profile: Profile


@dataclass(frozen=True, slots=True)
class Exchangeable:
    """A joint moment of several entries of one exchangeable family, its indices renamed to 1, 2, ..."""

    family: str
    entries: tuple[tuple[tuple[int, ...], Profile], ...]


@dataclass(frozen=True, slots=True)
class Joint:
    """A joint moment of entries of families of whose dependence nothing is known: tied to its indices."""

    entries: tuple[EntryPower, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """f(F[indices]) outside all expectations: a constant of a family, or an entry that is conditioned on."""

    family: str
    indices: tuple[Label, ...]
    function: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """Powers of functions of one entry outside all expectations, as a factor of an ``Average``."""

    entry: EntryPower


@dataclass(frozen=True, slots=True)
class Whole:
    """A moment of functions of whole sums, its indices renamed: (family or composite, indices, profile) of each factor.

    Only of iid and exchangeable families that are mutually independent, so that the names of indices do not matter.
    """

    factors: tuple[tuple[str | Composite, tuple[Label, ...], Profile], ...]


@dataclass(frozen=True, slots=True)
class Average:
    """A sum of products of moments and values over indices that must not be replaced by a count.

    bound: (index, end of its range) for each index summed over, all values, not only distinct ones.
    """

    bound: tuple[tuple[str, str | int], ...]
    factors: tuple[Joint | Fixed, ...]


def profile(powers: dict[str, int]) -> Profile | None:
    """The powers in normal form, by sign^3 = sign and y sign(y)^2 = y; None if nothing is left of them."""
    sign = powers.get("sign", 0)
    if sign:
        powers = {**powers, "sign": 2 - sign % 2}
        if powers["sign"] == 2 and powers.get("", 0):
            del powers["sign"]
    left = tuple(sorted((f, e) for f, e in powers.items() if e))
    return left or None


def size_of(high: str | int) -> Poly:
    """The end of a range as a polynomial."""
    return Poly.symbol(Size(high)) if isinstance(high, str) else Poly.number(Fraction(high))


def base(label: Label) -> int | str:
    """The index without its offset."""
    return label.of if isinstance(label, Shift) else label


def moved(label: Label, names: Mapping[Label, Label]) -> Label:
    """The index after a renaming; an offset stays."""
    if not isinstance(label, Shift):
        return names.get(label, label)
    to = names.get(label.of, label.of)
    if isinstance(to, int):
        return to + label.by
    if isinstance(to, Shift):
        return shifted(to.of, to.by + label.by)
    return Shift(to, label.by)


def shifted(name: str, by: int) -> Label:
    """name + by."""
    return Shift(name, by) if by else name
