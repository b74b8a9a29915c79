"""E f, E f^2 and E f'^2 under N(0, 1) of the catalog: our calculus and enclosures beside SymPy's integrator.

    python -m tests.benchmarks.gaussian              a selection, ten seconds an integral for SymPy
    python -m tests.benchmarks.gaussian --limit 60 gelu erf elu

SymPy gets each integral in a process of its own and is stopped at the limit (processor time after its import; ours is
measured the same way). It is asked for the integral of f^k times the density over the pieces on which f is smooth,
which is the kindest form. What comes back with an ``Integral`` left in it counts as unevaluated, a value outside of our
enclosure as wrong.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import resource
import time
from fractions import Fraction
from typing import Any

import flint

from derive.gaussian import Undefined, closed_form, enclosure, read
from derive.gaussian.moments import integrand
from derive.gaussian.pieces import pieces
from derive.language.printer import term_text
from derive.language.terms import Term

NAMES = "relu leaky_relu relu6 hard_tanh hardswish elu gelu erf sin exp gaussian silu tanh softplus".split()
MOMENTS = ("f", "f^2", "df^2")


def ours(name: str, of: str) -> tuple[str, float, Any]:
    """Closed form and thirty certified digits: what was found, seconds of processor time, the ball."""
    f = read(name)
    before = time.process_time()
    exact, ball = closed_form(f, of, Fraction(1)), enclosure(f, of, 1)
    seconds = time.process_time() - before
    return term_text(exact) if exact is not None else "30 digits", seconds, ball


def sympy_integral(cuts: list[tuple[Any, Any, Term]], limit: float, answer: Any) -> None:
    """In a process of its own: a word, the sum over the pieces in decimals, seconds of processor time."""
    import sympy

    before = time.process_time()
    most = math.ceil(before + limit)
    resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1))
    z = sympy.Symbol("z", real=True)
    density = sympy.exp(-z * z / 2) / sympy.sqrt(2 * sympy.pi)
    total = sympy.Integer(0)
    for low, high, term in cuts:
        ends = (-sympy.oo if low is None else sympy.Rational(low), sympy.oo if high is None else sympy.Rational(high))
        total += sympy.integrate(sympy.expand(_expression(term, z, sympy)) * density, (z, *ends))
    open_ = total.has(sympy.Integral)
    value = "" if open_ else str(sympy.N(total, 20))
    answer.put(("unevaluated" if open_ else "closed", value, time.process_time() - before))


def _expression(term: Term, z: Any, sympy: Any) -> Any:
    from derive.language.terms import Add, Apply, Mul, Name, Neg, Num, Pow, Recip

    def go(t: Term) -> Any:
        match t:
            case Num(value=value):
                return sympy.Rational(value.numerator, value.denominator)
            case Name(name=name):
                return sympy.pi if name == "pi" else z
            case Neg(term=inner):
                return -go(inner)
            case Recip(term=inner):
                return 1 / go(inner)
            case Add(terms=parts):
                return sympy.Add(*(go(t) for t in parts))
            case Mul(factors=parts):
                return sympy.Mul(*(go(t) for t in parts))
            case Pow(base=base, exponent=exponent):
                return go(base) ** go(exponent)
            case Apply(function="sigmoid", args=(u,)):
                return 1 / (1 + sympy.exp(-go(u)))
            case Apply(function="softplus", args=(u,)):
                return sympy.log(1 + sympy.exp(go(u)))
            case Apply(function=function, args=args):
                return getattr(sympy, function)(*(go(a) for a in args))
            case _:
                raise TypeError(t)

    return go(term)


def theirs(name: str, of: str, limit: float) -> tuple[str, str, float]:
    """SymPy's word, value and processor time; "stopped" at the limit."""
    cuts = [(p.low, p.high, p.term) for p in pieces(integrand(read(name), of))]
    context = multiprocessing.get_context("spawn")
    answer: Any = context.Queue()
    process = context.Process(target=sympy_integral, args=(cuts, limit, answer))
    process.start()
    process.join(20 * limit + 60)  # the machine may be busy with others
    if process.is_alive():
        process.terminate()
        process.join()
    return answer.get() if process.exitcode == 0 else ("stopped", "", limit)


def verdict(word: str, value: str, ball: Any) -> str:
    """SymPy's answer held against the enclosure, to 15 digits."""
    if word != "closed":
        return word
    with flint.ctx.workprec(200):
        try:
            return "closed" if abs(flint.arb(value) - ball) < flint.arb("1e-15") else f"WRONG: {value}"
        except ValueError:
            return f"WRONG: {value}"


def main() -> None:
    """Print one line a moment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--limit", type=float, default=10.0, help="seconds for each of SymPy's integrals")
    options = parser.parse_args()
    print(f"{'moment':20} {'ours':>9}  {'SymPy':>9}  what SymPy says; our closed form")
    for name in options.names:
        for of in MOMENTS:
            try:
                found, seconds, ball = ours(name, of)
            except Undefined:
                continue
            word, value, theirs_took = theirs(name, of, options.limit)
            said = verdict(word, value, ball)
            print(f"{name + ' ' + of:20} {seconds * 1000:7.1f}ms {theirs_took:9.1f}s  {said}; {found}", flush=True)


if __name__ == "__main__":
    main()
