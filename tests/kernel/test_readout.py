"""What the kernel writes of a difference is a text of the language, and read back it is the difference."""

from __future__ import annotations

import re

import pytest

from derive.kernel import judge
from derive.kernel.facts import theory
from derive.kernel.readout import ratio_term
from derive.language.printer import term_text
from derive.language.problem import Problem, Step
from tests.judged import problem_of, proves
from tests.kernel import test_depth, test_fine_print, test_functions_of_sums, test_judgements, test_misleading

CASES = [
    *((g, c, let) for g, c, let in test_judgements.FALSE if " iff " not in c),
    *test_functions_of_sums.FALSE,
    *test_fine_print.FALSE,
    *((g, c, let) for g, c, let in test_depth.FALSE if "limit" not in c),
    *((g, c, "") for g, c in test_misleading.FALSE if "limit" not in c and "|" not in c),
    ("X random\nY random", "E(abs(X)*X*Y^2*sign(Y)) = 0", ""),
    ("X random\nY random", "E(X^3*sign(X)*sign(Y)) = 2*E(Y^2)/3", ""),
    ("X[j] independent for j in 1..n", "E(sum(X[j], j in 1..n)^2) = 0", ""),
    ("s[l] positive for l in 1..L\nc positive", "prod(s[l] + c, l in 1..L) = c^L", ""),
    ("c positive\nd positive", "sqrt(c + d) - 1/(c + d) = exp(c/(1 + d))", ""),
    ("a[j] exchangeable for j in 1..n", "E(a[1]^2*a[2]) = E(abs(a[1])*a[2])", ""),
    ("W[i,j] exchangeable for i in 1..m, j in 1..n", "E(W[1,1]*W[2,2]) = E(W[1,2]*W[1,1])", ""),
    ("s[l] real for l in 1..L", "s[L-1] = s[L+1]", ""),
]
FREE = re.compile(r"\b[zsv]\[[a-z]\]")  # where indices are free, the difference is that of one case
FALSE = [c for c in CASES if not FREE.search(c[1])]


def residual(problem: Problem, step: Step) -> str | None:
    """What the kernel writes of left - right, None where it writes nothing."""
    everything = frozenset(range(len(problem.givens)))
    outcome = judge(problem, step.left, step.operator, step.right, everything, method=step.method)
    return None if outcome.residual is None else term_text(ratio_term(theory(problem, everything), outcome.residual))


@pytest.mark.parametrize(("givens", "claim", "let"), FALSE, ids=[f"{k} {f[1]}" for k, f in enumerate(FALSE)])
def test_a_residual_read_back_is_left_minus_right(givens: str, claim: str, let: str) -> None:
    problem = problem_of(givens, claim, let)
    (step,) = problem.steps
    text = residual(problem, step)
    if text is None or step.operator != "=":
        pytest.skip("nothing is written")
    left, right = claim.split(" = ")
    assert proves(givens, f"{left} - ({right}) = {text}", let), text
