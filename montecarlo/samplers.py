"""The samplers, and which one answers a question: the fastest that draws from the law that is asked for.

All of them draw the same networks, in law. `dense` draws matrices and is the ground truth; the tests compare the
others with it at every layer, forward, backward and jointly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from montecarlo import chain, conditioned, dense
from montecarlo.errors import InputError
from montecarlo.names import unknown
from montecarlo.observations import Block, Observations
from montecarlo.spec import Spec

Observe: TypeAlias = Callable[[Spec, Block], Observations]
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Sampler:
    """One way to draw networks.

    Args:
        name: as in `--method`.
        observe: draws the networks of a block and measures them.
        block_size: networks a block, a function of widths and activation alone, so that more networks extend a run.
        refusal: why it does not draw what a spec asks for, with a remedy; None if it does.
    """

    name: str
    observe: Observe
    block_size: Callable[[Spec], int]
    refusal: Callable[[Spec], str | None]


FASTEST_FIRST = (
    Sampler("chain", chain.observe, chain.block_size, chain.refusal),
    Sampler("conditioned", conditioned.observe, conditioned.block_size, conditioned.refusal),
    Sampler("dense", dense.observe, dense.block_size, dense.refusal),
)
METHODS = (AUTO, *(sampler.name for sampler in FASTEST_FIRST))


def find_sampler(method: str, spec: Spec) -> Sampler:
    """The sampler of that name, or for "auto" the fastest that draws what the spec asks for.

    Raises:
        InputError: no such sampler, or it does not draw these networks.
    """
    if method not in METHODS:
        raise InputError(unknown("method", method, METHODS))
    reasons: list[str] = []
    for sampler in FASTEST_FIRST:
        if method in (AUTO, sampler.name):
            reason = sampler.refusal(spec)
            if reason is None:
                return sampler
            reasons.append(reason)
    raise InputError(reasons[-1])


def blocks(spec: Spec, sampler: Sampler) -> Iterator[Block]:
    """The networks of a spec, block by block; the last one may be smaller."""
    size = sampler.block_size(spec)
    for index in range(-(-spec.networks // size)):
        yield Block(index, min(size, spec.networks - index * size))
