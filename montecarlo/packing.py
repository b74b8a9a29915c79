"""A tally as bytes and back, to the bit: a line of JSON that names the fields, and their numbers in double precision.

Nothing is executed when bytes are read, whoever wrote them: numbers go into the fields that `Tally` has, and into no
others.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import numpy as np

from montecarlo.arrays import Array
from montecarlo.tally import Tally


def packed(tally: Tally) -> bytes:
    """The bytes of a tally; fields that are None are left out.

    Raises:
        TypeError: a field is neither a number, an array, None nor a dataclass of such.
    """
    parts = list(_parts("", tally))
    names = json.dumps([[name, list(array.shape)] for name, array in parts])
    return b"\n".join([names.encode(), b"".join(array.astype("<f8").tobytes() for _, array in parts)])


def unpacked(blob: bytes) -> Tally:
    """The tally of which `packed` made the bytes.

    Raises:
        ValueError: they are not those of a tally.
    """
    names, _, numbers = blob.partition(b"\n")
    flat = np.frombuffer(numbers, dtype="<f8").astype(np.float64)
    arrays: dict[str, Array] = {}
    start = 0
    try:
        for name, shape in json.loads(names):
            size = math.prod(shape)
            arrays[name] = flat[start : start + size].reshape(shape)
            start += size
        found = _made(Tally, "", arrays)
    except (KeyError, TypeError) as error:
        raise ValueError(f"these are not the bytes of a tally: {error}") from None
    if start != flat.size:
        raise ValueError("these are not the bytes of a tally: there are more numbers than fields")
    return found


def _parts(name: str, value: object) -> Iterator[tuple[str, Array]]:
    if value is None:
        return
    if is_dataclass(value):
        for field in fields(value):
            yield from _parts(f"{name}.{field.name}", getattr(value, field.name))
    elif isinstance(value, int):
        yield name, np.array(float(value))
    elif isinstance(value, np.ndarray):
        yield name, value
    else:
        raise TypeError(f"a tally holds numbers and arrays; {name} is of type {type(value).__name__}")


def _made(kind: Any, name: str, arrays: Mapping[str, Array]) -> Any:
    """The value of type ``kind`` (int, an array, a dataclass, or one of them or None) that has this name."""
    kinds = get_args(kind)
    if type(None) in kinds:
        if not any(key == name or key.startswith(f"{name}.") for key in arrays):
            return None
        (kind,) = (k for k in kinds if k is not type(None))
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        make: Any = kind
        return make(**{f.name: _made(hints[f.name], f"{name}.{f.name}", arrays) for f in fields(kind)})
    return int(arrays[name]) if kind is int else arrays[name]
