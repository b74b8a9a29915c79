"""A number with what is known of it: exact text, decimal digits, a proven radius, a word for its status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import flint

from derive.language.terms import Term

Status = Literal["certified", "not certified"]


@dataclass(frozen=True, slots=True)
class Number:
    """A real number.

    Args:
        ball: an Arb ball. It is proven to contain the number if ``status`` is "certified"; else it is an estimate,
            or None.
        digits: how many digits are asked for; one more is shown, so that rounding costs less than the accuracy.
        exact: a closed form as a constant term of the language, None where none is known. It lies in the ball.
        status: "certified" or "not certified". Whether the closed form is *proved* is for ``derive.decide`` to say.
        reason: why it is not certified.
    """

    ball: Any
    digits: int
    exact: Term | None = None
    status: Status = "certified"
    reason: str = ""

    @property
    def value(self) -> str | None:
        """The number in decimals."""
        return None if self.ball is None else decimal(self.ball, self.digits + 1)

    @property
    def radius(self) -> str | None:
        """How far the number may be from ``value`` as it is written; None where nothing is proven."""
        if self.ball is None or self.status != "certified":
            return None
        return distance(self.ball, decimal(self.ball, self.digits + 1))

    def json(self) -> dict[str, str | None]:
        """The fields of a number in ``--json``: exact, value, radius, status."""
        from derive.language.printer import term_text

        exact = None if self.exact is None else term_text(self.exact)
        return {"exact": exact, "value": self.value, "radius": self.radius, "status": self.status}


def decimal(ball: Any, digits: int) -> str:
    """The middle of a ball in decimals; a ball around 0 that is smaller than what is shown is 0."""
    with flint.ctx.workprec(int(digits * 3.33) + 64):
        if bool(ball.contains(0)) and bool(abs(ball).upper() < flint.arb(10) ** -digits):
            return "0"
        text: str = ball.mid().str(digits, radius=False)
        return text


def distance(ball: Any, text: str) -> str:
    """An upper bound of how far a point of the ball is from a decimal number, with two digits."""
    with flint.ctx.workprec(max(64, flint.ctx.prec, ball.rel_accuracy_bits() + 64)):
        far = abs(ball - flint.arb(text)).upper()
        if bool(far == 0):
            return "0"
        shown: str = (far * flint.arb("1.06")).str(2, radius=False)  # two digits are within 5 percent
        return shown
