"""Sums over indices -> sums over the ways in which indices can coincide.

E of a product of sums is a sum over all values of the bound indices, and what matters of the values is only which of
them are equal. So the indices of each slot are divided into classes, each class either one of the literal (or free)
indices that stand in the slot or a new value. States that differ only in the names of classes are counted together,
which makes E((sum of W[j])^8) 22 cases instead of 4,140.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from derive.kernel.composite import places
from derive.kernel.symbols import Composite, Label, TooMuch, base, moved

MOST_STATES = 15_000
OUTSIDE = -1  # the group of what stands outside all expectations

# Which expectation, family, indices, function of the entry; of a function of a sum its template instead of a family.
Factor = tuple[int, str | Composite, tuple[Label, ...], str]
State = frozenset[tuple[Factor, int]]
Place = tuple[int, str, int, int]


@dataclass(frozen=True, slots=True)
class Slots:
    """Bound indices that share a slot of a family, so that it matters which of them coincide.

    fixed: the indices in the same slots that are settled: literal, free, or classes of an earlier opening. prefix:
    what the names of its classes begin with.
    """

    indices: tuple[str, ...]
    fixed: frozenset[Label]
    high: str | int
    prefix: str


def slots_of(state: State, bound: Mapping[str, str | int], phase: int = 0) -> list[Slots]:
    """Group the bound indices by the slots in which they meet, within one expectation."""
    if not bound:
        return []
    meeting: dict[Place, set[Label]] = {}
    for place, label in _places(state):
        meeting.setdefault(place, set()).add(base(label))
    parts: list[set[Label]] = []
    for labels in meeting.values():
        merged = {x for x in labels if x in bound}
        if not merged:
            continue
        apart: list[set[Label]] = []
        for part in parts:
            if part & merged:
                merged |= part
            else:
                apart.append(part)
        parts = [*apart, merged]
    out: list[Slots] = []
    for k, part in enumerate(sorted(parts, key=lambda p: sorted(map(str, p)))):
        fixed = {x for labels in meeting.values() if labels & part for x in labels if x not in bound}
        indices = tuple(sorted((str(x) for x in part), key=_order))
        out.append(Slots(indices, frozenset(fixed), bound[indices[0]], f"c{phase}.{k}."))
    return _easiest_first(out, state)


def _places(state: State) -> Iterator[tuple[Place, Label]]:
    """Where each index stands. Outside expectations coincidences do not matter: each factor has places of its own."""
    for number, ((group, family, indices, _), _) in enumerate(sorted(state, key=repr)):
        if isinstance(family, Composite):
            for name, slot, position in places(family):
                if isinstance(position, str) and position.startswith("?"):
                    yield (group, name, slot, 0), indices[int(position[1:])]
        else:
            for slot, index in enumerate(indices):
                yield (group, family, slot, number if group == OUTSIDE else 0), index


def _order(index: str) -> int:
    return int(index[1:])


def _easiest_first(slots: list[Slots], state: State) -> list[Slots]:
    """Those first after which most entries have all their indices, so that vanishing moments show early."""
    left, done, out = list(slots), set[str](), list[Slots]()
    unresolved = [{i for x in f[2] if isinstance(i := base(x), str) and i.startswith("~")} for f, _ in state]
    while left:
        best = max(left, key=lambda s: sum(1 for u in unresolved if u and u <= done | set(s.indices)))
        left.remove(best)
        done |= set(best.indices)
        out.append(best)
    return out


def partitions(state: State, slots: list[Slots], vanishes: Callable[[State], bool]) -> Iterator[tuple[State, int]]:
    """All ways in which the indices coincide, with how often each occurs; states that vanish are left out early."""
    states: dict[State, int] = {state: 1}
    work = 0
    for place in slots:
        for index in place.indices:
            following: dict[State, int] = {}
            for current, count in states.items():
                for label in _choices(current, place):
                    moved = _canonical(_placed(current, index, label), place)
                    following[moved] = following.get(moved, 0) + count
                    work += 1 + len(current) // 10
                    if work > MOST_STATES:
                        raise TooMuch("there are too many ways in which the indices can coincide")
            states = following
        states = {s: c for s, c in states.items() if not vanishes(s)}
    yield from states.items()


def classes(state: State, place: Slots) -> list[str]:
    """The new classes of a slot that occur in a state."""
    return sorted({i for f, _ in state for x in f[2] if isinstance(i := base(x), str) and i.startswith(place.prefix)})


def _choices(state: State, place: Slots) -> Iterator[Label]:
    yield from place.fixed
    used = classes(state, place)
    yield from used
    yield f"{place.prefix}{len(used):02d}"


def _placed(state: State, index: str, label: Label) -> State:
    """The state with the index replaced by a label; equal factors add their exponents."""
    out: dict[Factor, int] = {}
    for (group, family, indices, function), exponent in state:
        indices = tuple(moved(i, {index: label}) for i in indices)
        key = (group, family, indices, function)
        out[key] = out.get(key, 0) + exponent
    return frozenset(out.items())


def _canonical(state: State, place: Slots) -> State:
    """Name the classes of a slot in the order of what they contain."""
    used = classes(state, place)
    if len(used) < 2:
        return state
    content: dict[str, list[tuple[Factor, int]]] = {c: [] for c in used}
    for (group, family, indices, function), exponent in state:
        for c in {str(base(i)) for i in indices} & content.keys():
            hidden: dict[Label, Label] = {x: "*" if x == c else "?" for x in content}
            masked = tuple(moved(i, hidden) for i in indices)
            content[c].append(((group, family, masked, function), exponent))
    ranked = sorted(used, key=lambda c: sorted(map(repr, content[c])))
    names: dict[Label, Label] = {c: f"{place.prefix}{k:02d}" for k, c in enumerate(ranked)}
    if all(c == name for c, name in names.items()):
        return state
    return frozenset(((g, f, tuple(moved(i, names) for i in indices), fn), e) for (g, f, indices, fn), e in state)
