"""What the kernel writes of a difference is a text of the language, and read back it is the difference."""

from __future__ import annotations

import re
from functools import cache

import pytest

from derive.kernel import judge
from derive.kernel.facts import theory
from derive.kernel.readout import ratio_term
from derive.language.printer import term_text
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
ORDER = re.compile(r" [<>]=? ")
FREE = re.compile(r"\b[zsv]\[[a-z]\]")  # where indices are free, the difference is that of one case
EQUATIONS = [(g, c, let) for g, c, let in CASES if not FREE.search(c) and " iff " not in c and not ORDER.search(c)]


@cache
def difference(givens: str, claim: str, let: str) -> tuple[str | None, str]:
    """What the kernel writes of left - right, None where it writes nothing, and why it did not prove the claim."""
    problem = problem_of(givens, claim, let)
    (step,) = problem.steps
    everything = frozenset(range(len(problem.givens)))
    outcome = judge(problem, step.left, step.operator, step.right, everything, method=step.method)
    if outcome.residual is None:
        return None, outcome.reason
    return term_text(ratio_term(theory(problem, everything), outcome.residual)), outcome.reason


@pytest.mark.parametrize(("givens", "claim", "let"), EQUATIONS, ids=[f"{k} {e[1]}" for k, e in enumerate(EQUATIONS)])
def test_a_residual_read_back_is_left_minus_right_and_without_one_there_is_a_reason(
    givens: str, claim: str, let: str
) -> None:
    text, reason = difference(givens, claim, let)
    left, right = claim.split(" = ")
    if text is None:
        assert reason
    else:
        assert proves(givens, f"{left} - ({right}) = {text}", let), text


def test_of_seven_equations_in_ten_a_residual_is_written() -> None:
    """The others are those that the kernel does not take apart; of these there must not be more and more."""
    written = [c for c in EQUATIONS if difference(*c)[0] is not None]
    assert len(written) >= 0.7 * len(EQUATIONS)
