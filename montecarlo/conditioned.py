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

from collections.abc import Iterator, Sequence

import numpy as np

from montecarlo import jointly, measures
from montecarlo.arrays import Array, Integers, count_true, divided, dots
from montecarlo.draws import Draws, draws_from
from montecarlo.inputs import draw_inputs
from montecarlo.measures import Norms
from montecarlo.network import Backward, Forward
from montecarlo.observations import Block, Observations
from montecarlo.single import rounded
from montecarlo.spec import Spec
from montecarlo.streams import generator

BLOCK_NEURONS = 2**21  # of all layers of the networks drawn together; four vectors of each are held: 67 MB, or 34
LAYER_NEURONS = 2**15  # of one layer: its vectors stay in the second-level cache
BLOCK_NETWORKS = 1024
VECTORS = 8  # of each neuron that are held, temporary ones included
EXPONENT = 20  # vectors of homogeneous networks keep a length of 2^-20 to 2^20


def block_size(spec: Spec) -> int:
    """As many networks as keep a layer in the cache and all layers in the memory."""
    fitting = min(LAYER_NEURONS // max(spec.widths), BLOCK_NEURONS // sum(spec.widths))
    return max(1, min(BLOCK_NETWORKS, fitting // spec.inputs))


def refusal(spec: Spec) -> str | None:
    """Weights that are not Gaussian: given W a their rows are not independent of what is left."""
    if spec.weight_law.gaussian:
        return None
    return f"conditioned draws normal weights only, not {spec.weight_law.name}; write method dense"


def needs(spec: Spec) -> int:
    """Bytes for the vectors of a block."""
    size = 4 if spec.single and spec.inputs == 1 else 8
    return size * VECTORS * min(block_size(spec), spec.networks) * spec.inputs * sum(spec.widths)


def observe(spec: Spec, block: Block) -> Observations:
    """As `dense.observe`, in law; arrays (L, B).

    Raises:
        InputError: values leave the range of the precision, or the activation returns no number.
    """
    rng = generator(spec.seed, block=block.number)
    draws = draws_from(rng, single=spec.single)
    across = None
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        if spec.inputs > 1:
            x = draw_inputs(
                rng, networks=block.networks, inputs=spec.inputs, width=spec.widths[0], correlation=spec.correlation
            )
            passes = jointly.forward(draws, spec, x)
            end = draws.normals((block.networks, spec.widths[-1]))
            records = jointly.backward(draws, spec, passes, end[:, np.newaxis])
            norms = measures.checked(spec, measures.norms_of(passes, records))
            across = measures.across_inputs(passes, records)
            passes, records, norms = measures.of_first_input(passes, records, norms)
        else:
            passes, records, norms, end = _run(draws, spec, block.networks)
            measures.checked(spec, norms)
        back = measures.backpropagated_ratio(norms, widths=spec.widths, variances=spec.weight_variances)
        jacobian = _jacobian_squares(draws, spec, passes, norms) if measures.is_product(spec) else None
        return measures.observed(spec, passes, records, norms, end=end, backward=back, jacobian=jacobian, across=across)


def _run(draws: Draws, spec: Spec, networks: int) -> tuple[tuple[Forward, ...], tuple[Backward, ...], Norms, Array]:
    """Both passes, vectors (B, n), and the gradient at the end (B, n_L)."""
    x = draws.normals((networks, spec.widths[0]))
    x *= np.sqrt(spec.widths[0] / np.vecdot(x, x))[:, np.newaxis]
    passes, (a, u, z) = forward(draws, spec, rounded(x) if spec.single else x)
    end = draws.normals((networks, spec.widths[-1]))
    records, (delta, g, through, along) = backward(draws, spec, passes, rounded(end) if spec.single else end, a)
    return passes, records, Norms(a=a, u=u, z=z, delta=delta, g=g, through=through, along=along), end


def forward(draws: Draws, spec: Spec, x: Array) -> tuple[tuple[Forward, ...], tuple[Array, Array, Array]]:
    """u_l ~ N(0, Var(W_l) |a_{l-1}|^2 I), z_l = u_l + b_l, a_l = f(z_l), for inputs x (B, n_0).

    Beside the records, while the vectors are in the cache: |a_{l-1}|^2, |u_l|^2 and |z_l|^2, (L, B).
    """
    f, homogeneous, c = spec.f.function, spec.f.slopes is not None, spec.residual
    a, exponent = x, np.zeros(len(x), dtype=np.int32)
    square = dots(a, a)
    places = _vectors(len(x), [n for n in spec.widths[1:] for _ in range(2)], like=x)
    passes: list[Forward] = []
    squares: list[tuple[Array, Array, Array]] = []
    for variance in spec.weight_variances:
        u = _scaled_normals(draws, np.sqrt(variance * square), out=next(places))
        z, of_u = u, dots(u, u)
        of_z = of_u
        if spec.sigma_b2 > 0:
            z = _scaled_normals(draws, np.ldexp(np.sqrt(spec.sigma_b2), -exponent), out=np.empty_like(u))
            z += u
            of_z = dots(z, z)
        passes.append(Forward(a, u, z, exponent))
        squares.append((square, of_u, of_z))
        before, a = a, next(places)
        a[:] = f(z)
        if c is not None:
            a *= x.dtype.type(c)
            a += before
        square = dots(a, a)
        if homogeneous:
            shift = _exponent(square)
            if shift.any():
                a[:], square = _without(shift, a), np.ldexp(square, -2 * shift)
                exponent = exponent + shift
    of_a, of_u, of_z = (np.stack(column) for column in zip(*squares, strict=True))
    return tuple(passes), (of_a, of_u, of_z)


def backward(
    draws: Draws, spec: Spec, passes: tuple[Forward, ...], g: Array, squares: Array
) -> tuple[tuple[Backward, ...], tuple[Array, Array, Array, Array]]:
    """delta_l = f'(z_l) * g_l, g_{l-1} = a (u.delta)/|a|^2 + (I - a a^T/|a|^2) N(0, Var(W_l) |delta_l|^2 I).

    ``squares`` are the |a_{l-1}|^2. Beside the records: |delta|^2, |g|^2, |W^T delta|^2 and u.delta, (L, B).
    """
    exponent = np.zeros(len(g), dtype=np.int32)
    widths = [n for seen in reversed(passes) for n in (seen.u.shape[-1], seen.a.shape[-1])]
    places = _vectors(len(g), widths, like=g)
    records: list[Backward] = []
    found: list[tuple[Array, Array, Array, Array]] = []
    for seen, square, variance in zip(
        reversed(passes), reversed(squares), reversed(spec.weight_variances), strict=True
    ):
        delta = next(places)
        np.multiply(spec.f.derivative(seen.z), g, out=delta, casting="same_kind")
        if spec.residual is not None:
            delta *= g.dtype.type(spec.residual)
        of_delta = dots(delta, delta)
        shift = _exponent(of_delta)
        if shift.any():
            delta[:], of_delta = _without(shift, delta), np.ldexp(of_delta, -2 * shift)
            exponent = exponent + shift
        through = _scaled_normals(draws, np.sqrt(variance * of_delta), out=next(places))
        along = dots(seen.u, delta)
        missing = divided(along - dots(seen.a, through), square)
        through += seen.a * missing.astype(g.dtype)[:, np.newaxis]
        of_through = of_g = dots(through, through)
        if spec.residual is None:
            g = through
            records.append(Backward(delta, g, exponent))
        else:
            g = through + _without(shift, g)
            of_g = dots(g, g)
            records.append(Backward(delta, g, exponent, through))
        found.append((of_delta, of_g, of_through, along))
    of_delta, of_g, of_through, along = (np.stack(column[::-1]) for column in zip(*found, strict=True))
    return tuple(reversed(records)), (of_delta, of_g, of_through, along)


def _vectors(networks: int, widths: Sequence[int], *, like: Array) -> Iterator[Array]:
    """Room for one vector of each network and width in turn, (B, n) each, in the precision of ``like``.

    It comes in one piece: memory that is asked for piece by piece comes back from the system empty, block by block.
    """
    room = np.empty(networks * sum(widths), dtype=like.dtype)
    start = 0
    for width in widths:
        yield room[start : start + networks * width].reshape(networks, width)
        start += networks * width


def _scaled_normals(draws: Draws, scale: Array, *, out: Array) -> Array:
    """Fills ``out`` (B, n) with N(0, scale^2), a scale for each network."""
    draws.fill(out)
    out *= scale.astype(out.dtype)[:, np.newaxis]
    return out


def _exponent(squares: Array) -> Integers:
    """The e of |v| = 2^e s, s in [1/2, 1), where a length has left its range; else, and for vectors of zeros, 0."""
    outside = (squares < 2.0 ** (-2 * EXPONENT)) | (squares > 2.0 ** (2 * EXPONENT))
    if not outside.any():
        return np.zeros(squares.shape, dtype=np.int32)
    _, exponent = np.frexp(np.sqrt(squares))
    return np.where(outside, exponent, 0).astype(np.int32)


def _without(shift: Integers, vectors: Array) -> Array:
    """V/2^e, which rounds nothing."""
    return np.ldexp(vectors, -shift[:, np.newaxis])


def _jacobian_squares(draws: Draws, spec: Spec, passes: tuple[Forward, ...], norms: Norms) -> Array:
    """Sum_i f'(z_i)^2 (u_i^2/|a|^2 + Var(W) chi2_{n-1})/n, n = n_{l-1}; the sum of k chi2_m is chi2_{km}."""
    right, left = measures.side_slopes(spec.f)
    positive = np.stack([count_true(seen.z > 0) for seen in passes])
    n_in, n_out = measures.column(spec.widths[:-1]), measures.column(spec.widths[1:])
    along = np.stack([_slope_energy(spec, seen) for seen in passes])
    rest = n_in - (norms.a > 0)
    across = right**2 * draws.chi_square(positive * rest)
    if left:
        across += left**2 * draws.chi_square((n_out - positive) * rest)
    return (divided(along, norms.a) + measures.column(spec.weight_variances) * across) / n_in


def _slope_energy(spec: Spec, seen: Forward) -> Array:
    """Sum_i f'(z_i)^2 u_i^2; without biases f'(z) z = f(z)."""
    moved = spec.f.function(seen.z) if seen.z is seen.u else spec.f.derivative(seen.z) * seen.u
    return dots(moved, moved)
