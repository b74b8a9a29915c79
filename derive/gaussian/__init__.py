"""Activations under the normal law: the catalog, users' expressions, proven enclosures (Arb) and closed forms.

``read("gelu")`` or ``read("z*sigmoid(z)")`` gives an ``Activation`` or refuses the text. ``mean``, ``second_moment``,
``slope_moment`` and ``moment`` give E f, E f^2, E f'^2 and others under N(0, q) as ``Number``; ``enclosure`` and
``correlated`` give the balls themselves, also for a variance that is a ball and for pairs (u, v); ``closed_form`` and
``closed_kernel`` give what is known exactly, symbolic in the variances; ``document`` and ``kernel_document`` claim it
for ``decide``. What has no proven number raises ``NotCertified``, ``Divergent`` or ``Undefined``. ``expectation``
serves other laws.
"""

from derive.gaussian.activation import Activation
from derive.gaussian.breaks import Break, Breaks
from derive.gaussian.closed import closed_form
from derive.gaussian.closed_kernels import closed_kernel
from derive.gaussian.correlated import correlated
from derive.gaussian.enclosure import expectation
from derive.gaussian.errors import Divergent, NotCertified, Undefined
from derive.gaussian.moments import enclosure, mean, moment, second_moment, slope_moment
from derive.gaussian.numbers import Number
from derive.gaussian.reading import read, refusal
from derive.gaussian.statements import document, kernel_document
from derive.language.catalog import names

__all__ = [
    "Activation",
    "Break",
    "Breaks",
    "Divergent",
    "NotCertified",
    "Number",
    "Undefined",
    "closed_form",
    "closed_kernel",
    "correlated",
    "document",
    "enclosure",
    "expectation",
    "kernel_document",
    "mean",
    "moment",
    "names",
    "read",
    "refusal",
    "second_moment",
    "slope_moment",
]
