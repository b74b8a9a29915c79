"""Weight laws: how a weight is distributed once its variance is divided out.

Each law has E(W^2) = 1 and all but `constant` are centred. The excess kurtosis kappa = E(W^4) - 3 of
independent entries is stated exactly: the conditional variance of |W a|^2 depends on kappa and on
nothing else of the law (see statistics/ratio.py, and there for orthogonal matrices).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from montecarlo.arrays import Array
from montecarlo.errors import InputError
from montecarlo.names import unknown

Sampler: TypeAlias = Callable[[np.random.Generator, tuple[int, ...]], Array]
TRUNCATION = 2.0
EIGHTH = 8.0


@dataclass(frozen=True, slots=True)
class Law:
    """A law with E(W^2) = 1.

    Args:
        name: how it is called, parameters included.
        sample: (generator, shape) -> fresh array of independent draws; the last two axes are a matrix.
        excess_kurtosis: E(W^4) - 3, infinite if there is no fourth moment; of orthogonal matrices its
            bound 0.
        symmetric: W and -W have the same law; a row may be flipped, whatever the others are.
        gaussian: it is N(0, 1), which makes the ratio tests exact.
        sub_gaussian: strictly, E e^{tW} <= e^{t^2/2} for all t, which makes them bounds.
        atomless: no single value has positive probability, so that W a is never 0 by accident.
        centred: E(W) = 0; else |W a|^2 says nothing of E(W^2) alone, and no claim is tested.
        orthogonal: the matrix is Haar distributed, with orthonormal rows or columns times sqrt(max(n, m)).
        tail: E|W|^k is finite for k < tail. Sums of squares reach normality too slowly for any stated error rate
            where E(W^8) is infinite (statistics/tails.py), and no claim is judged then.
    """

    name: str
    sample: Sampler
    excess_kurtosis: float
    symmetric: bool = True
    gaussian: bool = False
    sub_gaussian: bool = False
    atomless: bool = True
    centred: bool = True
    orthogonal: bool = False
    tail: float = math.inf

    @property
    def settles(self) -> bool:
        """Whether sums of squares of weights come to have a normal law's tails in time to be judged: E(W^8) < inf."""
        return self.tail > EIGHTH


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    # Not the fast ones of streams.py: here is the ground truth, in double precision and another way.
    return rng.standard_normal(shape)


def _uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    values = rng.random(shape)
    values -= 0.5
    values *= math.sqrt(12.0)
    return values


def _truncated_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    # Rejection: a normal of which only the draws inside are kept has exactly the truncated law.
    values = rng.standard_normal(shape)
    flat = values.reshape(-1)
    outside = np.flatnonzero(np.abs(flat) > TRUNCATION)
    while outside.size:
        flat[outside] = rng.standard_normal(outside.size)
        outside = outside[np.abs(flat[outside]) > TRUNCATION]
    values /= math.sqrt(_truncated_moments(TRUNCATION)[0])
    return values


def _rademacher(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    values = rng.integers(0, 2, size=shape, dtype=np.int8).astype(np.float64)
    values *= 2.0
    values -= 1.0
    return values


def _student_t(rng: np.random.Generator, shape: tuple[int, ...], *, df: float) -> Array:
    values = rng.standard_t(df, size=shape)
    values *= math.sqrt((df - 2) / df)
    return values


def _sparse(rng: np.random.Generator, shape: tuple[int, ...], *, density: float) -> Array:
    kept = rng.random(shape) < density
    return np.where(kept, rng.standard_normal(shape) / math.sqrt(density), 0.0)


def _orthogonal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    *batch, rows, columns = shape
    larger, smaller = max(rows, columns), min(rows, columns)
    q, r = np.linalg.qr(rng.standard_normal((*batch, larger, smaller)))
    # Householder's signs are not random; with a positive diagonal in R, Q is Haar's (Mezzadri 2007).
    q *= np.copysign(math.sqrt(larger), np.diagonal(r, axis1=-2, axis2=-1))[..., np.newaxis, :]
    return q if rows >= columns else np.ascontiguousarray(np.swapaxes(q, -1, -2))


def _constant(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    del rng
    return np.ones(shape)


def _truncated_moments(c: float) -> tuple[float, float]:
    """E(X^k) = (k-1) E(X^{k-2}) - 2 c^{k-1} phi(c)/(2 Phi(c) - 1) for k = 2, 4, by parts."""
    edge = 2 * math.exp(-c * c / 2) / math.sqrt(2 * math.pi) / math.erf(c / math.sqrt(2))
    second = 1 - c * edge
    return second, 3 * second - c**3 * edge


def normal() -> Law:
    """N(0, 1)."""
    return Law("normal", _normal, 0.0, gaussian=True, sub_gaussian=True)


def uniform() -> Law:
    """Uniform on [-sqrt 3, sqrt 3); kappa = -6/5."""
    return Law("uniform", _uniform, -1.2, sub_gaussian=True)


def truncated_normal() -> Law:
    """N(0, 1) truncated at 2, divided by .8796256610; kappa = E(X^4)/E(X^2)^2 - 3 = -.63."""
    second, fourth = _truncated_moments(TRUNCATION)
    kurtosis = fourth / second**2 - 3
    return Law("truncated-normal", _truncated_normal, kurtosis, sub_gaussian=True)


def rademacher() -> Law:
    """+1 or -1, a half each; kappa = -2, the least there is."""
    return Law("rademacher", _rademacher, -2.0, sub_gaussian=True, atomless=False)


def student_t(df: float = 10.0) -> Law:
    """Student's t times sqrt((df-2)/df); kappa = 6/(df-4), infinite for df <= 4; claims are judged for df > 8.

    Raises:
        InputError: df is not above 2.
    """
    if not 2 < df < math.inf:
        raise InputError(f"Student's t with df = {df:g} has no variance to divide by; write df > 2, e.g. 10")
    kurtosis = 6 / (df - 4) if df > 4 else math.inf
    return Law(f"student-t({df:g})", partial(_student_t, df=df), kurtosis, tail=df)


def sparse(density: float = 0.25) -> Law:
    """0 with probability 1 - p, otherwise N(0, 1/p), p the density; kappa = 3/p - 3.

    Raises:
        InputError: the density is not in (0, 1].
    """
    if not 0 < density <= 1:
        raise InputError(f"density {density:g} is not a probability; write 0 < density <= 1")
    kurtosis = 3 / density - 3
    sample = partial(_sparse, density=density)
    return Law(f"sparse({density:g})", sample, kurtosis, atomless=density == 1)


def orthogonal() -> Law:
    """sqrt(max(n, m)) Q for a Haar distributed n by m matrix Q with orthonormal columns, or rows if n < m.

    As torch.nn.init.orthogonal_ draws them (Saxe et al. 2014), except for the scale, which makes E(W_ij^2) = 1. The
    entries of a matrix are not independent. Flipping a row leaves the law as it is, so the tests on signs and growth
    stand; those on |W a|^2 have a law of their own (statistics/ratio.py).
    """
    return Law("orthogonal", _orthogonal, 0.0, sub_gaussian=True, orthogonal=True)


def constant() -> Law:
    """1: every weight of a layer is the same number, sqrt(sigma_w^2/fan). Nothing but inputs and biases is random.

    Every unit sees the sum of its inputs, u_i = sqrt(Var) sum_j a_j. Var stands for E(W^2), for Var(W) = 0. The mean of
    |u|^2/|a|^2 depends on the direction of a, and no sign is fair: all tests of claims are excluded, forward,
    backward, of signs and of growth. What remains are plain means by layer.
    """
    return Law("constant", _constant, -2.0, symmetric=False, atomless=False, centred=False)


LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "normal": normal(),
        "uniform": uniform(),
        "truncated-normal": truncated_normal(),
        "rademacher": rademacher(),
        "student-t": student_t(),
        "sparse": sparse(),
        "orthogonal": orthogonal(),
        "constant": constant(),
    }
)


def find_law(name: str) -> Law:
    """The law of that name; raises InputError with the nearest names."""
    found = LAWS.get(name.replace("_", "-"))
    if found is None:
        raise InputError(unknown("weight law", name, LAWS))
    return found
