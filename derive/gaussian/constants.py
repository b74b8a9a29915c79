"""Constant terms of the language as forms."""

from __future__ import annotations

from fractions import Fraction

from derive.gaussian.calculus import rational
from derive.gaussian.errors import NotCertified
from derive.gaussian.forms import ONE, Form, atom, constant, exponential, function, inverse, power, reduced, root, total
from derive.language.terms import Add, Apply, Mul, Name, Neg, Num, Pow, Recip, Term


def form_of(term: Term) -> Form:
    """A term without the variable; names other than pi are taken to be positive. Raises ``NotCertified``."""
    match term:
        case Num(value=value):
            return constant(value)
        case Name():
            return atom(term)
        case Neg(term=inner):
            return -form_of(inner)
        case Add(terms=parts):
            return reduced(total(form_of(t) for t in parts))
        case Mul(factors=parts):
            out = ONE
            for t in parts:
                out = out * form_of(t)
            return reduced(out)
        case Recip(term=inner):
            return inverse(form_of(inner))
        case Pow(base=base, exponent=exponent):
            value = rational(exponent)
            if value is None:
                return exponential(form_of(exponent) * function("log", form_of(base)))
            return power(form_of(base), value)
        case Apply(function="sqrt", args=(u,)):
            return root(form_of(u))
        case Apply(function="exp", args=(u,)):
            return exponential(form_of(u))
        case Apply(function=name, args=(u,)):
            return function(name, form_of(u))
        case _:
            raise NotCertified("this constant has no closed form here")


def positive(form: Form) -> bool:
    """Whether the form is a positive rational number, or plainly a product with one in front."""
    return bool(form.terms) and all(c > Fraction(0) for c in form.terms.values())
