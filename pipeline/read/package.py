"""The parts of a healthy .xlsx package, each inflated and looked at once a process however many files share it.

Files made from one template have most of their parts in common, to the last byte: styles, theme, relations, the sheet
of instructions. What is made of a part is a pure function of its packed bytes, so it is remembered by them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, Generic, NamedTuple, TypeVar

Made = TypeVar("Made")

_ENTRY: Final = struct.Struct("<4s4x2H8xL4x4H6xL")  # of the central directory, what is not asked for left out
_END: Final = struct.Struct("<4s4H2LH")
_LOCAL: Final = struct.Struct("<4s2x2H8xL4x2H")
_SIZES_BEHIND: Final = 0b1000  # the own header leaves sizes to what follows the part, as LibreOffice writes
_PLAIN_FLAGS: Final = 0b1000_0000_0110 | _SIZES_BEHIND  # also how hard it was packed, and names in UTF-8
_DEFLATED: Final = 8
_REMEMBERED: Final = 64  # parts of a kind
_LARGEST_REMEMBERED: Final = 1 << 15  # packed, in bytes


class Packed(NamedTuple):
    """One part as it lies in the package."""

    name: str
    packed: bytes


def packed_parts(data: bytes) -> list[Packed] | None:
    """Return the parts that a zip lists, as they lie in it; None where anything about it is unusual.

    Usual is: nothing before the first part or behind the end record, one disk, no zip64, nothing encrypted, every part
    deflated under an ASCII name of its own, and listed where and as large as its own header says.
    """
    if len(data) < _END.size or data[-_END.size : -_END.size + 4] != b"PK\x05\x06":
        return None
    _, disk, start_disk, here, count, size, start, comment = _END.unpack_from(data, len(data) - _END.size)
    if disk or start_disk or comment or here != count or start + size != len(data) - _END.size:
        return None
    parts: list[Packed] = []
    names: set[str] = set()
    try:
        for name, local, packed_size, flags in _entries(data, start, start + size):
            signature, own_flags, method, packed, name_size, extra = _LOCAL.unpack_from(data, local)
            begin = local + _LOCAL.size + name_size + extra
            is_as_listed = signature == b"PK\x03\x04" and own_flags == flags and method == _DEFLATED
            is_size_left = packed == 0 and flags & _SIZES_BEHIND
            if not is_as_listed or not (is_size_left or packed == packed_size) or begin + packed_size > start:
                return None
            if name in names:
                return None
            names.add(name)
            parts.append(Packed(name, data[begin : begin + packed_size]))
    except (struct.error, UnicodeDecodeError, _UnusualError):
        return None
    return parts if len(parts) == count else None


class _UnusualError(Exception):
    """A zip that is perhaps healthy, and certainly unusual."""


def _entries(data: bytes, at: int, end: int) -> Iterator[tuple[str, int, int, int]]:
    """Yield (name, where its own header stands, packed size, flags) of each entry of the central directory."""
    while at < end:
        signature, flags, method, packed, name_size, extra, comment, disk, local = _ENTRY.unpack_from(data, at)
        if signature != b"PK\x01\x02" or flags & ~_PLAIN_FLAGS or method != _DEFLATED or disk:
            raise _UnusualError
        name = data[at + _ENTRY.size : at + _ENTRY.size + name_size].decode("ascii")
        yield name, local, packed, flags
        at += _ENTRY.size + name_size + extra + comment


def inflated(packed: bytes, most: int) -> bytes | None:
    """Return what a part unfolds to; None where that is more than `most` bytes, or it is not whole."""
    unpacker = zlib.decompressobj(-15)
    try:
        content = unpacker.decompress(packed, most)
    except zlib.error:
        return None
    return content if unpacker.eof and not unpacker.unused_data else None


class Remembered(Generic[Made]):
    """What is made of packed bytes, made once for the same bytes as long as they come again and again."""

    def __init__(self, make: Callable[[bytes], Made]) -> None:
        self._make = make
        self._kept = lru_cache(maxsize=_REMEMBERED)(make)

    def __call__(self, packed: bytes) -> Made:
        """Return what is made of these bytes."""
        return self._kept(packed) if len(packed) <= _LARGEST_REMEMBERED else self._make(packed)
