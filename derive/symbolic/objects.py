"""What ``derive.theorem(name)`` hands out: a theorem with its claim and its rule as SymPy expressions."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportUnknownLambdaType=false
# (SymPy 1.14 ships no types; what it returns is checked by the kernel, not by pyright.)

from __future__ import annotations

from dataclasses import dataclass

from sympy import Eq, Ge, Gt, Le, Lt, Tuple, latex

from derive import library
from derive.language.printer import claim_text, theorem_text
from derive.language.theorem import Claim, Conjunction, Equivalence, Find, Relation, Show, Theorem
from derive.symbolic.notation import Expr
from derive.symbolic.textbook import with_proof
from derive.symbolic.to_language import from_language, symbols_of

_RELATIONS = {"=": Eq, "<=": Le, ">=": Ge, "<": Lt, ">": Gt}


@dataclass(frozen=True, slots=True)
class SymbolicTheorem:
    """A theorem, to compute with.

    claim: the claimed relation; a tuple of relations where it joins several or is an equivalence.
    rule: what was found (of a ``find``), or the right side of a claimed equation; None otherwise.
    derived: the theorem with the derivation that it carries or that was written for it; None if there is none.
    """

    theorem: Theorem
    claim: Expr
    rule: Expr | None
    derived: Theorem | None

    @property
    def name(self) -> str:
        """The theorem's name."""
        return self.theorem.name

    def _repr_markdown_(self) -> str:
        """For notebooks: the name, the claim as a formula, and the derivation in the language."""
        formulas = [latex(c) for c in (self.claim.args if isinstance(self.claim, Tuple) else (self.claim,))]
        joined = r" \quad\Longleftrightarrow\quad " if isinstance(self.theorem.claim, Equivalence) else r",\quad "
        formula = joined.join(formulas).replace(r"\operatorname", r"\mathrm")
        answer = f"\n\nRule: $\\displaystyle {self._rule()}$" if isinstance(self.theorem.claim, Find) else ""
        block = theorem_text(self.derived or self.theorem)
        return f"**{self.name}**\n\n$$\n{formula}\n$$\n{answer}\n\n```derive\n{block}```\n"

    def _rule(self) -> str:
        find = self.theorem.claim
        target = claim_text(find).split(" such that ")[0]
        text = "?" if self.rule is None else latex(self.rule)
        return rf"\mathrm{{{target}}} = {text}".replace("_", r"\_").replace(r"\_{", "_{")


def theorem(name: str) -> SymbolicTheorem:
    """A theorem of the library. Raises ``KeyError`` with the names that there are."""
    document = library.find(name)
    if document is None:
        raise KeyError(f"no theorem `{name}` in the library; there are: {', '.join(library.names())}")
    return symbolic(document.statement.theorem)


def symbolic(theorem: Theorem) -> SymbolicTheorem:
    """The theorem as SymPy objects; a derivation is written for it if it carries none."""
    derived = theorem if theorem.proof else with_proof(theorem)
    symbols = symbols_of(theorem)
    rule: Expr | None = None
    if isinstance(theorem.claim, Show) and theorem.claim.relation.operators == ("=",):
        rule = from_language(theorem.claim.relation.terms[1], symbols)
    if isinstance(theorem.claim, Find) and derived and isinstance(derived.claim, Equivalence):
        rule = from_language(derived.claim.right.terms[1], symbols)
    return SymbolicTheorem(theorem, _claim(theorem.claim, theorem), rule, derived)


def _claim(claim: Claim, theorem: Theorem) -> Expr:
    match claim:
        case Show(relation=relation) | Find(relation=relation):
            return _relation(relation, theorem)
        case Equivalence(left=left, right=right):
            return Tuple(_relation(left, theorem), _relation(right, theorem))
        case Conjunction(claims=claims):
            return Tuple(*(_claim(c, theorem) for c in claims))


def _relation(relation: Relation, theorem: Theorem) -> Expr:
    symbols = symbols_of(theorem)
    parts = [
        _RELATIONS[operator](from_language(left, symbols), from_language(right, symbols), evaluate=False)
        for left, operator, right in relation.pairs()
    ]
    return parts[0] if len(parts) == 1 else Tuple(*parts)
