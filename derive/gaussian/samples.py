"""What a moment probably is, where nothing is proven: the trapezoidal rule, with as many digits as two grids share."""

from __future__ import annotations

from typing import Any

import flint

from derive.gaussian.functions import acb, arb
from derive.gaussian.programs import compiled
from derive.gaussian.work import weight
from derive.language.terms import Term

MOST_POINTS = 6_000
REACH = 12  # standard deviations
BITS = 64
FEWEST_BITS = 7  # two digits


def sampled(term: Term, variance: Any) -> Any | None:
    """E g(z), z ~ N(0, variance), for an unfolded term, without proof; the radius is by how much two grids differ.

    None if they share no digits.
    """
    with flint.ctx.workprec(BITS):
        g, points = compiled(term), MOST_POINTS // weight(term)
        step = REACH * arb(variance).sqrt() / points
        sums = [arb(0), arb(0)]
        for k in range(-points, points + 1):
            z = k * step
            value = g(acb(z.mid()), False).real.mid()
            if not value.is_finite():
                return None
            sums[k % 2] += value * (-z * z / (2 * variance)).exp()
        scale = step / (2 * arb.pi() * variance).sqrt()
        coarse, fine = 2 * scale * sums[0], scale * (sums[0] + sums[1])
        found = arb(fine.mid(), abs(fine - coarse).upper())
    return found if found.rel_accuracy_bits() >= FEWEST_BITS else None
