"""Weaker givens under which a proved claim is proved too.

One assumption after the other is made as weak as the kernel allows, from a ladder of usual ones, and stays that weak
while the next one is tried: what is said in the end holds all together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, product

from derive.candidates import item_words
from derive.language import theorem as th
from derive.language.problem import Assumption, Problem
from derive.language.scope import first_entry
from derive.language.terms import ONE, ZERO, Apply, Entry, Pow, Term, expectation, number, variance

MOST_JUDGED = 80  # claims that the kernel judges

Items = tuple[th.Item, ...]


def weaker_givens(problem: Problem, follows: Callable[[Problem], bool], unused: frozenset[str]) -> tuple[str, ...]:
    """A sentence for each assumption that may be weaker. ``follows``: whether the kernel proves a problem's claim.

    unused: texts of givens that no link used, of which nothing is said here.
    """
    kept = replace(problem, givens=tuple(g for g in problem.givens if g.text not in unused))
    here = kept if follows(kept) else problem
    found: list[str] = []
    judged = 0
    for given in here.givens:
        for items in ladder(here, given.item):
            judged += 1
            if judged > MOST_JUDGED:
                return tuple(found)
            weaker = instead(here, given, items)
            if follows(weaker):
                here = weaker
                found.append(_sentence(given, items))
                break
    return tuple(found)


def _sentence(given: Assumption, items: Items) -> str:
    if not items:
        return f"`{given.text}` is not needed"
    listed = " and ".join(f"`{item_words(i)}`" for i in items)
    return f"{listed} {'suffices' if len(items) == 1 else 'suffice'} in place of `{given.text}`"


def instead(problem: Problem, given: Assumption, items: Items) -> Problem:
    """The problem with other items in the place of a given."""
    families, constants = dict(problem.families), dict(problem.constants)
    for item in items:
        if isinstance(item, th.Family):
            families[item.name] = item
        elif isinstance(item, th.Constant):
            constants[item.name] = item
    new = tuple(replace(given, item=i, text=item_words(i)) for i in items)
    place = problem.givens.index(given)
    givens = (*problem.givens[:place], *new, *problem.givens[place + 1 :])
    return replace(problem, givens=givens, families=families, constants=constants)


def ladder(problem: Problem, item: th.Item) -> Iterator[Items]:
    """What may stand in the place of an assumption, the weakest first."""
    match item:
        case th.Family(name=name, kind="iid", ranges=ranges) if ranges:
            yield (th.Family(name, "exchangeable", ranges),)
        case th.Constant(name=name, kind=kind, ranges=ranges):
            weaker = {"positive": ("real", "nonzero"), "nonzero": ("real",)}.get(kind, ())
            yield from ((th.Constant(name, k, ranges),) for k in weaker)
        case th.Independent(blocks=blocks):
            yield ()
            yield from _less_independent(problem, blocks)
        case th.Symmetric(name=name):
            yield ()
            yield (_fact(expectation(_first(problem, name)), ZERO),)
        case th.Law(name=name):
            yield ()
            yield from _less_than_a_law(_first(problem, name), item)
        case th.Relation():
            yield ()
            yield from _less_strict(item)
        case _:
            return


def _first(problem: Problem, name: str) -> Entry:
    return first_entry(problem.families[name])


def _fact(left: Term, right: Term) -> th.Relation:
    return th.Relation((left, right), ("=",))


def _less_independent(problem: Problem, blocks: tuple[tuple[str, ...], ...]) -> Iterator[Items]:
    """Uncorrelated; fewer blocks; one block against the others together; less in a block."""
    for pair in (p for one, other in combinations(blocks, 2) for p in product(one, other)):
        if not any(problem.families[name].ranges for name in pair):
            yield (_fact(Apply("Cov", tuple(_first(problem, name) for name in pair)), ZERO),)
    for count in range(2, len(blocks)):
        yield from ((th.Independent(some),) for some in combinations(blocks, count))
    if len(blocks) > 2:
        for k, block in enumerate(blocks):
            rest = tuple(n for j, other in enumerate(blocks) if j != k for n in other)
            yield (th.Independent((block, rest)),)
    for k, block in enumerate(blocks):
        for some in combinations(block, len(block) - 1) if len(block) > 1 else ():
            yield (th.Independent((*blocks[:k], some, *blocks[k + 1 :])),)


def _less_than_a_law(entry: Entry, law: th.Law) -> Iterator[Items]:
    """A mean, a second moment, both, a symmetric law with that second moment."""
    if law.law == "Rademacher":
        second, mean = _fact(expectation(Pow(entry, number(2))), ONE), ZERO
    elif law.law == "Normal":
        second, mean = _fact(variance(entry), law.args[1]), law.args[0]
    else:
        return
    first = _fact(expectation(entry), mean)
    yield (first,)
    yield (second,)
    yield (first, second)
    if mean == ZERO:
        yield (th.Symmetric(law.name),)
        yield th.Symmetric(law.name), second


def _less_strict(relation: th.Relation) -> Iterator[Items]:
    """>= for >, and a positive second moment for a positive variance."""
    if len(relation.operators) != 1 or relation.operators[0] not in {"<", ">"}:
        return
    yield (th.Relation(relation.terms, (relation.operators[0] + "=",)),)
    match relation.terms:
        case (Apply(function="Var", args=(Entry() as entry,)), right) if relation.operators == (">",) and right == ZERO:
            yield (th.Relation((expectation(Pow(entry, number(2))), ZERO), (">",)),)
        case _:
            return
