"""Terms as written -> terms as they are meant: names looked up, definitions unfolded, sums written out."""

from __future__ import annotations

from collections.abc import Mapping

from derive.language import theorem as th
from derive.language.catalog import written_out
from derive.language.errors import LanguageError
from derive.language.functions import CONSTANT_NAMES, nearest
from derive.language.indices import at_index, index_of, parts
from derive.language.names import Names, first_entry
from derive.language.printer import term_text
from derive.language.randomness import no_random
from derive.language.terms import (
    ONE,
    Apply,
    Big,
    Conditional,
    Entry,
    Name,
    Num,
    Term,
    add,
    first_position,
    mul,
    number,
    rebuild,
    walk,
)

MOST_NODES = 20_000
MOST_DEPTH = 250
MOST_WRITTEN_OUT = 64

Environment = Mapping[str, Term]  # the values of the index names in scope


class Resolver:
    """Looks up the terms of one theorem. Lives only while the theorem is resolved."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.nodes = 0
        self.lows: dict[str, int] = {}  # where the bound indices begin

    def relation(self, relation: th.Relation, given: frozenset[str] = frozenset()) -> th.Relation:
        """A relation between terms that are not random, but for the entries of the families in ``given``."""
        return th.Relation(tuple(self.top(t, given) for t in relation.terms), relation.operators)

    def top(self, term: Term, given: frozenset[str] = frozenset()) -> Term:
        """A term that is not random, but for the entries of the families in ``given``."""
        resolved = self.term(term)
        no_random(self.names, resolved, term, given)
        return resolved

    def term(self, term: Term) -> Term:
        """A term with its names resolved."""
        self.nodes = 0
        return self._resolve(term, {}, 0)

    def body(self, definition: th.Definition) -> None:
        """Check a definition's body at any value of its indices."""
        self.nodes = 0
        self._resolve(definition.body, {i: Name(i) for i in definition.indices}, 0)

    def _resolve(self, term: Term, environment: Environment, depth: int, level: int = 0) -> Term:
        """``depth`` counts the enclosing binders, ``level`` the nesting."""
        self._count(1, term)
        if level > MOST_DEPTH:
            raise _too_large(term)
        match term:
            case Name():
                return self._name(term, environment, depth, level)
            case Entry():
                return self._entry(term, environment, depth, level)
            case Big():
                return self._big(term, environment, depth, level)
            case Conditional():
                for name in term.given:
                    self.names.condition(name, term.at)
            case Apply(function="limit"):
                return self._limit(term, environment, depth, level)
            case Apply() if (meant := written_out(term)) is not None:
                return self._resolve(meant, environment, depth, level + 1)
            case _:
                pass
        return rebuild(term, lambda t: self._resolve(t, environment, depth, level + 1))

    def _count(self, nodes: int, term: Term) -> None:
        self.nodes += nodes
        if self.nodes > MOST_NODES:
            raise _too_large(term)

    # --- names -----------------------------------------------------------------------------------

    def _name(self, term: Name, environment: Environment, depth: int, level: int) -> Term:
        name, names = term.name, self.names
        if name in environment or name in names.index_names:
            raise LanguageError(f"the index `{name}` stands where a value is expected", "use it in brackets", term.at)
        if name in CONSTANT_NAMES or name in names.sizes:
            return Name(name, term.at)
        if name in names.constants:
            if names.constants[name].ranges:
                raise LanguageError(f"`{name}` is a family of constants", f"write {name}[1]", term.at)
            return Name(name, term.at)
        if name in names.families:
            return self._first(names.families[name], term.at, inside=bool(depth))
        if name in names.definitions:
            definition = names.definitions[name]
            first = f"{name}[{','.join('1' for _ in definition.indices)}]"
            if definition.indices and depth:
                names.warnings.append(f"`{name}` inside a sum means {first}")
            elif definition.indices and self._own_laws(definition):
                names.warnings.append(_first_only(name, first, definition.indices))
            return self._unfold(definition, (ONE,) * len(definition.indices), depth, level, term.at)
        raise names.undeclared(name, term.at)

    def _first(self, family: th.Family, at: int, *, inside: bool) -> Term:
        """The first entry of a family, with a warning where that is rarely meant."""
        entry = first_entry(family)
        if inside and entry.indices:
            self.names.warnings.append(
                f"`{family.name}` inside a sum means its first entry {term_text(entry)}; index it if another is meant"
            )
        elif family.kind == "independent":
            indices = tuple(r.index for r in family.ranges)
            self.names.warnings.append(_first_only(family.name, term_text(entry), indices))
        return Entry(entry.name, entry.indices, at)

    def _own_laws(self, definition: th.Definition) -> bool:
        """Whether the entries of a definition have laws of their own, as their families do."""
        for part in walk(definition.body):
            indexed = isinstance(part, Entry) and any(
                isinstance(i, Name) and i.name in definition.indices for i in part.indices
            )
            if indexed and isinstance(part, Entry):
                family, inner = self.names.families.get(part.name), self.names.definitions.get(part.name)
                if (family and family.kind == "independent") or (inner and self._own_laws(inner)):
                    return True
        return False

    def _unfold(self, definition: th.Definition, indices: tuple[Term, ...], depth: int, level: int, at: int) -> Term:
        environment = dict(zip(definition.indices, indices, strict=True))
        try:
            return self._resolve(definition.body, environment, depth, level + 1)
        except LanguageError as error:  # the definition itself is sound, so what is wrong is how it is used here
            raise LanguageError(f"{error.message}, in `{definition.name}`", error.remedy, at) from None

    # --- entries ---------------------------------------------------------------------------------

    def _entry(self, term: Entry, environment: Environment, depth: int, level: int) -> Term:
        name = term.name
        definition = self.names.definitions.get(name)
        declared = self.names.families.get(name) or self.names.constants.get(name)
        if definition is None and declared is None:
            raise self.names.undeclared(name, term.at)
        _arity(term, len(definition.indices) if definition else len(declared.ranges) if declared else 0)
        indices = tuple(self._index(t, environment, term.at) for t in term.indices)
        if definition is not None:
            return self._unfold(definition, indices, depth, level, term.at)
        for index, place in zip(indices, declared.ranges if declared else (), strict=True):
            if name in self.names.families:
                self._of_a_family(index, place, term)
            else:
                self._of_constants(index, place, term)
        return Entry(name, indices, term.at)

    def _index(self, term: Term, environment: Environment, at: int) -> Term:
        found = parts(term)
        if found is None:
            where = at if at >= 0 else first_position(term)
            raise LanguageError("an index is a name or a positive literal", "write for example a[j] or a[2]", where)
        name, step = found
        if name is None:
            return index_of(None, step)
        value = parts(environment[name]) if name in environment else (name, 0)
        if value is None or (name not in environment and name not in self.names.index_names | set(self.names.sizes)):
            raise _no_index(name, at)
        return index_of(value[0], value[1] + step)

    def _of_a_family(self, index: Term, place: th.Range, term: Entry) -> None:
        """An index of a family of random variables: a literal, a bound index or a free one, without a step."""
        name, step = parts(index) or (None, 0)
        if name is not None and name in self.names.sizes:
            raise _no_index(name, term.at)
        if (name is not None and step) or (name is None and step < 1):
            raise LanguageError("an index is a name or a positive literal", "write for example a[j] or a[2]", term.at)
        if name is None:
            self._literal_within(step, place.high, term)
        elif not name.startswith("#"):
            self.names.stands_free(name, place.high, term.at)

    def _of_constants(self, index: Term, place: th.Range, term: Entry) -> None:
        """An index of a family of constants: also 0, a size, and a neighbour such as ``l-1``."""
        name, step = parts(index) or (None, 0)
        lowest = self.names.lowest.get(term.name, 0)
        first = step
        if name is None:
            self._literal_within(step, place.high, term)
        elif name in self.names.sizes:
            if name != place.high:
                remedy = f"write for example {term.name}[{place.high}]"
                raise LanguageError(f"`{term.name}` ends at {place.high}, not at {name}", remedy, term.at)
            self.names.at_least(name, lowest - step)
            return
        else:
            first += self.lows.get(name, 1)
            if not name.startswith("#"):
                self.names.stands_free(name, place.high, term.at)
        if first < lowest:
            begins = f"the first one is {term.name}[{lowest}]"
            raise LanguageError(f"`{term.name}` has no entry with index {first}", begins, term.at)

    def _literal_within(self, literal: int, high: str | int, term: Entry) -> None:
        if isinstance(high, str):
            self.names.at_least(high, literal)
        elif literal > high:
            raise LanguageError(
                f"index {literal} of `{term.name}` is beyond its range 1..{high}",
                "make the range longer or the index smaller",
                term.at,
            )

    # --- sums, products, limits ------------------------------------------------------------------

    def _limit(self, term: Apply, environment: Environment, depth: int, level: int) -> Term:
        body, size = term.args
        if not isinstance(size, Name) or size.name not in self.names.sizes:
            known = nearest(size.name, set(self.names.sizes)) if isinstance(size, Name) else ""
            remedy = known or "write limit(x, L), where L ends the range of a given"
            raise LanguageError("a limit is taken in a size, which goes to infinity", remedy, term.at)
        inside = self._resolve(body, environment, depth, level + 1)
        no_random(self.names, inside, body)
        return Apply("limit", (inside, Name(size.name)), term.at)

    def _big(self, term: Big, environment: Environment, depth: int, level: int) -> Term:
        names = self.names
        if term.index in names.families or term.index in names.constants or term.index in names.sizes:
            raise LanguageError(f"`{term.index}` is declared already", "choose another index name", term.at)
        high, bound = term.high, f"#{depth}"
        self.lows[bound] = int(term.low.value) if isinstance(term.low, Num) else 1
        body = self._resolve(term.body, {**environment, term.index: Name(bound)}, depth + 1, level + 1)
        slots = self._slots(body, bound)
        if not isinstance(high, Name):
            return self._written_out(term, body, slots, bound)
        if high.name not in names.sizes:
            remedy = nearest(high.name, set(names.sizes)) or "a size ends the range of a declared family"
            raise LanguageError(f"`{high.name}` is not a size", remedy, high.at)
        if term.low != ONE:
            raise LanguageError("a sum up to a size starts at 1", f"write {term.index} in 1..{high.name}", term.at)
        wrong = next((s for s, _ in sorted(slots, key=str) if s != high.name), None)
        if wrong is not None:
            raise LanguageError(
                f"the sum runs over 1..{high.name}, the index `{term.index}` over 1..{wrong}",
                f"write {term.index} in 1..{wrong}",
                term.at,
            )
        return Big(term.kind, body, bound, ONE, Name(high.name), term.at)

    def _written_out(self, term: Big, body: Term, slots: set[tuple[str | int, int]], bound: str) -> Term:
        first, last = _literal(term.low, term.at), _literal(term.high, term.at)
        for high, step in slots:
            if isinstance(high, int) and last > high:
                raise LanguageError(
                    f"the sum goes to {last}, the range only to {high}", f"write {term.index} in 1..{high}", term.at
                )
            if isinstance(high, str) and last >= first:
                self.names.at_least(high, last + step)
        if last - first + 1 > MOST_WRITTEN_OUT:
            if first == 1 and {high for high, _ in slots} <= {last}:
                return Big(term.kind, body, bound, ONE, number(last), term.at)
            raise LanguageError("a literal part of a range is too long", f"at most {MOST_WRITTEN_OUT} entries", term.at)
        self._count(sum(1 for _ in walk(body)) * max(last - first + 1, 0), term)
        written = [at_index(body, bound, k) for k in range(first, last + 1)]
        return add(*written) if term.kind == "sum" else mul(*written)

    def _slots(self, body: Term, bound: str) -> set[tuple[str | int, int]]:
        """The ranges that a bound index runs over, each with the step at which it is read."""
        found: set[tuple[str | int, int]] = set()
        for part in walk(body):
            if isinstance(part, Entry):
                declared = self.names.families.get(part.name) or self.names.constants.get(part.name)
                for index, place in zip(part.indices, declared.ranges if declared else (), strict=False):
                    name, step = parts(index) or (None, 0)
                    if name == bound:
                        found.add((place.high, step))
        return found


def _first_only(name: str, first: str, indices: tuple[str, ...]) -> str:
    return f"`{name}` means its first entry {first}; write {name}[{','.join(indices)}] for all of them"


def _too_large(term: Term) -> LanguageError:
    return LanguageError(
        "this term is too large once its definitions are unfolded", "make it smaller", first_position(term)
    )


def _no_index(name: str, at: int) -> LanguageError:
    return LanguageError(
        f"`{name}` is not an index",
        "an index is bound by a sum, declared in `given` or `let`, or a positive literal",
        at,
    )


def _arity(term: Entry, wanted: int) -> None:
    if len(term.indices) != wanted:
        raise LanguageError(
            f"`{term.name}` has {wanted} {'index' if wanted == 1 else 'indices'}, not {len(term.indices)}",
            f"write {term.name}[{','.join('ijklmn'[:wanted])}]" if wanted else f"write {term.name}",
            term.at,
        )


def _literal(term: Term, at: int) -> int:
    if isinstance(term, Num) and term.value.denominator == 1 and term.value >= 1:
        return int(term.value)
    raise LanguageError("a range has literal or named ends", "write j in 1..n", at)
