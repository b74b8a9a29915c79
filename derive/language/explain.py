"""What is said of a text that the grammar does not accept: what was found, what to write instead."""

from __future__ import annotations

import re
from typing import cast

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from derive.language.errors import LanguageError
from derive.language.functions import WORDS

_SLIPS = {
    "**": "a power is written with `^`",
    "==": "equality is written with one `=`",
    "!=": "there is no `!=`; a condition is one of = < <= > >=",
    "~=": "there is no approximate equality",
    "{": "write ( and )",
    "\\": "write plain text, not LaTeX",
    "$": "write plain text, not LaTeX",
    ":": "definitions are written with `=`",
    ";": "put each item on a line of its own",
}

_EXPECTED = {
    "_NL": "the end of the line",
    "NAME": "a name",
    "NUMBER": "a number",
    "REL": "a relation such as =",
    "LINE_REL": "a relation such as =",
    "RPAR": "a closing )",
    "RSQB": "a closing ]",
    "_SHOW": "`show`",
    "_FIND": "`find`",
    "_QED": "`qed`",
    "_FOR": "`for`",
    "_IN": "`in`",
    "_SUCH": "`such that`",
    "_DOTS": "`..`",
    "_OF": "`of`",
    "COMMA": "a comma",
    "$END": "the end of the theorem",
    "_INDEPENDENT": "`independent`",
}


def explain(error: UnexpectedInput, text: str) -> LanguageError:
    """The error of a text that the grammar refuses, with a remedy for the slips that people make."""
    at = error.pos_in_stream if error.pos_in_stream is not None else len(text)
    if isinstance(error, UnexpectedCharacters):
        slip = next((s for s in _SLIPS if text.startswith(s, at)), None)
        remedy = _SLIPS[slip] if slip else "LANGUAGE lists the signs that may be used"
        return LanguageError(f"unexpected character {text[at]!r}", remedy, at)
    if not isinstance(error, UnexpectedToken):
        return LanguageError("the text ends too early", "a theorem ends after its claim or with `qed`", len(text))
    token = cast(Token, error.token)  # pyright: ignore[reportUnknownMemberType]
    expected = error.accepts or error.expected
    at = token.start_pos if token.start_pos is not None else len(text)
    found = {"$END": "the end of the theorem", "_NL": "the end of the item"}.get(token.type, f"`{token.value}`")
    return LanguageError(f"unexpected {found}", _remedy(token, set(expected), text, at), at)


def _remedy(token: Token, expected: set[str], text: str, at: int) -> str:
    before = text[:at].rstrip()
    word = before.split()[-1] if before.split() else ""
    if token.value == "=" and before.endswith(("=", "<", ">", "!")):
        return _SLIPS.get(before[-1] + "=", _SLIPS["=="])
    if token.value == "*" and before.endswith("*"):
        return _SLIPS["**"]
    if token.type == "LSQB" and word.endswith(("E", "Var", "Cov")):
        return f"write {word.split('(')[-1]}(...) with round brackets"
    if token.type == "BAR":
        return "given a family is written within E, Var or Cov: E(x | a); an absolute value is abs(x)"
    if token.type == "_FOR" and word == "independent":
        return "a family of independent entries has an index: X[j] independent for j in 1..n"
    if token.type in {"_OF", "_NL", "COMMA"} and re.search(r"\]\s*independent$", before):
        return "whole families are independent: X independent of Y; or write X[j] independent for j in 1..n"
    if token.type in {"_LET", "_GIVEN"}:
        return "the order is: given, let, show or find, proof"
    if token.type == "_NL" and "_QED" in expected:
        return "a proof is a chain whose lines begin with = (or iff), then `qed`"
    if "_QED" in expected and token.type != "_QED":
        return "a line of a proof begins with =, <= or iff; the proof ends with `qed`"
    if token.type in {"NAME", "NUMBER"} and {"TIMES", "PLUS"} <= expected:
        return "products are written with `*`: n*Var(W)"
    if token.value in WORDS and "NAME" in expected:
        return f"`{token.value}` is a word of the language and cannot be a name"
    if token.type == "MINUS" and "REL" not in expected:
        return "an item cannot start with a sign; put it in parentheses"
    if token.type in {"NAME", "_SHOW"} and "THEOREM" in expected:
        return "a block starts with `theorem NAME`"
    named = [_EXPECTED[e] for e in _EXPECTED if e in expected]
    return "expected " + " or ".join(list(dict.fromkeys(named))[:4]) if named else "see the language reference"
