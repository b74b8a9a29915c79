"""``python -m derive``: whatever happens, an exit status and at most one message, never a traceback."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import NoReturn

BAD_INPUT = 2


def main() -> NoReturn:
    """Run a command (``python -X dev -m derive`` shows the traceback of a fault of our own)."""
    try:
        _open()
        _printable()
        status = _run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        _leave(130)
    except BrokenPipeError:
        _leave(141)
    except Exception as error:
        _leave(_told(error))
    sys.exit(status)


def _run(words: list[str]) -> int:
    """``check`` with files is taken as it is: it has half a second, of which Typer would take a quarter."""
    files = [w for w in words[1:] if w not in {"--json", "--explain"}]
    if words[:1] == ["check"] and files and not any(w.startswith("-") and w != "-" for w in files):
        from derive import commands

        return commands.check(files, form="json" if "--json" in words else "text", explain="--explain" in words)
    from derive import cli

    return cli.run(words)


def _told(error: Exception) -> int:
    """Say what went wrong in one message; the exit status."""
    show, status = getattr(error, "show", None), getattr(error, "exit_code", None)
    if callable(show) and isinstance(status, int):  # a usage error, which knows how to show itself
        show()
        return status
    if type(error).__name__ == "Abort":
        return 130
    if sys.flags.dev_mode:
        raise error
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        print("error: there is no space left for what is to be written; make some", file=sys.stderr)
    elif isinstance(error, RecursionError):
        print("error: the input is nested too deeply; make it smaller", file=sys.stderr)
    else:
        print(f"error: {type(error).__name__}: {error}; this is a fault of derive, please report it", file=sys.stderr)
    return BAD_INPUT


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


def _leave(status: int) -> NoReturn:
    """Leave quietly, even if nobody reads standard output any more."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
