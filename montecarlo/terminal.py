"""What `python -m montecarlo` shows on a terminal: tables, and a bar while it works."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from montecarlo.errors import InputError
from montecarlo.planning import Plan, plan
from montecarlo.result import Interval, Result
from montecarlo.statistics.verdict import Verdict

MOST_ROWS = 24


class RateColumn(ProgressColumn):
    """So many a second of what the bar counts."""

    def render(self, task: Task) -> Text:
        """The rate of the last blocks; a dash before there is one."""
        rate = task.finished_speed or task.speed
        number = "-" if rate is None else f"{rate:,.3g}" if rate < 100 else f"{rate:,.0f}"
        return Text(f"{number} {task.description}/s")


@contextmanager
def progress_bar(
    total: int, console: Console, *, what: str = "networks"
) -> Generator[Callable[[int], None] | None, None, None]:
    """A bar with rate and remaining time that the function moves on by so many of them; None but on a terminal."""
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), RateColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


def print_result(result: Result, console: Console) -> None:
    """Layers (some of them where there are many), claims with their verdicts, and the digest."""
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


def print_plan(
    planned: Sequence[Plan], console: Console, *, delta: float, error_rate: float, missed_rate: float
) -> None:
    """How many networks each claim takes, and the two rates that are kept."""
    table = Table("claim", "to find an error", "to agree")
    for row in planned:
        table.add_row(row.claim, f"{row.to_find:,}", f"{row.to_agree:,}")
    console.print(table)
    console.print(
        f"networks to find an error of {delta:g} relative, or to agree within it, "
        f"but with probability {missed_rate:g}; "
        f"a wrong word in a run has at most {error_rate:g}",
        highlight=False,
    )


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
