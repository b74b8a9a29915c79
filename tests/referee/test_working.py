"""Both sides worked out: every line is computed again here, by going over all outcomes of the model that is shown."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest

from derive.decide import decide
from derive.language.document import Statement, read_document
from derive.language.parser import parse_step, parse_term
from derive.language.terms import Add, Apply, Big, Conditional, Entry, Mul, Name, Neg, Num, Pow, Recip, Term
from derive.language.theorem import Definition, Family, Relation, Theorem
from derive.verdict import Counterexample, StepVerdict
from tests.referee.test_search import FALSE
from tests.test_slips import NONE, SLIPS

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
FUNCTIONS = {
    "relu": lambda x: max(x, 0),
    "abs": abs,
    "sign": lambda x: (x > 0) - (x < 0),
    "step": lambda x: int(x > 0),
    "sqrt": lambda x: Fraction(math.isqrt(x.numerator), math.isqrt(x.denominator)),
}
Outcome = Mapping[str, Fraction]


@dataclass(frozen=True)
class Hand:
    """A counterexample as it is printed, and the definitions of its theorem."""

    model: Counterexample
    theorem: Theorem

    def outcomes(self) -> Iterator[tuple[Outcome, Fraction]]:
        """All outcomes of all entries, each with its probability."""
        tables = [
            [(dict(zip(joint.of, map(Fraction, values), strict=True)), Fraction(p)) for values, p in joint.points]
            for joint in self.model.joint
        ]
        for name, law in self.model.laws.items():
            assert not isinstance(law, str)
            keys = [name] if "[" in name else self.entries(name)
            tables += [[({key: Fraction(x)}, Fraction(p)) for x, p in law] for key in keys]
        for rows in product(*tables):
            yield {k: x for row, _ in rows for k, x in row.items()}, math.prod((p for _, p in rows), start=Fraction(1))

    def entries(self, name: str) -> list[str]:
        family = next(g.item for g in self.theorem.givens if isinstance(g.item, Family) and g.item.name == name)
        ends = [r.high if isinstance(r.high, int) else self.model.sizes[r.high] for r in family.ranges]
        spans = product(*(range(1, end + 1) for end in ends))
        return [f"{name}[{','.join(map(str, i))}]" if i else name for i in spans]

    def mean(self, term: Term, bound: Mapping[str, int]) -> Fraction:
        return sum((p * self.value(term, bound, o) for o, p in self.outcomes()), Fraction(0))

    def value(self, term: Term, bound: Mapping[str, int], at: Outcome) -> Fraction:
        match term:
            case Num(value=value):
                return value
            case Name(name=name):
                return self.named(name, (), bound, at)
            case Entry(name=name, indices=indices):
                return self.named(name, tuple(int(self.value(i, bound, {})) for i in indices), bound, at)
            case Neg(term=part):
                return -self.value(part, bound, at)
            case Recip(term=part):
                return 1 / self.value(part, bound, at)
            case Add(terms=parts):
                return sum((self.value(p, bound, at) for p in parts), Fraction(0))
            case Mul(factors=parts):
                return math.prod((self.value(p, bound, at) for p in parts), start=Fraction(1))
            case Pow(base=base, exponent=exponent):
                return self.value(base, bound, at) ** int(self.value(exponent, bound, at))
            case Big(kind=kind, body=body, index=index, low=low, high=high):
                span = range(int(self.value(low, bound, at)), int(self.value(high, bound, at)) + 1)
                values = [self.value(body, {**bound, index: k}, at) for k in span]
                return sum(values, Fraction(0)) if kind == "sum" else math.prod(values, start=Fraction(1))
            case Apply(function="E", args=(body,)):
                return self.mean(body, bound)
            case Apply(function="Var", args=(body,)):
                return self.mean(Pow(body, Num(Fraction(2))), bound) - self.mean(body, bound) ** 2
            case Apply(function="Cov", args=(a, b)):
                return self.mean(Mul((a, b)), bound) - self.mean(a, bound) * self.mean(b, bound)
            case Apply(function=function, args=args):
                return Fraction(FUNCTIONS[function](*(self.value(a, bound, at) for a in args)))
            case Conditional(functional="E", args=(body,), given=given):
                there = {k: x for k, x in self.model.outcome.items() if k.split("[")[0] in given}
                kept = [(o, p) for o, p in self.outcomes() if all(o[k] == Fraction(x) for k, x in there.items())]
                return sum(p * self.value(body, bound, o) for o, p in kept) / sum(p for _, p in kept)
            case _:
                raise NotImplementedError

    def named(self, name: str, index: tuple[int, ...], bound: Mapping[str, int], at: Outcome) -> Fraction:
        if name in bound:
            return Fraction(bound[name])
        definition = next((d for d in self.theorem.definitions if d.name == name), None)
        if definition is not None:
            return self.value(
                definition.body, dict(zip(definition.indices, index or self.ones(definition), strict=True)), at
            )
        text = f"{name}[{','.join(map(str, index))}]" if index else name
        for table in (self.model.constants, self.model.sizes, at, self.model.outcome):
            if text in table:
                return Fraction(table[text])
        family = next(g.item for g in self.theorem.givens if isinstance(g.item, Family) and g.item.name == name)
        return Fraction({**self.model.outcome, **at}[f"{name}[{','.join('1' for _ in family.ranges)}]"])

    def ones(self, definition: Definition) -> tuple[int, ...]:
        return (1,) * len(definition.indices)

    def equal(self, text: str) -> Fraction:
        return self.value(parse_term(text), {}, {})


def check(hand: Hand, line: str) -> int:
    """Compute a line again; how many numbers in it were compared."""
    plain = re.sub(r", summed over \d+ values$", "", line)
    if re.search(r": .*, (true|false)$", line):
        relation, numbers, word = re.split(r": |, (?=true$|false$)", line)
        said, claimed = parse_step(numbers), parse_step(relation)
        assert isinstance(said, Relation)
        assert isinstance(claimed, Relation)
        values = [hand.value(t, {}, {}) for t in claimed.terms]
        assert values == [hand.value(t, {}, {}) for t in said.terms]
        assert (word == "true") == all(a == b for a, b in pairwise(values))
        return len(values)
    first, *others = re.split(r" = ", plain)
    assert others, line
    assert len({hand.equal(first), *(hand.equal(text) for text in others)}) == 1, line
    return len(others)


def worked() -> Iterator[tuple[str, Theorem, StepVerdict]]:
    documents = [document for found in [*SLIPS.values(), NONE] for document in found]
    documents += [("\n".join(givens), "", claim) for givens, claim in FALSE.values()]
    texts = [
        f"```derive\ntheorem t\ngiven\n{givens}\n{'let' if let else ''}\n{let}\nshow\n  {claim}\n```\n"
        for givens, let, claim in documents
    ]
    texts += [p.read_text(encoding="utf-8") for p in sorted(EXAMPLES.glob("*.md"))]
    for text in texts:
        for part in read_document(text):
            if isinstance(part, Statement):
                verdicts = {v.theorem: v for v in decide(text, file="t")}
                yield from ((s.text, part.theorem, s) for s in verdicts[part.name].steps if s.counterexample)


CASES = list(worked())


@pytest.mark.parametrize(("name", "theorem", "step"), CASES, ids=lambda x: x if isinstance(x, str) else "")
def test_every_line_is_right(name: str, theorem: Theorem, step: StepVerdict) -> None:
    model = step.counterexample
    assert model is not None
    lines = [*model.working[0], *model.working[1]]
    assert lines or (isinstance(model.left, str) and re.fullmatch(r"[-\d/]+", name)), "nothing is worked out"
    assert all(len(line) <= 200 for line in lines)
    if any(isinstance(law, str) for law in model.laws.values()) or "[L]" in name:
        return  # continuous laws are integrated below, recurrences followed in tests/referee/test_constants.py
    hand = Hand(model, theorem)
    assert all(check(hand, line) for line in lines)
    for side, value in zip(model.working, (model.left, model.right), strict=True):
        assert not side or not isinstance(value, str) or side[-1].endswith((value, "values")) or "summed" in side[-1]


def test_most_cases_are_computed_again() -> None:
    finite = [
        s
        for _, _, s in CASES
        if s.counterexample and not any(isinstance(x, str) for x in s.counterexample.laws.values())
    ]
    assert len(finite) > 60
    assert sum(len(side) for s in finite if s.counterexample for side in s.counterexample.working) > 250


def density(law: str, x: float) -> float:
    name, *numbers = re.findall(r"[A-Za-z]+|-?[\d/]+", law)
    a, b = (float(Fraction(n)) for n in numbers[:2])
    if name == "Uniform":
        return float(a <= x <= b) / (b - a)
    assert name == "Normal"
    return math.exp(-((x - a) ** 2) / (2 * b)) / math.sqrt(2 * math.pi * b)


@pytest.mark.parametrize(
    ("givens", "claim"),
    [
        (("y random", "y ~ Normal(0, 1)"), "Var(relu(y)) = Var(y)/2"),
        (("y random", "y ~ Normal(0, 1)"), "E(tanh(y)^2) = E(y^2)"),
        (("y random", "y ~ Normal(0, 2)"), "E(relu(y)^4) = E(relu(y))"),
        (("y random", "y ~ Uniform(-1, 2)"), "E(relu(y)^2) = Var(y)"),
    ],
)
def test_the_enclosure_of_an_expectation_holds_the_integral(givens: tuple[str, ...], claim: str) -> None:
    text = "```derive\ntheorem t\ngiven\n" + "".join(f"  {g}\n" for g in givens) + f"show\n  {claim}\n```\n"
    (verdict,) = decide(text, file="t")
    model = verdict.steps[0].counterexample
    assert model is not None
    law = model.laws["y"]
    assert isinstance(law, str)
    seen = 0
    for line in (line for side in model.working for line in side if line.startswith("E(")):
        body, low, high = _told(line)
        integral = _integral(body, law)
        assert low - 1e-6 < integral < high + 1e-6, line
        seen += 1
    assert seen > 1


def _told(line: str) -> tuple[Term, float, float]:
    said = re.fullmatch(r"(E\(.*\)) is between (\S+) and (\S+)", line)
    if said:
        term, low, high = parse_term(said[1]), float(said[2]), float(said[3])
    else:
        first, *_, last = line.split(" = ")
        term, low, high = parse_term(first), float(Fraction(last)), float(Fraction(last))
    assert isinstance(term, Apply)
    return term.args[0], low, high


def _integral(body: Term, law: str) -> float:
    """By the midpoint rule, which errs by far less than a millionth here."""
    step = 1e-3
    points = (-15 + step * (k + 0.5) for k in range(30_000))
    return sum(_at(body, x) * density(law, x) * step for x in points)


def _at(term: Any, x: float) -> float:
    match term:
        case Name():
            return x
        case Pow(base=base, exponent=Num(value=k)):
            return _at(base, x) ** int(k)
        case Apply(function="relu", args=(part,)):
            return max(_at(part, x), 0)
        case Apply(function="tanh", args=(part,)):
            return math.tanh(_at(part, x))
        case _:
            raise NotImplementedError
