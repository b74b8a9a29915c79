"""The published digests are those of the reports, and whatever is published is simulated."""

from __future__ import annotations

import tomllib

from derive.evidence import EXPERIMENTS
from derive.report.effects import NAME
from tests.published import PLACE, written


def test_the_published_digests_are_those_of_the_reports() -> None:
    assert PLACE.read_text(encoding="utf-8") == written(), "run python -m tests.published"


def test_every_experiment_is_published() -> None:
    assert set(tomllib.loads(written())) == {*EXPERIMENTS, NAME}
