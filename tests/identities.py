"""Random identities, true and false, as theorem texts: the ground on which kernel and referee meet.

Of the moment identities nobody here knows which are true: the right side is the left side's normal form under the
givens, or under givens that were not all stated, or a perturbation of it; the referee finds out by enumeration. The
other kinds come from ``templates``, where the truth is known and the kernel has no part in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from derive.kernel.expand import Expansion
from derive.kernel.facts import theory
from derive.kernel.readout import ratio_term
from derive.kernel.symbols import Unsupported
from derive.language.parser import parse_theorem
from derive.language.printer import term_text
from derive.language.problem import Problem
from derive.language.scope import resolve
from tests.templates import KINDS, drafted

FAMILIES = {
    "W": "W[j] iid for j in 1..n",
    "a": "a[j] iid for j in 1..n",
    "V": "V[i,j] iid for i in 1..m, j in 1..n",
    "u": "u[j] exchangeable for j in 1..n",
    "X": "X random",
    "Y": "Y random",
}


@dataclass(frozen=True)
class Identity:
    """A theorem text, its problem, what kind it is, and whether it is true where that is known."""

    text: str
    problem: Problem
    kind: str
    truth: bool | None = None


def identity(seed: int) -> Identity | None:
    """A random identity, one in two about moments; None where the draw is beyond the kernel's bounds."""
    rng = Random(seed)
    return moments(rng) if rng.random() < 0.5 else templated(rng, rng.choice(sorted(KINDS)))


def templated(rng: Random, kind: str) -> Identity:
    """A theorem of one of the kinds whose truth is known."""
    draft = drafted(kind, rng)
    lines = "".join(f"  {line}\n" for line in draft.givens)
    by = f"  by {draft.by}" if draft.by else ""
    text = f"theorem random-{kind}\ngiven\n{lines}show\n  {draft.claim}{by}\n"
    return Identity(text, resolve(parse_theorem(text)), kind, draft.truth)


def moments(rng: Random) -> Identity | None:
    """An identity between moments of up to three families."""
    names = sorted(rng.sample(sorted(FAMILIES), rng.choice([2, 2, 3])))
    if names == ["X", "Y"]:
        names = ["W", "X"]
    stated = _givens(rng, names)
    left = _left(rng, names)
    believed = stated if rng.random() < 0.6 else [*stated, *_givens(rng, names)]
    right = _normal_form(names, believed, left)
    if right is None:
        return None
    if rng.random() < 0.5:
        right = _perturbed(rng, right)
    text = _theorem(names, stated, f"{left} = {right}")
    return Identity(text, resolve(parse_theorem(text)), "moments")


def _theorem(names: list[str], givens: list[str], claim: str) -> str:
    lines = [FAMILIES[n] for n in names] + ["s positive", *dict.fromkeys(givens)]
    return "theorem random-identity\ngiven\n" + "".join(f"  {line}\n" for line in lines) + f"show\n  {claim}\n"


def _givens(rng: Random, names: list[str]) -> list[str]:
    out: list[str] = []
    if rng.random() < 0.75:
        out.append(f"{', '.join(names)} independent" if len(names) > 2 else f"{names[0]} independent of {names[1]}")
    elif len(names) > 2 and rng.random() < 0.6:
        first = rng.sample(names, 3)
        out.append(
            rng.choice([f"{first[0]} independent of {first[1]}", f"{first[0]} independent of ({first[1]}, {first[2]})"])
        )
    for name in names:
        match rng.choice(["none", "zero", "zero", "symmetric", "variance", "none"]):
            case "zero":
                out.append(f"E({name}) = 0")
            case "symmetric":
                out.append(f"{name} symmetric")
            case "variance":
                out += [f"E({name}) = 0", f"Var({name}) = s^2"] if rng.random() < 0.7 else [f"E({name}^2) = 2*s"]
            case _:
                pass
    return out


def _left(rng: Random, names: list[str]) -> str:
    match rng.choice(["E", "E", "E", "Var", "Cov", "diff"]):
        case "Var":
            return f"Var({_product(rng, names, 2)})"
        case "Cov":
            return f"Cov({_product(rng, names, 2)}, {_product(rng, names, 2)})"
        case "diff":
            return f"E({_product(rng, names, 3)}) - E({_product(rng, names, 1)})*E({_product(rng, names, 2)})"
        case _:
            plus = f" + {_product(rng, names, 2)}" if rng.random() < 0.3 else ""
            power = "^2" if rng.random() < 0.3 else ""
            return f"E(({_product(rng, names, 2 if power else 4)}{plus}){power})"


def _product(rng: Random, names: list[str], degree: int) -> str:
    factors: list[str] = []
    while degree > 0 and (not factors or rng.random() < 0.65):
        text, used = _factor(rng, names, degree)
        factors.append(text)
        degree -= used
    return "*".join(factors)


def _factor(rng: Random, names: list[str], degree: int) -> tuple[str, int]:
    name = rng.choice(names)
    entry, sums = _entry(rng, name)
    kind = rng.random()
    if kind < 0.45 and sums:
        inside, used = entry, 1
        others = [n for n in names if n not in {"X", "Y", name}]
        if degree >= 2 and rng.random() < 0.6:
            other = rng.choice(others) if others and rng.random() < 0.7 else name
            inside, used = f"{entry}*{_with_index(other, 'j')}", 2
        summed = f"sum({inside}, j in 1..n)"
        if "i" in inside.replace("relu", "").replace("sign", "").split("[", 1)[1].split(",")[0]:
            summed = f"sum({summed}, i in 1..m)"
        if used * 2 <= degree and rng.random() < 0.5:
            return f"{summed}^2", used * 2
        return summed, used
    plain = _literal(rng, name)
    if kind < 0.6:
        return rng.choice([f"relu({plain})", f"abs({plain})", f"sign({plain})", f"step({plain})"]), 1
    if degree >= 2 and kind < 0.8:
        return f"{plain}^2", 2
    return plain, 1


def _entry(rng: Random, name: str) -> tuple[str, bool]:
    if name in {"X", "Y"}:
        return name, False
    if name == "V":
        return rng.choice(["V[i,j]", "V[1,j]"]), True
    return f"{name}[j]", True


def _with_index(name: str, index: str) -> str:
    return f"V[1,{index}]" if name == "V" else f"{name}[{index}]"


def _literal(rng: Random, name: str) -> str:
    if name in {"X", "Y"}:
        return name
    if name == "V":
        return rng.choice(["V[1,1]", "V[1,2]", "V[2,1]"])
    return rng.choice([name, f"{name}[1]", f"{name}[2]"])


def _normal_form(names: list[str], believed: list[str], left: str) -> str | None:
    text = _theorem(names, believed, f"{left} = 0")
    problem = resolve(parse_theorem(text))
    known = theory(problem, frozenset(range(len(problem.givens))))
    try:
        ratio = Expansion(problem).expand(problem.steps[0].left)  # type: ignore[arg-type]
        term = ratio_term(known, type(ratio)(known.normalizer.normal(ratio.numerator)))
    except Unsupported:
        return None
    shown = term_text(term)
    return None if len(shown) > 600 else shown


def _perturbed(rng: Random, right: str) -> str:
    changes = [
        f"{right} + 1",
        f"2*({right})",
        right.replace("n*", "(n - 1)*", 1),
        right.replace("n*", "n^2*", 1),
        right.replace("E(", "Var(", 1),
        right.replace("^2", "^4", 1),
        right.replace(" + ", " - ", 1),
        right.replace("(n - 1)", "n", 1),
        f"{right} - s",
    ]
    return rng.choice([c for c in changes if c != right])
