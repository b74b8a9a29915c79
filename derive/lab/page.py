"""One self-contained page: ``page.html`` with its style, its script, plotly and the data filled in.

Nothing is loaded from anywhere, and a content security policy in the page forbids it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec

from derive.lab import guide
from derive.lab.produce import Json, Lab

REMEDY = 'write pip install "derive-init[lab]", or from a clone pip install ".[lab]"'
NEEDED = {
    "plotly": "draws the charts",
    "latex2mathml": "writes the formulas",
    "markdown_it": "writes the texts",
    "threadpoolctl": "keeps processes from waiting for each other",
}
DIGITS = {"sklearn": "has the images of digits"}


class MissingExtra(Exception):
    """A package that the page needs is not installed; the message says which, and what to write."""


def check_extra(*, digits: bool) -> None:
    """Raises ``MissingExtra`` unless everything that is needed is installed."""
    for name, use in (NEEDED | DIGITS if digits else NEEDED).items():
        if find_spec(name) is None:
            raise MissingExtra(f"the lab needs {name}, which {use}; {REMEDY}")


def write_page(lab: Lab) -> str:
    """The whole page as text. Raises ``MissingExtra``."""
    check_extra(digits=False)
    parts = {
        "STYLE": _file("style.css"),
        "PLOTLY": _script(import_module("plotly.offline").get_plotlyjs()),
        "SCRIPT": _script(_file("page.js")),
        "DATA": _data(page_data(lab)),
    }
    page = _file("page.html")
    for name, text in parts.items():
        before, mark, after = page.partition(f"/*{name}*/")
        if not mark or f"/*{name}*/" in after:
            raise ValueError(f"page.html has /*{name}*/ not exactly once")
        page = before + text + after
    return page


def page_data(lab: Lab) -> Json:
    """Everything that the script looks up."""
    grid = asdict(lab.grid)
    return {
        "grid": grid | {"cells": _cells(lab)},
        "activations": lab.activations,
        "inits": {name: _init(name) for name in lab.grid.training.inits},
        "training": lab.training,
        "proofs": {proof["name"]: proof for proof in lab.proofs},
    }


def _init(name: str) -> Json:
    text, because = guide.of_init(name)
    return {"text": text, "because": because}


def _cells(lab: Lab) -> int:
    return sum(len(b["cells"]) for a in lab.activations.values() for s in a["stops"] for b in s["biases"])


def _file(name: str) -> str:
    return (files("derive.lab") / name).read_text(encoding="utf-8")


def _script(text: str) -> str:
    """A script that does not end before its end."""
    return text.replace("</script", "<\\/script")


def _data(value: Json) -> str:
    """JSON within a script element: no text in it can close the element or open a comment."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.replace("<", "\\u003c")
