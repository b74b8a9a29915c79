"""Finding: solve a relation between deterministic terms for one moment or constant, on normal forms.

Nothing here is trusted. The answer is stated as a chain of equivalences, and the kernel decides each of its links.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from fractions import Fraction

from derive.kernel.contradictions import contradiction
from derive.kernel.expand import Expansion
from derive.kernel.facts import Theory, theory
from derive.kernel.judge import difference, rationalized, stripped
from derive.kernel.polynomial import ONE, UNIT, Monomial, Poly, common_monomial, divide, raised, replace
from derive.kernel.ratios import Ratio
from derive.kernel.readout import poly_term, ratio_term
from derive.kernel.roots import root
from derive.kernel.signs import Signs, nonnegative_moment
from derive.kernel.symbols import Moment, Scalar, Unsupported
from derive.language import theorem as th
from derive.language.printer import term_text
from derive.language.problem import Assumption, Problem
from derive.language.terms import ONE as ONE_INDEX
from derive.language.terms import Apply, Entry, Name, Pow, Term, mul, number, rebuild

UNKNOWN = Scalar("?")


@dataclass(frozen=True, slots=True)
class Solution:
    """target = answer, and the relations that lead there from the one that was to be solved."""

    answer: Term
    chain: tuple[th.Relation, ...]


class NoSolution(Exception):
    """The relation holds for no value of the target."""


class Unsolved(Exception):
    """The tool does not find the one solution; the message says why."""


def solve(problem: Problem, find: th.Find) -> Solution:
    """The solution of ``find target such that relation``. Raises ``NoSolution`` or ``Unsolved``."""
    if find.relation.operators != ("=",):
        raise Unsolved("only an equation can be solved")
    try:
        return _solve(problem, find)
    except Unsupported as reason:
        raise Unsolved(str(reason)) from None


def _solve(problem: Problem, find: th.Find) -> Solution:
    known = theory(problem, frozenset(range(len(problem.givens))))
    signs = Signs(known)
    left, right = find.relation.terms
    poly = difference(known, left, right).difference.numerator
    atom, rest = _target(problem, known, find.target)
    poly = replace(poly, lambda s, e: (Poly.symbol(UNKNOWN) - rest) ** e if s == atom else None)
    poly = _without_common(signs, poly)
    degree = poly.degree(UNKNOWN)
    name = term_text(shown(find.target))
    if degree == 0:
        if signs.nonzero(poly):
            raise NoSolution(f"no value of {name} does it: {name} drops out")
        raise Unsolved(f"{name} does not occur in the equation once it is simplified")
    if all(c < 0 for c in poly.coefficient(UNKNOWN, degree).terms.values()):
        poly = -poly
    lowest, highest = poly.coefficient(UNKNOWN, 0), poly.coefficient(UNKNOWN, degree)
    if highest * Poly.symbol(UNKNOWN, degree) + lowest != poly:
        raise Unsolved(f"the equation is not linear in {name}, it may have several solutions")
    if not signs.nonzero(highest):
        raise Unsolved(
            f"the coefficient of {name}, {term_text(poly_term(known, highest))}, may be zero; add a condition"
        )
    never_negative = (isinstance(find.target, Apply) and find.target.function == "Var") or (
        isinstance(atom, Moment) and not rest and nonnegative_moment(atom)
    )
    if never_negative and degree % 2 and signs.positive(lowest * highest):
        raise NoSolution(f"{name} would have to be negative")
    kind = problem.constants[find.target.name].kind if isinstance(find.target, Name) else "real"
    ratio = -lowest * highest
    if (kind == "positive" and not signs.positive(ratio)) or (kind == "nonzero" and not signs.nonzero(ratio)):
        raise Unsolved(f"the solution is not seen to be {kind}, as {name} is declared")
    answer = _quotient(known, -lowest, highest, degree, signs, find)
    middle = th.Relation(
        (mul(poly_term(known, highest), _raised(find.target, degree)), poly_term(known, -lowest)), ("=",)
    )
    last = th.Relation((find.target, answer), ("=",))
    clash = contradiction(replace_fields(problem, givens=(*problem.givens, Assumption(last, "", False, -1))))
    if clash is not None:
        raise NoSolution(f"{name} would have to be {term_text(answer)}, and then {clash}")
    chain = (middle, last) if highest != ONE else (last,)
    return Solution(answer, chain)


def shown(term: Term) -> Term:
    """The term with first entries written as the bare name: Var(W[1,1]) is shown as Var(W)."""
    if isinstance(term, Entry):
        return Name(term.name) if all(i == ONE_INDEX for i in term.indices) else term
    return rebuild(term, shown)


def _raised(target: Term, degree: int) -> Term:
    return target if degree == 1 else Pow(target, number(degree))


def _target(problem: Problem, known: Theory, target: Term) -> tuple[Hashable, Poly]:
    """The atom that stands for the target, and target - atom."""
    ratio = Expansion(problem).expand(target)
    poly = known.normalizer.normal(ratio.numerator)
    atoms = [s for s in poly.symbols() if isinstance(s, Moment | Scalar)]
    for atom in sorted(atoms, key=lambda s: -max(e for _, e in s.profile) if isinstance(s, Moment) else 0):
        if poly.degree(atom) == 1 and poly.coefficient(atom, 1) == ONE:
            return atom, poly - Poly.symbol(atom)
    raise Unsolved(f"{term_text(shown(target))} is fixed by the givens already")


def _without_common(signs: Signs, poly: Poly) -> Poly:
    return stripped(signs, rationalized(signs, poly)) if poly else poly


def _quotient(known: Theory, top: Poly, bottom: Poly, degree: int, signs: Signs, find: th.Find) -> Term:
    """(top/bottom)^(1/degree) as a term, in lowest terms as far as that is seen."""
    top, bottom = _lowest(top, bottom)
    if degree == 1:
        return ratio_term(known, Ratio(top, bottom))
    positive = isinstance(find.target, Name) and known.world.problem.constants[find.target.name].kind == "positive"
    if degree != 2 or not positive:
        raise Unsolved("the equation has several solutions")
    if not signs.positive(top * bottom):
        raise Unsolved("the solution's square is not seen to be positive")
    if len(bottom.terms) == 1:
        return ratio_term(known, Ratio(root(known.world.problem, top * bottom).scaled(*_inverse(bottom))))
    return Apply("sqrt", (ratio_term(known, Ratio(top, bottom)),))


def _inverse(poly: Poly) -> tuple[Monomial, Fraction]:
    ((monomial, c),) = poly.terms.items()
    return raised(monomial, -1), 1 / c


def _lowest(top: Poly, bottom: Poly) -> tuple[Poly, Poly]:
    whole = divide(top, bottom) if bottom.as_number() is None else top.scaled(UNIT, 1 / bottom.terms[UNIT])
    if whole is not None:
        return whole, ONE
    inverse = divide(bottom, top) if top else None
    if inverse is not None:
        top, bottom = ONE, inverse
    shared = dict(common_monomial(top))
    common = frozenset(
        (s, min(e, shared.get(s, 0))) for s, e in common_monomial(bottom) if min(e, shared.get(s, 0)) > 0
    )
    top, bottom = top.scaled(raised(common, -1)), bottom.scaled(raised(common, -1))
    content = max(abs(c) for c in bottom.terms.values())
    top, bottom = top.scaled(UNIT, 1 / content), bottom.scaled(UNIT, 1 / content)
    return top, bottom
