"""What can be wrong with a question, said so that the next one is right."""

from __future__ import annotations


class InputError(ValueError):
    """The question cannot be answered as it was put; the message says why and what to write."""
