"""Which modules a program loads, asked of an interpreter of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from textwrap import indent

from tests.planting import ROOT

PROGRAM = """import contextlib, json, sys
with contextlib.suppress(SystemExit):
{code}
print("\\n" + json.dumps(sorted(sys.modules)))
"""


def loaded(code: str) -> set[str]:
    """The full names of the modules that are there once the code has run; whatever it prints is passed over."""
    command = [sys.executable, "-c", PROGRAM.format(code=indent(code, "    "))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(done.stdout.splitlines()[-1]))


def loaded_by(*words: str) -> set[str]:
    """The same of ``python -m derive`` with these words."""
    return loaded(f"import runpy\nsys.argv = {['derive', *words]!r}\nrunpy.run_module('derive', run_name='__main__')")
