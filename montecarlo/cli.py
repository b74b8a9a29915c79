"""`python -m montecarlo`: simulate and judge, from the command line."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from montecarlo.errors import InputError
from montecarlo.laws import find_law
from montecarlo.planning import plan
from montecarlo.result import Interval, Result
from montecarlo.samplers import AUTO
from montecarlo.simulation import simulate
from montecarlo.spec import Spec
from montecarlo.statistics.verdict import Verdict

HOLDS, FAILS, BAD_INPUT, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 130
MOST_ROWS = 24

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    *,
    activation: Annotated[str, typer.Option(help="relu, tanh, gelu, ...")] = "relu",
    width: Annotated[int | None, typer.Option(help="Neurons a layer; 64 if absent.")] = None,
    depth: Annotated[int | None, typer.Option(help="Weight matrices; 20 if absent.")] = None,
    widths: Annotated[str | None, typer.Option(help="All widths, e.g. 784,512,10.")] = None,
    sigma_w2: Annotated[float, typer.Option("--sigma-w2", help="fan times Var(W).")] = 2.0,
    sigma_b2: Annotated[float, typer.Option("--sigma-b2", help="Var(b).")] = 0.0,
    law: Annotated[str, typer.Option(help="normal, uniform, truncated-normal, orthogonal, ...")] = "normal",
    fan: Annotated[str, typer.Option(help="in, out or average.")] = "in",
    inputs: Annotated[int, typer.Option(help="Inputs that each network is shown.")] = 1,
    correlation: Annotated[float, typer.Option(help="Between each two inputs, exactly.")] = 0.0,
    residual: Annotated[float | None, typer.Option(help="SCALE in a_l = a_(l-1) + SCALE f(z_l).")] = None,
    moments: Annotated[bool, typer.Option("--moments", help="Mean, kurtosis, gradients of weights too.")] = False,
    precision: Annotated[str, typer.Option(help="double, or single (dense only).")] = "double",
    networks: Annotated[int, typer.Option(help="How many; one is one replicate.")] = 400,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = 0,
    method: Annotated[str, typer.Option(help="auto, dense, conditioned or chain.")] = AUTO,
    claim_sigma_w2: Annotated[
        float | None,
        typer.Option("--claim-sigma-w2", help="The number to judge; --sigma-w2 if absent (but for constant weights)."),
    ] = None,
    delta: Annotated[float, typer.Option(help="Relative tolerance for agree.")] = 0.02,
    error_rate: Annotated[float, typer.Option(help="Of wrong verdicts in the run.")] = 0.001,
    workers: Annotated[int, typer.Option(help="Threads; the result is the same.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Simulate random networks and judge what is claimed about them.

    Exit status: 0 all claims agree, 1 one disagrees, 2 bad input, 3 one is inconclusive.
    """
    try:
        if claim_sigma_w2 is None and find_law(law).centred:
            claim_sigma_w2 = sigma_w2
        spec = Spec(
            activation=activation,
            widths=_widths(width=width, depth=depth, widths=widths),
            sigma_w2=sigma_w2,
            sigma_b2=sigma_b2,
            law=law,
            fan=fan,
            inputs=inputs,
            correlation=correlation,
            residual=residual,
            moments=moments,
            precision=precision,
            networks=networks,
            seed=seed,
            claim_sigma_w2=claim_sigma_w2,
            delta=delta,
            error_rate=error_rate,
        )
        result = _simulated(spec, method=method, workers=workers)
    except (InputError, MemoryError) as error:
        typer.echo(f"error: {str(error) or 'out of memory; write smaller widths'}", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        typer.echo("interrupted; nothing was written", err=True)
        raise typer.Exit(INTERRUPTED) from None
    for note in result.notes:
        typer.echo(f"note: {note}", err=True)
    if as_json:
        typer.echo(json.dumps(result.as_json(), indent=2, allow_nan=False))
    else:
        _print(result, Console())
    raise typer.Exit(exit_status(result))


def exit_status(result: Result) -> int:
    """1 if a claim disagrees, 3 if none does and one is inconclusive, else 0."""
    verdicts = {claim.verdict for claim in result.claims}
    if Verdict.DISAGREE in verdicts:
        return FAILS
    return UNDECIDED if Verdict.INCONCLUSIVE in verdicts else HOLDS


def _widths(*, width: int | None, depth: int | None, widths: str | None) -> tuple[int, ...]:
    if widths is None:
        layers = 20 if depth is None else depth
        if layers < 1:
            raise InputError(f"--depth {layers} is no network; write at least 1")
        return (64 if width is None else width,) * (layers + 1)
    if width is not None or depth is not None:
        raise InputError("--widths says it all; write it without --width and --depth")
    try:
        return tuple(int(part) for part in widths.split(","))
    except ValueError:
        message = f"--widths {widths!r} is no list of sizes; write e.g. --widths 784,512,10"
        raise InputError(message) from None


def _simulated(spec: Spec, *, method: str, workers: int) -> Result:
    if not sys.stderr.isatty():
        return simulate(spec, method=method, workers=workers)
    columns = (TextColumn("networks"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("networks", total=spec.networks)
        return simulate(spec, method=method, workers=workers, progress=lambda done: bar.advance(task, done))


def _print(result: Result, console: Console) -> None:
    spec = result.spec
    console.print(
        f"{result.networks} networks, {spec.f.name}, depth {spec.depth}, "
        f"{spec.weight_law.name} weights, {result.method}; "
        f"{result.dead_networks} dead; {result.seconds:.1f} s",
        highlight=False,
    )
    several = ("correlation", "of gradients") if spec.inputs > 1 else ()
    shape = ("mean", "kurtosis", "gradient of W") if spec.moments else ()
    table = Table("layer", "second moment", "gradient", "Var(W) : claimed", *several, *shape)
    step = -(-len(result.layers) // MOST_ROWS)
    for layer in result.layers:
        if (layer.layer - 1) % step == 0 or layer.layer == len(result.layers):
            more = (layer.correlation, layer.gradient_correlation, layer.mean, layer.kurtosis, layer.weight_gradient)
            row = (layer.second_moment, layer.gradient, layer.ratio, *(part for part in more if part is not None))
            table.add_row(str(layer.layer), *(_cell(interval) for interval in row))
    console.print(table)
    enough = _enough(result)
    for claim in result.claims:
        console.print(
            f"{claim.verdict.value}: {claim.claim}\n    measured {claim.estimate:.5g} in "
            f"[{claim.low:.5g}, {claim.high:.5g}], p = {claim.p_value:.2g}, {claim.basis.value}",
            highlight=False,
            markup=False,
        )
        if claim.verdict is Verdict.INCONCLUSIVE and claim.claim in enough:
            console.print(f"    about {enough[claim.claim]:,} networks would decide it")
    console.print(f"digest {result.digest}", highlight=False)


def _enough(result: Result) -> dict[str, int]:
    try:
        return {planned.claim: planned.to_agree for planned in plan(result.spec)}
    except InputError:
        return {}


def _cell(interval: Interval) -> str:
    if interval.estimate is None:
        return "-" if interval.log10 is None else f"10^{interval.log10:.2f}"
    low = "0" if interval.low is None else f"{interval.low:.3g}"
    high = "inf" if interval.high is None else f"{interval.high:.3g}"
    return f"{interval.estimate:.3g} [{low}, {high}]"
