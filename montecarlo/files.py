"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from montecarlo.errors import InputError


def check_place(path: Path) -> None:
    """Raises InputError if a file of that name cannot be: no such folder, it is one, or is kept from us.

    It is asked for before anything is computed that would be lost.
    """
    if not path.parent.is_dir() or path.is_dir():
        raise InputError(f"{path} cannot be written: there is no such folder, or it is one; write another name")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise InputError(f"{path} cannot be written: its folder may not be changed; write a name in a folder of yours")


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
