"""Theorem texts for the referee's tests: short ways to write them, and random claims about moments of sums."""

from __future__ import annotations

from random import Random

from derive.language.parser import parse_theorem
from derive.language.problem import Problem
from derive.language.scope import resolve
from derive.referee import find_model, holds, meets, random_models, search
from derive.verdict import Counterexample

LAYER = ("W[i,j] iid for i in 1..m, j in 1..n", "a[j] iid for j in 1..n")
Z = "sum(W[1,j]*a[j], j in 1..n)"


def problem(givens: tuple[str, ...], claim: str) -> Problem:
    """The problem with these givens and this claim."""
    lines = "".join(f"  {given}\n" for given in givens)
    return resolve(parse_theorem(f"theorem t\ngiven\n{lines}show\n  {claim}\n"))


def everything(of: Problem) -> frozenset[int]:
    """All givens active."""
    return frozenset(range(len(of.givens)))


def refuted(givens: tuple[str, ...], claim: str) -> Counterexample:
    """The counterexample to a false claim, checked: it meets the givens, and the claim fails in it."""
    stated = problem(givens, claim)
    active = everything(stated)
    found = [(step, find_model(stated, step, active)) for step in stated.steps]
    step, hit = next((s, f) for s, f in found if f is not None)
    assert meets(stated, hit[0], active)
    assert holds(stated, hit[0], step) is False
    shown = search(stated, step, active)
    assert shown is not None
    return shown


def confirmed(givens: tuple[str, ...], claim: str, *, models: int = 15, enclosed: bool = False) -> None:
    """A true claim: the search finds nothing against it, and it holds in random models, or its enclosures overlap."""
    stated = problem(givens, claim)
    active = everything(stated)
    drawn = random_models(stated, active, seed=1, count=models)
    assert drawn
    for step in stated.steps:
        assert search(stated, step, active) is None
        found = {holds(stated, of, step) for of in drawn}
        assert found <= {True, None}
        assert True in found or enclosed


class Claims:
    """Random claims of degree up to 4 about two or three families; nobody knows which of them are true."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.sizes = ["m", "n"] if self.random.random() < 0.5 else ["n"]
        self.families: dict[str, list[str]] = {}

    def problem(self) -> Problem:
        names = list("WXY"[: self.random.choice([2, 2, 3])])
        givens = [self.family(name) for name in names]
        if not any(self.families.values()):
            givens[0], self.families["W"] = "W[i] iid for i in 1..n", ["n"]
        self.sizes = sorted({s for slots in self.families.values() for s in slots})
        givens += self.independence(names) + [fact for name in names for fact in self.facts(name)]
        degree = self.random.choice([1, 2, 2, 3, 4])
        body = self.body(degree)
        left = f"E({body})" if self.random.random() < 0.7 else f"Var({body})"
        return problem(tuple(givens), f"{left} = {self.right(body, degree)}")

    def family(self, name: str) -> str:
        kind = self.random.choice(["iid", "iid", "exchangeable", "random"])
        if kind == "random":
            self.families[name] = []
            return f"{name} random"
        both = len(self.sizes) == 2 and self.random.random() < 0.4
        slots = self.families[name] = self.sizes if both else [self.random.choice(self.sizes)]
        ranges = ", ".join(f"{i} in 1..{s}" for i, s in zip("ik", slots, strict=False))
        return f"{name}[{','.join('ik'[: len(slots)])}] {kind} for {ranges}"

    def independence(self, names: list[str]) -> list[str]:
        kind = self.random.random()
        if kind < 0.5:
            return [f"{', '.join(names)} independent"]
        return [f"{' independent of '.join(self.random.sample(names, 2))}"] if kind < 0.75 else []

    def facts(self, name: str) -> list[str]:
        kind, size = self.random.random(), self.sizes[0]
        choices = [
            (0.3, [f"E({name}) = 0"]),
            (0.4, [f"{name} symmetric"]),
            (0.48, [f"E({name}) = 0", f"Var({name}) = 1/{size}"]),
            (0.55, [f"E({name}) = 0", f"E({name}^4) = 3*Var({name})^2"]),
            (0.6, [f"E({name}^2) = 2*E({name})"]),
        ]
        return next((facts for bound, facts in choices if kind < bound), [])

    def monomial(self, degree: int, bound: str = "") -> str:
        return "*".join(self.factor(bound) for _ in range(degree))

    def factor(self, bound: str) -> str:
        name = self.random.choice(list(self.families))
        indices = ["j" if s == bound else str(self.random.choice([1, 1, 2])) for s in self.families[name]]
        text = f"{name}[{','.join(indices)}]" if indices else name
        return self.random.choice([*[text] * 12, f"relu({text})", f"abs({text})", f"sign({text})"])

    def summed(self, degree: int) -> str:
        size = self.random.choice(self.sizes)
        return f"sum({self.monomial(degree, size)}, j in 1..{size})"

    def body(self, degree: int) -> str:
        kind = self.random.random()
        if degree == 1 or kind < 0.2:
            return self.monomial(degree) if kind < 0.3 else self.summed(degree)
        if kind < 0.5:
            inner = self.random.choice([1, 2]) if degree == 4 else 1
            return f"{self.summed(inner)}^{degree // inner}"
        return f"{self.summed(1)}*{self.monomial(degree - 1) if kind < 0.75 else self.summed(degree - 1)}"

    def moments(self, degree: int) -> str:
        parts: list[str] = []
        while degree > 0:
            power = self.random.randint(1, degree)
            degree -= power
            parts.append(f"E({self.random.choice(list(self.families))}^{power})")
        return "*".join(parts)

    def right(self, body: str, degree: int) -> str:
        size = self.random.choice(self.sizes)
        return self.random.choice(
            [
                f"{self.random.choice([size, '1', size + '^2', '2'])}*{self.moments(degree)}",
                f"{size}*{self.moments(degree)} + {size}*({size} - 1)*{self.moments(degree)}",
                f"E({body}) + {self.moments(self.random.choice([1, 2, 3, 4]))}",
                f"{size}*E({self.body(degree)})",
                f"E({self.body(degree)})",
            ]
        )
