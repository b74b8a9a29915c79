"""A resolved term at given sizes, written out: sums over ranges become sums, and each E(.) gets a slot of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from operator import itemgetter

from derive.language.problem import Problem
from derive.language.terms import Add, Apply, Big, Conditional, Entry, Mul, Name, Neg, Num, Pow, Recip, Term, walk
from derive.referee.algebra import TooLarge, Unusable, Value, add, multiply, pi, power, reciprocal, reduced
from derive.referee.functions import apply
from derive.referee.model import Key, entries

MOST_NODES = 8_000
MOST_ASSIGNMENTS = 64

Slot = int | Key  # the number of an expectation, an entry or a constant
Values = Mapping[Slot, Value]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A term written out.

    entries: the random entries that its value depends on. operation, parts: how it is made; ``combine`` gives its
    value from those of its parts, ``run`` from the values of entries, constants and slots.
    fixed: entries that it reads and that an enclosing conditional expectation holds fixed.
    given: of a conditional expectation, whose only part is its body, all entries that it is conditional on; such a
    node has no value before a model has told how they hang together (``means`` binds it). conditional: whether there
    is such a node in it. reads: what a node without parts looks up.
    """

    operation: str
    parts: tuple[Node, ...]
    entries: frozenset[Key]
    combine: Callable[[Sequence[Value]], Value]
    run: Callable[[Values], Value]
    fixed: frozenset[Key] = frozenset()
    given: frozenset[Key] = frozenset()
    conditional: bool = False
    reads: Slot | None = None


def made(operation: str, combine: Callable[[Sequence[Value]], Value], parts: Sequence[Node]) -> Node:
    """The node that combines the values of some parts."""
    none = frozenset[Key]()
    return Node(
        operation,
        tuple(parts),
        none.union(*(p.entries for p in parts)),
        combine,
        _runner(combine, parts),
        none.union(*(p.fixed for p in parts)),
        conditional=any(p.conditional for p in parts),
    )


def _runner(combine: Callable[[Sequence[Value]], Value], parts: Sequence[Node]) -> Callable[[Values], Value]:
    """Combines the values of parts; parts that only look something up are looked up together, which is faster."""
    keys = [p.reads for p in parts if p.reads is not None]
    if len(keys) == len(parts) > 1:
        read = itemgetter(*keys)
        return lambda values: combine(read(values))
    runs = [p.run for p in parts]
    return lambda values: combine([run(values) for run in runs])


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Terms to be evaluated together. ``slots[k]`` is the body of the k-th expectation; inner ones come first."""

    slots: tuple[Node, ...]
    results: tuple[Node, ...]

    def entries(self) -> frozenset[Key]:
        """All random entries that occur."""
        found: set[Key] = set()
        stack = [*self.slots, *self.results]
        while stack:
            node = stack.pop()
            found |= node.entries | node.fixed
            if node.conditional:
                stack.extend(node.parts)
        return frozenset(found)


def program(problem: Problem, sizes: Mapping[str, int], terms: Sequence[Term], indices: Mapping[str, int]) -> Program:
    """Write terms out. Raises ``TooLarge`` or ``Unusable`` (a limit, for example)."""
    writer = _Writer(problem, sizes)
    results = tuple(writer.write(term, dict(indices)) for term in terms)
    return Program(tuple(writer.slots), results)


def assignments(problem: Problem, sizes: Mapping[str, int], *terms: Term) -> list[dict[str, int]]:
    """All values of the free index names of some terms, at most ``MOST_ASSIGNMENTS``."""
    names = {t.name for term in terms for t in walk(term) if isinstance(t, Name)}
    free = sorted(name for name in names if name in problem.free)
    ends = [problem.free[name] for name in free]
    ranges = [range(1, (end if isinstance(end, int) else sizes[end]) + 1) for end in ends]
    found: list[dict[str, int]] = []
    for values in product(*ranges):
        if len(found) == MOST_ASSIGNMENTS:
            raise TooLarge("too many values of the free indices")
        found.append(dict(zip(free, values, strict=True)))
    return found


@dataclass(slots=True)
class _Writer:
    problem: Problem
    sizes: Mapping[str, int]
    slots: list[Node] = field(default_factory=list[Node])
    known: dict[tuple[Term, tuple[tuple[str, int], ...]], Node] = field(
        default_factory=dict[tuple[Term, tuple[tuple[str, int], ...]], Node]
    )
    nodes: int = 0
    held: frozenset[str] = frozenset()  # the families that the conditional expectation being written holds fixed

    def write(self, term: Term, indices: dict[str, int]) -> Node:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise TooLarge("the term is too large at these sizes")
        match term:
            case Num(value=value):
                return self.constant(reduced(value))
            case Name(name=name):
                return self.name(name)
            case Entry(name=name, indices=places):
                key = (name, tuple(self.index(p, indices) for p in places))
                return self.entry(key) if name in self.problem.families else self.leaf(key)
            case Add(terms=parts):
                return made("+", add, [self.write(p, indices) for p in parts])
            case Mul(factors=parts):
                return made("*", multiply, [self.write(p, indices) for p in parts])
            case Big(kind=kind, body=body, index=index, high=high):
                last = self.index(high, indices)
                parts = [self.write(body, {**indices, index: k}) for k in range(1, last + 1)]
                return made("+", add, parts) if kind == "sum" else made("*", multiply, parts)
            case Neg(term=part):
                return self.negative(self.write(part, indices))
            case Recip(term=part):
                return made("1/", lambda v: reciprocal(v[0]), [self.write(part, indices)])
            case Pow(base=base, exponent=exponent):
                return self.power(self.write(base, indices), self.write(exponent, indices))
            case Apply(function="E", args=(body,)):
                return self.mean(body, indices)
            case Apply(function="Var", args=(body,)):
                return self.covariance(body, body, lambda t: self.mean(t, indices))
            case Apply(function="Cov", args=(left, right)):
                return self.covariance(left, right, lambda t: self.mean(t, indices))
            case Conditional(functional="E", args=args, given=given):
                return self.conditional(args[0], given, indices)
            case Conditional(args=args, given=given):  # Var(x) = Cov(x, x)
                return self.covariance(args[0], args[-1], lambda t: self.conditional(t, given, indices))
            case Apply(function=function, args=args):
                return made(function, lambda v: apply(function, list(v)), [self.write(a, indices) for a in args])

    def index(self, term: Term, indices: Mapping[str, int]) -> int:
        match term:
            case Num(value=value):
                return int(value)
            case Name(name=name):
                if name not in indices and name not in self.sizes:
                    raise Unusable(f"the index {name} has no value")
                return indices[name] if name in indices else self.sizes[name]
            case Add(terms=parts):
                return sum(self.index(p, indices) for p in parts)
            case Neg(term=part):
                return -self.index(part, indices)
            case _:
                raise Unusable("this is not an index")

    def name(self, name: str) -> Node:
        if name in self.sizes:
            return self.constant(self.sizes[name])
        if name == "pi":
            return self.constant(pi())
        if name not in self.problem.constants:
            raise Unusable(f"{name} has no value in a finite model")
        return self.leaf((name, ()))

    def constant(self, value: Value) -> Node:
        return Node("constant", (), frozenset(), lambda _: value, lambda _: value)

    def entry(self, key: Key) -> Node:
        alone, none = frozenset({key}), frozenset[Key]()
        fixed = key[0] in self.held
        read = itemgetter(key)
        return Node("leaf", (), none if fixed else alone, add, read, alone if fixed else none, reads=key)

    def leaf(self, key: Slot) -> Node:
        return Node("leaf", (), frozenset(), add, itemgetter(key), reads=key)

    def negative(self, part: Node) -> Node:
        return made("-", lambda v: -v[0], [part])

    def power(self, base: Node, exponent: Node) -> Node:
        return made("^", lambda v: power(v[0], v[1]), [base, exponent])

    def mean(self, body: Term, indices: dict[str, int]) -> Node:
        """E(body), a slot of its own, the same whatever an enclosing conditional expectation holds fixed."""
        key = (body, tuple(sorted(indices.items())))
        if key not in self.known:
            node = self.within(frozenset(), body, indices)
            self.known[key] = self.leaf(len(self.slots))
            self.slots.append(node)
        return self.known[key]

    def conditional(self, body: Term, given: tuple[str, ...], indices: dict[str, int]) -> Node:
        """E(body | given): a function of all entries of the families given."""
        families = [self.problem.families[name] for name in given]
        keys = frozenset(k for family in families for k in entries(family, self.sizes))
        fixed = frozenset(k for k in keys if k[0] in self.held)
        node = self.within(frozenset(given), body, indices)
        return Node("given", (node,), keys - fixed, lambda v: v[0], _unbound, fixed, keys, conditional=True)

    def within(self, held: frozenset[str], body: Term, indices: dict[str, int]) -> Node:
        outside, self.held = self.held, held
        try:
            return self.write(body, indices)
        finally:
            self.held = outside

    def covariance(self, left: Term, right: Term, mean: Callable[[Term], Node]) -> Node:
        """Cov(x, y) = E(xy) - E(x)E(y), with the means taken as ``mean`` takes them."""
        both = Pow(left, Num(Fraction(2))) if left == right else Mul((left, right))
        return made("+", add, [mean(both), self.negative(made("*", multiply, [mean(left), mean(right)]))])


def _unbound(values: Values) -> Value:
    raise Unusable("a conditional expectation outside a model")
