"""The conditioned sampler: Gaussian weights, any activation, no matrix; n random numbers a layer and not n^2.

Here for one input; for several ones see jointly.py.

It draws z_l, delta_l and g_{l-1} from the law that they have in the dense network, jointly over all layers, at every
width. Let W be a layer's matrix, s = Var(W) its entries' variance, a its input, u = W a.

Forward. W is independent of a. Given a, the rows of W are iid, so the entries of u = W a are iid N(0, s |a|^2).

Backward. delta depends on W through u alone: z = u + b, everything above is made of z and of other matrices, and
what comes back to the layer is a function of those. So ask for the law of W given (a, u). Split each row w_i into its
part along a, which is u_i a/|a|^2, and the rest, which for a Gaussian row is independent of it:

    W = u a^T/|a|^2 + G (I - a a^T/|a|^2),     G with iid N(0, s) entries, independent of a, u and delta.

Hence g = W^T delta = a (u.delta)/|a|^2 + (I - a a^T/|a|^2) G^T delta, and G^T delta given delta is N(0, s |delta|^2 I).
Residual connections, a_l = a_{l-1} + c f(z_l), change nothing in this: all that is above still is a function of a and
z and of other matrices, so delta depends on W through u alone. Only what is done with u and W^T delta differs,
g_{l-1} = g_l + W^T delta.

A dead input, a = 0, has u = 0 and nothing along it: g = G^T delta. This conditioning is the one of Bolthausen (2014)
for the TAP equations and of Yang (2019) for networks; here it is used forward once and backward once, where it is
exact, and no width has to grow.

The squared row norms that the gradients' product estimate asks for (growth.py) follow from the same split:
|w_i|^2 = u_i^2/|a|^2 + s chi2_{n-1}, independent over i. They are drawn with the forward pass and so have the right
law together with it; together with g they have not, and no estimate uses both.
"""

from __future__ import annotations

import numpy as np

from montecarlo import jointly, measures
from montecarlo.arrays import Array, Integers, divided
from montecarlo.inputs import draw_inputs
from montecarlo.measures import Norms
from montecarlo.network import Backward, Forward
from montecarlo.observations import Block, Observations
from montecarlo.spec import Spec
from montecarlo.streams import chi_square, fill_normal, generator, normals

BLOCK_NEURONS = 2**21  # of all layers of the networks drawn together; five vectors of each are held: 84 MB
LAYER_NEURONS = 2**14  # of one layer: its vectors stay in the second-level cache
BLOCK_NETWORKS = 1024


def block_size(spec: Spec) -> int:
    """As many networks as keep a layer in the cache and all layers in the memory."""
    fitting = min(LAYER_NEURONS // max(spec.widths), BLOCK_NEURONS // sum(spec.widths))
    return max(1, min(BLOCK_NETWORKS, fitting // spec.inputs))


def refusal(spec: Spec) -> str | None:
    """Weights that are not Gaussian: given W a their rows are not independent of what is left. Single precision."""
    if spec.precision != "double":
        return "conditioned computes in double precision; write method dense for single"
    if spec.weight_law.gaussian:
        return None
    return f"conditioned draws normal weights only, not {spec.weight_law.name}; write method dense"


def observe(spec: Spec, block: Block) -> Observations:
    """As `dense.observe`, in law; arrays (L, B).

    Raises:
        InputError: values leave the range of a double, or the activation returns no number.
    """
    rng = generator(spec.seed, block=block.number)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        passes, records, end = _run(rng, spec, block.networks)
        norms = measures.checked_norms(spec, passes, records)
        across = None
        if spec.inputs > 1:
            across = measures.across_inputs(passes, records)
            passes, records, norms = measures.of_first_input(passes, records, norms)
        back = measures.backpropagated_ratio(passes, records, norms, variances=spec.weight_variances)
        jacobian = _jacobian_squares(rng, spec, passes, norms) if measures.is_product(spec) else None
        return measures.observed(spec, passes, records, norms, end=end, backward=back, jacobian=jacobian, across=across)


def _run(
    rng: np.random.Generator, spec: Spec, networks: int
) -> tuple[tuple[Forward, ...], tuple[Backward, ...], Array]:
    """Both passes, vectors (B, n) or (B, inputs, n), and the gradient at the end (B, n_L)."""
    n_in, n_out = spec.widths[0], spec.widths[-1]
    if spec.inputs > 1:
        x = draw_inputs(rng, networks=networks, inputs=spec.inputs, width=n_in, correlation=spec.correlation)
        passes = jointly.forward(rng, spec, x)
        end = normals(rng, (networks, n_out))
        return passes, jointly.backward(rng, spec, passes, end[:, np.newaxis]), end
    x = normals(rng, (networks, n_in))
    x *= np.sqrt(n_in / np.vecdot(x, x))[:, np.newaxis]
    passes = forward(rng, spec, x)
    end = normals(rng, (networks, n_out))
    return passes, backward(rng, spec, passes, end), end


def forward(rng: np.random.Generator, spec: Spec, x: Array) -> tuple[Forward, ...]:
    """u_l ~ N(0, Var(W_l) |a_{l-1}|^2 I), z_l = u_l + b_l, a_l = f(z_l), for inputs x (B, n_0)."""
    f, homogeneous, c = spec.f.function, spec.f.slopes is not None, spec.residual
    a, exponent = x, np.zeros(len(x), dtype=np.int32)
    passes: list[Forward] = []
    for width, variance in zip(spec.widths[1:], spec.weight_variances, strict=True):
        u = _scaled_normals(rng, width, np.sqrt(variance * np.vecdot(a, a)))
        z = u
        if spec.sigma_b2 > 0:
            z = u + _scaled_normals(rng, width, np.ldexp(np.sqrt(spec.sigma_b2), -exponent))
        passes.append(Forward(a, u, z, exponent))
        a = f(z) if c is None else a + c * f(z)
        if homogeneous:
            exponent = exponent + _take_exponent(a)
    return tuple(passes)


def backward(rng: np.random.Generator, spec: Spec, passes: tuple[Forward, ...], g: Array) -> tuple[Backward, ...]:
    """delta_l = f'(z_l) * g_l, g_{l-1} = a (u.delta)/|a|^2 + (I - a a^T/|a|^2) N(0, Var(W_l) |delta_l|^2 I)."""
    exponent = np.zeros(len(g), dtype=np.int32)
    records: list[Backward] = []
    for seen, variance in zip(reversed(passes), reversed(spec.weight_variances), strict=True):
        delta = spec.f.derivative(seen.z)
        delta *= g if spec.residual is None else spec.residual * g
        shift = _take_exponent(delta)
        exponent = exponent + shift
        through = _scaled_normals(rng, seen.a.shape[-1], np.sqrt(variance * np.vecdot(delta, delta)))
        along = np.vecdot(seen.u, delta) - np.vecdot(seen.a, through)
        through += seen.a * divided(along, np.vecdot(seen.a, seen.a))[:, np.newaxis]
        if spec.residual is None:
            g = through
            records.append(Backward(delta, g, exponent))
        else:
            g = through + np.ldexp(g, -shift[:, np.newaxis])
            records.append(Backward(delta, g, exponent, through))
    return tuple(reversed(records))


def _scaled_normals(rng: np.random.Generator, width: int, scale: Array) -> Array:
    """A vector of N(0, scale^2) for each network; (B,) -> (B, width)."""
    out = np.empty((scale.size, width))
    fill_normal(rng, out)
    out *= scale[:, np.newaxis]
    return out


def _take_exponent(vectors: Array) -> Integers:
    """Divides V by 2^e in place, |v| in [1/2, 1), and returns e; e = 0 for a vector of zeros."""
    _, exponent = np.frexp(np.sqrt(np.vecdot(vectors, vectors)))
    vectors *= np.ldexp(1.0, -exponent)[:, np.newaxis]
    return exponent.astype(np.int32)


def _jacobian_squares(rng: np.random.Generator, spec: Spec, passes: tuple[Forward, ...], norms: Norms) -> Array:
    """Sum_i f'(z_i)^2 (u_i^2/|a|^2 + Var(W) chi2_{n-1})/n, n = n_{l-1}; the sum of k chi2_m is chi2_{km}."""
    right, left = spec.f.derivative(np.array([1.0, -1.0]))  # f' is constant on either side
    along = np.stack([_slope_energy(spec, seen) for seen in passes])
    positive = np.stack([np.count_nonzero(seen.z > 0, axis=-1) for seen in passes])
    n_in, n_out = (np.array(w)[:, np.newaxis] for w in (spec.widths[:-1], spec.widths[1:]))
    rest = n_in - (norms.a > 0)
    across = right**2 * chi_square(rng, positive * rest) + left**2 * chi_square(rng, (n_out - positive) * rest)
    return (divided(along, norms.a) + measures.column(spec.weight_variances) * across) / n_in


def _slope_energy(spec: Spec, seen: Forward) -> Array:
    """Sum_i f'(z_i)^2 u_i^2."""
    moved = spec.f.derivative(seen.z) * seen.u
    return np.vecdot(moved, moved)
