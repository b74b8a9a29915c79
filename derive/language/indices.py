"""What stands in the brackets of an entry: a literal, a name, or a name and a literal step (``l-1``)."""

from __future__ import annotations

from derive.language.terms import Add, Entry, Name, Neg, Num, Term, number, rebuild, substitute


def parts(index: Term) -> tuple[str | None, int] | None:
    """An index as a name and a step, (None, k) for the literal k; None for what is not an index."""
    if isinstance(index, Num):
        return (None, int(index.value)) if index.value.denominator == 1 else None
    if isinstance(index, Name):
        return index.name, 0
    if isinstance(index, Neg) and isinstance(index.term, Num):
        literal = parts(index.term)
        return (None, -literal[1]) if literal else None
    if isinstance(index, Add) and len(index.terms) == 2:
        first, second = parts(index.terms[0]), parts(index.terms[1])
        if first and second and second[0] is None:
            return first[0], first[1] + second[1]
    return None


def index_of(name: str | None, step: int) -> Term:
    """The index with these parts, in its one form: ``l``, ``l+1``, ``l-1``, or a literal."""
    if name is None:
        return number(step)
    if step == 0:
        return Name(name)
    return Add((Name(name), number(step) if step > 0 else Neg(number(-step))))


def at_index(term: Term, index: str, value: int) -> Term:
    """The term at one value of an index: ``v[l-1]`` at l = 3 is ``v[2]``."""
    return _reckoned(substitute(term, {index: number(value)}))


def _reckoned(term: Term) -> Term:
    if not isinstance(term, Entry):
        return rebuild(term, _reckoned)
    found = [(parts(i), i) for i in term.indices]
    return Entry(term.name, tuple(index_of(*p) if p else i for p, i in found), term.at)
