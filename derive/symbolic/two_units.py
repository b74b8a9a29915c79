"""A network with two hidden units, trained by gradient steps in exact fractions. Plain Python, no SymPy.

    f(x) = v1 g(w11 x1 + w12 x2 + b1) + v2 g(w21 x1 + w22 x2 + b2) + c,    loss = 1/2 sum over examples of (f(x) - t)^2

Gradients are written down by hand. What ``symmetry.py`` derives for every loss and activation is seen here to the last
digit in a few of them: equality of fractions is equality.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

Example = tuple[Fraction, Fraction, Fraction]  # x1, x2, target


@dataclass(frozen=True, slots=True)
class Unit:
    """A hidden unit: its two weights, its bias, and the weight with which the output reads it."""

    w1: Fraction
    w2: Fraction
    b: Fraction
    v: Fraction


@dataclass(frozen=True, slots=True)
class Network:
    """Two hidden units and the output's bias."""

    one: Unit
    two: Unit
    c: Fraction


@dataclass(frozen=True, slots=True)
class Activation:
    """g and the slope that backpropagation uses for it, on fractions."""

    name: str
    value: Callable[[Fraction], Fraction]
    slope: Callable[[Fraction], Fraction]


RELU = Activation("relu", lambda z: max(z, Fraction(0)), lambda z: Fraction(int(z > 0)))
SQUARE = Activation("z^2 + z", lambda z: z * z + z, lambda z: 2 * z + 1)
DATA: tuple[Example, ...] = tuple(
    (Fraction(a), Fraction(b), Fraction(t)) for a, b, t in ((1, 0, 1), (0, 1, -1), (1, 2, "1/2"), (-1, 1, 2))
)


def output(net: Network, g: Activation, x1: Fraction, x2: Fraction) -> Fraction:
    """f(x)."""
    read = (u.v * g.value(u.w1 * x1 + u.w2 * x2 + u.b) for u in (net.one, net.two))
    return sum(read, net.c)


def loss(net: Network, g: Activation, data: tuple[Example, ...] = DATA) -> Fraction:
    """Half the sum of squared errors."""
    return sum(((output(net, g, x1, x2) - t) ** 2 for x1, x2, t in data), Fraction(0)) / 2


def gradient(net: Network, g: Activation, data: tuple[Example, ...] = DATA) -> Network:
    """The gradient of the loss, in the shape of a network."""
    errors = tuple(output(net, g, x1, x2) - t for x1, x2, t in data)

    def of(u: Unit) -> Unit:
        z = tuple(u.w1 * x1 + u.w2 * x2 + u.b for x1, x2, _ in data)
        back = tuple(e * u.v * g.slope(p) for e, p in zip(errors, z, strict=True))
        return Unit(
            sum((d * x1 for d, (x1, _, _) in zip(back, data, strict=True)), Fraction(0)),
            sum((d * x2 for d, (_, x2, _) in zip(back, data, strict=True)), Fraction(0)),
            sum(back, Fraction(0)),
            sum((e * g.value(p) for e, p in zip(errors, z, strict=True)), Fraction(0)),
        )

    return Network(of(net.one), of(net.two), sum(errors, Fraction(0)))


def combined(net: Network, factor: Fraction, other: Network) -> Network:
    """net + factor * other, number by number."""

    def units(a: Unit, b: Unit) -> Unit:
        return Unit(a.w1 + factor * b.w1, a.w2 + factor * b.w2, a.b + factor * b.b, a.v + factor * b.v)

    return Network(units(net.one, other.one), units(net.two, other.two), net.c + factor * other.c)


@dataclass(frozen=True, slots=True)
class Run:
    """What is trained: the start, the activation, the step size, the momentum, and how many steps."""

    name: str
    start: Network
    activation: Activation
    rate: Fraction = Fraction(1, 8)
    momentum: Fraction = Fraction(0)
    steps: int = 5


def trained(run: Run) -> tuple[Network, ...]:
    """The networks after 0, 1, 2, ... steps of gradient descent, with momentum if the run has any."""
    here = run.start
    velocity = combined(here, Fraction(-1), here)  # zero
    path = [here]
    for _ in range(run.steps):
        velocity = combined(gradient(here, run.activation), run.momentum, velocity)
        here = combined(here, -run.rate, velocity)
        path.append(here)
    return tuple(path)


def constant(alpha: str, read: str) -> Network:
    """All hidden weights alpha, all biases zero, both output weights the same."""
    unit = Unit(Fraction(alpha), Fraction(alpha), Fraction(0), Fraction(read))
    return Network(unit, unit, Fraction(0))


def unequal(net: Network, read: str) -> Network:
    """The same with another output weight at the second unit."""
    return replace(net, two=replace(net.two, v=Fraction(read)))


RUNS: tuple[Run, ...] = (
    Run("all hidden weights 1/2, both output weights 1/3", constant("1/2", "1/3"), RELU),
    Run("the same, with momentum 1/2", constant("1/2", "1/3"), RELU, momentum=Fraction(1, 2)),
    Run("all hidden weights -1/4, both output weights 1/3", constant("-1/4", "1/3"), SQUARE, Fraction(1, 32), steps=3),
    Run("all weights 0", constant("0", "0"), RELU),
    Run("all hidden weights 0, both output weights 1/3", constant("0", "1/3"), SQUARE, Fraction(1, 32), steps=3),
)
CONTROL = Run("hidden weights 1/2, output weights 1/3 and 1/4", unequal(constant("1/2", "1/3"), "1/4"), RELU)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run showed.

    twins: whether the units agreed in every number, after 0, 1, 2, ... steps. alike: whether their hidden weights and
    biases did. moved: whether the first unit's hidden weights changed at all.
    """

    run: Run
    twins: tuple[bool, ...]
    alike: tuple[bool, ...]
    moved: bool
    first_loss: Fraction
    last_loss: Fraction
    last: Network


def outcome(run: Run) -> Outcome:
    """Train and compare the two units after every step."""
    path = trained(run)
    first, last = path[0], path[-1]
    return Outcome(
        run,
        tuple(net.one == net.two for net in path),
        tuple(replace(net.one, v=Fraction(0)) == replace(net.two, v=Fraction(0)) for net in path),
        (first.one.w1, first.one.w2) != (last.one.w1, last.one.w2),
        loss(first, run.activation),
        loss(last, run.activation),
        last,
    )
