"""Writes the open questions into decisions.xlsx, and leaves alone what a person wrote there."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Hashable, Iterable, Mapping
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from schemas.decisions import COLUMNS, FILE, KINDS, MACHINE, PERSON, heads
from schemas.vietnamese import typed_key
from schemas.words import WORDS, word

_EDGE: Final = Side("thin", "BFBFBF")
_RULE: Final = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_ANSWER: Final = PatternFill("solid", fgColor="FFF8E1")
# What XML cannot hold; a file with one of these could not be opened by any later run.
_UNWRITABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # as workbooks write a character by its number: _x003D_ is =
_CELL_BYTES: Final = 2 * 32_000  # UTF-16: an emoji counts double
_HIGHEST: Final = 409.0  # points that a row may have
_ROWS_AHEAD: Final = 2000  # drop-downs reach this far down, for rows that a person adds


def write_questions(folder: Path, questions: Iterable[Mapping[Hashable, Any]], language: str, as_of: datetime) -> None:
    """Add every question not asked yet, and mark those asked before as open or closed.

    Args:
        folder: the campaign's folder.
        questions: one mapping a question, with the columns of the sheet that a person does not fill in.
        language: of the headings, where the file is new.
        as_of: stamped into the file, so that the same run writes the same questions.

    The file is written only if something changed, and only after the whole of it is ready.
    """
    path = (folder / FILE).resolve()  # where it is a link, the file that persons write in
    asked = {str(question["id"]): question for question in questions}
    if not path.exists() and not asked:
        return
    book = load_workbook(path) if path.exists() else _new_book(language)
    sheet = book.worksheets[0]
    known = heads()
    titles = [typed_key(cell.value) for cell in sheet[1]]
    columns = {known[title]: number for number, title in enumerate(titles, 1) if title in known}
    _keep_values(sheet, columns, path)
    changed = _mark_states(sheet, columns, asked, language)
    looks: dict[str, Any] = {}
    for row, question in enumerate(asked.values(), sheet.max_row + 1):  # openpyxl looks at every cell for the last row
        told = {**question, "state": word("state_open", language)}
        for key in dict.fromkeys([*told, *PERSON]):
            cell = sheet.cell(row, columns[str(key)])
            _write(cell, told.get(key))
            _dress(cell, str(key), looks)
        sheet.row_dimensions[row].height = _height(question)
        changed = True
    if changed:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{max(sheet.max_row, 2)}"
        book.properties.modified = as_of.replace(tzinfo=None)
        _save(book, path)


def _keep_values(sheet: Worksheet, columns: Mapping[str, int], path: Path) -> None:
    """Put values in place of formulas that a person ruled by: openpyxl saves them without, and the ruling were lost."""
    cells = [sheet.cell(row, columns[key]) for key in PERSON for row in range(2, sheet.max_row + 1)]
    formulas = [cell for cell in cells if cell.data_type == "f"]
    if formulas:
        values = load_workbook(path, data_only=True).worksheets[0]
        for cell in formulas:
            value = values[cell.coordinate].value
            if value is not None:
                cell.value = value


def _mark_states(sheet: Worksheet, columns: Mapping[str, int], asked: dict[str, Any], language: str) -> bool:
    """Set the state of rows asked before; what is still asked is taken out of `asked`."""
    changed = False
    for row in range(2, sheet.max_row + 1):
        known = str(sheet.cell(row, columns["id"]).value or "")
        if not known:
            continue
        is_ruled = bool(sheet.cell(row, columns["decision"]).value)
        state = "state_ruled" if is_ruled else "state_open" if known in asked else "state_closed"
        asked.pop(known, None)
        cell = sheet.cell(row, columns["state"])
        if cell.value not in WORDS[state]:
            cell.value = word(state, language)
            changed = True
    return changed


def _dress(cell: Any, key: str, looks: dict[str, Any]) -> None:
    """Give a cell the look of its column, put together once: openpyxl looks each part of one up among all there are."""
    if key not in looks:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.border = _RULE
        if key in PERSON:
            cell.fill = _ANSWER
        if key == "place_unit":
            cell.number_format = "@"  # a code typed as 007 stays one
        looks[key] = cell._style
    cell._style = copy(looks[key])


def _write(cell: Cell | MergedCell, value: object) -> None:
    """A sender's text stays text: openpyxl takes a leading = for a formula, and writes what XML cannot hold."""
    if isinstance(value, str):
        plain = _UNWRITABLE.sub("", value).encode("utf-16-le")[:_CELL_BYTES].decode("utf-16-le", "ignore")
        cell.value = _ESCAPE_LIKE.sub("_x005F_", plain)
        cell.data_type = "s"
    elif isinstance(value, int):
        cell.value = value


def _height(question: Mapping[Hashable, Any]) -> float:
    """Return the height of a row in points: neither Excel nor LibreOffice fits a row it did not wrap itself."""
    shown = (key for key in COLUMNS if key not in MACHINE and key not in PERSON)
    lines = [-(-len(str(question.get(key, ""))) // max(COLUMNS[key] - 1, 1)) for key in shown]
    return min(15.0 * max(1, *lines), _HIGHEST)


def _new_book(language: str) -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = word("sheet_decisions", language)
    for number, (key, width) in enumerate(COLUMNS.items(), 1):
        head = sheet.cell(1, number, word(f"decision_{key}", language))
        head.font = Font("Calibri", 11, bold=True, color="FFFFFF")  # as the cells below; without a name some show Times
        head.fill = PatternFill("solid", fgColor="9C1C1C" if key in PERSON else "595959")
        head.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        head.border = _RULE
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = width
        sheet.column_dimensions[letter].hidden = key in MACHINE
    kinds = ",".join(word(f"ruling_{kind}", language) for kind in KINDS)
    choice = DataValidation("list", formula1=f'"{kinds}"', allow_blank=True, showErrorMessage=True)
    choice.promptTitle, choice.prompt = word("decision_decision", language), word("decision_prompt", language)
    choice.showInputMessage = True
    letter = get_column_letter(list(COLUMNS).index("decision") + 1)
    choice.add(f"{letter}2:{letter}{_ROWS_AHEAD}")
    sheet.add_data_validation(choice)
    sheet.row_dimensions[1].height = 48
    sheet.freeze_panes = "C2"
    _set_page(sheet)
    return book


def _set_page(sheet: Worksheet) -> None:
    """Print on A4 across one page, as large as narrow margins allow, the heads and the number on each page."""
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", 9, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.3, right=0.3, top=0.4, bottom=0.5, header=0.2, footer=0.25)
    footer = sheet.HeaderFooter.oddFooter = HeaderFooterItem()
    footer.left.text, footer.right.text = "&A", "&P/&N"


def _save(book: Workbook, path: Path) -> None:
    handle, name = tempfile.mkstemp(suffix=".xlsx", prefix=".decisions-", dir=path.parent)
    os.close(handle)
    try:
        book.save(name)
        os.chmod(name, 0o644)
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
