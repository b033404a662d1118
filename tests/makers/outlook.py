"""Mails as Outlook saves them ([MS-OXMSG]) and attachments as it sends them, winmail.dat ([MS-OXTNEF])."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime

from .ole import Tree, compound_file

_TEXT, _TEXT_8_BIT, _BINARY, _OBJECT, _TIME, _NUMBER = 0x001F, 0x001E, 0x0102, 0x000D, 0x0040, 0x0003


def msg(
    attachments: Sequence[tuple[str, bytes | Tree]],
    *,
    sender: str = "ap.hoathuan@binhan.example",
    sent: datetime | None = datetime(2021, 4, 20, 2, 30, tzinfo=UTC),
    headers: str = "",
    encoding: str = "",
    code_page: int = 0,
) -> bytes:
    """Return a .msg; texts are in UTF-16, or in 8 bits in `encoding` while `code_page` is what it says of them."""
    return compound_file(message(attachments, sender, sent, headers, encoding, code_page, head=32))


def message(
    attachments: Sequence[tuple[str, bytes | Tree]],
    sender: str = "",
    sent: datetime | None = None,
    headers: str = "",
    encoding: str = "",
    code_page: int = 0,
    *,
    head: int = 24,
) -> Tree:
    """Return a message's storage; with the shorter head it can be attached to another."""
    texts = {0x0037: "Báo cáo", 0x0C1F: sender, 0x5D01: sender, 0x007D: headers}
    tree, listed = _properties({pid: text for pid, text in texts.items() if text}, encoding)
    if sent is not None:
        ticks = int((sent - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
        listed += struct.pack("<HHIQ", _TIME, 0x0039, 6, ticks)
    if code_page:
        listed += struct.pack("<HHIII", _NUMBER, 0x3FFD, 6, code_page, 0)
    tree["__properties_version1.0"] = bytes(head) + listed
    for number, (name, content) in enumerate(attachments):
        tree[f"__attach_version1.0_#{number:08X}"] = _attachment(name, content, encoding)
    return tree


def _attachment(name: str, content: bytes | Tree, encoding: str) -> Tree:
    tree, listed = _properties({0x3707: name}, encoding)
    method, kind = (1, _BINARY) if isinstance(content, bytes) else (5, _OBJECT)
    tree[f"__substg1.0_3701{kind:04X}"] = content
    size = len(content) if isinstance(content, bytes) else 0xFFFFFFFF
    listed += struct.pack("<HHIII", kind, 0x3701, 6, size, 0) + struct.pack("<HHIII", _NUMBER, 0x3705, 6, method, 0)
    tree["__properties_version1.0"] = bytes(8) + listed
    return tree


def _properties(texts: dict[int, str], encoding: str) -> tuple[Tree, bytes]:
    kind = _TEXT_8_BIT if encoding else _TEXT
    tree: Tree = {
        f"__substg1.0_{pid:04X}{kind:04X}": text.encode(encoding or "utf-16-le") for pid, text in texts.items()
    }
    return tree, b"".join(struct.pack("<HHIII", kind, pid, 6, len(text) * 2 + 2, 0) for pid, text in texts.items())


def winmail(attachments: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the stream that Outlook sends for attachments, each name in plain letters and in UTF-16."""
    stream = struct.pack("<IH", 0x223E9F78, 1) + _attribute(1, 0x9006, 0x0008, struct.pack("<I", 0x10000))
    stream += _attribute(1, 0x9007, 0x0006, struct.pack("<II", 1258, 0))
    for name, data in attachments:
        stream += _attribute(2, 0x9002, 0x0006, struct.pack("<HIIIII", 1, 0, 0, 0, 0, 0)[:14])
        stream += _attribute(2, 0x8010, 0x0001, name.encode("ascii", "replace") + b"\0")
        stream += _attribute(2, 0x800F, 0x0006, data)
        written = name.encode("utf-16-le") + b"\0\0"
        value = struct.pack("<II", 1, len(written)) + written.ljust(-(-len(written) // 4) * 4, b"\0")
        stream += _attribute(2, 0x9005, 0x0006, struct.pack("<IHH", 1, 0x001F, 0x3707) + value)
    return stream


def _attribute(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
