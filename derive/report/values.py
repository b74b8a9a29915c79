"""What a report is made of: exact models, simulated networks, and the report itself, all frozen."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from derive.language.theorem import Find, Theorem
from derive.verdict import Ablation, TheoremVerdict

FORMAT = 1
EVIDENCE_WORDS = frozenset({"agree", "disagree", "inconclusive"})


@dataclass(frozen=True, slots=True)
class ExactModel:
    """A finite model that meets the givens, in words, and the values of both sides in it, computed by enumeration.

    step: the link that the sides belong to, None for the claim. holds: whether what is claimed of them is true.
    """

    description: str
    left: str
    right: str
    step: int | None = None
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Simulated:
    """What was measured on simulated networks, as texts that are the same on every machine.

    headings, rows: the table. verdict: ``agree``, ``disagree`` or ``inconclusive``. error_rate: how often the verdict
    is wrong at most. design: what was simulated, in a sentence. command: how to do it again. run: the digest of the
    simulation. figure: the file name of an SVG beside the report, or None.
    """

    design: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    verdict: str
    error_rate: str
    command: str
    run: str
    figure: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 over everything that the value says."""
        return hashlib.sha256(_canonical(asdict(self)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LedgerFact:
    """Mathematics that a link leaned on: its name in the ledger, what it says, where it comes from."""

    name: str
    statement: str
    source: str


@dataclass(frozen=True, slots=True)
class Aside:
    """A statement beside the theorem: the prose before it, its verdict, and the one that the library expects."""

    prose: str
    theorem: Theorem
    verdict: TheoremVerdict
    expected: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a report's text is a function of.

    theorem: what the block says, with its full proof. question: the ``find`` of the library that it answers, if any.
    closing: the prose behind the last statement beside the theorem.
    """

    theorem: Theorem
    verdict: TheoremVerdict
    title: str
    prose: str = ""
    exact: tuple[ExactModel, ...] = ()
    simulated: Simulated | None = None
    question: Find | None = None
    ablation: Ablation | None = None
    facts: tuple[LedgerFact, ...] = ()
    beside: tuple[Aside, ...] = ()
    closing: str = ""

    @property
    def name(self) -> str:
        """The theorem's name, which is also the file's."""
        return self.theorem.name


SEAL = "<!-- simulated evidence: "  # what the line begins with that holds the measured part of a page


class NotEvidence(Exception):
    """The machine-readable part of a report is not what was written there."""


def seal(simulated: Simulated) -> str:
    """The measured part as one line of JSON with its digest, safe within an HTML comment."""
    text = _canonical({"digest": simulated.digest, **asdict(simulated)})
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("--", "-\\u002d")


def unseal(text: str) -> Simulated:
    """The measured part from its JSON. Raises ``NotEvidence`` unless the digest is that of the content."""
    try:
        data: Any = json.loads(text)
        digest = data.pop("digest")
        data["headings"] = tuple(map(_text, data["headings"]))
        data["rows"] = tuple(tuple(map(_text, row)) for row in data["rows"])
        simulated = Simulated(**data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotEvidence("the simulated evidence cannot be read") from None
    texts = (simulated.design, simulated.verdict, simulated.error_rate, simulated.command, simulated.run)
    figure: Any = simulated.figure
    if any(type(t) is not str for t in texts) or simulated.verdict not in EVIDENCE_WORDS:
        raise NotEvidence("the simulated evidence cannot be read")
    if figure is not None and not (isinstance(figure, str) and re.fullmatch(r"[A-Za-z0-9_-]+\.svg", figure)):
        raise NotEvidence("the figure of the simulated evidence is not an SVG beside the report")
    if digest != simulated.digest:
        raise NotEvidence("the simulated evidence was changed: its digest is not that of its content")
    return simulated


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _canonical(data: object) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
