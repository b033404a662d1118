"""RAR archives without compression, by the published description of the format up to version 4."""

from __future__ import annotations

import struct
import zlib


def rar(members: dict[str, bytes]) -> bytes:
    """Return an archive that holds these members as they are ("store")."""
    archive = b"Rar!\x1a\x07\x00" + _block(0x73, 0, bytes(6))
    for name, data in members.items():
        ascii_name = name.encode("ascii", "replace")
        written = ascii_name if name.isascii() else ascii_name + b"\0" + _encoded(name)
        flags = 0x8000 if name.isascii() else 0x8200
        head = struct.pack(
            "<IIBIIBBHI", len(data), len(data), 2, zlib.crc32(data), 0x52940000, 29, 0x30, len(written), 32
        )
        archive += _block(0x74, flags, head + written) + data
    return archive + _block(0x7B, 0x4000, b"")


def _encoded(name: str) -> bytes:
    """Write a name in full two-byte letters: before each four, a byte that says so of them."""
    letters = b""
    for first in range(0, len(name), 4):
        four = name[first : first + 4]
        letters += b"\xaa" + b"".join(struct.pack("<H", ord(letter)) for letter in four)
    return b"\0" + letters


def _block(kind: int, flags: int, body: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head
