"""Every format reads alike, and what calamine does not show is found out: on files that other programs made."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest
import xlwt

from pipeline.read import UnreadableError, kind_of, read_workbook
from schemas.records import Grid
from tests.libreoffice import convert
from tests.makers.forms import FORM, ods, with_part, xls, xlsx
from tests.makers.xlsb import xlsb


def grid_of(data: bytes) -> Grid:
    grids, _ = read_workbook(data, kind_of(data))
    return grids[0]


def filled(grid: Grid) -> dict[tuple[int, int], object]:
    """Return {place: value} of what stands on a sheet, whole numbers as such."""
    return {
        (r, c): int(value) if isinstance(value, float) and value.is_integer() else value
        for r, row in enumerate(grid.rows)
        for c, value in enumerate(row)
        if value != ""
    }


EXPECTED = {(r, c): value for r, row in enumerate(FORM) for c, value in enumerate(row) if value != ""}


@pytest.fixture(scope="module")
def saved_by_libreoffice(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The sheet of `odd`, as LibreOffice saves it in each format."""
    folder = tmp_path_factory.mktemp("saved")
    (folder / "odd.xlsx").write_bytes(xlsx(FORM, odd))
    return {ending: convert(folder / "odd.xlsx", folder, ending).read_bytes() for ending in ("xlsx", "xls", "ods")}


def odd(sheet: Any) -> None:
    """Put onto openpyxl's sheet what calamine does not tell: errors, hidden rows and columns, merged cells."""
    sheet["D1"], sheet["D2"], sheet["D3"] = "=1/0", "=NA()", "=B4*2"
    sheet["D5"] = '=""'
    sheet["E5"], sheet["B12"], sheet["A14"] = 7, 8, "gộp"
    sheet.row_dimensions[12].hidden = True
    sheet.column_dimensions["E"].hidden = True
    sheet.merge_cells("A14:C15")


@pytest.mark.parametrize("data", [xlsx(), xls(), xlsb(FORM)], ids=["openpyxl-xlsx", "xlwt-xls", "xlsb"])
def test_a_form_reads_alike_in_every_format(data: bytes):
    grid = grid_of(data)
    assert filled(grid) == EXPECTED
    assert (grid.problems, grid.hidden_rows, grid.hidden_columns) == ({}, frozenset(), frozenset())


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_what_libreoffice_saves_reads_alike_and_nothing_hides(saved_by_libreoffice: dict[str, bytes], ending: str):
    data = saved_by_libreoffice[ending]
    grid = grid_of(data)
    assert kind_of(data) == ending
    assert filled(grid) == EXPECTED | {(2, 3): 90, (4, 4): 7, (11, 1): 8, (13, 0): "gộp"}
    assert grid.problems == {(0, 3): "#DIV/0!", (1, 3): "#N/A"}
    assert (grid.hidden_rows, grid.hidden_columns) == ({11}, {4})
    assert grid.merged == [((13, 0), (14, 2))]
    assert grid.is_hidden(11, 0)
    assert grid.is_hidden(4, 4)
    assert not grid.is_hidden(4, 1)


def test_a_formula_that_was_never_calculated_is_no_blank():
    def change(sheet: Any) -> None:
        sheet["B4"] = "=40+5"

    assert grid_of(xlsx(FORM, change)).problems == {(3, 1): "formula"}
    rows = [list(row) for row in FORM]
    rows[3][1] = xlwt.Formula("40+5")
    assert grid_of(xls(rows)).problems == {(3, 1): "formula"}


def test_in_ods_a_formula_without_a_value_and_an_error_without_its_mark_are_seen():
    blank = '<table:table-cell table:formula="of:=[.A1]"/>'
    error = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0">'
        "<text:p>Err:503</text:p></table:table-cell>"
    )
    value = '<table:table-cell office:value-type="float" office:value="3"><text:p>3</text:p></table:table-cell>'
    row = "<table:table-row>{}</table:table-row>"
    assert grid_of(ods(row.format(blank + value))).problems == {(0, 0): "formula"}
    grid = grid_of(ods(row.format(blank + error + value)))  # calculated, so the first is an empty text
    assert grid.problems == {(0, 1): "Err:503"}
    assert grid.rows[0][2] == 3


def test_an_empty_result_of_a_calculated_workbook_is_an_empty_text(saved_by_libreoffice: dict[str, bytes]):
    """In an .xls it looks like a formula that was never calculated: others in the workbook tell which it is."""
    assert (4, 3) not in grid_of(saved_by_libreoffice["xls"]).problems
    assert grid_of(xls([("a", xlwt.Formula('""')), ("b", 1)])).problems == {(0, 1): "formula"}


def test_errors_and_hidden_rows_and_columns_of_xlsb():
    grid = grid_of(xlsb([("a", "#"), ("b", 2), ("c", 3, 4)], hidden_rows=[1], hidden_columns=[2]))
    assert grid.problems == {(0, 1): "#REF!"}
    assert (grid.hidden_rows, grid.hidden_columns) == ({1}, {2})


def test_rows_and_columns_without_height_or_width_are_hidden():
    def change(xml: bytes) -> bytes:
        columns = b'<cols><col min="2" max="2" width="0" customWidth="1"/></cols><sheetData>'
        return xml.replace(b"<sheetData>", columns).replace(b'<row r="4"', b'<row r="4" ht="0" customHeight="1"')

    grid = grid_of(with_part(xlsx(), "xl/worksheets/sheet1.xml", change))
    assert (grid.hidden_rows, grid.hidden_columns) == ({3}, {1})


def test_an_error_beyond_the_last_value_has_its_place():
    def change(sheet: Any) -> None:
        sheet["H20"] = openpyxl.cell.cell.ERROR_CODES[3]

    grid = grid_of(xlsx(FORM, change))
    assert grid.problems == {(19, 7): openpyxl.cell.cell.ERROR_CODES[3]}
    assert grid.rows[19][7] == ""


def test_hidden_sheets_are_told():
    book, buffer = openpyxl.Workbook(), BytesIO()
    book.create_sheet("ẩn").sheet_state = "hidden"
    book.create_sheet("rất ẩn").sheet_state = "veryHidden"
    book.save(buffer)
    grids, _ = read_workbook(buffer.getvalue(), "xlsx")
    assert [(grid.name, grid.is_visible) for grid in grids] == [("Sheet", True), ("ẩn", False), ("rất ẩn", False)]


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods", "xlsb"])
def test_a_workbook_cut_short_is_damaged(saved_by_libreoffice: dict[str, bytes], ending: str):
    data = saved_by_libreoffice.get(ending) or xlsb(FORM)
    for share in (0.3, 0.6, 0.95):
        short = data[: int(len(data) * share)]
        kind = kind_of(short)
        if kind != "damaged":
            with pytest.raises(UnreadableError) as fault:
                read_workbook(short, kind)
            assert fault.value.note.code == "file_damaged"
