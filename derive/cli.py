"""The command line: its words and options. Each command names its job; ``run`` does it once everything is parsed.

A job runs outside of the parser, which takes a closed pipe for a failure of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from derive import __version__, commands

Job = Callable[[], int]

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Derive the rules of weight initialization, and decide whether a derivation is right.",
    epilog="Exit status: 0 holds, 1 does not hold, 2 bad input, 3 undecided.",
)


class Format(StrEnum):
    """How verdicts are printed."""

    text = "text"
    json = "json"
    github = "github"


JSON = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"derive {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def everything(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="The folder that the reports are written into.")] = Path("reports"),
    full: Annotated[bool, typer.Option("--full", help="Gather more evidence; takes minutes.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_tell_version, is_eager=True)
    ] = False,
) -> Job | None:
    """Derive and verify the library, gather evidence, write a report for each theorem, print a summary."""
    if context.invoked_subcommand is None:
        return partial(commands.main_job, out, full=full)
    for name in ("out", "full"):
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(
                f"`{context.invoked_subcommand}` writes no reports; leave --{name} out, or leave the command out",
                ctx=context,
                param_hint=f"--{name}",
            )
    return None


@app.command("list")
def list_theorems(as_json: JSON = False) -> Job:
    """List the theorems of the library with their claims and verdicts."""
    return partial(commands.list_theorems, as_json=as_json)


@app.command()
def show(
    theorem: Annotated[str, typer.Argument(help="A name that `list` prints.", metavar="THEOREM")],
    as_json: JSON = False,
) -> Job:
    """Show the derivation of one theorem of the library, link by link."""
    return partial(commands.show, theorem, as_json=as_json)


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="Documents, folders, reports, or - for standard input.")],
    form: Annotated[
        Format | None, typer.Option("--format", help="How to print; github: annotations for its workflow log.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    report: Annotated[
        str | None, typer.Option(help="Explain the verdicts in this file, as Markdown; - prints it instead.")
    ] = None,
    only_blocks: Annotated[
        bool, typer.Option("--only-blocks", help="Pass over files without a `derive` block, as in folders.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say of what is proved which weaker givens suffice; --report always does.")
    ] = False,
    evidence: Annotated[bool, typer.Option("--evidence", help="Simulate again what reports say was measured.")] = False,
) -> Job:
    """Decide every derivation in the documents, link by link."""
    if as_json and form not in {None, Format.json}:
        raise typer.BadParameter(f"--json and --format {form} contradict each other; keep one", param_hint="--format")
    form = Format.json if as_json else form
    if report == "-" and form is not None:
        raise typer.BadParameter(
            f"- prints the explanation in place of --format {form}; name a file, or leave --format out",
            param_hint="--report",
        )
    form = form or Format.text
    return partial(
        commands.check,
        files,
        form=form,
        report=report,
        only_blocks=only_blocks,
        explain=explain,
        evidence=evidence,
    )


ACTIVATION = Annotated[
    str,
    typer.Argument(help='A name of the catalog, or an expression in z such as "z*sigmoid(z)".', metavar="ACTIVATION"),
]
DIGITS = Annotated[int, typer.Option(help="How many digits to certify.", min=1, max=1000)]
PARAMETERS = Annotated[list[str] | None, typer.Option("--param", help="A parameter's value: alpha=0.25.")]


@app.command()
def rule(
    activation: ACTIVATION,
    digits: DIGITS = 30,
    variance: Annotated[str, typer.Option(help="The second moment of the pre-activations that is to be kept.")] = "1",
    param: PARAMETERS = None,
    claim: Annotated[str | None, typer.Option(help='Somebody\'s gain to judge, such as "5/3".')] = None,
    as_json: JSON = False,
    plot: Annotated[Path | None, typer.Option(help="Draw f, f' and the variance map into this SVG or PNG.")] = None,
) -> Job:
    """Say how to initialize for any activation: gains and weight variances, closed or with proven digits."""
    from derive.rules import commands as rules

    return partial(
        rules.rule,
        activation,
        digits=digits,
        variance=variance,
        params=param or (),
        claim=claim,
        as_json=as_json,
        plot=plot,
    )


@app.command()
def critical(
    activation: ACTIVATION,
    bias_variance: Annotated[str | None, typer.Option(help="Find the edge of chaos for this bias variance.")] = None,
    digits: DIGITS = 30,
    param: PARAMETERS = None,
    as_json: JSON = False,
    plot: Annotated[Path | None, typer.Option(help="Draw the phase diagram into this SVG or PNG.")] = None,
) -> Job:
    """Find the weight and bias variances at which signals and gradients neither die nor explode."""
    from derive.rules import commands as rules

    return partial(
        rules.critical, activation, bias=bias_variance, digits=digits, params=param or (), as_json=as_json, plot=plot
    )


@app.command()
def lab(
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("lab.html"),
    show: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="A coarse grid, in seconds.")] = False,
) -> Job:
    """Write a page to look at what initialization does: predicted, simulated, trained, derived. It works offline."""
    from derive.lab import commands as laboratory

    return partial(laboratory.lab, out, show=show, quick=quick)


def run(words: list[str]) -> int:
    """Parse the command line and do what it says; usage errors are raised."""
    try:
        with typer.main.get_command(app).make_context("python -m derive", _expressions(words)) as context:
            job: Any = context.command.invoke(context)
    except typer.Exit as left:  # after --help and --version
        return left.exit_code
    return job()


def _expressions(words: list[str]) -> list[str]:
    """The words, where `-tanh(z)` is no cluster of options: a space in front keeps it from the parser of options."""
    if words[:1] not in (["rule"], ["critical"]):
        return words
    return [f" {w}" if len(w) > 1 and w[0] == "-" and w[1] != "-" and w != "-h" else w for w in words]
