"""The dense sampler: matrices are drawn and multiplied. Any law, any activation.

It is the ground truth for the samplers that draw no matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from montecarlo import measures, single
from montecarlo.arrays import Array, squares, vecmat
from montecarlo.inputs import draw_inputs
from montecarlo.matrices import Matrices
from montecarlo.network import Backward, Forward, Network, backward, draw_matrix, forward
from montecarlo.observations import Block, Observations
from montecarlo.spec import Spec
from montecarlo.streams import generator

BLOCK_WEIGHTS = 2**21  # drawn at once: 16 MiB, or 8
BLOCK_NETWORKS = 1024
REUSED = 4  # large networks a block in single precision, one after the other in the same memory
MOST_REUSED = 2**25  # weights of such a network
MEMORY = 2**30  # bytes a block, unless asked otherwise
DRAWING = 2**21  # bytes of random bits and of what is computed from them
VECTORS = 8  # of each neuron that are held, temporary ones included


def block_size(spec: Spec) -> int:
    """As many networks as have `BLOCK_WEIGHTS` weights; further inputs count with their vectors, five a layer."""
    reused = spec.single and _weights(spec.widths) <= MOST_REUSED
    return max(_at_once(spec), REUSED if reused else 1)


def refusal(spec: Spec) -> str | None:
    """Networks of which not even one layer fits into the memory."""
    least = needs(spec)
    if least <= MEMORY:
        return None
    return (
        f"dense takes {least:,} bytes, for one layer's matrix and the vectors of all, and {MEMORY:,} are the limit; "
        f"write smaller widths or fewer layers, or normal weights, which need no matrix"
    )


def needs(spec: Spec) -> int:
    """Bytes for the vectors of a block, and for one layer's matrices while they are drawn."""
    vectors = 8 * VECTORS * min(block_size(spec), spec.networks) * spec.inputs * sum(spec.widths)
    copies = 1 if spec.single else (8 if spec.weight_law.orthogonal else 4)
    return DRAWING + vectors + copies * max(_layers(spec))


def observe(spec: Spec, block: Block, *, memory: int = MEMORY) -> Observations:
    """Draws the networks of one block, runs them forward and back, and measures; arrays (L, B).

    Inputs are uniform on the sphere |x|^2 = n_0; the gradient at the end is g_L ~ N(0, I), with
    respect to the last activations a_L. Layers that do not fit into ``memory`` bytes are drawn again when needed again.

    Raises:
        InputError: values leave the range of the precision, or the activation returns no number.
    """
    rng = generator(spec.seed, block=block.number)
    most = _at_once(spec)
    kept = _kept(spec, memory)
    room = single.room(spec, min(most, block.networks), kept) if spec.single else ()
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        batches = [
            _batch(rng, spec, min(most, block.networks - start), kept, room) for start in range(0, block.networks, most)
        ]
        seen = _joined(batches) if len(batches) > 1 or spec.single else batches[0]
        passes, records = seen.passes, seen.records
        norms = measures.checked(spec, measures.norms_of(passes, records))
        across = None
        if spec.inputs > 1:
            across = measures.across_inputs(passes, records)
            passes, records, norms = measures.of_first_input(passes, records, norms)
        variances, law = spec.weight_variances, spec.weight_law
        if law.gaussian:
            back = measures.backpropagated_ratio(norms, widths=spec.widths, variances=variances)
        else:
            back = measures.transposed_ratio(seen.sent, seen.apart, law=law, variances=variances)
        jacobian = measures.jacobian_squares(seen.row_squares, passes, f=spec.f) if measures.is_product(spec) else None
        exponents = [record.exponent for record in records]
        return measures.observed(
            spec, passes, exponents, norms, end=seen.end, backward=back, jacobian=jacobian, across=across
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """Both passes of networks that are drawn at once, the gradient at their end, and what else the matrices were for.

    apart: gradients that depend on no weight, by layer; Gaussian weights do not need them. sent: W^T times these.
    row_squares: |w_i|^2 of the rows of each matrix, if anybody asks.
    """

    passes: tuple[Forward, ...]
    records: tuple[Backward, ...]
    end: Array
    apart: tuple[Array, ...]
    sent: tuple[Array, ...]
    row_squares: tuple[Array, ...]


def _batch(rng: np.random.Generator, spec: Spec, networks: int, kept: Sequence[bool], room: Sequence[Array]) -> _Batch:
    x = _inputs(rng, spec, networks)
    several = spec.inputs > 1
    matrices = Matrices(
        rng,
        matrix=partial(single.matrix, spec=spec, room=[place[:networks] for place in room])
        if spec.single
        else partial(_matrix, spec=spec, networks=networks),
        bias=partial(_bias, spec=spec, networks=networks) if spec.sigma_b2 > 0 else None,
        kept=kept,
        inputs=several,
        measured=measures.is_product(spec),
    )
    network = Network(spec.f, matrices, matrices.biases if spec.sigma_b2 > 0 else None, spec.residual)
    passes = forward(network, single.rounded(x) if spec.single else x)
    end = rng.standard_normal((networks, spec.widths[-1]))
    apart = [rng.standard_normal((networks, n)) for n in (() if spec.weight_law.gaussian else spec.widths[1:])]
    g = single.rounded(end) if spec.single else end
    records = backward(network, passes, g[:, np.newaxis] if several else g)
    sent = [_sent(v, w[:, 0] if several else w) for v, w in zip(apart, matrices, strict=True)] if apart else []
    return _Batch(passes, records, end, tuple(apart), tuple(sent), tuple(matrices.row_squares))


def _sent(gradient: Array, matrix: Array) -> Array:
    return vecmat(gradient.astype(matrix.dtype, copy=False), matrix).astype(np.float64, copy=False)


def _matrix(rng: np.random.Generator, layer: int, *, spec: Spec, networks: int) -> Array:
    n_in, n_out = spec.widths[layer - 1 : layer + 1]
    law, fan, batch = spec.weight_law, spec.fan, (networks,)
    return draw_matrix(rng, n_in, n_out, law=law, fan=fan, sigma_w2=spec.sigma_w2, batch=batch)


def _bias(rng: np.random.Generator, layer: int, *, spec: Spec, networks: int) -> Array:
    bias = np.sqrt(spec.sigma_b2) * rng.standard_normal((networks, spec.widths[layer]))
    return single.rounded(bias) if spec.single else bias


def _joined(batches: Sequence[_Batch]) -> _Batch:
    """The networks of all batches behind one another, the same numbers in double precision."""
    return _Batch(
        tuple(_joined_forward(layer) for layer in zip(*(batch.passes for batch in batches), strict=True)),
        tuple(_joined_backward(layer) for layer in zip(*(batch.records for batch in batches), strict=True)),
        _stacked([batch.end for batch in batches]),
        *(
            tuple(map(_stacked, zip(*(getattr(batch, name) for batch in batches), strict=True)))
            for name in ("apart", "sent", "row_squares")
        ),
    )


def _joined_forward(layer: Sequence[Forward]) -> Forward:
    u = _stacked([seen.u for seen in layer])
    z = u if all(seen.z is seen.u for seen in layer) else _stacked([seen.z for seen in layer])
    return Forward(_stacked([seen.a for seen in layer]), u, z, np.concatenate([seen.exponent for seen in layer]))


def _joined_backward(layer: Sequence[Backward]) -> Backward:
    through = [record.through for record in layer if record.through is not None]
    return Backward(
        _stacked([record.delta for record in layer]),
        _stacked([record.g for record in layer]),
        np.concatenate([record.exponent for record in layer]),
        _stacked(through) if through else None,
    )


def _stacked(parts: Sequence[Array]) -> Array:
    return np.concatenate(parts, dtype=np.float64)


def _inputs(rng: np.random.Generator, spec: Spec, networks: int) -> Array:
    """(B, n_0), or (B, inputs, n_0) if there are several."""
    width = spec.widths[0]
    if spec.inputs > 1:
        return draw_inputs(rng, networks=networks, inputs=spec.inputs, width=width, correlation=spec.correlation)
    x = rng.standard_normal((networks, width))
    x *= np.sqrt(width / squares(x))[:, np.newaxis]
    return x


def _weights(widths: tuple[int, ...]) -> int:
    return sum(n_in * n_out for n_in, n_out in pairwise(widths))


def _at_once(spec: Spec) -> int:
    """Networks whose layers are multiplied together."""
    held = _weights(spec.widths) + 5 * (spec.inputs - 1) * sum(spec.widths)
    return max(1, min(BLOCK_NETWORKS, BLOCK_WEIGHTS // held))


def _layers(spec: Spec) -> list[int]:
    """Bytes of each layer's matrices, of the networks that are drawn at once."""
    size = min(_at_once(spec), spec.networks) * (4 if spec.single else 8)
    return [size * n_in * n_out for n_in, n_out in pairwise(spec.widths)]


def _kept(spec: Spec, memory: int) -> list[bool]:
    """The layers that stay: from the last one down, which is needed first, as many as fit beside everything else."""
    left = memory - needs(spec)
    kept: list[bool] = []
    for size in reversed(_layers(spec)):
        kept.append(size <= left)
        left -= size if kept[-1] else 0
    return kept[::-1]
