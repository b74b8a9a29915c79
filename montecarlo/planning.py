"""How many networks does it take? Sample sizes for the claims of a spec, before anything is drawn.

For a claim c, a tolerance delta and a missed rate beta two numbers are planned:

to_find: if the truth is (1 + delta) c or (1 - delta) c, "disagree" with at least 1 - beta;
to_agree: if the truth is c, an interval inside (1 +- delta) c with at least 1 - beta;

both at the share A/k of the error rate that Holm's first step and the simultaneous intervals leave.
Ratios use the tails of statistics/tails.py: exact for Gaussian weights, sufficient for sub-Gaussian
ones. Signs use their bound twice: sufficient for the derivative; for the activation, 1/r is
replaced by its least mean under Gaussian z. Growth uses normal points and the variance that
Gaussian z give. Networks that die are not accounted for, and growth is never planned with fewer
than 30.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from montecarlo import sentences
from montecarlo.errors import InputError
from montecarlo.spec import Spec
from montecarlo.special import normal_point
from montecarlo.statistics.growth import FEWEST, PER_VARIANCE
from montecarlo.statistics.ratio import LEAST_SIZE, ratio_basis
from montecarlo.statistics.signs import half_difference
from montecarlo.statistics.tails import Basis, lower_point, lower_tail, upper_point, upper_tail

MOST_NETWORKS = 10**15


@dataclass(frozen=True, slots=True)
class Plan:
    """Networks needed for one claim: to find an error of delta, and to agree within delta."""

    claim: str
    to_find: int
    to_agree: int


def plan(spec: Spec, *, missed_rate: float = 0.001) -> tuple[Plan, ...]:
    """One `Plan` for each claim of the spec, in the order of `Result.claims`.

    The number of networks in the spec is not used.

    Raises:
        InputError: missed_rate is not between 0 and 1/2, or the law has no eighth moment, without which
            nothing is judged.
    """
    if not 0 < missed_rate <= 0.5:
        raise InputError(f"missed_rate = {missed_rate:g} is no rate; write one between 0 and .5")
    if not spec.weight_law.settles or not math.isfinite(spec.weight_law.excess_kurtosis):
        raise InputError(
            f"{spec.weight_law.name} has no eighth moment, a variance cannot be judged by it; "
            f"write a law that has one, e.g. student_t(df=10)"
        )
    claims = _claims(spec)
    share = spec.error_rate / max(len(claims), 1)
    return tuple(Plan(sentence, *sizes(share, missed_rate, spec.delta)) for sentence, sizes in claims)


_Sizes = Callable[[float, float, float], tuple[int, int]]


def _claims(spec: Spec) -> list[tuple[str, _Sizes]]:
    claims: list[tuple[str, _Sizes]] = []
    inside, outside = spec.widths[:-1], spec.widths[1:]
    if spec.claim_sigma_w2 is not None:
        c, fan = spec.claim_sigma_w2, spec.fan
        sent_back = [n - 1 for n in inside] if spec.weight_law.gaussian else list(inside)
        forward = _ratio_sizes(spec, list(outside), list(inside))
        claims.append((sentences.forward_weights(c, fan=fan), forward))
        back = _ratio_sizes(spec, sent_back, list(outside))
        claims.append((sentences.backward_weights(c, fan=fan), back))
        if spec.sigma_b2 > 0:
            sentence = sentences.conditional_variance(c, fan=fan, sigma_b2=spec.sigma_b2)
            claims.append((sentence, forward))
    if spec.claim_activation is not None:
        weights = [math.sqrt((n + 2) / 3) for n in outside]
        sizes = _sign_sizes(spec, weights, spec.claim_activation)
        claims.append((sentences.activation_factor(spec.claim_activation), sizes))
    if spec.claim_derivative is not None:
        weights = [math.sqrt(n) for n in outside]
        sizes = _sign_sizes(spec, weights, spec.claim_derivative)
        claims.append((sentences.derivative_factor(spec.claim_derivative), sizes))
    if spec.claim_growth is not None:
        sizes = _growth_sizes(_growth_variances(spec))
        claims.append((sentences.growth(spec.claim_growth), sizes))
    if spec.claim_gradient_growth is not None:
        sizes = _growth_sizes(_jacobian_variances(spec))
        claims.append((sentences.gradient_growth(spec.claim_gradient_growth), sizes))
    return claims


def _ratio_sizes(spec: Spec, neurons: list[int], summed: list[int]) -> _Sizes:
    """`summed`: the widths of the vectors that W is applied to; a fourth share like relu's."""
    basis = ratio_basis(spec.weight_law)
    one, least = float(sum(neurons)), 0.0
    if basis is Basis.ASYMPTOTIC:
        kappa = spec.weight_law.excess_kurtosis
        variance = sum(n * (2 + kappa * min(1.0, 6 / m)) for n, m in zip(neurons, summed, strict=True))
        one, least = (2 * one**2 / variance if variance > 0 else 0.0), LEAST_SIZE

    def sizes(share: float, missed: float, delta: float) -> tuple[int, int]:
        def found(networks: int) -> bool:
            size = networks * one
            high = upper_point(share / 2, size=size, basis=basis)
            low = lower_point(share / 2, size=size, basis=basis)
            above = lower_tail(high / (1 + delta), size=size, basis=basis)
            below = upper_tail(low / (1 - delta), size=size, basis=basis)
            return size >= least and max(above, below) <= missed

        def agreed(networks: int) -> bool:
            size = networks * one
            high = upper_point(share / 2, size=size, basis=basis)
            low = lower_point(share / 2, size=size, basis=basis)
            above = upper_tail((1 + delta) * low, size=size, basis=basis)
            below = lower_tail((1 - delta) * high, size=size, basis=basis)
            return size >= least and above + below <= missed

        return _least(found, one), _least(agreed, one)

    return sizes


def _sign_sizes(spec: Spec, weights: list[float], claim: float) -> _Sizes:
    slopes = spec.f.slopes or (1.0, 1.0)

    def sizes(share: float, missed: float, delta: float) -> tuple[int, int]:
        points = math.sqrt(2 * math.log(2 / share)) + math.sqrt(2 * math.log(2 / missed))
        half = half_difference(slopes) * points * math.sqrt(len(weights)) / math.fsum(weights)
        networks = max(1, math.ceil((half / (delta * claim)) ** 2))
        return networks, networks

    return sizes


def _growth_sizes(variances: list[float]) -> _Sizes:
    def sizes(share: float, missed: float, delta: float) -> tuple[int, int]:
        points = normal_point(share / 2) + normal_point(missed / 2)
        variance = math.fsum(variances) / len(variances) ** 2
        networks = max(FEWEST, math.ceil(variance * max((points / math.log1p(delta)) ** 2, PER_VARIANCE)))
        return networks, networks

    return sizes


def _growth_variances(spec: Spec) -> list[float]:
    """Var(X_l)/E(X_l)^2 for l = 2 to L: |u|^2 and |f(z)|^2/|z|^2, independent of each other."""
    kappa, tilt = spec.weight_law.excess_kurtosis, _tilt(spec)
    return [
        (1 + (2 + kappa * min(1.0, 6 / n_in)) / n_out) * (1 + 3 * tilt / (n_in + 2)) - 1
        for n_in, n_out in zip(spec.widths[1:-1], spec.widths[2:], strict=True)
    ]


def _jacobian_variances(spec: Spec) -> list[float]:
    """The same for sum f'(z_i)^2 |w_i|^2, n_out independent terms."""
    kappa, tilt = spec.weight_law.excess_kurtosis, _tilt(spec)
    return [
        ((1 + (2 + kappa) / n_in) * (1 + tilt) - 1) / n_out
        for n_in, n_out in zip(spec.widths[1:-1], spec.widths[2:], strict=True)
    ]


def _tilt(spec: Spec) -> float:
    right, left = spec.f.slopes or (1.0, 1.0)
    return ((right**2 - left**2) / (right**2 + left**2)) ** 2


def _least(enough: Callable[[int], bool], one: float) -> int:
    """The least number of networks that is enough: doubling, then bisection."""
    if one <= 0:
        raise InputError("networks of width 1 say nothing about Var(W) backward; write widths of 2 or more")
    high = 1
    while not enough(high):
        high *= 2
        if high > MOST_NETWORKS:
            raise InputError("no number of networks is enough; write a larger delta or missed_rate")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
