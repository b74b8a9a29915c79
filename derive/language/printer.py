"""Terms and givens -> text. ``parse_term(term_text(t)) == t`` for every term that the parser can give."""

from __future__ import annotations

from fractions import Fraction

from derive.language import theorem as th
from derive.language.indices import parts
from derive.language.terms import Add, Apply, Big, Conditional, Entry, Mul, Name, Neg, Num, Pow, Recip, Term

# How tightly a term binds, loosest first; a part is put in parentheses where it binds less than its place asks for.
_SUM, _SIGNED, _PRODUCT, _POWER, _ATOM = range(5)


def term_text(term: Term) -> str:
    """The term as the language writes it."""
    return _print(term, _SUM)


def _print(term: Term, place: int) -> str:
    text, binds = _text(term)
    return text if binds >= place else f"({text})"


def _text(term: Term) -> tuple[str, int]:
    match term:
        case Num(value=value):
            return _number(value)
        case Name(name=name):
            return name, _ATOM
        case Entry(name=name, indices=()):
            return name, _ATOM
        case Entry(name=name, indices=indices):
            return f"{name}[{','.join(map(_index, indices))}]", _ATOM
        case Apply(function=function, args=args):
            return f"{function}({', '.join(term_text(a) for a in args)})", _ATOM
        case Conditional(functional=functional, args=args, given=given):
            return f"{functional}({', '.join(term_text(a) for a in args)} | {', '.join(given)})", _ATOM
        case Big(kind=kind, body=body, index=index, low=low, high=high):
            return f"{kind}({term_text(body)}, {index} in {term_text(low)}..{term_text(high)})", _ATOM
        case Neg(term=inner):
            return f"-{_print(inner, _SIGNED)}", _SIGNED
        case Pow(base=base, exponent=exponent):
            sign = "-" if isinstance(exponent, Neg) else ""
            inner = exponent.term if isinstance(exponent, Neg) else exponent
            if isinstance(inner, Neg):
                return f"{_print(base, _ATOM)}^{sign}({term_text(inner)})", _POWER
            return f"{_print(base, _ATOM)}^{sign}{_print(inner, _POWER)}", _POWER
        case Recip(term=inner):
            return f"1/{_print(inner, _POWER)}", _PRODUCT
        case Mul(factors=factors):
            first = _print(factors[0], _POWER)
            rest = "".join(
                f"/{_print(f.term, _POWER)}" if isinstance(f, Recip) else f"*{_print(f, _POWER)}" for f in factors[1:]
            )
            return first + rest, _PRODUCT
        case Add(terms=terms):
            first = _print(terms[0], _SIGNED)
            rest = "".join(
                f" - {_print(t.term, _SIGNED)}" if isinstance(t, Neg) else f" + {_print(t, _SIGNED)}" for t in terms[1:]
            )
            return first + rest, _SUM


def _index(term: Term) -> str:
    """An index: ``l-1`` without blanks."""
    return term_text(term).replace(" ", "") if parts(term) else term_text(term)


def _number(value: Fraction) -> tuple[str, int]:
    if value.denominator == 1:
        return str(value), _ATOM if value >= 0 else _SIGNED
    decimals, rest = 0, value.denominator
    while rest % 10 == 0 or rest % 5 == 0 or rest % 2 == 0:
        rest //= 10 if rest % 10 == 0 else 5 if rest % 5 == 0 else 2
        decimals += 1
    if rest == 1 and value > 0:
        digits = str(value.numerator * 10**decimals // value.denominator).rjust(decimals + 1, "0")
        return f"{digits[:-decimals]}.{digits[-decimals:]}", _ATOM
    return str(value), _PRODUCT if value > 0 else _SIGNED


def relation_text(relation: th.Relation) -> str:
    """``A = B``, ``A <= B <= C``."""
    parts = [term_text(relation.terms[0])]
    for operator, term in zip(relation.operators, relation.terms[1:], strict=True):
        parts += [operator, term_text(term)]
    return " ".join(parts)


def item_text(item: th.Item) -> str:
    """A given as the language writes it; two givens are the same when these texts are."""
    match item:
        case th.Family(name=name, kind="random"):
            return f"{name} random"
        case th.Family(name=name, kind=kind, ranges=ranges):
            return f"{name}[{','.join(r.index for r in ranges)}] {kind} for {_ranges(ranges)}"
        case th.Constant(name=name, kind=kind, ranges=()):
            return f"{name} {kind}"
        case th.Constant(name=name, kind=kind, ranges=ranges):
            return f"{name}[{','.join(r.index for r in ranges)}] {kind} for {_ranges(ranges)}"
        case th.Independent(blocks=blocks):
            texts = [b[0] if len(b) == 1 else f"({', '.join(b)})" for b in blocks]
            return f"{texts[0]} independent of {texts[1]}" if len(texts) == 2 else f"{', '.join(texts)} independent"
        case th.Symmetric(name=name):
            return f"{name} symmetric"
        case th.Law(name=name, law=law, args=args):
            return f"{name} ~ {law}({', '.join(term_text(a) for a in args)})"
        case th.Relation():
            return relation_text(item)
        case th.Recurrence(relation=relation, ranges=ranges):
            return f"{relation_text(relation)} for {_ranges(ranges)}"


def _ranges(ranges: tuple[th.Range, ...]) -> str:
    return ", ".join(f"{r.index} in 1..{r.high}" for r in ranges)


def definition_text(definition: th.Definition) -> str:
    """``z[i] = ...``."""
    head = definition.name + (f"[{','.join(definition.indices)}]" if definition.indices else "")
    return f"{head} = {term_text(definition.body)}"


def claim_text(claim: th.Claim) -> str:
    """The claim without its ``show``; a ``find`` is written out."""
    match claim:
        case th.Show(relation=relation):
            return relation_text(relation)
        case th.Equivalence(left=left, right=right):
            return f"{relation_text(left)} iff {relation_text(right)}"
        case th.Conjunction(claims=claims):
            return " and ".join(claim_text(c) for c in claims)
        case th.Find(target=target, relation=relation):
            return f"{term_text(target)} such that {relation_text(relation)}"


def justification_text(by: th.Justification | None) -> str:
    """``by E(W) = 0, gaussian, theorem he-rule with W = V``, or nothing."""
    if by is None:
        return ""
    reasons = [text for text, _ in by.cited] + ([by.method] if by.method else [])
    return "by " + ", ".join([*reasons, *map(citation_text, by.theorems)])


def citation_text(citation: th.Citation) -> str:
    """``theorem he-rule with W = V, n = k``."""
    bindings = ", ".join(f"{b.name} = {term_text(b.term)}" for b in citation.bindings)
    return f"theorem {citation.name}" + (f" with {bindings}" if bindings else "")


def theorem_text(theorem: th.Theorem) -> str:
    """The whole theorem, one item a line; reading it gives the theorem back."""
    lines = [f"theorem {theorem.name}", ""]
    if theorem.givens:
        lines += ["given", *(f"  {g.text}" for g in theorem.givens), ""]
    if theorem.definitions:
        lines += ["let", *(f"  {definition_text(d)}" for d in theorem.definitions), ""]
    by = f"  {justification_text(theorem.by)}" if theorem.by else ""
    verb = "find" if isinstance(theorem.claim, th.Find) else "show"
    lines += [verb, f"  {claim_text(theorem.claim)}{by}"]
    if theorem.proof is not None:
        lines += ["", "proof", f"  {step_text(theorem.proof.start)}"]
        for link in theorem.proof.links:
            reason = f"  {justification_text(link.by)}" if link.by else ""
            remark = f"  # {link.remark}" if link.remark else ""
            lines.append(f"    {link.operator} {step_text(link.to)}{reason}{remark}")
        lines.append("qed")
    return "\n".join(lines) + "\n"


def step_text(step: Term | th.Relation) -> str:
    """What stands at one place of a chain."""
    return relation_text(step) if isinstance(step, th.Relation) else term_text(step)
