"""What is said of a text that the grammar does not accept: what was found, what to write instead."""

from __future__ import annotations

import re
from typing import cast

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from derive.language.errors import LanguageError
from derive.language.functions import WORDS
from derive.language.slips import recognized, reserved

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
        found = f"unexpected character `{text[at]}`"
        slip = recognized(text, at)
        if slip is not None:
            return LanguageError(_at_the_slip(found, text, slip.at, at), slip.remedy, slip.at)
        return LanguageError(found, "docs/LANGUAGE.md lists the signs that may be used", at)
    if not isinstance(error, UnexpectedToken):
        return LanguageError("the text ends too early", "a theorem ends after its claim or with `qed`", len(text))
    token = cast(Token, error.token)  # pyright: ignore[reportUnknownMemberType]
    at = token.start_pos if token.start_pos is not None else len(text)
    if token.type in {"$END", "_NL"}:
        at = _end_of_item(text, at)
    return _unexpected(token, set(error.accepts or error.expected), text, at)


def _unexpected(token: Token, expected: set[str], text: str, at: int) -> LanguageError:
    ends = {"$END": "the theorem ends too early", "_NL": "this item ends too early"}
    found = ends.get(token.type, f"unexpected `{token.value}`")
    slip = recognized(text, at)
    if slip is not None:
        return LanguageError(_at_the_slip(found, text, slip.at, at), slip.remedy, slip.at)
    opened = _unclosed(text[:at])
    if opened is not None and (token.type in ends or not text[text.rfind("\n", 0, at) + 1 : at].strip()):
        return LanguageError(f"the bracket `{text[opened]}` is never closed", "close it in the same item", opened)
    if token.type in {"RPAR", "RSQB"} and opened is None:
        return LanguageError(f"`{token.value}` closes nothing", "delete it, or open a bracket before it", at)
    return LanguageError(found, _remedy(token, expected, text, at), at)


def _at_the_slip(found: str, text: str, slip: int, at: int) -> str:
    """What was found, in the words of the place that the slip was traced to."""
    if slip == at:
        return found
    word = re.match(r"\w+|[^\w\s()\[\]]+", text[slip:])
    return f"unexpected `{word[0]}`" if word else found


def _end_of_item(text: str, at: int) -> int:
    """The end of what stands before a place, without comments and empty lines."""
    lines = text[:at].split("\n")
    while lines and not lines[-1].split("#", 1)[0].strip():
        lines.pop()
    return len("\n".join([*lines[:-1], lines[-1].split("#", 1)[0].rstrip()])) if lines else 0


def _unclosed(text: str) -> int | None:
    """The place of the last bracket that is opened in a text and not closed in it."""
    opened: list[int] = []
    comment = False
    for at, sign in enumerate(text):
        comment = sign != "\n" and (comment or sign == "#")
        if not comment and sign in "([":
            opened.append(at)
        elif not comment and sign in ")]" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _remedy(token: Token, expected: set[str], text: str, at: int) -> str:
    before = text[:at].rstrip()
    word = before.split()[-1] if before.split() else ""
    section = re.findall(r"^[ \t]*(given|let|show|find|proof)\b", text[:at], re.MULTILINE)[-1:]
    if token.type == "LSQB" and word.endswith(("E", "Var", "Cov")):
        return f"write {word.split('(')[-1]}(...) with round brackets"
    if token.type == "BAR":
        return "given a family is written within E, Var or Cov: E(x | a); an absolute value is abs(x)"
    if token.type == "_FOR" and word == "independent":
        return "a family of independent entries has an index: X[j] independent for j in 1..n"
    if token.type in {"_OF", "_NL", "COMMA"} and re.search(r"\]\s*independent$", before):
        return "whole families are independent: X independent of Y; or write X[j] independent for j in 1..n"
    if section == ["given"] and token.type in {"COMMA", "_AND"} and _unclosed(text[:at]) is None:
        return "each assumption stands in a line of its own"
    if section == ["let"] and re.search(r"\b(E|Var|Cov)$", before):
        return "a definition begins with a new name, z = ...; what is claimed stands under `show`"
    if (name := reserved(text, at)) is not None:
        return f"`{name}` is a word of the language and cannot be a name; choose another one"
    if token.type in {"_LET", "_GIVEN"}:
        return "the order is: given, let, show or find, proof"
    if token.type == "PROOF" or (token.type == "$END" and "_SHOW" in expected):
        return "there is no claim: write `show` and the claim before the proof"
    if token.type in {"$END", "_NL"} and "_QED" in expected:
        return "a proof is a chain of lines that begin with =, <= or iff; write `qed` in the line behind it"
    if token.type == "$END" and section == ["proof"]:
        return "write `qed` in the line behind the last link"
    if "_QED" in expected and token.type != "_QED":
        return "each further line of a proof begins with =, <= or iff and goes on from the line before; `qed` ends it"
    if token.type in {"NAME", "NUMBER"} and {"TIMES", "PLUS"} <= expected:
        return f"products are written with `*`: {word.split('(')[-1]}*{token.value}"
    if token.value in WORDS and "NAME" in expected:
        return f"`{token.value}` is a word of the language and cannot be a name"
    if token.type == "MINUS" and "REL" not in expected:
        return "an item cannot start with a sign; put it in parentheses"
    if token.type in {"NAME", "_SHOW"} and "THEOREM" in expected:
        return "a block starts with `theorem NAME`"
    named = [_EXPECTED[e] for e in _EXPECTED if e in expected]
    return "expected " + " or ".join(list(dict.fromkeys(named))[:4]) if named else "see docs/LANGUAGE.md"
