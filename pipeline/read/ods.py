""".ods: one walk over content.xml, which tells how far apart cells lie and what calamine leaves out."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import iterparse

from schemas.records import Grid, UnreadableError

from ..containers import short
from .places import Place, check_area, note_problem

_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CELLS: Final = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_HIDDEN: Final = ("collapse", "filter")
_ERROR = re.compile(r"#[A-Z/0]+[A-Z0-9]*[!?]?|(?:Err|Lỗi|Error):\s*\d+")


@dataclass(slots=True)
class TableLook:
    """What one table's XML tells beyond values."""

    name: str
    problems: dict[Place, str] = field(default_factory=dict)
    has_results: bool = False  # of formulas
    hidden_rows: list[tuple[int, int]] = field(default_factory=list)  # first and behind the last
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[Place, Place]] = field(default_factory=list)


def tables(parts: dict[str, bytes]) -> list[TableLook]:
    """Return what each table's XML tells, in the order of the sheets.

    Raises:
        UnreadableError: it is encrypted or damaged, defines entities, or has cells too far apart.
    """
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise UnreadableError("file_encrypted")
    content = parts.get("content.xml", b"")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise UnreadableError("file_suspicious", "<!DOCTYPE> content.xml")
    try:
        looks = list(_walk(content))
    except (ParseError, LookupError, ValueError) as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault
    # LibreOffice stores an empty text as a result in the same way as no result: one other result tells which it is.
    if any(look.has_results for look in looks):
        for look in looks:
            look.problems = {place: problem for place, problem in look.problems.items() if problem != "formula"}
    return looks


def _walk(content: bytes) -> Iterator[TableLook]:
    look, row, column, depth = TableLook(""), 0, 0, 0
    for event, element in iterparse(io.BytesIO(content), events=("start", "end")):
        if element.tag == f"{_TABLE}table":
            depth += 1 if event == "start" else -1
            if event == "start" and depth == 1:
                look, row, column = TableLook(element.get(f"{_TABLE}name", "")), 0, 0
            elif depth == 0:
                yield look
        elif event == "end" and depth == 1:
            if element.tag == f"{_TABLE}table-column":
                column += _column(look, element, column)
            elif element.tag == f"{_TABLE}table-row":
                row += _row(look, element, row)
                element.clear()


def _column(look: TableLook, element: Element, first: int) -> int:
    repeated = _number(element, "number-columns-repeated")
    if element.get(f"{_TABLE}visibility") in _HIDDEN:
        look.hidden_columns.append((first, first + repeated))
    return repeated


def _row(look: TableLook, element: Element, first: int) -> int:
    """Look at one row, which may stand for many alike; return for how many."""
    repeated = _number(element, "number-rows-repeated")
    column, width, problems = 0, 0, {}
    for cell in element:
        if cell.tag not in _CELLS:
            continue
        alike = _number(cell, "number-columns-repeated")
        if cell.get(f"{_OFFICE}value-type") or cell.get(f"{_TABLE}formula") or len(cell):
            width = column + alike
            down, right = _number(cell, "number-rows-spanned"), _number(cell, "number-columns-spanned")
            if down * right > 1:
                look.merged.append(((first, column), (first + down - 1, column + right - 1)))
            problem = _problem(cell)
            look.has_results |= cell.get(f"{_TABLE}formula") is not None and problem != "formula"
            if problem:
                check_area(first + repeated, width)
                problems.update(dict.fromkeys(range(column, column + alike), problem))
        column += alike
    if width:
        check_area(first + repeated, width)
    if element.get(f"{_TABLE}visibility") in _HIDDEN:
        look.hidden_rows.append((first, first + repeated))
    for place, problem in problems.items():
        look.problems |= {(row, place): problem for row in range(first, first + repeated)}
    return repeated


def _number(element: Element, name: str) -> int:
    return max(1, int(element.get(f"{_TABLE}{name}", "1")))


def _problem(cell: Element) -> str:
    """Return the error that a cell shows, or "formula" for one without a stored value."""
    is_formula = cell.get(f"{_TABLE}formula") is not None
    is_error = any(key.endswith("}value-type") and value == "error" for key, value in cell.items())
    if not is_formula and not is_error:
        return ""
    shown = " ".join("".join(text.itertext()) for text in cell.iter(f"{_TEXT}p"))
    if is_error or _ERROR.fullmatch(shown.strip()):
        return shown.strip() or "#ERROR"
    return "formula" if cell.get(f"{_OFFICE}value-type") is None and not shown else ""


def second_look(grid: Grid, look: TableLook) -> None:
    """Put onto a grid what its table's XML tells."""
    for place, problem in look.problems.items():
        note_problem(grid, place, problem)
    grid.merged = look.merged
    grid.hidden_rows = _within(look.hidden_rows, len(grid.rows))
    grid.hidden_columns = _within(look.hidden_columns, max(map(len, grid.rows), default=0))


def _within(spans: list[tuple[int, int]], size: int) -> frozenset[int]:
    return frozenset(number for first, end in spans for number in range(first, min(end, size)))
