"""Simulates deep networks at initialization, judges numbers that are claimed about them, and trains networks.

The names are loaded when they are first used: a command is ready for Ctrl-C before NumPy is there, and a worker loads
what it draws with.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # typing's takes a while to load, in which Ctrl-C would show a traceback
if TYPE_CHECKING:
    from montecarlo.activations import (
        ACTIVATIONS,
        Activation,
        elu,
        find_activation,
        leaky_relu,
        piecewise_linear,
    )
    from montecarlo.errors import InputError
    from montecarlo.laws import LAWS, Law, constant, find_law, orthogonal, sparse, student_t
    from montecarlo.network import Backward, Forward, Network, backward, draw, forward
    from montecarlo.planning import Plan, plan
    from montecarlo.result import Interval, Layer, Result
    from montecarlo.simulation import simulate
    from montecarlo.spec import Spec
    from montecarlo.statistics.tails import Basis
    from montecarlo.statistics.verdict import Claim, Verdict
    from montecarlo.training import train

__all__ = [
    "ACTIVATIONS",
    "LAWS",
    "Activation",
    "Backward",
    "Basis",
    "Claim",
    "Forward",
    "InputError",
    "Interval",
    "Law",
    "Layer",
    "Network",
    "Plan",
    "Result",
    "Spec",
    "Verdict",
    "backward",
    "constant",
    "draw",
    "elu",
    "find_activation",
    "find_law",
    "forward",
    "leaky_relu",
    "orthogonal",
    "piecewise_linear",
    "plan",
    "simulate",
    "sparse",
    "student_t",
    "train",
]

_HOMES = {
    "activations": "ACTIVATIONS Activation elu find_activation leaky_relu piecewise_linear".split(),
    "errors": "InputError".split(),
    "laws": "LAWS Law constant find_law orthogonal sparse student_t".split(),
    "network": "Backward Forward Network backward draw forward".split(),
    "planning": "Plan plan".split(),
    "result": "Interval Layer Result".split(),
    "simulation": "simulate".split(),
    "spec": "Spec".split(),
    "statistics.tails": "Basis".split(),
    "statistics.verdict": "Claim Verdict".split(),
    "training": "train".split(),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
