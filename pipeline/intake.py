"""submissions/** -> received files: found without following links, unpacked, hashed.

Nothing is dropped: whatever lies there becomes at least one `Received`, with the reason where it
cannot be read. A mail's attachments carry its sender, Date and Message-ID.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Final

from schemas import limits
from schemas.records import Note, Received
from schemas.vietnamese import repair

_DATED = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2})(\d{2}))?")
_MAIL_HEADER = re.compile(
    rb"^(?:From |From:|Received:|Return-Path:|Date:|Message-ID:|MIME-Version:|Delivered-To:|Subject:|To:|X-[\w-]+:)",
    re.IGNORECASE,
)
_OWN_FILES: Final = frozenset({".gitkeep", ".ds_store", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """One entry found under submissions/: a path to read, or the reason not to."""

    path: str
    file: str  # below submissions/, with forward slashes
    received_at: datetime
    received_by: str  # "folder" or "clock"
    size_bytes: int
    problem: Note | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """Bytes with what is known of how they came."""

    received: Received
    data: bytes


def find_arrivals(folder: Path, zone: object) -> list[Arrival]:
    """List everything under a submissions folder, sorted by path; links and special files are not followed.

    Args:
        folder: the campaign's submissions/; where it does not exist nothing has arrived yet.
        zone: the tzinfo of dated folders and modification times.
    """
    return sorted(_walk(folder, "", None, zone), key=lambda arrival: arrival.file) if folder.is_dir() else []


def _walk(folder: Path, prefix: str, dated: datetime | None, zone: object) -> Iterator[Arrival]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = prefix + entry.name
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                yield from _walk(Path(entry.path), name + "/", _folder_time(entry.name, zone) or dated, zone)
                continue
            if entry.name.lower() in _OWN_FILES:
                continue
            yield _arrival(entry.path, name, status, dated, zone)


def arrival_of(path: Path, zone: object) -> Arrival:
    """Return one file, wherever it lies, as an arrival; its name alone stands for its place."""
    dated = next((moment for part in reversed(path.resolve().parts[:-1]) if (moment := _folder_time(part, zone))), None)
    return _arrival(str(path), path.name, path.stat(follow_symlinks=False), dated, zone)


def _arrival(path: str, file: str, status: os.stat_result, dated: datetime | None, zone: object) -> Arrival:
    clock = datetime.fromtimestamp(int(status.st_mtime), zone)  # type: ignore[arg-type]
    problem = None
    if not stat.S_ISREG(status.st_mode):
        problem = Note("file_not_regular", value=_special(status.st_mode))
    elif status.st_size > limits.MAX_FILE_BYTES:
        limit = f"{limits.MAX_FILE_BYTES // limits.MEBI} MiB"
        size = f"{status.st_size / limits.MEBI:.1f} MiB"
        problem = Note("file_too_large", value=size, detail=(("limit", limit),))
    return Arrival(path, file, dated or clock, "folder" if dated else "clock", status.st_size, problem)


def _special(mode: int) -> str:
    kinds = {stat.S_IFLNK: "link", stat.S_IFIFO: "FIFO", stat.S_IFSOCK: "socket", stat.S_IFDIR: "folder"}
    return kinds.get(stat.S_IFMT(mode), "device")


def _folder_time(name: str, zone: object) -> datetime | None:
    match = _DATED.fullmatch(name)
    if match is None:
        return None
    year, month, day, hour, minute = (int(part) if part else 0 for part in match.groups())
    try:
        return datetime(year, month, day, hour, minute, tzinfo=zone)  # type: ignore[arg-type]
    except ValueError:
        return None


def load(arrival: Arrival) -> Carried:
    """Read an arrival's bytes; a file that cannot be opened is received with the reason."""
    problem, data = arrival.problem, b""
    if problem is None:
        try:
            handle = os.open(arrival.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                data = file.read(limits.MAX_FILE_BYTES + 1)
        except OSError as fault:
            problem = Note("file_damaged", value=fault.strerror or type(fault).__name__)
        else:
            if not data:
                problem = Note("file_empty")
    digest = hashlib.sha256(data).hexdigest() if data else ""
    received = Received(
        file=arrival.file, member="", sha256=digest, file_sha256=digest, size_bytes=arrival.size_bytes,
        received_at=arrival.received_at, received_by=arrival.received_by, problem=problem,
    )  # fmt: skip
    return Carried(received, data)


def is_mail(file: str, data: bytes) -> bool:
    return file.lower().endswith(".eml") or bool(_MAIL_HEADER.match(data))


def unpack_mail(mail: Carried, depth: int = 0) -> Iterator[Carried]:
    """Yield the attachments of a mail, those of forwarded mails included, each as its own thing received.

    A mail without any attachment is itself received, with a note, so that somebody reads it.
    """
    message = message_from_bytes(mail.data, policy=policy.default)
    outer = mail.received
    carrier = replace(
        outer,
        received_at=_mail_date(message) or outer.received_at,
        received_by="mail" if _mail_date(message) else outer.received_by,
        sender=_sender(message),
        message_id=_header(message, "Message-ID"),
    )
    found = False
    for number, part in enumerate(_attachments(message), 1):
        found = True
        data, name = _content(part), _name(part, number)
        inner = replace(
            carrier, member=f"{outer.member}/{name}" if outer.member else name,
            sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data),
            problem=None if data else Note("file_empty"),
        )  # fmt: skip
        if data and depth < limits.MAX_NESTING and part.get_content_type() == "message/rfc822":
            # A forwarded mail was received when it was forwarded: its own Date is the old one's.
            for carried in unpack_mail(Carried(inner, data), depth + 1):
                yield Carried(
                    replace(
                        carried.received,
                        received_at=carrier.received_at,
                        received_by=carrier.received_by,
                        sender=carrier.sender,
                        message_id=carrier.message_id,
                    ),
                    carried.data,
                )
        else:
            yield Carried(inner, data)
    if not found:
        yield Carried(replace(carrier, problem=Note("mail_without_workbook")), b"")


def _attachments(message: EmailMessage) -> Iterator[EmailMessage]:
    for part in message.walk() if message.get_content_maintype() == "multipart" else [message]:
        if part.get_content_maintype() == "multipart":
            continue
        is_text = part.get_content_type() in ("text/plain", "text/html") and not part.get_filename()
        if not is_text or part.get_content_disposition() == "attachment":
            yield part


def _content(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0) if part.is_multipart() else None
        return inner.as_bytes() if isinstance(inner, EmailMessage) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _name(part: EmailMessage, number: int) -> str:
    """A sender's file name as a label only, never a path of ours."""
    try:
        name = part.get_filename() or ""
    except (LookupError, ValueError):
        name = ""
    name = repair(name)[0].replace("\\", "/").rpartition("/")[2].strip()
    return name[:200] or f"part-{number}.{part.get_content_subtype()}"


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(repair(str(message.get(name, "")))[0].split())[:300]
    except (LookupError, ValueError, IndexError, AttributeError):
        return ""


def _sender(message: EmailMessage) -> str:
    return parseaddr(_header(message, "From"))[1].lower()


def _mail_date(message: EmailMessage) -> datetime | None:
    try:
        header = message["Date"]
        moment = header.datetime if header is not None else None
    except (ValueError, TypeError, AttributeError, LookupError, IndexError):
        return None
    return moment if isinstance(moment, datetime) and moment.tzinfo is not None else None
