"""The command ``lab``: asks, writes, returns the exit status."""

from __future__ import annotations

import sys
from pathlib import Path

OK, BAD_INPUT = 0, 2
MARK = "<title>The lab: what initialization does to a network</title>"


def lab(out: Path, *, show: bool, quick: bool) -> int:
    """Write the page; ``show`` opens it in a browser, ``quick`` takes the coarse grid."""
    from derive.lab import FULL, QUICK, MissingExtra, jobs, write_page
    from derive.lab import lab as made
    from derive.lab.page import check_extra
    from derive.report.files import NotWritten, no_place, write_file
    from derive.report.terminal import progress_bar

    grid = QUICK if quick else FULL
    try:
        check_extra(digits=grid.training.digits)
        unusable = no_place(out, what="page of the lab", is_one=lambda text: MARK in text)
        if unusable is not None:
            return _fail(f"{unusable}; name another file with --out")
        with progress_bar() as progress:
            task = progress.add_task("simulating", total=len(jobs(grid)))
            found = made(grid, progress=lambda job: progress.update(task, advance=1, description=job.key or job.kind))
        text = write_page(found)
        write_file(out, text)
    except (MissingExtra, NotWritten) as error:
        return _fail(str(error))
    print(f"{out}: {len(text.encode()) / 1e6:.1f} MB; open it in a browser, it needs no network")
    if show:
        _open(out)
    return OK


def _open(out: Path) -> None:
    import webbrowser

    if not webbrowser.open(out.resolve().as_uri()):
        print(f"no browser was found; open {out} yourself", file=sys.stderr)


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return BAD_INPUT
