"""Characters that are not plain ASCII: which one it is, and what to write in its place."""

from __future__ import annotations

from derive.language.errors import LanguageError

_WRITTEN = {
    **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d", "-"),
    **dict.fromkeys("\u00b7\u22c5\u2217\u00d7\u2219\u2022", "*"),
    **dict.fromkeys("\u00f7\u2215\u2044", "/"),
    **dict.fromkeys("\u223c\u02dc\uff5e", "~"),
    "\u2264": "<=",
    "\u2265": ">=",
    "\u21d4": "iff",
    "\u27fa": "iff",
    "\u221e": "infinity",
    "\u03c0": "pi",
    "\u221a": "sqrt(x)",
    "\u2211": "sum(x, j in 1..n)",
    "\u03a3": "sum(x, j in 1..n), or Sigma",
    "\u220f": "prod(x, l in 1..L)",
    "\U0001d53c": "E",
    "\u2026": "..",
    "\u2225": "abs(x)",
    "\u27c2": "independent of",
    "\u2aeb": "independent of",
}
_SUPERSCRIPTS = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
_SUBSCRIPTS = "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089"


def refuse(text: str, at: int) -> LanguageError:
    """The error of a text that has a foreign or a control character at a place."""
    import unicodedata

    character = text[at]
    name = unicodedata.name(character, "a control character")
    comment = "#" in text[text.rfind("\n", 0, at) + 1 : at]
    shown = f"'{character}' " if character.isprintable() else ""
    found = f"the character {shown}(U+{ord(character):04X}, {name}) is not plain ASCII"
    return LanguageError(found, _remedy(character, name, comment=comment), at)


def _remedy(character: str, name: str, *, comment: bool) -> str:
    import unicodedata

    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode().strip()
    if comment:
        said = f"`{plain}`" if plain else "ASCII letters, digits and signs"
        return f"comments in a block are ASCII too: write {said}, or say it outside of the block"
    if character in _WRITTEN:
        return f"write `{_WRITTEN[character]}`"
    if character in _SUPERSCRIPTS:
        return f"write `^{_SUPERSCRIPTS.index(character)}`"
    if character in _SUBSCRIPTS:
        return f"an index stands in brackets: write `[{_SUBSCRIPTS.index(character)}]`"
    if name.startswith("GREEK "):
        letter = name.split()[3].lower() if len(name.split()) > 3 else ""
        return f"write its name: `{letter.capitalize() if 'CAPITAL' in name else letter}`"
    if "SPACE" in name or not character.isprintable():
        return "it cannot be seen; delete it, and write a plain space if there has to be one"
    if "QUOTATION" in name or "APOSTROPHE" in name:
        return "leave the quotation marks out"
    if name.startswith(("CYRILLIC", "FULLWIDTH", "MATHEMATICAL")) or "LETTER" in name:
        return f"write the ASCII letter that was meant{f', `{plain}`' if plain else ''}; it may look the same"
    return f"write `{plain}`" if plain else "write it with ASCII letters, digits and signs"
