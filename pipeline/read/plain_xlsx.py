""".xlsx in the plain dialect that spreadsheet programs write of a form: scanned, several times as fast as calamine.

Nothing here is believed that is not recognised to the last cell: whatever is unusual, and whatever may hide something
(an error, a formula without a value, a hidden row), makes `read_plain` give up, and the workbook goes the careful way.
What it does read is what calamine reads; tests/test_plain_xlsx.py holds the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple
from xml.etree.ElementTree import ParseError

from schemas import limits
from schemas.records import Grid, UnreadableError

from . import xlsx
from .package import Remembered, inflated, packed_parts
from .percents import as_shown, percent_format
from .places import check_area, column_number

_LARGEST_PART: Final = limits.MEBI  # what is larger goes the careful way, and through its gates
_LARGEST_ROW: Final = 1 << 13
_MOST_PARTS: Final = 64
_SHEET_PART: Final = re.compile(r"xl/worksheets/sheet\d{1,3}\.xml")
_UTF8: Final = (
    b'<?xml version="1.0" encoding="UTF-8"', b"<?xml version='1.0' encoding='UTF-8'", b"<worksheet ", b"<sst ",
)  # fmt: skip
_CELL: Final = re.compile(
    rb'<c r="([A-Z]{1,2})([1-9]\d{0,3})"(?: s="(\d{1,4})")?(?: t="(s|str|n|b)")?'
    rb"(?:/>|>(?:<f(?: [^<>]*)?(?:/>|>[^<]*</f>))?<v>([^<]*)</v>(</c>))"
)
_NUMBER: Final = re.compile(rb"-?\d{1,17}(?:\.\d{1,17})?(?:E[+-]?\d{1,3})?")
_ATTRIBUTES: Final = rb'(?P<attributes>(?: [\w:]+="[^"<>]*")*) ?'
_ROW_START: Final = re.compile(rb'r="(?P<number>[1-9]\d{0,3})"' + _ATTRIBUTES + rb"(?P<empty>/?)>")
# What hides rows or columns, and whatever says neither yes nor no to it.
_HIDES: Final = re.compile(
    rb"""(?:hidden|zeroHeight)\s*=\s*(?!["'](?:0|false)["'])|\s(?:ht|width)\s*=\s*["'](?:0|&)""", re.IGNORECASE
)
_UNPLAIN: Final = (b"<!", b"\r", b"_x")  # a comment, CDATA or DOCTYPE; what escapes characters
_STRAY: Final = re.compile(rb"<(?:c|row|v|is)[\s/>]")
_TEXT: Final = rb'<t(?: xml:space="preserve")?>[^<]*</t>'
_LOOK: Final = rb'(?:<rPr>(?:<\w+(?: \w+="[^"<>]*")*/>)*</rPr>)?'
_STRING: Final = re.compile(rb"(?:" + _TEXT + rb"|(?:<r>" + _LOOK + _TEXT + rb"</r>)+)(?:<phoneticPr [^<>]*/>)?")
_PIECE: Final = re.compile(rb'<t( xml:space="preserve")?>([^<]*)</t>')
_MERGED: Final = re.compile(rb'<mergeCell ref="([A-Z]{1,2})(\d{1,4}):([A-Z]{1,2})(\d{1,4})"/>')
_COUNTS_FROM_1904: Final = re.compile(rb"""date1904\s*=\s*(?!["'](?:0|false)["'])""")
_SERIAL_ZERO: Final = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 61, 100_000  # from March 1900: earlier ones are counted with a day that never was
_DATE_FORMAT: Final = re.compile(
    r"(?:\[\$-[\da-f]{1,8}\])?(?:d{1,2}|m{1,2}|yyyy|yy)(?:\\?[/.-](?:d{1,2}|m{1,2}|yyyy|yy)){2}(?:;@)?"
)
_NUMBER_FORMAT: Final = re.compile(r"(?:General|GENERAL|@|[#0,. %]+)")
_NUMBER_IDS: Final = frozenset((*range(14), *range(37, 41), 49)) - {5, 6, 7, 8}
_DATE_IDS: Final = frozenset({14})

Place = tuple[int, int]
_Cell = tuple[int, int, str, int, Any]  # row, column, kind, style, value


class _Row(NamedTuple):
    """The filled cells of one row; `number` counts from 1, `width` to the last of them."""

    number: int
    cells: list[_Cell]
    width: int


class _Cells(NamedTuple):
    """The filled cells of one sheet, texts as numbers of the table of strings until those are known."""

    found: list[_Cell]
    rows: int
    columns: int
    merged: tuple[tuple[Place, Place], ...]


class _Part(NamedTuple):
    """What is known of one part from its bytes alone; `made` is None where it is no plain one."""

    size: int
    made: Any


def read_plain(data: bytes) -> list[Grid] | None:
    """Return the sheets of a workbook in the plain dialect, None of any other.

    Raises:
        UnreadableError: the filled cells of its sheets span too many rows and columns.
    """
    packed = packed_parts(data)
    if packed is None or len(packed) > _MOST_PARTS:
        return None
    parts: dict[str, _Part] = {}
    for part in packed:
        known = _READERS.get(part.name) or (_SHEETS if _SHEET_PART.fullmatch(part.name) else _OTHERS)
        made = known(part.packed)
        if made.made is None:
            return None
        parts[part.name] = made
    return _assembled(parts)


def _assembled(parts: dict[str, _Part]) -> list[Grid] | None:
    book, relations = parts.get("xl/workbook.xml"), parts.get("xl/_rels/workbook.xml.rels")
    strings, styles = parts.get("xl/sharedStrings.xml"), parts.get("xl/styles.xml")
    if book is None or relations is None:
        return None
    grids: list[Grid] = []
    area = 0
    for name, is_visible, relation in book.made:
        sheet = parts.get(relations.made.get(relation, ""))
        if sheet is None or not isinstance(sheet.made, _Cells):
            return None
        area += sheet.made.rows * sheet.made.columns
        check_area(area, 1)
        rows = _rows(sheet.made, strings.made if strings else (), styles.made if styles else ())
        if rows is None:
            return None
        grids.append(Grid(name, rows, is_visible, list(sheet.made.merged)))
    return grids


def _rows(cells: _Cells, strings: tuple[str, ...], styles: tuple[str, ...]) -> list[list[object]] | None:
    """Lay the cells out; None where a text or the meaning of a number is not known."""
    blank: list[object] = [""] * cells.columns
    rows = [blank.copy() for _ in range(cells.rows)]
    for row, column, kind, style, value in cells.found:
        if kind == "s":
            if value >= len(strings):
                return None
            rows[row][column] = strings[value]
        elif kind == "n":
            meaning = styles[style] if style < len(styles) else ("number" if style == 0 else "")
            if meaning == "number":
                rows[row][column] = value
            elif meaning.endswith("%"):
                rows[row][column] = as_shown(value, meaning)
            elif meaning == "date" and value.is_integer() and _FIRST_SERIAL <= value <= _LAST_SERIAL:
                rows[row][column] = _SERIAL_ZERO + timedelta(days=int(value))
            else:
                return None
        else:
            rows[row][column] = value
    return rows


# --- one part at a time --------------------------------------------------------------------------------


def _part(packed: bytes, make: Callable[[bytes], object]) -> _Part:
    """Inflate one part, pass it through the gates that all parts pass, and make of it what it is for."""
    content = inflated(packed, _LARGEST_PART)
    if content is None or xlsx.has_doctype(content):
        return _Part(0, None)
    try:
        return _Part(len(content), make(content))
    except (UnreadableError, ValueError, LookupError, ParseError):
        return _Part(0, None)


def _other(content: bytes) -> object:
    """Of a part that is not read: whether it is no sheet either, whatever its name."""
    return None if b"sheetData" in content else True


def _cells(xml: bytes) -> _Cells | None:
    """Read the cells of a sheet row by row: rows of one template are the same in most of its files."""
    head, rows, foot = _cut(xml)
    merged = _frame(head + b"</sheetData>" + foot if rows else head) if xml.startswith(_UTF8) else None
    if merged is None:
        return None
    cells: list[_Cell] = []
    width = last = 0
    for chunk in rows:
        row = _row(chunk) if len(chunk) <= _LARGEST_ROW else None
        if row is None or row.number <= last:
            return None
        last = row.number
        cells += row.cells
        width = max(width, row.width)
    return _Cells(cells, cells[-1][0] + 1 if cells else 0, width, merged)


def _cut(xml: bytes) -> tuple[bytes, list[bytes], bytes]:
    """Part a sheet into what stands before its first row, its rows, and what stands behind the last."""
    head, *rows = xml.split(b"<row ")
    if not rows:
        return head, [], b""
    rows[-1], _, foot = rows[-1].partition(b"</sheetData>")
    return head, rows, foot


@lru_cache(maxsize=1 << 8)
def _frame(around: bytes) -> tuple[tuple[Place, Place], ...] | None:
    """Return the merged cells that a sheet lists around its rows.

    Raises:
        ValueError: it is not well-formed.
    """
    if around.count(b"<sheetData") != 1 or b"<!" in around or _HIDES.search(around) or _STRAY.search(around):
        return None
    merged = tuple(
        ((int(top) - 1, column_number(left.decode())), (int(bottom) - 1, column_number(right.decode())))
        for left, top, right, bottom in _MERGED.findall(around)
    )
    if len(merged) != around.count(b"<mergeCell "):
        return None
    xlsx.check_formed(around)
    return merged


@lru_cache(maxsize=1 << 13)
def _row(chunk: bytes) -> _Row | None:
    """Read one row, from behind its "<row "."""
    start = _ROW_START.match(chunk)
    found = _CELL.findall(chunk)
    if start is None or _HIDES.search(start["attributes"]) or any(sign in chunk for sign in _UNPLAIN):
        return None
    rest = _CELL.sub(b"", chunk[start.end() :])
    if rest.strip() not in ((b"",) if start["empty"] else (b"</row>",)):
        return None
    _unescaped(chunk.decode())  # formulas and attributes are not read, but must be what they should
    cells: list[_Cell] = []
    last = -1
    for letters, number, style, kind, value, is_filled in found:
        column = column_number(letters.decode())
        if number != start["number"] or column <= last:
            return None
        last = column
        if is_filled:
            cells.append((int(number) - 1, column, *_typed(kind, style, value)))
    return _Row(int(start["number"]), cells, cells[-1][1] + 1 if cells else 0)


def _typed(kind: bytes, style: bytes, value: bytes) -> tuple[str, int, object]:
    """Return a cell's kind, style and value as its sheet alone tells them.

    Raises:
        ValueError: the value is none of its kind.
    """
    if kind == b"s" and value.isdigit():
        return "s", 0, int(value)
    if kind == b"str":
        return "str", 0, _unescaped(value.decode())
    if kind == b"b":
        if value not in (b"0", b"1"):
            raise ValueError(value)
        return "b", 0, value == b"1"
    if kind == b"s" or not _NUMBER.fullmatch(value):
        raise ValueError(value)
    return "n", int(style or 0), float(value)


def _strings(xml: bytes) -> tuple[str, ...] | None:
    """Read the table of strings; labels come again in file after file."""
    head, first, body = xml.partition(b"<si>")
    if not xml.startswith(_UTF8) or b"<!" in head:
        return None
    if not first:
        return () if b"<si" not in head and head.rstrip().endswith((b"/>", b"</sst>")) else None
    last = body.rfind(b"</si>")
    if body[last:].strip() != b"</si></sst>":
        return None
    return tuple(map(_string, body[:last].split(b"</si><si>")))


@lru_cache(maxsize=1 << 10)
def _string(item: bytes) -> str:
    """Return the text of one item, in one piece or in several that each have a look of their own.

    Raises:
        ValueError: it is no plain one, or in a font of before Unicode.
    """
    if _STRING.fullmatch(item) is None or any(sign in item for sign in _UNPLAIN):
        raise ValueError(item[:80])
    if b"<rFont" in item and xlsx.names_legacy_font(item):
        raise ValueError(item[:80])
    pieces = [(_unescaped(text.decode()), kept) for kept, text in _PIECE.findall(item)]
    if any(text != text.strip() and not kept for text, kept in pieces):  # whether such edges count, only calamine knows
        raise ValueError(item[:80])
    return "".join(text for text, _ in pieces)


def _unescaped(text: str) -> str:
    """Resolve the five entities that XML knows, and the line feed; other numbered ones are no plain dialect.

    Raises:
        ValueError: another one, or a bare "&".
    """
    if "&" not in text:
        return text
    if len(re.findall("&(?:lt|gt|quot|apos|amp|#10);", text)) != text.count("&"):
        raise ValueError("an entity that XML does not know by itself")
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&apos;", "'")
    text = text.replace("&#10;", "\n")
    return text.replace("&amp;", "&")


def _book(xml: bytes) -> list[tuple[str, bool, str]] | None:
    """Return (name, whether it shows, relation) of each sheet."""
    if _COUNTS_FROM_1904.search(xml):
        return None
    sheets = list(xlsx.listed_sheets(xml))
    return sheets if 0 < len(sheets) <= limits.MAX_SHEETS else None


def _styles(xml: bytes) -> tuple[str, ...] | None:
    """Return "number", "date", a percent format or "" (not known) for each cell style, in their order."""
    if xlsx.names_legacy_font(xml):
        return None
    customs, ids = xlsx.number_formats(xml)
    return tuple(_meaning(number, customs.get(number)) for number in ids)


def _meaning(number: int, custom: str | None) -> str:
    percent = percent_format(number, custom)
    if percent and (custom is None or _NUMBER_FORMAT.fullmatch(custom)):
        return percent
    if custom is None:
        return "number" if number in _NUMBER_IDS else "date" if number in _DATE_IDS else ""
    if _NUMBER_FORMAT.fullmatch(custom):
        return "number"
    return "date" if _DATE_FORMAT.fullmatch(custom.lower()) else ""


_OTHERS: Final = Remembered(partial(_part, make=_other))
_SHEETS: Final = Remembered(partial(_part, make=_cells))
_READERS: Final = {
    "xl/workbook.xml": Remembered(partial(_part, make=_book)),
    "xl/_rels/workbook.xml.rels": Remembered(partial(_part, make=xlsx.relations)),
    "xl/sharedStrings.xml": Remembered(partial(_part, make=_strings)),
    "xl/styles.xml": Remembered(partial(_part, make=_styles)),
}
