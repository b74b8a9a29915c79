"""The plain dense network, forward and back: all else here measures what stands in this file.

    forward     z_l = W_l a_{l-1} + b_l     a_l = f(z_l)              from a_0 = x, the input
    backward    delta_l = f'(z_l) * g_l     g_{l-1} = W_l^T delta_l   from g_L, the caller's

With residual connections of scale c (He et al. 2016; the scale: Hayou et al. 2021) all widths are equal,

    a_l = a_{l-1} + c f(z_l)       delta_l = c f'(z_l) * g_l       g_{l-1} = g_l + W_l^T delta_l.

g_l is the gradient of a scalar loss with respect to a_l, delta_l with respect to z_l. The weights
of a layer are iid with mean 0 (laws.py names two exceptions) and Var(W_l) = sigma_w^2/fan, where fan
is n_{l-1} ("in": LeCun et al. 1998, He et al. 2015), n_l ("out": He et al. 2015, section 2.2) or the
mean of both ("average": Glorot and Bengio 2010, eq. 12). The biases are N(0, sigma_b^2).

Layer l has n_l neurons and W_l is an n_l by n_{l-1} matrix. Arrays may have leading axes, written
"..." below; then they are a batch of independent networks.

Depth must not overflow: E|a_l|^2 may well be 4^100000. If f is homogeneous, f(c z) = c f(z) for
c > 0, each layer hands on a_l without its power of two, and the exponents are added up beside it;
dividing by a power of two rounds nothing. Gradients are linear in g_L: backward does so for any f.
All is computed in the precision of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from montecarlo.activations import Activation
from montecarlo.arrays import Array, Integers, matvec, vecmat
from montecarlo.errors import InputError
from montecarlo.laws import Law


class Layers(Protocol):
    """An array for each layer, as a tuple of them: forward asks from the first to the last, backward the other way."""

    def __len__(self) -> int:
        """L."""
        ...

    def __getitem__(self, index: int, /) -> Array:
        """Of layer index + 1."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Weights (..., n_l, n_{l-1}) and biases (..., n_l) of the layers 1 to L; None: no biases, no residuals."""

    activation: Activation
    weights: Layers
    biases: Layers | None = None
    residual: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Forward:
    """What layer l did: inputs a_{l-1}, sums u = W a, and z = u + b, each times 2^exponent."""

    a: Array
    u: Array
    z: Array
    exponent: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Backward:
    """What came back: delta_l, g_{l-1} and W_l^T delta_l (None: g_{l-1} is just that), each times 2^exponent."""

    delta: Array
    g: Array
    exponent: Integers
    through: Array | None = None


def fan_size(rule: str, *, n_in: int, n_out: int) -> float:
    """The fan in Var(W) = sigma_w^2/fan of a layer from n_in to n_out neurons."""
    match rule:
        case "in":
            return float(n_in)
        case "out":
            return float(n_out)
        case "average":
            return (n_in + n_out) / 2
        case _:
            raise InputError(f"fan {rule!r} is not known; write 'in', 'out' or 'average'")


def draw(
    rng: np.random.Generator,
    *,
    widths: tuple[int, ...],
    activation: Activation,
    law: Law,
    fan: str = "in",
    sigma_w2: float = 1.0,
    sigma_b2: float = 0.0,
    residual: float | None = None,
    batch: tuple[int, ...] = (),
) -> Network:
    """Var(W_l) = sigma_w^2/fan, Var(b_l) = sigma_b^2, for widths (n_0, ..., n_L)."""
    weights: list[Array] = []
    biases: list[Array] = []
    for n_in, n_out in pairwise(widths):
        weights.append(draw_matrix(rng, n_in, n_out, law=law, fan=fan, sigma_w2=sigma_w2, batch=batch))
        if sigma_b2 > 0:
            biases.append(np.sqrt(sigma_b2) * rng.standard_normal((*batch, n_out)))
    return Network(activation, tuple(weights), tuple(biases) if sigma_b2 > 0 else None, residual)


def draw_matrix(
    rng: np.random.Generator,
    n_in: int,
    n_out: int,
    *,
    law: Law,
    fan: str = "in",
    sigma_w2: float = 1.0,
    batch: tuple[int, ...] = (),
) -> Array:
    """One layer's weights, (..., n_out, n_in), Var(W) = sigma_w^2/fan."""
    matrix = law.sample(rng, (*batch, n_out, n_in))
    matrix *= np.sqrt(sigma_w2 / fan_size(fan, n_in=n_in, n_out=n_out))
    return matrix


def without_exponent(vectors: Array) -> tuple[Array, Integers]:
    """Returns v and e of V = 2^e v with max |v_i| in [1/2, 1); e = 0 for a vector of zeros."""
    _, exponent = np.frexp(np.abs(vectors).max(axis=-1))
    return np.ldexp(vectors, -exponent[..., np.newaxis]), exponent.astype(np.int32)


def forward(network: Network, x: Array) -> tuple[Forward, ...]:
    """z_l = W_l a_{l-1} + b_l, a_l = f(z_l), or a_{l-1} + c f(z_l), for an input x (..., n_0); one record a layer."""
    f, homogeneous = network.activation.function, network.activation.slopes is not None
    a, exponent = x, np.zeros(x.shape[:-1], dtype=np.int32)
    passes: list[Forward] = []
    for layer in range(len(network.weights)):
        weights = network.weights[layer]
        u = matvec(weights, a)
        z = u
        if network.biases is not None:
            z = u + np.ldexp(network.biases[layer], -exponent[..., np.newaxis])
        passes.append(Forward(a, u, z, exponent))
        branch = f(z).astype(weights.dtype, copy=False)
        a = branch if network.residual is None else a + network.residual * branch
        if homogeneous:
            a, shift = without_exponent(a)
            exponent = exponent + shift
    return tuple(passes)


def backward(network: Network, passes: tuple[Forward, ...], g: Array) -> tuple[Backward, ...]:
    """delta_l = f'(z_l) * g_l, g_{l-1} = W_l^T delta_l, from g = g_L (..., n_L); records 1 to L."""
    exponent = np.zeros(g.shape[:-1], dtype=np.int32)
    records: list[Backward] = []
    for layer in range(len(passes) - 1, -1, -1):
        weights, seen = network.weights[layer], passes[layer]
        slope = network.activation.derivative(seen.z).astype(weights.dtype, copy=False)
        if network.residual is not None:
            slope = network.residual * slope
        delta, shift = without_exponent(slope * g)
        exponent = exponent + shift
        through = vecmat(delta, weights)
        if network.residual is None:
            g = through
            records.append(Backward(delta, g, exponent))
        else:
            g = through + np.ldexp(g, -shift[..., np.newaxis])
            records.append(Backward(delta, g, exponent, through))
    return tuple(reversed(records))
