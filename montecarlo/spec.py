"""The question: which networks, how many, and which numbers are claimed about them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from montecarlo.activations import Activation, find_activation
from montecarlo.errors import InputError
from montecarlo.inputs import check_inputs
from montecarlo.laws import Law, find_law
from montecarlo.network import Network, draw, fan_size
from montecarlo.sentences import FAN_TEXT
from montecarlo.statistics.growth import FEWEST

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MOST_LAYERS, MOST_WIDTH = 1_000_000, 1_000_000_000
PRECISIONS = ("auto", "double", "single")
SMALLEST_SCALE = 1e-9
LEAST, MOST = 1e-100, 1e100  # variances whose squares are still doubles
SINGLE = 1e30  # a layer may change variances by that, or their inverse, and stay in the range of single precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Networks z_l = W_l a_{l-1} + b_l, a_l = f(z_l), and claims about them.

    Var(W_l) = sigma_w2/fan, b_l ~ N(0, sigma_b2). Inputs are uniform on the sphere |x|^2 = n_0.
    Every claim is a number; how it is tested stands in `montecarlo.judgement`, its wording in
    `montecarlo.sentences`.

    Args:
        activation: a name (`ACTIVATIONS`) or an `Activation`.
        widths: (n_0, n_1, ..., n_L), input first.
        sigma_w2: fan times Var(W).
        sigma_b2: variance of the biases, which are Gaussian.
        law: a name (`LAWS`) or a `Law` for the weights.
        fan: "in", "out" or "average".
        networks: how many; each is one replicate.
        seed: not negative; same spec, same result, for any number of workers.
        claim_sigma_w2: claimed fan times Var(W), tested forward and backward; any activation.
        claim_activation: claimed E|f(z)|^2/E|z|^2; homogeneous activation, symmetric law.
        claim_derivative: claimed E|f'(z) g|^2/E|g|^2 for gradients g; the same.
        claim_growth: claimed factor from E|z_l|^2/n_l to the next layer's; the same, without
            biases, fan "in" or equal widths after the input.
        claim_gradient_growth: claimed factor from E|g_l|^2/n_l to E|g_{l-1}|^2/n_{l-1}, g_l the
            gradient with respect to a_l, between hidden layers of networks alive so far;
            homogeneous, symmetric, fan "out" or equal widths after the input. Laws with atoms
            (rademacher, sparse) make z = 0 now and then; if f'(0) = 0 that gradient is lost as
            well, which shows at small widths.
        inputs: B, how many each network is shown. Weights and biases are the same for all of them. What is claimed
            and measured is that of the first input; beside it, correlations between inputs by layer.
        correlation: x_b.x_c/n_0 for each two inputs, exactly; -1/(B - 1) to 1.
        residual: c in a_l = a_{l-1} + c f(z_l), for equal widths; None: a_l = f(z_l). Then there is no one factor of
            growth, and claim_growth and claim_gradient_growth are refused.
        moments: measure also mean and kurtosis of z and the gradient with respect to the weights, by layer.
        precision: of random numbers and vectors. "double": NumPy's own generators, 53 bits, the same figures on every
            kind of processor. "single": 24 bits and several times as fast (`montecarlo.draws`, `montecarlo.single`).
            "auto": single for normal weights and homogeneous activations, whose values never leave its range and whose
            tests never see its rounding; double otherwise.
        delta: relative tolerance for "agree".
        error_rate: at most this is the probability of a wrong "disagree" in the run, and of a wrong
            "agree".

    Raises:
        InputError: a size, variance, rate or claim is impossible or does not fit the network.
    """

    activation: str | Activation = "relu"
    widths: tuple[int, ...] = (64,) * 21
    sigma_w2: float = 2.0
    sigma_b2: float = 0.0
    law: str | Law = "normal"
    fan: str = "in"
    networks: int = 400
    seed: int = 0
    claim_sigma_w2: float | None = None
    claim_activation: float | None = None
    claim_derivative: float | None = None
    claim_growth: float | None = None
    claim_gradient_growth: float | None = None
    inputs: int = 1
    correlation: float = 0.0
    residual: float | None = None
    moments: bool = False
    precision: str = "auto"
    delta: float = 0.02
    error_rate: float = 0.001

    def __post_init__(self) -> None:
        """Refuses what cannot be simulated or judged."""
        _check_sizes(self)
        _check_numbers(self)
        check_inputs(inputs=self.inputs, correlation=self.correlation, width=self.widths[0])
        _check_claims(self)
        _check_residual(self)

    @property
    def f(self) -> Activation:
        """The activation itself."""
        found = self.activation
        return find_activation(found) if isinstance(found, str) else found

    @property
    def weight_law(self) -> Law:
        """The law itself."""
        return find_law(self.law) if isinstance(self.law, str) else self.law

    @property
    def single(self) -> bool:
        """Whether random numbers and vectors are of 24 bits; with "auto" only where no range can be left."""
        if self.precision == "auto":
            return self.weight_law.gaussian and self.f.slopes is not None and _fits_single(self)
        return self.precision == "single"

    @property
    def claims(self) -> dict[str, float | None]:
        """The claims by name."""
        return {
            "claim_sigma_w2": self.claim_sigma_w2,
            "claim_activation": self.claim_activation,
            "claim_derivative": self.claim_derivative,
            "claim_growth": self.claim_growth,
            "claim_gradient_growth": self.claim_gradient_growth,
        }

    @property
    def depth(self) -> int:
        """L, the number of weight matrices."""
        return len(self.widths) - 1

    def weight_variance(self, layer: int) -> float:
        """Var(W_l) for the layer l = 1 to L."""
        n_in, n_out = self.widths[layer - 1], self.widths[layer]
        return self.sigma_w2 / fan_size(self.fan, n_in=n_in, n_out=n_out)

    @property
    def weight_variances(self) -> list[float]:
        """Var(W_1), ..., Var(W_L)."""
        return [self.weight_variance(layer) for layer in range(1, self.depth + 1)]

    def network(self, rng: np.random.Generator, *, batch: tuple[int, ...] = ()) -> Network:
        """Dense networks of these widths and laws, all of their matrices in memory: a batch of them."""
        return draw(
            rng,
            widths=self.widths,
            activation=self.f,
            law=self.weight_law,
            fan=self.fan,
            sigma_w2=self.sigma_w2,
            sigma_b2=self.sigma_b2,
            residual=self.residual,
            batch=batch,
        )

    def as_json(self) -> dict[str, Json]:
        """Every field; functions and laws by name, so those of your own need names of their own."""
        return {
            "activation": self.f.name,
            "widths": list(self.widths),
            "sigma_w2": float(self.sigma_w2),
            "sigma_b2": float(self.sigma_b2),
            "law": self.weight_law.name,
            "fan": self.fan,
            "networks": self.networks,
            "seed": self.seed,
            **{name: None if value is None else float(value) for name, value in self.claims.items()},
            **({"inputs": self.inputs, "correlation": float(self.correlation)} if self.inputs > 1 else {}),
            **({"moments": True} if self.moments else {}),
            **({"precision": "single"} if self.single else {}),
            **({"residual": float(self.residual)} if self.residual is not None else {}),
            "delta": float(self.delta),
            "error_rate": float(self.error_rate),
        }


def _check_sizes(spec: Spec) -> None:
    if len(spec.widths) > MOST_LAYERS + 1:
        raise InputError(f"{len(spec.widths) - 1:,} layers are too many; write at most {MOST_LAYERS:,}")
    if len(spec.widths) < 2 or min(spec.widths) < 1:
        raise InputError(
            f"widths {_short(spec.widths)} do not make a network; "
            f"write at least two positive sizes, input first, e.g. (64, 64, 10)"
        )
    if max(spec.widths) > MOST_WIDTH:
        raise InputError(f"{max(spec.widths):,} neurons are too many for a layer; write at most {MOST_WIDTH:,}")
    if spec.networks < 1:
        raise InputError(f"{spec.networks} networks cannot be simulated; write at least 1")
    if spec.seed < 0:
        raise InputError(f"seed {spec.seed} is negative; write a seed of 0 or more")


def _check_numbers(spec: Spec) -> None:
    if spec.fan not in FAN_TEXT:
        raise InputError(f"fan {spec.fan!r} is not known; write 'in', 'out' or 'average'")
    if not LEAST <= spec.sigma_w2 <= MOST:
        raise InputError(f"sigma_w2 = {spec.sigma_w2:g} is not usable; write a variance from {LEAST:g} to {MOST:g}")
    if spec.sigma_b2 != 0 and not LEAST <= spec.sigma_b2 <= MOST:
        raise InputError(
            f"sigma_b2 = {spec.sigma_b2:g} is not usable; write 0 or a variance from {LEAST:g} to {MOST:g}"
        )
    if spec.precision not in PRECISIONS:
        raise InputError(f"precision {spec.precision!r} is not known; write one of: {', '.join(PRECISIONS)}")
    signs = spec.weight_law.excess_kurtosis == -2 and min(spec.widths) == 1
    if spec.precision == "single" and (spec.weight_law.orthogonal or signs):
        raise InputError(
            f"|W a| has no variance for {spec.weight_law.name} weights and these widths, and is tested to nine digits; "
            f"write precision = 'double'"
        )
    if spec.precision == "single" and not _fits_single(spec):
        raise InputError(
            f"variances, and the slopes and scales that multiply them, leave the range of single precision beyond "
            f"{SINGLE:g} within one layer; write precision = 'double'"
        )
    if not 0 < spec.delta < 1:
        raise InputError(f"delta = {spec.delta:g} is no tolerance; write a number between 0 and 1")
    if not 0 < spec.error_rate <= 0.5:
        raise InputError(f"error_rate = {spec.error_rate:g} is no rate; write one between 0 and .5")


def _fits_single(spec: Spec) -> bool:
    slope = max(map(abs, spec.f.slopes or (1.0,)))
    scales = (1.0 if spec.residual is None else spec.residual, slope or 1.0)
    variances = (spec.sigma_w2, spec.sigma_b2 or 1.0, *(scale**4 for scale in scales))
    return all(1 / SINGLE <= variance <= SINGLE for variance in variances)


def _check_residual(spec: Spec) -> None:
    if spec.residual is None:
        return
    if not SMALLEST_SCALE <= spec.residual <= 1 / SMALLEST_SCALE:
        raise InputError(
            f"residual = {spec.residual:g} is no usable scale; write one from {SMALLEST_SCALE:g} to "
            f"{1 / SMALLEST_SCALE:g}, or leave it out for networks without residual connections"
        )
    if len(set(spec.widths)) > 1:
        raise InputError(
            f"residual connections add a layer's input to its output, and widths {_short(spec.widths)} differ; "
            f"write equal widths, input included"
        )
    for name in ("claim_growth", "claim_gradient_growth"):
        if spec.claims[name] is not None:
            raise InputError(f"{name}: with residual connections growth is not one factor; leave it out")


def _check_claims(spec: Spec) -> None:
    slopes, symmetric = spec.f.slopes, spec.weight_law.symmetric
    made = {name: value for name, value in spec.claims.items() if value is not None}
    for name, value in made.items():
        if not 0 < value < math.inf:
            raise InputError(f"{name} = {value:g} is impossible; write a positive number")
        if not spec.weight_law.centred:
            raise InputError(
                f"{name}: weights of law {spec.weight_law.name} have a mean that is not 0, and no test of it is "
                f"valid for them; leave the claim out, or write another law"
            )
        if name != "claim_sigma_w2" and (slopes is None or not symmetric):
            raise InputError(
                f"{name} needs a homogeneous activation (relu, leaky_relu, abs, identity) and a "
                f"symmetric law: for {spec.f.name} with {spec.weight_law.name} the factor is not "
                f"one number; leave it out, claim_sigma_w2 works for every activation"
            )
    if "claim_growth" in made and spec.sigma_b2 > 0:
        raise InputError("claim_growth: biases add to E|z|^2, no factor; write sigma_b2 = 0")
    _check_growth(spec, "claim_growth", fan="in", made="claim_growth" in made)
    _check_growth(spec, "claim_gradient_growth", fan="out", made="claim_gradient_growth" in made)


def _check_growth(spec: Spec, name: str, *, fan: str, made: bool) -> None:
    if not made:
        return
    if spec.depth < 2:
        raise InputError(f"{name} speaks of two layers at least; write widths with three sizes or more")
    if spec.fan != fan and len(set(spec.widths[1:])) > 1:
        raise InputError(
            f"{name} is not the same factor at every layer for fan {spec.fan!r} and these widths; "
            f"write fan = {fan!r}, or equal widths after the input"
        )
    if spec.networks < FEWEST:
        raise InputError(f"{name} needs replicates; write at least {FEWEST} networks")


def _short(widths: tuple[int, ...]) -> str:
    return str(widths) if len(widths) <= 8 else f"({widths[0]}, {widths[1]}, ..., {widths[-1]})"
