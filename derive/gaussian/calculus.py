"""Terms in one variable: small arithmetic on them, and the derivative, almost everywhere, of an unfolded term.

relu(u)' = step(u) u', |u|' = sign(u) u', max(u, v)' = step(u - v) u' + step(v - u) v'; step and sign have derivative 0
where they have one. Where the term is continuous this is its weak derivative; jumps are for ``pieces`` to find.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

from derive.gaussian.errors import NotCertified
from derive.language.catalog import VARIABLE
from derive.language.terms import ONE, TWO, ZERO, Add, Apply, Mul, Name, Neg, Num, Pow, Recip, Term, number, walk

Z = Name(VARIABLE)
PI = Name("pi")
MINUS_ONE = Num(Fraction(-1))
MOST_BITS = 20_000  # of a number that is written out: six thousand digits


def depends(term: Term) -> bool:
    """Whether the variable occurs."""
    return any(t == Z for t in walk(term))


def rational(term: Term) -> Fraction | None:
    """The value of a constant term that is written with rational numbers only; None for any other."""
    match term:
        case Num(value=value):
            return value
        case Neg(term=inner):
            value = rational(inner)
            return None if value is None else -value
        case Recip(term=inner):
            return 1 / value if (value := rational(inner)) else None
        case Add(terms=parts) | Mul(factors=parts):
            values = [rational(t) for t in parts]
            known = [v for v in values if v is not None]
            if len(known) < len(values):
                return None
            out = Fraction(isinstance(term, Mul))
            for v in known:
                out = out * v if isinstance(term, Mul) else out + v
            return out
        case Pow(base=base, exponent=exponent):
            b, e = rational(base), rational(exponent)
            if b is None or e is None or e.denominator != 1 or abs(e) > 64 or (e < 0 and not b):
                return None
            return raised(b, int(e))
        case _:
            return None


def plus(*terms: Term) -> Term:
    """The sum, with zeros left out and numbers added up."""
    parts: list[Term] = []
    total = Fraction(0)
    for t in terms:
        for part in t.terms if isinstance(t, Add) else (t,):
            value = rational(part)
            if value is None:
                parts.append(part)
            else:
                total += value
    if total or not parts:
        parts.append(number(total) if total >= 0 or not parts else Neg(number(-total)))
    return parts[0] if len(parts) == 1 else Add(tuple(parts))


def times(*factors: Term) -> Term:
    """The product, with ones left out, zeros taken at their word and numbers multiplied up."""
    parts: list[Term] = []
    scale = Fraction(1)
    waiting = list(reversed(factors))
    while waiting:
        factor = waiting.pop()
        value = rational(factor)
        if value is not None:
            scale *= value
        elif isinstance(factor, Neg):
            scale = -scale
            waiting.append(factor.term)
        elif isinstance(factor, Mul):
            waiting.extend(reversed(factor.factors))
        else:
            parts.append(factor)
    if not scale:
        return ZERO
    if not parts:
        return number(scale)
    if abs(scale) != 1 or isinstance(parts[0], Recip):
        parts.insert(0, number(abs(scale)))
    product = parts[0] if len(parts) == 1 else Mul(tuple(parts))
    return Neg(product) if scale < 0 else product


def power(base: Term, exponent: int) -> Term:
    """base^exponent for a whole number; a number too long to write down stays a power."""
    value = rational(base)
    result = None if value is None or (exponent < 0 and not value) else raised(value, exponent)
    if result is not None:
        return number(result)
    return ONE if exponent == 0 else base if exponent == 1 else Pow(base, number(exponent))


def raised(value: Fraction, exponent: int) -> Fraction | None:
    """value^exponent; None where it is too long to write down."""
    length = max(abs(value.numerator), value.denominator).bit_length() - 1
    return value**exponent if length * abs(exponent) <= MOST_BITS else None


def over(term: Term) -> Term:
    """1/term."""
    value = rational(term)
    return number(1 / value) if value else Recip(term)


def call(function: str, *arguments: Term) -> Term:
    """A function applied, with the value where it is a rational number and plain."""
    values = [rational(a) for a in arguments]
    known = [v for v in values if v is not None]
    if len(known) == len(values):
        value = _plain_value(function, known)
        if value is not None:
            return number(value)
    return Apply(function, arguments)


def _plain_value(function: str, at: list[Fraction]) -> Fraction | None:
    """f at rational numbers, where that is a rational number and plain."""
    x = at[0]
    match function:
        case "exp" | "cos":
            return None if x else Fraction(1)
        case "sin" | "tanh" | "atan" | "asin" | "erf":
            return None if x else x
        case "sqrt":
            return x if x in {0, 1} else None
        case "sign":
            return Fraction((x > 0) - (x < 0))
        case "step":
            return Fraction(x > 0)
        case "abs":
            return abs(x)
        case "relu":
            return max(x, Fraction(0))
        case "max" | "min":
            return max(at) if function == "max" else min(at)
        case _:
            return None


def built(term: Term, change: Callable[[Term], Term]) -> Term:
    """The term with ``change`` applied to each part, put together again by the arithmetic above."""
    match term:
        case Neg(term=inner):
            return times(MINUS_ONE, change(inner))
        case Add(terms=parts):
            return plus(*(change(t) for t in parts))
        case Mul(factors=parts):
            return times(*(change(t) for t in parts))
        case Recip(term=inner):
            return over(change(inner))
        case Pow(base=base, exponent=exponent):
            b, e = change(base), change(exponent)
            whole = rational(e)
            return power(b, int(whole)) if whole is not None and whole.denominator == 1 else Pow(b, e)
        case Apply(function=name, args=parts):
            return call(name, *(change(t) for t in parts))
        case _:
            return term


def tidied(term: Term) -> Term:
    """The term with its numbers worked out: no 0 t, t^0, exp(0)."""
    return built(term, tidied)


_SLOPES: Mapping[str, Callable[[Term], Term]] = MappingProxyType(
    {
        "exp": lambda u: call("exp", u),
        "log": over,
        "sqrt": lambda u: times(number(Fraction(1, 2)), over(call("sqrt", u))),
        "sin": lambda u: call("cos", u),
        "cos": lambda u: Neg(call("sin", u)),
        "tanh": lambda u: plus(ONE, Neg(power(call("tanh", u), 2))),
        "atan": lambda u: over(plus(ONE, power(u, 2))),
        "asin": lambda u: over(call("sqrt", plus(ONE, Neg(power(u, 2))))),
        "erf": lambda u: times(TWO, over(call("sqrt", PI)), call("exp", Neg(power(u, 2)))),
        "sigmoid": lambda u: times(call("sigmoid", u), call("sigmoid", times(MINUS_ONE, u))),
        "softplus": lambda u: call("sigmoid", u),
        "relu": lambda u: call("step", u),
        "abs": lambda u: call("sign", u),
        "sign": lambda _: ZERO,
        "step": lambda _: ZERO,
    }
)


def derivative(term: Term) -> Term:
    """The derivative almost everywhere. Raises ``NotCertified`` for what is not differentiated."""
    if not depends(term):
        return ZERO
    match term:
        case Name():
            return ONE
        case Neg(term=inner):
            return times(MINUS_ONE, derivative(inner))
        case Add(terms=terms):
            return plus(*(derivative(t) for t in terms))
        case Mul(factors=factors):
            return plus(
                *(times(*factors[:k], derivative(f), *factors[k + 1 :]) for k, f in enumerate(factors) if depends(f))
            )
        case Recip(term=inner):
            return times(MINUS_ONE, derivative(inner), over(power(inner, 2)))
        case Pow(base=base, exponent=exponent) if not depends(exponent):
            return times(exponent, _lowered(base, exponent), derivative(base))
        case Pow(base=base, exponent=exponent) if not depends(base):
            return times(term, call("log", base), derivative(exponent))
        case Apply(function="max", args=(u, v)):
            return _chosen(u, v)
        case Apply(function="min", args=(u, v)):
            return _chosen(v, u, u, v)
        case Apply(function=name, args=(u,)) if name in _SLOPES:
            return times(_SLOPES[name](u), derivative(u))
        case _:
            raise NotCertified("this expression is not differentiated")


def _chosen(above: Term, below: Term, first: Term | None = None, second: Term | None = None) -> Term:
    """step(above - below) first' + step(below - above) second'."""
    one, other = first or above, second or below
    difference, opposite = plus(above, times(MINUS_ONE, below)), plus(below, times(MINUS_ONE, above))
    return plus(
        times(call("step", difference), derivative(one)),
        times(call("step", opposite), derivative(other)),
    )


def _lowered(base: Term, exponent: Term) -> Term:
    """base^(exponent - 1)."""
    value = rational(exponent)
    if value is not None and value.denominator == 1:
        return power(base, int(value) - 1)
    return Pow(base, number(value - 1) if value is not None else plus(exponent, MINUS_ONE))
