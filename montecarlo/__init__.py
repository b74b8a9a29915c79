"""Simulates deep networks at initialization, judges numbers that are claimed about them, and trains networks."""

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
