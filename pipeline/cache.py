"""What was read before. A reading serves again only where the file's bytes, and all that reads, are the same.

A reading is known by the sha256 of the bytes and the ending of the name. Which sha256 a file has is known without
opening it while its size, times and inode are what they were; of a file touched since, the bytes are asked.

The file is never trusted: it must bear the version of everything that reads and the sha256 of its own content, and
what it holds can become nothing but the records of a reading. Whatever else is found there is passed over, and written
anew. Other outputs are made without it byte for byte alike.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from schemas.records import Arrival, Received

FOLDER: Final = ".cache"  # in a campaign's outputs
_FILE: Final = "readings"
_MAGIC: Final = b"readings of tallies, 2\n"
_PART: Final = 1_000  # files
_RACY: Final = 2_000_000_000  # ns: a file changed so shortly before it was read may change again within one tick
# What depends on more than the bytes: on the machine's load, on its disk, or on what is installed.
PASSING: Final = frozenset({"file_crashed", "file_unreadable", "extra_missing", "worker_lost"})
_RECORDS: Final = frozenset({
    ("schemas.records", "Received"), ("schemas.records", "TypedTally"), ("schemas.records", "Note"),
    ("datetime", "datetime"), ("datetime", "date"), ("datetime", "timedelta"), ("datetime", "timezone"),
})  # fmt: skip
_ROOT: Final = Path(__file__).resolve().parents[1]

Key = tuple[str, str]  # sha256, ending of the name


class _Kept(NamedTuple):
    """What is kept of one campaign: readings by key, and the key of each file by its name and stamp."""

    readings: dict[Key, list[Received]]
    keys: dict[str, tuple[tuple[int, ...], Key]]


class _Unpickler(pickle.Unpickler):
    """Makes records of a reading, and refuses to make anything else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _RECORDS:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no record of a reading")


def _parts(kept: _Kept) -> Iterator[_Kept]:
    """Yield what is kept in parts: packing notes every object of a part, which of all would take gigabytes."""
    files = iter(kept.keys.items())
    while part := dict(islice(files, _PART)):
        yield _Kept({key: kept.readings[key] for _, key in part.values()}, part)


class _Digested:
    """A file that is written to, with the sha256 of what was."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data)


class Cache:
    """The readings of one campaign's earlier runs.

    Args:
        folder: the campaign's outputs; None remembers nothing.
        version: of everything that reads; readings of another are passed over.
        is_fresh: whether to read everything anew.
    """

    def __init__(self, folder: Path | None, version: str, *, is_fresh: bool = False) -> None:
        self._path = folder / FOLDER / _FILE if folder else None
        self._head = _MAGIC + version.encode("ascii") + b"\n"
        self._started = time.time_ns()
        self._old = _Kept({}, {}) if is_fresh or self._path is None else self._load(self._path)
        self._sizes = {stamp[0] for stamp, _ in self._old.keys.values()}
        self._new = _Kept({}, {})

    def _load(self, path: Path) -> _Kept:
        try:
            data = memoryview(path.read_bytes())  # of which a slice is no copy
        except OSError:
            return _Kept({}, {})
        start = len(self._head) + hashlib.sha256().digest_size
        is_ours = data[: len(self._head)] == self._head
        if not is_ours or hashlib.sha256(data[start:]).digest() != data[len(self._head) : start]:
            return _Kept({}, {})
        kept, stream = _Kept({}, {}), io.BytesIO(data[start:])
        try:
            while stream.tell() < len(data) - start:
                readings, keys = _Unpickler(stream).load()
                kept.readings.update(readings)
                kept.keys.update(keys)
        except Exception:  # a foreign file may raise anything; nothing of it is used
            return _Kept({}, {})
        return kept

    def recall(self, arrivals: Iterable[Arrival]) -> tuple[list[list[Received]], list[Arrival]]:
        """Return what is known of some arrivals, and the arrivals that must be read."""
        known: list[list[Received]] = []
        unknown: list[Arrival] = []
        for arrival in arrivals:
            things = self._recalled(arrival)
            if things is None:
                unknown.append(arrival)
            else:
                known.append(things)
        return known, unknown

    def _recalled(self, arrival: Arrival) -> list[Received] | None:
        if arrival.problem is not None or arrival.size_bytes not in self._sizes:
            return None
        stamp, key = self._old.keys.get(arrival.file, ((), None))
        if key is None or not arrival.stamp or stamp != (arrival.size_bytes, *arrival.stamp):
            key = _key(arrival, _sha256(arrival.path))
        things = self._old.readings.get(key)
        if things is None:
            return None
        self._keep(arrival, key, things)
        return (
            things if all(_is_of(thing, arrival) for thing in things) else [_moved(thing, arrival) for thing in things]
        )

    def learn(self, arrival: Arrival, things: list[Received]) -> None:
        """Keep what was read of an arrival, unless it says more of the moment than of the bytes."""
        if self._path is None or not things[0].file_sha256:
            return
        if any(thing.problem is not None and thing.problem.code in PASSING for thing in things):
            return
        self._keep(arrival, _key(arrival, things[0].file_sha256), things)

    def _keep(self, arrival: Arrival, key: Key, things: list[Received]) -> None:
        self._new.readings[key] = things
        is_settled = all(moment < self._started - _RACY for moment in arrival.stamp[:2])
        self._new.keys[arrival.file] = (arrival.size_bytes, *(arrival.stamp if is_settled else ())), key

    def save(self) -> None:
        """Write what this run has read and recalled, unless that is what was there; and let go of it."""
        if self._path is not None and self._new.keys != self._old.keys:
            with suppress(OSError):  # somebody else's, a file, a full disk: what is not remembered is read again
                self._write(self._path)
        self._new = self._old = _Kept({}, {})

    def _write(self, path: Path) -> None:
        beside = path.with_name(f"{_FILE}.{os.getpid()}")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("wb") as file:
                file.write(self._head + bytes(hashlib.sha256().digest_size))
                packed = _Digested(file)
                for part in _parts(self._new):
                    pickle.dump(tuple(part), packed, protocol=5)
                file.seek(len(self._head))
                file.write(packed.digest.digest())
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)  # there only where it could not take its place


def _key(arrival: Arrival, sha256: str) -> Key:
    return sha256, os.path.splitext(arrival.file)[1].lower()


def _sha256(path: str) -> str:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _is_of(thing: Received, arrival: Arrival) -> bool:
    is_dated = thing.received_by == "mail" or (thing.received_by, thing.received_at) == (
        arrival.received_by, arrival.received_at,
    )  # fmt: skip
    return thing.file == arrival.file and is_dated


def _moved(thing: Received, arrival: Arrival) -> Received:
    """Return a reading as that of another arrival with the same bytes; what a mail says of its own date stands."""
    if thing.received_by == "mail":
        return replace(thing, file=arrival.file)
    return replace(thing, file=arrival.file, received_at=arrival.received_at, received_by=arrival.received_by)


# --- versions ------------------------------------------------------------------------------------------


def version_of(*facts: object) -> str:
    """Return a digest of this project's code and data, of every library installed beside it, and of further facts."""
    digest = hashlib.sha256(repr((sys.version, sorted(_libraries()), facts)).encode())
    for path in _sources():
        digest.update(os.fsencode(path))
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def _libraries() -> list[str]:
    """Return the installed libraries with their versions, as the names of their folders give them."""
    try:
        return [name for name in os.listdir(sysconfig.get_paths()["purelib"]) if name.endswith(".dist-info")]
    except OSError:
        return []


def _sources() -> Iterator[str]:
    for top in ("pipeline", "schemas"):
        for folder, folders, files in os.walk(_ROOT / top):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            yield from (os.path.join(folder, name) for name in sorted(files) if name.endswith((".py", ".toml")))
