"""A campaign's mailbox -> submissions/mail/: each mail as it is on the server, once, and nothing changed there.

Mails come in ascending order of their UIDs, in handfuls, and each is on disk before the next handful is asked for: when
the connection is lost the rest is asked for anew, and what came stays. No mail is passed over silently: one that is too
large leaves a notice that stands for it, and one that the server does not give is told of, and asked for each time.
"""

from __future__ import annotations

import email
import email.policy
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Final, TypeVar

from schemas import limits
from schemas.campaign import Campaign
from schemas.faults import LostError, RefusedError, shown
from schemas.mailbox import Mailbox
from schemas.vietnamese import printable, repair
from schemas.words import word

from .mailbox_disk import Shelf
from .mailbox_server import PASSWORD, ConnectionLostError, Mail, NotGivenError, Server
from .settings import load_campaign

Progress = Callable[[int, int], None]
PAUSES: Final = (1.0, 3.0, 10.0)  # seconds before it is tried again; anew after each mail that came
_ASKED_AT_ONCE: Final = 500  # sizes
_HANDFUL, _HANDFUL_BYTES = 50, 4 * limits.MEBI
_TRIED: Final = 2  # times that the connection is lost over one mail before the others go first
_HEADERS: Final = re.compile(rb"\r?\n\r?\n")
_NOTICE: Final = (
    b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
)
_TOLD: Final = {"sender": "From", "date": "Date", "subject": "Subject"}
Given = TypeVar("Given")


@dataclass
class Fetched:
    """What came of a fetch.

    Attributes:
        said: lines about single mails that were left.
        summary: one line for the end.
        lost: why not all came that could have; "" where all did.
    """

    summary: str
    said: list[str]
    lost: str


def fetch_mails(folder: Path, language: str, progress: Progress, waiting: Callable[[], None]) -> Fetched:
    """Fetch what is new in the campaign's mailbox.

    Args:
        folder: the campaign's folder.
        language: "vi", "en", or "" for the campaign's own.
        progress: told how many mails of how many are done.
        waiting: called when another fetch of the same campaign is waited for.

    Raises:
        FaultsError: campaign.toml cannot be used.
        RefusedError: it names no mailbox, or one that cannot be had so.
        LostError: submissions/ cannot be written.
    """
    campaign = load_campaign(folder, language or None)
    language = language or campaign.language
    mailbox, password = _asked_for(campaign, folder, language)
    shelf = Shelf(folder / "submissions", mailbox)
    fetching = _Fetching(mailbox, password, folder, shelf, language, progress)
    try:
        with shelf.opened(waiting):
            if link := shelf.link():
                raise RefusedError(word("fetch_is_link", language, path=link.as_posix()))
            try:
                lost = fetching.run()
            finally:
                shelf.note()
    except OSError as fault:  # of the disk: what the server and the network raise has other names by now
        at, reason = fault.filename or shelf.folder, fault.strerror or str(fault)
        raise LostError(word("fetch_disk", language, path=at, reason=reason, new=fetching.new)) from fault
    return Fetched(fetching.summary(folder.resolve().name), fetching.said, lost)


def _asked_for(campaign: Campaign, folder: Path, language: str) -> tuple[Mailbox, str]:
    file = f"{folder.resolve().name}/campaign.toml"
    if campaign.mailbox is None:
        raise RefusedError(word("fetch_no_mailbox", language, file=file))
    if campaign.submissions:
        raise RefusedError(word("fetch_on_storage", language, file=file, url=campaign.submissions))
    password = os.environ.get(PASSWORD, "").rstrip("\r\n")
    if not password:
        raise RefusedError(word("fetch_no_password", language, user=campaign.mailbox.user, variable=PASSWORD))
    return campaign.mailbox, password


@dataclass
class _Fetching:
    """One fetch, over as many connections as it takes."""

    mailbox: Mailbox
    password: str
    folder: Path
    shelf: Shelf
    language: str
    progress: Progress
    new: int = 0
    said: list[str] = field(default_factory=list)
    _names: dict[str, int] = field(default_factory=dict)  # {name: UID} of all that the server has
    _refused: dict[str, str] = field(default_factory=dict)  # {name: line} of what it does not give
    _losses: Counter[str] = field(default_factory=Counter)  # of the connection, while one mail alone was asked for
    _done: int = 0
    _handful: int = _HANDFUL

    def run(self) -> str:
        """Fetch until all has come, or it is no use; return why not all came, "" where it did."""
        server, pauses = "{}:{}".format(*self.mailbox.address), iter(PAUSES)
        while True:
            done = self._done
            try:
                self._over_one_connection()
                break
            except ConnectionLostError as fault:
                pauses = iter(PAUSES) if self._done > done else pauses
                pause = next(pauses, None)
                if pause is None:
                    self._refused = {name: line for name, line in self._refused.items() if name not in self._losses}
                    self.said += self._refused.values()
                    return word("fetch_lost", self.language, server=server, reason=str(fault), new=self.new)
                time.sleep(pause)
        self.said += self._refused.values()
        count = len(self._refused)
        return word("fetch_some_not_given", self.language, server=server, count=count) if count else ""

    def _over_one_connection(self) -> None:
        with Server(self.mailbox, self.password, self.folder, self.language) as server:
            try:
                uids = server.uids(self.mailbox.since)
            except NotGivenError as fault:
                raise ConnectionLostError(str(fault)) from fault
            self._names = {self.shelf.name(server.validity, uid): uid for uid in uids}
            wanted = {
                uid: name for name, uid in self._names.items() if not self.shelf.has(name) and name not in self._refused
            }
            total = self._done + len(wanted)
            self.progress(self._done, total)
            for handful, sizes in self._handfuls(server, wanted):
                self._take(server, handful, sizes, wanted)
                self.progress(self._done, total)

    def _handfuls(self, server: Server, wanted: dict[int, str]) -> Iterator[tuple[list[int], dict[int, int]]]:
        """Yield UIDs that are asked for together, and the sizes of all."""
        uids = list(wanted)
        for start in range(0, len(uids), _ASKED_AT_ONCE):
            asked = uids[start : start + _ASKED_AT_ONCE]
            sizes = self._given(server.sizes, asked, wanted)
            self._forget_gone(asked, sizes, wanted)
            waiting = sorted(sizes)
            while waiting:
                count, total = 1, sizes[waiting[0]]
                while count < min(self._handful, len(waiting)) and total + sizes[waiting[count]] <= _HANDFUL_BYTES:
                    total += sizes[waiting[count]]
                    count += 1
                yield waiting[:count], sizes
                del waiting[:count]

    def _take(self, server: Server, handful: list[int], sizes: dict[int, int], wanted: dict[int, str]) -> None:
        """Put a handful of mails on disk; of one that is too large, a notice."""
        usual = [uid for uid in handful if sizes[uid] <= limits.MAX_FILE_BYTES]
        large = {uid: sizes[uid] for uid in handful if uid not in usual}
        try:
            mails = self._given(server.mails, usual, wanted) if usual else {}
            self._forget_gone(usual, mails, wanted)
            large |= {uid: size for uid, mail in mails.items() if (size := len(mail.data)) > limits.MAX_FILE_BYTES}
            heads = {uid: server.head(uid) for uid in large}
        except ConnectionLostError as fault:
            self._lost_over(handful, wanted, str(fault))
            raise
        for uid, mail in mails.items():
            if uid not in large:
                self.new += self.shelf.store(wanted[uid], mail.data, mail.arrived)
        for uid, size in large.items():
            self._leave(wanted[uid], heads[uid] or Mail(b"", None), size)
        self._done += len(handful)
        self._handful = min(self._handful * 2, _HANDFUL)

    def _lost_over(self, handful: list[int], wanted: dict[int, str], reason: str) -> None:
        """One mail alone may be what the server breaks over: it is looked for one by one, and let be."""
        self._handful = 1
        if len(handful) == 1:
            name = wanted[handful[0]]
            self._losses[name] += 1
            if self._losses[name] == _TRIED:
                self._refuse(handful[0], name, reason)

    def _given(
        self, ask: Callable[[list[int]], dict[int, Given]], uids: list[int], wanted: dict[int, str]
    ) -> dict[int, Given]:
        """Ask for something of many mails; where the server refuses, of ever fewer, down to the one it is about."""
        try:
            return ask(uids)
        except NotGivenError as fault:
            if len(uids) == 1:
                self._refuse(uids[0], wanted[uids[0]], str(fault))
                return {}
        half = len(uids) // 2
        return self._given(ask, uids[:half], wanted) | self._given(ask, uids[half:], wanted)

    def _forget_gone(self, asked: list[int], given: Mapping[int, object], wanted: dict[int, str]) -> None:
        """A mail that somebody has taken away meanwhile is none of the mailbox any more."""
        for uid in asked:
            if uid not in given and wanted[uid] not in self._refused:
                self._names.pop(wanted[uid], None)

    def _refuse(self, uid: int, name: str, reason: str) -> None:
        self._refused[name] = word("fetch_not_given", self.language, uid=uid, reason=reason)

    # --- what is too large ----------------------------------------------------------------------

    def _leave(self, name: str, head: Mail, size: int) -> None:
        """Put a notice in a mail's place: a mail of ours with its sender, Date and subject, and say so."""
        lines = _HEADERS.split(head.data.lstrip(b"\r\n"), maxsplit=1)[0].rstrip()
        sizes = {"size": _mebi(size), "limit": _mebi(limits.MAX_FILE_BYTES)}
        text = word("fetch_notice", self.language, user=self.mailbox.user, folder=self.mailbox.folder, **sizes)
        data = b"".join((lines + b"\r\n" if lines else b"", _NOTICE, "\r\n".join(text.split("\n")).encode(), b"\r\n"))
        self.shelf.store(name, data, head.arrived, is_notice=True)
        message = email.message_from_bytes(lines, policy=email.policy.default)
        told = {key: self._header(message, header) for key, header in _TOLD.items()}
        path = self.shelf.path(name, is_notice=True).as_posix()
        self.said.append(word("fetch_too_large", self.language, path=path, **sizes, **told))

    def _header(self, message: Message, name: str) -> str:
        """Return a sender's header as it can be shown on a line of a terminal."""
        try:
            text = str(message.get(name, ""))
        except Exception:  # the standard parser raises anything on headers that no mail program would write
            text = ""
        return shown(printable(repair(text)[0])) or word("fetch_unknown", self.language)

    # --- the end --------------------------------------------------------------------------------

    def summary(self, campaign: str) -> str:
        """Return what came, in one line."""
        there = [name for name in self._names if self.shelf.has(name)]
        large = sum(self.shelf.is_left(name) for name in there)
        refused = len(self._refused)
        lost = max(0, len(self._names) - len(there) - refused)
        why = [
            word(key, self.language, count=count, limit=_mebi(limits.MAX_FILE_BYTES))
            for key, count in (("fetch_why_large", large), ("fetch_why_not_given", refused), ("fetch_why_lost", lost))
            if count
        ]
        return word(
            "fetch_done", self.language, user=self.mailbox.user, folder=self.mailbox.folder, campaign=campaign,
            new=self.new, known=max(0, len(there) - self.new - large), left=large + refused + lost,
            why=f" ({'; '.join(why)})" if why else "",
        )  # fmt: skip


def _mebi(size: int) -> str:
    return f"{size / limits.MEBI:.1f} MiB"
