"""What the names of a cited theorem stand for in the theorem that cites it, and its terms said in those.

A theorem T speaks of families, constants and sizes. An *instance* maps

- each size to a size or a literal, read off the ranges of the families where nobody says it;
- each family to a family of as many indices, declared or defined by ``let``; one without an index to any random term;
- each constant to a term that is not random; each family of constants to one of as many indices;
- each free index name to a fresh one.

What nobody maps stands for what has the same name here. In every model of the theorem that cites, the values of these
terms make a model in which T's sentences can be read; whether it meets T's givens is for ``derive.citations`` to prove.
Terms go through the citing theorem's own resolver, so bound indices are renamed and nothing is captured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.functions import CONSTANT_NAMES, nearest
from derive.language.names import Names
from derive.language.problem import Problem
from derive.language.randomness import no_random
from derive.language.resolving import Resolver
from derive.language.terms import (
    Apply,
    Big,
    Conditional,
    Entry,
    Name,
    Num,
    Term,
    functionals,
    number,
    rebuild,
    walk,
)


@dataclass(frozen=True, slots=True)
class Image:
    """What a family stands for: ``body`` at the entry whose indices are called ``places``."""

    body: Term
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instance:
    """What the names of a theorem stand for.

    there: the theorem that is cited. here: the one that cites it, with the fresh names among its free indices.
    images: of each family. constants: of each constant without an index, resolved. of_constants: the family of
    constants that each family of constants stands for. sizes: of each size.
    """

    there: Problem
    here: Problem
    images: Mapping[str, Image]
    constants: Mapping[str, Term]
    of_constants: Mapping[str, str]
    sizes: Mapping[str, str | int]
    reading: _Reading

    def term(self, term: Term) -> Term:
        """A resolved term of the theorem that is cited, in terms of the one that cites. Raises ``LanguageError``."""
        self.reading.resolver.names.free = dict(self.here.free)
        return self.reading.resolver.term(self.reading.source(term))

    def relation(self, relation: th.Relation) -> th.Relation:
        """A relation, term by term."""
        return th.Relation(tuple(self.term(t) for t in relation.terms), relation.operators)

    def with_indices(self, ranges: tuple[th.Range, ...]) -> Instance:
        """The same where some more index names stand free, as those of a recurrence do."""
        reading = self.reading
        free = {**self.here.free, **{reading.fresh(r.index): self._end(r.high) for r in ranges}}
        reading.resolver.names.index_names.update(free)
        return replace(self, here=replace(self.here, free=free))

    def _end(self, high: str | int) -> str | int:
        return high if isinstance(high, int) else self.sizes[high]


def instance(there: Problem, here: Problem, resolver: Resolver, citation: th.Citation, *, tag: str) -> Instance:
    """What the names of ``there`` stand for in ``here``. Raises ``LanguageError`` where that is not said.

    ``tag`` tells the fresh index names of one citation from those of others.
    """
    resolver.names.free = dict(here.free)
    said = {b.name: b.term for b in citation.bindings}
    known = {*there.families, *there.constants, *there.sizes}
    for binding in citation.bindings:
        if binding.name not in known:
            remedy = nearest(binding.name, known) or "left of `=` stands a family, constant or size of that theorem"
            raise LanguageError(f"`{citation.name}` has no name `{binding.name}`", remedy, binding.at)
    return _Mapping(there, here, resolver, citation, said, tag).instance()


class _Reading:
    """Says resolved terms of one theorem as terms that another one's resolver reads."""

    def __init__(self, there: Problem, resolver: Resolver, tag: str) -> None:
        self.there = there
        self.resolver = resolver
        self.tag = tag
        self.families: dict[str, Term] = {}  # a name, or any term for a family without an index
        self.constants: dict[str, Term] = {}
        self.of_constants: dict[str, str] = {}
        self.sizes: dict[str, str | int] = {}

    def fresh(self, index: str) -> str:
        """The name here of an index that stands free there; nobody can write an apostrophe."""
        return f"{index}'{self.tag}"

    def source(self, term: Term) -> Term:
        """The term with every name replaced. Raises ``LanguageError`` for what cannot be said here."""
        match term:
            case Name(name=name):
                return self._name(name)
            case Entry(name=name, indices=indices):
                if name in self.of_constants:
                    return Entry(self.of_constants[name], tuple(map(self.source, indices)))
                image = self.families[name]
                if indices and isinstance(image, Name):
                    return Entry(image.name, tuple(map(self.source, indices)))
                return image
            case Big():
                return Big(term.kind, self.source(term.body), term.index, self.source(term.low), self.source(term.high))
            case Apply(function="limit", args=(_, Name(name=size))) if not isinstance(self.sizes[size], str):
                raise LanguageError(f"a limit in `{size}` says nothing of one value of it")
            case Conditional():
                given = dict.fromkeys(self._condition(name) for name in term.given)
                return Conditional(term.functional, tuple(map(self.source, term.args)), tuple(given))
            case _:
                return rebuild(term, self.source)

    def _name(self, name: str) -> Term:
        if name in self.sizes:
            size = self.sizes[name]
            return Name(size) if isinstance(size, str) else number(size)
        if name in self.constants:
            return self.constants[name]
        return Name(name) if name in CONSTANT_NAMES or name.startswith("#") else Name(self.fresh(name))

    def _condition(self, name: str) -> str:
        image = self.families[name]
        declared = self.resolver.names.families.get(image.name) if isinstance(image, Name) else None
        if declared is not None and len(declared.ranges) == len(self.there.families[name].ranges):
            return declared.name
        raise LanguageError(f"it is stated given `{name}`, which is not a declared family here")


class _Mapping:
    """Finds what each name stands for. Lives only while ``instance`` runs."""

    def __init__(
        self,
        there: Problem,
        here: Problem,
        resolver: Resolver,
        citation: th.Citation,
        said: Mapping[str, Term],
        tag: str,
    ) -> None:
        self.there, self.here, self.resolver = there, here, resolver
        self.names: Names = resolver.names
        self.citation, self.said = citation, said
        self.reading = _Reading(there, resolver, tag)

    def instance(self) -> Instance:
        """Families first, whose ranges tell the sizes; constants and free indices last."""
        images = {name: self._image(family) for name, family in self.there.families.items()}
        for name, constant in self.there.constants.items():
            if constant.ranges:
                self._family_of_constants(name, constant)
        for name in self.there.sizes:
            if name not in self.reading.sizes:
                self.reading.sizes[name] = self._size(name)
        constants = {n: self._constant(n) for n, c in self.there.constants.items() if not c.ranges}
        reading, free = self.reading, dict(self.here.free)
        for index, high in self.there.free.items():
            free[reading.fresh(index)] = reading.sizes[high] if isinstance(high, str) else high
        self.names.index_names.update(free)
        self.names.free = dict(free)
        here = replace(self.here, free=free)
        return Instance(
            self.there, here, images, constants, dict(reading.of_constants), dict(reading.sizes), self.reading
        )

    # --- families ------------------------------------------------------------------------------------------------

    def _image(self, family: th.Family) -> Image:
        alias = self._alias(family.name, {**self.names.families, **self.names.definitions})
        self.reading.families[family.name] = alias
        places = tuple(f"{family.name}'{self.reading.tag}{r.index}" for r in family.ranges)
        self.names.index_names.update(places)
        written = alias
        if places:
            if not isinstance(alias, Name) or self._arity(alias.name) != len(places):
                word = "one index" if len(places) == 1 else f"{len(places)} indices"
                remedy = f"write with {family.name} = ..., the name of a family or of a definition with {word}"
                raise self._wrong(f"`{family.name}` of `{self.citation.name}` has {word}", remedy)
            written = Entry(alias.name, tuple(map(Name, places)))
        body = self.resolver.term(written)
        if functionals(body):
            raise self._wrong(f"`{family.name}` stands for a moment", "let it stand for a random variable")
        for place, r in zip(places, family.ranges, strict=True):
            end = self.names.free.pop(place, None)
            if end is not None:
                self._ends(family.name, r.high, end)
        return Image(body, places)

    def _arity(self, name: str) -> int:
        if name in self.names.families:
            return len(self.names.families[name].ranges)
        return len(self.names.definitions[name].indices) if name in self.names.definitions else -1

    def _alias(self, name: str, known: Mapping[str, object]) -> Term:
        if name in self.said:
            return self.said[name]
        if name in known:
            return Name(name)
        remedy = f"write by theorem {self.citation.name} with {name} = ..."
        raise self._wrong(f"`{self.citation.name}` speaks of `{name}`, which is not here", remedy)

    # --- sizes and constants -------------------------------------------------------------------------------------

    def _ends(self, name: str, high: str | int, end: str | int) -> None:
        """The range of a family that is cited ends where that of its image does."""
        if isinstance(high, str) and high in self.said and high not in self.reading.sizes:
            self.reading.sizes[high] = self._size(high)
        wanted = self.reading.sizes.setdefault(high, end) if isinstance(high, str) else high
        if wanted != end:
            found = f"`{name}` of `{self.citation.name}` runs over 1..{high}, that is 1..{wanted}; here over 1..{end}"
            raise self._wrong(found, "let it stand for a family with that range")

    def _size(self, name: str) -> str | int:
        term = self._alias(name, self.names.sizes)
        if isinstance(term, Name) and term.name in self.names.sizes:
            return term.name
        if isinstance(term, Num) and term.value.denominator == 1 and term.value >= 1:
            return int(term.value)
        raise self._wrong(f"`{name}` is a size of `{self.citation.name}`", f"write with {name} = n, or a literal")

    def _family_of_constants(self, name: str, constant: th.Constant) -> None:
        alias = self._alias(name, self.names.constants)
        image = self.names.constants.get(alias.name) if isinstance(alias, Name) else None
        if image is None or len(image.ranges) != len(constant.ranges):
            remedy = "let it stand for a family of constants with as many indices"
            raise self._wrong(f"`{name}` is a family of constants of `{self.citation.name}`", remedy)
        self.reading.of_constants[name] = image.name
        for there, here in zip(constant.ranges, image.ranges, strict=True):
            self._ends(name, there.high, here.high)

    def _constant(self, name: str) -> Term:
        known = {**self.names.constants, **self.names.sizes, **self.names.definitions}
        term = self._alias(name, known)
        resolved = self.resolver.term(term)
        no_random(self.names, resolved, term)
        if any(t == Name("infinity") or (isinstance(t, Apply) and t.function == "limit") for t in walk(resolved)):
            raise self._wrong(f"`{name}` is a constant of `{self.citation.name}`", "let it stand for a number")
        self.reading.constants[name] = term
        return resolved

    def _wrong(self, found: str, remedy: str) -> LanguageError:
        return LanguageError(found, remedy, self.citation.at)
