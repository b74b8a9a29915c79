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

The squared row norms that the gradients' product estimate asks for (growth.py) follow from the same split: |w_i|^2 =
u_i^2/|a|^2 + s chi2_{n-1}, or s chi2_n if a = 0, independent over i given a and u. They are drawn with the forward pass
and so have the right law together with it; together with g they have not, and no estimate uses both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from montecarlo import jointly, measures
from montecarlo.arrays import Array, Integers, count_true, divided, dots, squares
from montecarlo.draws import Draws, draws_from
from montecarlo.inputs import draw_inputs
from montecarlo.measures import Norms
from montecarlo.network import Forward
from montecarlo.observations import Block, Observations
from montecarlo.single import rounded
from montecarlo.spec import Spec
from montecarlo.streams import generator

BLOCK_NEURONS = 2**21  # of all layers of the networks drawn together; four vectors of each are held: 67 MB, or 34
LAYER_BYTES = 2**18  # a vector of one layer, which with a few others stays in the second-level cache
BLOCK_NETWORKS = 1024
VECTORS = 8  # of each neuron that are held, temporary ones included
EXPONENT = 20  # vectors of homogeneous networks keep a length of 2^-20 to 2^20


def block_size(spec: Spec) -> int:
    """As many networks as keep a layer in the cache and all layers in the memory."""
    layer = LAYER_BYTES // (_bytes(spec) * max(spec.widths))
    fitting = min(layer, BLOCK_NEURONS // sum(spec.widths))
    return max(1, min(BLOCK_NETWORKS, fitting // spec.inputs))


def refusal(spec: Spec) -> str | None:
    """Weights that are not Gaussian: given W a their rows are not independent of what is left."""
    if spec.weight_law.gaussian:
        return None
    return f"conditioned draws normal weights only, not {spec.weight_law.name}; write method dense"


def _bytes(spec: Spec) -> int:
    """Of a number in a vector; several inputs are told apart in double precision."""
    return 4 if spec.single and spec.inputs == 1 else 8


def needs(spec: Spec) -> int:
    """Bytes for the vectors of a block."""
    return _bytes(spec) * VECTORS * min(block_size(spec), spec.networks) * spec.inputs * sum(spec.widths)


def observe(spec: Spec, block: Block) -> Observations:
    """As `dense.observe`, in law; arrays (L, B).

    Raises:
        InputError: values leave the range of the precision, or the activation returns no number.
    """
    rng = generator(spec.seed, block=block.number)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        seen = (_run if spec.inputs == 1 else _run_jointly)(rng, spec, block.networks)
        back = measures.backpropagated_ratio(seen.norms, widths=spec.widths, variances=spec.weight_variances)
        jacobian = _jacobian_squares(seen, spec) if measures.is_product(spec) else None
        return measures.observed(
            spec,
            seen.passes,
            seen.exponents,
            seen.norms,
            end=seen.end,
            backward=back,
            jacobian=jacobian,
            across=seen.across,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """The passes of a block; of several inputs the first one's, but for what lies across them.

    exponents: of the gradients. end: g_L, (B, n_L). along, positive: sum_i f'(z_i)^2 u_i^2, and how many z_i > 0,
    (L, B), for homogeneous f without residual connections.
    """

    draws: Draws
    passes: tuple[Forward, ...]
    exponents: list[Integers]
    norms: Norms
    end: Array
    along: Array
    positive: Array
    across: measures.Across | None = None


def _run(rng: np.random.Generator, spec: Spec, networks: int) -> _Seen:
    draws = draws_from(rng, single=spec.single)
    x = draws.normals((networks, spec.widths[0]))
    x *= np.sqrt(spec.widths[0] / squares(x))[:, np.newaxis]
    passes, (a, u, z, of_slopes, positive) = forward(draws, spec, rounded(x) if spec.single else x)
    end = draws.normals((networks, spec.widths[-1]))
    exponents, (delta, g, through, along) = backward(draws, spec, passes, rounded(end) if spec.single else end, a)
    norms = Norms(a=a, u=u, z=z, delta=delta, g=g, through=through, along=along)
    return _Seen(draws, passes, exponents, measures.checked(spec, norms), end, of_slopes, positive)


def _run_jointly(rng: np.random.Generator, spec: Spec, networks: int) -> _Seen:
    draws = draws_from(rng, single=spec.single)
    x = draw_inputs(rng, networks=networks, inputs=spec.inputs, width=spec.widths[0], correlation=spec.correlation)
    passes = jointly.forward(draws, spec, x)
    end = draws.normals((networks, spec.widths[-1]))
    records = jointly.backward(draws, spec, passes, end[:, np.newaxis])
    norms = measures.checked(spec, measures.norms_of(passes, records))
    across = measures.across_inputs(passes, records)
    passes, records, norms = measures.of_first_input(passes, records, norms)
    along, positive = (np.stack(facts) for facts in zip(*(_slope_facts(spec, p.u, p.z) for p in passes), strict=True))
    exponents = [record.exponent for record in records]
    return _Seen(draws, passes, exponents, norms, end, along, positive, across)


def forward(draws: Draws, spec: Spec, x: Array) -> tuple[tuple[Forward, ...], tuple[Array, ...]]:
    """u_l ~ N(0, Var(W_l) |a_{l-1}|^2 I), z_l = u_l + b_l, a_l = f(z_l), for inputs x (B, n_0).

    Beside the records, while the vectors are in the cache: |a_{l-1}|^2, |u_l|^2, |z_l|^2, and `_slope_facts`, (L, B).
    """
    f, homogeneous, c = spec.f.function, spec.f.slopes is not None, spec.residual
    a, exponent = x, np.zeros(len(x), dtype=np.int32)
    square = squares(a)
    places = _vectors(len(x), [n for n in spec.widths[1:] for _ in range(2)], like=x)
    passes: list[Forward] = []
    found: list[tuple[Array, ...]] = []
    for variance in spec.weight_variances:
        u = _scaled_normals(draws, np.sqrt(variance * square), out=next(places))
        z, of_u = u, squares(u)
        of_z = of_u
        if spec.sigma_b2 > 0:
            z = _scaled_normals(draws, np.ldexp(np.sqrt(spec.sigma_b2), -exponent), out=np.empty_like(u))
            z += u
            of_z = squares(z)
        passes.append(Forward(a, u, z, exponent))
        of_a, before, a = square, a, next(places)
        a[:] = f(z)
        square = squares(a)
        found.append((of_a, of_u, of_z, *_slope_facts(spec, u, z, of_f=square)))
        if c is not None:
            a *= x.dtype.type(c)
            a += before
            square = squares(a)
        if homogeneous:
            shift = _exponent(square)
            if shift is not None:
                a[:], square = _without(shift, a), np.ldexp(square, -2 * shift)
                exponent = exponent + shift
    return tuple(passes), tuple(np.stack(column) for column in zip(*found, strict=True))


def backward(
    draws: Draws, spec: Spec, passes: tuple[Forward, ...], g: Array, lengths: Array
) -> tuple[list[Integers], tuple[Array, ...]]:
    """delta_l = f'(z_l) * g_l, g_{l-1} = a (u.delta)/|a|^2 + (I - a a^T/|a|^2) N(0, Var(W_l) |delta_l|^2 I).

    ``lengths`` are the |a_{l-1}|^2. Nobody needs the vectors themselves later, so they are not
    kept: returned are their exponents, and |delta_l|^2, |g_{l-1}|^2, |W_l^T delta_l|^2 and u_l.delta_l, (L, B).
    """
    c = None if spec.residual is None else g.dtype.type(spec.residual)
    exponent = np.zeros(len(g), dtype=np.int32)
    exponents: list[Integers] = []
    found: list[tuple[Array, ...]] = []
    rooms = np.empty((3, g.shape[0] * max(spec.widths)), dtype=g.dtype)
    for seen, square, variance in zip(
        reversed(passes), reversed(lengths), reversed(spec.weight_variances), strict=True
    ):
        delta, through, part = (
            room[: v.size].reshape(v.shape) for room, v in zip(rooms, (seen.z, seen.a, seen.a), strict=True)
        )
        np.multiply(spec.f.derivative(seen.z), g, out=delta, casting="same_kind")
        if c is not None:
            delta *= c
        of_delta = squares(delta)
        shift = _exponent(of_delta)
        if shift is not None:
            delta[:], of_delta = _without(shift, delta), np.ldexp(of_delta, -2 * shift)
            exponent = exponent + shift
        _scaled_normals(draws, np.sqrt(variance * of_delta), out=through)
        along = dots(seen.u, delta)
        missing = along - dots(seen.a, through)
        missing = missing / square if square.all() else divided(missing, square)
        through += np.multiply(seen.a, missing.astype(g.dtype)[:, np.newaxis], out=part)
        of_g = of_through = squares(through)
        if c is None:
            g = through
        else:
            g = through + (g if shift is None else _without(shift, g))
            of_g = squares(g)
        exponents.append(exponent)
        found.append((of_delta, of_g, of_through, along))
    return exponents[::-1], tuple(np.stack(column[::-1]) for column in zip(*found, strict=True))


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


def _exponent(lengths: Array) -> Integers | None:
    """The e of |v| = 2^e s, s in [1/2, 1), where a length has left its range; else, and for vectors of zeros, 0."""
    least, most = 4.0**-EXPONENT, 4.0**EXPONENT
    if lengths.min() >= least and lengths.max() <= most:
        return None
    outside = (lengths < least) | (lengths > most)
    _, exponent = np.frexp(np.sqrt(lengths))
    return np.where(outside, exponent, 0).astype(np.int32)


def _without(shift: Integers, vectors: Array) -> Array:
    """V/2^e, which rounds nothing."""
    return np.ldexp(vectors, -shift[:, np.newaxis])


def _jacobian_squares(seen: _Seen, spec: Spec) -> Array:
    """Sum_i f'(z_i)^2 (u_i^2/|a|^2 + Var(W) chi2_{n-1})/n, n = n_{l-1}; the sum of k chi2_m is chi2_{km}."""
    right, left = measures.side_slopes(spec.f)
    n_in, n_out = measures.column(spec.widths[:-1]), measures.column(spec.widths[1:])
    rest = n_in - (seen.norms.a > 0)
    across = right**2 * seen.draws.chi_square(seen.positive * rest)
    if left:
        across += left**2 * seen.draws.chi_square((n_out - seen.positive) * rest)
    return (divided(seen.along, seen.norms.a) + measures.column(spec.weight_variances) * across) / n_in


def _slope_facts(spec: Spec, u: Array, z: Array, *, of_f: Array | None = None) -> tuple[Array, Array]:
    """Sum_i f'(z_i)^2 u_i^2 and the number of z_i > 0, if `_jacobian_squares` asks for them; ``of_f`` is |f(z)|^2."""
    if not measures.is_product(spec):
        return np.zeros(len(z)), np.zeros(len(z))
    if of_f is not None and z is u:  # f'(z) z = f(z), by Euler
        return of_f, count_true(z > 0)
    return squares(spec.f.derivative(z) * u), count_true(z > 0)
