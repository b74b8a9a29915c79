"""Vertices of {p >= 0, A p = b} in exact arithmetic, by the simplex method with Bland's rule (Bland 1977).

Rows are kept as integers: a row stands for itself up to a positive factor, which saves all the fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

MOST_PIVOTS = 60

Row = Sequence[Fraction]


def vertices(rows: Sequence[Row], right: Row, objectives: Sequence[Row]) -> list[Row]:
    """A vertex for each objective, which it minimizes (or where the pivots allowed ran out); none if infeasible."""
    width, height = len(rows[0]), len(rows)
    tableau: list[list[int]] = []
    for k, (row, b) in enumerate(zip(rows, right, strict=True)):
        whole = _integers([*row, b])
        s = -1 if b < 0 else 1
        tableau.append([s * x for x in whole[:-1]] + [int(i == k) for i in range(height)] + [s * whole[-1]])
    basis = [width + k for k in range(height)]
    _minimize(tableau, basis, [0] * width + [1] * height, width)
    if any(row[-1] for row, b in zip(tableau, basis, strict=True) if b >= width):
        return []
    for k in range(height):
        column = next((j for j in range(width) if tableau[k][j]), None)
        if basis[k] >= width and column is not None:
            _pivot(tableau, basis, k, column)
    found: list[Row] = []
    for objective in objectives:
        _minimize(tableau, basis, [*_integers(objective), *([0] * height)], width)
        point = [Fraction(0)] * width
        for row, b in zip(tableau, basis, strict=True):
            if b < width:
                point[b] = Fraction(row[-1], row[b])
        if point not in found:
            found.append(point)
    return found


def _integers(row: Row) -> list[int]:
    common = lcm(*(x.denominator for x in row))
    return [x.numerator * (common // x.denominator) for x in row]


def _minimize(tableau: list[list[int]], basis: list[int], cost: list[int], width: int) -> None:
    """Pivot on columns below ``width`` until no reduced cost is negative."""
    reduced = [*cost, 0]
    for row, b in zip(tableau, basis, strict=True):
        reduced = _cleared(reduced, row, b)
    for _ in range(MOST_PIVOTS):
        column = next((j for j in range(width) if reduced[j] < 0), None)
        if column is None:
            return
        ratios = [(Fraction(row[-1], row[column]), basis[i], i) for i, row in enumerate(tableau) if row[column] > 0]
        if not ratios:
            return
        k = min(ratios)[2]
        _pivot(tableau, basis, k, column)
        reduced = _cleared(reduced, tableau[k], column)


def _cleared(row: list[int], pivot: list[int], column: int) -> list[int]:
    """The row, times a positive number, with its entry in the column removed by the pivot row (positive there)."""
    factor, scale = row[column], pivot[column]
    if not factor:
        return row
    result = [scale * x - factor * y for x, y in zip(row, pivot, strict=True)]
    shared = gcd(*result)
    return [x // shared for x in result] if shared > 1 else result


def _pivot(tableau: list[list[int]], basis: list[int], k: int, column: int) -> None:
    if tableau[k][column] < 0:
        tableau[k] = [-x for x in tableau[k]]
    for i, row in enumerate(tableau):
        if i != k:
            tableau[i] = _cleared(row, tableau[k], column)
    basis[k] = column
