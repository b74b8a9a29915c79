"""Initializations: how the same standard normal draws become weights. Biases begin at zero.

    zero         W = 0                            xavier       Var(W) = 1/n_in             (LeCun et al. 1998)
    constant     every weight 1/n_in              glorot       2/(n_in + n_out)            (Glorot and Bengio 2010)
    small        standard deviation 0.01          he           2/n_in                      (He et al. 2015)
    large        standard deviation 1             uniform      on +-1/sqrt(n_in): Var(W) = 1/(3 n_in)
    orthogonal   rows or columns orthonormal      variance:C   Var(W) = C/n_in
                 (Saxe et al. 2014)               constant:C   every weight C

Networks of one seed are made from the same draws, whatever the initialization: xavier's weights times sqrt 2 are he's,
and what differs between two runs is the initialization, and not luck. ``xavier`` is what the source note calls so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from types import MappingProxyType
from typing import TypeAlias, cast

import numpy as np

from montecarlo.activations import Activation
from montecarlo.arrays import Array
from montecarlo.errors import InputError
from montecarlo.names import unknown
from montecarlo.special import normal_cdf
from montecarlo.training.network import Dense, on_parameters, size

Rule: TypeAlias = Callable[[Array], Array]

SMALL, LARGE = 0.01, 1.0


@dataclass(frozen=True, slots=True)
class Initialization:
    """rule: standard normal draws (n_out, n_in) -> weights of that shape; last: the last layer's, if it is another."""

    name: str
    rule: Rule
    last: Rule | None = None


def _constant(draws: Array, *, value: float | None) -> Array:
    # Without a number each unit averages its inputs, so that nothing explodes or vanishes, and only symmetry is left.
    return np.full_like(draws, 1 / draws.shape[1] if value is None else value)


def _deviation(draws: Array, *, deviation: float) -> Array:
    return deviation * draws


def _fan_in(draws: Array, *, factor: float) -> Array:
    return math.sqrt(factor / draws.shape[1]) * draws


def _average(draws: Array) -> Array:
    return math.sqrt(2 / sum(draws.shape)) * draws


def _uniform(draws: Array) -> Array:
    return (2 * normal_cdf(draws) - 1) / math.sqrt(draws.shape[1])


def _orthogonal(draws: Array) -> Array:
    tall = draws if draws.shape[0] >= draws.shape[1] else draws.T
    q, r = cast("tuple[Array, Array]", np.linalg.qr(tall))
    q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)  # else the law would depend on how QR chooses its signs
    return q if draws.shape[0] >= draws.shape[1] else q.T


INITIALIZATIONS: Mapping[str, Initialization] = MappingProxyType(
    {
        name: Initialization(name, rule)
        for name, rule in (
            ("zero", np.zeros_like),
            ("constant", partial(_constant, value=None)),
            ("small", partial(_deviation, deviation=SMALL)),
            ("large", partial(_deviation, deviation=LARGE)),
            ("xavier", partial(_fan_in, factor=1.0)),
            ("glorot", _average),
            ("he", partial(_fan_in, factor=2.0)),
            ("uniform", _uniform),
            ("orthogonal", _orthogonal),
        )
    }
)
NUMBERED = ("constant", "variance")


def find_initialization(name: str) -> Initialization:
    """The initialization of that name, or of ``variance:NUMBER``, ``constant:NUMBER``; raises InputError."""
    word, colon, number = name.partition(":")
    if colon and word in NUMBERED:
        value = _number(name, number)
        if word == "constant":
            return Initialization(name, partial(_constant, value=value))
        if value < 0:
            raise InputError(f"{name}: a variance is not negative; write e.g. variance:2")
        return Initialization(name, partial(_fan_in, factor=value))
    found = INITIALIZATIONS.get(name)
    if found is None:
        known = [*INITIALIZATIONS, "variance:NUMBER", "constant:NUMBER"]
        raise InputError(unknown("initialization", name, known))
    return found


def initialized(
    initialization: Initialization, *, activation: Activation, widths: tuple[int, ...], rng: np.random.Generator
) -> Dense:
    """A network of widths (n_0, ..., n_L): standard normal draws layer by layer, made into weights by the rule."""
    network = on_parameters(activation, widths, np.zeros(size(widths)))
    rules = [initialization.rule] * (network.depth - 1) + [initialization.last or initialization.rule]
    for weights, rule, (n_in, n_out) in zip(network.weights, rules, pairwise(widths), strict=True):
        weights[...] = rule(rng.standard_normal((n_out, n_in)))
    return network


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        word = name.partition(":")[0]
        raise InputError(f"{name!r} has no number behind its colon; write e.g. {word}:2")
    return value
