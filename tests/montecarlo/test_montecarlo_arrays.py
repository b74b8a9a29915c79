"""Sums and products that are done in parts are those that are done at once."""

import numpy as np
import pytest

from montecarlo import arrays
from montecarlo.arrays import count_true, dots, fourth_share, matvec, squares, vecmat

RNG = np.random.default_rng(5)
PRECISIONS = [np.float64, np.float32]


@pytest.mark.parametrize("kind", PRECISIONS)
@pytest.mark.parametrize("size", [1, 7, 8192, 8193, 20_000])
def test_sums_of_products_are_those_of_double_precision(kind: type, size: int) -> None:
    x, y = RNG.standard_normal((2, 3, 2, size)).astype(kind)
    exact = np.einsum("abi,abi->ab", x.astype(np.float64), y.astype(np.float64))
    rounding = 1e-6 if kind is np.float32 else 1e-13
    found = dots(x, y)
    assert found.dtype == np.float64
    assert found == pytest.approx(exact, abs=rounding * size**0.5 * 3)
    assert squares(x) == pytest.approx(np.einsum("abi,abi->ab", x.astype(float), x.astype(float)), rel=rounding)


def test_squares_of_single_vectors_do_not_leave_the_range() -> None:
    x = np.array([[3e-30, 4e-30], [3.0, 4.0], [0.0, 0.0], [3e30, 4e30]], dtype=np.float32)
    with np.errstate(over="ignore", under="ignore"):  # as the samplers do
        found = squares(x)
    assert found == pytest.approx(np.array([2.5e-59, 25.0, 0.0, 2.5e61]), rel=1e-6)


@pytest.mark.parametrize("kind", PRECISIONS)
@pytest.mark.parametrize("entries", [1, 10, 21, 10**6])
def test_products_with_a_matrix_in_parts_are_the_product(
    monkeypatch: pytest.MonkeyPatch, kind: type, entries: int
) -> None:
    monkeypatch.setattr(arrays, "ENTRIES", entries)
    w, a, d = (RNG.standard_normal(shape).astype(kind) for shape in ((4, 3, 5, 7), (4, 3, 7), (4, 3, 5)))
    for found, exact in (
        (matvec(w, a), np.einsum("xyij,xyj->xyi", w.astype(float), a.astype(float))),
        (vecmat(d, w), np.einsum("xyij,xyi->xyj", w.astype(float), d.astype(float))),
        (matvec(w[:, :1], a), np.einsum("xij,xyj->xyi", w[:, 0].astype(float), a.astype(float))),
        (vecmat(d, w[:, :1]), np.einsum("xij,xyi->xyj", w[:, 0].astype(float), d.astype(float))),
    ):
        assert found.dtype == kind
        assert found == pytest.approx(exact, abs=2e-5 if kind is np.float32 else 1e-13)


def test_what_is_true_is_counted() -> None:
    flags = RNG.random((3, 4, 1001)) < 0.3
    assert (count_true(flags) == flags.sum(axis=-1)).all()
    assert count_true(flags).dtype == np.float64


def test_the_share_of_fourth_powers_survives_any_scale() -> None:
    x = RNG.standard_normal((2, 9000))
    exact = (x**4).sum(axis=-1) / (x**2).sum(axis=-1) ** 2
    for power in (-150, 0, 150):
        assert fourth_share(x * 10.0**power) == pytest.approx(exact)
