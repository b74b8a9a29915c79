"""The functions that expressions may apply, and the words that nobody may declare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments a function takes, and what kind of random variable comes out of it.

    parity: 1 if f(-x) = f(x), -1 if f(-x) = -f(x), 0 otherwise.
    growth: "bounded", "linear" (|f(x)| <= c (1 + |x|), so that all moments stay finite) or "none".
    """

    fewest: int
    most: int
    parity: int
    growth: str


def _unary(parity: int, growth: str) -> Function:
    return Function(1, 1, parity, growth)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "abs": _unary(1, "linear"),
        "sign": _unary(-1, "bounded"),
        "step": _unary(0, "bounded"),
        "relu": _unary(0, "linear"),
        "leaky_relu": Function(2, 2, 0, "linear"),
        "max": Function(2, 2, 0, "linear"),
        "min": Function(2, 2, 0, "linear"),
        "sqrt": _unary(0, "none"),
        "log": _unary(0, "none"),
        "exp": _unary(0, "none"),
        "sin": _unary(-1, "bounded"),
        "cos": _unary(1, "bounded"),
        "tanh": _unary(-1, "bounded"),
        "atan": _unary(-1, "bounded"),
        "asin": _unary(-1, "none"),
        "erf": _unary(-1, "bounded"),
        "sigmoid": _unary(0, "bounded"),
        "softplus": _unary(0, "linear"),
        "softsign": _unary(-1, "bounded"),
        "gelu": _unary(0, "linear"),
        "silu": _unary(0, "linear"),
        "mish": _unary(0, "linear"),
        "elu": Function(1, 2, 0, "linear"),
        "selu": _unary(0, "linear"),
        "relu6": _unary(0, "bounded"),
        "hard_tanh": _unary(-1, "bounded"),
        "identity": _unary(-1, "linear"),
        "prelu": Function(2, 2, 0, "linear"),
        "squared_relu": _unary(0, "none"),
        "hard_sigmoid": _unary(0, "bounded"),
        "hardswish": _unary(0, "linear"),
        "softshrink": Function(1, 2, -1, "linear"),
        "hardshrink": Function(1, 2, -1, "linear"),
        "threshold": Function(1, 3, 0, "linear"),
        "celu": Function(1, 2, 0, "linear"),
        "gelu_tanh": _unary(0, "linear"),
        "quick_gelu": _unary(0, "linear"),
        "swish": Function(1, 2, 0, "linear"),
        "log_sigmoid": _unary(0, "linear"),
        "lecun_tanh": _unary(-1, "bounded"),
        "tanhshrink": _unary(-1, "linear"),
        "siren": Function(1, 2, -1, "bounded"),
        "gaussian": _unary(1, "bounded"),
        "hermite2": _unary(1, "none"),
        "hermite3": _unary(-1, "none"),
        "hermite4": _unary(1, "none"),
        "hermite5": _unary(-1, "none"),
        "E": Function(1, 1, 0, "none"),
        "Var": Function(1, 1, 0, "none"),
        "Cov": Function(2, 2, 0, "none"),
        "limit": Function(2, 2, 0, "none"),
    }
)

LAWS: Mapping[str, int] = MappingProxyType({"Normal": 2, "Uniform": 2, "Rademacher": 0, "TruncatedNormal": 4})

CONSTANT_NAMES = frozenset({"pi", "infinity"})

WORDS = frozenset(
    "theorem given let show find such that proof qed by iff and for in iid exchangeable random independent of "
    "symmetric real positive nonzero gaussian induction on sum prod".split()
)

RESERVED = WORDS | CONSTANT_NAMES | frozenset(FUNCTIONS) | frozenset(LAWS)


SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys("mean avg average expectation expected expect ex mu exp_value".split(), "E(x)"),
        **dict.fromkeys("variance v d variation vari".split(), "Var(x)"),
        **dict.fromkeys("covariance covar".split(), "Cov(x, y)"),
        **dict.fromkeys("std sd stdev stddev standarddeviation sigma".split(), "sqrt(Var(x))"),
        **dict.fromkeys("ln log2 log10".split(), "log(x), the natural logarithm"),
        **dict.fromkeys("arcsin arsin".split(), "asin(x)"),
        **dict.fromkeys("arctan artan".split(), "atan(x)"),
        **dict.fromkeys("heaviside theta indicator".split(), "step(x), 1 for x > 0 and else 0"),
        **dict.fromkeys("sgn signum".split(), "sign(x)"),
        **dict.fromkeys("square sq".split(), "x^2"),
        **dict.fromkeys("norm norm2 dot".split(), "sum(x[j]^2, j in 1..n)"),
        **dict.fromkeys("logistic".split(), "sigmoid(x)"),
        **dict.fromkeys("phi".split(), "gelu(x)/x, or write the claim with gelu or erf"),
        **dict.fromkeys("p pr prob probability".split(), "E(step(x)): there are no probabilities"),
    }
)

LAW_SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys("n gaussian gauss norm".split(), "Normal(mean, variance): the variance, not the deviation"),
        **dict.fromkeys("u unif rectangular".split(), "Uniform(lo, hi)"),
        **dict.fromkeys("rad sign coin".split(), "Rademacher()"),
        **dict.fromkeys("tn truncnormal truncnorm trunc_normal".split(), "TruncatedNormal(0, s^2, lo, hi)"),
    }
)


def nearest(name: str, known: frozenset[str] | set[str]) -> str:
    """The known names closest to a mistyped one, as a remedy, or an empty text."""
    import difflib

    folded = {k.lower(): k for k in sorted(known)}
    if name.lower() in folded:
        return f"did you mean `{folded[name.lower()]}`?"
    close = difflib.get_close_matches(name.lower(), list(folded), n=3, cutoff=0.6)
    return "did you mean " + " or ".join(f"`{folded[c]}`" for c in close) + "?" if close else ""
