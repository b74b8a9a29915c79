r"""Terms and claims -> LaTeX that GitHub renders within Markdown.

Markdown sees the text first: it eats a backslash before punctuation (so no ``\_``, ``\,``, ``\{``), takes ``*`` and
a ``_`` after punctuation for emphasis, ``|`` for the edge of a table's cell and ``<`` for HTML. None of these is
written. Terms of different value get different LaTeX.
"""

from __future__ import annotations

import re

from derive.language import theorem as th
from derive.language.printer import item_text, term_text
from derive.language.terms import Add, Apply, Big, Conditional, Entry, Mul, Name, Neg, Num, Pow, Recip, Term

_SUM, _PRODUCT, _BIG, _POWER, _ATOM = range(5)

_GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi Omega".split()
)
_KNOWN = {
    "exp": r"\exp",
    "log": r"\log",
    "sin": r"\sin",
    "cos": r"\cos",
    "tanh": r"\tanh",
    "atan": r"\arctan",
    "asin": r"\arcsin",
    "max": r"\max",
    "min": r"\min",
}
_RELATIONS = {"=": "=", "<": r"\lt", "<=": r"\le", ">": r"\gt", ">=": r"\ge", "iff": r"\Longleftrightarrow"}
_SIGNS = {"pi": r"\pi", "infinity": r"\infty"}
_TALL = re.compile(r"\\(frac|sum|prod|left|sqrt|lim)")


def term_latex(term: Term) -> str:
    """The term in LaTeX, without dollars."""
    return _latex(term)[0]


def relation_latex(relation: th.Relation) -> str:
    """``A = B``, ``A <= B <= C``."""
    parts = [term_latex(relation.terms[0])]
    for operator, term in zip(relation.operators, relation.terms[1:], strict=True):
        parts += [operator_latex(operator), term_latex(term)]
    return " ".join(parts)


def operator_latex(operator: str) -> str:
    """The sign of a relation or of ``iff``."""
    return _RELATIONS[operator]


def step_latex(step: Term | th.Relation) -> str:
    """What stands at one place of a chain."""
    return relation_latex(step) if isinstance(step, th.Relation) else term_latex(step)


def claim_latex(claim: th.Claim) -> str:
    """The claim in LaTeX; a ``find`` asks its question."""
    match claim:
        case th.Show(relation=relation):
            return relation_latex(relation)
        case th.Equivalence(left=left, right=right):
            return rf"{relation_latex(left)} \quad\Longleftrightarrow\quad {relation_latex(right)}"
        case th.Conjunction(claims=claims):
            return r" \quad\text{and}\quad ".join(claim_latex(c) for c in claims)
        case th.Find(target=target, relation=relation):
            return rf"{relation_latex(relation)} \quad\Longleftrightarrow\quad {term_latex(target)} = \text{{ ?}}"


def definition_latex(definition: th.Definition) -> str:
    """``z_{i} = ...``."""
    head = Entry(definition.name, tuple(Name(i) for i in definition.indices)) if definition.indices else None
    return f"{term_latex(head or Name(definition.name))} = {term_latex(definition.body)}"


def item_markdown(item: th.Item) -> str:
    """An assumption in words, with its formulas in dollars."""
    match item:
        case th.Family(name=name, kind="random"):
            return f"${name_latex(name)}$ is a random variable"
        case th.Family(name=name, kind="iid", ranges=ranges):
            return f"{_entry(name, ranges)} are independent and identically distributed{_over(ranges)}"
        case th.Family(name=name, kind="independent", ranges=ranges):
            return f"{_entry(name, ranges)} are mutually independent, each with a law of its own,{_over(ranges)}"
        case th.Family(name=name, ranges=ranges):
            return f"{_entry(name, ranges)} are exchangeable{_over(ranges)}"
        case th.Constant(name=name, kind=kind, ranges=ranges):
            return f"{_entry(name, ranges)} {'is' if not ranges else 'are'} {kind}{_over(ranges)}"
        case th.Independent(blocks=(first, second)):
            return f"{_block(first)} and {_block(second)} are independent"
        case th.Independent(blocks=blocks):
            return ", ".join(_block(b) for b in blocks) + " are mutually independent"
        case th.Symmetric(name=name):
            return f"${name_latex(name)}$ and $-{name_latex(name)}$ have the same law"
        case th.Law(name=name, law=law, args=args):
            inside = ", ".join(term_latex(a) for a in args)
            return rf"${name_latex(name)} \sim \mathrm{{{law}}}({inside})$"
        case th.Relation():
            return f"${relation_latex(item)}${_of(item)}"
        case th.Recurrence(relation=relation, ranges=ranges):
            return f"${relation_latex(relation)}${_over(ranges)}"


def name_latex(name: str) -> str:
    """A name: ``sigma`` is a Greek letter, ``n_in`` has a subscript, ``W2`` belongs to a second layer."""
    base, high = _named(name)
    return base + high


# --- names ------------------------------------------------------------------------------------------------------------

_PARTS = re.compile(r"([A-Za-z]+)([0-9]*)(?:_([A-Za-z][A-Za-z0-9]*|[0-9]+))?")


def _named(name: str) -> tuple[str, str]:
    """A name's base, which ends in a letter or a brace, and the superscript that it carries."""
    if name in _SIGNS:
        return _SIGNS[name], ""
    if name.startswith("#"):
        return rf"\ell_{{({name[1:]})}}", ""
    parts = _PARTS.fullmatch(name)
    if parts is None:
        return "".join(r"\underline{\enspace}" if c == "_" else rf"\mathrm {c}" for c in name), ""
    word, digits, below = parts[1], parts[2], parts[3]
    base = _word(word)
    if below:
        base += f"_{{({below})}}" if below.isdigit() else rf"_{{\mathrm{{{below}}}}}"
    return base, f"^{{({digits})}}" if digits else ""


def _word(word: str) -> str:
    """A word that ends in a letter, never in a brace: an underscore after a brace is emphasis to Markdown."""
    if word in _GREEK:
        return f"\\{word}"
    return word if len(word) == 1 else rf"\mathrm{{{word[:-1]}}}\mathrm {word[-1]}"


def _index(term: Term) -> str:
    """An index: letters stand in italics, so that ``W[in]`` is not ``W_in``."""
    if isinstance(term, Name) and re.fullmatch("[A-Za-z]{2,}", term.name) and term.name not in _GREEK:
        return rf"\mathit{{{term.name}}}"
    return term_latex(term)


def _entry_latex(name: str, indices: tuple[Term, ...]) -> tuple[str, int]:
    base, high = _named(name)
    if "_{" in base:  # a name with a subscript of its own carries its indices in brackets
        return f"{base}{high}\\lbrack {', '.join(map(_index, indices))}\\rbrack ", _ATOM
    letters = all(isinstance(i, Name) and len(i.name) == 1 for i in indices)
    inside = ("" if letters else ",").join(map(_index, indices))
    return f"{base}_{{{inside}}}{high}", _BIG if high else _ATOM


# --- terms ------------------------------------------------------------------------------------------------------------


def _latex(term: Term) -> tuple[str, int]:
    match term:
        case Num():
            return _number(term)
        case Name(name=name) | Entry(name=name, indices=()):
            base, high = _named(name)
            return base + high, _POWER if high else _ATOM
        case Entry(name=name, indices=indices):
            return _entry_latex(name, indices)
        case Apply(function=function, args=args):
            return _apply(function, args)
        case Conditional(functional=functional, args=args, given=given):
            inside = f"{', '.join(map(term_latex, args))} \\mid {', '.join(map(name_latex, given))}"
            return rf"\mathrm{{{functional}}}" + _round(inside), _ATOM
        case Big(kind=kind, body=body, index=index, low=low, high=high):
            sign = rf"\{kind}_{{{name_latex(index)} = {term_latex(low)}}}^{{{term_latex(high)}}}"
            return f"{sign} {_part(body, _PRODUCT)}", _BIG
        case Neg(term=inner):
            return f"-{_part(inner, _PRODUCT)}", _SUM
        case Pow(base=base, exponent=exponent):
            return f"{_part(base, _ATOM)}^{{{term_latex(exponent)}}}", _POWER
        case Recip(term=inner):
            return rf"\frac{{1}}{{{term_latex(inner)}}}", _POWER
        case Mul(factors=factors):
            return _product(factors)
        case Add(terms=terms):
            first = _latex(terms[0])[0] if not isinstance(terms[0], Add) else _part(terms[0], _PRODUCT)
            return first + "".join(
                f" - {_part(t.term, _PRODUCT)}" if isinstance(t, Neg) else f" + {_part(t, _PRODUCT)}" for t in terms[1:]
            ), _SUM


def _part(term: Term, place: int) -> str:
    text, binds = _latex(term)
    return text if binds >= place else _round(text)


def _round(text: str) -> str:
    return rf"\left({text}\right)" if _TALL.search(text) else f"({text})"


def _number(term: Num) -> tuple[str, int]:
    text = term_text(term)
    if "/" not in text:
        return text, _ATOM if term.value >= 0 else _SUM
    sign = "-" if term.value < 0 else ""
    return rf"{sign}\frac{{{abs(term.value.numerator)}}}{{{term.value.denominator}}}", _SUM if sign else _POWER


def _product(factors: tuple[Term, ...]) -> tuple[str, int]:
    """Factors in the order written: a divisor goes under everything since the last one, as ``a*b/c`` is (a*b)/c."""
    groups: list[tuple[list[Term], list[Term]]] = [([], [])]
    for factor in factors:
        above, below = groups[-1]
        if isinstance(factor, Recip):
            below.append(factor.term)
        elif below:
            groups.append(([factor], []))
        else:
            above.append(factor)
    return _joined([rf"\frac{{{_alone(a)}}}{{{_alone(b)}}}" if b else _factors(a) for a, b in groups]), _PRODUCT


def _alone(factors: list[Term]) -> str:
    """A product that has a place of its own, above or below a bar."""
    return _latex(factors[0])[0] if len(factors) == 1 else _factors(factors)


def _factors(factors: list[Term]) -> str:
    """Factors side by side; a sum sign reaches to the end of the product, so only the last one shows it bare."""
    return _joined([_part(f, _BIG if k == len(factors) - 1 else _POWER) for k, f in enumerate(factors)])


def _joined(parts: list[str]) -> str:
    text = parts[0]
    for part in parts[1:]:
        text += (r" \cdot " if part[0].isdigit() or part.startswith(r"\frac") else r" \thinspace ") + part
    return text


def _apply(function: str, args: tuple[Term, ...]) -> tuple[str, int]:
    inside = ", ".join(term_latex(a) for a in args)
    if function == "sqrt":
        return rf"\sqrt{{{inside}}}", _ATOM
    if function == "abs":
        return rf"\left\lvert {inside} \right\rvert", _ATOM
    if function == "limit":
        return rf"\lim_{{{term_latex(args[1])} \to \infty}} {_part(args[0], _PRODUCT)}", _BIG
    sign = _KNOWN.get(function) or rf"\mathrm{{{function.replace('_', '')}}}"
    return sign + _round(inside), _ATOM


# --- words ------------------------------------------------------------------------------------------------------------


def _entry(name: str, ranges: tuple[th.Range, ...]) -> str:
    return f"${term_latex(Entry(name, tuple(Name(r.index) for r in ranges)) if ranges else Name(name))}$"


def _over(ranges: tuple[th.Range, ...]) -> str:
    if not ranges:
        return ""
    texts = [rf"${name_latex(r.index)} = 1, \dots, {_end(r.high)}$" for r in ranges]
    return " for " + " and ".join(texts)


def _end(high: str | int) -> str:
    return name_latex(high) if isinstance(high, str) else str(high)


def _block(names: tuple[str, ...]) -> str:
    texts = [f"${name_latex(n)}$" for n in names]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def _of(item: th.Relation) -> str:
    return "" if "(" in item_text(item) else " (a condition)"
