"""The lab's page without a browser: it is whole, and its numbers are those of ``derive`` and ``montecarlo``."""

from __future__ import annotations

import base64
import json
import math
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import derive
from derive.gaussian import read, second_moment
from derive.lab import QUICK, Lab, commands, guide
from derive.lab.networks import spec
from derive.lab.page import NEEDED, MissingExtra, check_extra, page_data
from derive.library import names
from montecarlo import simulate
from montecarlo import training as mt
from tests.cli.test_commands import run

ROOT = Path(__file__).parents[2]


class Elements(HTMLParser):
    """Every element with its attributes, and the texts of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] == "script":
            self.scripts[-1] += data


def read_page(page: str) -> Elements:
    elements = Elements()
    elements.feed(page)
    return elements


@pytest.fixture(scope="module")
def data(page: str) -> dict[str, Any]:
    return json.loads(read_page(page).scripts[0])


def test_the_page_loads_nothing_and_forbids_itself_to(page: str) -> None:
    loading = {"src", "href", "data", "action", "poster", "srcset"}
    for tag, attributes in read_page(page).found:
        for name in loading & set(attributes):
            assert (attributes[name] or "").startswith(("#", "data:")), (tag, attributes)
    policy = next(a["content"] for t, a in read_page(page).found if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "@import" not in page.split("</style>")[0]


def test_the_page_is_small_enough_and_plotly_stands_in_it_once(page: str) -> None:
    assert len(page.encode()) <= 8_000_000
    assert page.count("plotly.js v") == 1


def test_every_id_that_the_script_asks_for_is_there(page: str) -> None:
    ids = [a["id"] for _, a in read_page(page).found if "id" in a]
    assert len(ids) == len(set(ids))
    script = (ROOT / "derive/lab/page.js").read_text(encoding="utf-8")
    asked = {part.split('"')[0] for part in script.split('$("')[1:]}
    assert asked <= set(ids)
    assert len(asked) > 30


def test_every_figure_has_a_heading_and_a_text_and_every_control_a_label(page: str) -> None:
    found = read_page(page).found
    ids = {a.get("id") for _, a in found}
    charts = [a for _, a in found if a.get("class") == "chart"]
    assert len(charts) == 9
    assert all(f"{a['id']}-text" in ids and f"{a['id']}-title" in ids and a["role"] == "img" for a in charts)
    labelled = {a.get("for") for t, a in found if t == "label"}
    assert {a["id"] for t, a in found if t in {"select", "input"} and "id" in a} <= labelled


def test_what_is_simulated_is_what_montecarlo_gives(data: dict[str, Any]) -> None:
    stop = data["activations"]["tanh"]["stops"][1]
    assert stop["label"] == "2"
    cell = stop["biases"][1]["cells"]["8:16"]
    result = simulate(spec(QUICK, "tanh", weight=2.0, bias=0.05, depth=8, width=16))
    for key, name in (("q", "second_moment"), ("g", "gradient")):
        for column, field in zip(cell[key], ("estimate", "low", "high"), strict=True):
            for shown, layer in zip(column, result.layers, strict=True):
                value = getattr(getattr(layer, name), field)
                assert (shown is None) == (not value)
                assert shown is None or shown == pytest.approx(math.log10(value), abs=6e-4)
    assert cell["dead"] == result.dead_networks
    assert tuple(cell["notes"]) == result.notes


def test_what_is_predicted_is_the_recursion(data: dict[str, Any]) -> None:
    """q_1 = w + b, q_{l+1} = w E f(z)^2 + b; gradients are products of w E f'(z)^2. For relu in exact fractions."""
    place = data["activations"]["relu"]["stops"][0]["biases"][1]
    assert data["activations"]["relu"]["stops"][0]["weight"] == 1
    q = [Fraction(21, 20)]
    while len(q) < QUICK.deepest:
        q.append(q[-1] / 2 + Fraction(1, 20))
    assert place["prediction"]["q"] == pytest.approx([math.log10(x) for x in q], abs=1e-4)
    assert place["prediction"]["g"]["4"] == pytest.approx([-k * math.log10(2) for k in (4, 3, 2, 1)], abs=1e-4)
    assert place["prediction"]["error"] < 1e-7


def test_predictions_for_tanh_start_from_its_certified_moments(data: dict[str, Any]) -> None:
    place = data["activations"]["tanh"]["stops"][0]["biases"][0]
    first, second = (10**v for v in place["prediction"]["q"][:2])
    assert first == pytest.approx(1, abs=3e-4)
    assert second == pytest.approx(float(second_moment(read("tanh"), 1).ball.mid()), rel=3e-4)


def test_the_rule_is_among_the_stops_and_is_the_derived_one(data: dict[str, Any]) -> None:
    for name, found in data["activations"].items():
        (stop,) = [s for s in found["stops"] if s["rule"]]
        gain = derive.rule(name, digits=12).forward.gain
        assert gain is not None
        assert stop["weight"] == pytest.approx(float(gain.ball.mid()) ** 2, rel=1e-12)
        assert [s["weight"] for s in found["stops"]] == sorted(s["weight"] for s in found["stops"])
    assert len(data["activations"]["relu"]["stops"]) == len(QUICK.weights)  # 2 is the rule, and stands there once


def test_training_is_what_montecarlo_trains(data: dict[str, Any]) -> None:
    told = data["training"]["moons:tanh"]["runs"]
    asked = QUICK.training
    from montecarlo.streams import generator

    examples = mt.find_data("moons", generator(asked.seed, block=0))
    runs = mt.train(
        examples,
        init=asked.inits,
        activation="tanh",
        depth=asked.depth,
        width=asked.moons_width,
        steps=asked.steps,
        learning_rate=asked.learning_rate,
        batch_size=asked.batch_size,
        seed=asked.seed,
        snapshots=asked.snapshots,
    )
    assert [r["init"] for r in told] == list(asked.inits)
    for shown, ran in zip(told, runs, strict=True):
        assert shown["final"] == pytest.approx(ran.final_loss, abs=1e-4)
        assert shown["loss"] == pytest.approx(ran.losses.tolist(), abs=1e-4)  # fewer steps than points
        assert shown["symmetric"] == ran.symmetric
    xavier, network = told[1], runs[1].snapshots[-1].trained
    x, y = data["training"]["moons:tanh"]["axes"]
    decided = np.frombuffer(base64.b64decode(xavier["snapshots"][-1]["decision"]), dtype=np.uint8).reshape(len(y), -1)
    scores = network.scores(np.array([[x[3], y[7]]]))[0]
    assert decided[7, 3] / 255 == pytest.approx(1 / (1 + math.exp(scores[0] - scores[1])), abs=0.003)


def test_histograms_hold_all_values(data: dict[str, Any]) -> None:
    cell = data["activations"]["relu"]["stops"][0]["biases"][0]["cells"]["8:16"]
    for sizes in (cell["a"], cell["d"]):
        assert sizes["layers"][0] == 1
        assert sizes["layers"][-1] == 8
        for shares, zeros, beyond in zip(sizes["shares"], sizes["zeros"], sizes["beyond"], strict=True):
            assert sum(shares) + zeros + beyond == pytest.approx(1000, abs=0.5 * (QUICK.bins + 2))
    assert all(430 < z < 570 for z in cell["a"]["zeros"])  # of 1,024 or more dependent signs


def test_every_proof_is_there_and_proved(data: dict[str, Any]) -> None:
    assert tuple(data["proofs"]) == names()
    assert all(p["verdict"] == "proved" for p in data["proofs"].values())
    he = data["proofs"]["he-rule"]
    assert len(he["links"]) == 10
    assert he["links"][0]["start"].startswith("<math")
    assert "<math" in he["claim"]
    regimes = data["proofs"]["three-regimes"]["beside"]
    assert {b["verdict"] for b in regimes} <= {"proved", "refuted", "unknown"}
    assert any(b["verdict"] == "proved" and "<math" in b["claim"] for b in regimes)  # what happens above one
    assert "$" not in "".join(link["formula"] + link["reason"] for p in data["proofs"].values() for link in p["links"])


def test_the_guide_names_theorems_of_the_library_only(made: Lab) -> None:
    assert guide.names() <= set(names())
    shown = page_data(made)
    for activation in shown["activations"].values():
        for stop in activation["stops"]:
            for place in stop["biases"]:
                assert place["because"]
                assert {name for name, _ in place["because"]} <= guide.names()


def test_the_grid_is_stated_with_the_number_of_its_cells(data: dict[str, Any]) -> None:
    cells = sum(len(b["cells"]) for a in data["activations"].values() for s in a["stops"] for b in s["biases"])
    assert data["grid"]["cells"] == cells == 5 * 2 * 4  # relu has two stops, tanh three


# --- the command ------------------------------------------------------------------------------------------------------


def test_what_was_made_is_written_and_written_over(
    made: Lab, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("derive.lab.lab", lambda grid, progress: made)
    out = tmp_path / "lab.html"
    for _ in range(2):
        assert commands.lab(out, show=False, quick=True) == 0
        assert out.read_text(encoding="utf-8") == page
    assert "needs no network" in capsys.readouterr().out


@pytest.mark.slow
def test_the_command_writes_the_page(tmp_path: Path) -> None:
    done = run("lab", "--quick", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "needs no network" in done.stdout
    assert (tmp_path / "lab.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("out", ["no-such-folder/lab.html", ".", "notes.html", "/dev/null"])
def test_what_cannot_be_written_is_refused_before_anything_is_made(out: str, tmp_path: Path) -> None:
    notes = tmp_path / "notes.html"
    notes.write_text("<p>mine</p>", encoding="utf-8")
    done = run("lab", "--out", out, cwd=tmp_path)
    assert done.returncode == 2
    assert "name another file with --out" in done.stderr
    assert notes.read_text(encoding="utf-8") == "<p>mine</p>"


def test_a_missing_package_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NEEDED:
        monkeypatch.setattr("derive.lab.page.find_spec", lambda asked, name=name: None if asked == name else True)
        with pytest.raises(MissingExtra, match=rf"{name}.*pip install"):
            check_extra(digits=False)
