"""What a sampler has to tell about a block of networks.

A sampler is a function (Spec, Block) -> `Observations`. Nothing here knows how the networks were
drawn, so that `conditioned` and `chain` stand beside `dense` and are compared with it number by
number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from montecarlo.arrays import Array, Flags


class Block(NamedTuple):
    """Networks that are drawn together: the block's number in the run names their random stream."""

    number: int
    networks: int


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """A conditional ratio by layer and network, shape (L, B): see statistics/ratio.py.

    Args:
        value: sum u_i^2/s_i, in units of the variance that was drawn with; 0 if dead.
        freedom: its expectation, 0 if the network says nothing here.
        variance: its variance given the past.
        absent: the expectation that a dead network would have had.
    """

    value: Array
    freedom: Array
    variance: Array
    absent: Array


@dataclass(frozen=True, slots=True, eq=False)
class Signs:
    """Y and 1/r by layer and network, (L, B): see statistics/signs.py; 1/r = 0 if dead."""

    value: Array
    precision: Array


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """What is measured of the shape of z_l, and of the gradient dW_l = delta_l a_{l-1}^T, (L, B).

    Args:
        mean: sum z_i/n over sqrt(sum z_i^2/n), between -1 and 1; nan if z = 0.
        kurtosis: sum z_i^4/n over (sum z_i^2/n)^2, between 1 and n; nan likewise. 3n/(n+2) in expectation if the z_i
            are iid normal.
        log_weight_gradient: log of |delta_l|^2 |a_{l-1}|^2/(n_l n_{l-1}), the mean square of dW_l, relative to
            |g_L|^2/n_L and |x|^2/n_0; -inf if 0.
    """

    mean: Array
    kurtosis: Array
    log_weight_gradient: Array


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """One block of B networks with L layers; arrays (L, B). Of several inputs, the first one is meant.

    Args:
        alive: a_{l-1} is not 0, or there are biases: layer l can say something.
        dead: some a_l, l = 1 to L, is 0: nothing of the input reaches the end; (B,).
        forward: |u|^2 over its conditional mean a neuron.
        conditional: |z|^2 over its claimed conditional mean a neuron; None without biases or claim.
        backward: the part of |W^T delta|^2 that the forward pass has not decided, likewise.
        activation: |f(z)|^2/|z|^2; None unless f is homogeneous and something is claimed of it.
        derivative: mean of f'(z_i)^2 over z_i != 0; None likewise.
        log_q: log of |z_l|^2/n_l relative to |x|^2/n_0; -inf if 0.
        log_gradient: log of |g_{l-1}|^2/n_{l-1} relative to |g_L|^2/n_L; -inf if 0.
        jacobian: |diag(f'(z)) W|^2/n_{l-1}, sum of squared entries; None unless f is homogeneous.
        correlation: z_l(x).z_l(y)/(|z_l(x)| |z_l(y)|), the mean over all pairs of inputs for which it is a number; nan
            if there is none. None for a single input.
        gradient_correlation: the same of g_{l-1}; the gradient g_L at the end is the same for all inputs.
        moments: None unless asked for.
    """

    alive: Flags
    dead: Flags
    forward: Ratio
    conditional: Ratio | None
    backward: Ratio
    activation: Signs | None
    derivative: Signs | None
    log_q: Array
    log_gradient: Array
    jacobian: Array | None
    correlation: Array | None = None
    gradient_correlation: Array | None = None
    moments: Moments | None = None
