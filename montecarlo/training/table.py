"""A user's own CSV: measurements in all columns but one, which names the class.

The first line names the columns. Every other cell is a number, the target's cells are any words. What is no table of
that kind is refused with the line and the column; nothing is guessed, filled in or left out.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np

from montecarlo.arrays import Array
from montecarlo.errors import InputError
from montecarlo.names import unknown
from montecarlo.training.data import Data

MOST_CLASSES = 100


def read_data(path: Path, *, target: str) -> Data:
    """The examples of a CSV whose column ``target`` names the class. Raises InputError."""
    header, rows = _rows(path)
    place = _column(path, header, target)
    columns = tuple(name for k, name in enumerate(header) if k != place)
    if not columns:
        raise InputError(f"{path.name} has no column but the target; write the measurements beside it")
    words = [_word(path, line, target, row[place]) for line, row in rows]
    classes = tuple(sorted(set(words)))
    if len(classes) < 2:
        raise InputError(
            f"{path.name}: column {target!r} holds one class only, {words[0]!r}; there is nothing to learn"
        )
    if len(classes) > min(MOST_CLASSES, len(rows) // 2):
        message = (
            f"{path.name}: column {target!r} holds {len(classes)} different values in {len(rows)} rows, which are no "
            f"classes; write the name of a column with at most {MOST_CLASSES}, each of them in several rows"
        )
        raise InputError(message)
    number = {word: k for k, word in enumerate(classes)}
    return Data(
        path.name,
        _numbers(path, rows, [(k, name) for k, name in enumerate(header) if k != place]),
        np.array([number[word] for word in words], dtype=np.intp),
        classes,
        columns,
    )


def read_inputs(path: Path, *, columns: tuple[str, ...]) -> tuple[list[str], list[list[str]], Array]:
    """The header and rows of a CSV as they stand, and the numbers of ``columns`` in that order. Raises InputError."""
    header, rows = _rows(path)
    places = [(_column(path, header, name), name) for name in columns]
    return header, [row for _, row in rows], _numbers(path, rows, places)


def _rows(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and each row with its line; all rows as long as the header, empty lines left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = io.StringIO(file.read(), newline="")
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or error
        raise InputError(f"{path} cannot be read ({said}); write the name of a CSV file in UTF-8") from None
    reader = csv.reader(text, strict=True)
    try:
        read = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        message = f"{path.name}, line {reader.line_num}: {error}; write one line for each row, and close each quote"
        raise InputError(message) from None
    if len(read) < 2:
        raise InputError(f"{path.name} has no rows; write a line with the columns' names, and the examples below it")
    header = [name.strip() for name in read[0][1]]
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        raise InputError(f"{path.name}, line 1: {header[0]!r} is one column; write commas between columns")
    twice = [name for name in header if header.count(name) > 1]
    if twice or "" in header:
        said = f"column {twice[0]!r} stands twice" if twice else f"column {header.index('') + 1} has no name"
        raise InputError(f"{path.name}, line 1: {said}; write a name of its own for each column")
    for line, row in read[1:]:
        if len(row) != len(header):
            message = f"{path.name}, line {line}: {len(row)} cells, but {len(header)} columns; write one for each"
            raise InputError(message)
    return header, read[1:]


def _column(path: Path, header: list[str], name: str) -> int:
    if name not in header:
        raise InputError(f"{path.name}: {unknown('column', name, header)}")
    return header.index(name)


def _word(path: Path, line: int, column: str, cell: str) -> str:
    if not cell.strip():
        raise InputError(f"{path.name}, line {line}, column {column!r} is empty; write the class, or leave the row out")
    return cell.strip()


def _numbers(path: Path, rows: list[tuple[int, list[str]]], places: list[tuple[int, str]]) -> Array:
    found = np.empty((len(rows), len(places)))
    for out, (line, row) in zip(found, rows, strict=True):
        for k, (place, name) in enumerate(places):
            out[k] = _number(path, line, name, row[place])
    return found


def _number(path: Path, line: int, column: str, cell: str) -> float:
    try:
        value = float(cell) if cell.isascii() and "_" not in cell else math.nan  # 12_34 is a name, if not to Python
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        found = f"holds {cell.strip()!r}" if cell.strip() else "is empty"
        message = f"{path.name}, line {line}, column {column!r} {found}; write a number, or leave the row or column out"
        raise InputError(message)
    return value
