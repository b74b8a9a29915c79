"""Lines to paste, in the words of four libraries. A weight's shape is the library's own: (out, in) or (in, out).

All draw N(0, gain^2/fan_in). JAX and Keras multiply by what is called ``scale``: the variance is scale/fan_in.
"""

from __future__ import annotations

from derive.rules.numbers import decimals, follows
from derive.rules.values import Side, Snippets

DOUBLE = 17  # a double holds no more

PYTORCH = """\
# {name}: {rule}; weight has shape (fan_out, fan_in)
import math
from torch import nn

nn.init.normal_(weight, std={gain} / math.sqrt(weight.shape[1]))
"""
JAX = """\
# {name}: {rule}; a layer computes y @ weight
from jax import nn

initializer = nn.initializers.variance_scaling({scale}, "fan_in", "normal")
weight = initializer(key, (fan_in, fan_out))
"""
KERAS = """\
# {name}: {rule}; for kernel_initializer
from keras import initializers

initializer = initializers.VarianceScaling(
    {scale}, mode="fan_in", distribution="untruncated_normal"
)
"""
NUMPY = """\
# {name}: {rule}; a layer computes weight @ y
import numpy as np

generator = np.random.default_rng()
weight = generator.normal(0, {gain} / np.sqrt(fan_in), size=(fan_out, fan_in))
"""


def snippets(forward: Side, name: str) -> Snippets:
    """The forward rule in four libraries; nothing where there is no certified gain."""
    gain = forward.gain
    if gain is None or gain.status == "not certified":
        return Snippets()
    scale = follows(lambda g: g * g, None, gain)
    words = {
        "gain": decimals(gain, DOUBLE),
        "scale": decimals(scale, DOUBLE),
        "name": name,
        "rule": "Var(W) = gain^2/fan_in",
    }
    return Snippets(*(text.format(**words) for text in (PYTORCH, JAX, KERAS, NUMPY)))
