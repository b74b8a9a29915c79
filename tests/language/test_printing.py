"""What is printed reads back, as text and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from itertools import product

from hypothesis import HealthCheck, given, settings

from derive.language import theorem as th
from derive.language.latex import claim_latex, item_markdown, name_latex, term_latex
from derive.language.parser import parse_step, parse_term, parse_theorem
from derive.language.printer import relation_text, term_text, theorem_text
from derive.language.terms import Add, Apply, Big, Conditional, Entry, Mul, Name, Neg, Num, Pow, Recip, Term
from tests.strategies import NAMES, items, relations, terms, theorems, without_places


@given(terms())
def test_a_printed_term_reads_back_as_itself(term: Term) -> None:
    assert parse_term(term_text(term)) == term


@given(relations())
def test_a_printed_relation_reads_back_as_itself(relation: th.Relation) -> None:
    assert parse_step(relation_text(relation)) == relation


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(theorems())
def test_a_printed_theorem_reads_back_as_itself(theorem: th.Theorem) -> None:
    again = parse_theorem(theorem_text(theorem))
    assert without_places(again) == theorem
    assert theorem_text(again) == theorem_text(theorem)


# --- LaTeX ------------------------------------------------------------------------------------------------------------


class Undefined(Exception):
    """A division by zero."""


def _value(term: Term, bound: Mapping[str, Fraction]) -> Fraction:
    """A value that depends on everything that the term depends on; functions are opaque."""
    match term:
        case Num(value=value):
            return value
        case Name(name=name):
            return bound.get(name, _opaque(name))
        case Entry(name=name, indices=indices):
            return _opaque("entry", name, *(_value(i, bound) if isinstance(i, Num) else repr(i) for i in indices))
        case Neg(term=inner):
            return -_value(inner, bound)
        case Add(terms=parts):
            return sum((_value(t, bound) for t in parts), Fraction(0))
        case Recip(term=inner):
            divisor = _value(inner, bound)
            if not divisor:
                raise Undefined
            return 1 / divisor
        case Mul(factors=factors):
            result = Fraction(1)
            for factor in factors:
                result *= _value(factor, bound)
            return result
        case Pow(base=base, exponent=exponent):
            return _opaque("pow", _value(base, bound), _value(exponent, bound))
        case Apply(function=function, args=args):
            return _opaque(function, *(_value(a, bound) for a in args))
        case Conditional(functional=functional, args=args, given=given):
            return _opaque(functional, "given", given, *(_value(a, bound) for a in args))
        case Big(kind=kind, body=body, index=index, low=low, high=high):
            return _opaque(kind, index, _value(low, bound), _value(high, bound), _value(body, bound))


def _opaque(*what: object) -> Fraction:
    return Fraction(hash(repr(what)) % 1_000_003 + 1, 7919)


def _evaluated(term: Term) -> Fraction | None:
    try:
        return _value(term, {})
    except Undefined:
        return None


def _grown(level: list[Term]) -> list[Term]:
    two = list(product(level, repeat=2))
    seven = Num(Fraction(7))
    return [
        *level,
        *(Neg(t) for t in level),
        *(Add((a, b)) for a, b in two),
        *(Add((a, Neg(b))) for a, b in two),
        *(Mul((a, b)) for a, b in two if not isinstance(a, Mul)),
        *(Mul((a, Recip(b))) for a, b in two if not isinstance(a, Mul)),
        *(Mul((seven, Recip(a), b)) for a, b in two),
        *(Mul((seven, a, Recip(b))) for a, b in two),
        *(Pow(a, b) for a, b in two),
        *(Apply(f, (t,)) for t in level for f in ("E", "Var", "abs", "sqrt", "relu")),
        *(Big("sum", t, "j", Num(Fraction(1)), Name("n")) for t in level),
    ]


def test_terms_of_different_value_get_different_latex() -> None:
    two = Num(Fraction(2))
    small = _grown([Name("n"), two, Entry("a", (Name("j"),))])
    by_latex: dict[str, Term] = {}
    for term in [*small, *_grown(small[::3])]:
        value = _evaluated(term)
        other = by_latex.setdefault(term_latex(term), term)
        assert value is None or _evaluated(other) in {None, value}, (term, other, term_latex(term))
    assert len(by_latex) > 2_000


@settings(max_examples=300)
@given(terms(), terms())
def test_generated_terms_of_different_value_get_different_latex(one: Term, other: Term) -> None:
    for a, b in ((one, other), (Mul((Num(Fraction(2)), one)), Mul((Num(Fraction(2)), other)))):
        if term_latex(a) == term_latex(b):
            assert _evaluated(a) == _evaluated(b)


def test_different_names_and_entries_get_different_latex() -> None:
    names = [*NAMES, "W1", "W11", "W_1", "W_11", "in1", "W_j", "W_alpha", "alpha", "alpha1", "jk", "W__j", "W_", "_W"]
    indices = ["j", "k", "jk", "alpha", "inn"]
    terms: list[Term] = [Name(n) for n in dict.fromkeys(names)]
    slots = [(Name(i),) for i in indices] + [(Name("j"), Name("k"))]
    slots += [(Num(Fraction(1)),), (Num(Fraction(11)),), (Num(Fraction(1)), Num(Fraction(1)))]
    terms += [Entry(n, s) for n in dict.fromkeys(names) for s in slots]
    assert len({term_latex(t) for t in terms}) == len(terms)


@given(terms())
def test_latex_holds_nothing_that_markdown_would_take_for_its_own(term: Term) -> None:
    latex = term_latex(term)
    assert not re.search(r"\\[^A-Za-z ]", latex), "Markdown eats a backslash before punctuation"
    assert not re.search(r"[*<>|$`#~\n]", latex)
    assert not re.search(r"(?<![A-Za-z0-9])_", latex), "an underscore after punctuation is emphasis"
    assert latex.count("{") == latex.count("}")
    assert "operatorname" not in latex
    assert latex.count(r"\left") == latex.count(r"\right")


@given(items)
def test_an_assumption_in_words_closes_its_dollars(item: th.Item) -> None:
    words = item_markdown(item)
    assert words.count("$") % 2 == 0
    assert "|" not in words
    assert "*" not in words


def test_text_looks_as_an_author_would_write_it() -> None:
    for text in (
        "E(z^2 | a)",
        "Cov(x, y | b, a)",
        "E(E(z | a, b) | a) - n*v[l-1]/v[l+1]",
        "limit(prod(n[l]*s[l], l in 1..L), L)",
    ):
        assert term_text(parse_term(text)) == text
    assert term_text(Entry("X", ())) == "X"
    for text in ("X[j] independent for j in 1..n", "v[l] = n*s*v[l-1] for l in 1..L", "s[l] < 1 for l in 1..L"):
        (item,) = parse_theorem(f"theorem t\ngiven\n {text}\nshow\n 1 = 1\n").givens
        assert item.text == text
    words = item_markdown(
        parse_theorem("theorem t\ngiven\n X[j] independent for j in 1..n\nshow\n 1 = 1\n").givens[0].item
    )
    assert words == r"$X_{j}$ are mutually independent, each with a law of its own, for $j = 1, \dots, n$"


def test_latex_looks_as_a_paper_would_write_it() -> None:
    shown = {
        "n*Var(W)*Var(a)": r"n \thinspace \mathrm{Var}(W) \thinspace \mathrm{Var}(a)",
        "2/(n_in + n_out)": r"\frac{2}{n_{\mathrm{in}} + n_{\mathrm{out}}}",
        "sum(W[i,j]*a[j], j in 1..n)": r"\sum_{j = 1}^{n} W_{ij} \thinspace a_{j}",
        "1/2*E(relu(y)^2)": r"\frac{1}{2} \thinspace \mathrm{E}(\mathrm{relu}(y)^{2})",
        "sigma_w^2": r"\sigma_{\mathrm{w}}^{2}",
        "sum(x, j in 1..n)*y": r"\left(\sum_{j = 1}^{n} x\right) \thinspace y",
        "(a + b)^2": r"(a + b)^{2}",
        "W1[i,j]^2": r"(W_{ij}^{(1)})^{2}",
        "2*3": r"2 \cdot 3",
        "-(a - b)": "-(a - b)",
        "2/(n*(1 + alpha^2))": r"\frac{2}{n \thinspace (1 + \alpha^{2})}",
        "1/2*(a + b)": r"\frac{1}{2} \thinspace (a + b)",
        "E(z^2 | a)": r"\mathrm{E}(z^{2} \mid a)",
        "Cov(x, y | W1, a)": r"\mathrm{Cov}(x, y \mid W^{(1)}, a)",
        "v[l-1]*prod(s[l], l in 1..L)": r"v_{l - 1} \thinspace \prod_{l = 1}^{L} s_{l}",
    }
    for text, latex in shown.items():
        assert term_latex(parse_term(text)) == latex, text
    assert name_latex("n_in") == r"n_{\mathrm{in}}"
    assert claim_latex(parse_theorem("theorem t\nshow\n E(X) <= 1 iff 2 > 1\n").claim) == (
        r"\mathrm{E}(X) \le 1 \quad\Longleftrightarrow\quad 2 \gt 1"
    )
