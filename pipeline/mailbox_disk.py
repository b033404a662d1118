"""The mails on disk, below submissions/mail/: what lies there is all that is remembered of earlier fetches.

A mail's name is made of numbers alone: which mailbox and folder (a digest), UIDVALIDITY and UID. It is looked for by
that name anywhere below submissions/, so that an analyst may sort mails into other folders. Where the server numbers
its mails anew, or a mail was renamed, its bytes tell that it is there; so that they need not come again each time, a
note beside the mails says which name stands for which file.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from schemas.mailbox import Mailbox

FOLDER: Final = "mail"
OWN: Final = ".fetch-"  # how names begin that intake passes over
_SAME: Final = f"{OWN}same.json"
_LEFT: Final = ".left.eml"  # how the name of a notice ends that stands for a mail
_NAME: Final = re.compile(r"([0-9a-f]{8}-\d+-\d+)(\.left)?\.eml")
_LONGEST_FOLDER: Final = 60


class Shelf:
    """Where the mails of one mailbox's folder are kept."""

    def __init__(self, submissions: Path, mailbox: Mailbox) -> None:
        self._top = submissions
        self.folder = submissions / FOLDER / _safe(mailbox.folder)
        place = "\0".join(("{}:{}".format(*mailbox.address).lower(), mailbox.user, _inbox(mailbox.folder)))
        self._mailbox = hashlib.sha256(place.encode()).hexdigest()[:8]
        self._names: set[str] = set()
        self._left: set[str] = set()
        self._same: dict[str, list[object]] = {}
        self._unread: dict[int, list[str]] = defaultdict(list)  # by size
        self._of_digest: dict[bytes, str] = {}

    @contextlib.contextmanager
    def opened(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Look through what is there, with nobody else fetching into it meanwhile.

        Raises:
            OSError: the folder cannot be made or read.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder.parent, os.O_RDONLY)  # a file to lock would change with each fetch
        try:
            with _locked(handle, waiting):
                for stale in self.folder.parent.glob(f"{OWN}[0-9]*"):  # of a fetch that was killed
                    stale.unlink()
                self._look()
                yield
        finally:
            os.close(handle)

    def link(self) -> Path | None:
        """Return what is a link of the folders that mails go to; intake would not follow it."""
        return next((path for path in (self.folder.parent, self.folder) if path.is_symlink()), None)

    def name(self, validity: int, uid: int) -> str:
        return f"{self._mailbox}-{validity}-{uid}"

    def has(self, name: str) -> bool:
        """Whether a mail is there: under its name, or another that has its bytes."""
        return name in self._names or name in self._same

    def is_left(self, name: str) -> bool:
        """Whether what is there of a mail is a notice."""
        return name in self._left or str(self._same.get(name, [""])[0]).endswith(_LEFT)

    def store(self, name: str, data: bytes, arrived: datetime | None, *, is_notice: bool = False) -> bool:
        """Write a mail whole or not at all; return False where its very bytes are there already.

        Its time is when it reached the mailbox: that is when it was received, where its own Date says nothing.

        Raises:
            OSError: it cannot be written.
        """
        digest = hashlib.sha256(data).digest()
        twin = self._twin(digest, len(data))
        if twin:
            self._same[name] = twin
            return False
        path = self.path(name, is_notice=is_notice)
        beside = self.folder.parent / f"{OWN}{os.getpid()}"
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if arrived:
            os.utime(beside, (arrived.timestamp(), arrived.timestamp()))
        os.replace(beside, path)
        self._names.add(name)
        self._of_digest[digest] = str(path)
        if is_notice:
            self._left.add(name)
        return True

    def path(self, name: str, *, is_notice: bool = False) -> Path:
        return self.folder / f"{name}{_LEFT if is_notice else '.eml'}"

    def note(self) -> None:
        """Note which names stand for files of other names, if that has changed.

        Raises:
            OSError: it cannot be written.
        """
        path = self.folder.parent / _SAME
        if self._same == _noted(path):
            return
        beside = path.with_name(f"{OWN}{os.getpid()}")
        beside.write_text(json.dumps(self._same, indent=0, sort_keys=True), encoding="utf-8")
        os.replace(beside, path)

    # --- what is there --------------------------------------------------------------------------

    def _look(self) -> None:
        files: dict[str, os.stat_result] = {}
        waiting = [str(self._top)]
        while waiting:
            with os.scandir(waiting.pop()) as scan:
                for entry in scan:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif entry.is_file(follow_symlinks=False) and not entry.name.startswith(OWN):
                        files[os.path.relpath(entry.path, self._top)] = entry.stat(follow_symlinks=False)
        for path, status in files.items():
            self._unread[status.st_size].append(os.path.join(self._top, path))
            found = _NAME.fullmatch(os.path.basename(path))
            if found and status.st_size:  # an empty one was cut by a power failure, and comes again
                self._names.add(found[1])
                if found[2]:
                    self._left.add(found[1])
        noted = _noted(self.folder.parent / _SAME)
        for name, known in noted.items():
            at = files.get(str(known[0]))
            if at and known == _mark(known[0], at):
                self._same[name] = known

    def _twin(self, digest: bytes, size: int) -> list[object]:
        """Return the mark of a file with some bytes, [] if there is none; each file of their number is read once."""
        for path in self._unread.pop(size, ()):
            with contextlib.suppress(OSError):  # taken away meanwhile
                self._of_digest[hashlib.sha256(Path(path).read_bytes()).digest()] = path
        path = self._of_digest.get(digest, "")
        try:
            return _mark(os.path.relpath(path, self._top), os.stat(path)) if path else []
        except OSError:
            return []


@contextlib.contextmanager
def _locked(handle: int, waiting: Callable[[], None]) -> Iterator[None]:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting()
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:  # some network folders cannot be locked; each writes under a name of its own anyway
        pass
    yield  # closing the handle unlocks


def _mark(path: object, status: os.stat_result) -> list[object]:
    return [path, status.st_size, status.st_mtime_ns]


def _noted(path: Path) -> dict[str, list[object]]:
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): [str(file), size, time] for name, (file, size, time) in noted.items()}
    except (OSError, ValueError, TypeError, AttributeError):  # none there, or another's
        return {}


def _inbox(folder: str) -> str:
    """INBOX is the one name whose letters may be of any size."""
    return "INBOX" if folder.upper() == "INBOX" else folder


def _safe(folder: str) -> str:
    """Return a folder's name as a name on disk: letters, digits and spaces, so never a path, a date or hidden."""
    name = unicodedata.normalize("NFC", _inbox(folder))
    return "".join(ch if ch.isalnum() or ch == " " else "_" for ch in name)[:_LONGEST_FOLDER].strip() or "_"
