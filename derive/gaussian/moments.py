"""What is asked of an activation f under z ~ N(0, q): E f, E f^2, E f'^2 and any other moment, with proven digits.

A moment is written in the names ``f``, ``df`` (the weak derivative) and ``z``: ``f^2``, ``df^2``, ``z*f*df``. Where
there is a closed form it comes along as ``exact``, and it has been found inside the enclosure.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import flint

from derive.gaussian.activation import Activation
from derive.gaussian.breaks import jump_free
from derive.gaussian.calculus import Z
from derive.gaussian.enclosure import estimate, normal_expectation
from derive.gaussian.errors import Divergent, NoTailBound, NotCertified, Undefined
from derive.gaussian.numbers import MOST_BITS, Number
from derive.gaussian.programs import exact
from derive.gaussian.samples import sampled
from derive.language.terms import Name, Term, substitute, walk

FUNCTION, SLOPE = "f", "df"
FEWEST_DIGITS = 3
MEAN, SECOND_MOMENT, SLOPE_MOMENT = "f", "f^2", "df^2"


def mean(f: Activation, q: Fraction | int, *, digits: int = 30) -> Number:
    """E f(z), z ~ N(0, q)."""
    return moment(f, MEAN, q, digits=digits)


def second_moment(f: Activation, q: Fraction | int, *, digits: int = 30) -> Number:
    """E f(z)^2, z ~ N(0, q): the factor of the forward rule."""
    return moment(f, SECOND_MOMENT, q, digits=digits)


def slope_moment(f: Activation, q: Fraction | int, *, digits: int = 30) -> Number:
    """E f'(z)^2, z ~ N(0, q): the factor of the backward rule. Raises ``Undefined`` where f jumps."""
    return moment(f, SLOPE_MOMENT, q, digits=digits)


def moment(f: Activation, of: str, q: Fraction | int, *, digits: int = 30) -> Number:
    """E of an expression in f, df and z at z ~ N(0, q), q > 0.

    Without a growth bound the number is "not certified", with the best value known. Raises ``Undefined`` for df where f
    jumps, ``Divergent`` where the expectation is shown not to exist, ``ValueError`` for q <= 0.
    """
    from derive.gaussian.closed import closed_form

    if not q > 0:
        raise ValueError("a variance is positive")
    try:
        ball = enclosure(f, of, Fraction(q), digits=digits)
    except (Divergent, Undefined):
        raise
    except NoTailBound as reason:
        return _guessed(f, of, q, digits, estimate(integrand(f, of), exact(Fraction(q)), digits=digits), str(reason))
    except NotCertified as reason:
        return _guessed(f, of, q, digits, None, str(reason))
    known = proven_digits(ball)
    if known < FEWEST_DIGITS:
        return _guessed(f, of, q, digits, None, "the integral did not converge within its bound of work")
    form = closed_form(f, of, Fraction(q))
    return Number(ball, min(digits, known), form if form is not None and agrees(form, ball) else None)


def _guessed(f: Activation, of: str, q: Fraction | int, digits: int, guess: Any, reason: str) -> Number:
    """What is not certified, with the best value known: the guess, else what samples give."""
    try:
        ball = guess if guess is not None else sampled(integrand(f, of), exact(Fraction(q)))
    except NotCertified:
        ball = None
    shown = 15 if ball is None else max(1, min(digits, 15, int(ball.rel_accuracy_bits() / 3.33)))
    return Number(ball, shown, None, "not certified", reason)


def proven_digits(ball: Any) -> int:
    """How many digits a ball proves: relative, or behind the point where the number is below 1."""
    with flint.ctx.workprec(64):
        size = ball.rad() / abs(ball).upper().max(flint.arb(1))
        return 10**6 if bool(size == 0) else int((-size.log() / flint.arb(10).log()).lower().floor().unique_fmpz() or 0)


def enclosure(f: Activation, of: str, q: Any, *, digits: int = 30) -> Any:
    """The Arb ball of a moment; q may be a ball itself. Raises ``NotCertified``, ``Divergent``, ``Undefined``."""
    return normal_expectation(integrand(f, of), q, digits=digits)


def integrand(f: Activation, of: str) -> Term:
    """The moment's expression as a term in ``z``. Raises ``Undefined`` for df where f jumps."""
    pattern = _pattern(of)
    if any(t == Name(SLOPE) for t in walk(pattern)):
        continuous = jump_free(f.term)
        if continuous is False:
            raise Undefined("f jumps, so it has no weak derivative and E f'^2 does not exist")
        if continuous is None:
            raise NotCertified("whether f jumps is not decided")
    return substitute(pattern, {FUNCTION: f.term, SLOPE: f.slope, "z": Z})


def agrees(exact: Term, ball: Any) -> bool:
    """Whether the value of a constant term, computed to the accuracy of the ball, lies in it."""
    from derive.gaussian.evaluation import evaluated

    value = evaluated(exact, bits=max(53, min(ball.rel_accuracy_bits(), MOST_BITS)))
    return bool(value.overlaps(ball))


@lru_cache(maxsize=64)
def _pattern(of: str) -> Term:
    from derive.language.parser import parse_term

    return parse_term(of)
