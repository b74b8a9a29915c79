"""To plant a mutant in a running process: the functions that the change concerns get the code of the changed text."""

from __future__ import annotations

import functools
import gc
from collections.abc import Iterator
from types import CodeType, FunctionType

from tests.mutation.sampling import Mutant
from tests.planting import ROOT

FORGETFUL = ("derive.kernel", "derive.referee")


def patch(mutant: Mutant) -> bool:
    """Plant the mutant; False if it stands outside all functions or in a default value, where this cannot be done."""
    path = str(ROOT / mutant.file)
    before = _codes((ROOT / mutant.file).read_text(encoding="utf-8"), path)
    after = _codes(mutant.text(), path)
    changed = {name for name, code in after.items() if code != before.get(name)}
    living = [f for f in gc.get_objects() if isinstance(f, FunctionType) and f.__code__.co_filename == path]
    concerned = [f for f in living if _name(f.__code__) in changed]
    for function in concerned:
        function.__code__ = after[_name(function.__code__)]
    for memory in memories():
        memory.cache_clear()
    return bool(concerned)


def memories() -> list[functools._lru_cache_wrapper[object]]:
    """The functions of the mutated packages that remember their values; emptied, they compute them again."""
    every = [item for item in gc.get_objects() if isinstance(item, functools._lru_cache_wrapper)]
    return [item for item in every if str(item.__module__).startswith(FORGETFUL)]


def _codes(text: str, path: str) -> dict[tuple[str, int], CodeType]:
    module = compile(text, path, "exec", dont_inherit=True)
    return {_name(code): code for code in _within(module) if code is not module}


def _within(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _within(constant)


def _name(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno
