"""The functions of the language on the referee's values: exact where they are piecewise rational, else enclosed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from derive.language.functions import FUNCTIONS
from derive.referee.algebra import (
    Ball,
    Composed,
    Exact,
    Monomial,
    Poly,
    Unusable,
    Value,
    ball,
    reciprocal,
    reduced,
    root,
    sign_of,
    variable,
)


def sign(value: Value) -> Value:
    """-1, 0 or 1; of a continuous variable its own sign."""
    if isinstance(value, Poly):
        match list(value.terms.items()):
            case []:
                return 0
            case [(((name, 1, 0),), c)]:
                return Poly({((name, 0, 1),): sign_of(c)})
            case _:
                return composed("sign", value)
    return sign_of(value)


def absolute(value: Value) -> Value:
    """|x| = x sign(x)."""
    if isinstance(value, Ball):
        return Ball(abs(value.arb))
    return abs(value) if not isinstance(value, Poly) else value * sign(value)


def relu(value: Value) -> Value:
    """(x + |x|)/2."""
    return reduced((value + absolute(value)) * Fraction(1, 2)) if isinstance(value, Ball | Poly) else max(value, 0)


def step(value: Value) -> Value:
    """1 for x > 0, else 0; of a continuous variable (1 + sign)/2."""
    if isinstance(value, Poly):
        return (1 + sign(value)) * Fraction(1, 2)
    return int(sign_of(value) > 0)


def leaky_relu(value: Value, slope: Value) -> Value:
    """x for x > 0, slope x below."""
    return relu(value) + -(slope * relu(-value))


def larger(left: Value, right: Value) -> Value:
    """max(x, y) = y + relu(x - y)."""
    return right + relu(left + -right)


def smaller(left: Value, right: Value) -> Value:
    """min(x, y) = -max(-x, -y)."""
    return -larger(-left, -right)


def relu6(value: Value) -> Value:
    """min(relu(x), 6)."""
    return relu(value) + -relu(value + -6)


def hard_tanh(value: Value) -> Value:
    """x, cut off at -1 and 1."""
    return smaller(larger(value, -1), 1)


def softsign(value: Value) -> Value:
    """x/(1 + |x|)."""
    return value * reciprocal(1 + absolute(value))


def composed(function: str, argument: Poly) -> Value:
    """f(t) as a variable. Raises ``Unusable`` for coefficients that are no rationals."""
    inner: list[tuple[Monomial, Exact]] = []
    for monomial, c in sorted(argument.terms.items(), key=repr):
        if isinstance(c, Ball):
            raise Unusable("a function of a continuous variable with irrational coefficients")
        inner.append((monomial, c))
    if any(monomial for monomial, _ in inner):
        return variable(Composed(function, tuple(inner)))
    return apply(function, [inner[0][1] if inner else 0])


def _enclosed(name: str) -> Callable[[Value], Value]:
    def apply(value: Value) -> Value:
        if isinstance(value, Poly):
            return composed(name, value)
        from derive.gaussian.programs import on_reals  # with the enclosure library, only where it is needed

        result = on_reals(name, ball(value).arb)
        if not result.is_finite():
            raise Unusable(f"{name} is not defined there")
        return Ball(result)

    return apply


ENCLOSED = {name: _enclosed(name) for name in FUNCTIONS}  # all that ``apply`` does not treat exactly


def apply(function: str, args: list[Value]) -> Value:
    """The value of a named function. Raises ``Unusable`` for one that the referee does not know."""
    match function, args:
        case "sign" | "abs" | "step" | "relu" | "sqrt" | "relu6" | "hard_tanh" | "softsign", [x]:
            return _EXACT[function](x)
        case "leaky_relu" | "max" | "min", [x, y]:
            return {"leaky_relu": leaky_relu, "max": larger, "min": smaller}[function](x, y)
        case _, [x] if function in ENCLOSED:
            return ENCLOSED[function](x)
        case _:
            raise Unusable(f"the referee does not evaluate {function}")


_EXACT: Mapping[str, Callable[[Value], Value]] = {
    "sign": sign,
    "abs": absolute,
    "step": step,
    "relu": relu,
    "sqrt": root,
    "relu6": relu6,
    "hard_tanh": hard_tanh,
    "softsign": softsign,
}
