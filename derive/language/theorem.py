"""Theorems as values: what a ``derive`` block says, before anybody has judged it."""

from __future__ import annotations

from dataclasses import dataclass

from derive.language.terms import Term


@dataclass(frozen=True, slots=True)
class Range:
    """``j in 1..n``: an index and where it ends, a size's name or a literal."""

    index: str
    high: str | int


@dataclass(frozen=True, slots=True)
class Family:
    """``W[i,j] iid for i in 1..m, j in 1..n``, ``a[j] exchangeable for ...`` or ``X random`` (no ranges).

    ``X[j] independent for ...`` has mutually independent entries, each with a law of its own.
    """

    name: str
    kind: str  # "iid", "exchangeable", "independent" or "random"
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """``c real``, ``s positive``, ``k nonzero``, or a family of constants ``s[l] positive for l in 1..L``."""

    name: str
    kind: str  # "real", "positive" or "nonzero"
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Independent:
    """Blocks of families that are mutually independent; nothing is said within a block.

    ``W independent of a`` has the blocks (W), (a); ``W, a, b independent`` has three.
    """

    blocks: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Symmetric:
    """``W symmetric``: W and -W have the same law."""

    name: str


@dataclass(frozen=True, slots=True)
class Law:
    """``W ~ Normal(0, s^2)``."""

    name: str
    law: str
    args: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """``t0 op1 t1 op2 t2 ...`` with operators among ``= < <= > >=``: a moment fact, a condition, a claim."""

    terms: tuple[Term, ...]
    operators: tuple[str, ...]

    def pairs(self) -> tuple[tuple[Term, str, Term], ...]:
        """The single comparisons (left, operator, right) that the chain consists of."""
        return tuple(zip(self.terms, self.operators, self.terms[1:], strict=False))


@dataclass(frozen=True, slots=True)
class Recurrence:
    """``v[l] = n*s*v[l-1] for l in 1..L``: as it is read, any relation with ranges.

    What ``scope`` leaves a recurrence defines its left side, an entry of a family of constants with exactly the
    indices of the ranges; every other relation with ranges becomes a ``Relation`` with free indices.
    """

    relation: Relation
    ranges: tuple[Range, ...]


Item = Family | Constant | Independent | Symmetric | Law | Relation | Recurrence


@dataclass(frozen=True, slots=True)
class Given:
    """An assumption, its text as the printer writes it, and where it stands."""

    item: Item
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Definition:
    """``z[i] = sum(W[i,j]*a[j], j in 1..n)`` of a ``let``."""

    name: str
    indices: tuple[str, ...]
    body: Term
    at: int


@dataclass(frozen=True, slots=True)
class Show:
    """``show A = B``, or a chain of comparisons."""

    relation: Relation


@dataclass(frozen=True, slots=True)
class Equivalence:
    """``show A = B iff C = D``."""

    left: Relation
    right: Relation


@dataclass(frozen=True, slots=True)
class Conjunction:
    """Claims joined by ``and``."""

    claims: tuple[Show | Equivalence, ...]


@dataclass(frozen=True, slots=True)
class Find:
    """``find Var(W) such that Var(z) = Var(a)``."""

    target: Term
    relation: Relation


Claim = Show | Equivalence | Conjunction | Find


@dataclass(frozen=True, slots=True)
class Binding:
    """``W = V`` behind ``with``: what a name of the theorem that is cited stands for here."""

    name: str
    term: Term
    at: int


@dataclass(frozen=True, slots=True)
class Citation:
    """``theorem he-rule with W = V, n = k``: another theorem, and what its names stand for."""

    name: str
    bindings: tuple[Binding, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Justification:
    """``by``: the givens cited, as texts, the method named (``gaussian``, ``induction on L``), the theorems cited.

    ``at`` is where the method stands.
    """

    cited: tuple[tuple[str, int], ...]
    method: str | None
    at: int = -1
    theorems: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain: the operator, what it leads to, the justification, the author's remark (a comment)."""

    operator: str  # "=", "<=", ..., or "iff"
    to: Term | Relation
    by: Justification | None
    at: int
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """A chain: where it starts, and its links."""

    start: Term | Relation
    links: tuple[Link, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Theorem:
    """A ``theorem`` as it was read; ``by`` belongs to a claim that has no proof."""

    name: str
    givens: tuple[Given, ...]
    definitions: tuple[Definition, ...]
    claim: Claim
    by: Justification | None
    proof: Proof | None
    at: int
    claim_at: int
