"""``python -m montecarlo``: whatever happens, an exit status and at most one message, never a traceback.

Ctrl-C while modules are loaded ends the process at once, and so it does when all is done: there is nothing to clean up,
and extension modules make other errors of an interruption, or lose it. This file imports only what is there already.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys

BAD_INPUT, INTERRUPTED, UNREAD = 2, 130, 141


def main() -> None:
    """Run a command (``python -X dev -m montecarlo`` shows the traceback of a fault of our own).

    A reader that goes away is no verdict: its status is 141, and not the 1 of a claim that disagrees.
    """
    try:
        _interrupts(raised=False)
        _open()
        _printable()
        status = _run(sys.argv[1:])
        sys.stdout.flush()
        _interrupts(raised=False)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except (BrokenPipeError, SystemExit):  # the second is how rich says the first, and nothing else here says it
        status = UNREAD
    except Exception as error:
        status = _told(error)
    else:
        sys.exit(status)
    _leave(status)


def _interrupts(*, raised: bool) -> None:
    """Whether Ctrl-C is a KeyboardInterrupt from here on, or the end; where it is ignored it stays so."""
    try:
        import signal
    except BaseException:  # of an interrupt, enum makes an error of its own
        os._exit(INTERRUPTED)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler if raised else _end)


def _end(*_: object) -> None:
    os._exit(INTERRUPTED)


def _run(words: list[str]) -> int:
    """Not as Typer runs a command by itself: for it a reader that went away is status 1."""
    import typer

    from montecarlo.cli import app

    _interrupts(raised=True)
    try:
        with typer.main.get_command(app).make_context("python -m montecarlo", words) as context:
            context.command.invoke(context)
    except typer.Exit as left:
        return left.exit_code
    return 0


def _told(error: Exception) -> int:
    """Say what went wrong in one message; the exit status."""
    if _of_an_interrupt(error):
        return INTERRUPTED
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


def _of_an_interrupt(error: BaseException | None) -> bool:
    """Whether it is what C, which knows no other way to go on, made of one."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _open() -> None:
    """Where the caller closed a stream there is one all the same, which keeps nothing."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _printable() -> None:
    """Print what was asked for even where the locale cannot."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _leave(status: int) -> None:
    """Leave quietly, even if nobody reads standard output any more."""
    for stream in (sys.stderr, sys.stdout):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
