"""Changes of a derivation: from a theorem to another one, or to a text where the other one cannot be a theorem.

Each returns None where there is nothing to change. What the change makes of the theorem's truth is not known here; the
referee finds out. ``FATAL`` are the changes after which nothing may be accepted, whatever the referee finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random

from derive.language import terms as t
from derive.language import theorem as th
from derive.language.printer import item_text, theorem_text
from derive.language.terms import Term
from tests.tamper.subjects import statements

Change = Callable[[th.Theorem, Random], "th.Theorem | str | None"]
Rewrite = Callable[[Term, Random], "Term | None"]


# --- places: every term of a theorem, and the theorem with another one there ------------------------------------------


def _in_term(term: Term, put: Callable[[Term], th.Theorem]) -> Iterator[tuple[Term, Callable[[Term], th.Theorem]]]:
    yield term, put
    parts = t.children(term)
    for k in range(len(parts)):
        order = [parts[-1], *parts[:-1]] if isinstance(term, t.Big) else list(parts)
        del order

        def inside(new: Term, k: int = k) -> th.Theorem:
            return put(_with_part(term, k, new))

        yield from _in_term(parts[k], inside)


def _with_part(term: Term, k: int, new: Term) -> Term:
    """The term with its k-th part, in the order of ``children``, replaced."""
    if isinstance(term, t.Big):  # whose children come as low, high, body
        low, high, body = (new if j == k else part for j, part in enumerate(t.children(term)))
        return t.Big(term.kind, body, term.index, low, high)
    count = -1

    def change(part: Term) -> Term:
        nonlocal count
        count += 1
        return new if count == k else part

    return t.rebuild(term, change)


Side = Term | th.Relation
Places = Iterator[tuple[Term, Callable[[Term], th.Theorem]]]


def _in_side(side: Side, put: Callable[[Side], th.Theorem]) -> Places:
    if not isinstance(side, th.Relation):
        yield from _in_term(side, put)
        return
    for k, term in enumerate(side.terms):

        def inside(new: Term, k: int = k) -> th.Theorem:
            return put(replace(side, terms=(*side.terms[:k], new, *side.terms[k + 1 :])))

        yield from _in_term(term, inside)


def _in_claim(claim: th.Claim, put: Callable[[th.Claim], th.Theorem]) -> Places:
    match claim:
        case th.Show(relation=relation):
            yield from _in_side(relation, lambda new: put(th.Show(new)))  # type: ignore[arg-type]
        case th.Equivalence(left=left, right=right):
            yield from _in_side(left, lambda new: put(th.Equivalence(new, right)))  # type: ignore[arg-type]
            yield from _in_side(right, lambda new: put(th.Equivalence(left, new)))  # type: ignore[arg-type]
        case th.Conjunction(claims=claims):
            for k, each in enumerate(claims):
                yield from _in_claim(
                    each,
                    lambda new, k=k: put(th.Conjunction((*claims[:k], new, *claims[k + 1 :]))),  # type: ignore[arg-type, misc]
                )
        case th.Find():
            return


def _given(theorem: th.Theorem, k: int, item: th.Item) -> th.Theorem:
    new = th.Given(item, item_text(item), -1)
    return replace(theorem, givens=(*theorem.givens[:k], new, *theorem.givens[k + 1 :]))


def _places(theorem: th.Theorem, part: str) -> list[tuple[Term, Callable[[Term], th.Theorem]]]:
    """The terms of a part of a theorem: ``givens``, ``let``, ``claim``, ``proof``."""
    found: list[tuple[Term, Callable[[Term], th.Theorem]]] = []
    if part == "givens":
        for k, given in enumerate(theorem.givens):
            item = given.item
            if isinstance(item, th.Relation):
                found += _in_side(item, lambda new, k=k: _given(theorem, k, new))  # type: ignore[misc]
            if isinstance(item, th.Recurrence):
                found += _in_side(
                    item.relation,
                    lambda new, k=k, item=item: _given(theorem, k, replace(item, relation=new)),  # type: ignore[misc]
                )
    if part == "let":
        for k, d in enumerate(theorem.definitions):

            def defined(new: Side, k: int = k, d: th.Definition = d) -> th.Theorem:
                changed = replace(d, body=new)
                return replace(theorem, definitions=(*theorem.definitions[:k], changed, *theorem.definitions[k + 1 :]))

            found += _in_side(d.body, defined)
    if part == "claim":
        found += _in_claim(theorem.claim, lambda new: _claiming(theorem, new))
    proof = theorem.proof
    if part == "proof" and proof is not None:
        for k, link in enumerate(proof.links[:-1]):

            def linked(new: Side, k: int = k, link: th.Link = link) -> th.Theorem:
                links = (*proof.links[:k], replace(link, to=new), *proof.links[k + 1 :])
                return replace(theorem, proof=replace(proof, links=links))

            found += _in_side(link.to, linked)
    return found


def _claiming(theorem: th.Theorem, claim: th.Claim) -> th.Theorem:
    """The theorem with another claim, its chain made to begin and end there."""
    proof, by = theorem.proof, theorem.by
    if proof is not None:
        match claim:
            case th.Show(relation=relation):
                first, last = relation.terms[0], relation.terms[-1]
            case th.Equivalence(left=left, right=right):
                first, last = left, right
            case _:
                first, last = proof.start, proof.links[-1].to
        proof = replace(proof, start=first, links=(*proof.links[:-1], replace(proof.links[-1], to=last)))
    return replace(theorem, claim=claim, proof=proof, by=by)


def _somewhere(part: str, rewrite: Rewrite) -> Change:
    """The change that rewrites one term of a part, drawn among those that it can rewrite."""

    def change(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
        places = _places(theorem, part)
        rng.shuffle(places)
        for term, put in places:
            new = rewrite(term, rng)
            if new is not None and new != term:
                return put(new)
        return None

    return change


# --- terms -------------------------------------------------------------------------------------------------------


def number_changed(term: Term, rng: Random) -> Term | None:
    if not isinstance(term, t.Num):
        return None
    return t.number(max(Fraction(0), rng.choice((term.value + 1, term.value - 1, term.value * 2, term.value / 2))))


def factor_dropped(term: Term, rng: Random) -> Term | None:
    if not isinstance(term, t.Mul):
        return None
    k = rng.randrange(len(term.factors))
    return t.mul(*term.factors[:k], *term.factors[k + 1 :])


def summand_dropped(term: Term, rng: Random) -> Term | None:
    if not isinstance(term, t.Add):
        return None
    k = rng.randrange(len(term.terms))
    return t.add(*term.terms[:k], *term.terms[k + 1 :])


def sign_flipped(term: Term, _: Random) -> Term | None:
    if isinstance(term, t.Add):
        return t.Add((*term.terms[:-1], t.Neg(term.terms[-1])))
    return term.term if isinstance(term, t.Neg) else None


def exponent_changed(term: Term, rng: Random) -> Term | None:
    if not isinstance(term, t.Pow) or not isinstance(term.exponent, t.Num):
        return None
    return t.Pow(term.base, t.number(max(Fraction(0), term.exponent.value + rng.choice((-1, 1, 2)))))


def turned_over(term: Term, rng: Random) -> Term | None:
    if not isinstance(term, t.Mul):
        return None
    k = rng.randrange(1, len(term.factors))
    other = term.factors[k]
    new = other.term if isinstance(other, t.Recip) else t.Recip(other)
    return t.Mul((*term.factors[:k], new, *term.factors[k + 1 :]))


def functional_changed(term: Term, rng: Random) -> Term | None:
    """Var for E, E(x^2) for Var(x): the second moment taken for the variance."""
    if not isinstance(term, t.Apply) or term.function not in {"E", "Var"}:
        return None
    if term.function == "E":
        return t.variance(term.args[0])
    return rng.choice((t.expectation(term.args[0]), t.expectation(t.Pow(term.args[0], t.TWO))))


def function_renamed(term: Term, rng: Random) -> Term | None:
    one = ("relu", "abs", "sign", "step", "tanh", "erf", "sigmoid", "exp", "sin", "sqrt")
    if not isinstance(term, t.Apply) or term.function not in one:
        return None
    return t.Apply(rng.choice([f for f in one if f != term.function]), term.args)


def function_put_in(term: Term, rng: Random) -> Term | None:
    if not isinstance(term, t.Entry):
        return None
    return t.Apply(rng.choice(("relu", "abs", "sign")), (term,))


def index_captured(term: Term, rng: Random) -> Term | None:
    """The bound index renamed to one that stands in the body already, or bound to something else."""
    if not isinstance(term, t.Big):
        return None
    inside = {n.name for n in t.walk(term.body) if isinstance(n, t.Name)} - {term.index}
    short = sorted(n for n in inside if len(n) == 1) or ["i"]
    return t.Big(term.kind, term.body, rng.choice(short), term.low, term.high)


def index_confused(term: Term, rng: Random) -> Term | None:
    if not isinstance(term, t.Entry):
        return None
    k = rng.randrange(len(term.indices))
    new = rng.choice((t.Name("i"), t.Name("j"), t.Name("k"), t.ONE, t.TWO))
    return t.Entry(term.name, (*term.indices[:k], new, *term.indices[k + 1 :]))


def range_changed(term: Term, rng: Random) -> Term | None:
    if not isinstance(term, t.Big):
        return None
    high = rng.choice((t.ONE, t.TWO, t.Name("m"), t.Name("n"), t.Name("n_in"), t.Name("n_out")))
    return t.Big(term.kind, term.body, term.index, term.low, high)


def name_changed(term: Term, rng: Random) -> Term | None:
    names = ("m", "n", "n_in", "n_out", "W", "a", "y", "z", "s", "c", "delta", "X")
    return t.Name(rng.choice(names)) if isinstance(term, t.Name) else None


REWRITES: dict[str, Rewrite] = {
    f.__name__.replace("_", " "): f
    for f in (
        *(number_changed, factor_dropped, summand_dropped, sign_flipped, exponent_changed, turned_over),
        *(functional_changed, function_renamed, function_put_in, index_captured, index_confused),
        *(range_changed, name_changed),
    )
}


# --- assumptions ---------------------------------------------------------------------------------------------------


def given_dropped(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    removable = [k for k, g in enumerate(theorem.givens) if not isinstance(g.item, th.Family | th.Constant)]
    if not removable:
        return None
    k = rng.choice(removable)
    gone = theorem.givens[k].text
    changed = replace(theorem, givens=(*theorem.givens[:k], *theorem.givens[k + 1 :]))
    return _not_citing(changed, gone)


def _not_citing(theorem: th.Theorem, gone: str) -> th.Theorem:
    def without(by: th.Justification | None) -> th.Justification | None:
        if by is None:
            return None
        cited = tuple(c for c in by.cited if c[0] != gone)
        return replace(by, cited=cited) if cited or by.method else None

    proof = theorem.proof
    if proof is not None:
        proof = replace(proof, links=tuple(replace(link, by=without(link.by)) for link in proof.links))
    return replace(theorem, proof=proof, by=without(theorem.by))


def given_weakened(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    """iid to exchangeable or independent, positive to real, a strict condition to a weak one or the other way round."""
    options: list[tuple[int, th.Item]] = []
    for k, given in enumerate(theorem.givens):
        match given.item:
            case th.Family(kind="iid") as item:
                options += [(k, replace(item, kind=kind)) for kind in ("exchangeable", "independent")]
            case th.Constant(kind="positive" | "nonzero") as item:
                options.append((k, replace(item, kind="real")))
            case th.Relation(operators=(operator,)) as item if operator != "=":
                turned = {"<": ("<=", ">"), ">": (">=", "<"), "<=": ("<", ">="), ">=": (">", "<=")}[operator]
                options += [(k, replace(item, operators=(o,))) for o in turned]
            case th.Independent(blocks=blocks) as item if len(blocks) > 2:
                options += [(k, replace(item, blocks=(*blocks[:j], *blocks[j + 1 :]))) for j in range(len(blocks))]
            case _:
                pass
    if not options:
        return None
    k, item = rng.choice(options)
    return _given(theorem, k, item)


def givens_contradict(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    """A fact that nothing meets, or two that contradict each other: E(X) = 7 and E(X) = 8; Var(X) = -1."""
    families = [g.item for g in theorem.givens if isinstance(g.item, th.Family)]
    if not families:
        return None
    x = t.Name(rng.choice(families).name)
    sevens = [th.Relation((t.expectation(x), t.number(k)), ("=",)) for k in (7, 8)]
    below = th.Relation((t.variance(x), t.Neg(t.ONE)), ("=",))
    small = th.Relation((t.expectation(t.Pow(x, t.TWO)), t.ONE), ("=",))
    items = rng.choice((sevens, [below], [sevens[0], small]))
    more = tuple(th.Given(item, item_text(item), -1) for item in items)
    return replace(theorem, givens=(*theorem.givens, *more))


def law_changed(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    laws = [k for k, g in enumerate(theorem.givens) if isinstance(g.item, th.Law)]
    if not laws:
        return None
    k = rng.choice(laws)
    item = theorem.givens[k].item
    if not isinstance(item, th.Law):
        return None
    x = item.name
    options = [th.Law(x, "Rademacher", ()), th.Law(x, "Normal", (t.ZERO, t.TWO)), th.Law(x, "Uniform", (t.ZERO, t.ONE))]
    return _given(theorem, k, rng.choice(options))


# --- statement and steps -------------------------------------------------------------------------------------------


def operator_changed(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    if not isinstance(theorem.claim, th.Show):
        return None
    relation = theorem.claim.relation
    k = rng.randrange(len(relation.operators))
    new = rng.choice([o for o in ("=", "<", "<=", ">", ">=") if o != relation.operators[k]])
    changed = replace(relation, operators=(*relation.operators[:k], new, *relation.operators[k + 1 :]))
    theorem = _claiming(theorem, th.Show(changed))
    if theorem.proof is not None and rng.random() < 0.5:  # in its chain too
        links = theorem.proof.links
        theorem = replace(theorem, proof=replace(theorem.proof, links=(*links[:-1], replace(links[-1], operator=new))))
    return theorem


def claim_grown(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    """The same derivation for a claim that says more: a side of a true equation, and something beside it."""
    if not isinstance(theorem.claim, th.Show) or theorem.claim.relation.operators != ("=",):
        return None
    left, right = theorem.claim.relation.terms
    more = rng.choice((t.Mul((right, t.TWO)), t.Add((right, t.ONE)), t.Pow(right, t.TWO), t.Neg(right)))
    claim = th.Conjunction((theorem.claim, th.Show(th.Relation((left, more), ("=",)))))
    return replace(theorem, claim=claim, proof=None, by=None)


def proof_cut(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    """A chain that stops before its claim."""
    if theorem.proof is None or len(theorem.proof.links) < 2:
        return None
    links = theorem.proof.links[: rng.randrange(1, len(theorem.proof.links))]
    if links[-1].to == theorem.proof.links[-1].to:
        return None
    return replace(theorem, proof=replace(theorem.proof, links=links))


def smaller_claim(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    """A chain that stops early, and a claim that is cut down to where it stops."""
    cut = proof_cut(theorem, rng)
    if cut is None or cut.proof is None:
        return None
    start, end, operators = cut.proof.start, cut.proof.links[-1].to, {link.operator for link in cut.proof.links}
    if isinstance(start, th.Relation) and isinstance(end, th.Relation):
        return replace(cut, claim=th.Equivalence(start, end))
    if isinstance(start, th.Relation) or isinstance(end, th.Relation):
        return None
    operator = "=" if operators == {"="} else "<="
    return replace(cut, claim=th.Show(th.Relation((start, end), (operator,))))


def steps_swapped(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    if theorem.proof is None or len(theorem.proof.links) < 3:
        return None
    links = list(theorem.proof.links)
    a, b = rng.sample(range(len(links) - 1), 2)
    links[a], links[b] = links[b], links[a]
    return replace(theorem, proof=replace(theorem.proof, links=tuple(links)))


def step_dropped(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    if theorem.proof is None or len(theorem.proof.links) < 2:
        return None
    links = list(theorem.proof.links)
    del links[rng.randrange(len(links) - 1)]
    return replace(theorem, proof=replace(theorem.proof, links=tuple(links)))


def cited_less(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    """Links that may use nothing, or one given only."""
    if theorem.proof is None or not theorem.givens:
        return None
    citable = [g for g in theorem.givens if isinstance(g.item, th.Independent | th.Symmetric | th.Law)]
    if not citable:
        return None
    by = th.Justification(((rng.choice(citable).text, -1),), None)
    links = list(theorem.proof.links)
    k = rng.randrange(len(links))
    links[k] = replace(links[k], by=by)
    return replace(theorem, proof=replace(theorem.proof, links=tuple(links)))


def proof_of_another(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    """Another theorem's chain, between the ends of this one's."""
    others = [s.theorem for s in statements() if s.theorem.proof is not None and s.name != theorem.name]
    other = rng.choice(others).proof
    if (
        theorem.proof is None
        or other is None
        or isinstance(other.start, th.Relation) != isinstance(theorem.proof.start, th.Relation)
    ):
        return None
    links = (*other.links[:-1], theorem.proof.links[-1])
    return replace(theorem, proof=replace(theorem.proof, links=links))


# --- texts that are no theorems -------------------------------------------------------------------------------------


def homoglyph(theorem: th.Theorem, rng: Random) -> str | None:
    pairs = {"a": "\u0430", "e": "\u0435", "o": "\u043e", "p": "\u0440", "E": "\u0395", "W": "\u051c", "X": "\u03a7"}
    text = theorem_text(theorem)
    places = [k for k, c in enumerate(text) if c in pairs]
    at = rng.choice(places)
    return text[:at] + pairs[text[at]] + text[at + 1 :]


def declared_twice(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    declared = [g for g in theorem.givens if isinstance(g.item, th.Family | th.Constant)]
    if not declared:
        return None
    given = rng.choice(declared)
    name = given.item.name  # type: ignore[union-attr]
    again: th.Item = rng.choice((given.item, th.Constant(name, "real", ()), th.Family(name, "random", ())))
    more = th.Given(again, item_text(again), -1)
    return replace(theorem, givens=(*theorem.givens, more))


def defined_twice(theorem: th.Theorem, rng: Random) -> th.Theorem | None:
    if not theorem.definitions:
        return None
    d = rng.choice(theorem.definitions)
    return replace(theorem, definitions=(*theorem.definitions, replace(d, body=t.ZERO)))


def named_twice(theorem: th.Theorem, _: Random) -> str:
    """Two theorems of one name, the second of them false."""
    return f"{theorem_text(theorem)}\ntheorem {theorem.name}\ngiven\n  c real\nshow\n  c = c\n"


def false_theorem_beside(theorem: th.Theorem, _: Random) -> str:
    return f"{theorem_text(theorem)}\ntheorem beside-{theorem.name}\ngiven\n  c real\nshow\n  c^2 = c\n"


def out_of_bounds(theorem: th.Theorem, rng: Random) -> str:
    """Resources: what is too deep, too long, too large, each beyond a bound of the language."""
    claim = rng.choice(
        (
            f"{'(' * 101}1{')' * 101} = 1",
            "1 = 1^65",
            f"{'1' * 101} = {'1' * 101}",
            f"{'+'.join(['1'] * 10_001)} = 10001",
            f"{'abs(' * 160}1{')' * 160} = 1",
            "0^" * 5_000 + "0 = 1",
        )
    )
    head = theorem_text(theorem).split("\nshow\n")[0]
    return re.sub(r"(?s)\nproof\n.*", "", head) + f"\nshow\n  {claim}\n"


CHANGES: dict[str, Change] = {
    **{
        f"{part}: {name}": _somewhere(part, r)
        for part in ("claim", "proof", "givens", "let")
        for name, r in REWRITES.items()
    },
    "assumptions: given dropped": given_dropped,
    "assumptions: given weakened": given_weakened,
    "assumptions: law changed": law_changed,
    "assumptions: givens contradict": givens_contradict,
    "statement: operator changed": operator_changed,
    "statement: claim grown": claim_grown,
    "statement: proof cut, smaller claim": smaller_claim,
    "steps: proof cut": proof_cut,
    "steps: swapped": steps_swapped,
    "steps: dropped": step_dropped,
    "steps: cited less": cited_less,
    "steps: proof of another": proof_of_another,
    "text: homoglyph": homoglyph,
    "text: declared twice": declared_twice,
    "text: defined twice": defined_twice,
    "text: theorem named twice": named_twice,
    "text: false theorem beside": false_theorem_beside,
    "resources: out of bounds": out_of_bounds,
}
FATAL = frozenset(
    {
        *("assumptions: givens contradict", "steps: proof cut", "resources: out of bounds"),
        *(name for name in CHANGES if name.startswith("text: ")),
    }
)
