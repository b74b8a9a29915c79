"""The ledger: facts that the kernel does not decide but takes from outside, each with its source.

The entries stand in ``ledger.toml``, written in the derivation language; they are read when the first function that is
not a polynomial meets a law or an inequality. ``tests/gaussian`` checks every one of them by certified numerics.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from derive.language.terms import Apply, Entry, Term, substitute, walk
from derive.language.theorem import Relation

Kind = Literal["normal", "line", "pair", "stein", "derivative", "reflection", "pointwise"]
KINDS: tuple[Kind, ...] = ("normal", "line", "pair", "stein", "derivative", "reflection", "pointwise")
ENTRY = Entry("x", ())  # what the one variable of a fact becomes
VARIABLES: Mapping[str, Term] = MappingProxyType({"x": ENTRY, "y": ENTRY})


class UnknownFact(LookupError):
    """No entry of the ledger has this name."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry.

    normal: E(left) = right for y ~ Normal(0, q); line: for y ~ Normal(m, q); pair: for (u, v) of mean 0.
    derivative, reflection: f'(x), f(-x) = right, where left is f(x).
    pointwise: left is the inequality, for every real x. stein: a sentence. source: where it comes from.
    """

    name: str
    kind: Kind
    left: str
    right: str
    source: str

    @property
    def statement(self) -> str:
        """The fact as a sentence."""
        match self.kind:
            case "normal":
                powers = ", k a whole number" if "^k" in self.left else ""
                return f"E({self.left}) = {self.right} for y ~ Normal(0, q){powers}"
            case "line":
                return f"E({self.left}) = {self.right} for y ~ Normal(m, q)"
            case "pair":
                law = "(u, v) ~ Normal(0, [[q11, q12], [q12, q22]])"
                return f"E({self.left}) = {self.right} for {law}"
            case "derivative":
                return f"{self.left.removesuffix('(x)')}'(x) = {self.right}"
            case "reflection":
                return f"{self.left.removesuffix('(x)')}(-x) = {self.right}"
            case "pointwise":
                return f"{self.left} for every real x"
            case "stein":
                return self.left

    def term(self, side: str) -> Term:
        """A side as a term in which the variable is ``ENTRY``."""
        parsed = _parsed(side)
        if isinstance(parsed, Relation):
            raise TypeError(f"the ledger's `{self.name}` has an inequality where a term is expected")
        return substitute(parsed, VARIABLES)

    def relation(self) -> Relation:
        """The inequality of a pointwise fact."""
        step = _parsed(self.left)
        if not isinstance(step, Relation):
            raise TypeError(f"the ledger's `{self.name}` is no inequality")
        return Relation(tuple(substitute(t, VARIABLES) for t in step.terms), step.operators)


def fact(name: str) -> Fact:
    """The entry of a name. Raises ``UnknownFact``."""
    found = _entries().get(name)
    if found is None:
        raise UnknownFact(f"the ledger has no fact `{name}`")
    return found


def facts(kind: Kind | None = None) -> tuple[Fact, ...]:
    """All entries in their order, or those of one kind."""
    return tuple(f for f in _entries().values() if kind is None or f.kind == kind)


def about(kind: Kind, functions: frozenset[str]) -> tuple[Fact, ...]:
    """The entries of one kind that speak of exactly these functions."""
    return tuple(f for f in facts(kind) if _functions(f.left) == functions)


@lru_cache(maxsize=512)
def _functions(text: str) -> frozenset[str]:
    step = _parsed(text)
    terms = step.terms if isinstance(step, Relation) else (step,)
    return frozenset(t.function for term in terms for t in walk(term) if isinstance(t, Apply))


@lru_cache(maxsize=512)
def _parsed(text: str) -> Term | Relation:
    from derive.language.parser import parse_step  # with the grammar, only where the ledger is needed

    return parse_step(text)


@lru_cache(maxsize=1)
def _entries() -> Mapping[str, Fact]:
    import tomllib

    text = Path(__file__).with_name("ledger.toml").read_text(encoding="ascii")
    data = tomllib.loads(text)
    found: dict[str, Fact] = {}
    for kind in KINDS:
        for entry in data[kind]:
            made = _fact(kind, entry)
            if found.setdefault(made.name, made) is not made:
                raise ValueError(f"the ledger has two facts `{made.name}`")
    return MappingProxyType(found)


def _fact(kind: Kind, entry: Mapping[str, str]) -> Fact:
    match kind:
        case "normal" | "line" | "pair":
            left = entry["profile"]
        case "derivative" | "reflection":
            left = f"{entry['function']}(x)"
        case "pointwise" | "stein":
            left = entry["statement"]
    return Fact(entry["name"], kind, left, entry.get("value", ""), entry["source"])
