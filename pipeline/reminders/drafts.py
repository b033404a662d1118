"""What is written: the folder of drafts as a whole, its index, and the log of what was sent, which outlives it."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from .account import LIVE
from .chased import Reminder

FOLDER: Final = "reminders"
INDEX: Final = "reminders.csv"
LOG: Final = "sent.csv"
_COLUMNS: Final = (
    *("unit_code", "unit_name", "round", "flag", "to", "through", "monitor", "draft", "sent_at", "reason"),
)  # fmt: skip
_LOGGED: Final = ("sent_at", "unit_code", "round", "flag", "to", "message_id")
Key = tuple[str, str, str]  # unit, round, flag: what makes two reminders the same


@contextmanager
def replacing(output: Path) -> Iterator[Path]:
    """Give a folder to write into, which takes the place of the earlier drafts when all of it is there.

    The log goes over as it is. Whatever moment a run is killed at, the log is in one of the two folders, and the next
    run finds it. The outputs must be held.
    """
    home = output / FOLDER
    new, old = output / f".{FOLDER}-new", output / f".{FOLDER}-old"
    if old.exists() and not home.exists():  # killed between the two steps below
        os.replace(old, home)
    for stale in (new, old):
        shutil.rmtree(stale, ignore_errors=True)
    new.mkdir()
    try:
        yield new
        if (home / LOG).exists():
            shutil.copy2(home / LOG, new / LOG)
        if home.exists():
            os.replace(home, old)
        os.replace(new, home)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        if home.exists():
            shutil.rmtree(old, ignore_errors=True)


@dataclass
class Entry:
    """A row of reminders.csv."""

    reminder: Reminder
    round: str
    draft: str  # below reminders/
    sent_at: str = ""
    reason: str = ""

    @property
    def key(self) -> Key:
        return self.reminder.unit_code, self.round, self.reminder.flag


def write_index(home: Path, entries: Iterable[Entry]) -> None:
    """Write reminders.csv anew, all of it or nothing."""
    rows: list[tuple[str, ...]] = [_COLUMNS]
    for entry in entries:
        who = entry.reminder
        rows.append(
            (who.unit_code, who.unit_name, entry.round, who.flag, who.to, who.through, who.monitor, entry.draft,
             entry.sent_at, entry.reason)
        )  # fmt: skip
    beside = home / f".{INDEX}"
    beside.write_bytes(b"\xef\xbb\xbf" + b"".join(map(_row, rows)))
    os.replace(beside, home / INDEX)


def _row(cells: Iterable[str]) -> bytes:
    """Return cells as a row of CSV; a text that a spreadsheet would run gets an apostrophe before it."""
    text = io.StringIO(newline="")
    plain = (cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells)
    csv.writer(text, lineterminator="\n").writerow(f"'{cell}" if cell.startswith(LIVE) else cell for cell in plain)
    return text.getvalue().encode()


class Log:
    """What was sent, by unit, round and flag: appended mail by mail, and on disk before the next one goes."""

    def __init__(self, home: Path) -> None:
        self._path = home / LOG
        self._last: dict[Key, str] = {}
        if self._path.exists():
            with self._path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
                for row in csv.reader(file):
                    sent_at, *key = (cell[1:] if cell.startswith("'") else cell for cell in row[:4])
                    if len(key) == 3 and _day(sent_at):
                        self._last[(key[0], key[1], key[2])] = sent_at

    def last(self, key: Key) -> str:
        """Return when a reminder was last sent, "" for never."""
        return self._last.get(key, "")

    def is_recent(self, key: Key, as_of: datetime, days: int) -> bool:
        """Whether a reminder was sent on this day or less than so many before; one dated later counts as recent."""
        day = _day(self.last(key))
        return day is not None and (as_of.date() - day).days < max(1, days)

    def add(self, key: Key, to: str, message_id: str, as_of: datetime) -> str:
        """Note that a reminder was sent; return when."""
        sent_at = as_of.isoformat(timespec="seconds")
        is_new = not self._path.exists()
        with self._path.open("a+b") as file:
            is_torn = not is_new and file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read())[1] != b"\n"
            head = b"\xef\xbb\xbf" + _row(_LOGGED) if is_new else b"\n" if is_torn else b""
            file.write(head + _row((sent_at, *key, to, message_id)))
            file.flush()
            os.fsync(file.fileno())
        self._last[key] = sent_at
        return sent_at


def _day(moment: str) -> date | None:
    try:
        return datetime.fromisoformat(moment).date()
    except ValueError:
        return None
