"""The givens in force at one choice of sizes, written out once, and which families each of them speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.language.problem import Problem
from derive.language.terms import Conditional, Entry, Name, Term, walk
from derive.language.theorem import Item, Law, Recurrence, Relation, Symmetric
from derive.referee.check import satisfies
from derive.referee.evaluate import truth
from derive.referee.means import Work
from derive.referee.model import Model, standing
from derive.referee.program import Program, assignments, program


@dataclass(frozen=True, slots=True)
class Fact:
    """A given that restricts laws or constants; a relation comes with its programs, one for each free index value."""

    item: Item
    families: frozenset[str]
    programs: tuple[Program, ...]

    def holds(self, problem: Problem, model: Model, work: Work) -> bool:
        """Whether a model in which all its families have laws meets it. Raises ``Unusable`` or ``TooLarge``."""
        if isinstance(self.item, Relation):
            return all(truth(self.item, p, model, work) is True for p in self.programs)
        work.spend(1)
        return satisfies(problem, model, self.item)


def terms_of(item: Item) -> tuple[Term, ...]:
    """The terms in which a given speaks of families and sizes."""
    match item:
        case Relation(terms=terms) | Law(args=terms):
            return terms
        case Recurrence(relation=relation):
            return relation.terms
        case _:
            return ()


def mentioned(problem: Problem, terms: tuple[Term, ...]) -> frozenset[str]:
    """The families that occur in some terms."""
    parts = [t for term in terms for t in walk(term)]
    conditioned = {name for t in parts if isinstance(t, Conditional) for name in t.given}
    return frozenset(conditioned | {t.name for t in parts if isinstance(t, Entry) and t.name in problem.families})


def sizes_in(problem: Problem, terms: tuple[Term, ...]) -> frozenset[str]:
    """The sizes on which some terms depend: those written, those that end a sum, those of free indices, those of what is conditioned on."""
    parts = [t for term in terms for t in walk(term)]
    names = {t.name for t in parts if isinstance(t, Name)}
    ends = {problem.free[n] for n in names if n in problem.free}
    ends |= {r.high for t in parts if isinstance(t, Conditional) for n in t.given for r in problem.families[n].ranges}
    return frozenset(s for s in problem.sizes if s in names or s in ends)


def facts_at(
    problem: Problem, sizes: Mapping[str, int], active: frozenset[int], more: tuple[Relation, ...] = ()
) -> list[Fact]:
    """The facts in force at these sizes, and further relations that a model has to meet."""
    items = [problem.givens[k].item for k in standing(problem, active)]
    found: list[Fact] = []
    for item in (*items, *more):
        if isinstance(item, Relation):
            every = assignments(problem, sizes, *item.terms)
            programs = tuple(program(problem, sizes, item.terms, indices) for indices in every)
            found.append(Fact(item, mentioned(problem, item.terms), programs))
        elif isinstance(item, Law | Symmetric):
            found.append(Fact(item, frozenset({item.name}), ()))
        elif isinstance(item, Recurrence):
            found.append(Fact(item, frozenset(), ()))
    return found
