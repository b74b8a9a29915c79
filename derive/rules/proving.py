"""Whether a closed form is proved: it is claimed in the language, and ``derive.decide`` is asked."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from derive.gaussian.activation import Activation
from derive.gaussian.closed import closed_form
from derive.gaussian.enclosure import bits_of
from derive.gaussian.errors import NotCertified
from derive.gaussian.evaluation import evaluated
from derive.gaussian.numbers import Number
from derive.gaussian.statements import moment_of
from derive.language.printer import term_text
from derive.rules.numbers import readable, sharpened
from derive.rules.snippets import DOUBLE


def with_proof(f: Activation, of: str, q: Fraction, found: Number, *, digits: int = DOUBLE) -> Number:
    """The number with status "proved" if its closed form is decided at this variance, else as it is.

    Constants of f's definition, such as selu's, stay names in what is claimed; ``found.exact`` has their values.
    digits: how many a value has that takes the place of one that is not certified.
    """
    if found.status == "not certified":
        return _instead(f, of, q, found, digits)
    if found.exact is None:
        return found
    named = bool(f.constants) and found.exact == closed_form(f, of, q)
    exact = closed_form(f, of, q, named=True) if named else found.exact
    if exact is None or not readable(exact):
        return found
    if not decided(f"{term_text(moment_of(f, of, named=named))} = {term_text(exact)}", q, f):
        return found
    return sharpened(replace(found, status="proved"))


def _instead(f: Activation, of: str, q: Fraction, found: Number, digits: int) -> Number:
    """The value of a closed form that is proved, where the enclosure did not converge: E sin(1000 z)^2 at q = 100."""
    exact = closed_form(f, of, q)
    if exact is None:
        return found
    claimed = with_proof(f, of, q, Number(None, digits, exact))
    try:
        ball = evaluated(exact, bits=bits_of(digits)) if claimed.status == "proved" else None
    except NotCertified:
        ball = None
    return found if ball is None else replace(claimed, ball=ball, reason="")


def decided(claim: str, q: Fraction, f: Activation) -> bool:
    """Whether an equation about y ~ Normal(0, q) is proved, whatever positive values f's constants have."""
    from derive.decide import decide_claim
    from derive.language.document import Malformed, read_document

    constants = "".join(f"  {name} positive\n" for name, _ in f.constants)
    given = f"given\n{constants}  y random\n  y ~ Normal(0, {q})\n"
    text = f"```derive\ntheorem closed-form\n{given}show\n  {claim}  by gaussian\n```\n"
    (statement,) = read_document(text)
    if isinstance(statement, Malformed):  # larger than a document may be
        return False
    return all(v.verdict == "proved" for v in decide_claim(statement.problem, effort=1))
