"""The samplers, and which one answers a question: the fastest that draws from the law that is asked for.

All of them draw the same networks, in law. `dense` draws matrices and is the ground truth; the tests compare the
others with it at every layer, forward, backward and jointly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from montecarlo import chain, conditioned, dense
from montecarlo.errors import InputError
from montecarlo.names import unknown
from montecarlo.observations import Block, Observations
from montecarlo.spec import Spec

Observe: TypeAlias = Callable[[Spec, Block], Observations]
AUTO = "auto"
UNASKED = 2**32  # bytes a block


@dataclass(frozen=True, slots=True)
class Sampler:
    """One way to draw networks.

    Args:
        name: as in `--method`.
        observe: draws the networks of a block and measures them.
        block_size: networks a block, a function of widths and activation alone, so that more networks extend a run.
        refusal: why it does not draw what a spec asks for, with a remedy; None if it does.
        needs: bytes that a block takes at least.
        bounded: ``observe`` within so many bytes, the same numbers.
    """

    name: str
    observe: Observe
    block_size: Callable[[Spec], int]
    refusal: Callable[[Spec], str | None]
    needs: Callable[[Spec], int]
    bounded: Callable[[int], Observe] | None = None


def _within(memory: int) -> Observe:
    return partial(dense.observe, memory=memory)


FASTEST_FIRST = (
    Sampler("chain", chain.observe, chain.block_size, chain.refusal, chain.needs),
    Sampler("conditioned", conditioned.observe, conditioned.block_size, conditioned.refusal, conditioned.needs),
    Sampler("dense", dense.observe, dense.block_size, dense.refusal, dense.needs, _within),
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


def observing(spec: Spec, sampler: Sampler, *, memory: int | None) -> Observe:
    """How the sampler draws a block within so many bytes; None: within `UNASKED`.

    Raises:
        InputError: it cannot.
    """
    needs = sampler.needs(spec)
    if memory is None:
        if needs > UNASKED:
            raise InputError(
                f"a block of {sampler.name} takes {needs:,} bytes at least, and not more than {UNASKED:,} are taken "
                f"unasked; write memory = {needs} if there are as many, or smaller networks"
            )
        return sampler.observe
    if needs > memory:
        raise InputError(
            f"a block of {sampler.name} takes {needs:,} bytes at least, and {memory:,} are allowed for each worker; "
            f"write more memory, fewer workers, or smaller networks"
        )
    return sampler.observe if sampler.bounded is None else sampler.bounded(memory)


def blocks(spec: Spec, sampler: Sampler) -> Iterator[Block]:
    """The networks of a spec, block by block; the last one may be smaller."""
    size = sampler.block_size(spec)
    for index in range(-(-spec.networks // size)):
        yield Block(index, min(size, spec.networks - index * size))
