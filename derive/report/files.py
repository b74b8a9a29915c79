"""Writing a report so that a reader never sees half of one; and whether one can be written at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


class NotWritten(Exception):
    """A file could not be written; what stood there before still does."""


def no_place(path: Path, *, what: str, is_one: Callable[[str], bool]) -> str | None:
    """Why a text cannot be put there, or None: asked before any work, and never over a file that is something else.

    what: the name of such a text. is_one: whether what stands there is an earlier one; an empty file is nobody's.
    """
    try:
        if path.is_dir():
            return f"{path} is a folder"
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}"
        if path.exists() and not path.is_file():
            return f"{path} is a device or a pipe and no file"
        found = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except (OSError, ValueError) as error:
        return f"{path} cannot be written ({getattr(error, 'strerror', None) or error})"
    if found.strip() and not is_one(found):
        return f"{path} exists and is no {what}, so it is not written over"
    return unwritable(path.parent)


def unwritable(folder: Path) -> str | None:
    """Why nothing can be put into a folder, or None: tried with a temporary file, not guessed."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return f"nothing can be written into the folder {folder} ({error.strerror})"


def write_file(path: Path, text: str | bytes) -> bool:
    """Put the text there in one move; False if it stood there already. Raises ``NotWritten``."""
    data = text.encode("utf-8") if isinstance(text, str) else text
    if path.exists() and not path.is_file():
        raise NotWritten(f"{path} could not be written (it is no file); what stood there is unchanged")
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise NotWritten(f"{path} could not be written ({reason}); what stood there is unchanged") from None
    return True


def _replace(path: Path, data: bytes) -> None:
    """Write beside the file, then move over it: ``os.replace`` is atomic within a folder."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _mode(path))
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _mode(path: Path) -> int:
    """The mode that the file has, or that a new file gets."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
