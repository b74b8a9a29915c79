"""Weight laws: how a weight is distributed once its variance is divided out.

Each law is centred and has variance 1. Its excess kurtosis kappa = E(W^4) - 3 is stated exactly:
the conditional variance of |W a|^2 depends on kappa and on nothing else of the law (see
statistics/ratio.py).
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


@dataclass(frozen=True, slots=True)
class Law:
    """A centred law of variance 1.

    Args:
        name: how it is called, parameters included.
        sample: (generator, shape) -> fresh array of independent draws.
        excess_kurtosis: E(W^4) - 3, infinite if there is no fourth moment.
        symmetric: W and -W have the same law.
        gaussian: it is N(0, 1), which makes the ratio tests exact.
        sub_gaussian: strictly, E e^{tW} <= e^{t^2/2} for all t, which makes them bounds.
        atomless: no single value has positive probability, so that W a is never 0 by accident.
    """

    name: str
    sample: Sampler
    excess_kurtosis: float
    symmetric: bool = True
    gaussian: bool = False
    sub_gaussian: bool = False
    atomless: bool = True


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
    """Student's t times sqrt((df-2)/df); kappa = 6/(df-4), infinite for df <= 4.

    Raises:
        InputError: df is not above 2.
    """
    if not 2 < df < math.inf:
        raise InputError(f"Student's t with df = {df:g} has no variance to divide by; write df > 2, e.g. 10")
    kurtosis = 6 / (df - 4) if df > 4 else math.inf
    return Law(f"student-t({df:g})", partial(_student_t, df=df), kurtosis)


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


LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "normal": normal(),
        "uniform": uniform(),
        "truncated-normal": truncated_normal(),
        "rademacher": rademacher(),
        "student-t": student_t(),
        "sparse": sparse(),
    }
)


def find_law(name: str) -> Law:
    """The law of that name; raises InputError with the nearest names."""
    found = LAWS.get(name.replace("_", "-"))
    if found is None:
        raise InputError(unknown("weight law", name, LAWS))
    return found
