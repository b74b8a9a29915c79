"""The slips of the pen that people make, as data: what stands before the place, what stands at it, what to write.

A row fits if ``before`` matches up to the place and ``after`` from it on. Rows are tried in their order. Of several
groups called ``at`` the one that matched moves the place to where the slip is; ``{word}`` in a remedy is what the group
of that name matched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from derive.language.functions import RESERVED

_LINE = r"(?:\A|\n)[ \t]*"  # the beginning of a line
_INSIDE = r"(?:[^()\n]|\([^()\n]*\))*"  # within a bracket, smaller brackets closed
_LOOKED_AT = 600  # characters before the place; a pattern takes the square of them at worst
_JOINING = r"(?:and|by|for|iff|in|of|such|that|independent|iid|exchangeable)\b"
_SUM = "a sum names its index and the range: sum(W[j]*a[j], j in 1..n)"
_MEANT = {
    "given": "assume assuming assumption assumptions suppose givens let's",
    "let": "where define definition definitions with",
    "show": "prove claim conclusion then want shows",
    "proof": "derivation begin pf demonstration",
    "qed": "end done endproof",
}


@dataclass(frozen=True, slots=True)
class Slip:
    """What was written and what was meant."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    remedy: str


@dataclass(frozen=True, slots=True)
class Found:
    """A slip that was recognized: where it is, and what to write instead."""

    at: int
    remedy: str


def _slip(before: str, after: str, remedy: str) -> Slip:
    return Slip(re.compile(f"(?:{before})\\Z"), re.compile(after), remedy)


_TABLE = (
    # signs
    _slip(r"(?P<at>\*)", r"\*", "a power is written with `^`"),
    _slip(r"(?P<at>[=<>!])", "=", "equality is written with one `=`"),
    _slip("", "[!~]=", "there is no sign for `not equal` or `about`; a relation is one of = < <= > >="),
    _slip("(?P<at><?=)", ">", "`iff` stands between equivalent statements, `>=` is greater or equal"),
    _slip(r"(?P<at>/)", "/", "a comment starts with `#`"),
    _slip("", "%", "a comment starts with `#`"),
    _slip("[0-9](?P<at>)", ",[0-9]", "a decimal is written with a point: 0.5"),
    _slip("", r"\.[0-9]", "a decimal has a digit before its point: 0.5"),
    _slip(r"\.\.", r"\.", "a range has two dots: 1..n"),
    _slip("(?P<at>[0-9]+)", "[eE][0-9]", "write the number out: 0.001, or 10^(-3)"),
    _slip("", r"\\frac", "write plain text, not LaTeX: (a + b)/c"),
    _slip("", r"\\(sum|prod)", "write plain text, not LaTeX: sum(W[j]*a[j], j in 1..n)"),
    _slip("", r"\\(cdot|times)", "write plain text, not LaTeX: a product is written with `*`"),
    _slip("", r"\\(?P<word>[A-Za-z]+)", "write plain text, not LaTeX: {word} without the backslash"),
    _slip("", r"[\\$]", "write plain text, not LaTeX: no $ and no backslash"),
    _slip("", "[{}]", "write round brackets, ( and )"),
    _slip("", "'", "a name has letters, digits and underscores: z2"),
    _slip("", "@", "a product of matrices is written as a sum: sum(W[i,j]*a[j], j in 1..n)"),
    _slip("", "!", "there is no sign for a factorial; write the number out"),
    _slip(rf"{_LINE}theorem[^\n]*", ":", "a theorem's name has letters, digits, - and _ only; leave the : out"),
    _slip(rf"{_LINE}\w+", ":[^=]", "a heading stands alone in its line, without a colon"),
    _slip(r"find\s[^\n]*", ":", "write `such that`: find Var(W) such that Var(z) = Var(a)"),
    _slip("", ";", "each item stands in a line of its own"),
    _slip("", ":", "a definition is written with `=`: z[i] = ..."),
    # the theorem and its parts
    _slip(rf"{_LINE}(?P<at>theorem)[ \t]*", r"[ \t]*\n", "a theorem has a name: theorem my-first-one"),
    _slip(rf"{_LINE}theorem[ \t]+\S+[ \t]+", r"\w", "a theorem's name is one word: my-first-one"),
    _slip(r"\A\s*", "(given|let|show|find)", "a block starts with `theorem NAME`"),
    _slip(r"\n[ \t]*proof\s+", "(=|<|>|iff)", "a proof starts with the left side of the claim, without a relation"),
    # sums
    _slip(r"\b(?P<at>(sum|prod)_)\w*\s*", "", _SUM),
    _slip(
        rf"\b(sum|prod)\({_INSIDE},\s*\w+\s*", r"(=|,|:|from|over|\bto\b)", "a range is written with `in`: j in 1..n"
    ),
    _slip(rf"\b(sum|prod)\({_INSIDE}", r"(for|over|\))", _SUM),
    # indices
    _slip(r"\]", r"\[", "all indices stand in one pair of brackets: W[i,j]"),
    # what is given
    _slip(
        rf"{_LINE}\w+\s+", r"and\s+\w+\s+(are\s+)?\w*\s*independent", "write W independent of a, or W, a independent"
    ),
    _slip(rf"{_LINE}\w+(\s*,\s*\w+)*\s+", r"(are|is)\b", "leave `are` and `is` out: W, a independent; W symmetric"),
    _slip(_LINE, r"independent\s*\(", "write W independent of a, or W, a, b independent"),
    _slip(rf"{_LINE}\w+(\s*,\s*\w+)+\s+", "iid", "declare each family by itself: a[j] iid for j in 1..n"),
    _slip(rf"{_LINE}\w+\s+", "(iid|exchangeable)", "a family has an index: a[j] iid for j in 1..n; or write a random"),
    _slip(r"\b(iid|exchangeable)[ \t]*", r"\s*(\n|\Z)", "a family has a range: a[j] iid for j in 1..n"),
    _slip(r"~\s*\w+\s*", r"\s*(\n|\Z)", "a law has parameters in brackets: W ~ Normal(0, s^2)"),
    _slip(
        rf"{_LINE}\w+\s+",
        r"(integer|natural|int|number|constant|scalar|complex|negative|nonnegative)\b",
        "a constant is real, positive or nonzero: k real. A size needs no declaration, it ends a range: for j in 1..n",
    ),
    _slip(r"\b(P|Pr|Prob)\([^()\n]*", "[<>=]", "there are no probabilities; step(x) is 1 for x > 0: E(step(W)) = 1/2"),
    # words
    _slip(
        r"\bby[ \t]+(?P<at>[A-Za-z]+([ \t]+[A-Za-z]+)*)\s*",
        r"([A-Za-z=<>\n]|\Z)",
        "`by` cites givens as they stand: by E(W) = 0; a remark goes behind `#`",
    ),
    _slip(
        r"[^\n]*[ \t]+",
        r"(because|since|as|using|thanks|due|so|hence|when)\b",
        "a link cites givens with `by`: by E(W) = 0; a remark goes behind `#`",
    ),
    _slip(r"\bif\s+", "", "what is assumed stands under `given`"),
    _slip(r"\n[ \t]*show\s[^\n]*(?P<at>\bif\s[^\n]*)", "", "what is assumed stands under `given`"),
    # products
    _slip(r"\b(?P<word>E|Var|Cov)[ \t]+", r"(?P<name>\w+)", "brackets are missing: {word}({name})"),
    _slip(
        r"\b(?P<word>[0-9]+)[ \t]*",
        rf"(?!{_JOINING})(?P<name>[A-Za-z_]\w*)",
        "products are written with `*`: {word}*{name}",
    ),
)


def recognized(text: str, at: int) -> Found | None:
    """The slip at a place of a theorem's text, if it is a known one."""
    before = text[max(0, at - _LOOKED_AT, text.rfind("\n", 0, max(0, at - 300))) : at]
    word = _heading(text, at)
    if word is not None:
        return word
    for slip in _TABLE:
        here, there = slip.before.search(before), slip.after.match(text, at)
        if here and there:
            moved = here.start("at") if "at" in here.groupdict() and here["at"] is not None else len(before)
            words = {k: v for k, v in {**here.groupdict(), **there.groupdict()}.items() if v is not None}
            return Found(
                at - len(before) + moved, slip.remedy.format(**words) if "{word}" in slip.remedy else slip.remedy
            )
    return None


def _heading(text: str, at: int) -> Found | None:
    """A heading in other words, alone in its line: ``assume`` for ``given``, ``QED`` for ``qed``."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = re.fullmatch(
        r"([ \t]*)([A-Za-z']+)[.:]?[ \t]*(#.*)?", text[start : end if end >= 0 else len(text)].rstrip("\r")
    )
    if line is None:
        return None
    word = line[2].lower()
    meant = next(
        (right for right, wrong in _MEANT.items() if word in wrong.split() or (word == right != line[2])), None
    )
    return Found(start + len(line[1]), f"did you mean `{meant}`?") if meant else None


def reserved(text: str, at: int) -> str | None:
    """The word of the language that stands as a name at the beginning of the item before a place."""
    word = re.search(r"(?:\A|\n)[ \t]*([A-Za-z_]\w*)[ \t]*\Z", text[:at])
    return word[1] if word and word[1] in RESERVED else None
