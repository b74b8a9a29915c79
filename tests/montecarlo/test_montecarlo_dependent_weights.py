"""Weights that are not independent: orthogonal matrices, whose tests have a law of their own, and constant ones."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from montecarlo import InputError, Law, Spec, Verdict, find_law, simulate
from montecarlo.dense import observe
from montecarlo.observations import Block
from tests.montecarlo.conftest import ONCE_IN

ORTHOGONAL = find_law("orthogonal")
SHAPES = [(1, 1), (3, 3), (5, 2), (2, 5), (1, 4), (4, 1)]


def matrices(shape: tuple[int, int], *, count: int, law: Law = ORTHOGONAL) -> np.ndarray:
    return law.sample(np.random.Generator(np.random.SFC64(11)), (count, *shape))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_rows_or_columns_are_orthonormal_up_to_the_scale(shape: tuple[int, int]) -> None:
    w = matrices(shape, count=50)
    small = w @ np.swapaxes(w, 1, 2) if shape[0] < shape[1] else np.swapaxes(w, 1, 2) @ w
    assert small == pytest.approx(np.broadcast_to(max(shape) * np.eye(min(shape)), small.shape), abs=1e-12)


def _is_haar(law: Law) -> bool:
    """An entry and a diagonal sum of 3 by 3 matrices against the same of A Q and Q A, A a rotation; once in 10^6."""
    q = matrices((3, 3), count=20_000, law=law) / np.sqrt(3)
    turn = np.linalg.qr(np.random.default_rng(5).standard_normal((3, 3)))[0]
    other = matrices((3, 3), count=40_000, law=law)[20_000:] / np.sqrt(3)
    pairs = [(q[:, 0, 0], np.random.default_rng(6).uniform(-1, 1, 20_000))]  # Archimedes: uniform in three dimensions
    for moved in (turn @ other, other @ turn):
        pairs += [(q[:, 0, 0], moved[:, 0, 0]), (np.trace(q, axis1=1, axis2=2), np.trace(moved, axis1=1, axis2=2))]
    return min(stats.ks_2samp(x, y, method="asymp").pvalue for x, y in pairs) > ONCE_IN / len(pairs)


def test_the_matrices_have_haars_law() -> None:
    assert _is_haar(ORTHOGONAL)


def test_a_qr_factor_without_the_signs_is_found() -> None:
    def unsigned(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return np.sqrt(shape[-1]) * np.linalg.qr(rng.standard_normal(shape))[0]

    assert not _is_haar(dataclasses.replace(ORTHOGONAL, sample=unsigned))


@pytest.mark.parametrize("sigma_b2", [0.0, 0.7])
def test_ratios_have_the_mean_and_the_variance_that_are_stated(sigma_b2: float) -> None:
    # 20,000 networks; five standard errors of each of 16 figures: wrong once in 100,000 seeds
    spec = Spec(
        activation="tanh",
        widths=(6, 3, 3, 7, 2),
        law="orthogonal",
        fan="average",
        sigma_b2=sigma_b2,
        claim_sigma_w2=2.0,
    )
    seen = observe(spec, Block(0, 20_000))
    for ratio in (seen.forward, seen.backward, *([] if seen.conditional is None else [seen.conditional])):
        off = ratio.value - ratio.freedom
        squares = off**2 - ratio.variance
        for figure in (off, squares):
            assert (np.abs(figure.mean(axis=1)) <= 5 * figure.std(axis=1) / np.sqrt(20_000) + 1e-9).all()


def test_where_lengths_are_kept_one_network_decides() -> None:
    spec = Spec(law="orthogonal", widths=(8,) * 5, networks=1, claim_sigma_w2=2.0, delta=1e-6)
    true = simulate(spec)
    assert {(claim.verdict, claim.basis.value) for claim in true.claims} == {(Verdict.AGREE, "exact")}
    off = simulate(dataclasses.replace(spec, claim_sigma_w2=2.000001))
    assert {claim.verdict for claim in off.claims} == {Verdict.DISAGREE}
    assert true.layers[0].ratio.low is not None
    assert true.layers[0].ratio.low < 1


def test_orthonormal_columns_where_rows_are_meant_are_found() -> None:
    # scaled for the smaller side: Var(W) is too large by max/min
    def wrong(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return ORTHOGONAL.sample(rng, shape) * np.sqrt(min(shape[-2:]) / max(shape[-2:]))

    spec = Spec(widths=(16, 12, 16, 12), networks=400, claim_sigma_w2=2.0, error_rate=1e-6, law="orthogonal")
    assert {claim.verdict for claim in simulate(spec).claims} <= {Verdict.AGREE, Verdict.INCONCLUSIVE}
    spec = dataclasses.replace(spec, law=dataclasses.replace(ORTHOGONAL, sample=wrong))
    assert {claim.verdict for claim in simulate(spec).claims} == {Verdict.DISAGREE}


def test_equal_weights_make_equal_units_whose_squares_are_those_of_one_normal() -> None:
    spec = Spec(activation="identity", widths=(6, 6), sigma_w2=1.5, law="constant", networks=20_000)
    assert np.ptp(find_law("constant").sample(np.random.default_rng(0), (3, 4))) == 0
    seen = observe(spec, Block(0, spec.networks))
    # u_i = sqrt(1.5/6) sum x_j with E (sum x_j)^2 = 6; the gradient is sqrt(1.5/6) sum g_j in each entry, too
    for logs in (seen.log_q, seen.log_gradient):
        squares = np.exp(logs[0])
        assert abs(squares.mean() - 1.5) <= 6 * squares.std() / np.sqrt(spec.networks)
    # Its logarithm varies so much that only a law that is known could tell its mean from a log-normal one's.
    result = simulate(spec)
    assert [layer.second_moment.estimate for layer in result.layers] == [None]
    assert any("plain mean of so skewed a quantity needs" in note for note in result.notes)
    assert result.layers[0].ratio.estimate is None


@pytest.mark.parametrize("claim", ["claim_sigma_w2", "claim_activation", "claim_derivative", "claim_growth"])
def test_no_claim_is_tested_on_constant_weights(claim: str) -> None:
    with pytest.raises(InputError, match=f"{claim}.*constant.*leave the claim out"):
        Spec(law="constant", **{claim: 1.0})


@pytest.mark.parametrize("method", ["conditioned", "chain"])
@pytest.mark.parametrize("law", ["orthogonal", "constant"])
def test_only_dense_draws_them(law: str, method: str) -> None:
    with pytest.raises(InputError, match=f"normal weights only, not {law}"):
        simulate(Spec(law=law), method=method)
