"""The matrices of dense networks, layer by layer: drawn when they are asked for, right before they are multiplied.

What fits into the memory is kept for the backward pass. Of every other layer only the place in the random stream is
remembered, and the matrix is drawn again from there whenever it is needed: the same numbers in twice the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from montecarlo.arrays import Array, squares

Draw: TypeAlias = Callable[[np.random.Generator, int], Array]


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """W_1, ..., W_L of a batch of networks, (..., n_l, n_{l-1}) each, and b_1, ..., b_L.

    The first one who asks for them has to ask in their order, from first to last; everybody after in any order.

    Args:
        rng: the stream that they are drawn from, in their order.
        matrix: draws W_l, l = 1 to L.
        bias: draws b_l, which comes after W_l in the stream; None: no biases.
        kept: for each layer, whether it stays or is drawn again.
        inputs: with an axis for several inputs that share the weights, (..., 1, n_l, n_{l-1}).
        measured: whether |w_i|^2 of each row is kept in ``row_squares``, (..., n_l).
        states: where the stream stood before each layer.
    """

    rng: np.random.Generator
    matrix: Draw
    bias: Draw | None
    kept: Sequence[bool]
    inputs: bool = False
    measured: bool = False
    row_squares: list[Array] = field(default_factory=list[Array])
    biases: list[Array] = field(default_factory=list[Array])
    held: dict[int, Array] = field(default_factory=dict[int, Array])
    states: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])

    def __len__(self) -> int:
        """L."""
        return len(self.kept)

    def __iter__(self) -> Iterator[Array]:
        """From the first layer to the last."""
        return (self[place] for place in range(len(self)))

    def __getitem__(self, place: int) -> Array:
        """W_{place + 1}; raises IndexError beyond the last layer, and before its turn."""
        if not 0 <= place < len(self) or place > len(self.states):
            raise IndexError(
                f"of {len(self)} layers {len(self.states)} were drawn, and number {place + 1} is asked for"
            )
        if place == len(self.states):
            found = self._first(place)
        elif place in self.held:
            found = self.held[place]
        else:
            bits = type(self.rng.bit_generator)()
            bits.state = self.states[place]
            found = self.matrix(np.random.Generator(bits), place + 1)
        return found[..., np.newaxis, :, :] if self.inputs else found

    def _first(self, place: int) -> Array:
        self.states.append(self.rng.bit_generator.state)
        found = self.matrix(self.rng, place + 1)
        if self.kept[place]:
            self.held[place] = found
        if self.measured:
            self.row_squares.append(squares(found))
        if self.bias is not None:
            bias = self.bias(self.rng, place + 1)
            self.biases.append(bias[..., np.newaxis, :] if self.inputs else bias)
        return found
