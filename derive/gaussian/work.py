"""A bound on the work of one computation, so that it ends."""

from __future__ import annotations

from dataclasses import dataclass

from derive.gaussian.errors import OutOfWork
from derive.language.terms import Term, walk

PLAIN = 16  # nodes of an expression that is evaluated as fast as most


def weight(term: Term) -> int:
    """How many plain evaluations one evaluation of a term takes."""
    return 1 + sum(1 for _ in walk(term)) // PLAIN


@dataclass(slots=True)
class Work:
    """How many evaluations of a plain integrand may still be made, or what takes as long."""

    left: int
    done: int = 0

    def spend(self, count: int) -> None:
        """Take some. Raises ``OutOfWork`` where none are left."""
        self.count(count)
        if self.left <= 0:
            raise OutOfWork

    def count(self, count: int) -> None:
        """Take some, also where none are left."""
        self.left -= count
        self.done += count
