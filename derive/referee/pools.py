"""What the search tries first: small laws, small constants, in the order in which a reader would like to see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product

from derive.referee.algebra import Exact
from derive.referee.model import Key, Table, point_mass, table


def _law(**points: str) -> Table:
    """``_law(m1="2/3", p2="1/3")``: -1 with probability 2/3, 2 with probability 1/3; h stands for a half."""
    rows: list[tuple[tuple[Exact, ...], Fraction]] = []
    for name, p in points.items():
        size = Fraction(1, 2) if name[1:] == "h" else Fraction(name[1:])
        rows.append(((-size if name[0] == "m" else size,), Fraction(p)))
    return table(rows)


SIMPLE: Sequence[Table] = (
    _law(p1="1"),
    _law(m1="1/2", p1="1/2"),
    _law(p0="1/2", p1="1/2"),
    _law(p2="1"),
    _law(m1="2/3", p2="1/3"),
    _law(p0="1/2", m1="1/4", p1="1/4"),
    _law(p0="1"),
    _law(m1="1"),
    _law(m2="1/2", p2="1/2"),
    _law(m2="1/3", p1="2/3"),
    _law(ph="1"),
    _law(mh="1/2", ph="1/2"),
    _law(p0="3/4", p1="1/4"),
    _law(m1="1/4", p0="1/4", p1="1/2"),
    _law(mh="4/5", p2="1/5"),
    _law(p0="3/4", m2="1/8", p2="1/8"),
    _law(p0="1/2", m1="1/3", p2="1/6"),
)

# No moment of these vanishes that need not: without constraints, with mean zero, symmetric; with an atom at zero too,
# so that sign(x)^2 and 0^0 tell; with variance 1 too.
GENERIC: Sequence[Table] = (
    _law(p0="1/5", m2="1/5", m1="1/5", p1="1/5", p2="1/5"),
    _law(m1="1/3", m2="1/6", p1="1/6", p2="1/3"),
    _law(m2="1/6", m1="1/3", p1="1/3", p2="1/6"),
    _law(m2="1/5", p0="2/5", p1="2/5"),
    _law(m1="3/4", p3="1/4"),
    _law(p1="2/3", p2="1/3"),
    _law(m1="1/2", p1="1/3", p3="1/6"),
)

GRID: Sequence[Exact] = (
    1, -1, 0, 2, -2, Fraction(1, 2), Fraction(-1, 2), 3, -3, Fraction(1, 4), Fraction(-1, 4), 4, -4, Fraction(3, 2),
)  # fmt: skip
POINTS: Sequence[Table] = tuple(point_mass(x) for x in GRID)

PAIRS: Sequence[Table] = (
    table([((0, 1), Fraction(1, 2)), ((1, 0), Fraction(1, 2))]),
    table([((0, 0), Fraction(1, 2)), ((1, 1), Fraction(1, 4)), ((1, -1), Fraction(1, 4))]),
    table([((-1, 0), Fraction(1, 3)), ((0, 1), Fraction(1, 3)), ((1, -1), Fraction(1, 3))]),
    table([((-1, -1), Fraction(1, 3)), ((-1, 2), Fraction(1, 3)), ((2, -1), Fraction(1, 3))]),
    table([((1, 2), Fraction(1, 4)), ((-1, 1), Fraction(1, 4)), ((-1, -1), Fraction(1, 4)), ((1, -2), Fraction(1, 4))]),
    table([((x, s * y), Fraction(1, 8)) for x, y in ((1, 2), (-1, 1), (2, 1), (-2, 2)) for s in (1, -1)]),
    table([((1, 1), Fraction(1, 2)), ((-1, 2), Fraction(1, 3)), ((2, -1), Fraction(1, 6))]),
    table([((1, 2), Fraction(1, 2)), ((2, 1), Fraction(1, 3)), ((-1, 3), Fraction(1, 6))]),
)
PAIR_POINTS: Sequence[Table] = tuple(point_mass(x, y) for x, y in product(GRID[:5], repeat=2))
SIGN_PAIRS: Sequence[Table] = (table([((x, y), Fraction(1, 4)) for x in (-1, 1) for y in (-1, 1)]),)

VALUES: Mapping[str, Sequence[Exact]] = {
    "positive": (1, 2, Fraction(1, 2), 3, Fraction(1, 4), 4),
    "nonzero": (1, 2, -1, Fraction(1, 2), 3, -2),
    "real": (1, 0, 2, -1, Fraction(1, 2), 3, -2),
}


def vectors(kinds: Mapping[Key, str], most: int = 40) -> list[dict[Key, Exact]]:
    """Values of all constants, simplest first: by the sum of the ranks of the values."""
    keys = list(kinds)
    found: list[dict[Key, Exact]] = []
    for total in range(6 * len(keys) + 1):
        for ranks in _ranks(len(keys), total, 6):
            pools = [VALUES[kinds[k]] for k in keys]
            if all(r < len(pool) for r, pool in zip(ranks, pools, strict=True)):
                found.append({k: pool[r] for k, pool, r in zip(keys, pools, ranks, strict=True)})
            if len(found) == most:
                return found
    return found


def _ranks(count: int, total: int, most: int) -> list[tuple[int, ...]]:
    if count == 0:
        return [()] if total == 0 else []
    return [
        (first, *rest) for first in range(min(total, most), -1, -1) for rest in _ranks(count - 1, total - first, most)
    ]
