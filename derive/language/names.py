"""The names of one theorem: what the givens declare, and what has been noticed while its terms are looked up."""

from __future__ import annotations

from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.functions import nearest
from derive.language.indices import parts
from derive.language.terms import ONE, Entry, Name, walk


def first_entry(family: th.Family) -> Entry:
    """What the family's bare name means: W is W[1,1]."""
    return Entry(family.name, (ONE,) * len(family.ranges))


class Names:
    """The names of one theorem. Lives only while the theorem is resolved.

    sizes: each size with the least value that literals ask for. free: the index names that stand free, with the end of
    their range. ends: every index name of a given, with the ends of its ranges. recurrences: by the family defined.
    lowest: the least index of a family of constants, where it is not 0.
    """

    def __init__(self, theorem: th.Theorem) -> None:
        self.families: dict[str, th.Family] = {}
        self.constants: dict[str, th.Constant] = {}
        self.sizes: dict[str, int] = {}
        self.free: dict[str, str | int] = {}
        self.ends: dict[str, set[str | int]] = {}
        self.index_names: set[str] = set()
        self.definitions: dict[str, th.Definition] = {}
        self.defined_later = frozenset(d.name for d in theorem.definitions)
        self.recurrences: dict[str, th.Recurrence] = {}
        self.lowest: dict[str, int] = {}
        self.warnings: list[str] = []
        self.places: dict[str, int] = {}  # where each name is declared
        for given in theorem.givens:
            if isinstance(given.item, th.Family | th.Constant):
                self._declare(given, given.item)
        for given in theorem.givens:
            if isinstance(given.item, th.Recurrence):
                self._recurrence(given, given.item)
        for definition in theorem.definitions:
            self.index_names.update(definition.indices)
        self._apart(theorem.at)

    def _declare(self, given: th.Given, item: th.Family | th.Constant) -> None:
        if item.name in self.families or item.name in self.constants:
            raise LanguageError(f"`{item.name}` is declared twice", "remove one of the declarations", given.at)
        self.places[item.name] = given.at
        if isinstance(item, th.Family):
            self.families[item.name] = item
        else:
            self.constants[item.name] = item
        self._ranges(given, item.ranges)

    def _recurrence(self, given: th.Given, item: th.Recurrence) -> None:
        self._ranges(given, item.ranges)
        head = defined(item)
        if head is None or head.name in self.families:
            return
        if head.name in self.recurrences:
            remedy = f"keep one; what else holds of it is a condition, such as {head.name}[1] = 2"
            raise LanguageError(f"`{head.name}` has two recurrences", remedy, given.at)
        declared = self.constants.setdefault(head.name, th.Constant(head.name, "real", item.ranges))
        if [r.high for r in declared.ranges] != [r.high for r in item.ranges]:
            ends = ", ".join(f"1..{r.high}" for r in declared.ranges) or "no index"
            found = f"the recurrence of `{head.name}` has other ranges than its declaration"
            raise LanguageError(found, f"it is declared over {ends}", given.at)
        self.recurrences[head.name] = item
        self.lowest[head.name] = min([0, *(1 + step for step in _steps(item, head.name))])

    def _ranges(self, given: th.Given, ranges: tuple[th.Range, ...]) -> None:
        if len({r.index for r in ranges}) < len(ranges):
            raise LanguageError("two ranges have the same index", "use different index names", given.at)
        for r in ranges:
            self.index_names.add(r.index)
            self.ends.setdefault(r.index, set()).add(r.high)
            if isinstance(r.high, str):
                self.sizes.setdefault(r.high, 1)

    def _apart(self, at: int) -> None:
        declared = set(self.families) | set(self.constants)
        for clash in sorted(self.index_names & (declared | set(self.sizes))):
            raise LanguageError(
                f"`{clash}` is declared and is an index too", "rename the index", self.places.get(clash, at)
            )
        for clash in sorted(set(self.sizes) & declared):
            found = f"`{clash}` ends a range, so it is a size, and is declared too"
            raise LanguageError(found, "a size needs no declaration: delete this line", self.places.get(clash, at))

    def define(self, definition: th.Definition) -> None:
        """Enter a definition. Raises ``LanguageError`` if its name is taken."""
        name = definition.name
        if name in self.definitions or name in self.families or name in self.constants or name in self.sizes:
            raise LanguageError(f"`{name}` is declared twice", "choose another name", definition.at)
        if name in self.index_names:
            raise LanguageError(f"`{name}` is an index", "choose another name", definition.at)
        self.definitions[name] = definition

    # --- asking --------------------------------------------------------------------------------------------------

    def family(self, name: str, at: int) -> th.Family:
        """The declared family of a name."""
        if name in self.families:
            return self.families[name]
        raise LanguageError(
            f"`{name}` is not a declared family",
            nearest(name, set(self.families)) or f"declare it: {name} random, or {name}[j] iid for j in 1..n",
            at,
        )

    def condition(self, name: str, at: int) -> None:
        """Refuse what cannot stand behind ``|``: everything but a declared family."""
        if name in self.definitions:
            made_of = sorted(self.made_of(self.definitions[name]))
            remedy = f"name the families that it is made of: E(x | {', '.join(made_of)})" if made_of else "leave it out"
            raise LanguageError(f"`{name}` is defined by `let`, a condition is a declared family", remedy, at)
        if name in self.constants or name in self.sizes:
            raise LanguageError(f"`{name}` is not random", "leave it out: a constant is always given", at)
        self.family(name, at)

    def made_of(self, definition: th.Definition) -> set[str]:
        """The families that a definition unfolds to."""
        names = {t.name for t in walk(definition.body) if isinstance(t, Name | Entry)}
        inner = [self.made_of(self.definitions[n]) for n in names if n in self.definitions]
        return (names & set(self.families)).union(*inner)

    def undeclared(self, name: str, at: int) -> LanguageError:
        """What is said of a name that nobody declared."""
        known = set(self.families) | set(self.constants) | set(self.sizes) | set(self.definitions)
        remedy = _with_index(name, known) or nearest(name, known) or _declared_so(name)
        return LanguageError(f"`{name}` is not declared", remedy, at)

    def defined_names(self, relation: th.Relation) -> list[str]:
        """The names of definitions that a given mentions, which it must not."""
        mentioned = {t.name for r in relation.terms for t in walk(r) if isinstance(t, Name | Entry)}
        known = set(self.families) | set(self.constants) | set(self.sizes) | self.index_names
        return sorted((mentioned - known) & self.defined_later)

    # --- noticing ------------------------------------------------------------------------------------------------

    def at_least(self, size: str, least: int) -> None:
        """A literal asks for a size of at least ``least``."""
        self.sizes[size] = max(self.sizes[size], least)

    def stands_free(self, index: str, high: str | int, at: int) -> None:
        """An index name stands free; its range ends in ``high``."""
        known = self.free.setdefault(index, high)
        if known != high:
            raise LanguageError(f"the index `{index}` stands for 1..{known} and for 1..{high}", "use two names", at)


def _with_index(name: str, known: set[str]) -> str:
    """What ``W_ij`` and ``a2`` mean where W and a are declared."""
    head, _, index = name.partition("_")
    if head in known and index:
        return f"an index stands in brackets: {head}[{','.join(index.split('_')) if '_' in index else ','.join(index)}]"
    return ""


def _declared_so(name: str) -> str:
    return f"declare it under `given`: {name} positive, or {name} real, a constant; {name} random, a random variable"


def defined(item: th.Recurrence) -> Entry | None:
    """The entry that a relation with ranges defines: ``v[l]`` of ``v[l] = ... for l in 1..L``; None for a condition."""
    head = item.relation.terms[0]
    if item.relation.operators == ("=",) and isinstance(head, Entry):
        indices = tuple(i.name if isinstance(i, Name) else None for i in head.indices)
        if indices == tuple(r.index for r in item.ranges):
            return head
    return None


def _steps(item: th.Recurrence, name: str) -> list[int]:
    """How far back a recurrence reads its own family: -1 for ``v[l-1]``."""
    entries = [t for t in walk(item.relation.terms[1]) if isinstance(t, Entry) and t.name == name]
    found = [parts(i) for t in entries for i in t.indices]
    return [p[1] for p in found if p and p[0] is not None]
