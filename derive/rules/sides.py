"""One direction of a rule: from a second moment to the gain, the weight variance and what library calls take."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from derive.gaussian.constants import form_of
from derive.gaussian.enclosure import bits_of
from derive.gaussian.errors import NotCertified
from derive.gaussian.evaluation import evaluated
from derive.gaussian.forms import atom, constant, inverse, root, written
from derive.gaussian.numbers import Number
from derive.gaussian.programs import exact
from derive.language.parser import parse_term
from derive.language.printer import term_text
from derive.language.terms import Apply, Mul, Name, Recip
from derive.rules.numbers import SHORT, decimals, follows, follows_from_two, readable
from derive.rules.values import Side

CUT = "1 - 2*sqrt(2)*exp(-2)/(sqrt(pi)*erf(sqrt(2)))"  # the library's theorem truncated-normal, cut at 2
THREE = Fraction(3)


def side(second: Number, q: Fraction, digits: int, fan: str) -> Side:
    """The rule that makes E f^2 (or E f'^2) into q."""
    gain = follows(lambda m: (exact(q) / m).sqrt(), lambda m: root(constant(q) * inverse(m)), second, digits=digits)
    scale = follows(lambda m: exact(q) / m, lambda m: constant(q) * inverse(m), second, digits=digits)
    return Side(
        replace(second, digits=min(digits, second.digits)),
        gain,
        _over_fan(scale, fan),
        _bound(scale, fan),
        _uncut(gain, digits),
    )


def cut_variance(digits: int) -> Number:
    """The variance of a standard normal law that is cut at two standard deviations, .7737413."""
    term = parse_term(CUT)
    return Number(evaluated(term, bits=bits_of(digits)), digits, term, "proved")


def average(forward: Side, backward: Side, q: Fraction) -> str | None:
    """2/(fan_in E f^2/q + fan_out E f'^2): fan_in Var(W) E f^2/q and fan_out Var(W) E f'^2 are 1 on average."""
    if forward.second_moment is None or backward.second_moment is None:
        return None
    if forward.unseen or backward.unseen or (forward.vanishes and backward.vanishes):
        return None
    per_input = follows(lambda m: m / exact(q), lambda m: m.scaled(1 / q), forward.second_moment)
    parts = per_input, backward.second_moment
    terms = [p.exact for p in parts]
    known = [form_of(t) for t in terms if t is not None and readable(t, SHORT)]
    if len(known) == 2:
        below = known[0] * atom(Name("fan_in")) + known[1] * atom(Name("fan_out"))
        return _text(lambda: constant(2) * inverse(below))
    digits = [decimals(p, p.digits) for p in parts]
    if None in digits:
        return None
    return f"2/({digits[0]}*fan_in + {digits[1]}*fan_out)".replace("(1*", "(").replace(" 1*", " ")


def _uncut(gain: Number, digits: int) -> Number:
    """gain/sqrt(.7737413): the deviation of the parent, which loses what is cut."""
    cut = cut_variance(digits)
    found = follows_from_two(lambda g, c: g / c.sqrt(), None, gain, cut, digits=digits)
    if gain.exact is None or cut.exact is None or not readable(gain.exact):
        return found
    return replace(found, exact=Mul((gain.exact, Recip(Apply("sqrt", (cut.exact,))))), status=gain.status)


def _over_fan(scale: Number, fan: str) -> str | None:
    if scale.exact is not None and readable(scale.exact, SHORT):
        form = form_of(scale.exact)
        return _text(lambda: form * atom(Name(fan), -1))
    value = decimals(scale, scale.digits)
    return None if value is None else f"{value}/{fan}"


def _bound(scale: Number, fan: str) -> str | None:
    """A uniform law on [-c, c] has variance c^2/3."""
    if scale.exact is not None and readable(scale.exact, SHORT):
        form = form_of(scale.exact)
        return _text(lambda: root(form.scaled(THREE) * atom(Name(fan), -1)))
    value = decimals(follows(lambda c: 3 * c, None, scale), scale.digits)
    return None if value is None else f"sqrt({value}/{fan})"


def _text(form: Any) -> str | None:
    try:
        return term_text(written(form()))
    except NotCertified:
        return None
