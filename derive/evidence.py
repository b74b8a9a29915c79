"""The bridge to ``montecarlo``: theorems become numbers, and numbers are what is simulated and judged.

A rule is evaluated at each network's width, weights are drawn with the variance that it gives, and what it promises is
tested layer by layer: a rule that keeps the signal has growth 1. Each experiment has a control, the same networks with
ten per cent more weight variance, in which the same test has to notice: a test that cannot disagree shows nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import montecarlo as mc
from derive.language import theorem as th
from derive.language.document import Statement
from derive.language.parser import parse_term
from derive.language.printer import term_text
from derive.language.terms import Add, Apply, Mul, Name, Neg, Num, Pow, Recip, Term
from derive.report.figures import Curve, moments_by_layer
from derive.report.values import Simulated
from derive.verdict import TheoremVerdict

ERROR_RATE = 0.001  # of a wrong word in one run, over all its claims
DELTA = 0.05  # "agree" means: within 5 %, shown
EXCESS = 1.1  # the control's weight variance, relative to the rule's
FULL_NETWORKS = 8  # how many times as many networks --full simulates
SEED = 2026
SLOPE = 0.2  # of the leaky rectifier in its experiments
DIGITS = 3


@dataclass(frozen=True, slots=True)
class Run:
    """One kind of network: its activation, width, depth and weight law, and how many are drawn.

    pattern: widths that come back in turn, the input's first; a network of one width has none.
    """

    activation: str
    width: int
    depth: int
    law: str
    networks: int
    pattern: tuple[int, ...] = ()

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of all layers, the input's first."""
        turn = self.pattern or (self.width,)
        return tuple(turn[k % len(turn)] for k in range(self.depth + 1))


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is simulated for a theorem.

    fan: which size the rule's variance is relative to. claims: what is claimed, by the names of ``montecarlo.Spec``.
    rule: whether the weight variance is the theorem's; ``weights`` is n Var(W) otherwise. biases: their variance.
    label: what tells it from others in one table.
    """

    runs: tuple[Run, ...]
    claims: Mapping[str, float]
    fan: str = "in"
    rule: bool = True
    weights: float = 1.0
    biases: float = 0.0
    figure: bool = False
    label: str = ""


def _runs(activation: str, *, laws: tuple[str, str, str] = ("normal", "uniform", "rademacher")) -> tuple[Run, ...]:
    return (
        Run(activation, 16, 20, laws[0], 400),
        Run(activation, 64, 20, laws[1], 100),
        Run(activation, 128, 10, laws[2], 60),
    )


# Backward growth rests on |w|^2, which Rademacher weights fix: there would be nothing to measure.
_SPREAD = ("normal", "uniform", "truncated-normal")
_KEPT = MappingProxyType({"claim_growth": 1.0})
_KEPT_BACKWARD = MappingProxyType({"claim_gradient_growth": 1.0})
_BOTH = MappingProxyType({"claim_growth": 1.0, "claim_gradient_growth": 1.0})
_WEIGHTS = MappingProxyType({"claim_sigma_w2": 1.0})  # relative to what is drawn
SLIP = 2 * math.pi / (math.pi - 1)  # n Var(W) under the slip of `relu-variance-slip`

EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {
        "preactivation-variance": Experiment(_runs("identity"), _WEIGHTS, rule=False, weights=0.7),
        "preactivation-second-moment": Experiment(
            (*_runs("tanh")[:2], Run("sigmoid", 64, 10, "truncated-normal", 100)),
            _WEIGHTS,
            rule=False,
            weights=1.5,
        ),
        "preactivation-with-bias": Experiment(_runs("tanh")[:2], _WEIGHTS, rule=False, weights=1.5, biases=0.3),
        "forward-rule": Experiment(_runs("identity"), _KEPT, figure=True),
        "backward-rule": Experiment(_runs("identity", laws=_SPREAD), _KEPT_BACKWARD, fan="out"),
        "glorot-rule": Experiment(_runs("identity", laws=_SPREAD), _BOTH, fan="average", figure=True),
        "glorot-uniform": Experiment(
            _runs("identity", laws=("uniform", "uniform", "uniform"))[:2], _BOTH, fan="average"
        ),
        "he-rule": Experiment(_runs("relu", laws=("normal", "uniform", "normal")), _KEPT, figure=True),
        "he-backward-rule": Experiment(_runs("relu", laws=("normal", "uniform", "normal")), _KEPT_BACKWARD, fan="out"),
        "leaky-relu-rule": Experiment(_runs("leaky", laws=("normal", "uniform", "normal"))[:2], _KEPT),
        "relu-second-moment": Experiment(
            _runs("relu", laws=("normal", "uniform", "normal"))[:2],
            MappingProxyType({"claim_activation": 0.5}),
            rule=False,
        ),
        "depth-product": Experiment(
            (Run("identity", 0, 12, "normal", 150, (24, 96, 48)), Run("identity", 0, 12, "uniform", 150, (64, 16))),
            MappingProxyType({"claim_growth": 0.8}),
            rule=False,
            weights=0.8,
        ),
        "depth-product-backward": Experiment(
            (
                Run("identity", 24, 12, "normal", 150),
                Run("identity", 64, 12, "uniform", 100),
                Run("identity", 0, 12, "normal", 150, (24, 96, 48)),
            ),
            MappingProxyType({"claim_gradient_growth": 0.8}),
            fan="out",
            rule=False,
            weights=0.8,
        ),
        "three-regimes": Experiment(
            _runs("identity"), MappingProxyType({"claim_growth": 0.8}), rule=False, weights=0.8
        ),
        "three-regimes-backward": Experiment(
            _runs("identity", laws=_SPREAD),
            MappingProxyType({"claim_gradient_growth": 1.25}),
            fan="out",
            rule=False,
            weights=1.25,
        ),
        "he-rule-three-layers": Experiment(
            (Run("relu", 0, 3, "uniform", 2000, (12, 48, 24, 96)), Run("relu", 0, 3, "normal", 2000, (96, 24, 48, 12))),
            _KEPT,
            rule=False,
            weights=2.0,
        ),
        "relu-variance-slip": Experiment(
            (
                Run("relu", 64, 12, "normal", 200),
                Run("relu", 32, 8, "uniform", 200),
                Run("relu", 0, 8, "normal", 400, (16, 96)),
            ),
            MappingProxyType({"claim_growth": SLIP / 2}),
            rule=False,
            weights=SLIP,
        ),
        "torch-linear-default": Experiment(
            (Run("relu", 64, 12, "uniform", 200), Run("relu", 0, 8, "uniform", 150, (32, 128))),
            MappingProxyType({"claim_growth": 1 / 6}),
            rule=False,
            weights=1 / 3,
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was simulated for a theorem, and its figure as SVG text."""

    simulated: Simulated
    figure: str | None


class NoNumber(Exception):
    """A term has no value at the sizes given."""


def gather(statement: Statement, verdict: TheoremVerdict, *, full: bool = False) -> Evidence | None:
    """Simulate what the theorem promises; None where it promises nothing about networks."""
    experiment = EXPERIMENTS.get(statement.name)
    if experiment is None:
        return None
    rule = _rule(statement, verdict) if experiment.rule else None
    if experiment.rule and rule is None:
        return None
    drawn = experiment.figure and rule is not None
    simulated = measured(
        (experiment,), rule, full=full, figure=f"{statement.name}.svg" if drawn else None, design=_design(experiment)
    )
    return Evidence(simulated, _figure(statement.name, experiment, rule) if drawn and rule is not None else None)


def measured(
    experiments: tuple[Experiment, ...], rule: Term | None, *, full: bool, figure: str | None, design: str
) -> Simulated:
    """Networks of several experiments and one control, that of the first, which has to be told apart."""
    rows: list[tuple[str, ...]] = []
    words: list[str] = []
    digests: list[str] = []
    for experiment in experiments:
        for run in experiment.runs:
            spec = _spec(experiment, run, rule, full=full)
            result = simulated_networks(spec)
            rows += _rows(run, spec, result, experiment.label)
            words += [c.verdict.value for c in result.claims]
            digests.append(result.digest)
    first = experiments[0]
    control = _control(first, _spec(first, first.runs[0], rule, full=full))
    rejected = simulated_networks(control)
    rows += _rows(first.runs[0], control, rejected, _CONTROL)
    digests.append(rejected.digest)
    noticed = any(c.verdict.value == "disagree" for c in rejected.claims)
    return Simulated(
        design=design,
        headings=("networks", "what is claimed", "claimed", "measured", "interval", "verdict"),
        rows=tuple(rows),
        verdict=together(words, noticed=noticed),
        error_rate=f"{ERROR_RATE:g}",
        command=command(full=full),
        run=joined(digests),
        figure=figure,
    )


def command(*, full: bool) -> str:
    """The command that simulates again."""
    return "python -m derive --full" if full else "python -m derive"


_CONTROL = "control, 10 % more variance"


def networks_of(experiment: Experiment, run: Run, *, error_rate: float = ERROR_RATE, full: bool = False) -> mc.Result:
    """The networks of one run of an experiment that has no rule; each interval has the error rate by itself."""
    return simulated_networks(replace(_spec(experiment, run, None, full=full), error_rate=error_rate))


def curve_of(label: str, result: mc.Result) -> Curve:
    """Second moments of z by layer."""
    return _curve(label, [layer.second_moment for layer in result.layers])


def simulated_networks(spec: mc.Spec) -> mc.Result:
    """By a sampler in double precision: its figures are the same on every kind of machine, to the digits shown."""
    homogeneous = spec.f.slopes is not None and spec.sigma_b2 == 0 and spec.claim_activation is None
    method = "chain" if homogeneous and spec.weight_law.gaussian else "dense"
    return mc.simulate(spec, method=method)  # where reports are made, processes share the cores already


def _rule(statement: Statement, verdict: TheoremVerdict) -> Term | None:
    """The weight variance that the theorem found, or states as the right side of its equivalence."""
    if verdict.verdict != "proved":
        return None
    if verdict.found is not None:
        return parse_term(verdict.found)
    match statement.theorem.claim:
        case th.Equivalence(right=relation) | th.Show(relation=relation):
            stated = isinstance(left := relation.terms[0], Apply) and left.function == "Var"
            return relation.terms[-1] if stated else None
        case _:
            return None


def _spec(experiment: Experiment, run: Run, rule: Term | None, *, full: bool) -> mc.Spec:
    """The networks of a run: n Var(W) from the rule at this width, or from the experiment."""
    sizes = dict.fromkeys(("n", "n_in", "n_out", "m"), float(run.width))
    weights = experiment.weights if rule is None else run.width * value(rule, {**sizes, "alpha": SLOPE})
    claims = {k: weights * v if k == "claim_sigma_w2" else v for k, v in experiment.claims.items()}
    spec = mc.Spec(
        activation=mc.leaky_relu(SLOPE) if run.activation == "leaky" else run.activation,
        widths=run.widths,
        sigma_w2=weights,
        sigma_b2=experiment.biases,
        law=run.law,
        fan=experiment.fan,
        networks=run.networks * (FULL_NETWORKS if full else 1),
        seed=SEED,
        precision="double",
        delta=DELTA,
        error_rate=ERROR_RATE,
    )
    return replace(spec, **claims)


def _control(experiment: Experiment, spec: mc.Spec) -> mc.Spec:
    """The same claims about networks that do not meet them: more variance, or for a share of relu a leaky one."""
    if "claim_activation" in experiment.claims:
        return replace(spec, activation=mc.leaky_relu(SLOPE))
    return replace(spec, sigma_w2=spec.sigma_w2 * EXCESS)


def _rows(run: Run, spec: mc.Spec, result: mc.Result, note: str) -> list[tuple[str, ...]]:
    width = f"widths {', '.join(map(str, run.pattern))} in turn" if run.pattern else f"width {run.width}"
    drawn = f"{spec.weight_law.name} weights, {result.method}"
    name = f"{result.networks} x {spec.f.name}, {width}, depth {run.depth}, {drawn}"
    if note:
        what = "control, leaky" if note == _CONTROL and spec.activation == mc.leaky_relu(SLOPE) else note
        name = f"{what}: {name}"
    dead = f" ({result.dead_networks} dead)" if result.dead_networks else ""
    return [
        (
            name + dead,
            claim.claim,
            _rounded(claim.claimed),
            _rounded(claim.estimate),
            f"[{_rounded(claim.low)}, {_rounded(claim.high)}]",
            claim.verdict.value,
        )
        for claim in result.claims
    ]


def _rounded(x: float) -> str:
    return f"{x:.{DIGITS}f}"


def together(words: list[str], *, noticed: bool) -> str:
    """One word for all claims; nothing agrees unless the control was noticed."""
    if "disagree" in words:
        return "disagree"
    return "agree" if noticed and set(words) == {"agree"} else "inconclusive"


def joined(digests: list[str]) -> str:
    """One digest for several runs."""
    import hashlib

    return hashlib.sha256(" ".join(digests).encode()).hexdigest()


def _design(experiment: Experiment) -> str:
    drawn = (
        "Weights have the variance that the rule gives at each width"
        if experiment.rule
        else f"Weights have n Var(W) = {experiment.weights:.4g}"
    )
    biases = f", biases the variance {experiment.biases:g}" if experiment.biases else ""
    return (
        f"{drawn}{biases}; one replicate is one network, drawn by the sampler that is named last. `agree` says that "
        f"the interval, which holds for all claims of a run together, lies within {DELTA:.0%} of the claim; the "
        "control has to be told apart."
    )


# --- figures --------------------------------------------------------------------------------------


def _figure(name: str, experiment: Experiment, rule: Term) -> str:
    """Second moments by layer under the rule, half and twice its variance."""
    base = _spec(experiment, replace(experiment.runs[1], law="normal"), rule, full=False)
    forward: list[Curve] = []
    backward: list[Curve] = []
    for label, factor in ((f"the rule, {term_text(rule)}", 1.0), ("half of it", 0.5), ("twice", 2.0)):
        result = simulated_networks(replace(base, sigma_w2=base.sigma_w2 * factor))
        forward.append(_curve(label, [layer.second_moment for layer in result.layers]))
        backward.append(_curve(label, [layer.gradient for layer in result.layers]))
    width, depth = base.widths[0], base.depth
    title = f"{name}: {base.networks} networks, {base.f.name}, width {width}, depth {depth}"
    return moments_by_layer(forward, backward, title=title)


def _curve(label: str, intervals: list[mc.Interval]) -> Curve:
    def numbers(values: list[float | None]) -> tuple[float, ...]:
        return tuple(float("nan") if v is None else v for v in values)

    return Curve(
        label,
        numbers([i.estimate for i in intervals]),
        numbers([i.low for i in intervals]),
        numbers([i.high for i in intervals]),
    )


# --- terms -> numbers -----------------------------------------------------------------------------


def value(term: Term, names: Mapping[str, float]) -> float:
    """The value of a term of constants and sizes. Raises ``NoNumber`` for anything else."""
    match term:
        case Num(value=number):
            return float(number)
        case Name(name=name) if name in names:
            return names[name]
        case Neg(term=inner):
            return -value(inner, names)
        case Recip(term=inner):
            return 1 / value(inner, names)
        case Add(terms=terms):
            return sum(value(t, names) for t in terms)
        case Mul(factors=factors):
            out = 1.0
            for factor in factors:
                out *= value(factor, names)
            return out
        case Pow(base=base, exponent=exponent):
            return value(base, names) ** value(exponent, names)
        case Apply(function="sqrt", args=(inner,)):
            return value(inner, names) ** 0.5
        case _:
            raise NoNumber(f"{term_text(term)} has no value here")
