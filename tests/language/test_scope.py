"""What a well-formed theorem means: names looked up, and what is refused, with its remedy."""

from __future__ import annotations

import pytest

from derive.language import theorem as th
from derive.language.errors import LanguageError
from derive.language.parser import parse_step, parse_theorem
from derive.language.printer import step_text
from derive.language.problem import Problem
from derive.language.scope import resolve
from derive.language.terms import Add, Entry, Name, Neg, number

SUMS = "W[i,j] iid for i in 1..m, j in 1..n; a[j] iid for j in 1..n; b[j] iid for j in 1..n; W independent of a"
Z = "z[i] = sum(W[i,j]*a[j], j in 1..n)"
DEPTH = "n positive; s positive; v[l] = n*s*v[l-1] for l in 1..L"


def text(claim: str, givens: str = "X random", let: str = "", proof: str = "") -> str:
    parts = ["theorem t", "given", *(f"  {g}" for g in givens.split("; "))]
    parts += ["let", *(f"  {d}" for d in let.split("; "))] if let else []
    parts += ["show", f"  {claim}"]
    parts += ["proof", *(f"  {line}" for line in proof.split("; ")), "qed"] if proof else []
    return "\n".join(parts) + "\n"


def problem(claim: str, givens: str = "X random", let: str = "", proof: str = "") -> Problem:
    return resolve(parse_theorem(text(claim, givens, let, proof)))


def refused(claim: str, givens: str = "X random", let: str = "", proof: str = "") -> str:
    """What is said of a theorem that is not well-formed; the place that is shown lies in the text."""
    source = text(claim, givens, let, proof)
    with pytest.raises(LanguageError) as found:
        resolve(parse_theorem(source))
    assert 0 <= found.value.at < len(source)
    assert found.value.remedy
    return found.value.text()


def sides(found: Problem) -> list[str]:
    return [f"{step_text(s.left)} {s.operator} {step_text(s.right)}" for s in found.steps]


# --- conditional expectations -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claim",
    [
        "E(E(z^2 | a)) = E(z^2)",
        "Var(z) = E(Var(z | a)) + Var(E(z | a))",
        "E(z^2 | a) = Var(W)*sum(a[j]^2, j in 1..n)",
        "E(a[1]*z | a) = a[1]*E(z | a)",
        "a[1]*E(z | a) = E(a[1]*z | a)",
        "E(E(z | a, b) | a) = E(z | a)",
        "Cov(z, b | a, b) = 0",
        "Cov(E(z | a), a) = Cov(z, a)",
        "0 <= Var(z | a) <= E(z^2 | a)",
        "E(z) = 0 and E(z | a) = a",
    ],
)
def test_conditional_expectations_are_well_formed(claim: str) -> None:
    assert problem(claim, SUMS, Z).steps


def test_a_conditional_keeps_its_families_as_written_and_unfolds_its_body() -> None:
    (said,) = sides(problem("E(E(z | b, a)) = 0", SUMS, Z))
    assert said == "E(E(sum(W[1,#0]*a[#0], #0 in 1..n) | b, a)) = 0"


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("E(z | a) = b", "`b` is random here; put it into E(...), Var(...) or Cov(...), or write it behind a `|`"),
        ("E(E(z | a)) = a", "`a` is random here"),  # the condition stands inside E: both sides are numbers
        ("Var(E(z | a)) = E(z | a) - E(z | a)*b", "`b` is random"),
        ("E(z | a) = 0 iff E(z) = 0", "an equivalence is between statements that are not random"),
        ("E(z | a) = 0 and E(z) = a", "`a` is random"),  # each claim of an `and` for itself
        (
            "E(a | z) = 0",
            "`z` is defined by `let`, a condition is a declared family; name the families that it is made of",
        ),
        ("E(z | a[1]) = 0", "a condition is a whole family; all its entries are given together"),
        ("E(z | a, a) = 0", "`a` stands twice"),
        ("E(z | a + b) = 0", "a condition is the name of a family"),
        ("E(z | c) = 0", "`c` is not random; leave it out"),
        ("E(z | n) = 0", "`n` is not random; leave it out"),
        ("E(z | q) = 0", "`q` is not a declared family"),
        ("E(z | j) = 0", "`j` is not a declared family"),
        ("relu(z | a) = 0", "`relu` is not taken given something; only E, Var and Cov are"),
        ("Cov(z | a) = 0", "`Cov` takes 2 arguments, not 1"),
        ("E(|z|) = 0", "an absolute value is abs(x)"),
    ],
)
def test_a_conditional_that_means_nothing_is_refused(claim: str, message: str) -> None:
    assert message in refused(claim, SUMS + "; c real", Z)


def test_a_chain_is_between_random_variables_as_far_as_its_conditions_reach() -> None:
    claim, chain = "E(z^2 | a) = Var(W)*E(a^2 | a)", "E(z^2 | a); = Var(W)*a^2; = Var(W)*E(a^2 | a)"
    assert len(problem(claim, SUMS, Z, chain).steps) == 2
    assert "`b` is random" in refused(claim, SUMS, Z, chain.replace("W)*a^2", "W)*b^2"))
    assert len(problem("E(z) = 0", SUMS, Z, "E(z); = E(z | b); = b; = 0").steps) == 3
    total = "E(z); = E(E(z | a)); = E(a); = 0"
    assert len(problem("E(z) = 0", SUMS, Z, total).steps) == 3
    assert "`a` is random" in refused("E(z) = 0", SUMS, Z, total.replace("E(a);", "a;"))


def test_givens_and_definitions_are_not_random_though_they_condition() -> None:
    assert problem("E(W) = 0", SUMS + "; E(E(W | a)) = 0").givens[-1].removable
    assert "`E(. | a)` is random here" in refused("E(W) = 0", SUMS + "; E(W | a) = 0")
    assert "a law's parameters are constants" in refused("E(W) = 0", SUMS + "; q random; q ~ Normal(E(W | a), 1)")
    assert "does not use E, Var or Cov" in refused("E(y) = 0", SUMS, "y = E(W | a)")
    found = "E(W | a) = 0"
    with pytest.raises(LanguageError, match="random here"):
        resolve(parse_theorem(text("1 = 1", SUMS).replace("show\n  1 = 1", f"find\n  Var(W) such that {found}")))


# --- families of independent entries ----------------------------------------------------------------------------------


def test_independent_entries_with_laws_of_their_own() -> None:
    found = problem(
        "Var(sum(X[j], j in 1..n)) = sum(Var(X[j]), j in 1..n)", "X[j] independent for j in 1..n; E(X[j]) = 0"
    )
    assert found.families["X"] == th.Family("X", "independent", (th.Range("j", "n"),))
    assert dict(found.free) == {"j": "n"}
    assert found.warnings == ()


def test_a_bare_name_of_such_a_family_is_warned_of() -> None:
    givens = "X[j] independent for j in 1..n; Y random; X independent of Y; X symmetric; X ~ Normal(0, 1)"
    assert problem("E(Y) = 0", givens).warnings == ()
    first = "`X` means its first entry X[1]; write X[j] for all of them"
    assert problem("E(Y) = 0", givens + "; E(X) = 0").warnings == (first,)
    assert problem("E(X) = 0", givens).warnings == (first,)
    assert problem("E(y) = E(X[1])", givens, "y[j] = relu(X[j])").warnings == (first.replace("X", "y"),)
    assert problem("E(u) = E(X[1])", givens, "y[j] = relu(X[j]); u[j] = 2*y[j]").warnings == (first.replace("X", "u"),)
    assert problem("E(y) = E(X[1])", givens, "y[k] = relu(X[1])*Y").warnings == ()


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ("X independent for j in 1..n", "X[j] independent for j in 1..n"),
        ("X[j] independent of X", "whole families are independent"),
        ("X[j] independent", "whole families are independent"),
        ("X[i] independent for j in 1..n", "write for example W[i,j] independent for i in 1..m, j in 1..n"),
    ],
)
def test_a_slip_with_the_word_independent_gets_its_remedy(given: str, remedy: str) -> None:
    assert remedy in refused("1 = 1", given)


# --- families of constants, recurrences -------------------------------------------------------------------------------


def test_a_recurrence_is_resolved_with_its_own_index() -> None:
    found = problem("v[L] = (n*s)^L*v[0]", DEPTH)
    item = found.givens[-1].item
    assert isinstance(item, th.Recurrence)
    assert [step_text(t) for t in item.relation.terms] == ["v[l]", "n*s*v[l-1]"]
    assert Entry("v", (Add((Name("l"), Neg(number(1)))),)) in item.relation.terms[1].factors  # type: ignore[union-attr]
    assert found.constants["v"] == th.Constant("v", "real", (th.Range("l", "L"),))
    assert (dict(found.sizes), dict(found.free)) == ({"L": 1}, {})
    assert not found.givens[-1].removable


def test_any_other_relation_with_a_range_is_a_condition_on_every_index() -> None:
    givens = (
        "n[l] positive for l in 1..L; s[l] positive for l in 1..L; n[l]*s[l] = 1 for l in 1..L; s[l] < 1 for l in 1..L"
    )
    found = problem("n[1]*s[1] = 1", givens)
    assert [type(g.item) for g in found.givens[2:]] == [th.Relation, th.Relation]
    assert [g.removable for g in found.givens] == [False] * 4
    assert dict(found.free) == {"l": "L"}
    moment = problem("E(X[2]) = 0  by E(X[j]) = 0", "X[j] independent for j in 1..n; E(X[j]) = 0 for j in 1..n")
    assert (moment.givens[1].removable, moment.cited, dict(moment.free)) == (True, frozenset({1}), {"j": "n"})


@pytest.mark.parametrize(
    ("claim", "meaning"),
    [
        ("prod(s[l-1], l in 1..L) = v[L-1]", "prod(s[#0-1], #0 in 1..L) = v[L-1]"),
        ("prod(n*s[l], l in 1..L) = v[l]", "prod(n*s[#0], #0 in 1..L) = v[l]"),
        ("v[l+1] = v[l]*s[l+1]", "v[l+1] = v[l]*s[l+1]"),
        ("prod(s[l]*v[l-1], l in 2..3) = v[0]", "(s[2]*v[1])*(s[3]*v[2]) = v[0]"),
        ("prod(v[l-2], l in 2..3) = 1", "v[0]*v[1] = 1"),
        ("sum(v[l+1], l in 1..2) = v[1 + 1]", "v[2] + v[3] = v[2]"),
        ("limit((n*s[1])^L, L) = infinity", "limit((n*s[1])^L, L) = infinity"),
        ("q[L-1] = q[0]", "n*v[L-1] = n*v[0]"),
        ("q[l-1] = sum(q[k], k in 1..L)", "n*v[l-1] = sum(n*v[#0], #0 in 1..L)"),
    ],
)
def test_an_entry_of_a_family_of_constants_may_have_many_indices(claim: str, meaning: str) -> None:
    givens = "n positive; s[l] positive for l in 1..L; v[l] = n*s[l]*v[l-1] for l in 1..L"
    assert sides(problem(claim, givens, "q[k] = n*v[k]")) == [meaning]


def test_literals_and_steps_ask_for_a_size() -> None:
    assert dict(problem("v[3] = v[0]", DEPTH).sizes) == {"L": 3}
    assert dict(problem("v[L-2] = v[0]", DEPTH).sizes) == {"L": 2}
    assert dict(problem("prod(v[l+1], l in 1..3) = 1", DEPTH).sizes) == {"L": 4}
    assert dict(problem("v[l] = v[L]", DEPTH).sizes) == {"L": 1}
    assert dict(problem("v[l] = v[L]", DEPTH).free) == {"l": "L"}


def test_a_recurrence_may_reach_further_back() -> None:
    fibonacci = "v[l] = v[l-1] + v[l-2] for l in 1..L"
    assert sides(problem("v[1] = v[0] + v[-1]", fibonacci)) == ["v[1] = v[0] + v[-1]"]
    assert "`v` has no entry with index -2; the first one is v[-1]" in refused("v[-2] = 0", fibonacci)
    assert dict(problem("v[L-3] = 0", fibonacci).sizes) == {"L": 2}


def test_recurrences_may_feed_each_other() -> None:
    coupled = "f[l] = g[l]/2 for l in 1..L; g[l] = 2*f[l-1] for l in 1..L; h[l] = f[L]*h[l-1] + f[0] for l in 1..L"
    assert len(problem("f[L] = f[0]", coupled).givens) == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("v[l] = v[l] + 1 for l in 1..L", "the recurrence of `v[l]` reads `v[l]`, which is not defined before it"),
        ("v[l] = 2*v[l+1] for l in 1..L", "its right side may use v[l-1]; what runs down"),
        ("v[l] = 2*v[L] for l in 1..L", "reads `v[L]`"),
        ("v[l] = 2*v[1] for l in 1..L", "reads `v[1]`"),
        ("v[l] = sum(v[k], k in 1..L) for l in 1..L", "reads `v[#0]`"),
        ("v[l] = w[l] for l in 1..L; w[l] = v[l] for l in 1..L", "reads `w[l]`"),
        ("v[l] = w[l+1] for l in 1..L; w[l] = v[l-1] for l in 1..L", "reads `w[l+1]`"),
        ("v[l] = X for l in 1..L", "`X` is random here"),
        ("v[l] = u*v[l-1] for l in 1..L", "`u` is not declared"),
        ("v[l] = z*v[l-1] for l in 1..L", "givens do not mention `z`"),
        ("v[l] = v[l-1]*s[k] for l in 1..L; s[k] positive for k in 1..L", "the index `k` has no range here"),
        ("v[l] = v[l-1]*s[l-2] for l in 1..L; s[k] positive for k in 1..L", "`s` has no entry with index -1"),
        ("v[l] = v[l-1]*s[l] for l in 1..L; s[k] positive for k in 1..n", "the index `l` stands for 1..L and for 1..n"),
        ("v[l] = v[l-1] for l in 1..L; v[l] = 2 for l in 1..L", "`v` has two recurrences"),
        ("v[l] positive for l in 1..n; v[l] = v[l-1] for l in 1..L", "has other ranges than its declaration"),
        ("v[l+1] = v[l] for l in 1..L", "a recurrence is written v[l] = ...; else declare `v`"),
        ("v[l] < 1 for l in 1..L", "`v` is not declared"),
        ("s[l] positive for l in 1..L; s[k] = 1 for l in 1..L", "`k` is not an index"),
        ("a[j] iid for j in 1..n; E(a[j]) = 0 for j in 1..m", "the index `j` stands for 1..m and for 1..n"),
        ("a[j] iid for j in 1..n; a[j] < 1 for j in 1..n", "`a` is random here"),
        ("v[l,l] = 1 for l in 1..L, l in 1..L", "two ranges have the same index"),
    ],
)
def test_a_recurrence_that_defines_nothing_is_refused(given: str, message: str) -> None:
    assert message in refused("1 = 1", f"X random; {given}", "z = X")


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("v = 1", "`v` is a family of constants; write v[1]"),
        ("v[m] = 1", "`v` ends at L, not at m"),
        ("v[L-1-1] = 1", "an index is a name or a positive literal"),
        ("v[k] = 1", "`k` is not an index"),
        ("v[0.5] = 1", "an index is a name or a positive literal"),
        ("v[-1] = 1", "`v` has no entry with index -1; the first one is v[0]"),
        ("v[l-2] = 1", "`v` has no entry with index -1"),
        ("prod(v[l-2], l in 1..L) = 1", "`v` has no entry with index -1"),
        ("prod(v[l], l in 1..m) = 1", "the sum runs over 1..m, the index `l` over 1..L"),
        ("c[4] = 1", "index 4 of `c` is beyond its range 1..3"),
        ("E(a[0]) = 1", "an index is a name or a positive literal"),
        ("E(a[L]) = 1", "`L` is not an index"),
        ("E(a[l-1]) = 1", "an index is a name or a positive literal"),
        ("E(d[m]) = 1", "`m` is not an index"),
        ("E(d[0]) = 1", "an index is a name or a positive literal"),
        ("(n*s)^l = 1", "the index `l` stands where a value is expected"),
        ("limit(n, n) = 1", "a limit is taken in a size, which goes to infinity; write limit(x, L)"),
        ("limit(v[L], 2) = 1", "a limit is taken in a size"),
        ("E(limit(a[1]/L, L)) = 1", "`a` is random here"),
    ],
)
def test_an_entry_that_does_not_exist_is_refused(claim: str, message: str) -> None:
    givens = DEPTH + "; a[j] iid for j in 1..m; c[l] real for l in 1..3"
    assert message in refused(claim, givens, "d[i] = a[i]")


# --- methods, `and`, chains -------------------------------------------------------------------------------------------


def test_an_induction_names_a_size_itself_or_by_its_index() -> None:
    for method in ("induction on L", "induction on l"):
        (step,) = problem(f"v[L] = (n*s)^L*v[0]  by {method}", DEPTH).steps
        assert step.method == "induction on L"
    (cited,) = problem("v[L] = v[0]  by v[l] = n*s*v[l-1], induction on L", DEPTH).steps
    assert (cited.method, cited.cited) == ("induction on L", frozenset({2}))
    for name, remedy in (("m", "write by induction on L"), ("s", "by induction on L"), ("k", "by induction on L")):
        assert remedy in refused(f"v[L] = v[0]  by induction on {name}", DEPTH)
    assert "a size ends the range of a given" in refused("E(X) = 0  by induction on L")
    two = DEPTH + "; a[l] iid for l in 1..m"
    assert "`l` runs over several ranges; write by induction on L" in refused("v[L] = v[0]  by induction on l", two)
    assert "a link has one method" in refused("v[L] = v[0]  by gaussian, induction on L", DEPTH)


def test_each_comparison_of_a_conjunction_is_a_step_with_its_text() -> None:
    claim = "0 <= Var(X) <= E(X^2) and Var(X) = 0 iff E(X^2) = E(X)^2\n  and E(X) = 0  by E(X) = 0"
    found = problem(claim, "X random; E(X) = 0")
    assert [s.text for s in found.steps] == [
        "0 <= Var(X)",
        "Var(X) <= E(X^2)",
        "Var(X) = 0 iff E(X^2) = E(X)^2",
        "E(X) = 0",
    ]
    assert [s.index for s in found.steps] == [1, 2, 3, 4]
    assert {s.cited for s in found.steps} == {frozenset({1})}


def test_a_chain_for_several_comparisons_passes_through_every_side() -> None:
    claim = "0 <= Var(X) <= E(X^2)"
    good = "0; <= E((X - E(X))^2); = Var(X); = E(X^2) - E(X)^2; <= E(X^2)"
    assert [s.operator for s in problem(claim, proof=good).steps] == ["<=", "=", "=", "<="]
    assert "does not pass through the claim's `Var(X)`" in refused(claim, proof="0; <= E(X)^2; <= E(X^2)")
    assert "do not show `<=`" in refused(claim, proof="0; <= 1; <= Var(X); = E(X^2)")
    assert "the chain proves an equation" in refused(claim, proof="0; = Var(X); = E(X^2)")
    twice = "0; = Var(X); <= 2*Var(X); = Var(X); <= E(X^2)"  # the second time that it stands there will do
    assert len(problem(claim, proof=twice).steps) == 4


@pytest.mark.parametrize(
    ("claim", "proof", "fine"),
    [
        ("0 <= Var(X)", "0; <= 1; = Var(X)", True),
        ("0 < Var(X)", "0; <= 1; = Var(X)", False),
        ("0 <= E(X) < Var(X)", "0; <= E(X); <= Var(X)", False),
        ("0 <= E(X) < Var(X)", "0; < E(X); <= Var(X)", False),
        ("0 <= E(X) < Var(X)", "0; <= E(X); = 1; < Var(X)", True),
        ("0 <= E(X) >= Var(X)", "0; <= E(X); >= Var(X)", True),
        ("0 <= E(X) >= Var(X)", "0; >= E(X); <= Var(X)", False),
        ("0 <= E(X) >= Var(X)", "0; <= 1; >= E(X); >= Var(X)", False),
        ("E(X) = E(X) < Var(X)", "E(X); < Var(X)", True),
        ("E(X) < E(X) < Var(X)", "E(X); < Var(X)", False),
        ("0 = E(X) = Var(X)", "0; = E(X); = Var(X)", True),
        ("E(X) = 0 <= Var(X)", "E(X); <= 0; <= Var(X)", False),
    ],
)
def test_each_comparison_is_shown_by_links_of_its_own_kind(claim: str, proof: str, fine: bool) -> None:
    if fine:
        assert problem(claim, proof=proof).steps
    else:
        assert "do not show" in (said := refused(claim, proof=proof)) or "does not belong" in said


def test_terms_read_alike_wherever_they_stand() -> None:
    assert parse_step("E(z | a) = 0") == th.Relation((parse_step("E(z|a)"), number(0)), ("=",))  # type: ignore[arg-type]
