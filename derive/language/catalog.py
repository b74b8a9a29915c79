"""The catalog of activations: one definition each, in the language itself; everything else is computed from it.

Functions that are known by themselves (``PRIMITIVES``) stand for themselves; every other name of the catalog is an
abbreviation, and ``unfold`` writes it out wherever it occurs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from derive.language.errors import LanguageError
from derive.language.terms import Apply, Name, Term, children, rebuild, substitute, walk

VARIABLE = "z"
MOST_NODES = 600
KINKED = frozenset({"relu", "abs", "sign", "step", "max", "min"})
PIECEWISE_POLYNOMIALS = frozenset("identity squared_relu prelu hermite2 hermite3 hermite4 hermite5".split())
KNOWN_BY_NAME = frozenset({"leaky_relu", "E", "Var", "Cov", "limit"})
PRIMITIVES = KINKED | frozenset("exp log sqrt sin cos tanh atan asin erf sigmoid softplus".split())


@dataclass(frozen=True, slots=True)
class Definition:
    """One entry: f(z) as a term in ``z`` and the parameters, which have default values (constant terms), in order.

    ``shown`` has names for the constants that ``body`` writes out; ``constants`` says what they are.
    """

    name: str
    shown: Term
    body: Term
    parameters: tuple[tuple[str, Term], ...]
    constants: tuple[tuple[str, Term], ...]
    source: str

    def at(self, argument: Term, parameters: Mapping[str, Term] = MappingProxyType({})) -> Term:
        """f(argument) written out; parameters that are not named have their defaults."""
        values = {name: parameters.get(name, default) for name, default in self.parameters}
        return substitute(self.body, {VARIABLE: argument, **values})


def names() -> tuple[str, ...]:
    """The names of the catalog, in its order."""
    return tuple(_entries())


def definition(name: str) -> Definition | None:
    """The entry of a name, None for a name that the catalog does not have."""
    return _entries().get(name)


def unfold(term: Term) -> Term:
    """The term with every abbreviation of the catalog written out, so that only ``PRIMITIVES`` are applied.

    Raises ``LanguageError`` if that is too large: mish(mish(z)) has four z, and so on.
    """
    if written_size(term) > MOST_NODES:
        raise LanguageError("this expression is too large", f"at most {MOST_NODES} operations, written out", 0)
    return _unfolded(term)


def written_size(term: Term) -> int:
    """How many nodes the term has once it is written out, without writing it out."""
    inside = [written_size(t) for t in children(term)]
    found = definition(term.function) if isinstance(term, Apply) and term.function not in PRIMITIVES else None
    if found is None or not inside:
        return 1 + sum(inside)
    nodes = list(walk(found.body))
    return len(nodes) + sum(1 for t in nodes if t == Name(VARIABLE)) * inside[0] + sum(inside[1:])


def _unfolded(term: Term) -> Term:
    if isinstance(term, Apply) and term.function not in PRIMITIVES:
        found = definition(term.function)
        if found is not None:
            head, *rest = (_unfolded(t) for t in term.args)
            named = {name: value for (name, _), value in zip(found.parameters, rest, strict=False)}
            return found.at(head, named)
    return rebuild(term, _unfolded)


def written_out(call: Apply) -> Term | None:
    """What a document means by a call of an abbreviation that nobody knows by its name alone; None for other calls.

    These are polynomials in what is known, and calls with a parameter that is not left at its default.
    """
    plain = call.function in PRIMITIVES or (len(call.args) == 1 and call.function not in PIECEWISE_POLYNOMIALS)
    if plain or call.function in KNOWN_BY_NAME:
        return None  # most calls: the catalog is not even loaded for them
    found = definition(call.function)
    if found is None:
        return None
    head, *rest = call.args
    return found.at(head, {name: value for (name, _), value in zip(found.parameters, rest, strict=False)})


@lru_cache(maxsize=1)
def _entries() -> Mapping[str, Definition]:
    import tomllib

    data = tomllib.loads(Path(__file__).with_name("catalog.toml").read_text(encoding="ascii"))
    return MappingProxyType({entry["name"]: _read(entry) for entry in data["activation"]})


def _read(entry: Mapping[str, Any]) -> Definition:
    from derive.language.parser import parse_term  # with the grammar, only where the catalog is needed

    constants: dict[str, Term] = {}
    for name, text in entry.get("constants", {}).items():  # a later one may use an earlier one
        constants[name] = substitute(parse_term(text), constants)
    shown = parse_term(entry["text"])
    parameters = tuple((name, parse_term(text)) for name, text in entry.get("parameters", {}).items())
    body = substitute(shown, constants)
    return Definition(entry["name"], shown, body, parameters, tuple(constants.items()), entry["source"])


def in_variable(term: Term, variable: Term) -> Term:
    """A term in ``variable`` as one in ``z``, unfolded."""
    return _renamed(unfold(term), variable)


def _renamed(term: Term, variable: Term) -> Term:
    return Name(VARIABLE) if term == variable else rebuild(term, lambda t: _renamed(t, variable))
