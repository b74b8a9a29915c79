"""The kernel's judgements: equations, inequalities and equivalences between deterministic terms.

Equal normal forms prove an equation. Different ones do not refute it: facts can pin moments at the boundary of what is
possible. Refuting is for the referee, who has to exhibit a model.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from dataclasses import replace as replace_fields

from derive.kernel.expand import Expansion
from derive.kernel.facts import Contradiction, Theory, cases, expanded, reduced, said, theory
from derive.kernel.functions import cleared
from derive.kernel.induction import by_induction, candidates
from derive.kernel.limits import Infinity, depends, limit
from derive.kernel.polynomial import ONE, UNIT, Poly, common_monomial, divide, raised, replace
from derive.kernel.ratios import Demand, Ratio
from derive.kernel.roots import square_out
from derive.kernel.shelves import Shelf
from derive.kernel.signs import Signs
from derive.kernel.squares import squares
from derive.kernel.symbols import Moment, Root, TooMuch, Unsupported
from derive.language import theorem as th
from derive.language.problem import Problem
from derive.language.terms import Apply, Entry, Name, Term, functionals, walk


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a judgement.

    proved: whether the link holds in every model. residual: left - right in normal form where they differ.
    demands: what would have to be secured for both sides to be defined. reason: why the kernel does not decide;
    exhausted: it is that a bound on its work was reached.
    facts: names of the facts of the ledger on which a proof leans.
    """

    proved: bool
    residual: Ratio | None = None
    demands: tuple[Demand, ...] = ()
    reason: str = ""
    exhausted: bool = False
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """A difference left - right in normal form, and what it needs to be defined."""

    difference: Ratio
    demands: tuple[Demand, ...]


def judge(
    problem: Problem,
    left: Term | th.Relation,
    operator: str,
    right: Term | th.Relation,
    active: frozenset[int],
    *,
    method: str | None = None,
    shelf: Shelf | None = None,
) -> Outcome:
    """Whether ``left operator right`` follows from the standing givens and the removable ones in ``active``.

    method: "induction on L" where the link names it; otherwise an induction is tried where nothing else decides.
    shelf: what an earlier link left of the same problem under the same givens, and where to leave it for the next one.
    """
    try:
        known, signs = (shelf and shelf.taken()) or _begun(problem, active, shelf)
        outcome = _judged(problem, known, signs, (left, operator, right), active, method)
        if shelf is not None and not known.normalizer.facts:
            shelf.left = known, signs
        return outcome
    except (Contradiction, Unsupported) as reason:
        return Outcome(False, reason=str(reason), exhausted=isinstance(reason, TooMuch))


def _begun(problem: Problem, active: frozenset[int], shelf: Shelf | None) -> tuple[Theory, Signs]:
    known = theory(problem, active)
    if shelf is not None:
        known = replace_fields(known, expanded=shelf.expanded)
    return known, Signs(known)


def _judged(
    problem: Problem,
    known: Theory,
    signs: Signs,
    link: tuple[Term | th.Relation, str, Term | th.Relation],
    active: frozenset[int],
    method: str | None,
) -> Outcome:
    left, operator, right = link
    if isinstance(left, th.Relation) or isinstance(right, th.Relation):
        if not (isinstance(left, th.Relation) and isinstance(right, th.Relation) and operator == "iff"):
            return Outcome(False, reason="an equivalence joins two relations")
        return _with_facts(_equivalent(known, signs, left, right), known)
    if _is_limit(left) or _is_limit(right):
        return _with_facts(_limits(problem, known, left, operator, right, active), known)
    outcome = _in_all_cases(known, signs, left, operator, right)
    if outcome.proved:
        return outcome
    if operator != "=" and known.normalizer.facts:
        raw = theory(problem, active, closed_forms=False)  # moments that no closed form hides may be bounded
        second = _in_all_cases(raw, Signs(raw), left, operator, right)
        if second.proved:
            return second
    if operator != "=" and _by_squares(known, signs, left, operator, right):
        return _with_facts(Outcome(True), known)
    facts = _inductively(problem, left, operator, right, active, method)
    return outcome if facts is None else Outcome(True, facts=facts)


def _in_all_cases(known: Theory, signs: Signs, left: Term, operator: str, right: Term) -> Outcome:
    for case in cases(known.world.problem, (left, right), said(known.world.problem)):
        outcome = _compare(known, signs, case[0], operator, case[1])
        if not outcome.proved:
            return outcome
    return _with_facts(Outcome(True), known)


def _by_squares(known: Theory, signs: Signs, left: Term, operator: str, right: Term) -> bool:
    """Whether the difference of the sides is a multiple of the mean of a square, or the like, and what is known."""
    for case in cases(known.world.problem, (left, right), said(known.world.problem)):
        side = difference(known, *case)
        gap = side.difference.numerator * side.difference.denominator
        certificates = squares(known, case)
        if any(not _met(known, signs, d) for d in side.demands):
            return False
        if not signs.above(gap if ">" in operator else -gap, certificates, strict="=" not in operator):
            return False
    return True


def _with_facts(outcome: Outcome, known: Theory) -> Outcome:
    """The outcome with the facts of the ledger that were used on the way to it."""
    return replace_fields(outcome, facts=tuple(sorted(known.normalizer.facts))) if outcome.proved else outcome


def _compare(known: Theory, signs: Signs, left: Term, operator: str, right: Term) -> Outcome:
    side = difference(known, left, right)
    open_demands = tuple(d for d in side.demands if not _met(known, signs, d))
    holds = _HOLDS[operator](signs, side.difference)
    if holds and not open_demands:
        return Outcome(True)
    if holds:
        return Outcome(False, demands=open_demands, reason="not every term is secured to be defined")
    return Outcome(False, residual=side.difference, demands=open_demands)


# --- induction and limits -----------------------------------------------------------------------


def _inductively(
    problem: Problem, left: Term, operator: str, right: Term, active: frozenset[int], method: str | None
) -> tuple[str, ...] | None:
    """The facts that a proof by induction leans on; None if there is none on the size named, or on any that occurs."""
    named = method.removeprefix("induction on ") if method and method.startswith("induction on ") else None
    for size in [named] if named else candidates(problem, left, right):
        try:
            facts = set[str]()

            def holds(known: Theory, *claim: *tuple[Term, str, Term], facts: set[str] = facts) -> bool:
                outcome = _in_all_cases(known, Signs(known), *claim)
                facts.update(outcome.facts)
                return outcome.proved

            if by_induction(problem, size, (left, operator, right), active, holds):
                return tuple(sorted(facts))
        except (Contradiction, Unsupported):
            if named:
                raise
    return None


def _is_limit(term: Term) -> bool:
    return isinstance(term, Apply) and term.function == "limit"


def _limits(problem: Problem, known: Theory, left: Term, operator: str, right: Term, active: frozenset[int]) -> Outcome:
    """Equations with a limit as a whole side: both limits are found, or the terms under them are equal for every L."""
    if operator != "=":
        return Outcome(False, reason="limits are compared by equations only")
    for side in (left, right):
        if isinstance(side, Apply) and side.function == "limit":
            _says_nothing_of(problem, side.args[1])
    signs = Signs(known)
    growing = {s.args[1] for s in (left, right) if isinstance(s, Apply) and s.function == "limit"}
    if any(t in growing for s in (left, right) if not _is_limit(s) for t in walk(s)):
        raise Unsupported("what the limit is compared with depends on what grows")
    found: list[tuple[Poly, Poly] | Infinity | Unsupported] = []
    for side in (left, right):
        try:
            found.append(_limit(known, signs, side))
        except Unsupported as reason:
            found.append(reason)
    failures = [f for f in found if isinstance(f, Unsupported)]
    if len(failures) == 2 or (failures and not (_is_limit(left) and _is_limit(right))):
        raise failures[0]
    if failures:
        same = isinstance(left, Apply) and isinstance(right, Apply) and left.args[1] == right.args[1]
        if same and isinstance(left, Apply) and isinstance(right, Apply):
            inner = judge(problem, left.args[0], "=", right.args[0], active)
            return inner if inner.proved else Outcome(False, reason="the terms under the limits are not seen to agree")
        raise failures[0]
    first, second = found
    if isinstance(first, tuple) and isinstance(second, tuple):
        top = square_out(first[0] * second[1] - second[0] * first[1])
        rest = reduced(known.normalizer.normal(top), known.relations)
        return Outcome(True) if not rest else Outcome(False, residual=Ratio(rest, first[1] * second[1]))
    if isinstance(first, Infinity) and isinstance(second, Infinity):
        return Outcome(True)
    return Outcome(False, reason="one side is infinite, the other is not")


def _says_nothing_of(problem: Problem, size: Term) -> None:
    """Refuse conditions on the size that grows; laws and moments may depend on it."""
    for given in problem.givens:
        if isinstance(given.item, th.Relation):
            moment = given.item.operators == ("=",) and any(functionals(t) for t in given.item.terms)
            if not moment and any(t == size for term in given.item.terms for t in walk(term)):
                raise Unsupported(f"a limit is not decided under `{given.text}`, which speaks of what grows")


def _tied(problem: Problem, size: str) -> set[str]:
    """The families and constants that laws and facts tie to the size, directly or through others."""
    facts: list[set[str]] = []
    for given in problem.givens:
        match given.item:
            case th.Relation(terms=terms):
                facts.append({t.name for term in terms for t in walk(term) if isinstance(t, Name | Entry)})
            case th.Law(name=name, args=args):
                facts.append({name, *(t.name for a in args for t in walk(a) if isinstance(t, Name | Entry))})
            case _:
                pass
    tied = {size}
    for _ in facts:
        tied |= {name for fact in facts if fact & tied for name in fact}
    return tied - {size}


def _limit(known: Theory, signs: Signs, side: Term) -> tuple[Poly, Poly] | Infinity:
    """The value of a side that is a limit, infinity or a plain term; every term has to be defined."""
    if side == Name("infinity"):
        return Infinity()
    body, size = side, None
    if isinstance(side, Apply) and side.function == "limit":
        body, last = side.args
        size = last.name if isinstance(last, Name) else None
    expansion = Expansion(known.world.problem)
    ratio = expansion.expand(body)
    numerator, denominator = known.normalizer.normal(ratio.numerator), known.normalizer.normal(ratio.denominator)
    if any(not _met(known, signs, d) for d in expansion.demands) or not signs.nonzero(cleared(denominator)[0]):
        raise Unsupported("not every term is secured to be defined")
    numerator = reduced(numerator, known.relations)
    if size is None:
        return numerator, denominator
    tied = _tied(known.world.problem, size)
    if any(depends(s, name) for s in numerator.symbols() | denominator.symbols() for name in tied):
        raise Unsupported(f"the limit is not seen: the givens tie something in it to {size}")
    return limit(signs, numerator, denominator, size)


def difference(known: Theory, left: Term, right: Term) -> Side:
    """left - right in normal form, over a denominator, with what it takes for both to be defined."""
    (a, of_a), (b, of_b) = expanded(known, left), expanded(known, right)
    same = a.denominator == b.denominator
    numerator = a.numerator - b.numerator if same else a.numerator * b.denominator - b.numerator * a.denominator
    denominator = a.denominator if same else a.denominator * b.denominator
    top, under = cleared(known.normalizer.normal(numerator))
    bottom = known.normalizer.normal(denominator) * under
    return Side(Ratio(reduced(square_out(top), known.relations), bottom), (*of_a, *of_b))


def _vanishes(_: Signs, difference: Ratio) -> bool:
    return not difference.numerator


def _at_most(signs: Signs, difference: Ratio) -> bool:
    return signs.nonnegative(-difference.numerator * difference.denominator)


def _less(signs: Signs, difference: Ratio) -> bool:
    return signs.positive(-difference.numerator * difference.denominator)


_HOLDS: dict[str, Callable[[Signs, Ratio], bool]] = {
    "=": _vanishes,
    "<=": _at_most,
    "<": _less,
    ">=": lambda signs, d: signs.nonnegative(d.numerator * d.denominator),
    ">": lambda signs, d: signs.positive(d.numerator * d.denominator),
}


def _met(known: Theory, signs: Signs, demand: Demand) -> bool:
    top, _ = cleared(known.normalizer.normal(demand.numerator))
    top = reduced(top, known.relations)
    bottom, _ = cleared(known.normalizer.normal(demand.denominator))
    if demand.kind == "nonzero":
        return signs.nonzero(top)
    return signs.positive(top * bottom) if demand.kind == "positive" else signs.nonnegative(top * bottom)


# --- equivalence --------------------------------------------------------------------------------


def _equivalent(known: Theory, signs: Signs, left: th.Relation, right: th.Relation) -> Outcome:
    """P = 0 iff Q = 0: both become the same polynomial once factors that cannot vanish are taken out."""
    if left.operators != ("=",) or right.operators != ("=",):
        return Outcome(False, reason="only equations are decided on the sides of `iff`")
    for case in cases(known.world.problem, (*left.terms, *right.terms), said(known.world.problem)):
        p = difference(known, case[0], case[1])
        q = difference(known, case[2], case[3])
        open_demands = tuple(d for d in (*p.demands, *q.demands) if not _met(known, signs, d))
        if not same_zeros(signs, p.difference.numerator, q.difference.numerator):
            return Outcome(False, demands=open_demands, reason="the two sides are not seen to be equivalent")
        if open_demands:
            return Outcome(False, demands=open_demands, reason="not every term is secured to be defined")
    return Outcome(True)


def same_zeros(signs: Signs, p: Poly, q: Poly) -> bool:
    """Whether p = 0 and q = 0 say the same in every model: equal up to factors that cannot vanish, and powers."""
    if not p or not q:
        return not p and not q
    if _proportional(p, q):
        return True
    p, q = _bare(signs, rationalized(signs, p)), _bare(signs, rationalized(signs, q))
    if _proportional(p, q) or _power_of(signs, p, q) or _power_of(signs, q, p):
        return True
    first, second = sorted((p, q), key=lambda side: len(side.terms))
    return signs.nonzero(first) and signs.nonzero(second)  # a search, so it comes last: neither ever holds


def _proportional(p: Poly, q: Poly) -> bool:
    """Whether one is a number times the other; neither is 0."""
    return p.terms.keys() == q.terms.keys() and len({c / q.terms[m] for m, c in p.terms.items()}) == 1


def _power_of(signs: Signs, p: Poly, q: Poly) -> bool:
    """Whether p = u q^k with k >= 1 and u never zero."""
    if q.as_number() is not None:
        return False
    rest = p
    for k in range(8):
        following = divide(rest, q)
        if following is None:
            return k > 0 and (rest.as_number() is not None or signs.nonzero(rest))
        rest = following
    return False


def rationalized(signs: Signs, p: Poly) -> Poly:
    """p without roots, where A - B sqrt(c) may be multiplied by A + B sqrt(c) because that cannot vanish."""
    for _ in range(6):
        roots = sorted((s for s in p.symbols() if isinstance(s, Root)), key=repr)
        changed = False
        for symbol in roots:
            conjugate = _conjugate(p, symbol)
            if conjugate not in {p, -p} and signs.nonzero(conjugate):
                p, changed = square_out(p * conjugate), True
                break
        if not changed:
            return p
    return p


def _conjugate(p: Poly, symbol: Hashable) -> Poly:
    return replace(p, lambda s, e: Poly.symbol(s, e).scaled(UNIT, -1 if e % 2 else 1) if s == symbol else None)


def stripped(signs: Signs, p: Poly) -> Poly:
    """p without factors that cannot vanish: numbers, sizes, positive constants, what the conditions make positive."""
    p = _bare(signs, p)
    content = next(iter(p.terms.values()))
    return ONE if signs.nonzero(p) else p.scaled(UNIT, 1 / content)


def _bare(signs: Signs, p: Poly) -> Poly:
    p, _ = cleared(p)
    common = common_monomial(p)
    gone = frozenset((s, e) for s, e in common if e < 0 or signs.nonzero(Poly.symbol(s)))
    p = p.scaled(raised(gone, -1))
    for factor in [*signs.known_positive, *_moments(p)]:
        while factor.as_number() is None and factor.symbols() <= p.symbols():
            quotient = divide(p, factor)
            if quotient is None or not signs.nonzero(factor):
                break
            p = quotient
    return p


def _moments(p: Poly) -> list[Poly]:
    """E(a^2) for each family that occurs: with Var(a) > 0 it is positive though no condition says so."""
    return [Poly.symbol(s) for s in sorted(p.symbols(), key=repr) if isinstance(s, Moment)]
