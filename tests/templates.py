"""Random theorems whose truth is known without the kernel: textbook laws with random parts, and their breakages.

Each kind draws a law that holds whatever its parts are, writes it with random parameters, and leaves it alone or breaks
it: by a factor, a term, an exponent, or an assumption that it needs. So half of what comes out is false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Draft:
    """Givens, a claim, and whether it follows. ``by`` is the justification that the claim asks for, if any."""

    givens: tuple[str, ...]
    claim: str
    truth: bool
    by: str = ""


@dataclass(frozen=True)
class Law:
    """What holds: givens, both sides, and ways in which it does not.

    needed: givens without which it is false. wrong: right sides that make it false. nonzero: whether twice the right
    side is wrong too. random: whether the sides are random variables.
    """

    givens: tuple[str, ...]
    left: str
    right: str
    needed: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    nonzero: bool = True
    operator: str = "="
    by: str = ""


def drafted(kind: str, rng: Random) -> Draft:
    """A theorem of a kind: one in two is false."""
    law = KINDS[kind](rng)
    if rng.random() < 0.5:
        return Draft(law.givens, f"{law.left} {law.operator} {law.right}", True, law.by)
    return _broken(rng, law)


def _broken(rng: Random, law: Law) -> Draft:
    faults: list[Draft] = [
        Draft(tuple(g for g in law.givens if g != needed), f"{law.left} {law.operator} {law.right}", False, law.by)
        for needed in law.needed
    ]
    rights = [*law.wrong]
    if law.operator == "=":
        rights += [f"{law.right} + 1", f"{law.right} - 1/3", *([f"2*({law.right})"] if law.nonzero else [])]
    faults += [Draft(law.givens, f"{law.left} {law.operator} {right}", False, law.by) for right in rights]
    return rng.choice(faults)


def _scaled(rng: Random, text: str) -> str:
    return rng.choice([text, f"{rng.choice([2, 3, 5])}*{text}", f"{text}/{rng.choice([2, 3])}"])


# --- constants -------------------------------------------------------------------------------------------------------


def recurrence(rng: Random) -> Law:
    """v[l] = k v[l-1] |- v[L] = k^L v[0], and its like."""
    v, by = rng.choice("vqg"), "induction on L"
    match rng.choice(["power", "power", "widths", "critical", "added", "sums", "moments", "two"]):
        case "power":
            names = rng.choice([("k",), ("n", "s"), ("c", "s")])
            number = rng.choice(["", "", "2*", "3*"])
            factor = number + "*".join(names)
            power = rng.choice([f"({factor})^L", f"({factor})^L"])
            return Law(
                (*(f"{name} positive" for name in names), f"{v}[l] = {factor}*{v}[l-1] for l in 1..L"),
                f"{v}[L]", f"{power}*{v}[0]",
                wrong=(f"({factor})^(L+1)*{v}[0]", f"({factor})^(L-1)*{v}[0]", f"{factor}*L*{v}[0]", f"{power}*{v}[1]"),
                by=by,
            )  # fmt: skip
        case "widths":
            return Law(
                ("n[l] positive for l in 1..L", "s[l] positive for l in 1..L",
                 f"{v}[l] = n[l]*s[l]*{v}[l-1] for l in 1..L"),
                f"{v}[L]", f"prod(n[l]*s[l], l in 1..L)*{v}[0]",
                wrong=(f"(n[1]*s[1])^L*{v}[0]", f"prod(n[l], l in 1..L)*{v}[0]", f"sum(n[l]*s[l], l in 1..L)*{v}[0]"),
                by=by,
            )  # fmt: skip
        case "critical":
            c = rng.choice(["1", "1", "2", "1/2"])
            condition = f"n[l]*s[l] = {c} for l in 1..L"
            return Law(
                ("n[l] positive for l in 1..L", "s[l] positive for l in 1..L", condition,
                 f"{v}[l] = n[l]*s[l]*{v}[l-1] for l in 1..L"),
                f"{v}[L]", f"{v}[0]" if c == "1" else f"({c})^L*{v}[0]", needed=(condition,),
                wrong=(f"n[1]*{v}[0]", f"L*{v}[0]"), by=by,
            )  # fmt: skip
        case "added":
            step = rng.choice(["c", "2*c", "c^2", "c*d"])
            return Law(
                ("c real", "d real", f"{v}[l] = {v}[l-1] + {step} for l in 1..L"),
                f"{v}[L]", f"{v}[0] + L*{step}", wrong=(f"{v}[0] + {step}", f"{v}[0] + (L-1)*{step}"), by=by,
            )  # fmt: skip
        case "sums":
            step = _scaled(rng, "b[l]")
            return Law(
                ("b[l] real for l in 1..L", f"{v}[l] = {v}[l-1] + {step} for l in 1..L"),
                f"{v}[L]", f"{v}[0] + sum({step}, l in 1..L)", wrong=(f"{v}[0] + L*b[1]", f"sum({step}, l in 1..L)"),
                by=by,
            )  # fmt: skip
        case "moments":
            return Law(
                ("a[j] iid for j in 1..n", f"{v}[l] = n*Var(a)*{v}[l-1] for l in 1..L"),
                f"{v}[L]", f"(n*Var(a))^L*{v}[0]", wrong=(f"n*Var(a)^L*{v}[0]", f"n^L*Var(a)*{v}[0]"), by=by,
            )  # fmt: skip
        case _:
            return Law(
                ("k nonzero", "v[l] = k*u[l-1] for l in 1..L", "u[l] = k*v[l-1] for l in 1..L", "u[0] = v[0]"),
                "v[L]", "k^L*v[0]", needed=("u[0] = v[0]",), wrong=("k^(L+1)*u[0]",), by=by,
            )  # fmt: skip


def products(rng: Random) -> Law:
    """Finite products and sums over a range."""
    s, t = ("s[l] positive for l in 1..L", "t[l] positive for l in 1..L")
    c = rng.choice(["2", "3", "c"])
    match rng.randrange(6):
        case 0:
            return Law(("c positive", s), f"prod({c}*s[l], l in 1..L)", f"{c}^L*prod(s[l], l in 1..L)",
                       wrong=(f"{c}*prod(s[l], l in 1..L)", f"L*{c}*prod(s[l], l in 1..L)"))  # fmt: skip
        case 1:
            return Law((s, t), "prod(s[l], l in 1..L)*prod(t[l], l in 1..L)", "prod(s[l]*t[l], l in 1..L)",
                       wrong=("prod(s[l] + t[l], l in 1..L)", "prod(s[l]*t[1], l in 1..L)"))  # fmt: skip
        case 2:
            return Law(("c positive", s), f"sum({c}*s[l] + 1, l in 1..L)", f"{c}*sum(s[l], l in 1..L) + L",
                       wrong=(f"{c}*sum(s[l], l in 1..L) + 1", f"{c}*L*s[1] + L"))  # fmt: skip
        case 3:
            power = rng.choice([2, 3])
            return Law((s,), f"prod(s[l]^{power}, l in 1..L)", f"prod(s[l], l in 1..L)^{power}",
                       wrong=(f"prod(s[l], l in 1..L)^{power + 1}",))  # fmt: skip
        case 4:
            return Law(("X[j] iid for j in 1..n",), "E(prod(X[j], j in 1..n))", "E(X)^n",
                       wrong=("E(X^2)^n", "n*E(X)"))  # fmt: skip
        case _:
            return Law(("X[j] independent for j in 1..n",), "E(prod(X[j]^2, j in 1..n))", "prod(E(X[j]^2), j in 1..n)",
                       wrong=("E(X^2)^n", "prod(E(X[j])^2, j in 1..n)"))  # fmt: skip


# --- inequalities ----------------------------------------------------------------------------------------------------


def inequality(rng: Random) -> Law:
    """Variances and second moments are not negative; Cauchy and Schwarz; a bound that a condition gives."""
    x = rng.choice(["X", "relu(X)", "X*Y", "X + Y", "X^2", "abs(X)"])
    xy = ("X random", "Y random")
    le = "<="
    layer = ("W[j] iid for j in 1..n", "a[j] iid for j in 1..n", "W independent of a", "E(W) = 0", "E(a) = 0")
    match rng.randrange(6):
        case 0:
            return Law(xy, f"E({x})^2", f"E(({x})^2)", operator=le, wrong=(f"E(({x})^2)/2", f"E(({x})^2) - 1/5"))
        case 1:
            return Law(xy, f"Var({x})", f"E(({x})^2)", operator=le, wrong=(f"E(({x})^2)/2", f"E({x})^2"))
        case 2:
            return Law(xy, "E(X*Y)^2", "E(X^2)*E(Y^2)", operator=le, wrong=("E(X)^2*E(Y)^2", "E(X^2)*E(Y^2)/2"))
        case 3:
            condition = "n*Var(W) <= 1"
            return Law((*layer, condition), "Var(sum(W[j]*a[j], j in 1..n))", "Var(a)", operator=le,
                       needed=(condition, "W independent of a"), wrong=("Var(a)/2", "n*Var(W)"))  # fmt: skip
        case 4:
            return Law(("q positive", "q <= 1", "X random"), f"q*E(({'X'})^2)", "E(X^2)", operator=le,
                       needed=("q <= 1",), wrong=("E(X^2)/2",))  # fmt: skip
        case _:
            return Law(xy, "-Var(X) - Var(Y)", "2*Cov(X, Y)", operator=le, wrong=("Cov(X, Y)*5", "-Var(X) - 2*Var(Y)"))


# --- conditional expectations ----------------------------------------------------------------------------------------


def _polynomial(rng: Random, names: str) -> str:
    """A polynomial in some random variables, with each of them in it."""
    parts = [f"{rng.choice(['', '2*', '3*'])}{n}{rng.choice(['', '', '^2'])}" for n in names]
    together = rng.choice(["*".join(names), f"{names[0]}^2*{names[-1]}", f"relu({names[0]})*{names[-1]}"])
    return rng.choice([together, f"{together} + {parts[0]}", f"{together} - {parts[-1]}"])


def conditional(rng: Random) -> Law:
    """The tower rule, total variance, what is known comes out, layers given their inputs."""
    three = ("X random", "Y random", "Z random")
    t = _polynomial(rng, rng.choice(["XY", "XZ", "XYZ"]))
    f = rng.choice(["Y", "Y^2", "relu(Y)", "(1 + Y)", "sign(Y)"])
    n = rng.choice([2, 3])
    match rng.randrange(9):
        case 0:
            return Law(three, f"E(E({t} | Y))", f"E({t})", wrong=(f"E(({t})^2)",), nonzero=True)
        case 1:
            return Law(three, f"Var({t})", f"E(Var({t} | Y)) + Var(E({t} | Y))",
                       wrong=(f"E(Var({t} | Y))", f"Var(E({t} | Y))", f"E(Var({t} | Y))/2"))  # fmt: skip
        case 2:
            return Law(three, f"E({f}*X | Y)", f"{f}*E(X | Y)", wrong=(f"{f}*E(X)", "E(X | Y)", f"E({f})*E(X | Y)"))
        case 3:
            return Law(three, "E(E(X | Y, Z) | Z)", "E(X | Z)", wrong=("E(X | Z)^2", "E(X)"))
        case 4:
            return Law((*three, "X independent of Y"), f"E(X^{n} | Y)", f"E(X^{n})", needed=("X independent of Y",),
                       wrong=(f"E(X)^{n}",))  # fmt: skip
        case 5:
            return Law(three, "Cov(X, Z)", "E(Cov(X, Z | Y)) + Cov(E(X | Y), E(Z | Y))",
                       wrong=("E(Cov(X, Z | Y))", "Cov(E(X | Y), E(Z | Y))"))  # fmt: skip
        case 6:
            return Law(three, f"E(E(X | Y)*{f})", f"E(X*{f})", wrong=(f"E(X)*E({f})", f"E(X*{f}^2)"))
        case _:
            kind = rng.choice(["iid", "exchangeable"])
            givens = ("W[j] iid for j in 1..n", f"a[j] {kind} for j in 1..n", "W independent of a", "E(W) = 0")
            z, square = "sum(W[j]*a[j], j in 1..n)", "sum(a[j]^2, j in 1..n)"
            match rng.randrange(3):
                case 0:
                    return Law(givens, f"E({z}^2 | a)", f"Var(W)*{square}", needed=("E(W) = 0", "W independent of a"),
                               wrong=("Var(W)*sum(a[j], j in 1..n)^2", "n*Var(W)*E(a^2)"))  # fmt: skip
                case 1:
                    return Law(givens, f"Var({z} | a)", f"Var(W)*{square}", needed=("W independent of a",),
                               wrong=("E(W^2)*sum(a[j]^2, j in 1..n)/2", "Var(W)*sum(a[j]^4, j in 1..n)"))  # fmt: skip
                case _:
                    return Law(givens, f"Var({z})", f"Var(W)*E({square})", needed=("E(W) = 0",),
                               wrong=("Var(W)*E(a)^2*n", f"E(W^4)*E({square})"))  # fmt: skip


# --- laws that differ from entry to entry ----------------------------------------------------------------------------


def unequal(rng: Random) -> Law:
    """Sums of independent entries, each with its own law."""
    x = "X[j] independent for j in 1..n"
    f = rng.choice(["X[j]", "X[j]^2", "abs(X[j])", "relu(X[j])", "2*X[j]"])
    first = f.replace("[j]", "[1]")
    s = f"sum({f}, j in 1..n)"
    zero = "E(X[j]) = 0 for j in 1..n"
    plain = "sum(X[j], j in 1..n)"
    match rng.randrange(7):
        case 0:
            return Law((x,), f"Var({s})", f"sum(Var({f}), j in 1..n)", wrong=(f"n*Var({first})", f"n^2*Var({first})"))
        case 1:
            return Law((x,), f"E({s})", f"sum(E({f}), j in 1..n)", wrong=(f"n*E({first})",))
        case 2:
            return Law((x, zero), f"E({plain}^2)", "sum(E(X[j]^2), j in 1..n)", needed=(zero,), wrong=("n*E(X^2)",))
        case 3:
            return Law((x, zero), f"E({plain}^3)", "sum(E(X[j]^3), j in 1..n)", needed=(zero,), wrong=("0", "n*E(X^3)"))
        case 4:
            return Law((x, "X symmetric"), f"E({plain}^3)", "0", needed=("X symmetric",), nonzero=False)
        case 5:
            variances = "Var(X[j]) = s[j] for j in 1..n"
            return Law((x, "s[j] positive for j in 1..n", variances), f"Var({plain})", "sum(s[j], j in 1..n)",
                       needed=(variances,), wrong=("n*s[1]", "sum(s[j]^2, j in 1..n)"))  # fmt: skip
        case _:
            apart = "X independent of a"
            return Law((x, zero, "a[j] iid for j in 1..n", apart), "Var(sum(X[j]*a[j], j in 1..n))",
                       "E(a^2)*sum(Var(X[j]), j in 1..n)", needed=(zero, apart),
                       wrong=("Var(a)*sum(Var(X[j]), j in 1..n)", "n*E(a^2)*Var(X)"))  # fmt: skip


# --- functions of sums -----------------------------------------------------------------------------------------------


def layers(rng: Random) -> Law:
    """W symmetric and independent of a: sum W a is symmetric, so half of it is positive; two layers of it."""
    kind = rng.choice(["iid", "exchangeable"])
    one = ("W[j] iid for j in 1..n", f"a[j] {kind} for j in 1..n", "W independent of a", "W symmetric")
    z = "sum(W[j]*a[j], j in 1..n)"
    two = ("V[i] iid for i in 1..m", "W[i,j] iid for i in 1..m, j in 1..n", f"a[j] {kind} for j in 1..n",
           "V, W, a independent", "V symmetric", "W symmetric")  # fmt: skip
    inner = "sum(W[i,j]*a[j], j in 1..n)"
    needed = ("W symmetric",)
    match rng.randrange(9):
        case 0:
            return Law(one, f"E(relu({z})^2)", f"E({z}^2)/2", needed=needed, wrong=(f"E({z}^2)/3", f"Var(relu({z}))"))
        case 1:
            return Law(one, f"E(relu({z}))", f"E(abs({z}))/2", needed=needed, wrong=("0",))
        case 2:
            return Law(one, f"E(sign({z}))", "0", needed=needed, nonzero=False)
        case 3:
            return Law(one, f"E({z}*relu({z}))", "n*Var(W)*E(a^2)/2", needed=needed, wrong=("n*Var(W)*E(a)^2/2",))
        case 4:
            return Law(one, f"E(relu({z})^4)", f"E({z}^4)/2", needed=needed, wrong=(f"E({z}^4)/4",))
        case 5:
            return Law(one, f"E(abs({z})^2)", "n*Var(W)*E(a^2)", wrong=("n*Var(W)*Var(a)",))
        case 6:
            s = f"sum(V[i]*relu({inner}), i in 1..m)"
            return Law(two, f"Var({s})", "m*n*Var(V)*Var(W)*E(a^2)/2", wrong=("m*n*Var(V)*Var(W)*Var(a)/2",
                       "m*n*Var(V)*Var(W)*E(a^2)/4", "n*Var(V)*Var(W)*E(a^2)/2"))  # fmt: skip
        case 7:
            s = f"sum(V[i]*abs({inner}), i in 1..m)"
            return Law(two, f"E({s}^2)", "m*n*Var(V)*Var(W)*E(a^2)", wrong=("m*n*Var(V)*Var(W)*E(a^2)/2",))
        case _:
            s = f"sum(V[i]*sign({inner}), i in 1..m)"
            return Law(two, f"E({s})", "0", nonzero=False)


# --- claims joined by `and` ------------------------------------------------------------------------------------------


def conjunction(rng: Random) -> Law:
    """Mean and second moment of a layer, in one theorem."""
    givens = ("W[i,j] iid for i in 1..m, j in 1..n", "a[j] iid for j in 1..n", "W independent of a", "E(W) = 0")
    z = "sum(W[1,j]*a[j], j in 1..n)"
    more, wrong = rng.choice(
        [
            (f"Var({z}) = n*Var(W)*E(a^2)", f"Var({z}) = n*Var(W)*Var(a)"),
            (f"Cov({z}, sum(W[2,j]*a[j], j in 1..n)) = 0", f"Cov({z}, sum(W[2,j]*a[j], j in 1..n)) = E(W^2)"),
            (f"E({z}^3) = n*E(W^3)*E(a^3)", f"E({z}^3) = 0"),
        ]
    )
    return Law(givens, f"E({z})", f"0 and {more}", needed=("E(W) = 0",), nonzero=False, wrong=(f"0 and {wrong}",))


KINDS: Mapping[str, Callable[[Random], Law]] = {
    "recurrence": recurrence,
    "products": products,
    "inequality": inequality,
    "conditional": conditional,
    "unequal": unequal,
    "layers": layers,
    "conjunction": conjunction,
}
