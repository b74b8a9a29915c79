"""The inputs of a network: uniform on the sphere |x|^2 = n_0, several ones at a given angle.

Let C be the correlation, x_b.x_c = C n_0 for b != c. With K = (1 - C) I + C 1 1^T = R R^T, R of B rows and r columns,
r the rank of K, and q_1, ..., q_r the first columns of a Haar distributed matrix, x_b = sqrt(n_0) sum_k R_bk q_k: each
input is uniform on the sphere, and the angles are exact. That takes n_0 >= r, and -1/(B - 1) <= C <= 1, or K would
have a negative eigenvalue, 1 + (B - 1) C.
"""

from __future__ import annotations

import numpy as np

from montecarlo.arrays import Array
from montecarlo.errors import InputError
from montecarlo.laws import orthogonal

MOST_INPUTS = 256
ROUNDING = 1e-12


def check_inputs(*, inputs: int, correlation: float, width: int) -> None:
    """Raises InputError if no inputs have that correlation, or not in `width` dimensions."""
    if not 1 <= inputs <= MOST_INPUTS:
        raise InputError(f"{inputs} inputs cannot be simulated; write 1 to {MOST_INPUTS}")
    if inputs == 1 and correlation != 0:
        raise InputError("correlation speaks of two inputs at least; write inputs = 2")
    if inputs == 1:
        return
    least = -1 / (inputs - 1)
    if not least - ROUNDING <= correlation <= 1:
        raise InputError(
            f"correlation = {correlation:g} is impossible between {inputs} inputs; write a number from {least:g} to 1"
        )
    rank = root(inputs, correlation).shape[1]
    if rank > width:
        raise InputError(
            f"{inputs} inputs of correlation {correlation:g} span {rank} dimensions; write an input of at least that "
            f"width, not {width}"
        )


def root(inputs: int, correlation: float) -> Array:
    """R (B, r) with R R^T = (1 - C) I + C 1 1^T."""
    values, axes = np.linalg.eigh((1 - correlation) * np.eye(inputs) + correlation)
    kept = values > ROUNDING * inputs
    return axes[:, kept] * np.sqrt(values[kept])


def draw_inputs(rng: np.random.Generator, *, networks: int, inputs: int, width: int, correlation: float) -> Array:
    """Inputs x (M, B, n_0) with |x_b|^2 = n_0 and x_b.x_c = C n_0."""
    mixing = root(inputs, correlation)
    columns = orthogonal().sample(rng, (networks, width, mixing.shape[1]))
    return mixing @ np.swapaxes(columns, -1, -2)
