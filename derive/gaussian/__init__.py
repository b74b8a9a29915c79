"""Expectations of functions of one random variable, as balls that are proven to contain them (Arb)."""

from derive.gaussian.enclosure import expectation
from derive.gaussian.growth import NotCertified

__all__ = ["NotCertified", "expectation"]
