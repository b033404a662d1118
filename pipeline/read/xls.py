""".xls: a walk over its records, which tells what calamine leaves out, whether it is encrypted, and its fonts."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from schemas.records import Grid, UnreadableError

from ..containers import short
from .places import Place, check_area, note_problem

if TYPE_CHECKING:
    from olefile import OleFileIO

# Records, by their numbers in [MS-XLS]. A formula has three: other writers kept those of older versions.
_BOF, _EOF, _FILEPASS, _BOUNDSHEET, _FONT = 0x0809, 0x000A, 0x002F, 0x0085, 0x0031
_ROW, _COLINFO, _BOOLERR, _MULRK, _DIMENSIONS = 0x0208, 0x007D, 0x0205, 0x00BD, 0x0200
_FORMULAS: Final = (0x0006, 0x0206, 0x0406)
_VALUES: Final = frozenset({0x0203, 0x027E, 0x00FD, 0x0204, 0x00D6, _BOOLERR, *_FORMULAS})
_BIFF8: Final = 0x0600
_ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_SHEET_KINDS: Final = (0, 1)  # worksheets and macro sheets; not charts and modules
_LEGACY_FONT: Final = (".vn", "vni")
_IS_BLANK, _IS_ERROR = 3, 2  # kinds of a formula's stored result, where it is no number


@dataclass(slots=True)
class SheetRecords:
    """What the records of one sheet tell beyond values."""

    problems: dict[Place, str] = field(default_factory=dict)
    blank_formulas: list[Place] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    rows: int = 0
    columns: int = 0
    has_results: bool = False


@dataclass(slots=True)
class BookRecords:
    """What the records of a workbook tell: its sheets in order, and signs for the steps to come."""

    sheets: list[SheetRecords] = field(default_factory=list)
    is_encrypted: bool = False
    has_legacy_fonts: bool = False


def book_records(data: bytes) -> BookRecords:
    """Walk over the records of an .xls.

    Raises:
        UnreadableError: it is damaged, or a sheet's cells lie too far apart.
    """
    stream = _workbook_stream(data)
    book, starts, version = BookRecords(), [], 0
    try:
        for kind, start, size in _records(stream, 0):
            if kind == _BOF and not version:
                version = int.from_bytes(stream[start : start + 2], "little")
            elif kind == _FILEPASS:
                book.is_encrypted = True
                return book
            elif kind == _BOUNDSHEET and stream[start + 5] in _SHEET_KINDS:
                starts.append(int.from_bytes(stream[start : start + 4], "little"))
            elif kind == _FONT:
                name = _font_name(stream[start : start + size], version)
                book.has_legacy_fonts |= name.lower().startswith(_LEGACY_FONT)
        book.sheets = [_sheet(stream, start) for start in starts]
    except (struct.error, IndexError) as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault
    _judge_blank_formulas(book)
    return book


def _workbook_stream(data: bytes) -> bytes:
    from olefile import OleFileIO

    try:
        with OleFileIO(io.BytesIO(data)) as ole:
            name = "Workbook" if ole.exists("Workbook") else "Book"
            _refuse_loops(ole)
            return bytes(ole.openstream(name).read())
    except (OSError, ValueError, IndexError, TypeError, AttributeError) as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault


def _refuse_loops(ole: OleFileIO) -> None:
    """Refuse a file whose sectors follow one another for ever: olefile stops at a stream's size, calamine does not."""
    starts = [ole.first_dir_sector, ole.first_mini_fat_sector]
    starts += [entry.isectStart for entry in ole.direntries if entry is not None and not entry.is_minifat]
    for start in starts:
        sector, steps = start, 0
        while sector < len(ole.fat):
            sector, steps = ole.fat[sector], steps + 1
            if steps > len(ole.fat):
                raise UnreadableError("file_damaged", f"sector {start} …")


def _records(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield (number, where its data start, their size) of each record up to the end of this substream.

    Charts on a sheet are substreams within its own; their records are passed over.
    """
    depth, end = 0, len(stream)
    while start + 4 <= end:
        kind, size = stream[start] | stream[start + 1] << 8, stream[start + 2] | stream[start + 3] << 8
        start += 4
        if kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif kind == _BOF:
            depth += 1
        if depth <= 1:
            yield kind, start, size
        start += size


def _font_name(record: bytes, version: int) -> str:
    if len(record) < 16:
        return ""
    if version < _BIFF8:
        return record[15 : 15 + record[14]].decode("latin-1")
    if record[15] & 1:
        return record[16 : 16 + 2 * record[14]].decode("utf-16-le", "replace")
    return record[16 : 16 + record[14]].decode("latin-1")


def _sheet(stream: bytes, start: int) -> SheetRecords:
    sheet = SheetRecords()
    for kind, at, size in _records(stream, start):
        if kind in _VALUES or kind == _MULRK:
            row, column = struct.unpack_from("<HH", stream, at)
            last = struct.unpack_from("<H", stream, at + size - 2)[0] if kind == _MULRK else column
            sheet.rows, sheet.columns = max(sheet.rows, row + 1), max(sheet.columns, last + 1)
            if kind == _BOOLERR and stream[at + 7]:
                sheet.problems[row, column] = _ERRORS.get(stream[at + 6], "#ERROR")
            elif kind in _FORMULAS:
                _formula(sheet, (row, column), stream[at + 6 : at + 14])
        elif kind == _DIMENSIONS:
            _check_dimensions(stream[at : at + size])
        elif kind == _ROW:
            row, options = struct.unpack_from("<H", stream, at)[0], stream[at + 12]
            if options & 0x20:
                sheet.hidden_rows.add(row)
        elif kind == _COLINFO:
            first, final, width, _, flags = struct.unpack_from("<HHHHH", stream, at)
            if flags & 1 or not width:
                sheet.hidden_columns.update(range(first, min(final, 255) + 1))
    check_area(sheet.rows, sheet.columns)
    return sheet


def _check_dimensions(record: bytes) -> None:
    """Refuse a sheet that says it spans more than fits, or less than nothing: calamine takes memory by it."""
    if len(record) >= 14:
        first, end, left, right = struct.unpack_from("<IIHH", record)
    else:
        first, end, left, right = struct.unpack_from("<HHHH", record)
    if end and right:
        if first >= end or left >= right:
            raise UnreadableError("file_damaged", f"DIMENSIONS {first}-{end} × {left}-{right}")
        check_area(end - first, right - left)


def _formula(sheet: SheetRecords, place: Place, result: bytes) -> None:
    if result[6:8] != b"\xff\xff":
        sheet.has_results = True  # a number
    elif result[0] == _IS_ERROR:
        sheet.problems[place] = _ERRORS.get(result[2], "#ERROR")
        sheet.has_results = True
    elif result[0] == _IS_BLANK:
        sheet.blank_formulas.append(place)
    else:
        sheet.has_results = True


def _judge_blank_formulas(book: BookRecords) -> None:
    """A blank result is an empty text in a workbook that was calculated, and no result in one that never was.

    Programs that write formulas without calculating them store a blank for each, so one other result tells.
    """
    if not any(sheet.has_results for sheet in book.sheets):
        for sheet in book.sheets:
            sheet.problems |= dict.fromkeys(sheet.blank_formulas, "formula")


def second_look(grid: Grid, sheet: SheetRecords) -> None:
    """Put onto a grid what the records tell."""
    for place, problem in sheet.problems.items():
        note_problem(grid, place, problem)
    grid.hidden_rows, grid.hidden_columns = frozenset(sheet.hidden_rows), frozenset(sheet.hidden_columns)


# --- the fonts of cells ---------------------------------------------------------------------------------

Runs = list[tuple[str, str]]  # (font, text)


def cell_fonts(data: bytes) -> Iterator[tuple[str, dict[Place, Runs]]]:
    """Yield (sheet name, {cell: its pieces of text, each with its font}) for the text cells of each sheet.

    xlrd reads them; where it cannot, there is nothing to yield and the texts themselves decide.
    """
    import xlrd

    with open(os.devnull, "w", encoding="utf-8") as silence:
        try:
            book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=silence)
            for sheet in book.sheets():
                yield sheet.name, dict(_sheet_fonts(book, sheet))
        except (*_XLRD_FAULTS, xlrd.XLRDError, xlrd.compdoc.CompDocError):
            return


_XLRD_FAULTS: Final = (
    *(AssertionError, ValueError, LookupError, TypeError, AttributeError),
    *(OSError, struct.error, NotImplementedError, OverflowError, UnboundLocalError),
)


def _sheet_fonts(book: object, sheet: object) -> Iterator[tuple[Place, Runs]]:
    formats, fonts = book.xf_list, book.font_list  # type: ignore[attr-defined]  # xlrd has no types
    for row in range(sheet.nrows):  # type: ignore[attr-defined]
        for column, cell in enumerate(sheet.row(row)):  # type: ignore[attr-defined]
            if cell.ctype != 1:  # a text
                continue
            own = fonts[formats[cell.xf_index].font_index].name
            runs = sheet.rich_text_runlist_map.get((row, column), [])  # type: ignore[attr-defined]
            edges = [0, *(start for start, _ in runs), len(cell.value)]
            names = [own, *(fonts[number].name for _, number in runs)]
            pieces = zip(names, edges, edges[1:], strict=False)
            yield (row, column), [(name, cell.value[first:end]) for name, first, end in pieces if first < end]
