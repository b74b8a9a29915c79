"""What may stand outside of E, Var and Cov: nothing random, but for what a conditional expectation is given."""

from __future__ import annotations

from collections.abc import Iterable

from derive.language.errors import LanguageError
from derive.language.names import Names
from derive.language.terms import FUNCTIONALS, Apply, Conditional, Entry, Name, Term, children, first_position


def no_random(names: Names, resolved: Term, written: Term, given: frozenset[str] = frozenset()) -> None:
    """Refuse what is random outside of E, Var and Cov, but for what the families in ``given`` determine."""
    stack = [resolved]
    while stack:
        top = stack.pop()
        if isinstance(top, Apply) and top.function in FUNCTIONALS:
            continue
        if isinstance(top, Conditional):
            more = [n for n in top.given if n not in given]
            if more:
                said = f"`{top.functional}(. | {', '.join(top.given)})` is random here"
                raise LanguageError(said, "put it into E(...), Var(...) or Cov(...)", top.at)
            continue
        if isinstance(top, Entry) and top.name in names.families and top.name not in given:
            said, at = _culprit(names, written, top)
            remedy = "put it into E(...), Var(...) or Cov(...)"
            if given:
                remedy += f", or write it behind a `|`: E(x | {', '.join(sorted({*given, top.name}))})"
            raise LanguageError(f"`{said}` is random here", remedy, at)
        stack.extend(children(top))


def _culprit(names: Names, written: Term, entry: Entry) -> tuple[str, int]:
    """The name, as written outside of E, Var and Cov, by which a random entry came in, and where it stands."""
    stack = [written]
    while stack:
        top = stack.pop()
        if isinstance(top, Name | Entry):
            definition = names.definitions.get(top.name)
            if top.name == entry.name or (definition and entry.name in names.made_of(definition)):
                return top.name, top.at
        elif not (isinstance(top, Conditional) or (isinstance(top, Apply) and top.function in FUNCTIONALS)):
            stack.extend(reversed(list(children(top))))
    return entry.name, entry.at if entry.at >= 0 else first_position(written)


def conditions_of(terms: Iterable[Term]) -> frozenset[str]:
    """The families that some terms, as written, are taken given of: those behind ``|`` outside of E, Var and Cov."""
    found: set[str] = set()
    stack = list(terms)
    while stack:
        top = stack.pop()
        if isinstance(top, Conditional):
            found.update(top.given)
        elif not (isinstance(top, Apply) and top.function in FUNCTIONALS):
            stack.extend(children(top))
    return frozenset(found)
