"""Workbooks that are not edited part by part: saved anew by openpyxl, or, failing that, their values in a new workbook.

Both leave behind macros, links to other files, and formulas that reach out of the file. openpyxl can hang or eat
memory on a made-up file: call these only where a crash costs one copy.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from schemas import limits
from schemas.records import Grid
from schemas.vietnamese import repair
from schemas.words import WORDS

from ..containers import zip_parts
from .book import REACHES_OUT, Book
from .package import NotPlainError, Package
from .sheet import letters_of, place_of

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_CORE: Final = "docProps/core.xml"
_STAMP = re.compile(rb"(<dcterms:(?P<which>created|modified)\b[^>]*>)[^<]*(</dcterms:)")
_FORMULA = re.compile(rb"<c r=\"([A-Z]+\d+)\"([^>]*)>(<f\b[^>]*?(?:/>|>[^<]*</f>))<v\s*(?:/>|></v>)</c>")
_MOST_CELLS: Final = 200_000  # that a copy by values holds
_NO_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")  # of a sheet
_LONGEST_NAME: Final = 28  # characters of a sheet's name: Excel takes 31, and two alike get a number
Rows = list[list[object]]
_UPRIGHT: Final = 4  # columns that an upright page holds
_WIDEST, _NARROWEST = 60, 9  # characters of a column
_LINE, _TALLEST = 16.5, 400.0  # points of a line at 12 points, and of a row
_VERDICTS: Final = frozenset(WORDS["tpl_checks"])  # heads of our templates' checks, which are no live formulas any more
# What openpyxl raises on workbooks that others made, and calamine reads: bad styles, dates, names, relations.
_FAULTS: Final = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RecursionError, SyntaxError, TypeError),
    *(ValueError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError),
)


def resaved(data: bytes, grids: Sequence[Grid], as_of: datetime) -> bytes:
    """Return a workbook as openpyxl loads and saves it, with the values that its formulas had.

    Args:
        data: the workbook as a zip.
        grids: what was read of it.
        as_of: stands for the time of saving.

    Raises:
        NotPlainError: it cannot be loaded, or is too large for that.
    """
    if sum(len(content) for name, content in zip_parts(data) if name.endswith(".xml")) > limits.MAX_RESAVED_BYTES:
        raise NotPlainError("too large to be saved anew")
    values = {grid.name: grid.rows for grid in grids}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl leaves out of a file is nothing for a terminal
            saved = _saved_anew(data, values)
    except _FAULTS as fault:
        raise NotPlainError(f"cannot be saved anew: {type(fault).__name__}") from fault
    package = Package(saved)
    for entry in Book(package).sheets:
        content = package.parts[entry.part]
        package.parts[entry.part] = _with_values(content, values.get(entry.name, []))
    return _stamped(package, as_of, ("modified",))


def _saved_anew(data: bytes, values: Mapping[str, Rows]) -> bytes:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), keep_vba=False, keep_links=False, rich_text=True)
    if book.properties.creator == "openpyxl":  # what it writes where nobody is named
        book.properties.creator = None
    book.template = False
    for sheet in book.worksheets:
        _cut_ways_out(sheet, values.get(sheet.title, []))
    _cut_names(book)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def _value(rows: Rows, row: int, column: int) -> object:
    """Return a value by 1-based row and column, "" where there is none."""
    return rows[row - 1][column - 1] if row <= len(rows) and column <= len(rows[row - 1]) else ""


def _cut_ways_out(sheet: Any, rows: Rows) -> None:
    sheet._charts.clear()  # charts and pivots may name other files; openpyxl has no other way to leave them out
    sheet._pivots.clear()
    sheet._hyperlinks.clear()
    for cell in list(sheet._cells.values()):  # those that are there: a lone far one would span millions
        if cell.hyperlink is not None and cell.hyperlink.target:
            cell._hyperlink = None  # the setter would change the cell's text
        elif cell.hyperlink is not None:
            sheet._hyperlinks.append(cell.hyperlink)
        formula = getattr(cell.value, "text", cell.value)
        if cell.data_type == "f" and (not isinstance(formula, str) or REACHES_OUT.search(formula)):
            _put(cell, _value(rows, cell.row, cell.column))
    kept = [rule for rule in sheet.data_validations.dataValidation if not _reaches_out(rule.formula1, rule.formula2)]
    sheet.data_validations.dataValidation = kept
    ranges = [r for r, rules in sheet.conditional_formatting._cf_rules.items()
              if any(_reaches_out(*rule.formula) for rule in rules)]  # fmt: skip
    for cells in ranges:
        del sheet.conditional_formatting._cf_rules[cells]


def _reaches_out(*formulas: object) -> bool:
    return any(isinstance(formula, str) and REACHES_OUT.search(formula) for formula in formulas)


def _cut_names(book: Workbook) -> None:
    for names in (book.defined_names, *(sheet.defined_names for sheet in book.worksheets)):
        for name, defined in list(names.items()):
            is_macro = defined.xlm or defined.function or defined.vbProcedure or name.lower().startswith("auto_")
            if is_macro or _reaches_out(defined.attr_text):
                del names[name]


def _put(cell: Any, value: object) -> None:
    """Write a value as what it is: text stays text, however much it looks like a formula."""
    if isinstance(value, str):
        value = repair(value)[0][: limits.MAX_CELL_CHARACTERS]
    if isinstance(value, timedelta | time) or (isinstance(value, float) and not isfinite(value)):
        value = str(value)
    cell.value = None if value == "" else value
    if isinstance(value, str) and value:
        cell.data_type = "s"
        cell.quotePrefix = value.startswith("=")


def _with_values(xml: bytes, rows: Rows) -> bytes:
    """Give formulas the values that they had: openpyxl saves none, and not everyone calculates on opening."""

    def valued(found: re.Match[bytes]) -> bytes:
        kind, shown = _stored(_value(rows, *place_of(found[1].decode())))
        if not shown:
            return found[0]
        tag = re.sub(rb"\st=\"\w+\"", b"", found[2]) + kind
        return b'<c r="%b"%b>%b<v>%b</v></c>' % (found[1], tag, found[3], shown)

    return _FORMULA.sub(valued, xml)


def _stored(value: object) -> tuple[bytes, bytes]:
    if isinstance(value, bool):
        return b' t="b"', b"1" if value else b"0"
    if isinstance(value, int | float):
        return b"", repr(value).encode()
    if isinstance(value, date):
        from openpyxl.utils.datetime import to_excel

        return b"", repr(to_excel(value)).encode()  # type: ignore[no-untyped-call]  # not in the stubs
    return b' t="str"', escape(str(value)).encode() if isinstance(value, str) else b""


def _stamped(package: Package, as_of: datetime, which: tuple[str, ...]) -> bytes:
    """Set the times of saving that openpyxl took from the clock."""
    moment = f"{as_of:%Y-%m-%dT%H:%M:%SZ}".encode()
    package.parts[_CORE] = _STAMP.sub(
        lambda found: found[1] + moment + found[3] if found["which"].decode() in which else found[0],
        package.parts.get(_CORE, b""),
    )
    return package.to_bytes()


# --- by values alone ----------------------------------------------------------------------------------


def from_values(grids: Sequence[Grid], as_of: datetime) -> tuple[bytes, dict[str, str]]:
    """Return what was read of a workbook of any kind as a new .xlsx: values, merged cells, what is hidden.

    Texts typed in a font older than Unicode were decoded by reading them, so they show without that font.

    Returns:
        The workbook, and the name of each sheet in it: other programs allow names that Excel does not.

    Raises:
        NotPlainError: it holds too much, or what cannot be written.
    """
    from openpyxl import Workbook

    if sum(len(row) for grid in grids for row in grid.rows) > _MOST_CELLS:
        raise NotPlainError("more cells than a copy by values holds")
    book = Workbook()
    book.remove(book.worksheets[0])
    names: dict[str, str] = {}
    try:
        for grid in grids:
            page = book.create_sheet(_NO_NAME.sub(" ", grid.name)[:_LONGEST_NAME].strip("' ") or None)
            names[grid.name] = page.title
            _lay_out(page, grid)
        return _saved(book, as_of), names
    except _FAULTS as fault:
        raise NotPlainError(f"values cannot be written: {type(fault).__name__}") from fault


def _lay_out(page: Worksheet, grid: Grid) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    page.sheet_state = "visible" if grid.is_visible else "hidden"
    _fill(page, grid)
    for (first_row, first), (last_row, last) in grid.merged:
        page.merge_cells(start_row=first_row + 1, start_column=first + 1, end_row=last_row + 1, end_column=last + 1)
    _heighten(page, _widen(page))
    page.page_setup.orientation = "landscape" if page.max_column > _UPRIGHT else "portrait"
    page.page_setup.paperSize, page.page_setup.fitToHeight = "9", 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for row in grid.hidden_rows:
        page.row_dimensions[row + 1].hidden = True
    for column in grid.hidden_columns:
        page.column_dimensions[letters_of(column + 1)].hidden = True


def _fill(page: Worksheet, grid: Grid) -> None:
    from openpyxl.styles import Alignment, Border, Font, Side

    thin = Side("thin", "BFBFBF")
    look, grid_lines = Alignment(vertical="center", wrap_text=True), Border(thin, thin, thin, thin)
    font = Font(name="Times New Roman", size=12)
    stale = {column for values in grid.rows for column, value in enumerate(values) if value in _VERDICTS}
    for row, values in enumerate(grid.rows):
        for column, value in enumerate(values):
            if column in stale:
                continue
            problem = grid.problems.get((row, column), "")
            if value != "" or problem.startswith("#"):
                cell = page.cell(row + 1, column + 1)
                _put(cell, value)
                cell.alignment, cell.border, cell.font = look, grid_lines, font
                if problem.startswith("#"):
                    cell.value, cell.data_type = problem, "e"


def _saved(book: Workbook, as_of: datetime) -> bytes:
    if not any(sheet.sheet_state == "visible" for sheet in book.worksheets):
        book.worksheets[0].sheet_state = "visible"
    book.properties.creator = None
    saved = io.BytesIO()
    book.save(saved)
    return _stamped(Package(saved.getvalue()), as_of, ("created", "modified"))


def _widen(page: Worksheet) -> dict[int, int]:
    """Make each column as wide as its texts ask for, merged ones aside; returns their widths in characters."""
    from openpyxl.cell.cell import MergedCell

    merged = {(area.min_row, area.min_col) for area in page.merged_cells.ranges if area.max_col > area.min_col}
    widths: dict[int, int] = {}
    for row in page.iter_rows():
        for cell in row:
            if not isinstance(cell, MergedCell) and cell.value is not None and (cell.row, cell.column) not in merged:
                longest = max(len(line) for line in str(cell.value).split("\n"))
                widths[cell.column] = max(widths.get(cell.column, _NARROWEST), min(longest + 2, _WIDEST))
    for column, width in widths.items():
        page.column_dimensions[letters_of(column)].width = width
    return widths


def _heighten(page: Worksheet, widths: Mapping[int, int]) -> None:
    """Make each row as tall as its wrapped texts ask for: not every program does so on opening."""
    spans = {(area.min_row, area.min_col): area.max_col for area in page.merged_cells.ranges}
    for row, cells in enumerate(page.iter_rows(), 1):
        most = 1
        for cell in cells:
            if isinstance(cell.value, str):
                last = spans.get((row, cell.column), cell.column)
                room = sum(widths.get(column, _NARROWEST) for column in range(cell.column, last + 1))
                most = max(most, sum(max(1, -(-len(line) // room)) for line in cell.value.split("\n")))
        if most > 1:
            page.row_dimensions[row].height = min(_TALLEST, _LINE * most + 2)
