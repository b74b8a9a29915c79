"""The other bridge to ``montecarlo``: networks that are trained, and what is said of them tested over seeds.

Initializations of a seed share data, draws and batches. What is claimed of a pair is a sign, and it is claimed of every
seed: were the two alike, it would come out so with probability 2^-7.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from typing import TypeAlias

import numpy as np

import montecarlo as mc
import montecarlo.training as tr
from derive.report.effects import DEEP_FIGURE, NAME, Training
from derive.report.values import Simulated
from montecarlo.arrays import Array
from montecarlo.streams import generator
from montecarlo.training import Data, Initialization, LayerAtStart, Run, Stream, find_initialization, moons
from montecarlo.training.figure import figure_bytes

SEEDS = tuple(range(10, 17))  # options were chosen by looking at others
EXAMPLES = 250  # a fifth is held out: 200 to train on
HEADINGS = ("statement", "networks", "measured", "test", "verdict")
FIGURE = f"{NAME}.svg"
CHANCE = math.log(2)  # the loss of saying of both moons that they are as likely

ByInit: TypeAlias = Mapping[str, Run]
Row: TypeAlias = tuple[str, ...]


def gather(*, full: bool = False) -> Training:
    """Train, and test each statement; ``full`` adds deep networks on real images, if scikit-learn has them here."""
    full = full and find_spec("sklearn") is not None
    plain = [_tanh(seed, init=("zero", "constant", "small", "xavier")) for seed in SEEDS]
    rows = [*_equal_units(plain), *_small_weights(plain), *_large_weights(), *_diagonal(), _both_ways()]
    shown = [*plain[0].values(), _tanh(SEEDS[0], init=("large",))["large"]]
    figures = {FIGURE: drawn(shown, f"tanh, 9 layers of 16, moons, 150 steps of 32 at 0.1, seed {SEEDS[0]}")}
    rate = f"2^-{len(SEEDS)} a statement"
    if full:
        from derive.deep_training import deep

        more, figures[DEEP_FIGURE] = deep()
        rows += more
        rate += ", 2^-5 where five seeds were trained"
    words = {each[-1] for each in rows}
    simulated = Simulated(
        design=_DESIGN,
        headings=HEADINGS,
        rows=tuple(rows),
        verdict="disagree" if "disagree" in words else "agree" if words == {"agree"} else "inconclusive",
        error_rate=rate,
        command="python -m derive --full" if full else "python -m derive",
        run=hashlib.sha256("\n".join("|".join(each) for each in rows).encode()).hexdigest(),
        figure=FIGURE,
    )
    return Training(simulated, figures)


_DESIGN = (
    "Two moons, 250 examples, a fifth of them held out; plain gradient descent. Networks of a seed share examples, "
    "standard normal draws and batches, and differ in how the draws become weights."
)


# --- statements -----------------------------------------------------------------------------------


def _equal_units(runs: Sequence[ByInit]) -> list[Row]:
    zero, constant = ([_apart(r[name]) for r in runs] for name in ("zero", "constant"))
    control = [_apart(r["xavier"]) for r in runs]
    return [
        row(
            "zero-weights-leave-units-equal",
            _NINE,
            f"relative difference of units: zero {max(zero):g}; the control, xavier, at least {digits(min(control))}",
            "equal bit by bit, and not in the control",
            [x == 0 and y > 0.1 for x, y in zip(zero, control, strict=True)],
        ),
        row(
            "constant-weights-leave-units-equal",
            _NINE,
            "relative difference of units: constant, nothing beyond rounding",
            "at most 1e-12",
            [x <= 1e-12 for x in constant],
        ),
        row(
            "constant-weights-perform-poorly",
            _NINE,
            f"loss: {_losses(runs, 'zero', 'constant', 'xavier')}",
            "zero's and constant's both above 1.5 times xavier's",
            [min(final(r["zero"]), final(r["constant"])) > 1.5 * final(r["xavier"]) for r in runs],
        ),
    ]


def _small_weights(runs: Sequence[ByInit]) -> list[Row]:
    small, xavier = ([r[name].layers[0].gradient_std for r in runs] for name in ("small", "xavier"))
    right = {name: [r[name].test_accuracy or 0.0 for r in runs] for name in ("small", "xavier")}
    return [
        row(
            "small-weights-learn-slowly",
            _NINE,
            f"loss: {_losses(runs, 'small', 'xavier')}; first layer's gradient at the start: small about "
            f"{power(max(small))}, xavier about {power(max(xavier))}",
            "small's within 1 % of log 2, where it began; xavier's below half of it",
            [final(r["small"]) > 0.99 * CHANCE and final(r["xavier"]) < 0.5 * final(r["small"]) for r in runs],
        ),
        row(
            "initialization-decides-how-good-it-becomes",
            _NINE,
            f"right on what was held out: small {shares(right['small'])}, xavier {shares(right['xavier'])}",
            "xavier's share above small's by a fifth or more",
            [y - x >= 0.2 for x, y in zip(right["small"], right["xavier"], strict=True)],
        ),
    ]


def _large_weights() -> list[Row]:
    start = [_tanh(seed, init=("xavier", "large"), steps=0) for seed in SEEDS]
    whole = [_tanh(seed, init=("xavier", "large"), steps=60, batch=200, rate=0.03) for seed in SEEDS]
    rectified = [_rectified(seed) for seed in SEEDS]
    behind = {name: [r[name].layers[7].activation_std for r in start] for name in ("xavier", "large")}
    over, count = sum(r["large"].diverged for r in rectified), len(SEEDS)
    return [
        row(
            "large-weights-saturate",
            "tanh, 9 layers of 16, before the first step",
            f"deviation behind the eighth tanh: xavier {span(behind['xavier'])}, large {span(behind['large'])}; "
            f"loss: {_losses(start, 'xavier', 'large')}",
            "large's above 0.8, of 1 that tanh has at most; xavier's below 0.5",
            [x < 0.5 and y > 0.8 for x, y in zip(behind["xavier"], behind["large"], strict=True)],
        ),
        row(
            "large-gradients-make-the-cost-oscillate",
            "tanh, 9 layers of 16, 60 steps on all examples at 0.03",
            # large's path is chaotic, another one after another rounding of a last bit: none of its figures is printed
            f"steps at which the cost rises: xavier {max(map(rises, _of(whole, 'xavier')))}, large some ten or twenty; "
            f"loss: {_losses(whole, 'xavier')}",
            "large's cost rises in at least 5 steps, xavier's in none",
            [rises(r["large"]) >= 5 and rises(r["xavier"]) == 0 for r in whole],
        ),
        row(
            "large-weights-diverge",
            "relu, 9 layers of 32, 100 steps of 32 at 0.1",
            f"large overflows in {over} of {count}{'' if over == count else ', else its units die'}; "
            f"loss: {_losses(rectified, 'he')}",
            "large overflows, or ends within 1 % of log 2; he ends below half of it",
            [final(r["large"]) > 0.99 * CHANCE and final(r["he"]) < 0.5 * CHANCE for r in rectified],
        ),
    ]


def _diagonal() -> list[Row]:
    """The note's linear network: nine layers c times the identity, and one that reads out."""
    runs = [_linear(seed) for seed in SEEDS]
    overflow = max(int(np.isfinite(run.losses).sum()) for run in _of(runs, "c = 1.5"))
    return [
        row(
            "the-diagonal-explodes-and-vanishes",
            "linear, 9 layers c times the identity and one that reads out, c = 1.5 and 0.5",
            f"output {1.5**9:.4g} and {0.5**9:.4g} times that of the last layer alone, first layer's gradient "
            f"{1.5**8:.4g} and {0.5**8:.4g} times the ninth's",
            "equal to the last bit to 1.5^9, 0.5^9, 1.5^8 and 0.5^8; nothing is random",
            [_exact(1.5), _exact(0.5)],
        ),
        row(
            "vanishing-gradients-stop-the-cost",
            _LINEAR,
            f"loss: {_losses(runs, 'c = 0.5', 'c = 1')}",
            "c = 0.5 falls by less than 1 % in the last fifth of its steps, and ends above 1.5 times c = 1",
            [_rests(r["c = 0.5"]) and final(r["c = 0.5"]) > 1.5 * final(r["c = 1"]) for r in runs],
        ),
        row(
            "exploding-gradients-make-the-cost-diverge",
            _LINEAR,
            f"cost: with c = 1.5 from {span([float(r.losses[0]) for r in _of(runs, 'c = 1.5')])} to overflow, after "
            f"{overflow} steps at most; with c = 1 down from {span([float(r.losses[0]) for r in _of(runs, 'c = 1')])}",
            "with c = 1.5 it overflows; with c = 1 it falls at every step",
            [r["c = 1.5"].diverged and rises(r["c = 1"]) == 0 for r in runs],
        ),
    ]


def _both_ways() -> Row:
    runs = [
        _by_init(mc.train(_moons(seed), init=("uniform", "glorot"), depth=6, width=100, steps=0, seed=seed))
        for seed in SEEDS
    ]
    kept = {name: _kept([run.layers for run in _of(runs, name)]) for name in ("uniform", "glorot")}
    pairs = zip(*kept["uniform"], *kept["glorot"], strict=True)
    said = [f"{name} {span(kept[init][0])} and {span(kept[init][1])}" for name, init in _GLOROT]
    return row(
        "standard-weights-shrink-both-ways",
        "tanh, 5 hidden layers of 100, before the first step",
        f"kept of the deviation over four layers, of activations and of gradients: {', '.join(said)}",
        "standard keeps less than 1/5 in both directions, normalized between 2/5 and 8/5",
        [max(a, b) < 0.2 and min(c, d) > 0.4 and max(c, d) < 1.6 for a, b, c, d in pairs],
    )


_GLOROT = (("standard", "uniform"), ("normalized", "glorot"))


def _kept(layers: Sequence[Sequence[LayerAtStart]]) -> tuple[list[float], list[float]]:
    return (
        [each[4].activation_std / each[0].activation_std for each in layers],
        [each[0].gradient_std / each[4].gradient_std for each in layers],
    )


# --- networks -------------------------------------------------------------------------------------

_NINE = "tanh, 9 layers of 16, 150 steps of 32 at 0.1"
_LINEAR = "linear, 9 layers c times the identity and one that reads out, squared loss, 100 steps on all examples at 0.1"


def _moons(seed: int) -> Data:
    return moons(generator(seed, block=Stream.DATA), examples=EXAMPLES)


def _by_init(runs: Sequence[Run]) -> ByInit:
    return {run.init: run for run in runs}


def _of(runs: Sequence[ByInit], name: str) -> list[Run]:
    return [each[name] for each in runs]


def _tanh(seed: int, *, init: Sequence[str], steps: int = 150, batch: int = 32, rate: float = 0.1) -> ByInit:
    data = _moons(seed)
    runs = mc.train(data, init=init, width=16, steps=steps, batch_size=batch, learning_rate=rate, seed=seed)
    return _by_init(runs)


def _rectified(seed: int) -> ByInit:
    data = _moons(seed)
    runs = mc.train(data, init=("large", "he"), activation="relu", width=32, steps=100, batch_size=32, seed=seed)
    return _by_init(runs)


def _linear(seed: int) -> ByInit:
    runs = mc.train(
        _moons(seed),
        init=[_times_identity(c) for c in (0.5, 1.0, 1.5)],
        activation="identity",
        depth=10,
        width=2,
        loss="squared",
        steps=100,
        batch_size=200,
        learning_rate=0.1,
        seed=seed,
    )
    return _by_init(runs)


def _times_identity(c: float) -> Initialization:
    return Initialization(f"c = {c:g}", partial(_diagonal_matrix, c=c), last=find_initialization("xavier").rule)


def _diagonal_matrix(draws: Array, *, c: float) -> Array:
    return c * np.eye(*draws.shape)


def _exact(c: float) -> bool:
    """Whether output and gradients of the linear network have their powers of c, to the last bit."""
    start = Initialization("", partial(_diagonal_matrix, c=c), last=np.ones_like)
    network = tr.initialized(
        start, activation=mc.find_activation("identity"), widths=(*[2] * 10, 1), rng=generator(0, block=0)
    )
    work, x = tr.workspace(network, 1), np.array([[1.0, -0.25]])
    out = tr.forward(network, work, x)
    work.delta[-1][...] = 1.0
    tr.backward(network, work, x)
    return bool(out == 0.75 * c**9 and (work.delta[0] == c**8 * work.delta[8]).all())


# --- numbers and words ----------------------------------------------------------------------------


def row(statement: str, networks: str, measured: str, test: str, holds: Sequence[bool]) -> Row:
    """A statement's row: it agrees if it holds in every seed, and disagrees if it holds in none."""
    word = "agree" if all(holds) else "inconclusive" if any(holds) else "disagree"
    return (statement, networks, measured, f"{test}: {sum(holds)} of {len(holds)}", word)


def final(run: Run) -> float:
    """The loss on all training data at the end, infinite if it overflowed."""
    return math.inf if run.final_loss is None else run.final_loss


def rises(run: Run) -> int:
    """At how many steps the loss was higher than at the one before."""
    return int((np.diff(run.losses) > 0).sum())


def _rests(run: Run) -> bool:
    return bool(run.losses[-1] > 0.99 * run.losses[-len(run.losses) // 5])


def _apart(run: Run) -> float:
    """How far units of the most equal layer differ, infinitely if there are none."""
    return math.inf if run.spread is None else run.spread


def digits(x: float) -> str:
    """Two digits: what processors round otherwise is in the sixteenth, and no path here but large's makes it grow."""
    return "infinite" if math.isinf(x) else f"{x:.2g}" if x < 100 else f"{float(f'{x:.2g}'):.0f}"


def power(x: float) -> str:
    """The nearest power of ten."""
    return f"10^{round(math.log10(x))}" if x > 0 else "0"


def span(values: Sequence[float]) -> str:
    """The least and the largest."""
    low, high = digits(min(values)), digits(max(values))
    return low if low == high else f"{low} to {high}"


def shares(values: Sequence[float]) -> str:
    """The least and the largest, in per cent."""
    return f"{min(values):.0%} to {max(values):.0%}"


def _losses(runs: Sequence[ByInit], *names: str) -> str:
    return ", ".join(f"{span([final(run) for run in _of(runs, name)])} ({name})" for name in names)


def drawn(runs: Sequence[Run], title: str) -> str:
    """Losses and layers of runs, as SVG text."""
    return figure_bytes(runs, kind="svg", title=title).decode()
