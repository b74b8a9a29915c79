"""Closed forms as theorems of the language, for ``derive.decide`` to prove or not.

``Number`` says only that a closed form lies in the certified enclosure. Where one of these documents is proved, it is
proved for every variance, and a kernel for every covariance matrix that is not singular: (u, v) = (a x, b x + c y) with
x, y standard normal and independent, a and c positive, b real, has q11 = a^2, q12 = a b, q22 = b^2 + c^2.
"""

from __future__ import annotations

from dataclasses import replace

from derive.gaussian.activation import Activation
from derive.gaussian.calculus import MINUS_ONE, Z, call, derivative, plus, tidied, times
from derive.gaussian.closed import closed_form
from derive.gaussian.closed_kernels import closed_kernel
from derive.gaussian.errors import NotCertified
from derive.gaussian.moments import SLOPE_MOMENT
from derive.gaussian.pieces import pieces
from derive.language.catalog import definition
from derive.language.parser import parse_term
from derive.language.printer import term_text
from derive.language.terms import Apply, Mul, Name, Neg, Num, Pow, Term, number, rebuild, substitute

NAMES = {"f": "mean", "f^2": "second-moment", SLOPE_MOMENT: "slope"}
Y = Name("y")


def document(f: Activation, of: str) -> str | None:
    """A document that claims the closed form of E f, E f^2 or E f'^2 under N(0, q); None where there is none to claim.

    Constants of the definition, such as those of selu, stay names: what is claimed holds for any positive values.
    """
    exact = closed_form(f, of, named=True) if of in NAMES else None
    if exact is None:
        return None
    given = [*_constants(f), "q positive", "y random", "y ~ Normal(0, q)"]
    return _written(f"{_title(f)}-{NAMES[of]}", given, moment_of(f, of), exact)


def kernel_document(f: Activation, of: str = "f") -> str | None:
    """A document that claims the closed form of E g(u) g(v), g = f or f'; None where there is none to claim."""
    exact = closed_kernel(f, of=of, named=True)
    if exact is None:
        return None
    u, v = parse_term("a*x"), parse_term("b*x + c*y")
    names = {"q11": parse_term("a^2"), "q12": parse_term("a*b"), "q22": parse_term("b^2 + c^2")}
    bodies = [slope_at(f, t) if of == "df" else value_at(f, t) for t in (u, v)]
    given = [*_constants(f), "a positive", "b real", "c positive", "x random", "y random", "x, y independent"]
    given += ["x ~ Normal(0, 1)", "y ~ Normal(0, 1)"]
    kernel = Apply("E", (Mul(tuple(bodies)),))
    return _written(f"{_title(f)}-{'slope-' if of == 'df' else ''}kernel", given, kernel, substitute(exact, names))


def moment_of(f: Activation, of: str, *, named: bool = True) -> Term:
    """E f(y), E f(y)^2 or E f'(y)^2 as the language writes it, the constants of the definition as names or not."""
    f = f if named or not f.constants else replace(f, shown=call_of(f), constants=())
    body = slope_at(f, Y) if of == SLOPE_MOMENT else value_at(f, Y)
    return Apply("E", (body if of == "f" else Pow(body, number(2)),))


def value_at(f: Activation, place: Term) -> Term:
    """f(place): a call of the catalog's function, or the expression where there is none or it has constants."""
    return substitute(f.shown if f.constants else call_of(f), {"z": place})


def call_of(f: Activation) -> Term:
    """The function as the language calls it, of ``z``, or its expression."""
    found = definition(f.name or "")
    if found is None:
        return f.shown
    if found.name in {"leaky_relu", "prelu"}:
        return Apply(found.name, (Z, *(value for _, value in f.parameters)))
    plain = all(value == default for (_, value), (_, default) in zip(f.parameters, found.parameters, strict=True))
    return Apply(found.name, (Z,)) if plain and all(isinstance(v, Num) for _, v in f.parameters) else f.shown


def slope_at(f: Activation, place: Term) -> Term:
    """f'(place), the weak derivative: f' on the leftmost piece, and by how much it changes at each kink."""
    try:
        cuts = pieces(f.named.term)
        slopes = [tidied(derivative(piece.term)) for piece in cuts]
    except NotCertified:
        return substitute(f.named.slope, {"z": place})
    parts = [slopes[0]]
    for before, after, piece in zip(slopes, slopes[1:], cuts[1:], strict=False):
        kink = plus(Z, number(-piece.low) if piece.low is not None else number(0))
        parts.append(times(plus(after, times(MINUS_ONE, before)), call("step", kink)))
    return substitute(_bells(tidied(plus(*parts))), {"z": place})


def _bells(term: Term) -> Term:
    """The term with exp(-t^2) called gaussian(t)."""
    match term:
        case Apply(function="exp", args=(Neg(term=Pow(base=t, exponent=Num(value=two))),)) if two == 2:
            return Apply("gaussian", (t,))
        case _:
            return rebuild(term, _bells)


def _constants(f: Activation) -> list[str]:
    return [f"{name} positive" for name, _ in f.constants]


def _title(f: Activation) -> str:
    return (f.name or "activation").replace("_", "-")


def _written(name: str, given: list[str], left: Term, right: Term) -> str:
    lines = "".join(f"  {line}\n" for line in given)
    return (
        f"```derive\ntheorem {name}\ngiven\n{lines}show\n  {term_text(left)} = {term_text(right)}  by gaussian\n```\n"
    )
