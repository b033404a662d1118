"""What Outlook makes of a mail: .msg files (extra `msg`) and winmail.dat attachments (extra `tnef`)."""

from __future__ import annotations

import io
import logging
import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy
from email.utils import parseaddr
from typing import TYPE_CHECKING, Final

from schemas import limits
from schemas.records import Note, Received, UnreadableError
from schemas.vietnamese import repair

from ..containers import Budget, short
from .carriers import Carried, Member, came_by_mail, carried_by, extra_missing, plausible

if TYPE_CHECKING:
    from oxmsg.storage import Storage

# What the libraries raise on damaged files, beside ValueError (UnicodeDecodeError is one).
_FAULTS: Final = (
    *(OSError, ValueError, LookupError, TypeError, AttributeError, NameError),
    *(AssertionError, RecursionError, NotImplementedError, struct.error),
)
# Properties of [MS-OXPROPS], by their ids.
_HEADERS, _MESSAGE_ID, _SUBJECT = 0x007D, 0x1035, 0x0037
_SENDER_SMTP, _SENDER, _REPRESENTED_SMTP, _REPRESENTED = 0x5D01, 0x0C1F, 0x5D02, 0x0065
_DELIVERED, _SENT = 0x0E06, 0x0039
_DATA, _LONG_NAME, _SHORT_NAME, _DISPLAY_NAME = 0x3701, 0x3707, 0x3704, 0x3001
_MESSAGE_CODE_PAGE, _BODY_CODE_PAGE = 0x3FFD, 0x3FDE
_TEXT, _TEXT_8_BIT, _BINARY, _OBJECT, _TIME, _NUMBER = 0x001F, 0x001E, 0x0102, 0x000D, 0x0040, 0x0003
_ROOT_HEAD, _EMBEDDED_HEAD = 32, 24  # bytes in front of the properties of a message, and of one inside another
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)


def unpack_outlook(carrier: Carried, kind: str, budget: Budget) -> list[Carried]:
    """Return the attachments of a .msg or winmail.dat, each as a thing received of its own.

    Raises:
        UnreadableError: it is damaged, or the extra that reads it is not installed.
    """
    try:
        received, members = _msg(carrier) if kind == "msg" else (carrier.received, _tnef(carrier.data))
    except _FAULTS as fault:
        raise UnreadableError("mail_unreadable", short(fault)) from fault
    budget.count(len(members))
    if not members:
        return [Carried(replace(received, problem=Note("mail_without_workbook")), b"")]
    return list(carried_by(received, members))


# --- .msg -----------------------------------------------------------------------------------------------


def _msg(carrier: Carried) -> tuple[Received, list[Member]]:
    try:
        from olefile import OleFileIO
        from oxmsg.storage import Storage
    except ImportError:
        raise extra_missing(".msg", "msg") from None
    with OleFileIO(io.BytesIO(carrier.data)) as ole:
        message = Storage.from_ole(ole)
    return _postmarked(carrier.received, message), list(_attachments(message, "", 1))


def _attachments(message: Storage, above: str, levels: int) -> Iterator[Member]:
    """Yield a message's attachments, those of the messages attached to it included, `levels` carriers deep."""
    for number, attached in enumerate(message.iter_attachment_storages(), 1):
        wanted = (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME)
        name = next((text for pid in wanted if (text := _text(attached, pid, message))), f"part-{number}")
        name = above + name.replace("\\", "/").rpartition("/")[2]
        inner = next((part for part in attached.storages if part.name == _stream(_DATA, _OBJECT)), None)
        if inner is None:
            yield Member(name, _bytes(attached, _stream(_DATA, _BINARY)) or b"", levels=levels)
        elif _bytes(inner, "__properties_version1.0") is None:  # a drawing or another program's object
            yield Member(name, b"", Note("file_ignored", value="OLE"), levels=levels)
        elif levels >= limits.MAX_NESTING:
            yield Member(name, b"", Note("carrier_too_deep", detail=(("limit", str(limits.MAX_NESTING)),)))
        else:
            forwarded = list(_attachments(inner, f"{name}.msg/", levels + 1))
            yield from forwarded or [Member(f"{name}.msg", b"", Note("mail_without_workbook"), levels=levels)]


def _postmarked(received: Received, message: Storage) -> Received:
    if came_by_mail(received):
        return received
    headers = message_from_string(_text(message, _HEADERS), policy=policy.default)
    senders = (str(headers.get("From", "")), *(_text(message, pid) for pid in (_SENDER_SMTP, _SENDER)))
    senders += tuple(_text(message, pid) for pid in (_REPRESENTED_SMTP, _REPRESENTED))
    moment = _time(message, _DELIVERED) or _time(message, _SENT)
    message_id = str(headers.get("Message-ID", "")) or _text(message, _MESSAGE_ID)
    return replace(
        received,
        received_at=moment or received.received_at,
        received_by="mail" if moment else received.received_by,
        # inside an organisation Outlook writes a sender as a path of its directory, which is no address
        sender=next((found for text in senders if "@" in (found := parseaddr(text)[1].lower())), ""),
        message_id=" ".join(repair(message_id)[0].split())[:300],
    )


def _stream(pid: int, kind: int) -> str:
    return f"__substg1.0_{pid:04X}{kind:04X}"


def _bytes(storage: Storage, name: str) -> bytes | None:
    return next((stream.bytes_ for stream in storage.streams if stream.name == name), None)


def _text(storage: Storage, pid: int, message: Storage | None = None) -> str:
    """Return a text property; one in 8 bits by the message's code page, which is often not the one it names."""
    written = _bytes(storage, _stream(pid, _TEXT))
    if written is not None:
        return written.decode("utf-16-le", "replace").rstrip("\0")
    written = _bytes(storage, _stream(pid, _TEXT_8_BIT)) or b""
    pages = [_fixed(message or storage, page, _NUMBER) for page in (_MESSAGE_CODE_PAGE, _BODY_CODE_PAGE)]
    named = ["utf-8" if page == 65001 else f"cp{page}" for page in pages if page]
    for encoding in ("utf-8", *named, "cp1258", "cp1252"):
        try:
            return written.decode(encoding).rstrip("\0")
        except (UnicodeDecodeError, LookupError):
            continue
    return written.decode("latin-1").rstrip("\0")


def _fixed(storage: Storage, pid: int, kind: int) -> int:
    """Return a number of the storage's own list of properties, 0 where it has none."""
    listed = _bytes(storage, "__properties_version1.0") or b""
    head = _EMBEDDED_HEAD if storage.path else _ROOT_HEAD
    for start in range(head, len(listed) - 15, 16):
        if int.from_bytes(listed[start : start + 4], "little") == pid << 16 | kind:
            return int.from_bytes(listed[start + 8 : start + (16 if kind == _TIME else 12)], "little")
    return 0


def _time(storage: Storage, pid: int) -> datetime | None:
    ticks = _fixed(storage, pid, _TIME)  # of 100 ns since 1601, UTC
    try:
        return plausible(_EPOCH + timedelta(microseconds=ticks // 10))
    except OverflowError:
        return None


# --- winmail.dat ----------------------------------------------------------------------------------------


def _tnef(data: bytes) -> list[Member]:
    try:
        from tnefparse import TNEF
    except ImportError:
        raise extra_missing("winmail.dat", "tnef") from None
    logging.getLogger("tnefparse").setLevel(logging.CRITICAL)  # it reports what it skips on standard error
    parsed = TNEF(data, do_checksum=False)
    return [Member(_tnef_name(found, number), found.data) for number, found in enumerate(parsed.attachments, 1)]


def _tnef_name(attachment: object, number: int) -> str:
    try:
        name = attachment.long_filename()  # type: ignore[attr-defined]  # tnefparse has no types
    except UnicodeDecodeError:
        name = ""
    text = name if isinstance(name, str) else bytes(name).decode("cp1258", "replace")
    return text.strip("\0 ").replace("\\", "/").rpartition("/")[2] or f"part-{number}"
