"""Verdicts as values: what was decided of each link and theorem, and what was shown for it.

Only ``derive.decide`` makes verdicts; everybody else reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from derive.language.theorem import Theorem

Word = Literal["proved", "refuted", "unknown", "error"]
Points = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class JointLaw:
    """A finite joint law: the entries it is of, and (values, probability) for each of its points, exact texts."""

    of: tuple[str, ...]
    points: tuple[tuple[tuple[str, ...], str], ...]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A model that meets the givens and in which a link fails.

    sizes: values of the sizes. constants: exact texts. laws: for each family that is not in a joint table the law of
    an entry, as [value, probability] pairs or as a text such as ``Normal(0, 1)``. left, right: both sides there,
    exact, or (low, high) of an enclosure; of an equivalence "true" or "false". outcome: where the sides are random,
    as conditional expectations are, the values of the entries at which they are compared. cited: whether it has to meet
    only what the link cites, and what always stands, and not all givens.
    """

    sizes: Mapping[str, int]
    constants: Mapping[str, str]
    laws: Mapping[str, Points | str]
    joint: tuple[JointLaw, ...]
    left: str | tuple[str, str]
    right: str | tuple[str, str]
    outcome: Mapping[str, str] = field(default_factory=dict[str, str])
    working: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    cited: bool = False


@dataclass(frozen=True, slots=True)
class Slip:
    """A known slip that a refuted link is: its name, and the sentence that says what to write instead."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """The verdict on one link.

    uses: givens it needs. facts: names of ledger facts it leaned on. slip: the known slip that a refuted link is.
    excerpt: of a link that is not proved, its line in the source with a caret below.
    """

    index: int
    line: int
    column: int
    operator: str
    text: str
    verdict: Word
    uses: tuple[str, ...] = ()
    residual: str | None = None
    missing: tuple[tuple[str, ...], ...] = ()
    counterexample: Counterexample | None = None
    message: str | None = None
    remark: str = ""
    facts: tuple[str, ...] = ()
    slip: Slip | None = None
    excerpt: str | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TheoremVerdict:
    """The verdict on a theorem, or on a part of a document that is not one (``theorem`` is None then).

    suffices: sentences that name weaker givens under which the theorem is proved too. evidence: of a report with
    simulated networks, whether they were run again. stated: the theorem as it was read, None for what is not
    well-formed.
    """

    file: str
    theorem: str | None
    verdict: Word
    claim: str | None = None
    steps: tuple[StepVerdict, ...] = ()
    warnings: tuple[str, ...] = ()
    message: str | None = None
    found: str | None = None
    line: int | None = None
    column: int | None = None
    excerpt: str | None = field(default=None, compare=False)
    suffices: tuple[str, ...] = ()
    evidence: str | None = None
    stated: Theorem | None = field(default=None, compare=False, repr=False)

    def _repr_markdown_(self) -> str:
        """For notebooks: the verdict explained, as ``check --report`` writes it."""
        from derive.report.explanation import verdict_markdown

        return verdict_markdown(self)


class Verdicts(tuple[TheoremVerdict, ...]):
    """The verdicts on a document, in its order; a notebook shows them one below the other."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        from derive.report.explanation import verdict_markdown

        return "\n".join(map(verdict_markdown, self))


@dataclass(frozen=True, slots=True)
class Without:
    """The claim without one assumption.

    given: its position among the theorem's givens. instead: what a declaration is weakened to, None for what is left
    out. parts: the verdicts on the comparisons and equivalences that the claim consists of.
    """

    given: int
    instead: str | None
    parts: tuple[StepVerdict, ...]

    @property
    def verdict(self) -> Word:
        """Of the claim as a whole."""
        return together(self.parts)


@dataclass(frozen=True, slots=True)
class Ablation:
    """What the assumptions of a theorem are for.

    minimal: the least sets under which the claim is proved, as positions among the givens. shown: whether the claim is
    refuted under every set that holds none of them. stopped: whether the search for sets ended at its bound.
    effort: how many outcomes may be enumerated to find a model, and how many where a declaration is weakened or a law
    is continuous. most: how many sets may be tried.
    """

    without: tuple[Without, ...]
    minimal: tuple[tuple[int, ...], ...]
    shown: bool
    stopped: bool
    effort: tuple[int, int]
    most: int


def together(steps: tuple[StepVerdict, ...]) -> Word:
    """Refuted if one of them is, proved if all of them are, else unknown."""
    words = [s.verdict for s in steps]
    return "refuted" if "refuted" in words else "proved" if words and set(words) == {"proved"} else "unknown"


EXIT_STATUS: Mapping[str, int] = {"error": 2, "refuted": 1, "unknown": 3, "proved": 0}


def exit_status(verdicts: tuple[TheoremVerdict, ...] | list[TheoremVerdict]) -> int:
    """2 if any input was bad, else 1 if anything was refuted, else 3 if anything is unknown, else 0."""
    words = {v.verdict for v in verdicts}
    return next((EXIT_STATUS[w] for w in ("error", "refuted", "unknown") if w in words), 0)
