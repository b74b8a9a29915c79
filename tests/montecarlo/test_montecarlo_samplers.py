"""Three samplers, one law: what `conditioned` and `chain` draw is compared with matrices that are multiplied.

Each comparison is a two-sample Kolmogorov-Smirnov test of NETWORKS networks a side; of k comparisons none may have a
p-value below ONCE_IN/k, so that a right implementation fails once in a million seeds. The planted errors below show
what the same comparisons find.
"""

import dataclasses
import json
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from scipy import stats

import montecarlo.chain
import montecarlo.conditioned
from montecarlo import InputError, Spec, leaky_relu, simulate
from montecarlo.arrays import Array
from montecarlo.draws import Draws, Exact, Fast
from montecarlo.observations import Block, Observations
from montecarlo.samplers import FASTEST_FIRST, blocks, find_sampler
from montecarlo.streams import ANGLES, fill_normal, generator, normals
from tests.montecarlo.conftest import ONCE_IN

NETWORKS = 20_000
SAMPLERS = {sampler.name: sampler for sampler in FASTEST_FIRST}

HOMOGENEOUS = {
    "relu": Spec(activation="relu", widths=(3, 4, 2, 3, 3)),
    "relu, width 1": Spec(activation="relu", widths=(1, 1, 1, 1)),
    "relu, wide to narrow": Spec(activation="relu", widths=(8, 6, 1, 5), fan="average"),
    "leaky": Spec(activation=leaky_relu(0.3), widths=(2, 3, 4, 2)),
    "a steep fold": Spec(activation=leaky_relu(-2.0), widths=(2, 2, 2, 2), fan="out"),
    "abs": Spec(activation="abs", widths=(4, 2, 3), sigma_w2=1.0),
    "identity": Spec(activation="identity", widths=(3, 3, 1, 4), sigma_w2=1.0),
}
OTHERS = {
    "tanh": Spec(activation="tanh", widths=(3, 4, 2, 3), sigma_w2=1.7, sigma_b2=0.3),
    "gelu": Spec(activation="gelu", widths=(2, 5, 3), sigma_w2=2.4),
    "relu with biases": Spec(activation="relu", widths=(3, 2, 4, 3), sigma_b2=0.5),
    "sigmoid": Spec(activation="sigmoid", widths=(1, 3, 3), sigma_w2=9.0, sigma_b2=0.1, fan="average"),
    "two inputs": Spec(activation="relu", widths=(3, 4, 2, 3), inputs=2, correlation=0.6),
    "three inputs with biases": Spec(
        activation="tanh", widths=(4, 3, 2, 3), sigma_b2=0.3, inputs=3, correlation=-0.2, fan="average"
    ),
    "more inputs than units": Spec(activation=leaky_relu(0.3), widths=(5, 2, 3), inputs=4, correlation=0.1),
    "moments": Spec(activation="relu", widths=(3, 4, 2, 3), moments=True, fan="out"),
    "residual": Spec(activation="tanh", moments=True, widths=(3,) * 4, sigma_w2=1.7, sigma_b2=0.3, residual=0.7),
    "residual relu": Spec(activation="relu", widths=(2,) * 5, residual=1.5),
    "residual, two inputs": Spec(activation="relu", widths=(3,) * 4, residual=0.8, inputs=2, correlation=0.2),
    "the same input twice": Spec(activation="relu", widths=(3, 3, 2), inputs=2, correlation=1.0),
}


def asked(spec: Spec) -> Spec:
    """With claims, so that everything is measured."""
    found = dataclasses.replace(spec, networks=NETWORKS, claim_sigma_w2=1.3)
    return dataclasses.replace(found, claim_derivative=0.5) if spec.f.slopes is not None else found


def drawn(sampler: str, spec: Spec, *, seed: int, precision: str = "double") -> Observations:
    return SAMPLERS[sampler].observe(dataclasses.replace(spec, seed=seed, precision=precision), Block(0, NETWORKS))


def columns(seen: Observations) -> dict[str, Array]:
    """What is measured by layer and network; a dead network's logarithm of 0 becomes a number below all others."""
    found = {
        "log q": np.maximum(seen.log_q, -1e4),
        "log gradient": np.round(np.maximum(seen.log_gradient, -1e4), 6),  # 0 where a residual layer adds nothing
        "forward": seen.forward.value,
        "forward freedom": seen.forward.freedom,
        "backward": seen.backward.value,
        "backward freedom": seen.backward.freedom,
    }
    for name, part in (("conditional", seen.conditional), ("derivative", seen.derivative)):
        if part is not None:
            found[name] = np.round(part.value, 6)  # a few values only, which must not differ by rounding
    if seen.jacobian is not None:
        found["row norms"] = np.where(seen.alive, seen.jacobian, 0.0)
    if seen.moments is not None:
        found["mean"] = np.round(np.nan_to_num(seen.moments.mean, nan=-2.0), 6)
        found["kurtosis"] = np.round(np.nan_to_num(seen.moments.kurtosis, nan=-2.0), 6)
        found["of weights"] = np.maximum(seen.moments.log_weight_gradient, -1e4)
    for name, part in (("correlation", seen.correlation), ("of gradients", seen.gradient_correlation)):
        if part is not None:
            found[name] = np.round(np.nan_to_num(part, nan=-2.0), 6)
    return found


def projections(seen: Observations, *, count: int = 12) -> Array:
    """Random combinations of everything that is drawn jointly, over all layers: (count, B).

    Row norms are left out: `conditioned` and `chain` draw them apart from the backward pass.
    """
    rows = np.vstack([v for name, v in columns(seen).items() if name != "row norms"])
    return np.random.default_rng(7).standard_normal((count, len(rows))) @ np.arctan(rows)


def smallest_p(one: Observations, two: Observations, *, active: int | None = None) -> float:
    """The least p-value times the number of comparisons; ``active``: among networks with so many active units."""
    pairs = [
        (row, other)
        for a, b in [(columns(one), columns(two))]
        for k in a
        for row, other in zip(a[k], b[k], strict=True)
    ]
    pairs += list(zip(projections(one), projections(two), strict=True))
    if active is None:
        return len(pairs) * min(stats.ks_2samp(x, y, method="asymp").pvalue for x, y in pairs)
    assert one.derivative is not None
    assert two.derivative is not None
    found: list[float] = []
    for layer in range(len(one.derivative.value)):
        chosen = [
            np.isclose(o.derivative.value[layer] * o.derivative.precision[layer] ** 2, active) for o in (one, two)
        ]
        if min(c.sum() for c in chosen) > 100:
            found += [stats.ks_2samp(x[chosen[0]], y[chosen[1]], method="asymp").pvalue for x, y in pairs]
    return len(found) * min(found)


@cache
def multiplied(name: str, *, seed: int) -> Observations:
    """The ground truth: matrices in double precision."""
    return drawn("dense", asked({**HOMOGENEOUS, **OTHERS}[name]), seed=seed)


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("name", HOMOGENEOUS)
@pytest.mark.parametrize("sampler", ["conditioned", "chain"])
def test_homogeneous_networks_have_the_law_of_multiplied_matrices(name: str, sampler: str, precision: str) -> None:
    found = drawn(sampler, asked(HOMOGENEOUS[name]), seed=2, precision=precision)
    assert smallest_p(multiplied(name, seed=1), found) > ONCE_IN


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("name", OTHERS)
def test_other_activations_and_biases_too(name: str, precision: str) -> None:
    found = drawn("conditioned", asked(OTHERS[name]), seed=4, precision=precision)
    assert smallest_p(multiplied(name, seed=1), found) > ONCE_IN


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("active", [0, 1, 3])
@pytest.mark.parametrize("sampler", ["conditioned", "chain"])
def test_given_no_one_or_all_active_units_the_law_is_the_same(sampler: str, active: int, precision: str) -> None:
    spec = asked(Spec(activation="relu", widths=(3, 3, 3, 3)))
    found = drawn(sampler, spec, seed=6, precision=precision)
    assert smallest_p(drawn("dense", spec, seed=5), found, active=active) > ONCE_IN


@pytest.mark.parametrize("name", ["relu, wide to narrow", "a steep fold", "tanh", "three inputs with biases"])
def test_dense_networks_in_single_precision_have_the_law_of_double(name: str) -> None:
    found = drawn("dense", asked({**HOMOGENEOUS, **OTHERS}[name]), seed=2, precision="single")
    assert smallest_p(multiplied(name, seed=1), found) > ONCE_IN


def test_the_comparison_sees_three_percent_of_variance() -> None:
    spec = asked(Spec(activation="relu", widths=(8, 8, 8, 8)))
    more = dataclasses.replace(spec, sigma_w2=spec.sigma_w2 * 1.03)
    assert smallest_p(drawn("dense", spec, seed=1), drawn("chain", more, seed=2)) < ONCE_IN


@pytest.mark.parametrize("precision", ["double", "single"])
def test_gradients_through_fresh_weights_are_found(monkeypatch: pytest.MonkeyPatch, precision: str) -> None:
    right = montecarlo.conditioned.backward

    def unprojected(draws: Draws, spec: Spec, passes: tuple, g: Array, lengths: Array) -> object:
        """Back-propagation through weights that are drawn anew: the slip that conditioning avoids."""
        return right(draws, spec, passes, g, np.full_like(lengths, np.inf))

    monkeypatch.setattr(montecarlo.conditioned, "backward", unprojected)
    found = drawn("conditioned", asked(HOMOGENEOUS["relu"]), seed=2, precision=precision)
    assert smallest_p(multiplied("relu", seed=1), found) < ONCE_IN


def test_residual_gradients_that_forget_the_shortcut_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = asked(OTHERS["residual relu"])
    true = drawn("dense", spec, seed=1)
    right = montecarlo.conditioned.backward

    def without(draws: Draws, spec: Spec, passes: tuple, g: Array, lengths: Array) -> object:
        return right(draws, dataclasses.replace(spec, residual=None), passes, g, lengths)

    monkeypatch.setattr(montecarlo.conditioned, "backward", without)
    assert smallest_p(true, drawn("conditioned", spec, seed=2)) < ONCE_IN


@pytest.mark.parametrize("draws", [Exact, Fast])
@pytest.mark.parametrize("shift", [-1, 1])
def test_a_degree_of_freedom_too_few_or_too_many_is_found(
    monkeypatch: pytest.MonkeyPatch, shift: int, draws: type
) -> None:
    right = draws.chi_square
    calls: list[int] = []

    def wrong(self: Draws, freedom: Array) -> Array:
        calls.append(0)
        return right(self, np.maximum(freedom + shift * (len(calls) == 3), 0))  # C_+, of the backward pass

    monkeypatch.setattr(draws, "chi_square", wrong)
    found = drawn("chain", asked(HOMOGENEOUS["relu"]), seed=2, precision="double" if draws is Exact else "single")
    assert smallest_p(multiplied("relu", seed=1), found) < ONCE_IN


# --- which one is taken


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (Spec(), "chain"),
        (Spec(sigma_b2=0.1), "conditioned"),
        (Spec(activation="tanh"), "conditioned"),
        (Spec(claim_activation=0.5), "conditioned"),
        (Spec(law="uniform"), "dense"),
        (Spec(inputs=2, correlation=0.5), "conditioned"),
        (Spec(inputs=2, law="orthogonal"), "dense"),
        (Spec(widths=(4, 4, 4), residual=1.0), "conditioned"),
        (Spec(precision="single"), "chain"),
        (Spec(precision="single", activation="tanh"), "conditioned"),
    ],
)
def test_the_fastest_sampler_that_is_exact_is_taken(spec: Spec, name: str) -> None:
    assert find_sampler("auto", spec).name == name
    assert simulate(dataclasses.replace(spec, widths=(4, 4, 4), networks=40)).method == name


@pytest.mark.parametrize(
    ("method", "spec", "said"),
    [
        ("chain", Spec(law="uniform"), "uniform"),
        ("chain", Spec(activation="tanh"), "tanh"),
        ("chain", Spec(sigma_b2=1.0), "biases"),
        ("chain", Spec(claim_activation=0.5), "claim_activation"),
        ("chain", Spec(residual=1.0), "residual"),
        ("chain", Spec(inputs=2), "write method conditioned for several inputs"),
        ("conditioned", Spec(law="rademacher"), "rademacher"),
        ("dense", Spec(widths=(20_000,) * 3), "fewer layers, or normal weights"),
        ("auto", Spec(law="uniform", widths=(20_000,) * 3), "fewer layers, or normal weights"),
        ("dens", Spec(), "did you mean 'dense'"),
    ],
)
def test_a_sampler_refuses_what_it_does_not_draw(method: str, spec: Spec, said: str) -> None:
    with pytest.raises(InputError, match=said):
        simulate(spec, method=method)


def test_more_networks_extend_a_run_of_every_sampler() -> None:
    for sampler in FASTEST_FIRST:
        few, many = (Spec(widths=(300, 300, 300), networks=m) for m in (70, 900))
        assert sampler.block_size(few) == sampler.block_size(many)
        assert sum(block.networks for block in blocks(many, sampler)) == 900


def test_a_million_wide_and_ten_thousand_deep_is_no_matter_for_the_chain() -> None:
    result = simulate(Spec(widths=(1_000_000,) * 10_001, networks=30, claim_sigma_w2=2.0))
    assert result.method == "chain"
    assert result.dead_networks == 0
    # E q_L = 2 (n Var(W)/2)^L at every layer, to the precision of 30 networks: 5 standard errors
    spread = np.sqrt(10_000 * 5 / 1_000_000 / 30)
    assert abs(np.log(result.layers[-1].second_moment.estimate) - np.log(2)) < 5 * spread


@pytest.mark.parametrize("sigma_w2", [1.0, 2.0, 2.2, 4.0])
def test_depth_neither_overflows_nor_underflows(sigma_w2: float) -> None:
    for activation, width in (("relu", 64), ("identity", 3)):
        spec = Spec(activation=activation, widths=(width,) * 5_001, sigma_w2=sigma_w2, networks=40)
        for layer in simulate(spec).layers[::4_999]:
            for interval in (layer.second_moment, layer.gradient):
                assert interval.log10 is None or np.isfinite(interval.log10)


@pytest.mark.slow
@pytest.mark.parametrize("sigma_w2", [1.0, 2.0, 2.2, 4.0])
@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_at_depth_100_000_every_layer_has_its_logarithm(activation: str, sigma_w2: float) -> None:
    spec = Spec(activation=activation, widths=(64,) * 100_001, sigma_w2=sigma_w2, networks=40, claim_sigma_w2=sigma_w2)
    result = simulate(spec)
    assert result.dead_networks == 0
    # log q gains log(sigma_w2 c) a layer in the mean over networks, c = 1/2 or 1; a product of means of 40 networks
    # has a standard error of sqrt(100,000 (5 or 2)/64/40) = 14 or 9, and the growth is of the order of 10^5
    last = result.layers[-1].second_moment.log10
    gain = np.log(sigma_w2) + np.log(0.5 if activation == "relu" else 1.0)
    assert last is not None
    assert abs(last * np.log(10) - np.log(sigma_w2) - 99_999 * gain) < 5 * (14 if activation == "relu" else 9)
    for layer in result.layers:
        for interval in (layer.second_moment, layer.gradient, layer.ratio):
            assert interval.log10 is not None
            assert np.isfinite(interval.log10)
            for value in (interval.estimate, interval.low, interval.high):
                assert value is None or np.isfinite(value)
    text = json.dumps(result.as_json(), allow_nan=False)
    assert "NaN" not in text


# --- normals


def test_fast_normals_have_the_normal_law(most_alarms: Callable[[int, float], int]) -> None:
    values = normals(generator(3, block=0), (40, 100_001))
    alarms = sum(stats.kstest(row[::1], "norm").pvalue < 0.01 for row in values)
    assert alarms <= most_alarms(40, 0.01)
    moments = [float(np.mean(values**k)) for k in (1, 2, 3, 4)]
    size = values.size
    # E z^k = 0, 1, 0, 3, with standard deviations 1, sqrt 2, sqrt 15, sqrt 96 a draw
    for moment, truth, spread in zip(moments, (0, 1, 0, 3), (1, 2**0.5, 15**0.5, 96**0.5), strict=True):
        assert abs(moment - truth) < stats.norm.isf(ONCE_IN / 8) * spread / size**0.5


def test_fast_normals_come_in_pairs_that_are_independent() -> None:
    out = np.empty(2 * 30_000, dtype=np.float32)
    fill_normal(generator(4, block=1), out)
    first, second = out[:30_000].astype(float), out[30_000:].astype(float)
    for f, g in (
        (first, second),
        (first**2, second**2),
        (first, np.roll(second, 1)),
        (first**2, np.roll(first, 1) ** 2),
    ):
        assert stats.pearsonr(f, g).pvalue > ONCE_IN / 4


def test_angles_of_fast_normals_are_uniform_between_those_of_the_grid() -> None:
    """One pair of each of so many calls: which step of the grid it fell on, and where between two steps."""
    rng, pairs = generator(5, block=0), np.empty((20_000, 2), dtype=np.float32)
    for pair in pairs:
        fill_normal(rng, pair)
    first, second = pairs.astype(float).T
    steps = ANGLES * (np.arctan2(second, first) / (2 * np.pi) % 1)  # rounding moves them by a thousandth
    assert stats.kstest(steps / ANGLES, "uniform").pvalue > ONCE_IN / 2
    assert stats.kstest(steps % 1, "uniform").pvalue > ONCE_IN / 2


def test_pairs_that_are_made_together_stand_on_one_grid() -> None:
    """The premise of the argument in streams.py: angles differ by multiples of 1/K, whichever they are."""
    out = np.empty(2 * 1000, dtype=np.float32)
    fill_normal(generator(6, block=0), out)
    first, second = out.astype(float).reshape(2, -1)
    turns = ANGLES * np.arctan2(second, first) / (2 * np.pi)
    apart = turns - turns[0]
    assert np.abs(apart - np.round(apart)).max() < 0.01
    assert np.unique(np.round(apart)).size > 900


class _Bits:
    """A generator of the bits that are written out: the 32 of each U, the 16 of each angle, and the shared offset."""

    def __init__(self, cells: np.ndarray, angles: np.ndarray, offset: float) -> None:
        self.cells, self.angles, self.offset = cells, angles, offset
        self.bit_generator = self

    def random_raw(self, words: int) -> np.ndarray:
        found = np.zeros(words, dtype=np.uint64)
        found.view(np.uint32)[: self.cells.size] = self.cells
        found[(self.cells.size + 1) // 2 :].view(np.uint16)[: self.angles.size] = self.angles
        return found

    def random(self) -> float:
        return self.offset


@pytest.mark.parametrize("offset", [1e-9, 0.5, 1 - 1e-9])
def test_no_fast_normal_is_zero_and_none_is_beyond_the_last_cell(offset: float) -> None:
    """A network of width 1 would be dead by it. Cells 2^32 - 128 to 2^32 - 1 are 1 in single precision."""
    angles = np.array([0, 1, 2**14, 2**15, 3 * 2**14, 2**16 - 1, 2**14 - 1, 7], dtype=np.uint16)
    for cell, farthest in ((2**32 - 1, 2.0**-11), (2**32 - 128, 2.0**-11), (0, (66 * np.log(2)) ** 0.5)):
        out = np.empty(16, dtype=np.float32)
        fill_normal(_Bits(np.full(8, cell, dtype=np.uint32), angles, offset), out)  # pyright: ignore[reportArgumentType]
        assert (out != 0).all()
        assert np.abs(out).max() <= farthest * (1 + 1e-6)
        assert out[:8] ** 2 + out[8:] ** 2 == pytest.approx(out[1] ** 2 + out[9] ** 2, rel=1e-6)  # one radius


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_few_fast_normals_are_independent_too(size: int) -> None:
    """Odd sizes lack a sine, and cells and angles share words of 64 bits in other ways."""
    rng, rows = generator(7, block=size), np.empty((20_000, size), dtype=np.float32)
    for row in rows:
        fill_normal(rng, row)
    values = rows.astype(float)
    # size tests of the law, and of |z_i| with |z_j|; independent normals divided by one another are Cauchy's
    for i in range(size):
        assert stats.kstest(values[:, i], "norm").pvalue > ONCE_IN / 30
        for j in range(i):
            assert stats.spearmanr(values[:, i] ** 2, values[:, j] ** 2).pvalue > ONCE_IN / 30
            assert stats.kstest(values[:, i] / values[:, j], "cauchy").pvalue > ONCE_IN / 30
