"""Fuzz of what a user may write for an activation: ``python -m tests.fuzz --count 1000000 --seed 0``.

Every text is read or refused with a ``LanguageError``, within 0.2 s of processor time, without side effect: an audit
hook sees each file, process, connection, import and compilation that reading would cause. Four kinds of texts take
turns: pieces of the language at random, sentences of the grammar, those with characters changed, code and stray ones.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from random import Random

from derive.gaussian import Activation, names, read
from derive.language.errors import LanguageError

SECONDS = 0.2
EFFECTS = ("open", "os.", "subprocess.", "socket.", "exec", "compile", "import", "shutil.", "ctypes.")
SIGNS = "z z z 1 2 0.5 pi ( ) ( ) + - * / ^ , w | [ ] = < . ' \" _ __import__ # \\".split()
ONE = """exp log sqrt sin cos tanh atan asin erf abs sign step relu sigmoid softplus gelu silu mish elu selu relu6
hard_tanh softsign hardswish siren gaussian hermite3""".split()
PIECES = [*SIGNS, *(f"{f}(" for f in "exp log sqrt relu max tanh sign mish elu E".split()), " ", "\n"]
CODE = """__import__('os').system('id')|open('x','w')|exec("1")|eval(z)|z.__class__|lambda z: z|[z for z in ()]|{z}|`id`
z; import os|print(z)|$(id)|%s%n|z if z else 0|getattr(z, 'x')|0x1f*z|1e400*z|z//2|z**z|not z|None|z[0]|"z"*9""".split(
    "|"
)
STRAY = [*map(chr, range(32, 127)), "\0", "\t", "\n", "\u0437", "\u2212", "\u00b2", "\U0001d467", "\u202e", "\x7f"]


def text_of(seed: int) -> str:
    """The text of a seed."""
    random = Random(seed)
    match seed % 4:
        case 0:
            return "".join(random.choice(PIECES) for _ in range(random.randint(1, 14)))
        case 1:
            return _sentence(random, random.randint(0, 4))
        case 2:
            return _changed(random, _sentence(random, random.randint(0, 3)))
        case _:
            pool = [*CODE, *names(), *STRAY, *STRAY]
            return "".join(random.choice(pool) for _ in range(random.randint(1, 12)))


def _sentence(random: Random, depth: int) -> str:
    if depth == 0:
        return random.choice(["z", "z", "z", str(random.randint(0, 9)), f"{random.random():.3f}", "pi", "10^60", "1/3"])
    parts = [_sentence(random, random.randint(0, depth - 1)) for _ in range(3)]
    return random.choice(
        [
            f"{random.choice(ONE)}({parts[0]})",
            f"{random.choice(ONE)}({parts[0]})",
            f"({parts[0]}) + {parts[1]}",
            f"{parts[0]} - ({parts[1]})*{parts[2]}",
            f"({parts[0]})*({parts[1]})",
            f"({parts[0]})/(1 + ({parts[1]})^2)",
            f"({parts[0]})/({parts[1]})",
            f"({parts[0]})^{random.randint(-3, 70)}",
            f"({parts[0]})^({parts[1]})",
            f"max({parts[0]}, {parts[1]})",
            f"-({parts[0]})",
        ]
    )


def _changed(random: Random, text: str) -> str:
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice(["", random.choice(STRAY)]) + text[at + random.randint(0, 2) :]
    return text


def outcome(text: str) -> tuple[str, float]:
    """What becomes of a text, and the processor time that it took. Other exceptions than refusals are faults."""
    before = time.process_time()
    try:
        kind = "read" if isinstance(read(text), Activation) else "neither"
    except LanguageError as error:
        kind = "refused" if error.message else "refused without a word"
    return kind, time.process_time() - before


def main(arguments: list[str]) -> int:
    """Run, print the figures, and say by the exit status whether nothing was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    for text in (*names(), "z*(1", "z = 1", "w", "2^z", "abs(z)/(1+z^2)", "__import__", "gelu(log(1+z^2))", "\u0437"):
        outcome(text)  # what is imported late is imported now
    effects = Counter[str]()
    sys.addaudithook(lambda event, _: effects.update([event]) if event.startswith(EFFECTS) else None)
    kinds, faults, slowest = Counter[str](), list[str](), (0.0, "")
    for seed in range(options.seed, options.seed + options.count):
        text = text_of(seed)
        try:
            kind, seconds = outcome(text)
        except Exception as error:
            kind, seconds = f"raised {type(error).__name__}", 0.0
        kinds[kind] += 1
        slowest = max(slowest, (seconds, text))
        if kind not in {"read", "refused"} or seconds > SECONDS:
            faults.append(f"{kind} after {seconds:.2f} s: {text!r}")
    counts = ", ".join(f"{n:,} {kind}" for kind, n in sorted(kinds.items()))
    print(f"{options.count:,} texts: {counts}; slowest {slowest[0]:.3f} s: {slowest[1]!r}")
    print(f"side effects: {dict(effects) or 'none'}")
    for fault in faults[:20]:
        print(fault)
    return 1 if faults or effects else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
