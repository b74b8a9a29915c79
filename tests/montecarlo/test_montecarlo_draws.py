"""Chi-squares and coins made fast have exactly the laws that they are named after.

Designs as in test_montecarlo_samplers.py: of k tests none may have a p-value below ONCE_IN/k, so that a right
implementation fails once in a million seeds; planted errors have to fall below.
"""

import dataclasses

import numpy as np
import pytest
from scipy import stats

import montecarlo.coins as coins
import montecarlo.draws as draws
from montecarlo.draws import Draws, Exact, Fast
from montecarlo.streams import generator
from tests.montecarlo.conftest import ONCE_IN

FREEDOM = (1, 2, 3, 10, 511, 1_000_000)
SIZE = 200_000
CELLS = 64


def smallest_p(source: Draws) -> float:
    """Of chi-squared tests in 64 cells of equal probability, one for each degree of freedom, times their number."""
    found: list[float] = []
    for k in FREEDOM:
        places = (CELLS * stats.chi2(k).cdf(source.chi_square(np.full(SIZE, float(k))))).astype(int)
        found.append(stats.chisquare(np.bincount(np.minimum(places, CELLS - 1), minlength=CELLS)).pvalue)
    return len(found) * min(found)


@pytest.mark.parametrize("kind", [Exact, Fast])
def test_chi_squares_have_their_law(kind: type) -> None:
    assert smallest_p(kind(generator(1, block=0))) > ONCE_IN


@pytest.mark.parametrize("kind", [Exact, Fast])
def test_no_degree_of_freedom_is_zero_and_others_are_not(kind: type) -> None:
    k = np.arange(40_000.0).reshape(4, -1) % 5
    found = kind(generator(1, block=0)).chi_square(k)
    assert found.shape == k.shape
    assert (found[k == 0] == 0).all()
    assert (found[k > 0] > 0).all()
    assert kind(generator(1, block=0)).chi_square(np.zeros((3, 0))).shape == (3, 0)


@pytest.mark.parametrize("kind", [Exact, Fast])
def test_every_place_has_the_law_of_its_own_freedom(kind: type) -> None:
    k = np.random.default_rng(3).integers(1, 40, SIZE).astype(float)
    u = stats.chi2(k).cdf(kind(generator(2, block=0)).chi_square(k))
    for start in range(5):  # neighbours are independent of one another
        assert stats.pearsonr(u[:-5], np.roll(u, -1 - start)[:-5]).pvalue > ONCE_IN / 6
    assert stats.kstest(u, "uniform").pvalue > ONCE_IN / 6


def _always(*_: object) -> np.ndarray:
    t = _[2]
    assert isinstance(t, np.ndarray)
    return t > -1


def test_proposals_that_are_all_kept_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "_kept", _always)
    assert smallest_p(Fast(generator(1, block=0))) < ONCE_IN


def test_a_squeeze_that_asks_too_few_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "_ALLOWANCE", 0.0)
    assert smallest_p(Fast(generator(1, block=0))) < ONCE_IN


@pytest.mark.parametrize("share", [0.01, -0.01])
def test_a_hundredth_of_a_degree_in_ten_is_found(share: float) -> None:
    class Wrong:
        def chi_square(self, freedom: np.ndarray) -> np.ndarray:
            return Fast(generator(1, block=0)).chi_square(freedom) * (1 + share)

    assert smallest_p(Wrong()) < ONCE_IN  # pyright: ignore[reportArgumentType]


def test_the_squeeze_is_below_what_is_kept() -> None:
    t = np.concatenate([np.linspace(-0.5, 0, 10_001)[:-1], np.linspace(0, 30, 10_001)[1:]])
    g = 1 - (1 + t) ** 3 + 3 * np.log1p(t) + 4.5 * t**2
    rounding = 1e-15 * (1 + t**3)
    assert (g <= rounding).all()
    assert (g >= -1.5 * t**4 - rounding).all()


@pytest.mark.parametrize("n", [1, 2, 3, 10, 512, 65_537, 1_000_000, coins.MOST])
def test_the_table_says_what_the_distribution_function_says(n: int) -> None:
    table = coins.table(n)
    k = table.first + np.arange(table.below.size)
    assert table.below == pytest.approx(stats.binom(n, 0.5).cdf(k), abs=1e-11)
    known = np.flatnonzero(table.guide >= 0)
    place = table.guide[known] - table.first
    lower = np.concatenate([np.zeros(1), table.below])[place]
    assert (lower <= known / coins.CELLS).all()
    assert ((known + 1) / coins.CELLS <= table.below[place]).all()
    assert coins.CELLS - known.size <= table.below.size
    with pytest.raises(ValueError, match="read-only"):
        table.guide[0] = 0


def coins_p(source: Draws, n: int) -> float:
    found = source.heads((n,) * 4, SIZE // 4).reshape(-1).astype(int)
    edges = np.unique(stats.binom(n, 0.5).ppf(np.linspace(0, 1, CELLS + 1)[1:-1])).astype(int)
    below = stats.binom(n, 0.5).cdf(edges)
    expected = SIZE * np.diff(np.concatenate([[0.0], below, [1.0]]))
    counts = np.bincount(np.searchsorted(edges, found), minlength=expected.size)
    some = expected > 0
    assert counts[~some].sum() == 0
    return float(stats.chisquare(counts[some], expected[some]).pvalue)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 512, 1_000_000, coins.MOST + 1])
def test_coins_are_fair(n: int) -> None:
    assert coins_p(Fast(generator(4, block=0)), n) > ONCE_IN / 7


def test_a_coin_in_a_thousand_that_always_shows_heads_is_found() -> None:
    class Wrong:
        def heads(self, n: tuple[int, ...], networks: int) -> np.ndarray:
            fair = Fast(generator(4, block=0))
            return fair.heads(tuple(k - k // 100 for k in n), networks) + np.array(n)[:, np.newaxis] // 100

    assert coins_p(Wrong(), 1_000_000) < ONCE_IN  # pyright: ignore[reportArgumentType]


def test_layers_of_different_widths_have_their_own_coins() -> None:
    widths = (3, 512, 3, 1, 70)
    found = Fast(generator(5, block=0)).heads(widths, 40_000)
    for n, row in zip(widths, found, strict=True):
        assert row.max() <= n
        assert abs(row.mean() - n / 2) < 6 * (n / 4 / row.size) ** 0.5  # once in 10^8
    many = tuple(range(1, coins.TABLES + 9))
    assert (Fast(generator(5, block=0)).heads(many, 50) == Exact(generator(5, block=0)).heads(many, 50)).all()


def test_double_precision_is_numpys_own() -> None:
    ours, theirs = Exact(generator(6, block=1)), generator(6, block=1)
    assert (ours.heads((4, 9), 5) == theirs.binomial([[4], [9]], 0.5, (2, 5))).all()
    assert (ours.chi_square(np.array([0.0, 3.0])) == 2 * theirs.standard_gamma([0.0, 1.5])).all()
    assert (ours.normals((2, 3)) == theirs.standard_normal((2, 3))).all()
    out = np.empty((2, 3))
    ours.fill(out)
    assert (out == theirs.standard_normal((2, 3))).all()


def test_a_table_is_a_value() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        coins.table(5).first = 3  # pyright: ignore[reportAttributeAccessIssue]
