"""The dense sampler: matrices are drawn and multiplied. Any law, any activation.

It is the ground truth for the samplers that draw no matrices.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from montecarlo import measures, single
from montecarlo.arrays import Array
from montecarlo.inputs import draw_inputs
from montecarlo.network import Backward, Forward, Network, backward, draw, forward
from montecarlo.observations import Block, Observations
from montecarlo.spec import Spec
from montecarlo.streams import generator

BLOCK_WEIGHTS = 2**21  # drawn at once: 16 MiB
BLOCK_NETWORKS = 1024
MOST_WEIGHTS = 2**27  # of one network, held in memory: 1 GiB


def block_size(spec: Spec) -> int:
    """As many networks as have `BLOCK_WEIGHTS` weights; further inputs count with their vectors, five a layer."""
    held = _weights(spec.widths) + 5 * (spec.inputs - 1) * sum(spec.widths)
    return max(1, min(BLOCK_NETWORKS, BLOCK_WEIGHTS // held))


def refusal(spec: Spec) -> str | None:
    """Networks whose matrices do not fit into the memory."""
    weights = _weights(spec.widths)
    if weights <= MOST_WEIGHTS:
        return None
    return (
        f"one network has {weights:,} weights and would take more than 1 GiB; write smaller widths or fewer "
        f"layers, at most {MOST_WEIGHTS:,} weights in all, or normal weights, which need no matrix"
    )


def observe(spec: Spec, block: Block) -> Observations:
    """Draws the networks of one block, runs them forward and back, and measures; arrays (L, B).

    Inputs are uniform on the sphere |x|^2 = n_0; the gradient at the end is g_L ~ N(0, I), with
    respect to the last activations a_L.

    Raises:
        InputError: values leave the range of the precision, or the activation returns no number.
    """
    rng = generator(spec.seed, block=block.number)
    batch = (block.networks,)
    x = _inputs(rng, spec, block.networks)
    network = _network(rng, spec, block.networks)
    end = rng.standard_normal((*batch, spec.widths[-1]))
    # Gradients that depend on no weight; Gaussian weights do not need them.
    apart = [rng.standard_normal((*batch, n)) for n in (() if spec.weight_law.gaussian else spec.widths[1:])]
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        passes, records = _run(network, x, end, precision=spec.precision)
        norms = measures.checked_norms(spec, passes, records)
        across = None
        if spec.inputs > 1:
            across = measures.across_inputs(passes, records)
            passes, records, norms = measures.of_first_input(passes, records, norms)
        if spec.weight_law.gaussian:
            back = measures.backpropagated_ratio(passes, records, norms, variances=spec.weight_variances)
        else:
            back = measures.transposed_ratio(network, apart, law=spec.weight_law, variances=spec.weight_variances)
        jacobian = measures.jacobian_squares(network, passes) if measures.is_product(spec) else None
        return measures.observed(spec, passes, records, norms, end=end, backward=back, jacobian=jacobian, across=across)


def _network(rng: np.random.Generator, spec: Spec, networks: int) -> Network:
    if spec.precision == "single":
        return single.draw(rng, spec, networks)
    return draw(
        rng,
        widths=spec.widths,
        activation=spec.f,
        law=spec.weight_law,
        fan=spec.fan,
        sigma_w2=spec.sigma_w2,
        sigma_b2=spec.sigma_b2,
        residual=spec.residual,
        batch=(networks,),
    )


def _inputs(rng: np.random.Generator, spec: Spec, networks: int) -> Array:
    """(B, n_0), or (B, inputs, n_0) if there are several."""
    width = spec.widths[0]
    if spec.inputs > 1:
        return draw_inputs(rng, networks=networks, inputs=spec.inputs, width=width, correlation=spec.correlation)
    x = rng.standard_normal((networks, width))
    x *= np.sqrt(width / np.vecdot(x, x))[:, np.newaxis]
    return x


def _run(network: Network, x: Array, end: Array, *, precision: str) -> tuple[tuple[Forward, ...], tuple[Backward, ...]]:
    """Both passes; several inputs share the weights, the biases and the gradient at the end."""
    if x.ndim > end.ndim:
        biases = None if network.biases is None else tuple(b[:, np.newaxis] for b in network.biases)
        weights = tuple(w[:, np.newaxis] for w in network.weights)
        network = Network(network.activation, weights, biases, network.residual)
        end = end[:, np.newaxis]
    if precision == "double":
        passes = forward(network, x)
        return passes, backward(network, passes, end)
    passes = forward(network, single.rounded(x))
    records = backward(network, passes, single.rounded(end))
    return single.doubled_forward(passes), single.doubled_backward(records)


def _weights(widths: tuple[int, ...]) -> int:
    return sum(n_in * n_out for n_in, n_out in pairwise(widths))
