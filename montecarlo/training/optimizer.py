"""Optimizers: how a gradient moves the parameters. p: parameters, g: gradient, r: learning rate, k: steps so far.

    sgd        p <- p - r g
    momentum   v <- 0.9 v + g                                          p <- p - r v        (Polyak 1964)
    adam       u <- 0.9 u + 0.1 g,   w <- 0.999 w + 0.001 g^2          (Kingma and Ba 2015)
               p <- p - r (u/(1 - 0.9^k)) / (sqrt(w/(1 - 0.999^k)) + 1e-8)

Adam's quotient does not change if all gradients are multiplied by one number, as long as sqrt(w) is far above 1e-8.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from montecarlo.arrays import Array
from montecarlo.errors import InputError
from montecarlo.names import unknown

Step: TypeAlias = Callable[[Array, Array], None]

DECAY = 0.9
SQUARES_DECAY = 0.999
EPSILON = 1e-8


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An optimizer by name.

    start: (learning rate, number of parameters) -> a step, which moves parameters along a gradient, both vectors, in
    place; it remembers what it has seen and may write over the gradient. learning_rate: what is usual.
    """

    name: str
    start: Callable[[float, int], Step]
    learning_rate: float


def _sgd(rate: float, _: int) -> Step:
    def step(parameters: Array, gradient: Array) -> None:
        gradient *= rate
        parameters -= gradient

    return step


def _momentum(rate: float, count: int) -> Step:
    velocity = np.zeros(count)

    def step(parameters: Array, gradient: Array) -> None:
        np.multiply(velocity, DECAY, out=velocity)
        np.add(velocity, gradient, out=velocity)
        np.multiply(velocity, rate, out=gradient)
        parameters -= gradient

    return step


def _adam(rate: float, count: int) -> Step:
    mean, squares, scratch, steps = np.zeros(count), np.zeros(count), np.empty(count), 0

    def step(parameters: Array, gradient: Array) -> None:
        nonlocal steps
        steps += 1
        np.multiply(gradient, gradient, out=scratch)
        np.multiply(scratch, 1 - SQUARES_DECAY, out=scratch)
        np.multiply(squares, SQUARES_DECAY, out=squares)
        np.add(squares, scratch, out=squares)
        np.multiply(mean, DECAY, out=mean)
        gradient *= 1 - DECAY
        np.add(mean, gradient, out=mean)
        np.divide(squares, 1 - SQUARES_DECAY**steps, out=scratch)
        np.sqrt(scratch, out=scratch)
        np.add(scratch, EPSILON, out=scratch)
        np.divide(mean, scratch, out=gradient)
        gradient *= rate / (1 - DECAY**steps)
        parameters -= gradient

    return step


OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType(
    {
        each.name: each
        for each in (
            Optimizer("sgd", _sgd, 0.1),
            Optimizer("momentum", _momentum, 0.01),
            Optimizer("adam", _adam, 0.001),
        )
    }
)


def find_optimizer(name: str) -> Optimizer:
    """The optimizer of that name; raises InputError with the nearest names."""
    found = OPTIMIZERS.get(name)
    if found is None:
        raise InputError(unknown("optimizer", name, OPTIMIZERS))
    return found


def check_rate(rate: float) -> float:
    """A learning rate, if it is one: positive and finite."""
    if not (math.isfinite(rate) and rate > 0):
        raise InputError(f"a learning rate of {rate:g} trains nothing; write a positive number, e.g. 0.1")
    return rate
