"""How Var(z) = n Var(W) Var(a) comes about, for z[i] = sum over j of W[i,j] a[j], move by named move.

Each move is a small function from SymPy expressions to SymPy expressions. It rewrites what it recognizes, as far as
the assumptions allow, and leaves the rest alone: where E(a) = 0 is not assumed, the same moves end in n Var(W) E(a^2).
Nothing here is trusted; the kernel decides every link again. To see the derivation:

    python -m derive.symbolic.variance
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportUnknownLambdaType=false
# (SymPy 1.14 ships no types; what it returns is checked by the kernel, not by pyright.)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Add, Indexed, Integer, Mul, Pow, Rational, Sum, Symbol

from derive.symbolic.assumptions import Assumptions, assume, first_entries, mean, without_zero_means
from derive.symbolic.notation import Cov, E, Expr, Var, bare, family, index, leaky_relu, name_of, relu, size, step


def factor_goes_under_the_sum(expression: Expr, given: Assumptions) -> Expr:
    """Within Var and Cov: c * sum_j x_j = sum_j c x_j."""

    def under(x: Expr) -> Expr:
        total = next((f for f in Mul.make_args(x) if isinstance(f, Sum)), None)
        return x if total in (None, x) else Sum(x / total * total.function, *total.limits)

    return expression.replace(Var, lambda x: Var(under(x))).replace(Cov, lambda x, y: Cov(under(x), under(y)))


def variance_of_two(expression: Expr, given: Assumptions) -> Expr:
    """Var(x + b) = Var(x) + Var(b) + 2 Cov(x, b), and so on for more terms."""

    def split(x: Expr) -> Expr:
        terms = sorted(Add.make_args(x), key=lambda t: (not isinstance(t, Sum), str(t)))
        pairs = [(s, t) for p, s in enumerate(terms) for t in terms[p + 1 :]]
        return Add(*(Var(t) for t in terms), *(2 * Cov(s, t) for s, t in pairs))

    return expression.replace(Var, split)


def variance_of_a_sum(expression: Expr, given: Assumptions) -> Expr:
    """Var(sum_j x_j) = sum_j sum_k Cov(x_j, x_k); a covariance of sums is a double sum in the same way."""

    def covariance(x: Expr, y: Expr) -> Expr:
        if any(isinstance(side, Sum) and len(side.limits) > 1 for side in (x, y)):
            return Cov(x, y)
        if isinstance(x, Sum) and isinstance(y, Sum):
            ((j, low, high),), ((old, _, top),) = x.limits, y.limits
            taken = {str(s) for s in expression.atoms(Symbol)} | set(given.kinds)
            k = index(next(name for name in "klpqrstuvw" if name not in taken))
            return Sum(Cov(x.function, y.function.subs(old, k)), (k, low, top), (j, low, high))
        if isinstance(x, Sum):
            return Sum(Cov(x.function, y), *x.limits)
        return Cov(x, y)

    doubled = expression.replace(Var, lambda x: Cov(x, x) if isinstance(x, Sum) else Var(x))
    return doubled.replace(Cov, covariance)


def covariances_of_distinct_terms(expression: Expr, given: Assumptions) -> Expr:
    """Cov(x_j, x_k) = E(x_j x_k) - E(x_j) E(x_k) = 0 for j != k, if independence and zero means say so.

    Only the terms j = k remain then. Without that, n (n - 1) equal covariances remain beside them, if all entries are
    exchangeable. The covariance of a term with a bias vanishes for the same reasons.
    """

    def distinct(body: Expr, *limits: Any) -> Expr:
        whole = Sum(body, *limits)
        if body.func != Cov:
            return whole
        x, y = body.args
        indices = tuple(limit[0] for limit in limits)
        rest = without_zero_means(mean(x * y, given, indices) - mean(x, given) * mean(y, given), given)
        if len(limits) == 1:
            return Integer(0) if rest == 0 else whole
        (k, _, _), (j, low, high) = limits
        same = y.subs(k, j)
        diagonal = Sum(Var(x) if x == same else Cov(x, same), (j, low, high))
        if rest == 0:
            return diagonal
        alike = x == same and not first_entries(x, given).has(j)
        pair = bare(Cov(x.subs(j, 1), y.subs(k, 2)))
        return diagonal + high * (high - 1) * pair if alike else whole

    return expression.replace(Sum, distinct)


def identical_laws(expression: Expr, given: Assumptions) -> Expr:
    """sum_j Var(W_j a_j) = n Var(W a): terms with the same law are n times the first."""

    def first(moment: Expr) -> Expr:
        moved = first_entries(moment, given)
        return moment if moved.has(Indexed) else moved

    def counted(term: Expr, *limits: Any) -> Expr:
        index, _, n = limits[0]
        return Sum(term, *limits) if len(limits) > 1 or term.has(index) else n * term

    same = expression.replace(Var, lambda x: first(Var(x))).replace(Cov, lambda x, y: first(Cov(x, y)))
    return same.replace(E, lambda x: first(E(x))).replace(Sum, counted)


def variance_of_a_product(expression: Expr, given: Assumptions) -> Expr:
    """Var(W a) = E(W^2) E(a^2) - E(W)^2 E(a)^2 for independent W and a; Cov(x, y) = E(x y) - E(x) E(y) alike."""

    def variance(x: Expr) -> Expr:
        known = x in given.entries(x) or x.has(Sum)
        return Var(x) if known else mean(x**2, given) - mean(x, given) ** 2

    def covariance(x: Expr, y: Expr) -> Expr:
        known = {x, y} <= given.entries(Cov(x, y)) or Cov(x, y).has(Sum)
        return Cov(x, y) if known else mean(x * y, given) - mean(x, given) * mean(y, given)

    return expression.replace(Var, variance).replace(Cov, covariance)


def means_vanish(expression: Expr, given: Assumptions) -> Expr:
    """E(W) = 0."""
    return without_zero_means(expression, given)


def half_lies_above_zero(expression: Expr, given: Assumptions) -> Expr:
    """E(relu(y)^2) = E(y^2)/2 for symmetric y; E(leaky_relu(y, s)^2) = (1 + s^2) E(y^2)/2; E(step(y)^2) = 1/2.

    A symmetric y has half of its second moment above zero. Half of its probability is there only if y is never zero.
    """

    def second_moment(x: Expr) -> Expr:
        rectified, power = x.as_base_exp()
        y = rectified.args[0] if rectified.args else x
        if power != 2 or name_of(y) not in given.symmetric:
            return E(x)
        if rectified.func == relu:
            return E(y**2) / 2
        if rectified.func == leaky_relu:
            return (1 + rectified.args[1] ** 2) * E(y**2) / 2
        half = rectified.func == step and name_of(y) in given.never_zero
        return Rational(1, 2) if half else E(x)

    return expression.replace(E, second_moment)


def second_moments_are_variances(expression: Expr, given: Assumptions) -> Expr:
    """E(X^2) = Var(X) where E(X) = 0."""

    def variance(x: Expr) -> Expr:
        square = x.func == Pow and x.exp == 2 and name_of(x.base) in given.zero_mean
        return Var(x.base) if square else E(x)

    return expression.replace(E, variance)


def common_factor(expression: Expr, given: Assumptions) -> Expr:
    """In terms with the same law: sum_j E(W_j^2) y_j = E(W^2) * sum_j y_j."""

    def outside(body: Expr, *limits: Any) -> Expr:
        constant, rest = body.as_independent(*(limit[0] for limit in limits), as_Add=False)
        return constant * Sum(rest, *limits)

    return identical_laws(expression, given).replace(Sum, outside)


MOVES: tuple[tuple[str, Callable[[Expr, Assumptions], Expr]], ...] = (
    ("the common factor goes under the sum", factor_goes_under_the_sum),
    ("variance of a sum of two: both variances and twice the covariance", variance_of_two),
    ("variance of a sum: the double sum of the covariances", variance_of_a_sum),
    ("covariances of distinct terms vanish: independence and zero mean", covariances_of_distinct_terms),
    ("identical laws: equal terms are counted", identical_laws),
    ("variance of a product, independent factors apart", variance_of_a_product),
    ("zero means", means_vanish),
    ("symmetry: half lies above zero", half_lies_above_zero),
    ("of mean zero: the second moment is the variance", second_moments_are_variances),
    ("identical laws: the common factor leaves the sum", common_factor),
)


@dataclass(frozen=True, slots=True)
class Step:
    """What a move led to, and the move's name."""

    remark: str
    result: Expr


def derive(expression: Expr, given: Assumptions) -> tuple[Step, ...]:
    """Apply the moves in order; those that change nothing are left out."""
    steps: list[Step] = []
    for remark, move in MOVES:
        moved = move(expression, given)
        if moved != expression:
            steps.append(Step(remark, moved))
            expression = moved
    return tuple(steps)


if __name__ == "__main__":
    j, n = index("j"), size("n")
    z = Sum(family("W")[1, j] * family("a")[j], (j, 1, n))
    print(Var(z))
    for taken in derive(Var(z), assume(iid="W a", independent=(("W", "a"),), zero_mean="W a")):
        print(f"  = {taken.result}    # {taken.remark}")
