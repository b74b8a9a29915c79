"""Data: what is drawn, what is held out, how it is scaled, and which CSV is refused where."""

import sys
from pathlib import Path

import numpy as np
import pytest

import montecarlo as mc
from montecarlo.training import Data, circles, digits, moons, read_data, read_inputs, split

GOOD = "length,kind,width\n1.5,cat,2\n2.5,dog,3\n1.25,cat,2\n3,dog,1e0\n"


def table(folder: Path, text: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_moons_and_circles_without_noise_lie_on_their_curves() -> None:
    still = moons(np.random.default_rng(0), examples=100, noise=0.0)
    upper, lower = (still.x[still.labels == k] for k in (0, 1))
    assert np.hypot(*upper.T) == pytest.approx(1)
    assert (upper[:, 1] >= 0).all()
    assert np.hypot(*(lower - [1, 0.5]).T) == pytest.approx(1)
    assert (lower[:, 1] <= 0.5).all()
    round_ones = circles(np.random.default_rng(0), examples=100, noise=0.0)
    assert np.hypot(*round_ones.x.T) == pytest.approx(np.where(round_ones.labels == 1, 0.5, 1.0))


def test_digits_are_real_images_and_need_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(mc.InputError, match=r'pip install "\.\[lab\]"'):
        digits(np.random.default_rng(0))
    monkeypatch.undo()
    data = digits(np.random.default_rng(0))
    assert data.x.shape == (1797, 64)
    assert sorted(set(data.labels)) == list(range(10))


def test_a_fifth_is_held_out_and_the_scale_knows_nothing_of_it() -> None:
    data = moons(np.random.default_rng(0))
    parts = split(data, np.random.default_rng(1))
    assert (len(parts.training.x), len(parts.test.x)) == (800, 200)
    assert parts.training.x.mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
    assert parts.training.x.std(axis=0) == pytest.approx([1, 1])
    assert abs(parts.test.x.mean()) > 1e-6
    together = np.concatenate((parts.training.x, parts.test.x)) * parts.scale.deviation + parts.scale.mean
    assert np.sort(together, axis=0) == pytest.approx(np.sort(data.x, axis=0), abs=1e-12)
    assert (parts.training.targets.argmax(axis=1) == parts.training.labels).all()
    moved = Data(data.name, np.where(np.isin(data.x, _held_out(data, parts)), 1e6, data.x), *_rest(data))
    assert (split(moved, np.random.default_rng(1)).scale.mean == parts.scale.mean).all()


def _held_out(data: Data, parts: mc.training.Split) -> np.ndarray:
    return data.x[np.random.default_rng(1).permutation(len(data.x))[: len(parts.test.x)]]


def _rest(data: Data) -> tuple[np.ndarray, tuple[str, ...], tuple[str, ...]]:
    return data.labels, data.classes, data.columns


def test_a_column_that_does_not_vary_becomes_zero_and_a_tiny_one_does_not() -> None:
    data = moons(np.random.default_rng(0), examples=50)
    x = np.column_stack((data.x, np.full(50, 0.1), 1e-9 * data.x[:, 0]))
    parts = split(Data("mine", x, data.labels, data.classes, ("x", "y", "still", "tiny")), np.random.default_rng(1))
    assert (parts.training.x[:, 2] == 0).all()
    assert parts.training.x[:, 3] == pytest.approx(parts.training.x[:, 0])


@pytest.mark.parametrize("unit", [1e300, 1e160, 1e-160, 1e-300])
def test_a_column_whose_squares_are_beyond_floating_point_is_refused_and_not_made_zero(unit: float) -> None:
    data = moons(np.random.default_rng(0), examples=50)
    far = Data("mine", data.x * [1, unit], data.labels, data.classes, ("x", "far"))
    with pytest.raises(mc.InputError, match="column 'far' overflow or underflow; write it in another unit"):
        split(far, np.random.default_rng(1))


def test_a_csv_is_read_as_it_stands(tmp_path: Path) -> None:
    data = read_data(table(tmp_path, "\ufeff" + GOOD + "\n"), target="kind")
    assert data.x.tolist() == [[1.5, 2], [2.5, 3], [1.25, 2], [3, 1]]
    assert data.classes == ("cat", "dog")
    assert data.labels.tolist() == [0, 1, 0, 1]
    assert data.columns == ("length", "width")
    header, rows, x = read_inputs(table(tmp_path, "id,width,length\na,2,1.5\n"), columns=data.columns)
    assert (header, rows, x.tolist()) == (["id", "width", "length"], [["a", "2", "1.5"]], [[1.5, 2.0]])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("2.5", ""), "line 3, column 'length' is empty; write a number"),
        (GOOD.replace("2.5", "long"), "line 3, column 'length' holds 'long'; write a number"),
        (GOOD.replace("2.5", "nan"), "line 3, column 'length' holds 'nan'; write a number"),
        (GOOD.replace("2.5", "2_5"), "line 3, column 'length' holds '2_5'; write a number"),
        (GOOD.replace("2.5", "inf"), "line 3, column 'length' holds 'inf'; write a number"),
        (GOOD.replace("dog,3", ",3"), "line 3, column 'kind' is empty; write the class"),
        (GOOD.replace("dog,3", "dog"), "line 3: 2 cells, but 3 columns"),
        (GOOD.replace("dog", "cat"), "holds one class only, 'cat'"),
        (GOOD.replace("kind", "kinds"), "did you mean 'kinds'"),
        (GOOD.replace("width", "length"), "line 1: column 'length' stands twice"),
        (GOOD.replace("width", ""), "line 1: column 3 has no name"),
        ("kind\ncat\ndog\n", "no column but the target"),
        ("length,kind\n", "has no rows"),
        ("", "has no rows"),
        ("x,kind\n" + "".join(f"{k},{k}.5\n" for k in range(9)), "9 different values in 9 rows, which are no classes"),
        ('x,kind\n1,"cat\n', "line 2: unexpected end of data; write one line for each row, and close each quote"),
        (GOOD.replace(",", ";"), "line 1: 'length;kind;width' is one column; write commas"),
    ],
)
def test_what_is_no_table_of_examples_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(mc.InputError) as error:
        read_data(table(tmp_path, text), target="kind")
    assert said in str(error.value)


@pytest.mark.parametrize("content", [b"x,kind\n\xff,cat\n", None])
def test_what_is_no_text_or_no_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "mine.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(mc.InputError, match=r"cannot be read .*; write the name of a CSV file"):
        read_data(path, target="kind")


def test_too_few_examples_are_refused(tmp_path: Path) -> None:
    few = read_data(table(tmp_path, GOOD), target="kind")
    with pytest.raises(mc.InputError, match="write at least 5"):
        split(few, np.random.default_rng(0))
    lonely = Data("mine", np.zeros((10, 1)), np.array([1] + [0] * 9), ("a", "b"), ("x",))
    alone = next(s for s in range(99) if np.random.default_rng(s).permutation(10)[0] == 0)
    with pytest.raises(mc.InputError, match="of one class"):
        split(lonely, np.random.default_rng(alone))
