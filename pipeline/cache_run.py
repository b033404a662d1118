"""Whether anything has changed since the run before: known before anything heavy is imported, or a file opened.

A run leaves a note of what it was asked, of the stamps of everything it read and wrote, and of what it said. While all
of that is as it was, the outputs are what the same run would write again. A run that stands for now, not for a moment
given, is good for the rest of its day: all that now decides is decided by the day (which units exist, what is due).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final, NamedTuple

from schemas.decisions import FILE as DECISIONS

from .cache import FOLDER, version_of

_FILE: Final = "run.json"
_VIETNAM: Final = timezone(timedelta(hours=7))


@dataclass(frozen=True)
class Said:
    """What the run before said: its summary, its moment, whether something was incomplete, and its language."""

    summary: str
    as_of: datetime
    is_incomplete: bool
    language: str


class Inputs(NamedTuple):
    """A digest of a campaign's inputs; of decisions.xlsx apart, since a run adds its own questions there."""

    others: str
    decisions: str


def unchanged(folder: Path, output: Path, asked: Mapping[str, object]) -> Said | None:
    """Return what the run before said where the same run now would write the same outputs, else None.

    Args:
        folder: the campaign's inputs.
        output: its outputs.
        asked: every option that the outputs depend on.
    """
    try:
        note = json.loads((output / FOLDER / _FILE).read_text(encoding="utf-8"))
        as_of = datetime.fromisoformat(note["as_of"])
        said = Said(str(note["summary"]), as_of, bool(note["is_incomplete"]), str(note["language"]))
        is_same = note["asked"] == _asked(asked) and note["version"] == version_of()
        is_of_today = note["is_fixed"] or _is_same_day(said.as_of)
        if not is_same or not is_of_today or note["outputs"] != list(_stamps(output, note["written"])):
            return None
        return said if note["inputs"] == list(stamp_of(folder)) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(output: Path, asked: Mapping[str, object], said: Said, inputs: Inputs, *, is_fixed: bool) -> None:
    """Leave a note for the next run.

    Args:
        output: the outputs.
        asked: every option that the outputs depend on.
        said: what this run says.
        inputs: `stamp_of` the inputs, which are those that the run read.
        is_fixed: whether the run stands for a moment given, rather than for now.
    """
    path = output / FOLDER / _FILE
    manifest = json.loads((output / "run.json").read_text(encoding="utf-8"))
    written = ["run.json", *manifest["outputs"]]
    note: dict[str, Any] = {
        "asked": _asked(asked),
        "version": version_of(),
        "as_of": said.as_of.isoformat(),
        "is_fixed": is_fixed,
        "is_incomplete": said.is_incomplete,
        "summary": said.summary,
        "language": said.language,
        "written": written,
        "inputs": list(inputs),
        "outputs": list(_stamps(output, written)),
    }
    beside = path.with_name(f"{_FILE}.{os.getpid()}")
    with suppress(OSError):  # without a note the next run is a whole one
        path.parent.mkdir(exist_ok=True)
        try:
            beside.write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)  # there only where it could not take its place


def _asked(asked: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in sorted(asked.items())}


def _is_same_day(moment: datetime) -> bool:
    now = datetime.now(_VIETNAM)
    return moment <= now and moment.astimezone(_VIETNAM).date() == now.date()


def _stamps(top: Path, names: Iterable[str]) -> Iterator[list[int]]:
    """Yield the stamp of each file, an empty one where it is gone."""
    for name in names:
        try:
            status = os.stat(os.path.join(top, name))
            yield [status.st_size, status.st_mtime_ns, status.st_ino]
        except OSError:
            yield []


def stamp_of(folder: Path) -> Inputs:
    """Return a digest of the names, sizes, times and inodes of a campaign's inputs.

    Links are followed where a run follows them: directly in the campaign's folder, as to a shared submissions/.
    """
    digest = hashlib.sha256()
    decisions = ""
    waiting = [str(folder)]
    while waiting:
        here = waiting.pop()
        is_top = here == str(folder)
        with os.scandir(here) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
        for entry in entries:
            if entry.is_dir(follow_symlinks=is_top):
                waiting.append(entry.path)
                digest.update(f"{entry.path!r}/\n".encode())
                continue
            status = entry.stat(follow_symlinks=is_top and os.path.exists(entry.path))
            stamp = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"
            if entry.path == os.path.join(folder, DECISIONS):
                decisions = stamp
            else:
                digest.update(f"{entry.path!r} {stamp}\n".encode())
    return Inputs(digest.hexdigest(), decisions)
