"""Why constant weights do not train apart: SymPy differentiates an explicit network with an opaque loss.

    f(x) = v1 g(w11 x1 + w12 x2 + b1) + v2 g(w21 x1 + w22 x2 + b2) + c
    loss = sum over s in 1..m of ell(f(x[s]), t[s])

g and ell are undefined functions with undefined slopes, m is a symbol: what comes out holds for every differentiable
loss, every activation with a slope (also for the slope that a program takes where there is none, as relu's at zero),
and every batch. These statements are identities of derivatives, outside the language of derivations; they are derived
by SymPy, which is trusted here, and not decided by the kernel. ``two_units.py`` trains the same network in exact
fractions.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportUnknownLambdaType=false
# (SymPy 1.14 ships no types.)

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Function, Integer, Sum, Symbol, diff, latex, simplify, symbols

from derive.symbolic.notation import Expr, family, index, size


class Activation(Function):
    """An activation of which nothing is known but that it has a slope."""

    def fdiff(self, argindex: int = 1) -> Expr:
        """g'(z), as opaque as g."""
        return Slope(self.args[0])

    def _latex(self, printer: Any) -> str:
        return rf"g\left({printer.doprint(self.args[0])}\right)"


class Slope(Function):
    """The slope that is used for the activation."""

    def _latex(self, printer: Any) -> str:
        return rf"g'\left({printer.doprint(self.args[0])}\right)"


class Loss(Function):
    """The loss of one example, ell(output, target), of which nothing is known but that it has a slope."""

    def fdiff(self, argindex: int = 1) -> Expr:
        """d ell/d output, as opaque as ell."""
        return LossSlope(*self.args)


class LossSlope(Function):
    """The derivative of the loss with respect to the output."""

    def _latex(self, printer: Any) -> str:
        output, target = (printer.doprint(a) for a in self.args)
        return rf"\ell'\left({output}, {target}\right)"


W11, W12, W21, W22 = symbols("w11 w12 w21 w22", real=True)
B1, B2, V1, V2, C = symbols("b1 b2 v1 v2 c", real=True)
X1, X2, T = family("x1"), family("x2"), family("t")
M, EXAMPLE = size("m"), index("s")
P, Q, B, V = symbols("p q b v", real=True)
ALPHA, READ = symbols("alpha a", real=True)

ONE, TWO = (W11, W12, B1, V1), (W21, W22, B2, V2)  # a unit's parameters, in the same order
TWINS: Mapping[Symbol, Symbol] = dict(zip((*ONE, *TWO), (P, Q, B, V) * 2, strict=True))
START = {W11: ALPHA, W12: ALPHA, W21: ALPHA, W22: ALPHA, B1: Integer(0), B2: Integer(0), V1: READ, V2: READ}


def hidden(w1: Expr, w2: Expr, b: Expr) -> Expr:
    """What a unit makes of example s."""
    return Activation(w1 * X1[EXAMPLE] + w2 * X2[EXAMPLE] + b)


def output() -> Expr:
    """f(x[s])."""
    return V1 * hidden(W11, W12, B1) + V2 * hidden(W21, W22, B2) + C


def batch_loss() -> Expr:
    """The loss of a batch of any size."""
    return Sum(Loss(output(), T[EXAMPLE]), (EXAMPLE, 1, M))


def at(expression: Expr, point: Mapping[Symbol, Expr]) -> Expr:
    """The expression at a point of the parameters."""
    return expression.subs(dict(point), simultaneous=True).doit()


def same(left: Expr, right: Expr) -> bool:
    """Whether two expressions are the same, by structure or by simplification."""
    return bool(left == right or simplify(left - right) == 0)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its name, what it says, its formula in LaTeX, and whether SymPy finds it so."""

    name: str
    words: str
    formula: str
    holds: bool


def same_outputs() -> Statement:
    """At the start both units hand on the same."""
    first, second = (at(hidden(*unit[:3]), START) for unit in (ONE, TWO))
    return Statement(
        "the outputs are the same at the start",
        "With all hidden weights alpha and the biases zero, both units hand on the same, for every input.",
        rf"h_1 = h_2 = {_tidy(first)}",
        same(first, second),
    )


def swapping() -> Statement:
    """Exchanging the two units leaves the loss as it is, at every point."""
    exchange = dict(zip((*ONE, *TWO), (*TWO, *ONE), strict=True))
    return Statement(
        "the loss does not know which unit is which",
        "Exchanging the two units, with all that belongs to them, leaves the loss as it is, at every point.",
        r"L(\theta_1, \theta_2, c) = L(\theta_2, \theta_1, c), \qquad \theta_k = (w_{k1}, w_{k2}, b_k, v_k)",
        same(at(batch_loss(), exchange), batch_loss()),
    )


def same_gradients() -> Statement:
    """Wherever the two units agree, their gradients do."""
    total = batch_loss()
    pairs = [(at(diff(total, x), TWINS), at(diff(total, y), TWINS)) for x, y in zip(ONE, TWO, strict=True)]
    return Statement(
        "where the units agree, their gradients do",
        "At every point where both units have the weights p and q, the bias b and the output weight v, the gradients "
        "of the two agree in all four, for every batch. The first of the four:",
        rf"\frac{{\partial L}}{{\partial w_{{11}}}} = \frac{{\partial L}}{{\partial w_{{21}}}} = {_tidy(pairs[0][0])}",
        all(same(x, y) for x, y in pairs),
    )


def same_steps() -> Statement:
    """An update that treats all parameters by the same formula keeps units equal that are equal."""
    update, memory = Function("U"), Function("S")
    state, step = Symbol("sigma"), Symbol("k", integer=True)
    total = batch_loss()

    def after(parameter: Symbol) -> tuple[Expr, Expr]:
        slope = at(diff(total, parameter), TWINS)
        kept = memory(state, slope, step)
        return kept, update(TWINS[parameter], kept, slope, step)

    return Statement(
        "a step of training keeps them equal",
        "Let a step replace the memory sigma that a parameter has (its momentum, Adam's averages) by a function of it, "
        "of the parameter's gradient and of the number k of the step, and the parameter by a function of all these, "
        "the same functions for all parameters of a kind. If the units agree before, in parameters and memory, they "
        "agree after. As they agree at the start, they agree after every number of steps, by induction; the batches "
        "may be others in each step.",
        r"\sigma \mapsto S(\sigma, \partial L, k), \qquad \theta \mapsto U(\theta, \sigma, \partial L, k)",
        all(same(x, y) for p, q in zip(ONE, TWO, strict=True) for x, y in zip(after(p), after(q), strict=True)),
    )


def zero_weights() -> Statement:
    """Where the output weights are zero, the hidden weights have no gradient."""
    unread = {V1: Integer(0), V2: Integer(0)}
    slopes = [at(diff(batch_loss(), p), unread) for p in (W11, W12, B1, W21, W22, B2)]
    return Statement(
        "of zero weights the hidden ones have no gradient",
        "Where both output weights are zero, the gradients of all hidden weights and biases vanish, whatever these are "
        "and whatever the activation is.",
        r"v_1 = v_2 = 0 \quad\Longrightarrow\quad "
        r"\frac{\partial L}{\partial w_{kj}} = \frac{\partial L}{\partial b_k} = 0",
        all(s == 0 for s in slopes),
    )


def nothing_moves() -> Statement:
    """All zero and g(0) = 0: only the output's bias has a gradient."""
    zero = dict.fromkeys((*ONE, *TWO), Integer(0))
    slopes = [at(diff(batch_loss(), p), zero).subs(Activation(Integer(0)), 0).doit() for p in (*ONE, *TWO)]
    return Statement(
        "all zero, with an activation that keeps zero",
        "If besides the hidden weights are zero and g(0) = 0, as of relu and tanh, the output weights have no gradient "
        "either: nothing but the output's bias ever moves. A sigmoid, with g(0) = 1/2, does move, both units alike.",
        r"\theta_1 = \theta_2 = 0,\; g(0) = 0 \quad\Longrightarrow\quad \frac{\partial L}{\partial \theta_1} = "
        r"\frac{\partial L}{\partial \theta_2} = 0",
        all(s == 0 for s in slopes),
    )


def unequal_outputs() -> Statement:
    """Equal hidden weights are not enough: with unequal output weights the gradients differ."""
    alike = {W11: P, W21: P, W12: Q, W22: Q, B1: B, B2: B}
    total = batch_loss()
    first, second = (at(diff(total, w), alike).function for w in (W11, W21))  # of one example
    example = {V1: Integer(1), V2: Integer(0)}
    return Statement(
        "it needs equal output weights",
        "If the units agree in all but their output weights, their gradients are in the ratio of these: the units do "
        "not stay equal, unless the gradient vanishes.",
        r"v_2 \thinspace \frac{\partial L}{\partial w_{11}} = v_1 \thinspace \frac{\partial L}{\partial w_{21}}",
        same(V2 * first, V1 * second) and at(first - second, example) != 0,
    )


def statements() -> tuple[Statement, ...]:
    """All of them, derived now."""
    derive = (same_outputs, swapping, same_gradients, same_steps, zero_weights, nothing_moves, unequal_outputs)
    return tuple(each() for each in derive)


def _tidy(expression: Expr) -> str:
    """LaTeX, with the number of the example above: x_1^{(s)}."""
    text = latex(expression)
    for base, place in (("{x_{1}}", "x_1"), ("{x_{2}}", "x_2"), ("{t}", "t")):
        text = text.replace(base + "_{s}", place + "^{(s)}")
    return text


if __name__ == "__main__":
    for found in statements():
        print(f"{'holds' if found.holds else 'FAILS'}: {found.name}\n    {found.formula}")
