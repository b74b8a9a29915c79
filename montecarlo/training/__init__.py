"""Trains fully connected networks under different initializations, in NumPy; knows no formula of the theory."""

from montecarlo.training.data import DATA, Data, Part, Scale, Split, circles, digits, find_data, moons, split
from montecarlo.training.evaluation import Signal, evaluated, signals
from montecarlo.training.initialization import INITIALIZATIONS, Initialization, find_initialization, initialized
from montecarlo.training.loop import Stream, batches, train
from montecarlo.training.loss import LOSSES, Loss, find_loss
from montecarlo.training.network import Dense, Workspace, backward, forward, on_parameters, workspace
from montecarlo.training.optimizer import OPTIMIZERS, Optimizer, find_optimizer
from montecarlo.training.result import LayerAtStart, Run, Snapshot, Trained
from montecarlo.training.table import read_data, read_inputs

__all__ = [
    "DATA",
    "INITIALIZATIONS",
    "LOSSES",
    "OPTIMIZERS",
    "Data",
    "Dense",
    "Initialization",
    "LayerAtStart",
    "Loss",
    "Optimizer",
    "Part",
    "Run",
    "Scale",
    "Signal",
    "Snapshot",
    "Split",
    "Stream",
    "Trained",
    "Workspace",
    "backward",
    "batches",
    "circles",
    "digits",
    "evaluated",
    "find_data",
    "find_initialization",
    "find_loss",
    "find_optimizer",
    "forward",
    "initialized",
    "moons",
    "on_parameters",
    "read_data",
    "read_inputs",
    "signals",
    "split",
    "train",
    "workspace",
]
