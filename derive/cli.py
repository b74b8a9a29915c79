"""The command line: its words and options. What a command does is in ``commands``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from derive import commands

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Derive the rules of weight initialization, and decide whether a derivation is right.",
    epilog="Exit status: 0 holds, 1 does not hold, 2 bad input, 3 undecided.",
)

JSON = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


@app.callback(invoke_without_command=True)
def everything(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="The folder that the reports are written into.")] = Path("reports"),
    full: Annotated[bool, typer.Option("--full", help="Gather more evidence; takes minutes.")] = False,
) -> None:
    """Derive and verify the library, gather evidence, write a report for each theorem, print a summary."""
    if context.invoked_subcommand is None:
        raise typer.Exit(commands.main_job(out, full=full))


@app.command("list")
def list_theorems(as_json: JSON = False) -> None:
    """List the theorems of the library with their claims and verdicts."""
    raise typer.Exit(commands.list_theorems(as_json=as_json))


@app.command()
def show(
    theorem: Annotated[str, typer.Argument(help="A name that `list` prints.", metavar="THEOREM")],
    as_json: JSON = False,
) -> None:
    """Show the derivation of one theorem of the library, link by link."""
    raise typer.Exit(commands.show(theorem, as_json=as_json))


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="Documents, folders, reports, or - for standard input.")],
    as_json: JSON = False,
) -> None:
    """Decide every derivation in the documents, link by link."""
    raise typer.Exit(commands.check(files, as_json=as_json))


def run() -> int:
    """Parse the command line and do what it says; usage errors are raised."""
    status = app(prog_name="python -m derive", standalone_mode=False)
    return status if isinstance(status, int) else 0
