"""Bytes -> grids of cells with their true row and column.

python-calamine reads the values. It does not tell error cells, formulas without a stored value or
hidden rows and columns, so where a cheap look at the sheet's XML shows that there may be some, a
second look finds out exactly which. The gates of schemas/limits.py come before any of it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import fromstring, iterparse
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from schemas import limits
from schemas.records import Grid, Note

WORKBOOKS: Final = frozenset({"xlsx", "xlsb", "xls", "ods"})

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC: Final = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"RIFF", "riff"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gz"),
    (b"x\x9f>\x22", "tnef"),
    (b"{\\rtf", "rtf"),
)
_OLE_STREAMS: Final = (
    ("EncryptedPackage", "encrypted"),
    ("__properties_version1.0", "msg"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("Workbook", "xls"),
    ("Book", "xls"),
)
_FAR_CELL = re.compile(rb'<(?:\w+:)?c [^>]*?r="(?:[A-Z]{3,}|[A-Z]+\d{5,})')
_VALUED_CELL = re.compile(rb'<(?:\w+:)?c [^>]*?r="([A-Z]+)(\d+)"[^>]*?(?<!/)>')
_ODD_CELL = re.compile(
    rb't="e"|hidden="(?:1|true)"|</(?:\w+:)?f>\s*</(?:\w+:)?c>|<(?:\w+:)?f(?: [^>]*)?/>\s*</(?:\w+:)?c>'
    rb"|<(?:\w+:)?v\s*/>|<(?:\w+:)?v></"
)
_CELL_NAME = re.compile(r"([A-Z]+)(\d+)")


class UnreadableError(Exception):
    """A file that cannot be read; `note` is the finding that tells its sender why."""

    def __init__(self, code: str, value: str = "", **detail: str) -> None:
        super().__init__(f"{code}: {value}")
        self.note = Note(code, value=value, detail=tuple(detail.items()))


def column_number(letters: str) -> int:
    """Return the 0-based number of a column: A -> 0, AA -> 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def kind_of(data: bytes) -> str:
    """Tell what a file is by its content, never by its name; "" where nothing is known of it."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(data)
    if data.startswith(_OLE):
        return next((kind for name, kind in _OLE_STREAMS if name.encode("utf-16-le") in data), "ole")
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), "")


def _kind_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and b"opendocument" in archive.open("mimetype").read(200):
                return "ods" if b"spreadsheet" in archive.open("mimetype").read(200) else "odt"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        return "damaged"
    if any(name.lower().endswith("xl/workbook.bin") for name in names):
        return "xlsb"
    if "[Content_Types].xml" in names:
        for folder, kind in (("xl/", "xlsx"), ("word/", "docx"), ("ppt/", "pptx")):
            if any(name.startswith(folder) for name in names):
                return kind
    return "zip"


def read_workbook(data: bytes, kind: str) -> list[Grid]:
    """Read every sheet of a workbook.

    Args:
        data: the file's bytes, already known to be one of `WORKBOOKS`.
        kind: as `kind_of` told.

    Raises:
        UnreadableError: with the finding for its sender.
    """
    sheets = dict(_inspect_xlsx(data)) if kind == "xlsx" else {}
    if kind in ("ods", "xlsb"):
        list(_inflate(data))  # for its limits alone
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        metadata = book.sheets_metadata
        if len(metadata) > limits.MAX_SHEETS:
            raise UnreadableError("file_too_large", f"{len(metadata)} sheets", limit=str(limits.MAX_SHEETS))
        return [
            _grid(book, meta.name, meta.visible == SheetVisibleEnum.Visible, sheets.get(meta.name))
            for meta in metadata
            if meta.typ in (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet, SheetTypeEnum.DialogSheet)
        ]
    except CalamineError as fault:
        raise UnreadableError("file_damaged", _short(fault)) from fault


def _grid(book: CalamineWorkbook, name: str, is_visible: bool, xml: bytes | None) -> Grid:
    sheet = book.get_sheet_by_name(name)
    grid = Grid(name, list(map(list, sheet.to_python(skip_empty_area=False))), is_visible)
    grid.merged = list(sheet.merged_cell_ranges or [])
    if xml is not None and _ODD_CELL.search(xml):
        _second_look(grid, xml)
    return grid


def _short(fault: BaseException) -> str:
    return " ".join(str(fault).split())[:120] or type(fault).__name__


# --- what the zip container and the sheets' own XML tell ---------------------------------------


def _inflate(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield each XML part of a workbook, its size counted while it inflates: headers may lie."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > limits.MAX_ARCHIVE_MEMBERS:
                raise UnreadableError("file_suspicious", f"{len(parts)} parts")
            for part in parts:
                if part.flag_bits & 1:
                    raise UnreadableError("file_encrypted")
                content = _inflate_part(data, part)
                total += len(content)
                ratio = len(content) / max(part.compress_size, 1)
                if total > limits.MAX_INFLATED_BYTES or (
                    len(content) > limits.MEBI and ratio > limits.MAX_INFLATION_RATIO
                ):
                    raise UnreadableError("file_suspicious", f"inflates to over {total // limits.MEBI} MiB")
                yield part.filename, content
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError) as fault:
        raise UnreadableError("file_damaged", _short(fault)) from fault


def _inflate_part(data: bytes, part: zipfile.ZipInfo) -> bytes:
    start = part.header_offset
    if data[start : start + 4] != b"PK\x03\x04":
        raise zipfile.BadZipFile(f"no part where {part.filename[:60]!r} should begin")
    start += (
        30
        + int.from_bytes(data[start + 26 : start + 28], "little")
        + int.from_bytes(data[start + 28 : start + 30], "little")
    )
    packed = data[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        return packed
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile(f"compression method {part.compress_type}")
    unpacker = zlib.decompressobj(-15)
    content = unpacker.decompress(packed, limits.MAX_INFLATED_BYTES + 1)
    if not unpacker.eof and len(content) <= limits.MAX_INFLATED_BYTES:
        raise zipfile.BadZipFile(f"{part.filename[:60]!r} is cut short")
    return content


def _inspect_xlsx(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Pass the gates of a zip workbook; yield (sheet name, XML) of the sheets that need a second look."""
    parts = dict(_inflate(data))
    odd = {}
    for name, content in parts.items():
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            if _FAR_CELL.search(content):
                _refuse_far_cells(content)
            if _ODD_CELL.search(content):
                odd[name] = content
    if odd:
        for sheet_name, part in _sheet_parts(parts):
            if part in odd:
                yield sheet_name, odd[part]


def _refuse_far_cells(xml: bytes) -> None:
    """Refuse a sheet whose cells span an area that would not fit in memory (`<dimension>` lies)."""
    rows: set[int] = set()
    columns: set[bytes] = set()
    for letters, row in _VALUED_CELL.findall(xml):
        columns.add(letters)
        rows.add(int(row))
    if not rows:
        return
    numbers = [column_number(letters.decode()) for letters in columns]
    area = (max(rows) + 1) * (max(numbers) + 1)
    if area > limits.MAX_AREA_CELLS:
        raise UnreadableError("file_suspicious", f"cells span {max(rows)} rows x {max(numbers) + 1} columns")


def _sheet_parts(parts: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield (sheet name, part name) as the workbook's own parts relate them."""
    try:
        targets = {
            rel.get("Id"): "xl/" + rel.get("Target", "").lstrip("/").removeprefix("xl/")
            for rel in fromstring(parts["xl/_rels/workbook.xml.rels"])
        }
        for element in fromstring(parts["xl/workbook.xml"]).iter():
            if element.tag.endswith("}sheet"):
                rel_id = next((value for key, value in element.attrib.items() if key.endswith("}id")), None)
                yield element.get("name", ""), targets.get(rel_id, "")
    except (KeyError, ParseError) as fault:
        raise UnreadableError("file_damaged", _short(fault)) from fault


def _second_look(grid: Grid, xml: bytes) -> None:
    """Find error cells, formulas without a stored value, and hidden rows and columns."""
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    try:
        for _, element in iterparse(io.BytesIO(xml)):
            tag = element.tag.rpartition("}")[2]
            if tag == "c":
                _note_problem(grid, element)
            elif tag == "row":
                if element.get("hidden") in ("1", "true") and (element.get("r") or "").isdigit():
                    hidden_rows.add(int(element.get("r")) - 1)
                element.clear()
            elif tag == "col" and element.get("hidden") in ("1", "true"):
                hidden_columns.update(range(int(element.get("min", 1)) - 1, min(int(element.get("max", 1)), 16384)))
    except (ParseError, ValueError) as fault:
        raise UnreadableError("file_damaged", _short(fault)) from fault
    grid.hidden_rows, grid.hidden_columns = frozenset(hidden_rows), frozenset(hidden_columns)
    for row, column in grid.problems:  # calamine leaves out what lies beyond the last value
        grid.rows.extend([] for _ in range(row + 1 - len(grid.rows)))
        grid.rows[row].extend("" for _ in range(column + 1 - len(grid.rows[row])))


def _note_problem(grid: Grid, element: object) -> None:
    name = _CELL_NAME.fullmatch(element.get("r") or "")  # type: ignore[attr-defined]
    if name is None:
        return
    parts = {child.tag.rpartition("}")[2]: child.text or "" for child in element}  # type: ignore[attr-defined]
    place = (int(name[2]) - 1, column_number(name[1]))
    if element.get("t") == "e":  # type: ignore[attr-defined]
        grid.problems[place] = parts.get("v") or "#ERROR"
    elif "f" in parts and not parts.get("v") and element.get("t") != "str":  # type: ignore[attr-defined]
        grid.problems[place] = "formula"
