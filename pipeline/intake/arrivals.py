"""What lies under submissions/: found without following links, dated, loaded and hashed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from schemas import limits
from schemas.records import Arrival, Note, Received
from schemas.vietnamese import printable

from .carriers import FIRST_YEAR, LAST_YEAR, Carried, unused

_DATED = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2})(\d{2}))?")
_FIRST_MOMENT, _LAST_MOMENT = (int(datetime(year, 6, 1, tzinfo=UTC).timestamp()) for year in (FIRST_YEAR, LAST_YEAR))
OWN_FILES: Final = frozenset({".gitkeep", ".ds_store", "thumbs.db", "desktop.ini"})
_FETCHING: Final = ".fetch-"  # how names begin that `fetch` writes under before a mail is whole, and its note


def find_arrivals(folder: Path, zone: object) -> list[Arrival]:
    """List everything under a submissions folder, sorted by path; links and special files are not followed.

    Args:
        folder: the campaign's submissions/; where it does not exist nothing has arrived yet.
        zone: the tzinfo of dated folders and modification times.
    """
    if not folder.is_dir():
        return []
    taken: set[str] = set()
    found = sorted(_walk(folder, zone), key=lambda arrival: (arrival.file, os.fsencode(arrival.path)))
    return [
        arrival if (label := unused(arrival.file, taken)) == arrival.file else replace(arrival, file=label)
        for arrival in found
    ]


def _walk(root: Path, zone: object) -> Iterator[Arrival]:
    waiting: list[tuple[str, str, datetime | None]] = [(str(root), "", None)]
    while waiting:
        folder, prefix, dated = waiting.pop()
        try:
            with os.scandir(folder) as scan:
                entries = list(scan)
        except OSError as fault:  # a folder without the right to look into it, or a path too long
            found = _arrival(folder, prefix.rstrip("/"), os.lstat(root), dated, zone)
            yield replace(found, problem=Note("file_unreadable", value=fault.strerror or type(fault).__name__))
            continue
        for entry in entries:
            name = prefix + shown(entry.name)
            if entry.is_dir(follow_symlinks=False):
                waiting.append((entry.path, name + "/", folder_time(entry.name, zone) or dated))
            elif entry.name.lower() not in OWN_FILES and not entry.name.startswith(_FETCHING):
                with contextlib.suppress(FileNotFoundError):  # gone since the folder was listed
                    yield _arrival(entry.path, name, entry.stat(follow_symlinks=False), dated, zone)


def shown(name: str) -> str:
    """A file's name as it can be shown: bytes that are no UTF-8 show as a replacement mark too."""
    return printable(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def arrival_of(path: Path, zone: object) -> Arrival:
    """Return one file, wherever it lies, as an arrival; its name alone stands for its place."""
    dated = next((moment for part in reversed(path.resolve().parts[:-1]) if (moment := folder_time(part, zone))), None)
    return _arrival(str(path), shown(path.name), path.stat(follow_symlinks=False), dated, zone)


def _arrival(path: str, file: str, status: os.stat_result, dated: datetime | None, zone: object) -> Arrival:
    clock = clock_of(status.st_mtime, zone)
    problem = too_large(status.st_size)
    if not stat.S_ISREG(status.st_mode):
        problem = Note("file_not_regular", value=_special(status.st_mode))
    stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    return Arrival(path, file, dated or clock, "folder" if dated else "clock", status.st_size, problem, stamp)


def clock_of(modified: float, zone: object) -> datetime:
    """Return a modification time within the years that a thing can have come in: a clock may be wrong."""
    moment = min(max(int(modified), _FIRST_MOMENT), _LAST_MOMENT)
    return datetime.fromtimestamp(moment, zone)  # type: ignore[arg-type]


def too_large(size: int) -> Note | None:
    """Return what is to be said of a file's size, if anything."""
    if size <= limits.MAX_FILE_BYTES:
        return None
    limit = f"{limits.MAX_FILE_BYTES // limits.MEBI} MiB"
    return Note("file_too_large", value=f"{size / limits.MEBI:.1f} MiB", detail=(("limit", limit),))


def _special(mode: int) -> str:
    kinds = {stat.S_IFLNK: "link", stat.S_IFIFO: "FIFO", stat.S_IFSOCK: "socket", stat.S_IFDIR: "folder"}
    return kinds.get(stat.S_IFMT(mode), "device")


def folder_time(name: str, zone: object) -> datetime | None:
    match = _DATED.fullmatch(name)
    if match is None:
        return None
    year, month, day, hour, minute = (int(part) if part else 0 for part in match.groups())
    try:
        moment = datetime(year, month, day, hour, minute, tzinfo=zone)  # type: ignore[arg-type]
    except ValueError:
        return None
    return moment if year >= FIRST_YEAR else None


def is_there(arrival: Arrival) -> bool:
    """Whether an arrival that is to be read can be seen from this machine."""
    return arrival.problem is not None or "://" in arrival.path or os.path.lexists(arrival.path)


def load(arrival: Arrival) -> Carried:
    """Read an arrival's bytes; a file that cannot be opened is received with the reason."""
    problem, data = arrival.problem, arrival.data or b""
    if problem is None and arrival.data is None:
        try:
            handle = os.open(arrival.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with open(handle, "rb", buffering=0) as file:
                data = file.read(arrival.size_bytes + 1) or b""
                if len(data) != arrival.size_bytes:  # it has changed since it was found, or comes in pieces
                    data += file.read(limits.MAX_FILE_BYTES + 1) or b""
        except OSError as fault:
            problem = Note("file_unreadable", value=fault.strerror or type(fault).__name__)
    if problem is None and not data:
        problem = Note("file_empty")
    elif problem is None and too_large(len(data)):  # it has grown since it was found
        problem, data = too_large(len(data)), b""
    digest = hashlib.sha256(data).hexdigest() if data else ""
    received = Received(
        file=arrival.file, member="", sha256=digest, file_sha256=digest, size_bytes=arrival.size_bytes,
        received_at=arrival.received_at, received_by=arrival.received_by, problem=problem,
    )  # fmt: skip
    return Carried(received, data)
