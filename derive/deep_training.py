"""What `--full` adds to the training report: real images, and networks of 22 and 30 layers."""

from __future__ import annotations

import math

import montecarlo as mc
from derive.training import ByInit, Row, drawn, final, row, shares, span
from montecarlo.training import Run

SEEDS = tuple(range(20, 25))  # options were chosen by looking at others
_DIGITS = "tanh, 9 layers of 64, digits, 600 steps of 128 at 0.1"


def deep() -> tuple[list[Row], str]:
    """The rows, and a figure of 30 layers as SVG text. Raises ``montecarlo.InputError`` if there are no digits."""
    he, xavier = _relu(SEEDS[0], depth=30, steps=600)
    rows = [_images(), *_thirty(), _twenty_two()]
    return rows, drawn([he, xavier, _adam(SEEDS[0])], f"relu, 30 layers of 64, digits, seed {SEEDS[0]}; the last: adam")


def _images() -> Row:
    runs: list[ByInit] = [
        {run.init: run for run in mc.train("digits", init=("zero", "small", "xavier", "large"), seed=seed)}
        for seed in SEEDS
    ]
    said = [f"{span([final(r[name]) for r in runs])} ({name})" for name in ("zero", "small", "xavier", "large")]
    return row(
        "on-images-only-appropriate-weights-train",
        _DIGITS,
        f"loss: {', '.join(said)}; xavier is right on {shares([r['xavier'].accuracy or 0.0 for r in runs])}, and on "
        f"{shares([r['xavier'].test_accuracy or 0.0 for r in runs])} of what was held out",
        "xavier's loss below half of small's and large's, and zero's units equal",
        [final(r["xavier"]) < 0.5 * min(final(r["small"]), final(r["large"])) and r["zero"].symmetric for r in runs],
    )


def _thirty() -> list[Row]:
    runs = [_relu(seed, depth=30, steps=600) for seed in SEEDS]
    when = [he.halved() for he, _ in runs]
    moved = [math.inf if k is None else xavier.moved(k) for k, (_, xavier) in zip(when, runs, strict=True)]
    adam = [_adam(seed) for seed in SEEDS]
    networks = "relu, 30 layers of 64, digits, 600 steps of 128 at 0.05"
    return [
        row(
            "with-thirty-layers-xavier-stalls",
            networks,
            f"he's loss has halved after {_steps(when)} steps; xavier's has then moved by at most {max(moved):.2%}",
            "he's halves, and xavier's has moved by less than 1 %",
            [x < 0.01 for x in moved],
        ),
        row(
            "adam-rescues-xavier",
            f"{networks}; adam at 0.001",
            f"xavier's loss: {span([final(x) for _, x in runs])} by plain descent, {span([final(a) for a in adam])} "
            "by adam",
            "adam's below half of plain descent's",
            [final(a) < 0.5 * final(x) for a, (_, x) in zip(adam, runs, strict=True)],
        ),
    ]


def _twenty_two() -> Row:
    runs = [_relu(seed, depth=22, steps=1500) for seed in SEEDS]
    he, xavier = [h.halved() for h, _ in runs], [x.halved() for _, x in runs]
    return row(
        "with-22-layers-both-converge-and-he-earlier",
        "relu, 22 layers of 64, digits, 1500 steps of 128 at 0.05",
        # not the loss at the end: plain descent at this rate has spikes, and a run may end in one
        f"the loss has halved: he after {_steps(he)} steps, xavier after {_steps(xavier)}",
        "both halve, and he's first",
        [a is not None and b is not None and a < b for a, b in zip(he, xavier, strict=True)],
    )


def _relu(seed: int, *, depth: int, steps: int) -> tuple[Run, Run]:
    he, xavier = mc.train(
        "digits",
        init=("he", "xavier"),
        activation="relu",
        depth=depth,
        learning_rate=0.05,
        steps=steps,
        seed=seed,
        snapshots=range(0, steps + 1, 25),
    )
    return he, xavier


def _adam(seed: int) -> Run:
    (run,) = mc.train("digits", init="xavier", activation="relu", depth=30, optimizer="adam", seed=seed)
    return run


def _steps(values: list[int | None]) -> str:
    found = sorted(value for value in values if value is not None)
    return f"{found[0]} to {found[-1]}" if len(found) == len(values) else "no"
