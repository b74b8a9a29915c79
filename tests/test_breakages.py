"""The list of deliberate faults stays usable, and faults are really caught."""

from __future__ import annotations

import pytest

from tests.breakages import ROOT, Fault, caught_by, faults


@pytest.mark.parametrize("fault", faults(), ids=lambda f: f.name)
def test_each_fault_still_names_a_text_that_occurs_once(fault: Fault) -> None:
    assert (ROOT / fault.file).read_text(encoding="utf-8").count(fault.find) == 1


def test_there_are_at_least_fifteen_faults() -> None:
    assert len(faults()) >= 15


def test_a_planted_fault_is_caught() -> None:
    fault = next(f for f in faults() if f.name == "wrong falling factorial")
    assert caught_by(fault) is not None


@pytest.mark.slow
@pytest.mark.parametrize("fault", faults(), ids=lambda f: f.name)
def test_every_planted_fault_is_caught(fault: Fault) -> None:
    assert caught_by(fault) is not None
