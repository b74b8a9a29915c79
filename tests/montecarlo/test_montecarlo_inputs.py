"""Several inputs of one network: their passes without matrices against matrices, and correlations by layer.

Designs as in test_montecarlo_samplers.py: NETWORKS networks a side, Kolmogorov-Smirnov, a right implementation fails
once in a million seeds, and each slip that is planted has to be found.
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import special, stats

import montecarlo.jointly as jointly
from montecarlo import InputError, Network, Spec, backward, forward, leaky_relu, simulate
from montecarlo.draws import Exact, Fast
from montecarlo.inputs import draw_inputs
from montecarlo.streams import generator
from tests.montecarlo.conftest import ONCE_IN

NETWORKS = 20_000
SPECS = {
    "relu": Spec(activation="relu", widths=(4, 3, 2, 3), inputs=3, correlation=0.3),
    "relu, more inputs than units": Spec(activation="relu", widths=(4, 2, 1, 2), inputs=4, correlation=-0.2),
    "relu with biases": Spec(activation="relu", widths=(3, 2, 3), sigma_b2=0.4, inputs=2, correlation=0.9),
    "tanh": Spec(activation="tanh", widths=(3, 4, 2, 3), sigma_w2=1.7, sigma_b2=0.3, inputs=3, correlation=0.5),
    "a fold": Spec(activation=leaky_relu(-0.5), widths=(2, 3, 2), inputs=2, correlation=0.0, fan="average"),
    "opposite": Spec(activation="relu", widths=(2, 3, 3), inputs=2, correlation=-1.0),
    "residual": Spec(activation="relu", widths=(3,) * 4, sigma_b2=0.2, residual=0.6, inputs=3, correlation=0.4),
    "three that sum to nothing": Spec(activation="gelu", widths=(2, 3, 3), inputs=3, correlation=-0.5),
}


def inputs(rng: np.random.Generator, spec: Spec) -> np.ndarray:
    return draw_inputs(rng, networks=NETWORKS, inputs=spec.inputs, width=spec.widths[0], correlation=spec.correlation)


Seen = list[tuple[np.ndarray, np.ndarray, np.ndarray]]


def vectors(passes: tuple, records: tuple) -> Seen:
    """a_{l-1}, z_l and g_{l-1} of all inputs, each (M, B, n), without exponents."""
    return [
        (
            np.ldexp(p.a, p.exponent[..., np.newaxis]),
            np.ldexp(p.z, p.exponent[..., np.newaxis]),
            np.ldexp(r.g, r.exponent[..., np.newaxis]),
        )
        for p, r in zip(passes, records, strict=True)
    ]


def multiplied(spec: Spec, *, seed: int) -> Seen:
    rng = np.random.default_rng(seed)
    x = inputs(rng, spec)
    one = spec.network(rng, batch=(NETWORKS, 1))
    passes = forward(one, x)
    return vectors(passes, backward(one, passes, rng.standard_normal((NETWORKS, 1, spec.widths[-1]))))


def conditioned(spec: Spec, *, seed: int) -> Seen:
    rng = generator(seed, block=0)
    with np.errstate(divide="ignore"):
        passes = jointly.forward(Fast(rng), spec, inputs(rng, spec))
        g = rng.standard_normal((NETWORKS, 1, spec.widths[-1]))
        return vectors(passes, jointly.backward(Fast(rng), spec, passes, g))


def rows(seen: Seen) -> np.ndarray:
    """Random projections of all z and g; by layer the products z.z, g.g, a.g of each two inputs; mixtures of these.

    How g depends on the forward pass is seen by the mixtures alone. For relu, a_{l-1}.g_{l-1} = z_l.delta_l has the
    same law if g is drawn anew, by symmetry; but it would not be the same number at every layer.
    """
    flat = np.concatenate([np.arctan(v).reshape(NETWORKS, -1) for _, z, g in seen for v in (z, g)], axis=1)
    mixed = np.random.default_rng(7).standard_normal((24, flat.shape[1])) @ flat.T
    pairs = [pair for a, z, g in seen for pair in ((z, z), (g, g), (a, g))]
    products = np.concatenate([np.einsum("mbn,mcn->bcm", v, w).reshape(-1, NETWORKS) for v, w in pairs])
    products = np.round(np.arctan(products), 9)
    return np.concatenate([mixed, products, np.random.default_rng(8).standard_normal((24, len(products))) @ products])


def smallest_p(one: Seen, two: Seen) -> float:
    pairs = list(zip(rows(one), rows(two), strict=True))
    return len(pairs) * min(stats.ks_2samp(x, y, method="asymp").pvalue for x, y in pairs)


@pytest.mark.parametrize("name", SPECS)
def test_all_inputs_together_have_the_law_of_multiplied_matrices(name: str) -> None:
    assert smallest_p(multiplied(SPECS[name], seed=1), conditioned(SPECS[name], seed=2)) > ONCE_IN


def test_one_input_is_a_case_of_several() -> None:
    spec = Spec(widths=(3, 4, 2, 3))
    assert smallest_p(multiplied(spec, seed=3), conditioned(spec, seed=4)) > ONCE_IN


def _apart(vectors: np.ndarray) -> jointly.Basis:
    """As if every input met a matrix of its own."""
    lengths = np.sqrt(np.vecdot(vectors, vectors))
    some = np.where(lengths > 0, lengths, 1)
    each = np.eye(vectors.shape[1])
    return jointly.Basis(lengths[..., np.newaxis] * each, (lengths > 0)[..., np.newaxis] * each / some[..., np.newaxis])


def test_a_matrix_for_each_input_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    true = multiplied(SPECS["tanh"], seed=1)
    monkeypatch.setattr(jointly, "basis", _apart)
    assert smallest_p(true, conditioned(SPECS["tanh"], seed=2)) < ONCE_IN


def test_a_backward_pass_that_forgets_the_forward_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    true = multiplied(SPECS["tanh"], seed=1)
    right, calls = jointly.basis, []

    def forgetful(vectors: np.ndarray) -> jointly.Basis:
        calls.append(0)
        found = right(vectors)  # three layers forward, then in turn a_{l-1} and delta_l
        backward_a = len(calls) > 3 and len(calls) % 2 == 0
        return dataclasses.replace(found, whitening=0 * found.whitening) if backward_a else found

    monkeypatch.setattr(jointly, "basis", forgetful)
    assert smallest_p(true, conditioned(SPECS["relu"], seed=2)) < ONCE_IN


def test_gradients_that_meet_weights_of_their_own_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    true = multiplied(SPECS["tanh"], seed=1)
    right, calls = jointly.basis, []

    def separate(vectors: np.ndarray) -> jointly.Basis:
        calls.append(0)
        return _apart(vectors) if len(calls) > 3 and len(calls) % 2 else right(vectors)

    monkeypatch.setattr(jointly, "basis", separate)
    assert smallest_p(true, conditioned(SPECS["tanh"], seed=2)) < ONCE_IN


def test_directions_that_are_dropped_too_early_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    true = multiplied(SPECS["relu with biases"], seed=1)
    monkeypatch.setattr(jointly, "NEGLIGIBLE", 0.2)
    assert smallest_p(true, conditioned(SPECS["relu with biases"], seed=2)) < ONCE_IN


def test_biases_that_differ_between_inputs_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = dataclasses.replace(SPECS["tanh"], sigma_b2=0.6)
    true = multiplied(spec, seed=1)
    right = Fast.normals

    def anew(draws: Fast, shape: tuple[int, ...]) -> np.ndarray:
        return right(draws, (shape[0], spec.inputs, shape[2]))

    monkeypatch.setattr(Fast, "normals", anew)
    assert smallest_p(true, conditioned(spec, seed=2)) < ONCE_IN


# --- what must be exact


def test_dead_inputs_stay_exactly_zero_while_others_live() -> None:
    spec = Spec(widths=(4, 2, 2, 2, 2), inputs=4, correlation=0.2)
    rng = generator(5, block=0)
    passes = jointly.forward(Exact(rng), spec, inputs(rng, spec))
    records = jointly.backward(Exact(rng), spec, passes, np.ones((NETWORKS, 1, 2)))
    for before, after, record in zip(passes, passes[1:], records[1:], strict=False):
        dead = np.logical_not((before.z > 0).any(axis=-1))
        assert dead.any(axis=1).sum() > 100
        assert (dead.any(axis=1) & ~dead.all(axis=1)).sum() > 100
        assert not after.a[dead].any()
        assert not after.z[dead].any()
        assert not record.g[dead].any()


@pytest.mark.parametrize(("count", "correlation"), [(2, 0.3), (2, -1.0), (3, -0.5), (4, 1.0), (3, 0.0)])
def test_inputs_have_exactly_the_correlation_that_is_asked_for(count: int, correlation: float) -> None:
    x = draw_inputs(np.random.default_rng(1), networks=9, inputs=count, width=4, correlation=correlation)
    gram = x @ np.swapaxes(x, 1, 2) / 4
    expected = (1 - correlation) * np.eye(count) + correlation
    assert gram == pytest.approx(np.broadcast_to(expected, gram.shape), abs=1e-12)


def test_a_basis_is_orthonormal_and_gives_the_vectors_back() -> None:
    rng = np.random.default_rng(2)
    a = rng.standard_normal((50, 3, 5)) * np.array([1e-120, 1.0, 1e120])[:, np.newaxis]
    a[0, 1] = 0
    a[1, 2] = a[1, 1]
    with np.errstate(divide="ignore"):
        found = jointly.basis(a)
    q = found.whitening @ a
    assert found.root @ q == pytest.approx(a, rel=1e-9)
    eigenvalues = np.linalg.eigvalsh(q @ np.swapaxes(q, 1, 2))
    assert np.minimum(np.abs(eigenvalues), np.abs(eigenvalues - 1)).max() < 1e-9
    assert np.round(eigenvalues.sum(axis=1))[:3].tolist() == [2, 2, 3]


# --- the command's figures


def _mean_correlation(rho: float, n: int) -> float:
    """E r for n pairs of standard normals of known mean 0 and correlation rho (Muirhead 1982, section 5.1)."""
    ratio = np.exp(2 * (special.gammaln((n + 1) / 2) - special.gammaln(n / 2)))
    return float(2 / n * ratio * rho * special.hyp2f1(0.5, 0.5, n / 2 + 1, rho * rho))


def test_intervals_of_correlations_cover_as_often_as_stated(most_alarms: Callable[[int, float], int]) -> None:
    # the first layer's pre-activations are pairs of normals of the inputs' correlation; error rate .02
    missed, truth = 0, _mean_correlation(0.4, 6)
    for seed in range(400):
        spec = Spec(
            activation="tanh", widths=(6, 6), inputs=2, correlation=0.4, networks=60, seed=seed, error_rate=0.02
        )
        found = simulate(spec).layers[0].correlation
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        missed += not found.low <= truth <= found.high
    assert missed <= most_alarms(400, 0.026)
    assert abs(truth - 0.4) > 0.02  # which the interval at this width is about, and not the inputs' .4


def test_layers_report_correlations_only_for_several_inputs() -> None:
    spec = Spec(widths=(8, 8, 8), networks=60)
    assert set(simulate(spec).layers[0].as_json()) == {"layer", "second_moment", "gradient", "ratio"}
    several = dataclasses.replace(spec, inputs=2, correlation=0.5)
    result = simulate(several)
    assert set(result.layers[0].as_json()) >= {"correlation", "gradient_correlation"}
    assert result.as_json()["spec"]["inputs"] == 2
    assert simulate(several, workers=3).digest == result.digest
    assert simulate(dataclasses.replace(several, correlation=0.6)).digest != result.digest


def test_a_journal_keeps_what_is_measured_besides(tmp_path: Path) -> None:
    spec = Spec(widths=(8,) * 4, inputs=2, correlation=0.5, residual=0.5, moments=True, networks=3000)
    plain = simulate(spec)
    for _ in range(2):  # the second time all blocks come from the file
        assert simulate(spec, checkpoint=tmp_path / "run").digest == plain.digest
    for fields in ({"residual": 0.6}, {"moments": False}, {"correlation": 0.4}):
        with pytest.raises(InputError):
            simulate(dataclasses.replace(spec, **fields), checkpoint=tmp_path / "run")


def test_claims_about_the_first_input_keep_their_error_rates(most_alarms: Callable[[int, float], int]) -> None:
    alarms = 0
    for seed in range(150):
        spec = Spec(
            widths=(6,) * 4, inputs=2, correlation=0.5, networks=40, claim_sigma_w2=2.0, error_rate=0.05, seed=seed
        )
        for method in ("dense", "conditioned"):
            alarms += any(claim.verdict.value == "disagree" for claim in simulate(spec, method=method).claims)
    assert alarms <= most_alarms(300, 0.05)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"inputs": 0}, "write 1 to"),
        ({"inputs": 1, "correlation": 0.5}, "write inputs = 2"),
        ({"inputs": 3, "correlation": -0.6}, "from -0.5 to 1"),
        ({"inputs": 2, "correlation": 1.1}, "from -1 to 1"),
        ({"inputs": 2, "correlation": float("nan")}, "from -1 to 1"),
        ({"inputs": 5, "widths": (4, 4)}, "span 5 dimensions"),
    ],
    ids=str,
)
def test_inputs_that_do_not_exist_are_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Spec(**fields)


def test_weights_are_shared_by_broadcasting() -> None:
    net = Spec(widths=(3, 2), sigma_w2=1.0).network(np.random.default_rng(1), batch=(2, 1))
    x = np.random.default_rng(2).standard_normal((2, 3, 3))
    alone = Network(net.activation, tuple(w[1, 0] for w in net.weights))
    assert forward(net, x)[0].z[1, 2] == pytest.approx(forward(alone, x[1, 2])[0].z, rel=1e-12)
