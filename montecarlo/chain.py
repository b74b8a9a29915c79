"""The chain sampler: homogeneous activations, Gaussian weights, no bias. A few numbers a layer, whatever the width.

Let f(z) = alpha_+ z for z > 0 and alpha_- z for z < 0, W a layer's matrix, s = Var(W), a its input, z = W a.

Forward. Given a, the z_i are iid N(0, s |a|^2). Their signs are fair and independent of their sizes, so with K the
number of positive ones, A and B the sums of their squares over positive and negative units in units of s |a|^2,

    K ~ Bin(n, 1/2),   A ~ chi2_K,   B ~ chi2_{n-K} given K,
    |z|^2 = s |a|^2 (A + B),   |f(z)|^2 = s |a|^2 (alpha_+^2 A + alpha_-^2 B) = p + m.

Once |f(z)| = 0 (relu, K = 0) the network is dead: every later layer and every gradient is zero.

Backward. Euler: f'(z) z = f(z), so that z.delta = z.(f'(z) g) = f(z).g for the gradient g that arrives at a = f(z); and
a.g = a.(W'^T delta') = z'.delta' with the primes for the layer above. So kappa = z.delta is the same at every layer; at
the end, where g_L ~ N(0, I), it is |a_L| N(0, 1). Given kappa and what is above (conditioned.py), g is

    g = kappa a/|a|^2 + (I - a a^T/|a|^2) N(0, tau^2 I),   tau^2 = Var(W') |delta'|^2, and 1 at the end.

Split a into its positive and negative units, of squared length p and m. Of the directions orthogonal to a one lies in
the plane of the two parts, K - 1 lie within the positive units, n - K - 1 within the negative ones. With eta ~ N(0, 1)
along the first, which is there only if 0 < K < n, and R = kappa^2/(|a|^2 tau^2), t = p/(p + m),

    |delta|^2/tau^2 = alpha_+^2 [(sqrt(R t) + eta sqrt(1 - t))^2 + C_+]
                    + alpha_-^2 [(sqrt(R (1 - t)) - eta sqrt t)^2 + C_-],
    |g|^2/tau^2 = R + eta^2 + C_+ + C_-,   C_+ ~ chi2_{(K-1)+},   C_- ~ chi2_{(n-K-1)+}.

The sign of kappa does not matter, as eta is symmetric. Everything random but K is drawn for all layers at once; what
runs from layer to layer is R alone, and sums of logarithms, so that depth 100,000 neither overflows nor underflows.
The input has no activation: |g_0|^2/tau^2 = R + chi2_{n_0 - 1}.

Row norms for growth.py as in conditioned.py, with n' the width below and |a'|^2 its squared length:

    sum f'(z_i)^2 |w_i|^2 = (p + m)/|a'|^2 + s (alpha_+^2 chi2_{K (n'-1)} + alpha_-^2 chi2_{(n-K)(n'-1)}).

What needs single units, such as sum z^4, the chain does not know.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from montecarlo.activations import Activation
from montecarlo.arrays import Array, Flags, divided
from montecarlo.measures import column
from montecarlo.observations import Block, Observations, Ratio, Signs
from montecarlo.spec import Spec
from montecarlo.streams import chi_square, generator

BLOCK_LAYERS = 2**20  # layers times networks drawn at once; some twenty numbers of each are held: 170 MB
FEWEST, MOST = 16, 1024  # networks a block: below, the loop over layers costs more than the draws


def block_size(spec: Spec) -> int:
    """As many networks as have `BLOCK_LAYERS` layers."""
    return max(FEWEST, min(MOST, BLOCK_LAYERS // spec.depth))


def refusal(spec: Spec) -> str | None:
    """What the lengths of vectors do not tell."""
    if not spec.weight_law.gaussian:
        return f"chain draws normal weights only, not {spec.weight_law.name}; write method dense"
    if spec.f.slopes is None:
        known = "relu, leaky_relu, abs, identity"
        return f"chain needs a homogeneous activation ({known}), not {spec.f.name}; write method conditioned"
    if not _keeps_its_word(spec.f):
        return f"the slopes that are stated of {spec.f.name} are not those of its function; write method conditioned"
    if spec.sigma_b2 > 0:
        return "chain has no biases, they break homogeneity; write method conditioned"
    if spec.precision != "double":
        return "chain computes in double precision; write method dense for single"
    if spec.moments:
        return "chain does not see single units, whose moments are asked for; write method conditioned"
    if spec.residual is not None:
        return "chain has no residual connections, whose angle to a it does not know; write method conditioned"
    if spec.inputs > 1:
        return "chain knows lengths of one input's vectors, no angles; write method conditioned for several inputs"
    if spec.claim_activation is not None:
        return "chain does not see single units, which claim_activation asks for; write method conditioned"
    return None


def _keeps_its_word(f: Activation) -> bool:
    """Whether f and f' are the line of the stated slopes: the chain calls neither of them."""
    right, left = f.slopes or (1.0, 1.0)
    z = np.array([0.25, 1.0, 7.0])
    stated = np.concatenate([right * z, -left * z, np.full(3, right), np.full(3, left)])
    found = np.concatenate([f.function(z), f.function(-z), f.derivative(z), f.derivative(-z)])
    return bool(np.allclose(found, stated, rtol=1e-12, atol=0))


@dataclass(frozen=True, slots=True, eq=False)
class _Forward:
    """By layer l = 1 to L and network, (L, B): K_l, A_l and B_l in units of Var(W_l) |a_{l-1}|^2, and what is dead.

    here: a_{l-1} is not 0. there: a_l is not 0. log_a: log |a_{l-1}|^2, wherever that is not 0.
    """

    positive: NDArray[np.int64]
    upper: Array
    lower: Array
    here: Flags
    there: Flags
    log_a: Array


def observe(spec: Spec, block: Block) -> Observations:
    """As `dense.observe`, in law; arrays (L, B)."""
    rng = generator(spec.seed, block=block.number)
    right, left = spec.f.slopes or (1.0, 1.0)
    n_in, n_out = (np.array(w)[:, np.newaxis] for w in (spec.widths[:-1], spec.widths[1:]))
    variances = column(spec.weight_variances)
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = _forward(rng, spec, block.networks)
        log_g, back = _backward(rng, spec, seen)
        total = seen.upper + seen.lower
        log_q = np.log(variances * total / n_out) + seen.log_a
        square = right**2 * seen.upper + left**2 * seen.lower
        across = right**2 * chi_square(rng, seen.positive * (n_in - 1))
        across += left**2 * chi_square(rng, (n_out - seen.positive) * (n_in - 1))
        derivative = None
        if spec.claim_derivative is not None:
            mean = (right**2 * seen.positive + left**2 * (n_out - seen.positive)) / n_out
            derivative = Signs(np.where(seen.here, mean, 0.0), np.where(seen.here, np.sqrt(n_out), 0.0))
    return Observations(
        alive=seen.here,
        dead=np.logical_not(seen.there.all(axis=0)),
        forward=_ratio(total, seen.here, np.broadcast_to(n_out, total.shape)),
        conditional=None,
        backward=back,
        activation=None,
        derivative=derivative,
        log_q=np.where(seen.here, log_q, -np.inf),
        log_gradient=log_g,
        jacobian=np.where(seen.here, variances * (square + across) / n_in, 0.0),
    )


def _forward(rng: np.random.Generator, spec: Spec, networks: int) -> _Forward:
    """K, A and B of all layers, and the logarithms of the squared lengths, relative to |x|^2 = n_0."""
    right, left = spec.f.slopes or (1.0, 1.0)
    n_out = np.array(spec.widths[1:])[:, np.newaxis]
    positive = rng.binomial(n_out, 0.5, (spec.depth, networks))
    upper, lower = chi_square(rng, positive), chi_square(rng, n_out - positive)
    square = right**2 * upper + left**2 * lower
    there = np.logical_and.accumulate(square > 0)
    here = np.vstack([np.ones((1, networks), dtype=np.bool_), there[:-1]])
    steps = np.log(np.where(there, column(spec.weight_variances) * square, 1.0))
    log_a = np.log(spec.widths[0]) + np.vstack([np.zeros((1, networks)), np.cumsum(steps[:-1], axis=0)])
    return _Forward(positive, upper, lower, here, there, log_a)


def _backward(rng: np.random.Generator, spec: Spec, seen: _Forward) -> tuple[Array, Ratio]:
    """Log of |g_{l-1}|^2/n_{l-1} relative to |g_L|^2/n_L, and the ratio of each layer's transposed matrix."""
    right, left = spec.f.slopes or (1.0, 1.0)
    depth, networks = spec.depth, seen.positive.shape[1]
    n_in, n_out = (np.array(w)[:, np.newaxis] for w in (spec.widths[:-1], spec.widths[1:]))
    both = (seen.positive > 0) & (seen.positive < n_out)
    eta = np.where(both, _normals(rng, (depth, networks)), 0.0)
    above = chi_square(rng, np.maximum(seen.positive - 1, 0))
    below = chi_square(rng, np.maximum(n_out - seen.positive - 1, 0))
    input_across = chi_square(rng, np.array([spec.widths[0] - 1] * networks))
    end = np.square(_normals(rng, networks))  # R at the last layer: kappa = |a_L| N(0, 1), tau = 1
    square = right**2 * seen.upper + left**2 * seen.lower
    t = divided(right**2 * seen.upper, square)
    # |delta_l|^2/tau^2 = right^2 (sqrt R root_t + x)^2 + left^2 (sqrt R root_u - y)^2 + rest
    root_t, root_u = np.sqrt(t), np.sqrt(1 - t)
    x, y, rest = eta * root_u, eta * root_t, right**2 * above + left**2 * below
    along, delta = np.empty((depth + 1, networks)), np.empty((depth, networks))
    along[depth] = end
    for layer in range(depth - 1, -1, -1):
        root = np.sqrt(along[layer + 1])
        here = (root * root_t[layer] + x[layer]) ** 2 * right**2
        here += (root * root_u[layer] - y[layer]) ** 2 * left**2
        delta[layer] = here + rest[layer]
        along[layer] = along[layer + 1] * divided(square[layer], delta[layer])
    reaches = seen.there[-1] & np.logical_and.accumulate(delta[::-1] > 0)[::-1]
    # tau^2 of the gradient that arrives at a_{l-1}: Var(W_l) |delta_l|^2
    steps = np.log(np.where(reaches, column(spec.weight_variances) * delta, 1.0))
    log_tau = np.cumsum(steps[::-1], axis=0)[::-1]
    across = np.vstack([input_across, (eta**2 + above + below)[:-1]])
    last = along[depth] + eta[-1] ** 2 + above[-1] + below[-1]
    log_g = log_tau + np.log((along[:-1] + across) / n_in) - np.log(last / n_out[-1])
    neurons = n_in - seen.here
    alive = reaches & (neurons > 0)
    return np.where(reaches, log_g, -np.inf), _ratio(across, alive, neurons)


def _ratio(value: Array, alive: Flags, neurons: NDArray[np.int64]) -> Ratio:
    """chi2 of ``neurons`` degrees of freedom, where a network is alive."""
    freedom = np.where(alive, neurons, 0).astype(np.float64)
    return Ratio(np.where(alive, value, 0.0), freedom, 2 * freedom, neurons - freedom)


def _normals(rng: np.random.Generator, shape: int | tuple[int, ...]) -> Array:
    return rng.standard_normal(shape)
