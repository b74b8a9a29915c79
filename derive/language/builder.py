"""The grammar's rules -> values: one method a rule, called bottom up while Lark parses, so no tree is ever built."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, cast

from lark import Token, Transformer

from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.functions import FUNCTIONS, LAW_SYNONYMS, LAWS, RESERVED, SYNONYMS, nearest
from derive.language.grouping import at as _at
from derive.language.grouping import chain_of
from derive.language.printer import item_text
from derive.language.terms import (
    FUNCTIONALS,
    Add,
    Apply,
    Big,
    Conditional,
    Entry,
    Mul,
    Name,
    Neg,
    Num,
    Pow,
    Recip,
    Term,
    children,
    first_position,
)

MOST_DEPTH = 150
MOST_EXPONENT = 64
_LAWS = "Normal(mean, variance), Uniform(lo, hi), Rademacher(), TruncatedNormal(0, s^2, lo, hi)"


def _depth(term: Term) -> int:
    deepest, stack = 0, [(term, 1)]
    while stack:
        top, level = stack.pop()
        deepest = max(deepest, level)
        stack.extend((child, level + 1) for child in children(top))
    return deepest


class _Placed:
    """An item with the offset at which it begins, while it is on its way through the grammar."""

    __slots__ = ("at", "value")

    def __init__(self, value: Any, at: int) -> None:
        self.value = value
        self.at = at


class Builder(Transformer[Token, Any]):
    """One method a grammar rule; Lark calls them bottom up while it parses, so no tree is ever built."""

    # terms

    def number(self, c: list[Token]) -> Term:
        return Num(Fraction(c[0].value), _at(c[0]))

    def name(self, c: list[Token]) -> Term:
        if c[0].value in FUNCTIONS:
            raise LanguageError(f"`{c[0].value}` is a function", f"write {c[0].value}(...)", _at(c[0]))
        return Name(str(c[0].value), _at(c[0]))

    def entry(self, c: list[Any]) -> Term:
        head: Token = c[0]
        if head.value in RESERVED:
            hint = f"write {head.value}(...) with round brackets" if head.value in FUNCTIONS else "choose another name"
            raise LanguageError(f"`{head.value}` is a word of the language", hint, _at(head))
        return Entry(str(head.value), tuple(c[1:]), _at(head))

    def apply(self, c: list[Any]) -> Term:
        head: Token = c[0]
        name, args, at = str(head.value), tuple(c[1:]), _at(head)
        _applicable(name, len(args), at)
        return Apply(name, args, at)

    def conditional(self, c: list[Any]) -> Term:
        head: Token = c[0]
        name, at = str(head.value), _at(head)
        bar = next(k for k, part in enumerate(c) if isinstance(part, Token) and part.type == "BAR")
        args = tuple(c[1:bar])
        _applicable(name, len(args), at)
        if name not in FUNCTIONALS:
            raise LanguageError(
                f"`{name}` is not taken given something", "only E, Var and Cov are: E(x | a)", _at(c[bar])
            )
        return Conditional(name, args, _conditions(c[bar + 1 :], _at(c[bar])), at)

    def big(self, c: list[Any]) -> Term:
        index, low, high = c[2].value
        return Big(str(c[0].value), c[1], index, low, high, _at(c[0]))

    def negative(self, c: list[Any]) -> Term:
        return self._checked(Neg(c[1]), _at(c[0]))

    def sum_of(self, c: list[Any]) -> Term:
        terms: list[Term] = list(c[0].terms) if isinstance(c[0], Add) else [c[0]]
        for sign, term in zip(c[1::2], c[2::2], strict=True):
            terms.append(Neg(term) if sign.type == "MINUS" else term)
        return self._checked(Add(tuple(terms)), _at(c[1]))

    def product_of(self, c: list[Any]) -> Term:
        factors: list[Term] = list(c[0].factors) if isinstance(c[0], Mul) else [c[0]]
        for sign, term in zip(c[1::2], c[2::2], strict=True):
            factors.append(Recip(term) if sign.type == "OVER" else term)
        return self._checked(Mul(tuple(factors)), _at(c[1]))

    def power_of(self, c: list[Any]) -> Term:
        exponent = c[2]
        literal = exponent.term if isinstance(exponent, Neg) else exponent
        if isinstance(literal, Num) and literal.value > MOST_EXPONENT:
            raise LanguageError(f"the exponent {literal.value} is too large", f"at most {MOST_EXPONENT}", _at(c[1]))
        return self._checked(Pow(c[0], exponent), _at(c[1]))

    @staticmethod
    def _checked(term: Term, at: int) -> Term:
        if _depth(term) > MOST_DEPTH:
            raise LanguageError("this expression is nested too deeply", f"at most {MOST_DEPTH} levels", at)
        return term

    def term(self, c: list[Any]) -> Term:
        return c[0]

    def step(self, c: list[Any]) -> Term | th.Relation:
        return c[0]

    # givens

    def range(self, c: list[Any]) -> _Placed:
        return _Placed((_fresh(c[0]), c[1], c[2]), _at(c[0]))

    def ranges(self, c: list[_Placed]) -> tuple[th.Range, ...]:
        return tuple(_family_range(r) for r in c)

    def family(self, c: list[Any]) -> _Placed:
        head: Entry = c[0]
        indices = tuple(i.name if isinstance(i, Name) else None for i in head.indices)
        if indices != tuple(r.index for r in c[2]):
            raise LanguageError(
                f"the indices of `{head.name}` and its ranges differ",
                f"write for example W[i,j] {c[1].value} for i in 1..m, j in 1..n",
                head.at,
            )
        return _Placed(th.Family(_fresh(head.name, head.at), str(c[1].value), c[2]), head.at)

    def independent_family(self, c: list[Any]) -> _Placed:
        return self.family([c[0], Token("KIND", "independent"), c[1]])

    def random(self, c: list[Token]) -> _Placed:
        return _Placed(th.Family(_fresh(c[0]), "random", ()), _at(c[0]))

    def constant(self, c: list[Token]) -> _Placed:
        return _Placed(th.Constant(_fresh(c[0]), str(c[1].value), ()), _at(c[0]))

    def constant_family(self, c: list[Any]) -> _Placed:
        head: Entry = c[0]
        indices = tuple(i.name if isinstance(i, Name) else None for i in head.indices)
        if indices != tuple(r.index for r in c[2]):
            raise LanguageError(
                f"the indices of `{head.name}` and its ranges differ",
                "write for example s[l] positive for l in 1..L",
                head.at,
            )
        return _Placed(th.Constant(_fresh(head.name, head.at), str(c[1].value), c[2]), head.at)

    def block(self, c: list[Token]) -> _Placed:
        return _Placed(tuple(str(t.value) for t in c), _at(c[0]))

    def independent(self, c: list[_Placed]) -> _Placed:
        names = [n for b in c for n in b.value]
        twice = next((n for n in names if names.count(n) > 1), None)
        if twice:
            raise LanguageError(f"`{twice}` stands twice in one independence", "name each family once", c[0].at)
        return _Placed(th.Independent(tuple(b.value for b in c)), c[0].at)

    def symmetric(self, c: list[Token]) -> _Placed:
        return _Placed(th.Symmetric(str(c[0].value)), _at(c[0]))

    def law(self, c: list[Any]) -> _Placed:
        law, parameters = str(c[1].value), len(c) - 2
        if law not in LAWS:
            meant = LAW_SYNONYMS.get(law.lower())
            remedy = f"write {meant}" if meant else nearest(law, set(LAWS)) or f"there are {_LAWS}"
            raise LanguageError(f"unknown law `{law}`", remedy, _at(c[1]))
        if parameters != LAWS[law]:
            raise LanguageError(
                f"`{law}` takes {LAWS[law]} parameters, not {parameters}", f"there are {_LAWS}", _at(c[1])
            )
        return _Placed(th.Law(str(c[0].value), str(c[1].value), tuple(c[2:])), _at(c[0]))

    def relation(self, c: list[Any]) -> th.Relation:
        return th.Relation(tuple(c[0::2]), tuple(str(t.value) for t in c[1::2]))

    def recurrence(self, c: list[Any]) -> th.Recurrence:
        return th.Recurrence(c[0], c[1])

    def given(self, c: list[Any]) -> tuple[th.Given, ...]:
        return tuple(_given(item) for item in c)

    # let, show, find, proof

    def definition(self, c: list[Any]) -> th.Definition:
        head = c[0]
        if c[1].value != "=":
            raise LanguageError("a definition is written with `=`", "write z[i] = ...", _at(c[1]))
        if isinstance(head, Token):
            return th.Definition(_fresh(head), (), c[2], _at(head))
        indices = tuple(i.name if isinstance(i, Name) else "" for i in head.indices)
        if "" in indices or len(set(indices)) < len(indices):
            raise LanguageError("a definition's indices are different names", "write z[i] = ...", head.at)
        for index in indices:
            _fresh(index, head.at)
        return th.Definition(_fresh(head.name, head.at), indices, c[2], head.at)

    def let(self, c: list[th.Definition]) -> list[th.Definition]:
        return list(c)

    def show(self, c: list[th.Relation]) -> th.Show:
        return th.Show(c[0])

    def equivalence(self, c: list[Any]) -> th.Equivalence:
        return th.Equivalence(c[0], c[2])

    def conjunction(self, c: list[Any]) -> th.Conjunction:
        return th.Conjunction(tuple(c))

    def claim(self, c: list[Any]) -> _Placed:
        return _Placed((c[0], c[1] if len(c) > 1 else None), -1)

    def find(self, c: list[Any]) -> _Placed:
        return _Placed((th.Find(c[0], c[1]), c[2] if len(c) > 2 else None), -1)

    def gaussian(self, c: list[Token]) -> _Placed:
        return _Placed("gaussian", _at(c[0]))

    def induction(self, c: list[Token]) -> _Placed:
        return _Placed(f"induction on {c[0].value}", _at(c[0]))

    def by_theorem(self, c: list[Any]) -> th.Citation:
        head: Token = c[0]
        binding = _bindings([], th.Relation((c[1], c[3]), (str(c[2].value),))) if len(c) > 1 else ()
        return th.Citation(str(head.value).split()[1], binding, _at(head))

    def justification(self, c: list[Any]) -> th.Justification:
        cited: list[tuple[str, int]] = []
        method: str | None = None
        at = -1
        theorems: list[th.Citation] = []
        before: Any = None
        for reason in c:
            # behind `with` whatever reads NAME = ... says what a name stands for: no given that can be left out does
            bound = isinstance(before, th.Citation) and before.bindings and _binds(reason)
            if bound:
                last = theorems.pop()
                reason = th.Citation(last.name, _bindings(last.bindings, reason), last.at)
            before = reason
            if isinstance(reason, th.Citation):
                theorems.append(reason)
            elif isinstance(reason, _Placed) and isinstance(reason.value, str):
                if method is not None:
                    raise LanguageError("a link has one method", f"keep `{method}` or `{reason.value}`", reason.at)
                method, at = reason.value, reason.at
            else:
                given = _given(reason)
                cited.append((given.text, given.at))
        return th.Justification(tuple(cited), method, at, tuple(theorems))

    def chain(self, c: list[Any]) -> th.Proof:
        return chain_of(c)

    def proof(self, c: list[Any]) -> th.Proof:
        return th.Proof(c[1].start, c[1].links, _at(c[0]))

    def start(self, c: list[Any]) -> th.Theorem:
        head: Token = c[0]
        givens: tuple[th.Given, ...] = ()
        definitions: tuple[th.Definition, ...] = ()
        claim, by, proof = None, None, None
        for part in c[1:]:
            if isinstance(part, tuple):
                givens = cast("tuple[th.Given, ...]", part)
            elif isinstance(part, list):
                definitions = tuple(cast("list[th.Definition]", part))
            elif isinstance(part, _Placed):
                claim, by = part.value
            else:
                proof = part
        if claim is None:
            raise LanguageError("a theorem needs `show` or `find`", "write `show` and the claim", _at(head))
        return th.Theorem(
            head.value.split()[1], givens, definitions, claim, by, proof, _at(head), _claim_position(claim)
        )


def _binds(reason: Any) -> bool:
    """Whether a reason behind ``with`` goes on with it."""
    return isinstance(reason, th.Relation) and isinstance(reason.terms[0], Name) and reason.operators == ("=",)


def _bindings(before: Sequence[th.Binding], relation: th.Relation) -> tuple[th.Binding, ...]:
    """The bindings with one more, ``W = V``."""
    name, at = relation.terms[0], first_position(relation.terms[0])
    if not _binds(relation) or not isinstance(name, Name):
        remedy = "write with W = V, n = k: a name of that theorem, what it stands for here"
        raise LanguageError("behind `with` stand equations between a name and a term", remedy, at)
    if any(b.name == name.name for b in before):
        raise LanguageError(f"`{name.name}` stands for two things", "keep one of them", at)
    return (*before, th.Binding(name.name, relation.terms[1], at))


def _claim_position(claim: th.Claim) -> int:
    match claim:
        case th.Show(relation=relation) | th.Equivalence(left=relation):
            return first_position(relation.terms[0])
        case th.Conjunction(claims=claims):
            return _claim_position(claims[0])
        case th.Find(target=target):
            return first_position(target)


def _fresh(token: Token | str, at: int = -1) -> str:
    name = str(token.value) if isinstance(token, Token) else token
    if name in RESERVED:
        place = _at(token) if isinstance(token, Token) else at
        raise LanguageError(f"`{name}` is a word of the language", "choose another name", place)
    return name


def _family_range(placed: _Placed) -> th.Range:
    index, low, high = placed.value
    if not (isinstance(low, Num) and low.value == 1):
        raise LanguageError("a range starts at 1", f"write {index} in 1..n", placed.at)
    if isinstance(high, Name):
        return th.Range(index, _fresh(high.name, high.at))
    if isinstance(high, Num) and high.value.denominator == 1 and 1 <= high.value <= 10**6:
        return th.Range(index, int(high.value))
    raise LanguageError("a range ends in one name or one positive literal", f"write {index} in 1..n", placed.at)


def _given(item: Any) -> th.Given:
    if isinstance(item, _Placed):
        return th.Given(item.value, item_text(item.value), item.at)
    relation = item.relation if isinstance(item, th.Recurrence) else item
    at = first_position(relation.terms[0])
    return th.Given(item, item_text(item), at)


def _applicable(name: str, arguments: int, at: int) -> None:
    """Refuse a function that does not exist, or that takes another number of arguments."""
    if name not in FUNCTIONS:
        raise LanguageError(f"unknown function `{name}`", _instead(name), at)
    function = FUNCTIONS[name]
    if not function.fewest <= arguments <= function.most:
        wanted = "one argument" if function.most == 1 else f"{function.most} arguments"
        if function.fewest < function.most:
            wanted = f"{function.fewest} to {function.most} arguments"
        raise LanguageError(f"`{name}` takes {wanted}, not {arguments}", _usage(name, function.most), at)


def _instead(name: str) -> str:
    """What to write in place of a function that does not exist."""
    if name in LAWS:
        return f"a law is given with `~`: W ~ {name}(...)"
    if name == "range":
        return "a range is written 1..n"
    if name.startswith(("sum_", "prod_")):
        return f"a sum names its index and the range: {name.split('_')[0]}(x, j in 1..n)"
    if name.lower() in SYNONYMS:
        return f"write {SYNONYMS[name.lower()]}"
    factor = next((name.removesuffix(f) for f in FUNCTIONALS if name.endswith(f) and len(name) > len(f)), "")
    if factor:
        return f"products are written with `*`: {factor}*{name.removeprefix(factor)}(...)"
    product = f"a product is written with `*`: {name}*(...)"
    close = nearest(name, set(FUNCTIONS) | {"sum", "prod"})
    return f"{close} {product}" if close and len(name) < 3 else close or product


def _conditions(conditions: list[Term], bar: int) -> tuple[str, ...]:
    """The names behind ``|``: whole families, each once, in the order written."""
    names: list[str] = []
    for term in conditions:
        at = first_position(term)
        if isinstance(term, Entry):
            remedy = f"all its entries are given together: write {term.name} without an index"
            raise LanguageError("a condition is a whole family", remedy, at)
        if not isinstance(term, Name):
            raise LanguageError("a condition is the name of a family", "write E(x | a) or E(x | a, b)", at)
        if term.name in names:
            raise LanguageError(f"`{term.name}` stands twice behind `|`", "name each family once", at)
        names.append(term.name)
    return tuple(names)


def _usage(function: str, arguments: int) -> str:
    """How a function is written."""
    return f"write {function}({', '.join('xyz'[:arguments])})"
