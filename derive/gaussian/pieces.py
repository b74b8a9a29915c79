"""Where an unfolded term has kinks, and the smooth term that it is between two of them.

The innermost function with a kink is taken first: between the roots of what it compares with 0 it is one of its
branches, and the term is cut there. Arguments a z + b with rational a and b have exact roots; what else is compared
stays in the term (``isolated`` finds the roots of such arguments on a bounded interval, in balls).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from derive.gaussian.calculus import MINUS_ONE, Z, built, depends, plus, rational, times
from derive.gaussian.errors import NotCertified
from derive.language.catalog import KINKED
from derive.language.terms import ONE, ZERO, Add, Apply, Mul, Neg, Num, Pow, Term, number, walk

MOST_PIECES = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """The term that holds for low < z < high; None is an end at infinity."""

    low: Fraction | None
    high: Fraction | None
    term: Term

    def inside(self) -> Fraction:
        """A point of the piece."""
        match self.low, self.high:
            case None, None:
                return Fraction(0)
            case Fraction() as low, None:
                return low + 1
            case None, Fraction() as high:
                return high - 1
            case low, high:
                return (Fraction(low or 0) + Fraction(high or 0)) / 2


def pieces(term: Term) -> tuple[Piece, ...]:
    """The term on the pieces into which its linear kinks cut the line. Raises ``NotCertified`` for too many."""
    waiting, done = [Piece(None, None, term)], list[Piece]()
    while waiting:
        piece = waiting.pop()
        cut = _cut(piece)
        if cut is None:
            done.append(piece)
        else:
            waiting += reversed(cut)
        if len(waiting) + len(done) > MOST_PIECES:
            raise NotCertified(f"more than {MOST_PIECES} pieces")
    return _joined(done)


def breaks(term: Term) -> tuple[Fraction, ...]:
    """The ends of the pieces."""
    return tuple(p.high for p in pieces(term)[:-1] if p.high is not None)


def kinked(term: Term) -> bool:
    """Whether a function with a kink of something that depends on the variable occurs."""
    return any(isinstance(t, Apply) and t.function in KINKED and depends(t) for t in walk(term))


def tested(term: Apply) -> Term:
    """What a function with a kink compares with 0."""
    if term.function in {"max", "min"}:
        return plus(term.args[0], times(MINUS_ONE, term.args[1]))
    return term.args[0]


def branch(term: Apply, sign: int) -> Term:
    """What a function with a kink is where ``tested`` has a sign."""
    up = sign > 0
    match term.function:
        case "relu":
            return term.args[0] if up else ZERO
        case "abs":
            return term.args[0] if up else times(MINUS_ONE, term.args[0])
        case "sign":
            return ONE if up else MINUS_ONE
        case "step":
            return ONE if up else ZERO
        case "max":
            return term.args[0 if up else 1]
        case _:
            return term.args[1 if up else 0]


def replaced(term: Term, old: Term, new: Term) -> Term:
    """The term with one part replaced wherever it occurs, and what becomes of zeros and numbers tidied up."""
    return new if term == old else built(term, lambda t: replaced(t, old, new))


def exchanged(term: Term, values: Mapping[Term, Term]) -> Term:
    """The same for several parts at once."""
    return values[term] if term in values else built(term, lambda t: exchanged(t, values))


def innermost(term: Term) -> Iterator[Apply]:
    """The functions with kinks whose arguments have none."""
    for part in walk(term):
        if isinstance(part, Apply) and part.function in KINKED and depends(part) and not any(map(kinked, part.args)):
            yield part


def _cut(piece: Piece) -> list[Piece] | None:
    """The piece cut at the roots of all its innermost functions with linear kinks; None where it has none."""
    lines = {part: line for part in innermost(piece.term) if (line := linear(tested(part))) is not None}
    if not lines:
        return None
    roots = {-b / a for a, b in lines.values() if a}
    inside = sorted(x for x in roots if (piece.low is None or piece.low < x) and (piece.high is None or x < piece.high))
    if len(inside) >= MOST_PIECES:
        raise NotCertified(f"more than {MOST_PIECES} pieces")
    out: list[Piece] = []
    for low, high in pairwise([piece.low, *inside, piece.high]):
        x = Piece(low, high, piece.term).inside()
        values: dict[Term, Term] = {}
        for part, (a, b) in lines.items():
            y = a * x + b
            sign = (y > 0) - (y < 0)
            values[part] = branch(part, sign) if sign or part.function != "sign" else ZERO
        out.append(Piece(low, high, exchanged(piece.term, values)))
    return out


def _joined(found: list[Piece]) -> tuple[Piece, ...]:
    """Neighbours with the same term are one piece."""
    out: list[Piece] = []
    for piece in found:
        if out and out[-1].term == piece.term:
            out[-1] = Piece(out[-1].low, piece.high, piece.term)
        else:
            out.append(piece)
    return tuple(out)


def linear(term: Term) -> tuple[Fraction, Fraction] | None:
    """(a, b) if the term is a z + b with rational a and b."""
    if term == Z:
        return Fraction(1), Fraction(0)
    if (value := rational(term)) is not None:
        return Fraction(0), value
    match term:
        case Neg(term=inner):
            line = linear(inner)
            return None if line is None else (-line[0], -line[1])
        case Add(terms=terms):
            lines = [linear(t) for t in terms]
            known = [line for line in lines if line is not None]
            if len(known) < len(lines):
                return None
            return sum((a for a, _ in known), Fraction(0)), sum((b for _, b in known), Fraction(0))
        case Mul(factors=factors):
            out = (Fraction(0), Fraction(1))
            for factor in factors:
                line = linear(factor)
                if line is None or (out[0] and line[0]):
                    return None
                out = (out[0] * line[1] + line[0] * out[1], out[1] * line[1])
            return out
        case Pow(base=base, exponent=Num(value=value)) if value == 1:
            return linear(base)
        case _:
            return None


def at(term: Term, point: Fraction) -> Term:
    """The term at a rational point."""
    return replaced(term, Z, number(point))
