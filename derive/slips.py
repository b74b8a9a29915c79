"""The slips that people make, and whether a refuted link is one of them.

A name is never a guess. Either the link is proved once what is wrong is replaced by what is right; or it is proved
under a misreading of the givens (a bound read as a standard deviation, one matrix of a packed one read as the whole, a
mean read as 0), so that it says what follows from the misreading; or what it lacks is precisely the one assumption
that the slip is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from derive.candidates import Candidate, Proves, extended, follows
from derive.kernel.facts import theory
from derive.kernel.judge import difference
from derive.kernel.symbols import Unsupported
from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.indices import at_index
from derive.language.printer import step_text, term_text
from derive.language.problem import Assumption, Problem, Step
from derive.language.scope import first_entry
from derive.language.terms import (
    ONE,
    TWO,
    ZERO,
    Add,
    Apply,
    Entry,
    Mul,
    Name,
    Neg,
    Num,
    Pow,
    Recip,
    Term,
    add,
    expectation,
    functionals,
    mul,
    number,
    substitute,
    variance,
    walk,
)
from derive.patterns import Binding, filled, matches
from derive.solving import shown
from derive.verdict import Slip

MOST_TRIED = 80  # repaired links that the kernel judges, for all slips together

Side = Term | th.Relation
Texts = Mapping[str, str]
Finder = Callable[["Case"], Iterator[Texts]]


class _OutOfBounds(Exception):
    """As many repairs were tried as may be."""


@dataclass(slots=True)
class Case:
    """A refuted link under the givens in force, and the weakest sets of assumptions that it lacks."""

    problem: Problem
    step: Step
    lacking: tuple[tuple[Candidate, ...], ...]
    proves: Proves
    read: Callable[[Term], Term]
    left: int = MOST_TRIED
    tried: set[object] = field(default_factory=set[object])

    def proved(self, problem: Problem, step: Step) -> bool:
        """Whether the kernel proves a link. Raises ``_OutOfBounds``."""
        self.left -= 1
        if self.left < 0:
            raise _OutOfBounds
        return self.proves(problem, step)

    def fact(self, left: Term, right: Term) -> bool:
        """Whether an equation follows from the givens."""
        return self.proved(self.problem, Step(1, "=", left, right, None, None, "", "", -1))

    def families(self) -> list[str]:
        """The families that the link speaks of."""
        terms = [t for side in (self.step.left, self.step.right) for t in _terms(side)]
        said = {t.name for term in terms for t in walk(term) if isinstance(t, Entry | Name)}
        return [name for name in self.problem.families if name in said]


def recognized(
    problem: Problem,
    step: Step,
    lacking: tuple[tuple[Candidate, ...], ...],
    proves: Proves,
    read: Callable[[Term], Term],
) -> Slip | None:
    """The first known slip that a refuted link is. ``read`` looks up the names of a term as its author wrote it."""
    if step.written is None:
        return None
    case = Case(problem, step, lacking, proves, read)
    try:
        for known in KNOWN:
            texts = next(known.find(case), None)
            if texts is not None:
                return Slip(known.name, known.sentence.format(**texts))
    except _OutOfBounds:
        return None
    return None


@dataclass(frozen=True, slots=True)
class Known:
    """A known slip: how it is found, and what is said of it, with texts that the finder gives."""

    name: str
    find: Finder
    sentence: str


# --- something stands in the place of something else ------------------------------------------------------------------

T, X, Y, N, M, SD = (Name(f"?{c}") for c in "txynms")
HOLES = ("?t", "?x", "?y", "?n", "?m", "?s")
Where = Callable[[Case, Binding], Iterator[Binding]]


def replaced(wrong: Term, right: Term, where: Where | None = None, *, everywhere: bool = False) -> Finder:
    """Links that are proved with ``right`` in the place of ``wrong``, at one place of a side or everywhere in it."""

    def find(case: Case) -> Iterator[Texts]:
        for k, number_of_term, term in _places(case.step):
            for match in matches(wrong, term, HOLES, lambda hole, t: _allowed(case.problem, hole, t)):
                for binding in where(case, match.binding) if where else [match.binding]:
                    new = filled(right, binding)
                    changed = match.put(new)
                    if everywhere and isinstance(match.part, Name):
                        changed = substitute(term, {match.part.name: new})
                    if _repairs(case, k, number_of_term, changed):
                        texts = {hole[1:]: term_text(t) for hole, t in binding.items()}
                        yield {**texts, "wrong": term_text(match.part), "right": term_text(new)}

    return find


def _places(step: Step) -> Iterator[tuple[int, int, Term]]:
    """The terms of both sides as they were written, the right side first: side, place in a relation, term."""
    for k in (1, 0):
        side = step.written[k] if step.written else ZERO
        yield from ((k, j, term) for j, term in enumerate(_terms(side)))


def _terms(side: Side) -> tuple[Term, ...]:
    return side.terms if isinstance(side, th.Relation) else (side,)


def _allowed(problem: Problem, hole: str, term: Term) -> bool:
    if hole in {"?n", "?m"}:
        return isinstance(term, Name) and term.name in problem.sizes
    if hole == "?s":
        return not isinstance(term, Num) and not (isinstance(term, Name) and term.name in problem.sizes)
    return not functionals(term)


def _repairs(case: Case, side: int, place: int, changed: Term) -> bool:
    """Whether the link is proved with another term at a place."""
    here = (case.step.left, case.step.right)[side]
    try:
        new = case.read(changed)
    except LanguageError:
        return False
    if isinstance(here, th.Relation):
        terms = tuple(new if k == place else t for k, t in enumerate(here.terms))
        new = th.Relation(terms, here.operators)
    if new == here or (side, new) in case.tried:
        return False
    case.tried.add((side, new))
    step = replace(case.step, left=new) if side == 0 else replace(case.step, right=new)
    return case.proved(case.problem, step)


def fans(case: Case, binding: Binding) -> Iterator[Binding]:
    """n and m are the two widths of one matrix."""
    for family in case.problem.families.values():
        ends = [r.high for r in family.ranges if isinstance(r.high, str)]
        for m in ends if len(set(ends)) == 2 else []:
            if Name(m) != binding["?n"] and binding["?n"] in {Name(e) for e in ends}:
                yield {**binding, "?m": Name(m), "?F": Name(family.name)}


def packed(case: Case, binding: Binding) -> Iterator[Binding]:
    """A given says m = k n or n = k m."""
    for whole, one in _packings(case.problem):
        if binding["?n"] in {whole, one}:
            yield {**binding, "?m": one if binding["?n"] == whole else whole, "?whole": whole, "?one": one}


def _packings(problem: Problem) -> Iterator[tuple[Term, Term]]:
    for item in (g.item for g in problem.givens):
        if isinstance(item, th.Relation) and item.operators == ("=",):
            for whole, several in (item.terms, item.terms[::-1]):
                factors = several.factors if isinstance(several, Mul) else ()
                sizes = [f for f in factors if isinstance(f, Name) and f.name in problem.sizes]
                if isinstance(whole, Name) and whole.name in problem.sizes and len(sizes) == 1:
                    yield whole, sizes[0]


def deviation(square: Callable[[Term], Term]) -> Where:
    """Some family that the link speaks of has the variance ``square(s)``."""

    def where(case: Case, binding: Binding) -> Iterator[Binding]:
        try:
            value = case.read(square(binding["?s"]))
        except LanguageError:
            return
        for name in case.families():
            if case.fact(variance(first_entry(case.problem.families[name])), value):
                yield {**binding, "?F": Name(name)}

    return where


# --- a misreading of the givens ---------------------------------------------------------------------------------------


def bound_as_deviation(case: Case) -> Iterator[Texts]:
    """Uniform(-c, c) read as a law of standard deviation c."""
    for k, law in _laws(case.problem, "Uniform"):
        low, high = law.args
        entry = first_entry(case.problem.families[law.name])
        if not case.fact(low, Neg(high)):
            continue
        facts = (
            th.Relation((expectation(entry), ZERO), ("=",)),
            th.Relation((variance(entry), Pow(high, TWO)), ("=",)),
        )
        if case.proved(_instead(case.problem, k, facts), case.step):
            bound = shown(high)
            yield {
                "F": law.name,
                "bound": term_text(bound),
                "deviation": term_text(mul(bound, Recip(Apply("sqrt", (number(3),))))),
                "variance": term_text(mul(Pow(bound, TWO), Recip(number(3)))),
            }


def variance_as_deviation(case: Case) -> Iterator[Texts]:
    """Normal(mean, v) read as a law of standard deviation v."""
    for k, law in _laws(case.problem, "Normal"):
        mean, v = law.args
        misread = th.Law(law.name, law.law, (mean, Pow(v, TWO)))
        if case.proved(_instead(case.problem, k, (misread,)), case.step):
            yield {"F": law.name, "wrong": term_text(Pow(shown(v), TWO)), "right": term_text(shown(v))}


def one_of_the_packed(case: Case) -> Iterator[Texts]:
    """m = k n read as m = n."""
    for k, given in enumerate(case.problem.givens):
        for whole, one in _packings(replace(case.problem, givens=(given,))):
            misread = th.Relation((whole, one), ("=",))
            if case.proved(_instead(case.problem, k, (misread,)), case.step):
                yield {"wrong": term_text(one), "right": term_text(whole), "given": given.text}


def mean_of_relu(case: Case) -> Iterator[Texts]:
    """E(relu(t)) read as 0: the link is proved then, and one of its sides does not have that mean in it."""
    for rectified in _rectified(case.step):
        mean = expectation(rectified)
        names = {t.name for t in walk(rectified) if isinstance(t, Entry)}
        problem = _without_closed_forms(case.problem, names)
        unsaid = [k for k in (1, 0) if _leaves_out(problem, (case.step.left, case.step.right)[k], mean)]
        misread = extended(problem, [th.Relation((mean, ZERO), ("=",))])
        if unsaid and case.proved(misread, case.step):
            side = case.step.written[unsaid[0]] if case.step.written else ZERO
            yield {"mean": term_text(shown(mean)), "side": step_text(side)}


def _rectified(step: Step) -> list[Term]:
    terms = [t for side in (step.left, step.right) for t in _terms(side)]
    found = [t for term in terms for t in walk(term) if isinstance(t, Apply) and t.function in {"relu", "leaky_relu"}]
    return list(dict.fromkeys(_at_first(t) for t in found))


def _at_first(term: Term) -> Term:
    """The term with 1 for each bound or free index."""
    for part in [t for t in walk(term) if isinstance(t, Entry)]:
        for index in part.indices:
            if isinstance(index, Name):
                term = at_index(term, index.name, 1)
    return term


def _without_closed_forms(problem: Problem, names: set[str]) -> Problem:
    """The problem with symmetry and variance for the centred normal laws of some families: their E|y| is free then."""
    for k, law in reversed(list(_laws(problem, "Normal"))):
        if law.name in names and law.args[0] == ZERO:
            entry = first_entry(problem.families[law.name])
            second = th.Relation((variance(entry), law.args[1]), ("=",))
            problem = _instead(problem, k, (th.Symmetric(law.name), second))
    return problem


def _leaves_out(problem: Problem, side: Side, mean: Term) -> bool:
    """Whether no moment that the mean consists of occurs in a side's normal form."""
    try:
        known = theory(problem, frozenset(range(len(problem.givens))))
        atoms = difference(known, mean, ZERO).difference.numerator.symbols()
        here = {s for t in _terms(side) for s in difference(known, t, ZERO).difference.numerator.symbols()}
    except Unsupported:
        return False
    return bool(atoms) and not atoms & here


def _laws(problem: Problem, name: str) -> list[tuple[int, th.Law]]:
    return [(k, g.item) for k, g in enumerate(problem.givens) if isinstance(g.item, th.Law) and g.item.law == name]


def _instead(problem: Problem, place: int, items: Sequence[th.Item]) -> Problem:
    """The problem with other givens in the place of one."""
    before, after = problem.givens[:place], problem.givens[place + 1 :]
    return replace(problem, givens=(*before, *(Assumption(i, "", True, -1) for i in items), *after))


# --- one assumption is missing ----------------------------------------------------------------------------------------


def pairwise(case: Case) -> Iterator[Texts]:
    """What is missing is mutual independence of families that are independent in pairs."""
    for item, text in _missing(case):
        pairs = _across(item)
        names = {n for pair in pairs for n in pair}
        if len(names) > 2 and all(follows(th.Independent(((a,), (b,))), case.problem, case.proves) for a, b in pairs):
            yield {"names": _listed(sorted(names)), "missing": text}


def uncorrelated(case: Case) -> Iterator[Texts]:
    """What is missing is independence of what the givens make uncorrelated."""
    for item, text in _missing(case):
        if isinstance(item, th.Family):
            low = (1,) * len(item.ranges)
            pairs = [(_entry(item.name, low), _entry(item.name, (*low[:k], 2, *low[k + 1 :]))) for k in range(len(low))]
        else:
            firsts = {name: first_entry(family) for name, family in case.problem.families.items()}
            pairs = [(firsts[a], firsts[b]) for a, b in _across(item)]
        if pairs and all(case.fact(Apply("Cov", pair), ZERO) for pair in pairs):
            yield {"names": " and ".join(term_text(shown(t)) for t in pairs[0]), "missing": text}


def _missing(case: Case) -> Iterator[tuple[th.Item, str]]:
    """Assumptions each of which is enough by itself."""
    for row in case.lacking:
        if len(row) == 1 and isinstance(row[0].item, th.Independent | th.Family):
            yield row[0].item, row[0].text


def _across(item: th.Item) -> list[tuple[str, str]]:
    """The pairs of families in different blocks."""
    blocks = item.blocks if isinstance(item, th.Independent) else ()
    return [pair for k, one in enumerate(blocks) for other in blocks[k + 1 :] for pair in product(one, other)]


def _entry(name: str, index: tuple[int, ...]) -> Entry:
    return Entry(name, tuple(number(i) for i in index))


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


# --- the table --------------------------------------------------------------------------------------------------------

_STANDS = "`{wrong}` stands where `{right}` belongs: "
_PACKED = "the matrix is a packed one, and its width is `{whole}`, not `{one}`"
_DEVIATION = "standard deviation for variance"

KNOWN: tuple[Known, ...] = (
    Known("pairwise for mutual", pairwise,
          "{names} are independent in pairs, and that is not enough: write `{missing}` among the givens"),
    Known("uncorrelated for independent", uncorrelated,
          "{names} are uncorrelated, and that is not enough: write `{missing}` among the givens"),
    Known("variance for second moment", replaced(variance(T), expectation(Pow(T, TWO))),
          _STANDS + "they differ by `E({t})^2`, which is 0 only where the mean is"),
    Known("relu's mean forgotten", mean_of_relu,
          "`{side}` leaves out `{mean}`, which is positive unless the argument never is: write it where it belongs"),
    Known("Var(XY) without means",
          replaced(Mul((variance(X), variance(Y))),
                   add(Mul((expectation(Pow(X, TWO)), expectation(Pow(Y, TWO)))),
                       Neg(Mul((Pow(expectation(X), TWO), Pow(expectation(Y), TWO)))))),
          "the variance of a product of independent factors is `{right}`; it is `{wrong}` only if both means are 0"),
    Known("packed fan", replaced(N, M, packed), _STANDS + _PACKED),
    Known("packed fan", one_of_the_packed,
          "the link holds for one matrix of width `{wrong}`; by `{given}` the width is `{right}`: write that instead"),
    Known("fan_in for fan_out", replaced(N, M, fans), _STANDS + "they are the two fans of `{F}`"),
    Known("fan_in for fan_out", replaced(N, M, fans, everywhere=True), _STANDS + "they are the two fans of `{F}`"),
    Known("n for n-1", replaced(N, Add((N, Neg(ONE)))),
          _STANDS + "of {n} things, {n} - 1 are left beside any one of them"),
    Known("n for n-1", replaced(Pow(N, TWO), Mul((N, Add((N, Neg(ONE)))))),
          _STANDS + "of {n} things, {n} - 1 are left beside any one of them"),
    Known("second moment for variance", replaced(expectation(Pow(T, TWO)), variance(T)),
          _STANDS + "they differ by `E({t})^2`, which is 0 only where the mean is"),
    Known(_DEVIATION, replaced(SD, Pow(SD, TWO), deviation(lambda s: Pow(s, TWO))),
          _STANDS + "`{s}` is the standard deviation of `{F}`, and its square is the variance"),
    Known(_DEVIATION, replaced(Apply("sqrt", (SD,)), SD, deviation(lambda s: s)),
          _STANDS + "`{s}` is the variance of `{F}`, and its root the standard deviation"),
    Known(_DEVIATION, replaced(Pow(SD, TWO), SD, deviation(lambda s: s)),
          _STANDS + "`{s}` is the variance of `{F}` already, and not its standard deviation"),
    Known(_DEVIATION, variance_as_deviation,
          "the second parameter of `Normal` is the variance: the variance of `{F}` is `{right}`, and not `{wrong}`"),
    Known("bound for standard deviation of a uniform law", bound_as_deviation,
          "`{bound}` is the bound of `{F}`, not its standard deviation, which is `{deviation}`: write "
          "`{variance}` for its variance"),
)  # fmt: skip
