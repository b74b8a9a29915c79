"""Givens -> a world and rewriting rules for atoms.

A moment fact A = B is the polynomial A - B set to zero. It is solved for one atom that occurs in it once, alone and
with a coefficient that cannot vanish, and becomes a rule atom -> rest; what cannot be solved is kept as a relation
and used by division. Free index names in a fact speak of every value, so a fact is one polynomial for each way in
which its free and literal indices can coincide.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields

from derive.kernel.expand import Expansion
from derive.kernel.normal import Normalizer
from derive.kernel.polynomial import Poly, raised, replace, times
from derive.kernel.powers import power
from derive.kernel.ratios import Demand, Ratio
from derive.kernel.recurrences import different_entries
from derive.kernel.roots import plainly_positive, square_out
from derive.kernel.symbols import (
    Average,
    Exchangeable,
    Inverse,
    Joint,
    Known,
    Moment,
    ProductOf,
    Root,
    Scalar,
    Size,
    Tower,
    Unsupported,
)
from derive.kernel.world import World
from derive.language import theorem as th
from derive.language.problem import Problem
from derive.language.terms import Add, Entry, Name, Num, Term, number, substitute, walk

Expanded = dict[tuple[Term, frozenset[str]], tuple[Ratio, tuple[Demand, ...]]]


class Contradiction(Exception):
    """Givens that no law can meet."""


@dataclass(frozen=True, slots=True)
class Theory:
    """What the givens in force say, ready for use.

    relations: facts that no rule came out of, each a polynomial that is 0. positive, nonnegative: polynomials that the
    conditions make so. expanded: terms that were expanded already.
    """

    world: World
    normalizer: Normalizer
    relations: tuple[Poly, ...]
    positive: tuple[Poly, ...]
    nonnegative: tuple[Poly, ...]
    expanded: Expanded = field(default_factory=Expanded)


def expanded(known: Theory, term: Term) -> tuple[Ratio, tuple[Demand, ...]]:
    """A term as a quotient of polynomials, and what it takes for it to be defined. Raises ``Unsupported``.

    Of the givens it matters only which families have a law, so another theory of the same problem may have it already.
    """
    key = term, frozenset(known.world.laws)
    if key not in known.expanded:
        expansion = Expansion(known.world.problem)
        known.expanded[key] = expansion.expand(term), tuple(expansion.demands)
    return known.expanded[key]


def theory(
    problem: Problem,
    active: frozenset[int],
    *,
    beyond: str = "",
    hypothesis: tuple[Term, str, Term] | None = None,
    closed_forms: bool = True,
) -> Theory:
    """The theory of the standing givens and the removable ones in ``active`` (positions in ``problem.givens``).

    In the step of an induction ranges that end in ``beyond`` go one further, and the hypothesis holds.
    closed_forms: whether the ledger's closed forms replace moments.
    """
    problem = replace_fields(problem, beyond=beyond) if beyond else problem
    items = [g.item for k, g in enumerate(problem.givens) if k in active or not g.removable]
    world = World(
        problem,
        tuple(tuple(frozenset(b) for b in i.blocks) for i in items if isinstance(i, th.Independent)),
        frozenset(i.name for i in items if isinstance(i, th.Symmetric)),
        {},
    )
    expansion = Expansion(problem)
    named = [i for i in items if isinstance(i, th.Law)]
    laws = {i.name: (i.law, tuple(expansion.polynomial(a) for a in i.args)) for i in named}
    recurrences = {_head(i).name: i for i in items if isinstance(i, th.Recurrence)}
    world = World(problem, world.independent, world.symmetric, laws, recurrences)
    plain = Normalizer(world, {}, closed_forms=closed_forms)
    relations = [i for i in items if isinstance(i, th.Relation)]
    if hypothesis is not None:
        relations.append(th.Relation((hypothesis[0], hypothesis[2]), (hypothesis[1],)))
    equations = [p for i in relations for p in _equations(problem, plain, i)]
    for law in named:  # of two laws of a family the parameters have to agree
        kind, args = laws[law.name]
        if law.law != kind:
            raise Contradiction(f"`{law.name}` has two laws")
        equations += [(plain.normal(expansion.polynomial(a) - b), False) for a, b in zip(law.args, args, strict=True)]
    rules, patterns, left = _solve(problem, equations)
    normalizer = Normalizer(world, rules, patterns, facts=plain.facts, closed_forms=closed_forms)
    positive, nonnegative = _conditions(problem, normalizer, relations)
    for law, args in laws.values():
        if law == "Normal":
            positive.append(normalizer.normal(args[1]))
        elif law == "Uniform":
            positive.append(normalizer.normal(args[1] - args[0]))
        elif law == "TruncatedNormal":
            positive += [normalizer.normal(args[1]), normalizer.normal(args[3] - args[2])]
    return Theory(world, normalizer, tuple(left), tuple(positive), tuple(nonnegative))


def _head(recurrence: th.Recurrence) -> Entry:
    head = recurrence.relation.terms[0]
    if not isinstance(head, Entry):
        raise Unsupported("a recurrence that does not define an entry")
    return head


def _conditions(
    problem: Problem, normalizer: Normalizer, relations: list[th.Relation]
) -> tuple[list[Poly], list[Poly]]:
    positive: list[Poly] = []
    nonnegative: list[Poly] = []
    for relation in relations:
        for left, operator, right in relation.pairs():
            if operator == "=":
                continue
            big, small = (left, right) if operator in {">", ">="} else (right, left)
            for case in sure_cases(problem, (big, small)):
                difference = _difference(problem, normalizer, case[0], case[1])
                if difference is not None:
                    (positive if operator in {"<", ">"} else nonnegative).append(difference)
    return positive, nonnegative


def _difference(problem: Problem, normalizer: Normalizer, left: Term, right: Term) -> Poly | None:
    """left - right times a positive denominator, in normal form; None where the denominator's sign is not plain."""
    expansion = Expansion(problem)
    a, b = expansion.expand(left), expansion.expand(right)
    denominator = a.denominator * b.denominator
    if not plainly_positive(problem, denominator):
        return None
    return normalizer.normal(a.numerator * b.denominator - b.numerator * a.denominator)


def _equations(problem: Problem, plain: Normalizer, relation: th.Relation) -> Iterator[tuple[Poly, bool]]:
    """Each equation as a polynomial that is 0, with whether it holds for every value of its free indices alike."""
    for left, operator, right in relation.pairs():
        if operator != "=":
            continue
        universal = len(list(cases(problem, (left, right)))) == 1
        for case in sure_cases(problem, (left, right)):
            expansion = Expansion(problem)
            a, b = expansion.expand(case[0]), expansion.expand(case[1])
            poly = plain.normal(a.numerator * b.denominator - b.numerator * a.denominator)
            yield poly, universal


def sure_cases(problem: Problem, terms: tuple[Term, ...]) -> Iterator[tuple[Term, ...]]:
    """The cases of a given that there are at every size: E(X[j]*X[1]) = c says nothing of E(X)^2 where n = 1."""
    return (case for case in cases(problem, terms) if not different_entries(problem, case))


def cases(problem: Problem, terms: tuple[Term, ...], beside: tuple[Term, ...] = ()) -> Iterator[tuple[Term, ...]]:
    """The terms for each way in which their free indices coincide with each other and with the literals in use.

    beside: further terms whose literals count, as those of the givens do for a claim.
    """
    free: set[tuple[str, str | int]] = set()
    literals: dict[str | int, set[int]] = {}
    for group, own in ((terms, True), (beside, False)):
        for index, high in (pair for term in group for pair in _indices(problem, term)):
            name = index.terms[0] if isinstance(index, Add) else index
            if isinstance(name, Num) and name.value >= 1:
                literals.setdefault(high, set()).add(int(name.value))
            elif own and isinstance(name, Name) and name.name in problem.free:
                free.add((name.name, high))
        if not free:
            yield terms
            return
    yield from _identified(terms, sorted(free, key=str), literals, {})


def _indices(problem: Problem, term: Term) -> Iterator[tuple[Term, str | int]]:
    """The indices of all entries in a term, with the end of each one's range."""
    for part in walk(term):
        if isinstance(part, Entry):
            declared = problem.families.get(part.name) or problem.constants.get(part.name)
            if declared is not None:
                yield from ((i, r.high) for i, r in zip(part.indices, declared.ranges, strict=True))


def said(problem: Problem) -> tuple[Term, ...]:
    """The terms of the facts, conditions and recurrences among the givens."""
    items = [g.item for g in problem.givens]
    relations = [
        i if isinstance(i, th.Relation) else i.relation for i in items if isinstance(i, th.Relation | th.Recurrence)
    ]
    return tuple(t for r in relations for t in r.terms)


def _identified(
    terms: tuple[Term, ...],
    free: list[tuple[str, str | int]],
    literals: dict[str | int, set[int]],
    apart: dict[str | int, list[str]],
) -> Iterator[tuple[Term, ...]]:
    if not free:
        yield terms
        return
    (name, high), rest = free[0], free[1:]
    for literal in sorted(literals.get(high, ())):
        yield from _identified(_with(terms, name, number(literal)), rest, literals, apart)
    for other in apart.get(high, ()):
        yield from _identified(_with(terms, name, Name(other)), rest, literals, apart)
    if isinstance(high, str) or len(literals.get(high, ())) + len(apart.get(high, ())) < high:
        yield from _identified(terms, rest, literals, {**apart, high: [*apart.get(high, []), name]})


def _with(terms: tuple[Term, ...], name: str, value: Term) -> tuple[Term, ...]:
    return tuple(substitute(t, {name: value}) for t in terms)


# --- solving ------------------------------------------------------------------------------------


def _solve(
    problem: Problem, equations: list[tuple[Poly, bool]]
) -> tuple[dict[Hashable, Poly], tuple[tuple[Joint | Known, Poly], ...], list[Poly]]:
    rules: dict[Hashable, Poly] = {}
    patterns: list[tuple[Joint | Known, Poly]] = []
    waiting = list(equations)
    left: list[Poly] = []
    for _ in range(3):
        again, waiting = waiting, list[tuple[Poly, bool]]()
        left = list[Poly]()
        for equation, universal in again:
            poly = _rewrite(equation, rules)
            if not poly:
                continue
            if poly.as_number() is not None:
                raise Contradiction("the givens contradict each other")
            solved = _leading(problem, poly)
            if solved is None:
                left.append(poly)
                waiting.append((equation, universal))
                continue
            atom, value = solved
            rules = {a: _rewrite(v, {atom: value}) for a, v in rules.items()}
            rules[atom] = value
            if universal and isinstance(atom, Joint | Known):
                patterns.append((atom, value))
        if not waiting:
            break
    return rules, tuple(patterns), left


def _rewrite(poly: Poly, rules: dict[Hashable, Poly]) -> Poly:
    for _ in range(20):
        if not any(s in rules for s in poly.symbols()):
            return poly
        poly = square_out(replace(poly, lambda s, e: power(rules[s], e) if s in rules else None))
    raise Unsupported("the moment facts rewrite each other without end")


def _leading(problem: Problem, poly: Poly) -> tuple[Hashable, Poly] | None:
    """The atom to solve a fact for, with its value: the highest that occurs alone, once, safely multiplied."""
    expansion = Expansion(problem)
    for symbol in sorted(poly.symbols(), key=_rank, reverse=True):
        holders = [(m, c) for m, c in poly.terms.items() if any(s == symbol for s, _ in m)]
        if len(holders) != 1 or _rank(symbol)[0] < 0:
            continue
        monomial, coefficient = holders[0]
        others = frozenset((s, e) for s, e in monomial if s != symbol)
        if dict(monomial)[symbol] != 1 or not all(expansion.never_zero(s) for s, _ in others):
            continue
        if any(symbol in inner for s in poly.symbols() if (inner := _inside(s))):
            continue
        rest = Poly({m: c for m, c in poly.terms.items() if m != monomial})
        return symbol, (-rest).scaled(raised(others, -1), 1 / coefficient)
    return None


def _inside(symbol: Hashable) -> set[Hashable]:
    match symbol:
        case Root(radicand=poly) | Inverse(of=poly) | Tower(of=poly) | ProductOf(of=poly):
            return poly.symbols()
        case _:
            return set()


def _rank(symbol: Hashable) -> tuple[int, int, str]:
    """Which symbols a fact is solved for first: moments of high degree, then constants, then sizes."""
    match symbol:
        case Joint(entries=entries):
            return (4, sum(e for _, _, p in entries for _, e in p), repr(symbol))
        case Average():
            return (3, 0, repr(symbol))
        case Exchangeable(entries=entries):
            return (4, sum(e for _, p in entries for _, e in p), repr(symbol))
        case Moment(profile=p):
            return (3, sum(e for _, e in p), repr(symbol))
        case Known():
            return (2, 1, repr(symbol))
        case Scalar(name=name) if name != "pi":
            return (2, 0, name)
        case Size(name=name):
            return (1, 0, name)
        case _:
            return (-1, 0, repr(symbol))


def reduced(poly: Poly, relations: tuple[Poly, ...]) -> Poly:
    """The polynomial reduced by relations that are 0: a few rounds of division by their leading terms."""
    for _ in range(30):
        before = poly
        for relation in relations:
            head = max(relation.terms, key=lambda m: (sum(e for _, e in m), sorted(map(repr, m))))
            for monomial, c in list(poly.terms.items()):
                quotient = times(monomial, raised(head, -1))
                if all(e > 0 for _, e in quotient) and all(dict(monomial).get(s, 0) >= e for s, e in head):
                    poly = poly - relation.scaled(quotient, c / relation.terms[head])
                    break
        if poly == before:
            break
    return poly
