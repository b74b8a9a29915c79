"""The property test that holds the two rooms together: what SymPy derives is what simulated networks show.

Architectures are generated: depth 1 to 6, widths 4 to 64, weight laws, activations. The derived formula is evaluated at
each network and handed to ``montecarlo`` as a number to test; montecarlo draws and multiplies matrices and knows no
formula. Every statistic used here has a proven error rate (an exact law for Gaussian weights, a bound for the bounded
laws), so each example disagrees wrongly with probability at most ERROR_RATE, and the whole test at most
EXAMPLES * ERROR_RATE = 4e-5. The twins plant an error and must notice it in every example.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Sum

from derive.symbolic import rules
from derive.symbolic.assumptions import assume
from derive.symbolic.notation import E, Var, family, first, index, size
from derive.symbolic.variance import derive
from montecarlo import Basis, Result, Spec, Verdict, leaky_relu, simulate

EXAMPLES = 40
ERROR_RATE = 1e-6
NETWORKS = 60
PROVEN_LAWS = ("normal", "uniform", "truncated-normal", "rademacher")
ACTIVATIONS = ("identity", "relu", "abs", "tanh", "sigmoid", "erf", "gelu", "silu", "elu", "softplus", "sin")
SLOPE = 0.3


def second_moment_factor() -> Expr:
    """Var(z)/E(a^2) for z = sum_j W_j a_j, where only the weights have mean zero: derived, not written down."""
    W, a, j = family("W"), family("a"), index("j")
    given_here = assume(iid="W", exchangeable="a", independent=(("W", "a"),), zero_mean="W")
    derived = derive(Var(Sum(W[1, j] * a[j], (j, 1, size("n_in")))), given_here)[-1].result
    return (derived / E(first("a") ** 2)).subs(Var(first("W")), rules.V)


SECOND_MOMENT = second_moment_factor()
HE, LEAKY, FORWARD = rules.he_factor(), rules.leaky_relu_factor(), rules.forward_factor()


def number(expression: Expr, n_in: int, variance: float) -> float:
    """The derived factor of a layer with this many inputs and this weight variance."""
    return float(expression.subs({rules.N_IN: n_in, rules.V: variance, rules.ALPHA: SLOPE}))


@st.composite
def architectures(draw: st.DrawFn, activations: tuple[str, ...] = ACTIVATIONS) -> Spec:
    """Networks of depth 1 to 6 and widths 4 to 64."""
    depth = draw(st.integers(1, 6))
    name = draw(st.sampled_from(activations))
    return Spec(
        activation=leaky_relu(SLOPE) if name == "leaky" else name,
        widths=tuple(draw(st.lists(st.integers(4, 64), min_size=depth + 1, max_size=depth + 1))),
        sigma_w2=draw(st.sampled_from([0.25, 1.0, 2.0, 3.0])),
        law=draw(st.sampled_from(PROVEN_LAWS)),
        networks=NETWORKS,
        seed=draw(st.integers(0, 2**32)),
        error_rate=ERROR_RATE,
    )


def run(spec: Spec) -> Result:
    """Simulate, and make sure that no verdict rests on an asymptotic statement."""
    result = simulate(spec)
    assert all(claim.basis is not Basis.ASYMPTOTIC for claim in result.claims)
    return result


def words(result: Result) -> set[Verdict]:
    return {claim.verdict for claim in result.claims}


def derived_weights(spec: Spec, expression: Expr) -> float:
    """n_in Var(W) as the derived formula gives it at the first layer; it is the same at all, for it is n_in v."""
    values = [number(expression, spec.widths[k - 1], spec.weight_variance(k)) for k in range(1, spec.depth + 1)]
    assert max(values) == pytest.approx(min(values))
    return values[0]


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(architectures())
def test_the_variance_of_a_preactivation_is_as_derived_in_every_architecture(spec: Spec) -> None:
    claimed = replace(spec, claim_sigma_w2=derived_weights(spec, SECOND_MOMENT))
    assert Verdict.DISAGREE not in words(run(claimed))


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(architectures(activations=("relu", "leaky", "identity")))
def test_the_rule_of_each_rectifier_keeps_the_second_moment_in_every_architecture(spec: Spec) -> None:
    factor = {"relu": HE, "identity": FORWARD}.get(spec.f.name, LEAKY)
    derived = rules.solve_for(factor, 1, rules.V)
    assert derived is not None
    n_in = spec.widths[0]
    weights = n_in * number(derived, n_in, 0.0)  # n_in Var(W) under the rule, whatever n_in
    kept = float(number(factor, n_in, 1.0) / number(FORWARD, n_in, 1.0))  # the share that the activation keeps
    ruled = replace(spec, sigma_w2=weights, claim_sigma_w2=weights, claim_activation=kept)
    assert weights * kept == pytest.approx(1.0)
    assert Verdict.DISAGREE not in words(run(ruled))


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(architectures(), st.integers(4, 64))
def test_a_planted_swap_of_the_fans_is_noticed(spec: Spec, other: int) -> None:
    n_in = spec.widths[0]
    if not (other >= 2 * n_in or n_in >= 2 * other):
        other = 2 * n_in if n_in <= 32 else n_in // 2
    wrong = derived_weights(spec, SECOND_MOMENT) * other / n_in
    assert Verdict.DISAGREE in words(simulate(replace(spec, claim_sigma_w2=wrong)))


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(architectures(activations=("relu",)))
def test_the_variance_of_relu_taken_for_its_second_moment_is_noticed(spec: Spec) -> None:
    variance_share = 0.5 - 0.15915494309189535  # Var(relu(y))/Var(y) for a Gaussian y: 1/2 - 1/(2 pi)
    wide = replace(spec, widths=tuple(max(w, 32) for w in spec.widths), networks=4 * NETWORKS)
    assert Verdict.DISAGREE in words(simulate(replace(wide, claim_activation=variance_share)))
