"""Critical initialization: the pair at which both slopes are one, and the edge of chaos for a bias variance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from derive.gaussian.activation import Activation
from derive.gaussian.calculus import rational
from derive.gaussian.depth import Pair, critical_pairs, edge_of_chaos
from derive.gaussian.errors import NotCertified, Undefined
from derive.gaussian.forms import inverse
from derive.gaussian.moments import SECOND_MOMENT, second_moment
from derive.gaussian.numbers import Number
from derive.gaussian.reading import Value
from derive.rules import asked
from derive.rules.numbers import EXTRA, follows, given
from derive.rules.proving import with_proof


@dataclass(frozen=True, slots=True)
class Critical:
    """A pair (sigma_w^2, sigma_b^2) with chi_perp = 1 at the fixed point; all numbers None where there is none.

    Args:
        every: every q is a fixed point, as for ReLU; then ``fixed_point`` is None.
        others: further pairs, which the search found too.
        message: why there is no pair, or what is to be known of it.
        certified: False where the search could not be carried out; then the exit status is 3.
    """

    activation: str
    expression: str
    weight_variance: Number | None = None
    bias_variance: Number | None = None
    fixed_point: Number | None = None
    chi_parallel: Number | None = None
    chi_perpendicular: Number | None = None
    every: bool = False
    others: tuple[Critical, ...] = ()
    message: str = ""
    certified: bool = True

    @property
    def status(self) -> int:
        """The exit status: 0 if there is a pair, 1 if there is none, 3 if it is not known."""
        return 0 if self.weight_variance is not None else 1 if self.certified else 3

    def json(self) -> dict[str, Any]:
        """The fields that ``--json`` prints."""
        return (
            {"activation": self.activation, "expression": self.expression}
            | self._pair()
            | {
                "others": [other._pair() for other in self.others],
                "message": self.message or None,
            }
        )

    def _pair(self) -> dict[str, Any]:
        names = ("weight_variance", "bias_variance", "fixed_point", "chi_parallel", "chi_perpendicular")
        numbers: dict[str, Number | None] = {name: getattr(self, name) for name in names}
        return {name: None if n is None else n.json() for name, n in numbers.items()} | {"every": self.every}


def critical(
    activation: str,
    *,
    bias_variance: str | int | Fraction | None = None,
    digits: int = 30,
    params: Mapping[str, Value] = MappingProxyType({}),
) -> Critical:
    """The pair with chi_par = chi_perp = 1, or the edge of chaos for a bias variance.

    Raises ``ValueError`` with a place and a remedy for what is no activation.
    """
    f = asked.activation(activation, params)
    bias = None if bias_variance is None else asked.variance(bias_variance, name="bias variance", zero=True)
    asked.digits(digits)
    blank = Critical(activation.strip(), f.text)
    try:
        pairs = critical_pairs(f, digits=digits) if bias is None else edge_of_chaos(f, bias, digits=digits)
    except Undefined as reason:
        return replace(blank, message=f"there is none: {reason}")
    except NotCertified as reason:
        return replace(blank, message=f"not certified: {reason}", certified=False)
    if not pairs:
        return replace(blank, message=_none(f, bias))
    first, *rest = (_filled(blank, _sharp(f, pair, digits)) for pair in pairs)
    return replace(first, others=tuple(rest), message=_said(first))


def _filled(blank: Critical, pair: Pair) -> Critical:
    return replace(
        blank,
        weight_variance=pair.weight_variance,
        bias_variance=pair.bias_variance,
        fixed_point=pair.fixed_point,
        chi_parallel=pair.chi_parallel,
        chi_perpendicular=pair.chi_perpendicular,
        every=pair.fixed_point is None,
    )


def _sharp(f: Activation, pair: Pair, digits: int) -> Pair:
    """The pair with what is known of it exactly: sigma_w^2 = 1/E f(z)^2, z ~ N(0, 1), for a homogeneous f.

    Zeros and ones stand by the choice of the pair.
    """
    if pair.fixed_point is None:
        second = with_proof(f, SECOND_MOMENT, Fraction(1), second_moment(f, 1, digits=digits + EXTRA))
        weight = follows(lambda m: 1 / m, inverse, second, digits=digits)
        pair = replace(pair, weight_variance=weight)
    return replace(
        pair,
        bias_variance=_chosen(pair.bias_variance, digits),
        fixed_point=None if pair.fixed_point is None else _chosen(pair.fixed_point, digits),
        chi_parallel=_chosen(pair.chi_parallel, digits),
        chi_perpendicular=_chosen(pair.chi_perpendicular, digits),
    )


def _chosen(number: Number, digits: int) -> Number:
    """0 and 1 are what they were chosen to be."""
    value = rational(number.exact) if number.exact is not None else None
    return number if value is None else given(value, digits)


def _none(f: Activation, bias: Fraction | None) -> str:
    if f.homogeneous is not None and bias:
        return (
            f"there is none: sigma_w^2 E f'^2 = 1 makes the variance map q + {bias}, which has no fixed point; "
            "leave the biases at 0"
        )
    what = "a pair with both slopes one" if bias is None else f"an edge of chaos for sigma_b^2 = {bias}"
    return f"{what} was not found: no change of sign is proven between the octaves of q from 2^-20 to 2^16"


def _said(first: Critical) -> str:
    if first.every:
        return "every q is a fixed point: f is homogeneous"
    if first.fixed_point is not None and first.fixed_point.ball == 0:
        return "the fixed point is 0, the limit of small second moments"
    return ""
