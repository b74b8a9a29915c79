"""From forward and backward passes to the numbers that are tested, by layer and network: (L, B).

What each ratio is, and why its law is known, stands in statistics/ratio.py and statistics/signs.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from montecarlo.activations import Activation
from montecarlo.arrays import Array, Flags, divided, fourth_share
from montecarlo.laws import Law
from montecarlo.network import Backward, Forward, Network
from montecarlo.observations import Ratio, Signs


def squares(vectors: Sequence[Array]) -> Array:
    """|v|^2 of one vector a layer and network; layers may differ in width."""
    return np.stack([np.vecdot(v, v) for v in vectors])


def column(values: Sequence[float]) -> Array:
    """One number a layer, shaped (L, 1)."""
    return np.array(values, dtype=np.float64)[:, np.newaxis]


def log_mean_squares(vectors: Sequence[Array], exponents: Sequence[Array]) -> Array:
    """Log of |2^e v|^2/n; -inf for a vector of zeros."""
    widths = column([v.shape[-1] for v in vectors])
    return np.log(squares(vectors) / widths) + 2 * math.log(2) * np.stack(exponents)


def reached(passes: Sequence[Forward]) -> Flags:
    """Whether a_{l-1} is not 0."""
    return squares([seen.a for seen in passes]) > 0


def forward_ratio(passes: Sequence[Forward], *, law: Law, variances: Sequence[float]) -> Ratio:
    """|u|^2/(Var(W) |a|^2): n_l neurons, variance n_l (2 + kappa sum a^4/(sum a^2)^2)."""
    inputs = [seen.a for seen in passes]
    expected = column(variances) * squares(inputs)
    share = np.stack([fourth_share(a) for a in inputs])
    neurons = column([seen.u.shape[-1] for seen in passes])
    value = divided(squares([seen.u for seen in passes]), expected)
    return _ratio(value, neurons, alive=expected > 0, spread=_spread(law, share))


def conditional_ratio(passes: Sequence[Forward], *, law: Law, variances: Sequence[float], sigma_b2: float) -> Ratio:
    """|z|^2/(Var(W) |a|^2 + sigma_b^2), with claimed variances; needs sigma_b^2 > 0."""
    inputs = [seen.a for seen in passes]
    of_weights = column(variances) * squares(inputs)
    # z carries the exponent of its layer, so that the biases' variance has to be divided by it too
    expected = of_weights + np.ldexp(sigma_b2, -2 * np.stack([seen.exponent for seen in passes]))
    share = np.stack([fourth_share(a) for a in inputs]) * (of_weights / expected) ** 2
    neurons = column([seen.z.shape[-1] for seen in passes])
    value = squares([seen.z for seen in passes]) / expected
    return _ratio(value, neurons, alive=expected > 0, spread=_spread(law, share))


def backpropagated_ratio(
    passes: Sequence[Forward], records: Sequence[Backward], *, variances: Sequence[float]
) -> Ratio:
    """(|W^T delta|^2 - (u.delta)^2/|a|^2)/(Var(W) |delta|^2) for Gaussian W.

    n_{l-1} - 1 neurons, or n_{l-1} if a = 0.
    """
    inputs = squares([seen.a for seen in passes])
    along = [np.vecdot(seen.u, record.delta) for seen, record in zip(passes, records, strict=True)]
    across = squares([record.g for record in records]) - divided(np.stack(along) ** 2, inputs)
    expected = column(variances) * squares([record.delta for record in records])
    neurons = column([seen.a.shape[-1] for seen in passes]) - (inputs > 0)
    alive = (expected > 0) & (neurons > 0)
    value = np.where(alive, divided(across, expected), 0.0)
    return _ratio(value, neurons, alive=alive, spread=np.full_like(value, 2.0))


def transposed_ratio(network: Network, gradients: Sequence[Array], *, law: Law, variances: Sequence[float]) -> Ratio:
    """|W^T g|^2/(Var(W) |g|^2) for gradients g (B, n_l) independent of W: n_{l-1} neurons."""
    sent = [np.vecmat(g, w) for g, w in zip(gradients, network.weights, strict=True)]
    expected = column(variances) * squares(gradients)
    share = np.stack([fourth_share(g) for g in gradients])
    neurons = column([g.shape[-1] for g in sent])
    value = squares(sent) / expected
    return _ratio(value, neurons, alive=expected > 0, spread=_spread(law, share))


def activation_signs(passes: Sequence[Forward], *, f: Activation) -> Signs:
    """Y = |f(z)|^2/|z|^2, r^2 = sum z^4/(sum z^2)^2."""
    pre = [seen.z for seen in passes]
    value = divided(squares([f.function(z) for z in pre]), squares(pre))
    r2 = np.stack([fourth_share(z) for z in pre])
    return Signs(value, divided(np.ones_like(r2), np.sqrt(r2)))


def derivative_signs(passes: Sequence[Forward], *, f: Activation) -> Signs:
    """Y = mean of f'(z_i)^2 over the units with z_i != 0, r^2 = 1/their number."""
    slopes = [np.where(seen.z != 0, f.derivative(seen.z), 0.0) for seen in passes]
    number = np.stack([np.count_nonzero(seen.z, axis=-1) for seen in passes]).astype(np.float64)
    return Signs(divided(squares(slopes), number), np.sqrt(number))


def jacobian_squares(network: Network, passes: Sequence[Forward]) -> Array:
    """Sum_i f'(z_i)^2 |w_i|^2/n_{l-1}: the mean squared singular value of diag(f'(z)) W."""
    return np.stack(
        [
            np.vecdot(np.vecdot(w, w), network.activation.derivative(seen.z) ** 2) / w.shape[-1]
            for w, seen in zip(network.weights, passes, strict=True)
        ]
    )


def _spread(law: Law, share: Array) -> Array:
    return np.full_like(share, 2.0) if law.gaussian else 2.0 + law.excess_kurtosis * share


def _ratio(value: Array, neurons: Array, *, alive: Flags, spread: Array) -> Ratio:
    freedom = np.where(alive, neurons, 0.0)
    return Ratio(
        value=np.where(alive, value, 0.0),
        freedom=freedom,
        variance=np.where(alive, neurons * spread, 0.0),
        absent=np.broadcast_to(neurons, freedom.shape) - freedom,
    )
