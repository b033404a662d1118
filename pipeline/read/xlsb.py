""".xlsb: a walk over its binary records, which tells how far apart cells lie and what calamine leaves out."""

from __future__ import annotations

import posixpath
import struct
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import fromstring

from schemas.records import Grid, UnreadableError

from ..containers import short
from .places import LAST_COLUMN, check_area, note_problem

# Records, by their numbers in [MS-XLSB]. Formulas always have a stored value here.
_ROW, _COLUMNS, _SHEET, _DIMENSIONS = 0, 60, 156, 148
_ERROR_CELLS: Final = (3, 11)  # a value, and the result of a formula
_VALUES: Final = frozenset((*range(2, 12), 62))
_ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


def sheet_records(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Return {sheet name: its records}.

    Raises:
        UnreadableError: it is damaged.
    """
    try:
        relations = fromstring(parts["xl/_rels/workbook.bin.rels"])
        targets = {
            relation.get("Id"): posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
            for relation in relations
        }
        book = parts["xl/workbook.bin"]
        sheets = [_sheet(book[start : start + size]) for kind, start, size in _records(book) if kind == _SHEET]
        return {name: parts.get(targets.get(relation, ""), b"") for relation, name in sheets}
    except (ParseError, LookupError, ValueError, struct.error) as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (number, where its data start, their size) of each record."""
    at, end = 0, len(stream)
    while at < end:
        kind = stream[at]
        at += 1
        if kind & 0x80:
            kind = kind & 0x7F | (stream[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while True:
            size |= (stream[at] & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if not stream[at - 1] & 0x80 or shift > 21:
                break
        yield kind, at, size
        at += size


def _sheet(record: bytes) -> tuple[str, str]:
    """Return (relation, name) of a sheet: two texts behind eight bytes of state and number."""
    relation, at = _text(record, 8)
    return relation, _text(record, at)[0]


def _text(record: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", record, at)
    end = at + 4 + 2 * length
    return record[at + 4 : end].decode("utf-16-le", "replace"), end


def second_look(grid: Grid, stream: bytes) -> None:
    """Find error cells and hidden rows and columns.

    Raises:
        UnreadableError: it is damaged, or its cells lie too far apart.
    """
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    row = 0
    try:
        for kind, at, _ in _records(stream):
            if kind == _ROW:
                row, height = struct.unpack_from("<I4xH", stream, at)
                if stream[at + 11] & 0x10 or not height:
                    hidden_rows.add(row)
            elif kind == _COLUMNS:
                first, last, width, flags = struct.unpack_from("<III4xH", stream, at)
                if flags & 1 or not width:
                    hidden_columns.update(range(first, min(last, LAST_COLUMN - 1) + 1))
            elif kind in _ERROR_CELLS:
                column, code = struct.unpack_from("<I4xB", stream, at)
                note_problem(grid, (row, column), _ERRORS.get(code, "#ERROR"))
    except (struct.error, IndexError) as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault
    grid.hidden_rows, grid.hidden_columns = frozenset(hidden_rows), frozenset(hidden_columns)


def refuse_far_cells(stream: bytes) -> None:
    """Refuse a sheet whose filled cells span too large an area, or that says so: calamine takes memory by it."""
    row = rows = columns = 0
    try:
        for kind, at, _ in _records(stream):
            if kind == _ROW:
                (row,) = struct.unpack_from("<I", stream, at)
            elif kind == _DIMENSIONS:
                first, last, left, right = struct.unpack_from("<IIII", stream, at)
                if first > last or left > right:
                    raise UnreadableError("file_damaged", f"BrtWsDim {first}-{last} × {left}-{right}")
                check_area(last - first + 1, right - left + 1)
            elif kind in _VALUES:
                (column,) = struct.unpack_from("<I", stream, at)
                rows, columns = max(rows, row + 1), max(columns, column + 1)
    except (struct.error, IndexError) as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault
    check_area(rows, columns)
