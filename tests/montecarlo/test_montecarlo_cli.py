import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from montecarlo.cli import app

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


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["--activation", "rleu"], "did you mean 'relu'"),
        (["--law", "orthogonl"], "write one of"),
        (["--networks", "0"], "write at least 1"),
        (["--widths", "4,x"], "write e.g. --widths 784,512,10"),
        (["--widths", "4,4", "--depth", "3"], "without --width and --depth"),
        (["--depth", "0"], "write at least 1"),
        (["--width", "0"], "two positive sizes"),
        (["--sigma-w2", "-1"], "write a variance"),
        (["--workers", "0"], "write at least 1"),
        (["--residual", "0"], "leave it out"),
        (["--residual", "1", "--widths", "4,5"], "write equal widths"),
        (["--correlation", "0.5"], "write inputs = 2"),
        (["--inputs", "2", "--method", "chain"], "write method conditioned"),
        (["--law", "constant", "--claim-sigma-w2", "2"], "leave the claim out"),
        (["--activation", "softplus", "--sigma-w2", "1e20", "--depth", "30"], "fewer layers"),
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
