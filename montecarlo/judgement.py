"""The tests behind the claims of a spec, and their verdicts with one error budget.

    claim                    test                                               basis
    claim_sigma_w2           conditional ratios, forward and backward, and      by law
                             with biases those of z (statistics/ratio.py)
    claim_activation         signs of z (statistics/signs.py)                   bound
    claim_derivative         signs of z (statistics/signs.py)                   bound
    claim_growth             layer means, layers 2 to L (statistics/growth.py)  asymptotic
    claim_gradient_growth    the same, squared singular values                  asymptotic

"By law": exact for Gaussian weights and square orthogonal matrices, a bound for uniform, truncated
normal, Rademacher and other orthogonal ones, asymptotic for others, and none for laws without an
eighth moment: of them all but signs is inconclusive. Backward, Gaussian weights are
judged by real backpropagation, all others by a gradient that is independent of the layer's weights.
Estimate and interval of a claim are in its own units; for Var(z | a) they are the factor by which the
variance is off, and the claimed number is 1. Gradient growth speaks of networks that are
alive before the layer: where one is dead its
gradient is 0, which no factor between layers describes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from montecarlo import sentences
from montecarlo.spec import Spec
from montecarlo.statistics.growth import MeanSums, growth_interval, growth_p_value, log_means
from montecarlo.statistics.ratio import RatioSum, is_constant, ratio_basis, ratio_interval, ratio_p_value
from montecarlo.statistics.signs import SignSums, sign_estimate, sign_interval, sign_p_value
from montecarlo.statistics.tails import Basis
from montecarlo.statistics.verdict import Bounds, Claim, Question, judge
from montecarlo.tally import Tally

HIDDEN = slice(1, None)  # layers 2 to L: their factor does not involve the input's width


def judged(spec: Spec, tally: Tally) -> tuple[Claim, ...]:
    """The verdicts on all claims of the spec; the order is that of the table above."""
    questions = [
        *_weight_questions(spec, tally),
        *_sign_questions(spec, tally),
        *_growth_questions(spec, tally),
    ]
    return judge(questions, delta=spec.delta, error_rate=spec.error_rate)


def forward_basis(spec: Spec, tally: Tally) -> Basis:
    """What forward ratios rest on; exact only if networks die by their signs, or not at all."""
    basis = ratio_basis(spec.weight_law)
    if basis is Basis.EXACT and tally.dead and spec.f.slopes is None:
        return Basis.ASYMPTOTIC
    return basis


def _weight_questions(spec: Spec, tally: Tally) -> list[Question]:
    claim, fan, unit = spec.claim_sigma_w2, spec.fan, spec.sigma_w2
    if claim is None:
        return []
    basis = forward_basis(spec, tally)
    questions = [
        _ratio_question(
            sentences.forward_weights(claim, fan=fan),
            tally.forward.pooled(),
            claim=claim,
            unit=unit,
            basis=basis,
        ),
        _ratio_question(
            sentences.backward_weights(claim, fan=fan),
            tally.backward.pooled(),
            claim=claim,
            unit=unit,
            basis=ratio_basis(spec.weight_law),
        ),
    ]
    if tally.conditional is not None:
        sentence = sentences.conditional_variance(claim, fan=fan, sigma_b2=spec.sigma_b2)
        pooled = tally.conditional.pooled()
        questions.append(_ratio_question(sentence, pooled, claim=1.0, unit=1.0, basis=basis))
    return questions


def _ratio_question(sentence: str, sums: RatioSum, *, claim: float, unit: float, basis: Basis) -> Question:
    def interval(error_rate: float) -> Bounds:
        low, high = ratio_interval(sums, basis=basis, error_rate=error_rate)
        return Bounds(low * unit, high * unit)

    return Question(
        claim=sentence,
        claimed=claim,
        estimate=unit * sums.total / sums.neurons if sums.neurons > 0 else math.nan,
        p_value=ratio_p_value(sums, basis=basis, factor=claim / unit),
        interval=interval,
        basis=Basis.EXACT if is_constant(sums) else basis,
    )


def _sign_questions(spec: Spec, tally: Tally) -> list[Question]:
    asked: list[tuple[Callable[[float], str], float | None, SignSums | None]] = [
        (sentences.activation_factor, spec.claim_activation, tally.activation),
        (sentences.derivative_factor, spec.claim_derivative, tally.derivative),
    ]
    slopes = spec.f.slopes
    return [
        Question(
            claim=sentence(claim),
            claimed=claim,
            estimate=sign_estimate(sums),
            p_value=sign_p_value(sums, slopes=slopes, claim=claim),
            interval=partial(_sign_interval, sums, slopes),
            basis=Basis.BOUND,
        )
        for sentence, claim, sums in asked
        if claim is not None and sums is not None and slopes is not None
    ]


def _sign_interval(sums: SignSums, slopes: tuple[float, float], error_rate: float) -> Bounds:
    return sign_interval(sums, slopes=slopes, error_rate=error_rate)


def _growth_questions(spec: Spec, tally: Tally) -> list[Question]:
    asked: list[tuple[Callable[[float], str], float | None, MeanSums | None]] = [
        (sentences.growth, spec.claim_growth, tally.growth),
        (sentences.gradient_growth, spec.claim_gradient_growth, tally.jacobian),
    ]
    return [
        _growth_question(sentence(claim), sums, claim=claim, settles=spec.weight_law.settles)
        for sentence, claim, sums in asked
        if claim is not None and sums is not None
    ]


def _growth_question(sentence: str, sums: MeanSums, *, claim: float, settles: bool) -> Question:
    means = log_means(sums, settles=settles)

    def interval(error_rate: float) -> Bounds:
        return growth_interval(means, layers=HIDDEN, error_rate=error_rate)

    return Question(
        claim=sentence,
        claimed=claim,
        estimate=math.exp(means.geometric_mean(HIDDEN)[0]),
        p_value=growth_p_value(means, layers=HIDDEN, claim=claim),
        interval=interval,
        basis=Basis.ASYMPTOTIC if settles else Basis.NONE,
    )
