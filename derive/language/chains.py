"""A claim and its proof -> the links to be judged; a chain leads from the claim's left side to its right side."""

from __future__ import annotations

from collections.abc import Iterable

from derive.language import citing
from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.names import Names
from derive.language.printer import claim_text, relation_text, step_text, term_text
from derive.language.problem import Step
from derive.language.randomness import conditions_of
from derive.language.resolving import Resolver
from derive.language.terms import Term, first_position


def steps(theorem: th.Theorem, claim: th.Claim, names: Names, resolver: Resolver) -> tuple[Step, ...]:
    """The links of the claim's proof, or the claim's own comparisons; none for a ``find``."""
    if isinstance(claim, th.Find) and theorem.by is not None and theorem.by.theorems:
        remedy = "state the answer: show A = B iff Var(W) = 1/n, by theorem ..."
        raise LanguageError("`find` cites no theorem: the tool writes its proof", remedy, theorem.by.theorems[0].at)
    if theorem.proof is None:
        return tuple(_comparisons(theorem, claim, names, resolver))
    if isinstance(claim, th.Find):
        raise LanguageError("`find` has no proof: the tool writes it", "remove the proof", theorem.proof.at)
    if isinstance(claim, th.Conjunction):
        raise LanguageError("a claim with `and` has no proof", "make two theorems", theorem.proof.at)
    if theorem.by is not None:
        raise LanguageError("the claim has a proof", "justify its links instead", theorem.claim_at)
    found = tuple(_links(theorem.proof, claim, theorem, names, resolver))
    _leads(theorem.proof, claim, theorem, found)
    return found


def given_in(claim: th.Claim, proof: th.Proof | None) -> frozenset[str]:
    """The families that an equation between random variables is given: those behind its ``|``, and its proof's."""
    if not isinstance(claim, th.Show):
        return frozenset()
    places = (proof.start, *(link.to for link in proof.links)) if proof else ()
    return conditions_of([*claim.relation.terms, *_terms(places)])


def _terms(places: Iterable[Term | th.Relation]) -> Iterable[Term]:
    for place in places:
        yield from place.terms if isinstance(place, th.Relation) else (place,)


def _comparisons(theorem: th.Theorem, claim: th.Claim, names: Names, resolver: Resolver) -> Iterable[Step]:
    """One step for each comparison of a claim without a proof."""
    cited, method = citing.cited(theorem.by, theorem), citing.method(theorem.by, names)
    theorems = citing.theorems(theorem.by, resolver)
    single = isinstance(claim, th.Show | th.Equivalence)
    index = 0
    for part, written in zip(_parts(claim), _parts(theorem.claim), strict=True):
        if isinstance(part, th.Equivalence):
            index += 1
            text = claim_text(written)
            said = (written.left, written.right) if isinstance(written, th.Equivalence) else None
            yield Step(index, "iff", part.left, part.right, cited, method, text, "", theorem.claim_at, said, theorems)
        elif isinstance(written, th.Show):
            for (a, operator, b), (x, _, y) in zip(part.relation.pairs(), written.relation.pairs(), strict=True):
                index += 1
                text = claim_text(written) if single else relation_text(th.Relation((x, y), (operator,)))
                yield Step(index, operator, a, b, cited, method, text, "", theorem.claim_at, (x, y), theorems)


def _parts(claim: th.Claim) -> tuple[th.Show | th.Equivalence, ...]:
    match claim:
        case th.Conjunction(claims=claims):
            return claims
        case th.Find():
            return ()
        case _:
            return (claim,)


def _links(
    proof: th.Proof, claim: th.Show | th.Equivalence, theorem: th.Theorem, names: Names, resolver: Resolver
) -> Iterable[Step]:
    given = given_in(theorem.claim, proof)
    allowed = {"iff"} if isinstance(claim, th.Equivalence) else {"=", *claim.relation.operators}
    here, said = _place(proof.start, resolver, given), proof.start
    for index, link in enumerate(proof.links, 1):
        if link.operator not in allowed:
            raise LanguageError(
                f"a link `{link.operator}` does not belong in the proof of this claim",
                "links are " + " or ".join(sorted(allowed)),
                link.at,
            )
        there = _place(link.to, resolver, given)
        cited, method = citing.cited(link.by, theorem), citing.method(link.by, names)
        theorems = citing.theorems(link.by, resolver)
        text, written = step_text(link.to), (said, link.to)
        yield Step(index, link.operator, here, there, cited, method, text, link.remark, link.at, written, theorems)
        here, said = there, link.to


def _place(place: Term | th.Relation, resolver: Resolver, given: frozenset[str]) -> Term | th.Relation:
    return resolver.relation(place) if isinstance(place, th.Relation) else resolver.top(place, given)


# --- from the left side to the right side -----------------------------------------------------------------------------


def _leads(proof: th.Proof, claim: th.Show | th.Equivalence, theorem: th.Theorem, links: tuple[Step, ...]) -> None:
    """Check that the chain starts and ends at the claim, and passes through what stands between."""
    places = [links[0].left, *(s.right for s in links)]
    sides: list[Term | th.Relation] = (
        [claim.left, claim.right] if isinstance(claim, th.Equivalence) else list(claim.relation.terms)
    )
    if places[0] != sides[0]:
        raise LanguageError(
            "the chain does not start at the claim's left side",
            f"start with {_side_text(theorem.claim, 0)}",
            _position(proof.start, proof.at),
        )
    if places[-1] != sides[-1]:
        raise LanguageError(
            "the chain does not end at the claim's right side",
            f"end with {_side_text(theorem.claim, -1)}",
            _position(proof.links[-1].to, proof.at),
        )
    if isinstance(claim, th.Show):
        _passes(proof, claim.relation, theorem, places, [s.operator for s in links])


def _passes(
    proof: th.Proof, claim: th.Relation, theorem: th.Theorem, places: list[Term | th.Relation], operators: list[str]
) -> None:
    """Check that the links between two neighbours of ``A <= B < C`` show their comparison."""
    reached = {0}  # where in the chain the claim's terms before this one may stand
    for k, (left, operator, right) in enumerate(claim.pairs(), 1):
        ends = range(len(places)) if k < len(claim.operators) else [len(places) - 1]
        there = {end for end in ends if places[end] == right}
        if not there:
            raise LanguageError(
                f"the chain does not pass through the claim's `{_side_text(theorem.claim, k)}`",
                "write it as one of the lines of the proof",
                proof.at,
            )
        shown = {e for s in reached for e in there if s <= e and _shows(operators[s:e], operator, same=left == right)}
        if not shown:
            between = f"between {_side_text(theorem.claim, k - 1)} and {_side_text(theorem.claim, k)}"
            found = "the chain proves an equation, the claim is an inequality"
            if set(operators) != {"="}:
                found = f"the links {between} do not show `{operator}`"
            raise LanguageError(found, f"use a link {operator}, and beside it only links =, {between}", proof.at)
        reached = shown


def _shows(operators: list[str], operator: str, *, same: bool) -> bool:
    """Whether a run of links shows a comparison: equations, and its own relation at least once."""
    if not operators:
        return operator == "=" and same
    return set(operators) <= {"=", operator} and operator in operators


def _side_text(claim: th.Claim, which: int) -> str:
    match claim:
        case th.Show(relation=relation):
            return term_text(relation.terms[which])
        case th.Equivalence(left=left, right=right):
            return step_text(left if which == 0 else right)
        case _:
            return claim_text(claim)


def _position(side: Term | th.Relation, otherwise: int) -> int:
    at = first_position(side.terms[0] if isinstance(side, th.Relation) else side)
    return at if at >= 0 else otherwise
