"""Mails (.eml): attachments, forwarded mails among them, with the sender, Date and Message-ID of the outermost."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from functools import lru_cache
from itertools import islice
from typing import Final, cast

from schemas import limits
from schemas.records import Note, Received, UnreadableError
from schemas.vietnamese import repair

from ..containers import Budget, short
from .bodies import Bodies
from .carriers import Carried, Member, came_by_mail, carried_by, plausible
from .plain_mail import read_plain_mail

# What the standard parser raises on headers and parts that no mail program would write.
_FAULTS: Final = (
    *(ValueError, LookupError, TypeError, AttributeError, AssertionError),
    *(RecursionError, NotImplementedError, OverflowError, binascii.Error),
)


@lru_cache(maxsize=1 << 10)
def _parsed(name: str, value: str) -> str:
    """Return a header as the standard policy parses it, which it does anew whenever the header is asked for."""
    parsed: str = policy.default.header_factory(name, value)
    return parsed


class _Policy(policy.EmailPolicy):
    """The standard policy, which remembers the headers it has parsed."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        if hasattr(value, "name"):
            return value
        plain = "".join(_LINE_ENDS.split(value))
        return _parsed(name, plain) if len(plain) <= _USUAL_HEADER else _parsed.__wrapped__(name, plain)


_POLICY: Final = _Policy()
_DEEPEST_PART: Final = 50  # multipart in multipart; mail programs reach 4
_MOST_HEADER_LINES: Final = 5000  # a mail that went through many hands has 200
_MOST_BOUNDARIES: Final = 4 * limits.MAX_ARCHIVE_MEMBERS  # lines that may part one piece from the next
_LINE_ENDS: Final = re.compile(r"\n|\r")
_USUAL_HEADER: Final = 2000  # characters
_LONGEST_ID: Final = 300  # of what is kept of a header
_PLAIN_SENDER: Final = re.compile(  # a name in plain or encoded words, or quoted, and an address; or that alone
    r"(?:(?:(?:[A-Za-z0-9]+|=\?utf-8\?[bq]\?[A-Za-z0-9+/=_]*\?=)(?: +|(?=<)))*|\"[A-Za-z0-9 ]*\" *)<"
    r"([A-Za-z0-9._+-]+@[A-Za-z0-9.-]+)>|([A-Za-z0-9._+-]+@[A-Za-z0-9.-]+)",
    re.IGNORECASE,
)
_PLAIN_DATE: Final = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
_UNQUOTED_NAME = re.compile(r'name\*?\s*=\s*"?((?:=\?[^?\s]+\?[bBqQ]\?[^?]*\?=\s*)+)')


def unpack_mail(mail: Carried, budget: Budget) -> list[Carried]:
    """Return the attachments of a mail, each as a thing received of its own.

    A mail that carries none is itself received, with a note, so that somebody reads it.

    Raises:
        UnreadableError: it is no mail that can be taken apart, or has too many parts.
    """
    try:
        _refuse_endless(mail.data)
        most = budget.members_left + 1
        carrier, members = _taken_plainly(mail, most) or _taken_carefully(mail, most)
    except _FAULTS as fault:
        raise UnreadableError("mail_unreadable", short(fault)) from fault
    budget.count(len(members))
    if not members:
        return [Carried(replace(carrier, problem=Note("mail_without_workbook")), b"")]
    return list(carried_by(carrier, members))


def _taken_plainly(mail: Carried, most: int) -> tuple[Received, list[Member]] | None:
    """Take a mail apart by its bytes; None where anything about it is unusual."""
    plain = read_plain_mail(mail.data)
    if plain is None or len(plain.attached) >= most:
        return None
    members = [
        Member(_last_step(repair(part.name)[0].strip()) or f"part-{number}.{part.kind.partition('/')[2]}", part.data)
        for number, part in enumerate(plain.attached, 1)
    ]
    if came_by_mail(mail.received):
        return mail.received, members
    address = _address(plain.sender) if plain.sender else ""
    is_known = _PLAIN_DATE.fullmatch(plain.date) or not plain.date
    if address is None or not is_known or "=?" in plain.message_id or len(plain.message_id) > _LONGEST_ID:
        return None
    moment = _moment(plain.date) if plain.date else None
    return _marked(mail.received, moment, address, " ".join(plain.message_id.split())), members


def _taken_carefully(mail: Carried, most: int) -> tuple[Received, list[Member]]:
    """Take a mail apart with the standard parser."""
    bodies = Bodies(mail.data)
    message, members = _taken_apart(bodies.mail, bodies, most)
    if (
        not bodies.are_all_restored and len(members) < most
    ):  # one stands where none is asked for, as in a forwarded mail
        message, members = _taken_apart(mail.data, None, most)
    return _postmarked(mail.received, message), members


def _taken_apart(data: bytes, bodies: Bodies | None, most: int) -> tuple[EmailMessage, list[Member]]:
    message = cast(EmailMessage, message_from_bytes(data, policy=_POLICY))
    parts = islice(_attachments(message), most)
    return message, [_member(part, number, bodies) for number, part in enumerate(parts, 1)]


def _refuse_endless(data: bytes) -> None:
    """The standard parser takes its time over each header and each part, and a mail may have a million of them."""
    end = re.search(rb"\n\r?\n", data)
    if data.count(b"\n", 0, end.start() if end else len(data)) > _MOST_HEADER_LINES:
        raise UnreadableError("mail_unreadable", f"> {_MOST_HEADER_LINES} header lines")
    if data.count(b"\n--") > _MOST_BOUNDARIES:
        raise UnreadableError("too_many_members", limit=str(limits.MAX_ARCHIVE_MEMBERS))


def _postmarked(received: Received, message: EmailMessage) -> Received:
    """Put a mail's sender, Date and Message-ID to what it carries.

    A mail inside a mail was received when the outer one was: its own Date is older.
    """
    if came_by_mail(received):
        return received
    return _marked(received, _date(message), _sender(message), _header(message, "Message-ID"))


def _marked(received: Received, moment: datetime | None, sender: str, message_id: str) -> Received:
    return replace(
        received,
        received_at=moment or received.received_at,
        received_by="mail" if moment else received.received_by,
        sender=sender,
        message_id=message_id,
    )


def _attachments(message: EmailMessage, depth: int = 0) -> Iterator[EmailMessage]:
    """Yield the parts that are attached: all but the texts of the mail itself."""
    if depth > _DEEPEST_PART:
        raise UnreadableError("carrier_too_deep", limit=str(limits.MAX_NESTING))
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.iter_parts():
            if isinstance(part, EmailMessage):
                yield from _attachments(part, depth + 1)
        return
    is_text = message.get_content_type() in ("text/plain", "text/html") and not _file_name(message)
    if not is_text or message.get_content_disposition() == "attachment":
        yield message


def _member(part: EmailMessage, number: int, bodies: Bodies | None) -> Member:
    name = _last_step(_file_name(part))
    kind = part.get_content_type()
    if kind == "message/rfc822":
        return Member(name or f"part-{number}.eml", _forwarded(part), kind="eml")
    content = part.get_payload(decode=True)
    data = content if isinstance(content, bytes) else b""
    data = bodies.restored(data) if bodies else data
    if not data and kind.startswith("message/"):  # a report that a mail was not delivered, and its like
        return Member(name or f"part-{number}", b"", Note("file_ignored", value=kind))
    return Member(name or f"part-{number}.{part.get_content_subtype()}", data)


def _last_step(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def _forwarded(part: EmailMessage) -> bytes:
    inner = part.get_payload(0) if part.is_multipart() else None
    if not isinstance(inner, EmailMessage):
        return b""
    if str(part.get("Content-Transfer-Encoding", "")).lower() == "base64" and not inner.keys():
        return base64.b64decode(str(inner.get_payload()))  # against the standard, but some programs do
    return inner.as_bytes(policy=policy.compat32)


def _file_name(part: EmailMessage) -> str:
    """Return a sender's file name; encoded but unquoted ones, which the parser gives up on, as well."""
    try:
        name = part.get_filename()
    except _FAULTS:
        name = None
    if not name:
        for header, value in part.raw_items():
            found = _UNQUOTED_NAME.search(str(value)) if header.lower().startswith("content-") else None
            if found:
                name = str(make_header(decode_header(found[1])))
    return repair(name or "")[0].strip()


def _plain(message: EmailMessage, name: str) -> str:
    """Return a header that needs no parsing, as it stands; "" of any other: parsing one takes as long as a workbook."""
    value = next((str(value) for key, value in message.raw_items() if key.lower() == name), "")
    return value if value.isascii() and value.isprintable() and "=?" not in value and len(value) <= _LONGEST_ID else ""


def _sender(message: EmailMessage) -> str:
    value = next((str(value) for key, value in message.raw_items() if key.lower() == "from"), "")
    address = _address(value)
    return parseaddr(_header(message, "From"))[1].lower() if address is None else address


def _address(sender: str) -> str | None:
    """Return the address of a plain sender in small letters, None of any other."""
    found = _PLAIN_SENDER.fullmatch(sender)
    return (found[1] or found[2]).lower() if found else None


def _header(message: EmailMessage, name: str) -> str:
    plain = _plain(message, name.lower())
    if plain:
        return " ".join(plain.split())
    try:
        return " ".join(repair(str(message.get(name, "")))[0].split())[:_LONGEST_ID]
    except _FAULTS:
        return ""


def _date(message: EmailMessage) -> datetime | None:
    plain = _plain(message, "date")
    if _PLAIN_DATE.fullmatch(plain):
        return _moment(plain)
    try:
        header = message["Date"]
        moment = header.datetime if header is not None else None
    except _FAULTS:
        return None
    return plausible(moment) if isinstance(moment, datetime) and moment.tzinfo is not None else None


def _moment(date: str) -> datetime | None:
    """Return the moment that a plain date names; None of one without a zone, or that is none."""
    try:
        moment = parsedate_to_datetime(date)
    except _FAULTS:
        return None
    return plausible(moment) if moment.tzinfo is not None else None
