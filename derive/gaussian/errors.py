"""What ends without a proven number, and why."""

from __future__ import annotations

from typing import Any


class NotCertified(Exception):
    """No proven enclosure; the message says why. ``estimate`` is the best value known, a ball that proves nothing."""

    def __init__(self, reason: str, estimate: Any = None) -> None:
        """Keep the reason, and an estimate if there is one."""
        super().__init__(reason)
        self.estimate = estimate


class Divergent(NotCertified):
    """The expectation is shown to be infinite or not to exist."""


class Undefined(NotCertified):
    """The quantity does not exist for this activation: a derivative where the activation jumps."""
