"""Words for what the page shows: a sentence for each regime and initialization, and the theorems that explain it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from derive.lab.regimes import Regime

Because = tuple[str, str]  # a theorem of the library, and what it explains here

_RULES: Mapping[str, tuple[Because, ...]] = MappingProxyType(
    {
        "relu": (
            ("he-rule", "the weight variance that keeps the signal"),
            ("relu-growth", "growth by one factor a layer"),
            ("he-backward-rule", "the same for gradients"),
            ("relu-second-moment", "why half is lost"),
        ),
        "leaky_relu": (
            ("leaky-relu-rule", "the weight variance that keeps the signal"),
            ("backward-variance", "what a layer does to gradients"),
        ),
        "identity": (
            ("forward-rule", "the weight variance that keeps the signal"),
            ("linear-growth", "growth by one factor a layer"),
            ("depth-product", "many layers at once"),
            ("depth-product-backward", "the same for gradients"),
        ),
        "tanh": (
            ("tanh-is-nearly-linear", "why 1/n almost fits"),
            ("forward-rule", "Xavier's rule"),
            ("preactivation-second-moment", "what a layer does to the signal"),
        ),
        "sigmoid": (
            ("sigmoid-under-xavier", "why 1/n does not fit"),
            ("mean-is-kept", "what its mean does"),
            ("preactivation-second-moment", "what a layer does to the signal"),
        ),
    }
)
_ANY: tuple[Because, ...] = (
    ("preactivation-second-moment", "what a layer does to the signal"),
    ("gaussian-limit", "why z is Gaussian in wide layers"),
    ("backward-variance", "what a layer does to gradients"),
)
_INITS: Mapping[str, tuple[str, tuple[Because, ...]]] = MappingProxyType(
    {
        "zero": (
            "Every weight is 0: all units of a layer compute the same and receive the same gradient, for ever.",
            (("equal-weights-equal-units", "why units stay equal"),),
        ),
        "constant": (
            "Every weight is 1/n: signals neither die nor explode, but all units of a layer stay the same unit.",
            (("equal-weights-equal-units", "why units stay equal"),),
        ),
        "small": (
            "Normal weights of standard deviation 0.01: symmetry is broken, but each layer shrinks the signal.",
            (("three-regimes", "why signals vanish"), ("three-regimes-backward", "why gradients vanish")),
        ),
        "large": (
            "Normal weights of standard deviation 1: each layer blows up what passes through, or saturates.",
            (("three-regimes", "why signals explode"), ("three-regimes-backward", "why gradients explode")),
        ),
        "xavier": (
            "Var(W) = 1/n: keeps the second moment of a linear layer, and nearly that of tanh for small signals.",
            (("forward-rule", "where 1/n comes from"), ("tanh-is-nearly-linear", "why it almost fits tanh")),
        ),
        "glorot": (
            "Var(W) = 2/(n_in + n_out): a compromise between forward and backward; the same as 1/n for equal widths.",
            (("glorot-rule", "where it comes from"), ("glorot-both-ways", "what a compromise costs")),
        ),
        "he": (
            "Var(W) = 2/n: makes up for the half of the signal that a ReLU throws away.",
            (("he-rule", "where 2/n comes from"), ("he-backward-rule", "the same for gradients")),
        ),
        "orthogonal": (
            "Rows or columns orthonormal: a linear layer keeps every length, not only on average.",
            (("deep-linear-example", "what depth does to a length"), ("depth-product", "many layers at once")),
        ),
    }
)


def sentence(found: Regime, *, bias: bool) -> str:
    """The regime in words."""
    slope = f"χ⊥ = {found.slope}"
    scale = f" They lose a factor of e every {found.scale} layers." if found.scale is not None else ""
    match found.phase, found.forward:
        case "ordered", "vanishes":
            return f"The signal dies out towards q = 0, where {slope} is below 1: gradients vanish too.{scale}"
        case "ordered", _:
            return (
                f"Second moments settle at q = {found.fixed_point}, where {slope} is below 1: "
                f"gradients vanish on their way back, and all inputs look more and more alike.{scale}"
            )
        case "critical", "keeps":
            return "Every layer keeps the second moment on average, and gradients keep theirs: χ⊥ = 1."
        case "critical", "vanishes":
            return (
                "The signal dies out, but slowly, like a power of the depth and not exponentially: at q = 0 the slope "
                "χ⊥ is 1, and gradients fade as slowly."
            )
        case "critical", _:
            return f"Second moments settle at q = {found.fixed_point}, where χ⊥ = 1: gradients keep theirs."
        case "chaotic", _:
            return (
                f"Second moments settle at q = {found.fixed_point}, where {slope} is above 1: gradients grow by that "
                f"factor a layer, and so does a small difference between two inputs."
            )
        case "unbounded", "grows":
            grown = "The bias adds to the signal at every layer" if bias else "The signal grows layer by layer"
            return f"{grown}, and nothing takes it back: it grows without bound, though not exponentially."
        case "unbounded", _:
            return f"No fixed point is found above the input: the signal explodes, and gradients meet {slope} a layer."
        case _:
            return "What becomes of the signal at large depth could not be certified here."


def because(activation: str, found: Regime, *, bias: bool) -> tuple[Because, ...]:
    """The theorems that explain a cell, the most telling first."""
    out: list[Because] = []
    if found.forward in {"vanishes", "explodes"}:
        out.append(("three-regimes", f"why the signal {found.forward}"))
    if found.backward in {"vanish", "explode"}:
        out.append(("three-regimes-backward", f"why gradients {found.backward}"))
    if bias:
        out.append(("preactivation-with-bias", "what a bias adds"))
    return (*out, *_RULES.get(activation, _ANY))


def of_init(name: str) -> tuple[str, tuple[Because, ...]]:
    """What an initialization is, and what explains its runs."""
    return _INITS[name]


def names() -> frozenset[str]:
    """Every theorem that is named here."""
    told = [*_RULES.values(), _ANY, *(found for _, found in _INITS.values())]
    return frozenset(name for group in told for name, _ in group) | {
        "three-regimes",
        "three-regimes-backward",
        "preactivation-with-bias",
    }
