"""The only place where verdicts are made: the kernel proves, the referee refutes, everything else is unknown.

A link is judged under the givens that it cites, or all. What is proved reports which givens it needs, found by
deleting them one after the other in their order; what is refuted comes with a model; what is neither says why.
A theorem that a link cites is judged before, and serves as a lemma once its givens are proved of what its names stand
for (``derive.citations``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from derive import referee
from derive.candidates import Candidate
from derive.claims import Claim
from derive.kernel.contradictions import contradiction
from derive.kernel.facts import theory
from derive.kernel.judge import Outcome
from derive.kernel.judge import judge as kernel_judge
from derive.kernel.residual import residual_term
from derive.kernel.shelves import Shelves
from derive.kernel.symbols import Unsupported
from derive.language import theorem as th
from derive.language.document import Malformed, Statement, read_document
from derive.language.errors import LanguageError
from derive.language.instance import instance
from derive.language.printer import claim_text, relation_text, term_text
from derive.language.problem import Assumption, Problem, Step, declares, within
from derive.language.scope import reader, resolver_of
from derive.language.terms import Term
from derive.lemmas import Cited, leaning, lemmas_of, through
from derive.missing import missing
from derive.referee import Failure, Model
from derive.shelf import Shelf
from derive.slips import recognized
from derive.solving import NoSolution, Solution, Unsolved, shown, solve
from derive.suffices import weaker_givens
from derive.verdict import Counterexample, Slip, StepVerdict, TheoremVerdict, together

EFFORT = (
    300_000  # outcomes that the referee may enumerate for a link that the kernel did not prove: about half a second
)
Found = tuple[Model, Failure]


class Find(Protocol):
    """Looks for a model in which a link fails."""

    def __call__(self, problem: Problem, step: Step, active: frozenset[int], *, effort: int) -> Found | None:
        """The model with the values of both sides, or None."""
        ...


def decide(text: str, *, file: str) -> tuple[TheoremVerdict, ...]:
    """The verdicts on all theorems of a document, in order; what is not well-formed is an ``error`` among them."""
    shelf = Shelf()
    return tuple(
        malformed(part, file=file) if isinstance(part, Malformed) else judge(part, file=file, shelf=shelf)
        for part in read_document(text)
    )


def malformed(part: Malformed, *, file: str) -> TheoremVerdict:
    """The verdict ``error`` on a part of a document that is not well-formed."""
    return TheoremVerdict(
        file, part.name, "error", message=part.text(), line=part.line, column=part.column, excerpt=part.excerpt
    )


def judge(statement: Statement, *, file: str, explain: bool = False, shelf: Shelf | None = None) -> TheoremVerdict:
    """The verdict on one theorem; what it cites is judged first, each theorem once for a shelf.

    ``explain`` says of a proved one which weaker givens suffice.
    """
    shelf = shelf or Shelf()
    for earlier in shelf.leans_on(statement):
        shelf.judged(earlier, lambda earlier=earlier: _judged(earlier, file, shelf))
    verdict = shelf.judged(statement, lambda: _judged(statement, file, shelf))
    verdict = replace(verdict, stated=statement.theorem)
    if not explain or verdict.verdict != "proved":
        return verdict
    problem = _asserted(statement)
    used = {text for step in verdict.steps for text in step.uses}
    unused = frozenset(g.text for g in problem.givens if g.text not in used and not declares(g.item))
    return replace(verdict, suffices=weaker_givens(problem, claim_follows, unused))


def _asserted(statement: Statement) -> Problem:
    """The problem with the solution as its claim, and the way there as its proof, if it asks for one."""
    problem, find = statement.problem, statement.problem.claim
    if not isinstance(find, th.Find):
        return problem
    solution = solve(within(problem, _in_force(problem, problem.cited)), find)
    claim = th.Equivalence(find.relation, th.Relation((find.target, solution.answer), ("=",)))
    return replace(problem, claim=claim, steps=_solution_steps(statement, find, solution))


def _judged(statement: Statement, file: str, shelf: Shelf) -> TheoremVerdict:
    problem, claim = statement.problem, claim_text(statement.theorem.claim)
    clash = _clash(problem)
    if clash is not None:
        at, message = clash
        return _error(
            statement, file, at, f"{message}; a theorem whose givens nothing can meet says nothing: remove one"
        )
    if isinstance(problem.claim, th.Find):
        return _found(statement, problem.claim, claim, file)
    try:
        cited = {step.index: tuple(cited_by(statement, step, shelf)) for step in problem.steps}
    except LanguageError as error:
        return _error(statement, file, error.at, error.text())
    shelves = Shelves()
    steps = tuple(judge_step(statement, step, shelves, cited[step.index]) for step in problem.steps)
    return TheoremVerdict(
        file,
        problem.name,
        together(steps),
        claim,
        steps,
        (*problem.warnings, *_unused(problem, steps)),
        line=_line(statement),
    )


def _error(statement: Statement, file: str, at: int, message: str) -> TheoremVerdict:
    spot, problem = statement.spot(at), statement.problem
    return TheoremVerdict(
        file,
        problem.name,
        "error",
        claim_text(statement.theorem.claim),
        warnings=problem.warnings,
        message=message,
        line=spot.line,
        column=spot.column,
        excerpt=statement.excerpt(at),
    )


def _line(statement: Statement) -> int:
    return statement.spot(statement.theorem.at).line


# --- givens -------------------------------------------------------------------------------------


def _all(problem: Problem) -> frozenset[int]:
    return frozenset(range(len(problem.givens)))


def _in_force(problem: Problem, cited: frozenset[int] | None) -> frozenset[int]:
    """The givens that may be used: those cited and those that always stand."""
    if cited is None:
        return _all(problem)
    return frozenset(k for k, g in enumerate(problem.givens) if k in cited or not g.removable)


def _proves(problem: Problem, step: Step, kept: frozenset[int], shelves: Shelves | None = None) -> Outcome:
    part = within(problem, kept)
    shelf = None if shelves is None else shelves.at(kept)
    return kernel_judge(part, step.left, step.operator, step.right, _all(part), method=step.method, shelf=shelf)


def _follows(problem: Problem, step: Step) -> bool:
    return _proves(problem, step, _all(problem)).proved


def _uses(
    problem: Problem, step: Step, kept: frozenset[int], outcome: Outcome, shelves: Shelves
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The givens that the step needs, found by greedy deletion in their order, and the facts that the rest leans on."""
    for k, given in enumerate(problem.givens):
        if k in kept and not declares(given.item) and (without := _proves(problem, step, kept - {k}, shelves)).proved:
            kept, outcome = kept - {k}, without
    uses = tuple(g.text for k, g in enumerate(problem.givens) if k in kept and not declares(g.item))
    return uses, outcome.facts


def _unused(problem: Problem, steps: tuple[StepVerdict, ...]) -> tuple[str, ...]:
    """A warning for each given that no link used, once every link is proved."""
    if any(s.verdict != "proved" for s in steps):
        return ()
    used = {text for s in steps for text in s.uses}
    cited = {f"theorem {c.name}" for s in problem.steps for c in s.theorems}
    givens = [g.text for g in problem.givens if not declares(g.item)]
    return tuple(f"`{text}` is not used" for text in [*givens, *sorted(cited)] if text not in used)


def _clash(problem: Problem) -> tuple[int, str] | None:
    """The first given that cannot be met together with those before it, with the reason."""
    if contradiction(problem) is None:
        return None
    reasons = ((g.at, contradiction(within(problem, frozenset(range(k + 1))))) for k, g in enumerate(problem.givens))
    return next(((at, reason) for at, reason in reasons if reason is not None), None)


# --- links --------------------------------------------------------------------------------------


def judge_step(statement: Statement, step: Step, shelves: Shelves, cited: tuple[Cited, ...] = ()) -> StepVerdict:
    """The verdict on one link, and on whether the theorems that it cites apply.

    ``shelves`` hold what earlier links of the same statement left.
    """
    problem = statement.problem
    spot = statement.spot(step.at)
    blank = StepVerdict(step.index, spot.line, spot.column, step.operator, step.text, "unknown", remark=step.remark)
    kept = _in_force(problem, step.cited)
    lemmas = lemmas_of(problem, kept, cited)
    blocked = lemmas if isinstance(lemmas, str) else None
    outcome = (
        through(problem, step, kept, lemmas)
        if lemmas and not isinstance(lemmas, str)
        else _proves(problem, step, kept, shelves)
    )
    if outcome.proved and isinstance(lemmas, str):
        return replace(blank, message=f"{lemmas}; the link follows without it: leave the citation out")
    if outcome.proved and not isinstance(lemmas, str):
        uses, facts = leaning(problem, step, kept, lemmas) if lemmas else _uses(problem, step, kept, outcome, shelves)
        return replace(blank, verdict="proved", uses=uses, facts=facts)
    blank = replace(blank, excerpt=statement.excerpt(step.at))
    counterexample = None if _only_undefined(outcome) else _worked(statement, step, kept)
    residual = _residual(problem, kept, outcome)
    sets = missing(problem, step, kept, _follows)
    lacking = tuple(tuple(c.text for c in each) for each in sets)
    if counterexample is None:
        return replace(
            blank,
            residual=residual,
            missing=lacking,
            message="; ".join(t for t in (blocked, _why(outcome, lacking)) if t),
        )
    return replace(
        blank,
        verdict="refuted",
        residual=residual,
        missing=lacking,
        counterexample=counterexample,
        message=blocked,
        slip=_slip(statement, step, kept, sets),
    )


def _slip(
    statement: Statement, step: Step, kept: frozenset[int], sets: tuple[tuple[Candidate, ...], ...]
) -> Slip | None:
    """The known slip that a refuted link is; none where it follows from givens that it does not cite."""
    if step.cited is not None and _follows(statement.problem, step):
        return None
    return recognized(within(statement.problem, kept), step, sets, _follows, reader(statement.theorem))


def _model(problem: Problem, step: Step, kept: frozenset[int], effort: int = EFFORT) -> Counterexample | None:
    found = _refuting(within(problem, kept), step, effort, referee.find_model)
    return None if found is None else referee.shown(problem, found[0], found[1][:2], found[1].outcome)


def _worked(statement: Statement, step: Step, kept: frozenset[int]) -> Counterexample | None:
    """A model in which a link fails, with both sides worked out in it."""
    part = within(statement.problem, kept)
    found = _refuting(part, step, EFFORT, referee.find_smallest)
    if found is None:
        return None
    model, failure = found
    lines = referee.working(part, model, step, failure, reader(statement.theorem))
    fewer = len(kept) < len(statement.problem.givens)
    return replace(referee.shown(part, model, failure[:2], failure.outcome), working=lines, cited=fewer)


def _refuting(part: Problem, step: Step, effort: int, find: Find) -> Found | None:
    if step.operator != "iff":
        return find(part, step, _all(part), effort=effort)
    return find(part, step, _all(part), effort=effort // 3) or _one_way(part, step, effort // 3, find)


def _one_way(problem: Problem, step: Step, effort: int, find: Find) -> Found | None:
    """A model in which one side of an equivalence holds, taken as a given, and the other, an equation, fails."""
    if not (isinstance(step.left, th.Relation) and isinstance(step.right, th.Relation)):
        return None
    for there, here, left in ((step.right, step.left, False), (step.left, step.right, True)):
        if here.operators == ("=",):
            more = replace(problem, givens=(*problem.givens, Assumption(there, relation_text(there), False, -1)))
            link = replace(step, operator="=", left=here.terms[0], right=here.terms[1])
            found = find(more, link, _all(more), effort=effort)
            if found is not None:
                return found[0], found[1]._replace(left=left, right=not left)
    return None


def _only_undefined(outcome: Outcome) -> bool:
    """Whether the sides agree wherever they are defined."""
    return bool(outcome.demands) and outcome.residual is None and "defined" in outcome.reason


def _residual(problem: Problem, kept: frozenset[int], outcome: Outcome) -> str | None:
    if outcome.residual is None:
        return None
    try:
        part = within(problem, kept)
        return term_text(residual_term(theory(part, _all(part)), outcome.residual))
    except Unsupported:
        return None


def _why(outcome: Outcome, lacking: tuple[tuple[str, ...], ...]) -> str:
    reasons = [outcome.reason] if outcome.reason else []
    for demand in outcome.demands:
        reasons.append(f"{term_text(shown(demand.term))} has to be {demand.kind}")
    if outcome.residual is not None:
        reasons.append("the two sides' normal forms differ, and no model was found in which their values do")
    if lacking:
        reasons.append("add " + " or ".join(" and ".join(f"`{t}`" for t in row) for row in lacking))
    return "; ".join(reasons)


# --- theorems cited -----------------------------------------------------------------------------


def cited_by(statement: Statement, step: Step, shelf: Shelf) -> Iterator[Cited]:
    """The theorems that a link cites. Raises ``LanguageError`` where one may not be, or its names stand for nothing."""
    for k, citation in enumerate(step.theorems):
        other = shelf.find(statement, citation)
        try:
            verdict = judge(other, file=f"theorem {other.name}", shelf=shelf)
        except LanguageError as error:
            raise LanguageError(error.message, error.remedy, citation.at) from None
        resolver = resolver_of(statement.theorem)
        found = instance(other.problem, statement.problem, resolver, citation, tag=f"{step.index}_{k}")
        yield Cited(citation.name, verdict, found, _states(other) if verdict.verdict == "proved" else ())


def _states(statement: Statement) -> tuple[Claim, ...]:
    """What a proved theorem states: its comparisons and equivalences; of a ``find`` the answer, as an equivalence."""
    problem = statement.problem
    if not isinstance(problem.claim, th.Find):
        return tuple((s.left, s.operator, s.right) for s in claim_parts(problem))
    solution = solve(within(problem, _in_force(problem, problem.cited)), problem.claim)
    answer = th.Relation((problem.claim.target, solution.answer), ("=",))
    return ((problem.claim.relation, "iff", answer),)


# --- claims as a whole --------------------------------------------------------------------------


def claim_parts(problem: Problem) -> tuple[Step, ...]:
    """The claim by itself, whatever its proof: one step for each comparison or equivalence, none for a ``find``."""
    if isinstance(problem.claim, th.Find):
        return ()
    methods = {s.method for s in problem.steps}
    method = methods.pop() if len(methods) == 1 else None
    claims = problem.claim.claims if isinstance(problem.claim, th.Conjunction) else (problem.claim,)
    sides: list[tuple[Term | th.Relation, str, Term | th.Relation]] = []
    for claim in claims:
        sides += [(claim.left, "iff", claim.right)] if isinstance(claim, th.Equivalence) else claim.relation.pairs()
    return tuple(Step(k, o, a, b, None, method, "", "", -1) for k, (a, o, b) in enumerate(sides, 1))


def claim_follows(problem: Problem) -> bool:
    """Whether the kernel proves the claim from all givens of the problem, by itself or along the chain it came with."""
    parts, shelves = claim_parts(problem), Shelves()
    at_once = bool(parts) and all(_proves(problem, part, _all(problem), shelves).proved for part in parts)
    return at_once or _chained(problem, parts, shelves)


def _chained(problem: Problem, parts: tuple[Step, ...], shelves: Shelves) -> bool:
    chain = problem.steps if len(parts) == 1 else ()
    return len(chain) > 1 and all(_proves(problem, link, _all(problem), shelves).proved for link in chain)


def decide_claim(problem: Problem, *, effort: int) -> tuple[StepVerdict, ...]:
    """The verdicts on the parts of the claim under all givens of the problem, whatever a proof cites.

    Once a part is refuted no model is looked for in which others fail, since the claim is refuted with it. Where there
    is no residual to show, a model that is found at once spares the kernel a search for a proof that there is not.
    """
    parts = claim_parts(problem)
    if len(parts) == 1 and parts[0].operator != "=":
        model = _model(problem, parts[0], _all(problem), effort // (12 if parts[0].operator == "iff" else 2))
        if model is not None:
            blank = StepVerdict(1, 0, 0, parts[0].operator, parts[0].text, "refuted")
            return (replace(blank, counterexample=model),)
    shelves = Shelves()
    outcomes = [_proves(problem, part, _all(problem), shelves) for part in parts]
    if not all(o.proved for o in outcomes) and _chained(problem, parts, shelves):
        outcomes = [Outcome(True)] * len(parts)
    verdicts: list[StepVerdict] = []
    for step, outcome in zip(parts, outcomes, strict=True):
        done = any(v.verdict == "refuted" for v in verdicts)
        verdicts.append(_part(problem, step, outcome, 0 if done else effort))
    return tuple(verdicts)


def _part(problem: Problem, step: Step, outcome: Outcome, effort: int) -> StepVerdict:
    kept = _all(problem)
    blank = StepVerdict(step.index, 0, 0, step.operator, step.text, "unknown")
    if outcome.proved:
        return replace(blank, verdict="proved")
    if outcome.demands:
        return replace(blank, message=_why(replace(outcome, residual=None, reason=""), ()))
    residual = _residual(problem, kept, outcome)
    model = _model(problem, step, kept, effort) if effort else None
    if model is not None:
        return replace(blank, verdict="refuted", residual=residual, counterexample=model)
    return replace(blank, residual=residual, message=_why(outcome, ()))


# --- find ---------------------------------------------------------------------------------------


def _found(statement: Statement, find: th.Find, claim: str, file: str) -> TheoremVerdict:
    problem = statement.problem
    line = _line(statement)
    blank = TheoremVerdict(file, problem.name, "unknown", claim, warnings=problem.warnings, line=line)
    try:
        solution = solve(within(problem, _in_force(problem, problem.cited)), find)
    except NoSolution as reason:
        return replace(blank, verdict="refuted", message=f"no solution: {reason}")
    except Unsolved as reason:
        return replace(blank, message=str(reason))
    shelves = Shelves()
    steps = tuple(judge_step(statement, s, shelves) for s in _solution_steps(statement, find, solution))
    word = together(steps)
    warnings = (*problem.warnings, *_unused(problem, steps))
    if word != "proved":
        message = f"{term_text(solution.answer)} is a candidate, but not shown to be the one solution"
        return replace(blank, steps=steps, warnings=warnings, message=message)
    return replace(blank, verdict=word, steps=steps, warnings=warnings, found=term_text(solution.answer))


def _solution_steps(statement: Statement, find: th.Find, solution: Solution) -> tuple[Step, ...]:
    """relation iff ... iff target = answer, each link to be judged like a user's."""
    cited = statement.problem.cited
    here: th.Relation = find.relation
    steps: list[Step] = []
    for there in solution.chain:
        text = relation_text(th.Relation(tuple(shown(t) for t in there.terms), there.operators))
        steps.append(Step(len(steps) + 1, "iff", here, there, cited, None, text, "", statement.theorem.claim_at))
        here = there
    return tuple(steps)
