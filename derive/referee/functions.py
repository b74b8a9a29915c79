"""The functions of the language on the referee's values: exact where they are piecewise rational, else enclosed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from derive.referee.algebra import Ball, Poly, Unusable, Value, ball, reciprocal, reduced, root, sign_of


def sign(value: Value) -> Value:
    """-1, 0 or 1; of a continuous variable its own sign."""
    if isinstance(value, Poly):
        match list(value.terms.items()):
            case []:
                return 0
            case [(((name, 1, 0),), c)]:
                return Poly({((name, 0, 1),): sign_of(c)})
            case _:
                raise Unusable("the sign of more than one continuous entry")
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


def _enclosed(method: str) -> Callable[[Value], Value]:
    def apply(value: Value) -> Value:
        if isinstance(value, Poly):
            raise Unusable(f"{method} of a continuous variable")
        result = getattr(ball(value).arb, method)()
        if not result.is_finite():
            raise Unusable(f"{method} is not defined there")
        return Ball(result)

    return apply


ENCLOSED = {name: _enclosed(name) for name in ("exp", "log", "sin", "cos", "tanh", "atan", "asin", "erf")}


def sigmoid(value: Value) -> Value:
    """1/(1 + e^(-x))."""
    return reciprocal(1 + ENCLOSED["exp"](-value))


def softplus(value: Value) -> Value:
    """log(1 + e^x)."""
    return ENCLOSED["log"](1 + ENCLOSED["exp"](value))


def gelu(value: Value) -> Value:
    """x Phi(x) = x (1 + erf(x/sqrt 2))/2."""
    return value * (1 + ENCLOSED["erf"](value * reciprocal(root(2)))) * Fraction(1, 2)


def elu(value: Value) -> Value:
    """x for x > 0, e^x - 1 below."""
    if isinstance(value, Poly):
        raise Unusable("elu of a continuous variable")
    return value if sign_of(value) > 0 else ENCLOSED["exp"](value) + -1


def apply(function: str, args: list[Value]) -> Value:
    """The value of a named function. Raises ``Unusable`` for one that the referee does not know."""
    match function, args:
        case "sign" | "abs" | "step" | "relu" | "sqrt" | "relu6" | "hard_tanh" | "softsign", [x]:
            return _EXACT[function](x)
        case "leaky_relu" | "max" | "min", [x, y]:
            return {"leaky_relu": leaky_relu, "max": larger, "min": smaller}[function](x, y)
        case _, [x] if function in ENCLOSED:
            return ENCLOSED[function](x)
        case "sigmoid" | "softplus" | "gelu" | "silu" | "mish" | "elu", [x]:
            return _COMPOSED[function](x)
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

_COMPOSED: Mapping[str, Callable[[Value], Value]] = {
    "sigmoid": sigmoid,
    "softplus": softplus,
    "gelu": gelu,
    "silu": lambda x: x * sigmoid(x),
    "mish": lambda x: x * ENCLOSED["tanh"](softplus(x)),
    "elu": elu,
}
