"""What is simulated for the why pages: growth by layer where it is exact, and mean-field numbers at a finite width.

For f that is not homogeneous the second moments by layer are those of the variance map only as the width grows. Such a
comparison says ``agree`` if the measured interval lies within ``NEAR`` of the limit, and ``disagree`` only if it lies
wholly outside, so that no finite width is called an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from derive.evidence import (
    ERROR_RATE,
    SLIP,
    Evidence,
    Experiment,
    Run,
    command,
    curve_of,
    joined,
    measured,
    networks_of,
    together,
)
from derive.gaussian import read
from derive.gaussian.depth import Layer
from derive.gaussian.programs import exact
from derive.report.figures import moments_by_layer
from derive.report.values import Simulated

NEAR = 0.25  # what 120 networks of 48 units can show at the error rate
EXCESS = 1.5  # of the control's weight variance
FEWER = 3  # the control is far off: a third of the networks shows it
WORKING = 10  # digits of the variance map


@dataclass(frozen=True, slots=True)
class Growth:
    """Homogeneous f: each experiment's growth a layer, and a figure of second moments by layer for these variances."""

    experiments: tuple[Experiment, ...]
    figure: tuple[tuple[str, str, float], ...]  # label, activation, n Var(W)


@dataclass(frozen=True, slots=True)
class Limit:
    """Any f with n Var(W) = ``weights``: E z^2 at some layers, and what a gradient has become some layers down."""

    activation: str
    weights: Fraction
    layers: tuple[int, ...]
    down: int
    law: str = "normal"
    width: int = 48
    networks: int = 120


def _growth(activation: str, weights: float, factor: float, law: str, label: str) -> Experiment:
    run = Run(activation, 64, 10, law, 400) if law == "normal" else Run(activation, 48, 8, law, 120)
    claims = MappingProxyType({"claim_growth": factor})
    return Experiment((run,), claims, rule=False, weights=weights, label=label)


PLANS: Mapping[str, Growth | Limit] = MappingProxyType(
    {
        "why-five-thirds": Limit("tanh", Fraction(25, 9), (2, 8), 3),
        "why-selu-three-quarters": Limit("selu", Fraction(9, 16), (2, 8), 3),
        "why-siren": Limit("sin", Fraction(2), (2, 8), 3, law="uniform"),
        "why-a-sqrt-five": Growth(
            (
                _growth("relu", 1 / 3, 1 / 6, "uniform", "relu, the default"),
                _growth("identity", 1 / 3, 1 / 3, "uniform", "no activation, the default"),
            ),
            (("relu, the default 1/(3n)", "relu", 1 / 3), ("relu, 2/n", "relu", 2.0)),
        ),
        "why-sqrt-two": Growth(
            (
                _growth("relu", 2.0, 1.0, "normal", "gain sqrt(2)"),
                _growth("relu", SLIP, SLIP / 2, "normal", "the variance instead"),
                _growth("relu", 1.0, 0.5, "normal", "gain 1"),
            ),
            (("gain sqrt(2)", "relu", 2.0), ("the variance instead", "relu", SLIP), ("gain 1", "relu", 1.0)),
        ),
    }
)


def gather(name: str, *, full: bool = False) -> Simulated:
    """What is measured for a page."""
    plan = PLANS[name]
    return _limits(plan, full=full) if isinstance(plan, Limit) else _growths(plan, full=full)


def evidence(name: str, *, full: bool = False) -> Evidence:
    """The same with the figure that is drawn of simulated networks, if the page has one."""
    plan = PLANS[name]
    return Evidence(gather(name, full=full), None if isinstance(plan, Limit) else _picture(plan))


# --- growth -----------------------------------------------------------------------------------------------------------


def _growths(plan: Growth, *, full: bool) -> Simulated:
    design = (
        "One replicate is one network, drawn by the sampler that is named last. `agree` says that the interval, which "
        "holds for all claims of a run together, lies within 5% of the claim; the control has to be told apart."
    )
    return measured(plan.experiments, None, full=full, figure=None, design=design)


def _picture(plan: Growth) -> str:
    none: Mapping[str, float] = MappingProxyType({})
    curves = [
        curve_of(label, networks_of(Experiment((), none, rule=False, weights=w), Run(f, 64, 10, "normal", 400)))
        for label, f, w in plan.figure
    ]
    return moments_by_layer(curves)


# --- mean-field numbers -----------------------------------------------------------------------------------------------


def _limits(plan: Limit, *, full: bool) -> Simulated:
    run = Run(plan.activation, plan.width, max(plan.layers), plan.law, plan.networks)
    drawn = Experiment((run,), MappingProxyType({}), rule=False, weights=float(plan.weights))
    rows, digest = _compared(plan, drawn, run, "", full=full)
    excess = replace(drawn, weights=drawn.weights * EXCESS)
    fewer = replace(run, networks=run.networks // FEWER)
    control, other = _compared(plan, excess, fewer, "control, half as much variance again: ", full=full)
    noticed = any(row[-1] == "disagree" for row in control)
    return Simulated(
        design=(
            f"n Var(W) = {plan.weights}. Claimed is the limit of wide networks, which a finite width does not meet "
            f"exactly: `agree` says that the interval, which holds for all rows of a run together, lies within "
            f"{NEAR:.0%} of it, `disagree` that it lies wholly outside. One replicate is one network, drawn by the "
            "sampler that is named last, which draws matrices; the control has to be told apart."
        ),
        headings=("networks", "what is claimed", "claimed", "measured", "interval", "verdict"),
        rows=(*rows, *control),
        verdict=together([row[-1] for row in rows], noticed=noticed),
        error_rate=f"{ERROR_RATE:g}",
        command=command(full=full),
        run=joined([digest, other]),
    )


def _compared(plan: Limit, drawn: Experiment, run: Run, note: str, *, full: bool) -> tuple[list[tuple[str, ...]], str]:
    """Rows for E z^2 at the layers and for a gradient, and the digest of the run."""
    rate = ERROR_RATE / (len(plan.layers) + 1)
    result: Any = networks_of(drawn, run, error_rate=rate, full=full)
    moments = _moments(plan, run.depth)
    claims = [(f"E z^2 at layer {k}", moments[k - 1], result.layers[k - 1].second_moment) for k in plan.layers]
    gradient = _gradient(plan, moments[run.depth - plan.down :])
    claims.append((f"gradient, {plan.down} layers down", gradient, result.layers[run.depth - plan.down].gradient))
    name = f"{note}{result.networks} x {run.activation}, width {run.width}, depth {run.depth}, {run.law} weights"
    return [_row(f"{name}, {result.method}", *claim) for claim in claims], result.digest


def _moments(plan: Limit, depth: int) -> list[Any]:
    """E z^2 by layer: sigma_w^2 behind an input of second moment 1, then the variance map again and again."""
    layer = Layer(read(plan.activation), plan.weights)
    found = [exact(plan.weights)]
    while len(found) < depth:
        found.append(layer.variance(found[-1], digits=WORKING))
    return found


def _gradient(plan: Limit, moments: list[Any]) -> Any:
    """The product of chi_perp = sigma_w^2 E f'(z)^2 over these layers."""
    layer, product = Layer(read(plan.activation), plan.weights), exact(Fraction(1))
    for q in moments:
        product = product * layer.chi_perpendicular(q, digits=WORKING)
    return product


def _row(name: str, what: str, claimed: Any, interval: Any) -> tuple[str, ...]:
    number = float(claimed.mid())
    if interval.estimate is None:
        return name, what, _figure(number), "too few networks", "none", "inconclusive"
    low, high = interval.low, interval.high
    inside = number * (1 - NEAR) <= low and high <= number * (1 + NEAR)
    outside = high < number * (1 - NEAR) or low > number * (1 + NEAR)
    word = "agree" if inside else "disagree" if outside else "inconclusive"
    return name, what, _figure(number), _figure(interval.estimate), f"[{_figure(low)}, {_figure(high)}]", word


def _figure(x: float) -> str:
    return f"{x:.3g}"
