import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

import montecarlo.cli
from montecarlo import Spec, plan
from montecarlo.cli import app
from montecarlo.terminal import progress_bar
from tests.loaded import loaded

ROOT = Path(__file__).resolve().parents[2]
QUICK = ["--width", "16", "--depth", "4", "--networks", "400"]
INTERVAL = {"estimate", "low", "high", "log10"}


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_json_has_exactly_the_promised_fields() -> None:
    status, out, err = run(*QUICK, "--json", "--delta", "0.1")
    answer = json.loads(out)
    assert (status, err) == (0, "")
    assert set(answer) == {
        "spec", "method", "networks", "dead_networks", "layers", "claims", "digest", "seconds"
    }  # fmt: skip
    assert answer["method"] == "chain"
    assert answer["networks"] == 400
    assert len(answer["layers"]) == 4
    for layer in answer["layers"]:
        assert set(layer) == {"layer", "second_moment", "gradient", "ratio"}
        assert all(set(layer[name]) == INTERVAL for name in set(layer) - {"layer"})
    for claim in answer["claims"]:
        assert set(claim) == {"claim", "verdict", "delta", "error_rate", "p_value"}
    assert len(answer["digest"]) == 64


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--delta", "0.1"], 0),
        (["--claim-sigma-w2", "2.5"], 1),
        (["--delta", "0.001"], 3),
    ],
)
def test_the_exit_status_is_the_verdict(arguments: list[str], status: int) -> None:
    assert run(*QUICK, *arguments)[0] == status
    assert run(*QUICK, *arguments, "--json")[0] == status


@pytest.mark.parametrize("arguments", [["--json"], [], ["train", "--steps", "1", "--init", "he"]])
def test_an_output_that_nobody_reads_or_that_has_no_room_is_no_verdict_and_no_traceback(arguments: list[str]) -> None:
    size = ["--depth", "300", "--width", "2", *([] if "train" in arguments else ["--networks", "5"])]
    command = [sys.executable, "-m", "montecarlo", *arguments, *size]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as unread:
        assert unread.stdout is not None
        assert unread.stderr is not None
        unread.stdout.close()
        assert unread.stderr.read() == b""
    assert unread.returncode == 141
    if Path("/dev/full").exists():
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT)
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1].startswith("error: there is no space left")


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["--activation", "rleu"], "did you mean 'relu'"),
        (["--law", "orthogonl"], "write one of"),
        (["--networks", "0"], "write at least 1"),
        (["--widths", "4,x"], "write e.g. --widths 784,512,10"),
        (["--widths", "4,4", "--depth", "3"], "without --width and --depth"),
        (["--depth", "0"], "write 1 to 1,000,000"),
        (["--depth", "1000000000000"], "write 1 to 1,000,000"),
        (["--width", "1" + 30 * "0"], "write at most 1,000,000,000"),
        (["--width", "1000000000", "--activation", "gelu"], "write memory = "),
        (["--memory", "1GB"], "is no number of bytes"),
        (["--width", "0"], "two positive sizes"),
        (["--sigma-w2", "-1"], "write a variance"),
        (["--workers", "0"], "write at least 1"),
        (["--residual", "0"], "leave it out"),
        (["--residual", "1", "--widths", "4,5"], "write equal widths"),
        (["--correlation", "0.5"], "write inputs = 2"),
        (["--inputs", "2", "--method", "chain"], "write method conditioned"),
        (["--law", "constant", "--claim-sigma-w2", "2"], "leave the claim out"),
        (["--activation", "softplus", "--sigma-w2", "1e20", "--depth", "30"], "fewer layers"),
        (["--plan", "--checkpoint", "x"], "write it without --checkpoint"),
        (["--plan", "--plot", "x.svg"], "write it without --plot"),
        (["--plan", "--missed-rate", "0"], "between 0 and .5"),
        (["--missed-rate", "0.1"], "write it with --plan"),
        (["--plan", "--delta", "1e-9"], "write a larger delta"),
        (["--scheduler", "nowhere"], "write its address, e.g. --scheduler tcp://"),
        (["--checkpoint", "pyproject.toml"], "is not the journal of a simulation"),
        (["--checkpoint", "no/such/folder/x"], "make it first"),
        (["--plot", "x.pdf"], "ends in .svg or .png"),
        (["--plot", "no/such/folder/x.svg"], "no such folder"),
        (["--sigma-w2", "two"], "Invalid value"),
        (["--nonsense"], "No such option"),
    ],
    ids=str,
)
def test_bad_input_is_answered_on_standard_error_with_a_remedy(arguments: list[str], remedy: str) -> None:
    status, out, err = run(*arguments, "--json")
    assert status == 2
    assert out == ""
    assert remedy in err
    assert "Traceback" not in err


def test_a_folder_that_may_not_be_changed_is_refused_before_anything_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(montecarlo.cli, "simulate", None)
    monkeypatch.setattr(os, "access", lambda *_: False)
    status, out, err = run("--plot", "layers.svg")
    assert (status, out) == (2, "")
    assert "write a name in a folder of yours" in err


@pytest.mark.parametrize(
    "words", [["--depth", "2", "--delta", "0.9"], ["train", "--steps", "1", "--init", "variance:２"]]
)
def test_a_terminal_that_knows_ascii_only_is_enough_and_so_is_none(words: list[str]) -> None:
    command = [sys.executable, "-m", "montecarlo", *words]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    silent = subprocess.run(["/bin/sh", "-c", '"$@" >&-', "sh", *command], capture_output=True, check=False, cwd=ROOT)
    assert (silent.returncode, silent.stdout, silent.stderr) == (0, b"", b"")


def test_the_table_names_claims_bases_and_what_would_decide() -> None:
    _, out, _ = run("--widths", "16,16,16", "--networks", "50")
    assert "inconclusive: forward: n_in Var(W) = 2" in out
    assert "exact" in out
    assert "networks would decide it" in out


def test_several_inputs_are_shown_with_their_correlations() -> None:
    status, out, _ = run(*QUICK, "--inputs", "2", "--correlation", "0.5", "--json", "--delta", "0.1")
    answer = json.loads(out)
    assert (status, answer["method"]) == (0, "conditioned")
    assert all(set(layer["correlation"]) == INTERVAL for layer in answer["layers"])
    assert "correlation" in run(*QUICK, "--inputs", "2", "--delta", "0.1")[1]


def test_moments_are_shown_if_asked_for() -> None:
    status, out, _ = run(*QUICK, "--moments", "--json", "--delta", "0.1")
    answer = json.loads(out)
    assert status == 0
    for name in ("mean", "kurtosis", "weight_gradient"):
        assert all(set(layer[name]) == INTERVAL for layer in answer["layers"])
    assert "kurtosis" in run(*QUICK, "--moments", "--delta", "0.1")[1]


def test_deep_networks_are_shown_in_few_rows_and_refusals_are_noted() -> None:
    status, out, err = run("--activation", "gelu", "--width", "8", "--depth", "60", "--networks", "40", "--delta", ".3")
    assert status == 0
    assert len(out.splitlines()) < 40
    assert "note: second moments of" in err


def test_it_runs_as_a_module_and_prints_the_same_digest_again() -> None:
    command = [sys.executable, "-m", "montecarlo", *QUICK, "--json", "--delta", "0.1"]
    digests = set()
    for workers in ("1", "2"):
        done = subprocess.run([*command, "--workers", workers], capture_output=True, text=True, check=False)
        assert done.returncode == 0
        assert done.stderr == ""
        digests.add(json.loads(done.stdout)["digest"])
    assert len(digests) == 1


# --- plans


def test_a_plan_says_how_many_networks_it_takes_and_draws_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(montecarlo.cli, "simulate", None)
    options = ["--plan", "--width", "16", "--depth", "4", "--delta", "0.01", "--missed-rate", "5e-5"]
    status, out, err = run(*options, "--json")
    answer = json.loads(out)
    assert (status, err) == (0, "")
    assert set(answer) == {"spec", "missed_rate", "plan"}
    planned = plan(Spec(widths=(16,) * 5, delta=0.01, claim_sigma_w2=2.0), missed_rate=5e-5)
    assert answer["plan"] == [{"claim": one.claim, "to_find": one.to_find, "to_agree": one.to_agree} for one in planned]
    status, out, err = run(*options)
    assert (status, err) == (0, "")
    for one in planned:
        assert re.search(rf"{re.escape(one.claim)} +│ +{one.to_find:,} +│ +{one.to_agree:,} ", out)


# --- the bar


def test_a_bar_with_rate_and_remaining_time_is_shown_on_a_terminal_only() -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=100)
    with progress_bar(400, terminal) as moved:
        assert moved is not None
        for _ in range(4):
            moved(50)
    shown = terminal.file.getvalue()
    assert "200/400" in shown
    assert "networks/s" in shown
    assert re.search(r"0:00:0\d", shown)
    pipe = Console(file=io.StringIO())
    with progress_bar(400, pipe) as moved:
        assert moved is None
    assert pipe.file.getvalue() == ""


def test_control_c_without_a_journal_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(montecarlo.cli, "simulate", interrupted)
    assert run(*QUICK) == (130, "", "interrupted; nothing was written\n")


# --- the journal and the figure


def test_a_checkpoint_gives_the_same_answer_twice_and_refuses_another_question(tmp_path: Path) -> None:
    options = [*QUICK, "--json", "--delta", "0.1", "--checkpoint", str(tmp_path / "run")]
    first, second = (json.loads(run(*options)[1]) for _ in range(2))
    assert first["digest"] == second["digest"] == json.loads(run(*QUICK, "--json", "--delta", "0.1")[1])["digest"]
    before = (tmp_path / "run").read_bytes()
    status, out, err = run(*options, "--seed", "5")
    assert (status, out) == (2, "")
    assert "seed 0, not 5" in err
    assert (tmp_path / "run").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "name", "start"),
    [([], "a.svg", b"<?xml"), ([], "a.PNG", b"\x89PNG"), (["--sigma-w2", "9", "--depth", "900"], "a.svg", b"<?xml")],
)
def test_plot_writes_a_figure(options: list[str], name: str, start: bytes, tmp_path: Path) -> None:
    pictures: list[bytes] = []
    for _ in range(2):
        status, _, err = run("--width", "16", *options, "--networks", "50", "--plot", str(tmp_path / name))
        assert status in {0, 3}
        assert err == ""
        pictures.append((tmp_path / name).read_bytes())
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(start)


def test_nothing_is_drawn_where_the_input_is_bad(tmp_path: Path) -> None:
    options = ["--checkpoint", str(tmp_path / "run"), "--plot", str(tmp_path / "a.svg")]
    assert run(*options, "--method", "chain", "--activation", "tanh")[0] == 2
    assert run(*options, "--activation", "tanh", "--plot", str(tmp_path / "a.gif"))[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_starting_loads_neither_matplotlib_nor_dask() -> None:
    assert not {"matplotlib", "distributed", "dask", "scipy.stats"} & loaded("import montecarlo.cli")
