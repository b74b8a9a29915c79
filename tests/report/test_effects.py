"""The report on training: it says no more than was measured and proved, and no change to it is accepted."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from derive import library
from derive.inputs import check_inputs, read_inputs
from derive.report.effects import (
    NAME,
    EffectsError,
    Page,
    check_effects,
    measured_in,
    page,
    verdict_of,
    write_effects,
)
from derive.report.note import rows
from derive.report.values import SEAL, Simulated, seal
from derive.wiring import published, tools

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "reports" / f"{NAME}.md").read_text(encoding="utf-8")
HEADINGS = ("statement", "networks", "measured", "test", "verdict")


def home(name: str) -> tuple[str, str] | None:
    """Every theorem that the page names, as if it were proved; what is proved is tested once, below."""
    return ("proved", name) if name in {theorem for part in page().parts for theorem in part.theorems} else None


def measured() -> Simulated:
    found = measured_in(TEXT)
    assert isinstance(found, Simulated)
    return found


def check(text: str, **options: object) -> str | None:
    given: dict[str, object] = {"home": real, "published": published(NAME), "again": None, **options}
    verdict = check_effects(text, file="x.md", **given)  # type: ignore[arg-type]
    return None if verdict is None else f"{verdict.verdict}: {verdict.message}"


HOMES = {s.name: d.name for d in library.load() for s in (*(c.statement for c in d.beside), d.statement)}


def real(name: str) -> tuple[str, str] | None:
    """The report in which a theorem stands."""
    return ("proved", HOMES[name]) if name in HOMES else None


def test_the_page_is_a_function_of_what_was_measured_and_is_accepted() -> None:
    assert write_effects(page(), measured(), real) == TEXT
    assert check(TEXT) is None


def test_every_statement_of_the_short_page_is_measured_and_agrees() -> None:
    short = [name for part in page().parts if not part.full for name in part.measured]
    assert [row[0] for row in measured().rows if row[-1] == "agree"] == sorted(
        short, key=[r[0] for r in measured().rows].index
    )
    assert len(short) == 12


def test_every_theorem_that_it_rests_on_is_proved() -> None:
    assert list(check_inputs(read_inputs([str(ROOT / "reports" / f"{NAME}.md")]), tools())) == []


def test_the_notes_rows_on_training_rest_on_statements_that_agree() -> None:
    found = [name for row in rows() for name in row.trained]
    assert len(found) >= 9
    assert all(verdict_of(measured(), name) == "agree" for name in found)
    assert not any(row.verdict == "not decided here" for row in rows())


@pytest.mark.parametrize(
    ("prose", "simulated", "says"),
    [
        (page(), replace(measured(), rows=measured().rows[1:]), "`zero-weights-leave-units-equal` was not measured"),
        (page(), replace(measured(), rows=(*measured().rows, ("x", "", "", "", "agree"))), "`x` has no place"),
        (
            replace(page(), parts=(replace(page().parts[0], theorems=("she-rule",)), *page().parts[1:])),
            measured(),
            "`she-rule` is no theorem, not proved",
        ),
    ],
)
def test_a_page_that_says_more_than_is_known_is_not_written(prose: Page, simulated: Simulated, says: str) -> None:
    with pytest.raises(EffectsError, match=says):
        write_effects(prose, simulated, home)


def test_a_theorem_that_is_not_proved_bears_nothing() -> None:
    with pytest.raises(EffectsError, match="`one-half` is refuted, not proved"):
        write_effects(page(), measured(), lambda name: ("refuted", name) if name == "one-half" else home(name))


def test_no_change_of_a_character_is_accepted() -> None:
    rng = random.Random(7)
    for _ in range(60):
        at = rng.randrange(len(TEXT))
        changed = TEXT[:at] + chr((ord(TEXT[at]) + 1) % 0x2FFF) + TEXT[at + 1 :]
        refused = check(changed, home=home if rng.random() < 0.5 else real)
        assert refused is not None, (at, TEXT[at])


def test_figures_that_nobody_measured_leave_it_open_even_with_digests_of_their_own() -> None:
    better = tuple((*row[:2], row[2].replace("0.0", "0.00"), *row[3:]) for row in measured().rows)
    forged = write_effects(page(), replace(measured(), rows=better), real)
    assert forged != TEXT
    assert (check(forged) or "").startswith("unknown: the figures are not those that this version publishes")
    assert (check(forged, again=lambda _: measured()) or "").startswith("error: this report is refused: trained again")
    assert check(TEXT, again=lambda _: measured()) is None


def test_what_was_measured_stands_there_once() -> None:
    line = next(line for line in TEXT.split("\n") if line.startswith(SEAL))
    for text in (TEXT.replace(line, ""), TEXT.replace(line, f"{line}\n{line}")):
        assert measured_in(text) == "what was measured is missing, or is there twice"
    assert line == f"{SEAL}{seal(measured())} -->"


# --- measuring --------------------------------------------------------------------------------------------------------


def test_a_statement_agrees_in_all_seeds_or_does_not() -> None:
    from derive.training import row

    assert row("s", "n", "m", "t", [True, True]) == ("s", "n", "m", "t: 2 of 2", "agree")
    assert row("s", "n", "m", "t", [True, False])[3:] == ("t: 1 of 2", "inconclusive")
    assert row("s", "n", "m", "t", [False, False])[3:] == ("t: 0 of 2", "disagree")


CODE = """
import derive.training as training
training.drawn = lambda *_: ""
print(training.gather().simulated.digest)
"""


@pytest.mark.parametrize("core", ["", pytest.param("Haswell", marks=pytest.mark.slow)])
def test_training_again_gives_the_published_figures(core: str) -> None:
    """Also with the products of another processor, which add up in another order (OpenBLAS on x86 only)."""
    environment = {**os.environ, **({"OPENBLAS_CORETYPE": core} if core else {})}
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    assert done.stdout.strip() == published(NAME)


@pytest.mark.slow
@pytest.mark.parametrize("core", ["Nehalem", "Prescott", "Sandybridge", "Zen", "SkylakeX"])
def test_the_figures_are_those_of_every_kind_of_processor(core: str) -> None:
    test_training_again_gives_the_published_figures(core)


def test_a_planted_error_is_not_taken_for_the_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were xavier's weights as small as small's, no statement about the two would agree."""
    import montecarlo as mc
    from derive import training

    real_train = mc.train

    def confused(data: object, **options: object) -> object:
        runs = real_train(data, **{**options, "init": ["small" if i == "xavier" else i for i in options["init"]]})  # type: ignore[arg-type,union-attr]
        return tuple(replace(run, init=name) for run, name in zip(runs, options["init"], strict=True))  # type: ignore[call-overload]

    monkeypatch.setattr(training.mc, "train", confused)
    plain = [
        training._tanh(seed, init=("zero", "constant", "small", "xavier"), steps=40) for seed in training.SEEDS[:2]
    ]
    found = {row[0]: row[-1] for row in (*training._equal_units(plain), *training._small_weights(plain))}
    assert found["small-weights-learn-slowly"] == "disagree"
    assert found["initialization-decides-how-good-it-becomes"] == "disagree"
    assert found["constant-weights-perform-poorly"] == "disagree"
