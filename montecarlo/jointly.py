"""The conditioned sampler for several inputs of one network: the law of all their passes, and still no matrix.

Let the rows of A (B, n) be the inputs a_1, ..., a_B that reach a layer, U = A W^T what comes out, s = Var(W).

Forward. Let q_1, ..., q_r be an orthonormal basis of the span of the a_b, A = R Q. The vectors h_k = W q_k have iid
N(0, s) entries, as W is independent of A and rotations leave its law as it is. So U = R H. R and Q come from the
eigenvectors of the correlation matrix of the inputs, D^-1 A A^T D^-1 = V diag(lambda) V^T with D the lengths:

    R = D V diag(sqrt lambda),     Q = diag(1/sqrt lambda) V^T D^-1 A = N A,     H = N U.

Directions with lambda below `NEGLIGIBLE` are left out: the span has lost one if inputs coincide, and inputs that differ
by less than 3e-6 of their length are one input here. A dead input, a_b = 0, has row 0 in R and column 0 in N.
Biases are the network's: the same for all inputs.

Backward. The delta_b depend on W through U, that is through H, alone. Given the past and H, W is split as for one
input (conditioned.py), now along the q_k and across:

    W = sum_k h_k q_k^T + G (I - sum_k q_k q_k^T),     G with iid N(0, s) entries, independent of all of these.

Hence W^T delta_b = sum_k q_k (h_k.delta_b) + (I - sum_k q_k q_k^T) G^T delta_b, and given the delta_b the vectors
G^T delta_b are jointly Gaussian: coordinate by coordinate independent, with covariance s delta_b.delta_c between
inputs. They are drawn as U is, with Delta in the place of A. In matrices this is A^T (A A^T)^+ (U Delta^T - A G^T) + G
with the pseudo-inverse, which the basis makes unnecessary. A delta_b = 0 sends back 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from montecarlo.arrays import Array, divided, squares
from montecarlo.draws import Draws
from montecarlo.network import Backward, Forward, without_exponent
from montecarlo.spec import Spec

NEGLIGIBLE = 1e-11  # of a correlation matrix, whose entries carry errors of 1e-15


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """R (M, B, B) and N (M, B, B) of vectors A = R Q, Q = N A; rows of Q are orthonormal or 0."""

    root: Array
    whitening: Array


def basis(vectors: Array) -> Basis:
    """An orthonormal basis of the span of B vectors, (M, B, n), rank and dead vectors heeded."""
    lengths = np.sqrt(squares(vectors))[..., np.newaxis]
    unit = divided(vectors, lengths)
    values, axes = np.linalg.eigh(unit @ np.swapaxes(unit, -1, -2))
    kept = np.where(values > NEGLIGIBLE, values, 0.0)
    root = lengths * axes * np.sqrt(kept)[:, np.newaxis, :]
    inverse = divided(np.ones_like(kept), np.sqrt(kept))
    whitening = inverse[..., np.newaxis] * divided(np.swapaxes(axes, -1, -2), np.swapaxes(lengths, -1, -2))
    return Basis(root, whitening)


def forward(draws: Draws, spec: Spec, x: Array) -> tuple[Forward, ...]:
    """U_l = R_l H_l, z_l = u_l + b_l, a_l = f(z_l) for the inputs x (M, B, n_0) of M networks."""
    f, homogeneous, c = spec.f.function, spec.f.slopes is not None, spec.residual
    a, exponent = x, np.zeros(x.shape[:-1], dtype=np.int32)
    passes: list[Forward] = []
    for width, variance in zip(spec.widths[1:], spec.weight_variances, strict=True):
        u = _through_new_weights(draws, a, width, variance)
        z = u
        if spec.sigma_b2 > 0:
            bias = np.sqrt(spec.sigma_b2) * draws.normals((len(x), 1, width))
            z = u + np.ldexp(bias, -exponent[..., np.newaxis])
        passes.append(Forward(a, u, z, exponent))
        a = f(z) if c is None else a + c * f(z)
        if homogeneous:
            a, shift = without_exponent(a)
            exponent = exponent + shift
    return tuple(passes)


def backward(draws: Draws, spec: Spec, passes: tuple[Forward, ...], g: Array) -> tuple[Backward, ...]:
    """delta_b = f'(z_b) * g_b, W^T delta_b as above, for the gradients g (M, B, n_L) at the end."""
    exponent = np.zeros(g.shape[:-1], dtype=np.int32)
    records: list[Backward] = []
    for seen, variance in zip(reversed(passes), reversed(spec.weight_variances), strict=True):
        reached = g if spec.residual is None else spec.residual * g
        delta, shift = without_exponent(spec.f.derivative(seen.z) * reached)
        exponent = exponent + shift
        whitening = basis(seen.a).whitening
        q, h = whitening @ seen.a, whitening @ seen.u
        fresh = _through_new_weights(draws, delta, seen.a.shape[-1], variance)
        through = fresh + (delta @ np.swapaxes(h, -1, -2) - fresh @ np.swapaxes(q, -1, -2)) @ q
        if spec.residual is None:
            g = through
            records.append(Backward(delta, g, exponent))
        else:
            g = through + np.ldexp(g, -shift[..., np.newaxis])
            records.append(Backward(delta, g, exponent, through))
    return tuple(reversed(records))


def _through_new_weights(draws: Draws, vectors: Array, width: int, variance: float) -> Array:
    """Vectors (M, B, n) times a matrix of iid N(0, variance) that nobody has seen: (M, B, width)."""
    images = draws.normals((*vectors.shape[:-1], width))
    images *= np.sqrt(variance)
    return basis(vectors).root @ images
