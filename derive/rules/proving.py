"""Whether a closed form is proved: it is claimed in the language, and ``derive.decide`` is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

from derive.gaussian.activation import Activation
from derive.gaussian.moments import MEAN, SECOND_MOMENT, SLOPE_MOMENT
from derive.gaussian.numbers import Number
from derive.gaussian.statements import call_of
from derive.language.printer import term_text
from derive.language.terms import Apply, Name, Pow, Term, number, substitute
from derive.rules.numbers import readable, sharpened

POWERS: Mapping[str, int] = MappingProxyType({MEAN: 1, SECOND_MOMENT: 2, SLOPE_MOMENT: 2})


def with_proof(f: Activation, of: str, q: Fraction, found: Number) -> Number:
    """The number with status "proved" if its closed form is decided at this variance, else as it is."""
    if found.exact is None or found.status == "not certified" or not readable(found.exact):
        return found
    if not decided(f"{term_text(expectation(f, of))} = {term_text(found.exact)}", q):
        return found
    return sharpened(replace(found, status="proved"))


def expectation(f: Activation, of: str) -> Term:
    """E f(y), E f(y)^2 or E f'(y)^2 as the language writes it."""
    power = POWERS[of]
    body = _slope(f) if of == SLOPE_MOMENT else call_of(f) or _of_y(f, f.shown)
    return Apply("E", (body if power == 1 else Pow(body, number(power)),))


def decided(claim: str, q: Fraction) -> bool:
    """Whether an equation about y ~ Normal(0, q) is proved."""
    from derive.decide import decide_claim
    from derive.language.document import Malformed, read_document

    text = (
        f"```derive\ntheorem closed-form\ngiven\n  y random\n  y ~ Normal(0, {q})\nshow\n  {claim}  by gaussian\n```\n"
    )
    (statement,) = read_document(text)
    if isinstance(statement, Malformed):  # larger than a document may be
        return False
    return all(v.verdict == "proved" for v in decide_claim(statement.problem, effort=1))


def _slope(f: Activation) -> Term:
    return _of_y(f, f.named.slope)


def _of_y(f: Activation, term: Term) -> Term:
    return substitute(term, {"z": Name("y"), **dict(f.constants)})
