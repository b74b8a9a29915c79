"""The givens in force at one choice of sizes, written out once, and which families each of them speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from derive.language.problem import Problem
from derive.language.terms import Conditional, Entry, Name, Term, walk
from derive.language.theorem import Item, Law, Recurrence, Relation, Symmetric
from derive.referee.check import satisfies, symmetric
from derive.referee.evaluate import truth
from derive.referee.means import Work
from derive.referee.model import Key, Model, entries, extent, standing
from derive.referee.program import Program, assignments, program

Unit = str | Key
"""What gets a law of its own: a family, or a single entry of one whose entries need not have the same law."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A given that restricts laws or constants.

    units: what it speaks of. programs: of a relation, written out, one for each value of its free indices.
    entry: the entry of which a symmetry is asked, where each entry has a law of its own.
    """

    item: Item
    units: frozenset[Unit]
    programs: tuple[Program, ...]
    entry: Key | None = None

    @property
    def relation(self) -> Relation | None:
        """The relation that has to hold, if it is one."""
        item = self.item
        return item if isinstance(item, Relation) else item.relation if isinstance(item, Recurrence) else None

    def holds(self, problem: Problem, model: Model, work: Work) -> bool:
        """Whether a model in which all its units have laws meets it. Raises ``Unusable`` or ``TooLarge``."""
        relation = self.relation
        if relation is not None:
            return all(truth(relation, p, model, work) is True for p in self.programs)
        work.spend(1)
        if self.entry is not None:
            return symmetric(model, [self.entry])
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


def claimed(problem: Problem) -> tuple[Term, ...]:
    """The terms of the links."""
    sides = [side for step in problem.steps for side in (step.left, step.right)]
    return tuple(t for side in sides for t in (side.terms if isinstance(side, Relation) else (side,)))


def mentioned(problem: Problem, terms: tuple[Term, ...]) -> frozenset[str]:
    """The families that occur in some terms."""
    parts = [t for term in terms for t in walk(term)]
    conditioned = {name for t in parts if isinstance(t, Conditional) for name in t.given}
    return frozenset(conditioned | {t.name for t in parts if isinstance(t, Entry) and t.name in problem.families})


def sizes_in(problem: Problem, terms: tuple[Term, ...]) -> frozenset[str]:
    """The sizes on which some terms depend: written, at the end of a sum, of free indices, of what is conditioned."""
    parts = [t for term in terms for t in walk(term)]
    names = {t.name for t in parts if isinstance(t, Name)}
    ends = {problem.free[n] for n in names if n in problem.free}
    ends |= {r.high for t in parts if isinstance(t, Conditional) for n in t.given for r in problem.families[n].ranges}
    return frozenset(s for s in problem.sizes if s in names or s in ends)


def units_of(problem: Problem, name: str, sizes: Mapping[str, int]) -> frozenset[Unit]:
    """The units of a family."""
    family = problem.families[name]
    return frozenset(entries(family, sizes)) if family.kind == "independent" else frozenset({name})


def facts_at(
    problem: Problem, sizes: Mapping[str, int], active: frozenset[int], more: tuple[Relation, ...] = ()
) -> list[Fact]:
    """The facts in force at these sizes, and further relations that a model has to meet."""
    items = [problem.givens[k].item for k in standing(problem, active)]
    found: list[Fact] = []
    for item in (*items, *more):
        match item:
            case Relation(terms=terms):
                every = assignments(problem, sizes, *terms)
                found += _relations(problem, item, [program(problem, sizes, terms, i) for i in every])
            case Recurrence(relation=relation, ranges=ranges):
                spans = [range(1, extent(r, sizes) + 1) for r in ranges]
                every = [dict(zip([r.index for r in ranges], index, strict=True)) for index in product(*spans)]
                found += _relations(problem, item, [program(problem, sizes, relation.terms, i) for i in every])
            case Symmetric(name=name) if problem.families[name].kind == "independent":
                found += [Fact(item, frozenset({k}), (), k) for k in entries(problem.families[name], sizes)]
            case Law(name=name) | Symmetric(name=name):
                found.append(Fact(item, units_of(problem, name, sizes), ()))
            case _:
                pass
    return found


def _relations(problem: Problem, item: Relation | Recurrence, programs: list[Program]) -> list[Fact]:
    """One fact for each set of units that the relation speaks of at some values of its free indices."""
    names = mentioned(problem, terms_of(item))
    apart = frozenset(n for n in names if problem.families[n].kind == "independent")
    grouped: dict[frozenset[Unit], list[Program]] = {}
    for code in programs:
        keys = frozenset(k for k in code.entries() if k[0] in apart) if apart else frozenset[Key]()
        grouped.setdefault(frozenset[Unit](names - apart) | keys, []).append(code)
    return [Fact(item, units, tuple(codes)) for units, codes in grouped.items()]
