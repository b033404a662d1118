"""The raw material of made-up .xls files: compound files sector by sector, workbooks record by record.

After [MS-CFB] and [MS-XLS], so far as a reader looks.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Final

from .packages import form_lines

_SECTOR: Final = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SMALLEST: Final = 4096  # shorter streams would stand in a place of their own
Record = tuple[int, bytes]


def compound(streams: Mapping[str, bytes], chain: Mapping[int, int] | None = None) -> bytes:
    """Return a compound file (OLE) of streams.

    Args:
        streams: by name; padded with zeros to the least length that sectors are used for.
        chain: sector -> the sector said to follow it, in place of the true one.
    """
    padded = {name: content.ljust(_SMALLEST, b"\0") for name, content in streams.items()}
    body, starts, table = bytearray(), {}, []
    for name, content in padded.items():
        starts[name] = len(table)
        sectors = -(-len(content) // _SECTOR)
        table += [*range(len(table) + 1, len(table) + sectors), _END]
        body += content.ljust(sectors * _SECTOR, b"\0")
    entries = [_entry("Root Entry", 5, 1 if padded else _FREE, _END, 0)]
    for number, (name, content) in enumerate(padded.items(), 1):
        entries.append(
            _entry(name, 2, _FREE, starts[name], len(content), number + 1 if number < len(padded) else _FREE)
        )
    while len(entries) % 4:
        entries.append(bytes(64) + struct.pack("<HBBIII", 0, 0, 0, _FREE, _FREE, _FREE) + bytes(48))
    directory, count = len(table), len(entries) // 4
    table += [*range(directory + 1, directory + count), _END]
    body += b"".join(entries)
    fats = 1
    while fats * 128 < len(table) + fats:
        fats += 1
    first_fat = len(table)
    table += [_FAT] * fats
    for sector, follows in (chain or {}).items():
        table[sector] = follows
    table += [_FREE] * (fats * 128 - len(table))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, fats, directory, 0, _SMALLEST, _END, 0, _END, 0)
    head += b"".join(struct.pack("<I", first_fat + n if n < fats else _FREE) for n in range(109))
    return head + bytes(body) + struct.pack(f"<{len(table)}I", *table)


def _entry(name: str, kind: int, child: int, start: int, size: int, right: int = _FREE) -> bytes:
    written = name.encode("utf-16-le", "surrogatepass") + b"\0\0"
    head = written.ljust(64, b"\0") + struct.pack("<HBBIII", len(written), kind, 1, _FREE, right, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def first_sector_of(streams: Mapping[str, bytes], name: str) -> int:
    """Return the sector at which a stream of `compound` begins."""
    number = 0
    for known, content in streams.items():
        if known == name:
            return number
        number += -(-max(len(content), _SMALLEST) // _SECTOR)
    raise KeyError(name)


# --- records --------------------------------------------------------------------------------------------

BOF, EOF, BOUNDSHEET, DIMENSIONS, LABEL, NUMBER, SST = 0x0809, 0x000A, 0x0085, 0x0200, 0x0204, 0x0203, 0x00FC


def records(listed: Iterable[Record]) -> bytes:
    return b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in listed)


def text_cell(row: int, column: int, text: str) -> Record:
    return LABEL, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le", "surrogatepass")


def number_cell(row: int, column: int, value: float) -> Record:
    return NUMBER, struct.pack("<HHHd", row, column, 0, value)


def form_records(code: str, **answers: str | int) -> list[Record]:
    """Return the cells of a form that is in order but for the answers given."""
    made = []
    for row, line in enumerate(form_lines(code, **answers)):
        for column, value in enumerate(line):
            made.append(text_cell(row, column, value) if isinstance(value, str) else number_cell(row, column, value))
    return made


def workbook_stream(
    sheets: Iterable[tuple[str, list[Record]]], of_book: Iterable[Record] = (), says: Mapping[int, int] | None = None
) -> bytes:
    """Return the stream "Workbook": the records of the book itself, then those of each sheet.

    Args:
        sheets: name and the records between a sheet's first and last.
        of_book: records in front of the list of sheets.
        says: number of a sheet -> where it is said to begin, in place of where it does.
    """
    sheets = list(sheets)
    version = struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 0x07CC, 0, 6)
    names = [name.encode("utf-16-le", "surrogatepass") for name, _ in sheets]
    head = records([(BOF, version), *of_book])
    at = len(head) + sum(12 + len(name) for name in names) + 4
    listed, bodies = [], b""
    for number, (name, (_, content)) in enumerate(zip(names, sheets, strict=True)):
        start = (says or {}).get(number, at + len(bodies))
        listed.append((BOUNDSHEET, struct.pack("<IBBBB", start, 0, 0, len(name) // 2, 1) + name))
        sheet = struct.pack("<HHHHII", 0x0600, 0x10, 0x0DBB, 0x07CC, 0, 6)
        bodies += records([(BOF, sheet), *content, (EOF, b"")])
    return head + records([*listed, (EOF, b"")]) + bodies


def xls(sheets: Iterable[tuple[str, list[Record]]], of_book: Iterable[Record] = ()) -> bytes:
    return compound({"Workbook": workbook_stream(sheets, of_book)})
