"""The journal of a run: the tallies of its blocks in an SQLite file, one transaction a block.

A run that was killed goes on from the blocks that are there. A transaction is in the file or it is not, and a block's
number is its key, so that no block is lost once it is written, and none counts twice. A file that is not the journal
of this very run (same spec, sampler, block size and NumPy, and the same figures of two small networks of this kind,
which another version of this program draws otherwise) is refused before anything is written, and so is one that is
damaged: every block carries the SHA-256 of its contents.

While a run is on, or after it was killed, blocks may stand in a second file, FILE-wal; move the two together.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from montecarlo.errors import InputError
from montecarlo.observations import Block
from montecarlo.packing import packed, unpacked
from montecarlo.samplers import Sampler
from montecarlo.spec import Json, Spec
from montecarlo.tally import Tally

MAGIC = b"SQLite format 3\0"
APPLICATION = 0x6D6F6E74  # "mont", in the header of the file at byte 68
SCHEMA = 1  # at byte 60
PATIENCE = 1.0  # seconds to wait for another run that uses the file
SHORT = 40  # characters of a value that a message shows


@dataclass(frozen=True, slots=True)
class Journal:
    """A `Store` in a file; ``numbers`` are the blocks that are in it."""

    path: Path
    connection: sqlite3.Connection
    numbers: set[int]

    def __contains__(self, number: int) -> bool:
        return number in self.numbers

    def put(self, block: Block, tally: Tally) -> None:
        """Writes one block, in a transaction of its own.

        Raises:
            InputError: the file cannot be written.
        """
        blob = packed(tally)
        row = (block.number, block.networks, _checksum(*block, blob), blob)
        try:
            with self.connection:
                self.connection.execute("INSERT INTO block VALUES (?, ?, ?, ?)", row)
        except sqlite3.Error as error:
            message = f"{self.path} cannot be written ({error}); make room, then the same command goes on"
            raise InputError(message) from None
        self.numbers.add(block.number)

    def take(self, number: int) -> Tally:
        """What the file says of a block."""
        (blob,) = self.connection.execute("SELECT tally FROM block WHERE number = ?", (number,)).fetchone()
        return unpacked(blob)


@contextmanager
def open_journal(path: Path, spec: Spec, sampler: Sampler) -> Generator[Journal, None, None]:
    """The journal of a run; a new one where there is no file, or an empty one.

    Raises:
        InputError: the file is no journal, is damaged, belongs to another run, is in use, or cannot be written.
    """
    _check_header(path)
    run: dict[str, Json] = {
        "spec": spec.as_json(),
        "method": sampler.name,
        "block_size": sampler.block_size(spec),
        "numpy": np.__version__,
        "figures of two small networks": _draws(spec, sampler),
    }
    connection = None
    try:
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level="IMMEDIATE")
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        numbers = _entered(path, connection, run)
    except InputError:
        if connection is not None:
            connection.close()
        raise
    except (sqlite3.Error, UnicodeError) as error:  # of text that is none SQLite tells, or its reader in Python
        if connection is not None:
            connection.close()
        raise InputError(_trouble(path, error)) from None
    try:
        yield Journal(path, connection, numbers)
    finally:
        connection.close()


def _draws(spec: Spec, sampler: Sampler) -> list[Json]:
    """What two small networks of this kind look like: so much that another processor's rounding does not matter."""
    width = max(3, spec.inputs)
    small = sampler.observe(replace(spec, widths=(width,) * 3, networks=2, seed=0), Block(0, 2))
    return [f"{value:.3f}" for value in (*small.log_q.flat, *small.log_gradient.flat)]


def _entered(path: Path, connection: sqlite3.Connection, run: Mapping[str, Json]) -> set[int]:
    """The numbers of the blocks in the file, which holds this run; it is made where it is new."""
    if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        _create(connection, run)
        numbers = set[int]()
    else:
        numbers = _verified(path, connection, run)
    # Written ahead, a block costs a twentieth of a millisecond and not ten. The header stands in the file before.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    # From here on the file is this process's: a second run would draw every block again.
    connection.execute("BEGIN IMMEDIATE")
    connection.commit()
    return numbers


def _verified(path: Path, connection: sqlite3.Connection, run: Mapping[str, Json]) -> set[int]:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise InputError(_damaged(path, verdict))
    _check_run(path, dict(connection.execute("SELECT key, value FROM run").fetchall()), run)
    return set(_checked_blocks(path, connection, run))


def _create(connection: sqlite3.Connection, run: Mapping[str, Json]) -> None:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute("CREATE TABLE run (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        connection.execute(
            "CREATE TABLE block (number INTEGER PRIMARY KEY, networks INTEGER NOT NULL, "
            "checksum TEXT NOT NULL, tally BLOB NOT NULL)"
        )
        rows = [(key, json.dumps(value)) for key, value in run.items()]
        connection.executemany("INSERT INTO run VALUES (?, ?)", rows)


def _check_header(path: Path) -> None:
    """Looks at the first bytes before SQLite does, which might write."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        if path.parent.is_dir():
            return
        raise InputError(f"there is no folder {path.parent} for {path.name}; make it first") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); write the name of a file of yours") from None
    if not header:
        return
    application = int.from_bytes(header[68:72], "big")
    if not header.startswith(MAGIC) or len(header) < 100 or application != APPLICATION:
        raise InputError(f"{path} is not the journal of a simulation, or is damaged; write the name of another file")
    schema = int.from_bytes(header[60:64], "big")
    if schema != SCHEMA:
        raise InputError(f"{path} is of version {schema}, this program writes {SCHEMA}; write another file name")


def _check_run(path: Path, found: Mapping[str, str], run: Mapping[str, Json]) -> None:
    """Refuses the journal of another run, and says what is different."""
    try:
        stored: dict[str, Json] = {key: json.loads(value) for key, value in found.items()}
    except ValueError:
        raise InputError(_damaged(path, "what it says of its run cannot be read")) from None
    if stored == run:
        return
    theirs, ours = ({**_fields(r.get("spec")), **{k: v for k, v in r.items() if k != "spec"}} for r in (stored, run))
    name = next(key for key in (*ours, *theirs) if ours.get(key) != theirs.get(key))
    shown = (json.dumps(side.get(name)) for side in (theirs, ours))
    its, yours = (text if len(text) <= SHORT else f"{text[:SHORT]}..." for text in shown)
    raise InputError(
        f"{path} is the journal of another run, with {name} {its}, not {yours}; "
        f"write another file name, or what that run was started with"
    )


def _fields(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _checked_blocks(path: Path, connection: sqlite3.Connection, run: Mapping[str, Json]) -> Iterator[int]:
    size, total = run["block_size"], _fields(run["spec"])["networks"]
    if not isinstance(size, int) or not isinstance(total, int):
        raise InputError(_damaged(path, "it has no sizes"))
    for number, networks, checksum, blob in connection.execute("SELECT * FROM block ORDER BY number"):
        typed = isinstance(number, int) and isinstance(networks, int) and isinstance(blob, bytes)
        if (
            not typed
            or checksum != _checksum(number, networks, blob)
            or number < 0
            or networks != min(size, total - number * size)
        ):
            raise InputError(_damaged(path, f"block {number} is not what was written"))
        yield number


def _checksum(number: int, networks: int, blob: bytes) -> str:
    return hashlib.sha256(b"%d %d " % (number, networks) + blob).hexdigest()


def _damaged(path: Path, what: str) -> str:
    return f"{path} is damaged ({what}); restore a copy, or write another file name to begin anew"


def _trouble(path: Path, error: sqlite3.Error | UnicodeError) -> str:
    if "locked" in str(error):
        return f"{path} is in use by another run; wait for it, or write another file name"
    if "unable to open" in str(error) or "readonly" in str(error):
        return f"{path} cannot be opened ({error}); write the name of a file in a folder that you may write to"
    return _damaged(path, str(error))
