"""The trained network: gradients against differences, the trajectory against torch, symmetry bit by bit, overflow."""

import math
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

import montecarlo as mc
from montecarlo.activations import ACTIVATIONS, Activation
from montecarlo.arrays import Array
from montecarlo.streams import generator
from montecarlo.training import (
    LOSSES,
    OPTIMIZERS,
    Dense,
    Loss,
    Stream,
    backward,
    batches,
    find_data,
    find_initialization,
    forward,
    initialized,
    on_parameters,
    split,
    workspace,
)
from montecarlo.training.result import spread

STEP = 1e-5  # central differences are off by STEP^2 and by 1e-16/STEP: both far below 1e-6
KINKS = 1e-2  # so far every z is from zero, where functions may have kinks; a step moves none of them so far


def network(activation: str | Activation, *widths: int, seed: int = 0, init: str = "he") -> Dense:
    found = ACTIVATIONS[activation] if isinstance(activation, str) else activation
    rng = np.random.default_rng(seed)
    return initialized(find_initialization(init), activation=found, widths=widths, rng=rng)


def problem(net: Dense, examples: int, seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    targets = np.eye(net.widths[-1])[rng.integers(0, net.widths[-1], examples)]
    return rng.standard_normal((examples, net.widths[0])), targets


def gradient(net: Dense, x: Array, targets: Array, loss: Loss) -> tuple[float, Array]:
    work = workspace(net, len(x))
    cost = loss.cost(forward(net, work, x), targets, work.delta[-1])
    return cost, backward(net, work, x).copy()


def away_from_kinks(activation: str) -> tuple[Dense, Array, Array]:
    """A network with random biases and a batch in which no hidden z is near zero."""
    for seed in range(200):
        net = network(activation, 3, 5, 4, 3, seed=seed)
        for biases in net.biases:
            biases[...] = np.random.default_rng(seed).standard_normal(biases.shape)
        x, targets = problem(net, 4, seed)
        work = workspace(net, 4)
        forward(net, work, x)
        if min(np.abs(z).min() for z in work.z[:-1]) > KINKS:
            return net, x, targets
    raise AssertionError("no such batch")


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradient_is_that_of_finite_differences(activation: str, loss: Loss) -> None:
    net, x, targets = away_from_kinks(activation)
    _, found = gradient(net, x, targets, loss)
    for k in range(net.parameters.size):
        costs: list[float] = []
        for step in (STEP, -STEP):
            moved = net.copy()
            moved.parameters[k] += step
            costs.append(gradient(moved, x, targets, loss)[0])
        assert found[k] == pytest.approx((costs[0] - costs[1]) / (2 * STEP), abs=1e-6 * max(1.0, np.abs(found).max()))


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_the_fast_slopes_are_those_of_the_pair(activation: str) -> None:
    fast, x = network(activation, 4, 7, 6, 3), np.random.default_rng(3).standard_normal((50, 4))
    renamed = replace(ACTIVATIONS[activation], name="the plain pair")
    plain = on_parameters(renamed, fast.widths, fast.parameters)
    targets = np.eye(3)[np.arange(50) % 3]
    loss = LOSSES["cross-entropy"]
    assert gradient(fast, x, targets, loss)[1] == pytest.approx(
        gradient(plain, x, targets, loss)[1], rel=1e-12, abs=1e-16
    )


def test_cross_entropy_is_that_of_its_definition_and_survives_large_scores() -> None:
    scores, targets = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]), np.eye(3)[[0, 2]]
    out = np.empty_like(scores)
    cost = LOSSES["cross-entropy"].cost(scores, targets, out)
    softmax = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert cost == pytest.approx(-np.mean([math.log(softmax[0, 0]), math.log(softmax[1, 2])]), rel=1e-15)
    assert out == pytest.approx((softmax - targets) / 2, rel=1e-15)
    large = np.array([[1e4, 0.0]])
    assert LOSSES["cross-entropy"].cost(large, np.array([[0.0, 1.0]]), np.empty_like(large)) == 1e4


# --- against torch ----------------------------------------------------------------------------------------------------


def of_torch(
    run: mc.training.Run, *, loss: str, optimizer: str, rate: float, activation: str, steps: int
) -> list[float]:
    """The losses of the same network, trained by torch in double precision on the same batches."""
    torch = pytest.importorskip("torch")
    parts = split(find_data("circles", generator(0, block=Stream.DATA)), generator(0, block=Stream.SPLIT))
    start = run.snapshots[0].trained.network
    layers: list[object] = []
    for weights, biases in zip(start.weights, start.biases, strict=True):
        layer = torch.nn.Linear(weights.shape[1], weights.shape[0], dtype=torch.float64)
        layer.weight.data, layer.bias.data = torch.tensor(weights), torch.tensor(biases)
        layers += [layer, {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU, "gelu": torch.nn.GELU}[activation]()]
    net = torch.nn.Sequential(*layers[:-1])
    made = {
        "sgd": lambda p: torch.optim.SGD(p, lr=rate),
        "momentum": lambda p: torch.optim.SGD(p, lr=rate, momentum=0.9),
        "adam": lambda p: torch.optim.Adam(p, lr=rate),
    }[optimizer](net.parameters())
    losses: list[float] = []
    order = batches(len(parts.training.x), size=64, rng=generator(0, block=Stream.BATCHES))
    for rows in islice(order, steps):
        x, targets = torch.tensor(parts.training.x[rows]), torch.tensor(parts.training.targets[rows])
        made.zero_grad()
        y = net(x)
        if loss == "squared":
            cost = ((y - targets) ** 2).sum(dim=1).mean() / 2
        else:
            cost = torch.nn.functional.cross_entropy(y, targets.argmax(dim=1))
        cost.backward()
        made.step()
        losses.append(cost.item())
    return losses


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_fifty_steps_are_those_of_torch(optimizer: str, loss: str, activation: str) -> None:
    rate = {"sgd": 0.1, "momentum": 0.02, "adam": 0.003}[optimizer]
    (run,) = mc.train(
        "circles", init="he", activation=activation, depth=4, width=24, loss=loss, optimizer=optimizer,
        learning_rate=rate, steps=50, batch_size=64, snapshots=(0,),
    )  # fmt: skip
    theirs = of_torch(run, loss=loss, optimizer=optimizer, rate=rate, activation=activation, steps=50)
    assert np.abs(run.losses - theirs).max() < 1e-8
    assert run.losses[-1] < 0.95 * run.losses[0]  # the trajectory goes somewhere


# Fast twin: the three updates as their papers write them, for two steps of one number.
def test_the_optimizers_move_as_their_papers_say() -> None:
    def moved(name: str) -> float:
        parameters, step = np.array([1.0]), OPTIMIZERS[name].start(0.1, 1)
        for slope in (2.0, -1.0):
            step(parameters, np.array([slope]))
        return float(parameters[0])

    assert moved("sgd") == pytest.approx(1 - 0.1 * 2 + 0.1, rel=1e-15)
    assert moved("momentum") == pytest.approx(1 - 0.1 * 2 - 0.1 * (0.9 * 2 - 1), rel=1e-15)
    mean, squares = 0.9 * 0.2 - 0.1, 0.999 * 0.004 + 0.001
    second = 0.1 * (mean / (1 - 0.9**2)) / (math.sqrt(squares / (1 - 0.999**2)) + 1e-8)
    assert moved("adam") == pytest.approx(1 - 0.1 * 2 / (2 + 1e-8) - second, rel=1e-14)


# --- what initialization does, exactly --------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "softplus"])
def test_zero_weights_leave_units_the_same_bit_by_bit(activation: str, loss: str) -> None:
    # Width 16: products of matrices come in whole tiles, and each unit's sum is added up in the same order.
    (run,) = mc.train("moons", init="zero", activation=activation, depth=4, width=16, loss=loss, steps=200)
    for weights, biases in zip(run.trained.network.weights[:-1], run.trained.network.biases[:-1], strict=True):
        assert (weights == weights[0]).all()
        assert (biases == biases[0]).all()
    assert run.spread == 0
    assert run.symmetric


@pytest.mark.parametrize("width", [16, 17, 50])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_constant_weights_leave_units_the_same_but_for_rounding(optimizer: str, width: int) -> None:
    (run,) = mc.train("moons", init="constant", depth=4, width=width, optimizer=optimizer, steps=600, batch_size=64)
    assert run.spread is not None
    assert run.spread <= 1e-12
    assert run.symmetric
    assert np.ptp(run.losses) > 0.1  # it did train


def test_one_weight_of_its_own_breaks_the_symmetry() -> None:
    net = network("tanh", 2, 8, 2, init="constant")
    assert spread(net) == 0
    net.weights[0][3, 1] += 1e-9
    assert spread(net) == pytest.approx(2e-9)
    assert spread(network("tanh", 2, 1, 2)) is None  # one unit has nobody to be like


@pytest.mark.parametrize("c", [1.5, 0.5])
def test_the_deep_linear_example_explodes_and_vanishes_forward_and_backward(c: float) -> None:
    """Nine layers c times the identity and one that reads out: activations c^l, first gradient c^8 of the ninth's."""
    net = network("identity", *([2] * 10), 1)
    for weights in net.weights[:-1]:
        weights[...] = c * np.eye(2)
    net.weights[-1][...] = [[3.0, -1.0]]
    work, x = workspace(net, 1), np.array([[1.0, -2.0]])
    y = forward(net, work, x)
    # powers of 3/2 and 1/2 are doubles: equal means equal
    assert [a.tolist() for a in work.a] == [(c**k * x).tolist() for k in range(1, 10)]
    assert y == 5 * c**9
    work.delta[-1][...] = 1.0
    backward(net, work, x)
    assert [d.tolist() for d in work.delta[:-1]] == [(c ** (8 - k) * work.delta[8]).tolist() for k in range(9)]


def test_with_the_same_draws_the_first_gradients_differ_by_two_to_the_fourteen_and_a_half() -> None:
    """He's weights are Xavier's times sqrt 2, and a rectifier is open where it was: 29 matrices lie between."""
    x = np.random.default_rng(5).standard_normal((32, 64))
    g = np.random.default_rng(6).standard_normal((32, 10))
    first: dict[str, Array] = {}
    for init in ("xavier", "he"):
        net = network("relu", *([64] * 30), 10, init=init)
        work = workspace(net, 32)
        forward(net, work, x)
        work.delta[-1][...] = g
        backward(net, work, x)
        first[init] = work.gradient.weights[0].copy()
    alive = first["he"] != 0
    assert alive.sum() > 1000
    ratio = first["xavier"][alive] / first["he"][alive]
    # sqrt 2 is no double. On the way through 29 layers each weight is rounded once and each sum of at most 64 terms at
    # most 65 times, on both sides, by at most 2^-53 = 1.1e-16 of the terms' absolute sum: 2 * 29 * 66 * 1.1e-16 = 4e-13
    # of what the gradient would be if nothing cancelled. An entry may cancel, the gradient as a whole does not.
    assert np.linalg.norm(first["xavier"] - 2**-14.5 * first["he"]) < 4e-13 * np.linalg.norm(first["xavier"])
    assert np.median(ratio) == pytest.approx(2**-14.5, rel=4e-13)


# --- overflow, sizes, reproducibility ---------------------------------------------------------------------------------


def test_overflow_is_said_and_nothing_warns() -> None:
    (run,) = mc.train("moons", init="large", activation="relu", loss="squared", steps=20)
    assert run.diverged
    assert (run.final_loss, run.accuracy, run.test_accuracy, run.spread) == (None, None, None, None)
    assert not run.symmetric
    assert math.isfinite(run.losses[0])
    assert math.isnan(run.losses[-1])
    assert run.as_json()["loss"][-1] is None


def test_an_overflow_in_the_last_step_is_found_although_tanh_hides_it() -> None:
    (run,) = mc.train("moons", init="xavier", depth=2, width=4, loss="squared", learning_rate=1e308, steps=2)
    assert run.diverged


def test_same_seed_same_result_and_another_initialization_changes_no_draw() -> None:
    one, two = (
        mc.train("moons", init=names, depth=3, width=8, steps=20, seed=4) for names in (("xavier", "he"), ("he",))
    )
    assert (one[1].losses == two[0].losses).all()
    (other,) = mc.train("moons", init="he", depth=3, width=8, steps=20, seed=5)
    assert (other.losses != two[0].losses).any()


def test_snapshots_are_the_network_as_it_was() -> None:
    (run,) = mc.train("moons", init="xavier", depth=3, width=8, steps=20, snapshots=(0, 7, 20, 99))
    assert [s.step for s in run.snapshots] == [0, 7, 20]
    (short,) = mc.train("moons", init="xavier", depth=3, width=8, steps=7)
    assert (run.snapshots[1].trained.network.parameters == short.trained.network.parameters).all()
    assert run.snapshots[1].loss == short.final_loss
    assert run.snapshots[2].loss == run.final_loss


def test_every_pass_over_the_data_shows_each_example_once() -> None:
    first = np.concatenate(list(islice(batches(100, size=20, rng=np.random.default_rng(0)), 5)))
    assert sorted(first) == list(range(100))
    assert all(len(rows) == 30 for rows in islice(batches(100, size=30, rng=np.random.default_rng(0)), 10))


def test_the_layers_are_measured_at_initialization() -> None:
    (run,) = mc.train("moons", init="xavier", depth=3, width=8, steps=5, snapshots=(0,))
    parts = split(find_data("moons", generator(0, block=Stream.DATA)), generator(0, block=Stream.SPLIT))
    start = run.snapshots[0].trained.network
    first = np.tanh(parts.training.x @ start.weights[0].T)
    assert run.layers[0].activation_std == pytest.approx(first.std(), rel=1e-12)
    scores = np.tanh(first @ start.weights[1].T) @ start.weights[2].T
    softmax = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert run.layers[2].activation_std == pytest.approx(scores.std(), rel=1e-12)
    assert run.layers[2].gradient_std == pytest.approx((softmax - parts.training.targets).std(), rel=1e-12)


# --- initializations --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("init", "variance"),
    [("small", 1e-4), ("large", 1.0), ("xavier", 1 / 300), ("glorot", 2 / 500), ("he", 2 / 300), ("uniform", 1 / 900),
     ("variance:1.7", 1.7 / 300), ("orthogonal", 1 / 300)],
)  # fmt: skip
def test_weights_have_the_variance_that_is_named(init: str, variance: float) -> None:
    # 60,000 weights: the sample variance has a standard error of at most sqrt(2/60000) = 0.6 %; 3 % is five of them.
    weights = network("tanh", 300, 200, init=init).weights[0]
    assert weights.var() == pytest.approx(variance, rel=0.03)


def test_uniform_weights_stay_inside_their_bound_and_fill_it() -> None:
    weights = network("tanh", 100, 400, init="uniform").weights[0]
    assert 0.0999 < np.abs(weights).max() <= 0.1


@pytest.mark.parametrize("widths", [(40, 20), (20, 40), (30, 30)])
def test_orthogonal_weights_keep_lengths(widths: tuple[int, int]) -> None:
    weights = network("tanh", *widths, init="orthogonal").weights[0]
    small = weights @ weights.T if widths[1] <= widths[0] else weights.T @ weights
    assert small == pytest.approx(np.eye(min(widths)), abs=1e-13)


def test_he_is_xavier_times_the_root_of_two_and_a_variance_of_two() -> None:
    xavier, he, two = (network("relu", 50, 50, 3, init=name) for name in ("xavier", "he", "variance:2"))
    assert he.parameters == pytest.approx(math.sqrt(2) * xavier.parameters, rel=1e-15)
    assert (he.parameters == two.parameters).all()


def test_constant_weights_average_their_inputs_or_have_the_value_that_is_named() -> None:
    assert (network("tanh", 8, 4, 2, init="constant").weights[1] == 0.25).all()
    assert (network("tanh", 8, 4, 2, init="constant:0.3").weights[1] == 0.3).all()


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"init": "xaver"}, "did you mean 'xavier'"),
        ({"init": "variance:two"}, "no number behind its colon; write e.g. variance:2"),
        ({"init": "variance:-1"}, "write e.g. variance:2"),
        ({"init": ()}, "write e.g. xavier"),
        ({"activation": "tan"}, "did you mean 'tanh'"),
        ({"depth": 0}, "write at least 1"),
        ({"width": 0}, "write at least 1"),
        ({"width": 10**6}, "write a smaller width"),
        ({"loss": "hinge"}, "write one of: cross-entropy, squared"),
        ({"optimizer": "lion"}, "write one of: adam, momentum, sgd"),
        ({"learning_rate": 0.0}, "write a positive number"),
        ({"learning_rate": math.nan}, "write a positive number"),
        ({"learning_rate": math.inf}, "write a positive number"),
        ({"steps": -1}, "write 0 or more"),
        ({"batch_size": 0}, "write at least 1"),
        ({"batch_size": 801}, "larger than the data: 800 examples"),
        ({"seed": -1}, "write a seed of 0 or more"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(options: dict[str, object], remedy: str) -> None:
    with pytest.raises(mc.InputError) as error:
        mc.train("moons", **options)  # type: ignore[arg-type]
    assert remedy in str(error.value)
