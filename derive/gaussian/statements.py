"""A closed form as a theorem of the language, for ``derive.decide`` to prove or not.

``Number`` says only that a closed form lies in the certified enclosure. Where this document is proved, it is proved for
every variance.
"""

from __future__ import annotations

from derive.gaussian.activation import Activation
from derive.gaussian.closed import closed_form
from derive.language.catalog import definition
from derive.language.printer import term_text
from derive.language.terms import Apply, Name, Num, Pow, Term, number

MOMENTS = {"f": 1, "f^2": 2}


def document(f: Activation, of: str) -> str | None:
    """A document that claims the closed form of E f or E f^2 under N(0, q); None where there is none to claim.

    Only names of the catalog have one, with parameters that are the defaults, or are written in the call.
    """
    if of not in MOMENTS or f.name is None:
        return None
    exact, call = closed_form(f, of), _call(f)
    if exact is None or call is None:
        return None
    moment = Apply("E", (call if MOMENTS[of] == 1 else Pow(call, number(2)),))
    given = "given\n  q positive\n  y random\n  y ~ Normal(0, q)\n"
    name = f"{f.name.replace('_', '-')}-{'mean' if of == 'f' else 'second-moment'}"
    claim = f"{term_text(moment)} = {term_text(exact)}  by gaussian"
    return f"```derive\ntheorem {name}\n{given}show\n  {claim}\n```\n"


def _call(f: Activation) -> Term | None:
    """The function as the language calls it, of ``y``."""
    found = definition(f.name or "")
    if found is None:
        return None
    if found.name in {"leaky_relu", "prelu"}:
        return Apply(found.name, (Name("y"), *(value for _, value in f.parameters)))
    plain = all(value == default for (_, value), (_, default) in zip(f.parameters, found.parameters, strict=True))
    return Apply(found.name, (Name("y"),)) if plain and all(isinstance(v, Num) for _, v in f.parameters) else None
