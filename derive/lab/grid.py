"""What the lab computes: a grid of networks at initialization, and runs of training. The page states it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

RULE = "rule"  # in place of a number: the weight variance that the activation's forward rule gives


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """Runs of training: every initialization with every activation on every data.

    Args:
        inits: as ``montecarlo.training`` names them.
        snapshots: after how many steps a network on the moons is looked at.
        moons_width, digits_width: units of a hidden layer.
        pixels: the decision is looked at on so many points along each axis.
    """

    inits: tuple[str, ...] = ("zero", "constant", "small", "xavier", "glorot", "he", "orthogonal", "large")
    activations: tuple[str, ...] = ("tanh", "relu", "sigmoid")
    depth: int = 9
    moons_width: int = 32
    digits_width: int = 64
    steps: int = 600
    learning_rate: float = 0.1
    batch_size: int = 128
    snapshots: tuple[int, ...] = (0, 10, 30, 60, 100, 200, 400, 600)
    pixels: int = 33
    digits: bool = True
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Networks z_l = W_l a_{l-1} + b_l of equal widths, Gaussian weights of variance w/n, biases of variance b.

    Args:
        activations: names that ``derive`` and ``montecarlo`` both know.
        weights: w = n Var(W) in decimals; the variance of the activation's own rule is added to them.
        biases: b in decimals.
        depths: numbers of weight matrices, ascending.
        widths: n.
        networks: how many are simulated in each cell.
        error_rate: an interval misses with at most this probability, each.
        shown: layers whose histograms are kept.
        bins: of a histogram.
    """

    activations: tuple[str, ...]
    weights: tuple[str, ...]
    biases: tuple[str, ...]
    depths: tuple[int, ...]
    widths: tuple[int, ...]
    networks: int
    error_rate: float = 0.001
    seed: int = 0
    shown: int = 5
    bins: int = 28
    training: Training = field(default_factory=Training)

    @property
    def deepest(self) -> int:
        """The largest depth, for which predictions are made."""
        return max(self.depths)

    @property
    def cells(self) -> int:
        """How many kinds of networks are simulated at most; a rule may be one of the numbers."""
        stops = len(self.weights) + 1
        return len(self.activations) * stops * len(self.biases) * len(self.depths) * len(self.widths)


def fraction(text: str) -> Fraction:
    """The number that a decimal text is, exactly."""
    return Fraction(text)


FULL = Grid(
    activations=("relu", "tanh", "sigmoid", "gelu", "silu", "selu", "leaky_relu", "identity"),
    weights=("0.5", "1", "1.5", "2", "4"),
    biases=("0", "0.05", "0.5"),
    depths=(10, 30),
    widths=(16, 48, 128),
    networks=300,
)

QUICK = Grid(
    activations=("relu", "tanh"),
    weights=("1", "2"),
    biases=("0", "0.05"),
    depths=(4, 8),
    widths=(8, 16),
    networks=100,
    training=Training(
        inits=("zero", "xavier", "large"),
        activations=("tanh", "relu"),
        depth=4,
        moons_width=16,
        digits_width=16,
        steps=60,
        snapshots=(0, 20, 60),
        pixels=11,
        digits=False,
    ),
)
