"""Random citations: a true theorem, and another one that cites it with other names, givens and meanings.

The theorem cited is a moment identity that the kernel proves. The one that cites says the same of other variables: of
families of the same kind, of a weaker or a stronger one, of one family in place of two, of functions of families that
keep or break what was assumed; and of the givens some are forgotten. So its claim is often false, and then it must not
be proved, whatever it cites.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from derive.language.document import Statement, read_document
from tests.identities import FAMILIES, moments

PLAIN, MANY, GRID = "X random", "{}[j] {} for j in 1..n", "{}[i,j] {} for i in 1..m, j in 1..n"
KINDS = ("iid", "exchangeable", "independent")


@dataclass(frozen=True)
class Citation:
    """A document of two theorems, the second of which cites the first."""

    text: str
    first: Statement
    second: Statement


def citation(seed: int) -> Citation | None:
    """A random citation; None where the draw is beyond bounds or not well-formed."""
    rng = Random(seed)
    drawn = moments(rng)
    if drawn is None:
        return None
    theorem = drawn.text.replace("theorem random-identity", "theorem cited")
    text = f"```derive\n{theorem}```\n\n```derive\n{_citing(rng, theorem)}```\n"
    parts = read_document(text)
    if len(parts) != 2 or not all(isinstance(p, Statement) for p in parts):
        return None
    first, second = parts
    return Citation(text, first, second) if isinstance(first, Statement) and isinstance(second, Statement) else None


def _citing(rng: Random, theorem: str) -> str:
    names = [n for n in FAMILIES if FAMILIES[n] in theorem]
    givens: list[str] = []
    let: list[str] = []
    images: dict[str, str] = {}
    base: dict[str, str] = {}  # the declared family that an image is made of
    for name in names:
        same = [o for o in images if _arity(o) == _arity(name)]
        if same and rng.random() < 0.12:
            images[name], base[name] = images[same[0]], base[same[0]]
            continue
        images[name] = base[name] = f"{name}x"
        if rng.random() < 0.4:
            base[name] = f"{name}y"
            let.append(_derived(rng, name))
        givens.append(_declared(rng, name, base[name]))
    stated = [line.strip() for line in theorem.split("show")[0].split("\n")[2:] if line.strip()]
    for line in stated:
        if line not in FAMILIES.values() and (line == "s positive" or rng.random() < 0.85):
            givens.append(_renamed(line, base))
    if rng.random() < 0.5:
        declared = list(dict.fromkeys(base.values()))
        givens += [f"{', '.join(declared)} independent"] if len(declared) > 1 else []
    givens = [g for g in dict.fromkeys(givens) if not _says_nothing(g)]
    claim = _renamed(theorem.split("show\n")[1].strip(), images)
    bound = ", ".join(f"{n} = {images[n]}" for n in names)
    lines = ["theorem citing", "given", *(f"  {g}" for g in givens)]
    lines += ["let", *(f"  {d}" for d in let)] if let else []
    return "\n".join([*lines, "show", f"  {claim}  by theorem cited with {bound}"]) + "\n"


def _arity(name: str) -> int:
    return {"X": 0, "Y": 0, "V": 2}.get(name, 1)


def _declared(rng: Random, name: str, called: str) -> str:
    if not _arity(name):
        return f"{called} random"
    own = FAMILIES[name].split()[1]
    kind = own if rng.random() < 0.75 else rng.choice(KINDS)
    return (MANY if _arity(name) == 1 else GRID).format(called, kind)


def _derived(rng: Random, name: str) -> str:
    """A definition that keeps what a declaration says, or does not."""
    here = {0: "", 1: "[j]", 2: "[i,j]"}[_arity(name)]
    first = {0: "", 1: "[1]", 2: "[1,1]"}[_arity(name)]
    row = {0: "", 1: "[j]", 2: "[1,j]"}[_arity(name)]
    y = f"{name}y"
    kept = [f"{y}{here}", f"(-{y}{here})", f"2*{y}{here}", f"{y}{here}^3", f"s*{y}{here}"]
    broken = [f"{y}{row}", f"{y}{here}*{y}{first}", f"{y}{here} + {y}{first}", f"{y}{here} + 1"]
    body = rng.choice([*kept, *broken, f"abs({y}{here})", f"relu({y}{here})"])
    return f"{name}x{here} = {body}"


def _renamed(text: str, names: dict[str, str]) -> str:
    return re.sub(r"\b[A-Za-z]\b", lambda m: names.get(m[0], m[0]), text)


def _says_nothing(given: str) -> bool:
    """An independence that names a family twice, once two names stand for one."""
    if "independent" not in given or " for " in given:
        return False
    names = re.findall(r"\b[A-Za-z][xy]\b", given)
    return len(set(names)) < len(names)
