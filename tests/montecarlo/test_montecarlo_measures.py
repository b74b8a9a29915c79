"""What is measured of a network is what its definition says: every number again, by plain loops over units.

Nothing here is statistical. `dense.observe` draws a block; the matrices, inputs and gradients that it used are run
again in the textbook's way, one network and one input after the other, without exponents, and each figure of
`Observations` is computed from its sentence in `observations.py`. Narrow networks with biases are alive where some
layer is dead, which is where degrees of freedom differ.
"""

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
import pytest

import montecarlo.conditioned
from montecarlo import Network, Spec, measures, network
from montecarlo.dense import observe
from montecarlo.draws import Exact
from montecarlo.observations import Block, Observations
from montecarlo.streams import generator
from montecarlo.tally import Tally, merged, tallied

NETWORKS = 30
ALL = {"moments": True, "claim_sigma_w2": 7.0, "precision": "double"}
SIGNS = {"claim_activation": 0.5, "claim_derivative": 0.5}
SPECS = {
    "relu": Spec(activation="relu", widths=(3, 2, 4, 2), sigma_w2=9.0, **ALL, **SIGNS),
    "relu with biases": Spec(activation="relu", widths=(3, 2, 1, 4), sigma_w2=9.0, sigma_b2=0.5, **ALL, **SIGNS),
    "leaky, uniform, biases": Spec(
        activation="leaky_relu", widths=(3, 5, 2), law="uniform", sigma_b2=40.0, fan="average", sigma_w2=9.0, **ALL
    ),
    "relu, sparse": Spec(activation="relu", widths=(2, 3, 2, 3), law="sparse", fan="out", **ALL, **SIGNS),
    "orthogonal": Spec(activation="tanh", widths=(5, 3, 4, 4), law="orthogonal", sigma_b2=0.2, **ALL),
    "tanh": Spec(activation="tanh", widths=(3, 4, 2), sigma_b2=0.3, fan="out", **ALL),
    "relu, three inputs": Spec(activation="relu", widths=(4, 2, 2, 2), sigma_w2=60.0, inputs=3, correlation=0.1, **ALL),
    "residual, two inputs": Spec(
        activation="relu", widths=(3,) * 4, sigma_w2=20.0, residual=1.5, sigma_b2=0.2, inputs=2, correlation=-0.7, **ALL
    ),
}


@dataclasses.dataclass
class Drawn:
    """A block as it was drawn: matrices and biases by layer, inputs, gradients at the end and those sent back apart."""

    spec: Spec
    weights: list[np.ndarray]
    biases: list[np.ndarray] | None
    x: np.ndarray
    end: np.ndarray
    apart: list[np.ndarray]
    seen: Observations


def drawn(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> Drawn:
    kept: dict[str, object] = {}
    transposed = measures.transposed_ratio

    def forward(net: Network, x: np.ndarray) -> object:
        passes = network.forward(net, x)
        kept.update(net=net, x=x)
        return passes

    def backward(net: Network, passes: tuple, g: np.ndarray) -> object:
        kept.update(end=g)
        return network.backward(net, passes, g)

    def ratio(sent: object, gradients: list, **more: object) -> object:
        kept.update(apart=gradients)
        return transposed(sent, gradients, **more)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr("montecarlo.dense.forward", forward)
    monkeypatch.setattr("montecarlo.dense.backward", backward)
    monkeypatch.setattr(measures, "transposed_ratio", ratio)
    seen = observe(spec, Block(0, NETWORKS))
    net, several = kept["net"], spec.inputs > 1
    assert isinstance(net, Network)
    weights = [net.weights[layer][:, 0] if several else net.weights[layer] for layer in range(spec.depth)]
    biases = None
    if net.biases is not None:
        biases = [net.biases[layer][:, 0] if several else net.biases[layer] for layer in range(spec.depth)]
    x, end = np.asarray(kept["x"]), np.asarray(kept["end"])
    apart = kept.get("apart", [])
    assert isinstance(apart, list | tuple)
    return Drawn(
        spec, weights, biases, x if several else x[:, np.newaxis], end[:, 0] if several else end, list(apart), seen
    )


@dataclasses.dataclass
class Layer:
    """One layer of one network and input."""

    w: np.ndarray
    a: np.ndarray
    u: np.ndarray
    z: np.ndarray
    delta: np.ndarray
    through: np.ndarray
    g: np.ndarray


def textbook(block: Drawn, k: int, b: int) -> tuple[list[Layer], list[np.ndarray]]:
    """The layers of network k and input b, and the activations a_1, ..., a_L."""
    f, c = block.spec.f, block.spec.residual
    a, forward, outputs = block.x[k, b], [], []
    for layer, matrices in enumerate(block.weights):
        u = matrices[k] @ a
        z = u if block.biases is None else u + block.biases[layer][k]
        forward.append((matrices[k], a, u, z))
        a = f.function(z) if c is None else a + c * f.function(z)
        outputs.append(a)
    g, layers = block.end[k], []
    for w, a, u, z in reversed(forward):
        delta = f.derivative(z) * g * (1 if c is None else c)
        through = w.T @ delta
        g = through if c is None else g + through
        layers.append(Layer(w, a, u, z, delta, through, g))
    return layers[::-1], outputs


def _logarithm(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def _spread(spec: Spec, v: np.ndarray, rows: int, share: float = 1.0) -> float:
    """Variance of sum u_i^2/s_i over u = W v."""
    if spec.weight_law.orthogonal:
        n = v.size
        own = 2 * rows * (n - rows) / (n + 2) if rows < n else 0.0
        return own * share + 2 * rows * (1 - share)
    kurtosis = spec.weight_law.excess_kurtosis
    return rows * (2 + kurtosis * share * (v**4).sum() / (v**2).sum() ** 2)


def expected(block: Drawn, k: int, index: int, layers: list[Layer], outputs: list[np.ndarray]) -> Iterator[tuple]:
    """Name and value of the figures of one layer."""
    spec, at = block.spec, layers[index]
    n_out, n_in = at.w.shape
    fan = {"in": n_in, "out": n_out, "average": (n_in + n_out) / 2}[spec.fan]
    variance, square = spec.sigma_w2 / fan, at.a @ at.a
    here = square > 0
    yield "alive", here or spec.sigma_b2 > 0
    yield "dead", not all(a.any() for a in outputs)
    yield "forward.value", at.u @ at.u / (variance * square) if here else 0.0
    yield "forward.freedom", n_out if here else 0
    yield "forward.absent", 0 if here else n_out
    yield "forward.variance", _spread(spec, at.a, n_out) if here else 0.0
    if spec.sigma_b2 > 0:
        claimed = 7.0 / fan * square
        whole = claimed + spec.sigma_b2
        yield "conditional.value", at.z @ at.z / whole
        yield "conditional.freedom", n_out
        share = (claimed / whole) ** 2
        yield "conditional.variance", _spread(spec, at.a, n_out, share) if here else 2.0 * n_out
    if spec.weight_law.gaussian:
        across = np.eye(n_in) - (np.outer(at.a, at.a) / square if here else 0)
        left = across @ at.w.T @ at.delta
        rank = n_in - 1 if here else n_in
        alive = at.delta.any() and rank > 0
        yield "backward.value", left @ left / (variance * at.delta @ at.delta) if alive else 0.0
        yield "backward.freedom", rank if alive else 0
        yield "backward.variance", 2 * rank if alive else 0
    else:
        g = block.apart[index][k]
        sent = at.w.T @ g
        yield "backward.value", sent @ sent / (variance * g @ g)
        yield "backward.freedom", n_in
        yield "backward.variance", _spread(spec, g, n_in)
    z2 = at.z @ at.z
    if spec.claim_activation is not None:
        f = spec.f.function(at.z)
        yield "activation.value", f @ f / z2 if z2 > 0 else 0.0
        yield "activation.precision", z2 / math.sqrt((at.z**4).sum()) if z2 > 0 else 0.0
        some = at.z[at.z != 0]
        yield "derivative.value", (spec.f.derivative(some) ** 2).mean() if some.size else 0.0
        yield "derivative.precision", math.sqrt(some.size)
    end = block.end[k] @ block.end[k] / block.end[k].size
    yield "log_q", _logarithm(z2 / n_out)
    yield "log_gradient", _logarithm(at.g @ at.g / n_in / end)
    if spec.f.slopes is not None and spec.residual is None:
        yield "jacobian", sum(spec.f.derivative(at.z) ** 2 * (at.w**2).sum(axis=1)) / n_in
    yield "moments.mean", at.z.mean() / math.sqrt((at.z**2).mean()) if z2 > 0 else math.nan
    yield "moments.kurtosis", (at.z**4).mean() / (at.z**2).mean() ** 2 if z2 > 0 else math.nan
    yield "moments.log_weight_gradient", _logarithm((np.outer(at.delta, at.a) ** 2).mean() / end)


def _mean_cosine(vectors: list[np.ndarray]) -> float:
    lengths = [math.sqrt(v @ v) for v in vectors]
    found = [
        vectors[i] @ vectors[j] / (lengths[i] * lengths[j])
        for j in range(len(vectors))
        for i in range(j)
        if lengths[i] > 0 < lengths[j]
    ]
    return float(np.mean(found)) if found else math.nan


def figure(seen: Observations, name: str, index: int, k: int) -> float:
    value: object = seen
    for part in name.split("."):
        value = getattr(value, part)
    assert isinstance(value, np.ndarray)
    return float(value[k] if name == "dead" else value[index, k])


@pytest.mark.parametrize("name", SPECS)
def test_every_figure_is_what_its_definition_says(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    block = drawn(SPECS[name], monkeypatch)
    for k in range(NETWORKS):
        every = [textbook(block, k, b) for b in range(block.spec.inputs)]
        for index in range(block.spec.depth):
            figures = dict(expected(block, k, index, *every[0]))
            if block.spec.inputs > 1:
                figures["correlation"] = _mean_cosine([layers[index].z for layers, _ in every])
                figures["gradient_correlation"] = _mean_cosine([layers[index].g for layers, _ in every])
            for what, value in figures.items():
                found = figure(block.seen, what, index, k)
                assert found == pytest.approx(float(value), rel=1e-8, abs=1e-9, nan_ok=True), (what, index, k)


def test_these_networks_have_what_is_rare() -> None:
    """Layers of zeros in living and in dead networks, several inputs of which some are dead, and large exponents."""
    seen = {name: observe(spec, Block(0, NETWORKS)) for name, spec in SPECS.items()}
    assert 3 < seen["relu"].dead.sum() < NETWORKS - 3
    biased = seen["relu with biases"]
    assert (biased.forward.freedom == 0).any()
    assert biased.backward.freedom[2].max() == 1  # of a dead input of width 1: elsewhere nothing is left
    three = seen["relu, three inputs"]
    assert three.correlation is not None
    assert np.isfinite(three.correlation[2][~three.alive[2]]).any()
    assert max(abs(o.log_q[np.isfinite(o.log_q)]).max() for o in seen.values()) > 5


# --- sums over networks


def parts_of(value: object, name: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """All arrays and numbers of nested dataclasses."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from parts_of(getattr(value, field.name), f"{name}.{field.name}")
    elif value is not None:
        yield name, np.asarray(value)


def of_networks(value: object, chosen: slice) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return dataclasses.replace(value, **{n: of_networks(getattr(value, n), chosen) for n in names})
    return value[..., chosen] if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("name", SPECS)
def test_sums_of_blocks_are_the_sums_of_all_networks(name: str) -> None:
    seen = observe(SPECS[name], Block(0, NETWORKS))
    parts: list[Tally] = []
    for chosen in (slice(0, 1), slice(1, 12), slice(12, NETWORKS)):
        part = of_networks(seen, chosen)
        assert isinstance(part, Observations)
        parts.append(tallied(part))
    whole, added = dict(parts_of(tallied(seen))), dict(parts_of(merged(parts)))
    assert whole.keys() == added.keys()
    for field, value in whole.items():
        assert added[field] == pytest.approx(value, rel=1e-10, abs=1e-12), field


@pytest.mark.parametrize("name", SPECS)
def test_every_sum_is_what_its_name_says(name: str) -> None:
    seen = observe(SPECS[name], Block(0, NETWORKS))
    sums = tallied(seen)
    assert (sums.networks, sums.dead) == (NETWORKS, seen.dead.sum())
    for ratio, its in ((seen.forward, sums.forward), (seen.backward, sums.backward)):
        for field, total in zip(("value", "freedom", "variance", "absent"), dict(parts_of(its)).values(), strict=True):
            assert total == pytest.approx(getattr(ratio, field).sum(axis=1))
    for logs, its in ((seen.log_q, sums.second_moment), (seen.log_gradient, sums.gradient)):
        q, positive = np.exp(logs), np.isfinite(logs)
        kept = np.where(positive, logs, 0.0)
        for total, truth in zip(
            (its.count, np.exp(its.log_total), np.exp(its.log_square), its.positive, its.sum_log, its.sum_log_square),
            (NETWORKS + 0 * q.sum(1), q.sum(1), (q**2).sum(1), positive.sum(1), kept.sum(1), (kept**2).sum(1)),
            strict=True,
        ):
            assert total == pytest.approx(truth)
    for layer in range(1, seen.log_q.shape[0]):  # q_l/q_{l-1} where q_{l-1} is not 0
        alive = np.isfinite(seen.log_q[layer - 1])
        ratios = np.exp(seen.log_q[layer][alive] - seen.log_q[layer - 1][alive])
        assert sums.growth.count[layer] == alive.sum()
        assert sums.growth.total[layer] == pytest.approx(ratios.sum())
        assert sums.growth.square[layer] == pytest.approx((ratios**2).sum())
    if seen.jacobian is not None and sums.jacobian is not None:
        kept = [row[alive] for row, alive in zip(seen.jacobian, seen.alive, strict=True)]
        assert sums.jacobian.count == pytest.approx([row.size for row in kept])
        assert sums.jacobian.total == pytest.approx([row.sum() for row in kept])


# --- exponents of the sampler that draws no matrices


@pytest.mark.parametrize("residual", [None, 0.7])
def test_conditioned_gradients_are_linear_in_the_one_at_the_end(residual: float | None) -> None:
    """2^30 times the gradient at the end, the same random numbers: 2^30 times all, to the bit, and other exponents."""
    spec = Spec(widths=(4,) * 4, residual=residual, precision="double")
    rng = np.random.default_rng(1)
    passes, (lengths, *_) = montecarlo.conditioned.forward(Exact(rng), spec, rng.standard_normal((20, 4)))
    g = rng.standard_normal((20, 4))
    one, two = (
        montecarlo.conditioned.backward(Exact(generator(3, block=0)), spec, passes, scale * g, lengths)
        for scale in (1.0, 2.0**30)
    )
    alive = one[1][1] > 0
    assert alive.sum() > 30
    for layer, (few, many) in enumerate(zip(one[0], two[0], strict=True)):
        assert (many - few)[alive[layer]].max() > 0
        for before, after in zip(one[1][:3], two[1][:3], strict=True):  # |delta|^2, |g|^2, |W^T delta|^2
            scaled = np.ldexp(before[layer], 2 * (few + 30))
            assert np.ldexp(after[layer], 2 * many) == pytest.approx(scaled, rel=1e-12)
