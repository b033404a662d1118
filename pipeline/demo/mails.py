"""Made-up mails with attachments, their dates, boundaries and Message-IDs fixed."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

Attachment = tuple[str, bytes | EmailMessage]


def mail(
    *, sender: tuple[str, str], to: str, sent: datetime, subject: str, body: str, attachments: Sequence[Attachment] = ()
) -> EmailMessage:
    """Return a mail with fixed boundaries and Message-ID.

    Args:
        sender: name and address.
        to: the address it goes to.
        sent: with a time zone; the Date header.
        subject: of the mail.
        body: plain text.
        attachments: (file name, bytes or a forwarded mail), in order.
    """
    message = EmailMessage(policy=SMTP)
    digest = hashlib.sha256(f"{sender[1]}|{sent.isoformat()}|{subject}".encode()).hexdigest()
    message["From"] = formataddr(sender, "utf-8")
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(sent)
    message["Message-ID"] = f"<{digest[:20]}@{sender[1].partition('@')[2]}>"
    message.set_content(body, cte="base64")
    for name, content in attachments:
        if isinstance(content, EmailMessage):
            message.add_attachment(content)
        elif name.endswith(".png"):
            message.add_attachment(content, maintype="image", subtype="png", filename=name)
        else:
            subtype = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            message.add_attachment(content, maintype="application", subtype=subtype, filename=name)
    if attachments:
        message.set_boundary(f"=_{digest[20:44]}")
    return message


def signature_image() -> bytes:
    """Return a small PNG such as mail programs put below a mail: a red flag with a yellow mark."""
    width, height = 36, 24
    red, gold = bytes((218, 37, 29)), bytes((255, 255, 0))
    rows = b"".join(
        b"\0" + b"".join(gold if abs(x - 18) + 2 * abs(y - 12) < 9 else red for x in range(width))
        for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
