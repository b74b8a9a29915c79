"""An activation: its expression in ``z`` and what is computed from it, everything derived from the one definition."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from derive.gaussian.calculus import ONE, ZERO, Z, depends, derivative, plus, rational, times
from derive.gaussian.pieces import Piece, pieces
from derive.language.terms import Add, Mul, Neg, Recip, Term

if TYPE_CHECKING:
    from derive.gaussian.breaks import Breaks


@dataclass(frozen=True, slots=True)
class Activation:
    """A function of z on the real line.

    Args:
        name: its name in the catalog, None for an expression of the user's.
        shown: the expression as it is shown, parameters replaced by their values, abbreviations kept.
        term: the same written out in Arb's functions (``catalog.PRIMITIVES``), with the variable ``z``.
        parameters: the values of its parameters, as constant terms.
        constants: names that ``shown`` uses for constants of the definition, and what they are.
    """

    name: str | None
    shown: Term
    term: Term
    parameters: tuple[tuple[str, Term], ...] = ()
    constants: tuple[tuple[str, Term], ...] = ()

    @property
    def named(self) -> Activation:
        """The same with the constants of its definition left as names."""
        from derive.language.catalog import unfold

        return Activation(self.name, self.shown, unfold(self.shown), self.parameters) if self.constants else self

    @property
    def text(self) -> str:
        """The expression as the language writes it; reading it gives the activation back."""
        from derive.language.printer import term_text

        return term_text(self.shown)

    @property
    def latex(self) -> str:
        """The expression in LaTeX, without dollars."""
        from derive.language.latex import term_latex

        return term_latex(self.shown)

    @property
    def slope(self) -> Term:
        """f' almost everywhere: the weak derivative where f does not jump (``breaks`` says where it does)."""
        return derivative(self.term)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The terms between the linear kinks."""
        return pieces(self.term)

    @property
    def breaks(self) -> Breaks:
        """Kinks and jumps."""
        from derive.gaussian.breaks import breaks

        return breaks(self.term)

    @property
    def homogeneous(self) -> tuple[Term, Term] | None:
        """(alpha_+, alpha_-) if f(z) = alpha_+ z for z > 0 and alpha_- z for z < 0, else None."""
        cuts = self.pieces
        if not (len(cuts) == 1 or (len(cuts) == 2 and cuts[0].high == 0)):
            return None
        left, right = _coefficient(cuts[0].term), _coefficient(cuts[-1].term)
        return None if left is None or right is None else (right, left)

    def value(self, z: Fraction | float, *, digits: int = 15) -> Any:
        """f(z) as an Arb ball."""
        return _value(self.term, z, digits)

    def slope_value(self, z: Fraction | float, *, digits: int = 15) -> Any:
        """f'(z) as an Arb ball; at a kink a ball that holds both slopes."""
        return _value(self.slope, z, digits)


def _value(term: Term, z: Fraction | float, digits: int) -> Any:
    import flint

    from derive.gaussian.programs import compiled, exact

    with flint.ctx.workprec(int(digits * 3.33) + 50):
        return compiled(term)(flint.acb(exact(Fraction(z))), False).real


def _coefficient(term: Term) -> Term | None:
    """The constant a if the term is a z."""
    if rational(term) == 0:
        return ZERO
    if term == Z:
        return ONE
    match term:
        case Neg(term=inner):
            a = _coefficient(inner)
            return None if a is None else times(Neg(ONE), a)
        case Add(terms=terms):
            found = [_coefficient(t) for t in terms]
            known = [a for a in found if a is not None]
            return plus(*known) if len(known) == len(found) else None
        case Mul(factors=factors):
            moving = [f for f in factors if depends(f)]
            if len(moving) != 1 or isinstance(moving[0], Recip) or (a := _coefficient(moving[0])) is None:
                return None
            return times(a, *(f for f in factors if f != moving[0]))
        case _:
            return None
