"""Both sides of a link worked out in a model, in lines that can be followed by hand.

E(t) is the sum over the values that t takes, Var(t) = E(t^2) - E(t)^2, Cov(s, t) = E(s t) - E(s) E(t). Every number
in a line is computed by the referee; where a law is continuous, a line gives the enclosure of an expectation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from derive.language.indices import at_index
from derive.language.printer import relation_text, term_text
from derive.language.problem import Problem, Step
from derive.language.terms import (
    FUNCTIONALS,
    TWO,
    Apply,
    Big,
    Conditional,
    Entry,
    Mul,
    Name,
    Neg,
    Num,
    Pow,
    Recip,
    Term,
    add,
    children,
    expectation,
    functionals,
    mul,
    number,
    rebuild,
)
from derive.language.theorem import Relation
from derive.referee.algebra import Ball, Exact, TooLarge, Unusable
from derive.referee.evaluate import cases, joint_law
from derive.referee.failure import Failure
from derive.referee.means import Work
from derive.referee.model import Model
from derive.referee.program import program
from derive.referee.show import side_text

EFFORT = 40_000
MOST_SHOWN = 6  # values whose sum is written out
MOST_SUMMANDS = 4  # of a sum over a range
MOST_LINES = 8  # of a side
LONGEST = 160  # characters of a line

Read = Callable[[Term], Term]
Lines = tuple[str, ...]


def working(problem: Problem, model: Model, step: Step, failure: Failure, read: Read) -> tuple[Lines, Lines]:
    """The lines for the left and the right side. ``read`` looks up the names of a term as its author wrote it.

    Nothing where the tool wrote the link, and as far as the work allowed reaches.
    """
    if step.written is None:
        return (), ()
    hand = _Hand(problem, model, failure, read)
    left, right = step.written
    return hand.side(left, failure.left), hand.side(right, failure.right)


@dataclass(slots=True)
class _Hand:
    problem: Problem
    model: Model
    failure: Failure
    read: Read
    work: Work = field(default_factory=lambda: Work(EFFORT))
    known: dict[Term, Exact | Ball] = field(default_factory=dict[Term, Exact | Ball])
    said: set[str] = field(default_factory=set[str])

    def side(self, side: Term | Relation, value: Exact | Ball | bool) -> Lines:
        """The lines of one side; lines that were given before are not given again."""
        try:
            if not isinstance(side, Relation):
                return self.told(self.lines(self.here(side)))
            terms = [self.here(t) for t in side.terms]
            lines = [line for t in terms for line in self.lines(t)]
            values = [side_text(self.value(t)) for t in terms]
        except (TooLarge, Unusable):
            return ()
        if any(not isinstance(v, str) for v in values):
            return self.told(lines)
        found = " ".join(f"{o} {v}" for o, v in zip(("", *side.operators), values, strict=True)).strip()
        text = relation_text(Relation(tuple(terms), side.operators))
        return (*self.told(lines), f"{text}: {found}, {'true' if value else 'false'}")

    def told(self, lines: Sequence[str]) -> Lines:
        new = tuple(line for line in dict.fromkeys(lines) if line not in self.said)
        self.said.update(new)
        return new

    def here(self, term: Term) -> Term:
        """The term at the values of the free indices, sums of moments written out."""
        for name, k in self.failure.indices.items():
            term = at_index(term, name, k)
        return self.opened(term)

    def opened(self, term: Term) -> Term:
        if _is_moment(term):
            return term
        if isinstance(term, Big) and functionals(term):
            last = self.model.sizes.get(term.high.name, 0) if isinstance(term.high, Name) else _whole(term.high)
            places = range(_whole(term.low), last + 1)
            if len(places) <= MOST_SUMMANDS:
                parts = [self.opened(at_index(term.body, term.index, k)) for k in places]
                return add(*parts) if term.kind == "sum" else mul(*parts)
        return rebuild(term, self.opened)

    # --- lines -------------------------------------------------------------------------------------------------------

    def lines(self, term: Term) -> list[str]:
        """The moments in a term one after the other, then the term itself."""
        moments = list(dict.fromkeys(_moments(term)))
        found = [list(self.moment(m)) for m in moments]
        if sum(map(len, found)) >= MOST_LINES:
            found = [lines[-1:] for lines in found]
        last = [] if term in moments else list(self.result(term, self.put_in(term)))
        lines = [line for lines in found for line in lines]
        return [*lines, *last] if len(lines) < MOST_LINES else last

    def moment(self, term: Term) -> Iterator[str]:
        """The lines of E(t), Var(t), Cov(s, t)."""
        match term:
            case Apply(function="E", args=(body,)):
                yield self.mean(body)
            case Apply(function="Var", args=(body,)):
                square, plain = expectation(_squared(body)), expectation(body)
                yield self.mean(_squared(body))
                yield self.mean(body)
                yield from self.result(term, add(self.put(square), Neg(Pow(self.put(plain), TWO))))
            case Apply(function="Cov", args=(left, right)):
                both, first, second = (expectation(t) for t in (Mul((left, right)), left, right))
                yield self.mean(Mul((left, right)))
                yield self.mean(left)
                yield self.mean(right)
                product = _product(self.put(first), self.put(second))
                yield from self.result(term, add(self.put(both), Neg(product)))
            case _:
                yield from self.result(term, None)

    def mean(self, body: Term) -> str:
        """E(t) = the sum over the values that t takes, each with its probability."""
        term = expectation(body)
        factors = [(f.base, f.exponent) if isinstance(f, Pow) else (f, None) for f in _factors(body)]
        code = program(self.problem, self.model.sizes, [self.read(base) for base, _ in factors], {})
        law = joint_law(code, self.model, self.work)
        if law is None:
            return _equation(term, None, self.value(term))
        summands = [_summand(p, values, [e for _, e in factors]) for values, p in sorted(law.items(), key=_rank)]
        exact = [s for s in summands if s is not None]
        if len(law) > MOST_SHOWN or len(exact) < len(summands):
            return f"{_equation(term, None, self.value(term))}, summed over {len(law)} values"
        line = _equation(term, add(*exact), self.value(term))
        if len(line) > LONGEST:
            return f"{_equation(term, None, self.value(term))}, summed over {len(law)} values"
        return line

    def result(self, term: Term, middle: Term | None) -> Iterator[str]:
        """term = middle = value; nothing where the term is its value."""
        value = self.value(term)
        if not isinstance(value, Ball) and term_text(_exact(value)) == term_text(term):
            return
        line = _equation(term, middle, value)
        yield line if len(line) <= LONGEST else _equation(term, None, value)

    # --- values ------------------------------------------------------------------------------------------------------

    def value(self, term: Term) -> Exact | Ball:
        """What the referee computes, in the outcome in which the link fails. Raises ``Unusable`` or ``TooLarge``."""
        if term not in self.known:
            code = program(self.problem, self.model.sizes, [self.read(term)], {})
            there = self.failure.outcome
            found = (
                v[0] for o, v in cases(code, self.model, self.work) if all(there.get(k) == x for k, x in o.items())
            )
            value = next(found, None)
            if value is None:
                raise Unusable("this outcome does not occur")
            self.known[term] = value
        return self.known[term]

    def put(self, term: Term) -> Term:
        """The value in the place of a term; the term itself where its value is an enclosure."""
        value = self.value(term)
        return term if isinstance(value, Ball) else _exact(value)

    def put_in(self, term: Term) -> Term:
        """The term with values in the place of moments, names and entries."""
        if _is_moment(term) or isinstance(term, Name | Entry | Big):
            return self.put(term)
        if isinstance(term, Mul):
            return _product(*(self.put_in(f) for f in term.factors))
        return rebuild(term, self.put_in)


# --- terms of numbers -------------------------------------------------------------------------------------------------


def _exact(value: Exact) -> Term:
    """The number as it is written by hand: 1/2, and not 0.5."""
    if value < 0:
        return Neg(_exact(-value))
    top = number(value.numerator)
    return top if value.denominator == 1 else Mul((top, Recip(number(value.denominator))))


def _product(*factors: Term) -> Term:
    """The product without parentheses that are not needed."""
    flat = [f for factor in factors for f in (factor.factors if isinstance(factor, Mul) else (factor,))]
    return mul(*flat)


def _summand(p: Fraction, values: Sequence[Exact | Ball], exponents: Sequence[Term | None]) -> Term | None:
    """probability * value; None where a value is an enclosure."""
    factors: list[Term] = [] if p == 1 else [_exact(p)]
    for value, exponent in zip(values, exponents, strict=True):
        if isinstance(value, Ball):
            return None
        factors.append(_exact(value) if exponent is None else Pow(_exact(value), exponent))
    return _product(*factors)


def _rank(point: tuple[Sequence[Exact | Ball], Fraction]) -> list[Fraction]:
    """Values in ascending order; an enclosure by its lower end."""
    return [v.bounds()[0] if isinstance(v, Ball) else Fraction(v) for v in point[0]]


def _equation(term: Term, middle: Term | None, value: Exact | Ball) -> str:
    """``term = middle = value``, or the enclosure."""
    text = side_text(value)
    between = [] if middle is None else [term_text(middle)]
    if not isinstance(text, str):
        return f"{' = '.join(dict.fromkeys([term_text(term), *between]))} is between {text[0]} and {text[1]}"
    return " = ".join(dict.fromkeys([term_text(term), *between, text]))


# --- terms as they are written ----------------------------------------------------------------------------------------


def _is_moment(term: Term) -> bool:
    return isinstance(term, Conditional) or (isinstance(term, Apply) and term.function in FUNCTIONALS)


def _moments(term: Term) -> Iterator[Term]:
    """The outermost moments in a term."""
    if _is_moment(term):
        yield term
    elif not isinstance(term, Big):
        for part in children(term):
            yield from _moments(part)


def _factors(body: Term) -> tuple[Term, ...]:
    """What a value is a product of: factors, and powers with a literal exponent of something."""
    factors = body.factors if isinstance(body, Mul) else (body,)
    plain = all(not isinstance(f, Pow) or isinstance(f.exponent, Num) for f in factors)
    return factors if plain and not any(isinstance(f, Recip) for f in factors) else (body,)


def _squared(body: Term) -> Term:
    if isinstance(body, Pow) and isinstance(body.exponent, Num):
        return Pow(body.base, number(body.exponent.value * 2))
    return Pow(body, TWO)


def _whole(term: Term) -> int:
    return int(term.value) if isinstance(term, Num) else 1
