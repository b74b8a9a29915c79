"""The answer: intervals by layer, judged claims, and a digest to compare runs by."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field

from montecarlo.spec import Json, Spec
from montecarlo.statistics.verdict import Claim


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval; log10 of the estimate where that is a number.

    `estimate`, `low` and `high` are None outside the range of a double, `high` also if there is no
    upper bound; all four are None where nothing honest can be said (too few networks, too heavy tails).
    """

    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    log10: float | None = None

    @staticmethod
    def from_logs(estimate: float, low: float, high: float) -> Interval:
        """From natural logarithms; nan says that nothing is known, -inf that the number is 0."""
        if math.isnan(estimate):
            return Interval()
        log10 = estimate / math.log(10) if math.isfinite(estimate) else None
        return Interval(_exp(estimate), _exp(low), _exp(high), log10)

    def as_json(self) -> dict[str, Json]:
        """The four fields."""
        return {
            "estimate": self.estimate,
            "low": self.low,
            "high": self.high,
            "log10": self.log10,
        }


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer l = 1 to L; each interval by itself has the run's error rate.

    Args:
        layer: l.
        second_moment: E|z_l|^2/n_l relative to |x|^2/n_0.
        gradient: E|g_{l-1}|^2/n_{l-1} relative to |g_L|^2/n_L: what arrives at the inputs of the
            layer.
        ratio: Var(W_l) measured by |u_l|^2, relative to the claim (to the spec where nothing is
            claimed).
        correlation: mean over networks of the correlation z_l(x).z_l(y)/(|z_l(x)| |z_l(y)|), itself the mean over the
            pairs of inputs, among networks that have it; None for a single input.
        gradient_correlation: the same of the gradients g_{l-1}.
        mean: mean over networks of sum z_i/n in units of sqrt(sum z_i^2/n), among those with z != 0; None if moments
            were not asked for.
        kurtosis: likewise of sum z_i^4/n in units of (sum z_i^2/n)^2; 3n/(n + 2) if the z_i are iid normal.
        weight_gradient: the mean square of the entries of dW_l = delta_l a_{l-1}^T, relative to |g_L|^2/n_L and
            |x|^2/n_0.
    """

    layer: int
    second_moment: Interval
    gradient: Interval
    ratio: Interval
    correlation: Interval | None = None
    gradient_correlation: Interval | None = None
    mean: Interval | None = None
    kurtosis: Interval | None = None
    weight_gradient: Interval | None = None

    def as_json(self) -> dict[str, Json]:
        """The number, the three intervals, and whatever else was measured."""
        more = {
            "correlation": self.correlation,
            "gradient_correlation": self.gradient_correlation,
            "mean": self.mean,
            "kurtosis": self.kurtosis,
            "weight_gradient": self.weight_gradient,
        }
        return {
            "layer": self.layer,
            "second_moment": self.second_moment.as_json(),
            "gradient": self.gradient.as_json(),
            "ratio": self.ratio.as_json(),
            **{name: interval.as_json() for name, interval in more.items() if interval is not None},
        }


@dataclass(frozen=True, slots=True)
class Result:
    """What `simulate` returns.

    Args:
        spec: the question.
        method: the sampler that drew the networks (`montecarlo.samplers`).
        networks: how many were simulated.
        dead_networks: those in which some a_l is 0 (of the first input, where there are several); they are part of
            every mean.
        layers: one `Layer` for l = 1 to L.
        claims: one judged `Claim` for each claim of the spec, in the order of
            `montecarlo.judgement`.
        notes: what was refused, and what would help.
        seconds: wall time; no part of the result, not compared.
    """

    spec: Spec
    method: str
    networks: int
    dead_networks: int
    layers: tuple[Layer, ...]
    claims: tuple[Claim, ...]
    notes: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def digest(self) -> str:
        """SHA-256 over the JSON without seconds, rounded to 6 digits (logarithms: 6 decimals).

        On one machine it is the same for any number of workers, to the bit: streams belong to
        blocks, and blocks are added up in order. On another machine BLAS and the elementary
        functions may round the last bit otherwise. Figures of double precision then agree to about
        1e-13, and one of them lies within that of a rounding boundary with a probability of about
        1e-7; so a different digest there calls for a look at the figures, an equal one proves that
        they agree. Those of single precision agree to about 1e-7 if they do, and a number that is
        kept there and rejected here moves all draws of its block that follow.
        Two cases are beyond rounding: another version of NumPy may draw other random numbers (NEP
        19), and a chaotic network (tanh or sin with large sigma_w2) doubles a last bit every few
        layers until, some 50 doublings on, its values are others, though no less random.
        """
        text = json.dumps(_canonical(self._figures()), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def as_json(self) -> dict[str, Json]:
        """The JSON of `python -m montecarlo --json`."""
        return {**self._figures(), "digest": self.digest, "seconds": round(self.seconds, 3)}

    def _figures(self) -> dict[str, Json]:
        return {
            "spec": self.spec.as_json(),
            "method": self.method,
            "networks": self.networks,
            "dead_networks": self.dead_networks,
            "layers": [layer.as_json() for layer in self.layers],
            "claims": [
                {
                    "claim": claim.claim,
                    "verdict": claim.verdict.value,
                    "delta": claim.delta,
                    "error_rate": claim.error_rate,
                    "p_value": claim.p_value,
                }
                for claim in self.claims
            ],
        }


def _canonical(value: Json, key: str = "") -> Json:
    match value:
        case dict():
            return {name: value[name] if name == "spec" else _canonical(value[name], name) for name in value}
        case list():
            return [_canonical(item) for item in value]
        case float():
            # An error of log10 is one of the number itself; + 0.0 turns -0.0 into 0.0.
            return str(round(value, 6) + 0.0) if key == "log10" else f"{value + 0.0:.6g}"
        case _:
            return value


def _exp(logarithm: float) -> float | None:
    if logarithm == -math.inf:
        return 0.0
    if not math.log(5e-324) < logarithm < math.log(1.7976931348623157e308):
        return None
    return math.exp(logarithm)
