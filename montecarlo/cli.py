"""`python -m montecarlo`: simulate and judge, from the command line."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from montecarlo.cluster import cluster
from montecarlo.errors import InputError
from montecarlo.figure import check_figure, write_figure
from montecarlo.laws import find_law
from montecarlo.planning import plan
from montecarlo.result import Result
from montecarlo.samplers import AUTO
from montecarlo.simulation import simulate
from montecarlo.spec import MOST_LAYERS, Spec
from montecarlo.statistics.verdict import Verdict
from montecarlo.terminal import print_plan, print_result, progress_bar
from montecarlo.training.command import BAD_INPUT, INTERRUPTED, train_command

HOLDS, FAILS, UNDECIDED = 0, 1, 3


def _bytes(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no number of bytes; write e.g. 2000000000") from None


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
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
    precision: Annotated[str, typer.Option(help="double, single (24 bits, fast), or auto.")] = "auto",
    networks: Annotated[int, typer.Option(help="How many; one is one replicate.")] = 400,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = 0,
    method: Annotated[str, typer.Option(help="auto, dense, conditioned or chain.")] = AUTO,
    claim_sigma_w2: Annotated[
        float | None,
        typer.Option("--claim-sigma-w2", help="The number to judge; --sigma-w2 if absent (but for constant weights)."),
    ] = None,
    delta: Annotated[float, typer.Option(help="Relative tolerance for agree.")] = 0.02,
    error_rate: Annotated[float, typer.Option(help="Of wrong verdicts in the run.")] = 0.001,
    planned: Annotated[bool, typer.Option("--plan", help="Draw nothing; print how many networks it takes.")] = False,
    missed_rate: Annotated[
        float | None, typer.Option(help="With --plan: of errors that are not found; .001 if absent.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes, or threads for short runs; the result is the same.")] = 1,
    scheduler: Annotated[str | None, typer.Option(help="A Dask cluster's, e.g. tcp://10.0.0.1:8786.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="A file for what is done; if it is there, the run goes on from it.")
    ] = None,
    memory: Annotated[
        int | None,
        typer.Option(parser=_bytes, metavar="BYTES", help="For all workers together, or for each of a cluster's."),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the layers into this file, .svg or .png.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Simulate random networks and judge what is claimed about them.

    Exit status: 0 all claims agree, 1 one disagrees, 2 bad input, 3 one is inconclusive.
    """
    if context.invoked_subcommand is not None:
        _refuse_before(context)
        return
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
        if planned:
            _refuse_with_plan(scheduler=scheduler, checkpoint=checkpoint, memory=memory, plot=plot)
            _plan(spec, missed_rate=0.001 if missed_rate is None else missed_rate, as_json=as_json)
            return
        if missed_rate is not None:
            raise InputError("--missed-rate says how many networks to plan for; write it with --plan")
        if plot is not None:
            check_figure(plot)
        result = _simulated(
            spec, method=method, workers=workers, scheduler=scheduler, checkpoint=checkpoint, memory=memory
        )
        if plot is not None:
            write_figure(result, plot)
    except (InputError, MemoryError) as error:
        typer.echo(f"error: {str(error) or 'out of memory; write smaller widths'}", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        done = "nothing was written" if checkpoint is None else f"the same command goes on from {checkpoint}"
        typer.echo(f"interrupted; {done}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    for note in result.notes:
        typer.echo(f"note: {note}", err=True)
    if as_json:
        typer.echo(json.dumps(result.as_json(), indent=2, allow_nan=False))
    else:
        print_result(result, Console())
    raise typer.Exit(exit_status(result))


app.command("train")(train_command)


def _refuse_before(context: typer.Context) -> None:
    """Options in front of a command would be read and do nothing."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            command = context.invoked_subcommand
            option = next((o for p in context.command.params if p.name == name for o in p.opts), name)
            typer.echo(f"error: {option} stands before {command}; write it behind, if {command} has it", err=True)
            raise typer.Exit(BAD_INPUT)


def exit_status(result: Result) -> int:
    """1 if a claim disagrees, 3 if none does and one is inconclusive, else 0."""
    verdicts = {claim.verdict for claim in result.claims}
    if Verdict.DISAGREE in verdicts:
        return FAILS
    return UNDECIDED if Verdict.INCONCLUSIVE in verdicts else HOLDS


def _widths(*, width: int | None, depth: int | None, widths: str | None) -> tuple[int, ...]:
    if widths is None:
        layers = 20 if depth is None else depth
        if not 1 <= layers <= MOST_LAYERS:  # before that many widths are written down
            raise InputError(f"--depth {layers} cannot be; write 1 to {MOST_LAYERS:,}")
        return (64 if width is None else width,) * (layers + 1)
    if width is not None or depth is not None:
        raise InputError("--widths says it all; write it without --width and --depth")
    try:
        return tuple(int(part) for part in widths.split(","))
    except ValueError:
        message = f"--widths {widths!r} is no list of sizes; write e.g. --widths 784,512,10"
        raise InputError(message) from None


def _simulated(
    spec: Spec, *, method: str, workers: int, scheduler: str | None, checkpoint: Path | None, memory: int | None
) -> Result:
    with ExitStack() as stack:
        executor = None
        if scheduler is not None:
            executor, workers = stack.enter_context(cluster(scheduler))
        moved = stack.enter_context(progress_bar(spec.networks, Console(stderr=True)))
        return simulate(
            spec,
            method=method,
            workers=workers,
            executor=executor,
            checkpoint=checkpoint,
            memory=memory,
            progress=moved,
        )


def _refuse_with_plan(**options: object) -> None:
    for name, value in options.items():
        if value is not None:
            raise InputError(f"--plan draws no networks; write it without --{name}")


def _plan(spec: Spec, *, missed_rate: float, as_json: bool) -> None:
    sizes = plan(spec, missed_rate=missed_rate)
    if as_json:
        answer = {"spec": spec.as_json(), "missed_rate": missed_rate, "plan": [asdict(one) for one in sizes]}
        typer.echo(json.dumps(answer, indent=2, allow_nan=False))
    else:
        print_plan(sizes, Console(), delta=spec.delta, error_rate=spec.error_rate, missed_rate=missed_rate)
