"""Vietnamese of before Unicode, on files that openpyxl and xlwt made with those fonts."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from pipeline.read import kind_of, read_workbook
from schemas.records import Note
from tests.makers.forms import FORM, xls, xlsx, xlsx_in_font
from tests.makers.old_fonts import in_tcvn3, in_vni

PLAIN = [list(row) for row in FORM]
SMALL = [[value.lower() if isinstance(value, str) else value for value in row] for row in FORM]
# What .VnTime cannot show, capitals with tones, is typed in small letters and shown by .VnTimeH.
HEAD = [("§¶ng bé x· b×nh an", "®¶ng céng s¶n viÖt nam"), ("chi bé Êp hßa thuËn", "")]


def read(data: bytes) -> tuple[list[list[object]], list[Note]]:
    grids, notes = read_workbook(data, kind_of(data))
    rows = [[int(v) if isinstance(v, float) else v for v in row] for row in grids[0].rows]
    return rows, notes


def decoded(count: int, encoding: str, sheet: str) -> list[Note]:
    return [Note("font_decoded", sheet=sheet, value=str(count), detail=(("what", encoding),))]


def typed(how: Callable[[str], str]) -> list[list[object]]:
    return [[how(value) if isinstance(value, str) else value for value in row] for row in SMALL]


@pytest.mark.parametrize(("how", "font", "encoding"), [(in_tcvn3, ".VnTime", "tcvn3"), (in_vni, "VNI-Times", "vni")])
def test_the_font_of_the_cells_decides(how: Callable[[str], str], font: str, encoding: str):
    changed = sum(old != new for rows in zip(SMALL, typed(how), strict=True) for old, new in zip(*rows, strict=True))
    assert changed == 12
    assert read(xlsx_in_font(typed(how), font)) == (SMALL, decoded(changed, encoding, "Sheet"))
    assert read(xls(typed(how), font=font)) == (SMALL, decoded(changed, encoding, "Sheet1"))


def test_the_capital_font_shows_capitals():
    expected = [list(FORM[0]), list(FORM[1])]
    assert read(xlsx_in_font(HEAD, ".VnTimeH")) == (expected, decoded(3, "tcvn3", "Sheet"))
    assert read(xls(HEAD, font=".VnTimeH")) == (expected, decoded(3, "tcvn3", "Sheet1"))


def test_each_cell_by_its_own_font():
    def fonts(sheet: Any) -> None:
        sheet["A1"], sheet["A1"].font = "Chi bé Êp", Font(name=".VnTime")
        sheet["A2"], sheet["A2"].font = "Chi boä aáp", Font(name="VNI-Times")
        sheet["A3"], sheet["A3"].font = "Bé", Font(name="Arial")  # French; or a name
        sheet["A4"], sheet["A4"].font = "Chi bộ ấp", Font(name=".VnTime")  # Unicode typed into an old template

    rows, notes = read(xlsx([], fonts))
    assert [row[0] for row in rows] == ["Chi bộ ấp", "Chi bộ ấp", "Bé", "Chi bộ ấp"]
    assert sorted(note.detail[0][1] for note in notes) == ["tcvn3", "vni"]


def test_each_piece_of_a_cell_by_its_own_font():
    def rich(sheet: Any) -> None:
        old, new = InlineFont(rFont=".VnTime"), InlineFont(rFont="Times New Roman")
        sheet["A1"] = CellRichText([TextBlock(old, "Chi bé "), TextBlock(new, "Hòa Bình")])

    assert read(xlsx([], rich))[0] == [["Chi bộ Hòa Bình"]]
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    old = xlwt.easyfont("name .VnTime")
    sheet.write_rich_text(0, 0, [("Chi bé ", old), "Hòa Bình"], xlwt.easyxf("font: name Arial"))
    assert read(saved(book))[0] == [["Chi bộ Hòa Bình"]]


def saved(book: xlwt.Workbook) -> bytes:
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(("how", "encoding"), [(in_tcvn3, "tcvn3"), (in_vni, "vni")])
def test_without_a_telling_font_all_texts_of_the_file_decide(how: Callable[[str], str], encoding: str):
    assert read(xlsx_in_font(typed(how), "Calibri")) == (SMALL, decoded(12, encoding, "Sheet"))
    assert read(xls(typed(how), font="Arial")) == (SMALL, decoded(12, encoding, "Sheet1"))


def test_answers_in_an_old_font_beside_labels_in_unicode():
    rows = [list(row) for row in FORM]
    rows[7][1] = in_tcvn3("bài viết nghiêm túc, đúng yêu cầu, chất lượng tốt")
    assert read(xlsx(rows))[0][7][1] == "bài viết nghiêm túc, đúng yêu cầu, chất lượng tốt"


def test_proper_vietnamese_and_other_languages_stay_as_they_are():
    rows = [*PLAIN, ["Số hiệu §12, 5°C, «trích»", "Café Zürich"]]
    assert read(xlsx(rows)) == (rows, [])
    assert read(xls(rows)) == (rows, [])


def test_an_old_font_in_the_styles_that_no_cell_uses_changes_nothing():
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("Sheet")
        sheet.write(0, 0, "Hòa Bình", book.add_format({"font_name": "Arial"}))
        sheet.write(0, 1, None, book.add_format({"font_name": ".VnTime"}))
    assert read(buffer.getvalue()) == ([["Hòa Bình"]], [])
