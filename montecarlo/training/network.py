"""The plain trained network: forward, backward, on a batch of examples at once, in memory that is laid out once.

    forward     z_l = a_{l-1} W_l^T + b_l     a_l = f(z_l)     a_0 = x; the last layer is linear: its z_L are the scores
    backward    delta_l = f'(z_l) * (delta_{l+1} W_{l+1})      delta_L from the loss
    gradients   dW_l = delta_l^T a_{l-1}      db_l = sum of delta_l over the batch

A row is an example: x is (m, n_0), z_l, a_l and delta_l are (m, n_l), W_l is n_l by n_{l-1}, as everywhere here. All
parameters of a network are one vector, W_1, b_1, W_2, b_2, ...; the matrices are views into it. So an optimizer is
arithmetic on one vector, and a network is copied in one go. delta_l is the gradient of the loss with respect to z_l.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from montecarlo.activations import Activation
from montecarlo.arrays import Array
from montecarlo.training.pointwise import activate, multiply_by_slope


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """A fully connected network. weights: W_l (n_l, n_{l-1}) and biases: b_l (n_l), views into ``parameters``."""

    activation: Activation
    widths: tuple[int, ...]
    parameters: Array
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]

    @property
    def depth(self) -> int:
        """How many weight matrices there are."""
        return len(self.weights)

    def copy(self) -> Dense:
        """The same network with parameters of its own."""
        return on_parameters(self.activation, self.widths, self.parameters.copy())

    def scores(self, x: Array) -> Array:
        """z_L (m, n_L) of examples x (m, n_0)."""
        return forward(self, workspace(self, len(x)), x)


@dataclass(frozen=True, slots=True, eq=False)
class Workspace:
    """What a pass over m examples writes into: z, a, delta (m, n_l) a layer, and the gradient of all parameters."""

    z: tuple[Array, ...]
    a: tuple[Array, ...]
    delta: tuple[Array, ...]
    gradient: Dense


def on_parameters(activation: Activation, widths: tuple[int, ...], parameters: Array) -> Dense:
    """The network of widths (n_0, ..., n_L) whose parameters are that vector."""
    weights: list[Array] = []
    biases: list[Array] = []
    start = 0
    for n_in, n_out in pairwise(widths):
        weights.append(parameters[start : start + n_out * n_in].reshape(n_out, n_in))
        biases.append(parameters[start + n_out * n_in : start + n_out * (n_in + 1)])
        start += n_out * (n_in + 1)
    return Dense(activation, widths, parameters, tuple(weights), tuple(biases))


def size(widths: tuple[int, ...]) -> int:
    """How many parameters a network of these widths has."""
    return sum(n_out * (n_in + 1) for n_in, n_out in pairwise(widths))


def workspace(network: Dense, m: int) -> Workspace:
    """Memory for passes over m examples."""
    z = tuple(np.empty((m, n)) for n in network.widths[1:])
    a = tuple(np.empty((m, n)) for n in network.widths[1:-1])
    delta = tuple(np.empty((m, n)) for n in network.widths[1:])
    return Workspace(z, a, delta, on_parameters(network.activation, network.widths, np.empty(network.parameters.size)))


def forward(network: Dense, work: Workspace, x: Array) -> Array:
    """Fills z and a; the scores z_L (m, n_L), which are the workspace's own."""
    a = x
    for weights, biases, z, out in zip(network.weights, network.biases, work.z, (*work.a, None), strict=True):
        np.matmul(a, weights.T, out=z)
        z += biases
        if out is not None:
            activate(network.activation, z, out)
            a = out
    return work.z[-1]


def backward(network: Dense, work: Workspace, x: Array) -> Array:
    """Fills every delta from the last one, which is in place, and the gradient, whose vector is returned.

    It goes after ``forward`` and only once: it may write over z.
    """
    for k in reversed(range(network.depth)):
        delta = work.delta[k]
        np.matmul(delta.T, work.a[k - 1] if k else x, out=work.gradient.weights[k])
        np.add.reduce(delta, axis=0, out=work.gradient.biases[k])
        if k:
            before = work.delta[k - 1]
            np.matmul(delta, network.weights[k], out=before)
            multiply_by_slope(network.activation, z=work.z[k - 1], a=work.a[k - 1], delta=before)
    return work.gradient.parameters


def hidden(network: Dense) -> Iterator[tuple[Array, Array]]:
    """W_l and b_l of the hidden layers; row i of both is what unit i computes with."""
    yield from zip(network.weights[:-1], network.biases[:-1], strict=True)
