"""One reminder as a mail: short, in the words of the catalogue, the same bytes for the same moment.

Names and findings hold what others wrote. Each becomes one line of printable letters before it comes near a header,
and stands there in encoded words. The headers are the older ones of the email package, since folding its newer ones
takes most of a run's time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.charset import QP, Charset
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import quote

from schemas.campaign import Campaign, Round
from schemas.outbox import is_address
from schemas.words import hour_and_day, word

from .chased import Reminder

UNSENT: Final = b"X-Unsent: 1\r\n"  # mail programs open such a file as a draft
_POINTS: Final = 10
_LONGEST: Final = 500  # characters of one text of others
_LONGEST_SENTENCE: Final = 5_000
_XLSX: Final = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_NAME: Final = 700  # bytes of a file's name when it is encoded: a line of a mail has 998
_LINES: Final = compat32.clone(linesep="\r\n")
_TEXT: Final = Charset("utf-8")
_TEXT.body_encoding = QP


@dataclass(frozen=True)
class Occasion:
    """What all reminders of a run share."""

    campaign: Campaign
    round: Round
    as_of: datetime
    known_at: datetime  # the moment of the run that found who owes what
    language: str

    @property
    def sender(self) -> str:
        """The address that mails come from, "" where the plan gives none."""
        outbox = self.campaign.outbox
        return (outbox.sender if outbox else "") or self.reply_to

    @property
    def reply_to(self) -> str:
        email = self.campaign.issuer.email.strip()
        return email if is_address(email) else ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A workbook to be attached; a copy is the unit's own report, marked, else it is a form to be filled in."""

    name: str
    data: bytes
    is_copy: bool

    @property
    def shown(self) -> str:
        """The name that it bears in the mail."""
        stem, dot, ending = line(self.name, _LONGEST_SENTENCE).rpartition(".")
        while len(quote(f"{stem}{dot}{ending}")) > _LONGEST_NAME and stem:
            stem = stem[:-1]
        return f"{stem}{dot}{ending}"


def draft(reminder: Reminder, occasion: Occasion, attachments: Sequence[Attachment]) -> bytes:
    """Return a reminder as the bytes of an .eml that mail programs open as a draft."""
    mail: Any = MIMEMultipart(boundary=f"=_{_digest(reminder, occasion)}")
    issuer = occasion.campaign.issuer
    if occasion.sender:
        mail["From"] = _named(f"{issuer.name} {issuer.superior}", occasion.sender)
    if reminder.to:
        mail["To"] = _named(reminder.through or reminder.unit_name, reminder.to)
    if occasion.reply_to:
        mail["Reply-To"] = occasion.reply_to
    mail["Subject"] = Header(_say(f"mail_subject_{reminder.flag}", reminder, occasion), _TEXT)
    mail["Date"] = format_datetime(occasion.as_of)
    domain = occasion.sender.rpartition("@")[2] or "reminders.invalid"
    mail["Message-ID"] = f"<{_digest(reminder, occasion)}@{domain}>"
    text = MIMENonMultipart("text", "plain")
    text.set_payload("\n".join(_lines(reminder, occasion, attachments)) + "\n", _TEXT)
    mail.attach(text)
    for attached in attachments:
        part = MIMEApplication(attached.data, _XLSX)
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", attached.shown))
        mail.attach(part)
    written: bytes = mail.as_bytes(policy=_LINES)
    return UNSENT + written


def _digest(reminder: Reminder, occasion: Occasion) -> str:
    told = (occasion.campaign.id, reminder.unit_code, occasion.round.id, f"{occasion.as_of:%Y-%m-%d}")
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


def _named(name: str, address: str) -> Header:
    """Return an address with a name, which is encoded whatever it is: no mark of it means anything then."""
    named = Header(line(name), _TEXT)
    named.append(f"<{address}>", "us-ascii")
    return named


def line(text: str, longest: int = _LONGEST) -> str:
    """Return a text of others as one line of printable letters."""
    letters = "".join(letter if letter.isprintable() else " " for letter in text)
    shown = " ".join(letters.split())
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def _say(key: str, reminder: Reminder, occasion: Occasion, **values: object) -> str:
    unit, above, through = (line(text) for text in (reminder.unit_name, reminder.above, reminder.through))
    known = {
        "code": line(reminder.unit_code), "unit": unit, "above": above, "through": through,
        "round": occasion.round.name, "as_of": hour_and_day(occasion.known_at),
    }  # fmt: skip
    return line(word(key, occasion.language, **{**known, **values}), _LONGEST_SENTENCE)


def _lines(reminder: Reminder, occasion: Occasion, attachments: Sequence[Attachment]) -> Iterator[str]:
    campaign, flag = occasion.campaign, reminder.flag
    greeting = "mail_greeting_through" if reminder.through else "mail_greeting_above"
    yield _say(greeting if reminder.through or reminder.above else "mail_greeting", reminder, occasion)
    yield ""
    yield _say("mail_about", reminder, occasion, title=campaign.title)
    if campaign.plan:
        yield _say("mail_plan", reminder, occasion, plan=campaign.plan)
    yield _due(reminder, occasion)
    yield _say("mail_unit", reminder, occasion)
    yield ""
    yield _say(f"mail_{flag}", reminder, occasion)
    yield from _points(reminder, occasion, attachments)
    yield ""
    files = ", ".join(attached.shown for attached in attachments)
    how = "mail_how_copy" if any(attached.is_copy for attached in attachments) else "mail_how_form"
    yield _say(f"{how}_queried" if flag == "queried" else how, reminder, occasion, file=files)
    if flag == "queried":
        yield _say("mail_confirm", reminder, occasion)
    if flag == "missing":
        yield _say("mail_sent_already", reminder, occasion)
    if occasion.reply_to:
        yield _say("mail_address", reminder, occasion, email=occasion.reply_to)
    yield ""
    yield _say("mail_closing", reminder, occasion)
    yield line(campaign.issuer.name)
    yield line(campaign.issuer.superior)


def _due(reminder: Reminder, occasion: Occasion) -> str:
    deadline = occasion.round.deadline
    over = (occasion.as_of.astimezone(deadline.ends().tzinfo) - deadline.ends() + timedelta(days=1)).days
    due = f"{deadline.last_day():%d/%m/%Y}"
    if over > 0:  # a report that is counted is not overdue, whatever is to be confirmed of it
        key = "mail_due" if reminder.flag == "queried" else "mail_due_over"
        return _say(key, reminder, occasion, due=due, days=over)
    return _say("mail_due_left", reminder, occasion, due=due, days=-over)


def _points(reminder: Reminder, occasion: Occasion, attachments: Sequence[Attachment]) -> Iterator[str]:
    if reminder.flag not in ("rejected", "queried"):
        return
    for number, (message, fix) in enumerate(reminder.points[:_POINTS], 1):
        yield f"{number}. {line(message)}"
        if fix:
            yield word("mail_fix", occasion.language, fix=line(fix))
    if (more := len(reminder.points) - _POINTS) > 0:
        key = "mail_more_in_copy" if any(attached.is_copy for attached in attachments) else "mail_more"
        yield _say(key, reminder, occasion, count=more)
