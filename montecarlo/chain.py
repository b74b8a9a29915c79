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

If one slope is 0, as relu's, one of the two parts of a is, m = 0 and t = 1: then the first direction is any one within
the units that are off, and the formulas stand. That they need no more of a than p, m and K is because the normal vector
across a is the same in all directions.

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

from montecarlo.activations import Activation
from montecarlo.arrays import Array, Flags
from montecarlo.draws import Draws, draws_from
from montecarlo.measures import column
from montecarlo.observations import Block, Observations, Ratio, Signs
from montecarlo.spec import Spec
from montecarlo.streams import generator

BLOCK_LAYERS = 2**20  # layers times networks drawn at once: 200 MB
NUMBERS = 24  # of each layer and network that are held
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

    total: A + B. square: alpha_+^2 A + alpha_-^2 B. upper: alpha_+^2 A. here: a_{l-1} is not 0. there: a_l is not 0.
    log_a: log |a_{l-1}|^2, wherever that is not 0.
    """

    positive: Array
    total: Array
    square: Array
    upper: Array
    here: Flags
    there: Flags
    log_a: Array


def needs(spec: Spec) -> int:
    """Bytes for the numbers of a block."""
    return 8 * NUMBERS * min(block_size(spec), spec.networks) * spec.depth


def observe(spec: Spec, block: Block) -> Observations:
    """As `dense.observe`, in law; arrays (L, B)."""
    draws = draws_from(generator(spec.seed, block=block.number), single=spec.single)
    right, left = spec.f.slopes or (1.0, 1.0)
    n_in, n_out = _sizes(spec)
    variances = column(spec.weight_variances)
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = _forward(draws, spec, block.networks)
        log_g, back = _backward(draws, spec, seen)
        log_q = np.log(variances * seen.total / n_out)
        log_q += seen.log_a
        jacobian = seen.square + _weighted(draws, right, seen.positive * (n_in - 1))
        if left:
            jacobian += _weighted(draws, left, (n_out - seen.positive) * (n_in - 1))
        jacobian *= variances / n_in
        derivative = None
        if spec.claim_derivative is not None:
            mean = (right**2 * seen.positive + left**2 * (n_out - seen.positive)) / n_out
            derivative = Signs(np.where(seen.here, mean, 0.0), np.where(seen.here, np.sqrt(n_out), 0.0))
    return Observations(
        alive=seen.here,
        dead=np.logical_not(seen.there.all(axis=0)),
        forward=_ratio(seen.total, seen.here, np.broadcast_to(n_out, seen.total.shape)),
        conditional=None,
        backward=back,
        activation=None,
        derivative=derivative,
        log_q=_where(seen.here, log_q, -np.inf),
        log_gradient=log_g,
        jacobian=_where(seen.here, jacobian, 0.0),
    )


def _forward(draws: Draws, spec: Spec, networks: int) -> _Forward:
    """K, A and B of all layers, and the logarithms of the squared lengths, relative to |x|^2 = n_0."""
    right, left = spec.f.slopes or (1.0, 1.0)
    _, n_out = _sizes(spec)
    positive = draws.heads(spec.widths[1:], networks)
    upper, lower = draws.chi_square(positive), draws.chi_square(n_out - positive)
    total = upper + lower
    upper *= right**2
    lower *= left**2
    square = np.add(upper, lower, out=lower) if left else upper
    there = _running_and(square > 0)
    here = np.concatenate([np.ones((1, networks), dtype=np.bool_), there[:-1]])
    log_a = np.empty((spec.depth, networks))
    log_a[0] = 0.0
    steps = np.log(_where(there, column(spec.weight_variances) * square, 1.0))
    for layer in range(1, spec.depth):
        np.add(log_a[layer - 1], steps[layer - 1], out=log_a[layer])
    log_a += np.log(spec.widths[0])
    return _Forward(positive, total, square, upper, here, there, log_a)


def _backward(draws: Draws, spec: Spec, seen: _Forward) -> tuple[Array, Ratio]:
    """Log of |g_{l-1}|^2/n_{l-1} relative to |g_L|^2/n_L, and the ratio of each layer's transposed matrix."""
    right, left = spec.f.slopes or (1.0, 1.0)
    depth, networks = spec.depth, seen.positive.shape[1]
    n_in, n_out = _sizes(spec)
    both = (seen.positive > 0) & (seen.positive < n_out)
    eta = _where(both, draws.normals((depth, networks)), 0.0)
    above = draws.chi_square(np.maximum(seen.positive - 1, 0))
    below = draws.chi_square(np.maximum(n_out - seen.positive - 1, 0))
    across = np.empty((depth, networks))
    across[0] = draws.chi_square(np.full((networks,), spec.widths[0] - 1, dtype=np.float64))
    end = np.square(draws.normals((networks,)))  # R at the last layer: kappa = |a_L| N(0, 1), tau = 1
    last = end + eta[-1] ** 2 + above[-1] + below[-1]
    np.square(eta[:-1], out=across[1:])
    across[1:] += above[:-1]
    across[1:] += below[:-1]
    above *= right**2
    if left:
        below *= left**2
        above += below
    along, delta = _along(seen, eta, above, end, slopes=(right, left))
    reaches = _running_and((delta > 0)[::-1])[::-1] & seen.there[-1]
    # tau^2 of the gradient that arrives at a_{l-1}: Var(W_l) |delta_l|^2
    steps = np.log(_where(reaches, column(spec.weight_variances) * delta, 1.0))
    for layer in range(depth - 2, -1, -1):
        steps[layer] += steps[layer + 1]
    along += across
    along /= n_in
    log_g = np.log(along)
    log_g += steps
    log_g -= np.log(last / n_out[-1])
    neurons = n_in - seen.here
    return _where(reaches, log_g, -np.inf), _ratio(across, reaches & (neurons > 0), neurons)


def _along(seen: _Forward, eta: Array, rest: Array, end: Array, *, slopes: tuple[float, float]) -> tuple[Array, Array]:
    """R of g_{l-1}, and |delta_l|^2/tau^2, from ``rest`` = alpha_+^2 C_+ + alpha_-^2 C_-, which is used up.

    |delta|^2/tau^2 = alpha_+^2 (sqrt R sqrt t + x)^2 + alpha_-^2 (sqrt R sqrt(1 - t) - y)^2 + rest,
    x = eta sqrt(1 - t), y = eta sqrt t.
    """
    right, left = slopes
    sides = [] if not (right and left) else _sides(seen, eta, slopes=slopes)
    along, delta, reached = np.empty_like(eta), rest, end
    for layer in range(len(eta) - 1, -1, -1):
        for slope, root, across in sides:
            delta[layer] += np.square(np.sqrt(reached) * root[layer] + across[layer]) * slope**2
        if not sides:  # t is 1, or 0
            delta[layer] += reached * (right or left) ** 2
        # 0/0 where the gradient has died: nobody looks below
        reached = np.divide(seen.square[layer], delta[layer], out=along[layer]) * reached
        along[layer] = reached
    return along, delta


def _sides(seen: _Forward, eta: Array, *, slopes: tuple[float, float]) -> list[tuple[float, Array, Array]]:
    t = seen.upper / seen.square
    root_t, root_u = np.sqrt(t), np.sqrt(np.subtract(1, t, out=t))
    return [(slopes[0], root_t, eta * root_u), (slopes[1], root_u, -eta * root_t)]


def _weighted(draws: Draws, slope: float, freedom: Array) -> Array:
    found = draws.chi_square(freedom)
    found *= slope**2
    return found


def _sizes(spec: Spec) -> tuple[Array, Array]:
    """n_{l-1} and n_l of the layers, (L, 1); whole numbers."""
    return column(spec.widths[:-1]), column(spec.widths[1:])


def _running_and(flags: Flags) -> Flags:
    """Whether all are true so far, layer by layer; ``flags`` itself."""
    if not flags.all():
        for layer in range(1, len(flags)):
            flags[layer] &= flags[layer - 1]
    return flags


def _where(flags: Flags, values: Array, other: float) -> Array:
    """The values, ``other`` in place of them where the flag is not set."""
    if not flags.all():
        values[~flags] = other
    return values


def _ratio(value: Array, alive: Flags, neurons: Array) -> Ratio:
    """chi2 of ``neurons`` degrees of freedom, where a network is alive."""
    freedom = np.broadcast_to(neurons, alive.shape)
    if not alive.all():
        freedom = np.where(alive, neurons, 0.0)
    return Ratio(_where(alive, value, 0.0), freedom, 2 * freedom, neurons - freedom)
