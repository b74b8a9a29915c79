"""What may be assumed of the families, and the one thing that follows everywhere: how the mean of a product splits."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportUnknownLambdaType=false
# (SymPy 1.14 ships no types; what it returns is checked by the kernel, not by pyright.)

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Indexed, Integer, Mul, Product, Sum

from derive.symbolic.notation import E, Expr, certainly_distinct, first, name_of


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The givens as the moves use them.

    kinds: "iid", "exchangeable" or "random" for every family. independent: statements, each a tuple of blocks that
    are mutually independent. never_zero: families whose entries are zero with probability zero.
    """

    kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    independent: tuple[tuple[frozenset[str], ...], ...] = ()
    zero_mean: frozenset[str] = frozenset()
    symmetric: frozenset[str] = frozenset()
    never_zero: frozenset[str] = frozenset()

    def entries(self, expression: Expr) -> frozenset[Expr]:
        """The random entries that occur in an expression."""
        if isinstance(expression, Indexed) or expression.is_Symbol:
            return frozenset({expression} if name_of(expression) in self.kinds else ())
        return frozenset(entry for part in expression.args for entry in self.entries(part))

    def components(self, names: frozenset[str]) -> list[frozenset[str]]:
        """The families, parted as far as the statements of independence allow.

        A statement parts the names if its blocks hold them all. The parts may be parted further: from X independent
        of (Y, Z) and Y independent of Z follows that all three are.
        """
        for blocks in self.independent:
            parts = [names & block for block in blocks if names & block]
            if len(parts) > 1 and all(any(name in block for block in blocks) for name in names):
                return [c for part in parts for c in self.components(part)]
        return [names] if names else []

    def groups(self, factors: tuple[Expr, ...], apart: tuple[Expr, ...] = ()) -> list[Expr]:
        """The factors, multiplied up into mutually independent groups.

        Distinct entries of an iid family are independent. Indices named in ``apart`` are taken to differ.
        """
        names = frozenset(name_of(e) for f in factors for e in self.entries(f))
        component = {name: part for part in self.components(names) for name in part}
        groups: list[list[Expr]] = []
        for factor in sorted(factors, key=str):
            linked = [g for g in groups if self._linked(factor, g, component, apart)]
            merged = [f for g in linked for f in g] + [factor]
            groups = [g for g in groups if g not in linked] + [merged]
        return [Mul(*g) for g in groups]

    def _linked(
        self, factor: Expr, group: list[Expr], component: Mapping[str, frozenset[str]], apart: tuple[Expr, ...]
    ) -> bool:
        for e in self.entries(factor):
            for o in (o for other in group for o in self.entries(other)):
                together = component[name_of(e)]
                if together != component[name_of(o)]:
                    continue
                if len(together) > 1 or self.kinds[name_of(e)] != "iid" or not certainly_distinct(e, o, apart):
                    return True
        return False


def assume(
    *,
    iid: str = "",
    exchangeable: str = "",
    random: str = "",
    independent: tuple[tuple[str, ...], ...] = (),
    zero_mean: str = "",
    symmetric: str = "",
    never_zero: str = "",
) -> Assumptions:
    """Assumptions from names with blanks between; ``independent=(("W", "a b"),)`` has the blocks W and (a, b)."""
    kinds = {"iid": iid, "exchangeable": exchangeable, "random": random}
    return Assumptions(
        {name: kind for kind, names in kinds.items() for name in names.split()},
        tuple(tuple(frozenset(block.split()) for block in blocks) for blocks in independent),
        frozenset((zero_mean + " " + symmetric).split()),
        frozenset(symmetric.split()),
        frozenset(never_zero.split()),
    )


def first_entries(expression: Expr, given: Assumptions) -> Expr:
    """The expression in first entries, where independence and identical laws make that the same in law.

    Every entry that is independent of the others may be exchanged for its family's first, together with the others.
    """
    if expression.has(Sum, Product):
        return expression
    found = given.entries(expression)
    names = [name_of(e) for e in found]
    alone = [c for c in given.components(frozenset(names)) if len(c) == 1 and names.count(next(iter(c))) == 1]
    return expression.xreplace({e: first(name_of(e)) for e in found if frozenset({name_of(e)}) in alone})


def mean(expression: Expr, given: Assumptions, apart: tuple[Expr, ...] = ()) -> Expr:
    """E of a product, the independent factors apart: E(W^2 a^2) = E(W^2) E(a^2)."""
    if expression.has(Sum, Product):
        return E(expression)
    constant, random = Integer(1), list[Expr]()
    for factor in Mul.make_args(expression):
        if given.entries(factor):
            random.append(factor)
        else:
            constant = constant * factor
    return Mul(constant, *(E(group) for group in given.groups(tuple(random), apart)))


def without_zero_means(expression: Expr, given: Assumptions) -> Expr:
    """E(X) = 0 put in wherever it is given; sums of nothing go."""

    def centred(x: Expr) -> bool:
        return (x.is_Symbol or isinstance(x, Indexed)) and name_of(x) in given.zero_mean

    gone = expression.replace(E, lambda x: Integer(0) if centred(x) else E(x))
    return gone.replace(Sum, lambda body, *limits: Integer(0) if body == 0 else Sum(body, *limits))
