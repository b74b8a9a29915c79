"""Sums of products of powers, exactly: what the Gaussian calculus computes with.

A monomial is a product of atoms with rational exponents; atoms are terms that are positive (q, pi, 2, 1 + 2 q, exp(q))
or values of functions (erf, asin), which have whole exponents. exp(t) is a product over the terms of t, so that
exponentials multiply by adding exponents. The imaginary unit ``I`` serves sines and cosines: I^2 = -1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, isqrt
from types import MappingProxyType

from derive.gaussian.calculus import MOST_BITS, raised
from derive.gaussian.errors import NotCertified
from derive.language.printer import term_text
from derive.language.terms import Add, Apply, Name, Num, Term

Monomial = frozenset[tuple[Term, Fraction]]
UNIT: Monomial = frozenset()
I = Name("#i")  # noqa: E741  the imaginary unit; no name of the language begins with #
PI = Name("pi")
HALF = Fraction(1, 2)
MOST_TERMS = 600


@dataclass(frozen=True, slots=True)
class Form:
    """A sum of monomials with rational coefficients that are not 0."""

    terms: Mapping[Monomial, Fraction]

    def __add__(self, other: Form) -> Form:
        """The sum."""
        return total((self, other))

    def __neg__(self) -> Form:
        """The negative."""
        return self.scaled(Fraction(-1))

    def __sub__(self, other: Form) -> Form:
        """The difference."""
        return total((self, -other))

    def __mul__(self, other: Form) -> Form:
        """The product."""
        out: dict[Monomial, Fraction] = {}
        for m, c in self.terms.items():
            for n, d in other.terms.items():
                sign, product = _times(m, n)
                out[product] = out.get(product, Fraction(0)) + sign * c * d
        if len(out) > MOST_TERMS:
            raise NotCertified("the closed form has too many terms")
        return _made(out)

    def __pow__(self, exponent: int) -> Form:
        """A whole power that is not negative."""
        out = ONE
        for _ in range(exponent):
            out = out * self
            if any(c.numerator.bit_length() > MOST_BITS for c in out.terms.values()):
                raise NotCertified("a number too long to write down")
        return out

    def scaled(self, c: Fraction) -> Form:
        """The form times a number."""
        return _made({m: c * d for m, d in self.terms.items()})

    def number(self) -> Fraction | None:
        """The value, if it is a rational number."""
        if not self.terms:
            return Fraction(0)
        return self.terms.get(UNIT) if len(self.terms) == 1 else None

    def mentions(self, atom: Term) -> bool:
        """Whether an atom occurs."""
        return any(a == atom for m in self.terms for a, _ in m)


def _made(terms: Mapping[Monomial, Fraction]) -> Form:
    return Form(MappingProxyType({m: c for m, c in terms.items() if c}))


def total(forms: Iterable[Form]) -> Form:
    """The sum of forms."""
    out: dict[Monomial, Fraction] = {}
    for form in forms:
        for m, c in form.terms.items():
            out[m] = out.get(m, Fraction(0)) + c
    return _made(out)


def constant(value: int | Fraction) -> Form:
    """A rational number."""
    return _made({UNIT: Fraction(value)})


def atom(term: Term, exponent: Fraction | int = 1) -> Form:
    """A power of a positive term."""
    return _made({frozenset({(term, Fraction(exponent))}): Fraction(1)})


ZERO, ONE = constant(0), constant(1)
IMAGINARY = atom(I)


def _times(m: Monomial, n: Monomial) -> tuple[int, Monomial]:
    """The product of two monomials: a sign and a monomial; numbers under whole exponents are left to ``_whole``."""
    exponents = dict(m)
    for a, e in n:
        exponents[a] = exponents.get(a, Fraction(0)) + e
    sign = 1
    if I in exponents:
        turns = int(exponents[I]) % 4
        sign = -1 if turns >= 2 else 1
        exponents[I] = Fraction(turns % 2)
    return sign, frozenset((a, e) for a, e in exponents.items() if e)


def reduced(form: Form) -> Form:
    """The form with whole powers of numbers multiplied out: 2^(1/2) 2^(1/2) = 2."""
    out: dict[Monomial, Fraction] = {}
    for m, c in form.terms.items():
        exponents = dict(m)
        for a, e in m:
            if isinstance(a, Num) and not 0 < e < 1:
                whole = e.numerator // e.denominator
                c *= a.value**whole
                exponents[a] = e - whole
        key = frozenset((a, e) for a, e in exponents.items() if e)
        out[key] = out.get(key, Fraction(0)) + c
    return _made(out)


# --- roots, quotients, functions ------------------------------------------------------------------


def power(form: Form, exponent: Fraction) -> Form:
    """A power of a form that is positive. Raises ``NotCertified`` where it plainly is not."""
    form = reduced(form)
    if exponent.denominator == 1 and exponent >= 0:
        return reduced(form ** int(exponent))
    if not form.terms:
        raise NotCertified("a power of 0")
    content, common, rest = _primitive(form)
    if any(isinstance(a, Add) and e >= 1 for m in rest.terms for a, e in m):
        return power(_made({common: content}), exponent) * power(expanded(rest), exponent)
    if content < 0 and exponent.denominator != 1:
        raise NotCertified("a root of a negative number")
    out = _number_power(content, exponent)
    out = out * _made({frozenset((a, e * exponent) for a, e in common): Fraction(1)})
    if rest.number() != 1:
        out = out * atom(written(rest), exponent)
    return reduced(out)


def root(form: Form) -> Form:
    """The square root of a positive form."""
    return power(form, HALF)


def inverse(form: Form) -> Form:
    """1/form."""
    return power(form, Fraction(-1))


def _primitive(form: Form) -> tuple[Fraction, Monomial, Form]:
    """(c, m, f) with form = c m f: f has whole coefficients without a common factor and no common atom."""
    shared: dict[Term, Fraction] = {}
    for k, m in enumerate(form.terms):
        exponents = dict(m)
        shared = exponents if not k else {a: min(e, exponents.get(a, Fraction(0))) for a, e in shared.items()}
        if k:
            shared |= {a: e for a, e in exponents.items() if a not in shared and e < 0}
    for m in form.terms:
        exponents = dict(m)
        shared = {a: min(e, exponents.get(a, Fraction(0))) for a, e in shared.items()}
    common: Monomial = frozenset((a, e) for a, e in shared.items() if e and a != I)
    over = _made({frozenset((a, -e) for a, e in common): Fraction(1)})
    rest = reduced(form * over)
    below, above = 1, 0
    for c in rest.terms.values():
        below = below * c.denominator // gcd(below, c.denominator)
    for c in rest.terms.values():
        above = gcd(above, int(c * below))
    content = Fraction(above, below)
    if rest.terms[min(rest.terms, key=_order)] < 0 and all(c < 0 for c in rest.terms.values()):
        content = -content
    return content, common, rest.scaled(1 / content)


def _number_power(value: Fraction, exponent: Fraction) -> Form:
    """value^exponent with the squares taken out of a root."""
    if exponent.denominator == 1:
        result = raised(value, int(exponent))
        if result is None:
            raise NotCertified("a number too long to write down")
        return constant(result)
    if exponent.denominator != 2:
        return atom(Num(value), exponent) if value != 1 else ONE
    twice = int(exponent * 2)
    inside = value**twice if twice > 0 else (1 / value) ** -twice
    whole = inside.numerator * inside.denominator
    outside, free = 1, whole
    k = 2
    while k * k <= free and k < 10_000:
        while free % (k * k) == 0:
            free //= k * k
            outside *= k
        k += 1
    if isqrt(free) ** 2 == free:
        outside, free = outside * isqrt(free), 1
    out = constant(Fraction(outside, inside.denominator))
    for prime in _primes(free):
        out = out * atom(Num(Fraction(prime)), HALF)
    return out


def _primes(number: int) -> list[int]:
    """The factors of a number without squares; what is left of a large one counts as a prime."""
    out: list[int] = []
    k = 2
    while k * k <= number and k < 10_000:
        if number % k == 0:
            number //= k
            out.append(k)
        k += 1
    return [*out, number] if number > 1 else out


def exponential(form: Form) -> Form:
    """exp(form): a product over its terms; exp(I x) = cos(x) + I sin(x) once nothing else can cancel (``real``)."""
    out = ONE
    for m, c in reduced(form).terms.items():
        out = out * atom(Apply("exp", (_monomial_term(m, Fraction(1)),)), c)
    return out


def function(name: str, form: Form) -> Form:
    """erf, asin, atan, ... of a form; odd functions give a sign away, a few values are known."""
    form = reduced(form)
    if form.mentions(I):
        raise NotCertified("a function of a complex number has no closed form here")
    value = form.number()
    if value == 0 and name in {"erf", "asin", "atan", "sin", "tanh"}:
        return ZERO
    if name in {"erf", "asin", "atan", "sin", "tanh"} and form.terms[min(form.terms, key=_order)] < 0:
        return -function(name, -form)
    if name == "asin" and value in {Fraction(1), HALF}:
        return atom(PI).scaled(HALF if value == 1 else Fraction(1, 6))
    if name == "cos" and value == 0:
        return ONE
    return atom(Apply(name, (written(form),)))


def real(form: Form) -> Form:
    """The real part, where exponentials of imaginary numbers become cosines and sines."""
    out = ZERO
    for m, c in form.terms.items():
        phase, rest = ZERO, UNIT
        for a, e in m:
            if isinstance(a, Apply) and a.function == "exp" and _imaginary(a.args[0]) is not None:
                phase = phase + _imaginary_form(a.args[0]).scaled(e)
            else:
                rest |= {(a, e)}
        turned = any(a == I for a, _ in rest)
        plain = _made({frozenset((a, e) for a, e in rest if a != I): c})
        if turned:  # I (cos + I sin) = -sin + I cos
            out = out - plain * function("sin", phase) if phase.terms else out
        else:
            out = out + (plain * function("cos", phase) if phase.terms else plain)
    return reduced(out)


def _imaginary(term: Term) -> Term | None:
    return term if any(t == I for t in _atoms(term)) else None


def _atoms(term: Term) -> tuple[Term, ...]:
    from derive.language.terms import walk

    return tuple(walk(term))


def _imaginary_form(term: Term) -> Form:
    """The exponent I x as x."""
    from derive.gaussian.constants import form_of

    return reduced(form_of(term) * IMAGINARY).scaled(Fraction(-1))


def expanded(form: Form) -> Form:
    """The form with sums under whole exponents multiplied out, so that terms cancel."""
    from derive.gaussian.constants import form_of

    return form_of(written(reduced(form)))


# --- terms --------------------------------------------------------------------------------------


def written(form: Form) -> Term:
    """The form as a term of the language."""
    from derive.gaussian.writing import form_term

    return form_term(form)


def _monomial_term(monomial: Monomial, coefficient: Fraction) -> Term:
    from derive.gaussian.writing import monomial_term

    return monomial_term(monomial, coefficient)


def _order(monomial: Monomial) -> tuple[int, str]:
    text = "*".join(sorted(f"{term_text(a)}^{e}" for a, e in monomial))
    return len(monomial), text
