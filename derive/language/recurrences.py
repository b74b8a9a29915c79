"""Relations with ranges: recurrences, which go up (``v[l]`` from ``v[l-1]``), and conditions on every index."""

from __future__ import annotations

from collections.abc import Iterator

from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.indices import parts
from derive.language.names import Names, defined
from derive.language.printer import term_text
from derive.language.resolving import Resolver
from derive.language.terms import Entry, Term, first_position, walk


def with_ranges(item: th.Recurrence, names: Names, resolver: Resolver, at: int) -> th.Recurrence | th.Relation:
    """The relation with its names resolved: a recurrence, or a condition whose indices stand free."""
    head = defined(item)
    recurs = head is not None and head.name in names.recurrences
    if not recurs:
        _declared(item, names, at)
    before = dict(names.free)
    if recurs:  # its indices are its own, as those of a sum
        names.free = {}
    for r in item.ranges:
        names.stands_free(r.index, r.high, at)
    relation = resolver.relation(item.relation)
    loose = sorted(_index_names(relation) & names.index_names - {r.index for r in item.ranges})
    if loose:
        remedy = f"add it to the ranges: for {loose[0]} in 1..n"
        raise LanguageError(f"the index `{loose[0]}` has no range here", remedy, at)
    if not recurs:
        return relation
    names.free = before
    return th.Recurrence(relation, item.ranges)


def _declared(item: th.Recurrence, names: Names, at: int) -> None:
    """Say how a recurrence is written where a condition's left side is a family that nobody declared."""
    left = item.relation.terms[0]
    known = names.families.keys() | names.constants.keys() | names.defined_later
    if isinstance(left, Entry) and left.name not in known:
        indices = ",".join(r.index for r in item.ranges)
        remedy = f"a recurrence is written {left.name}[{indices}] = ...; else declare `{left.name}`"
        raise LanguageError(f"`{left.name}` is not declared", remedy, left.at if left.at >= 0 else at)


def _index_names(relation: th.Relation) -> set[str]:
    entries = [t for term in relation.terms for t in walk(term) if isinstance(t, Entry)]
    found = [parts(i) for t in entries for i in t.indices]
    return {p[0] for p in found if p and p[0] is not None}


# --- what is read comes before what is defined ------------------------------------------------------------------------


def check_order(names: Names, resolved: dict[str, tuple[th.Recurrence, int]]) -> None:
    """Refuse recurrences that read what they, or one another, have not defined yet. Keyed by the family defined."""
    reads = {name: list(_reads(item, names)) for name, (item, _) in resolved.items()}
    every = {name: {entry.name for entry, _ in found} for name, found in reads.items()}
    same = {name: {entry.name for entry, when in found if when == "same"} for name, found in reads.items()}
    for name, (item, at) in resolved.items():
        for entry, when in reads[name]:
            edges = every if when == "any" else same
            if when != "before" and name in _reached(entry.name, edges):
                _refuse(item, entry, at)


def _refuse(item: th.Recurrence, entry: Entry, at: int) -> None:
    head = item.relation.terms[0]
    name, indices = (head.name, [r.index for r in item.ranges]) if isinstance(head, Entry) else ("", [])
    earlier = f"{name}[{','.join([f'{indices[0]}-1', *indices[1:]])}]" if indices else "what comes before"
    raise LanguageError(
        f"the recurrence of `{term_text(head)}` reads `{term_text(entry)}`, which is not defined before it",
        f"its right side may use {earlier}; what runs down is written with the index counted from the other end",
        entry.at if entry.at >= 0 else max(first_position(head), at),
    )


def _reads(item: th.Recurrence, names: Names) -> Iterator[tuple[Entry, str]]:
    """The entries of recurrences that the right side reads, and when: "before", at the "same" index, or "any"."""
    for part in walk(item.relation.terms[1]):
        if isinstance(part, Entry) and part.name in names.recurrences:
            when = _when(part.indices, item.ranges)
            if when != "start":
                yield part, when


def _when(indices: tuple[Term, ...], ranges: tuple[th.Range, ...]) -> str:
    found = [parts(i) or ("", 0) for i in indices]
    if any(name is None and step <= 0 for name, step in found):
        return "start"  # v[0], which no recurrence defines
    if [name for name, _ in found] != [r.index for r in ranges] or any(step > 0 for _, step in found):
        return "any"
    return "before" if any(step < 0 for _, step in found) else "same"


def _reached(start: str, edges: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    stack = [start]
    while stack:
        top = stack.pop()
        if top not in seen:
            seen.add(top)
            stack.extend(edges.get(top, ()))
    return seen


def induction_size(method: str, names: Names, at: int) -> str:
    """``induction on l`` as the induction on the size that ends the range of ``l``."""
    name = method.removeprefix("induction on ")
    ends = {name} if name in names.sizes else names.ends.get(name, set())
    sizes = sorted(end for end in ends if isinstance(end, str))
    if len(sizes) == 1 and len(ends) == 1:
        return f"induction on {sizes[0]}"
    if sizes:
        raise LanguageError(f"`{name}` runs over several ranges", f"write by induction on {sizes[0]}", at)
    known = sorted(names.sizes)
    remedy = f"write by induction on {known[-1]}" if known else "a size ends the range of a given: for l in 1..L"
    raise LanguageError(f"`{name}` is not a size of this theorem", remedy, at)
