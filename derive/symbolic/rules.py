"""Which weight variance keeps the signal? The factors come from ``variance.py``, the rules from ``sympy.solve``.

A layer multiplies the variance of what flows through it by a factor that is linear in v = Var(W):

    forward    z[i] = sum over j in 1..n_in  of W[i,j] a[j]        Var(z)/Var(a)      = n_in v
    backward   g[j] = sum over i in 1..n_out of W[i,j] delta[i]    Var(g)/Var(delta)  = n_out v

and a rectifier takes half of it. A rule is the v at which the factor is one. To see them all:

    python -m derive.symbolic.rules
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportUnknownLambdaType=false
# (SymPy 1.14 ships no types; what it returns is checked by the kernel, not by pyright.)

from __future__ import annotations

from dataclasses import dataclass

from sympy import Add, Eq, Integer, Mul, Rational, Sum, Symbol, cancel, solve, sqrt

from derive.symbolic.assumptions import Assumptions, assume
from derive.symbolic.notation import Expr, Var, family, first, index, leaky_relu, relu, size, step
from derive.symbolic.variance import derive

i, j = index("i"), index("j")
N_IN, N_OUT = size("n_in"), size("n_out")
V = Symbol("v", positive=True)
ALPHA = Symbol("alpha", real=True)
W, A, Y, DELTA = (family(name) for name in ("W", "a", "y", "delta"))

LINEAR = assume(
    iid="W",
    exchangeable="a delta",
    independent=(("W", "a"), ("W", "delta")),
    zero_mean="W a delta",
)
RECTIFIED = assume(
    iid="W y",
    exchangeable="delta",
    independent=(("W", "y", "delta"),),
    zero_mean="W delta",
    symmetric="y",
    never_zero="y",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition on v = Var(W), and the v that meets it."""

    name: str
    condition: Expr
    weight_variance: Expr

    @property
    def uniform_bound(self) -> Expr:
        """The c for which W ~ Uniform(-c, c) has this variance: c^2/3 = v."""
        return sqrt(3 * self.weight_variance)


def factor(outgoing: Expr, incoming: str, given: Assumptions) -> Expr:
    """By how much a layer multiplies the variance, in terms of v: derive Var(outgoing), divide by Var(incoming)."""
    derived = derive(Var(outgoing), given)[-1].result
    return cancel(derived / Var(first(incoming))).subs(Var(first("W")), V)


def solve_for(left: Expr, right: Expr, unknown: Expr) -> Expr | None:
    """The value of the unknown for which both sides agree; None if there is none or more than one."""
    found = solve(Eq(left, right), unknown)
    return found[0] if len(found) == 1 and not found[0].has(unknown) else None


def rule(name: str, gain: Expr) -> Rule:
    """The rule that makes a factor one."""
    found = solve_for(gain, Integer(1), V)
    if found is None:
        raise ValueError(f"{name}: {gain} = 1 has no single solution for {V}; give a factor that is linear in v")
    return Rule(name, Eq(gain, 1), found)


def forward_factor() -> Expr:
    """Var(z)/Var(a) of a linear layer (Glorot and Bengio 2010, eq. 5)."""
    return factor(Sum(W[1, j] * A[j], (j, 1, N_IN)), "a", LINEAR)


def backward_factor() -> Expr:
    """Var(g)/Var(delta) of a linear layer (Glorot and Bengio 2010, eq. 6)."""
    return factor(Sum(W[i, 1] * DELTA[i], (i, 1, N_OUT)), "delta", LINEAR)


def he_factor() -> Expr:
    """Var(z)/Var(y) where a = relu(y), y symmetric (He et al. 2015, eq. 8)."""
    return factor(Sum(W[1, j] * relu(Y[j]), (j, 1, N_IN)), "y", RECTIFIED)


def he_backward_factor() -> Expr:
    """Var(g)/Var(delta) where g = step(y) W^T delta, y symmetric and never zero (He et al. 2015, section 2.2)."""
    return factor(step(Y[1]) * Sum(W[i, 1] * DELTA[i], (i, 1, N_OUT)), "delta", RECTIFIED)


def leaky_relu_factor() -> Expr:
    """Var(z)/Var(y) where a = leaky_relu(y, alpha), y symmetric (He et al. 2015, section 2.2)."""
    return factor(Sum(W[1, j] * leaky_relu(Y[j], ALPHA), (j, 1, N_IN)), "y", RECTIFIED)


def forward_rule() -> Rule:
    """n_in v = 1."""
    return rule("forward", forward_factor())


def backward_rule() -> Rule:
    """n_out v = 1."""
    return rule("backward", backward_factor())


def glorot_rule() -> Rule:
    """(n_in v + n_out v)/2 = 1: the average of the forward and the backward factor is one.

    Both factors are one only if n_in = n_out: two equations, one unknown. Glorot's v = 2/(n_in + n_out) solves their
    average; it is the harmonic mean of 1/n_in and 1/n_out. The factors themselves are then 2 n_in/(n_in + n_out) and
    2 n_out/(n_in + n_out). Other compromises are as good in other senses: v = 1/sqrt(n_in n_out) makes the product one.
    """
    return rule("glorot", Mul(Rational(1, 2), Add(forward_factor(), backward_factor())))


def glorot_conflict() -> list[Expr]:
    """What solves both conditions at once: nothing, as long as n_in and n_out may differ."""
    return solve([Eq(forward_factor(), 1), Eq(backward_factor(), 1)], V, dict=True)


def he_rule() -> Rule:
    """n_in v/2 = 1."""
    return rule("he", he_factor())


def he_backward_rule() -> Rule:
    """n_out v/2 = 1."""
    return rule("he backward", he_backward_factor())


def leaky_relu_rule() -> Rule:
    """(1 + alpha^2) n_in v/2 = 1."""
    return rule("leaky relu", leaky_relu_factor())


def harmonic_mean(x: Expr, y: Expr) -> Expr:
    """2/(1/x + 1/y)."""
    return cancel(2 / (1 / x + 1 / y))


RULES = (forward_rule, backward_rule, glorot_rule, he_rule, he_backward_rule, leaky_relu_rule)

if __name__ == "__main__":
    for find in RULES:
        found = find()
        print(f"{found.name}: {found.condition.lhs} = 1, v = {found.weight_variance}, c = {found.uniform_bound}")
