"""Between the lexer and the grammar: where items end, and the bounds that keep every later recursion shallow.

At bracket depth 0 a new line ends an item unless the next line starts with a relation or a binary operator, or the
line before ends with one. A relation that begins a line is told apart (LINE_REL, LINE_IFF).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lark import Token

from derive.language.errors import LanguageError

MOST_NESTING = 100
MOST_DIGITS = 100
MOST_TOKENS = 20_000

_OPENING, _CLOSING = {"LPAR", "LSQB"}, {"RPAR", "RSQB"}
_RELATIONS = {"REL": "LINE_REL", "IFF": "LINE_IFF"}
_OPERATORS = {"PLUS", "MINUS", "TIMES", "OVER", "CARET"}
_JOINING = (
    _OPERATORS | set(_RELATIONS) | {"COMMA", "_BY", "_AND", "_FOR", "_SUCH", "_THAT", "_OF", "_IN", "_ON", "_WITH"}
)
_NEVER_FIRST = _OPERATORS | set(_RELATIONS) | {"COMMA", "_BY", "_AND", "_FOR", "_SUCH", "_THAT", "_WITH"}
_AFTER = {"THEOREM": {"with": "_WITH"}}  # names that are words of the language in one place only
_HEADINGS = {"_GIVEN", "_LET", "_SHOW", "_FIND", "PROOF"}


class Items:
    """The ``postlex`` of the parser: a stream of tokens in, the same stream with its newlines made meaningful out."""

    always_accept = ("_NL",)

    def process(self, stream: Iterable[Token]) -> Iterator[Token]:
        """Drop newlines within an item, keep one at the end of each, and enforce the bounds."""
        depth = count = 0
        pending: Token | None = None  # a newline of which it is not known yet whether it ends an item
        previous = "_NL"
        token: Token | None = None
        for read in stream:
            token = _in_place(read, previous)
            count += 1
            _within_bounds(token, depth, count)
            if token.type == "_NL":
                pending = pending or token
                continue
            fresh_line, pending_now, pending = pending is not None and depth == 0, pending, None
            if (
                fresh_line
                and pending_now is not None
                and previous not in _JOINING | _HEADINGS | {"_NL"}
                and token.type not in _NEVER_FIRST
            ):
                yield Token("_NL", "\n", start_pos=token.start_pos)
            depth += (token.type in _OPENING) - (token.type in _CLOSING)
            previous = token.type
            if fresh_line and token.type in _RELATIONS:
                yield Token.new_borrow_pos(_RELATIONS[token.type], token.value, token)
            else:
                yield token
        if token is not None and previous != "_NL":
            yield Token("_NL", "\n", start_pos=token.end_pos if token.end_pos is not None else 0)


def _in_place(token: Token, previous: str) -> Token:
    """The token, which may be a word of the language behind the one before it."""
    word = _AFTER.get(previous, {}).get(token.value) if token.type == "NAME" else None
    return Token.new_borrow_pos(word, token.value, token) if word else token


def _within_bounds(token: Token, depth: int, count: int) -> None:
    at = token.start_pos or 0
    if count > MOST_TOKENS:
        raise LanguageError("this theorem is too long", f"split it: at most {MOST_TOKENS} symbols each", at)
    if depth >= MOST_NESTING and token.type in _OPENING:
        raise LanguageError("brackets are nested too deeply", f"at most {MOST_NESTING} deep", at)
    if token.type == "NUMBER" and len(token.value) > MOST_DIGITS:
        raise LanguageError("this number is too long", f"at most {MOST_DIGITS} digits", at)
