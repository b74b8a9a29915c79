"""`python -m montecarlo train`: train under different initializations, from the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from montecarlo.arrays import Array
from montecarlo.errors import InputError
from montecarlo.figure import check_figure
from montecarlo.files import check_place, write_file
from montecarlo.streams import generator
from montecarlo.terminal import progress_bar
from montecarlo.training.data import DATA, Data, find_data
from montecarlo.training.figure import figure_bytes
from montecarlo.training.loop import Stream, train
from montecarlo.training.result import Run
from montecarlo.training.table import read_data, read_inputs
from montecarlo.training.terminal import print_runs

BAD_INPUT, INTERRUPTED = 2, 130


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """Rows of a CSV that are to be predicted on, as they stand, and their measurements."""

    header: list[str]
    rows: list[list[str]]
    x: Array


def train_command(
    *,
    init: Annotated[
        str, typer.Option(help="One or more of zero, constant, small, xavier, he, variance:1.8, ...")
    ] = "zero,small,xavier,large",
    activation: Annotated[str, typer.Option(help="tanh, relu, gelu, ...")] = "tanh",
    depth: Annotated[int, typer.Option(help="Weight matrices.")] = 9,
    width: Annotated[int, typer.Option(help="Units of each hidden layer.")] = 64,
    data: Annotated[str, typer.Option(help="moons, circles, digits, or FILE.csv with --target.")] = "moons",
    target: Annotated[str | None, typer.Option(help="The column of FILE.csv that names the class.")] = None,
    steps: Annotated[int, typer.Option(help="Updates.")] = 600,
    batch_size: Annotated[
        int | None, typer.Option(help="Examples of an update; 128 if absent, or all there are.")
    ] = None,
    loss: Annotated[str, typer.Option(help="cross-entropy or squared.")] = "cross-entropy",
    optimizer: Annotated[str, typer.Option(help="sgd, momentum or adam.")] = "sgd",
    learning_rate: Annotated[
        float | None, typer.Option(help="If absent .1 for sgd, .01 for momentum, .001 for adam.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same result; same draws for every init.")] = 0,
    predict: Annotated[
        Path | None, typer.Option(help="Predict on the rows of this CSV, which has the same columns.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="With --predict: its rows, and what is predicted.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw losses and layers into this file, .svg or .png.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Train a network from different initializations, with the same data, draws and batches.

    Exit status: 0 trained, whatever came of it; 2 bad input.
    """
    try:
        if seed < 0:
            raise InputError(f"--seed {seed} is negative; write a seed of 0 or more")
        names = [name.strip() for name in init.split(",")]
        sources = [path for path in (predict, None if target is None else Path(data)) if path is not None]
        _check_places(sources, predicting=predict is not None, out=out, plot=plot, as_json=as_json)
        examples = _data(data, target=target, seed=seed)
        asked = None if predict is None else _Asked(*read_inputs(predict, columns=examples.columns))
        if out is not None and asked is not None:
            _check_header(out, asked, names)
        with progress_bar(steps * len(names), Console(stderr=True), what="steps") as moved:
            runs = train(
                examples,
                init=names,
                activation=activation,
                depth=depth,
                width=width,
                loss=loss,
                optimizer=optimizer,
                learning_rate=learning_rate,
                steps=steps,
                batch_size=batch_size,
                seed=seed,
                progress=moved,
            )
        predictions = None if asked is None else [_predicted(run, asked.x) for run in runs]
        if plot is not None:
            title = f"{activation}, depth {depth}, width {width}, on {examples.name}; {loss}, {optimizer}, seed {seed}"
            write_file(plot, figure_bytes(runs, kind=check_figure(plot), title=title))
        if out is not None and asked is not None and predictions is not None:
            write_file(out, _table(asked, names, predictions))
    except (InputError, MemoryError) as error:
        typer.echo(f"error: {str(error) or 'out of memory; write a smaller width or depth'}", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        typer.echo("interrupted; nothing was written", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        told = [run.as_json() for run in runs]
        if predictions is not None:
            told = [{**each, "predictions": found} for each, found in zip(told, predictions, strict=True)]
        typer.echo(json.dumps({"runs": told}, indent=2, allow_nan=False))
    else:
        print_runs(runs, Console())


def _check_places(
    sources: Sequence[Path], *, predicting: bool, out: Path | None, plot: Path | None, as_json: bool
) -> None:
    """What can be refused before anything is read or trained."""
    if out is not None and not predicting:
        raise InputError("--out is for predictions; write it with --predict FILE.csv")
    if predicting and out is None and not as_json:
        raise InputError("--predict has no place for its predictions; write --out FILE.csv, or --json")
    if out is not None:
        check_place(out)
        if out.exists() and any(path.exists() and out.samefile(path) for path in sources):
            raise InputError(f"--out {out} is a file that is read, and would be gone; write another name")
    if plot is not None:
        check_figure(plot)


def _check_header(out: Path, asked: _Asked, names: Sequence[str]) -> None:
    """A column that would stand twice could not be read again."""
    header = _header(asked, names)
    twice = next((column for column in header if header.count(column) > 1), None)
    if twice is not None:
        raise InputError(f"{out} would have two columns {twice!r}; write each --init once, or rename the column")


def _header(asked: _Asked, names: Sequence[str]) -> list[str]:
    return [*asked.header, *(f"predicted from {name}" for name in names)]


def _data(name: str, *, target: str | None, seed: int) -> Data:
    """Data of that name, or of a file with a target column."""
    if target is not None:
        if name in DATA:
            raise InputError(f"--target is for a FILE.csv; write --data {name} without it")
        return read_data(Path(name), target=target)
    if name.lower().endswith(".csv"):
        raise InputError(f"{name} needs to know what to predict; write --target with the name of its column")
    return find_data(name, generator(seed, block=Stream.DATA))


def _predicted(run: Run, x: Array) -> list[str | None]:
    """The class's name for each row; None where scores overflow, and for all if the run diverged."""
    if run.diverged:
        return [None] * len(x)
    scores = run.trained.scores(x)
    return [run.trained.classes[row.argmax()] if np.isfinite(row).all() else None for row in scores]


def _table(asked: _Asked, names: Sequence[str], predictions: Sequence[Sequence[str | None]]) -> bytes:
    """The rows with a column for each initialization; empty where nothing is predicted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_header(asked, names))
    for row, *found in zip(asked.rows, *predictions, strict=True):
        writer.writerow([*row, *(word or "" for word in found)])
    return text.getvalue().encode()
