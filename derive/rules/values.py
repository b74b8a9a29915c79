"""What a rule consists of. All values are frozen; ``json`` gives the fields that ``--json`` prints."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from derive.gaussian.calculus import rational
from derive.gaussian.depth import FixedPoint
from derive.gaussian.numbers import Number


@dataclass(frozen=True, slots=True)
class Side:
    """One direction. Every field is None for a backward rule that does not exist.

    Args:
        second_moment: forward E f(z)^2, backward E f'(z)^2, z ~ N(0, q).
        gain: forward sqrt(q/E f^2), which at q = 1 is the 1/sqrt(E f^2) of ``calculate_gain``; backward 1/sqrt(E f'^2).
        weight_variance: gain^2/fan as text, with ``fan_in`` or ``fan_out``.
        uniform_bound: c of the uniform law on [-c, c] with that variance.
        truncated_std: what to give to a normal law that is cut at two standard deviations, times 1/sqrt(fan).
    """

    second_moment: Number | None = None
    gain: Number | None = None
    weight_variance: str | None = None
    uniform_bound: str | None = None
    truncated_std: Number | None = None

    @property
    def vanishes(self) -> bool:
        """Whether the second moment is 0."""
        second = self.second_moment
        return second is not None and second.exact is not None and rational(second.exact) == 0

    @property
    def unseen(self) -> bool:
        """Whether the second moment is enclosed, but not told apart from 0, so that 1 over it is nothing."""
        second = self.second_moment
        if second is None or second.ball is None or second.status == "not certified":
            return False
        return bool(second.ball.contains(0)) and not self.vanishes

    def json(self) -> dict[str, Any]:
        """The fields of ``R`` in ``--json``."""
        return {
            "second_moment": _json(self.second_moment),
            "gain": _json(self.gain),
            "weight_variance": self.weight_variance,
            "uniform_bound": self.uniform_bound,
            "truncated_std": _json(self.truncated_std),
        }


@dataclass(frozen=True, slots=True)
class Snippets:
    """Lines to paste; None where there is no number to write into them."""

    pytorch: str | None = None
    jax: str | None = None
    keras: str | None = None
    numpy: str | None = None

    def json(self) -> dict[str, str | None]:
        """The fields in ``--json``."""
        return {"pytorch": self.pytorch, "jax": self.jax, "keras": self.keras, "numpy": self.numpy}


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody's gain, judged.

    Args:
        gain: as it was written.
        verdict: "holds" only if it is proved to be the forward gain, "does not hold" only if it is proved not to be.
        ratio: the claimed gain over the forward gain.
        after_layers: what the second moment of the pre-activations is after 10, 50, 100 layers, over that of the first.
        fixed_points: where the second moment stays with this gain, none for a homogeneous f.
        remark: what else is to be said.
    """

    gain: str
    verdict: Literal["holds", "does not hold", "undecided"]
    ratio: Number
    after_layers: tuple[tuple[int, Number], ...]
    fixed_points: tuple[FixedPoint, ...] = ()
    remark: str = ""

    def json(self) -> dict[str, Any]:
        """The fields in ``--json``."""
        return {
            "gain": self.gain,
            "verdict": self.verdict,
            "ratio": self.ratio.json(),
            "after_layers": {str(layers): factor.json() for layers, factor in self.after_layers},
            "fixed_points": [p.json() for p in self.fixed_points],
            "remark": self.remark,
        }


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of an activation at pre-activations z ~ N(0, q).

    Args:
        activation: as it was asked for.
        expression: f as the language writes it.
        variance: q.
        homogeneous: whether f(t z) = t f(z) for t > 0; then nothing depends on q.
        mean: E f. centred_variance: Var f.
        average: the weight variance that weighs both directions equally, as text; None without a backward rule.
        fixed_point: q as a fixed point of the variance map under the forward rule; None where every q is one.
        scope: how far the rule reaches, in sentences.
    """

    activation: str
    expression: str
    variance: Fraction
    homogeneous: bool
    forward: Side
    backward: Side
    average: str | None
    mean: Number
    centred_variance: Number
    fixed_point: FixedPoint | None
    scope: str
    snippets: Snippets
    claim: Claim | None = None

    @property
    def status(self) -> int:
        """The exit status: 1 if the claim does not hold or f is 0, 3 if something is open, else 0."""
        if self.forward.vanishes or (self.claim is not None and self.claim.verdict == "does not hold"):
            return 1
        numbers = (self.mean, self.forward.second_moment, self.backward.second_moment)
        open_number = self.forward.unseen or any(n is not None and n.status == "not certified" for n in numbers)
        return 3 if open_number or (self.claim is not None and self.claim.verdict == "undecided") else 0

    def json(self) -> dict[str, Any]:
        """The fields that ``--json`` prints."""
        return {
            "activation": self.activation,
            "expression": self.expression,
            "variance": str(self.variance),
            "homogeneous": self.homogeneous,
            "forward": self.forward.json(),
            "backward": self.backward.json(),
            "average": self.average,
            "mean": self.mean.json(),
            "centred_variance": self.centred_variance.json(),
            "fixed_point": None if self.fixed_point is None else self.fixed_point.json(),
            "scope": self.scope,
            "snippets": self.snippets.json(),
            "claim": None if self.claim is None else self.claim.json(),
        }


def _json(number: Number | None) -> dict[str, str | None] | None:
    return None if number is None else number.json()
