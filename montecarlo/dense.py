"""The dense sampler: matrices are drawn and multiplied. Any law, any activation.

It is the ground truth for the samplers that draw no matrices.
"""

from __future__ import annotations

import numpy as np

from montecarlo import measures
from montecarlo.arrays import Array
from montecarlo.errors import InputError
from montecarlo.network import Backward, Forward, Network, backward, draw, forward
from montecarlo.observations import Observations
from montecarlo.spec import Spec

# Outside of these |v|^2 is no longer accurate; only f that are not homogeneous get there.
SMALLEST, LARGEST = 1e-280, 1e280


def generator(seed: int, *, block: int) -> np.random.Generator:
    """The random stream of one block: SFC64 on SeedSequence(seed, spawn_key=(block,))."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(block,))))


def observe(spec: Spec, block: int) -> Observations:
    """Draws the networks of one block, runs them forward and back, and measures; arrays (L, B).

    Inputs are uniform on the sphere |x|^2 = n_0; the gradient at the end is g_L ~ N(0, I), with
    respect to the last activations a_L.

    Raises:
        InputError: values leave the range of a double, or the activation returns no number.
    """
    rng = generator(spec.seed, block=block)
    batch = (spec.networks_in(block),)
    x = rng.standard_normal((*batch, spec.widths[0]))
    x *= np.sqrt(spec.widths[0] / np.vecdot(x, x))[:, np.newaxis]
    network = draw(
        rng,
        widths=spec.widths,
        activation=spec.f,
        law=spec.weight_law,
        fan=spec.fan,
        sigma_w2=spec.sigma_w2,
        sigma_b2=spec.sigma_b2,
        batch=batch,
    )
    end = rng.standard_normal((*batch, spec.widths[-1]))
    # Gradients that depend on no weight; Gaussian weights do not need them.
    apart = [rng.standard_normal((*batch, n)) for n in (() if spec.weight_law.gaussian else spec.widths[1:])]
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        passes = forward(network, x)
        records = backward(network, passes, end)
        _check_range(spec, passes, records)
        return _measured(spec, network, passes=passes, records=records, end=end, apart=apart)


def _measured(
    spec: Spec,
    network: Network,
    *,
    passes: tuple[Forward, ...],
    records: tuple[Backward, ...],
    end: Array,
    apart: list[Array],
) -> Observations:
    f, law = spec.f, spec.weight_law
    variances = [spec.weight_variance(layer) for layer in range(1, spec.depth + 1)]
    reached = measures.reached(passes)
    outputs = f.function(passes[-1].z).any(axis=-1)
    exponents = [seen.exponent.astype(np.float64) for seen in passes]
    back_exponents = [record.exponent.astype(np.float64) for record in records]
    conditional = None
    if spec.sigma_b2 > 0 and spec.claim_sigma_w2 is not None:
        claimed = [v * spec.claim_sigma_w2 / spec.sigma_w2 for v in variances]
        conditional = measures.conditional_ratio(passes, law=law, variances=claimed, sigma_b2=spec.sigma_b2)
    if law.gaussian:
        back = measures.backpropagated_ratio(passes, records, variances=variances)
    else:
        back = measures.transposed_ratio(network, apart, law=law, variances=variances)
    homogeneous = f.slopes is not None
    return Observations(
        alive=reached | (spec.sigma_b2 > 0),
        dead=np.logical_not(reached.all(axis=0) & outputs),
        forward=measures.forward_ratio(passes, law=law, variances=variances),
        conditional=conditional,
        backward=back,
        activation=measures.activation_signs(passes, f=f) if homogeneous else None,
        derivative=measures.derivative_signs(passes, f=f) if homogeneous else None,
        log_q=measures.log_mean_squares([seen.z for seen in passes], exponents),
        log_gradient=measures.log_mean_squares([record.g for record in records], back_exponents)
        - np.log(np.vecdot(end, end) / spec.widths[-1]),
        jacobian=measures.jacobian_squares(network, passes) if homogeneous else None,
    )


def _check_range(spec: Spec, passes: tuple[Forward, ...], records: tuple[Backward, ...]) -> None:
    for layer, seen in enumerate(passes, start=1):
        for vectors in (seen.a, seen.z):
            total = np.vecdot(vectors, vectors)
            if not ((total == 0) | ((total > SMALLEST) & (total < LARGEST))).all():
                raise InputError(
                    f"layer {layer}: the values of {spec.f.name} leave the range of a double, or "
                    f"are no numbers; write fewer layers or another sigma_w2 (homogeneous "
                    f"activations have no limit)"
                )
    for layer, record in enumerate(records, start=1):
        if not np.isfinite(record.g).all():
            raise InputError(
                f"layer {layer}: the derivative of {spec.f.name} is not a number somewhere; "
                f"write one that is finite wherever the network goes"
            )
