"""The derivation that a good textbook would print, written for a theorem that has none.

The claim's moments are unfolded and rewritten by the moves of ``variance.py``; every move becomes a link of the
language with the move's name as its remark. For a ``find`` or an equivalence the relation is carried along, divided
and solved. What comes out is a proposal: the kernel decides each of its links.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportUnknownLambdaType=false
# (SymPy 1.14 ships no types; what it returns is checked by the kernel, not by pyright.)

from __future__ import annotations

from dataclasses import replace as changed

import sympy as sp

from derive.language import terms as t
from derive.language.errors import LanguageError
from derive.language.parser import parse_theorem
from derive.language.printer import term_text, theorem_text
from derive.language.scope import first_entry, resolve
from derive.language.terms import Term
from derive.language.theorem import Equivalence, Family, Find, Link, Proof, Relation, Show, Theorem
from derive.symbolic.notation import Expr
from derive.symbolic.reading import assumptions_of, facts_of, replace, unfold
from derive.symbolic.rules import solve_for
from derive.symbolic.to_language import NotInLanguage, from_language, symbols_of, to_language
from derive.symbolic.variance import derive

Side = Term | Relation


def write_proof(theorem: Theorem) -> Proof | None:
    """The chain for a theorem's claim, or None if the subject's usual moves do not lead from one side to the other.

    For ``find X such that A = B`` the chain proves ``A = B iff X = solution``; ``with_proof`` states that theorem.
    """
    proved = with_proof(theorem)
    return proved.proof if proved else None


def with_proof(theorem: Theorem) -> Theorem | None:
    """The theorem with a proof; a ``find`` becomes the equivalence that answers it."""
    try:
        author = _Author(theorem)
        match theorem.claim:
            case Show(relation=Relation(terms=(left, right), operators=("=",))):
                links = author.equation(left, right)
                claim, start = theorem.claim, left
            case Find(target=target, relation=Relation(operators=("=",)) as relation):
                links = author.equivalence(relation, target, None)
                claim, start = Equivalence(relation, links[-1].to) if links else None, relation  # type: ignore[arg-type]
            case Equivalence(left=Relation(operators=("=",)) as relation, right=Relation(operators=("=",)) as solution):
                links = author.equivalence(relation, solution.terms[0], solution)
                claim, start = theorem.claim, relation
            case _:
                return None
        if not links or claim is None:
            return None
        proved = changed(theorem, claim=claim, by=None, proof=Proof(start, tuple(links), -1))
        return proved if _well_formed(proved, theorem) else None
    except (NotInLanguage, LanguageError, NotImplementedError):
        return None


def found(theorem: Theorem) -> Term | None:
    """The answer to a ``find``, as a term."""
    proved = with_proof(theorem) if isinstance(theorem.claim, Find) else None
    return proved.claim.right.terms[1] if proved and isinstance(proved.claim, Equivalence) else None


def _well_formed(proved: Theorem, theorem: Theorem) -> bool:
    """The text is read back and resolved. A literal index that the claim does not have would add a condition."""
    return resolve(parse_theorem(theorem_text(proved))).sizes == resolve(theorem).sizes


class _Author:
    """Writes one theorem's chain."""

    def __init__(self, theorem: Theorem) -> None:
        self.theorem = theorem
        self.symbols = symbols_of(theorem)
        self.given = assumptions_of(theorem)
        declared = [given.item for given in theorem.givens]
        self.families = {item.name: item for item in declared if isinstance(item, Family)}
        self.order = list(self.families)

    def sympy(self, term: Term) -> Expr:
        return from_language(term, self.symbols)

    def language(self, expression: Expr) -> Term:
        return self.explicit(to_language(expression, self.order), within=False)

    def explicit(self, term: Term, *, within: bool) -> Term:
        """The term with b[1] for b under a sum, where a bare name could be misread."""
        if isinstance(term, t.Name) and within and term.name in self.families:
            return first_entry(self.families[term.name]) if self.families[term.name].ranges else term
        return t.rebuild(term, lambda part: self.explicit(part, within=within or isinstance(term, t.Big)))

    # --- equations ----------------------------------------------------------------------------------------------------

    def equation(self, left: Term, right: Term) -> list[Link]:
        """Links from left to right; none if the moves do not get there."""
        links: list[Link] = []
        wanted = self.sympy(right)
        for here, remark in self.moves(left):
            there = self.sympy(here) == wanted
            merely_reordered = there and here == self.language(self.sympy(here))
            links.append(Link("=", right if merely_reordered else here, None, -1, remark))
            if there:
                done = merely_reordered or here == right
                return links if done else [*links, Link("=", right, None, -1, "simplified")]
        here = links[-1].to if links else left
        if not isinstance(here, Relation) and self.same(here, right):
            return [*links, Link("=", right, None, -1, "rearranged")]
        return []

    def same(self, left: Term, right: Term) -> bool:
        """Whether both sides come to the same by the moves and by algebra."""
        sides = [self.sympy([(side, ""), *self.moves(side)][-1][0]) for side in (left, right)]
        return sp.simplify(sides[0] - sides[1]) == 0

    def moves(self, side: Term) -> list[tuple[Term, str]]:
        """What the side becomes, move after move: its definitions put in, the moments rewritten, the facts used."""
        written: list[tuple[Term, str]] = []
        parts = dict.fromkeys(t.walk(side))
        moments: list[Term] = [p for p in parts if isinstance(p, t.Apply) and p.function in t.FUNCTIONALS]
        plain = [unfold(m, self.theorem.definitions) for m in moments]
        if plain != moments:
            written.append((replace(side, dict(zip(moments, plain, strict=True))), self.naming(moments)))
        packed = sp.Tuple(*map(self.sympy, plain))
        for step in derive(packed, self.given):
            values = {m: self.language(x) for m, x in zip(moments, step.result.args, strict=True)}
            written.append((replace(side, values), step.remark))
        for moment, value, why in facts_of(self.theorem):
            here = written[-1][0] if written else side
            there = replace(here, {moment: value})
            if there != here and self.sympy(value) != 0:
                written.append((there, why))
        return written

    def naming(self, moments: list[Term]) -> str:
        used = {p.name for m in moments for p in t.walk(m) if isinstance(p, t.Name | t.Entry)}
        names = [d.name for d in self.theorem.definitions if d.name in used]
        return f"definition of {' and of '.join(names)}"

    # --- equivalences -------------------------------------------------------------------------------------------------

    def equivalence(self, relation: Relation, target: Term, solution: Relation | None) -> list[Link]:
        """Links from a relation to ``target = value``; none if it has not exactly one solution."""
        links: list[Link] = []
        left, right = relation.terms
        for here, remark in self.moves(left):
            left = here
            links.append(Link("iff", Relation((left, right), ("=",)), None, -1, remark))
        for here, remark in self.moves(right) if self.defined(right) else []:
            right = here
            links.append(Link("iff", Relation((left, right), ("=",)), None, -1, remark))
        unknown = self.sympy(target)
        one, other = self.sympy(left), self.sympy(right)
        quotient = sp.factor(sp.cancel(one / other)) if other != 0 else one
        if not self.moments(quotient) - {unknown} and quotient != one:
            divided = Relation((self.language(quotient), t.ONE), ("=",))
            links.append(Link("iff", divided, None, -1, self.dividing(left, right)))
            one, other = quotient, sp.Integer(1)
        value = solve_for(one, other, unknown)
        if value is None:
            return []
        answer = solution or Relation((target, self.language(sp.factor(value))), ("=",))
        if solution and not self.same(answer.terms[1], self.language(value)):
            return []
        if links and links[-1].to == answer:
            return links
        return [*links, Link("iff", answer, None, -1, f"solve for {term_text(target)}")]

    def defined(self, term: Term) -> bool:
        names = {d.name for d in self.theorem.definitions}
        return any(isinstance(part, t.Name | t.Entry) and part.name in names for part in t.walk(term))

    def moments(self, expression: Expr) -> set[Expr]:
        return {f for f in expression.atoms(sp.Function) if str(f.func) in t.FUNCTIONALS}

    def dividing(self, left: Term, right: Term) -> str:
        if self.moments(self.sympy(right)):
            return f"divide by {term_text(right)}, which is not zero"
        cancelled = [term_text(part.term) for part in t.walk(left) if isinstance(part, t.Recip) and t.functionals(part)]
        return f"cancel {' and '.join(dict.fromkeys(cancelled))}" if cancelled else "divide"
