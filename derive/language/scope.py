"""Theorem -> Problem: look up every name, unfold definitions, and refuse what is not well-formed."""

from __future__ import annotations

from collections.abc import Callable

from derive.language import citing, recurrences
from derive.language import theorem as th
from derive.language.chains import given_in, steps
from derive.language.errors import LanguageError
from derive.language.names import Names, defined, first_entry
from derive.language.problem import Assumption, Problem
from derive.language.randomness import conditions_of, no_random
from derive.language.resolving import Resolver
from derive.language.terms import FUNCTIONALS, Apply, Name, Term, first_position, functionals

__all__ = ["first_entry", "reader", "resolve", "resolver_of"]


def resolve(theorem: th.Theorem) -> Problem:
    """Look up the theorem's names. Raises ``LanguageError`` at the first thing that is not well-formed."""
    scope = _Scope(theorem)
    givens = scope.givens(theorem)
    scope.definitions(theorem.definitions)
    claim = scope.claim(theorem)
    links = steps(theorem, claim, scope.names, scope.resolver)
    return Problem(
        theorem.name,
        scope.names.families,
        scope.names.constants,
        dict(scope.names.sizes),
        dict(scope.names.free),
        givens,
        claim,
        links,
        tuple(dict.fromkeys(scope.names.warnings)),
        citing.cited(theorem.by, theorem),
    )


def resolver_of(theorem: th.Theorem) -> Resolver:
    """What looks up further terms of a theorem that has been resolved, its definitions known."""
    scope = _Scope(theorem)
    scope.givens(theorem)
    scope.definitions(theorem.definitions)
    return scope.resolver


def reader(theorem: th.Theorem) -> Callable[[Term], Term]:
    """Look up the names of further terms as if they stood in the claim. Reading raises ``LanguageError``."""
    return resolver_of(theorem).term


class _Scope:
    """Givens, definitions and claim of one theorem. Lives only while ``resolve`` runs."""

    def __init__(self, theorem: th.Theorem) -> None:
        self.names = Names(theorem)
        self.resolver = Resolver(self.names)

    # --- givens ----------------------------------------------------------------------------------

    def givens(self, theorem: th.Theorem) -> tuple[Assumption, ...]:
        """The givens with their names resolved."""
        found = tuple(self._assumption(g) for g in theorem.givens)
        heads = {h.name: (a.item, a.at) for a in found if isinstance(a.item, th.Recurrence) and (h := defined(a.item))}
        recurrences.check_order(self.names, heads)
        return found

    def _assumption(self, given: th.Given) -> Assumption:
        item = given.item
        match item:
            case th.Independent(blocks=blocks):
                for name in (n for b in blocks for n in b):
                    self.names.family(name, given.at)
            case th.Symmetric(name=name):
                self.names.family(name, given.at)
            case th.Law():
                item = self._law(item, given.at)
            case th.Relation():
                self._no_definitions(item, given.at)
                item = self.resolver.relation(item)
            case th.Recurrence(relation=relation):
                self._no_definitions(relation, given.at)
                item = recurrences.with_ranges(item, self.names, self.resolver, given.at)
            case th.Family() | th.Constant():
                pass
        return Assumption(item, given.text, _removable(item), given.at)

    def _no_definitions(self, relation: th.Relation, at: int) -> None:
        for name in self.names.defined_names(relation):
            raise LanguageError(
                f"givens do not mention `{name}`, which `let` defines", "say it of the declared families", at
            )

    def _law(self, item: th.Law, at: int) -> th.Law:
        self.names.family(item.name, at)
        args = tuple(self.resolver.term(a) for a in item.args)
        for arg, written in zip(args, item.args, strict=True):
            if functionals(arg):
                raise LanguageError(
                    "a law's parameters are constants", "name the moment: s positive", first_position(written)
                )
            no_random(self.names, arg, written)
        return th.Law(item.name, item.law, args)

    # --- definitions -----------------------------------------------------------------------------

    def definitions(self, definitions: tuple[th.Definition, ...]) -> None:
        """Enter the definitions one after the other; each may use the earlier ones."""
        for definition in definitions:
            if functionals(definition.body):
                raise LanguageError(
                    "a definition does not use E, Var or Cov",
                    "put them into the claim, or declare a constant",
                    first_position(definition.body),
                )
            free_before = dict(self.names.free)
            self.resolver.body(definition)
            self.names.free = free_before
            self.names.define(definition)

    # --- claim -----------------------------------------------------------------------------------

    def claim(self, theorem: th.Theorem) -> th.Claim:
        """The claim with its names resolved."""
        claim = theorem.claim
        match claim:
            case th.Show() | th.Equivalence():
                return self._single(claim, theorem.proof)
            case th.Conjunction(claims=claims):
                return th.Conjunction(tuple(self._single(c, None) for c in claims))
            case th.Find(target=target, relation=relation):
                return th.Find(self._target(target, theorem.claim_at), self.resolver.relation(relation))

    def _single(self, claim: th.Show | th.Equivalence, proof: th.Proof | None) -> th.Show | th.Equivalence:
        if isinstance(claim, th.Show):
            return th.Show(self.resolver.relation(claim.relation, given_in(claim, proof)))
        for side in (claim.left, claim.right):
            if conditions_of(side.terms):
                raise LanguageError(
                    "an equivalence is between statements that are not random",
                    "put what is given a family into E(...), Var(...) or Cov(...)",
                    first_position(side.terms[0]),
                )
        return th.Equivalence(self.resolver.relation(claim.left), self.resolver.relation(claim.right))

    def _target(self, target: Term, at: int) -> Term:
        resolved = self.resolver.term(target)
        constant = isinstance(resolved, Name) and resolved.name in self.names.constants
        moment = isinstance(resolved, Apply) and resolved.function in FUNCTIONALS
        if constant or moment:
            return resolved
        raise LanguageError(
            "what is to be found is Var(.), E(.) of a family or a declared constant",
            "write for example: find Var(W) such that Var(z) = Var(a)",
            at,
        )


def _removable(item: th.Item) -> bool:
    """Whether ``by`` can leave a given out: independence, symmetry and moment facts."""
    if isinstance(item, th.Relation):
        return set(item.operators) == {"="} and any(functionals(t) for t in item.terms)
    return isinstance(item, th.Independent | th.Symmetric)
