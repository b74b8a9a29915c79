"""Induction on a size L: the claim at the least L, and from L to L + 1.

Every given has to say the same of L + 1 as of L and more: families of constants and recurrences over 1..L do, their
ranges only grow. A given that mentions L in another way, or a family of random variables over 1..L, does not, and then
nothing is decided. In the step the claim at L is a further given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derive.kernel.facts import Theory, theory
from derive.kernel.symbols import Unsupported
from derive.language import theorem as th
from derive.language.problem import Problem
from derive.language.terms import Add, Name, Term, number, substitute, walk

Holds = Callable[[Theory, Term, str, Term], bool]


def candidates(problem: Problem, *terms: Term) -> Iterator[str]:
    """The sizes on which an induction may be tried: those that end no range of random variables."""
    random = {r.high for f in problem.families.values() for r in f.ranges}
    for size in problem.sizes:
        if size not in random and any(t == Name(size) for term in terms for t in walk(term)):
            yield size


def by_induction(
    problem: Problem, size: str, claim: tuple[Term, str, Term], active: frozenset[int], holds: Holds
) -> bool:
    """Whether the claim follows by induction on a size. Raises ``Unsupported`` where a given is in the way."""
    _monotone(problem, size)
    left, operator, right = claim
    if any(isinstance(t, Name) and problem.free.get(t.name) == size for x in (left, right) for t in walk(x)):
        raise Unsupported(
            f"an induction on {size} is not decided: an index that runs to {size} stands free in the claim"
        )
    first = {size: number(problem.sizes[size])}
    if not holds(theory(problem, active), substitute(left, first), operator, substitute(right, first)):
        return False
    step = theory(problem, active, beyond=size, hypothesis=claim)
    following = {size: Add((Name(size), number(1)))}
    return holds(step, substitute(left, following), operator, substitute(right, following))


def _monotone(problem: Problem, size: str) -> None:
    if any(r.high == size for f in problem.families.values() for r in f.ranges):
        raise Unsupported(f"an induction on {size} is not decided: random variables are indexed by 1..{size}")
    for given in problem.givens:
        match given.item:
            case th.Relation(terms=terms) | th.Law(args=terms):
                said = terms
            case th.Recurrence(relation=relation):
                said = relation.terms
            case _:
                continue
        if any(isinstance(t, Name) and t.name == size for term in said for t in walk(term)):
            raise Unsupported(f"an induction on {size} is not decided: `{given.text}` speaks of {size}")
