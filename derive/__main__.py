"""``python -m derive``: whatever happens, an exit status and at most one message, never a traceback.

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
    """Run a command (``python -X dev -m derive`` shows the traceback of a fault of our own)."""
    try:
        _interrupts(raised=False)
        _open()
        _printable()
        status = _run(sys.argv[1:])
        sys.stdout.flush()
        _interrupts(raised=False)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
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
    """``check`` with files is taken as it is: it has half a second, of which Typer would take a quarter."""
    files = [w for w in words[1:] if w not in {"--json", "--explain"}]
    if words[:1] == ["check"] and files and not any(w.startswith("-") and w != "-" for w in files):
        from derive import commands

        _interrupts(raised=True)
        return commands.check(files, form="json" if "--json" in words else "text", explain="--explain" in words)
    from derive import cli

    _interrupts(raised=True)
    return cli.run(words)


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
    elif isinstance(error, RecursionError):
        print("error: the input is nested too deeply; make it smaller", file=sys.stderr)
    else:
        print(f"error: {type(error).__name__}: {error}; this is a fault of derive, please report it", file=sys.stderr)
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
    """Print what a document holds even where the locale cannot."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _leave(status: int) -> None:
    """Leave quietly, even if nobody reads standard output any more."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
