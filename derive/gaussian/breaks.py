"""Where an activation has kinks and jumps."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import flint

from derive.gaussian.calculus import derivative, rational
from derive.gaussian.errors import NotCertified
from derive.gaussian.functions import acb
from derive.gaussian.isolated import Part, ball, parts
from derive.gaussian.pieces import Piece, at, kinked, pieces
from derive.gaussian.programs import compiled, exact
from derive.gaussian.work import Work
from derive.language.terms import Apply, Term, walk

BITS = 60
SEARCHED = Fraction(40)
MOST_WORK = 100_000


@dataclass(frozen=True, slots=True)
class Break:
    """A point where f jumps, or is continuous and f' jumps. ``at`` is exact (a Fraction) or a short Arb ball."""

    at: Any
    kind: Literal["kink", "jump"]


@dataclass(frozen=True, slots=True)
class Breaks:
    """All breaks in order. ``complete``: nothing was left undecided, and the whole line was searched.

    Breaks of functions whose argument is not linear are searched for |z| <= 40 only.
    """

    points: tuple[Break, ...]
    complete: bool

    @property
    def kinks(self) -> tuple[Any, ...]:
        """Where f' jumps and f does not."""
        return tuple(b.at for b in self.points if b.kind == "kink")

    @property
    def jumps(self) -> tuple[Any, ...]:
        """Where f jumps."""
        return tuple(b.at for b in self.points if b.kind == "jump")


def breaks(term: Term) -> Breaks:
    """The kinks and jumps of an unfolded term."""
    with flint.ctx.workprec(2 * BITS):
        return _breaks(pieces(term), _may_jump(term))


def _breaks(cuts: tuple[Piece, ...], may_jump: bool) -> Breaks:
    found: list[Break] = []
    complete = True
    for k, piece in enumerate(cuts):
        if kinked(piece.term):
            inner, settled = _inside(piece, may_jump)
            found += inner
            complete = complete and settled
        if k + 1 < len(cuts) and piece.high is not None:
            kind = _kind(piece.term, cuts[k + 1].term, piece.high, may_jump)
            if kind == "unknown":
                complete = False
            elif kind != "none":
                found.append(Break(piece.high, kind))
    return Breaks(tuple(found), complete)


def _may_jump(term: Term) -> bool:
    """Whether a function that jumps occurs; sums, products and compositions of continuous functions do not jump."""
    return any(isinstance(t, Apply) and t.function in {"step", "sign"} for t in walk(term))


def _inside(piece: Piece, may_jump: bool) -> tuple[list[Break], bool]:
    """The breaks of what has no linear argument; whether all of them are known."""
    low = max(-SEARCHED, piece.low) if piece.low is not None else -SEARCHED
    high = min(SEARCHED, piece.high) if piece.high is not None else SEARCHED
    if low >= high:
        return [], False
    try:
        found = list(parts(piece.term, low, high, BITS, Work(MOST_WORK)))
    except NotCertified:
        return [], False
    out: list[Break] = []
    complete = piece.low is not None and piece.high is not None and low == piece.low and high == piece.high
    for k, part in enumerate(found):
        if not part.gap:
            complete = complete and not kinked(part.term)
            continue
        near: list[Part] = [p for p in (*found[:k][-1:], *found[k + 1 :][:1]) if not p.gap]
        kind = _kind(near[0].term, near[-1].term, (part.low, part.high), may_jump) if len(near) == 2 else "unknown"
        if kind == "unknown":
            complete = False
        elif kind != "none":
            out.append(Break(ball(part.low, part.high), kind))
    return out, complete


Where = Fraction | tuple[Fraction, Fraction]


def _kind(left: Term, right: Term, where: Where, may_jump: bool) -> Literal["kink", "jump", "none", "unknown"]:
    """What happens between two neighbouring terms."""
    same = _same(left, right, where)
    if may_jump and same is not True:
        return "jump" if same is False else "unknown"
    smooth = _same(derivative(left), derivative(right), where)
    return "none" if smooth is True or (smooth is None and isinstance(where, Fraction)) else "kink"


def _same(left: Term, right: Term, where: Where) -> bool | None:
    """Whether two terms have the same value at a point; None where only balls are known, and they meet."""
    if isinstance(where, Fraction):
        values = rational(at(left, where)), rational(at(right, where))
        if values[0] is not None and values[1] is not None:
            return values[0] == values[1]
    place = acb(exact(where) if isinstance(where, Fraction) else ball(*where))
    one, other = compiled(left)(place, False).real, compiled(right)(place, False).real
    return None if bool(one.overlaps(other)) else False


def jump_free(term: Term) -> bool | None:
    """Whether f is continuous, so that f' almost everywhere is its weak derivative; None where it is not known."""
    if not _may_jump(term):
        return True
    found = breaks(term)
    if found.jumps:
        return False
    return True if found.complete or not any(_may_jump(p.term) and kinked(p.term) for p in pieces(term)) else None
