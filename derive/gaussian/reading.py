"""A user's text -> an ``Activation``: a name of the catalog, or an expression in ``z``.

The text is data: it goes through the language's parser and nowhere else. What is no activation is refused with the
place, the reason and a remedy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from derive.gaussian.activation import Activation
from derive.gaussian.calculus import Z, depends
from derive.gaussian.domain import refuse_undefined
from derive.gaussian.pieces import linear
from derive.language import catalog
from derive.language.catalog import VARIABLE
from derive.language.errors import LanguageError, Spot, caret
from derive.language.functions import FUNCTIONS, LAWS, nearest
from derive.language.parser import parse_term
from derive.language.terms import Apply, Big, Conditional, Entry, Name, Term, number, substitute, walk

MOST_CHARACTERS = 2_000
EXAMPLE = "write a name such as gelu, or an expression in z such as z*sigmoid(z)"
Value = str | int | Fraction


def read(text: str, parameters: Mapping[str, Value] | None = None) -> Activation:
    """The activation that a text names or writes.

    ``parameters``: values of names that occur in it, as numbers or constant expressions. Raises ``LanguageError`` with
    an offset into the text for what is empty, unbalanced, too large, unknown, not a function of z, infinite or complex
    somewhere on the real line, or no expression at all.
    """
    word = text.strip()
    if not word:
        raise LanguageError("the activation is empty", EXAMPLE, 0)
    if len(text) > MOST_CHARACTERS:
        raise LanguageError("this expression is too long", f"at most {MOST_CHARACTERS} characters", MOST_CHARACTERS)
    values = {name: _constant(name, value) for name, value in (parameters or {}).items()}
    entry = catalog.definition(word.replace("-", "_").lower())
    if entry is not None and word not in values:
        return _named(entry, values)
    if re.fullmatch(r"[A-Za-z]\w+", word, flags=re.ASCII) and word not in {"pi", *values}:
        known = set(catalog.names())
        remedy = nearest(word, known) or f"the catalog has {', '.join(sorted(known))}"
        raise LanguageError(f"unknown activation `{word}`", remedy, text.index(word))
    return _written(text, values)


def refusal(text: str, error: LanguageError) -> str:
    """What is said of a text that is refused: message, the text with a caret, remedy."""
    lines = [error.message]
    if 0 <= error.at <= len(text):
        before = text[: error.at]
        lines.append(caret(text, Spot(before.count("\n") + 1, error.at - before.rfind("\n"))))
    return "\n".join([*lines, error.remedy] if error.remedy else lines)


def _named(entry: catalog.Definition, values: Mapping[str, Term]) -> Activation:
    own = dict(entry.parameters)
    for name in values:
        if name not in own:
            remedy = f"it has {', '.join(own)}" if own else "it has none"
            raise LanguageError(f"`{entry.name}` has no parameter `{name}`", nearest(name, set(own)) or remedy, 0)
    chosen = {name: values.get(name, default) for name, default in own.items()}
    shown = substitute(entry.shown, chosen)
    term = catalog.unfold(entry.at(Z, chosen))
    refuse_undefined(term, 0)
    return Activation(entry.name, shown, term, tuple(chosen.items()), entry.constants)


def _written(text: str, values: Mapping[str, Term]) -> Activation:
    parsed = _parsed(text)
    _resolve(parsed, values)
    used = {t.name for t in walk(parsed) if isinstance(t, Name)}
    for name in values:
        if name not in used:
            remedy = nearest(name, used) or "leave it out, or write it in the expression"
            raise LanguageError(f"the parameter `{name}` does not occur in the expression", remedy, 0)
    shown = substitute(parsed, values)
    term = catalog.unfold(shown)
    line = linear(term) if depends(term) else (Fraction(0), Fraction(0))
    if line is not None and not line[0]:
        raise LanguageError("this is not a function of z", EXAMPLE, 0)
    refuse_undefined(shown, 0)
    return Activation(None, shown, term, tuple(values.items()))


def _parsed(text: str) -> Term:
    _balanced(text)
    try:
        return parse_term(text)
    except LanguageError as error:
        raise _in_words_of_expressions(error, text) from None


def _balanced(text: str) -> None:
    opened: list[int] = []
    for at, sign in enumerate(text):
        if sign == "(":
            opened.append(at)
        elif sign == ")":
            if not opened:
                raise LanguageError("this `)` closes nothing", "take it out, or open a bracket before it", at)
            opened.pop()
    if opened:
        raise LanguageError("this `(` is never closed", "add a `)`", opened[-1])


def _in_words_of_expressions(error: LanguageError, text: str) -> LanguageError:
    """The parser speaks of theorems; here there is only an expression."""
    at = min(error.at, len(text.rstrip())) if error.at >= 0 else 0
    message = error.message.replace("the end of the theorem", "the end").replace("the end of the item", "the end")
    remedy = error.remedy
    if "LANGUAGE" in remedy or "language reference" in remedy or "item" in remedy or "theorem" in remedy:
        remedy = EXAMPLE
    if remedy.startswith("products"):
        remedy = "a product is written with `*`, a number with a decimal point: 0.5*z"
    if "expected the end of the line" in remedy or "relation" in remedy or "`=`" in remedy:
        remedy = f"an expression has no relation and no name of its own; {EXAMPLE}"
    return LanguageError(message, remedy, at)


def _resolve(term: Term, values: Mapping[str, Term]) -> None:
    """Refuse names that nobody knows, and what is no function of a number."""
    for t in walk(term):
        match t:
            case Name(name=name, at=at) if name not in {VARIABLE, "pi", *values}:
                if name in {"x", "y", "u", "t", "Z", "X"}:
                    raise LanguageError(f"unknown name `{name}`", "the variable is z", at)
                close = nearest(name, {VARIABLE, "pi", *values, *catalog.names(), *FUNCTIONS})
                remedy = close or f"the variable is z; give {name} a value as a parameter: {name}=0.25"
                raise LanguageError(f"unknown name `{name}`", remedy, at)
            case Entry(name=name, at=at):
                raise LanguageError(f"`{name}[...]` is no number", "the variable is z, without an index", at)
            case Apply(function=("E" | "Var" | "Cov" | "limit") as name, at=at) | Conditional(functional=name, at=at):
                raise LanguageError(f"`{name}` is not a function of a number", EXAMPLE, at)
            case Big(kind=kind, at=at):
                raise LanguageError(f"a `{kind}` is not an activation", EXAMPLE, at)
            case _:
                pass


def _constant(name: str, value: Value) -> Term:
    """The value of a parameter as a constant term. Raises ``LanguageError``."""
    if (
        name in {VARIABLE, "pi"}
        or name in FUNCTIONS
        or name in LAWS
        or not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name)
    ):
        raise LanguageError(f"`{name}` cannot be a parameter", "choose another name", 0)
    if isinstance(value, int | Fraction):
        return number(value)
    if len(value) > MOST_CHARACTERS:
        raise LanguageError(f"the value of `{name}` is too long", f"at most {MOST_CHARACTERS} characters", 0)
    term = _parsed(value) if value.strip() else None
    if term is None or any(isinstance(t, Name) and t.name != "pi" for t in walk(term)):
        raise LanguageError(f"the value of `{name}` is not a number", f"write for example {name}=0.25", 0)
    _resolve(term, {})
    refuse_undefined(term, 0)
    return catalog.unfold(term)
