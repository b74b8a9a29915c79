"""What a user may write for an activation, and how everything else is refused: where, why, what instead; quickly."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.gaussian import read, refusal
from derive.language.errors import LanguageError
from tests.fuzz import SECONDS, outcome, text_of

ROOT = Path(__file__).resolve().parents[2]

ACCEPTED = [
    "gelu",
    " leaky-relu ",
    "GELU",
    "z*sigmoid(z)",
    "max(z, 0.1*z)",
    "relu(z)^2",
    "0.5*z*(1+tanh(sqrt(2/pi)*(z+0.044715*z^3)))",
    "z - z^3/6",
    "abs(z)^(1/3)",
    "2^z",
    "1/(1 + z^2)",
    "log(1 + exp(z))",
    "hardswish(2*z + 1)",
    "swish(z, 1.702)",
    "gaussian(z)",
    "-z",
]
REFUSED = [
    ("", 0, "is empty"),
    ("  \t ", 0, "is empty"),
    ("z*(1 + z", 2, "never closed"),
    ("z)", 1, "closes nothing"),
    ("geluu", 0, "did you mean `gelu`"),
    ("z*sigmod(z)", 2, "did you mean `sigmoid`"),
    ("z + w", 4, "w=0.25"),
    ("x^2", 0, "the variable is z"),
    ("3 + pi", 0, "not a function of z"),
    ("z - z", 0, "not a function of z"),
    ("1/z", 2, "not defined at z = 0"),
    ("sin(z)/z", 7, "not defined at z = 0"),
    ("1/(z^2 - 2)", 3, "divides by 0"),
    ("1/(z - 0.3)^2", 3, "z = 3/10"),
    ("log(z)", 0, "not defined at z = 0"),
    ("log(abs(z))", 0, "not defined at z = 0"),
    ("sqrt(z)", 0, "not defined at z = -1"),
    ("z^0.5", 0, "not defined at z = -1"),
    ("z^z", 0, "not defined"),
    ("asin(z)", 0, "not defined"),
    ("celu(z, 0)", 0, "not defined"),
    ("z**2", 1, "`^`"),
    ("f = z", 2, "no relation"),
    ("z == 1", 2, "no relation"),
    ("2z", 1, "`*`"),
    ("E(z)", 0, "not a function of a number"),
    ("sum(z, j in 1..3)", 0, "not an activation"),
    ("W[1]*z", 0, "without an index"),
    ("max(z)", 0, "2 arguments"),
    ("tanh()", 5, "expected"),
    ("infinity*z", 0, "unknown name"),
    ("__import__('os').system('touch /tmp/x')", 11, "unexpected character"),
    ("eval(z)", 0, "unknown function"),
    ("lambda z: z", 7, "unexpected"),
    ("z.real", 1, "unexpected character"),
    ("z; import os", 1, "unexpected character"),
    ("exec", 0, "unknown activation"),
    ("open(z)", 0, "unknown function"),
    ("z^100", 1, "too large"),
    ("1" * 101 + "*z", 0, "too long"),
    ("(" * 101 + "z" + ")" * 101, 100, "nested too deeply"),
    ("z" + "+z" * 1500, 2000, "too long"),
    ("z" + "*z" * 900, 0, "too large"),
    ("mish(" * 60 + "z" + ")" * 60, 0, "too large"),  # 2^60 nodes, were it written out
    ("\u0437*2", 0, "plain ASCII"),
    ("z\x00", 1, "plain ASCII"),
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_it_is_an_activation(text: str) -> None:
    f = read(text)
    assert f.value(0).is_finite()
    assert f.value(-3).is_finite()


@pytest.mark.parametrize(("text", "at", "word"), REFUSED, ids=[t[0][:20] or "empty" for t in REFUSED])
def test_it_is_refused_at_its_place_with_a_remedy_within_half_a_second(
    text: str, at: int | None, word: str | None
) -> None:
    read("z")  # the grammar is there
    before = time.process_time()
    try:
        read(text)
        error = None
    except LanguageError as caught:
        error = caught
    assert time.process_time() - before <= 0.5
    assert error is not None
    shown = refusal(text, error)
    assert word in shown
    assert error.at == at
    assert error.remedy
    assert shown.count("\n") >= 3 or "\n" not in text
    assert "theorem" not in shown
    assert "LANGUAGE" not in shown


@pytest.mark.parametrize(
    ("parameters", "word"),
    [
        ({"alpha": "z"}, "not a number"),
        ({"alpha": ""}, "not a number"),
        ({"alpha": "1/0"}, "not defined"),
        ({"alpha": "log(-1)"}, "not defined"),
        ({"alpah": "1"}, "did you mean `alpha`"),
        ({"z": "1"}, "cannot be a parameter"),
        ({"alpha": "__import__('os')"}, "unexpected character"),
    ],
)
def test_parameters_are_numbers(parameters: dict[str, str], word: str) -> None:
    with pytest.raises(LanguageError) as caught:
        read("elu", parameters)
    assert word in caught.value.text()


def test_a_parameter_that_does_not_occur_is_an_error() -> None:
    with pytest.raises(LanguageError, match="does not occur"):
        read("z*sigmoid(z)", {"beta": "2"})


def settled(text: str) -> str:
    """What becomes of a text; anything but an activation or a typed refusal is a fault."""
    kind, seconds = outcome(text)
    assert seconds <= SECONDS, text
    assert kind in {"read", "refused"}, text
    return kind


def test_fuzzed_texts_are_read_or_refused_within_a_fifth_of_a_second() -> None:
    read("z")
    found = [settled(text_of(seed)) for seed in range(4_000)]
    assert 0.05 < found.count("read") / len(found) < 0.5


def fuzz(*arguments: str, planted: str = "") -> subprocess.CompletedProcess[str]:
    code = f"import sys, tests.fuzz as fuzz\n{planted}\nsys.exit(fuzz.main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_the_command_of_the_million_texts_finds_no_fault_and_no_side_effect() -> None:
    done = fuzz("--count", "2000", "--seed", "77000")
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("2,000 texts: ")
    assert "side effects: none" in done.stdout


@pytest.mark.parametrize(
    "planted",
    [
        "fuzz.read = lambda text: 1/0",
        "fuzz.read = lambda text: None",
        "fuzz.read = lambda text, read=fuzz.read: (open('/dev/null').close(), read(text))[1]",
        "fuzz.read = lambda text, read=fuzz.read: (eval('1'), read(text))[1]",
        "fuzz.SECONDS = 0",
    ],
)
def test_the_command_finds_what_is_planted(planted: str) -> None:
    assert fuzz("--count", "40", planted=planted).returncode == 1


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    settled(text)


@pytest.mark.slow
def test_a_hundred_thousand_fuzzed_texts() -> None:
    done = fuzz("--count", "100000", "--seed", "200000")
    assert done.returncode == 0, done.stdout
