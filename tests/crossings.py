"""Random claims across the features of the language: one expression beside a small change of it.

Nobody here knows which of them are true. A change renames an index, swaps families, moves a factor in or out of an
expectation, a sum or a condition; what the kernel proves, the referee must not be able to refute.
"""

from __future__ import annotations

from random import Random

FAMILIES = {
    "W": ("W[i,j] iid for i in 1..m, j in 1..n", ("m", "n")),
    "Q": ("Q[i,j] iid for i in 1..n, j in 1..n", ("n", "n")),
    "E2": ("E2[i,j] exchangeable for i in 1..m, j in 1..n", ("m", "n")),
    "a": ("a[j] iid for j in 1..n", ("n",)),
    "u": ("u[j] exchangeable for j in 1..n", ("n",)),
    "p": ("p[j] independent for j in 1..n", ("n",)),
    "X": ("X random", ()),
    "Y": ("Y random", ()),
}
CONSTANTS = {
    "s": ("s[j] real for j in 1..n", ("n",)),
    "t": ("t[j] positive for j in 1..n", ("n",)),
    "c": ("c real", ()),
}
INDICES = {"m": ("i", "k"), "n": ("j", "l")}


def claim(seed: int) -> str:
    """A random theorem as text."""
    rng = Random(seed)
    names = rng.sample(sorted(FAMILIES), rng.choice([1, 2, 2, 3]))
    constants = rng.sample(sorted(CONSTANTS), rng.choice([0, 0, 1, 2]))
    left = side(rng, names, constants)
    right = left if rng.random() < 0.1 else changed(rng, left, names)
    if rng.random() < 0.4:
        right = changed(rng, right, names)
    operator = rng.choice(["=", "=", "=", "=", "<="])
    lines = [FAMILIES[n][0] for n in names] + [CONSTANTS[c][0] for c in constants] + facts(rng, names, constants)
    return "theorem crossed\ngiven\n" + "".join(f"  {x}\n" for x in lines) + f"show\n  {left} {operator} {right}\n"


def facts(rng: Random, names: list[str], constants: list[str]) -> list[str]:
    """Independence, symmetry, laws, and moment facts, some of them at every index."""
    out: list[str] = []
    if len(names) > 1 and rng.random() < 0.7:
        out.append(f"{', '.join(names)} independent" if len(names) > 2 else f"{names[0]} independent of {names[1]}")
    for name in names:
        every = f"{name}[{','.join(INDICES[r][s % 2] for s, r in enumerate(FAMILIES[name][1]))}]".replace("[]", "")
        first = f"{name}[{','.join('1' for _ in FAMILIES[name][1])}]".replace("[]", "")
        kinds = ["zero", "symmetric", "none", "none", "second", "pair", "law", "conditioned"]
        match rng.choice(kinds):
            case "zero":
                out.append(f"E({every}) = 0{ranges(every)}")
            case "symmetric":
                out.append(f"{name} symmetric")
            case "second":
                out.append(f"E({every}^2) = {rng.choice(['1', '2', 'E(' + every + ')'])}{ranges(every)}")
            case "pair":
                out.append(f"E({every}*{first}) {rng.choice(['= 1', '= 0', '>= 1'])}{ranges(every)}")
            case "law":
                out.append(f"{name} ~ {rng.choice(['Normal(0, 1)', 'Uniform(-1, 1)', 'Rademacher()', 'Normal(1, 2)'])}")
            case "conditioned" if "t" in constants and name in "ap":
                out.append(f"E({name}[j]^2) = {rng.choice(['t[j]', 'sqrt(t[j])', 't[j]^2', 't[1]'])} for j in 1..n")
            case _:
                pass
    return out


def ranges(text: str) -> str:
    """``for j in 1..n`` for the indices that occur in an entry."""
    inside = text.partition("[")[2].rstrip("]").split(",") if "[" in text else []
    found = [
        f"{x} in 1..{'m' if x in INDICES['m'] and not text.startswith('Q') else 'n'}" for x in dict.fromkeys(inside)
    ]
    return f" for {', '.join(found)}" if found else ""


def side(rng: Random, names: list[str], constants: list[str]) -> str:
    """A deterministic expression."""
    match rng.randrange(9):
        case 0:
            return f"Var({product(rng, names, constants, 2)})"
        case 1:
            return f"Cov({product(rng, names, constants, 2)}, {product(rng, names, constants, 2)})"
        case 2:
            given = rng.choice(names)
            return f"E(E({product(rng, names, constants, 2)} | {given})*{factor(rng, [given], constants)})"
        case 3:
            given = rng.choice(names)
            return f"E(Var({product(rng, names, constants, 2)} | {given}))"
        case 4:
            return f"E({product(rng, names, constants, 2)})*E({product(rng, names, constants, 2)})"
        case 5:
            inner = product(rng, names, constants, 2, free="l")
            return rng.choice([f"sum(E({inner}), l in 1..n)", f"prod(1 + E({inner})^2, l in 1..n)",
                               f"prod(sqrt(1 + E({inner})^2), l in 1..n)"])  # fmt: skip
        case 6:
            function = rng.choice(["relu", "abs", "sign", "tanh", "step"])
            return f"E({function}({summed(rng, names, constants)})*{factor(rng, names, constants)})"
        case _:
            return f"E({product(rng, names, constants, 3)})"


def product(rng: Random, names: list[str], constants: list[str], most: int, free: str = "") -> str:
    """A product of factors."""
    return "*".join(factor(rng, names, constants, free) for _ in range(rng.randint(1, most)))


def factor(rng: Random, names: list[str], constants: list[str], free: str = "") -> str:
    """An entry, its square or a function of it, or a sum."""
    if rng.random() < 0.4 and any(FAMILIES[n][1] for n in names):
        power = rng.choice(["", "", "^2"])
        return f"{summed(rng, names, constants)}{power}"
    if constants and rng.random() < 0.25:
        return entry(rng, rng.choice(constants), CONSTANTS, free)
    plain = entry(rng, rng.choice(names), FAMILIES, free)
    return rng.choice([plain, plain, f"{plain}^2", f"abs({plain})", f"relu({plain})", f"sign({plain})"])


def summed(rng: Random, names: list[str], constants: list[str]) -> str:
    """A sum over j in 1..n of one or two entries."""
    inside = [entry(rng, rng.choice(names), FAMILIES, "j")]
    if rng.random() < 0.6:
        inside.append(
            entry(rng, *rng.choice([(rng.choice(names), FAMILIES), *((c, CONSTANTS) for c in constants)]), "j")
        )
    return f"sum({'*'.join(inside)}, j in 1..n)"


def entry(rng: Random, name: str, table: dict[str, tuple[str, tuple[str, ...]]], free: str = "") -> str:
    """An entry at literals, or at an index that runs to n."""
    places = [free if r == "n" and free and rng.random() < 0.8 else rng.choice("112") for r in table[name][1]]
    return f"{name}[{','.join(places)}]" if places else name


def changed(rng: Random, text: str, names: list[str]) -> str:
    """The expression after a small change."""
    swap = dict(zip(names, names[1:] + names[:1], strict=True))
    same = [n for n in names if len(FAMILIES[n][1]) == len(FAMILIES[swap[n]][1]) and swap[n] != n]
    changes = [
        text.replace("[1]", "[2]", 1),
        text.replace("[2]", "[1]", 1),
        text.replace("[1,1]", "[2,1]", 1),
        text.replace("[1,2]", "[2,1]", 1),
        text.replace("[j]", "[1]", 1),
        text.replace("[1,j]", "[2,j]"),
        text.replace("[j,1]", "[1,j]"),
        text.replace("^2", "", 1),
        text.replace("relu(", "abs(", 1) + "/2",
        text.replace("*", ")*E(", 1) if text.startswith("E(") and text.count("(") == 1 else text,
        f"{text}*n/n",
        f"-({text})",
        "0",
        "1",
        *(text.replace(n + "[", "#[").replace(swap[n] + "[", n + "[").replace("#[", swap[n] + "[") for n in same),
    ]
    return rng.choice([c for c in changes if c != text])
