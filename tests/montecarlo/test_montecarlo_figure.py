"""What `--plot` draws: read from the axes, not from pixels."""

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from montecarlo import Result, Spec, simulate
from montecarlo.figure import MOST_SHOWN, figure_bytes
from montecarlo.histograms import histograms


def axes_of(result: Result, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The panels of the figure of a result."""
    seen: list[list[Any]] = []
    save = Figure.savefig

    def kept(self: Figure, *args: Any, **kwargs: Any) -> None:
        seen.append(self.axes)
        save(self, *args, **kwargs)

    monkeypatch.setattr(Figure, "savefig", kept)
    figure_bytes(result, kind="svg")
    return seen[0]


def band(axes: Any) -> tuple[np.ndarray, np.ndarray]:
    """The least and the largest ordinate of the band at each layer."""
    points = np.asarray(axes.collections[0].get_paths()[0].vertices)
    layers = np.unique(points[:, 0])
    return tuple(np.array([pick(points[points[:, 0] == k, 1]) for k in layers]) for pick in (np.min, np.max))


def test_lines_and_bands_are_the_intervals_and_the_claims_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = {"claim_sigma_w2": 2.2, "claim_growth": 1.1, "claim_gradient_growth": 0.9}
    result = simulate(Spec(widths=(16,) * 7, networks=200, **claims))
    panels = axes_of(result, monkeypatch)
    for axes, name in zip(panels[:3], ("second_moment", "gradient", "ratio"), strict=True):
        intervals = [getattr(layer, name) for layer in result.layers]
        assert axes.lines[0].get_ydata() == pytest.approx([i.estimate for i in intervals])
        low, high = band(axes)
        assert low == pytest.approx([i.low for i in intervals])
        assert high == pytest.approx([i.high for i in intervals])
    assert [axes.get_yscale() for axes in panels[:3]] == ["log", "log", "linear"]
    forward, backward, weights = (np.asarray(axes.lines[1].get_ydata()) for axes in panels[:3])
    assert forward[1:] / forward[:-1] == pytest.approx(1.1)
    assert forward[0] == pytest.approx(result.layers[0].second_moment.estimate)
    assert backward[:-1] / backward[1:] == pytest.approx(0.9)
    assert backward[-1] == pytest.approx(result.layers[-1].gradient.estimate)
    assert list(weights) == [1, 1]
    assert "claimed: 2.2" in [text.get_text() for text in panels[2].get_legend().get_texts()]


def test_beyond_the_range_of_a_double_logarithms_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    result = simulate(Spec(widths=(16,) * 2001, sigma_w2=4.0, networks=40))
    axes = axes_of(result, monkeypatch)[0]
    assert axes.get_yscale() == "linear"
    assert axes.lines[0].get_ydata() == pytest.approx([layer.second_moment.log10 for layer in result.layers])
    assert axes.get_ylabel().startswith("log10")


def test_where_nothing_is_known_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    result = simulate(Spec(activation="tanh", widths=(3, 3), networks=5))
    axes = axes_of(result, monkeypatch)[0]
    assert len(axes.lines) == 0
    assert "too few networks" in axes.texts[0].get_text()


def test_histograms_of_some_layers_are_drawn_first_and_last_included(monkeypatch: pytest.MonkeyPatch) -> None:
    result = simulate(Spec(widths=(16,) * 21, networks=40))
    panels, found = axes_of(result, monkeypatch)[3:], histograms(result.spec)
    for axes, layers, edges in zip(
        panels,
        (found.activations, found.gradients),
        (found.activation_edges, found.gradient_edges),
        strict=True,
    ):
        assert len(axes.patches) == MOST_SHOWN
        for patch, layer in ((axes.patches[0], layers[0]), (axes.patches[-1], layers[-1])):
            shares, scale, _ = patch.get_data()
            assert shares == pytest.approx(100 * layer.counts / layer.values)
            assert scale == pytest.approx(edges)
    told = [text.get_text() for text in panels[0].get_legend().get_texts()]
    assert told[0].startswith("layer 1: ")
    assert told[0].endswith("are 0")
    assert f"{found.networks} networks, {found.dead_networks} dead" in panels[0].get_title()


def test_networks_too_large_for_histograms_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    result = simulate(Spec(widths=(3000,) * 3, networks=4))
    panels = axes_of(result, monkeypatch)[3:]
    assert all("not drawn" in axes.texts[0].get_text() for axes in panels)
