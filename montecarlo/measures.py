"""From forward and backward passes to the numbers that are tested, by layer and network: (L, B).

What each ratio is, and why its law is known, stands in statistics/ratio.py and statistics/signs.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from montecarlo import arrays
from montecarlo.activations import Activation
from montecarlo.arrays import Array, Flags, Integers, count_true, divided, dots, fourth_share
from montecarlo.errors import InputError
from montecarlo.laws import Law
from montecarlo.network import Backward, Forward
from montecarlo.observations import Moments, Observations, Ratio, Signs
from montecarlo.spec import Spec

# Outside of these |v|^2 is no longer accurate; only f that are not homogeneous get there.
RANGES = {"double": (1e-280, 1e280), "single": (1e-60, 1e60)}


@dataclass(frozen=True, slots=True, eq=False)
class Norms:
    """|a_{l-1}|^2, |u_l|^2, |z_l|^2, |delta_l|^2, |g_{l-1}|^2, |W_l^T delta_l|^2, u_l.delta_l, all (L, B).

    Exponents are left out.
    """

    a: Array
    u: Array
    z: Array
    delta: Array
    g: Array
    through: Array
    along: Array


def is_product(spec: Spec) -> bool:
    """Whether a gradient is multiplied by one matrix a layer, diag(f'(z)) W, of a homogeneous f: see growth.py."""
    return spec.f.slopes is not None and spec.residual is None


def norms_of(passes: Sequence[Forward], records: Sequence[Backward]) -> Norms:
    """The squared norms."""
    u = squares([seen.u for seen in passes])
    biased = any(seen.z is not seen.u for seen in passes)
    g = squares([record.g for record in records])
    skipped = any(record.through is not None for record in records)
    return Norms(
        a=squares([seen.a for seen in passes]),
        u=u,
        z=squares([seen.z for seen in passes]) if biased else u,
        delta=squares([record.delta for record in records]),
        g=g,
        through=squares([_through(record) for record in records]) if skipped else g,
        along=np.stack([dots(seen.u, record.delta) for seen, record in zip(passes, records, strict=True)]),
    )


def checked(spec: Spec, norms: Norms) -> Norms:
    """The same norms; raises InputError where values leave the range of the precision, or are no numbers."""
    precision = "single" if spec.single else "double"
    smallest, largest = RANGES[precision]
    inside = [(total == 0) | ((total > smallest) & (total < largest)) for total in (norms.a, norms.z)]
    for layer, row in enumerate(inside[0] & inside[1], start=1):
        if not row.all():
            raise InputError(
                f"layer {layer}: the values of {spec.f.name} leave the range of a {precision}, or "
                f"are no numbers; write fewer layers or another sigma_w2 (homogeneous "
                f"activations have no limit)"
            )
    for layer, row in enumerate(np.isfinite(norms.g), start=1):
        if not row.all():
            raise InputError(
                f"layer {layer}: the derivative of {spec.f.name} is not a number somewhere; "
                f"write one that is finite wherever the network goes"
            )
    return norms


@dataclass(frozen=True, slots=True, eq=False)
class Across:
    """Correlations between inputs of z_l and of g_{l-1}, (L, B)."""

    z: Array
    g: Array


def across_inputs(passes: Sequence[Forward], records: Sequence[Backward]) -> Across:
    """The mean correlation over pairs of inputs, from vectors (B, inputs, n)."""
    return Across(
        np.stack([_correlation(seen.z) for seen in passes]), np.stack([_correlation(record.g) for record in records])
    )


def _correlation(vectors: Array) -> Array:
    unit = divided(vectors, np.sqrt(arrays.squares(vectors))[..., np.newaxis])
    there: Flags = np.any(unit, axis=-1)
    one, two = np.triu_indices(vectors.shape[1], k=1)
    pairs = there[:, one] & there[:, two]
    angles = np.einsum("bin,bjn->bij", unit, unit)[:, one, two]
    number = np.count_nonzero(pairs, axis=1).astype(np.float64)
    return np.where(number > 0, divided(np.vecdot(angles, pairs.astype(np.float64)), number), np.nan)


def of_first_input(
    passes: Sequence[Forward], records: Sequence[Backward], norms: Norms
) -> tuple[tuple[Forward, ...], tuple[Backward, ...], Norms]:
    """Vectors (B, inputs, n) -> (B, n), norms (L, B, inputs) -> (L, B)."""
    return (
        tuple(Forward(seen.a[:, 0], seen.u[:, 0], seen.z[:, 0], seen.exponent[:, 0]) for seen in passes),
        tuple(
            Backward(record.delta[:, 0], record.g[:, 0], record.exponent[:, 0], _through(record)[:, 0])
            for record in records
        ),
        Norms(*(getattr(norms, field.name)[..., 0] for field in fields(norms))),
    )


def _through(record: Backward) -> Array:
    return record.g if record.through is None else record.through


def observed(
    spec: Spec,
    passes: Sequence[Forward],
    exponents: Sequence[Integers],
    norms: Norms,
    *,
    end: Array,
    backward: Ratio,
    jacobian: Array | None,
    across: Across | None = None,
) -> Observations:
    """What is measured of the vectors of all layers, whoever drew them.

    ``exponents`` are those of the gradients delta_l and g_{l-1}; ``end`` is the gradient g_L (B, n_L).
    """
    f, law = spec.f, spec.weight_law
    alive = norms.a > 0
    last = passes[-1]
    outputs = f.function(last.z) if spec.residual is None else last.a + spec.residual * f.function(last.z)
    conditional = None
    if spec.sigma_b2 > 0 and spec.claim_sigma_w2 is not None:
        claimed = [v * spec.claim_sigma_w2 / spec.sigma_w2 for v in spec.weight_variances]
        conditional = conditional_ratio(passes, norms, law=law, variances=claimed, sigma_b2=spec.sigma_b2)
    homogeneous = f.slopes is not None
    return Observations(
        alive=alive | (spec.sigma_b2 > 0),
        dead=np.logical_not(alive.all(axis=0) & outputs.any(axis=-1)),
        forward=forward_ratio(passes, norms, law=law, variances=spec.weight_variances),
        conditional=conditional,
        backward=backward,
        activation=activation_signs(passes, norms, f=f) if homogeneous and spec.claim_activation is not None else None,
        derivative=derivative_signs(passes, f=f) if homogeneous and spec.claim_derivative is not None else None,
        log_q=log_mean_squares(norms.z, spec.widths[1:], [seen.exponent for seen in passes]),
        log_gradient=log_mean_squares(norms.g, spec.widths[:-1], exponents)
        - np.log(arrays.squares(end) / spec.widths[-1]),
        jacobian=jacobian,
        correlation=None if across is None else across.z,
        gradient_correlation=None if across is None else across.g,
        moments=moments(passes, exponents, norms, end=end) if spec.moments else None,
    )


def moments(passes: Sequence[Forward], exponents: Sequence[Integers], norms: Norms, *, end: Array) -> Moments:
    """Mean and kurtosis of z_l in units of its own size, and the mean square of delta_l a_{l-1}^T."""
    n_in, n_out = (column([v.shape[-1] for v in vectors]) for vectors in ([p.a for p in passes], [p.z for p in passes]))
    there = norms.z > 0
    sums = np.stack([seen.z.sum(axis=-1) for seen in passes])
    shares = np.stack([fourth_share(seen.z) for seen in passes])
    shifts = np.stack([seen.exponent + exponent for seen, exponent in zip(passes, exponents, strict=True)])
    log_weight_gradient = np.log(norms.a / n_in) + np.log(norms.delta / n_out) + 2 * math.log(2) * shifts
    return Moments(
        mean=np.where(there, divided(sums, np.sqrt(n_out * norms.z)), np.nan),
        kurtosis=np.where(there, n_out * shares, np.nan),
        log_weight_gradient=log_weight_gradient - np.log(arrays.squares(end) / end.shape[-1]),
    )


def squares(vectors: Sequence[Array]) -> Array:
    """|v|^2 of one vector a layer and network; layers may differ in width."""
    return np.stack([arrays.squares(v) for v in vectors])


def column(values: Sequence[float]) -> Array:
    """One number a layer, shaped (L, 1)."""
    return np.array(values, dtype=np.float64)[:, np.newaxis]


def log_mean_squares(norms: Array, widths: Sequence[int], exponents: Sequence[Integers]) -> Array:
    """Log of |2^e v|^2/n from |v|^2; -inf for a vector of zeros."""
    shift = np.stack([e.astype(np.float64) for e in exponents])
    return np.log(norms / column(widths)) + 2 * math.log(2) * shift


def forward_ratio(passes: Sequence[Forward], norms: Norms, *, law: Law, variances: Sequence[float]) -> Ratio:
    """|u|^2/(Var(W) |a|^2): n_l neurons, variance n_l (2 + kappa sum a^4/(sum a^2)^2)."""
    expected = column(variances) * norms.a
    neurons = column([seen.u.shape[-1] for seen in passes])
    spread = _spread(law, [seen.a for seen in passes], neurons, share=np.ones_like(expected))
    return _ratio(divided(norms.u, expected), neurons, alive=(expected > 0) & law.centred, spread=spread)


def conditional_ratio(
    passes: Sequence[Forward], norms: Norms, *, law: Law, variances: Sequence[float], sigma_b2: float
) -> Ratio:
    """|z|^2/(Var(W) |a|^2 + sigma_b^2), with claimed variances; needs sigma_b^2 > 0."""
    of_weights = column(variances) * norms.a
    # z carries the exponent of its layer, so that the biases' variance has to be divided by it too
    expected = of_weights + np.ldexp(sigma_b2, -2 * np.stack([seen.exponent for seen in passes]))
    neurons = column([seen.z.shape[-1] for seen in passes])
    spread = _spread(law, [seen.a for seen in passes], neurons, share=(of_weights / expected) ** 2)
    return _ratio(norms.z / expected, neurons, alive=expected > 0, spread=spread)


def backpropagated_ratio(norms: Norms, *, widths: Sequence[int], variances: Sequence[float]) -> Ratio:
    """(|W^T delta|^2 - (u.delta)^2/|a|^2)/(Var(W) |delta|^2) for Gaussian W.

    n_{l-1} - 1 neurons, or n_{l-1} if a = 0.
    """
    across = norms.through - divided(norms.along**2, norms.a)
    expected = column(variances) * norms.delta
    neurons = column(widths[:-1]) - (norms.a > 0)
    alive = (expected > 0) & (neurons > 0)
    value = np.where(alive, divided(across, expected), 0.0)
    return _ratio(value, neurons, alive=alive, spread=np.full_like(value, 2.0))


def transposed_ratio(
    sent: Sequence[Array], gradients: Sequence[Array], *, law: Law, variances: Sequence[float]
) -> Ratio:
    """|W^T g|^2/(Var(W) |g|^2) for gradients g (B, n_l) independent of W, ``sent`` = W^T g: n_{l-1} neurons."""
    expected = column(variances) * squares(gradients)
    neurons = column([g.shape[-1] for g in sent])
    value = squares(sent) / expected
    spread = _spread(law, gradients, neurons, share=np.ones_like(value))
    return _ratio(value, neurons, alive=(expected > 0) & law.centred, spread=spread)


def activation_signs(passes: Sequence[Forward], norms: Norms, *, f: Activation) -> Signs:
    """Y = |f(z)|^2/|z|^2, r^2 = sum z^4/(sum z^2)^2."""
    pre = [seen.z for seen in passes]
    value = divided(squares([f.function(z) for z in pre]), norms.z)
    r2 = np.stack([fourth_share(z) for z in pre])
    return Signs(value, divided(np.ones_like(r2), np.sqrt(r2)))


def derivative_signs(passes: Sequence[Forward], *, f: Activation) -> Signs:
    """Y = mean of f'(z_i)^2 over the units with z_i != 0, r^2 = 1/their number."""
    right, left = side_slopes(f)
    positive = np.stack([count_true(seen.z > 0) for seen in passes])
    number = np.stack([count_true(seen.z != 0) for seen in passes])
    total = right**2 * positive + left**2 * (number - positive)
    return Signs(divided(total, number), np.sqrt(number))


def side_slopes(f: Activation) -> tuple[float, float]:
    """The two values of f', for positive and for negative z, of a homogeneous f."""
    right, left = f.derivative(np.array([1.0, -1.0])).tolist()
    return right, left


def jacobian_squares(row_squares: Sequence[Array], passes: Sequence[Forward], *, f: Activation) -> Array:
    """Sum_i f'(z_i)^2 |w_i|^2/n_{l-1}: the mean squared singular value of diag(f'(z)) W, from the |w_i|^2."""
    return np.stack(
        [
            dots(rows, f.derivative(seen.z) ** 2) / seen.a.shape[-1]
            for rows, seen in zip(row_squares, passes, strict=True)
        ]
    )


def _spread(law: Law, vectors: Sequence[Array], neurons: Array, *, share: Array) -> Array:
    """Variance a neuron: 2 + kappa sum v^4/(sum v^2)^2, where only a share of it comes from W v; see ratio.py."""
    if law.gaussian:
        return np.full_like(share, 2.0)
    if law.orthogonal:
        summed = column([v.shape[-1] for v in vectors])
        return 2.0 + (2 * np.maximum(summed - neurons, 0) / (summed + 2) - 2) * share
    return 2.0 + law.excess_kurtosis * share * np.stack([fourth_share(v) for v in vectors])


def _ratio(value: Array, neurons: Array, *, alive: Flags, spread: Array) -> Ratio:
    freedom = np.where(alive, neurons, 0.0)
    return Ratio(
        value=np.where(alive, value, 0.0),
        freedom=freedom,
        variance=np.where(alive, neurons * spread, 0.0),
        absent=np.broadcast_to(neurons, freedom.shape) - freedom,
    )
