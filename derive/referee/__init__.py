"""The referee decides again, on explicit finite models, by exact enumeration; it shows counterexamples.

It shares no decision code with the kernel: both read the same terms, and each is the other's opponent in the tests.
"""

from derive.referee.check import meets, violated
from derive.referee.failure import Failure
from derive.referee.model import Model
from derive.referee.random_models import random_models
from derive.referee.search import find_model, find_smallest, holds, search
from derive.referee.show import shown
from derive.referee.working import working

__all__ = [
    "Failure",
    "Model",
    "find_model",
    "find_smallest",
    "holds",
    "meets",
    "random_models",
    "search",
    "shown",
    "violated",
    "working",
]
