"""Zip containers, workbooks and archives alike, opened within limits: what inflates is counted, since headers lie."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from schemas import limits
from schemas.records import UnreadableError

ZIP_FAULTS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(OSError, ValueError, NotImplementedError, EOFError, IndexError),
)


def short(fault: BaseException) -> str:
    """Return what a fault says on one line, not too long, or its name where it says nothing."""
    return " ".join(str(fault).split())[:120] or type(fault).__name__


@dataclass(slots=True)
class Budget:
    """What one workbook, or one arrival with all the carriers nested in it, may still unfold to."""

    bytes_left: int = limits.MAX_INFLATED_BYTES
    members_left: int = limits.MAX_ARCHIVE_MEMBERS

    def count(self, members: int) -> None:
        """Take members that a container lists.

        Raises:
            UnreadableError: `too_many_members`.
        """
        self.members_left -= members
        if self.members_left < 0:
            raise UnreadableError("too_many_members", limit=str(limits.MAX_ARCHIVE_MEMBERS))

    def take(self, size: int, packed: int) -> None:
        """Take the size of one member, in bytes, that was packed into so many.

        Raises:
            UnreadableError: `inflates_too_far`.
        """
        self.bytes_left -= size
        is_thin = size > limits.MEBI and size > limits.MAX_INFLATION_RATIO * max(packed, 1)
        if self.bytes_left < 0 or is_thin:
            raise UnreadableError(
                "inflates_too_far",
                limit=f"{limits.MAX_INFLATED_BYTES // limits.MEBI} MiB",
                ratio=str(limits.MAX_INFLATION_RATIO),
            )


def zip_directory(data: bytes, budget: Budget) -> list[zipfile.ZipInfo]:
    """Return what a zip lists, folders included.

    Raises:
        UnreadableError: it is damaged or lists too many members.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = archive.infolist()
    except ZIP_FAULTS as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault
    budget.count(len(listed))
    return listed


def zip_member(data: bytes, member: zipfile.ZipInfo, budget: Budget) -> bytes:
    """Return one member's bytes.

    Raises:
        UnreadableError: it is encrypted, damaged, packed in a way of its own, or takes more than the budget has.
    """
    if member.flag_bits & 1:
        raise UnreadableError("file_encrypted")
    try:
        content = _inflate(data, member, budget.bytes_left + 1)
    except ZIP_FAULTS as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault
    budget.take(len(content), member.compress_size)
    return content


def _inflate(data: bytes, member: zipfile.ZipInfo, most: int) -> bytes:
    start = member.header_offset
    if data[start : start + 4] != b"PK\x03\x04":
        raise zipfile.BadZipFile(f"no member where {member.filename[:60]!r} should begin")
    names = int.from_bytes(data[start + 26 : start + 28], "little")
    start += 30 + names + int.from_bytes(data[start + 28 : start + 30], "little")
    packed = data[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        return packed
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise UnreadableError("format_unsupported", f"zip/{member.compress_type}")
    unpacker = zlib.decompressobj(-15)
    content = unpacker.decompress(packed, most)
    if not unpacker.eof and len(content) < most:
        raise zipfile.BadZipFile(f"{member.filename[:60]!r} is cut short")
    return content


def zip_parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield each part of a zipped workbook by its name, within the limits of one workbook.

    Raises:
        UnreadableError: as `zip_directory` and `zip_member` do.
    """
    budget = Budget()
    for member in zip_directory(data, budget):
        yield member.filename, zip_member(data, member, budget)
