"""A second, small evaluator for counterexamples: every outcome of a finite model, one after the other, in fractions.

It knows nothing of the referee. The one entry that may have a continuous law is put on a fine grid of points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

from derive.language import terms as t
from derive.language import theorem as th
from derive.language.problem import Problem

Outcome = Mapping[str, Any]  # the value of each entry, by its text
Weighted = list[tuple[Any, Outcome]]
POINTS = 2_000

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "relu": lambda x: max(x, 0),
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "abs": abs,
    "sign": lambda x: (x > 0) - (x < 0),
    "step": lambda x: int(x > 0),
    "max": max,
    "min": min,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "erf": math.erf,
    "asin": math.asin,
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
}


@dataclass(frozen=True)
class Space:
    """A model: sizes, constants, the laws that have a name, and every outcome with its probability."""

    problem: Problem
    sizes: Mapping[str, int]
    constants: Mapping[str, Fraction]
    named: Mapping[str, str]
    outcomes: Weighted

    def value(self, term: t.Term, at: Mapping[str, int], outcome: Outcome | None = None) -> Any:
        """The value of a term at some values of the index names; of a random one in an outcome."""
        match term:
            case t.Num(value=value):
                return value
            case t.Name(name=name):
                return {"pi": math.pi, **self.constants, **self.sizes, **at}[name]
            case t.Entry(name=name, indices=indices):
                key = text(name, [int(self.value(i, at)) for i in indices])
                return self.constants[key] if name in self.problem.constants else (outcome or {})[key]
            case t.Neg(term=inner):
                return -self.value(inner, at, outcome)
            case t.Add(terms=parts):
                return sum(self.value(p, at, outcome) for p in parts)
            case t.Mul(factors=parts):
                return math.prod(self.value(p, at, outcome) for p in parts)
            case t.Recip(term=inner):
                return Fraction(1) / self.value(inner, at, outcome)
            case t.Pow(base=base, exponent=exponent):
                return Fraction(1) * self.value(base, at, outcome) ** int(self.value(exponent, at))
            case t.Big(kind=kind, body=body, index=index, high=high):
                each = [self.value(body, {**at, index: k}, outcome) for k in range(1, self.value(high, at) + 1)]
                return sum(each) if kind == "sum" else math.prod(each)
            case t.Apply(function=("E" | "Var" | "Cov") as functional, args=args):
                return self.averaged(functional, args, at, self.outcomes)
            case t.Conditional(functional=functional, args=args, given=given):
                alike = [
                    (p, o) for p, o in self.outcomes if all(o[k] == (outcome or {})[k] for k in o if of(k) in given)
                ]
                return self.averaged(functional, args, at, alike)
            case t.Apply(function=function, args=args):
                return FUNCTIONS[function](*(self.value(a, at, outcome) for a in args))

    def averaged(self, functional: str, args: tuple[t.Term, ...], at: Mapping[str, int], outcomes: Weighted) -> Any:
        """E, Var or Cov over some outcomes."""
        rows = [(p, [self.value(a, at, o) for a in (args[0], args[-1])]) for p, o in outcomes]
        whole = sum(p for p, _ in rows)
        left, right, both = (sum(p * f(*x) for p, x in rows) / whole for f in (first, second, times))
        return left if functional == "E" else both - left * right

    # --- does it meet the givens? ----------------------------------------------------------------------

    def law(self, keys: list[str], sign: int = 1) -> dict[tuple[Any, ...], Any]:
        """The joint law of some entries, or of their negatives."""
        found: dict[tuple[Any, ...], Any] = {}
        for p, outcome in self.outcomes:
            row = tuple(sign * outcome[k] for k in keys)
            found[row] = found.get(row, 0) + p
        return found

    def keys(self, name: str) -> list[str]:
        """All entries of a family."""
        return [text(name, index) for index in product(*(self.span(r) for r in self.problem.families[name].ranges))]

    def span(self, place: th.Range) -> range:
        """The values of an index."""
        return range(1, (place.high if isinstance(place.high, int) else self.sizes[place.high]) + 1)

    def independent(self, groups: list[list[str]]) -> bool:
        """Whether the joint law is the product of the laws of the groups."""
        joint = self.law([k for group in groups for k in group])
        rows = product(*(self.law(group).items() for group in groups))
        each = {tuple(x for part, _ in row for x in part): math.prod(p for _, p in row) for row in rows}
        return len(groups) < 2 or joint == each

    def meets(self, item: th.Item) -> bool:
        """Whether a given holds."""
        match item:
            case th.Family(name=name, kind=kind):
                return self.kind(kind, self.keys(name), item)
            case th.Constant(name=name, kind=kind):
                values = [v for k, v in self.constants.items() if of(k) == name]
                return all(kind == "real" or v > 0 or (kind == "nonzero" and v) for v in values)
            case th.Independent(blocks=blocks):
                return self.independent([[k for name in block for k in self.keys(name)] for block in blocks])
            case th.Symmetric(name=name):
                each = self.problem.families[name].kind != "exchangeable"
                groups = [[k] for k in self.keys(name)] if each else [self.keys(name)]
                return all(same_law(self.law(g), self.law(g, -1)) for g in groups)
            case th.Law(name=name, law="Rademacher"):
                half = Fraction(1, 2)
                return all(self.law([k]) == {(1,): half, (-1,): half} for k in self.keys(name))
            case th.Law(name=name, law=law, args=args):
                return self.named[name] == f"{law}({', '.join(str(Fraction(self.value(a, {}))) for a in args)})"
            case th.Relation():
                return all(self.holds(item, at) for at in self.indices(item.terms))
            case th.Recurrence(relation=relation, ranges=ranges):
                values = product(*(self.span(r) for r in ranges))
                return all(self.holds(relation, dict(zip([r.index for r in ranges], v, strict=True))) for v in values)

    def kind(self, kind: str, keys: list[str], family: th.Family) -> bool:
        """Whether the entries of a family are as it is declared."""
        if kind == "exchangeable":
            pairs = pairwise(keys)
            swaps = [[{a: b, b: a}.get(k, k) for k in keys] for a, b in pairs] if len(family.ranges) == 1 else []
            return all(self.law(keys) == self.law(swap) for swap in swaps)
        alike = kind != "iid" or all(self.law([k]) == self.law(keys[:1]) for k in keys)
        return kind == "random" or (alike and self.independent([[k] for k in keys]))

    def indices(self, terms: tuple[t.Term, ...]) -> Iterator[dict[str, int]]:
        """All values of the free index names of some terms."""
        names = sorted({p.name for x in terms for p in t.walk(x) if isinstance(p, t.Name)} & set(self.problem.free))
        spans = [self.span(th.Range(name, self.problem.free[name])) for name in names]
        yield from (dict(zip(names, values, strict=True)) for values in product(*spans))

    def holds(self, relation: th.Relation, at: Mapping[str, int], outcome: Outcome | None = None) -> bool:
        """Whether a chain of comparisons holds; what is not rational is compared up to rounding."""
        values = [self.value(x, at, outcome) for x in relation.terms]
        return all(compared(a, o, b) for a, o, b in zip(values, relation.operators, values[1:], strict=False))


def space(problem: Problem, model: Mapping[str, Any]) -> Space:
    """The outcomes of a counterexample as the command's JSON gives it."""
    empty = Space(problem, model["sizes"], {k: Fraction(v) for k, v in model["constants"].items()}, {}, [])
    blocks: list[list[tuple[Any, Outcome]]] = []
    named: dict[str, str] = {}
    for name, law in model["laws"].items():
        if isinstance(law, str):
            named[name] = law
        rows = grid(law) if isinstance(law, str) else [(Fraction(x), Fraction(p)) for x, p in law]
        keys = empty.keys(name) if name in problem.families else [name]
        blocks += [[(p, {key: x}) for x, p in rows] for key in keys]
    for table in model["joint"]:
        rows = [(Fraction(p), [Fraction(x) for x in values]) for values, p in table["points"]]
        blocks.append([(p, dict(zip(table["of"], values, strict=True))) for p, values in rows])
    outcomes: Weighted = [
        (math.prod(p for p, _ in row), {k: x for _, part in row for k, x in part.items()}) for row in product(*blocks)
    ]
    return Space(problem, empty.sizes, empty.constants, named, outcomes)


def grid(law: str) -> list[tuple[float, float]]:
    """A continuous law on the midpoints of a fine grid: exact up to the square of its step."""
    name, _, rest = law.removesuffix(")").partition("(")
    parameters = [float(Fraction(x)) for x in rest.split(", ")]
    centre, spread = (parameters[0], math.sqrt(parameters[1])) if name != "Uniform" else (0.0, 1.0)
    low, high = (centre - 12 * spread, centre + 12 * spread) if name == "Normal" else parameters[-2:]
    points = [low + (high - low) * (k + 0.5) / POINTS for k in range(POINTS)]
    weights = [1.0 if name == "Uniform" else math.exp(-(((x - centre) / spread) ** 2) / 2) for x in points]
    whole = sum(weights)
    return [(x, w / whole) for x, w in zip(points, weights, strict=True)]


def same_law(left: Mapping[tuple[Any, ...], Any], right: Mapping[tuple[Any, ...], Any]) -> bool:
    """Whether two laws are the same; those on a grid up to rounding."""
    if any(isinstance(x, float) for row in left for x in row):
        return all(abs(a - b) < 1e-9 for (a,), (b,) in zip(sorted(left), sorted(right), strict=True))
    return left == right


def compared(left: Any, operator: str, right: Any) -> bool:
    """Whether a comparison holds."""
    if isinstance(left, float) or isinstance(right, float):
        equal = math.isclose(left, right, rel_tol=1e-5, abs_tol=1e-5)
    else:
        equal = left == right
    return {"=": equal, "<=": left < right or equal, "<": left < right and not equal,
            ">=": left > right or equal, ">": left > right and not equal}[operator]  # fmt: skip


def text(name: str, indices: Any) -> str:
    """W[1,2], or X where there is no index."""
    return f"{name}[{','.join(map(str, indices))}]" if indices else name


def of(key: str) -> str:
    """The family of an entry."""
    return key.split("[", maxsplit=1)[0]


def first(x: Any, _: Any) -> Any:
    """x."""
    return x


def second(_: Any, y: Any) -> Any:
    """y."""
    return y


def times(x: Any, y: Any) -> Any:
    """x y."""
    return x * y
