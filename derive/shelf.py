"""The theorems that ``by theorem`` may cite: those that stand earlier in the document, then those of the library.

Each is judged again, once, when it is first cited; no verdict is taken from a file. A theorem of the document hides one
of the library that has its name. What is cited has to be decided before what cites it, so there is no way round in a
circle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derive.language import theorem as th
from derive.language.document import Malformed, Statement
from derive.language.errors import LanguageError
from derive.language.functions import nearest
from derive.verdict import TheoremVerdict


class Shelf:
    """Finds what is cited and keeps the verdicts on it. Lives as long as one run of judging."""

    def __init__(self) -> None:
        """Start with nothing judged."""
        self._verdicts: dict[int, tuple[Statement, TheoremVerdict | None]] = {}  # None while it is being judged
        self._library: dict[str, Statement | None] = {}

    def judged(self, statement: Statement, judge: Callable[[], TheoremVerdict]) -> TheoremVerdict:
        """The verdict on a statement, made now or before. Raises ``LanguageError`` on the way round in a circle."""
        there = self._verdicts.get(id(statement))
        if there is not None:
            if there[1] is None:
                raise LanguageError(f"`{statement.name}` leans on itself", "a proof does not go round in a circle")
            return there[1]
        self._verdicts[id(statement)] = (statement, None)
        try:
            verdict = judge()
        except BaseException:
            del self._verdicts[id(statement)]
            raise
        self._verdicts[id(statement)] = (statement, verdict)
        return verdict

    def find(self, statement: Statement, citation: th.Citation) -> Statement:
        """The theorem that a statement cites. Raises ``LanguageError`` where it may not be cited."""
        name = citation.name
        if name == statement.name:
            raise LanguageError(f"`{name}` cites itself", "cite what is proved before it", citation.at)
        beside = statement.siblings.get(name)
        if isinstance(beside, Malformed):
            raise LanguageError(f"`{name}` is not well-formed", f"see line {beside.line}", citation.at)
        if beside is not None:
            if beside.first_line > statement.first_line:
                found = f"`{name}` stands later in the document, in line {beside.first_line}"
                raise LanguageError(found, "move it up: what is cited is proved before", citation.at)
            return beside
        if name not in self._library:
            self._library[name] = _of_library(name)
        found = self._library[name]
        if found is None:
            raise LanguageError(f"there is no theorem `{name}`", _remedy(statement, name), citation.at)
        return found

    def leans_on(self, statement: Statement) -> Iterator[Statement]:
        """The siblings not judged yet that a statement leans on, also through others, in the order of the document."""
        reached: dict[str, Statement] = {}
        waiting = [statement]
        while waiting:
            top = waiting.pop()
            for name in {c.name for step in top.problem.steps for c in step.theorems}:
                beside = top.siblings.get(name)
                if (
                    isinstance(beside, Statement)
                    and id(beside) not in self._verdicts
                    and name not in reached
                    and beside.first_line < top.first_line
                ):
                    reached[name] = beside
                    waiting.append(beside)
        return iter(sorted(reached.values(), key=lambda s: s.first_line))


def _of_library(name: str) -> Statement | None:
    from derive import library  # read only where a theorem of it is cited

    document = library.find(name)
    return None if document is None else document.statement


def _remedy(statement: Statement, name: str) -> str:
    from derive import library

    earlier = {n for n, s in statement.siblings.items() if isinstance(s, Statement) and n != statement.name}
    known = {*earlier, *library.names()}
    return nearest(name, known) or "cite one that stands above, or one that `python -m derive list` names"
