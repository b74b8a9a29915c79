"""The plain dense loop, forward and backward, as one writes it without this project: what the samplers run against.

Each draws a matrix, multiplies, keeps it, and multiplies back, for a network of ReLU units, in single precision.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

WORKERS = 2
LIBRARIES = ("torch", "jax")  # beside NumPy


def torch_loop(width: int, depth: int) -> Callable[[int], None]:
    """Networks one after the other, as a tutorial writes it; torch uses two threads."""
    import torch

    torch.set_num_threads(WORKERS)

    def run(networks: int) -> None:
        for _ in range(networks):
            a, weights, before = torch.randn(width), [], []
            for _ in range(depth):
                w = torch.randn(width, width) * (2 / width) ** 0.5
                z = w @ a
                weights.append(w)
                before.append(z)
                a = torch.relu(z)
            g = torch.randn(width)
            for w, z in zip(reversed(weights), reversed(before), strict=True):
                g = w.T @ (g * (z > 0))

    return run


def numpy_loop(width: int, depth: int) -> Callable[[int], None]:
    """The same in NumPy."""
    rng = np.random.default_rng(0)

    def run(networks: int) -> None:
        for _ in range(networks):
            a, weights, before = rng.standard_normal(width, dtype=np.float32), [], []
            for _ in range(depth):
                w = rng.standard_normal((width, width), dtype=np.float32) * np.float32((2 / width) ** 0.5)
                z = w @ a
                weights.append(w)
                before.append(z)
                a = np.maximum(z, 0)
            g = rng.standard_normal(width, dtype=np.float32)
            for w, z in zip(reversed(weights), reversed(before), strict=True):
                g = w.T @ (g * (z > 0))

    return run


def jax_loop(width: int, depth: int) -> Callable[[int], None]:
    """The same in JAX, compiled: a scan over layers, forward and back."""
    import jax
    import jax.numpy as jnp

    def network(key: Any) -> Any:
        first, second, third = jax.random.split(key, 3)
        weights = jax.random.normal(first, (depth, width, width)) * (2 / width) ** 0.5

        def up(a: Any, w: Any) -> Any:
            z = w @ a
            return jax.nn.relu(z), z

        def down(g: Any, layer: Any) -> Any:
            w, z = layer
            return w.T @ (g * (z > 0)), None

        _, before = jax.lax.scan(up, jax.random.normal(second, (width,)), weights)
        g, _ = jax.lax.scan(down, jax.random.normal(third, (width,)), (weights, before), reverse=True)
        return jnp.sum(g)

    compiled, key = jax.jit(network), jax.random.key(0)

    def run(networks: int) -> None:
        for number in range(networks):
            compiled(jax.random.fold_in(key, number)).block_until_ready()

    return run


def _tuned(pipe: Connection, width: int, depth: int) -> None:
    import torch

    torch.set_num_threads(1)
    weights = [torch.empty(width, width) for _ in range(depth)]
    before = [torch.empty(width) for _ in range(depth)]
    with torch.inference_mode():
        while (networks := pipe.recv()) > 0:
            for _ in range(networks):
                a = torch.randn(width)
                for w, z in zip(weights, before, strict=True):
                    w.normal_(0, (2 / width) ** 0.5)
                    torch.mv(w, a, out=z)
                    a = torch.relu(z)
                g = torch.randn(width)
                for w, z in zip(reversed(weights), reversed(before), strict=True):
                    g = torch.mv(w.T, g * (z > 0))
            pipe.send(networks)


@contextmanager
def tuned_torch(width: int, depth: int) -> Generator[Callable[[int], None], None, None]:
    """Two processes of one thread each that fill the same memory again and again; they are started beforehand."""
    context = multiprocessing.get_context("spawn")
    pipes: list[Connection] = []
    with ExitStack() as stack:
        for _ in range(WORKERS):
            ours, theirs = context.Pipe()
            process = context.Process(target=_tuned, args=(theirs, width, depth), daemon=True)
            process.start()
            stack.callback(process.join, 10)
            stack.callback(ours.send, 0)
            pipes.append(ours)

        def run(networks: int) -> None:
            for pipe in pipes:
                pipe.send(max(1, networks // WORKERS))
            for pipe in pipes:
                pipe.recv()

        yield run


@contextmanager
def every_loop(
    width: int, depth: int, *, libraries: Sequence[str] = LIBRARIES
) -> Generator[dict[str, Callable[[int], None]], None, None]:
    """The loops of those libraries that are installed."""
    found: dict[str, Callable[[int], None]] = {}
    with ExitStack() as stack:
        if "torch" in libraries and importlib.util.find_spec("torch"):
            found["torch loop"] = torch_loop(width, depth)
            found["torch tuned"] = stack.enter_context(tuned_torch(width, depth))
        found["numpy loop"] = numpy_loop(width, depth)
        if "jax" in libraries and importlib.util.find_spec("jax"):
            found["jax loop"] = jax_loop(width, depth)
        yield found
