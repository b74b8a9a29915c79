"""The few SciPy functions that are needed, with types and in the field's names.

SciPy has no type stubs; this module is the only one that imports it. The numbers are those of
scipy.special (Cephes and Boost); scipy.stats is not used because it takes most of a second to
import.
"""

from __future__ import annotations

import math
from typing import Any, cast

import scipy.special  # pyright: ignore[reportMissingTypeStubs]

from montecarlo.arrays import Array

_special = cast(Any, scipy.special)

# From here on the lower tail of SciPy 1.17 fails beyond 4.5 standard deviations (it sums 2000 terms
# of a series), while the cube root is good to 1e-4 of the tail at 8 of them, and better further on.
MANY = 1e6


def erf(z: Array) -> Array:
    """The error function, elementwise."""
    return cast(Array, _special.erf(z))


def expit(z: Array) -> Array:
    """1/(1 + e^{-z}), elementwise."""
    return cast(Array, _special.expit(z))


def normal_cdf(z: Array) -> Array:
    """P(N(0, 1) <= z), elementwise."""
    return cast(Array, _special.ndtr(z))


def chi_square_below(x: float, *, df: float) -> float:
    """P(chi2_df <= x)."""
    if df < MANY:
        return float(_special.chdtr(df, x))
    return float(_special.ndtr(_cube_root(x, df=df)))


def chi_square_above(x: float, *, df: float) -> float:
    """P(chi2_df >= x)."""
    if df < MANY:
        return float(_special.chdtrc(df, x))
    return float(_special.ndtr(-_cube_root(x, df=df)))


def chi_square_point_below(p: float, *, df: float) -> float:
    """The x with P(chi2_df <= x) = p."""
    if df < MANY:
        return 2 * float(_special.gammaincinv(df / 2, p))
    return _cubed(-normal_point(p), df=df)


def chi_square_point_above(p: float, *, df: float) -> float:
    """The x with P(chi2_df >= x) = p."""
    if df < MANY:
        return float(_special.chdtri(df, p))
    return _cubed(normal_point(p), df=df)


def _cube_root(x: float, *, df: float) -> float:
    """(x/df)^(1/3) is nearly normal, mean 1 - 2/(9 df), variance 2/(9 df): Wilson, Hilferty 1931."""
    spread = 2 / (9 * df)
    return (math.cbrt(x / df) - 1 + spread) / math.sqrt(spread)


def _cubed(z: float, *, df: float) -> float:
    spread = 2 / (9 * df)
    return df * (1 - spread + z * math.sqrt(spread)) ** 3


def student_beyond(t: float, *, df: float) -> float:
    """P(|T| >= |t|) for Student's T with df degrees of freedom."""
    return 2 * float(_special.stdtr(df, -abs(t)))


def student_point(p: float, *, df: float) -> float:
    """The t with P(|T| >= t) = p."""
    return -float(_special.stdtrit(df, p / 2))


def normal_point(p: float) -> float:
    """The x with P(N(0, 1) >= x) = p."""
    return -float(_special.ndtri(p))
