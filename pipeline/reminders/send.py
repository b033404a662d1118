"""Drafts that have an address, sent: none twice within some days, whatever was refused or broke off in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from pathlib import Path

from schemas.faults import LostError, RefusedError, file_name
from schemas.words import word

from ..outbox import Sender
from .drafts import Entry, Log, write_index
from .letter import UNSENT, Occasion, line


@dataclass(frozen=True)
class Sending:
    """How to send.

    Attributes:
        limit: mails at most; 0 for all.
        again_after: days after which the same unit may be reminded of the same again.
    """

    limit: int = 0
    again_after: int = 3


def check_sending(occasion: Occasion, folder: Path) -> Sender:
    """Return the way out.

    Raises:
        RefusedError: the settings do not say how.
    """
    outbox, language = occasion.campaign.outbox, occasion.language
    plan = file_name(folder / "campaign.toml")
    if outbox is None:
        raise RefusedError(word("remind_no_outbox", language, file=plan))
    if not occasion.sender:
        raise RefusedError(word("remind_no_sender", language, file=plan))
    return Sender(outbox, occasion.sender, folder, language)


def send(
    entries: list[Entry], home: Path, occasion: Occasion, sender: Sender, how: Sending, say: Callable[[str], None],
    warn: Callable[[str], None],
) -> None:  # fmt: skip
    """Send the drafts that have an address, and note each in the log before the next one goes.

    Raises:
        RefusedError: the server takes nothing of ours.
        LostError: it is not reached, or was lost on the way.
    """
    log = Log(home)
    due = _due(entries, log, occasion, how, sender, say)
    sent, refused = 0, 0
    try:
        if due:
            sender.open()
        for entry in due:
            reason = _send(entry, home, log, sender, occasion.as_of)
            if reason:
                refused += 1
                who = entry.reminder
                told = {"code": who.unit_code, "unit": line(who.unit_name), "to": who.to, "reason": reason}
                warn(word("remind_refused", occasion.language, **told))
                entry.reason = word("remind_reason_refused", occasion.language, reason=reason)
            else:
                sent += 1
    except LostError as fault:
        left = len(due) - sent - refused
        raise LostError(word("remind_lost", occasion.language, fault=fault, sent=sent, left=left)) from None
    finally:
        sender.close()
        write_index(home, entries)
    left = sum(entry.reason == word("remind_reason_limit", occasion.language) for entry in entries)
    say(word("remind_sent", occasion.language, sent=sent, refused=refused, left=left))


def _due(
    entries: list[Entry], log: Log, occasion: Occasion, how: Sending, sender: Sender, say: Callable[[str], None]
) -> list[Entry]:
    """Return what is to be sent now, and say so before anything goes; of the rest the reason is noted."""
    language = occasion.language
    due: list[Entry] = []
    recent = 0
    for entry in entries:
        if not entry.reminder.to:
            continue
        if log.is_recent(entry.key, occasion.as_of, how.again_after):
            recent += 1
            day = f"{datetime.fromisoformat(log.last(entry.key)):%d/%m/%Y}"
            entry.reason = word("remind_reason_recent", language, day=day, days=max(1, how.again_after))
        elif how.limit and len(due) >= how.limit:
            entry.reason = word("remind_reason_limit", language)
        else:
            due.append(entry)
    counts = Counter(entry.reminder.flag for entry in due)
    say(
        word(
            "remind_sending", language, count=len(due), server=sender.server, recent=recent, days=how.again_after,
            addressless=sum(not entry.reminder.to for entry in entries), missing=counts["missing"],
            rejected=counts["rejected"], queried=counts["queried"], not_due=counts["not_due"],
        )
    )  # fmt: skip
    return due


def _send(entry: Entry, home: Path, log: Log, sender: Sender, as_of: datetime) -> str:
    """Send a draft as it lies there, but for the mark of a draft; return why the server takes it not."""
    mail = (home / entry.draft).read_bytes().removeprefix(UNSENT)
    reason = sender.send(entry.reminder.to, mail)
    if not reason:
        message_id = str(BytesHeaderParser().parsebytes(mail)["Message-ID"])
        entry.sent_at = log.add(entry.key, entry.reminder.to, message_id, as_of)
    return reason
