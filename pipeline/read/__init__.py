"""Bytes -> grids of cells with their true row and column.

python-calamine reads the values. It does not tell error cells, formulas without a stored value, hidden rows and
columns, or fonts, so where a cheap look shows that there may be some, a second look finds out exactly which. The
gates of schemas/limits.py come before any of it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from schemas import limits
from schemas.records import Grid, Note, UnreadableError

from ..containers import short, zip_parts
from . import xlsx
from .kinds import kind_of
from .old_fonts import decode_by_content, decode_by_fonts
from .percents import show_percents
from .places import check_area
from .plain_xlsx import read_plain
from .protected import decrypted

WORKBOOKS: Final = frozenset({"xlsx", "xlsb", "xls", "ods"})
_SHEETS: Final = (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet, SheetTypeEnum.DialogSheet)

__all__ = ["WORKBOOKS", "UnreadableError", "decrypted", "kind_of", "read_workbook"]


def read_workbook(data: bytes, kind: str, passwords: Sequence[str] = ()) -> tuple[list[Grid], list[Note]]:
    """Read every sheet of a workbook.

    Args:
        data: the file's bytes, already known to be one of `WORKBOOKS`.
        kind: as `kind_of` told.
        passwords: tried where the workbook's records are encrypted.

    Returns:
        Its sheets in order, texts typed in old fonts decoded; and notes about what was decoded.

    Raises:
        UnreadableError: with the finding for its sender.
    """
    return {"xlsx": _xlsx, "xls": _xls, "ods": _ods, "xlsb": _xlsb}[kind](data, passwords)


def _xlsx(data: bytes, _: Sequence[str]) -> tuple[list[Grid], list[Note]]:
    plain = read_plain(data)
    if plain is not None:
        return plain, decode_by_content(plain)
    return _careful_xlsx(data)


def _careful_xlsx(data: bytes) -> tuple[list[Grid], list[Note]]:
    parts = xlsx.open_parts(data)
    odd = xlsx.odd_sheets(parts)
    grids = _grids(data)
    for grid in grids:
        if grid.name in odd:
            xlsx.second_look(grid, odd[grid.name])
    show_percents(grids, parts)
    notes = decode_by_fonts(grids, xlsx.cell_fonts(parts)) if xlsx.has_legacy_fonts(parts) else []
    return grids, notes or decode_by_content(grids)


def _xls(data: bytes, passwords: Sequence[str]) -> tuple[list[Grid], list[Note]]:
    from . import xls

    records = xls.book_records(data)
    if records.is_encrypted:
        data = decrypted(data, passwords)
        records = xls.book_records(data)
    grids = _grids(data)
    if len(grids) != len(records.sheets):
        raise UnreadableError("file_damaged", f"{len(records.sheets)} sheets listed, {len(grids)} read")
    for grid, sheet in zip(grids, records.sheets, strict=True):
        xls.second_look(grid, sheet)
    notes = decode_by_fonts(grids, xls.cell_fonts(data)) if records.has_legacy_fonts else []
    return grids, notes or decode_by_content(grids)


def _ods(data: bytes, _: Sequence[str]) -> tuple[list[Grid], list[Note]]:
    from . import ods

    looks = {look.name: look for look in ods.tables(dict(zip_parts(data)))}
    grids = _grids(data)
    for grid in grids:
        if grid.name in looks:
            ods.second_look(grid, looks[grid.name])
    return grids, decode_by_content(grids)


def _xlsb(data: bytes, _: Sequence[str]) -> tuple[list[Grid], list[Note]]:
    from . import xlsb

    sheets = xlsb.sheet_records(dict(zip_parts(data)))
    for stream in sheets.values():
        xlsb.refuse_far_cells(stream)
    grids = _grids(data)
    for grid in grids:
        xlsb.second_look(grid, sheets.get(grid.name, b""))
    return grids, decode_by_content(grids)


def _grids(data: bytes) -> list[Grid]:
    with _damage_told():
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        metadata = book.sheets_metadata
        if len(metadata) > limits.MAX_SHEETS:
            raise UnreadableError("too_many_sheets", str(len(metadata)), limit=str(limits.MAX_SHEETS))
        grids: list[Grid] = []
        cells = 0
        for meta in metadata:
            if meta.typ in _SHEETS:
                sheet = book.get_sheet_by_name(meta.name)
                cells += sheet.total_height * sheet.total_width
                check_area(cells, 1)
                rows: list[list[object]] = list(map(list, sheet.to_python(skip_empty_area=False)))
                _refuse_long(meta.name, rows)
                is_visible = meta.visible == SheetVisibleEnum.Visible
                grids.append(Grid(meta.name, rows, is_visible, list(sheet.merged_cell_ranges or [])))
        return grids


def _refuse_long(name: str, rows: list[list[object]]) -> None:
    """Refuse a sheet with more lines than any list of branches has: what to make of each takes its time."""
    if len(rows) > limits.MAX_LINES:
        filled = sum(any(value != "" for value in row) for row in rows)
        if filled > limits.MAX_LINES:
            raise UnreadableError("too_many_lines", str(filled), limit=str(limits.MAX_LINES), name=name[:60])


@contextmanager
def _damage_told() -> Iterator[None]:
    """Turn what calamine raises on a damaged workbook into a finding.

    A Rust panic comes out as PanicException, which pyo3 derives from BaseException and lets nobody import.
    """
    try:
        yield
    except (CalamineError, OSError, ValueError, OverflowError) as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault
    except BaseException as fault:
        if type(fault).__name__ != "PanicException":
            raise
        raise UnreadableError("file_damaged", short(fault)) from fault
