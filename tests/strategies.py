"""The one place where terms, theorems and documents are generated."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from derive.language import theorem as th
from derive.language.printer import item_text
from derive.language.terms import Add, Apply, Big, Conditional, Entry, Mul, Name, Neg, Num, Pow, Recip, Term

NAMES = ("W", "a", "x1", "z", "n", "m", "sigma", "sigma_w", "delta", "n_in", "n_1", "tmp", "_k", "a__b")
INDICES = ("i", "j", "k", "alpha", "inn")
FUNCTIONS = ("relu", "abs", "sqrt", "exp", "tanh", "sign", "step", "gelu", "leaky_relu", "max", "E", "Var", "Cov")
TWO = frozenset({"leaky_relu", "max", "Cov"})

numbers = st.one_of(
    st.integers(0, 12).map(lambda k: Num(Fraction(k))),
    st.decimals(0, 10, places=2).map(lambda d: Num(Fraction(d))),
)
names = st.sampled_from(NAMES).map(Name)
_index_names = st.sampled_from(INDICES).map(Name)
_literals = st.integers(0, 12).map(lambda k: Num(Fraction(k)))
_steps = st.integers(1, 12).map(lambda k: Num(Fraction(k)))
index_terms = st.one_of(
    _index_names, _literals, st.builds(lambda i, k: Add((i, k)), _index_names, st.one_of(_steps, _steps.map(Neg)))
)
entries = st.builds(
    lambda name, indices: Entry(name, tuple(indices)),
    st.sampled_from(NAMES),
    st.lists(index_terms, min_size=1, max_size=3),
)


def _said(functions: tuple[str, ...], parts: st.SearchStrategy[Term]) -> st.SearchStrategy[tuple[str, Any]]:
    """A function's name and as many arguments as it takes."""
    one, two = [f for f in functions if f not in TWO], [f for f in functions if f in TWO]
    return st.one_of(
        st.tuples(st.sampled_from(one), st.tuples(parts)), st.tuples(st.sampled_from(two), st.tuples(parts, parts))
    )


def _compound(smaller: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    parts = st.deferred(lambda: smaller)  # which Hypothesis does not write out when it describes the strategy

    def unlike(kind: type[Term]) -> st.SearchStrategy[Term]:
        """Parts without those that the parser would merge with what they stand in."""
        return parts.map(lambda t: Neg(t) if isinstance(t, kind) else t)

    signed = st.one_of(parts, parts.map(Neg))
    factor = st.one_of(parts, parts.map(Recip))
    return st.one_of(
        st.builds(
            lambda a, rest: Add((a, *rest)),
            unlike(Add),
            st.lists(signed, min_size=1, max_size=3),
        ),
        st.builds(
            lambda a, rest: Mul((a, *rest)),
            unlike(Mul),
            st.lists(factor, min_size=1, max_size=3),
        ),
        parts.map(Neg),
        st.builds(Pow, parts, parts),
        st.builds(lambda said: Apply(*said), _said(FUNCTIONS, parts)),
        st.builds(
            lambda said, given: Conditional(*said, tuple(given)),
            _said(("E", "Var", "Cov"), parts),
            st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
        ),
        st.builds(
            lambda kind, body, index, high: Big(kind, body, index, Num(Fraction(1)), high),
            st.sampled_from(("sum", "prod")),
            parts,
            st.sampled_from(INDICES),
            st.one_of(st.just(Name("n")), st.integers(1, 5).map(lambda k: Num(Fraction(k)))),
        ),
    )


def terms(size: int = 12) -> st.SearchStrategy[Term]:
    """Terms as the parser gives them; their names need not be declared."""
    return st.recursive(st.one_of(numbers, names, entries), _compound, max_leaves=size)


operators = st.sampled_from(("=", "<", "<=", ">", ">="))


def relations(size: int = 6) -> st.SearchStrategy[th.Relation]:
    """``A = B``, ``A <= B <= C``."""
    side = terms(size)
    two = st.builds(lambda a, o, b: th.Relation((a, b), (o,)), side, operators, side)
    three = st.builds(lambda a, o, b, p, c: th.Relation((a, b, c), (o, p)), side, operators, side, operators, side)
    return st.one_of(two, three)


def _item_starts(item: th.Item) -> bool:
    """Whether an item can stand on a line of its own: it does not start with a sign."""
    return not item_text(item).startswith("-")


ranges = st.lists(st.sampled_from(INDICES), min_size=1, max_size=3, unique=True).flatmap(
    lambda indices: st.tuples(
        *(st.builds(th.Range, st.just(i), st.one_of(st.sampled_from(("m", "n")), st.integers(1, 9))) for i in indices)
    )
)
items: st.SearchStrategy[th.Item] = st.one_of(
    st.builds(th.Family, st.sampled_from(NAMES), st.sampled_from(("iid", "exchangeable", "independent")), ranges),
    st.builds(th.Family, st.sampled_from(NAMES), st.just("random"), st.just(())),
    st.builds(th.Constant, st.sampled_from(NAMES), st.sampled_from(("real", "positive", "nonzero")), st.just(())),
    st.builds(th.Constant, st.sampled_from(NAMES), st.sampled_from(("real", "positive", "nonzero")), ranges),
    st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True).map(
        lambda names: th.Independent(tuple((n,) for n in names))
    ),
    st.just(th.Independent((("W",), ("a", "z")))),
    st.builds(th.Symmetric, st.sampled_from(NAMES)),
    st.builds(lambda n, a, b: th.Law(n, "Normal", (a, b)), st.sampled_from(NAMES), terms(2), terms(2)),
    relations(2),
    st.builds(th.Recurrence, relations(2), ranges),
).filter(_item_starts)

_citable = items.filter(lambda i: isinstance(i, th.Independent | th.Symmetric | th.Law))
justifications = st.builds(
    lambda cited, method: (
        th.Justification(tuple((item_text(i), -1) for i in cited), method) if cited or method else None
    ),
    st.lists(_citable, max_size=2),
    st.sampled_from((None, "gaussian", "induction on n")),
)


def _term_starts(term: Term) -> bool:
    from derive.language.printer import term_text

    return not term_text(term).startswith("-")


_SMALL, _RELATIONS, _LEFT = terms(3), relations(2), terms(3).filter(_term_starts)
_ITEMS, _PLACES = st.lists(items, max_size=3), st.lists(_SMALL, min_size=1, max_size=3)
_DEFINED = st.lists(st.sampled_from((("y", ("i",)), ("y", ()), ("u", ("i", "j")))), max_size=2)
_KINDS = st.sampled_from(("show", "find", "proof", "iff", "and"))
_REMARKS = st.sampled_from(("", "an idea"))
_THEOREM_NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,12}", fullmatch=True)


@st.composite
def theorems(draw: st.DrawFn) -> th.Theorem:
    """Theorems that are well-formed as text; whether their names are declared is another question."""
    givens = tuple(th.Given(i, item_text(i), -1) for i in draw(_ITEMS))
    definitions = tuple(th.Definition(name, indices, draw(_SMALL), -1) for name, indices in draw(_DEFINED))
    start = draw(_LEFT)
    places = draw(_PLACES)
    kind = draw(_KINDS)
    equation = th.Relation((start, places[-1]), ("=",))
    proof, by = None, None if kind == "proof" else draw(justifications)
    if kind == "proof":
        links = (th.Link("=", p, draw(justifications), -1, draw(_REMARKS)) for p in places)
        proof = th.Proof(start, tuple(links), -1)
    claim: th.Claim = th.Show(equation)
    if kind == "find":
        claim = th.Find(start, draw(_RELATIONS))
    if kind == "iff":
        claim = th.Equivalence(equation, draw(_RELATIONS))
    if kind == "and":
        claim = th.Conjunction((th.Show(equation), th.Show(draw(_RELATIONS))))
    name = draw(_THEOREM_NAMES)
    return th.Theorem(name, givens, definitions, claim, by, proof, -1, -1)


def without_places(value: Any) -> Any:
    """The value with every position in the source set to -1."""
    if isinstance(value, tuple):
        if len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int):
            return value[0], -1
        return tuple(without_places(v) for v in value)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {f.name: without_places(getattr(value, f.name)) for f in fields(value) if f.init}
        return replace(value, **{k: -1 if k in {"at", "claim_at"} else v for k, v in changes.items()})
    return value
