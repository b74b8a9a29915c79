"""Theorem -> Problem: look up every name, unfold definitions, and refuse what is not well-formed."""

from __future__ import annotations

from collections.abc import Mapping

from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.functions import CONSTANT_NAMES, LAWS, nearest
from derive.language.printer import claim_text, step_text, term_text
from derive.language.problem import Assumption, Problem, Step
from derive.language.terms import (
    FUNCTIONALS,
    ONE,
    Add,
    Apply,
    Big,
    Entry,
    Name,
    Neg,
    Num,
    Term,
    add,
    children,
    first_position,
    functionals,
    mul,
    number,
    rebuild,
    substitute,
    walk,
)

MOST_NODES = 20_000
MOST_DEPTH = 250
MOST_WRITTEN_OUT = 64


def resolve(theorem: th.Theorem) -> Problem:
    """Look up the theorem's names. Raises ``LanguageError`` at the first thing that is not well-formed."""
    scope = _Scope(theorem)
    givens = tuple(scope.assumption(g) for g in theorem.givens)
    scope.check_definitions(theorem.definitions)
    claim = scope.claim(theorem.claim, theorem.claim_at)
    steps = scope.steps(theorem, claim)
    return Problem(
        theorem.name,
        scope.families,
        scope.constants,
        dict(scope.sizes),
        dict(scope.free),
        givens,
        claim,
        steps,
        tuple(dict.fromkeys(scope.warnings)),
        scope.citations(theorem.by, theorem),
    )


def first_entry(family: th.Family) -> Entry:
    """What the family's bare name means: W is W[1,1]."""
    return Entry(family.name, (ONE,) * len(family.ranges))


class _Scope:
    """The names of one theorem. Lives only while ``resolve`` runs."""

    def __init__(self, theorem: th.Theorem) -> None:
        self.families: dict[str, th.Family] = {}
        self.constants: dict[str, th.Constant] = {}
        self.sizes: dict[str, int] = {}
        self.index_names: set[str] = set()
        self.definitions: dict[str, th.Definition] = {}
        self.defined_later = frozenset(d.name for d in theorem.definitions)
        self.free: dict[str, str | int] = {}
        self.warnings: list[str] = []
        self.nodes = 0
        for given in theorem.givens:
            self._declare(given)
        for definition in theorem.definitions:
            self.index_names.update(definition.indices)
        taken = set(self.families) | set(self.constants) | set(self.sizes)
        for clash in sorted(self.index_names & taken):
            raise LanguageError(f"`{clash}` is declared and is an index too", "rename the index", theorem.at)
        for clash in sorted(set(self.sizes) & (set(self.families) | set(self.constants))):
            raise LanguageError(
                f"`{clash}` ends a range, so it is a size, and is declared too", "use two names", theorem.at
            )

    # --- declarations ----------------------------------------------------------------------------

    def _declare(self, given: th.Given) -> None:
        item = given.item
        ranges: tuple[th.Range, ...] = ()
        if isinstance(item, th.Family | th.Constant):
            if item.name in self.families or item.name in self.constants:
                raise LanguageError(f"`{item.name}` is declared twice", "remove one of the declarations", given.at)
            (self.families if isinstance(item, th.Family) else self.constants)[item.name] = item  # type: ignore[assignment]
            ranges = item.ranges
        elif isinstance(item, th.Recurrence):
            ranges = item.ranges
            head = item.relation.terms[0]
            if isinstance(head, Entry) and head.name not in self.constants:
                self.constants[head.name] = th.Constant(head.name, "real", ranges)
        if len({r.index for r in ranges}) < len(ranges):
            raise LanguageError("two ranges have the same index", "use different index names", given.at)
        for r in ranges:
            self.index_names.add(r.index)
            if isinstance(r.high, str):
                self.sizes.setdefault(r.high, 1)

    def assumption(self, given: th.Given) -> Assumption:
        """The given with its names resolved."""
        item = given.item
        removable = isinstance(item, th.Independent | th.Symmetric)
        match item:
            case th.Independent(blocks=blocks):
                for name in (n for b in blocks for n in b):
                    self._family(name, given.at)
            case th.Symmetric(name=name):
                self._family(name, given.at)
            case th.Law():
                item = self._law(item, given.at)
            case th.Relation():
                for definition_name in self._definition_names(item):
                    raise LanguageError(
                        f"givens do not mention `{definition_name}`, which `let` defines",
                        "say it of the declared families",
                        given.at,
                    )
                removable = set(item.operators) == {"="} and any(functionals(t) for t in item.terms)
                item = self.relation(item)
            case th.Family() | th.Constant() | th.Recurrence():
                pass
        return Assumption(item, given.text, removable, given.at)

    def _definition_names(self, relation: th.Relation) -> list[str]:
        mentioned = {t.name for r in relation.terms for t in walk(r) if isinstance(t, Name | Entry)}
        known = set(self.families) | set(self.constants) | set(self.sizes) | self.index_names
        return sorted((mentioned - known) & self.defined_later)

    def _family(self, name: str, at: int) -> th.Family:
        if name in self.families:
            return self.families[name]
        known = set(self.families)
        raise LanguageError(
            f"`{name}` is not a declared family",
            nearest(name, known) or f"declare it: {name} random, or {name}[j] iid for j in 1..n",
            at,
        )

    def _law(self, item: th.Law, at: int) -> th.Law:
        self._family(item.name, at)
        if item.law not in LAWS:
            raise LanguageError(f"unknown law `{item.law}`", nearest(item.law, set(LAWS)) or _law_list(), at)
        if len(item.args) != LAWS[item.law]:
            raise LanguageError(
                f"`{item.law}` takes {LAWS[item.law]} parameters, not {len(item.args)}", _law_list(), at
            )
        args = tuple(self.term(a) for a in item.args)
        for arg, written in zip(args, item.args, strict=True):
            if functionals(arg):
                raise LanguageError(
                    "a law's parameters are constants", "name the moment: s positive", first_position(written)
                )
            self._no_random(arg, written)
        return th.Law(item.name, item.law, args)

    # --- definitions -----------------------------------------------------------------------------

    def check_definitions(self, definitions: tuple[th.Definition, ...]) -> None:
        """Enter the definitions one after the other; each may use the earlier ones."""
        for definition in definitions:
            name = definition.name
            if name in self.definitions or name in self.families or name in self.constants or name in self.sizes:
                raise LanguageError(f"`{name}` is declared twice", "choose another name", definition.at)
            if name in self.index_names:
                raise LanguageError(f"`{name}` is an index", "choose another name", definition.at)
            if functionals(definition.body):
                raise LanguageError(
                    "a definition does not use E, Var or Cov",
                    "put them into the claim, or declare a constant",
                    first_position(definition.body),
                )
            free_before = dict(self.free)
            environment: dict[str, Term] = {i: Name(i) for i in definition.indices}
            self._resolve(definition.body, environment, 0)
            self.free = free_before
            self.definitions[name] = definition

    # --- claim and proof -------------------------------------------------------------------------

    def claim(self, claim: th.Claim, at: int) -> th.Claim:
        """The claim with its names resolved."""
        match claim:
            case th.Show(relation=relation):
                return th.Show(self.relation(relation))
            case th.Equivalence(left=left, right=right):
                return th.Equivalence(self.relation(left), self.relation(right))
            case th.Conjunction(claims=claims):
                return th.Conjunction(tuple(self._simple(c, at) for c in claims))
            case th.Find(target=target, relation=relation):
                return th.Find(self._target(target, at), self.relation(relation))

    def _simple(self, claim: th.Show | th.Equivalence, at: int) -> th.Show | th.Equivalence:
        resolved = self.claim(claim, at)
        if isinstance(resolved, th.Show | th.Equivalence):
            return resolved
        raise LanguageError("claims joined by `and` are equations or equivalences", "make two theorems", at)

    def _target(self, target: Term, at: int) -> Term:
        resolved = self.term(target)
        constant = isinstance(resolved, Name) and resolved.name in self.constants
        moment = isinstance(resolved, Apply) and resolved.function in FUNCTIONALS
        if constant or moment:
            return resolved
        raise LanguageError(
            "what is to be found is Var(.), E(.) of a family or a declared constant",
            "write for example: find Var(W) such that Var(z) = Var(a)",
            at,
        )

    def steps(self, theorem: th.Theorem, claim: th.Claim) -> tuple[Step, ...]:
        """The chain's links, checked to lead from the claim's left side to its right side."""
        cited = self.citations(theorem.by, theorem)
        method = theorem.by.method if theorem.by else None
        if theorem.proof is None:
            return self._claim_steps(theorem, claim, cited, method)
        if isinstance(claim, th.Find):
            raise LanguageError("`find` has no proof: the tool writes it", "remove the proof", theorem.proof.at)
        if isinstance(claim, th.Conjunction):
            raise LanguageError("a claim with `and` has no proof", "make two theorems", theorem.proof.at)
        if theorem.by is not None:
            raise LanguageError("the claim has a proof", "justify its links instead", theorem.claim_at)
        return self._chain(theorem.proof, claim, theorem)

    def _claim_steps(
        self, theorem: th.Theorem, claim: th.Claim, cited: frozenset[int] | None, method: str | None
    ) -> tuple[Step, ...]:
        text, at = claim_text(theorem.claim), theorem.claim_at
        claims = claim.claims if isinstance(claim, th.Conjunction) else (claim,)
        steps: list[Step] = []
        for single in claims:
            match single:
                case th.Equivalence(left=left, right=right):
                    steps.append(Step(len(steps) + 1, "iff", left, right, cited, method, text, "", at))
                case th.Show(relation=relation):
                    for a, operator, b in relation.pairs():
                        steps.append(Step(len(steps) + 1, operator, a, b, cited, method, text, "", at))
                case th.Find():
                    pass
        return tuple(steps)

    def _chain(self, proof: th.Proof, claim: th.Show | th.Equivalence, theorem: th.Theorem) -> tuple[Step, ...]:
        here = self._side(proof.start)
        first, last, allowed = _ends(claim)
        if here != first:
            raise LanguageError(
                "the chain does not start at the claim's left side",
                f"start with {_side_text(theorem.claim, 0)}",
                _position(proof.start, proof.at),
            )
        steps: list[Step] = []
        for link in proof.links:
            if link.operator not in allowed:
                raise LanguageError(
                    f"a link `{link.operator}` does not belong in the proof of this claim",
                    "links are " + " or ".join(sorted(allowed)),
                    link.at,
                )
            there = self._side(link.to)
            by = self.citations(link.by, theorem)
            method = link.by.method if link.by else None
            text = step_text(link.to)
            steps.append(Step(len(steps) + 1, link.operator, here, there, by, method, text, link.remark, link.at))
            here = there
        if here != last:
            raise LanguageError(
                "the chain does not end at the claim's right side",
                f"end with {_side_text(theorem.claim, -1)}",
                _position(proof.links[-1].to, proof.at),
            )
        if isinstance(claim, th.Show) and claim.relation.operators[0] not in {"=", *(s.operator for s in steps)}:
            raise LanguageError(
                "the chain proves an equation, the claim is an inequality",
                f"use a link {claim.relation.operators[0]}",
                proof.at,
            )
        return tuple(steps)

    def _side(self, side: Term | th.Relation) -> Term | th.Relation:
        return self.relation(side) if isinstance(side, th.Relation) else self.top(side)

    def citations(self, by: th.Justification | None, theorem: th.Theorem) -> frozenset[int] | None:
        """The positions of the givens that a justification cites; None where it restricts nothing."""
        if by is None or not by.cited:
            return None
        positions: set[int] = set()
        for text, at in by.cited:
            found = [k for k, g in enumerate(theorem.givens) if _same_given(g, text)]
            if not found:
                names = {g.text for g in theorem.givens}
                raise LanguageError(
                    f"`{text}` is not a given of this theorem", nearest(text, names) or "cite a given as it stands", at
                )
            positions.update(found)
        return frozenset(positions)

    # --- terms -----------------------------------------------------------------------------------

    def relation(self, relation: th.Relation) -> th.Relation:
        """A relation between deterministic terms."""
        return th.Relation(tuple(self.top(t) for t in relation.terms), relation.operators)

    def top(self, term: Term) -> Term:
        """A term that has to be deterministic."""
        resolved = self.term(term)
        self._no_random(resolved, term)
        return resolved

    def term(self, term: Term) -> Term:
        """A term with its names resolved."""
        self.nodes = 0
        return self._resolve(term, {}, 0)

    def _resolve(self, term: Term, environment: Mapping[str, Term], depth: int, level: int = 0) -> Term:
        """``environment`` gives the values of index names in scope, ``depth`` counts the enclosing binders."""
        self.nodes += 1
        if self.nodes > MOST_NODES or level > MOST_DEPTH:
            raise LanguageError(
                "this term is too large once its definitions are unfolded", "make it smaller", first_position(term)
            )
        match term:
            case Name():
                return self._name(term, environment, depth, level)
            case Entry():
                return self._entry(term, environment, depth, level)
            case Big():
                return self._big(term, environment, depth, level)
            case Apply(function="limit", args=(body, Name(name=size))) if size in self.sizes:
                return Apply("limit", (self._resolve(body, environment, depth, level + 1), Name(size)), term.at)
            case _:
                return rebuild(term, lambda t: self._resolve(t, environment, depth, level + 1))

    def _name(self, term: Name, environment: Mapping[str, Term], depth: int, level: int) -> Term:
        name = term.name
        if name in environment or name in self.index_names:
            raise LanguageError(f"the index `{name}` stands where a value is expected", "use it in brackets", term.at)
        if name in CONSTANT_NAMES or name in self.sizes:
            return Name(name, term.at)
        if name in self.constants:
            if self.constants[name].ranges:
                raise LanguageError(f"`{name}` is a family of constants", f"write {name}[1]", term.at)
            return Name(name, term.at)
        if name in self.families:
            entry = first_entry(self.families[name])
            if depth and entry.indices:
                self.warnings.append(
                    f"`{name}` inside a sum means its first entry {term_text(entry)}; index it if another is meant"
                )
            return Entry(entry.name, entry.indices, term.at)
        if name in self.definitions:
            definition = self.definitions[name]
            if depth and definition.indices:
                self.warnings.append(f"`{name}` inside a sum means {name}[{','.join('1' for _ in definition.indices)}]")
            return self._unfold(definition, (ONE,) * len(definition.indices), depth, level)
        raise self._undeclared(name, term.at)

    def _undeclared(self, name: str, at: int) -> LanguageError:
        known = set(self.families) | set(self.constants) | set(self.sizes) | set(self.definitions)
        remedy = nearest(name, known) or f"declare it under `given`: {name} random, or {name} real"
        return LanguageError(f"`{name}` is not declared", remedy, at)

    def _unfold(self, definition: th.Definition, indices: tuple[Term, ...], depth: int, level: int) -> Term:
        environment = dict(zip(definition.indices, indices, strict=True))
        return self._resolve(definition.body, environment, depth, level + 1)

    def _entry(self, term: Entry, environment: Mapping[str, Term], depth: int, level: int) -> Term:
        name = term.name
        if name in self.definitions:
            definition = self.definitions[name]
            self._arity(term, len(definition.indices))
            indices = tuple(self._index(t, environment, term.at) for t in term.indices)
            return self._unfold(definition, indices, depth, level)
        declared = self.families.get(name) or self.constants.get(name)
        if declared is None:
            raise self._undeclared(name, term.at)
        self._arity(term, len(declared.ranges))
        shift = isinstance(declared, th.Constant)
        indices = tuple(self._index(t, environment, term.at, shift=shift) for t in term.indices)
        for index, place in zip(indices, declared.ranges, strict=True):
            self._within(index, place.high, term, shift=shift)
        return Entry(name, indices, term.at)

    def _arity(self, term: Entry, wanted: int) -> None:
        if len(term.indices) != wanted:
            raise LanguageError(
                f"`{term.name}` has {wanted} {'index' if wanted == 1 else 'indices'}, not {len(term.indices)}",
                f"write {term.name}[{','.join('ijklmn'[:wanted])}]" if wanted else f"write {term.name}",
                term.at,
            )

    def _index(self, term: Term, environment: Mapping[str, Term], at: int, *, shift: bool = False) -> Term:
        if isinstance(term, Num) and term.value.denominator == 1 and (term.value >= 1 or shift):
            return number(term.value)
        if isinstance(term, Name):
            if term.name in environment:
                return environment[term.name]
            if term.name in self.index_names or (shift and term.name in self.sizes):
                return Name(term.name)
            raise LanguageError(
                f"`{term.name}` is not an index",
                "an index is bound by a sum, declared in `given` or `let`, or a positive literal",
                term.at,
            )
        if shift and isinstance(term, Add) and len(term.terms) == 2:
            base, offset = term.terms
            step = offset.term if isinstance(offset, Neg) else offset
            if isinstance(base, Name) and isinstance(step, Num):
                return Add((self._index(base, environment, at, shift=True), offset))
        raise LanguageError(
            "an index is a name or a positive literal",
            "write for example a[j] or a[2]",
            at if at >= 0 else first_position(term),
        )

    def _within(self, index: Term, high: str | int, term: Entry, *, shift: bool) -> None:
        if shift:
            return  # a family of constants may be read at 0 and at its neighbours; recurrences say where
        if isinstance(index, Num):
            if isinstance(high, int) and index.value > high:
                raise LanguageError(
                    f"index {index.value} of `{term.name}` is beyond its range 1..{high}",
                    "make the range longer or the index smaller",
                    term.at,
                )
            if isinstance(high, str):
                self.sizes[high] = max(self.sizes[high], int(index.value))
        elif isinstance(index, Name) and not index.name.startswith("#"):
            known = self.free.setdefault(index.name, high)
            if known != high:
                raise LanguageError(
                    f"the index `{index.name}` stands for 1..{known} and for 1..{high}", "use two names", term.at
                )

    def _big(self, term: Big, environment: Mapping[str, Term], depth: int, level: int) -> Term:
        if term.index in self.families or term.index in self.constants or term.index in self.sizes:
            raise LanguageError(f"`{term.index}` is declared already", "choose another index name", term.at)
        low, high = term.low, term.high
        inner = {**environment, term.index: Name(f"#{depth}")}
        body = self._resolve(term.body, inner, depth + 1, level + 1)
        slots = self._slots(body, f"#{depth}")
        if isinstance(high, Name):
            if high.name not in self.sizes:
                raise LanguageError(
                    f"`{high.name}` is not a size",
                    nearest(high.name, set(self.sizes)) or "a size ends the range of a declared family",
                    high.at,
                )
            if low != ONE:
                raise LanguageError("a sum up to a size starts at 1", f"write {term.index} in 1..{high.name}", term.at)
            wrong = next((s for s in sorted(slots, key=str) if s != high.name), None)
            if wrong is not None:
                raise LanguageError(
                    f"the sum runs over 1..{high.name}, the index `{term.index}` over 1..{wrong}",
                    f"write {term.index} in 1..{wrong}",
                    term.at,
                )
            return Big(term.kind, body, f"#{depth}", ONE, Name(high.name), term.at)
        return self._written_out(term, body, slots, depth)

    def _written_out(self, term: Big, body: Term, slots: set[str | int], depth: int) -> Term:
        first, last = _literal(term.low, term.at), _literal(term.high, term.at)
        for high in slots:
            if isinstance(high, int) and last > high:
                raise LanguageError(
                    f"the sum goes to {last}, the range only to {high}", f"write {term.index} in 1..{high}", term.at
                )
            if isinstance(high, str) and last >= first:
                self.sizes[high] = max(self.sizes[high], last)
        if last - first + 1 > MOST_WRITTEN_OUT:
            if first == 1 and slots <= {last}:
                return Big(term.kind, body, f"#{depth}", ONE, number(last), term.at)
            raise LanguageError("a literal part of a range is too long", f"at most {MOST_WRITTEN_OUT} entries", term.at)
        parts = [substitute(body, {f"#{depth}": number(k)}) for k in range(first, last + 1)]
        self.nodes += sum(1 for p in parts for _ in walk(p))
        return add(*parts) if term.kind == "sum" else mul(*parts)

    def _slots(self, body: Term, index: str) -> set[str | int]:
        found: set[str | int] = set()
        for part in walk(body):
            if isinstance(part, Entry):
                declared = self.families.get(part.name) or self.constants.get(part.name)
                ranges = declared.ranges if declared else ()
                found |= {r.high for t, r in zip(part.indices, ranges, strict=False) if t == Name(index)}
        return found

    def _no_random(self, resolved: Term, written: Term) -> None:
        stack = [resolved]
        while stack:
            top = stack.pop()
            if isinstance(top, Apply) and top.function in FUNCTIONALS:
                continue
            if isinstance(top, Entry) and top.name in self.families:
                at = top.at if top.at >= 0 else first_position(written)
                raise LanguageError(f"`{top.name}` is random here", "put it into E(...), Var(...) or Cov(...)", at)
            stack.extend(children(top))


def _literal(term: Term, at: int) -> int:
    if isinstance(term, Num) and term.value.denominator == 1 and term.value >= 1:
        return int(term.value)
    raise LanguageError("a range has literal or named ends", "write j in 1..n", at)


def _law_list() -> str:
    return "Normal(mean, variance), Uniform(lo, hi), Rademacher(), TruncatedNormal(0, s^2, lo, hi)"


def _ends(claim: th.Show | th.Equivalence) -> tuple[Term | th.Relation, Term | th.Relation, set[str]]:
    if isinstance(claim, th.Equivalence):
        return claim.left, claim.right, {"iff"}
    relation = claim.relation
    allowed = {"="} | set(relation.operators)
    return relation.terms[0], relation.terms[-1], allowed


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


def _same_given(given: th.Given, text: str) -> bool:
    if given.text == text:
        return True
    if (isinstance(given.item, th.Independent) and text.endswith("independent")) or " independent of " in text:
        return isinstance(given.item, th.Independent) and _blocks(given.text) == _blocks(text)
    return False


def _blocks(text: str) -> frozenset[frozenset[str]]:
    """The blocks of an independence, whatever their order, from its canonical text."""
    body = text.replace(" independent of ", ", ").removesuffix(" independent")
    blocks: list[frozenset[str]] = []
    for part in body.replace("(", "\0(").split("\0"):
        if part.startswith("("):
            inside, _, rest = part[1:].partition(")")
            blocks.append(frozenset(n.strip() for n in inside.split(",")))
            part = rest
        blocks += [frozenset({n.strip()}) for n in part.split(",") if n.strip()]
    return frozenset(blocks)
