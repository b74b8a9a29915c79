"""What ends without a proven number, and why."""

from __future__ import annotations


class NotCertified(Exception):
    """No proven enclosure; the message says why."""


class NoTailBound(NotCertified):
    """Nothing is known of the integrand beyond some point; what is before it may still be estimated."""


class OutOfWork(NotCertified):
    """The integral did not converge within its bound of work; a finer one would not either."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("the integral did not converge within its bound of work")


class Divergent(NotCertified):
    """The expectation is shown to be infinite or not to exist."""


class Undefined(NotCertified):
    """The quantity does not exist for this activation: a derivative where the activation jumps."""
