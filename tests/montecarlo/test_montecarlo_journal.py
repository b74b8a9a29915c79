"""A run goes on from its journal: no block is lost, none counts twice, and the digest is the same."""

import dataclasses
import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import montecarlo.samplers
import montecarlo.streams
from montecarlo import InputError, Spec, find_activation, simulate
from montecarlo.journal import APPLICATION, open_journal
from montecarlo.observations import Block, Observations
from montecarlo.packing import packed, unpacked
from montecarlo.samplers import FASTEST_FIRST, blocks, find_sampler
from montecarlo.tally import Tally, tallied

SPEC = Spec(widths=(40, 200, 200, 30), networks=400, sigma_b2=0.1, law="uniform", claim_sigma_w2=2)
DIGEST = simulate(SPEC).digest
BLOCKS = len(list(blocks(SPEC, find_sampler("auto", SPEC))))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the blocks that are drawn from now on, but for the small networks that a journal is known by."""
    numbers: list[int] = []

    def watched(observe: object) -> object:
        def counted(spec: Spec, block: Block) -> Observations:
            if spec.widths == SPEC.widths:
                numbers.append(block.number)
            return observe(spec, block)

        return counted

    seen = tuple(dataclasses.replace(s, observe=watched(s.observe)) for s in FASTEST_FIRST)
    monkeypatch.setattr(montecarlo.samplers, "FASTEST_FIRST", seen)
    return numbers


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The journal of a run that is done."""
    path = tmp_path_factory.mktemp("finished") / "run"
    simulate(SPEC, checkpoint=path)
    return path.read_bytes()


def interrupted(path: Path, *, after: int, workers: int = 1) -> None:
    left = [after]

    def progress(networks: int) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(SPEC, checkpoint=path, workers=workers, progress=progress)


def written(path: Path) -> list[int]:
    with open_journal(path, SPEC, find_sampler("auto", SPEC)) as journal:
        return sorted(journal.numbers)


# --- bytes


@pytest.mark.parametrize("sampler", FASTEST_FIRST, ids=lambda s: s.name)
@pytest.mark.parametrize(
    "spec",
    [
        Spec(widths=(3, 2, 4)),
        Spec(widths=(1, 1, 1), networks=3),
        Spec(widths=(3, 2, 4), claim_sigma_w2=1.0, claim_derivative=0.5, claim_growth=1.0, fan="in"),
    ],
    ids=["plain", "dying", "claims"],
)
def test_a_tally_comes_back_to_the_bit(sampler: montecarlo.samplers.Sampler, spec: Spec) -> None:
    tally = tallied(sampler.observe(spec, Block(2, 5)))
    again = unpacked(packed(tally))
    assert packed(again) == packed(tally)
    assert (again.networks, type(again.dead)) == (5, int)
    assert (again.derivative is None) == (spec.claim_derivative is None)
    assert again.gradient.log_total.tobytes() == tally.gradient.log_total.tobytes()


@given(
    st.binary(max_size=60) | st.sampled_from([b"[]\n", b'[[".networks", []]]\n' + bytes(8), b'[["x", 3]]\n', b"{}\n"])
)
def test_other_bytes_are_refused(blob: bytes) -> None:
    with pytest.raises(ValueError):
        unpacked(blob)


def test_every_field_of_a_tally_is_packed() -> None:
    tally = tallied(find_sampler("dense", SPEC).observe(SPEC, Block(0, 4)))
    names = {name for name, _ in json.loads(packed(tally).split(b"\n")[0])}
    there = {f.name for f in dataclasses.fields(Tally) if getattr(tally, f.name) is not None}
    assert {name.split(".")[1] for name in names} == there
    odd = dataclasses.replace(tally, alive="text")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="alive"):
        packed(odd)


# --- going on


@pytest.mark.parametrize("after", [1, 3, BLOCKS - 1])
@pytest.mark.parametrize("workers", [1, 3])
def test_an_interrupted_run_goes_on_without_drawing_a_block_again(
    tmp_path: Path, drawn: list[int], after: int, workers: int
) -> None:
    path = tmp_path / "run"
    interrupted(path, after=after, workers=workers)
    time.sleep(0.05 * (workers > 1))  # threads end what they are at; nobody writes it
    kept = written(path)
    assert len(kept) >= after
    drawn.clear()
    assert simulate(SPEC, checkpoint=path, workers=workers).digest == DIGEST
    assert sorted(kept + drawn) == list(range(BLOCKS))
    assert written(path) == list(range(BLOCKS))


def test_a_finished_run_is_read_and_nothing_is_drawn(tmp_path: Path, finished: bytes, drawn: list[int]) -> None:
    path = tmp_path / "run"
    path.write_bytes(finished)
    done: list[int] = []
    assert simulate(SPEC, checkpoint=str(path), progress=done.append).digest == DIGEST
    assert drawn == []
    assert sum(done) == SPEC.networks
    assert os.listdir(tmp_path) == ["run"]


def test_an_empty_file_is_a_new_journal(tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.touch()
    assert simulate(SPEC, checkpoint=path).digest == DIGEST
    assert written(path) == list(range(BLOCKS))


# --- what is refused, and left as it is


def refused(path: Path, spec: Spec = SPEC, *, method: str = "auto") -> str:
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        simulate(spec, checkpoint=path, method=method)
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name]
    assert "; " in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"seed": 1}, "seed 0, not 1"),
        ({"networks": 401}, "networks 400, not 401"),
        ({"law": "rademacher"}, "law"),
        ({"claim_sigma_w2": 2.5}, "claim_sigma_w2 2.0, not 2.5"),
        ({"widths": (40,) * 90}, "..., not"),
        ({"sigma_b2": 0.0}, "sigma_b2"),
    ],
    ids=str,
)
def test_the_journal_of_another_run_is_refused(
    tmp_path: Path, finished: bytes, fields: dict[str, object], said: str
) -> None:
    path = tmp_path / "run"
    path.write_bytes(finished)
    if said == "..., not":
        said = "widths [40, 200, 200, 30], not"
    assert said in refused(path, dataclasses.replace(SPEC, **fields))


def test_so_is_one_of_another_sampler_or_of_another_numpy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, spec = tmp_path / "run", Spec(widths=(4, 4), networks=50)
    simulate(spec, checkpoint=path)
    assert 'method "chain", not "dense"' in refused(path, spec, method="dense")
    monkeypatch.setattr(np, "__version__", "99")
    assert "numpy" in refused(path, spec)


@pytest.mark.parametrize("method", ["dense", "conditioned", "chain"])
def test_so_is_one_that_draws_other_numbers_from_the_same_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """As a later version of the program might, or of a function of the caller's that is called the same."""
    path, spec = tmp_path / "run", Spec(widths=(4, 4), networks=50)
    simulate(spec, checkpoint=path, method=method)
    monkeypatch.setattr(montecarlo.streams, "ANGLES", 2**15)  # twice around: the same law
    with pytest.raises(InputError, match="of another run, with figures of two small networks"):
        simulate(spec, checkpoint=path, method=method)


def test_so_is_one_of_another_function_of_the_same_name(tmp_path: Path) -> None:
    path, gelu = tmp_path / "run", find_activation("gelu")
    spec = Spec(widths=(4, 4), networks=50, activation=gelu)
    simulate(spec, checkpoint=path)
    other = dataclasses.replace(gelu, function=lambda z: 1.001 * gelu.function(z))
    with pytest.raises(InputError, match="of another run, with figures of two small networks"):
        simulate(dataclasses.replace(spec, activation=other), checkpoint=path)


def test_foreign_files_are_refused(tmp_path: Path, finished: bytes) -> None:
    path = tmp_path / "run"
    for content in (b"a text", bytes(5000), finished[:50], b"SQLite format 3\0" + bytes(200)):
        path.write_bytes(content)
        assert "is not the journal" in refused(path)
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    assert "is not the journal" in refused(path)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    assert "version 7" in refused(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    assert "damaged" in refused(path)


def test_places_where_no_file_can_be_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="make it first"):
        simulate(SPEC, checkpoint=tmp_path / "no" / "run")
    with pytest.raises(InputError, match="cannot be read"):
        simulate(SPEC, checkpoint=tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE block SET tally = zeroblob(length(tally)) WHERE number = 3",
        "UPDATE block SET networks = networks + 1 WHERE number = 2",
        "UPDATE block SET number = 99 WHERE number = 2",
        "UPDATE block SET checksum = (SELECT checksum FROM block WHERE number = 1) WHERE number = 2",
        "UPDATE run SET value = '{' WHERE key = 'spec'",
        "DROP TABLE block",
    ],
)
def test_blocks_that_somebody_changed_are_refused(tmp_path: Path, finished: bytes, change: str) -> None:
    path = tmp_path / "run"
    path.write_bytes(finished)
    with sqlite3.connect(path) as connection:
        connection.execute(change)
    connection.close()
    assert "damaged" in refused(path)


@pytest.mark.parametrize(("number", "networks"), [(2, 1), (BLOCKS, 5), (-1, 5)])
def test_blocks_that_the_run_does_not_have_are_refused_whatever_their_checksum(
    tmp_path: Path, finished: bytes, number: int, networks: int
) -> None:
    path = tmp_path / "run"
    path.write_bytes(finished)
    with sqlite3.connect(path) as connection:
        (blob,) = connection.execute("SELECT tally FROM block WHERE number = 2").fetchone()
        checksum = hashlib.sha256(b"%d %d " % (number, networks) + blob).hexdigest()
        connection.execute("INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?)", (number, networks, checksum, blob))
    connection.close()
    assert f"block {number} is not what was written" in refused(path)


def _flipped(content: bytes, at: int, flip: int) -> bytes:
    return content[:at] + bytes([content[at] ^ flip]) + content[at + 1 :]


def test_damage_to_names_texts_and_kinds_is_refused_in_one_sentence(tmp_path: Path, finished: bytes) -> None:
    """SQLite finds no fault with text that is no text, nor with a number that has become nothing."""
    path, said = tmp_path / "run", list[str]()
    first = finished.index(b"CREATE TABLE run")
    texts = [finished.index(text) for text in (b"CREATE TABLE run", b"CREATE TABLE block", b"network", b"block_size")]
    for at in [*texts, *range(first - 250, first, 3), *range(3840, 4096, 5)]:
        path.write_bytes(_flipped(finished, at, 0xDC))
        try:
            with open_journal(path, SPEC, find_sampler("auto", SPEC)) as journal:
                assert set(journal.numbers) <= set(range(BLOCKS))
        except InputError as error:
            said.append(str(error))
        for left in tmp_path.iterdir():
            left.unlink()
    assert len(said) > 20
    assert all("damaged" in text or "another run" in text for text in said)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255), cut=st.booleans())
def test_damage_is_refused_or_harmless(tmp_path: Path, finished: bytes, place: float, flip: int, cut: bool) -> None:
    """A byte that is flipped, or an end that is cut off: no other digest, ever."""
    path = tmp_path / "run"
    at = int(place * len(finished))
    path.write_bytes(finished[:at] if cut else finished[:at] + bytes([finished[at] ^ flip]) + finished[at + 1 :])
    try:
        found = simulate(SPEC, checkpoint=path).digest
    except InputError:
        return
    assert found == DIGEST


def test_two_runs_do_not_share_a_journal(tmp_path: Path) -> None:
    path, sampler = tmp_path / "run", find_sampler("auto", SPEC)
    with open_journal(path, SPEC, sampler), pytest.raises(InputError, match="in use"):
        simulate(SPEC, checkpoint=path)
    assert simulate(SPEC, checkpoint=path).digest == DIGEST


def test_a_full_disk_is_said_with_what_to_do(tmp_path: Path) -> None:
    path, sampler = tmp_path / "run", find_sampler("auto", SPEC)
    block = next(blocks(SPEC, sampler))
    tally = tallied(sampler.observe(SPEC, block))
    with open_journal(path, SPEC, sampler) as journal:
        pages = journal.connection.execute("PRAGMA page_count").fetchone()[0]
        journal.connection.execute(f"PRAGMA max_page_count = {pages}")

        def fill() -> None:
            for number in range(20):
                journal.put(Block(number, block.networks), tally)

        with pytest.raises(InputError, match="make room"):
            fill()
        assert 19 not in journal


# --- killed

COMMAND = [sys.executable, "-m", "montecarlo", "--networks", "300000", "--width", "32", "--depth", "5", "--json"]
KILLED = Spec(widths=(32,) * 6, networks=300_000, claim_sigma_w2=2.0)


def start(path: Path, *options: str) -> subprocess.Popen[str]:
    command = [*COMMAND, "--checkpoint", str(path), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stopped(path: Path, how: signal.Signals, *, after: float) -> tuple[int, str]:
    """Starts a run, and stops it so many seconds after it began to write; its exit status and what it said."""
    process = start(path)
    size = path.stat().st_size if path.exists() else 0
    wal, until = path.with_name(path.name + "-wal"), time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        if path.exists() and (path.stat().st_size != size or wal.exists()):
            break
        time.sleep(0.001)
    time.sleep(after)
    process.send_signal(how)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def survives(path: Path, *, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(kills):
        status, _ = stopped(path, signal.SIGKILL, after=rng.choice([0.0, 0.002, 0.02, 0.05]) * rng.random())
        assert status == -signal.SIGKILL, "the run was over before it was killed: make it longer"
    out, said = start(path).communicate(timeout=120)
    assert said == ""
    assert json.loads(out)["digest"] == simulate(KILLED).digest
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT number, networks FROM block ORDER BY number").fetchall()
    connection.close()
    assert [tuple(block) for block in blocks(KILLED, find_sampler("auto", KILLED))] == rows


def test_three_times_killed_it_finds_the_same(tmp_path: Path) -> None:
    survives(tmp_path / "run", kills=3, seed=1)


@pytest.mark.slow
def test_twenty_times_killed_it_finds_the_same(tmp_path: Path) -> None:
    survives(tmp_path / "run", kills=20, seed=2)


def test_control_c_leaves_a_journal_from_which_the_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "run"
    status, said = stopped(path, signal.SIGINT, after=0.1)
    assert status == 130
    assert said == f"interrupted; the same command goes on from {path}\n"
    with sqlite3.connect(path) as connection:
        (kept,) = connection.execute("SELECT count(*) FROM block").fetchone()
    connection.close()
    assert kept > 0
    out, _ = start(path, "--workers", "2").communicate(timeout=60)
    assert json.loads(out)["digest"] == simulate(KILLED).digest
