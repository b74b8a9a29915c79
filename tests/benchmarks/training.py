"""What training costs beside torch on the processor: the same network, the same batches, in one run.

    python -m tests.benchmarks.training [--depth 9 --width 64 --batch 128 --steps 300 --rounds 5 --activation tanh]

Both are timed in turn, round by round, since machines change their pace; printed are the least seconds a step and the
median over rounds of the ratio to torch's, of elapsed and of processor time. torch is run as it comes, with as many
threads as there are cores, and with one; in double precision like ours, and in single.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import islice, pairwise

import numpy as np

import montecarlo as mc
from montecarlo.streams import generator
from montecarlo.training import Stream, batches, find_data, split


def ours(asked: argparse.Namespace) -> Callable[[], float]:
    """`train` from the split to the accuracies; reading the images is nobody's."""
    data = find_data("digits", generator(0, block=Stream.DATA))

    def run() -> float:
        (done,) = mc.train(
            data, init="xavier", activation=asked.activation, depth=asked.depth, width=asked.width,
            steps=asked.steps, batch_size=asked.batch,
        )  # fmt: skip
        return float(done.losses[-1])

    return run


def torches(asked: argparse.Namespace, *, single: bool, threads: int) -> Callable[[], float]:
    """As a tutorial writes it; data, split and batches are ours."""
    import torch

    kind = torch.float32 if single else torch.float64
    act = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid, "gelu": torch.nn.GELU}
    parts = split(find_data("digits", generator(0, block=Stream.DATA)), generator(0, block=Stream.SPLIT))
    x, labels = torch.tensor(parts.training.x, dtype=kind), torch.tensor(parts.training.labels)

    def run() -> float:
        torch.set_num_threads(threads)
        layers: list[object] = []
        widths = [x.shape[1], *[asked.width] * (asked.depth - 1), 10]
        for n_in, n_out in pairwise(widths):
            layer = torch.nn.Linear(n_in, n_out, dtype=kind)
            torch.nn.init.normal_(layer.weight, std=n_in**-0.5)
            torch.nn.init.zeros_(layer.bias)
            layers += [layer, act[asked.activation]()]
        net = torch.nn.Sequential(*layers[:-1])
        optimizer, loss = torch.optim.SGD(net.parameters(), lr=0.1), torch.nn.CrossEntropyLoss()
        value = 0.0
        order = batches(len(x), size=asked.batch, rng=np.random.default_rng(0))
        for rows in islice(order, asked.steps):
            chosen = torch.from_numpy(rows)
            optimizer.zero_grad()
            cost = loss(net(x[chosen]), labels[chosen])
            cost.backward()
            optimizer.step()
            value = cost.item()
        return value

    return run


def main() -> None:
    """Time everything in turn and print a table."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("depth", 9), ("width", 64), ("batch", 128), ("steps", 300), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--activation", default="tanh", choices=["tanh", "relu", "sigmoid", "gelu"])
    asked = parser.parse_args()
    cores = torch.get_num_threads()
    runs = {"montecarlo, double": ours(asked)}
    for threads in sorted({cores, 1}, reverse=True):
        for single in (False, True):
            name = f"torch, {'single' if single else 'double'}, {threads} thread{'s' * (threads > 1)}"
            runs[name] = torches(asked, single=single, threads=threads)
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for turn in range(asked.rounds + 1):
        for name, run in runs.items():
            wall, processor = time.perf_counter(), time.process_time()
            run()
            if turn:  # the first one warms up
                spent[name].append((time.perf_counter() - wall, time.process_time() - processor))
    print(
        f"{asked.activation}, depth {asked.depth}, width {asked.width}, batches of {asked.batch}, {asked.steps} steps"
    )
    mine = spent["montecarlo, double"]
    for name, theirs in spent.items():
        wall, processor = (1e3 * min(t[k] for t in theirs) / asked.steps for k in (0, 1))
        ratios = [statistics.median(m[k] / t[k] for m, t in zip(mine, theirs, strict=True)) for k in (0, 1)]
        print(
            f"{name:<26} {wall:6.2f} ms a step, {processor:6.2f} ms of processor; "
            f"montecarlo takes {ratios[0]:.2f}, {ratios[1]:.2f} of it"
        )


if __name__ == "__main__":
    main()
