"""The usual assumptions that a link may lack, what follows from what among them, and adding some to a problem.

Zero means, equal widths, signs of constants, positive variances, independence, symmetry, iid, a law. What a candidate
implies by itself is written out here; what a set of them implies under the givens is asked of the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from derive.kernel.independence import independent_parts
from derive.language import theorem as th
from derive.language.printer import item_text
from derive.language.problem import Assumption, Problem, Step
from derive.language.scope import first_entry
from derive.language.terms import FUNCTIONALS, ZERO, Apply, Entry, Name, Num, Pow, Term, expectation, variance, walk
from derive.language.terms import number as literal
from derive.solving import shown

Proves = Callable[[Problem, Step], bool]
MOST_PAIRED = 12  # families, of which each pair is a candidate
MOST_PARTITIONED = 4  # families, all of whose partitions into independent blocks are candidates
KINDS = {"real": 0, "nonzero": 1, "positive": 2}
SYMMETRIC_LAWS = frozenset({"Normal", "Rademacher"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A further assumption with its text; ``place`` is its rank in what is reported."""

    item: th.Item
    text: str
    place: int


def candidates(problem: Problem, uncited: Iterable[Assumption], step: Step) -> list[Candidate]:
    """Givens that were not cited, then the usual ones about what the step mentions, without those that are givens."""
    found: dict[str, th.Item] = {g.text: g.item for g in uncited}
    there = {g.text for g in problem.givens}
    for item in _usual(problem, step):
        text = item_words(item)
        if text not in there:
            found.setdefault(text, item)
    return [Candidate(item, text, place) for place, (text, item) in enumerate(found.items())]


def laws(problem: Problem, step: Step, place: int) -> list[Candidate]:
    """Laws for families that the step speaks of beyond second moments; Normal only where a constant is its variance."""
    taken = {g.item.name for g in problem.givens if isinstance(g.item, th.Law)}
    found: list[Candidate] = []
    for name in _beyond_second_moments(problem, step):
        for item in () if name in taken else _laws(problem, name):
            found.append(Candidate(item, item_words(item), place + len(found)))
    return found


def item_words(item: th.Item) -> str:
    """As a user would write it: E(W) for E(W[1,1])."""
    if isinstance(item, th.Relation):
        return item_text(th.Relation(tuple(shown(t) for t in item.terms), item.operators))
    if isinstance(item, th.Law):
        return item_text(th.Law(item.name, item.law, tuple(shown(t) for t in item.args)))
    return item_text(item)


def extended(problem: Problem, items: Iterable[th.Item]) -> Problem:
    """The problem with further assumptions; a declaration takes the place of the one that is there."""
    families, constants = dict(problem.families), dict(problem.constants)
    givens = list(problem.givens)
    for item in items:
        if isinstance(item, th.Family | th.Constant):
            givens = [replace(g, item=item) if _declares(g.item, item.name) else g for g in givens]
            if isinstance(item, th.Family):
                families[item.name] = item
            else:
                constants[item.name] = item
        else:
            givens.append(Assumption(item, item_words(item), True, -1))
    return replace(problem, families=families, constants=constants, givens=tuple(givens))


def _declares(item: th.Item, name: str) -> bool:
    return isinstance(item, th.Family | th.Constant) and item.name == name


# --- what follows from what -------------------------------------------------------------------------------------------


def weakens(strong: th.Item, weak: th.Item) -> bool:
    """Whether one candidate implies another by itself."""
    match strong, weak:
        case th.Independent(), th.Independent(blocks=blocks):
            named = {n for block in strong.blocks for n in block}
            return all(n in named for block in blocks for n in block) and _split((strong,), blocks)
        case th.Symmetric(name=name) | th.Law(name=name), th.Relation() if weak == zero_mean(name, weak):
            return isinstance(strong, th.Symmetric) or _symmetric(strong)
        case th.Law(name=name), th.Symmetric(name=other):
            return name == other and _symmetric(strong)
        case th.Law(name=name), th.Relation(terms=(Apply(function="Var", args=(Entry(name=other),)), *_)):
            return name == other and weak.operators == (">",)
        case th.Constant(name=name, kind=kind), th.Constant(name=other, kind=lower):
            return name == other and KINDS[kind] > KINDS[lower]
        case th.Constant(name=name, kind="positive"), th.Relation(terms=(Name(name=other), Num()), operators=(">=",)):
            return name == other
        case _:
            return strong == weak


def _symmetric(item: th.Item) -> bool:
    return isinstance(item, th.Law) and item.law in SYMMETRIC_LAWS


def zero_mean(name: str, like: th.Relation) -> th.Relation | None:
    """``E(name) = 0`` if the relation is that."""
    match like:
        case th.Relation(terms=(Apply(function="E", args=(Entry(name=other),)), zero), operators=("=",)):
            return like if other == name and zero == ZERO else None
        case _:
            return None


def follows(item: th.Item, problem: Problem, proves: Proves) -> bool:
    """Whether the givens of a problem say this already."""
    items = [g.item for g in problem.givens]
    match item:
        case th.Independent(blocks=blocks):
            return _split([i for i in items if isinstance(i, th.Independent)], blocks)
        case th.Symmetric(name=name):
            return item in items or any(_symmetric(i) and isinstance(i, th.Law) and i.name == name for i in items)
        case th.Family(name=name):
            return problem.families[name] == item
        case th.Constant(name=name, kind=kind):
            return KINDS[problem.constants[name].kind] >= KINDS[kind]
        case th.Relation():
            return all(proves(problem, _link(*pair)) for pair in item.pairs())
        case _:
            return item in items


def _link(left: Term, operator: str, right: Term) -> Step:
    return Step(1, operator, left, right, None, None, "", "", -1)


def _split(facts: Iterable[th.Independent], blocks: tuple[tuple[str, ...], ...]) -> bool:
    """Whether independence facts make the blocks mutually independent."""
    homes = {name: k for k, block in enumerate(blocks) for name in block}
    known = tuple(tuple(frozenset(b) for b in fact.blocks) for fact in facts)
    parts = independent_parts(frozenset(homes), known)
    return all(len({homes[name] for name in part}) == 1 for part in parts)


# --- the usual ones ---------------------------------------------------------------------------------------------------


def _usual(problem: Problem, step: Step) -> Iterator[th.Item]:
    """The weaker before the stronger."""
    terms = _terms(step)
    said = {t.name for term in terms for t in walk(term) if isinstance(t, Name | Entry)}
    names = [n for n in problem.families if n in said]
    yield from (th.Relation((expectation(first_entry(problem.families[n])), ZERO), ("=",)) for n in names)
    sizes = [s for s in problem.sizes if s in said]
    yield from (th.Relation((Name(a), Name(b)), ("=",)) for a, b in combinations(sizes, 2))
    for constant in problem.constants.values():
        if constant.name in said and not constant.ranges and constant.kind != "positive":
            yield th.Relation((Name(constant.name), literal(0)), (">=",))
            kinds = ("nonzero", "positive") if constant.kind == "real" else ("positive",)
            yield from (th.Constant(constant.name, kind, ()) for kind in kinds)
    yield from (th.Relation((variance(first_entry(problem.families[n])), ZERO), (">",)) for n in names)
    yield from map(th.Independent, _blocks(names))
    yield from map(th.Symmetric, names)
    for name in names:
        family = problem.families[name]
        if family.kind in {"exchangeable", "independent"}:
            yield th.Family(name, "iid", family.ranges)


def _terms(step: Step) -> tuple[Term, ...]:
    return tuple(t for s in (step.left, step.right) for t in (s.terms if isinstance(s, th.Relation) else (s,)))


def _blocks(names: list[str]) -> list[tuple[tuple[str, ...], ...]]:
    """Partitions of some of the names into at least two blocks: pairs, then lists, then statements about groups."""
    if len(names) > MOST_PARTITIONED:
        one_against_rest = [((n,), tuple(o for o in names if o != n)) for n in names]
        pairs = [((a,), (b,)) for a, b in combinations(names, 2)] if len(names) <= MOST_PAIRED else []
        found = [*pairs, tuple((n,) for n in names), *one_against_rest]
        return list(dict.fromkeys(found))
    some = [c for k in range(2, len(names) + 1) for c in combinations(names, k)]
    every = [p for chosen in some for p in _partitions(chosen) if len(p) > 1]
    return sorted(every, key=lambda p: (any(len(b) > 1 for b in p), len(p)))


def _partitions(names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ...]]:
    if not names:
        yield ()
        return
    first, *rest = names
    for k in range(len(rest) + 1):
        for others in combinations(rest, k):
            left = tuple(n for n in rest if n not in others)
            for parts in _partitions(left):
                yield ((first, *others), *parts)


# --- laws -------------------------------------------------------------------------------------------------------------


def _beyond_second_moments(problem: Problem, step: Step) -> list[str]:
    """The families that stand inside a function or a power above two."""
    inside: set[str] = set()
    for term in _terms(step):
        for part in walk(term):
            high = isinstance(part, Pow) and isinstance(part.exponent, Num) and part.exponent.value > 2
            if high or (isinstance(part, Apply) and part.function not in FUNCTIONALS):
                inside |= {t.name for t in walk(part) if isinstance(t, Entry)}
    return [name for name in problem.families if name in inside]


def _laws(problem: Problem, name: str) -> Iterator[th.Law]:
    """Laws that agree with the variance given; if none is given, with that of any constant declared positive."""
    fixed = _variance_given(problem, name)
    if fixed is not None:
        if fixed == literal(1):
            yield th.Law(name, "Rademacher", ())
        yield th.Law(name, "Normal", (ZERO, fixed))
        return
    yield th.Law(name, "Rademacher", ())
    for constant in problem.constants.values():
        if constant.kind == "positive" and not constant.ranges:
            yield th.Law(name, "Normal", (ZERO, Name(constant.name)))
            yield th.Law(name, "Normal", (ZERO, Pow(Name(constant.name), literal(2))))


def _variance_given(problem: Problem, name: str) -> Term | None:
    entry = first_entry(problem.families[name])
    for given in problem.givens:
        match given.item:
            case th.Relation(terms=(left, right), operators=("=",)):
                if left == variance(entry) and not any(
                    isinstance(t, Apply) and t.function in FUNCTIONALS for t in walk(right)
                ):
                    return right
            case _:
                pass
    return None
