"""`python -m montecarlo train`: JSON, tables, figures, predictions, bad input, an interrupt."""

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

import montecarlo as mc
from montecarlo.cli import app
from montecarlo.terminal import progress_bar
from montecarlo.training import command, moons
from montecarlo.training.figure import smoothed
from tests.loaded import loaded

QUICK = ["train", "--depth", "3", "--width", "8", "--steps", "30", "--batch-size", "32"]
ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def own_csv(folder: Path) -> Path:
    data = moons(np.random.default_rng(0), examples=200)
    path = folder / "mine.csv"
    lines = [f"{x!r},{y!r},{data.classes[k]}" for (x, y), k in zip(data.x.tolist(), data.labels, strict=True)]
    path.write_text("\n".join(["east,north,moon", *lines]) + "\n", encoding="utf-8")
    return path


def test_json_has_exactly_the_promised_fields() -> None:
    status, out, err = run(*QUICK, "--init", "zero,xavier", "--json")
    assert (status, err) == (0, "")
    answer = json.loads(out)
    assert set(answer) == {"runs"}
    assert [each["init"] for each in answer["runs"]] == ["zero", "xavier"]
    for each in answer["runs"]:
        assert set(each) == {
            "init", "loss", "final_loss", "accuracy", "test_accuracy", "diverged", "symmetric", "spread", "layers"
        }  # fmt: skip
        assert len(each["loss"]) == 30
        assert [layer["layer"] for layer in each["layers"]] == [1, 2, 3]
        assert all(set(layer) == {"layer", "activation_std", "gradient_std"} for layer in each["layers"])
    assert [each["symmetric"] for each in answer["runs"]] == [True, False]


def test_the_command_is_the_function() -> None:
    answer = json.loads(
        run(*QUICK, "--init", "he", "--activation", "relu", "--data", "circles", "--seed", "3", "--json")[1]
    )
    (same,) = mc.train("circles", init="he", activation="relu", depth=3, width=8, steps=30, batch_size=32, seed=3)
    assert answer["runs"] == [same.as_json()]


def test_divergence_is_an_answer_and_no_failure() -> None:
    large = ("--init", "large,xavier", "--activation", "relu", "--loss", "squared", "--width", "64")
    status, out, err = run(*QUICK, *large, "--json")
    assert (status, err) == (0, "")
    first = json.loads(out)["runs"][0]
    assert first["diverged"]
    assert first["final_loss"] is None
    assert "diverged" in run(*QUICK, *large)[1]


def test_the_tables_name_every_initialization_and_layer() -> None:
    status, out, _ = run(*QUICK, "--init", "zero,variance:1.5")
    assert status == 0
    assert "variance:1.5" in out
    assert re.search(r"│ zero .*│ units equal +│", out)
    assert out.count("units equal") == 1
    assert re.findall(r"^│ (\d) +│", out, re.MULTILINE) == ["1", "2", "3"]


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_figure_is_drawn_even_if_nothing_can_be_shown_on_a_log_scale(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"curves.{suffix}"
    assert run(*QUICK, "--init", "zero,xavier", "--plot", str(path))[0] == 0
    assert path.read_bytes()[:5] in {b"<?xml", b"\x89PNG\r"}
    if suffix == "svg":
        first = path.read_bytes()
        run(*QUICK, "--init", "zero,xavier", "--plot", str(path))
        assert path.read_bytes() == first
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_curves_are_means_of_ten_steps() -> None:
    losses = np.arange(25.0)
    assert smoothed(losses)[[0, 1, 9, 24]].tolist() == [0.0, 0.5, 4.5, 19.5]
    assert smoothed(np.arange(3.0)).tolist() == [0.0, 0.5, 1.0]


def test_a_csv_of_ones_own_is_trained_on_and_predicted_on(tmp_path: Path) -> None:
    mine, out = own_csv(tmp_path), tmp_path / "told.csv"
    new = tmp_path / "new.csv"
    new.write_text("name,north,east\ntop,1.0,0.0\nbottom,-0.5,1.0\n", encoding="utf-8")
    own = ["--data", str(mine), "--target", "moon", "--init", "xavier,he", "--steps", "200"]
    status, _, err = run(*QUICK, *own, "--predict", str(new), "--out", str(out))
    assert (status, err) == (0, "")
    rows = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert rows == [
        ["name", "north", "east", "predicted from xavier", "predicted from he"],
        ["top", "1.0", "0.0", "upper", "upper"],
        ["bottom", "-0.5", "1.0", "lower", "lower"],
    ]
    answer = json.loads(run(*QUICK, *own, "--predict", str(new), "--json")[1])
    assert [each["predictions"] for each in answer["runs"]] == [["upper", "lower"]] * 2


def test_a_diverged_run_predicts_nothing(tmp_path: Path) -> None:
    mine, out = own_csv(tmp_path), tmp_path / "told.csv"
    arguments = ("--data", str(mine), "--target", "moon", "--init", "large", "--activation", "relu", "--width", "64")
    assert run(*QUICK, *arguments, "--loss", "squared", "--predict", str(mine), "--out", str(out))[0] == 0
    assert {row[-1] for row in csv.reader(io.StringIO(out.read_text(encoding="utf-8")))} == {"predicted from large", ""}


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["--data", "moon"], "did you mean 'moons'"),
        (["--data", "mine.csv"], "write --target"),
        (["--data", "mine.csv", "--target", "x"], "cannot be read"),
        (["--data", "moons", "--target", "x"], "write --data moons without it"),
        (["--init", "xavier,hee"], "did you mean 'he'"),
        (["--init", "xavier,"], "initialization '' is not known"),
        (["--activation", "rleu"], "did you mean 'relu'"),
        (["--batch-size", "900"], "larger than the data: 800 examples"),
        (["--learning-rate", "0"], "write a positive number"),
        (["--learning-rate", "nan"], "write a positive number"),
        (["--seed", "-1"], "write a seed of 0 or more"),
        (["--steps", "1000000000"], "write at most 10,000,000"),
        (["--steps", "-1"], "write 0 or more"),
        (["--depth", "1000000000000"], "write at most 100,000"),
        (["--width", "1" + 20 * "0", "--depth", "2"], "at most 50 million"),
        (["--plot", "curves.pdf"], "ends in .svg or .png"),
        (["--plot", "no/where.svg"], "no such folder"),
        (["--out", "told.csv"], "write it with --predict"),
        (["--predict", "new.csv"], "write --out FILE.csv, or --json"),
        (["--predict", "new.csv", "--out", "no/where.csv"], "no such folder"),
        (["--predict", "new.csv", "--json"], "cannot be read"),
    ],
)
def test_bad_input_is_status_two_with_a_remedy(arguments: list[str], remedy: str) -> None:
    status, out, err = run(*QUICK, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert remedy in err
    assert err.count("\n") == 1


def test_layers_and_examples_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """800 examples in 8 + 8 + 2 units."""
    words = ["train", "--depth", "3", "--width", "8", "--steps", "0", "--init", "he"]
    monkeypatch.setattr("montecarlo.training.loop.MOST_VALUES", 800 * 18)
    assert run(*words)[0] == 0
    monkeypatch.setattr("montecarlo.training.loop.MOST_VALUES", 800 * 18 - 1)
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert "800 examples have 14,400 activations together" in err
    assert "write a smaller width, depth or batch" in err


def test_rows_to_predict_on_need_the_columns_that_were_trained_on(tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text("x\n1\n", encoding="utf-8")
    status, _, err = run(*QUICK, "--predict", str(new), "--json")
    assert status == 2
    assert "column 'y' is not known" in err


def test_predictions_overwrite_neither_what_is_predicted_on_nor_what_is_trained_on(tmp_path: Path) -> None:
    mine, new = own_csv(tmp_path), tmp_path / "new.csv"
    new.write_text("north,east\n1,0\n", encoding="utf-8")
    for path in (mine, new):
        before = path.read_bytes()
        own = ["--data", str(mine), "--target", "moon", "--predict", str(new), "--out", str(path)]
        status, _, err = run(*QUICK, *own)
        assert status == 2
        assert "is a file that is read" in err
        assert path.read_bytes() == before


@pytest.mark.parametrize(("header", "init"), [("x,y,predicted from he", "he"), ("x,y,name", "he,he")])
def test_a_column_that_would_stand_twice_is_refused(tmp_path: Path, header: str, init: str) -> None:
    new = tmp_path / "new.csv"
    new.write_text(f"{header}\n1,2,a\n", encoding="utf-8")
    status, _, err = run(*QUICK, "--init", init, "--predict", str(new), "--out", str(tmp_path / "told.csv"))
    assert status == 2
    assert "would have two columns 'predicted from he'" in err


@pytest.mark.filterwarnings("error")
def test_what_overflows_on_its_way_has_no_prediction(tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text("x,y\n1,2\n1e308,-1e308\n", encoding="utf-8")
    status, out, err = run(
        *QUICK, "--init", "large", "--activation", "abs", "--steps", "0", "--predict", str(new), "--json"
    )
    assert (status, err) == (0, "")
    first, second = json.loads(out)["runs"][0]["predictions"]
    assert first in {"upper", "lower"}
    assert second is None


def test_options_before_the_command_are_not_dropped_in_silence() -> None:
    status, out, err = run("--seed", "3", *QUICK)
    assert (status, out) == (2, "")
    assert "--seed stands before train" in err


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "train", stopped)
    status, out, err = run(*QUICK, "--plot", str(tmp_path / "curves.svg"))
    assert (status, out, err) == (130, "", "interrupted; nothing was written\n")
    assert not list(tmp_path.iterdir())


def test_the_bar_counts_steps_on_a_terminal_only() -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=100)
    with progress_bar(60, terminal, what="steps") as moved:
        assert moved is not None
        mc.train("moons", init=("zero", "he"), depth=2, width=4, steps=30, progress=moved)
    assert "steps" in terminal.file.getvalue()  # type: ignore[attr-defined]
    assert "60/60" in terminal.file.getvalue()  # type: ignore[attr-defined]
    with progress_bar(60, Console(file=io.StringIO()), what="steps") as moved:
        assert moved is None


def test_training_imports_no_other_framework_and_no_sympy() -> None:
    code = "import montecarlo as mc\nmc.train('moons', steps=2)"
    assert not {"derive", "sympy", "torch", "sklearn", "matplotlib", "jax"} & loaded(code)
