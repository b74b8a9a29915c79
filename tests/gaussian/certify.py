"""Independent checks of the ledger: proven enclosures and exact algebra; nothing of the kernel's decisions is used.

``normal`` facts: the enclosure of the integral and the closed form in ball arithmetic have to overlap, both with at
least 12 correct digits. That is a certified comparison at each q that is tried, not a proof for all q.

``pointwise`` facts are proved for every real x, D = right - left >= 0:

- If only u = f(x) occurs in D, by algebra: D is a polynomial in u, and it does not change its sign for the worse on the
  range of f (the ranges in ``RANGES`` are taken from the definitions of the functions). gelu(x) = x Phi(x) and
  silu(x) = x sigmoid(x) are written as x u, softplus(x) = x + log(1 + e^-x) as x + u, and even powers of x taken out.
- Otherwise the line is cut in three. |x| <= r: D(x) = x^k c(s) with a point s between 0 and x, where k is the order to
  which D vanishes at 0 (lower Taylor coefficients are exactly 0, in rational arithmetic) and c(s) is the k-th Taylor
  coefficient at s; c > 0 on balls that cover [-r, r]. r <= |x| <= R: Taylor models on balls that cover the two
  intervals, split until each is positive. |x| >= R: the highest power of x outweighs what u can do; for exp, whose
  range is not bounded, D decreases on the left and increases on the right of 0 because D' = exp - 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import comb
from typing import Any

import flint
import sympy
from flint import acb, arb, arb_series, fmpq, fmpq_series

from derive.gaussian import expectation
from derive.gaussian.programs import value_of
from derive.kernel.ledger import Fact
from derive.language.parser import parse_step, parse_term
from derive.language.terms import Add, Apply, Entry, Mul, Name, Neg, Num, Pow, Recip, Term, number, substitute, walk
from derive.language.theorem import Relation

RANGES: Mapping[str, tuple[Any, Any]] = {
    "tanh": (-1, 1),  # sinh/cosh with |sinh| < cosh
    "erf": (-1, 1),  # 2/sqrt(pi) times a part of an integral that is sqrt(pi)/2
    "sin": (-1, 1),
    "cos": (-1, 1),
    "sigmoid": (0, 1),  # 1/(1 + e^-x)
    "atan": (-2, 2),  # pi/2 < 2
    "gelu": (0, 1),  # of Phi
    "silu": (0, 1),  # of sigmoid
    "softplus": (0, sympy.oo),  # of log(1 + e^-x)
}
NEAR, FAR = Fraction(1, 4), 3
TWELVE_DIGITS = 40  # bits


def value(term: Term, x: Any, functions: Mapping[str, Callable[[Any], Any]], pi: Any, num: Callable[..., Any]) -> Any:
    """The term in any number system: its variable, its functions, pi and its rational numbers are given."""

    def go(t: Term) -> Any:
        match t:
            case Num(value=v):
                return num(v.numerator, v.denominator)
            case Name(name="pi"):
                return pi
            case Name() | Entry():
                return x
            case Neg(term=a):
                return -go(a)
            case Recip(term=a):
                return 1 / go(a)
            case Add(terms=parts):
                out = go(parts[0])
                for p in parts[1:]:
                    out = out + go(p)
                return out
            case Mul(factors=parts):
                out = go(parts[0])
                for p in parts[1:]:
                    out = out * go(p)
                return out
            case Pow(base=a, exponent=Num(value=k)):
                return go(a) ** int(k)
            case Apply(function=f, args=(a,)):
                return functions[f](go(a))
            case _:
                raise TypeError(t)

    return go(term)


# --- closed forms -------------------------------------------------------------------------------


def telling(profile: str, q: Fraction, k: int = 0) -> bool:
    """Whether the enclosure has 12 digits: not where the moment is 0, or a tail like e^(-125)."""
    values = {"q": number(q), "k": number(k)}
    integral = expectation(substitute(parse_term(profile), values), "Normal", (0, q), digits=25)
    return bool(integral.rel_accuracy_bits() >= TWELVE_DIGITS)


def closed_form_holds(profile: str, closed: str, q: Fraction, k: int = 0, *, times: Fraction = Fraction(1)) -> bool:
    """Whether E(profile) under N(0, q) and ``times`` the closed form agree, both known to 12 digits."""
    values = {"q": number(q), "k": number(k)}
    integral = expectation(substitute(parse_term(profile), values), "Normal", (0, q), digits=25)
    with flint.ctx.workprec(500):
        right = value_of(Mul((number(times), substitute(parse_term(closed), values))))
    sharp = min(integral.rel_accuracy_bits(), right.rel_accuracy_bits()) >= TWELVE_DIGITS
    return sharp and bool(integral.overlaps(right))


# --- inequalities -------------------------------------------------------------------------------


def differences(statement: str) -> list[Term]:
    """right - left for each comparison of a chain of <=."""
    relation = parse_step(statement)
    if not isinstance(relation, Relation) or set(relation.operators) != {"<="}:
        raise TypeError(statement)
    return [Add((b, Neg(a))) for a, _, b in relation.pairs()]


def holds_everywhere(statement: str) -> bool:
    """Whether an inequality in x and one function of x is proved for every real x."""
    return all(_nonnegative(d, _function(d)) for d in differences(statement))


def _function(term: Term) -> str:
    (name,) = {t.function for t in walk(term) if isinstance(t, Apply)}
    return name


def _nonnegative(term: Term, function: str) -> bool:
    x, u, p = sympy.symbols("x u p")
    written = {"gelu": x * u, "silu": x * u, "softplus": x + u}.get(function, u)
    polynomial = sympy.expand(p * value(term, x, {function: lambda _: written}, p, sympy.Rational))
    if function in RANGES:
        inner, power = polynomial / p, 0
        while x in inner.free_symbols and sympy.expand(inner / x**2).is_polynomial(x):
            inner, power = sympy.expand(inner / x**2), power + 2
        if not {x, p} & sympy.expand(inner).free_symbols:
            return _nonnegative_on(sympy.Poly(sympy.expand(inner), u), *RANGES[function])
    return _near(term, function) and _between(term, function) and _beyond(term, function, polynomial)


def _nonnegative_on(polynomial: sympy.Poly, low: Any, high: Any) -> bool:
    """Exact: no root of odd multiplicity inside, and positive at a point inside that is no root."""
    inside, factors = polynomial.factor_list()
    point = sympy.Rational(1, 3) if high == sympy.oo else sympy.Rational(low) + sympy.Rational(high - low) / 3
    for factor, multiplicity in factors:
        roots = factor.count_roots(low, None if high == sympy.oo else high)
        ends = sum(1 for e in (low, high) if e != sympy.oo and factor.eval(e) == 0)
        if multiplicity % 2 and roots > ends:
            return False
        inside *= factor.eval(point) ** multiplicity
    return bool(inside > 0)


EXACT: Mapping[str, Callable[[Any], Any]] = {
    "tanh": lambda s: s.tanh(),
    "sin": lambda s: s.sin(),
    "cos": lambda s: s.cos(),
    "atan": lambda s: s.atan(),
    "exp": lambda s: s.exp(),
    # sqrt(pi)/2 erf, see _order
    "erf": lambda s: fmpq_series([0, 1, 0, fmpq(-1, 3), 0, fmpq(1, 10), 0, fmpq(-1, 42), 0, fmpq(1, 216)]),
}


def _tanh(s: Any) -> Any:
    t = (s * 2).exp()
    return (t - 1) / (t + 1)


SERIES: Mapping[str, Callable[[Any], Any]] = {
    "tanh": _tanh,
    "sin": lambda s: s.sin(),
    "cos": lambda s: s.cos(),
    "atan": lambda s: s.atan(),
    "exp": lambda s: s.exp(),
    "erf": lambda s: s.erf(),
}


def _order(term: Term, function: str) -> int:
    """To which order D vanishes at 0, in exact arithmetic.

    erf: D is (4/pi) P(x) -+ erf(x)^2 = (4/pi) (P(x) -+ e(x)^2) with e = sqrt(pi)/2 erf, whose series is rational: so pi
    is replaced by 4 and erf by e.
    """
    series = value(term, fmpq_series([0, 1]), EXACT, fmpq(4), fmpq)
    return next(k for k, c in enumerate(series.coeffs()) if c != 0)


def _taylor(term: Term, function: str, at: Any, length: int) -> list[Any]:
    series = value(term, arb_series([at, 1], prec=length), SERIES, arb.pi(), lambda a, b: arb(fmpq(a, b)))
    coefficients = list(series.coeffs())
    return coefficients + [arb(0)] * (length - len(coefficients))


def _ball(low: Fraction, high: Fraction) -> Any:
    return arb(fmpq(*((low + high) / 2).as_integer_ratio()), fmpq(*((high - low) / 2).as_integer_ratio()))


def _model(term: Term, function: str, low: Fraction, high: Fraction, k: int) -> Any:
    """The k-th Taylor coefficient of D at any point of an interval, by a Taylor model about its middle.

    c_k(m + h) = sum over j < J of binom(k + j, k) c_(k+j)(m) h^j, plus the same with j = J at some point between.
    """
    more = 8
    middle = arb(fmpq(*((low + high) / 2).as_integer_ratio()))
    h = _ball(low, high) - middle
    here, anywhere = (_taylor(term, function, at, k + more + 1) for at in (middle, _ball(low, high)))
    out = arb(0)
    for j in range(more + 1):
        out = out + comb(k + j, k) * (here if j < more else anywhere)[k + j] * _power(h, j)
    return out


def _near(term: Term, function: str) -> bool:
    order = _order(term, function)
    return order % 2 == 0 and _covered(lambda a, b: bool(_model(term, function, a, b, order) > 0), -NEAR, NEAR)


def _between(term: Term, function: str) -> bool:
    def positive(low: Fraction, high: Fraction) -> bool:
        return bool(_model(term, function, low, high, 0) > 0)

    return _covered(positive, NEAR, Fraction(FAR)) and _covered(positive, Fraction(-FAR), -NEAR)


def _covered(positive: Callable[[Fraction, Fraction], bool], low: Fraction, high: Fraction, depth: int = 8) -> bool:
    if positive(low, high):
        return True
    if depth == 0:
        return False
    middle = (low + high) / 2
    return _covered(positive, low, middle, depth - 1) and _covered(positive, middle, high, depth - 1)


def _beyond(term: Term, function: str, polynomial: Any) -> bool:
    """|x| >= R. With y = 1/x and u in its range, D/x^d is positive for the even degree d of D in x."""
    x, u, p = sympy.symbols("x u p")
    if function == "exp":  # D = a (exp(x) - 1 - x) with a > 0, and D(-R), D(R) are positive by ``_between``
        a = sympy.expand(polynomial / p).coeff(u, 1)
        return bool(a > 0) and sympy.expand(polynomial / p - a * (u - 1 - x)) == 0
    written = sympy.Poly(polynomial, x, u, p)
    degree = written.degree(x)
    if degree % 2:
        return False
    low, high = RANGES[function]
    inverse, inside = arb(0, fmpq(1, FAR)), _ball(Fraction(low), Fraction(high))
    out = arb(0)
    for (a, b, c), coefficient in written.terms():
        part = _power(inverse, degree - a) * _power(inside, b) * arb.pi() ** c
        out = out + arb(fmpq(int(coefficient.p), int(coefficient.q))) * part
    return bool(out > 0)


def _power(ball: Any, exponent: int) -> Any:
    """ball^exponent, also of balls around 0; not negative where the exponent is even."""
    powered = acb(ball) ** exponent
    return powered.real.nonnegative_part() if exponent and exponent % 2 == 0 else powered.real


def broken(fact: Fact) -> list[str]:
    """The inequality with one of its constants moved a little in the wrong direction, or turned round."""
    relation = fact.left
    swapped = " <= ".join(reversed(relation.split(" <= ")))
    moved = {"1/16": "1/17", "1/4": "6/25", "4/pi*x^2": "(4/pi-1/100)*x^2", "2/3*x^4": "13/20*x^4", "x^4/3": "x^4*8/25"}
    return [swapped, *(relation.replace(a, b) for a, b in moved.items() if a in relation)]
