"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from montecarlo.errors import InputError


def check_place(path: Path) -> None:
    """Raises InputError if a file of that name cannot be: there is no such folder, or it is one."""
    if not path.parent.is_dir() or path.is_dir():
        raise InputError(f"{path} cannot be written: there is no such folder, or it is one; write another name")


def write_file(path: Path, content: bytes) -> None:
    """All of it or nothing: an interrupted run leaves what was there before.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(content)
        Path(file.name).chmod(0o644)
        os.replace(file.name, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); write the name of a file of yours") from None
