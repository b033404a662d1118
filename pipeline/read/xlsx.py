""".xlsx and .xlsm: the gates of their parts, what calamine leaves out, and the fonts of their cells."""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError
from xml.parsers.expat import ExpatError, ParserCreate

from defusedxml.ElementTree import fromstring, iterparse

from schemas.records import Grid, UnreadableError

from ..containers import short, zip_parts
from .places import LAST_COLUMN, check_area, column_number, note_problem

# A third letter of the column or a fifth digit of the row, in whatever spelling.
_FAR_CELL = re.compile(rb"""r\s*+=\s*+["'][A-Za-z$]*+(?:(?<=[A-Za-z]{3})\d|\d{5}|&)""")
# Signs of what calamine leaves out: an error, a formula without a value, a hidden row or column. Each begins with bytes
# that can be looked for fast, and all may be wrong: one expression that is right takes longer than calamine itself.
_SIGNS: Final = (b'"e"', b"'e'")
_ODD: Final = tuple(
    re.compile(sign)
    for sign in (
        rb"""hidden\s*=\s*["'](?:1|t)""", rb"""ht\s*=\s*["']0["']""", rb"""width\s*=\s*["']0["']""",
        rb"f>\s*</(?:\w+:)?c>", rb"/>\s*</(?:\w+:)?c>", rb"v></(?:\w+:)?v>",
    )
)  # fmt: skip
_LEGACY_FONT: Final = (b".Vn", b"VNI", b".VN", b".vn", b"Vni")
_NO_SHEETS: Final = ("xl/styles", "xl/theme", "xl/sharedStrings", "xl/workbook", "xl/media", "docProps", "_rels", "[C")
# LookupError: an encoding nobody knows, or a part that is not there; ValueError: a number, or an entity (defusedxml).
XML_FAULTS: Final = (ParseError, LookupError, ValueError)
_CELL_TAG = re.compile(rb"""<(?:\w+:)?c\b((?:[^>"']|"[^"]*"|'[^']*')*)>""")
_CELL_PLACE = re.compile(rb"""\sr=["']([A-Z]{1,7})(\d{1,18})["']""")
_ADDRESS = re.compile(r"\$?([A-Za-z]*)\$?([0-9]*)")
_CONTENTS: Final = frozenset({"v", "f", "is"})  # of a cell in which something stands
_CELL_NAME = re.compile(r"([A-Z]+)(\d+)")
_TRUE: Final = ("1", "true")

Parts = dict[str, bytes]


def open_parts(data: bytes) -> Parts:
    """Return every part of the package by its name, its gates passed.

    Raises:
        UnreadableError: it is damaged or encrypted, unfolds too far, defines entities, or has cells too far apart.
    """
    parts = dict(zip_parts(data))
    for name, content in parts.items():
        if has_doctype(content):
            raise UnreadableError("file_suspicious", f"<!DOCTYPE> {name[:60]}")
        if _is_sheet(name, content) and _FAR_CELL.search(content):
            _refuse_far_cells(content)
    return parts


def has_doctype(content: bytes) -> bool:
    """Whether an XML part defines entities: that stands before its first element, so nearly always one byte tells."""
    first = content.find(b"<", 1 if content.startswith(b"<?") else 0)
    if first < 0 or content[first + 1 : first + 2] not in (b"!", b"?", b"\0"):
        return False
    return b"<!DOCTYPE" in content or "<!DOCTYPE".encode("utf-16-le") in content


def _is_sheet(name: str, content: bytes) -> bool:
    return name.startswith("xl/worksheets/") or (not name.startswith(_NO_SHEETS) and b"sheetData" in content)


def _refuse_far_cells(xml: bytes) -> None:
    """Refuse a sheet whose filled cells span too large an area; `<dimension>` lies, so the cells are asked."""
    rows, columns = 0, b""
    for attributes in _CELL_TAG.findall(xml):
        if attributes.endswith(b"/"):
            continue  # empty: a style alone
        place = _CELL_PLACE.search(attributes)
        if place is None:
            return _refuse_far_unnamed(xml)
        rows, columns = max(rows, int(place[2])), max(columns, place[1], key=_by_length)
    return check_area(rows, column_number(columns.decode()) + 1 if columns else 0)


def _by_length(letters: bytes) -> tuple[int, bytes]:
    return len(letters), letters


def _refuse_far_unnamed(xml: bytes) -> None:
    """The same where cells do not say, or say in an odd spelling, where they are: then behind the one before them."""
    row, column, rows, columns = 0, 0, 0, 0

    def see(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, rows, columns
        tag = name.rpartition(":")[2]
        if tag == "row":
            row, column = int(attributes.get("r") or row + 1), 0
        elif tag == "c":
            place = _ADDRESS.match(attributes.get("r", ""))
            letters, digits = place.groups() if place else ("", "")
            row = int(digits or row)
            column = column_number(letters[:7].upper()) + 1 if letters else column + 1
        elif tag in _CONTENTS:
            rows, columns = max(rows, row), max(columns, column)

    parser = ParserCreate()
    parser.StartElementHandler = see
    try:
        parser.Parse(xml, True)
    except (ExpatError, LookupError, ValueError) as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault
    check_area(rows, columns)


def odd_sheets(parts: Parts) -> dict[str, bytes]:
    """Return {sheet name: XML} of the sheets in which a cheap look saw what calamine leaves out."""
    odd = {name: content for name, content in parts.items() if _is_sheet(name, content) and _is_odd(content)}
    return {sheet: odd[part] for sheet, part in sheet_parts(parts) if part in odd} if odd else {}


def _is_odd(xml: bytes) -> bool:
    return any(sign in xml for sign in _SIGNS) or any(sign.search(xml) for sign in _ODD)


def has_legacy_fonts(parts: Parts) -> bool:
    """Whether a style or a piece of text names a font of before Unicode: a cheap look, which may be wrong."""
    looked = [parts.get("xl/styles.xml", b"")]
    looked += [part for name, part in parts.items() if b"rFont" in part and name != "xl/styles.xml"]
    return any(map(names_legacy_font, looked))


def names_legacy_font(content: bytes) -> bool:
    """Whether the name of a font of before Unicode stands anywhere in a part."""
    return any(mark in content for mark in _LEGACY_FONT)


def sheet_parts(parts: Parts) -> Iterator[tuple[str, str]]:
    """Yield (sheet name, part name) as the workbook's own parts relate them."""
    try:
        targets = relations(parts["xl/_rels/workbook.xml.rels"])
        for name, _, relation in listed_sheets(parts["xl/workbook.xml"]):
            yield name, targets.get(relation, "")
    except XML_FAULTS as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault


def relations(xml: bytes) -> dict[str, str]:
    """Return {id: part name} of what a workbook's part of relations relates."""
    return {
        element.get("Id", ""): posixpath.normpath(posixpath.join("/xl", element.get("Target", ""))).lstrip("/")
        for element in fromstring(xml)
    }


def check_formed(xml: bytes) -> None:
    """Raise a ValueError unless a part is well-formed."""
    try:
        fromstring(xml)
    except ParseError as fault:
        raise ValueError(short(fault)) from fault


def listed_sheets(xml: bytes) -> Iterator[tuple[str, bool, str]]:
    """Yield (name, whether it shows, id of its relation) of each sheet that a workbook lists."""
    for element in fromstring(xml).iter():
        if _tag(element) == "sheet":
            relation = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
            yield element.get("name", ""), element.get("state", "visible") == "visible", relation


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def second_look(grid: Grid, xml: bytes) -> None:
    """Find error cells, formulas without a stored value, and hidden rows and columns."""
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()

    def see(element: Element) -> None:
        tag = _tag(element)
        if tag == "c":
            _note_problem(grid, element)
        elif tag == "row" and _is_hidden(element, "ht") and (element.get("r") or "").isdigit():
            hidden_rows.add(int(element.get("r") or 0) - 1)
        elif tag == "col" and _is_hidden(element, "width"):
            first, last = int(element.get("min", 1)), int(element.get("max", 1))
            hidden_columns.update(range(first - 1, min(last, LAST_COLUMN)))

    each_element(xml, see)
    grid.hidden_rows, grid.hidden_columns = frozenset(hidden_rows), frozenset(hidden_columns)


def _is_hidden(element: Element, size: str) -> bool:
    return element.get("hidden") in _TRUE or (element.get(size) or "1").rstrip("0") in ("", "0.")


def each_element(xml: bytes, see: Callable[[Element], None]) -> None:
    """Call `see` with every element of a sheet once it is whole; those of a row are let go with it."""
    try:
        for _, element in iterparse(io.BytesIO(xml)):
            see(element)
            if _tag(element) == "row":
                element.clear()
    except XML_FAULTS as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault


def place_of(element: Element) -> tuple[int, int] | None:
    name = _CELL_NAME.fullmatch(element.get("r") or "")
    return (int(name[2]) - 1, column_number(name[1])) if name else None


def _note_problem(grid: Grid, element: Element) -> None:
    place = place_of(element)
    if place is None:
        return
    parts = {_tag(child): child.text or "" for child in element}
    if element.get("t") == "e":
        note_problem(grid, place, parts.get("v") or "#ERROR")
    elif "f" in parts and not parts.get("v") and element.get("t") != "str":
        note_problem(grid, place, "formula")


# --- the fonts of cells ---------------------------------------------------------------------------------

Runs = list[tuple[str, str]]  # (font, text); "" where the cell's own font holds


def cell_fonts(parts: Parts) -> Iterator[tuple[str, dict[tuple[int, int], Runs]]]:
    """Yield (sheet name, {cell: its pieces of text, each with its font}) for the text cells of each sheet."""
    try:
        styles = _style_fonts(parts.get("xl/styles.xml", b""))
        strings = [list(_runs(item)) for item in fromstring(parts.get("xl/sharedStrings.xml", b"<none/>"))]
    except XML_FAULTS as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault
    for sheet, part in sheet_parts(parts):
        found: dict[tuple[int, int], Runs] = {}

        def see(element: Any, found: dict[tuple[int, int], Runs] = found) -> None:
            place = place_of(element) if _tag(element) == "c" else None
            if place is not None:
                style = int(element.get("s") or 0)
                own = styles[style] if style < len(styles) else ""
                found[place] = [(font or own, text) for font, text in _cell_runs(element, strings)]

        each_element(parts.get(part, b"<none/>"), see)
        yield sheet, found


def number_formats(xml: bytes) -> tuple[dict[int, str], list[int]]:
    """Return the workbook's own number formats by their numbers, and the number of each cell style's, in order."""
    children = {_tag(child): child for child in fromstring(xml)}
    customs = {int(own.get("numFmtId", 0)): own.get("formatCode", "") for own in children.get("numFmts", ())}
    return customs, [int(style.get("numFmtId") or 0) for style in children.get("cellXfs", ())]


def _style_fonts(xml: bytes) -> list[str]:
    """Return the name of the font of each cell style, in the order of their numbers."""
    root = fromstring(xml or b"<none/>")
    children = {_tag(child): child for child in root}
    names = [
        next((name.get("val", "") for name in font if _tag(name) == "name"), "") for font in children.get("fonts", ())
    ]
    numbers = [int(style.get("fontId") or 0) for style in children.get("cellXfs", ())]
    return [names[number] if number < len(names) else "" for number in numbers]


def _cell_runs(cell: Element, strings: list[Runs]) -> Runs:
    kind = cell.get("t")
    parts = {_tag(child): child for child in cell}
    text = parts["v"].text or "" if "v" in parts else ""
    if kind == "s":
        return strings[int(text)] if text.isdigit() and int(text) < len(strings) else []
    if kind == "inlineStr" and "is" in parts:
        return list(_runs(parts["is"]))
    return [("", text)] if kind == "str" else []


def _runs(item: Element) -> Iterator[tuple[str, str]]:
    for child in item:
        if _tag(child) == "t":
            yield "", child.text or ""
        elif _tag(child) == "r":
            fonts = [part.get("val", "") for part in child.iter() if _tag(part) == "rFont"]
            yield (fonts or [""])[0], "".join(part.text or "" for part in child if _tag(part) == "t")
