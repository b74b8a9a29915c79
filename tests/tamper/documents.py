"""Documents for the fuzz of the reader: mutations of real ones that know the grammar, and its pieces at random."""

from __future__ import annotations

import re
from random import Random

from derive.language.printer import theorem_text
from tests.tamper.byte_changes import CHANGES
from tests.tamper.subjects import ROOT, statements

_TOKEN = re.compile(r"\.\.|[<>]=|[A-Za-z_][A-Za-z0-9_-]*|\d+|[^\sA-Za-z0-9_]|\n[ \t]*|[ \t]+")
WORDS = (
    *("theorem", "given", "let", "show", "find", "proof", "qed", "by", "iid", "exchangeable", "random", "independent"),
    *("of", "symmetric", "real", "positive", "nonzero", "for", "in", "iff", "and", "such", "that", "on", "induction"),
    *("gaussian", "E", "Var", "Cov", "sum", "prod", "limit", "Normal", "Uniform", "TruncatedNormal", "Rademacher"),
    *("relu", "abs", "sqrt", "exp", "log", "tanh", "max", "step", "leaky_relu", "pi", "infinity", "~", "^", "*", "/"),
    *(
        "+",
        "-",
        "=",
        "<",
        "<=",
        ">",
        "(",
        ")",
        "[",
        "]",
        ",",
        "..",
        "1",
        "0",
        "2",
        "64",
        "65",
        "0.1",
        "i",
        "j",
        "n",
        "W",
    ),
    *("|", "#", "\n", "\n  ", "```", "```derive", "```derive refuted\n", "~~~", "<!--", "-->", "<div>", "> ", "\t"),
    *("\u0430", "\u2212", "\xa0", "\r", "\r\n", "\0", "9" * 101, "((((((((", "a" * 300, "1..n", "1..99999999", "\\"),
)


def mutated(rng: Random) -> bytes:
    """A document of the project with a few tokens dropped, repeated, swapped or replaced, and perhaps its bytes."""
    text = rng.choice(_sources(rng))
    tokens = _TOKEN.findall(text)
    for _ in range(rng.randrange(1, 8)):
        k = rng.randrange(len(tokens))
        match rng.randrange(6):
            case 0:
                del tokens[k]
            case 1:
                tokens.insert(k, rng.choice(WORDS))
            case 2:
                tokens[k] = rng.choice(WORDS)
            case 3:
                j = rng.randrange(len(tokens))
                tokens[j], tokens[k] = tokens[k], tokens[j]
            case 4:
                tokens[k:k] = tokens[k : k + rng.randrange(1, 40)] * rng.choice((1, 1, 2, 50))
            case _:
                other = _TOKEN.findall(theorem_text(rng.choice(statements()).theorem))
                tokens[k : k + rng.randrange(5)] = other[: rng.randrange(1, 60)]
        tokens = tokens or ["theorem"]
    data = "".join(tokens).encode("utf-8", errors="surrogatepass")
    if len(data) > 1 and rng.random() < 0.3:
        change = rng.choice([c for name, c in CHANGES.items() if name != "other encoding"])
        data = change(data, rng)
    return data


def _sources(rng: Random) -> list[str]:
    theorem = theorem_text(rng.choice(statements()).theorem)
    page = rng.choice(sorted((ROOT / "tests" / "examples").glob("*.md"))).read_text(encoding="utf-8")
    return [f"```derive\n{theorem}```\n", page, f"{page}\n```derive\n{theorem}```\n"]


def random_pieces(rng: Random) -> bytes:
    """A block of random words of the language, perhaps never closed."""
    words = [rng.choice(WORDS) for _ in range(rng.randrange(1, 120))]
    end = "\n```\n" if rng.random() < 0.8 else ""
    return f"```derive\ntheorem t\n{' '.join(words)}{end}".encode("utf-8", errors="surrogatepass")
