"""Submissions on object storage, by fsspec: what lies under a URL is listed, dated and fetched as a folder's files are.

Keys are labels: one with an empty step or `..` in it is reported and not fetched. That an object cannot be fetched
because the storage does not answer is nobody's mistake who sent it: the run ends and says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from schemas import limits
from schemas.faults import RefusedError
from schemas.records import Arrival, Note
from schemas.words import word

from . import NOT_FETCHED
from .arrivals import OWN_FILES, clock_of, folder_time, shown, too_large

_INSTALL: Final = ".venv/bin/python -m pip install -c constraints.txt fsspec s3fs"
_BATCH_BYTES: Final = 64 * limits.MEBI  # fetched side by side: what a worker may hold at once, with room to read it
_MODIFIED: Final = ("LastModified", "last_modified", "mtime", "updated", "created")


def is_url(place: str) -> bool:
    """Whether a place is on object storage and no path of this machine's."""
    return "://" in place


def find_objects(url: str, zone: object, language: str) -> list[Arrival]:
    """List every object below a URL, sorted by its key; where there is nothing, nothing has arrived yet.

    Raises:
        RefusedError: the extra is not installed, or the storage does not answer or grant it.
    """
    try:
        system = _system(url)
        root = str(system._strip_protocol(url)).rstrip("/")
        listed: dict[str, dict[str, Any]] = system.find(root, detail=True)
    except ImportError:
        raise RefusedError(word("storage_extra_missing", language, url=url, install=_INSTALL)) from None
    except Exception as fault:  # each storage has exceptions of its own
        reason = " ".join(f"{type(fault).__name__}: {fault}".split())[:200]
        raise RefusedError(word("storage_unreachable", language, url=url, reason=reason)) from None
    scheme = url.partition("://")[0]
    found = [
        _arrival(f"{scheme}://{path}", path.removeprefix(f"{root}/"), entry, zone)
        for path, entry in listed.items()
        if not path.endswith("/") and path.rpartition("/")[2].lower() not in OWN_FILES
    ]
    return sorted(found, key=lambda arrival: arrival.file)


def _system(url: str) -> Any:
    import fsspec

    return fsspec.core.url_to_fs(url)[0]


def _arrival(path: str, key: str, entry: dict[str, Any], zone: object) -> Arrival:
    steps = key.split("/")
    dated = next((moment for step in reversed(steps[:-1]) if (moment := folder_time(step, zone))), None)
    size = int(entry.get("size") or 0)
    problem = too_large(size)
    if any(step in ("", ".", "..") for step in steps):
        problem = Note("file_not_regular", value="key")
    elif size == 0:
        problem = Note("file_empty")
    modified = _modified(entry)
    clock = clock_of(modified, zone)
    return Arrival(
        path, shown(key), dated or clock, "folder" if dated else "clock", size, problem, _stamp(entry, modified)
    )


def _stamp(entry: dict[str, Any], modified: float) -> tuple[int, ...]:
    """Return what changes with an object: its ETag, where the storage gives one; else it is fetched every time."""
    tag = str(entry.get("ETag") or "")
    told = int.from_bytes(hashlib.sha256(tag.encode()).digest()[:8])
    return (int(modified * 1e9), int(modified * 1e9), told) if tag else ()


def _modified(entry: dict[str, Any]) -> float:
    told = next((entry[key] for key in _MODIFIED if entry.get(key)), 0)
    if isinstance(told, str):
        told = datetime.fromisoformat(told)
    if isinstance(told, datetime):
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
    return float(told)


def fetched(arrivals: Sequence[Arrival]) -> Iterator[Arrival]:
    """Yield arrivals, with the bytes of those that are objects: many are fetched side by side."""
    batch: list[Arrival] = []
    size = 0
    for arrival in arrivals:
        if batch and size + arrival.size_bytes > _BATCH_BYTES:
            yield from _fetched(batch)
            batch, size = [], 0
        batch.append(arrival)
        size += arrival.size_bytes
    yield from _fetched(batch)


def _fetched(batch: list[Arrival]) -> Iterator[Arrival]:
    wanted = [arrival.path for arrival in batch if arrival.problem is None and is_url(arrival.path)]
    got: dict[str, Any] = {}
    if wanted:
        try:
            most = limits.MAX_FILE_BYTES + 1
            answers = _system(wanted[0]).cat_ranges(wanted, 0, most, on_error="return")
        except Exception as fault:  # a library that is missing, a login that has run out
            answers = [fault] * len(wanted)
        got = dict(zip(wanted, answers, strict=True))
    for arrival in batch:
        yield _with(arrival, got[arrival.path]) if arrival.path in got else arrival


def _with(arrival: Arrival, answer: Any) -> Arrival:
    if isinstance(answer, bytes):
        return replace(arrival, data=answer, problem=too_large(len(answer)))
    if isinstance(answer, FileNotFoundError):  # taken away since it was listed
        return replace(arrival, problem=Note("file_damaged", value="no longer there"))
    reason = " ".join(f"{type(answer).__name__}: {answer}".split())[:200]
    return replace(arrival, problem=Note(NOT_FETCHED, value=reason))
