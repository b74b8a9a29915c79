"""``python -m montecarlo``: whatever happens, an exit status and at most one message, never a traceback."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import NoReturn

BAD_INPUT, INTERRUPTED, UNREAD = 2, 130, 141


def main() -> NoReturn:
    """Run a command (``python -X dev -m montecarlo`` shows the traceback of a fault of our own).

    A reader that goes away is no verdict: its status is 141, and not the 1 of a claim that disagrees.
    """
    try:
        status = _run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        _leave(INTERRUPTED)
    except (BrokenPipeError, SystemExit):  # the second is how rich says the first, and nothing else here says it
        _leave(UNREAD)
    except Exception as error:
        _leave(_told(error))
    sys.exit(status)


def _run(words: list[str]) -> int:
    """Not as Typer runs a command by itself: for it a reader that went away is status 1."""
    import typer  # an interrupt may come while these are loaded, too

    from montecarlo.cli import app

    try:
        with typer.main.get_command(app).make_context("python -m montecarlo", words) as context:
            context.command.invoke(context)
    except typer.Exit as left:
        return left.exit_code
    return 0


def _told(error: Exception) -> int:
    """Say what went wrong in one message; the exit status."""
    show, status = getattr(error, "show", None), getattr(error, "exit_code", None)
    if callable(show) and isinstance(status, int):  # a usage error, which knows how to show itself
        show()
        return status
    if type(error).__name__ == "Abort":
        return INTERRUPTED
    if sys.flags.dev_mode:
        raise error
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        print("error: there is no space left for what is to be written; make some", file=sys.stderr)
    else:
        said = f"{type(error).__name__}: {error}"
        print(f"error: {said}; this is a fault of montecarlo, please report it", file=sys.stderr)
    return BAD_INPUT


def _leave(status: int) -> NoReturn:
    """Leave quietly, even if nobody reads standard output any more."""
    for stream in (sys.stderr, sys.stdout):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
