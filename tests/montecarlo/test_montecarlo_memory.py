"""A bound on memory changes when matrices are drawn, and nothing else."""

import dataclasses
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from montecarlo import InputError, Spec, simulate
from montecarlo.arrays import Array
from montecarlo.cli import app
from montecarlo.dense import needs
from montecarlo.matrices import Matrices
from montecarlo.samplers import FASTEST_FIRST

WIDE = Spec(widths=(300,) * 9, networks=5, claim_sigma_w2=2.0)
SPECS = {
    "relu": WIDE,
    "double": dataclasses.replace(WIDE, precision="double"),
    "uniform": dataclasses.replace(WIDE, law="uniform"),
    "rademacher, single": dataclasses.replace(WIDE, law="rademacher", precision="single"),
    "orthogonal": Spec(widths=(40,) * 25, networks=200, law="orthogonal", claim_sigma_w2=2.0),
    "widths that differ": dataclasses.replace(WIDE, widths=(200, 400, 30, *(300,) * 12), law="sparse"),
    "biases": dataclasses.replace(WIDE, activation="tanh", sigma_b2=0.3, moments=True),
    "two inputs": dataclasses.replace(WIDE, inputs=2, correlation=0.3, sigma_b2=0.1, precision="single"),
    "residual": dataclasses.replace(WIDE, residual=0.5, law="truncated-normal"),
}


def peak(spec: Spec, *, memory: int | None) -> tuple[int, str]:
    """The most bytes that were held at a time, and the digest."""
    tracemalloc.start()
    digest = simulate(spec, method="dense", memory=memory).digest
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most, digest


@pytest.mark.parametrize("name", SPECS)
def test_layers_that_do_not_fit_are_drawn_again_the_same(name: str) -> None:
    spec = SPECS[name]
    least = needs(spec)
    whole, digest = peak(spec, memory=None)
    for memory in (least, (least + whole) // 2):
        most, found = peak(spec, memory=memory)
        assert found == digest
        assert most <= memory
        assert most < whole
    assert simulate(spec, method="dense", memory=2 * least, workers=2).digest == digest


def test_the_last_layers_stay_and_the_first_ones_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The backward pass needs the last one first. Of these widths they are the small ones."""
    seen: list[list[bool]] = []

    def watched(*arguments: object, kept: list[bool], **more: object) -> Matrices:
        seen.append(kept)
        return Matrices(*arguments, kept=kept, **more)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr("montecarlo.dense.Matrices", watched)
    spec = Spec(widths=(300, 300, 300, 20, 20), networks=1)
    simulate(spec, method="dense", memory=needs(spec) + 4 * (300 * 20 + 20 * 20))
    assert seen == [[False, False, True, True]]


def test_the_bound_is_shared_by_the_workers() -> None:
    """Five networks are two blocks, so more than two workers are two."""
    for workers in (2, 9):
        assert simulate(WIDE, method="dense", memory=2 * needs(WIDE), workers=workers).networks == 5
        with pytest.raises(InputError, match=r"bytes at least.*for each worker; write more memory"):
            simulate(WIDE, method="dense", memory=2 * needs(WIDE) - 1, workers=workers)


@pytest.mark.parametrize("method", ["dense", "conditioned", "chain"])
def test_every_sampler_keeps_to_its_bound_or_refuses(method: str) -> None:
    spec = Spec(widths=(64,) * 33, networks=3000 if method == "chain" else 100, claim_sigma_w2=2.0)
    with pytest.raises(InputError, match=f"a block of {method} takes"):
        simulate(spec, method=method, memory=10_000)
    for precision in ("double", "single"):
        some = dataclasses.replace(spec, precision=precision)
        for memory in (2**26, 2**28):
            tracemalloc.start()
            simulate(some, method=method, memory=memory)
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert most <= memory
    with pytest.raises(InputError, match="0 bytes hold nothing"):
        simulate(spec, method=method, memory=0)


def test_what_takes_much_has_to_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = Spec(widths=(64,) * 3, networks=8, activation="tanh")
    least = FASTEST_FIRST[1].needs(spec)
    monkeypatch.setattr("montecarlo.samplers.UNASKED", least - 1)
    with pytest.raises(InputError, match=f"write memory = {least} "):
        simulate(spec)
    assert simulate(spec, memory=least).networks == 8


def test_a_journal_goes_on_with_another_bound(tmp_path: Path) -> None:
    digest = simulate(WIDE, method="dense", checkpoint=tmp_path / "run").digest
    again = simulate(WIDE, method="dense", checkpoint=tmp_path / "run", memory=needs(WIDE))
    assert again.digest == digest


def test_the_command_has_the_flag() -> None:
    words = ["--method", "dense", "--width", "30", "--depth", "3", "--networks", "50", "--json"]
    plain, bounded = (CliRunner().invoke(app, [*words, *more]) for more in ([], ["--memory", "3000000"]))
    assert plain.stdout.split('"seconds"')[0] == bounded.stdout.split('"seconds"')[0]
    small = CliRunner().invoke(app, [*words, "--memory", "1000"])
    assert small.exit_code == 2
    assert "write more memory" in small.output
    planned = CliRunner().invoke(app, ["--plan", "--memory", "1000"])
    assert "without --memory" in planned.output


def drawn(rng: np.random.Generator, layer: int) -> Array:
    return rng.standard_normal((2, 3, layer))


def test_matrices_are_drawn_in_their_order_and_found_in_any() -> None:
    kept, again = (
        Matrices(np.random.Generator(np.random.SFC64(1)), drawn, drawn, kept=[stays] * 3) for stays in (True, False)
    )
    with pytest.raises(IndexError, match="number 2 is asked for"):
        kept[1]
    with pytest.raises(IndexError, match="number 4 is asked for"):
        kept[3]
    for one, two in zip(kept, again, strict=True):
        assert (one == two).all()
    for place in (2, 0, 1):
        assert kept[place] is kept[place]
        assert again[place] is not again[place]
        assert (again[place] == kept[place]).all()
    assert [b.shape for b in kept.biases] == [(2, 3, 1), (2, 3, 2), (2, 3, 3)]
